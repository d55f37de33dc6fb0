//! Working time: office hours, holidays, make-up working days (调休) and urgent hours on a jurisdiction's calendar,
//! and the two questions asked of them: how much of it lies between two instants, and when an amount of it is over.
//!
//! Each clock is a rising function W(t), "time worked since the calendar began", kept as a running sum per day:
//! - urgent hour (紧急工作时): runs in the urgent hours of every day, holidays included;
//! - working hour (工作时): runs in office hours of working days;
//! - working day (工作日): runs around the clock on working days, 24 h each, so that a working day is the same
//!   amount of time wherever it begins;
//! - calendar day (日历日): always runs, 24 h a day by the wall clock.
//!
//! Between two instants lies W(to) − W(from); an amount is over at the first instant where W has risen by it.
//! A term in days ends as the calendar says (`day_ends`). No clock is read here.
//!
//! The running sums cover 1990 to 2079: earlier instants count as its first, a deadline never lies beyond its last.

mod days;
mod form;

use crate::deadlines::{ClockKind, Term};
use crate::tables::TableError;
use days::{DAY_MS, Days};
pub(crate) use form::wall_ms;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// When a term of N days is over. The day on which it begins is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayEnds {
    /// Working days: when the office closes on the Nth working day; calendar days: at the end of the Nth day.
    #[default]
    CloseOfBusiness,
    /// N days later at the same time by the wall clock; working days moved into that day's office hours.
    SameTime,
}

/// A named holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// First day off.
    pub from: Date,
    /// Last day off.
    pub to: Date,
    /// Days of rest on which work is made up.
    pub make_up: Vec<Date>,
}

/// An instant as the calendar sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Day of the week.
    pub weekday: Weekday,
    /// Seconds since midnight by the wall clock.
    pub second: u32,
    /// Whether people work that day.
    pub is_working_day: bool,
    /// Whether the office is open at that moment.
    pub is_office_time: bool,
}

/// A jurisdiction's calendar.
#[derive(Debug, Clone)]
pub struct Calendar {
    name: String,
    zone: TimeZone,
    day_ends: DayEnds,
    holidays: Vec<Holiday>,
    known_years: Vec<i16>,
    days: Days,
}

impl Calendar {
    /// Reads a calendar from TOML; the form is described in `standards/README.md`.
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        form::read(text)
    }

    /// The Chinese calendar shipped with Anlan (2025 and 2026).
    pub fn china() -> Result<Self, TableError> {
        Self::from_toml(include_str!("../../../standards/calendar-cn.toml"))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The time zone it is kept in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// IANA name of the time zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// How terms in days end.
    pub fn day_ends(&self) -> DayEnds {
        self.day_ends
    }

    /// Its holidays.
    pub fn holidays(&self) -> &[Holiday] {
        &self.holidays
    }

    /// Whether the holidays of that instant's year are in the calendar; if not, only weekends are days off in it.
    pub fn knows_year_of(&self, at: Timestamp) -> bool {
        self.known_years.contains(&self.zone.to_datetime(at).year())
    }

    /// An instant as the calendar sees it.
    pub fn local(&self, at: Timestamp) -> LocalTime {
        self.days.local(at.as_millisecond())
    }

    /// Seconds of `clock` time between two instants; negative where `to` lies before `from`.
    pub fn worked(&self, from: Timestamp, to: Timestamp, clock: ClockKind) -> i64 {
        self.worked_ms(from, to, clock).div_euclid(1000)
    }

    fn worked_ms(&self, from: Timestamp, to: Timestamp, clock: ClockKind) -> i64 {
        self.days.measure(to.as_millisecond(), clock) - self.days.measure(from.as_millisecond(), clock)
    }

    /// The first instant, not before `from`, at which `seconds` of `clock` time have passed since `from`.
    pub fn advance(&self, from: Timestamp, seconds: i64, clock: ClockKind) -> Timestamp {
        self.advance_ms(from, seconds.saturating_mul(1000), clock)
    }

    fn advance_ms(&self, from: Timestamp, ms: i64, clock: ClockKind) -> Timestamp {
        let start = from.as_millisecond();
        let at = self
            .days
            .reach(self.days.measure(start, clock).saturating_add(ms), clock, start);
        if ms >= 0 && at <= start {
            return from;
        }
        instant(at)
    }

    /// `at` moved by the `clock` time between `from` and `to`: what a pause does to a deadline.
    pub(crate) fn shift(&self, at: Timestamp, from: Timestamp, to: Timestamp, clock: ClockKind) -> Timestamp {
        self.advance_ms(at, self.worked_ms(from, to, clock).max(0), clock)
    }

    /// When a term that begins at `from` is over.
    pub fn due(&self, from: Timestamp, term: &Term) -> Timestamp {
        let clock = term.clock();
        let days = i64::from(term.amount());
        match (clock, self.day_ends) {
            (ClockKind::UrgentHour | ClockKind::WorkingHour, _) => {
                self.advance_ms(from, days * 3_600_000, clock)
            }
            (_, DayEnds::CloseOfBusiness) => {
                instant(self.days.close_after(from.as_millisecond(), days, clock))
            }
            (ClockKind::CalendarDay, DayEnds::SameTime) => self.advance_ms(from, days * DAY_MS, clock),
            (ClockKind::WorkingDay, DayEnds::SameTime) => {
                let at = self.advance_ms(from, days * DAY_MS, clock).as_millisecond();
                instant(self.days.within_office_hours(at))
            }
        }
    }

    /// When what is left of a term (`seconds` of `clock` time) is over, counted from `from`. A rest of a term in days
    /// ends as a day ends in this calendar: an office gets the rest of the day to finish.
    pub(crate) fn due_rest(&self, from: Timestamp, seconds: i64, clock: ClockKind) -> Timestamp {
        let at = self.advance(from, seconds.max(0), clock);
        match (clock, self.day_ends) {
            (ClockKind::WorkingDay | ClockKind::CalendarDay, DayEnds::CloseOfBusiness) => {
                instant(self.days.close_of(at.as_millisecond(), clock))
            }
            _ => at,
        }
    }

    /// How many counted days of a day clock lie after the day of `from`, up to and with the day of `to`.
    pub fn days_between(&self, from: Timestamp, to: Timestamp, clock: ClockKind) -> i64 {
        self.days.counted(to.as_millisecond(), clock) - self.days.counted(from.as_millisecond(), clock)
    }
}

fn instant(ms: i64) -> Timestamp {
    // INVARIANT: every instant inside the day table is a valid timestamp.
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
