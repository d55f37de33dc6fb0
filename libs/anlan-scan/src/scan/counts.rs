//! Counts of 32 replications side by side, cumulated over time, laid out as a walk reads them, and the vectors of the
//! processor that take them in. No windows, no chance.

use super::axis::{Axis, Layout};
use fearless_simd::prelude::*;
use fearless_simd::{i16x32, i32x16, mask16x32, mask32x16};

/// Replications side by side.
pub(crate) const LANES: usize = 32;

/// One number for each replication, where the processor reads them at once.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lane<N>(pub(crate) [N; LANES]);

/// A count in a lane: narrow where the number of cases allows it. The functions on vectors have to be compiled into their
/// callers, for that is where the processor's abilities are known.
pub(crate) trait Count: Copy + Default + Ord + Send + Sync + std::fmt::Debug + 'static {
    /// No count is above it.
    const MAX: Self;
    /// Beyond so many cases another kind is needed.
    const CASES_MAX: u64;
    /// The lanes as vectors of the processor.
    type Vector<S: Simd>: Copy;
    /// Yes or no for each lane.
    type Marks<S: Simd>: Copy;
    fn load<S: Simd>(simd: S, lane: &Lane<Self>) -> Self::Vector<S>;
    fn store<S: Simd>(vector: Self::Vector<S>) -> Lane<Self>;
    /// Adds up; cannot run over, since no window holds more than all cases.
    fn plus<S: Simd>(one: Self::Vector<S>, other: Self::Vector<S>) -> Self::Vector<S>;
    /// Takes away; cannot run over, since neither is negative.
    fn minus<S: Simd>(one: Self::Vector<S>, other: Self::Vector<S>) -> Self::Vector<S>;
    /// Nowhere.
    fn none<S: Simd>(simd: S) -> Self::Marks<S>;
    /// Where there was a mark, or one is above the other.
    fn above<S: Simd>(marks: Self::Marks<S>, one: Self::Vector<S>, other: Self::Vector<S>) -> Self::Marks<S>;
    /// Whether any lane is marked.
    fn is_any<S: Simd>(marks: Self::Marks<S>) -> bool;
    /// Several cases more; runs over without a word where [`Self::CASES_MAX`] is exceeded.
    fn add(&mut self, count: u32);
    /// Another's cases less.
    fn less(self, other: Self) -> Self;
    /// Both together.
    fn more(self, other: Self) -> Self;
    /// The nearest value there is.
    fn from_u32(value: u32) -> Self;
    fn to_u32(self) -> u32;
    fn to_i32(self) -> i32;
}

/// What both kinds of counts have in common: all but their vectors.
macro_rules! plain {
    () => {
        #[inline(always)]
        fn is_any<S: Simd>(marks: Self::Marks<S>) -> bool {
            marks.any_true()
        }

        fn add(&mut self, count: u32) {
            *self = self.wrapping_add(Self::from_u32(count));
        }

        fn less(self, other: Self) -> Self {
            self.wrapping_sub(other)
        }

        fn more(self, other: Self) -> Self {
            self.wrapping_add(other)
        }

        fn from_u32(value: u32) -> Self {
            Self::try_from(value).unwrap_or(Self::MAX)
        }

        fn to_u32(self) -> u32 {
            u32::try_from(self).unwrap_or(0)
        }

        #[inline(always)]
        fn to_i32(self) -> i32 {
            i32::from(self)
        }
    };
}

#[expect(
    clippy::inline_always,
    reason = "what the processor can do is known in the caller only"
)]
impl Count for i16 {
    const MAX: Self = Self::MAX;
    const CASES_MAX: u64 = 32_000;
    type Vector<S: Simd> = i16x32<S>;
    type Marks<S: Simd> = mask16x32<S>;

    #[inline(always)]
    fn load<S: Simd>(simd: S, lane: &Lane<Self>) -> Self::Vector<S> {
        i16x32::load_array_ref(simd, &lane.0)
    }

    #[inline(always)]
    fn store<S: Simd>(vector: Self::Vector<S>) -> Lane<Self> {
        Lane(*vector.as_array())
    }

    #[inline(always)]
    fn plus<S: Simd>(one: Self::Vector<S>, other: Self::Vector<S>) -> Self::Vector<S> {
        one + other
    }

    #[inline(always)]
    fn minus<S: Simd>(one: Self::Vector<S>, other: Self::Vector<S>) -> Self::Vector<S> {
        one - other
    }

    #[inline(always)]
    fn none<S: Simd>(simd: S) -> Self::Marks<S> {
        mask16x32::splat(simd, false)
    }

    #[inline(always)]
    fn above<S: Simd>(marks: Self::Marks<S>, one: Self::Vector<S>, other: Self::Vector<S>) -> Self::Marks<S> {
        marks | one.simd_gt(other)
    }

    plain!();
}

#[expect(
    clippy::inline_always,
    reason = "what the processor can do is known in the caller only"
)]
impl Count for i32 {
    const MAX: Self = Self::MAX;
    const CASES_MAX: u64 = 2_000_000_000;
    type Vector<S: Simd> = [i32x16<S>; 2];
    type Marks<S: Simd> = mask32x16<S>;

    #[inline(always)]
    fn load<S: Simd>(simd: S, lane: &Lane<Self>) -> Self::Vector<S> {
        let (halves, _) = lane.0.as_chunks::<16>();
        let half = |at: usize| i32x16::load_array(simd, halves.get(at).copied().unwrap_or_default());
        [half(0), half(1)]
    }

    #[inline(always)]
    fn store<S: Simd>(vector: Self::Vector<S>) -> Lane<Self> {
        let mut lane = [0; LANES];
        for (half, own) in lane.as_chunks_mut::<16>().0.iter_mut().zip(vector) {
            *half = *own.as_array();
        }
        Lane(lane)
    }

    #[inline(always)]
    fn plus<S: Simd>([a, b]: Self::Vector<S>, [c, d]: Self::Vector<S>) -> Self::Vector<S> {
        [a + c, b + d]
    }

    #[inline(always)]
    fn minus<S: Simd>([a, b]: Self::Vector<S>, [c, d]: Self::Vector<S>) -> Self::Vector<S> {
        [a - c, b - d]
    }

    #[inline(always)]
    fn none<S: Simd>(simd: S) -> Self::Marks<S> {
        mask32x16::splat(simd, false)
    }

    #[inline(always)]
    fn above<S: Simd>(
        marks: Self::Marks<S>,
        [a, b]: Self::Vector<S>,
        [c, d]: Self::Vector<S>,
    ) -> Self::Marks<S> {
        marks | a.simd_gt(c) | b.simd_gt(d)
    }

    plain!();
}

impl<N: Copy> Lane<N> {
    /// The same number everywhere.
    pub(crate) fn of(value: N) -> Self {
        Self([value; LANES])
    }

    /// One replication's number.
    pub(crate) fn set(&mut self, lane: usize, value: N) {
        if let Some(own) = self.0.get_mut(lane) {
            *own = value;
        }
    }
}

impl<N: Count> Lane<N> {
    /// Takes another's numbers in.
    pub(crate) fn add(&mut self, other: &Self) {
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own = own.more(*more);
        }
    }

    /// What is left without another's numbers.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = *self;
        for (own, less) in left.0.iter_mut().zip(&other.0) {
            *own = own.less(*less);
        }
        left
    }

    /// Whether any lane is above another's.
    pub(crate) fn is_any_above(&self, other: &Self) -> bool {
        let both = self.0.iter().zip(&other.0);
        both.filter(|(one, other)| one > other).count() > 0
    }
}

fn sum_up<N: Count>(lanes: &mut [Lane<N>], sum: &mut Lane<N>) {
    for lane in lanes {
        sum.add(lane);
        *lane = *sum;
    }
}

/// Counts of every place and slot.
#[derive(Debug)]
pub(crate) struct Counts<N> {
    /// In the order of the layout, once [`Self::cumulate`] is done cumulated over the slots.
    pub(crate) cells: Vec<Lane<N>>,
    layout: Layout,
    /// Where a slot of the first cell lies.
    slots: Vec<usize>,
    /// Cases in each lane.
    all: [u64; LANES],
}

impl<N: Count> Counts<N> {
    pub(crate) fn new(places: usize, axis: &Axis) -> Self {
        let layout = axis.layout(places);
        Self {
            cells: vec![Lane::of(N::default()); layout.cells()],
            layout,
            slots: (0..layout.slots).map(|slot| layout.at(0, slot)).collect(),
            all: [0; LANES],
        }
    }

    /// No cases anywhere.
    pub(crate) fn clear(&mut self) {
        self.cells.fill(Lane::of(N::default()));
        self.all = [0; LANES];
    }

    #[inline]
    pub(crate) fn add(&mut self, cell: usize, slot: usize, lane: usize, count: u32) {
        let at = self.slots.get(slot).map(|at| at + cell * self.layout.width);
        let own = at.and_then(|at| self.cells.get_mut(at));
        if let Some(own) = own.and_then(|lanes| lanes.0.get_mut(lane)) {
            own.add(count);
        }
        if let Some(all) = self.all.get_mut(lane) {
            *all += u64::from(count);
        }
    }

    /// The same in the first slot for every lane.
    pub(crate) fn add_row(&mut self, cell: usize, row: &[u32]) {
        let Some(own) = self.cells.get_mut(cell * self.layout.width) else {
            return;
        };
        let lanes = own.0.iter_mut().zip(&mut self.all);
        for ((own, all), count) in lanes.zip(row) {
            own.add(*count);
            *all += u64::from(*count);
        }
    }

    /// Whether a lane has more cases than this kind of count can tell.
    pub(crate) fn is_over(&self) -> bool {
        self.all.iter().any(|all| *all > N::CASES_MAX)
    }

    /// Most cases of any lane.
    pub(crate) fn most(&self) -> u64 {
        self.all.iter().copied().max().unwrap_or(0)
    }

    /// Once all is added: sums along time.
    pub(crate) fn cumulate(&mut self) {
        let Layout { places, width, .. } = self.layout;
        for block in 0..self.layout.blocks() {
            let (before, own) = self.cells.split_at_mut(block * places * width);
            let last = before.len().saturating_sub(places * width);
            let before = before.get(last..).unwrap_or_default();
            for (at, own) in own.chunks_mut(width).take(places).enumerate() {
                let mut sum = before
                    .get((at + 1) * width - 1)
                    .copied()
                    .unwrap_or(Lane::of(N::default()));
                sum_up(own, &mut sum);
            }
        }
    }
}
