//! The counts that could beat what each replication has, band by band of the windows' size: what keeps logarithms out
//! of the walks. Exact in what it lets through, since every hit is computed; no walking here.

use super::counts::{Count, LANES, Lane};
use super::lanes::Pass;
use super::statistic::{Statistic, real, thresholds};

/// Steps of the statistic for which bounds are kept.
const LEVELS_PER_UNIT: f64 = 8.0;
/// Beyond so many steps bounds stay what they are: valid, and rarely needed.
const LEVEL_MAX: usize = 400;

/// Bounds for one level, band by band: no lower count is high enough, and none from the second on low enough.
type Row = Vec<(u32, u32)>;

/// Bounds for every level that was needed so far; the same for all replications.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    rows: Vec<Option<Row>>,
}

impl Bars {
    fn row(&mut self, statistic: &Statistic, pass: &Pass, level: usize) -> &[(u32, u32)] {
        if self.rows.len() <= level {
            self.rows.resize(level + 1, None);
        }
        let Some(row) = self.rows.get_mut(level) else {
            return &[];
        };
        row.get_or_insert_with(|| bounds(statistic, pass, level))
    }
}

fn bounds(statistic: &Statistic, pass: &Pass, level: usize) -> Row {
    let mut row = Row::new();
    let beat = real(level) / LEVELS_PER_UNIT;
    thresholds(statistic, beat, pass.size_max, pass.seek.high_min, |high, low| {
        row.push((if pass.seek.high { high } else { u32::MAX }, low));
    });
    row
}

/// The largest statistic seen so far in each lane, and the counts that could beat it, band by band.
pub(crate) struct Maxima<'a, N: Count> {
    pub(crate) largest: [f64; LANES],
    /// The level that a lane's bounds hold for.
    levels: [usize; LANES],
    penalty: f64,
    bars: &'a mut Bars,
    /// A lane's count must be above it to be high.
    high: Vec<Lane<N>>,
    /// A lane's count must be below it to be low; empty if none are sought.
    low: Vec<Lane<N>>,
    unbeaten: Lane<N>,
}

impl<'a, N: Count> Maxima<'a, N> {
    /// For one pass, raising what earlier ones have found.
    pub(crate) fn new(largest: [f64; LANES], statistic: &Statistic, pass: &Pass, bars: &'a mut Bars) -> Self {
        // One more band than sizes have: the one of slots that are no window.
        let bands = usize::from(pass.never) + 1;
        let mut maxima = Self {
            largest,
            levels: [0; LANES],
            penalty: 1.0,
            bars,
            unbeaten: [N::MAX; LANES],
            high: vec![[N::MAX; LANES]; bands],
            low: vec![[N::default(); LANES]; if pass.seek.low { bands } else { 0 }],
        };
        maxima.begin(statistic, pass, 1.0);
        maxima
    }

    /// Bounds of every lane, if windows now pay another penalty.
    pub(crate) fn pay(&mut self, statistic: &Statistic, pass: &Pass, penalty: f64) {
        if (penalty - self.penalty).abs() > f64::EPSILON {
            self.begin(statistic, pass, penalty);
        }
    }

    fn begin(&mut self, statistic: &Statistic, pass: &Pass, penalty: f64) {
        self.penalty = penalty;
        for (lane, largest) in self.largest.into_iter().enumerate() {
            let level = level(largest / penalty);
            self.renew(statistic, pass, lane, level);
        }
    }

    fn renew(&mut self, statistic: &Statistic, pass: &Pass, lane: usize, level: usize) {
        if let Some(own) = self.levels.get_mut(lane) {
            *own = level;
        }
        let row = self.bars.row(statistic, pass, level);
        for (bars, (bound, _)) in self.high.iter_mut().zip(row) {
            if let Some(bar) = bars.get_mut(lane) {
                *bar = N::from_u32(bound.saturating_sub(1));
            }
        }
        for (bars, (_, bound)) in self.low.iter_mut().zip(row) {
            if let Some(bar) = bars.get_mut(lane) {
                *bar = N::from_u32(*bound);
            }
        }
    }

    /// Negative in a lane whose count may raise its maximum, or that was so before.
    #[inline]
    pub(crate) fn mark(&self, any: &N::Wide, sums: &N::Wide, band: u16) -> N::Wide {
        // No way out of the innermost loop: what is not there is what nothing beats.
        let bars = self.high.get(usize::from(band)).unwrap_or(&self.unbeaten);
        N::or(any, &N::minus(&N::wide(bars), sums))
    }

    /// The same for low counts.
    #[inline]
    pub(crate) fn mark_low(&self, any: &N::Wide, sums: &N::Wide, band: u16) -> N::Wide {
        let Some(bars) = self.low.get(usize::from(band)) else {
            return *any;
        };
        N::or(any, &N::minus(sums, &N::wide(bars)))
    }

    /// Takes in the counts of one window that lanes may have their maximum in.
    #[cold]
    #[inline(never)]
    pub(crate) fn take(&mut self, statistic: &Statistic, pass: &Pass, sums: &N::Wide, size: f64, band: u16) {
        let marks = self.mark(&N::Wide::default(), sums, band);
        let marks = N::lanes(&self.mark_low(&marks, sums, band));
        let expected = statistic.expected(size);
        for (lane, (count, mark)) in N::lanes(sums).into_iter().zip(marks).enumerate() {
            if mark >= N::default() {
                continue;
            }
            let count = count.to_u32();
            let c = f64::from(count);
            let is_high = pass.seek.high && c > expected && count >= pass.seek.high_min;
            let is_low = pass.seek.low && c < expected && count >= pass.seek.low_min;
            if is_high || is_low {
                self.raise(statistic, pass, lane, statistic.llr(count, size) * self.penalty);
            }
        }
    }

    fn raise(&mut self, statistic: &Statistic, pass: &Pass, lane: usize, value: f64) {
        let (Some(largest), Some(own)) = (self.largest.get_mut(lane), self.levels.get(lane)) else {
            return;
        };
        if value > *largest {
            *largest = value;
            let level = level(value / self.penalty);
            if level > *own {
                self.renew(statistic, pass, lane, level);
            }
        }
    }
}

/// The last level that a statistic reaches.
fn level(statistic: f64) -> usize {
    (super::statistic::floor(statistic * LEVELS_PER_UNIT) as usize).min(LEVEL_MAX)
}
