//! Likelihood-ratio charts for counts with a wave of the year (Höhle & Paul, *Count data regression charts for the monitoring of
//! surveillance time series*, Computational Statistics & Data Analysis 52, 2008; epidemic chart: Held, Höhle & Hofmann 2005). It
//! watches one series from the start of the range, and starts anew after each alarm.
//!
//! With in-control means μ and dispersion α (variance μ + αμ²; α = 0 is Poisson) the statistic at n is the largest, over the
//! time k of a change, of the log likelihood ratio of k..n:
//!
//! | [`Change`] | mean after the change | estimated |
//! |---|---|---|
//! | `Known(κ)` | μ e^κ (CUSUM of likelihood ratios) | nothing |
//! | `Intercept` | μ e^κ | κ, on the side of [`Direction`] |
//! | `Epidemic` | μ + λ y_{t−1} | λ ≥ 0 |
//!
//! Rules of the reference that are followed: alarm at statistic ≥ limit, but > limit for `Known` and for the Poisson epidemic
//! chart; with a window M a change is looked for in n − M ..= n − M̃ by the Poisson intercept chart, but n − M ..= n − M̃ + 1 by the
//! others; Newton steps stop at 1e-6 or when the parameter falls to −18; the negative-binomial epidemic chart finds λ by the
//! score of the **intercept** chart; a value below 0 or not a number is reported as 0.

use super::negative_binomial::{Model, Shape};
use super::{Detector, Refusal, Series, Verdict};
use charts::Chart;
use std::ops::Range;

mod charts;

/// What kind of change is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// The mean is multiplied by e^κ, κ > 0 known.
    Known(f64),
    /// The mean is multiplied by an unknown factor.
    Intercept,
    /// A share of the last count is added.
    Epidemic,
}

/// Which side an [`Change::Intercept`] is looked for on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// More than usual.
    #[default]
    Increase,
    /// Less than usual.
    Decrease,
}

/// Where the in-control means come from.
#[derive(Debug, Clone, PartialEq)]
pub enum GlrMean {
    /// One per time point of the range.
    Known(Vec<f64>),
    /// Regression on everything before the range, of the distribution the dispersion says.
    Estimated {
        /// Pairs of cosine and sine of the year.
        harmonics: usize,
        /// Whether the logarithm of the mean has a linear trend.
        trend: bool,
        /// Learn anew from everything up to an alarm.
        refit: bool,
    },
}

/// The dispersion α.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dispersion {
    /// Poisson.
    Poisson,
    /// Given, > 0.
    Known(f64),
    /// From the same regression as the mean; not learnt anew at a refit.
    Estimated,
}

/// What [`GlrPoint::value`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Report {
    /// The statistic.
    #[default]
    Statistic,
    /// The count that would alarm here: with `Known`, or Poisson `Intercept` upwards.
    Cases,
}

/// What the chart is told.
#[derive(Debug, Clone, PartialEq)]
pub struct GlrSettings {
    /// Alarm limit of the statistic.
    pub limit: f64,
    /// In-control means.
    pub mean: GlrMean,
    /// Dispersion.
    pub dispersion: Dispersion,
    /// Change looked for.
    pub change: Change,
    /// Side of it.
    pub direction: Direction,
    /// Look back at most so many time points; `None` to the start or the last alarm.
    pub window: Option<usize>,
    /// A change needs so many time points, ≥ 1, to be estimated.
    pub least: usize,
    /// What is reported.
    pub report: Report,
}

impl Default for GlrSettings {
    /// Limit 5, one yearly wave, dispersion estimated, any increase, 52 time points back.
    fn default() -> Self {
        Self {
            limit: 5.0,
            mean: GlrMean::Estimated {
                harmonics: 1,
                trend: false,
                refit: false,
            },
            dispersion: Dispersion::Estimated,
            change: Change::Intercept,
            direction: Direction::Increase,
            window: Some(52),
            least: 1,
            report: Report::Statistic,
        }
    }
}

/// The likelihood-ratio chart, ready to run.
///
/// ```
/// use anlan_scan::temporal::{Dispersion, Frequency, Glr, GlrMean, GlrSettings, Series};
/// let counts = [3.0, 4.0, 2.0, 9.0, 10.0, 8.0];
/// let series = Series::new(&counts, Frequency::WEEKLY)?;
/// let chart = Glr::new(GlrSettings {
///     mean: GlrMean::Known(vec![3.0; 6]),
///     dispersion: Dispersion::Poisson,
///     ..Default::default()
/// })?;
/// let points = chart.assess(&series, 0..6)?;
/// assert!(!points[2].alarm && points[4].alarm);
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Glr {
    settings: GlrSettings,
}

/// What the chart says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct GlrPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// In-control mean.
    pub mean: f64,
    /// Dispersion α.
    pub dispersion: f64,
    /// Statistic, or count that would alarm; see [`Report`].
    pub value: f64,
    /// Alarm; the chart starts anew after it.
    pub alarm: bool,
}

impl Glr {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`Refusal::Setting`] naming the one that cannot be.
    pub fn new(settings: GlrSettings) -> Result<Self, Refusal> {
        if !settings.limit.is_finite() || settings.limit <= 0.0 {
            return Err(Refusal::Setting("the limit must be above 0"));
        }
        if let Change::Known(kappa) = settings.change
            && (!kappa.is_finite() || kappa <= 0.0)
        {
            return Err(Refusal::Setting(
                "a known change must be above 0 on the log scale",
            ));
        }
        if let Dispersion::Known(alpha) = settings.dispersion
            && (!alpha.is_finite() || alpha <= 0.0)
        {
            return Err(Refusal::Setting(
                "a known dispersion must be above 0; use Poisson for 0",
            ));
        }
        if settings.least == 0 || settings.window.is_some_and(|window| window < settings.least) {
            return Err(Refusal::Setting(
                "a change needs 1 time point or more, and no more than the window has",
            ));
        }
        if let GlrMean::Known(means) = &settings.mean {
            if means.iter().any(|mean| !mean.is_finite() || *mean <= 0.0) {
                return Err(Refusal::Setting("known means must be above 0"));
            }
            if settings.dispersion == Dispersion::Estimated {
                return Err(Refusal::Setting(
                    "a dispersion can only be estimated together with the mean",
                ));
            }
        }
        if let GlrMean::Estimated { harmonics, .. } = settings.mean
            && harmonics > 16
        {
            return Err(Refusal::Setting("no more than 16 harmonics"));
        }
        let has_cases = match settings.change {
            Change::Known(_) => true,
            Change::Intercept => {
                settings.dispersion == Dispersion::Poisson && settings.direction == Direction::Increase
            }
            Change::Epidemic => false,
        };
        if settings.report == Report::Cases && !has_cases {
            return Err(Refusal::Setting(
                "this chart cannot report the count that would alarm",
            ));
        }
        Ok(Self { settings })
    }

    /// One answer per time point of `range` (0-based, half open); the chart starts at its first.
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::Length`] for known means, [`Refusal::ShortBaseline`], [`Refusal::NoVariance`] for a
    /// past of zeros, [`Refusal::NoFit`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<GlrPoint>, Refusal> {
        series.check_range(&range, 0)?;
        let (mut means, alpha) = self.means(series, &range)?;
        let mut points = Vec::with_capacity(range.len());
        let mut start = range.start;
        let mut before = 0.0;
        while start < range.end {
            let counts = series.counts.get(start..range.end).unwrap_or_default();
            let chart = Chart::new(&self.settings, counts, &means, (alpha, before));
            let run = chart.run();
            for (offset, value) in run.values.iter().enumerate() {
                points.push(GlrPoint {
                    at: start + offset,
                    observed: series.count(start + offset),
                    mean: means.get(offset).copied().unwrap_or(f64::NAN),
                    dispersion: alpha,
                    value: value.max(0.0),
                    alarm: run.alarm && offset + 1 == run.values.len(),
                });
            }
            if !run.alarm {
                break;
            }
            start += run.values.len();
            before = series.count(start - 1);
            means = self.means_from(series, start..range.end, means, run.values.len())?;
        }
        Ok(points)
    }

    fn known_dispersion(&self) -> Option<f64> {
        match self.settings.dispersion {
            Dispersion::Poisson => Some(0.0),
            Dispersion::Known(alpha) => Some(alpha),
            Dispersion::Estimated => None,
        }
    }

    fn means(&self, series: &Series<'_>, range: &Range<usize>) -> Result<(Vec<f64>, f64), Refusal> {
        let known = self.known_dispersion();
        match &self.settings.mean {
            GlrMean::Known(means) if means.len() == range.len() => Ok((means.clone(), known.unwrap_or(0.0))),
            GlrMean::Known(means) => Err(Refusal::Length {
                what: "known means",
                needed: range.len(),
                found: means.len(),
            }),
            GlrMean::Estimated { harmonics, trend, .. } => {
                let shape = Shape {
                    harmonics: *harmonics,
                    trend: *trend,
                };
                let model = Model::learn(series, range.start, shape, known)?;
                let at: Vec<usize> = range.clone().collect();
                Ok((checked(model.means(series, &at))?, model.alpha))
            }
        }
    }

    /// The means after an alarm: what is left of them, or learnt anew.
    fn means_from(
        &self,
        series: &Series<'_>,
        range: Range<usize>,
        means: Vec<f64>,
        used: usize,
    ) -> Result<Vec<f64>, Refusal> {
        if let GlrMean::Estimated {
            harmonics,
            trend,
            refit: true,
        } = self.settings.mean
            && !range.is_empty()
        {
            let shape = Shape { harmonics, trend };
            let model = Model::learn(series, range.start, shape, self.known_dispersion())?;
            let at: Vec<usize> = range.collect();
            return checked(model.means(series, &at));
        }
        Ok(means.into_iter().skip(used).collect())
    }
}

fn checked(means: Vec<f64>) -> Result<Vec<f64>, Refusal> {
    if means.iter().any(|mean| !mean.is_finite() || *mean <= 0.0) {
        return Err(Refusal::NoFit("a predicted mean is not a number above 0"));
    }
    Ok(means)
}

impl Detector for Glr {
    /// `upper` where cases are reported, else `score` the statistic.
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        let cases = self.settings.report == Report::Cases;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: Some(point.mean),
                upper: cases.then_some(point.value),
                p: None,
                score: (!cases).then_some(point.value),
                alarm: point.alarm,
            })
            .collect())
    }
}
