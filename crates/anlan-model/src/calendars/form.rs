//! The TOML form of a calendar and every check of it. It computes no working time.

use super::days::{DAY_MS, Days, Hours, Pattern};
use super::{Calendar, DayEnds, Holiday};
use crate::tables::{Faults, TableError};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

const HOLIDAY_DAYS_MAX: i32 = 60;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    time_zone: Spanned<String>,
    #[serde(default)]
    day_ends: DayEnds,
    /// Where the holidays are taken from; for the reader of the file.
    #[expect(dead_code, reason = "kept in the file for people")]
    source: String,
    #[serde(default)]
    known_years: Vec<i16>,
    office_hours: OfficeHours,
    urgent_hours: Vec<Spanned<String>>,
    #[serde(default, rename = "holiday")]
    holidays: Vec<HolidayForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeHours {
    #[serde(default)]
    monday: Vec<Spanned<String>>,
    #[serde(default)]
    tuesday: Vec<Spanned<String>>,
    #[serde(default)]
    wednesday: Vec<Spanned<String>>,
    #[serde(default)]
    thursday: Vec<Spanned<String>>,
    #[serde(default)]
    friday: Vec<Spanned<String>>,
    #[serde(default)]
    saturday: Vec<Spanned<String>>,
    #[serde(default)]
    sunday: Vec<Spanned<String>>,
    #[serde(default)]
    make_up: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayForm {
    name_zh: String,
    name_en: String,
    from: Spanned<String>,
    to: Spanned<String>,
    #[serde(default)]
    make_up: Vec<Spanned<String>>,
}

pub(super) fn read(text: &str) -> Result<Calendar, TableError> {
    let mut faults = Faults::new("calendar", text);
    let form: Form = faults.read()?;
    let zone = TimeZone::get(form.time_zone.get_ref()).unwrap_or_else(|_| {
        let message = format!(
            "there is no IANA time zone \"{}\"; write e.g. Asia/Shanghai",
            form.time_zone.get_ref()
        );
        faults.add_at(form.time_zone.span().start, "time_zone", message);
        TimeZone::UTC
    });
    let (plans, week) = plans(&form.office_hours, &mut faults);
    let urgent = hours("urgent_hours", &form.urgent_hours, &mut faults);
    if urgent.0.is_empty() {
        faults.add(
            "urgent_hours",
            "names no hours; write e.g. [\"06:00-22:00\"], or [\"00:00-24:00\"] for always",
        );
    }
    let holidays: Vec<Holiday> = form
        .holidays
        .iter()
        .filter_map(|raw| holiday(raw, &mut faults))
        .collect();
    let special = special(&holidays, plans.len(), &mut faults);
    let days = Days::new(
        Pattern {
            plans,
            urgent,
            week,
            special,
        },
        &zone,
    );
    let Ok(days) = days else {
        faults.add(
            "time_zone",
            "its midnights between 1990 and 2080 cannot be computed",
        );
        return Err(faults.done(()).err().unwrap_or(TableError {
            table: "calendar",
            faults: Vec::new(),
        }));
    };
    let Form {
        name,
        day_ends,
        known_years,
        ..
    } = form;
    faults.done(Calendar {
        name,
        zone,
        day_ends,
        holidays,
        known_years,
        days,
    })
}

/// Plan 0: day off; 1 to 7: Monday to Sunday; 8: make-up days. A weekday without hours has plan 0.
fn plans(form: &OfficeHours, faults: &mut Faults<'_>) -> (Vec<Hours>, [u8; 7]) {
    let named = [
        ("office_hours.monday", &form.monday),
        ("office_hours.tuesday", &form.tuesday),
        ("office_hours.wednesday", &form.wednesday),
        ("office_hours.thursday", &form.thursday),
        ("office_hours.friday", &form.friday),
        ("office_hours.saturday", &form.saturday),
        ("office_hours.sunday", &form.sunday),
    ];
    let mut plans = vec![Hours::default()];
    let mut week = [0; 7];
    for ((field, texts), (plan, number)) in named.into_iter().zip(week.iter_mut().zip(1..)) {
        let hours = hours(field, texts, faults);
        *plan = if hours.0.is_empty() { 0 } else { number };
        plans.push(hours);
    }
    let usual = plans.iter().find(|hours| !hours.0.is_empty()).cloned();
    let Some(usual) = usual else {
        faults.add(
            "office_hours",
            "no weekday has office hours, so nothing would ever be due",
        );
        return (plans, week);
    };
    let make_up = hours("office_hours.make_up", &form.make_up, faults);
    plans.push(if make_up.0.is_empty() { usual } else { make_up });
    (plans, week)
}

fn hours(field: &str, texts: &[Spanned<String>], faults: &mut Faults<'_>) -> Hours {
    let mut hours: Vec<(i64, i64)> = Vec::new();
    for text in texts {
        let offset = text.span().start;
        let Some((from, to)) = interval(text.get_ref()) else {
            let message = format!(
                "\"{}\" is no interval; write hours as 08:30-12:00, at most 24:00",
                text.get_ref()
            );
            faults.add_at(offset, field, message);
            continue;
        };
        if hours.last().is_some_and(|(_, end)| from < *end) {
            faults.add_at(
                offset,
                field,
                format!(
                    "\"{}\" begins before the interval ahead of it ends",
                    text.get_ref()
                ),
            );
        }
        hours.push((from, to));
    }
    Hours(hours)
}

fn interval(text: &str) -> Option<(i64, i64)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (wall_ms(from)?, wall_ms(to)?);
    (from < to).then_some((from, to))
}

/// `08:30` as milliseconds since midnight; `24:00` is the day's end.
pub(crate) fn wall_ms(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two_digits = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten();
    let (hour, minute) = (i64::from(two_digits(hour)?), i64::from(two_digits(minute)?));
    let ms = (hour * 60 + minute) * 60_000;
    (minute < 60 && ms <= DAY_MS).then_some(ms)
}

fn holiday(form: &HolidayForm, faults: &mut Faults<'_>) -> Option<Holiday> {
    let mut day = |text: &Spanned<String>, field: &str| {
        let date: Result<Date, _> = text.get_ref().parse();
        if date.is_err() {
            let message = format!("\"{}\" is no date; write e.g. 2026-02-17", text.get_ref());
            faults.add_at(
                text.span().start,
                format!("holiday.{}.{field}", form.name_en),
                message,
            );
        }
        date.ok()
    };
    let (from, to) = (day(&form.from, "from"), day(&form.to, "to"));
    let make_up = form
        .make_up
        .iter()
        .filter_map(|text| day(text, "make_up"))
        .collect();
    let (from, to) = (from?, to?);
    let length = to.duration_since(from).as_hours() / 24;
    if !(0..i64::from(HOLIDAY_DAYS_MAX)).contains(&length) {
        let message = format!("runs from {from} to {to}; it must last 1 to {HOLIDAY_DAYS_MAX} days");
        faults.add_at(
            form.to.span().start,
            format!("holiday.{}.to", form.name_en),
            message,
        );
        return None;
    }
    Some(Holiday {
        name_zh: form.name_zh.clone(),
        name_en: form.name_en.clone(),
        from,
        to,
        make_up,
    })
}

fn special(holidays: &[Holiday], plans: usize, faults: &mut Faults<'_>) -> BTreeMap<Date, u8> {
    let make_up_plan = u8::try_from(plans.saturating_sub(1)).unwrap_or(0);
    let mut special = BTreeMap::new();
    let mut set = |date: Date, plan: u8, name: &str| {
        if special.insert(date, plan).is_some() {
            faults.add(format!("holiday.{name}"), format!("{date} is named twice"));
        }
    };
    for holiday in holidays {
        let mut date = holiday.from;
        while date <= holiday.to {
            set(date, 0, &holiday.name_en);
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        holiday
            .make_up
            .iter()
            .for_each(|date| set(*date, make_up_plan, &holiday.name_en));
    }
    special
}
