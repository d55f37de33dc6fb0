//! Counts per day, class group and place, read from the store's counts and kept up to date. It judges nothing.

use super::places::Places;
use crate::jurisdictions::Jurisdiction;
use crate::{Error, warnings};
use anlan_model::ids::ClassCode;
use anlan_model::warnings::LeaveOut;
use anlan_scan::watch::DayFacts;
use anlan_store::counts::{self, Counted};
use anlan_store::{Store, Tx};
use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;
/// After a change only days so recent are read again: the longest window and what may still be corrected. What changes
/// before them is seen on the next beat.
const RECENT_DAYS: i32 = 32;
/// Where more hours have changed, all recent days are read again.
const TOUCHED_HOURS_MAX: usize = 200;

/// One class group on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayCounts {
    /// All of them, placed or not.
    pub(crate) total: u32,
    /// Places that had any, in order.
    pub(crate) placed: Vec<(u32, u32)>,
    /// By hour of the day.
    pub(crate) hours: [u32; 24],
}

/// Every class group over all days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Day of index 0, days since 1970-01-01 by the node's calendar.
    pub(crate) first_day: i32,
    /// One entry per day from the first to today.
    pub(crate) facts: Vec<DayFacts>,
    /// Per group, one entry per day.
    pub(crate) groups: Vec<Vec<DayCounts>>,
    pub(crate) places: Arc<Places>,
    group_of: HashMap<String, usize>,
    /// The last day that has been read.
    read_to: i32,
}

/// The hour (since 1970 UTC) of an instant.
pub(crate) fn hour_of(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(HOUR_MS)
}

/// The day and the hour of the day of an instant, by the node's calendar.
pub(crate) fn local(node: &Jurisdiction, at: Timestamp) -> (i32, u8) {
    let local = node.calendar.zone().to_datetime(at);
    let days = (local.date() - jiff::civil::date(1970, 1, 1)).get_days();
    (days, local.hour().unsigned_abs())
}

/// The first instant of a day.
pub(crate) fn start_of(node: &Jurisdiction, day: i32) -> Timestamp {
    let date = jiff::civil::date(1970, 1, 1).saturating_add(day.days());
    node.calendar
        .zone()
        .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn facts(node: &Jurisdiction, day: i32) -> DayFacts {
    let noon = start_of(node, day)
        .saturating_add(jiff::SignedDuration::from_hours(12))
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let local = node.calendar.local(noon);
    let weekday = local.weekday.to_monday_zero_offset().unsigned_abs();
    let is_weekend = matches!(local.weekday, Weekday::Saturday | Weekday::Sunday);
    DayFacts {
        day,
        weekday,
        is_special: local.is_working_day == is_weekend,
    }
}

fn is_left_out(count: &Counted<'_>, rule: &LeaveOut) -> bool {
    (rule.default_points && count.marks & counts::DEFAULT_POINT != 0)
        || (rule.repeats && count.marks & counts::REPEAT != 0)
        || rule.sources.iter().any(|source| source == count.source)
}

impl Tally {
    /// Reads the whole history that the plan learns from, up to `now`, over places that are known already.
    pub(crate) fn load(
        store: &Store,
        node: &Jurisdiction,
        places: Arc<Places>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let resolved = node.watch.resolve(node.classes.values());
        let (today, _) = local(node, now);
        let earliest = today - i32::from(node.watch.baseline.days_max);
        store.read(|tx| {
            let known = counts::reach(tx)?.map(|(first, _)| first * HOUR_MS);
            let known = known.and_then(|ms| Timestamp::from_millisecond(ms).ok());
            let first = known.map_or(today, |at| local(node, at).0).clamp(earliest, today);
            let groups = resolved.group_of.into_iter();
            let mut tally = Self {
                first_day: first,
                facts: Vec::new(),
                groups: vec![Vec::new(); node.watch.groups.len()],
                places,
                group_of: groups
                    .map(|(class, group)| (class.as_str().to_owned(), group))
                    .collect(),
                read_to: first,
            };
            tally.reach(node, today);
            tally.read(tx, node, (first, today), now)?;
            Ok(tally)
        })
    }

    /// Reads the days again on which something happened after event number `seq`, and those that have come into view since the
    /// last time; the positions of groups whose counts there have changed.
    pub(crate) fn refresh(
        &mut self,
        store: &Store,
        node: &Jurisdiction,
        seq: i64,
        now: Timestamp,
    ) -> Result<Vec<usize>, Error> {
        let (today, _) = local(node, now);
        self.reach(node, today);
        let recent = (today - RECENT_DAYS).max(self.first_day);
        store.read(|tx| {
            let from = hour_of(start_of(node, recent));
            let touched = counts::touched(tx, seq, from, TOUCHED_HOURS_MAX)?;
            let day = |hour: i64| {
                let at = Timestamp::from_millisecond(hour * HOUR_MS).unwrap_or(Timestamp::UNIX_EPOCH);
                local(node, at).0
            };
            let mut days: BTreeSet<i32> = match touched {
                Some(hours) => hours.into_iter().map(day).collect(),
                None => (recent..=today).collect(),
            };
            days.extend(self.read_to.max(recent)..=today);
            let mut changed = BTreeSet::new();
            for day in days.range(recent..=today) {
                let at = self.index(*day);
                let before = self.on(at);
                self.read(tx, node, (*day, *day), now)?;
                let pairs = self.on(at).into_iter().zip(before).enumerate();
                changed.extend(
                    pairs
                        .filter(|(_, (now, before))| now != before)
                        .map(|(group, _)| group),
                );
            }
            Ok(changed.into_iter().collect())
        })
    }

    /// Every group's counts on one day.
    fn on(&self, day: usize) -> Vec<Option<DayCounts>> {
        self.groups.iter().map(|days| days.get(day).cloned()).collect()
    }

    /// Adds empty days up to this one.
    fn reach(&mut self, node: &Jurisdiction, today: i32) {
        while i32::try_from(self.facts.len()).is_ok_and(|days| self.first_day + days <= today) {
            let day = self.first_day + i32::try_from(self.facts.len()).unwrap_or(0);
            self.facts.push(facts(node, day));
            for days in &mut self.groups {
                days.push(DayCounts::default());
            }
        }
    }

    pub(crate) fn index(&self, day: i32) -> usize {
        usize::try_from(day - self.first_day).unwrap_or(0)
    }

    /// Puts the counts of these days, both included, in place of those there; of what came up to `now`.
    fn read(
        &mut self,
        tx: &mut Tx<'_>,
        node: &Jurisdiction,
        (from, to): (i32, i32),
        now: Timestamp,
    ) -> Result<(), Error> {
        let first_day = self.first_day;
        let index = |day: i32| usize::try_from(day - first_day).unwrap_or(0);
        let (begin, end) = (index(from), index(to));
        for days in &mut self.groups {
            for day in days.get_mut(begin..=end).unwrap_or_default() {
                *day = DayCounts::default();
            }
        }
        let hours = (
            hour_of(start_of(node, from)),
            hour_of(start_of(node, to + 1)).min(hour_of(now)),
        );
        let rule = &node.watch.leave_out;
        // Counts come hour by hour and class by class: what these are is looked up when they change.
        let (mut last_hour, mut at, mut hour) = (None, 0, 0);
        let (mut last_class, mut group) = (String::from("?"), None);
        counts::each(tx, hours.0, hours.1, |count| {
            if count.class != last_class {
                count.class.clone_into(&mut last_class);
                group = self.group_of.get(count.class).copied();
            }
            let Some(group) = group.filter(|_| !is_left_out(count, rule)) else {
                return;
            };
            if last_hour != Some(count.hour) {
                last_hour = Some(count.hour);
                let instant = Timestamp::from_millisecond(count.hour * HOUR_MS);
                let (day, of_day) = local(node, instant.unwrap_or(Timestamp::UNIX_EPOCH));
                (at, hour) = (index(day), usize::from(of_day));
            }
            let place = count.cell.and_then(|cell| self.places.of(cell));
            let day = self.groups.get_mut(group).and_then(|days| days.get_mut(at));
            if let Some(day) = day.filter(|_| (begin..=end).contains(&at)) {
                day.add(place, hour, count.count);
            }
        })?;
        for days in &mut self.groups {
            for day in days.get_mut(begin..=end).unwrap_or_default() {
                day.merge();
            }
        }
        self.read_to = self.read_to.max(to);
        Ok(())
    }

    /// Position of a class's group.
    pub(crate) fn group_of(&self, class: &str) -> Option<usize> {
        self.group_of.get(class).copied()
    }
}

impl DayCounts {
    fn add(&mut self, place: Option<u32>, hour: usize, number: u32) {
        self.total += number;
        if let Some(slot) = self.hours.get_mut(hour) {
            *slot += number;
        }
        if let Some(place) = place {
            self.placed.push((place, number));
        }
    }

    /// Puts the places in order, each once.
    fn merge(&mut self) {
        self.placed.sort_unstable();
        self.placed.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        self.placed.shrink_to_fit();
    }

    /// Of these places; of all, placed or not, where none is named.
    pub(crate) fn of(&self, places: &[u32]) -> u32 {
        if places.is_empty() {
            return self.total;
        }
        self.placed
            .iter()
            .filter(|(place, _)| places.contains(place))
            .map(|(_, count)| count)
            .sum()
    }
}

/// Counts per class in a window, the largest first: what a finding is made of.
pub(crate) fn classes(
    tx: &mut Tx<'_>,
    node: &Jurisdiction,
    tally: &Tally,
    window: &warnings::Window<'_>,
) -> Result<Vec<(ClassCode, u32)>, Error> {
    let mut sums: BTreeMap<String, u32> = BTreeMap::new();
    counts::each(tx, hour_of(window.from), hour_of(window.to), |count| {
        let is_inside =
            window.cells.is_empty() || count.cell.is_some_and(|cell| window.cells.contains(&cell));
        if is_inside
            && tally.group_of(count.class) == Some(window.group)
            && !is_left_out(count, &node.watch.leave_out)
        {
            *sums.entry(count.class.to_owned()).or_insert(0) += count.count;
        }
    })?;
    let mut sums: Vec<(ClassCode, u32)> = sums
        .into_iter()
        .map(|(class, count)| (class.as_str().into(), count))
        .collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(sums)
}
