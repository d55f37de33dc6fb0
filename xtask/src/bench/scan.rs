//! Scan statistics and temporal detectors: what they cost, beside their bars and the figures of the reference program.
//! The library's own examples measure, each as a process of its own; here is what they are asked and what it means.

mod ladder;
mod reference;

use super::{Bar, Figures};
use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use ladder::Ladder;

/// Every part, one after another. A part that cannot be measured here says so itself.
const PARTS: &[fn(&Repo, &mut Figures) -> Result<()>] = &[
    spatial,
    space_time,
    growth,
    threads,
    large,
    reference::measure,
    farrington,
];

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    PARTS.iter().try_for_each(|part| part(repo, figures))
}

fn spatial(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let ladder = Ladder::build(repo)?;
    for one in reference::KNOWN.iter().filter(|one| one.is_spatial) {
        beside(repo, &ladder, one, figures)?;
    }
    Ok(())
}

fn space_time(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let ladder = Ladder::build(repo)?;
    for one in reference::KNOWN.iter().filter(|one| !one.is_spatial) {
        beside(repo, &ladder, one, figures)?;
    }
    Ok(())
}

/// One scan of the shared ladder beside the reference's time for the same files.
fn beside(repo: &Repo, ladder: &Ladder, known: &reference::Known, figures: &mut Figures) -> Result<()> {
    let Some(folder) = reference::folder(repo, known.rung) else {
        figures.leave_out(known.name, "needs the shared ladder (ANLAN_SHARED)");
        return Ok(());
    };
    let found = ladder.run(&format!("{} folder={}", known.task, folder.display()))?;
    let peer = format!(
        "SaTScan 10.3.2, one thread, {:.1} s: {:.0} times; {:.0} MiB, p {}",
        known.cpu_s,
        known.cpu_s / found.cpu_s.max(0.01),
        found.peak_mib,
        found.p
    );
    figures.add(
        known.name,
        (found.cpu_s, "CPU s"),
        Bar::AtMost(known.cpu_s / known.times()),
        peer,
    );
    Ok(())
}

/// How cost grows with places, days and replications: the exponent between rungs, each of a ladder of made-up counties.
fn growth(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let ladder = Ladder::build(repo)?;
    // (what grows, task without it, rungs, the most that the exponent may be)
    let rungs: [(&str, &str, &str, [u32; 4], f64); 5] = [
        (
            "spatial scan, places, windows up to half",
            "poisson-space",
            "places",
            [500, 1000, 2000, 4000],
            2.3,
        ),
        (
            "space-time, places, windows of 5 km",
            "permutation km=5",
            "places",
            [1000, 2000, 4000, 8000],
            2.3,
        ),
        (
            "space-time, days in the study",
            "permutation km=5 places=2000",
            "days",
            [90, 180, 365, 730],
            1.2,
        ),
        (
            "space-time, longest span in days",
            "permutation km=5 places=2000",
            "span",
            [8, 16, 32, 64],
            1.2,
        ),
        (
            "space-time, replications",
            "permutation km=5 places=2000",
            "replications",
            [999, 1999, 3999, 7999],
            1.1,
        ),
    ];
    for (name, task, key, steps, most) in rungs {
        let mut costs = Vec::new();
        for step in steps {
            costs.push((step, ladder.run(&format!("{task} {key}={step}"))?.cpu_s.max(0.01)));
        }
        let told: Vec<String> = costs
            .iter()
            .map(|(step, cost)| format!("{step}: {cost:.2}"))
            .collect();
        figures.add(
            format!("growth of the {name}, exponent"),
            (exponent(&costs), ""),
            Bar::AtMost(most),
            format!("CPU s at {}", told.join(", ")),
        );
    }
    Ok(())
}

/// Slope between the first and the last rung, both on logarithmic scales.
fn exponent(costs: &[(u32, f64)]) -> f64 {
    match (costs.first(), costs.last()) {
        (Some((from, least)), Some((until, most))) if from < until => {
            (most / least).ln() / (f64::from(*until) / f64::from(*from)).ln()
        }
        _ => 0.0,
    }
}

/// Two threads against one: the same replications, so the same work.
fn threads(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let ladder = Ladder::build(repo)?;
    let task = "permutation km=5 places=5000 replications=1999";
    let (one, two) = (
        ladder.run(&format!("{task} threads=1"))?,
        ladder.run(&format!("{task} threads=2"))?,
    );
    if (one.statistic, one.p) != (two.statistic, two.p) {
        bail!(
            "two threads found other numbers than one: p {} and {}",
            one.p,
            two.p
        );
    }
    let beside = format!("{:.2} s and {:.2} s by the clock", one.wall_s, two.wall_s);
    figures.add(
        "two threads, times faster",
        (one.wall_s / two.wall_s.max(0.01), ""),
        Bar::AtLeast(1.7),
        beside,
    );
    figures.add(
        "two threads, processor time to that of one",
        (two.cpu_s / one.cpu_s.max(0.01), ""),
        Bar::AtMost(1.15),
        format!("{:.2} and {:.2} CPU s", one.cpu_s, two.cpu_s),
    );
    Ok(())
}

/// A province: 20,000 places over a year, by radius and by a share of the population.
fn large(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let ladder = Ladder::build(repo)?;
    for (name, limit) in [
        ("windows of 5 km", "km=5"),
        ("windows up to a twentieth", "share=0.05"),
    ] {
        let found = ladder.run(&format!("permutation places=20000 {limit} threads=2"))?;
        let what = format!("20,000 places × 365 days, {name}");
        let beside = format!(
            "{:.0} CPU s, {} cases, 999 replications, two threads",
            found.cpu_s, found.cases
        );
        figures.add(
            format!("{what}, by the clock"),
            (found.wall_s, "s"),
            Bar::AtMost(300.0),
            beside,
        );
        figures.add(
            format!("{what}, memory at its peak"),
            (found.peak_mib, "MiB"),
            Bar::AtMost(2048.0),
            "",
        );
    }
    Ok(())
}

/// Ten thousand daily series through the improved Farrington method.
fn farrington(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let mut command = ladder::example(repo, "farrington_many");
    if let Some(index) = super::node::shared(repo, "vectors/temporal/surveillance/INDEX.csv") {
        command.arg(index);
    }
    let (is_good, text) = process::listen(command)?;
    let seconds = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let before = line.split(" CPU seconds").next()?;
        before.rsplit(' ').next()?.parse::<f64>().ok()
    };
    let daily = seconds("daily").filter(|_| is_good);
    let daily = daily.context("the measurement of the temporal detectors told no figures")?;
    let ratio = text.lines().find(|line| line.starts_with("R surveillance"));
    figures.add(
        "10,000 daily series, improved Farrington",
        (daily, "CPU s"),
        Bar::AtMost(10.0),
        ratio.unwrap_or("no figure of R surveillance is at hand"),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_is_the_slope_on_logarithmic_scales() {
        assert!((exponent(&[(10, 1.0), (100, 100.0)]) - 2.0).abs() < 1e-12);
        assert!((exponent(&[(500, 3.0), (1000, 6.0), (2000, 12.0)]) - 1.0).abs() < 1e-12);
        assert!(exponent(&[(10, 1.0)]).abs() < 1e-12);
    }
}
