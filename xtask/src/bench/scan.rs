//! Scan statistics and temporal detectors: what they cost, beside their bars and the figures of the reference program.
//! The library's own examples measure, each as a process of its own; here is what they are asked and what it means.

mod ladder;
mod live;
mod reference;

use super::examples::Example;
use super::{Bar, Figures};
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use ladder::{Found, Ladder};

/// Every part, one after another. A part that cannot be measured here says so itself.
const PARTS: &[fn(&Repo, &mut Figures) -> Result<()>] = &[
    spatial,
    space_time,
    growth,
    threads,
    large,
    reference::measure,
    live::county,
    live::province,
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
    // What takes a tenth of a second is disturbed by all that goes on beside it.
    let times = if known.is_spatial { 15 } else { 3 };
    let found = ladder.best_of(times, &format!("{} folder={}", known.task, folder.display()))?;
    let peer = format!(
        "SaTScan 10.3.2, one thread, {:.1} s: {:.1} times; {:.0} MiB, p {}",
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
            "space-time, days in the study, cases as many",
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

/// Two threads against one: the same replications, so the same work. By the clock that is seen only where the machine has two
/// processors to spare: so the best of some pairs, and beside it what the processor says, which holds at any load.
fn threads(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let ladder = Ladder::build(repo)?;
    let task = "permutation km=5 places=5000 replications=1999";
    let mut pairs = Vec::new();
    for _ in 0..3 {
        let pair = (
            ladder.run(&format!("{task} threads=1"))?,
            ladder.run(&format!("{task} threads=2"))?,
        );
        let (one, two) = &pair;
        if (one.statistic, one.p) != (two.statistic, two.p) {
            bail!(
                "two threads found other numbers than one: p {} and {}",
                one.p,
                two.p
            );
        }
        pairs.push(pair);
    }
    let faster = |(one, two): &(Found, Found)| one.wall_s / two.wall_s.max(0.01);
    pairs.sort_by(|one, other| faster(other).total_cmp(&faster(one)));
    let best = pairs.first().context("nothing was measured")?;
    let (one, two) = best;
    let beside = format!(
        "{:.2} s and {:.2} s by the clock, load {}",
        one.wall_s,
        two.wall_s,
        super::load()
    );
    figures.add(
        "two threads, times faster",
        (faster(best), ""),
        Bar::AtLeast(1.7),
        beside,
    );
    figures.add(
        "two threads, processor time to that of one",
        (two.cpu_s / one.cpu_s.max(0.01), ""),
        Bar::AtMost(1.15),
        format!("{:.2} and {:.2} CPU s", one.cpu_s, two.cpu_s),
    );
    let alone = one.cpu_s - one.side_by_side_s;
    figures.add(
        "share of one thread's work that several can do side by side",
        (100.0 * one.side_by_side_s / one.cpu_s.max(0.01), "%"),
        Bar::AtLeast(85.0),
        format!("{alone:.2} of {:.2} CPU s by one thread alone", one.cpu_s),
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
    let index = super::node::shared(repo, "vectors/temporal/surveillance/INDEX.csv");
    let index = index.map(|path| path.to_string_lossy().into_owned());
    let words: Vec<&str> = index.as_deref().into_iter().collect();
    let text = Example::build(repo, "anlan-scan", "farrington_many")?.text(&words)?;
    let seconds = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let before = line.split(" CPU seconds").next()?;
        before.rsplit(' ').next()?.parse::<f64>().ok()
    };
    let daily = seconds("daily").context("the measurement of the temporal detectors told no figures")?;
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
