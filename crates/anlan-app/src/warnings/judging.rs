//! Judging a class group at a moment: what is usual, what is seen, how often chance would do as much. Pure; no store.

use super::tally::{DayCounts, Tally};
use anlan_model::ids::CellId;
use anlan_model::warnings::{Method, WatchGroup, WatchPlan};
use anlan_scan::watch::{
    Area, Expected, Null, Shares, Terms, Usual, Usually, dispersion_of, surge, sweep, upper_tail,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Looks at a growing day are many but hang together; they raise its largest statistic about as much as so many
/// independent ones. The test on imported years holds the budget with it.
const LOOKS_PER_DAY: f64 = 2.0;
/// Simulated days behind a null law; a Gumbel tail is fitted to their maxima.
const REPLICATIONS: u32 = 199;
/// A surge is looked for over today, and over yesterday and today.
const SURGE_DAYS_MAX: usize = 2;
/// What is rarer is written as this: a thousand years.
const RECURRENCE_DAYS_MAX: f64 = 365_250.0;
const SEED: u64 = 0x616e_6c61_6e31;

/// What was learnt of a class group.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) usual: Usual,
    pub(crate) shares: Shares,
    /// Share of a day's counts that is in by the end of each hour.
    profile: [f64; 24],
    /// Which days taught.
    teaches: Vec<bool>,
    /// Share of counts whose place is known.
    placed: f64,
    area: Arc<Area>,
    /// What chance does by each hour of the day that was looked at so far: it stays as long as the model does.
    by_hour: BTreeMap<u8, Chance>,
}

/// What chance does by an hour of the day.
#[derive(Debug, Clone, Copy, Default)]
struct Chance {
    /// To windows of neighbouring places.
    null: Option<Null>,
    /// To the whole day's count so far: its overdispersion.
    dispersion: Option<f64>,
}

/// When it is: index of the day, hour, and share of the hour gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) day: usize,
    pub(crate) hour: u8,
    pub(crate) part: f64,
}

/// What a method saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    pub(crate) method: Method,
    pub(crate) cells: Vec<CellId>,
    /// The same as places of the tally.
    places: Vec<u32>,
    /// Days of the window, today included.
    pub(crate) days: usize,
    pub(crate) observed: u32,
    pub(crate) expected: f64,
    pub(crate) statistic: f64,
    pub(crate) recurrence_days: f64,
    /// Whether it is worth a warning at the plan's price.
    pub(crate) is_warning: bool,
}

fn recurrence(p: f64) -> f64 {
    (1.0 / (p.max(1e-300) * LOOKS_PER_DAY)).min(RECURRENCE_DAYS_MAX)
}

/// Days between false alarms that one method of a group may not fall below.
pub(crate) fn recurrence_min(plan: &WatchPlan, group: &WatchGroup) -> f64 {
    let methods = f64::from(u32::try_from(group.methods.len()).unwrap_or(1));
    plan.recurrence_days_min(group) * methods
}

/// The days back from a moment's, its own first.
fn before(days: &[DayCounts], moment: Moment) -> impl Iterator<Item = &DayCounts> {
    days.iter().rev().skip(days.len().saturating_sub(moment.day + 1))
}

impl Model {
    /// Learns what is usual by today; `None` while the history is too short.
    pub(crate) fn learn(
        plan: &WatchPlan,
        (position, group): (usize, &WatchGroup),
        days: &[DayCounts],
        tally: &Tally,
    ) -> Option<Self> {
        // The first day is a part of one; the last ones may hold what is to be found.
        let taught = 1..days.len().saturating_sub(usize::from(group.span_days_max));
        if taught.len() < usize::from(plan.baseline.days_min) {
            return None;
        }
        let teaches: Vec<bool> = (0..days.len()).map(|day| taught.contains(&day)).collect();
        let counts: Vec<f64> = days.iter().map(|day| f64::from(day.total)).collect();
        let terms = Terms {
            trend: plan.baseline.trend,
            season: plan.baseline.season,
            weekday: plan.baseline.weekday,
            special: plan.baseline.holidays,
        };
        let usual = Usual::learn(&counts, &tally.facts, &teaches, terms).ok()?;
        let by_day: Vec<&[(u32, u32)]> = days.iter().map(|day| day.placed.as_slice()).collect();
        let (mut all, mut with_place) = (1.0, 1.0);
        for (day, _) in days.iter().zip(&teaches).filter(|(_, teaches)| **teaches) {
            all += f64::from(day.total);
            with_place += day.placed.iter().map(|(_, count)| f64::from(*count)).sum::<f64>();
        }
        Some(Self {
            usual,
            shares: Shares::learn(tally.places.len(), &by_day, &teaches),
            profile: profile(days, &teaches),
            teaches,
            placed: with_place / all,
            area: tally.places.area(position),
            by_hour: BTreeMap::new(),
        })
    }

    /// Share of a day that is in at a moment.
    pub(crate) fn fraction(&self, moment: Moment) -> f64 {
        let hour = usize::from(moment.hour);
        let before = hour
            .checked_sub(1)
            .and_then(|hour| self.profile.get(hour))
            .copied()
            .unwrap_or(0.0);
        let after = self.profile.get(hour).copied().unwrap_or(1.0);
        (after - before).mul_add(moment.part, before).clamp(1e-4, 1.0)
    }

    /// What is usual on a day as a whole, in these places; everywhere where none is named.
    pub(crate) fn mean(&self, day: usize, places: &[u32]) -> f64 {
        let mean = self.usual.means.get(day).copied().unwrap_or(0.0);
        if places.is_empty() {
            return mean;
        }
        let share: f64 = places
            .iter()
            .filter_map(|place| self.shares.shares.get(*place as usize))
            .sum();
        mean * self.placed * share
    }

    /// Overdispersion of a whole day's count in these places, where `mean` is usual.
    pub(crate) fn dispersion(&self, mean: f64, places: &[u32]) -> f64 {
        if places.is_empty() {
            return self.usual.dispersion;
        }
        self.usual.dispersion + self.shares.bursts / mean.max(1e-9)
    }

    /// Overdispersion of what is in by this hour: a part of a day strays farther than a whole one.
    fn dispersion_by(&mut self, days: &[DayCounts], moment: Moment) -> f64 {
        let known = self
            .by_hour
            .get(&moment.hour)
            .and_then(|chance| chance.dispersion);
        known.unwrap_or_else(|| {
            let dispersion = self.learn_dispersion(days, moment);
            self.by_hour.entry(moment.hour).or_default().dispersion = Some(dispersion);
            dispersion
        })
    }

    fn learn_dispersion(&self, days: &[DayCounts], moment: Moment) -> f64 {
        let fraction = self.fraction(Moment { part: 1.0, ..moment });
        let counts: Vec<f64> = days
            .iter()
            .map(|day| {
                let hours = day.hours.iter().take(usize::from(moment.hour) + 1);
                f64::from(hours.sum::<u32>())
            })
            .collect();
        let means: Vec<f64> = self.usual.means.iter().map(|mean| mean * fraction).collect();
        dispersion_of(&counts, &means, &self.teaches).max(self.usual.dispersion)
    }

    /// Every method of the group at this moment: what it sees at most, and everything that is worth a warning.
    pub(crate) fn judge(
        &mut self,
        plan: &WatchPlan,
        group: &WatchGroup,
        (days, tally): (&[DayCounts], &Tally),
        moment: Moment,
    ) -> Vec<Judged> {
        let bar = recurrence_min(plan, group);
        let worth = |judged: &Judged| {
            judged.recurrence_days >= bar
                && judged.observed >= group.observed_min
                && f64::from(judged.observed) >= group.ratio_min * judged.expected
        };
        let mut all = Vec::new();
        for method in &group.methods {
            let mut seen = match method {
                Method::Surge => self.surge(group, days, (moment, None)).into_iter().collect(),
                Method::SpaceTime => self.space_time(group, (days, tally), moment),
            };
            for judged in &mut seen {
                judged.is_warning = worth(judged);
            }
            // The strongest is kept for the record, whether or not it is worth a warning.
            let mut first = true;
            seen.retain(|judged| judged.is_warning || std::mem::take(&mut first));
            all.extend(seen);
        }
        // A place that alone explains the surge says more than the surge does: without what is too much there, the node has none.
        // Many places at once are a surge.
        let local = all
            .iter()
            .find(|judged| judged.is_warning && judged.method == Method::SpaceTime)
            .cloned();
        let is_explained = local.is_some_and(|local| {
            let rest = self.surge(group, days, (moment, Some(&local)));
            rest.is_none_or(|rest| !worth(&rest))
        });
        for judged in all.iter_mut().filter(|judged| judged.method == Method::Surge) {
            judged.is_warning &= !is_explained;
        }
        all
    }

    /// The whole node's count, without what is too much in the window of `local`.
    fn surge(
        &mut self,
        group: &WatchGroup,
        days: &[DayCounts],
        (moment, local): (Moment, Option<&Judged>),
    ) -> Option<Judged> {
        let today = Usually {
            mean: self.mean(moment.day, &[]) * self.fraction(moment),
            dispersion: self.dispersion_by(days, moment),
        };
        let spans = SURGE_DAYS_MAX.min(usize::from(group.span_days_max));
        let back = (0..moment.day).rev().map(|day| Usually {
            mean: self.mean(day, &[]),
            dispersion: self.usual.dispersion,
        });
        let usually: Vec<Usually> = std::iter::once(today).chain(back).take(spans).collect();
        let counts: Vec<u32> = (0..)
            .zip(before(days, moment).take(spans))
            .map(|(back, day)| day.total.saturating_sub(self.excess(day, (moment, back), local)))
            .collect();
        let surge = surge(&counts, &usually)?;
        Some(Judged {
            method: Method::Surge,
            cells: Vec::new(),
            places: Vec::new(),
            days: surge.days,
            observed: surge.observed,
            expected: surge.expected,
            statistic: -surge.p.max(1e-300).log10(),
            recurrence_days: recurrence(surge.p),
            is_warning: false,
        })
    }

    /// How many cases more than usual the window of `local` has on a day so many days back.
    fn excess(&self, day: &DayCounts, (moment, back): (Moment, usize), local: Option<&Judged>) -> u32 {
        let Some(local) = local.filter(|local| back < local.days) else {
            return 0;
        };
        let part = if back == 0 { self.fraction(moment) } else { 1.0 };
        let usual = self.mean(moment.day.saturating_sub(back), &local.places) * part;
        let excess = (f64::from(day.of(&local.places)) - usual).max(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no more than a day's cases, and not below 0"
        )]
        let whole = excess.round() as u32;
        whole
    }

    fn space_time(
        &mut self,
        group: &WatchGroup,
        (days, tally): (&[DayCounts], &Tally),
        moment: Moment,
    ) -> Vec<Judged> {
        if self.area.is_empty() {
            return Vec::new();
        }
        let null = self.null(group, moment);
        let means = self.means(group, moment);
        let back = days.iter().rev().skip(days.len().saturating_sub(moment.day + 1));
        let counts: Vec<&[(u32, u32)]> = back.take(means.len()).map(|day| day.placed.as_slice()).collect();
        sweep(&self.area, self.expected(&means), &counts)
            .into_iter()
            .map(|found| Judged {
                method: Method::SpaceTime,
                cells: tally.places.cells(&found.places),
                places: found.places,
                days: found.days,
                observed: found.observed,
                expected: found.expected,
                statistic: found.statistic,
                recurrence_days: recurrence(null.p(found.statistic)),
                is_warning: false,
            })
            .collect()
    }

    /// Makes ready what judging at a moment needs and what costs most, ahead of time.
    pub(crate) fn prepare(&mut self, group: &WatchGroup, days: &[DayCounts], moment: Moment) {
        for method in &group.methods {
            match method {
                Method::SpaceTime if !self.area.is_empty() => {
                    self.null(group, moment);
                }
                Method::SpaceTime => {}
                Method::Surge => {
                    self.dispersion_by(days, moment);
                }
            }
        }
    }

    /// What chance makes of windows by this hour.
    fn null(&mut self, group: &WatchGroup, moment: Moment) -> Null {
        let known = self.by_hour.get(&moment.hour).and_then(|chance| chance.null);
        known.unwrap_or_else(|| {
            let means = self.means(group, moment);
            let expected = self.expected(&means);
            let null = Null::simulate(&self.area, expected, self.shares.bursts, REPLICATIONS, SEED);
            self.by_hour.entry(moment.hour).or_default().null = Some(null);
            null
        })
    }

    fn expected<'a>(&'a self, means: &'a [f64]) -> Expected<'a> {
        Expected {
            shares: &self.shares.shares,
            means,
        }
    }

    /// Cases with a place expected today so far, yesterday, … back through the longest window.
    fn means(&self, group: &WatchGroup, moment: Moment) -> Vec<f64> {
        let back = (0..=moment.day).rev().take(usize::from(group.span_days_max));
        back.map(|day| {
            let part = if day == moment.day {
                self.fraction(moment)
            } else {
                1.0
            };
            self.mean(day, &[]) * self.placed * part
        })
        .collect()
    }
}

/// The largest count that is still usual: chance exceeds it less often than once in `recurrence_days` days.
pub(crate) fn upper(mean: f64, dispersion: f64, recurrence_days: f64) -> u32 {
    let rare = 1.0 / (recurrence_days * LOOKS_PER_DAY).max(1.0);
    let (mut low, mut high) = (0_u32, 16_u32);
    while upper_tail(high + 1, mean, dispersion) >= rare && high < 1 << 24 {
        low = high;
        high *= 2;
    }
    while low < high {
        let middle = u32::midpoint(low, high);
        if upper_tail(middle + 1, mean, dispersion) < rare {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn profile(days: &[DayCounts], teaches: &[bool]) -> [f64; 24] {
    // One count per hour beforehand: a short history does not make an hour impossible.
    let mut sums = [1.0_f64; 24];
    for (day, _) in days.iter().zip(teaches).filter(|(_, teaches)| **teaches) {
        for (sum, count) in sums.iter_mut().zip(&day.hours) {
            *sum += f64::from(*count);
        }
    }
    let all: f64 = sums.iter().sum();
    let mut running = 0.0;
    sums.map(|sum| {
        running += sum / all;
        running
    })
}
