//! Exponentially weighted moving averages: the control chart (Roberts 1959; Lucas & Saccucci 1990) and the daily
//! detector of ESSENCE (Burkom, Elbert, Magruder, Najmi, Peter & Thompson, *Developments in the roles, features, and evaluation
//! of alerting algorithms for disease outbreak monitoring*, Johns Hopkins APL Technical Digest 27, 2008). Averages and
//! limits only.
//!
//! Chart: `z_t = (1 − λ) z_{t−1} + λ y_t` from `z_0` = mean of the first n points, limit
//! `mean + L·s·√(λ/(2−λ) · (1 − (1−λ)^{2t}))` with their standard deviation s.
//!
//! ESSENCE: two averages, one for slow rises (ω 0.4) and one for jumps (ω 0.9), against mean and deviation of a sliding
//! baseline of up to B days (7 at least) that ends g days before, as t statistics; the smaller p-value counts. An average that
//! alarms is pulled back to its limit, so that one outbreak does not hide the next.

use super::distributions::{t_quantile, t_upper};
use super::series::{deviation, mean, real};
use super::{Detector, Refusal, Series, Verdict, probability};
use std::ops::Range;

/// The control chart and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Ewma {
    lambda: f64,
    limit: f64,
    baseline: usize,
}

/// What the chart says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct EwmaPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// The moving average.
    pub average: f64,
    /// Its upper limit.
    pub upper: f64,
    /// Mean of the baseline.
    pub mean: f64,
    /// Average above its limit.
    pub alarm: bool,
}

impl Ewma {
    /// Weight λ of the newest count (0 < λ ≤ 1), limit in standard deviations (> 0), and how many first points teach.
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Ewma, Frequency, Series};
    /// let counts: Vec<f64> = (0..40).map(|t| f64::from(if t < 30 { 5 + t % 3 } else { 9 })).collect();
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// let points = Ewma::new(0.3, 3.0, 26)?.assess(&series, 26..40)?;
    /// assert!(!points[0].alarm && points[13].alarm);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(lambda: f64, limit: f64, baseline: usize) -> Result<Self, Refusal> {
        if !(lambda > 0.0 && lambda <= 1.0) {
            return Err(Refusal::Setting("lambda must lie in 0 < lambda <= 1"));
        }
        if !limit.is_finite() || limit <= 0.0 || baseline < 2 {
            return Err(Refusal::Setting(
                "the limit must be above 0 and the baseline 2 points or more",
            ));
        }
        Ok(Self {
            lambda,
            limit,
            baseline,
        })
    }

    /// One answer per time point of `range`; the average runs from index 0 in any case, and the baseline may be
    /// assessed too.
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`], [`Refusal::NoVariance`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<EwmaPoint>, Refusal> {
        series.check_range(&range, 0)?;
        let first: Vec<f64> = (0..series.len().min(self.baseline))
            .filter(|&at| series.teaches(at))
            .map(|at| series.count(at))
            .collect();
        if series.len() < self.baseline || first.len() < 2 {
            return Err(Refusal::ShortBaseline {
                needed: self.baseline,
                found: first.len(),
            });
        }
        let (centre, sigma) = (mean(&first), deviation(&first));
        if sigma <= 0.0 {
            return Err(Refusal::NoVariance);
        }
        let mut average = centre;
        let mut points = Vec::with_capacity(range.len());
        let mut left = 1.0;
        for (at, &observed) in series.counts.iter().enumerate().take(range.end) {
            average = (1.0 - self.lambda) * average + self.lambda * observed;
            left *= (1.0 - self.lambda) * (1.0 - self.lambda);
            if at >= range.start {
                let spread = (self.lambda / (2.0 - self.lambda) * (1.0 - left)).sqrt();
                let upper = centre + self.limit * sigma * spread;
                points.push(EwmaPoint {
                    at,
                    observed,
                    average,
                    upper,
                    mean: centre,
                    alarm: average > upper,
                });
            }
        }
        Ok(points)
    }
}

impl Detector for Ewma {
    /// `upper` is the limit of the average, not of a count; `score` is the average.
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: Some(point.mean),
                upper: Some(point.upper),
                p: None,
                score: Some(point.average),
                alarm: point.alarm,
            })
            .collect())
    }
}

/// The daily detector of ESSENCE and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct EssenceEwma {
    baseline: usize,
    guard: usize,
    slow: f64,
    fast: f64,
}

/// The levels of ESSENCE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// p < 0.01: alert.
    Red,
    /// p < 0.05: warning.
    Yellow,
    /// Neither.
    Blue,
}

/// What ESSENCE says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct EssencePoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// Mean of the baseline.
    pub expected: f64,
    /// The t statistic of the average with the smaller p-value.
    pub statistic: f64,
    /// That p-value, one-sided.
    pub p: f64,
    /// Level.
    pub colour: Colour,
}

const BASELINE_LEAST: usize = 7;

impl EssenceEwma {
    /// Baseline of up to `baseline` points (≥ 7; ESSENCE: 28) that ends `guard` points before (ESSENCE: 2), and the two
    /// weights (ESSENCE: 0.4 and 0.9).
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Colour, EssenceEwma, Frequency, Series};
    /// let mut counts = vec![4.0, 6.0, 5.0, 5.0, 7.0, 3.0, 5.0, 6.0, 4.0, 5.0];
    /// counts.push(30.0);
    /// let series = Series::new(&counts, Frequency::DAILY)?;
    /// let point = &EssenceEwma::new(28, 2, 0.4, 0.9)?.assess(&series, 10..11)?[0];
    /// assert_eq!(point.colour, Colour::Red);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(baseline: usize, guard: usize, slow: f64, fast: f64) -> Result<Self, Refusal> {
        probability(slow, "the slow weight must lie between 0 and 1")?;
        probability(fast, "the fast weight must lie between 0 and 1")?;
        if !(BASELINE_LEAST..=100_000).contains(&baseline) || guard > 100_000 {
            return Err(Refusal::Setting(
                "the baseline must have 7 to 100,000 time points",
            ));
        }
        Ok(Self {
            baseline,
            guard,
            slow,
            fast,
        })
    }

    /// The first index that can be assessed.
    pub fn first(&self) -> usize {
        BASELINE_LEAST + self.guard
    }

    /// One answer per time point of `range`; the averages run from index 0 in any case.
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<EssencePoint>, Refusal> {
        series.check_range(&range, self.first())?;
        let start = series.count(0);
        let mut averages = [(self.slow, start), (self.fast, start)];
        let mut points = Vec::with_capacity(range.len());
        let mut limits = Limits::default();
        for (at, &observed) in series.counts.iter().enumerate().take(range.end) {
            for (weight, average) in &mut averages {
                *average = *weight * observed + (1.0 - *weight) * *average;
            }
            if at < self.first() {
                continue;
            }
            let point = self.judge(series, at, &mut averages, &mut limits);
            if at >= range.start {
                points.push(point);
            }
        }
        Ok(points)
    }

    fn judge(
        &self,
        series: &Series<'_>,
        at: usize,
        averages: &mut [(f64, f64); 2],
        limits: &mut Limits,
    ) -> EssencePoint {
        let end = at - self.guard;
        let values = series
            .counts
            .get(end.saturating_sub(self.baseline)..end)
            .unwrap_or_default();
        let (expected, sigma, n) = (mean(values), deviation(values), real(values.len()));
        let (warning, alert) = limits.of(n - 1.0);
        let mut best = (f64::NAN, f64::INFINITY);
        for (weight, average) in averages {
            let scale = deviation_of_average(*weight, sigma, n, (self.guard, warning));
            let statistic = (*average - expected) / scale;
            let p = t_upper(statistic, n - 1.0);
            if statistic.abs() > alert {
                *average = expected + statistic.signum() * alert * scale;
            }
            if p < best.1 {
                best = (statistic, p);
            }
        }
        let colour = match best.1 {
            p if p < 0.01 => Colour::Red,
            p if p < 0.05 => Colour::Yellow,
            _ => Colour::Blue,
        };
        EssencePoint {
            at,
            observed: series.count(at),
            expected,
            statistic: best.0,
            p: best.1,
            colour,
        }
    }
}

/// Standard deviation of average less baseline mean, with the reference's floor and its constant for small counts
/// (both in units of a case).
fn deviation_of_average(weight: f64, sigma: f64, n: f64, (guard, warning): (usize, f64)) -> f64 {
    let rest = 1.0 - weight;
    let guard = i32::try_from(guard).unwrap_or(i32::MAX - 1);
    let overlap = 2.0 * rest.powi(guard + 1) * ((1.0 - rest.powf(n)) / n);
    let correction = (weight / (2.0 - weight) + 1.0 / n - overlap).sqrt();
    let least = (weight / warning) * (0.01 + 0.05 * rest * rest);
    let small = (0.1289 - (0.2414 - 0.1826 * rest.powi(4)) * 0.5_f64.ln()) * (weight / warning);
    least.max(sigma * correction + small)
}

/// t quantiles of 0.95 and 0.99, rounded to five places as the reference does, kept for the last degrees of freedom.
#[derive(Default)]
struct Limits {
    df: f64,
    pair: (f64, f64),
}

impl Limits {
    fn of(&mut self, df: f64) -> (f64, f64) {
        if self.df.to_bits() != df.to_bits() {
            let rounded = |p: f64| (t_quantile(p, df) * 1e5).round() / 1e5;
            self.df = df;
            self.pair = (rounded(0.95), rounded(0.99));
        }
        self.pair
    }
}

impl Detector for EssenceEwma {
    /// Alarms are the red ones.
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: Some(point.expected),
                upper: None,
                p: Some(point.p),
                score: Some(point.statistic),
                alarm: point.colour == Colour::Red,
            })
            .collect())
    }
}
