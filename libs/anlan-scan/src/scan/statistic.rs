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

    /// The least count above the expected one whose ratio is more than `beat`, searched from `near`. In a larger
    /// window it takes as many or more.
    fn least_high(&self, beat: f64, size: f64, near: u32) -> u32 {
        let least = floor(self.expected(size)).saturating_add(1);
        let most = ceil(self.cases).saturating_add(1);
        let mut count = near.clamp(least, most.max(least));
        while count > least && self.llr(count - 1, size) > beat {
            count -= 1;
        }
        while count < most && self.llr(count, size) <= beat {
            count += 1;
        }
        count
    }

    /// One more than the largest count below the expected one whose ratio is more than `beat`, searched from `near`;
    /// 0 if there is none.
    fn bound_low(&self, beat: f64, size: f64, near: u32) -> u32 {
        let expected = self.expected(size);
        let beats = |count: u32| f64::from(count) < expected && self.llr(count, size) > beat;
        let mut bound = near;
        while bound > 0 && !beats(bound - 1) {
            bound -= 1;
        }
        while beats(bound) {
            bound += 1;
        }
        bound
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

/// Sizes are put into bands: below [`SPLIT`] sixteen for each doubling, above it four for each whole step of the square
/// root, so that within a band the least count that beats something hardly changes.
const SPLIT: f64 = 4.0;
const FRACTION_BITS: u32 = 48;
/// The first band holds what is below 2^-12.
const FIRST: u64 = (1023 - 12) << (52 - FRACTION_BITS);
const SPLIT_BAND: u32 = 14 << (52 - FRACTION_BITS);
const BANDS_PER_ROOT: f64 = 4.0;

/// The band of a size.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are not negative and at most 2^32"
)]
pub(crate) fn band(size: f64) -> usize {
    if size < SPLIT {
        (size.to_bits() >> FRACTION_BITS).saturating_sub(FIRST) as usize
    } else {
        SPLIT_BAND as usize + ((size.sqrt() - 2.0) * BANDS_PER_ROOT) as usize
    }
}

/// No size in the band is smaller.
fn floor_of(band: u32) -> f64 {
    if band == 0 {
        0.0
    } else if band < SPLIT_BAND {
        f64::from_bits((u64::from(band) + FIRST) << FRACTION_BITS)
    } else {
        let root = 2.0 + f64::from(band - SPLIT_BAND) / BANDS_PER_ROOT;
        // What the square root may be off by must not put a size below its band's floor.
        root * root * (1.0 - 1e-12)
    }
}

/// For what is to be beaten, band by band: counts below the first bound cannot be high enough, counts from the second on
/// not low enough. `cases_min` is the least count that a high window must have.
pub(crate) fn thresholds(
    statistic: &Statistic,
    beat: f64,
    size_max: f64,
    cases_min: u32,
    mut each: impl FnMut(usize, u32, u32),
) {
    // What the arithmetic may be off by must not hide a window.
    let bar = beat * (1.0 - 1e-9) - 1e-9;
    let (mut high, mut low) = (1_u32, 0_u32);
    let mut before = 0.0;
    for (index, band) in (0..=band(size_max)).zip(0_u32..) {
        let (size, end) = (floor_of(band), floor_of(band + 1).min(size_max));
        if size > 0.0 {
            let step = statistic.expected(size) - statistic.expected(before);
            high = statistic.least_high(bar, size, high.saturating_add(floor(step)));
        }
        // A band's upper end bounds what a low count can reach.
        low = statistic.bound_low(bar, end, low);
        each(index, high.max(cases_min), low);
        before = size;
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
            for beat in [0.0, 1.0, 7.5] {
                let mut bounds = Vec::new();
                thresholds(&statistic, beat, most, 2, |_, high, low| bounds.push((high, low)));
                for step in 1..400_u32 {
                    let size = most * f64::from(step) / 400.0;
                    let expected = statistic.expected(size);
                    for count in 2..=floor(size.min(300.0)).max(2) {
                        let beats = statistic.llr(count, size) > beat;
                        let (high, low) = bounds[band(size)];
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
