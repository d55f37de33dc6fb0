//! Real counts that outbreaks are planted in, and the published scenarios, where outbreaks are there already. No method is known here.

use anlan_scan::temporal::{Frequency, Outbreak};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Series that are compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Panel {
    /// Daily counts with years of past.
    Years,
    /// Daily counts with months of past.
    Months,
    /// Weekly counts with years of past.
    Weeks,
    /// The published weekly scenarios.
    Scenarios,
}

impl Panel {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Years => "daily, three years of past",
            Self::Months => "daily, months of past",
            Self::Weeks => "weekly, real",
            Self::Scenarios => "weekly, the published scenarios",
        }
    }

    pub(crate) fn frequency(self) -> Frequency {
        match self {
            Self::Years | Self::Months => Frequency::DAILY,
            Self::Weeks | Self::Scenarios => Frequency::WEEKLY,
        }
    }

    pub(crate) fn is_daily(self) -> bool {
        matches!(self, Self::Years | Self::Months)
    }
}

/// One series without outbreaks of ours.
pub(crate) struct Baseline {
    pub(crate) name: String,
    pub(crate) panel: Panel,
    /// Days since 1970-01-01 of index 0; 0 for weeks.
    pub(crate) first_day: i32,
    pub(crate) totals: Vec<u32>,
    /// Counts by place, in order, one list per day; empty for weeks.
    pub(crate) days: Vec<Vec<(u32, u32)>>,
    /// Of the places, in metres on a plane.
    pub(crate) middles: Vec<[f64; 2]>,
    /// The time points that methods look at.
    pub(crate) judged: Range<usize>,
}

/// A scenario: the same series without outbreaks and with, and where they are.
pub(crate) struct Scenario {
    pub(crate) quiet: Baseline,
    pub(crate) totals: Vec<u32>,
    pub(crate) outbreaks: Vec<Outbreak>,
}

/// Weeks judged, as in Noufaily et al. (2013).
const WEEKS_JUDGED: usize = 49;
/// Teaching series that have three years of past and a judged year after them.
const WEEKLY: [&str; 6] = [
    "ha.sts",
    "hepatitisA",
    "k1",
    "n1",
    "salmonella.agona",
    "stsNewport",
];
/// Columns that are no counts.
const NOT_COUNTS: [&str; 5] = ["t", "date", "year", "epoch_in_year", "freq"];

/// A column of a file: its name, and what stands in it.
type Column = (String, Vec<String>);

/// A file's columns.
fn columns(path: &Path) -> Result<Vec<Column>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = text.lines();
    let names = lines
        .next()
        .ok_or_else(|| format!("{} is empty", path.display()))?;
    let mut all: Vec<Column> = names
        .split(',')
        .map(|name| (name.to_owned(), Vec::new()))
        .collect();
    for line in lines {
        for ((_, column), field) in all.iter_mut().zip(line.split(',')) {
            column.push(field.to_owned());
        }
    }
    Ok(all)
}

fn counts(column: &[String]) -> Result<Vec<u32>, Box<dyn Error>> {
    let count = |word: &String| {
        word.parse::<u32>()
            .map_err(|_why| format!("`{word}` is no count").into())
    };
    column.iter().map(count).collect()
}

fn weekly(name: &str, panel: Panel, totals: Vec<u32>) -> Baseline {
    let judged = totals.len().saturating_sub(WEEKS_JUDGED)..totals.len();
    Baseline {
        name: name.to_owned(),
        panel,
        first_day: 0,
        totals,
        days: Vec::new(),
        middles: Vec::new(),
        judged,
    }
}

/// Real weekly series: the teaching data of R's `surveillance`, districts added up.
pub(crate) fn weeks(folder: &Path) -> Result<Vec<Baseline>, Box<dyn Error>> {
    let mut all = Vec::new();
    for name in WEEKLY {
        let mut totals: Vec<u32> = Vec::new();
        for (column, words) in columns(&folder.join(format!("surveillance/series/{name}.csv")))? {
            if NOT_COUNTS.contains(&column.as_str()) {
                continue;
            }
            let more = counts(&words)?;
            totals.resize(more.len(), 0);
            totals.iter_mut().zip(more).for_each(|(sum, count)| *sum += count);
        }
        all.push(weekly(name, Panel::Weeks, totals));
    }
    Ok(all)
}

/// The 42 scenarios of Noufaily et al. (2013), five series each, with their outbreaks in the weeks judged.
pub(crate) fn scenarios(folder: &Path) -> Result<Vec<Scenario>, Box<dyn Error>> {
    let folder = folder.join("noufaily");
    let truth = columns(&folder.join("truth.csv"))?;
    let column = |name: &str| -> Result<&Vec<String>, Box<dyn Error>> {
        let found = truth.iter().find(|(known, _)| known == name);
        Ok(&found.ok_or_else(|| format!("truth.csv has no column {name}"))?.1)
    };
    let mut outbreaks: BTreeMap<&String, Vec<Outbreak>> = BTreeMap::new();
    let weeks = column("start")?.iter().zip(column("end")?);
    for ((series, kind), (start, end)) in column("series")?.iter().zip(column("kind")?).zip(weeks) {
        if kind == "current" {
            let (start, end) = (start.parse::<usize>()?, end.parse::<usize>()?);
            let at = start.saturating_sub(1)..=end.saturating_sub(1);
            outbreaks.entry(series).or_default().push(Outbreak { at });
        }
    }
    let noisy: BTreeMap<String, Vec<String>> = columns(&folder.join("series.csv"))?.into_iter().collect();
    let mut all = Vec::new();
    for (name, words) in columns(&folder.join("baseline_without_outbreaks.csv"))? {
        let (Some(with), Some(outbreaks)) = (noisy.get(&name), outbreaks.get(&name)) else {
            continue;
        };
        all.push(Scenario {
            quiet: weekly(&name, Panel::Scenarios, counts(&words)?),
            totals: counts(with)?,
            outbreaks: outbreaks.clone(),
        });
    }
    Ok(all)
}
