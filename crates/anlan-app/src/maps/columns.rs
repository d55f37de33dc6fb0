//! The slim columns themselves: a list of numbers for each thing a queue is narrowed or sorted by, one number per case, so
//! that who asks for one thing of a million cases reads a megabyte or two. What the numbers mean is the index's business.

/// A dot of one case, and the columns that hold many.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $nothing:expr,)*) => {
        /// One case, in a few machine words.
        #[derive(Debug, Clone)]
        pub(super) struct Dot {
            $($(#[$doc])* pub(super) $name: $kind,)*
        }

        /// Every case by its id.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Columns {
            $($name: Vec<$kind>,)*
        }

        impl Columns {
            /// Puts a dot in its place; places passed over hold nothing.
            pub(super) fn put(&mut self, at: usize, dot: &Dot) {
                $(
                    if at >= self.$name.len() {
                        self.$name.resize(at + 1, $nothing);
                    }
                    if let Some(place) = self.$name.get_mut(at) {
                        *place = dot.$name;
                    }
                )*
            }

            $(
                $(#[$doc])*
                pub(super) fn $name(&self, at: usize) -> $kind {
                    self.$name.get(at).copied().unwrap_or($nothing)
                }
            )*
        }
    };
}

/// A moment that never comes.
pub(super) const NEVER: i64 = i64::MAX;
/// The place in Morton order of what has no point.
pub(super) const NOWHERE: u64 = u64::MAX;
/// No cell, office or person.
pub(super) const NONE: i32 = -1;

columns! {
    /// Place in Morton order; `NOWHERE` without a point.
    code: u64 = NOWHERE,
    /// Longitude in steps of 1e-7 degrees.
    lon_e7: i32 = 0,
    /// Latitude in the same steps.
    lat_e7: i32 = 0,
    /// First received.
    opened_ms: i64 = 0,
    /// Last changed.
    updated_ms: i64 = 0,
    /// Its deadline; `NEVER` without one.
    due_ms: i64 = NEVER,
    /// Its cell.
    cell: i32 = NONE,
    /// Who must act.
    office: i32 = NONE,
    /// The office it complains about.
    about: i32 = NONE,
    /// The person who took it on.
    assignee: i32 = NONE,
    /// Its division's number.
    division: u32 = 0,
    /// Its state's number.
    state: u16 = 0,
    /// Its class's number.
    class: u16 = 0,
    /// Its feed's number.
    source: u16 = 0,
    /// Its priority, 1 to 4.
    priority: u8 = 0,
    /// The way it came.
    channel: u8 = 0,
    /// It counts as overdue once its deadline is past.
    may_lapse: bool = false,
    /// It has a point which is not a source's stand-in.
    is_placed: bool = false,
}
