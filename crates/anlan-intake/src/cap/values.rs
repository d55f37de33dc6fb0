//! Single values of a CAP document from their text, and nothing else: times, points, rings, circles, lists. It tells no faults; who
//! asks knows the place.

use super::Version;
use super::tree::is_blank;
use anlan_model::alerts::{Circle, MessageRef, NamedValue};
use anlan_model::places::Point;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// The second day of the year 1: XML Schema knows no year before, and an offset may lead back by most of a day.
const FIRST_SECOND: i64 = -62_135_510_400;

/// A time: in 1.2 as its schema's pattern has it, in the older versions any `dateTime` of XML Schema that names its offset.
pub(super) fn time(text: &str, version: Version) -> Option<Timestamp> {
    let text = text.trim_matches(is_blank);
    let (local, rest) = text.split_at_checked(19)?;
    let (nanosecond, zone) = match version {
        Version::V1_2 => (0, rest),
        Version::V1_0 | Version::V1_1 => fraction(rest)?,
    };
    let offset = match zone {
        "Z" if version != Version::V1_2 => Offset::UTC,
        zone => offset(zone)?,
    };
    let at = offset.to_timestamp(civil(local, nanosecond)?).ok()?;
    (at.as_second() >= FIRST_SECOND).then_some(at)
}

/// `2026-07-23T10:15:00`; hour 24 is the end of the day, as XML Schema has it.
fn civil(text: &str, nanosecond: i32) -> Option<DateTime> {
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    let is_marked = marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark));
    let number = |from: usize, to: usize| digits(text.get(from..to)?);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let clock = |hour: i16| {
        let [hour, minute, second] = [hour, minute, second].map(|part| i8::try_from(part).unwrap_or(i8::MAX));
        Time::new(hour, minute, second, nanosecond).ok()
    };
    match (hour, minute, second, nanosecond) {
        _ if !is_marked => None,
        (24, 0, 0, 0) => date
            .to_datetime(Time::midnight())
            .checked_add(Span::new().days(1))
            .ok(),
        _ => Some(date.to_datetime(clock(hour)?)),
    }
}

/// `+08:00`; XML Schema goes to 14 hours.
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let is_short = hours.len() == 2 && minutes.len() == 2;
    let minutes_in_all = i32::from(digits(hours)?) * 60 + i32::from(digits(minutes)?);
    let fits = is_short && digits(minutes)? < 60 && minutes_in_all <= 14 * 60;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    fits.then(|| Offset::from_seconds(sign * minutes_in_all * 60).ok())?
}

/// Nanoseconds of `.25`, and what stands behind.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(rest) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (part, zone) = rest.split_at_checked(end)?;
    let nine: String = part.chars().chain("000000000".chars()).take(9).collect();
    (!part.is_empty()).then(|| Some((nine.parse().ok()?, zone)))?
}

fn digits(text: &str) -> Option<i16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// A number as XML Schema's `decimal` has it: no exponent, no word.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_blank);
    let fits = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.');
    let number = text.chars().all(fits).then(|| text.parse::<f64>().ok())?;
    number.filter(|number| number.is_finite())
}

/// `lat,lon`.
fn point(text: &str) -> Option<Point> {
    let (lat, lon) = text.split_once(',')?;
    Some(Point {
        lon: decimal(lon)?,
        lat: decimal(lat)?,
    })
}

/// `lat,lon lat,lon …`, or the first pair that is none.
pub(super) fn ring(text: &str) -> Result<Vec<Point>, &str> {
    let pairs = text.split(is_blank).filter(|pair| !pair.is_empty());
    pairs.map(|pair| point(pair).ok_or(pair)).collect()
}

/// `lat,lon radius`.
pub(super) fn circle(text: &str) -> Option<Circle> {
    let mut parts = text.split(is_blank).filter(|part| !part.is_empty());
    let (middle, radius) = (parts.next()?, parts.next()?);
    let circle = Circle {
        middle: point(middle)?,
        radius_km: decimal(radius)?,
    };
    parts.next().is_none().then_some(circle)
}

/// `sender,identifier,sent`.
pub(super) fn reference(text: &str, version: Version) -> Option<MessageRef> {
    let mut parts = text.split(',');
    let (sender, identifier, sent) = (parts.next()?, parts.next()?, parts.next()?);
    let reference = MessageRef {
        sender: sender.to_owned(),
        identifier: identifier.to_owned(),
        sent: time(sent, version)?,
    };
    parts.next().is_none().then_some(reference)
}

/// `name=value`, as version 1.0 has it.
pub(super) fn named_value(text: &str) -> Option<NamedValue> {
    let (name, value) = text.split_once('=')?;
    let trimmed = |text: &str| text.trim_matches(is_blank).to_owned();
    Some(NamedValue {
        name: trimmed(name),
        value: trimmed(value),
    })
}

/// Words apart by blanks; several in quotes are one.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut rest = text.trim_matches(is_blank);
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (item, behind) = match quoted {
            Some(found) => found,
            None => rest.split_once(is_blank).unwrap_or((rest, "")),
        };
        if !item.is_empty() {
            items.push(item.to_owned());
        }
        rest = behind.trim_start_matches(is_blank);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::Version::*;
    use super::*;

    #[test]
    fn times_are_as_each_version_has_them() {
        for (text, version, expected) in [
            ("2002-05-24T16:49:00-07:00", V1_2, Some("2002-05-24T23:49:00Z")),
            (" 2002-05-24T16:49:00+00:00\n", V1_2, Some("2002-05-24T16:49:00Z")),
            ("2024-07-02T20:10:00-00:00", V1_2, Some("2024-07-02T20:10:00Z")),
            ("2024-12-31T24:00:00+08:00", V1_2, Some("2024-12-31T16:00:00Z")),
            ("2024-07-02T20:10:00Z", V1_2, None),
            ("2024-07-02T20:10:00Z", V1_1, Some("2024-07-02T20:10:00Z")),
            (
                "2024-07-02T20:10:00.250+02:00",
                V1_0,
                Some("2024-07-02T18:10:00.25Z"),
            ),
            ("2024-07-02T20:10:00.25+02:00", V1_2, None),
            ("2024-07-02T20:10:00.+02:00", V1_1, None),
            ("2024-07-02T20:10:00", V1_1, None),
            ("2024-07-02T20:10:00,08:00", V1_2, None),
            ("2024-07-02T20:10:00+8:00", V1_2, None),
            ("2024-07-02T20:10:00+14:01", V1_2, None),
            ("2024-07-02T20:10:00+08:60", V1_2, None),
            ("2023-02-29T20:10:00+08:00", V1_2, None),
            ("2024-07-02 20:10:00+08:00", V1_2, None),
            ("2024-07-02T24:00:01+08:00", V1_2, None),
            ("2024-07-02T20:10:60+08:00", V1_2, None),
            ("2024-07-02T20:10:0\u{4e00}", V1_2, None),
            ("0000-07-02T20:10:00+08:00", V1_2, None),
            ("0001-01-01T00:00:00+08:00", V1_2, None),
            ("", V1_2, None),
        ] {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(time(text, version), expected, "{text} {version:?}");
        }
    }

    #[test]
    fn shapes_are_read_latitude_first() {
        let read = ring(" +41.12,-117.61\n41.06,-117.47 .5,5. ").unwrap();
        assert_eq!(
            read[0],
            Point {
                lon: -117.61,
                lat: 41.12
            }
        );
        assert_eq!((read.len(), read[2]), (3, Point { lon: 5.0, lat: 0.5 }));
        assert_eq!(ring("1,2 3,4, 5,6"), Err("3,4,"));
        assert_eq!(
            (ring("1,nan"), ring("1,1e2"), ring("")),
            (Err("1,nan"), Err("1,1e2"), Ok(vec![]))
        );
        let round = circle("12.747,-88.783 0.0").unwrap();
        assert_eq!((round.middle.lat, round.radius_km.to_bits()), (12.747, 0));
        assert!(circle("1,2").is_none() && circle("1,2 3 4").is_none() && circle("1,2 far").is_none());
    }

    #[test]
    fn lists_and_references_keep_what_is_in_quotes_together() {
        assert_eq!(list(" a \"b c\"\td\"\" \"\" \"e"), ["a", "b c", "d\"\"", "\"e"]);
        let one = reference("a@b,c-1,2002-05-24T16:49:00-07:00", V1_2).unwrap();
        assert_eq!((one.sender.as_str(), one.identifier.as_str()), ("a@b", "c-1"));
        for torn in ["a,b", "a,b,c", "a,b,2002-05-24T16:49:00-07:00,d", ""] {
            assert!(reference(torn, V1_2).is_none(), "{torn}");
        }
        let value = named_value("same = SVR=1").unwrap();
        assert_eq!((value.name.as_str(), value.value.as_str()), ("same", "SVR=1"));
        assert!(named_value("SVR").is_none());
    }
}
