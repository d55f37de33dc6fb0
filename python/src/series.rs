//! The detectors for one series, each as a function that answers one row per time point. A row has the same first keys
//! whatever the method: `at`, `observed`, `expected`, `upper`, `alarm`.

use crate::input::Reals;
use crate::refused;
use anlan_scan::temporal::{
    Change, Cusum, CusumMean, CusumPoint, Dependence, Direction, Dispersion, Ears, EarsMethod, EarsPoint,
    Ewma, EwmaPoint, Farrington, FarringtonFlexible, FarringtonPoint, FlexiblePoint, FlexibleSettings,
    Frequency, Glr, GlrMean, GlrPoint, GlrSettings, Power, Refusal, Series, Threshold, Transform,
};
use pyo3::prelude::*;
use std::ops::Range;

/// A series and what of it is assessed.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct SeriesIn {
    counts: Reals,
    per_year: u16,
    days: Option<Vec<i32>>,
    population: Option<Reals>,
    completeness: Option<Reals>,
    excluded: Option<Vec<bool>>,
    regressors: Vec<Reals>,
    from_point: usize,
    to_point: usize,
}

impl SeriesIn {
    /// Runs a method on the series while other Python threads go on.
    fn assess<P: Send>(
        &self,
        py: Python<'_>,
        method: impl Fn(&Series<'_>, Range<usize>) -> Result<Vec<P>, Refusal> + Send + Sync,
    ) -> PyResult<Vec<P>> {
        let columns: Vec<&[f64]> = self.regressors.iter().map(|column| column.0.as_slice()).collect();
        let run = || {
            let mut series = Series::new(&self.counts.0, Frequency::per_year(self.per_year)?)?;
            if let Some(days) = &self.days {
                series = series.with_days(days)?;
            }
            if let Some(population) = &self.population {
                series = series.with_population(&population.0)?;
            }
            if let Some(completeness) = &self.completeness {
                series = series.with_completeness(&completeness.0)?;
            }
            if let Some(excluded) = &self.excluded {
                series = series.excluding(excluded)?;
            }
            if !columns.is_empty() {
                series = series.with_regressors(&columns)?;
            }
            method(&series, self.from_point..self.to_point)
        };
        py.detach(run).map_err(refused)
    }
}

/// One row for Python: which fields of a point it has, and under which name.
macro_rules! row {
    ($row:ident of $point:ident { $($field:ident: $kind:ty = $from:ident),+ $(,)? }) => {
        #[derive(IntoPyObject)]
        pub(crate) struct $row {
            $($field: $kind),+
        }

        impl From<$point> for $row {
            fn from(point: $point) -> Self {
                Self { $($field: point.$from),+ }
            }
        }
    };
}

row!(EarsRow of EarsPoint {
    at: usize = at, observed: f64 = observed, expected: f64 = mean, upper: Option<f64> = upper, alarm: bool = alarm,
    deviation: f64 = deviation,
});

row!(CusumRow of CusumPoint {
    at: usize = at, observed: f64 = observed, expected: f64 = mean, upper: f64 = upper, alarm: bool = alarm,
    sum: f64 = sum,
});

row!(EwmaRow of EwmaPoint {
    at: usize = at, observed: f64 = observed, expected: f64 = mean, upper: f64 = upper, alarm: bool = alarm,
    average: f64 = average,
});

row!(FarringtonRow of FarringtonPoint {
    at: usize = at, observed: f64 = observed, expected: f64 = expected, upper: f64 = upper, alarm: bool = alarm,
    score: f64 = score, quantile: f64 = quantile, trend: bool = trend,
});

row!(FlexibleRow of FlexiblePoint {
    at: usize = at, observed: f64 = observed, expected: f64 = expected, upper: Option<f64> = upper, alarm: bool = alarm,
    p: Option<f64> = p, score: Option<f64> = score, dispersion: f64 = dispersion, trend: Option<f64> = trend,
    enough: bool = enough,
});

row!(GlrRow of GlrPoint {
    at: usize = at, observed: f64 = observed, expected: f64 = mean, alarm: bool = alarm,
    score: f64 = value, dispersion: f64 = dispersion,
});

fn rows<P, R: From<P>>(points: Vec<P>) -> Vec<R> {
    points.into_iter().map(R::from).collect()
}

/// EARS C1, C2, C3.
#[pyfunction]
pub(crate) fn ears(
    py: Python<'_>,
    series: SeriesIn,
    method: &str,
    baseline: usize,
    least_deviation: f64,
    alpha: Option<f64>,
) -> PyResult<Vec<EarsRow>> {
    let (which, usual) = match method {
        "C1" => (EarsMethod::C1, 0.001),
        "C2" => (EarsMethod::C2, 0.001),
        "C3" => (EarsMethod::C3, 0.025),
        _ => return Err(refused("method is \"C1\", \"C2\" or \"C3\"")),
    };
    let chart = Ears::with(which, baseline, least_deviation, alpha.unwrap_or(usual)).map_err(refused)?;
    Ok(rows(
        series.assess(py, |series, range| chart.assess(series, range))?,
    ))
}

/// What the CUSUM chart is told.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct CusumIn {
    reference: f64,
    decision: f64,
    transform: String,
    dispersion: Option<f64>,
    mean: Option<f64>,
    is_seasonal: bool,
}

/// CUSUM.
#[pyfunction]
pub(crate) fn cusum(py: Python<'_>, series: SeriesIn, settings: CusumIn) -> PyResult<Vec<CusumRow>> {
    let transform = match (settings.transform.as_str(), settings.dispersion) {
        ("standard", None) => Transform::Standard,
        ("rossi", None) => Transform::Rossi,
        ("anscombe", None) => Transform::Anscombe,
        ("anscombe2", None) => Transform::AnscombeSecondOrder,
        ("pearson_nb", Some(alpha)) => Transform::PearsonNegativeBinomial(alpha),
        ("anscombe_nb", Some(alpha)) => Transform::AnscombeNegativeBinomial(alpha),
        ("none", None) => Transform::None,
        _ => {
            return Err(refused(
                "transform is \"standard\", \"rossi\", \"anscombe\", \"anscombe2\" or \"none\", or with `dispersion` \
                 \"pearson_nb\" or \"anscombe_nb\"",
            ));
        }
    };
    let mean = match settings.mean {
        Some(mean) => CusumMean::Known(mean),
        None if settings.is_seasonal => CusumMean::Season,
        None => CusumMean::Past,
    };
    let chart = Cusum::new(settings.reference, settings.decision, transform, mean).map_err(refused)?;
    Ok(rows(
        series.assess(py, |series, range| chart.assess(series, range))?,
    ))
}

/// EWMA.
#[pyfunction]
pub(crate) fn ewma(
    py: Python<'_>,
    series: SeriesIn,
    weight: f64,
    limit: f64,
    baseline: usize,
) -> PyResult<Vec<EwmaRow>> {
    let chart = Ewma::new(weight, limit, baseline).map_err(refused)?;
    Ok(rows(
        series.assess(py, |series, range| chart.assess(series, range))?,
    ))
}

/// Farrington 1996.
#[pyfunction]
pub(crate) fn farrington(
    py: Python<'_>,
    series: SeriesIn,
    years: usize,
    half_window: usize,
    alpha: f64,
    has_trend: bool,
) -> PyResult<Vec<FarringtonRow>> {
    let mut method = Farrington::new(years, half_window, alpha).map_err(refused)?;
    if !has_trend {
        method = method.without_trend();
    }
    Ok(rows(
        series.assess(py, |series, range| method.assess(series, range))?,
    ))
}

/// What the improved Farrington method is told.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct FlexibleIn {
    years: usize,
    half_window: usize,
    periods: usize,
    reweight_above: Option<f64>,
    recent_left_out: usize,
    trend_below: Option<f64>,
    alpha: f64,
    threshold: String,
    enough: (f64, usize),
}

/// Farrington as improved by Noufaily et al. 2013.
#[pyfunction]
pub(crate) fn farrington_flexible(
    py: Python<'_>,
    series: SeriesIn,
    settings: FlexibleIn,
) -> PyResult<Vec<FlexibleRow>> {
    let threshold = match settings.threshold.as_str() {
        "nb_plugin" => Threshold::NegativeBinomialPlugin,
        "muan" => Threshold::UpperMean,
        "delta" => Threshold::Delta(Power::TwoThirds),
        _ => return Err(refused("threshold is \"nb_plugin\", \"muan\" or \"delta\"")),
    };
    let method = FarringtonFlexible::new(FlexibleSettings {
        years: settings.years,
        half_window: settings.half_window,
        periods: settings.periods,
        reweight_above: settings.reweight_above,
        recent_left_out: settings.recent_left_out,
        trend_below: settings.trend_below,
        alpha: settings.alpha,
        threshold,
        enough: settings.enough,
    })
    .map_err(refused)?;
    Ok(rows(
        series.assess(py, |series, range| method.assess(series, range))?,
    ))
}

/// What the likelihood-ratio chart is told.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GlrIn {
    limit: f64,
    means: Option<Reals>,
    harmonics: usize,
    has_trend: bool,
    refits: bool,
    dispersion: Option<f64>,
    known_change: Option<f64>,
    is_decrease: bool,
    window: Option<usize>,
    least: usize,
}

/// The likelihood-ratio chart.
#[pyfunction]
pub(crate) fn glr(py: Python<'_>, series: SeriesIn, settings: GlrIn) -> PyResult<Vec<GlrRow>> {
    let mean = match settings.means {
        Some(means) => GlrMean::Known(means.0),
        None => GlrMean::Estimated {
            harmonics: settings.harmonics,
            trend: settings.has_trend,
            refit: settings.refits,
        },
    };
    let dispersion = match settings.dispersion {
        None => Dispersion::Estimated,
        Some(alpha) if alpha.abs() == 0.0 => Dispersion::Poisson,
        Some(alpha) => Dispersion::Known(alpha),
    };
    let chart = Glr::new(GlrSettings {
        limit: settings.limit,
        mean,
        dispersion,
        change: settings.known_change.map_or(Change::Intercept, Change::Known),
        direction: if settings.is_decrease {
            Direction::Decrease
        } else {
            Direction::Increase
        },
        window: settings.window,
        least: settings.least,
        ..GlrSettings::default()
    })
    .map_err(refused)?;
    Ok(rows(
        series.assess(py, |series, range| chart.assess(series, range))?,
    ))
}

/// p-values adjusted for false discoveries.
#[pyfunction]
pub(crate) fn adjust(py: Python<'_>, p: Reals, is_any_dependence: bool) -> PyResult<Vec<f64>> {
    let dependence = if is_any_dependence {
        Dependence::Any
    } else {
        Dependence::Positive
    };
    py.detach(|| anlan_scan::temporal::adjust(&p.0, dependence))
        .map_err(refused)
}
