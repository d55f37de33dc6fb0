//! Files about places: those of each cluster (.gis.txt), the risk of each over the study (.rr.txt), and the maxima of the
//! replications (.llr.txt). Prints only.

use super::cluster_file::{
    coordinate_columns, has_population_column, inference, inference_columns, name_chars,
};
use super::columns::{Column, Table, Value};
use super::{Cluster, Figures, Page, to_f64};
use crate::satscan::choices::Model;

/// The places of each cluster.
pub(super) fn print(page: &Page<'_>) -> String {
    let mut table = Table::new(columns(page), page.is_yes("PrintAsciiColumnHeaders"));
    for (cluster, number) in page.outcome.clusters.iter().zip(1_u32..) {
        for member in cluster.members.iter().filter(|_| !cluster.is_all_places) {
            table.add(line(page, cluster, number, member));
        }
    }
    table.into_text()
}

fn columns(page: &Page<'_>) -> Vec<(&'static str, Column)> {
    let mut columns = vec![
        ("LOC_ID", Column::Text(name_chars(page))),
        ("CLUSTER", Column::Number(0)),
    ];
    columns.extend(inference_columns(page));
    for names in [
        ["CLU_OBS", "CLU_EXP", "CLU_ODE", "CLU_RR", "CLU_POP"],
        ["LOC_OBS", "LOC_EXP", "LOC_ODE", "LOC_RR", "LOC_POP"],
    ] {
        let [observed, expected, ratio, risk, population] = names;
        columns.extend([
            (observed, Column::Number(0)),
            (expected, Column::Number(2)),
            (ratio, Column::Number(2)),
        ]);
        if page.has_relative_risk() {
            columns.push((risk, Column::Number(2)));
        }
        if has_population_column(page) {
            columns.push((population, Column::Number(2)));
        }
    }
    let axes = [
        "LOC_X", "LOC_Y", "LOC_Z1", "LOC_Z2", "LOC_Z3", "LOC_Z4", "LOC_Z5", "LOC_Z6", "LOC_Z7", "LOC_Z8",
    ];
    columns.extend(coordinate_columns(page, &axes, ["LOC_LAT", "LOC_LONG"]));
    columns.push(("GINI_CLUST", Column::Flag));
    columns
}

fn figures(page: &Page<'_>, figures: &Figures) -> Vec<Value> {
    let is_comparable = figures.expected > 0.0;
    let mut values = vec![
        Value::Number(to_f64(figures.observed)),
        Value::Number(figures.expected),
        // Where nothing is expected there is nothing to compare with.
        Value::from(is_comparable.then(|| figures.ratio())),
    ];
    if page.has_relative_risk() {
        values.push(figures.relative_risk.filter(|_| is_comparable).into());
    }
    if has_population_column(page) {
        values.push(figures.population.into());
    }
    values
}

fn line(page: &Page<'_>, cluster: &Cluster, number: u32, member: &Figures) -> Vec<Value> {
    let place = page.project.data.places.get(member.place);
    let mut values = vec![
        Value::Text(place.map_or_else(String::new, |place| place.name.clone())),
        Value::Number(f64::from(number)),
    ];
    values.extend(inference(page, cluster));
    values.extend(figures(page, &cluster.figures));
    values.extend(figures(page, member));
    if page.has_coordinates() {
        values.extend(
            place
                .iter()
                .flat_map(|place| place.coordinates.iter().map(|axis| Value::Number(*axis))),
        );
    }
    values.push(Value::Flag(false));
    values
}

/// The risk of each place over the whole study.
pub(super) fn risks(page: &Page<'_>) -> String {
    let mut columns = vec![
        ("LOC_ID", Column::Text(name_chars(page))),
        ("OBSERVED", Column::Number(0)),
        ("EXPECTED", Column::Number(2)),
        ("ODE", Column::Number(2)),
    ];
    if page.has_relative_risk() {
        columns.push(("REL_RISK", Column::Number(2)));
    }
    let mut table = Table::new(columns, page.is_yes("PrintAsciiColumnHeaders"));
    for figures in &page.outcome.places {
        let place = page.project.data.places.get(figures.place);
        let is_comparable = figures.expected > 0.0;
        let mut values = vec![
            Value::Text(place.map_or_else(String::new, |place| place.name.clone())),
            Value::Number(to_f64(figures.observed)),
            Value::Number(figures.expected),
            // Where nothing is expected there is nothing to compare with.
            Value::from(is_comparable.then(|| figures.ratio())),
        ];
        if page.has_relative_risk() {
            values.push(figures.relative_risk.filter(|_| is_comparable).into());
        }
        table.add(values);
    }
    table.into_text()
}

/// The maximum of each replication.
pub(super) fn ratios(page: &Page<'_>) -> String {
    let name = if page.model() == Model::Permutation {
        "TST_STAT"
    } else {
        "LLR"
    };
    let mut table = Table::new(
        vec![(name, Column::Number(6))],
        page.is_yes("PrintAsciiColumnHeaders"),
    );
    for ratio in &page.outcome.simulated {
        table.add(vec![Value::Number(*ratio)]);
    }
    table.into_text()
}
