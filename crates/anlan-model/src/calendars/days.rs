//! The running sums behind a calendar: one entry per day, binary search for the way back. It parses nothing.

use super::LocalTime;
use crate::deadlines::ClockKind;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Error, Timestamp};
use std::collections::BTreeMap;

pub(super) const DAY_MS: i64 = 86_400_000;
const FIRST: Date = date(1990, 1, 1);
const END: Date = date(2080, 1, 1);

/// Opening intervals of one day, milliseconds since midnight by the wall clock, in order, not overlapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hours(pub(super) Vec<(i64, i64)>);

/// What the days are like: plan 0 is a day off, plan i an opening plan.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) plans: Vec<Hours>,
    pub(super) urgent: Hours,
    /// Plan of each weekday, Monday first.
    pub(super) week: [u8; 7],
    /// Plan of days that differ.
    pub(super) special: BTreeMap<Date, u8>,
}

#[derive(Debug, Clone, Copy)]
struct Day {
    start: i64,
    office: i64,
    urgent: i64,
    working: i64,
    plan: u8,
    is_shifted: bool,
}

/// A change of the wall clock `at` ms after the day's start, by `by` ms (forward is positive).
#[derive(Debug, Clone, Copy)]
struct Shift {
    at: i64,
    by: i64,
}

/// The table.
#[derive(Debug, Clone)]
pub(super) struct Days {
    table: Vec<Day>,
    end: Day,
    plans: Vec<Hours>,
    urgent: Hours,
    shifts: BTreeMap<usize, Shift>,
    first_weekday: i8,
}

impl Days {
    pub(super) fn new(pattern: Pattern, zone: &TimeZone) -> Result<Self, Error> {
        let end = Day {
            start: 0,
            office: 0,
            urgent: 0,
            working: 0,
            plan: 0,
            is_shifted: false,
        };
        let first_weekday = FIRST.weekday().to_monday_zero_offset();
        let Pattern {
            plans,
            urgent,
            week,
            special,
        } = pattern;
        let mut days = Self {
            table: Vec::new(),
            end,
            plans,
            urgent,
            shifts: BTreeMap::new(),
            first_weekday,
        };
        let mut day = FIRST;
        let mut start = midnight(day, zone)?;
        while day < END {
            let tomorrow = day.tomorrow()?;
            let next = midnight(tomorrow, zone)?;
            let usual = week.get(usize::from(day.weekday().to_monday_zero_offset().unsigned_abs()));
            let plan = special.get(&day).or(usual).copied().unwrap_or(0);
            let shift = if next - start == DAY_MS {
                None
            } else {
                shift(start, next, zone)
            };
            days.push(start, plan, shift);
            (day, start) = (tomorrow, next);
        }
        days.end.start = start;
        Ok(days)
    }

    fn push(&mut self, start: i64, plan: u8, shift: Option<Shift>) {
        let index = self.table.len();
        if let Some(shift) = shift {
            self.shifts.insert(index, shift);
        }
        let day = Day {
            start,
            plan,
            is_shifted: shift.is_some(),
            ..self.end
        };
        self.table.push(day);
        self.end.office += self.elapsed(index, &day, self.hours(&day), i64::MAX);
        self.end.urgent += self.elapsed(index, &day, &self.urgent, i64::MAX);
        self.end.working += i64::from(plan != 0);
    }

    fn hours(&self, day: &Day) -> &Hours {
        // INVARIANT: plan numbers come from the pattern, which has a plan for each.
        self.plans.get(usize::from(day.plan)).unwrap_or(&self.urgent)
    }

    /// The day an instant lies in, and how far into it.
    fn find(&self, at: i64) -> (usize, Day, i64) {
        let first = self.table.first().map_or(0, |day| day.start);
        let last = self.table.len().saturating_sub(1);
        let guess = usize::try_from((at - first).div_euclid(DAY_MS).max(0))
            .unwrap_or(last)
            .min(last);
        let mut index = guess;
        // Summer time moves midnight by an hour or two, so the guess is off by one at most.
        while index > 0 && self.day(index).start > at {
            index -= 1;
        }
        while index < last && self.day(index + 1).start <= at {
            index += 1;
        }
        let day = self.day(index);
        let length = self.day(index + 1).start - day.start;
        (index, day, (at - day.start).clamp(0, length))
    }

    fn day(&self, index: usize) -> Day {
        self.table.get(index).copied().unwrap_or(self.end)
    }

    fn shift(&self, index: usize, day: &Day) -> Option<Shift> {
        if day.is_shifted {
            self.shifts.get(&index).copied()
        } else {
            None
        }
    }

    /// Wall clock at `x` ms into the day; stands still while an hour is repeated, so that it never goes back.
    fn wall(&self, index: usize, day: &Day, x: i64) -> i64 {
        match self.shift(index, day) {
            Some(shift) if x >= shift.at => (x + shift.by).max(shift.at).min(DAY_MS),
            _ => x,
        }
    }

    /// First moment of the day, ms into it, at which the wall clock shows `wall` or more.
    fn moment(&self, index: usize, day: &Day, wall: i64) -> i64 {
        match self.shift(index, day) {
            Some(shift) if wall > shift.at => (wall - shift.by).max(shift.at),
            _ => wall,
        }
    }

    /// Opening time between the day's start and `x` ms into it.
    fn elapsed(&self, index: usize, day: &Day, hours: &Hours, x: i64) -> i64 {
        let part = |(from, to): &(i64, i64)| {
            let (from, to) = (self.moment(index, day, *from), self.moment(index, day, *to));
            (x.min(to) - from).max(0)
        };
        hours.0.iter().map(part).sum()
    }

    /// W(t): time worked from the beginning of the table, milliseconds.
    pub(super) fn measure(&self, at: i64, clock: ClockKind) -> i64 {
        let (index, day, x) = self.find(at);
        match clock {
            ClockKind::UrgentHour => day.urgent + self.elapsed(index, &day, &self.urgent, x),
            ClockKind::WorkingHour => day.office + self.elapsed(index, &day, self.hours(&day), x),
            ClockKind::WorkingDay if day.plan == 0 => day.working * DAY_MS,
            ClockKind::WorkingDay => day.working * DAY_MS + self.wall(index, &day, x),
            ClockKind::CalendarDay => days(index) * DAY_MS + self.wall(index, &day, x),
        }
    }

    /// Number of the first day of which `is_before` does not hold, searched forward from a day in ever larger steps:
    /// what is looked for is mostly days away, not decades.
    fn first_after(&self, index: usize, is_before: impl Fn(&Day) -> bool) -> usize {
        let mut low = if is_before(&self.day(index)) { index } else { 0 };
        let mut step = 16;
        let mut high = low + step;
        while self.table.get(high).is_some_and(&is_before) {
            low = high;
            step *= 4;
            high = low + step;
        }
        let range = self
            .table
            .get(low..high.min(self.table.len()))
            .unwrap_or_default();
        low + range.partition_point(is_before)
    }

    /// The first instant at which W is at least `target`; quickest where it lies soon after `near`.
    pub(super) fn reach(&self, target: i64, clock: ClockKind, near: i64) -> i64 {
        let (near, ..) = self.find(near);
        let index = match clock {
            ClockKind::UrgentHour => self.first_after(near, |day| day.urgent < target),
            ClockKind::WorkingHour => self.first_after(near, |day| day.office < target),
            ClockKind::WorkingDay => self.first_after(near, |day| day.working * DAY_MS < target),
            ClockKind::CalendarDay => {
                usize::try_from(target.saturating_add(DAY_MS - 1) / DAY_MS).unwrap_or(0)
            }
        };
        let index = index.saturating_sub(1);
        if index >= self.table.len() {
            return self.end.start;
        }
        let day = self.day(index);
        let x = match clock {
            ClockKind::UrgentHour => self.within(index, &day, &self.urgent, target - day.urgent),
            ClockKind::WorkingHour => self.within(index, &day, self.hours(&day), target - day.office),
            ClockKind::WorkingDay => self.moment(index, &day, target - day.working * DAY_MS),
            ClockKind::CalendarDay => self.moment(index, &day, target - days(index) * DAY_MS),
        };
        (day.start + x.max(0)).min(self.end.start)
    }

    /// How far into the day its opening time reaches `rest`.
    fn within(&self, index: usize, day: &Day, hours: &Hours, mut rest: i64) -> i64 {
        for (from, to) in &hours.0 {
            let (from, to) = (self.moment(index, day, *from), self.moment(index, day, *to));
            if rest <= to - from {
                return from + rest;
            }
            rest -= to - from;
        }
        self.day(index + 1).start - day.start
    }

    /// Close of business of the Nth counted day after the day of `at`.
    pub(super) fn close_after(&self, at: i64, days_later: i64, clock: ClockKind) -> i64 {
        let (index, ..) = self.find(at);
        if days_later == 0 {
            return self.close_of(at, clock);
        }
        let index = if clock == ClockKind::WorkingDay {
            let target = self.day(index + 1).working + days_later;
            self.first_after(index, |day| day.working < target)
                .saturating_sub(1)
        } else {
            index.saturating_add(usize::try_from(days_later).unwrap_or(0))
        };
        self.close(index, clock)
    }

    /// Close of business of the day that `at` ends or lies in; where that is over, of the next counted day.
    pub(super) fn close_of(&self, at: i64, clock: ClockKind) -> i64 {
        // Midnight ends the day before it.
        let (index, day, _) = self.find(at - 1);
        if clock == ClockKind::WorkingDay && (day.plan == 0 || self.close(index, clock) < at) {
            return self.close_after(at - 1, 1, clock);
        }
        self.close(index, clock)
    }

    fn close(&self, index: usize, clock: ClockKind) -> i64 {
        if index >= self.table.len() {
            return self.end.start;
        }
        let day = self.day(index);
        match (clock, self.hours(&day).0.last()) {
            (ClockKind::WorkingDay, Some((_, to))) => day.start + self.moment(index, &day, *to),
            _ => self.day(index + 1).start,
        }
    }

    /// Moves an instant into the office hours of the day it ends or lies in; a lunch break stays as it is.
    pub(super) fn within_office_hours(&self, at: i64) -> i64 {
        let (index, day, _) = self.find(at - 1);
        let hours = self.hours(&day);
        match (hours.0.first(), hours.0.last()) {
            (Some((open, _)), Some((_, close))) => at
                .max(day.start + self.moment(index, &day, *open))
                .min(day.start + self.moment(index, &day, *close)),
            _ => at,
        }
    }

    /// Counted days from the beginning of the table to the day of `at`, that day included.
    pub(super) fn counted(&self, at: i64, clock: ClockKind) -> i64 {
        let (index, ..) = self.find(at - 1);
        if clock == ClockKind::WorkingDay {
            self.day(index + 1).working
        } else {
            days(index)
        }
    }

    pub(super) fn local(&self, at: i64) -> LocalTime {
        let (index, day, x) = self.find(at);
        let wall = self.wall(index, &day, x);
        let weekday = i8::try_from((days(index) + i64::from(self.first_weekday)).rem_euclid(7)).unwrap_or(0);
        LocalTime {
            weekday: Weekday::from_monday_zero_offset(weekday).unwrap_or(Weekday::Monday),
            second: u32::try_from(wall / 1000).unwrap_or(0),
            is_working_day: day.plan != 0,
            is_office_time: self
                .hours(&day)
                .0
                .iter()
                .any(|(from, to)| (*from..*to).contains(&wall)),
        }
    }
}

fn days(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX / DAY_MS)
}

fn midnight(day: Date, zone: &TimeZone) -> Result<i64, Error> {
    Ok(zone
        .to_ambiguous_timestamp(day.at(0, 0, 0, 0))
        .compatible()?
        .as_millisecond())
}

/// The change of the wall clock between two midnights.
fn shift(start: i64, next: i64, zone: &TimeZone) -> Option<Shift> {
    let before = Timestamp::from_millisecond(start - 1).ok()?;
    let transition = zone.following(before).next()?;
    let at = transition.timestamp().as_millisecond();
    let by = DAY_MS - (next - start);
    (start..=next)
        .contains(&at)
        .then_some(Shift { at: at - start, by })
}
