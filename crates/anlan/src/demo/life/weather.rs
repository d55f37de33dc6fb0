//! The demo's days: which are wet, which bring a storm, how busy each is, and at which hour things are noticed.

use super::super::dice::Dice;
use super::super::matters::{Matter, Rhythm};
use super::{DAYS, later};
use anlan_model::calendars::Calendar;
use jiff::civil::{Time, Weekday};
use jiff::{Timestamp, ToSpan as _};

/// Days before now on which a storm breaks.
const STORMS: [i64; 4] = [67, 38, 9, 1];

/// One day.
#[derive(Debug, Clone)]
pub(super) struct Day {
    /// Its date, for a stream of chance of its own.
    pub(super) name: String,
    /// Its first instant.
    start: Timestamp,
    /// It rains.
    pub(super) is_wet: bool,
    /// Power of the rain's factor: 1 for rain, more for a storm.
    pub(super) wetness: f64,
    /// Hour the storm breaks.
    storm: Option<f64>,
    /// Factor on the number of reports.
    pub(super) busy: f64,
}

/// Chance of rain by month, January first: a wet early summer, a dry autumn.
const RAIN: [f64; 12] = [0.22, 0.25, 0.34, 0.38, 0.4, 0.42, 0.3, 0.28, 0.2, 0.18, 0.2, 0.2];

/// The days up to now, today the last.
pub(super) fn days(dice: &Dice, calendar: &Calendar, now: Timestamp) -> Vec<Day> {
    let zone = calendar.zone();
    let today = zone.to_datetime(now).date();
    let mut days = Vec::new();
    for ago in (0..=DAYS).rev() {
        let Ok(date) = today.checked_sub(ago.days()) else {
            continue;
        };
        let Ok(start) = zone.to_timestamp(date.to_datetime(Time::midnight())) else {
            continue;
        };
        let mut dice = dice.fork(&ago.to_string());
        let month = usize::try_from(date.month() - 1).unwrap_or(0);
        let is_storm = STORMS.contains(&ago);
        let is_wet = is_storm || dice.chance(RAIN.get(month).copied().unwrap_or(0.2));
        let week = match date.weekday() {
            Weekday::Monday => 1.16,
            Weekday::Saturday => 0.86,
            Weekday::Sunday => 0.76,
            _ => 1.03,
        };
        days.push(Day {
            name: ago.to_string(),
            start,
            is_wet,
            wetness: if is_storm { 1.35 } else { 0.7 },
            storm: is_storm.then(|| dice.between(3.0, 15.0)),
            busy: week * dice.stretch(1.0, 0.1),
        });
    }
    days
}

/// Weight of each hour of the day.
fn hours(rhythm: Rhythm) -> [f64; 24] {
    match rhythm {
        Rhythm::Day => [
            0., 0., 0., 0., 0., 1., 3., 6., 10., 12., 11., 9., 5., 6., 9., 10., 9., 7., 4., 2., 1., 1., 0.,
            0.,
        ],
        Rhythm::Night => [
            2., 1., 1., 0.5, 0.5, 1., 2., 2., 2., 2., 2., 2., 2., 2., 2., 2., 2., 3., 5., 9., 11., 10., 7.,
            4.,
        ],
        Rhythm::Meal => [
            0.3, 0.2, 0., 0., 0., 1., 3., 5., 3., 2., 4., 9., 9., 4., 2., 2., 4., 9., 11., 9., 6., 3., 2., 1.,
        ],
        Rhythm::Commute => [
            0., 0., 0., 0., 0.5, 1., 5., 11., 10., 6., 4., 4., 4., 3., 4., 5., 8., 11., 9., 4., 2., 1., 0.5,
            0.,
        ],
        Rhythm::Any => [
            1., 0.6, 0.5, 0.4, 0.5, 1., 3., 6., 8., 9., 9., 8., 6., 6., 7., 8., 8., 8., 7., 6., 5., 4., 2.,
            1.5,
        ],
    }
}

impl Day {
    /// An instant of this day at which such a thing is noticed.
    pub(super) fn moment(&self, dice: &mut Dice, matter: &Matter) -> Timestamp {
        let surge = self.storm.filter(|_| matter.rain > 2.0 && dice.chance(0.8));
        let hour = match surge {
            Some(breaks) => (breaks + 0.5 + dice.between(0.0, 1.0) * dice.between(0.0, 9.0)).min(23.9),
            #[expect(clippy::cast_precision_loss, reason = "an hour of the day")]
            None => dice.weighted(hours(matter.rhythm)) as f64 + dice.unit(),
        };
        later(self.start, hour * 3600.0)
    }
}
