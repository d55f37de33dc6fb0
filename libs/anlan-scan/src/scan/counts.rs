//! Counts of 32 replications side by side, cumulated over time, laid out as a walk reads them. No windows, no chance.

use super::axis::{Axis, Layout};

/// Replications side by side.
pub(crate) const LANES: usize = 32;

/// A count in a lane: narrow where the number of cases allows it. Several of them are one vector of the processor.
pub(crate) trait Count: Copy + Default + PartialOrd + Send + Sync {
    /// No count is above it.
    const MAX: Self;
    /// One number for each replication, as vectors.
    type Wide: Copy + Default;
    fn wide(lanes: &Lane<Self>) -> Self::Wide;
    fn lanes(wide: &Self::Wide) -> Lane<Self>;
    /// Adds up; cannot run over, since no window holds more than all cases.
    fn plus(one: &Self::Wide, other: &Self::Wide) -> Self::Wide;
    /// Takes away; cannot run over, since neither is negative.
    fn minus(one: &Self::Wide, other: &Self::Wide) -> Self::Wide;
    /// Negative where either is.
    fn or(one: &Self::Wide, other: &Self::Wide) -> Self::Wide;
    /// Whether any lane is negative.
    fn is_marked(wide: &Self::Wide) -> bool;
    /// One more case, or several.
    fn add(&mut self, other: Self);
    /// The nearest value there is.
    fn from_u32(value: u32) -> Self;
    fn to_u32(self) -> u32;
}

macro_rules! count {
    ($kind:ty, $vector:ty, $many:literal) => {
        impl Count for $kind {
            const MAX: Self = Self::MAX;
            type Wide = [$vector; LANES / $many];

            #[inline]
            fn wide(lanes: &Lane<Self>) -> Self::Wide {
                let mut wide = Self::Wide::default();
                for (vector, own) in wide.iter_mut().zip(lanes.as_chunks::<$many>().0) {
                    *vector = <$vector>::new(*own);
                }
                wide
            }

            fn lanes(wide: &Self::Wide) -> Lane<Self> {
                let mut lanes = [0; LANES];
                for (own, vector) in lanes.as_chunks_mut::<$many>().0.iter_mut().zip(wide) {
                    *own = vector.to_array();
                }
                lanes
            }

            #[inline]
            fn plus(one: &Self::Wide, other: &Self::Wide) -> Self::Wide {
                let mut sum = *one;
                for (sum, other) in sum.iter_mut().zip(other) {
                    *sum += *other;
                }
                sum
            }

            #[inline]
            fn minus(one: &Self::Wide, other: &Self::Wide) -> Self::Wide {
                let mut left = *one;
                for (left, other) in left.iter_mut().zip(other) {
                    *left -= *other;
                }
                left
            }

            #[inline]
            fn or(one: &Self::Wide, other: &Self::Wide) -> Self::Wide {
                let mut both = *one;
                for (both, other) in both.iter_mut().zip(other) {
                    *both |= *other;
                }
                both
            }

            #[inline]
            fn is_marked(wide: &Self::Wide) -> bool {
                let all = wide.iter().fold(<$vector>::ZERO, |all, one| all | *one);
                all.to_bitmask() != 0
            }

            fn add(&mut self, other: Self) {
                *self = self.wrapping_add(other);
            }

            fn from_u32(value: u32) -> Self {
                Self::try_from(value).unwrap_or(Self::MAX)
            }

            fn to_u32(self) -> u32 {
                u32::try_from(self).unwrap_or(0)
            }
        }
    };
}
count!(i16, wide::i16x8, 8);
count!(i32, wide::i32x4, 4);

/// One number for each replication.
pub(crate) type Lane<N> = [N; LANES];

/// Counts of a group of replications, cumulated along one pass.
pub(crate) struct Counts<N: Count> {
    lanes: Vec<Lane<N>>,
    /// The same, cumulated, for the walks.
    pub(crate) wide: Vec<N::Wide>,
    /// For each place the first slot at which any lane has a case.
    pub(crate) first: Vec<usize>,
    layout: Layout,
}

impl<N: Count> Counts<N> {
    pub(crate) fn new(places: usize, axis: &Axis) -> Self {
        let layout = axis.layout(places);
        Self {
            lanes: vec![[N::default(); LANES]; layout.cells()],
            wide: Vec::new(),
            first: vec![usize::MAX; places],
            layout,
        }
    }

    pub(crate) fn add(&mut self, place: usize, slot: usize, lane: usize, count: u32) {
        let cell = self.lanes.get_mut(self.layout.at(place, slot));
        if let Some(cell) = cell.and_then(|lanes| lanes.get_mut(lane)) {
            cell.add(N::from_u32(count));
        }
    }

    /// Once all is added: sums along time.
    pub(crate) fn cumulate(&mut self) {
        self.wide.resize(self.lanes.len(), N::Wide::default());
        for place in 0..self.layout.places {
            self.cumulate_at(place);
        }
        self.lanes = Vec::new();
    }

    fn cumulate_at(&mut self, place: usize) {
        let mut sum = N::Wide::default();
        let mut first = usize::MAX;
        for slot in 0..self.layout.slots {
            let at = self.layout.at(place, slot);
            let (Some(lanes), Some(wide)) = (self.lanes.get(at), self.wide.get_mut(at)) else {
                return;
            };
            if first == usize::MAX && lanes.iter().any(|count| *count > N::default()) {
                first = slot;
            }
            sum = N::plus(&sum, &N::wide(lanes));
            *wide = sum;
        }
        if let Some(own) = self.first.get_mut(place) {
            *own = first;
        }
    }
}
