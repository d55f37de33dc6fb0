//! `cargo xtask bench NAME`: figures, each beside its bar and its peer, with the machine's load. The measuring is in
//! one file per bench below; here is only how figures are judged and told.

mod access;
mod cells;
mod demos;
mod doors;
mod examples;
pub(crate) mod http;
mod imports;
mod million;
mod misuse;
pub(crate) mod node;
mod reports;
mod scan;
mod screens;
mod start;
mod warn_quality;

use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `bench` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Which bench; without a name they are listed
    name: Option<String>,
    /// Also write the figures to this file as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

/// One bench: its name, what it measures, and the function that does.
type Bench = (&'static str, &'static str, fn(&Repo, &mut Figures) -> Result<()>);

/// Every bench there is.
const BENCHES: &[Bench] = &[
    (
        "intake",
        "everything from reports to start, below, one after another",
        intake,
    ),
    (
        "reports",
        "reports over HTTP: server CPU, throughput, answer times, SQL statements",
        reports::measure,
    ),
    (
        "imports",
        "cities' exports: rows a second, memory, and that a second time changes nothing",
        imports::measure,
    ),
    (
        "cells",
        "points to cells among real polygons, against the plain way",
        cells::measure,
    ),
    (
        "million",
        "queue, map and search over a million cases",
        million::measure,
    ),
    (
        "screens",
        "size of the first screen and how soon it is there",
        screens::measure,
    ),
    (
        "start",
        "how soon the program answers and how much memory it idles at",
        start::measure,
    ),
    (
        "scan",
        "scan statistics and temporal detectors beside the reference program's figures",
        scan::measure,
    ),
    (
        "access",
        "decisions of policy; the access log: appends, bulk, proofs, how soon it is signed, what it adds to a report",
        access::measure,
    ),
    (
        "doors",
        "what other systems ask and send: an Open311 list, a feed of alerts",
        doors::measure,
    ),
    (
        "misuse",
        "the access review on simulated years with planted misuse: looks explained, misuse at the head of the queue (takes minutes)",
        misuse::measure,
    ),
    (
        "warn-quality",
        "warnings on outbreaks planted in real counts, method beside method (takes minutes)",
        warn_quality::measure,
    ),
    (
        "demo",
        "`cargo xtask demo` when everything is built",
        demos::measure_warm,
    ),
    (
        "demo-cold",
        "`cargo xtask demo` on a fresh clone (takes minutes)",
        demos::measure_cold,
    ),
];

/// What `intake` is made of.
const INTAKE: &[fn(&Repo, &mut Figures) -> Result<()>] = &[
    reports::measure,
    imports::measure,
    cells::measure,
    million::measure,
    screens::measure,
    start::measure,
];

fn intake(repo: &Repo, figures: &mut Figures) -> Result<()> {
    INTAKE.iter().try_for_each(|part| part(repo, figures))
}

/// What a figure has to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bar {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Nothing: it is there to be compared.
    None,
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// What was measured, in words.
    pub(crate) name: String,
    /// How much.
    pub(crate) value: f64,
    /// In which unit.
    pub(crate) unit: &'static str,
    /// What it has to keep.
    pub(crate) bar: Bar,
    /// What another program needs for the same, or the limit of the machine, measured or cited.
    pub(crate) peer: Option<String>,
}

/// What a bench found.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    all: Vec<Figure>,
    /// What could not be measured here, and why.
    left_out: Vec<String>,
}

impl Figures {
    /// Adds a figure; `peer` says what it compares with, or what it was measured beside.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        (value, unit): (f64, &'static str),
        bar: Bar,
        peer: impl Into<String>,
    ) {
        let figure = Figure {
            name: name.into(),
            value,
            unit,
            bar,
            peer: Some(peer.into()).filter(|peer| !peer.is_empty()),
        };
        println!("   {}: {} {}", figure.name, number(value), unit);
        self.all.push(figure);
    }

    /// Says what is not measured on this machine. That is no failure.
    pub(crate) fn leave_out(&mut self, what: &str, why: &str) {
        println!("   left out: {what}: {why}");
        self.left_out.push(format!("{what}: {why}"));
    }
}

impl Figure {
    /// Whether it keeps its bar.
    pub(crate) fn holds(&self) -> bool {
        match self.bar {
            Bar::AtMost(most) => self.value <= most,
            Bar::AtLeast(least) => self.value >= least,
            Bar::None => true,
        }
    }

    fn row(&self) -> [String; 5] {
        let bar = match self.bar {
            Bar::AtMost(most) => format!("≤ {}", number(most)),
            Bar::AtLeast(least) => format!("≥ {}", number(least)),
            Bar::None => "–".to_owned(),
        };
        let mark = match self.bar {
            Bar::None => " ",
            _ if self.holds() => "✓",
            _ => "✗",
        };
        let peer = self.peer.clone().unwrap_or_else(|| "–".to_owned());
        let value = format!("{} {}", number(self.value), self.unit);
        [mark.to_owned(), self.name.clone(), value, bar, peer]
    }

    fn json(&self) -> serde_json::Value {
        let bar = match self.bar {
            Bar::AtMost(bar) | Bar::AtLeast(bar) => Some(bar),
            Bar::None => None,
        };
        json!({
            "name": self.name, "value": self.value, "unit": self.unit, "bar": bar, "holds": self.holds(),
            "peer": self.peer,
        })
    }
}

/// The command. Fails if a figure does not keep its bar.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    let Some(name) = &options.name else {
        for (name, what, _) in BENCHES {
            println!("{name:<12} {what}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some((_, _, measure)) = BENCHES.iter().find(|(known, ..)| known == name) else {
        let known = BENCHES
            .iter()
            .map(|(name, ..)| *name)
            .collect::<Vec<_>>()
            .join(", ");
        bail!("there is no bench `{name}`; there is: {known}");
    };
    let before = load();
    let mut figures = Figures::default();
    measure(repo, &mut figures)?;
    println!("\nload before: {before}");
    print_table(&figures.all);
    println!("load after: {}", load());
    for line in &figures.left_out {
        println!("left out: {line}");
    }
    if let Some(file) = &options.json {
        let list: Vec<_> = figures.all.iter().map(Figure::json).collect();
        let all = json!({ "load_before": before, "load_after": load(), "figures": list, "left_out": figures.left_out });
        let text = serde_json::to_string_pretty(&all)?;
        fs::write(file, format!("{text}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if figures.all.iter().all(Figure::holds) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print_table(figures: &[Figure]) {
    let head = ["", "figure", "measured", "bar", "peer or limit"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(head)
        .chain(figures.iter().map(Figure::row))
        .collect();
    for row in &rows {
        let [mark, name, value, bar, peer] = row;
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let (name_wide, value_wide, bar_wide) = (width(1), width(2), width(3));
        println!("{mark:<1}  {name:<name_wide$}  {value:>value_wide$}  {bar:>bar_wide$}  {peer}");
    }
}

/// Three digits that matter, and thousands kept apart.
fn number(value: f64) -> String {
    if value.abs() >= 1000.0 {
        let digits = format!("{value:.0}");
        let count = digits.len();
        let spaced = digits.chars().enumerate().flat_map(|(index, digit)| {
            let is_gap = index > 0 && (count - index).is_multiple_of(3);
            is_gap.then_some(',').into_iter().chain(std::iter::once(digit))
        });
        return spaced.collect();
    }
    let places = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        3
    };
    format!("{value:.places$}")
}

/// The value that `share` (0 … 1) of the values do not exceed; 0 of none.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of measurements"
    )]
    let at = (values.len().saturating_sub(1) as f64 * share).ceil() as usize;
    values.get(at).copied().unwrap_or(0.0)
}

/// The machine's load over 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let parts: Vec<&str> = text.split_whitespace().take(3).collect();
    if parts.is_empty() {
        "not told by this system".to_owned()
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, bar: Bar) -> Figure {
        Figure {
            name: "rows".to_owned(),
            value,
            unit: "rows/s",
            bar,
            peer: None,
        }
    }

    #[test]
    fn bars_are_kept_on_their_side() {
        assert!(figure(20_000.0, Bar::AtLeast(20_000.0)).holds());
        assert!(!figure(19_999.0, Bar::AtLeast(20_000.0)).holds());
        assert!(!figure(1.2, Bar::AtMost(1.0)).holds());
        assert_eq!(figure(1.2, Bar::AtMost(1.0)).json()["holds"], false);
        let free = figure(1.2, Bar::None);
        assert!(free.holds() && free.json()["bar"].is_null());
    }

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut values: Vec<f64> = (0..100).rev().map(f64::from).collect();
        for (share, want) in [(0.0, 0.0), (0.5, 50.0), (0.95, 95.0), (1.0, 99.0)] {
            let found = quantile(&mut values, share);
            assert!((found - want).abs() < 1e-9, "{share}: {found}");
        }
        assert!(quantile(&mut [], 0.95).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_told_shortly() {
        for (value, want) in [
            (12_345.6, "12,346"),
            (1000.0, "1,000"),
            (123.4, "123"),
            (12.34, "12.3"),
            (0.1234, "0.123"),
        ] {
            assert_eq!(number(value), want);
        }
    }
}
