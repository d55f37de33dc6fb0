//! The largest statistic of many replications at once: counts of 32 replications lie side by side, so that one walk over
//! a centre's places serves them all, and logarithms are taken only where a count can beat what its lane has.

use super::axis::{Axis, BLOCK, Layout};
use super::bars::{Bars, Maxima};
use super::counts::{Count, Counts, LANES};
use super::statistic::{Statistic, band};
use super::windows::{List, Windows, split};
use std::borrow::Cow;
use std::sync::OnceLock;

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
    /// The same in the order of a walk.
    laid: Vec<f64>,
    pub(crate) size_max: f64,
    pub(crate) seek: Seek,
    /// The band of what is no window.
    pub(crate) never: u16,
    layout: Layout,
    /// Bands of all windows in the order of the walks, where that is not too much to keep.
    bands: OnceLock<Vec<u16>>,
}

/// Most bands that are kept: an eighth of a gigabyte.
const BANDS_MAX: usize = 1 << 26;

impl Pass {
    /// `sizes` are place by place, each step by step.
    pub(crate) fn new(windows: Windows, axis: Axis, sizes: &[f64], steps: usize, seek: Seek) -> Self {
        let cumulated: Vec<f64> = sizes
            .chunks(steps)
            .flat_map(|place| cumulate(&axis, place))
            .collect();
        let layout = axis.layout(sizes.len() / steps);
        let mut laid = vec![0.0; layout.cells()];
        for (at, size) in cumulated.iter().enumerate() {
            if let Some(cell) = laid.get_mut(layout.at(at / axis.slots, at % axis.slots)) {
                *cell = *size;
            }
        }
        let size_max: f64 = sizes.iter().sum();
        Self {
            windows,
            axis,
            sizes: cumulated,
            laid,
            size_max,
            seek,
            never: band(size_max) + 1,
            layout,
            bands: OnceLock::new(),
        }
    }

    /// The bands of the windows of a list in one block, member by member, each slot by slot.
    fn list_bands<const W: usize>(&self, list: &List, block: usize, out: &mut Vec<u16>) {
        let mut sizes = [0.0; W];
        let is_window: [bool; W] = std::array::from_fn(|at| {
            let slot = block * W + at;
            self.axis.checks.iter().any(|check| check.high == slot)
        });
        let own = self.block_sizes::<W>(block);
        for member in self.windows.raw(list) {
            let (place, _) = split(*member);
            for (sum, size) in sizes.iter_mut().zip(own.get(place).unwrap_or(&[0.0; W])) {
                *sum += size;
            }
            let both = sizes.iter().zip(is_window);
            out.extend(both.map(|(size, is)| {
                let band = is.then(|| band(*size).min(self.never - 1));
                band.unwrap_or(self.never)
            }));
        }
    }

    fn block_sizes<const W: usize>(&self, block: usize) -> &[[f64; W]] {
        let (all, _) = self.laid.as_chunks::<W>();
        let places = self.layout.places;
        all.get(block * places..(block + 1) * places).unwrap_or_default()
    }

    fn all_bands<const W: usize>(&self) -> Vec<u16> {
        let mut all = Vec::with_capacity(self.windows.len() * self.layout.slots);
        for block in 0..self.layout.blocks() {
            for list in self.windows.lists() {
                self.list_bands::<W>(list, block, &mut all);
            }
        }
        all
    }

    /// The bands of one list in one block: kept ones, or computed anew.
    fn bands<const W: usize>(&self, list: &List, block: usize) -> Cow<'_, [u16]> {
        let many = self.windows.len();
        if many.saturating_mul(self.layout.slots) > BANDS_MAX {
            let mut bands = Vec::new();
            self.list_bands::<W>(list, block, &mut bands);
            return Cow::Owned(bands);
        }
        let all = self.bands.get_or_init(|| self.all_bands::<W>());
        let members = list.range();
        let (start, end) = (block * many + members.start, block * many + members.end);
        Cow::Borrowed(all.get(start * W..end * W).unwrap_or_default())
    }
}

/// Sizes of one place, step by step, summed up along the slots.
fn cumulate(axis: &Axis, place: &[f64]) -> Vec<f64> {
    let mut own = vec![0.0; axis.slots];
    for (step, size) in place.iter().enumerate() {
        if let Some(sum) = axis.slot(step).and_then(|slot| own.get_mut(slot)) {
            *sum += size;
        }
    }
    let mut sum = 0.0;
    for size in &mut own {
        sum += *size;
        *size = sum;
    }
    own
}

/// One of so many centres is walked about twice.
const START_STEP: usize = 29;

/// What a walk goes by.
struct Ground<'a, N: Count> {
    pass: &'a Pass,
    statistic: &'a Statistic,
    counts: &'a Counts<N>,
}

/// Raises the maxima by every window of the pass.
pub(crate) fn scan<N: Count>(
    pass: &Pass,
    statistic: &Statistic,
    counts: &Counts<N>,
    largest: [f64; LANES],
    bars: &mut Bars,
) -> [f64; LANES] {
    let mut maxima = Maxima::new(largest, statistic, pass, bars);
    let ground = Ground {
        pass,
        statistic,
        counts,
    };
    if pass.axis.has_differences() {
        ground.differences(&mut maxima);
    } else if pass.axis.slots == 1 {
        ground.blocks::<1>(&mut maxima);
    } else {
        ground.blocks::<BLOCK>(&mut maxima);
    }
    maxima.largest
}

impl<N: Count> Ground<'_, N> {
    fn blocks<const W: usize>(&self, maxima: &mut Maxima<'_, N>) {
        let windows = &self.pass.windows;
        // A few centres first, so that every lane has much to beat when all are walked about.
        for block in 0..self.pass.layout.blocks() {
            for list in windows.lists().iter().step_by(START_STEP) {
                maxima.pay(self.statistic, self.pass, list.penalty);
                let bands = self.pass.bands::<W>(list, block);
                self.block::<W>(block, list, &bands, maxima);
            }
        }
        for block in 0..self.pass.layout.blocks() {
            for list in windows.lists() {
                maxima.pay(self.statistic, self.pass, list.penalty);
                let bands = self.pass.bands::<W>(list, block);
                self.block::<W>(block, list, &bands, maxima);
            }
        }
    }

    /// Walks over a list and looks at `W` slots at a time, which are windows by themselves.
    fn block<const W: usize>(&self, block: usize, list: &List, bands: &[u16], maxima: &mut Maxima<'_, N>) {
        let places = self.pass.layout.places;
        let (all, _) = self.counts.wide.as_chunks::<W>();
        let lanes = all.get(block * places..(block + 1) * places).unwrap_or_default();
        let own_sizes = self.pass.block_sizes::<W>(block);
        let end = (block + 1) * W;
        let mut sums = [N::Wide::default(); W];
        let mut sizes = [0.0; W];
        let mut is_open = self.pass.seek.low;
        let (bands, _) = bands.as_chunks::<W>();
        for (member, bands) in self.pass.windows.raw(list).iter().zip(bands) {
            let (place, is_end) = split(*member);
            let (Some(own), Some(own_size)) = (lanes.get(place), own_sizes.get(place)) else {
                continue;
            };
            for (sum, size) in sizes.iter_mut().zip(own_size) {
                *sum += size;
            }
            // A window that has only grown cannot be higher.
            if !is_open && self.counts.first.get(place).is_none_or(|first| *first >= end) {
                continue;
            }
            let mut any = N::Wide::default();
            for ((sum, own), band) in sums.iter_mut().zip(own).zip(bands) {
                *sum = N::plus(sum, own);
                any = maxima.mark(&any, sum, *band);
            }
            if self.pass.seek.low {
                let both = sums.iter().zip(bands);
                any = both.fold(any, |any, (sum, band)| maxima.mark_low(&any, sum, *band));
            }
            is_open = !is_end || self.pass.seek.low;
            if is_end && N::is_marked(&any) {
                self.take(&sums, sizes, *bands, maxima);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn take<const W: usize>(
        &self,
        sums: &[N::Wide; W],
        sizes: [f64; W],
        bands: [u16; W],
        maxima: &mut Maxima<'_, N>,
    ) {
        for ((sum, size), band) in sums.iter().zip(sizes).zip(bands) {
            maxima.take(self.statistic, self.pass, sum, size, band);
        }
    }

    fn differences(&self, maxima: &mut Maxima<'_, N>) {
        let slots = self.pass.axis.slots;
        let mut sums = vec![N::Wide::default(); slots];
        let mut sizes = vec![0.0; slots];
        for list in self.pass.windows.lists() {
            maxima.pay(self.statistic, self.pass, list.penalty);
            sums.fill(N::Wide::default());
            sizes.fill(0.0);
            let mut changed_from = slots;
            for (place, is_end) in self.pass.windows.members(list) {
                changed_from = changed_from.min(self.take_in(place, &mut sums, &mut sizes));
                changed_from = self.look(is_end, &sums, &sizes, changed_from, maxima);
            }
        }
    }

    /// Adds a place, and tells from which slot on that has changed anything.
    fn take_in(&self, place: usize, sums: &mut [N::Wide], sizes: &mut [f64]) -> usize {
        let slots = self.pass.axis.slots;
        let own = place * slots..(place + 1) * slots;
        let first = self.counts.first.get(place).copied().unwrap_or(slots);
        let lanes = self.counts.wide.get(own.clone()).unwrap_or_default();
        for (sum, size) in sizes.iter_mut().zip(self.pass.laid.get(own).unwrap_or_default()) {
            *sum += size;
        }
        for (sum, lanes) in sums.iter_mut().zip(lanes).skip(first) {
            *sum = N::plus(sum, lanes);
        }
        first
    }

    /// Looks at the windows that end here, if any do, and tells from which slot on there is news. A window whose slots are
    /// as they were has only grown, and cannot be higher.
    fn look(
        &self,
        is_end: bool,
        sums: &[N::Wide],
        sizes: &[f64],
        changed_from: usize,
        maxima: &mut Maxima<'_, N>,
    ) -> usize {
        if !is_end {
            return changed_from;
        }
        let none = N::Wide::default();
        for check in &self.pass.axis.checks {
            if check.high < changed_from && !self.pass.seek.low {
                continue;
            }
            let (Some(all), Some(size)) = (sums.get(check.high), sizes.get(check.high)) else {
                continue;
            };
            let less = check.low.and_then(|low| sums.get(low)).unwrap_or(&none);
            let less_size = check.low.and_then(|low| sizes.get(low)).unwrap_or(&0.0);
            let (left, size) = (N::minus(all, less), (size - less_size).max(0.0));
            let band = band(size).min(self.pass.never - 1);
            let any = maxima.mark_low(&maxima.mark(&none, &left, band), &left, band);
            if N::is_marked(&any) {
                maxima.take(self.statistic, self.pass, &left, size, band);
            }
        }
        sums.len()
    }
}
