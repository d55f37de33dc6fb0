//! Counts per day, class group and place, read from the store's counts and kept up to date. It judges nothing.

use super::places::Places;
use crate::jurisdictions::Jurisdiction;
use crate::{Error, warnings};
use anlan_model::ids::ClassCode;
use anlan_model::warnings::LeaveOut;
use anlan_scan::watch::DayFacts;
use anlan_store::counts::{self, Count};
use anlan_store::{Store, Tx};
use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;

const HOUR_MS: i64 = 3_600_000;
/// Days read again after a change: the longest window and what may still be corrected.
const RECENT_DAYS: i32 = 32;

/// One class group on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayCounts {
    /// All of them, placed or not.
    pub(crate) total: u32,
    /// Places that had any, in order.
    pub(crate) placed: Vec<(usize, u32)>,
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
    pub(crate) places: Places,
    group_of: BTreeMap<ClassCode, usize>,
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

fn is_left_out(count: &Count, rule: &LeaveOut) -> bool {
    (rule.default_points && count.marks & counts::DEFAULT_POINT != 0)
        || (rule.repeats && count.marks & counts::REPEAT != 0)
        || rule.sources.contains(&count.source)
}

impl Tally {
    /// Reads the whole history that the plan learns from, up to `now`.
    pub(crate) fn load(store: &Store, node: &Jurisdiction, now: Timestamp) -> Result<Self, Error> {
        let resolved = node.watch.resolve(node.classes.values());
        let (today, _) = local(node, now);
        let earliest = today - i32::from(node.watch.baseline.days_max);
        store.read(|tx| {
            let known = counts::reach(tx)?.map(|(first, _)| first * HOUR_MS);
            let known = known.and_then(|ms| Timestamp::from_millisecond(ms).ok());
            let first = known.map_or(today, |at| local(node, at).0).clamp(earliest, today);
            let mut tally = Self {
                first_day: first,
                facts: Vec::new(),
                groups: vec![Vec::new(); node.watch.groups.len()],
                places: Places::new(node),
                group_of: resolved.group_of,
            };
            tally.reach(node, today);
            tally.read(tx, node, first, now)?;
            Ok(tally)
        })
    }

    /// Reads the last days again; the positions of groups whose counts there have changed.
    pub(crate) fn refresh(
        &mut self,
        store: &Store,
        node: &Jurisdiction,
        now: Timestamp,
    ) -> Result<Vec<usize>, Error> {
        let (today, _) = local(node, now);
        self.reach(node, today);
        let from = (today - RECENT_DAYS).max(self.first_day);
        let at = self.index(from);
        let before: Vec<Vec<DayCounts>> = self
            .groups
            .iter()
            .map(|days| days.get(at..).unwrap_or_default().to_vec())
            .collect();
        store.read(|tx| self.read(tx, node, from, now))?;
        let changed = self.groups.iter().zip(&before).enumerate();
        Ok(changed
            .filter(|(_, (now, before))| now.get(at..).unwrap_or_default() != before.as_slice())
            .map(|(group, _)| group)
            .collect())
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

    /// Puts the counts of the days from `from` up to `now` in place of those there.
    fn read(&mut self, tx: &mut Tx<'_>, node: &Jurisdiction, from: i32, now: Timestamp) -> Result<(), Error> {
        let begin = self.index(from);
        for days in &mut self.groups {
            for day in days.iter_mut().skip(begin) {
                *day = DayCounts::default();
            }
        }
        let mut times: BTreeMap<i64, (i32, u8)> = BTreeMap::new();
        for count in counts::between(tx, hour_of(start_of(node, from)), hour_of(now))? {
            let group = count
                .class
                .as_ref()
                .and_then(|class| self.group_of.get(class))
                .copied();
            let Some(group) = group.filter(|_| !is_left_out(&count, &node.watch.leave_out)) else {
                continue;
            };
            let (day, hour) = *times.entry(count.hour).or_insert_with(|| {
                let at = Timestamp::from_millisecond(count.hour * HOUR_MS).unwrap_or(Timestamp::UNIX_EPOCH);
                local(node, at)
            });
            let place = count.cell.and_then(|cell| self.places.of(cell));
            let at = self.index(day);
            let number = u32::try_from(count.count).unwrap_or(0);
            if let Some(day) = self.groups.get_mut(group).and_then(|days| days.get_mut(at)) {
                day.add(place, usize::from(hour), number);
            }
        }
        for days in &mut self.groups {
            for day in days.iter_mut().skip(begin) {
                day.placed.sort_unstable();
            }
        }
        Ok(())
    }

    /// Position of a class's group.
    pub(crate) fn group_of(&self, class: &ClassCode) -> Option<usize> {
        self.group_of.get(class).copied()
    }
}

impl DayCounts {
    fn add(&mut self, place: Option<usize>, hour: usize, number: u32) {
        self.total += number;
        if let Some(slot) = self.hours.get_mut(hour) {
            *slot += number;
        }
        let Some(place) = place else { return };
        match self.placed.iter_mut().find(|(known, _)| *known == place) {
            Some((_, count)) => *count += number,
            None => self.placed.push((place, number)),
        }
    }

    /// Adds the day's counts to those of each place.
    pub(crate) fn add_to(&self, counts: &mut [u32]) {
        for (place, count) in &self.placed {
            if let Some(sum) = counts.get_mut(*place) {
                *sum += count;
            }
        }
    }

    /// Of these places; of all, placed or not, where none is named.
    pub(crate) fn of(&self, places: &[usize]) -> u32 {
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
    let mut sums: BTreeMap<ClassCode, u32> = BTreeMap::new();
    for count in counts::between(tx, hour_of(window.from), hour_of(window.to))? {
        let Some(class) = count.class.clone() else {
            continue;
        };
        let is_inside =
            window.cells.is_empty() || count.cell.is_some_and(|cell| window.cells.contains(&cell));
        if is_inside
            && tally.group_of(&class) == Some(window.group)
            && !is_left_out(&count, &node.watch.leave_out)
        {
            *sums.entry(class).or_insert(0) += u32::try_from(count.count).unwrap_or(0);
        }
    }
    let mut sums: Vec<(ClassCode, u32)> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(sums)
}
