//! The cluster file (.col.txt): one line per cluster. Prints only.

use super::columns::{Column, Table, Value};
use super::{Cluster, Page, to_f64};
use crate::satscan::choices::Model;
use crate::satscan::dates::{self, Precision};

/// Characters of a location's name: the longest there is, from 30 to 254.
pub(super) fn name_chars(page: &Page<'_>) -> usize {
    let places = &page.project.data.places;
    places
        .iter()
        .map(|place| place.name.chars().count())
        .max()
        .unwrap_or_default()
        .clamp(30, 254)
}

/// The columns of p-values and how often chance would do this.
pub(super) fn inference_columns(page: &Page<'_>) -> Vec<(&'static str, Column)> {
    let digits = page.project.settings.replications.to_string().len();
    let mut columns = vec![("P_VALUE", Column::Number(digits))];
    if page.analysis().is_prospective() {
        columns.push(("RECURR_INT", Column::Number(0)));
    }
    if page.has_gumbel_column() {
        columns.push(("GBL_PVALUE", Column::Number(2)));
    }
    columns
}

/// Their values.
pub(super) fn inference(page: &Page<'_>, cluster: &Cluster) -> Vec<Value> {
    let has_p_values = page.has_p_values();
    let p_value = cluster.reported_p(page.project.settings.p_value);
    let mut values = vec![p_value.filter(|_| has_p_values).into()];
    if page.analysis().is_prospective() {
        values.push(cluster.recurrence_days.filter(|_| has_p_values).into());
    }
    if page.has_gumbel_column() {
        values.push(cluster.gumbel.map(super::Gumbel::value).into());
    }
    values
}

/// The first and last day of a cluster: for one in time alone as exact as the cases' times are.
pub(super) fn days(page: &Page<'_>, cluster: &Cluster) -> (String, String) {
    let settings = &page.project.settings;
    let precision = match settings.precision {
        Precision::Generic => Precision::Generic,
        exact if cluster.is_all_places && exact != Precision::None => exact,
        _ => Precision::Day,
    };
    (
        dates::print(cluster.days.0, precision),
        dates::print(cluster.days.1, precision),
    )
}

/// The name that stands for a cluster: that of its most central place.
pub(super) fn central_name<'a>(page: &'a Page<'_>, cluster: &Cluster) -> &'a str {
    if cluster.is_all_places {
        return "All";
    }
    let central = cluster.members.first().map(|member| member.place);
    central
        .and_then(|place| page.project.data.places.get(place))
        .map_or("", |place| place.name.as_str())
}

/// The whole file.
pub(super) fn print(page: &Page<'_>) -> String {
    let mut table = Table::new(columns(page), page.is_yes("PrintAsciiColumnHeaders"));
    for (cluster, number) in page.outcome.clusters.iter().zip(1_u32..) {
        table.add(line(page, cluster, number));
    }
    table.into_text()
}

fn columns(page: &Page<'_>) -> Vec<(&'static str, Column)> {
    let mut columns = vec![
        ("CLUSTER", Column::Number(0)),
        ("LOC_ID", Column::Text(name_chars(page))),
    ];
    columns.extend(coordinate_columns(
        page,
        &["X", "Y", "Z1", "Z2", "Z3", "Z4", "Z5", "Z6", "Z7", "Z8"],
        ["LATITUDE", "LONGITUDE"],
    ));
    if page.is_elliptic() {
        columns.extend(["E_MINOR", "E_MAJOR", "E_ANGLE", "E_SHAPE"].map(|name| (name, Column::Number(2))));
    } else if page.has_coordinates() {
        columns.push(("RADIUS", Column::Number(2)));
    }
    if page.has_coordinates() {
        columns.push(("SPAN", Column::Number(2)));
    }
    columns.extend([
        ("START_DATE", Column::Text(16)),
        ("END_DATE", Column::Text(16)),
        ("NUMBER_LOC", Column::Number(0)),
    ]);
    if page.model() == Model::Permutation {
        columns.push(("TEST_STAT", Column::Number(6)));
    } else {
        columns.push(("LLR", Column::Number(6)));
        if page.is_elliptic() {
            columns.push(("TEST_STAT", Column::Number(6)));
        }
    }
    columns.extend(inference_columns(page));
    columns.extend([
        ("OBSERVED", Column::Number(0)),
        ("EXPECTED", Column::Number(2)),
        ("ODE", Column::Number(2)),
    ]);
    if page.has_relative_risk() {
        columns.push(("REL_RISK", Column::Number(2)));
    }
    if has_population_column(page) {
        columns.push(("POPULATION", Column::Number(2)));
    }
    columns.push(("GINI_CLUST", Column::Flag));
    columns
}

/// Whether populations are told: Poisson with a file and places, Bernoulli always.
pub(super) fn has_population_column(page: &Page<'_>) -> bool {
    page.model() == Model::Bernoulli || (page.has_population() && page.analysis().is_spatial())
}

/// The columns of coordinates under their names.
pub(super) fn coordinate_columns(
    page: &Page<'_>,
    axes: &[&'static str],
    degrees: [&'static str; 2],
) -> Vec<(&'static str, Column)> {
    if !page.has_coordinates() {
        return Vec::new();
    }
    if page.project.settings.is_lat_long {
        return degrees.map(|name| (name, Column::Number(6))).to_vec();
    }
    let count = page
        .project
        .data
        .places
        .first()
        .map_or(2, |place| place.coordinates.len());
    axes.iter()
        .take(count)
        .map(|name| (*name, Column::General))
        .collect()
}

fn line(page: &Page<'_>, cluster: &Cluster, number: u32) -> Vec<Value> {
    let places = if page.analysis().is_spatial() && cluster.is_all_places {
        page.outcome.totals.places
    } else {
        cluster.members.len().max(1)
    };
    let mut values = vec![
        Value::Number(f64::from(number)),
        Value::Text(central_name(page, cluster).to_owned()),
    ];
    values.extend(window(page, cluster));
    let (first, last) = days(page, cluster);
    values.extend([
        Value::Text(first),
        Value::Text(last),
        Value::Number(u32::try_from(places).map_or(0.0, f64::from)),
        Value::Number(cluster.ratio),
    ]);
    if page.is_elliptic() && page.model() != Model::Permutation {
        values.push(Value::Number(cluster.statistic));
    }
    values.extend(inference(page, cluster));
    let figures = &cluster.figures;
    values.extend([
        Value::Number(to_f64(figures.observed)),
        Value::Number(figures.expected),
        Value::Number(figures.ratio()),
    ]);
    if page.has_relative_risk() {
        values.push(figures.relative_risk.into());
    }
    if has_population_column(page) {
        let population = figures
            .population
            .filter(|_| page.model() == Model::Bernoulli || !cluster.is_all_places);
        values.push(population.into());
    }
    values.push(Value::Flag(false));
    values
}

fn window(page: &Page<'_>, cluster: &Cluster) -> Vec<Value> {
    if !page.has_coordinates() {
        return Vec::new();
    }
    let axes = page
        .project
        .data
        .places
        .first()
        .map_or(2, |place| place.coordinates.len());
    let mut values: Vec<Value> = match &cluster.centre {
        Some(centre) => centre.iter().map(|axis| Value::Number(*axis)).collect(),
        None => vec![Value::None; axes],
    };
    if page.is_elliptic() {
        let ellipse = cluster.ellipse;
        values.extend([
            ellipse.map(|ellipse| ellipse.minor).into(),
            ellipse.map(|ellipse| ellipse.minor * ellipse.shape).into(),
            ellipse.map(|ellipse| ellipse.angle).into(),
            Value::from(ellipse.map(|ellipse| ellipse.shape)),
        ]);
    } else {
        values.push(cluster.radius.into());
    }
    values.push(cluster.span.into());
    values
}
