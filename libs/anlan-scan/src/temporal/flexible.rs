//! The improved Farrington method (Noufaily, Enki, Farrington, Garthwaite, Andrews & Charlett, *An improved algorithm
//! for outbreak detection in multiple surveillance systems*, Statistics in Medicine 32, 2013). Fits, judges, says why;
//! where the counts come from is not its affair.
//!
//! Counts of the last years follow a quasi-Poisson regression, `E y = μ`, `Var y = φ μ`,
//! `log μ = season level + β·time + regressors + offset` (section 4.1). The year is cut into periods, the last being the
//! weeks around the one under assessment (4.2). Past outbreaks are weighed down: with standardised Anscombe residuals
//! `s = 3/2 (y^⅔ μ^-⅙ − μ^½) / √(φ(1−h))`, rows with `s > 2.58` get weight `γ s⁻²`, others `γ`, γ such that weights sum
//! to n, and the model is fitted again (4.3). The bound is a quantile of the negative binomial with the fitted mean and
//! dispersion (4.4), or one of the older bounds.
//!
//! Rules of the reference implementation that are followed:
//! - the standard error of the prediction uses Σ ω r²/df with the **outbreak weights** ω where the model's working
//!   weights would be expected, and is not held at 1 from below;
//! - a trend is kept if its p-value is under the limit, three years or more are looked at, and the prediction is not
//!   above every count of the baseline; else the model is fitted without it;
//! - no alarm on too few recent cases (`enough`), nor on a count of 0.

use super::bounds::{Prediction, Threshold};
use super::distributions::t_upper;
use super::glm::{self, Design, Family, Fit};
use super::references::{Lesson, lessons};
use super::series::real;
use super::{Detector, Power, Refusal, Series, Verdict, probability};
use std::ops::Range;

/// What the improved Farrington method is told.
#[derive(Debug, Clone, PartialEq)]
pub struct FlexibleSettings {
    /// Years of past to learn from, ≥ 1.
    pub years: usize,
    /// Half width, in time points, of the window around each anniversary.
    pub half_window: usize,
    /// Periods of the year; 1 learns from the windows only, 10 is the paper's.
    pub periods: usize,
    /// Weigh down rows whose standardised residual is above this; `None` leaves all as they are.
    pub reweight_above: Option<f64>,
    /// Time points just before the assessed one that must not teach; 26 weeks is the paper's.
    pub recent_left_out: usize,
    /// Consider a trend, kept under this p-value (1 = always, the paper's); `None` never.
    pub trend_below: Option<f64>,
    /// One-sided probability of a count above the bound on a usual day.
    pub alpha: f64,
    /// How the bound is computed.
    pub threshold: Threshold,
    /// Alarm only if at least so many cases in the last so many time points, the assessed one included.
    pub enough: (f64, usize),
}

impl Default for FlexibleSettings {
    /// The paper's choices for weekly counts: 5 years, windows of ±3, 10 periods, 2.58, 26 weeks left out, trend always
    /// considered, plug-in negative binomial at 0.01, 5 cases in 4 weeks.
    fn default() -> Self {
        Self {
            years: 5,
            half_window: 3,
            periods: 10,
            reweight_above: Some(2.58),
            recent_left_out: 26,
            trend_below: Some(1.0),
            alpha: 0.01,
            threshold: Threshold::NegativeBinomialPlugin,
            enough: (5.0, 4),
        }
    }
}

/// The improved Farrington method, ready to run.
///
/// ```
/// use anlan_scan::temporal::{FarringtonFlexible, FlexibleSettings, Frequency, Series};
/// // Four years of weeks, about six cases each, and fifty in the last.
/// let mut counts: Vec<f64> = (0..209).map(|t| f64::from(5 + (t * 7) % 4)).collect();
/// *counts.last_mut().unwrap() = 50.0;
/// let series = Series::new(&counts, Frequency::WEEKLY)?;
/// let method = FarringtonFlexible::new(FlexibleSettings { years: 3, ..Default::default() })?;
/// let point = &method.assess(&series, 208..209)?[0];
/// assert!(point.alarm && point.upper.unwrap() < 20.0 && point.p.unwrap() < 1e-6);
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FarringtonFlexible {
    settings: FlexibleSettings,
}

/// What the method says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct FlexiblePoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// The fitted mean.
    pub expected: f64,
    /// The mean the bound was taken from: the fitted mean, or its upper quantile. With [`Threshold::Delta`] it is what
    /// the reference reports there, an exponential of the mean itself, and means nothing.
    pub quoted_mean: f64,
    /// Standard error of the linear predictor.
    pub error: f64,
    /// Dispersion φ ≥ 1 of the reweighted fit.
    pub dispersion: f64,
    /// The trend per time point, if one was kept.
    pub trend: Option<f64>,
    /// P(count this high or higher); `None` where the mean is beyond all numbers.
    pub p: Option<f64>,
    /// Exceedance score: above 1 is above the bound.
    pub score: Option<f64>,
    /// Largest usual count; `None` with too few recent cases.
    pub upper: Option<f64>,
    /// Whether there were enough recent cases.
    pub enough: bool,
    /// Alarm.
    pub alarm: bool,
}

impl FarringtonFlexible {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`Refusal::Setting`] naming the one that cannot be.
    pub fn new(settings: FlexibleSettings) -> Result<Self, Refusal> {
        probability(settings.alpha, "alpha must lie between 0 and 1")?;
        if settings.years == 0 || settings.years > 1000 {
            return Err(Refusal::Setting("years must be 1 to 1000"));
        }
        if settings.periods == 0 || settings.periods > 366 {
            return Err(Refusal::Setting("periods must be 1 to 366"));
        }
        if settings.half_window > 10_000 {
            return Err(Refusal::Setting("half window must not be above 10,000"));
        }
        if settings
            .reweight_above
            .is_some_and(|limit| !limit.is_finite() || limit <= 0.0)
        {
            return Err(Refusal::Setting("the limit for reweighting must be above 0"));
        }
        if settings
            .trend_below
            .is_some_and(|p| p.is_nan() || !(0.0..=1.0).contains(&p))
        {
            return Err(Refusal::Setting("the p-value for a trend must lie in 0..=1"));
        }
        if settings.enough.0.is_nan() || settings.enough.0 < 0.0 || settings.enough.1 == 0 {
            return Err(Refusal::Setting(
                "enough cases: 0 or more in 1 or more time points",
            ));
        }
        Ok(Self { settings })
    }

    /// The settings.
    pub fn settings(&self) -> &FlexibleSettings {
        &self.settings
    }

    /// One answer per time point of `range` (0-based, half open).
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`], [`Refusal::NoFit`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<FlexiblePoint>, Refusal> {
        series.check_range(&range, 0)?;
        range.map(|now| self.assess_one(series, now)).collect()
    }

    fn assess_one(&self, series: &Series<'_>, now: usize) -> Result<FlexiblePoint, Refusal> {
        let settings = &self.settings;
        let lessons = lessons(
            series,
            now,
            (settings.years, settings.half_window),
            (settings.periods, settings.recent_left_out),
        )?;
        let current = settings.periods - 1;
        if !lessons.iter().any(|lesson| lesson.period == current) {
            return Err(Refusal::NoFit(
                "no comparable time point of earlier years may teach",
            ));
        }
        let y: Vec<f64> = lessons.iter().map(|lesson| series.count(lesson.at)).collect();
        let model = self.model(series, now, &lessons, &y)?;
        Ok(self.judge(series, now, &model))
    }

    /// The final model and what it predicts.
    fn model(
        &self,
        series: &Series<'_>,
        now: usize,
        lessons: &[Lesson],
        y: &[f64],
    ) -> Result<Model, Refusal> {
        let settings = &self.settings;
        let design = design(series, lessons, settings);
        let row = row(series, now, settings.trend_below.is_some());
        let Some(limit) = settings.trend_below else {
            return self
                .fit(&design, y)?
                .ok_or(NOT_CONVERGED)?
                .predict(series, now, (settings, &row), None);
        };
        let level_only = design.without_first_column();
        let without_trend = row.get(1..).unwrap_or_default();
        let Some(with_trend) = self.fit(&design, y).ok().flatten() else {
            let fallback = self.fit(&level_only, y)?.ok_or(NOT_CONVERGED)?;
            return fallback.predict(series, now, (settings, without_trend), None);
        };
        let slope = with_trend.fit.slopes.first().copied().unwrap_or(0.0);
        let error = (with_trend.fit.slope_variance(0) * with_trend.error_scale).sqrt();
        let p = 2.0 * t_upper((slope / error).abs(), with_trend.fit.df);
        let largest = y.iter().copied().fold(0.0, f64::max);
        let estimated = with_trend.fit.estimated.first() == Some(&true);
        let model = with_trend.predict(series, now, (settings, &row), Some(slope))?;
        let keeps = estimated && p < limit && settings.years >= 3 && model.prediction.eta.exp() <= largest;
        if keeps {
            return Ok(model);
        }
        let fitted = self.fit(&level_only, y)?.ok_or(NOT_CONVERGED)?;
        fitted.predict(series, now, (settings, without_trend), None)
    }

    /// The fit, weighed anew if asked for; nothing if the first one does not converge.
    fn fit(&self, design: &Design, y: &[f64]) -> Result<Option<Weighed>, Refusal> {
        let first = glm::fit(design, y, None, Family::Poisson, None)?;
        if !first.converged {
            return Ok(None);
        }
        if first.df < 1.0 {
            return Err(Refusal::NoFit("as many parameters as time points to learn from"));
        }
        let own = first.dispersion(y, &first.weights);
        let dispersion = own.max(1.0);
        let Some(limit) = self.settings.reweight_above else {
            return Ok(Some(Weighed {
                fit: first,
                dispersion,
                error_scale: own,
            }));
        };
        let residuals = anscombe(&first, design, y, dispersion);
        let weights = outbreak_weights(&residuals, limit);
        let second = glm::fit(design, y, Some(&weights), Family::Poisson, None)?;
        let dispersion = second.dispersion(y, &second.weights).max(1.0);
        let error_scale = second.dispersion(y, &weights);
        Ok(Some(Weighed {
            fit: second,
            dispersion,
            error_scale,
        }))
    }

    fn judge(&self, series: &Series<'_>, now: usize, model: &Model) -> FlexiblePoint {
        let settings = &self.settings;
        let observed = series.count(now);
        let judged = settings
            .threshold
            .judge(model.prediction, settings.alpha, observed);
        let (cases, points) = settings.enough;
        let from = (now + 1).saturating_sub(points);
        let recent: f64 = series.counts.get(from..=now).unwrap_or_default().iter().sum();
        let enough = recent >= cases;
        FlexiblePoint {
            at: now,
            observed,
            expected: model.prediction.eta.exp(),
            quoted_mean: judged.quoted_mean,
            error: model.prediction.error,
            dispersion: model.prediction.dispersion,
            trend: model.trend,
            p: judged.p,
            score: judged.score,
            upper: judged.upper.filter(|_| enough),
            enough,
            alarm: enough && observed > 0.0 && judged.score.is_some_and(|score| score > 1.0),
        }
    }
}

const NOT_CONVERGED: Refusal = Refusal::NoFit("neither with nor without a trend");

/// A fit with its dispersion, and the scale its standard errors take.
struct Weighed {
    fit: Fit,
    dispersion: f64,
    error_scale: f64,
}

struct Model {
    prediction: Prediction,
    trend: Option<f64>,
}

impl Weighed {
    fn predict(
        &self,
        series: &Series<'_>,
        now: usize,
        (settings, row): (&FlexibleSettings, &[f64]),
        trend: Option<f64>,
    ) -> Result<Model, Refusal> {
        let (eta, variance) = self.fit.predict(settings.periods - 1, row);
        let prediction = Prediction {
            eta: eta + series.offset(now),
            error: (variance * self.error_scale).max(0.0).sqrt(),
            dispersion: self.dispersion,
        };
        if !prediction.eta.is_finite() || !prediction.dispersion.is_finite() {
            return Err(Refusal::NoFit("the prediction is not a number"));
        }
        Ok(Model { prediction, trend })
    }
}

/// Time first (if a trend is considered), then the regressors.
fn design(series: &Series<'_>, lessons: &[Lesson], settings: &FlexibleSettings) -> Design {
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(1 + series.regressors.len());
    if settings.trend_below.is_some() {
        columns.push(lessons.iter().map(|lesson| time(series, lesson.at)).collect());
    }
    for regressor in &series.regressors {
        let value = |lesson: &Lesson| regressor.get(lesson.at).copied().unwrap_or(0.0);
        columns.push(lessons.iter().map(value).collect());
    }
    let offset = if series.has_offset() {
        lessons.iter().map(|lesson| series.offset(lesson.at)).collect()
    } else {
        Vec::new()
    };
    let level = lessons.iter().map(|lesson| lesson.period).collect();
    Design::new(settings.periods, level, &columns, offset)
}

fn row(series: &Series<'_>, now: usize, has_trend: bool) -> Vec<f64> {
    let time = has_trend.then(|| time(series, now));
    let values = series
        .regressors
        .iter()
        .map(|r| r.get(now).copied().unwrap_or(0.0));
    time.into_iter().chain(values).collect()
}

/// Time in steps of the series: by date where there are dates, so that a missing week is a gap.
fn time(series: &Series<'_>, at: usize) -> f64 {
    match series.days {
        Some([first, second, ..]) => {
            let day = series
                .days
                .and_then(|days| days.get(at))
                .copied()
                .unwrap_or(*first);
            (f64::from(day) - f64::from(*first)) / (f64::from(*second) - f64::from(*first))
        }
        _ => real(at),
    }
}

/// Standardised Anscombe residuals (Farrington et al. 1996, equation 3).
pub(super) fn anscombe(fit: &Fit, design: &Design, y: &[f64], dispersion: f64) -> Vec<f64> {
    let leverages = fit.leverages(design);
    y.iter()
        .zip(&fit.mu)
        .zip(leverages)
        .map(|((y, mu), leverage)| {
            // y^⅔ μ^-⅙ through logarithms: a third of the time of cube roots, the same digits; 0 for y = 0.
            let scaled = (y.ln() * (2.0 / 3.0) - mu.ln() / 6.0).exp();
            let raw = 1.5 * (scaled - mu.sqrt());
            raw / (dispersion * (1.0 - leverage)).sqrt()
        })
        .collect()
}

/// Weights that sum to n: γ·s⁻² above the limit, γ at or below (Farrington et al. 1996, section 3.4).
pub(super) fn outbreak_weights(residuals: &[f64], limit: f64) -> Vec<f64> {
    let raw = |s: &f64| if *s > limit { 1.0 / (s * s) } else { 1.0 };
    let sum: f64 = residuals.iter().map(raw).sum();
    let gamma = real(residuals.len()) / sum;
    residuals.iter().map(|s| gamma * raw(s)).collect()
}

impl Detector for FarringtonFlexible {
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: Some(point.expected),
                upper: point.upper,
                p: point.p,
                score: point.score,
                alarm: point.alarm,
            })
            .collect())
    }
}

impl FlexibleSettings {
    /// The method of 1996 in the flexible form: windows only, all residuals above 1 weighed down, a trend where it is
    /// significant, the power ⅔.
    pub fn classic() -> Self {
        Self {
            periods: 1,
            reweight_above: Some(1.0),
            recent_left_out: 3,
            trend_below: Some(0.05),
            alpha: 0.05,
            threshold: Threshold::Delta(Power::TwoThirds),
            ..Self::default()
        }
    }
}
