//! How often chance would do this: p-values, their Gumbel approximation, critical values, recurrence intervals. Knows
//! only statistics, neither data nor windows.

use super::statistic::real;

/// The largest statistics of replications under the null hypothesis, in the order of the replications.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Null {
    maxima: Vec<f64>,
}

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

impl Null {
    /// From the maxima themselves.
    pub fn new(maxima: Vec<f64>) -> Self {
        Self { maxima }
    }

    /// The maxima in the order of the replications.
    pub fn maxima(&self) -> &[f64] {
        &self.maxima
    }

    /// `(1 + replications at least as extreme) / (1 + replications)` (Dwass 1957).
    pub fn p_value(&self, statistic: f64) -> f64 {
        let beaten = self.maxima.iter().filter(|value| **value >= statistic).count();
        (1.0 + real(beaten)) / (1.0 + real(self.maxima.len()))
    }

    /// The p-value when one stops at the replication that is the `extreme_max`-th as extreme: `extreme_max / their
    /// number`, else as [`Self::p_value`] (Besag & Clifford 1991). Also how many replications that took.
    pub fn sequential_p_value(&self, statistic: f64, extreme_max: usize) -> (f64, usize) {
        let extreme = self
            .maxima
            .iter()
            .enumerate()
            .filter(|(_, value)| **value >= statistic);
        match extreme.map(|(at, _)| at + 1).nth(extreme_max.saturating_sub(1)) {
            Some(taken) if extreme_max > 0 => (real(extreme_max) / real(taken), taken),
            _ => (self.p_value(statistic), self.maxima.len()),
        }
    }

    /// The p-value from a Gumbel distribution fitted to the maxima by its moments (Abrams, Kulldorff & Kleinman
    /// 2010): it also tells small ones apart. `None` with fewer than two replications or if all are equal.
    pub fn gumbel_p_value(&self, statistic: f64) -> Option<f64> {
        let (location, scale) = self.gumbel()?;
        let z = (statistic - location) / scale;
        Some(-(-(-z).exp()).exp_m1())
    }

    /// Location and scale of the fitted Gumbel distribution.
    pub fn gumbel(&self) -> Option<(f64, f64)> {
        let many = real(self.maxima.len());
        if self.maxima.len() < 2 {
            return None;
        }
        let mean = self.maxima.iter().sum::<f64>() / many;
        let square = self
            .maxima
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>();
        // Divided by their number, not one less: so it gives the reference's printed digits.
        let deviation = (square / many).sqrt();
        let scale = deviation * 6.0_f64.sqrt() / std::f64::consts::PI;
        (scale > 0.0).then_some((mean - EULER * scale, scale))
    }

    /// The statistic that a cluster has to reach to be significant at `level`; `None` with too few replications for it.
    pub fn critical_value(&self, level: f64) -> Option<f64> {
        let rank = (level * (real(self.maxima.len()) + 1.0)).round();
        let mut sorted = self.maxima.clone();
        sorted.sort_by(|one, other| other.total_cmp(one));
        let rank = super::statistic::floor(rank).checked_sub(1)? as usize;
        sorted.get(rank).copied()
    }
}

/// Steps of time until chance alone brings a statistic as high, when one looks once every `steps_between_looks`.
pub fn recurrence(p_value: f64, steps_between_looks: f64) -> f64 {
    steps_between_looks / p_value
}

/// The same where the p-value is that of all `looks` so far together, as it is when the scan is adjusted for earlier ones
/// ([`Time::AliveSince`](super::Time::AliveSince)). It is taken back to that of one look: of so many independent ones
/// with a p-value of `q` each, the least is as low with chance `1 − (1 − q)^looks`.
pub fn recurrence_since(p_value: f64, steps_between_looks: f64, looks: usize) -> f64 {
    let one = -((-p_value).ln_1p() / real(looks.max(1))).exp_m1();
    steps_between_looks / one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_stopping_ends_at_the_nth_that_is_as_extreme() {
        let null = Null::new(vec![1.0, 5.0, 2.0, 5.0, 9.0, 3.0, 1.0]);
        // The second value of 5 or more is the fourth of all.
        assert_eq!(null.sequential_p_value(5.0, 2), (0.5, 4));
        assert_eq!(null.sequential_p_value(5.0, 3), (0.6, 5));
        assert_eq!(
            null.sequential_p_value(5.0, 4),
            (0.5, 7),
            "never reached: all of them count"
        );
        assert_eq!(null.sequential_p_value(5.0, 0), (0.5, 7));
        assert_eq!(null.sequential_p_value(1.0, 1), (1.0, 1));
    }

    /// Besag & Clifford 1991: stopped early or not, a p-value of at most `a` comes with chance `a` at most.
    #[test]
    fn sequential_p_values_keep_their_level() {
        let mut rng = crate::scan::chance::numbers(5, 0);
        let mut draw = || f64::from(rand_core::Rng::next_u32(&mut rng));
        let mut below = [0_u32; 3];
        for _ in 0..20_000 {
            let null = Null::new((0..199).map(|_| draw()).collect());
            let (p, taken) = null.sequential_p_value(draw(), 10);
            assert!((10..=199).contains(&taken));
            for (many, level) in below.iter_mut().zip([0.02, 0.1, 0.5]) {
                *many += u32::from(p <= level);
            }
        }
        for (many, level) in below.into_iter().zip([0.02, 0.1, 0.5]) {
            let (share, spread) = (
                f64::from(many) / 20_000.0,
                (level * (1.0 - level) / 20_000.0_f64).sqrt(),
            );
            assert!(share <= level + 3.29 * spread, "{share} at {level}");
            assert!(share >= level - 3.29 * spread - 0.01, "{share} at {level}");
        }
    }

    #[test]
    fn a_gumbel_distribution_is_found_again() {
        // Quantiles of the distribution with location 7 and scale 1.5.
        let quantile = |p: f64| 7.0 - 1.5 * (-p.ln()).ln();
        let maxima = (0..20_000).map(|at| quantile((f64::from(at) + 0.5) / 20_000.0));
        let null = Null::new(maxima.collect());
        let (location, scale) = null.gumbel().unwrap();
        assert!(
            (location - 7.0).abs() < 0.01 && (scale - 1.5).abs() < 0.01,
            "{location} {scale}"
        );
        for p in [0.5, 0.01, 1e-6] {
            let found = null.gumbel_p_value(quantile(1.0 - p)).unwrap();
            assert!((found / p - 1.0).abs() < 0.1, "{found} for {p}");
        }
        assert_eq!(Null::new(vec![3.0; 9]).gumbel(), None);
        assert_eq!(Null::new(vec![3.0]).gumbel_p_value(1.0), None);
    }

    #[test]
    fn a_recurrence_interval_is_looks_between_false_alarms() {
        assert!((recurrence(0.001, 1.0) - 1000.0).abs() < 1e-9);
        assert!((recurrence(0.1, 7.0) - 70.0).abs() < 1e-9);
    }

    #[test]
    fn a_recurrence_interval_is_that_of_one_look_however_many_were_adjusted_for() {
        assert!((recurrence_since(0.05, 7.0, 1) - recurrence(0.05, 7.0)).abs() < 1e-9);
        for (one, looks) in [(0.001_f64, 30), (0.02, 365), (1e-9, 100)] {
            // The chance that the least p-value of so many looks is as low.
            let all = -(f64::from(looks) * (-one).ln_1p()).exp_m1();
            let found = recurrence_since(all, 1.0, usize::try_from(looks).unwrap());
            assert!((found * one - 1.0).abs() < 1e-6, "{found} for {}", 1.0 / one);
        }
        assert!((recurrence_since(1.0, 7.0, 30) - 7.0).abs() < 1e-9, "every look");
    }
}
