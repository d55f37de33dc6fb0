//! `cargo xtask bench NAME`: figures, each beside its bar and its peer, with the machine's load. The measuring is in
//! one file per bench below; here is only how figures are judged and told.

mod start;

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
type Bench = (&'static str, &'static str, fn(&Repo) -> Result<Vec<Figure>>);

/// Every bench there is.
const BENCHES: &[Bench] = &[(
    "start",
    "how soon the program answers and how much memory it idles at",
    start::measure,
)];

/// What a figure has to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bar {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    #[cfg_attr(not(test), expect(dead_code, reason = "every bar so far is an upper one"))]
    AtLeast(f64),
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

impl Figure {
    /// Whether it keeps its bar.
    pub(crate) fn holds(&self) -> bool {
        match self.bar {
            Bar::AtMost(most) => self.value <= most,
            Bar::AtLeast(least) => self.value >= least,
        }
    }

    fn row(&self) -> [String; 5] {
        let (sign, bar) = match self.bar {
            Bar::AtMost(most) => ("≤", most),
            Bar::AtLeast(least) => ("≥", least),
        };
        let mark = if self.holds() { "✓" } else { "✗" };
        let peer = self.peer.clone().unwrap_or_else(|| "–".to_owned());
        let value = format!("{} {}", number(self.value), self.unit);
        [
            mark.to_owned(),
            self.name.clone(),
            value,
            format!("{sign} {}", number(bar)),
            peer,
        ]
    }

    fn json(&self) -> serde_json::Value {
        let (Bar::AtMost(bar) | Bar::AtLeast(bar)) = self.bar;
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "bar": bar, "holds": self.holds() })
    }
}

/// The command. Fails if a figure does not keep its bar.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    let Some(name) = &options.name else {
        for (name, what, _) in BENCHES {
            println!("{name:<10} {what}");
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
    println!("load before: {}", load());
    let figures = measure(repo)?;
    print_table(&figures);
    println!("load after: {}", load());
    if let Some(file) = &options.json {
        let list: Vec<_> = figures.iter().map(Figure::json).collect();
        let text = serde_json::to_string_pretty(&json!({ "figures": list }))?;
        fs::write(file, format!("{text}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if figures.iter().all(Figure::holds) {
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

/// The machine's load over 1, 5 and 15 minutes.
fn load() -> String {
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
