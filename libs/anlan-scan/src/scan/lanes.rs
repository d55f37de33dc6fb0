//! The largest statistic of many replications at once: counts of 32 replications lie side by side, so that one walk over
//! a centre's places serves them all, and logarithms are taken only where a count can beat what its lane has.

use super::axis::Axis;
use super::statistic::{Statistic, band, thresholds};
use super::windows::{List, Windows};

/// Replications side by side.
pub(crate) const LANES: usize = 32;

/// A count in a lane: narrow where the number of cases allows it.
pub(crate) trait Count: Copy + Default + PartialOrd + Send + Sync {
    /// Adds up; cannot run over, since no window holds more than all cases.
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    /// The nearest value there is.
    fn from_u32(value: u32) -> Self;
    fn to_u32(self) -> u32;
}

macro_rules! count {
    ($kind:ty) => {
        impl Count for $kind {
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
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

type Lane<N> = [N; LANES];

/// What is asked of every window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seek {
    /// More cases than expected.
    pub(crate) high: bool,
    /// Fewer cases than expected.
    pub(crate) low: bool,
    /// Fewest cases of a high window.
    pub(crate) high_min: u32,
    /// Fewest cases of a low window.
    pub(crate) low_min: u32,
}

/// Windows and time of one walk, and the sizes along it.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    pub(crate) windows: Windows,
    pub(crate) axis: Axis,
    /// Cumulated sizes, place by place, each slot by slot.
    pub(crate) sizes: Vec<f64>,
    pub(crate) size_max: f64,
    pub(crate) seek: Seek,
}

impl Pass {
    /// `sizes` are place by place, each step by step.
    pub(crate) fn new(windows: Windows, axis: Axis, sizes: &[f64], steps: usize, seek: Seek) -> Self {
        let mut cumulated = Vec::with_capacity(sizes.len() / steps * axis.slots);
        let mut own = vec![0.0; axis.slots];
        for place in sizes.chunks(steps) {
            own.fill(0.0);
            for (step, size) in place.iter().enumerate() {
                if let Some(sum) = axis.slot(step).and_then(|slot| own.get_mut(slot)) {
                    *sum += size;
                }
            }
            let mut sum = 0.0;
            cumulated.extend(own.iter().map(|size| {
                sum += size;
                sum
            }));
        }
        Self {
            windows,
            axis,
            sizes: cumulated,
            size_max: sizes.iter().sum(),
            seek,
        }
    }
}

/// Counts of a group of replications, cumulated along one pass.
#[derive(Debug)]
pub(crate) struct Counts<N> {
    lanes: Vec<Lane<N>>,
    /// For each place the first slot at which any lane has a case.
    first: Vec<usize>,
    slots: usize,
}

impl<N: Count> Counts<N> {
    pub(crate) fn new(places: usize, slots: usize) -> Self {
        Self {
            lanes: vec![[N::default(); LANES]; places * slots],
            first: vec![slots; places],
            slots,
        }
    }

    pub(crate) fn add(&mut self, place: usize, slot: usize, lane: usize, count: u32) {
        let cell = self.lanes.get_mut(place * self.slots + slot);
        if let Some(cell) = cell.and_then(|lanes| lanes.get_mut(lane)) {
            *cell = cell.plus(N::from_u32(count));
        }
    }

    /// Once all is added: sums along time.
    pub(crate) fn cumulate(&mut self) {
        for (own, first) in self.lanes.chunks_mut(self.slots).zip(&mut self.first) {
            let mut sum = [N::default(); LANES];
            *first = self.slots;
            for (slot, lanes) in own.iter_mut().enumerate() {
                if *first == self.slots && lanes.iter().any(|count| *count > N::default()) {
                    *first = slot;
                }
                add_to(&mut sum, lanes);
                *lanes = sum;
            }
        }
    }
}

#[inline]
fn add_to<N: Count>(sum: &mut Lane<N>, lanes: &Lane<N>) {
    for (sum, count) in sum.iter_mut().zip(lanes) {
        *sum = sum.plus(*count);
    }
}

#[inline]
fn difference<N: Count>(sum: &Lane<N>, less: &Lane<N>) -> Lane<N> {
    let mut left = *sum;
    for (left, less) in left.iter_mut().zip(less) {
        *left = left.minus(*less);
    }
    left
}

#[inline]
fn any_at_least<N: Count>(lanes: &Lane<N>, bounds: &Lane<N>) -> bool {
    let pairs = lanes.iter().zip(bounds);
    pairs.fold(false, |any, (count, bound)| any | (*count >= *bound))
}

#[inline]
fn any_below<N: Count>(lanes: &Lane<N>, bounds: &Lane<N>) -> bool {
    let pairs = lanes.iter().zip(bounds);
    pairs.fold(false, |any, (count, bound)| any | (*count < *bound))
}

/// The largest statistic seen so far in each lane, and the counts that could beat it, band by band.
#[derive(Debug)]
pub(crate) struct Maxima<N> {
    pub(crate) largest: [f64; LANES],
    /// What the bounds hold for: a little less than the largest, so that they need not follow every change.
    beat: [f64; LANES],
    penalty: f64,
    high: Vec<Lane<N>>,
    low: Vec<Lane<N>>,
}

impl<N: Count> Maxima<N> {
    pub(crate) fn new() -> Self {
        Self {
            largest: [0.0; LANES],
            beat: [0.0; LANES],
            penalty: 1.0,
            high: Vec::new(),
            low: Vec::new(),
        }
    }

    /// Bounds of every lane for another pass or another penalty.
    fn begin(&mut self, statistic: &Statistic, pass: &Pass, penalty: f64) {
        self.penalty = penalty;
        let bands = band(pass.size_max) + 1;
        self.high.clear();
        self.high.resize(bands, [N::default(); LANES]);
        self.low.clear();
        self.low
            .resize(if pass.seek.low { bands } else { 0 }, [N::default(); LANES]);
        for lane in 0..LANES {
            self.renew(statistic, pass, lane);
        }
    }

    fn renew(&mut self, statistic: &Statistic, pass: &Pass, lane: usize) {
        let largest = self.largest.get(lane).copied().unwrap_or(0.0);
        if let Some(beat) = self.beat.get_mut(lane) {
            *beat = largest;
        }
        let (highs, lows) = (&mut self.high, &mut self.low);
        thresholds(
            statistic,
            largest / self.penalty,
            pass.size_max,
            pass.seek.high_min,
            |band, high, low| {
                if let Some(bound) = highs.get_mut(band).and_then(|lanes| lanes.get_mut(lane)) {
                    *bound = N::from_u32(high);
                }
                if let Some(bound) = lows.get_mut(band).and_then(|lanes| lanes.get_mut(lane)) {
                    *bound = N::from_u32(low);
                }
            },
        );
    }

    /// Takes in the counts of one window that a lane may have its maximum in.
    #[cold]
    fn take(&mut self, statistic: &Statistic, pass: &Pass, lanes: &Lane<N>, size: f64) {
        let expected = statistic.expected(size);
        for (lane, count) in lanes.iter().enumerate() {
            let count = count.to_u32();
            let c = f64::from(count);
            let is_high = pass.seek.high && c > expected && count >= pass.seek.high_min;
            let is_low = pass.seek.low && c < expected && count >= pass.seek.low_min;
            let Some(largest) = self.largest.get_mut(lane) else {
                continue;
            };
            if !(is_high || is_low) {
                continue;
            }
            let value = statistic.llr(count, size) * self.penalty;
            if value > *largest {
                *largest = value;
                let beat = self.beat.get(lane).copied().unwrap_or(0.0);
                if value > beat.mul_add(1.05, 0.1) {
                    self.renew(statistic, pass, lane);
                }
            }
        }
    }
}

/// What one walk about a centre keeps.
struct Walk<N> {
    sums: Vec<Lane<N>>,
    sizes: Vec<f64>,
}

/// Raises the maxima by every window of the pass.
pub(crate) fn scan<N: Count>(pass: &Pass, statistic: &Statistic, counts: &Counts<N>, maxima: &mut Maxima<N>) {
    let mut walk = Walk {
        sums: vec![[N::default(); LANES]; pass.axis.slots],
        sizes: vec![0.0; pass.axis.slots],
    };
    maxima.begin(statistic, pass, 1.0);
    for list in pass.windows.lists() {
        if (list.penalty - maxima.penalty).abs() > f64::EPSILON {
            maxima.begin(statistic, pass, list.penalty);
        }
        about(pass, statistic, counts, list, &mut walk, maxima);
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the state of the innermost loop, passed by reference"
)]
fn about<N: Count>(
    pass: &Pass,
    statistic: &Statistic,
    counts: &Counts<N>,
    list: &List,
    walk: &mut Walk<N>,
    maxima: &mut Maxima<N>,
) {
    let slots = pass.axis.slots;
    walk.sums.fill([N::default(); LANES]);
    walk.sizes.fill(0.0);
    let mut changed_from = slots;
    for (place, is_end) in pass.windows.members(list) {
        let own = place * slots..(place + 1) * slots;
        let first = counts.first.get(place).copied().unwrap_or(slots);
        let (Some(lanes), Some(sizes)) = (counts.lanes.get(own.clone()), pass.sizes.get(own)) else {
            continue;
        };
        for (sum, size) in walk.sizes.iter_mut().zip(sizes) {
            *sum += size;
        }
        for (sum, lanes) in walk.sums.iter_mut().zip(lanes).skip(first) {
            add_to(sum, lanes);
        }
        changed_from = changed_from.min(first);
        if is_end {
            look(pass, statistic, walk, changed_from, maxima);
            changed_from = slots;
        }
    }
}

/// Looks at the windows that end here. A window whose slots are as they were has only grown, and cannot be higher.
fn look<N: Count>(
    pass: &Pass,
    statistic: &Statistic,
    walk: &Walk<N>,
    changed_from: usize,
    maxima: &mut Maxima<N>,
) {
    for check in &pass.axis.checks {
        if check.high < changed_from && !pass.seek.low {
            continue;
        }
        let (Some(sums), Some(size)) = (walk.sums.get(check.high), walk.sizes.get(check.high)) else {
            continue;
        };
        let hit = match check.low {
            None => hits(pass.seek, maxima, sums, *size).then_some((*sums, *size)),
            Some(low) => {
                let (Some(less), Some(less_size)) = (walk.sums.get(low), walk.sizes.get(low)) else {
                    continue;
                };
                let (sums, size) = (difference(sums, less), (size - less_size).max(0.0));
                hits(pass.seek, maxima, &sums, size).then_some((sums, size))
            }
        };
        if let Some((sums, size)) = hit {
            maxima.take(statistic, pass, &sums, size);
        }
    }
}

#[inline]
fn hits<N: Count>(seek: Seek, maxima: &Maxima<N>, sums: &Lane<N>, size: f64) -> bool {
    let band = band(size);
    let high = seek.high
        && maxima
            .high
            .get(band)
            .is_some_and(|bounds| any_at_least(sums, bounds));
    high || seek.low && maxima.low.get(band).is_some_and(|bounds| any_below(sums, bounds))
}
