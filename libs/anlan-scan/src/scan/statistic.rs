//! The likelihood ratio of a window, and the least count that would beat a given one. No data, no windows.

/// Which probability model compares a window's count with the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ratio {
    /// Poisson, and the space-time permutation's approximation: a window is its expected count.
    Poisson,
    /// Bernoulli: a window is its number of cases and controls together; `all` is that number everywhere.
    Bernoulli { all: f64 },
}

/// The statistic for a fixed number of cases in all.
#[derive(Debug, Clone)]
pub(crate) struct Statistic {
    ratio: Ratio,
    cases: f64,
    /// Logarithms of whole numbers, where the number of cases is small enough to keep them.
    logs: Vec<f64>,
}

/// Beyond this many cases logarithms are computed each time.
const LOGS_MAX: u32 = 1 << 20;

impl Statistic {
    pub(crate) fn new(ratio: Ratio, cases: u32) -> Self {
        let kept = cases.min(LOGS_MAX);
        Self {
            ratio,
            cases: f64::from(cases),
            logs: (0..=kept).map(|n| f64::from(n).ln()).collect(),
        }
    }

    /// `count · ln(count)`, 0 for 0.
    fn n_ln_n(&self, count: u32) -> f64 {
        if count == 0 {
            return 0.0;
        }
        let n = f64::from(count);
        n * self.logs.get(count as usize).copied().unwrap_or_else(|| n.ln())
    }

    /// The count that a window of this size holds on the average.
    pub(crate) fn expected(&self, size: f64) -> f64 {
        match self.ratio {
            Ratio::Poisson => size,
            Ratio::Bernoulli { all } => self.cases * size / all,
        }
    }

    /// Logarithm of the likelihood ratio, whichever side of the expected count (Kulldorff 1997, equations 3 and 4).
    pub(crate) fn llr(&self, count: u32, size: f64) -> f64 {
        let outside = self.cases - f64::from(count);
        let rest = self.n_ln_n(ceil(outside));
        match self.ratio {
            Ratio::Poisson => {
                let c = f64::from(count);
                let elsewhere = self.cases - size;
                let inner = self.n_ln_n(count) - times_ln(c, size);
                inner + rest - times_ln(outside, elsewhere)
            }
            Ratio::Bernoulli { all } => {
                let c = f64::from(count);
                let (healthy, rest_size) = (size - c, all - size);
                let healthy_outside = rest_size - outside;
                let inner = self.n_ln_n(count) + self_ln(healthy) - self_ln(size);
                let outer = rest + self_ln(healthy_outside) - self_ln(rest_size);
                let null = self_ln(self.cases) + self_ln(all - self.cases) - self_ln(all);
                inner + outer - null
            }
        }
    }

    /// The least count above the expected one whose ratio is more than `beat`, searched upward from `from`.
    /// Whatever is at least as large and in a window at least as large can beat it, nothing else.
    pub(crate) fn least_high(&self, beat: f64, size: f64, from: u32) -> u32 {
        let most = ceil(self.cases);
        let mut count = from.max(floor(self.expected(size)).saturating_add(1));
        while count <= most && self.llr(count, size) <= beat {
            count += 1;
        }
        count
    }

    /// One more than the largest count below the expected one whose ratio is more than `beat`, searched upward from
    /// `from`, below which all counts are known to beat it. 0 if there is none.
    pub(crate) fn bound_low(&self, beat: f64, size: f64, from: u32) -> u32 {
        let expected = self.expected(size);
        let mut count = from;
        while f64::from(count) < expected && self.llr(count, size) > beat {
            count += 1;
        }
        count
    }
}

fn times_ln(factor: f64, of: f64) -> f64 {
    if factor <= 0.0 { 0.0 } else { factor * of.ln() }
}

fn self_ln(x: f64) -> f64 {
    times_ln(x, x)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of cases: whole, not negative, at most u32::MAX"
)]
pub(crate) fn ceil(x: f64) -> u32 {
    x.ceil() as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "expected counts: not negative, at most u32::MAX; the cast keeps to the range"
)]
pub(crate) fn floor(x: f64) -> u32 {
    x.floor() as u32
}

/// Sizes are put into bands, each about a fortieth wider than the one before: `BANDS_PER_OCTAVE` for each doubling.
const BANDS_PER_OCTAVE: u32 = 32;
const FRACTION_BITS: u32 = 52 - BANDS_PER_OCTAVE.ilog2();
/// The first band begins at 2^-24 and holds what is smaller.
const FIRST: u64 = (1023 - 24) << (52 - FRACTION_BITS);

/// The band of a size: a lower bound of the size is [`floor_of`] its band.
#[expect(clippy::cast_possible_truncation, reason = "at most 64 octaves of bands")]
pub(crate) fn band(size: f64) -> usize {
    ((size.to_bits() >> FRACTION_BITS).saturating_sub(FIRST)) as usize
}

fn floor_of(band: usize) -> f64 {
    if band == 0 {
        0.0
    } else {
        f64::from_bits((band as u64 + FIRST) << FRACTION_BITS)
    }
}

/// For each band the counts between which no window can beat what is to be beaten.
#[derive(Debug, Clone, Default)]
pub(crate) struct Thresholds {
    /// `beat` for which they hold.
    pub(crate) beat: f64,
    /// At least so many, or it cannot be high enough.
    pub(crate) high: Vec<u32>,
    /// Fewer than so many, or it cannot be low enough.
    pub(crate) low: Vec<u32>,
}

impl Thresholds {
    /// Computes them for sizes up to `size_max`. `cases_min` is the least count that a high window must have.
    pub(crate) fn set(
        &mut self,
        statistic: &Statistic,
        beat: f64,
        size_max: f64,
        cases_min: u32,
        is_low: bool,
    ) {
        self.beat = beat;
        // What the arithmetic may be off by must not hide a window.
        let bar = beat * (1.0 - 1e-9) - 1e-9;
        self.high.clear();
        self.low.clear();
        let (mut high, mut low) = (cases_min, 0);
        for band in 0..=band(size_max) {
            let size = floor_of(band);
            high = if size > 0.0 {
                statistic.least_high(bar, size, high)
            } else {
                high.max(1)
            };
            self.high.push(high);
            if is_low {
                // A band's upper end bounds what a low count can reach.
                low = statistic.bound_low(bar, floor_of(band + 1).min(size_max), low);
                self.low.push(low);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_papers() {
        let poisson = Statistic::new(Ratio::Poisson, 1175);
        // New Mexico: 576 seen, 512.66 expected, 6.890841 printed by the reference from the unrounded expectation.
        assert!((poisson.llr(576, 512.66) - 6.8908).abs() < 0.01);
        let bernoulli = Statistic::new(Ratio::Bernoulli { all: 203.0 }, 62);
        assert!((bernoulli.llr(4, 4.0) - 4.836_516).abs() < 1e-6);
    }

    #[test]
    fn thresholds_never_hide_a_window_that_beats() {
        for (ratio, most) in [(Ratio::Poisson, 150.0), (Ratio::Bernoulli { all: 400.0 }, 400.0)] {
            let statistic = Statistic::new(ratio, 300);
            let mut thresholds = Thresholds::default();
            for beat in [0.0, 1.0, 7.5] {
                thresholds.set(&statistic, beat, most, 2, true);
                for step in 1..400_u32 {
                    let size = most * f64::from(step) / 400.0;
                    let expected = statistic.expected(size);
                    for count in 2..=floor(size.min(300.0)).max(2) {
                        let beats = statistic.llr(count, size) > beat;
                        let (high, low) = (thresholds.high[band(size)], thresholds.low[band(size)]);
                        if beats && f64::from(count) > expected {
                            assert!(count >= high, "{count} in {size} against {beat}: {high}");
                        }
                        if beats && f64::from(count) < expected {
                            assert!(count < low, "{count} in {size} against {beat}: {low}");
                        }
                    }
                }
            }
        }
    }
}
