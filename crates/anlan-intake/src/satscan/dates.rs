//! Times as SaTScan writes them: years, months, days or plain numbers, year first or month first. No clock of its own.

use super::lines::UNDATED;
use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

/// How exact a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// No time at all.
    None,
    /// A year.
    Year,
    /// A month.
    Month,
    /// A day.
    Day,
    /// A whole number in a unit of the project's own.
    Generic,
}

impl Precision {
    /// The word that SaTScan prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Year => "Year",
            Self::Month => "Month",
            Self::Day => "Day",
            Self::Generic => "Generic",
        }
    }
}

/// A time: days since 1970-01-01, or the number itself where the project counts in units of its own.
pub type Day = i64;

/// Years that a date may have, as in SaTScan.
const YEARS: std::ops::RangeInclusive<i64> = 1753..=9999;

/// A time as written and how exact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) precision: Precision,
    year: i16,
    month: i8,
    day: i8,
    number: i64,
}

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It has not the form of a date.
    Form,
    /// It has the form, but there is no such day.
    NoSuchDay,
    /// Its century cannot be told.
    Century,
}

/// Reads a date with the separators `/ - . *`, year first, or month first where the year has four digits.
/// A year of two digits lies in the study's century; `study` holds its first and last year.
pub(crate) fn read(text: &str, study: Option<(i16, i16)>) -> Result<Written, Unreadable> {
    if text == UNDATED {
        return Ok(Written {
            precision: Precision::None,
            year: 0,
            month: 1,
            day: 1,
            number: 0,
        });
    }
    let mut parts = Vec::with_capacity(3);
    for part in text.split(['/', '-', '.', '*']) {
        if part.is_empty() || part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Unreadable::Form);
        }
        parts.push(part.parse::<i64>().map_err(|_error| Unreadable::Form)?);
    }
    let (year, month, day, precision) = match parts.as_slice() {
        [year] => (*year, 1, 1, Precision::Year),
        [month, year] if *year > 999 => (*year, *month, 1, Precision::Month),
        [year, month] => (*year, *month, 1, Precision::Month),
        [month, day, year] if *year > 999 => (*year, *month, *day, Precision::Day),
        [year, month, day] => (*year, *month, *day, Precision::Day),
        _ => return Err(Unreadable::Form),
    };
    let year = whole_year(year, study)?;
    let whole = |number: i64| i8::try_from(number).map_err(|_error| Unreadable::NoSuchDay);
    let (month, day) = (whole(month)?, whole(day)?);
    Date::new(year, month, day).map_err(|_error| Unreadable::NoSuchDay)?;
    Ok(Written {
        precision,
        year,
        month,
        day,
        number: 0,
    })
}

/// Reads a time in a unit of the project's own.
pub(crate) fn read_generic(text: &str) -> Result<Written, Unreadable> {
    if text == UNDATED {
        return read(text, None);
    }
    let number = text.parse::<i32>().map_err(|_error| Unreadable::Form)?;
    Ok(Written {
        precision: Precision::Generic,
        year: 0,
        month: 1,
        day: 1,
        number: i64::from(number),
    })
}

fn whole_year(year: i64, study: Option<(i16, i16)>) -> Result<i16, Unreadable> {
    let fits = |year: i64| {
        YEARS
            .contains(&year)
            .then(|| i16::try_from(year).ok())
            .flatten()
            .ok_or(Unreadable::NoSuchDay)
    };
    if year > 99 {
        return fits(year);
    }
    let Some((first, last)) = study else {
        return fits(1900 + year);
    };
    let (first, last) = (i64::from(first), i64::from(last));
    let (lower, upper) = (first / 100, last / 100);
    if lower == upper {
        fits(lower * 100 + year)
    } else if last - first >= 100 {
        Err(Unreadable::Century)
    } else if year >= first % 100 {
        fits(lower * 100 + year)
    } else if year <= last % 100 {
        fits(upper * 100 + year)
    } else {
        Err(Unreadable::Century)
    }
}

impl Written {
    /// The calendar date, the first day of a month or year; nothing for a plain number.
    fn date(self) -> Option<Date> {
        Date::new(self.year, self.month, self.day).ok()
    }

    /// The first day it covers.
    pub(crate) fn first(self) -> Day {
        match self.precision {
            Precision::Generic => self.number,
            _ => self.date().map_or(0, day_of),
        }
    }

    /// The last day it covers.
    pub(crate) fn last(self) -> Day {
        let span: Span = match self.precision {
            Precision::Year => 1.year(),
            Precision::Month => 1.month(),
            _ => return self.first(),
        };
        self.date()
            .and_then(|date| date.checked_add(span).ok())
            .map_or(self.first(), |next| day_of(next) - 1)
    }

    /// The day a population of this date is meant for: the middle of its year or month.
    pub(crate) fn middle(self) -> Day {
        let date = match self.precision {
            Precision::Year => Date::new(self.year, 7, 1).ok(),
            Precision::Month => Date::new(self.year, self.month, 15).ok(),
            _ => return self.first(),
        };
        date.map_or(self.first(), day_of)
    }
}

pub(crate) fn day_of(date: Date) -> Day {
    let epoch = Date::constant(1970, 1, 1);
    i64::from(date.since(epoch).map_or(0, |span| span.get_days()))
}

/// The same day of the next month, or its last day.
pub(crate) fn month_after(day: Day) -> Day {
    date_of(day).checked_add(1.month()).map_or(day + 31, day_of)
}

/// The calendar date of a day.
pub fn date_of(day: Day) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    epoch
        .checked_add(day.clamp(-200_000, 2_900_000).days())
        .unwrap_or(epoch)
}

/// A time as SaTScan prints it: `1985/1/1`, `1985/1`, `1985` or the number.
pub fn print(day: Day, precision: Precision) -> String {
    let date = date_of(day);
    match precision {
        Precision::Generic => day.to_string(),
        Precision::Year => date.year().to_string(),
        Precision::Month => format!("{}/{}", date.year(), date.month()),
        Precision::Day | Precision::None => format!("{}/{}/{}", date.year(), date.month(), date.day()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str, study: Option<(i16, i16)>) -> Result<(String, String, Precision), Unreadable> {
        let written = read(text, study)?;
        let print = |day| print(day, Precision::Day);
        Ok((print(written.first()), print(written.last()), written.precision))
    }

    #[test]
    fn every_form_of_a_date() {
        let day = |text: &str| (text.to_owned(), text.to_owned(), Precision::Day);
        for text in ["2024/02/09", "2024-2-9", "2/9/2024", "2024.02.9", "2024*2*9"] {
            assert_eq!(printed(text, None), Ok(day("2024/2/9")), "{text}");
        }
        let month = ("2024/2/1".to_owned(), "2024/2/29".to_owned(), Precision::Month);
        assert_eq!(printed("2024/2", None), Ok(month.clone()));
        assert_eq!(printed("2/2024", None), Ok(month));
        let year = ("1973/1/1".to_owned(), "1973/12/31".to_owned(), Precision::Year);
        assert_eq!(printed("73", Some((1973, 1991))), Ok(year.clone()));
        assert_eq!(printed("1973", None), Ok(year));
    }

    #[test]
    fn two_digits_find_their_century_or_say_they_cannot() {
        let first = |text, study| printed(text, Some(study)).map(|(first, ..)| first);
        assert_eq!(first("05", (1990, 2010)), Ok("2005/1/1".to_owned()));
        assert_eq!(first("95", (1990, 2010)), Ok("1995/1/1".to_owned()));
        assert_eq!(first("50", (1990, 2010)), Err(Unreadable::Century));
        assert_eq!(first("50", (1890, 2010)), Err(Unreadable::Century));
    }

    #[test]
    fn what_is_no_date_says_why() {
        for text in ["", "x", "2024/", "2024/1/1/1", "-3", "12345", "2024/1/ 1"] {
            assert_eq!(read(text, None).err(), Some(Unreadable::Form), "{text}");
        }
        for text in ["2023/2/29", "2024/13/1", "100", "1700/1/1", "2024/0/1"] {
            assert_eq!(read(text, None).err(), Some(Unreadable::NoSuchDay), "{text}");
        }
    }

    #[test]
    fn populations_stand_in_the_middle() {
        let middle = |text| read(text, None).map(|written| print(written.middle(), Precision::Day));
        assert_eq!(middle("1973"), Ok("1973/7/1".to_owned()));
        assert_eq!(middle("1973/2"), Ok("1973/2/15".to_owned()));
        assert_eq!(middle("1973/2/3"), Ok("1973/2/3".to_owned()));
        assert_eq!(read_generic("-7").map(Written::first), Ok(-7));
        assert_eq!(read_generic("7.5").err(), Some(Unreadable::Form));
    }
}
