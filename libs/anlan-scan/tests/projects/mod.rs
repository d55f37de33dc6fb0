//! Reads the reference program's projects and results, as far as the vectors need it. No general reader.

use anlan_scan::scan::{
    Baseline, Census, Coordinates, Geography, Rates, Reach, Settings, Stratum, Study, Time, person_time,
};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the scan vectors, where it is there.
pub(crate) fn root() -> Option<PathBuf> {
    let shared = std::env::var("ANLAN_SHARED").map_or_else(
        |_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("vectors/scan");
    folder.is_dir().then_some(folder)
}

/// One cluster as the reference printed it.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) places: Vec<String>,
    pub(crate) days: Option<(i64, i64)>,
    pub(crate) observed: u32,
    pub(crate) expected: String,
    pub(crate) relative_risk: Option<String>,
    pub(crate) statistic: String,
    pub(crate) radius: Option<String>,
    pub(crate) p_value: f64,
}

/// A project and what the reference made of it.
pub(crate) struct Project {
    pub(crate) names: Vec<String>,
    pub(crate) edges: Vec<i64>,
    pub(crate) geography: Geography,
    pub(crate) settings: Settings,
    pub(crate) replications: usize,
    pub(crate) printed: Vec<Printed>,
    /// The largest statistics of the reference's replications.
    pub(crate) simulated: Vec<f64>,
    cases: Vec<u32>,
    baseline: Baseline,
}

/// Days since 0000-03-01 of a date (Hinnant's algorithm, shifted).
pub(crate) fn day(year: i64, month: i64, of_month: i64) -> i64 {
    let (y, m) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + of_month - 1
}

fn date(text: &str) -> (i64, bool) {
    let parts: Vec<i64> = text.split(['/', '-']).map(|part| part.parse().unwrap()).collect();
    let year = if parts[0] < 100 { 1900 + parts[0] } else { parts[0] };
    match parts[..] {
        [_] => (day(year, 7, 1), false),
        [_, month] => (day(year, month, 15), false),
        _ => (day(year, parts[1], parts[2]), true),
    }
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let rows = text
        .lines()
        .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    rows.filter(|row| !row.is_empty()).collect()
}

impl Project {
    pub(crate) fn read(folder: &Path) -> Self {
        Self::read_as(folder, "ss.prm", "golden.json")
    }

    pub(crate) fn read_as(folder: &Path, parameters: &str, results: &str) -> Self {
        let text = fs::read_to_string(folder.join(parameters)).unwrap();
        let keys: HashMap<&str, &str> = text
            .lines()
            .filter_map(|line| line.trim().split_once('='))
            .collect();
        let edges = edges(&keys);
        let key = |name: &str| keys[name];
        let mut geo = rows(&folder.join(key("CoordinatesFile")));
        // The reference orders places by name, and breaks ties by that order.
        geo.sort_by(|one, other| one[0].cmp(&other[0]));
        let names: Vec<String> = geo.iter().map(|row| row[0].clone()).collect();
        let pairs = geo
            .iter()
            .map(|row| [row[1].parse().unwrap(), row[2].parse().unwrap()])
            .collect();
        let places = if key("CoordinatesType") == "1" {
            Coordinates::LatLong(pairs)
        } else {
            Coordinates::Cartesian(pairs)
        };
        let geography = if key("AnalysisType") == "2" {
            Geography::Whole
        } else {
            Geography::Coordinates {
                places,
                centres: None,
            }
        };
        let has_time = key("PrecisionCaseTimes") != "0";
        let at: HashMap<&str, usize> = names
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), at))
            .collect();
        let counted = |file: &str| count(&rows(&folder.join(file)), &at, &edges, has_time);
        let (cases, strata) = counted(key("CaseFile"));
        let baseline = match key("ModelType") {
            "1" => Baseline::Bernoulli(counted(key("ControlFile")).0),
            "2" => Baseline::PermutationBy(strata.into_values().collect()),
            _ => Baseline::Poisson(expect(
                &rows(&folder.join(key("PopulationFile"))),
                &at,
                &edges,
                &strata,
            )),
        };
        let printed = folder.join(results);
        let simulated = folder.join(parameters.replace(".prm", ".llr.txt"));
        let simulated = if simulated.is_file() {
            rows(&simulated)
        } else {
            Vec::new()
        };
        Self {
            settings: settings(&keys, edges.len() - 1),
            replications: key("MonteCarloReps").parse().unwrap(),
            printed: if printed.is_file() {
                read_printed(&printed)
            } else {
                Vec::new()
            },
            simulated: simulated.iter().filter_map(|row| row[0].parse().ok()).collect(),
            names: names.clone(),
            edges,
            geography,
            cases,
            baseline,
        }
    }

    pub(crate) fn study(&self) -> Study {
        let steps = self.edges.len() - 1;
        Study::new(self.names.len(), steps, self.cases.clone(), self.baseline.clone()).unwrap()
    }
}

fn edges(keys: &HashMap<&str, &str>) -> Vec<i64> {
    let (start, end) = (date(keys["StartDate"]).0, date(keys["EndDate"]).0 + 1);
    let (unit, length) = (
        keys["TimeAggregationUnits"],
        keys["TimeAggregationLength"].parse::<i64>().unwrap(),
    );
    if keys["AnalysisType"] == "1" {
        return vec![start, end];
    }
    let first: Vec<i64> = keys["StartDate"]
        .split('/')
        .map(|part| part.parse().unwrap())
        .collect();
    let edge = |step: i64| match unit {
        "1" => day(first[0] + step * length, first[1], first[2]),
        "2" => {
            let months = first[1] - 1 + step * length;
            day(
                first[0] + months.div_euclid(12),
                months.rem_euclid(12) + 1,
                first[2],
            )
        }
        _ => start + step * length,
    };
    (0..)
        .map(edge)
        .take_while(|edge| *edge < end)
        .chain([end])
        .collect()
}

/// Cases by place and step of each combination of covariates.
type Strata = HashMap<Vec<String>, Vec<u32>>;

/// Cases by place and step, and by combination of covariates.
fn count(
    rows: &[Vec<String>],
    at: &HashMap<&str, usize>,
    edges: &[i64],
    has_time: bool,
) -> (Vec<u32>, Strata) {
    let steps = edges.len() - 1;
    let mut cases = vec![0; at.len() * steps];
    let mut strata = Strata::new();
    for row in rows {
        let many: u32 = row[1].parse().unwrap();
        let step = if has_time {
            let on = date(&row[2]).0;
            edges
                .partition_point(|edge| *edge <= on)
                .checked_sub(1)
                .filter(|step| *step < steps)
        } else {
            Some(0)
        };
        if let Some(step) = step {
            cases[at[row[0].as_str()] * steps + step] += many;
            let covariates = row[if has_time { 3 } else { 2 }..].to_vec();
            let own = strata
                .entry(covariates)
                .or_insert_with(|| vec![0; at.len() * steps]);
            own[at[row[0].as_str()] * steps + step] += many;
        }
    }
    (cases, strata)
}

fn expect(rows: &[Vec<String>], at: &HashMap<&str, usize>, edges: &[i64], cases: &Strata) -> Vec<f64> {
    let mut index: HashMap<Vec<String>, usize> = HashMap::new();
    let mut strata = Vec::new();
    let mut censuses = Vec::new();
    for row in rows {
        let covariates = row[3..].to_vec();
        let stratum = *index.entry(covariates.clone()).or_insert_with(|| {
            let own = cases.get(&covariates).map_or(0, |own| own.iter().sum::<u32>());
            strata.push(Stratum {
                cases: f64::from(own),
            });
            strata.len() - 1
        });
        let (day, is_exact) = date(&row[1]);
        censuses.push(Census {
            place: at[row[0].as_str()],
            stratum,
            day,
            is_exact,
            population: row[2].parse().unwrap(),
        });
    }
    person_time(at.len(), edges, &strata, &censuses).unwrap()
}

fn settings(keys: &HashMap<&str, &str>, steps: usize) -> Settings {
    let number = |name: &str| keys[name].parse::<f64>().unwrap();
    let length = keys["TimeAggregationLength"].parse::<f64>().unwrap();
    let max = if keys["MaxTemporalSizeInterpretation"] == "1" {
        number("MaxTemporalSize") / length
    } else {
        number("MaxTemporalSize") / 100.0 * steps as f64
    };
    let (min, max) = (1, max.floor() as usize);
    let is_limited = keys["UseDistanceFromCenterOption"] == "y";
    Settings {
        reach: Reach {
            population_share_max: number("MaxSpatialSizeInPopulationAtRisk") / 100.0,
            distance_max: if is_limited {
                number("MaxSpatialSizeInDistanceFromCenter")
            } else {
                f64::INFINITY
            },
            ..Reach::default()
        },
        time: match keys["AnalysisType"] {
            "1" => Time::Whole,
            "4" => Time::Alive { min, max },
            _ => Time::Any { min, max },
        },
        rates: match keys["ScanAreas"] {
            "2" => Rates::Low,
            "3" => Rates::Both,
            _ => Rates::High,
        },
        with_spatial: keys["IncludePurelySpatial"] == "y",
        with_temporal: keys["IncludePurelyTemporal"] == "y",
        ..Settings::default()
    }
}

fn read_printed(path: &Path) -> Vec<Printed> {
    let all: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let clusters = all["result"]["clusters"].as_array().unwrap();
    clusters.iter().map(printed).collect()
}

fn printed(cluster: &serde_json::Value) -> Printed {
    let text = |name: &str| cluster[name].as_str().map(str::to_owned);
    let radius = text("Coordinates / radius").and_then(|both| {
        let radius = both
            .split(" / ")
            .nth(1)?
            .trim()
            .trim_end_matches(" km")
            .to_owned();
        Some(radius)
    });
    Printed {
        places: text("Location IDs included")
            .unwrap()
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect(),
        days: text("Time frame").and_then(|frame| {
            let (from, until) = frame.split_once(" to ")?;
            from.contains('/').then(|| (date(from).0, date(until).0))
        }),
        observed: text("Number of cases").unwrap().parse().unwrap(),
        expected: text("Expected cases").unwrap(),
        relative_risk: text("Relative risk"),
        statistic: text("Log likelihood ratio")
            .or_else(|| text("Test statistic"))
            .unwrap(),
        radius,
        p_value: text("P-value").unwrap().parse().unwrap(),
    }
}
