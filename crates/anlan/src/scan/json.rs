//! Everything a run found, as JSON for programs. Lays out; the figures are the outcome's.

use super::report::Report;
use anlan_intake::satscan::dates::{self, Day, Precision};
use anlan_intake::satscan::results::{Cluster, Ended, Figures, Gumbel};
use serde_json::{Value, json};

/// The whole run.
pub(super) fn value(report: &Report<'_>) -> Value {
    let outcome = report.outcome;
    let settings = &report.project.settings;
    let parameters: serde_json::Map<String, Value> = report
        .project
        .parameters
        .all()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    json!({
        "program": format!("anlan {}", env!("CARGO_PKG_VERSION")),
        "analysis": settings.analysis.name(),
        "model": settings.model.name(),
        "study": { "start": day(report, settings.study.0), "end": day(report, settings.study.1) },
        "seed": report.seed,
        "replications": {
            "asked": settings.replications,
            "made": outcome.simulated.len(),
            "ended": match outcome.ended {
                Ended::Whole => "whole",
                Ended::Early => "early",
                Ended::Stopped => "stopped",
            },
        },
        "totals": {
            "locations": outcome.totals.places,
            "cases": outcome.totals.cases,
            "population": outcome.totals.population,
            "annual_cases_per_100000": outcome.totals.annual_rate,
        },
        "clusters": outcome.clusters.iter().map(|cluster| one(report, cluster)).collect::<Vec<Value>>(),
        "locations": outcome.places.iter().map(|figures| place(report, figures)).collect::<Vec<Value>>(),
        "simulated": outcome.simulated,
        "warnings": report.faults.list(),
        "parameters": parameters,
    })
}

fn day(report: &Report<'_>, day: Day) -> String {
    if report.project.settings.precision == Precision::Generic {
        day.to_string()
    } else {
        dates::date_of(day).to_string()
    }
}

fn place(report: &Report<'_>, figures: &Figures) -> Value {
    let name = report
        .project
        .data
        .places
        .get(figures.place)
        .map(|place| place.name.as_str());
    json!({
        "location": name,
        "observed": figures.observed,
        "expected": figures.expected,
        "observed_over_expected": figures.ratio(),
        "relative_risk": figures.relative_risk,
        "population": figures.population,
    })
}

fn one(report: &Report<'_>, cluster: &Cluster) -> Value {
    let settings = &report.project.settings;
    let has_time = settings.analysis.is_temporal();
    json!({
        "locations": cluster.members.iter().map(|member| place(report, member)).collect::<Vec<Value>>(),
        "is_all_locations": cluster.is_all_places,
        "centre": cluster.centre,
        "radius": cluster.radius,
        "span": cluster.span,
        "ellipse": cluster.ellipse.map(|ellipse| json!({
            "semiminor": ellipse.minor,
            "semimajor": ellipse.minor * ellipse.shape,
            "angle_degrees": ellipse.angle,
            "shape": ellipse.shape,
        })),
        "start": has_time.then(|| day(report, cluster.days.0)),
        "end": has_time.then(|| day(report, cluster.days.1)),
        "observed": cluster.figures.observed,
        "expected": cluster.figures.expected,
        "observed_over_expected": cluster.figures.ratio(),
        "relative_risk": cluster.figures.relative_risk,
        "population": cluster.figures.population,
        "annual_cases_per_100000": cluster.annual_rate,
        "log_likelihood_ratio": cluster.ratio,
        "statistic": cluster.statistic,
        "rank": cluster.rank,
        "p_value": cluster.reported_p(settings.p_value),
        "p_value_monte_carlo": cluster.p_value,
        "p_value_gumbel": cluster.gumbel.map(Gumbel::value),
        "recurrence_days": cluster.recurrence_days,
    })
}
