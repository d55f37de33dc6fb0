//! How well the access review does: simulated years of a county's desk with planted misuse, none of them used for tuning. The
//! example of `anlan-app` simulates and judges; here is how it is run and what its figures are held to.

use super::examples::Example;
use super::{Bar, Figures};
use crate::repo::Repo;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Percent of legitimate looks that must be explained.
const EXPLAINED: f64 = 97.0;
/// Percent of planted incidents that must stand in the first hundredth of the queue.
const FOUND: f64 = 90.0;

/// What the example tells of one year.
#[derive(Debug, Deserialize)]
struct Year {
    seed: u64,
    entries: u64,
    looks: u64,
    explained: f64,
    planted_looks: u64,
    planted_explained: f64,
    account_days: u64,
    first_hundredth: u64,
    /// Of each kind: found and planted.
    kinds: BTreeMap<String, (u64, u64)>,
}

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let example = Example::build(repo, "anlan-app", "misuse")?;
    let text = example.text(&[])?;
    let years = text
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("not understood: {line}")))
        .collect::<Result<Vec<Year>>>()?;
    tell(&years, figures);
    Ok(())
}

fn tell(years: &[Year], figures: &mut Figures) {
    let sum = |of: fn(&Year) -> f64| years.iter().map(of).sum::<f64>();
    let seeds: Vec<String> = years.iter().map(|year| year.seed.to_string()).collect();
    let looks = sum(|year| number(year.looks));
    let beside = format!(
        "{looks:.0} looks of {} simulated years (seeds {}), {:.0} entries",
        years.len(),
        seeds.join(", "),
        sum(|year| number(year.entries))
    );
    let explained = 100.0 * sum(|year| year.explained * number(year.looks)) / looks;
    figures.add(
        "legitimate looks explained",
        (explained, "%"),
        Bar::AtLeast(EXPLAINED),
        beside,
    );
    let planted = sum(|year| number(year.planted_looks));
    let covered = 100.0 * sum(|year| year.planted_explained * number(year.planted_looks)) / planted;
    figures.add(
        "planted looks explained by chance",
        (covered, "%"),
        Bar::None,
        format!("{planted:.0} planted looks"),
    );
    let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (kind, (found, all)) in years.iter().flat_map(|year| &year.kinds) {
        let line = kinds.entry(kind).or_default();
        (line.0, line.1) = (line.0 + found, line.1 + all);
    }
    let whole = kinds
        .values()
        .fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    let queue = format!(
        "{} of {} incidents; queue: {:.0} days of accounts, its first hundredth {:.0}",
        whole.0,
        whole.1,
        sum(|year| number(year.account_days)),
        sum(|year| number(year.first_hundredth))
    );
    figures.add(
        "planted misuse in the first hundredth of the queue",
        (percent(whole), "%"),
        Bar::AtLeast(FOUND),
        queue,
    );
    for (kind, one) in kinds {
        let beside = format!("{} of {}", one.0, one.1);
        figures.add(format!("of it, {kind}"), (percent(one), "%"), Bar::None, beside);
    }
}

fn percent((part, all): (u64, u64)) -> f64 {
    100.0 * number(part) / number(all).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of looks and incidents")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_added_up_and_held_to_their_bars() {
        let year = |seed: u64, explained: f64, found: u64| Year {
            seed,
            entries: 10,
            looks: 100,
            explained,
            planted_looks: 10,
            planted_explained: 0.1,
            account_days: 500,
            first_hundredth: 5,
            kinds: BTreeMap::from([("bulk".to_owned(), (found, 10))]),
        };
        let mut figures = Figures::default();
        tell(&[year(1, 0.99, 10), year(2, 0.97, 7)], &mut figures);
        let value = |name: &str| {
            let figure = figures.all.iter().find(|one| one.name == name).unwrap();
            (figure.value, figure.holds())
        };
        let (explained, holds) = value("legitimate looks explained");
        assert!((explained - 98.0).abs() < 1e-9 && holds);
        assert_eq!(
            value("planted misuse in the first hundredth of the queue"),
            (85.0, false)
        );
        assert_eq!(value("of it, bulk"), (85.0, true));
    }
}
