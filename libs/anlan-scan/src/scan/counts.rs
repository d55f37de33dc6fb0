//! Counts of 32 replications side by side, cumulated over time, laid out as a walk reads them. No windows, no chance.

use super::axis::{Axis, Layout};

/// Replications side by side.
pub(crate) const LANES: usize = 32;

/// A count in a lane: narrow where the number of cases allows it.
pub(crate) trait Count: Copy + Default + PartialOrd + Send + Sync {
    /// No count is above it.
    const MAX: Self;
    /// Adds up; cannot run over, since no window holds more than all cases.
    fn plus(self, other: Self) -> Self;
    /// Takes away; cannot run over, since neither is negative.
    fn minus(self, other: Self) -> Self;
    /// Negative if either is.
    fn or(self, other: Self) -> Self;
    /// The nearest value there is.
    fn from_u32(value: u32) -> Self;
    fn to_u32(self) -> u32;
}

macro_rules! count {
    ($kind:ty) => {
        impl Count for $kind {
            const MAX: Self = Self::MAX;
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            fn or(self, other: Self) -> Self {
                self | other
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
count!(i16);
count!(i32);

/// One number for each replication.
pub(crate) type Lane<N> = [N; LANES];

/// Counts of a group of replications, cumulated along one pass.
#[derive(Debug)]
pub(crate) struct Counts<N> {
    pub(crate) lanes: Vec<Lane<N>>,
    /// For each place the first slot at which any lane has a case.
    pub(crate) first: Vec<usize>,
    layout: Layout,
}

impl<N: Count> Counts<N> {
    pub(crate) fn new(places: usize, axis: &Axis) -> Self {
        let layout = axis.layout(places);
        Self {
            lanes: vec![[N::default(); LANES]; layout.cells()],
            first: vec![usize::MAX; places],
            layout,
        }
    }

    pub(crate) fn add(&mut self, place: usize, slot: usize, lane: usize, count: u32) {
        let cell = self.lanes.get_mut(self.layout.at(place, slot));
        if let Some(cell) = cell.and_then(|lanes| lanes.get_mut(lane)) {
            *cell = cell.plus(N::from_u32(count));
        }
    }

    /// Once all is added: sums along time.
    pub(crate) fn cumulate(&mut self) {
        for (place, first) in self.first.iter_mut().enumerate() {
            let mut sum = [N::default(); LANES];
            for slot in 0..self.layout.slots {
                let Some(lanes) = self.lanes.get_mut(self.layout.at(place, slot)) else {
                    continue;
                };
                if *first == usize::MAX && lanes.iter().any(|count| *count > N::default()) {
                    *first = slot;
                }
                add_to(&mut sum, lanes);
                *lanes = sum;
            }
        }
    }
}

/// Adds lane by lane.
#[inline]
pub(crate) fn add_to<N: Count>(sum: &mut Lane<N>, lanes: &Lane<N>) {
    for (sum, count) in sum.iter_mut().zip(lanes) {
        *sum = sum.plus(*count);
    }
}

/// What is left, lane by lane.
#[inline]
pub(crate) fn difference<N: Count>(sum: &Lane<N>, less: &Lane<N>) -> Lane<N> {
    let mut left = *sum;
    for (left, less) in left.iter_mut().zip(less) {
        *left = left.minus(*less);
    }
    left
}
