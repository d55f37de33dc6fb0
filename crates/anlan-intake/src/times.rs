//! Points in time as foreign files write them. Reads one value by stated formats; never guesses which format a file uses.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// One way of writing a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeFormat {
    /// `ymd`: year, month, day, with `-`, `/`, `.` or 年月日 between; time, fraction, AM/PM and offset may follow.
    Ymd,
    /// `mdy`: month, day, year, as in the United States.
    Mdy,
    /// `dmy`: day, month, year, as in most of Europe.
    Dmy,
    /// `compact`: `20110701` or `20110701123000`.
    Compact,
    /// `epoch_s`: seconds since 1970.
    EpochSeconds,
    /// `epoch_ms`: milliseconds since 1970.
    EpochMillis,
    /// A pattern with `%` as in strftime.
    Pattern(String),
}

/// Why a value is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// No stated format fits.
    NoFormat,
    /// A format fits, but there is no such day or hour.
    Impossible,
}

/// What the clock change did to a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// Unremarkable.
    None,
    /// The hour was left out that night; read as if clocks had not yet gone forward.
    Gap,
    /// The hour came twice that night; the first one is taken.
    Twofold,
}

/// A time as read: an instant, or local where the value says no offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    At(Timestamp),
    Local(DateTime),
}

impl Read {
    /// The instant, in `zone` where the value itself names none.
    pub(crate) fn settle(self, zone: &TimeZone) -> Option<(Timestamp, Oddity)> {
        let local = match self {
            Self::At(at) => return Some((at, Oddity::None)),
            Self::Local(local) => local,
        };
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let oddity = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Oddity::None,
            AmbiguousOffset::Gap { .. } => Oddity::Gap,
            AmbiguousOffset::Fold { .. } => Oddity::Twofold,
        };
        Some((ambiguous.compatible().ok()?, oddity))
    }
}

impl TimeFormat {
    /// The format a mapping names, or `None` for an unknown name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ymd" => Self::Ymd,
            "mdy" => Self::Mdy,
            "dmy" => Self::Dmy,
            "compact" => Self::Compact,
            "epoch_s" => Self::EpochSeconds,
            "epoch_ms" => Self::EpochMillis,
            pattern if pattern.contains('%') => Self::Pattern(pattern.to_owned()),
            _ => return None,
        })
    }

    /// The name a mapping uses for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Ymd => "ymd",
            Self::Mdy => "mdy",
            Self::Dmy => "dmy",
            Self::Compact => "compact",
            Self::EpochSeconds => "epoch_s",
            Self::EpochMillis => "epoch_ms",
            Self::Pattern(pattern) => pattern,
        }
    }

    pub(crate) fn read(&self, text: &str) -> Result<Read, Unreadable> {
        match self {
            Self::Ymd => written(text, Order::Ymd),
            Self::Mdy => written(text, Order::Mdy),
            Self::Dmy => written(text, Order::Dmy),
            Self::Compact => compact(text),
            Self::EpochSeconds => epoch(text, 1000.0),
            Self::EpochMillis => epoch(text, 1.0),
            Self::Pattern(pattern) => by_pattern(pattern, text),
        }
    }
}

/// Reads by the first format that fits; an impossible day is only the answer if none does.
pub(crate) fn read(formats: &[TimeFormat], text: &str) -> Result<Read, Unreadable> {
    let mut worst = Unreadable::NoFormat;
    for format in formats {
        match format.read(text) {
            Ok(read) => return Ok(read),
            Err(Unreadable::Impossible) => worst = Unreadable::Impossible,
            Err(Unreadable::NoFormat) => {}
        }
    }
    Err(worst)
}

fn epoch(text: &str, millis_each: f64) -> Result<Read, Unreadable> {
    let Ok(number) = text.parse::<f64>() else {
        return Err(Unreadable::NoFormat);
    };
    let millis = number * millis_each;
    if !millis.is_finite() || millis.abs() > 2.5e14 {
        return Err(Unreadable::Impossible);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked above to lie far inside i64"
    )]
    let millis = millis.round() as i64;
    Timestamp::from_millisecond(millis).map_or(Err(Unreadable::Impossible), |at| Ok(Read::At(at)))
}

fn by_pattern(pattern: &str, text: &str) -> Result<Read, Unreadable> {
    let Ok(parsed) = jiff::fmt::strtime::parse(pattern, text) else {
        return Err(Unreadable::NoFormat);
    };
    if let Ok(at) = parsed.to_timestamp() {
        return Ok(Read::At(at));
    }
    if let Ok(local) = parsed.to_datetime() {
        return Ok(Read::Local(local));
    }
    let Ok(date) = parsed.to_date() else {
        return Err(Unreadable::Impossible);
    };
    Ok(Read::Local(date.to_datetime(Time::midnight())))
}

fn compact(text: &str) -> Result<Read, Unreadable> {
    let mut cursor = Cursor {
        rest: text.as_bytes(),
    };
    let date = (cursor.digits(4, 4), cursor.digits(2, 2), cursor.digits(2, 2));
    let (Some(year), Some(month), Some(day)) = date else {
        return Err(Unreadable::NoFormat);
    };
    cursor.one_of(b"T ");
    if cursor.rest.is_empty() {
        return local(year, month, day, (0, 0, 0, 0));
    }
    let time = (
        cursor.digits(2, 2),
        cursor.digits(2, 2),
        cursor.digits(2, 2).unwrap_or(0),
    );
    let ((Some(hour), Some(minute), second), true) = (time, cursor.rest.is_empty()) else {
        return Err(Unreadable::NoFormat);
    };
    local(year, month, day, (hour, minute, second, 0))
}

#[derive(Clone, Copy)]
enum Order {
    Ymd,
    Mdy,
    Dmy,
}

fn written(text: &str, order: Order) -> Result<Read, Unreadable> {
    written_parts(text, order).unwrap_or(Err(Unreadable::NoFormat))
}

/// `None` where the text is not of this shape at all.
fn written_parts(text: &str, order: Order) -> Option<Result<Read, Unreadable>> {
    let mut cursor = Cursor {
        rest: text.as_bytes(),
    };
    // 日 ends a date by itself; otherwise a space or T must.
    let mut is_apart = false;
    let (year, month, day) = match order {
        Order::Ymd => {
            let year = cursor.digits(4, 4)?;
            cursor.between(b"-/.", "年")?;
            let month = cursor.digits(1, 2)?;
            cursor.between(b"-/.", "月")?;
            let day = cursor.digits(1, 2)?;
            is_apart = cursor.word("日");
            (year, month, day)
        }
        Order::Mdy | Order::Dmy => {
            let first = cursor.digits(1, 2)?;
            cursor.between(b"-/.", "")?;
            let second = cursor.digits(1, 2)?;
            cursor.between(b"-/.", "")?;
            let year = cursor.digits(4, 4)?;
            if matches!(order, Order::Mdy) {
                (year, first, second)
            } else {
                (year, second, first)
            }
        }
    };
    if !cursor.one_of(b"T ") && !cursor.rest.is_empty() && !is_apart {
        return None;
    }
    cursor.spaces();
    if cursor.rest.is_empty() {
        return Some(local(year, month, day, (0, 0, 0, 0)));
    }
    let (time, offset) = clock(&mut cursor)?;
    let read = local(year, month, day, time);
    let (Ok(Read::Local(at)), Some(seconds)) = (read, offset) else {
        return Some(read);
    };
    let instant = Offset::from_seconds(seconds)
        .ok()
        .and_then(|offset| offset.to_timestamp(at).ok());
    Some(instant.map(Read::At).ok_or(Unreadable::Impossible))
}

type Clock = (u32, u32, u32, u32);

/// Hour, minute, second, nanosecond, and the offset in seconds where one is written.
fn clock(cursor: &mut Cursor<'_>) -> Option<(Clock, Option<i32>)> {
    let mut hour = cursor.digits(1, 2)?;
    cursor.between(b":", "时")?;
    let minute = cursor.digits(2, 2)?;
    let mut second = 0;
    let mut nanos = 0;
    if cursor.between(b":", "分").is_some() && !cursor.rest.is_empty() {
        second = cursor.digits(2, 2)?;
        cursor.word("秒");
        if cursor.one_of(b".,") {
            nanos = cursor.fraction()?;
        }
    }
    cursor.spaces();
    if let Some(is_afternoon) = cursor.half_of_day() {
        hour = if (1..=12).contains(&hour) {
            hour % 12 + if is_afternoon { 12 } else { 0 }
        } else {
            99
        };
    }
    let offset = cursor.offset().ok()?;
    cursor
        .rest
        .is_empty()
        .then_some(((hour, minute, second, nanos), offset))
}

fn local(year: u32, month: u32, day: u32, time: Clock) -> Result<Read, Unreadable> {
    let small = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
    let build = || {
        let date = Date::new(i16::try_from(year).ok()?, small(month), small(day)).ok()?;
        let (hour, minute, second, nanos) = time;
        let nanos = i32::try_from(nanos).ok()?;
        let time = Time::new(small(hour), small(minute), small(second), nanos).ok()?;
        Some(date.to_datetime(time))
    };
    build().map(Read::Local).ok_or(Unreadable::Impossible)
}

/// Whole seconds from `from` to `to`, negative where `to` is earlier.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    let apart: SignedDuration = from.duration_until(to);
    apart.as_secs()
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let len = self
            .rest
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (number, rest) = self.rest.split_at_checked(len).filter(|_| len >= least)?;
        self.rest = rest;
        Some(
            number
                .iter()
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')),
        )
    }

    /// Digits after the point, as nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let len = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(len).filter(|_| len > 0)?;
        self.rest = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0'));
        Some(
            padded
                .take(9)
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')),
        )
    }

    fn one_of(&mut self, choice: &[u8]) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if choice.contains(first) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn word(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word.as_bytes()) {
            Some(rest) if !word.is_empty() => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn between(&mut self, choice: &[u8], word: &str) -> Option<()> {
        (self.one_of(choice) || self.word(word)).then_some(())
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn half_of_day(&mut self) -> Option<bool> {
        let (half, rest) = self.rest.split_at_checked(2)?;
        let is_afternoon = match half.to_ascii_uppercase().as_slice() {
            b"AM" => false,
            b"PM" => true,
            _ => return None,
        };
        self.rest = rest;
        Some(is_afternoon)
    }

    /// The offset in seconds, where one is written.
    fn offset(&mut self) -> Result<Option<i32>, Unreadable> {
        self.spaces();
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.one_of(b"Zz") {
            return Ok(Some(0));
        }
        self.signed_offset().map(Some).ok_or(Unreadable::NoFormat)
    }

    fn signed_offset(&mut self) -> Option<i32> {
        let sign = if self.one_of(b"+") {
            1
        } else {
            self.one_of(b"-").then_some(-1)?
        };
        let hours = i32::try_from(self.digits(2, 2)?).ok()?;
        self.one_of(b":");
        let minutes = i32::try_from(self.digits(2, 2).unwrap_or(0)).ok()?;
        Some(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(format: &str, text: &str) -> String {
        let zone = TimeZone::get("America/New_York").unwrap();
        match TimeFormat::named(format).unwrap().read(text) {
            Err(error) => format!("{error:?}"),
            Ok(read) => {
                let (at, oddity) = read.settle(&zone).unwrap();
                if oddity == Oddity::None {
                    at.to_string()
                } else {
                    format!("{at} {oddity:?}")
                }
            }
        }
    }

    #[test]
    fn many_ways_to_write_a_time() {
        for (format, text, expected) in [
            ("ymd", "2011-07-01 01:32:33", "2011-07-01T05:32:33Z"),
            ("ymd", "2011-07-01T01:32:33.25Z", "2011-07-01T01:32:33.25Z"),
            ("ymd", "2017-05-22 19:34:38+00", "2017-05-22T19:34:38Z"),
            ("ymd", "2020-01-17T19:03:41-05:00", "2020-01-18T00:03:41Z"),
            ("ymd", "2000-01-03", "2000-01-03T05:00:00Z"),
            ("ymd", "2024年3月5日 14时30分", "2024-03-05T19:30:00Z"),
            ("ymd", "2024年3月5日14时30分05秒", "2024-03-05T19:30:05Z"),
            ("ymd", "2024/3/5 4:30", "2024-03-05T09:30:00Z"),
            ("mdy", "01/05/2015 12:40:41 PM", "2015-01-05T17:40:41Z"),
            ("mdy", "01/05/2015 12:40:41 AM", "2015-01-05T05:40:41Z"),
            ("mdy", "1/5/2015", "2015-01-05T05:00:00Z"),
            ("dmy", "05.01.2015 08:00", "2015-01-05T13:00:00Z"),
            ("compact", "20110701013233", "2011-07-01T05:32:33Z"),
            ("epoch_s", "1477872000", "2016-10-31T00:00:00Z"),
            ("epoch_ms", "1477872000000", "2016-10-31T00:00:00Z"),
            ("%d %B %Y", "24 October 2011", "2011-10-24T04:00:00Z"),
            ("%Y-%m-%d %H:%M:%S", "2011-07-01 01:32:33", "2011-07-01T05:32:33Z"),
            ("ymd", "2011-03-13 02:30:00", "2011-03-13T07:30:00Z Gap"),
            ("ymd", "2011-11-06 01:30:00", "2011-11-06T05:30:00Z Twofold"),
            ("ymd", "2011-02-30", "Impossible"),
            ("ymd", "2011-01-01 25:00:00", "Impossible"),
            ("mdy", "13/01/2015", "Impossible"),
            ("mdy", "01/05/2015 13:00 PM", "Impossible"),
            ("ymd", "01/05/2015", "NoFormat"),
            ("ymd", "2011-07-01x", "NoFormat"),
            ("ymd", "", "NoFormat"),
            ("ymd", "2011-07-01 01:32:33 tomorrow", "NoFormat"),
            ("epoch_s", "1e300", "Impossible"),
        ] {
            assert_eq!(at(format, text), expected, "{format} {text}");
        }
    }
}
