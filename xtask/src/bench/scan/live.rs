//! The watch of a running node on a made-up year: a county and a province. What is measured is the application's own example;
//! here is what it is asked and what it means.

use super::super::examples::Example;
use super::super::{Bar, Figures};
use crate::repo::Repo;
use anyhow::{Context, Result};

/// One line of the example.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
struct Told {
    figure: String,
    cpu_ms: Option<f64>,
    memory_peak_mib: Option<f64>,
}

/// What the example told.
struct All(Vec<Told>);

impl All {
    /// `PLACES CASES_A_DAY DAYS GROUPS`.
    fn of(repo: &Repo, size: [u32; 4]) -> Result<Self> {
        let words = size.map(|number| number.to_string());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self::read(&Example::build(repo, "anlan-app", "live")?.text(&words)?)
    }

    fn read(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| line.starts_with('{'));
        let told =
            lines.map(|line| serde_json::from_str(line).with_context(|| format!("not understood: {line}")));
        told.collect::<Result<_>>().map(Self)
    }

    fn ms(&self, figure: &str) -> Result<f64> {
        let found = self.0.iter().find(|told| told.figure == figure);
        let ms = found.and_then(|told| told.cpu_ms);
        ms.with_context(|| format!("the measurement of the watch told nothing of \"{figure}\""))
    }

    fn memory(&self) -> f64 {
        self.0.iter().find_map(|told| told.memory_peak_mib).unwrap_or(0.0)
    }
}

/// A county: 300 cells, a year of days, 40 groups of classes, 1,000 reports a day.
pub(super) fn county(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let told = All::of(repo, [300, 1000, 365, 40])?;
    let first = told.ms("first full pass")?;
    let what = "a county (300 cells, 365 days, 40 groups)";
    figures.add(
        format!("{what}, a full pass"),
        (told.ms("full pass")? / 1e3, "CPU s"),
        Bar::AtMost(1.0),
        format!("{:.2} s for the first, {:.0} MiB", first / 1e3, told.memory()),
    );
    let most = told.ms("pass after one report, most")?;
    figures.add(
        format!("{what}, after one report"),
        (told.ms("pass after one report, mean")?, "CPU ms"),
        Bar::AtMost(20.0),
        format!("the mean of 200; {most:.1} ms the most"),
    );
    figures.add(
        format!("{what}, when nothing has changed"),
        (told.ms("look when nothing has changed")?, "CPU ms"),
        Bar::AtMost(1.0),
        "",
    );
    Ok(())
}

/// A province: 20,000 cells, 20,000 reports a day. Its counts are written case by case before: minutes.
pub(super) fn province(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let told = All::of(repo, [20_000, 20_000, 365, 40])?;
    figures.add(
        "a province (20,000 cells, 365 days, 40 groups), a full pass",
        (told.ms("full pass")? / 1e3, "CPU s"),
        Bar::AtMost(60.0),
        format!(
            "{:.1} s for the first, {:.0} MiB, 20,000 reports a day",
            told.ms("first full pass")? / 1e3,
            told.memory()
        ),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_example_are_read() {
        let text = "{\"figure\":\"full pass\",\"places\":300,\"cpu_ms\":812.500}\n\
                    {\"figure\":\"judged\",\"groups_in_full_pass\":40,\"memory_peak_mib\":77}\n";
        let told = All::read(text).unwrap();
        assert!((told.ms("full pass").unwrap() - 812.5).abs() < 1e-9);
        assert!((told.memory() - 77.0).abs() < 1e-9);
        assert!(told.ms("first full pass").is_err());
        assert!(All::read("{\"figure\"}").is_err());
    }
}
