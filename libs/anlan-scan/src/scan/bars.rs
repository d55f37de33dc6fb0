//! The counts that could beat what each replication has, band by band of the windows' size: what keeps logarithms out
//! of the walks. Exact in what it lets through, since every hit is computed; no walking here.

use super::counts::{Count, LANES, Lane};
use super::statistic::{Size, Statistic, bands, floor_of, real, thresholds};
use super::steps::Steps;
use super::walks::{Pass, Seek};

/// Steps of the statistic for which bounds are kept.
const LEVELS_PER_UNIT: f64 = 20.0;
/// Beyond so many steps bounds stay what they are: valid, and rarely needed.
const LEVEL_MAX: usize = 1000;

/// Bounds for one level, band by band: no lower count is high enough, and none from the second on low enough.
pub(crate) type Row = Vec<(u32, u32)>;

/// Bounds for every level that was needed so far; the same for all replications.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    rows: Vec<Option<Row>>,
    bands: Vec<(Size, Size)>,
    /// The same as steps above what is expected, by the first band of a stretch.
    excess: Vec<Option<Vec<i16>>>,
    /// What every replication's largest statistic is thought to be above, from those before.
    guess: f64,
    /// Room for the steps of replications, kept so that its memory is.
    pub(crate) room: Vec<Lane<i16>>,
}

/// The share of the least of some maxima above which those of others are thought to be.
const GUESS_SHARE: f64 = 0.9;

/// What the largest of the statistics about so many centres is thought to be above, before any is known: the best of one
/// centre passes `x` about as often as an exponential number.
fn at_first(centres: usize) -> f64 {
    0.6 * super::statistic::real(centres.max(1)).ln()
}

impl Bars {
    /// The bounds for a level, which [`level`] tells.
    pub(crate) fn row(&mut self, statistic: &Statistic, pass: &Pass, level: usize) -> &[(u32, u32)] {
        if self.rows.len() <= level {
            self.rows.resize(level + 1, None);
        }
        if self.bands.is_empty() {
            self.bands = bands(statistic, pass.size_max);
        }
        let Some(row) = self.rows.get_mut(level) else {
            return &[];
        };
        row.get_or_insert_with(|| bounds(statistic, &self.bands, pass.seek, level))
    }

    /// The bounds for a level in steps above what is expected.
    fn excess(&mut self, statistic: &Statistic, pass: &Pass, steps: &Steps, level: usize) -> &[i16] {
        self.row(statistic, pass, level);
        if self.excess.len() <= level {
            self.excess.resize(level + 1, None);
        }
        let row = self.rows.get(level).and_then(Option::as_ref);
        let (Some(own), Some(row)) = (self.excess.get_mut(level), row) else {
            return &[];
        };
        own.get_or_insert_with(|| steps.row(statistic, &self.bands, row, pass.seek.high_min))
    }
}

fn bounds(statistic: &Statistic, bands: &[(Size, Size)], seek: Seek, level: usize) -> Row {
    let mut row = Row::with_capacity(bands.len());
    let beat = real(level) / LEVELS_PER_UNIT;
    let kinds = (seek.high_min, seek.low);
    thresholds(statistic, beat, bands, kinds, |high, low| {
        row.push((if seek.high { high } else { u32::MAX }, low));
    });
    row
}

/// A statistic that the largest of replications often has.
const USUAL: f64 = 8.0;
/// How much less of it still counts as far away.
const NEAR: f64 = 2.0;

/// Band by band the size up to which a window may grow before a count that only just fails [`USUAL`] comes near to it.
pub(crate) fn growth(statistic: &Statistic, size_max: f64, seek: Seek) -> Vec<f64> {
    let bands = bands(statistic, size_max);
    let row = |least| bounds(statistic, &bands, seek, level(least));
    let (usual, near) = (row(USUAL), row(USUAL - NEAR));
    let bound = |(high, low): &(u32, u32)| if seek.high { *high } else { *low };
    let mut last = 0;
    let bands = usual.iter().enumerate().map(|(band, own)| {
        last = last.max(band);
        while near.get(last + 1).is_some_and(|next| bound(next) <= bound(own)) {
            last += 1;
        }
        u16::try_from(last + 1).map_or(f64::INFINITY, floor_of)
    });
    bands.collect()
}

/// The largest statistic seen so far in each lane, and the counts that could beat it, band by band.
pub(crate) struct Maxima<'a, N: Count> {
    largest: [f64; LANES],
    /// Statistics up to this are not looked for.
    floor: f64,
    /// The level that a lane's bounds hold for.
    levels: [usize; LANES],
    penalty: f64,
    bars: &'a mut Bars,
    /// A lane's count must be above it to be high.
    high: Vec<Lane<N>>,
    /// A lane's count must be below it to be low; empty if none are sought.
    low: Vec<Lane<N>>,
    /// Where steps above what is expected are walked by: those that a lane must be above. The other two are empty then.
    excess: Vec<Lane<i16>>,
    steps: Option<&'a Steps>,
    unbeaten: (Lane<N>, Lane<N>),
}

impl<'a, N: Count> Maxima<'a, N> {
    /// For one pass, raising what earlier ones have found.
    pub(crate) fn new(
        largest: [f64; LANES],
        (statistic, pass): (&Statistic, &Pass),
        steps: Option<&'a Steps>,
        bars: &'a mut Bars,
    ) -> Self {
        // One more band than sizes have: the one of slots that are no window.
        let bands = usize::from(pass.never) + 1;
        let of = |is_kept: bool| if is_kept { bands } else { 0 };
        let mut maxima = Self {
            largest,
            floor: if bars.guess > 0.0 {
                bars.guess
            } else {
                at_first(pass.windows.lists().len())
            },
            levels: [0; LANES],
            penalty: 1.0,
            bars,
            unbeaten: (Lane::of(N::MAX), Lane::of(N::default())),
            high: vec![Lane::of(N::MAX); of(steps.is_none())],
            low: vec![Lane::of(N::default()); of(steps.is_none() && pass.seek.low)],
            excess: vec![Lane::of(i16::MAX); of(steps.is_some())],
            steps,
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

    /// Whether a lane found nothing above what it was thought to be above.
    pub(crate) fn was_too_high(&self) -> bool {
        self.largest.iter().any(|largest| *largest <= self.floor) && self.floor > 0.0
    }

    /// Looks for everything from now on.
    pub(crate) fn look_below(&mut self, statistic: &Statistic, pass: &Pass) {
        self.floor = 0.0;
        self.begin(statistic, pass, self.penalty);
    }

    /// The largest statistics; what they are is a guess for the next ones.
    pub(crate) fn end(self) -> [f64; LANES] {
        let least = self.largest.iter().copied().fold(f64::INFINITY, f64::min) * GUESS_SHARE;
        let before = self.bars.guess;
        self.bars.guess = if before > 0.0 { before.min(least) } else { least };
        self.largest
    }

    fn begin(&mut self, statistic: &Statistic, pass: &Pass, penalty: f64) {
        self.penalty = penalty;
        for (lane, largest) in self.largest.into_iter().enumerate() {
            let level = level(largest.max(self.floor) / penalty);
            self.renew(statistic, pass, lane, level);
        }
    }

    fn renew(&mut self, statistic: &Statistic, pass: &Pass, lane: usize, level: usize) {
        if let Some(own) = self.levels.get_mut(lane) {
            *own = level;
        }
        if let Some(steps) = self.steps {
            let row = self.bars.excess(statistic, pass, steps, level);
            for (bars, bound) in self.excess.iter_mut().zip(row) {
                bars.set(lane, *bound);
            }
            return;
        }
        let row = self.bars.row(statistic, pass, level);
        for (bars, (bound, _)) in self.high.iter_mut().zip(row) {
            bars.set(lane, N::from_u32(bound.saturating_sub(1)));
        }
        for (bars, (_, bound)) in self.low.iter_mut().zip(row) {
            bars.set(lane, N::from_u32(*bound));
        }
    }

    /// What a count in this band must be above to be worth a look.
    #[inline]
    pub(crate) fn high(&self, band: u16) -> &Lane<N> {
        // No way out of the innermost loop: what is not there is what nothing beats.
        self.high.get(usize::from(band)).unwrap_or(&self.unbeaten.0)
    }

    /// What a low count in this band must be below.
    #[inline]
    pub(crate) fn low(&self, band: u16) -> &Lane<N> {
        self.low.get(usize::from(band)).unwrap_or(&self.unbeaten.1)
    }

    /// What the steps of a stretch that begins in this band must be above to be worth a look.
    #[inline]
    pub(crate) fn excess(&self, band: u16) -> &Lane<i16> {
        const NEVER: &Lane<i16> = &Lane([i16::MAX; LANES]);
        self.excess.get(usize::from(band)).unwrap_or(NEVER)
    }

    /// The statistic of one window of one lane, as far as it may beat what the lane has; else 0.
    pub(crate) fn value(
        &mut self,
        statistic: &Statistic,
        pass: &Pass,
        (lane, count): (usize, u32),
        size: f64,
    ) -> f64 {
        let level = self.levels.get(lane).copied().unwrap_or(0);
        let row = self.bars.row(statistic, pass, level);
        let bound = row.get(usize::from(pass.band(size)));
        if bound.is_some_and(|(high, _)| count < *high) {
            return 0.0;
        }
        super::strongest::value(statistic, pass, count, size) * self.penalty
    }

    /// Whether any lane may have its maximum in these counts.
    pub(crate) fn may_raise(&self, sums: &Lane<N>, band: u16) -> bool {
        sums.is_any_above(self.high(band)) || self.low(band).is_any_above(sums)
    }

    /// Takes in the counts of one window that lanes may have their maximum in.
    #[cold]
    #[inline(never)]
    pub(crate) fn take(&mut self, statistic: &Statistic, pass: &Pass, sums: &Lane<N>, size: f64, band: u16) {
        let (expected, sized) = (statistic.expected(size), statistic.sized(size));
        let (high, low) = (*self.high(band), *self.low(band));
        let bars = high.0.into_iter().zip(low.0);
        for ((lane, count), (high, low)) in sums.0.into_iter().enumerate().zip(bars) {
            if count <= high && count >= low {
                continue;
            }
            let count = count.to_u32();
            let c = f64::from(count);
            let is_high = pass.seek.high && c > expected && count >= pass.seek.high_min;
            let is_low = pass.seek.low && c < expected && count >= pass.seek.low_min;
            if is_high || is_low {
                self.raise(
                    statistic,
                    pass,
                    lane,
                    statistic.llr_at(count, &sized) * self.penalty,
                );
            }
        }
    }

    /// Keeps a statistic of a lane if it is its largest.
    pub(crate) fn raise(&mut self, statistic: &Statistic, pass: &Pass, lane: usize, value: f64) {
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
pub(crate) fn level(statistic: f64) -> usize {
    (super::statistic::floor(statistic * LEVELS_PER_UNIT) as usize).min(LEVEL_MAX)
}
