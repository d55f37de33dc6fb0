//! Instants and spans in words. Honest ones: a span by the working clock is called that.

use crate::languages::Lang;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Date, weekday and time by the node's clocks.
pub(crate) fn moment(lang: Lang, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    match lang {
        Lang::Zh => {
            let day = ["一", "二", "三", "四", "五", "六", "日"];
            let index = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default();
            let weekday = day.get(index).copied().unwrap_or_default();
            let (year, month, date) = (local.year(), local.month(), local.day());
            format!(
                "{year} 年 {month} 月 {date} 日（周{weekday}）{:02}:{:02}",
                local.hour(),
                local.minute()
            )
        }
        Lang::En => local.strftime("%a, %-d %b %Y, %H:%M").to_string(),
    }
}

/// A span in its two largest units, e.g. "2 days 3 hours". Never less than a minute.
pub(crate) fn span(lang: Lang, seconds: i64) -> String {
    let seconds = seconds.abs().max(MINUTE);
    let (days, hours, minutes) = (seconds / DAY, seconds % DAY / HOUR, seconds % HOUR / MINUTE);
    let parts = match (days, hours) {
        (0, 0) => vec![(minutes, "分钟", "minute")],
        (0, _) => vec![(hours, "小时", "hour"), (minutes, "分钟", "minute")],
        (1..=13, _) => vec![(days, "天", "day"), (hours, "小时", "hour")],
        _ => vec![(days, "天", "day")],
    };
    let words = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, zh, en)| match lang {
            Lang::Zh => format!("{count} {zh}"),
            Lang::En => format!("{count} {en}{}", if count == 1 { "" } else { "s" }),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_name_their_two_largest_units() {
        let check = |seconds, zh: &str, en: &str| {
            assert_eq!(
                (span(Lang::Zh, seconds).as_str(), span(Lang::En, seconds).as_str()),
                (zh, en)
            );
        };
        check(0, "1 分钟", "1 minute");
        check(-3600, "1 小时", "1 hour");
        check(7380, "2 小时 3 分钟", "2 hours 3 minutes");
        check(2 * DAY + 3 * HOUR + 59 * MINUTE, "2 天 3 小时", "2 days 3 hours");
        check(40 * DAY + HOUR, "40 天", "40 days");
    }

    #[test]
    fn moments_are_local() {
        let at: Timestamp = "2026-11-23T20:05:00Z".parse().unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(moment(Lang::Zh, at, &zone), "2026 年 11 月 24 日（周二）04:05");
        assert_eq!(moment(Lang::En, at, &zone), "Tue, 24 Nov 2026, 04:05");
    }
}
