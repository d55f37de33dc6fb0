//! The watch's own two methods on daily counts, as a node runs them: the same learning, simulation, statistics and rules, with one look
//! a day at its end. It knows no hours, no events and no store; the program's watch adds those.

use super::baselines::Baseline;
use super::charts::Look;
use anlan_scan::watch::{Area, DayFacts, Expected, Null, Shares, Terms, Usual, Usually, surge, sweep};

/// As in the plan that ships.
const DAYS_MIN: usize = 28;
const DAYS_MAX: usize = 730;
const OBSERVED_MIN: u32 = 5;
const RATIO_MIN: f64 = 1.5;
const RADIUS_M: f64 = 6000.0;
const TERMS: Terms = Terms {
    trend: true,
    season: true,
    weekday: true,
    special: false,
};
/// As in the watch.
pub(crate) const SPAN_DAYS: usize = 3;
const SURGE_DAYS: usize = 2;
const PLACES_MAX: usize = 60;
const REPLICATIONS: u32 = 199;
const SEED: u64 = 1;
/// The watch counts two looks a day, and shares one false alarm a year between its two methods.
const P_ALARM: f64 = 1.0 / (2.0 * 2.0 * 365.25);

/// What the watch says of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Day {
    pub(crate) surge: Look,
    pub(crate) local: Look,
}

impl Day {
    /// Both methods together.
    pub(crate) fn either(&self) -> Look {
        Look {
            alarm: self.surge.alarm || self.local.alarm,
            score: self.surge.score.max(self.local.score),
        }
    }
}

/// Counts of a series: all, and by place.
#[derive(Clone, Copy)]
pub(crate) struct Counts<'a> {
    pub(crate) totals: &'a [u32],
    pub(crate) days: &'a [Vec<(u32, u32)>],
}

/// What is known of one day.
pub(crate) struct Learnt {
    usually: Vec<Usually>,
    means: Vec<f64>,
    shares: Shares,
    null: Null,
}

pub(crate) fn area(baseline: &Baseline) -> Area {
    Area::new(&baseline.middles, RADIUS_M, PLACES_MAX)
}

impl Learnt {
    /// What is usual on a day, from the days before; the last ones do not teach. `None` while they are too few.
    pub(crate) fn of(baseline: &Baseline, area: &Area, counts: Counts<'_>, day: usize) -> Option<Self> {
        let from = (day + 1).saturating_sub(DAYS_MAX);
        let taught = (day + 1 - from).checked_sub(SPAN_DAYS)?;
        if taught < DAYS_MIN {
            return None;
        }
        let totals = counts.totals.get(from..=day)?;
        let totals: Vec<f64> = totals.iter().map(|count| f64::from(*count)).collect();
        let teaches: Vec<bool> = (0..totals.len()).map(|at| at < taught).collect();
        let first = baseline.first_day + i32::try_from(from).ok()?;
        let facts: Vec<DayFacts> = (first..).take(totals.len()).map(facts).collect();
        let usual = Usual::learn(&totals, &facts, &teaches, TERMS).ok()?;
        let placed: Vec<&[(u32, u32)]> = counts.days.get(from..=day)?.iter().map(Vec::as_slice).collect();
        let shares = Shares::learn(baseline.middles.len(), &placed, &teaches);
        let all: f64 = 1.0 + totals.iter().take(taught).sum::<f64>();
        let with_place = placed.iter().take(taught).copied().flatten();
        let with_place: f64 = 1.0 + with_place.map(|(_, count)| f64::from(*count)).sum::<f64>();
        let back: Vec<f64> = usual.means.iter().rev().take(SPAN_DAYS).copied().collect();
        let means: Vec<f64> = back.iter().map(|mean| mean * with_place / all).collect();
        let expected = Expected {
            shares: &shares.shares,
            means: &means,
        };
        let null = Null::simulate(area, expected, shares.bursts, REPLICATIONS, SEED);
        let usually = back.iter().take(SURGE_DAYS).map(|mean| Usually {
            mean: *mean,
            dispersion: usual.dispersion,
        });
        Some(Self {
            usually: usually.collect(),
            means,
            shares,
            null,
        })
    }

    /// The places' shares of what is usual.
    pub(crate) fn shares(&self) -> &[f64] {
        &self.shares.shares
    }

    /// What both methods say of a day.
    pub(crate) fn look(&self, area: &Area, counts: Counts<'_>, day: usize) -> Day {
        let back = counts.totals.iter().take(day + 1).rev();
        let back: Vec<u32> = back.take(SURGE_DAYS).copied().collect();
        let surged = surge(&back, &self.usually);
        let surge = surged.map_or(NOTHING, |found| judged(found.p, found.observed, found.expected));
        let expected = Expected {
            shares: &self.shares.shares,
            means: &self.means,
        };
        let back = counts.days.iter().take(day + 1).rev().take(SPAN_DAYS);
        let back: Vec<&[(u32, u32)]> = back.map(Vec::as_slice).collect();
        let found = sweep(area, expected, &back);
        let looks = found
            .iter()
            .map(|one| judged(self.null.p(one.statistic), one.observed, one.expected));
        let local = looks.fold(NOTHING, |most, one| Look {
            alarm: most.alarm || one.alarm,
            score: most.score.max(one.score),
        });
        Day { surge, local }
    }
}

const NOTHING: Look = Look {
    alarm: false,
    score: f64::NEG_INFINITY,
};

/// What is too small to be worth a warning has no score at all.
fn judged(p: f64, observed: u32, expected: f64) -> Look {
    if observed < OBSERVED_MIN || f64::from(observed) < RATIO_MIN * expected {
        return NOTHING;
    }
    Look {
        alarm: p <= P_ALARM,
        score: -p.max(1e-300).ln(),
    }
}

fn facts(day: i32) -> DayFacts {
    DayFacts {
        day,
        // 1 January 1970 was a Thursday.
        weekday: u8::try_from((day + 3).rem_euclid(7)).unwrap_or(0),
        is_special: false,
    }
}
