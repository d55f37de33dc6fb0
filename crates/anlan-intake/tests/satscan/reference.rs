//! The reference's projects and result files as values. Tests only.

use anlan_intake::satscan::choices::Model;
use anlan_intake::satscan::dates::Day;
use anlan_intake::satscan::results::{Cluster, Ended, Figures, Gumbel, Outcome, Totals};
use anlan_intake::satscan::{self, Project};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The reference's cases, or nothing with a word about it.
pub(crate) fn cases() -> Vec<PathBuf> {
    let root = std::env::var_os("ANLAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let given = root.join("vectors/scan/given");
    let Ok(entries) = std::fs::read_dir(&given) else {
        let _ = writeln!(
            std::io::stdout(),
            "skipped: no vectors under {} (set ANLAN_SHARED)",
            given.display()
        );
        return Vec::new();
    };
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The project of a case.
pub(crate) fn project(case: &Path) -> Project {
    let bytes = std::fs::read(case.join("ss.prm")).unwrap();
    let files = |name: &str| std::fs::read(case.join(name));
    let (project, faults) = satscan::read("ss.prm", &bytes, &[], &files);
    let said: Vec<String> = faults.list().iter().map(ToString::to_string).collect();
    project.unwrap_or_else(|| unreachable!("{}: {said:?}", case.display()))
}

/// One file of a case.
pub(crate) fn text(case: &Path, ending: &str) -> String {
    std::fs::read_to_string(case.join(format!("ss{ending}"))).unwrap()
}

/// The rows of a file of columns, by the names in its first line.
pub(crate) fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let names: Vec<&str> = head.split_whitespace().collect();
    lines
        .map(|line| {
            let values = line.split_whitespace().map(str::to_owned);
            names.iter().map(|name| (*name).to_owned()).zip(values).collect()
        })
        .collect()
}

type Row = BTreeMap<String, String>;

fn number(row: &Row, name: &str) -> Option<f64> {
    row.get(name)?.parse().ok()
}

fn day(text: &str) -> Day {
    let mut parts = text.split('/').map(|part| part.parse::<i16>().unwrap());
    let year = parts.next().unwrap();
    let month = parts.next().map_or(1, |month| i8::try_from(month).unwrap());
    let day = parts.next().map_or(1, |day| i8::try_from(day).unwrap());
    let date = jiff::civil::date(year, month, day);
    i64::from(date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days())
}

/// Half of the last digit that is printed.
fn half_digit(text: &str) -> f64 {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    0.499 * 0.1_f64.powi(i32::try_from(decimals).unwrap())
}

/// Figures as printed. The expected cases are the value within their rounding that also gives the printed ratio.
fn figures(row: &Row, names: [&str; 5], place: usize) -> Figures {
    let [observed, expected, ratio, risk, population] = names;
    let observed: u64 = row[observed].parse().unwrap();
    let (printed, slack) = (number(row, expected).unwrap(), half_digit(&row[expected]));
    let ratio = number(row, ratio).unwrap_or(0.0);
    let exact = if ratio > 0.0 {
        f64::from(u32::try_from(observed).unwrap()) / ratio
    } else {
        printed
    };
    Figures {
        place,
        observed,
        expected: exact.clamp(printed - slack, printed + slack),
        relative_risk: number(row, risk),
        population: number(row, population),
    }
}

/// What the main results say after a label.
fn labelled(text: &str, label: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.trim_start().starts_with(label))?;
    line.rsplit(": ").next()?.parse().ok()
}

/// What the reference found, from its own files.
pub(crate) fn outcome(case: &Path, project: &Project) -> Outcome {
    let main = text(case, ".txt");
    let index: BTreeMap<&str, usize> = (project.data.places.iter().map(|place| place.name.as_str()))
        .zip(0..)
        .collect();
    let members = rows(&text(case, ".gis.txt"));
    let blocks: Vec<&str> = main.split("Location IDs included").skip(1).collect();
    let clusters = rows(&text(case, ".col.txt"))
        .iter()
        .zip(blocks)
        .map(|(row, block)| cluster(project, row, block, &members, &index))
        .collect();
    let risks = std::fs::read_to_string(case.join("ss.rr.txt")).unwrap_or_default();
    let places = rows(&risks)
        .iter()
        .map(|row| {
            figures(
                row,
                ["OBSERVED", "EXPECTED", "ODE", "REL_RISK", ""],
                *index.get(row["LOC_ID"].as_str()).unwrap(),
            )
        })
        .collect();
    let simulated = text(case, ".llr.txt")
        .lines()
        .skip(1)
        .map(|line| line.trim().parse().unwrap())
        .collect();
    let head = main.split("CLUSTERS DETECTED").next().unwrap();
    let population = labelled(head, "Population, averaged").or_else(|| labelled(head, "Total population"));
    Outcome {
        clusters,
        simulated,
        ended: Ended::Whole,
        totals: Totals {
            places: project.data.places.len(),
            cases: main
                .lines()
                .find_map(|line| line.strip_prefix("Total number of cases..............: "))
                .unwrap()
                .parse()
                .unwrap(),
            population,
            annual_rate: labelled(head, "Annual cases"),
        },
        places,
        intervals: Vec::new(),
    }
}

fn cluster(
    project: &Project,
    row: &Row,
    block: &str,
    members: &[Row],
    index: &BTreeMap<&str, usize>,
) -> Cluster {
    let is_all_places = row["LOC_ID"] == "All";
    let place = |row: &Row| *index.get(row["LOC_ID"].as_str()).unwrap();
    let own = members
        .iter()
        .filter(|member| member["CLUSTER"] == row["CLUSTER"]);
    let axes = if project.settings.is_lat_long {
        ["LATITUDE", "LONGITUDE"]
    } else {
        ["X", "Y"]
    };
    let centre: Option<Vec<f64>> = axes.iter().map(|axis| number(row, axis)).collect();
    let names = ["OBSERVED", "EXPECTED", "ODE", "REL_RISK", "POPULATION"];
    let statistic = number(row, "LLR").or_else(|| number(row, "TEST_STAT")).unwrap();
    let years = project.settings.model != Model::Permutation;
    Cluster {
        members: own
            .map(|member| {
                figures(
                    member,
                    ["LOC_OBS", "LOC_EXP", "LOC_ODE", "LOC_RR", "LOC_POP"],
                    place(member),
                )
            })
            .collect(),
        centre,
        radius: number(row, "RADIUS"),
        span: number(row, "SPAN"),
        ellipse: None,
        days: (day(&row["START_DATE"]), day(&row["END_DATE"])),
        is_all_places,
        figures: figures(row, names, 0),
        annual_rate: labelled(block, "Annual cases").filter(|_| years),
        ratio: statistic,
        statistic,
        rank: 1,
        p_value: number(row, "P_VALUE"),
        gumbel: row.get("GBL_PVALUE").map(|text| match text.as_str() {
            "1e-17" => Gumbel::Below(1e-17),
            other => Gumbel::Is(other.parse().unwrap()),
        }),
        recurrence_days: number(row, "RECURR_INT"),
    }
}
