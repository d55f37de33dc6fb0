//! The Farrington method of 1996 (Farrington, Andrews, Beale & Catchpole, *A statistical algorithm for the early detection
//! of outbreaks of infectious disease*, Journal of the Royal Statistical Society A 159). It fits and judges; nothing else.
//!
//! Learns from windows of ±w time points around the same week of the last b years: a quasi-Poisson regression with a
//! linear trend (section 3.2), rows with large standardised Anscombe residuals weighed down (3.4), prediction interval
//! on a power of the counts (3.5, equation 5). The exceedance score is (y − μ)/(U − μ); above 1 is an alarm.
//!
//! Rules of the reference implementation that are followed: `alpha` is **two-sided**; bound and score are 0 (not absent)
//! where fewer than 5 cases came in 4 time points; the trend is kept under p 0.05, with three years
//! or more, if the prediction is not above every count of the baseline; residuals above 1 are weighed down; only the
//! first fit may fall back to a model without trend when it does not converge.

use super::bounds::Power;
use super::distributions::{normal_cdf, normal_quantile, t_upper};
use super::flexible::{anscombe, outbreak_weights};
use super::glm::{self, Design, Family, Fit};
use super::references::windows;
use super::series::real;
use super::{Detector, Refusal, Series, Verdict, probability};
use std::ops::Range;

/// The 1996 method and its settings; see [`Farrington::new`].
#[derive(Debug, Clone, PartialEq)]
pub struct Farrington {
    years: usize,
    half_window: usize,
    alpha: f64,
    power: Power,
    reweights: bool,
    has_trend: bool,
    enough: (f64, usize),
}

/// What the method says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct FarringtonPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// The fitted mean, which is also the median of the prediction.
    pub expected: f64,
    /// Where the count lies in the predicted distribution, 0..=1.
    pub quantile: f64,
    /// Upper end of the prediction interval; 0 with too few recent cases.
    pub upper: f64,
    /// (observed − expected)/(upper − expected); 0 with too few recent cases.
    pub score: f64,
    /// Whether a trend was kept.
    pub trend: bool,
    /// Alarm.
    pub alarm: bool,
}

impl Farrington {
    /// Looks back `years` years (≥ 1), `half_window` time points to each side, for a two-sided prediction interval of
    /// 1 − `alpha`. Power ⅔, reweighting, trend, 5 cases in 4 time points, unless changed.
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Farrington, Frequency, Series};
    /// let mut counts: Vec<f64> = (0..209).map(|t| f64::from(5 + (t * 7) % 4)).collect();
    /// counts[208] = 50.0;
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// let point = &Farrington::new(3, 3, 0.01)?.assess(&series, 208..209)?[0];
    /// assert!(point.alarm && point.score > 1.0);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(years: usize, half_window: usize, alpha: f64) -> Result<Self, Refusal> {
        probability(alpha, "alpha must lie between 0 and 1")?;
        if years == 0 || years > 1000 || half_window > 10_000 {
            return Err(Refusal::Setting(
                "years must be 1 to 1000, the half window at most 10,000",
            ));
        }
        Ok(Self {
            years,
            half_window,
            alpha,
            power: Power::TwoThirds,
            reweights: true,
            has_trend: true,
            enough: (5.0, 4),
        })
    }

    /// The power on which counts are taken as normal.
    #[must_use]
    pub fn power(mut self, power: Power) -> Self {
        self.power = power;
        self
    }

    /// Takes past outbreaks as they are.
    #[must_use]
    pub fn without_reweighting(mut self) -> Self {
        self.reweights = false;
        self
    }

    /// Never considers a trend.
    #[must_use]
    pub fn without_trend(mut self) -> Self {
        self.has_trend = false;
        self
    }

    /// Alarms only with at least `cases` in the last `points` time points, the assessed one included.
    ///
    /// # Errors
    /// [`Refusal::Setting`] for negative cases or 0 points.
    pub fn enough(mut self, cases: f64, points: usize) -> Result<Self, Refusal> {
        if cases.is_nan() || cases < 0.0 || points == 0 {
            return Err(Refusal::Setting(
                "enough cases: 0 or more in 1 or more time points",
            ));
        }
        self.enough = (cases, points);
        Ok(self)
    }

    /// One answer per time point of `range` (0-based, half open). Past time points that do not exist are left out, as
    /// in the reference; some must remain.
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`], [`Refusal::NoFit`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<FarringtonPoint>, Refusal> {
        series.check_range(&range, 0)?;
        range.map(|now| self.assess_one(series, now)).collect()
    }

    fn assess_one(&self, series: &Series<'_>, now: usize) -> Result<FarringtonPoint, Refusal> {
        let mut rows = windows(series, now, self.years, self.half_window);
        rows.retain(|&at| at < now && series.teaches(at));
        if rows.is_empty() {
            return Err(Refusal::ShortBaseline {
                needed: self.years * series.frequency.points(),
                found: now,
            });
        }
        let y: Vec<f64> = rows.iter().map(|&at| series.count(at)).collect();
        let time: Vec<f64> = rows.iter().map(|&at| real(at)).collect();
        let offset: Vec<f64> = if series.has_offset() {
            rows.iter().map(|&at| series.offset(at)).collect()
        } else {
            Vec::new()
        };
        let level = vec![0; rows.len()];
        let with_trend = Design::new(1, level.clone(), std::slice::from_ref(&time), offset.clone());
        let without = Design::new(1, level, &[], offset);
        let kept = if self.has_trend {
            self.fit_with_trend(series, now, (&with_trend, &without), &y)?
        } else {
            None
        };
        let trend = kept.is_some();
        let (fit, dispersion) = if let Some(kept) = kept {
            kept
        } else {
            let (fit, dispersion, _) = self.fit(&without, &without, &y)?;
            (fit, dispersion)
        };
        let x = if trend { vec![real(now)] } else { Vec::new() };
        let (eta, variance) = fit.predict(0, &x);
        let mean = (eta + series.offset(now)).exp().max(f64::EPSILON);
        let error = (variance * dispersion).sqrt() * mean;
        self.judge(series, now, (mean, error, dispersion), trend)
    }

    /// The fit with a trend, if the trend is to be kept.
    fn fit_with_trend(
        &self,
        series: &Series<'_>,
        now: usize,
        (design, fallback): (&Design, &Design),
        y: &[f64],
    ) -> Result<Option<(Fit, f64)>, Refusal> {
        let (fit, dispersion, has_trend) = self.fit(design, fallback, y)?;
        if !has_trend || self.years < 3 {
            return Ok(None);
        }
        let own = fit.dispersion(y, &fit.weights);
        let slope = fit.slopes.first().copied().unwrap_or(0.0);
        let t = slope / (fit.slope_variance(0) * own).sqrt();
        let mean = (fit.predict(0, &[real(now)]).0 + series.offset(now)).exp();
        let largest = y.iter().copied().fold(0.0, f64::max);
        let is_significant = 2.0 * t_upper(t.abs(), fit.df) < 0.05;
        Ok((is_significant && mean <= largest).then_some((fit, dispersion)))
    }

    /// The fit, its dispersion (≥ 1) and whether it has the trend asked for.
    fn fit(&self, design: &Design, fallback: &Design, y: &[f64]) -> Result<(Fit, f64, bool), Refusal> {
        let mut used = design;
        let mut first = glm::fit(used, y, None, Family::Poisson, None);
        if !first.as_ref().is_ok_and(|fit| fit.converged) && design.width > 0 {
            used = fallback;
            first = glm::fit(used, y, None, Family::Poisson, None);
        }
        let mut fit = first?;
        if fit.df < 1.0 {
            return Err(Refusal::NoFit("as many parameters as time points to learn from"));
        }
        let mut dispersion = fit.dispersion(y, &fit.weights).max(1.0);
        if self.reweights {
            let weights = outbreak_weights(&anscombe(&fit, used, y, dispersion), 1.0);
            fit = glm::fit(used, y, Some(&weights), Family::Poisson, None)?;
            dispersion = fit.dispersion(y, &fit.weights).max(1.0);
        }
        let has_trend = used.width > 0 && fit.estimated.first() == Some(&true);
        Ok((fit, dispersion, has_trend))
    }

    fn judge(
        &self,
        series: &Series<'_>,
        now: usize,
        (mean, error, dispersion): (f64, f64, f64),
        trend: bool,
    ) -> Result<FarringtonPoint, Refusal> {
        let observed = series.count(now);
        let deviation = self.power.deviation(mean, dispersion, error);
        let bound = self
            .power
            .bound(mean, deviation, normal_quantile(1.0 - self.alpha / 2.0));
        let exponent = self.power.exponent();
        let quantile = normal_cdf((observed.powf(exponent) - mean.powf(exponent)) / deviation);
        if !bound.is_finite() || !quantile.is_finite() {
            return Err(Refusal::NoFit("the prediction is not a number"));
        }
        let (cases, points) = self.enough;
        let from = (now + 1).saturating_sub(points);
        let recent: f64 = series.counts.get(from..=now).unwrap_or_default().iter().sum();
        let enough = recent >= cases;
        let score = if enough {
            (observed - mean) / (bound - mean)
        } else {
            0.0
        };
        Ok(FarringtonPoint {
            at: now,
            observed,
            expected: mean,
            quantile,
            upper: if enough { bound } else { 0.0 },
            score,
            trend,
            alarm: score > 1.0,
        })
    }
}

impl Detector for Farrington {
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: Some(point.expected),
                upper: Some(point.upper),
                p: Some(1.0 - point.quantile),
                score: Some(point.score),
                alarm: point.alarm,
            })
            .collect())
    }
}
