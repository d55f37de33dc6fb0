//! `scan`: one call for layout, clusters and replications. Between rounds of replications it asks Python whether the
//! person wants to stop; while it computes, other Python threads run.

use crate::input::Reals;
use crate::refused;
use anlan_scan::scan::{
    Baseline, Cluster, Coordinates, Ellipse, GROUP, Geography, Null, Rates, Reach, Scan, Secondary, Settings,
    Study, Time, recurrence_since,
};
use pyo3::prelude::*;
use std::thread;

/// Counts, place by place, each step by step.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct StudyIn {
    places: usize,
    steps: usize,
    cases: Reals,
    model: String,
    baseline: Option<Reals>,
}

/// What makes places neighbours.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct GeographyIn {
    is_latlong: bool,
    places: Option<Reals>,
    centres: Option<Reals>,
    neighbours: Option<Vec<Vec<u32>>>,
}

/// Which windows are looked at.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct LookIn {
    kind: String,
    span_min: usize,
    span_max: usize,
    first_look: Option<usize>,
    population_share_max: f64,
    distance_max: f64,
    ellipses: Vec<(f64, f64)>,
    compactness: f64,
    rates: String,
    secondary: String,
    high_cases_min: u32,
    low_cases_min: u32,
    with_spatial: bool,
    with_temporal: bool,
}

/// How the null hypothesis is replicated.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct RunsIn {
    replications: usize,
    seed: u64,
    threads: usize,
    stop_after: Option<usize>,
    steps_between_looks: f64,
}

/// A cluster, by indices.
#[derive(IntoPyObject)]
pub(crate) struct ClusterOut {
    centre: usize,
    places: Vec<usize>,
    from_step: usize,
    until_step: usize,
    is_everywhere: bool,
    ellipse: Option<(f64, f64)>,
    radius: Option<f64>,
    observed: u32,
    expected: f64,
    ratio: f64,
    relative_risk: Option<f64>,
    population: Option<f64>,
    statistic: f64,
    p: Option<f64>,
    gumbel_p: Option<f64>,
    recurrence: Option<f64>,
}

/// Everything a scan tells.
#[derive(IntoPyObject)]
pub(crate) struct ScanOut {
    cases: u32,
    clusters: Vec<ClusterOut>,
    maxima: Vec<f64>,
}

/// Lays out, looks, replicates.
#[pyfunction]
pub(crate) fn scan(
    py: Python<'_>,
    study: StudyIn,
    geography: GeographyIn,
    look: LookIn,
    runs: RunsIn,
) -> PyResult<ScanOut> {
    let settings = settings(&look)?;
    let study = study.read()?;
    let geography = geography.read();
    let cases = study.cases();
    let (scan, clusters) = py
        .detach(|| {
            let scan = Scan::new(study, &geography, &settings)?;
            let clusters = scan.clusters();
            Ok((scan, clusters))
        })
        .map_err(|why: anlan_scan::scan::Refusal| refused(why))?;
    let best = clusters
        .first()
        .map_or(f64::INFINITY, |cluster| cluster.statistic);
    let null = replicate(py, &scan, &runs, best)?;
    // Looks so far, which the p-value speaks for together.
    let looks = match settings.time {
        Time::AliveSince { first_end, .. } => scan.study().steps().saturating_sub(first_end),
        _ => 1,
    };
    let clusters = clusters
        .iter()
        .map(|cluster| tell(cluster, &geography, (&null, looks), &runs))
        .collect();
    Ok(ScanOut {
        cases,
        clusters,
        maxima: null.maxima().to_vec(),
    })
}

impl StudyIn {
    fn read(self) -> PyResult<Study> {
        let cases = self.cases.counts("cases")?;
        let baseline = match (self.model.as_str(), self.baseline) {
            ("poisson", Some(measure)) => Baseline::Poisson(measure.0),
            ("bernoulli", Some(controls)) => Baseline::Bernoulli(controls.counts("controls")?),
            ("permutation", None) => Baseline::Permutation,
            ("poisson", None) => return Err(refused("the Poisson model needs `population`")),
            ("bernoulli", None) => return Err(refused("the Bernoulli model needs `controls`")),
            ("permutation", Some(_)) => {
                return Err(refused(
                    "the permutation model takes cases alone: no population, no controls",
                ));
            }
            _ => return Err(refused("model is \"poisson\", \"bernoulli\" or \"permutation\"")),
        };
        Study::new(self.places, self.steps, cases, baseline).map_err(refused)
    }
}

impl GeographyIn {
    fn read(self) -> Geography {
        if let Some(lists) = self.neighbours {
            return Geography::Neighbours(lists);
        }
        let coordinates = |reals: Reals| {
            if self.is_latlong {
                Coordinates::LatLong(reals.pairs())
            } else {
                Coordinates::Cartesian(reals.pairs())
            }
        };
        let Some(places) = self.places else {
            return Geography::Whole;
        };
        Geography::Coordinates {
            places: coordinates(places),
            centres: self.centres.map(coordinates),
        }
    }
}

fn settings(look: &LookIn) -> PyResult<Settings> {
    let (min, max) = (look.span_min, look.span_max);
    let time = match (look.kind.as_str(), look.first_look) {
        ("spatial", _) => Time::Whole,
        ("prospective", None) => Time::Alive { min, max },
        ("prospective", Some(first_end)) => Time::AliveSince { min, max, first_end },
        ("retrospective", _) => Time::Any { min, max },
        _ => {
            return Err(refused(
                "kind is \"spatial\", \"prospective\" or \"retrospective\"",
            ));
        }
    };
    let rates = match look.rates.as_str() {
        "high" => Rates::High,
        "low" => Rates::Low,
        "both" => Rates::Both,
        _ => return Err(refused("rates is \"high\", \"low\" or \"both\"")),
    };
    Ok(Settings {
        reach: Reach {
            population_share_max: look.population_share_max,
            distance_max: look.distance_max,
            ellipses: look.ellipses.iter().map(ellipse).collect(),
            compactness: look.compactness,
        },
        time,
        rates,
        high_cases_min: look.high_cases_min,
        low_cases_min: look.low_cases_min,
        with_spatial: look.with_spatial,
        with_temporal: look.with_temporal,
        secondary: secondary(&look.secondary)?,
    })
}

fn ellipse(&(shape, degrees): &(f64, f64)) -> Ellipse {
    Ellipse {
        shape,
        angle: degrees.to_radians(),
    }
}

fn secondary(word: &str) -> PyResult<Secondary> {
    Ok(match word {
        "no_overlap" => Secondary::NoOverlap,
        "no_centre_in_stronger" => Secondary::NoCentreInStronger,
        "no_centre_in_weaker" => Secondary::NoCentreInWeaker,
        "no_centre_in_other" => Secondary::NoCentreInOther,
        "no_centres_in_each_other" => Secondary::NoCentresInEachOther,
        "everything" => Secondary::Everything,
        _ => {
            return Err(refused(
                "secondary is \"no_overlap\", \"no_centre_in_stronger\", \"no_centre_in_weaker\", \
                 \"no_centre_in_other\", \"no_centres_in_each_other\" or \"everything\"",
            ));
        }
    })
}

/// Rounds of one group per thread. Groups are pure functions of their number, so any number of threads gives the same.
fn replicate(py: Python<'_>, scan: &Scan, runs: &RunsIn, best: f64) -> PyResult<Null> {
    let groups = Scan::groups(runs.replications);
    let mut benches: Vec<_> = (0..runs.threads.clamp(1, groups.max(1)))
        .map(|_| scan.bench())
        .collect();
    let mut maxima: Vec<f64> = Vec::with_capacity(groups.saturating_mul(GROUP));
    let mut next = 0;
    while next < groups {
        py.check_signals()?;
        let from = next;
        next = groups.min(from + benches.len());
        let round: Vec<[f64; GROUP]> = py.detach(|| {
            thread::scope(|scope| {
                let started: Vec<_> = (from..next)
                    .zip(&mut benches)
                    .map(|(group, bench)| scope.spawn(move || bench.group(group, runs.seed)))
                    .collect();
                started
                    .into_iter()
                    .filter_map(|thread| thread.join().ok())
                    .collect()
            })
        });
        if round.len() != next - from {
            return Err(refused("a replication could not be computed"));
        }
        maxima.extend(round.into_iter().flatten());
        let extreme = maxima.iter().filter(|value| **value >= best).count();
        if runs.stop_after.is_some_and(|most| extreme >= most) {
            break;
        }
    }
    maxima.truncate(runs.replications);
    Ok(Null::new(maxima))
}

fn tell(
    cluster: &Cluster,
    geography: &Geography,
    (null, looks): (&Null, usize),
    runs: &RunsIn,
) -> ClusterOut {
    let p = (!null.maxima().is_empty()).then(|| match runs.stop_after {
        Some(most) => null.sequential_p_value(cluster.statistic, most).0,
        None => null.p_value(cluster.statistic),
    });
    ClusterOut {
        centre: cluster.centre,
        places: cluster.places.clone(),
        from_step: cluster.span.from,
        until_step: cluster.span.until,
        is_everywhere: cluster.is_everywhere,
        ellipse: cluster
            .ellipse
            .map(|ellipse| (ellipse.shape, ellipse.angle.to_degrees())),
        radius: cluster.radius(geography),
        observed: cluster.observed,
        expected: cluster.expected,
        ratio: cluster.ratio(),
        relative_risk: cluster.relative_risk,
        population: cluster.population,
        statistic: cluster.statistic,
        p,
        gumbel_p: null.gumbel_p_value(cluster.statistic),
        recurrence: p.map(|p| recurrence_since(p, runs.steps_between_looks, looks)),
    }
}
