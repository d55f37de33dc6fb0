//! Reads the reference vectors for tests; says so where they are absent. It compares nothing itself but numbers.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses its part of this"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test finds its data through the environment, says what it skips and fails by panic"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The folder of the vectors, if it is there.
pub(crate) fn folder() -> Option<PathBuf> {
    let root = std::env::var("ANLAN_SHARED").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = root.join("vectors/temporal");
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "skipped: {} is absent; set ANLAN_SHARED to the folder of shared data",
        folder.display()
    );
    None
}

/// A file of named columns; what is not a number is `None`.
pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    columns: Vec<Vec<String>>,
}

impl Table {
    /// A file without quoted fields, which all of these are.
    pub(crate) fn read(path: &str) -> Option<Self> {
        let text = std::fs::read_to_string(folder()?.join(path)).unwrap();
        let mut lines = text.lines();
        let names = names(lines.next().unwrap());
        let mut columns = vec![Vec::new(); names.len()];
        for line in lines {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields.len(), names.len(), "{path}: {line}");
            for (column, field) in columns.iter_mut().zip(fields) {
                column.push(field.to_owned());
            }
        }
        Some(Self { names, columns })
    }

    pub(crate) fn words(&self, name: &str) -> Option<&[String]> {
        let at = self.names.iter().position(|known| known == name)?;
        self.columns.get(at).map(Vec::as_slice)
    }

    pub(crate) fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        let words = self.words(name).unwrap_or_else(|| panic!("no column {name}"));
        words
            .iter()
            .map(|word| word.parse::<f64>().ok().filter(|v| v.is_finite()))
            .collect()
    }

    pub(crate) fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }
}

/// Column names; those of age groups have a comma of their own: `[75,85)`.
fn names(header: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in header.split(',') {
        match names.last_mut() {
            Some(open) if open.starts_with('[') && !open.ends_with(')') => {
                open.push(',');
                open.push_str(part);
            }
            _ => names.push(part.to_owned()),
        }
    }
    names
}

/// One configuration of the index.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) dataset: String,
    pub(crate) series: String,
    pub(crate) config: String,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) file: String,
    pub(crate) cpu_seconds: f64,
    pub(crate) note: String,
}

impl Case {
    pub(crate) fn name(&self) -> String {
        format!("{}/{} {}", self.dataset, self.series, self.config)
    }

    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str)
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.word(key)?.parse().ok()
    }

    pub(crate) fn count(&self, key: &str) -> Option<usize> {
        self.word(key)?.parse().ok()
    }

    /// The golden output and the range of time points it covers.
    pub(crate) fn golden(&self) -> (Table, std::ops::Range<usize>) {
        let table = Table::read(&format!("surveillance/{}", self.file)).unwrap();
        let times: Vec<usize> = table
            .words("t")
            .unwrap()
            .iter()
            .map(|t| t.parse().unwrap())
            .collect();
        let (first, last) = (*times.first().unwrap(), *times.last().unwrap());
        assert_eq!(last - first + 1, times.len(), "{} has no plain range", self.file);
        (table, first - 1..last)
    }
}

/// All configurations of one method, in the order of the index.
pub(crate) fn cases(method: &str) -> Option<Vec<Case>> {
    let index = Table::read("surveillance/INDEX.csv")?;
    let word = |name: &str, row: usize| index.words(name).unwrap().get(row).unwrap().clone();
    let cases = (0..index.rows())
        .filter(|&row| word("method", row) == method)
        .map(|row| Case {
            dataset: word("dataset", row),
            series: word("series", row),
            config: word("config", row),
            settings: word("cfg", row)
                .split(' ')
                .filter_map(|part| part.split_once('='))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            file: word("file", row),
            cpu_seconds: word("cpu_s", row).parse().unwrap_or(0.0),
            note: word("note", row),
        })
        .collect();
    Some(cases)
}

/// A series of the vectors.
pub(crate) struct Loaded {
    pub(crate) counts: Vec<f64>,
    pub(crate) days: Option<Vec<i32>>,
    pub(crate) population: Option<Vec<f64>>,
    pub(crate) per_year: u16,
}

fn plain(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

fn column(table: &Table, series: &str) -> Option<Vec<f64>> {
    let name = table.names.iter().find(|name| plain(name) == series)?;
    table.numbers(name).into_iter().collect()
}

/// Days since 1970-01-01 of year-month-day.
fn day(text: &str) -> i32 {
    let mut parts = text.split('-').map(|part| part.parse::<i32>().unwrap());
    let (y, m, d) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    // Fliegel & Van Flandern 1968.
    let a = (m - 14) / 12;
    d - 32_075 + 1461 * (y + 4800 + a) / 4 + 367 * (m - 2 - a * 12) / 12
        - 3 * ((y + 4900 + a) / 100) / 4
        - 2_440_588
}

pub(crate) fn series(dataset: &str, series: &str) -> Loaded {
    let table = Table::read(&format!("surveillance/series/{dataset}.csv")).unwrap();
    let days = table
        .words("date")
        .map(|dates| dates.iter().map(|date| day(date)).collect());
    let population = folder()
        .unwrap()
        .join(format!("surveillance/series/{dataset}_population.csv"))
        .is_file()
        .then(|| Table::read(&format!("surveillance/series/{dataset}_population.csv")).unwrap());
    Loaded {
        counts: column(&table, series).unwrap_or_else(|| panic!("{dataset} has no {series}")),
        days,
        population: population.and_then(|table| column(&table, series)),
        per_year: table.words("freq").unwrap().first().unwrap().parse().unwrap(),
    }
}

/// The largest relative difference and its row; infinite where one has a value and the other has none.
pub(crate) fn worst(found: impl IntoIterator<Item = Option<f64>>, wanted: &[Option<f64>]) -> (f64, usize) {
    worst_above(1e-12, found, wanted)
}

/// The same, values below `floor` compared as if they were `floor`.
pub(crate) fn worst_above(
    floor: f64,
    found: impl IntoIterator<Item = Option<f64>>,
    wanted: &[Option<f64>],
) -> (f64, usize) {
    let found: Vec<Option<f64>> = found.into_iter().collect();
    if found.len() != wanted.len() {
        return (f64::INFINITY, found.len());
    }
    let error = |(found, wanted): (&Option<f64>, &Option<f64>)| match (found, wanted) {
        (None, None) => 0.0,
        (Some(found), Some(wanted)) if !found.is_nan() => (found - wanted).abs() / wanted.abs().max(floor),
        _ => f64::INFINITY,
    };
    let errors = found.iter().zip(wanted).map(error).zip(0..);
    errors.fold(
        (0.0, 0),
        |worst, next| if next.0 > worst.0 { next } else { worst },
    )
}

/// The same for yes and no, which the vectors write as 1 and 0.
pub(crate) fn same(found: impl IntoIterator<Item = bool>, wanted: &[Option<f64>]) -> (f64, usize) {
    let numbers = found.into_iter().map(|yes| Some(f64::from(u8::from(yes))));
    worst(numbers, wanted)
}

/// Counts configurations that agree and prints those that do not.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) agree: usize,
    pub(crate) explained: usize,
    pub(crate) differ: Vec<String>,
    pub(crate) largest: f64,
}

impl Tally {
    /// One configuration: named columns with their worst difference.
    pub(crate) fn add(&mut self, name: &str, columns: &[(&str, (f64, usize))]) {
        let failing: Vec<String> = columns
            .iter()
            .filter(|(_, (error, _))| *error > 1e-6)
            .map(|(column, (error, row))| format!("{column} {error:.2e} at row {row}"))
            .collect();
        let largest = columns.iter().map(|(_, (error, _))| *error).fold(0.0, f64::max);
        if failing.is_empty() {
            self.agree += 1;
            self.largest = self.largest.max(largest);
        } else {
            self.differ.push(format!("{name}: {}", failing.join(", ")));
        }
    }

    /// Prints the figures; fails if anything differs.
    pub(crate) fn finish(self, method: &str) {
        println!(
            "{method}: {} agree (largest relative difference {:.1e}), {} explained, {} differ",
            self.agree,
            self.largest,
            self.explained,
            self.differ.len()
        );
        for line in &self.differ {
            println!("  {line}");
        }
        assert!(self.differ.is_empty(), "{method}: {} differ", self.differ.len());
    }
}
