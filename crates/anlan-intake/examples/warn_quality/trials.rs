//! Outbreaks planted in a series, one at a time, and every method looking at their days. What it finds is kept for the tables.

use super::baselines::{Baseline, Scenario};
use super::charts::{Chart, Look};
use super::live::{self, Counts, Day, Learnt, SPAN_DAYS};
use super::tables::Found;
use anlan_scan::temporal::plant;
use anlan_scan::watch::Area;
use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Range;

/// Cases of an outbreak in standard deviations of the series' count, as Noufaily et al. (2013) have it: k from 2 to 10.
pub(crate) const SIZES: [u32; 3] = [2, 5, 10];
/// Median delay of a case: over in some days, or spread over more than a week.
const SPREADS: [(&str, f64); 2] = [("sharp", 1.0), ("slow", 4.0)];
/// Outbreaks of each kind in each series.
const REPEATS: usize = 16;
/// An outbreak in one place has its cases in so many cells.
const CELLS: usize = 5;
const SEED: u64 = 20_160_123;

/// The standard deviation of a range of counts, at least 1.
fn deviation(counts: &[u32]) -> f64 {
    let many = f64::from(u32::try_from(counts.len().max(2)).unwrap_or(u32::MAX));
    let mean = counts.iter().map(|count| f64::from(*count)).sum::<f64>() / many;
    let squares: f64 = counts
        .iter()
        .map(|count| (f64::from(*count) - mean).powi(2))
        .sum();
    (squares / (many - 1.0)).sqrt().max(1.0)
}

fn numbers(counts: &[u32]) -> Vec<f64> {
    counts.iter().map(|count| f64::from(*count)).collect()
}

/// A series with one outbreak in it.
struct Planted {
    kind: String,
    at: Range<usize>,
    totals: Vec<u32>,
    days: Vec<Vec<(u32, u32)>>,
}

/// One series with everything that its outbreaks share.
struct Bench<'a> {
    baseline: &'a Baseline,
    area: Area,
    /// By judged day; empty for weeks.
    learnt: Vec<Option<Learnt>>,
    /// The methods that do not refuse it.
    charts: Vec<Chart>,
}

/// Tries every method on a series: as it is, and with each outbreak.
pub(crate) fn on_baseline(
    baseline: &Baseline,
    found: &mut Found,
    step: &mut dyn FnMut(),
) -> Result<(), Box<dyn Error>> {
    let counts = Counts {
        totals: &baseline.totals,
        days: &baseline.days,
    };
    let area = live::area(baseline);
    let is_daily = baseline.panel.is_daily();
    let learnt = baseline.judged.clone().filter(|_| is_daily);
    let mut bench = Bench {
        learnt: learnt
            .map(|day| Learnt::of(baseline, &area, counts, day))
            .collect(),
        baseline,
        area,
        charts: Vec::new(),
    };
    found.series(
        baseline.panel,
        &baseline.name,
        baseline.judged.len(),
        &baseline.totals,
    );
    bench.charts = quiet(&bench, counts, found);
    step();
    for (number, planted) in bench.outbreaks()?.into_iter().enumerate() {
        outbreak(&bench, &planted, found);
        if number.is_multiple_of(8) {
            step();
        }
    }
    Ok(())
}

/// The alarms of a series as it is; the methods that take it.
fn quiet(bench: &Bench<'_>, counts: Counts<'_>, found: &mut Found) -> Vec<Chart> {
    let Baseline {
        panel,
        first_day,
        ref judged,
        ..
    } = *bench.baseline;
    let all = numbers(counts.totals);
    let mut taken = Vec::new();
    for chart in Chart::ALL {
        match chart.looks((panel, first_day), &all, judged.clone()) {
            Ok(looks) => {
                found.quiet(panel, chart.word(), looks);
                taken.push(chart);
            }
            Err(why) => found.refused(panel, chart.word(), &bench.baseline.name, &why.to_string()),
        }
    }
    if !panel.is_daily() {
        return taken;
    }
    let days = bench
        .learnt
        .iter()
        .zip(judged.clone())
        .filter_map(|(learnt, day)| {
            let learnt = learnt.as_ref()?;
            Some(learnt.look(&bench.area, counts, day))
        });
    let days: Vec<Day> = days.collect();
    for (word, of) in LIVE {
        found.quiet(panel, word, days.iter().map(of).collect());
    }
    taken
}

type Of = fn(&Day) -> Look;

/// The watch's methods by name.
pub(crate) const LIVE: [(&str, Of); 3] = [
    ("the watch: surge", |day| day.surge),
    ("the watch: local cluster", |day| day.local),
    ("the watch: both", Day::either),
];

impl Bench<'_> {
    /// Every kind of outbreak, so many times each, each in a copy of the series of its own.
    fn outbreaks(&self) -> Result<Vec<Planted>, Box<dyn Error>> {
        let Baseline { judged, totals, .. } = self.baseline;
        let usual = deviation(totals.get(judged.clone()).unwrap_or_default());
        let places: &[&str] = if self.baseline.panel.is_daily() {
            &["five cells", "everywhere"]
        } else {
            &["everywhere"]
        };
        let mut rng = Pcg64Mcg::seed_from_u64(SEED);
        let kinds = SPREADS
            .into_iter()
            .flat_map(|spread| SIZES.map(|size| (spread, size)));
        let kinds = kinds.flat_map(|kind| places.iter().map(move |place| (kind, *place)));
        let kinds = kinds.flat_map(|kind| std::iter::repeat_n(kind, REPEATS));
        let mut all = Vec::new();
        for (((shape, spread), size), place) in kinds {
            let cases = plant(f64::from(size) * usual, spread, rng.next_u64())?;
            let kind = format!("{shape}, {size} sd, {place}");
            all.push(self.plant(kind, &cases, place == "everywhere", &mut rng));
        }
        Ok(all)
    }

    fn plant(&self, kind: String, cases: &[u32], is_everywhere: bool, rng: &mut Pcg64Mcg) -> Planted {
        let Baseline {
            judged, totals, days, ..
        } = self.baseline;
        let room = judged.len().saturating_sub(cases.len()).max(1);
        let start = judged.start + below(rng, room);
        let at = start..(start + cases.len()).min(judged.end);
        let mut planted = Planted {
            kind,
            at: at.clone(),
            totals: totals.clone(),
            days: days.clone(),
        };
        let learnt = self.learnt.get(start - judged.start).and_then(Option::as_ref);
        let shares = learnt.map(Learnt::shares).unwrap_or_default();
        // The middle lies where the group's cases lie.
        let middle = by_share(shares, rng);
        let cells: Vec<u32> = self.area.around(middle).iter().take(CELLS).copied().collect();
        for (day, more) in at.zip(cases) {
            if let Some(total) = planted.totals.get_mut(day) {
                *total += more;
            }
            let drawn = (0..*more).map(|_| match cells.get(below(rng, cells.len())) {
                Some(cell) if !is_everywhere => *cell,
                _ => by_share(shares, rng),
            });
            let drawn: Vec<u32> = drawn.collect();
            if let Some(day) = planted.days.get_mut(day) {
                *day = with(day, &drawn);
            }
        }
        planted
    }

    /// What the watch says on the days of an outbreak: after some days it teaches, too.
    fn days(&self, planted: &Planted) -> Vec<Day> {
        let counts = Counts {
            totals: &planted.totals,
            days: &planted.days,
        };
        let on = |day: usize| {
            let known = self.learnt.get(day - self.baseline.judged.start)?.as_ref();
            if day < planted.at.start + SPAN_DAYS {
                return known.map(|learnt| learnt.look(&self.area, counts, day));
            }
            let own = Learnt::of(self.baseline, &self.area, counts, day)?;
            Some(own.look(&self.area, counts, day))
        };
        planted.at.clone().filter_map(on).collect()
    }
}

/// Lets every method look at the days of one outbreak.
fn outbreak(bench: &Bench<'_>, planted: &Planted, found: &mut Found) {
    let Baseline {
        panel,
        first_day,
        ref judged,
        ..
    } = *bench.baseline;
    let counts = numbers(&planted.totals);
    let after = planted.at.start - judged.start;
    for chart in &bench.charts {
        if let Ok(looks) = chart.follow((panel, first_day), &counts, (judged.start, planted.at.clone())) {
            found.outbreak((panel, chart.word()), &planted.kind, looks, after);
        }
    }
    if panel.is_daily() {
        let days = bench.days(planted);
        for (word, of) in LIVE {
            found.outbreak((panel, word), &planted.kind, days.iter().map(of).collect(), after);
        }
    }
}

/// A scenario has its outbreaks already.
pub(crate) fn on_scenario(scenario: &Scenario, found: &mut Found) {
    let Baseline {
        ref name,
        panel,
        ref totals,
        ref judged,
        ..
    } = scenario.quiet;
    found.series(panel, name, judged.len(), totals);
    let (quiet, noisy) = (numbers(totals), numbers(&scenario.totals));
    for chart in Chart::ALL {
        match chart.looks((panel, 0), &quiet, judged.clone()) {
            Ok(looks) => found.quiet(panel, chart.word(), looks),
            Err(why) => {
                found.refused(panel, chart.word(), name, &why.to_string());
                continue;
            }
        }
        for outbreak in &scenario.outbreaks {
            let at = *outbreak.at.start()..(*outbreak.at.end() + 1).min(judged.end);
            let after = at.start - judged.start;
            if let Ok(looks) = chart.follow((panel, 0), &noisy, (judged.start, at)) {
                found.outbreak((panel, chart.word()), "as published", looks, after);
            }
        }
    }
}

/// A whole number from 0 to below `most`, 0 where `most` is 0.
fn below(rng: &mut Pcg64Mcg, most: usize) -> usize {
    let most = u64::try_from(most).unwrap_or(1).max(1);
    usize::try_from(rng.next_u64() % most).unwrap_or(0)
}

/// A place drawn by its share.
fn by_share(shares: &[f64], rng: &mut Pcg64Mcg) -> u32 {
    let all: f64 = shares.iter().sum();
    let mut left = f64::from(rng.next_u32()) / f64::from(u32::MAX) * all;
    for (place, share) in (0..).zip(shares) {
        left -= share;
        if left <= 0.0 {
            return place;
        }
    }
    0
}

/// A day's counts by place with more cases.
fn with(day: &[(u32, u32)], more: &[u32]) -> Vec<(u32, u32)> {
    let mut sums: BTreeMap<u32, u32> = day.iter().copied().collect();
    for place in more {
        *sums.entry(*place).or_default() += 1;
    }
    sums.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::baselines::Panel;
    use super::*;

    fn made() -> Baseline {
        let side = 6;
        let day = |at: u32| {
            (0..side * side)
                .map(|place| (place, 1 + (at * 5 + place) % 3))
                .collect::<Vec<_>>()
        };
        let days: Vec<Vec<(u32, u32)>> = (0..120).map(day).collect();
        Baseline {
            name: "made".to_owned(),
            panel: Panel::Months,
            first_day: 17_000,
            totals: days
                .iter()
                .map(|day| day.iter().map(|(_, count)| count).sum())
                .collect(),
            days,
            middles: (0..side * side)
                .map(|place| [f64::from(place % side) * 1500.0, f64::from(place / side) * 1500.0])
                .collect(),
            judged: 60..120,
        }
    }

    fn bench(baseline: &Baseline) -> Bench<'_> {
        let counts = Counts {
            totals: &baseline.totals,
            days: &baseline.days,
        };
        let area = live::area(baseline);
        Bench {
            learnt: baseline
                .judged
                .clone()
                .map(|day| Learnt::of(baseline, &area, counts, day))
                .collect(),
            baseline,
            area,
            charts: Vec::new(),
        }
    }

    #[test]
    fn outbreaks_lie_where_they_are_said_to_and_nowhere_else() {
        let baseline = made();
        let bench = bench(&baseline);
        let all = bench.outbreaks().unwrap();
        assert_eq!(all.len(), 2 * 3 * 2 * 16);
        for planted in &all {
            assert!(planted.at.start >= 60 && planted.at.end <= 120 && !planted.at.is_empty());
            let mut cells = std::collections::BTreeSet::new();
            for (at, (more, of_old)) in planted.days.iter().zip(&baseline.days).enumerate() {
                let sum = |day: &[(u32, u32)]| day.iter().map(|(_, count)| count).sum::<u32>();
                assert_eq!(sum(more), planted.totals[at]);
                assert!(planted.at.contains(&at) || more == of_old);
                let old: BTreeMap<u32, u32> = of_old.iter().copied().collect();
                cells.extend(
                    more.iter()
                        .filter(|(place, count)| old[place] < *count)
                        .map(|(place, _)| *place),
                );
            }
            assert!(planted.totals[planted.at.start] > baseline.totals[planted.at.start]);
            assert!(
                cells.len() <= 5 || planted.kind.ends_with("everywhere"),
                "{}",
                planted.kind
            );
        }
        let again = bench.outbreaks().unwrap();
        assert!(
            all.iter()
                .zip(&again)
                .all(|(a, b)| a.totals == b.totals && a.days == b.days)
        );
    }

    #[test]
    fn the_watch_sees_a_large_outbreak_in_its_cells_and_little_else() {
        let baseline = made();
        let bench = bench(&baseline);
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let planted = bench.plant("x, five cells".to_owned(), &[40, 40], false, &mut rng);
        let days = bench.days(&planted);
        assert_eq!(days.len(), 2);
        assert!(days[0].local.alarm && days[0].either().alarm, "{days:?}");
        let counts = Counts {
            totals: &baseline.totals,
            days: &baseline.days,
        };
        let quiet = bench.learnt[3].as_ref().unwrap().look(&bench.area, counts, 63);
        assert!(!quiet.either().alarm, "{quiet:?}");
    }
}
