//! Which requests are asked for: by number, or by kind, state and time. The specification answers 90 days or the first 1,000.

use super::{Fault, Fields, field, or_note};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Days that one question may span.
pub const WINDOW_DAYS: i64 = 90;
/// Requests on one page.
pub const PAGE_MAX: usize = 1000;
/// How far a page may lie from the first: whoever wants more asks for other days.
const SKIP_MAX: usize = 20_000;
const IDS_MAX: usize = 200;

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// These and nothing else, whatever the rest says; empty where no number was named.
    pub ids: Vec<String>,
    /// Only these kinds; empty for any.
    pub service_codes: Vec<String>,
    /// Made at or after.
    pub from: Timestamp,
    /// Made before.
    pub until: Timestamp,
    /// Open or closed; `None` for both.
    pub is_open: Option<bool>,
    /// How many to pass over.
    pub skip: usize,
    /// How many at most.
    pub limit: usize,
}

impl Wanted {
    /// Reads a query, asked at `now` in `zone`.
    pub fn read(fields: &Fields, now: Timestamp, zone: &TimeZone) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let (from, until) = or_note(window(fields, now, zone), (now, now), &mut faults);
        let is_open = or_note(state(fields), None, &mut faults);
        let page = or_note(whole(fields, "page", 1), 1, &mut faults);
        let limit = or_note(whole(fields, "page_size", PAGE_MAX), PAGE_MAX, &mut faults);
        let limit = limit.min(PAGE_MAX);
        let skip = page.saturating_sub(1).saturating_mul(limit);
        if skip > SKIP_MAX {
            faults.push(Fault::bad(
                format!("最多翻到第 {SKIP_MAX} 条；请缩小 start_date 和 end_date 的范围。"),
                format!("Pages reach to number {SKIP_MAX}; ask for fewer days with start_date and end_date."),
            ));
        }
        let ids = several(fields, "service_request_id");
        if ids.len() > IDS_MAX {
            faults.push(Fault::bad(
                format!("一次最多查询 {IDS_MAX} 个编号。"),
                format!("Ask for {IDS_MAX} numbers at most."),
            ));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            ids,
            service_codes: several(fields, "service_code"),
            from,
            until,
            is_open,
            skip,
            limit,
        })
    }
}

/// The values of a comma-separated list, each once.
fn several(fields: &Fields, name: &str) -> Vec<String> {
    let text = field(fields, name).unwrap_or_default();
    let mut all: Vec<String> = Vec::new();
    for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        if !all.iter().any(|known| known == one) {
            all.push(one.to_owned());
        }
    }
    all
}

fn state(fields: &Fields) -> Result<Option<bool>, Fault> {
    let words = several(fields, "status");
    let known = |word: &String| word == "open" || word == "closed";
    if !words.iter().all(known) {
        return Err(Fault::bad(
            "status 只能是 open、closed 或两者。",
            "status is open, closed or both.",
        ));
    }
    Ok(match words.as_slice() {
        [one] => Some(one == "open"),
        _ => None,
    })
}

fn whole(fields: &Fields, name: &str, default: usize) -> Result<usize, Fault> {
    let Some(text) = field(fields, name) else {
        return Ok(default);
    };
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
        Fault::bad(
            format!("{name} 应为从 1 起的整数。"),
            format!("{name} is a whole number from 1."),
        )
    })
}

fn window(fields: &Fields, now: Timestamp, zone: &TimeZone) -> Result<(Timestamp, Timestamp), Fault> {
    let from = time(fields, "start_date", zone, false)?;
    let until = time(fields, "end_date", zone, true)?;
    let most = SignedDuration::from_hours(24 * WINDOW_DAYS);
    let unreadable = |_why| Fault::bad("日期超出范围。", "These dates are out of range.");
    let (from, until) = match (from, until) {
        (Some(from), Some(until)) => (from, until),
        (Some(from), None) => (from, from.checked_add(most).map_err(unreadable)?),
        (None, Some(until)) => (until.checked_sub(most).map_err(unreadable)?, until),
        (None, None) => {
            // What comes in this very second is asked for too.
            let until = now
                .checked_add(SignedDuration::from_secs(1))
                .map_err(unreadable)?;
            (now.checked_sub(most).map_err(unreadable)?, until)
        }
    };
    if from > until {
        return Err(Fault::bad(
            "start_date 晚于 end_date。",
            "start_date is later than end_date.",
        ));
    }
    // A day that is an hour longer is a day.
    if until.duration_since(from) > most + SignedDuration::from_hours(25) {
        return Err(Fault::bad(
            format!("一次最多查询 {WINDOW_DAYS} 天；请缩小范围，分几次查询。"),
            format!("One question spans {WINDOW_DAYS} days at most; ask several times."),
        ));
    }
    Ok((from, until))
}

/// A time with its offset (W3C); a day alone is a day of the node's, to its end where it is a last one.
fn time(fields: &Fields, name: &str, zone: &TimeZone, is_last: bool) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = field(fields, name) else {
        return Ok(None);
    };
    let wrong = || {
        Fault::bad(
            format!("{name} 应为带时区的时间，例如 2026-11-23T10:00:00+08:00，或一个日期。"),
            format!("{name} is a time with its offset, as in 2026-11-23T10:00:00+08:00, or a day."),
        )
    };
    // A plus that was not escaped comes as a blank.
    let text = text.replace(' ', "+");
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Some(time));
    }
    let day: Date = text.parse().map_err(|_why| wrong())?;
    let is_day_alone = text.len() == "2026-11-23".len();
    let day = if is_last {
        day.checked_add(1.day())
    } else {
        Ok(day)
    };
    let begins = day
        .ok()
        .filter(|_| is_day_alone)
        .and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)).ok());
    begins.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Wanted, String> {
        let fields: Vec<(String, String)> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        Wanted::read(&fields, "2026-11-23T02:00:00Z".parse().unwrap(), &zone)
            .map_err(|faults| faults.into_iter().map(|fault| fault.en).collect())
    }

    #[test]
    fn the_window_is_ninety_days_unless_said_otherwise() {
        for (asked, from, until) in [
            (&[][..], "2026-08-25T02:00:00Z", "2026-11-23T02:00:01Z"),
            (
                &[("start_date", "2026-10-01T00:00:00+08:00")],
                "2026-09-30T16:00:00Z",
                "2026-12-29T16:00:00Z",
            ),
            (
                &[("start_date", "2026-10-01T00:00:00 08:00"), ("end_date", "")],
                "2026-09-30T16:00:00Z",
                "2026-12-29T16:00:00Z",
            ),
            (
                &[("end_date", "2026-10-01T00:00:00Z")],
                "2026-07-03T00:00:00Z",
                "2026-10-01T00:00:00Z",
            ),
            (
                &[("start_date", "2026-10-01"), ("end_date", "2026-10-01")],
                "2026-09-30T16:00:00Z",
                "2026-10-01T16:00:00Z",
            ),
        ] {
            let wanted = read(asked).unwrap();
            let times = (wanted.from.to_string(), wanted.until.to_string());
            assert_eq!(times, (from.to_owned(), until.to_owned()), "{asked:?}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        for (asked, said) in [
            (
                &[("start_date", "2026-01-01"), ("end_date", "2026-10-01")][..],
                "90 days",
            ),
            (
                &[("start_date", "2026-10-02"), ("end_date", "2026-09-01")],
                "later",
            ),
            (&[("start_date", "yesterday")], "offset"),
            (&[("start_date", "2026-10-01T00:00:00")], "offset"),
            (
                &[("start_date", "-009999-01-01T00:00:00Z"), ("status", "x")],
                "both",
            ),
            (&[("status", "open,broken")], "both"),
            (&[("page", "0")], "from 1"),
            (&[("page_size", "many")], "from 1"),
            (&[("page", "1000000")], "fewer days"),
        ] {
            let told = read(asked).unwrap_err();
            assert!(told.contains(said), "{asked:?}: {told}");
        }
        let many: Vec<String> = (0..300).map(|id: u32| id.to_string()).collect();
        let many = many.join(",");
        assert!(
            read(&[("service_request_id", &many)])
                .unwrap_err()
                .contains("200")
        );
    }

    #[test]
    fn lists_name_each_once_and_both_states_are_any() {
        let wanted = read(&[
            ("service_request_id", "a, b,,a"),
            ("service_code", "001,002"),
            ("status", "open,closed"),
            ("page", "3"),
            ("page_size", "5000"),
        ])
        .unwrap();
        assert_eq!(wanted.ids, ["a", "b"]);
        assert_eq!(wanted.service_codes, ["001", "002"]);
        assert_eq!((wanted.is_open, wanted.skip, wanted.limit), (None, 2000, 1000));
        assert_eq!(read(&[("status", "closed")]).unwrap().is_open, Some(false));
    }
}
