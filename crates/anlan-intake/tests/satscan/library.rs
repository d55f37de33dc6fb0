//! The whole way: the reference's projects through reader, library and writer give the reference's files, field by field, but
//! for what is simulated, and simulated p-values within the error of both simulations.

use crate::reference::{cases, project, rows, text};
use anlan_intake::satscan::Project;
use anlan_intake::satscan::results::{Ended, File, Outcome, Run, print};
use jiff::civil::date;
use std::fmt::Write as _;
use std::path::Path;

/// Replications made here; the reference made 999 or 9,999.
const REPLICATIONS: usize = 199;

/// Columns that rest on random numbers.
const SIMULATED: [&str; 3] = ["P_VALUE", "RECURR_INT", "GBL_PVALUE"];

/// Beginnings of lines of the main results that rest on random numbers, or on the moment of the run.
const OF_THE_RUN: [&str; 10] = [
    "P-value",
    "Recurrence interval",
    "Gumbel P-value",
    "...... 0.",
    "..... 0.",
    ".... 0.",
    "Program run",
    "Program completed",
    "Total Running",
    "Processor Usage",
];

fn found(project: &Project) -> Outcome {
    let ready = project.ready().unwrap_or_else(|fault| unreachable!("{fault}"));
    let replications = usize::try_from(project.settings.replications)
        .unwrap()
        .min(REPLICATIONS);
    let maxima = ready.scan().null(replications, 20_261_126).maxima().to_vec();
    ready.outcome(&ready.scan().clusters(), maxima, Ended::Whole)
}

fn run() -> Run {
    Run {
        began: date(2026, 11, 23).at(9, 34, 15, 0),
        ended: date(2026, 11, 23).at(9, 34, 18, 0),
        seconds: 3,
        threads: 1,
    }
}

/// Rows of columns without those that are simulated.
fn plain(text: &str, told: usize) -> Vec<Vec<String>> {
    let is_told =
        |number: Option<&String>| number.is_none_or(|number| number.parse::<usize>().unwrap() <= told);
    rows(text)
        .into_iter()
        .filter(|row| is_told(row.get("CLUSTER")))
        .map(|row| {
            row.into_iter()
                .filter(|(name, _)| !SIMULATED.contains(&name.as_str()))
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        })
        .collect()
}

/// Lines of the main results without those that are simulated or of the run, and without the blocks of further clusters.
fn plain_lines(text: &str, told: usize) -> Vec<String> {
    let number = |line: &str| {
        line.split_once(".Location IDs")
            .and_then(|(number, _)| number.parse::<usize>().ok())
    };
    let mut is_beyond = false;
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim_end) {
        is_beyond =
            (is_beyond || number(line).is_some_and(|number| number > told)) && !line.starts_with("____");
        let is_plain = !OF_THE_RUN.iter().any(|part| line.trim_start().starts_with(part))
            && !line.contains("SaTScan v")
            && !line.contains("Anlan scan v");
        if is_plain && !is_beyond && !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    lines
}

fn first_difference<T: PartialEq + std::fmt::Debug>(wanted: &[T], got: &[T]) -> Option<String> {
    for (index, pair) in wanted.iter().zip(got).enumerate() {
        if pair.0 != pair.1 {
            return Some(format!(
                "{} wanted {:?}\n   got    {:?}",
                index + 1,
                pair.0,
                pair.1
            ));
        }
    }
    (wanted.len() != got.len()).then(|| format!("{} wanted, {} got", wanted.len(), got.len()))
}

fn compare(case: &Path, files: &[File], told: usize, said: &mut String) {
    for File { ending, text: got } in files {
        let wanted = text(case, ending);
        let difference = match *ending {
            ".llr.txt" => (wanted.lines().next() != got.lines().next()).then(|| "another head".to_owned()),
            ".txt" => first_difference(&plain_lines(&wanted, told), &plain_lines(got, told)),
            _ => first_difference(&plain(&wanted, told), &plain(got, told)),
        };
        if let Some(difference) = difference {
            let name = case.file_name().unwrap().to_string_lossy();
            let _ = writeln!(said, "{name}{ending}: {difference}");
        }
    }
}

/// Both numbers of exceedances are binomial with the same chance: their difference lies within 3.29 standard deviations
/// in 999 of 1,000 comparisons.
fn is_within_error(wanted: f64, got: f64, wanted_of: f64, got_of: f64) -> bool {
    let pooled = (wanted * wanted_of + got * got_of) / (wanted_of + got_of);
    let deviation = (pooled * (1.0 - pooled) * (1.0 / wanted_of + 1.0 / got_of)).sqrt();
    (wanted - got).abs() <= 3.29 * deviation + 1.0 / wanted_of.min(got_of)
}

/// The p-values of both, cluster by cluster.
fn compare_p_values(case: &Path, project: &Project, outcome: &Outcome, said: &mut String) -> u32 {
    let wanted = rows(&text(case, ".col.txt"));
    let wanted_of = f64::from(project.settings.replications + 1);
    let got_of = f64::from(u32::try_from(outcome.simulated.len()).unwrap() + 1);
    let mut compared = 0;
    for (row, cluster) in wanted.iter().zip(&outcome.clusters) {
        let (wanted, got): (f64, f64) = (row["P_VALUE"].parse().unwrap(), cluster.p_value.unwrap());
        compared += 1;
        if !is_within_error(wanted, got, wanted_of, got_of) {
            let _ = writeln!(
                said,
                "{} cluster {}: p {wanted} wanted, {got} got",
                case.display(),
                row["CLUSTER"]
            );
        }
    }
    compared
}

#[test]
fn the_references_projects_give_the_references_files_and_p_values() {
    let mut said = String::new();
    let mut compared = 0;
    for case in cases() {
        let project = project(&case);
        let mut outcome = found(&project);
        let wanted = rows(&text(&case, ".col.txt")).len();
        compared += compare_p_values(&case, &project, &outcome, &mut said);
        // A cluster whose p-value comes out as 1 is not told, and chance decides which ones these are at the end of the list.
        let tail = outcome.clusters.iter().skip(wanted);
        let least = tail.filter_map(|cluster| cluster.p_value).fold(1.0, f64::min);
        if least < 0.95 {
            let _ = writeln!(said, "{}: a further cluster with p {least}", case.display());
        }
        outcome.clusters.truncate(wanted);
        let told = outcome.clusters.len();
        compare(&case, &print(&project, &outcome, &run()), told, &mut said);
    }
    println!("{compared} p-values compared");
    assert!(said.is_empty(), "\n{said}");
}
