//! How often chance would do this: p-values, their Gumbel approximation, critical values, recurrence intervals. Knows
//! only statistics, neither data nor windows.

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
        (1.0 + beaten as f64) / (1.0 + self.maxima.len() as f64)
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
            Some(taken) if extreme_max > 0 => (extreme_max as f64 / taken as f64, taken),
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
        let many = self.maxima.len() as f64;
        if self.maxima.len() < 2 {
            return None;
        }
        let mean = self.maxima.iter().sum::<f64>() / many;
        let square = self
            .maxima
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>();
        let deviation = (square / (many - 1.0)).sqrt();
        let scale = deviation * 6.0_f64.sqrt() / std::f64::consts::PI;
        (scale > 0.0).then_some((mean - EULER * scale, scale))
    }

    /// The statistic that a cluster has to reach to be significant at `level`; `None` with too few replications for it.
    pub fn critical_value(&self, level: f64) -> Option<f64> {
        let rank = (level * (self.maxima.len() as f64 + 1.0)).round();
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
