//! EARS C1, C2 and C3 (Hutwagner, Thompson, Seeman & Treadwell, *The bioterrorism preparedness and response Early
//! Aberration Reporting System*, Journal of Urban Health 80, 2003): mean and standard deviation of a few days just
//! past. It needs a week of data and knows no season, no trend and no distribution.
//!
//! With mean m and standard deviation s of the baseline, U = m + z·max(s, least s), z the normal quantile of 1 − α:
//!
//! | | baseline of n points ends | bound |
//! |---|---|---|
//! | C1 | the day before | U |
//! | C2 | three days before | U |
//! | C3 | three days before | y + s (z − Σ over the two days before of max(0, C2 − 1)), not below 0, where C2 = (y − m)/s |
//!
//! As in the reference, C3's bound contains the count itself, so count > bound says that the three-day sum is above z.
//! Where a C2 is 0/0 (a baseline without variance that equals the count) there is no bound and no alarm.

use super::bounds::number;
use super::distributions::{normal_quantile, normal_upper};
use super::series::{deviation, mean};
use super::{Detector, Refusal, Series, Verdict, probability};
use std::ops::Range;

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarsMethod {
    /// The baseline ends the day before.
    C1,
    /// Two days of guard between baseline and day.
    C2,
    /// C2 summed over three days.
    C3,
}

/// EARS and its settings; see [`Ears::new`].
#[derive(Debug, Clone, PartialEq)]
pub struct Ears {
    method: EarsMethod,
    baseline: usize,
    least_deviation: f64,
    alpha: f64,
}

/// What EARS says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct EarsPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// Mean of the baseline.
    pub mean: f64,
    /// Standard deviation of the baseline (n − 1), not below the least one.
    pub deviation: f64,
    /// Largest usual count; absent where it is 0/0.
    pub upper: Option<f64>,
    /// Alarm.
    pub alarm: bool,
}

impl Ears {
    /// A baseline of 7 points, no least deviation, α 0.001 (C1, C2) or 0.025 (C3).
    ///
    /// # Errors
    /// None with these; the signature is that of every detector.
    ///
    /// ```
    /// use anlan_scan::temporal::{Ears, EarsMethod, Frequency, Series};
    /// let counts = [2.0, 3.0, 1.0, 2.0, 4.0, 3.0, 2.0, 9.0];
    /// let series = Series::new(&counts, Frequency::DAILY)?;
    /// let points = Ears::new(EarsMethod::C1)?.assess(&series, 7..8)?;
    /// assert!(points[0].alarm && points[0].upper.unwrap() < 6.0);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(method: EarsMethod) -> Result<Self, Refusal> {
        let alpha = if method == EarsMethod::C3 { 0.025 } else { 0.001 };
        Self::with(method, 7, 0.0, alpha)
    }

    /// Chosen baseline length (≥ 3), least standard deviation (≥ 0) and one-sided α.
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    pub fn with(
        method: EarsMethod,
        baseline: usize,
        least_deviation: f64,
        alpha: f64,
    ) -> Result<Self, Refusal> {
        probability(alpha, "alpha must lie between 0 and 1")?;
        if !(3..=100_000).contains(&baseline) {
            return Err(Refusal::Setting(
                "the baseline must have 3 to 100,000 time points",
            ));
        }
        if !least_deviation.is_finite() || least_deviation < 0.0 {
            return Err(Refusal::Setting("the least deviation must be 0 or more"));
        }
        Ok(Self {
            method,
            baseline,
            least_deviation,
            alpha,
        })
    }

    /// The first index that can be assessed.
    pub fn first(&self) -> usize {
        self.baseline
            + match self.method {
                EarsMethod::C1 => 0,
                EarsMethod::C2 => 2,
                EarsMethod::C3 => 4,
            }
    }

    /// One answer per time point of `range` (0-based, half open).
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<EarsPoint>, Refusal> {
        series.check_range(&range, self.first())?;
        let z = normal_quantile(1.0 - self.alpha);
        range.map(|now| self.assess_one(series, now, z)).collect()
    }

    fn assess_one(&self, series: &Series<'_>, now: usize, z: f64) -> Result<EarsPoint, Refusal> {
        let observed = series.count(now);
        let (mean, deviation) = self.baseline_of(series, now)?;
        let upper = if self.method == EarsMethod::C3 {
            let mut carried = 0.0;
            for day in [now - 2, now - 1] {
                let (mean, deviation) = self.baseline_of(series, day)?;
                let excess = (series.count(day) - mean) / deviation - 1.0;
                carried += positive_part(excess);
            }
            let bound = observed + deviation * (z - carried);
            if bound.is_nan() { bound } else { bound.max(0.0) }
        } else {
            mean + z * deviation
        };
        Ok(EarsPoint {
            at: now,
            observed,
            mean,
            deviation,
            upper: number(upper),
            alarm: observed > upper,
        })
    }

    /// The last `baseline` points before the guard that may teach; points the mask excludes are skipped, further
    /// back ones take their place.
    fn baseline_of(&self, series: &Series<'_>, now: usize) -> Result<(f64, f64), Refusal> {
        let guard = if self.method == EarsMethod::C1 { 0 } else { 2 };
        let values: Vec<f64> = (0..now.saturating_sub(guard))
            .rev()
            .filter(|&at| series.teaches(at))
            .take(self.baseline)
            .map(|at| series.count(at))
            .collect();
        if values.len() < self.baseline {
            return Err(Refusal::ShortBaseline {
                needed: self.baseline,
                found: values.len(),
            });
        }
        Ok((mean(&values), deviation(&values).max(self.least_deviation)))
    }
}

/// The part above 0; NaN stays NaN.
fn positive_part(value: f64) -> f64 {
    if value < 0.0 { 0.0 } else { value }
}

impl Detector for Ears {
    /// The p-value is that of the normal distribution C1 and C2 assume; C3 has none.
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| {
                let z = number((point.observed - point.mean) / point.deviation);
                Verdict {
                    at: point.at,
                    observed: point.observed,
                    expected: Some(point.mean),
                    upper: point.upper,
                    p: z.filter(|_| self.method != EarsMethod::C3).map(normal_upper),
                    score: z,
                    alarm: point.alarm,
                }
            })
            .collect())
    }
}
