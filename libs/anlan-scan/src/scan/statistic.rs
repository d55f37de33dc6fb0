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
    /// `n · ln(n)` of whole numbers, where the number of cases is small enough to keep them.
    n_ln_n: Vec<f64>,
    /// The Bernoulli model's logarithm of the likelihood under the null hypothesis.
    null: f64,
}

/// Beyond this many cases logarithms are computed each time.
const LOGS_MAX: u32 = 1 << 20;

impl Statistic {
    pub(crate) fn new(ratio: Ratio, cases: u32) -> Self {
        let everyone = match ratio {
            Ratio::Poisson => cases,
            Ratio::Bernoulli { all } => floor(all),
        };
        let kept = everyone.min(LOGS_MAX);
        let mut statistic = Self {
            ratio,
            cases: f64::from(cases),
            n_ln_n: (0..=kept).map(|n| times_ln(f64::from(n), f64::from(n))).collect(),
            null: 0.0,
        };
        if let Ratio::Bernoulli { all } = ratio {
            let cases = statistic.cases;
            statistic.null =
                statistic.self_ln(cases) + statistic.self_ln(all - cases) - statistic.self_ln(all);
        }
        statistic
    }

    /// `count · ln(count)`, 0 for 0.
    fn n_ln_n(&self, count: u32) -> f64 {
        let kept = self.n_ln_n.get(count as usize).copied();
        kept.unwrap_or_else(|| times_ln(f64::from(count), f64::from(count)))
    }

    /// `x · ln(x)`, 0 for 0; looked up for whole numbers.
    fn self_ln(&self, x: f64) -> f64 {
        let whole = floor(x);
        if f64::from(whole).to_bits() == x.to_bits() {
            self.n_ln_n(whole)
        } else {
            times_ln(x, x)
        }
    }

    /// Cases everywhere.
    pub(crate) fn cases(&self) -> f64 {
        self.cases
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
        self.llr_at(count, &self.sized(size))
    }

    /// A size with its logarithms, for several counts.
    pub(crate) fn sized(&self, size: f64) -> Size {
        Size {
            all: size,
            ln: size.ln(),
            ln_rest: (self.cases - size).ln(),
        }
    }

    /// The ratio with logarithms that were taken before: the very same number.
    pub(crate) fn llr_at(&self, count: u32, size: &Size) -> f64 {
        match self.ratio {
            Ratio::Poisson => {
                let (c, outside) = (f64::from(count), self.cases - f64::from(count));
                let product = |factor: f64, ln: f64| if factor <= 0.0 { 0.0 } else { factor * ln };
                let inner = self.n_ln_n(count) - product(c, size.ln);
                inner + self.n_ln_n(ceil(outside)) - product(outside, size.ln_rest)
            }
            Ratio::Bernoulli { all } => {
                let (c, outside) = (f64::from(count), self.cases - f64::from(count));
                let (healthy, rest) = (size.all - c, all - size.all);
                let inner = self.n_ln_n(count) + self.self_ln(healthy) - self.self_ln(size.all);
                let outer = self.n_ln_n(ceil(outside)) + self.self_ln(rest - outside) - self.self_ln(rest);
                inner + outer - self.null
            }
        }
    }

    /// Whether the ratio is more than `beat`, or the count cannot be in a window of just this size, but perhaps in one
    /// of almost this size.
    fn may_beat(&self, count: u32, size: &Size, beat: f64) -> bool {
        let is_impossible = match self.ratio {
            Ratio::Poisson => false,
            Ratio::Bernoulli { all } => {
                let c = f64::from(count);
                c > size.all || self.cases - c > all - size.all
            }
        };
        is_impossible || self.llr_at(count, size) > beat
    }

    /// The least count above the expected one whose ratio is more than `beat`, searched from `near`. In a larger
    /// window it takes as many or more.
    fn least_high(&self, beat: f64, size: &Size, near: u32) -> u32 {
        let least = floor(self.expected(size.all)).saturating_add(1);
        let most = ceil(self.cases).saturating_add(1);
        let mut count = near.clamp(least, most.max(least));
        while count > least && self.may_beat(count - 1, size, beat) {
            count -= 1;
        }
        while count < most && !self.may_beat(count, size, beat) {
            count += 1;
        }
        count
    }

    /// One more than the largest count below the expected one whose ratio is more than `beat`, searched from `near`;
    /// 0 if there is none.
    fn bound_low(&self, beat: f64, size: &Size, near: u32) -> u32 {
        let expected = self.expected(size.all);
        let beats = |count: u32| f64::from(count) < expected && self.may_beat(count, size, beat);
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

/// The least whole number that is not below; the nearest there is.
pub(crate) fn ceil(x: f64) -> u32 {
    let whole = floor(x);
    whole.saturating_add(u32::from(f64::from(whole) < x))
}

/// The largest whole number that is not above; the nearest there is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast cuts off what is behind the point and keeps to the range"
)]
pub(crate) fn floor(x: f64) -> u32 {
    x as u32
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of things that are in memory, far below 2^52"
)]
pub(crate) fn real(many: usize) -> f64 {
    many as f64
}

/// Sizes are put into bands: below [`SPLIT`] sixteen for each doubling, above it four for each whole step of the square
/// root, so that within a band the least count that beats something hardly changes.
const SPLIT: f64 = 4.0;
const FRACTION_BITS: u32 = 48;
/// The first band holds what is below 2^-12.
const FIRST: u64 = (1023 - 12) << (52 - FRACTION_BITS);
const SPLIT_BAND: u16 = 14 << (52 - FRACTION_BITS);
const BANDS_PER_ROOT: f64 = 4.0;
const BAND_MAX: u16 = u16::MAX - 1;

/// The band of a size.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are not negative and at most 2^32"
)]
pub(crate) fn band(size: f64) -> u16 {
    if size < SPLIT {
        (size.to_bits() >> FRACTION_BITS).saturating_sub(FIRST) as u16
    } else {
        // The cast keeps to the range, and the last band takes all that is larger.
        (((size.sqrt() - 2.0) * BANDS_PER_ROOT) as u16)
            .saturating_add(SPLIT_BAND)
            .min(BAND_MAX)
    }
}

/// No size in the band is smaller.
pub(crate) fn floor_of(band: u16) -> f64 {
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

/// A size with its logarithms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    all: f64,
    ln: f64,
    ln_rest: f64,
}

impl Size {
    /// The size itself.
    pub(crate) fn all(&self) -> f64 {
        self.all
    }
}

/// Band by band a size that none in the band is below, and one that none is above.
pub(crate) fn bands(statistic: &Statistic, size_max: f64) -> Vec<(Size, Size)> {
    let last = band(size_max);
    let is_whole = matches!(statistic.ratio, Ratio::Bernoulli { .. });
    let both = (0..=last).map(|band| {
        let (start, end) = (floor_of(band), floor_of(band + 1));
        let end = if band < last { end.min(size_max) } else { size_max };
        if is_whole {
            (statistic.sized(start.ceil()), statistic.sized(end.floor()))
        } else {
            (statistic.sized(start), statistic.sized(end))
        }
    });
    both.collect()
}

/// For what is to be beaten, band by band: counts below the first bound cannot be high enough, counts from the second on
/// not low enough. `cases_min` is the least count that a high window must have.
pub(crate) fn thresholds(
    statistic: &Statistic,
    beat: f64,
    bands: &[(Size, Size)],
    (cases_min, with_low): (u32, bool),
    mut each: impl FnMut(u32, u32),
) {
    // What the arithmetic may be off by must not hide a window.
    let bar = beat * (1.0 - 1e-9) - 1e-9;
    let (mut high, mut low) = (1_u32, 0_u32);
    let mut before = 0.0;
    for (start, end) in bands {
        if start.all > 0.0 {
            let step = statistic.expected(start.all) - statistic.expected(before);
            high = statistic.least_high(bar, start, high.saturating_add(floor(step)));
        }
        // A band's upper end bounds what a low count can reach.
        if with_low {
            low = statistic.bound_low(bar, end, low);
        }
        each(high.max(cases_min), low);
        before = start.all;
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

    fn check(statistic: &Statistic, beat: f64, most: f64) {
        let mut bounds = Vec::new();
        thresholds(
            statistic,
            beat,
            &bands(statistic, most),
            (2, true),
            |high, low| bounds.push((high, low)),
        );
        for step in 1..400_u32 {
            let size = most * f64::from(step) / 400.0;
            let expected = statistic.expected(size);
            let (high, low) = bounds[usize::from(band(size))];
            let counts = 2..=floor(size.min(300.0)).max(2);
            for count in counts.filter(|count| statistic.llr(*count, size) > beat) {
                let is_high = f64::from(count) > expected;
                assert!(
                    !is_high || count >= high,
                    "{count} in {size} against {beat}: {high}"
                );
                let is_low = f64::from(count) < expected;
                assert!(!is_low || count < low, "{count} in {size} against {beat}: {low}");
            }
        }
    }

    #[test]
    fn thresholds_never_hide_a_window_that_beats() {
        for (ratio, most) in [(Ratio::Poisson, 150.0), (Ratio::Bernoulli { all: 400.0 }, 400.0)] {
            let statistic = Statistic::new(ratio, 300);
            for beat in [0.0, 1.0, 7.5] {
                check(&statistic, beat, most);
            }
        }
    }
}
