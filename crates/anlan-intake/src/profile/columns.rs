//! What one column holds: its type, its blanks, its range, its words. Judges no meaning.

use super::Question;
use crate::refusals::cut;
use crate::times::{Read, TimeFormat, Unreadable};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::HashMap;

/// Values told apart exactly up to here.
const DISTINCT_MAX: usize = 10_000;
/// Longest value quoted.
const QUOTED_CHARS: usize = 60;
/// Values after which a type that never fitted is no longer tried.
const PATIENCE: u64 = 2_000;
/// A text column with at most so many words is a code list, if they repeat.
const CODES_MAX: usize = 200;

/// Words that often stand for nothing.
const NULL_WORDS: &[&str] = &[
    "na",
    "n/a",
    "null",
    "none",
    "nil",
    "nan",
    "-",
    "--",
    "?",
    "unknown",
    "#n/a",
    "(null)",
    "\\n",
    "无",
    "空",
    "不详",
    "未知",
    "0000-00-00",
    "(0, 0)",
];

/// Words for yes and no.
const BOOLEANS: &[&str] = &["true", "false", "yes", "no", "y", "n", "t", "f", "是", "否"];

/// The type a column seems to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing in it.
    Empty,
    /// Whole numbers.
    Int,
    /// Numbers.
    Decimal,
    /// Points in time.
    DateTime,
    /// Yes and no.
    Boolean,
    /// A few words that repeat.
    Codes,
    /// Anything else.
    Text,
}

/// A value and how often it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// The value, cut.
    pub value: String,
    /// How often.
    pub count: u64,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its header.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// How its times are written, by the names mappings use; several where they cannot be told apart.
    pub time_formats: Vec<String>,
    /// Values that do not have the type.
    pub misfits: u64,
    /// Days and hours that do not exist, such as 2011-02-30.
    pub impossible_dates: u64,
    /// Line of the first misfit or impossible date.
    pub first_misfit_line: Option<u64>,
    /// Blank values, spaces counted as blank.
    pub blanks: u64,
    /// Values of spaces alone, part of the blanks.
    pub spaces_only: u64,
    /// Words that seem to stand for nothing.
    pub null_words: Vec<Word>,
    /// Different values.
    pub distinct: u64,
    /// There are more than were counted.
    pub has_more_distinct: bool,
    /// The commonest values.
    pub common: Vec<Word>,
    /// Smallest: by number, time or alphabet.
    pub min: Option<String>,
    /// Largest.
    pub max: Option<String>,
    /// Length of the longest value in characters.
    pub longest_chars: u64,
    /// Whole numbers written as `6.0`.
    pub ints_with_point: u64,
}

impl Column {
    /// What must be asked about it.
    pub(super) fn question(&self) -> Option<Question> {
        if self.time_formats.len() < 2 {
            return None;
        }
        let formats = self.time_formats.join(" or ");
        Some(Question {
            code: "time_format",
            columns: vec![self.name.clone()],
            message: format!(
                "The times in “{}” can be read as {formats}: no day is above 12. Say which comes first, day or month.",
                self.name
            ),
        })
    }
}

/// A range that grows.
#[derive(Debug, Clone)]
struct Range<T>(Option<(T, T)>);

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialOrd + Copy> Range<T> {
    fn add(&mut self, value: T) {
        self.0 = Some(match self.0 {
            None => (value, value),
            Some((min, max)) => (
                if value < min { value } else { min },
                if value > max { value } else { max },
            ),
        });
    }
}

#[derive(Debug)]
struct TimesSeen {
    format: TimeFormat,
    fits: u64,
    impossible: u64,
    range: Range<DateTime>,
}

/// A column while it is read.
#[derive(Debug)]
pub(super) struct ColumnSeen {
    name: String,
    values: u64,
    blanks: u64,
    spaces_only: u64,
    nulls: HashMap<String, u64>,
    counts: HashMap<Box<str>, u64>,
    has_more: bool,
    ints: u64,
    ints_with_point: u64,
    numbers: u64,
    booleans: u64,
    range: Range<f64>,
    times: Vec<TimesSeen>,
    least: Option<String>,
    most: Option<String>,
    longest_chars: usize,
    first_not_number: Option<u64>,
    first_not_time: Option<u64>,
}

impl ColumnSeen {
    pub(super) fn new(name: &str) -> Self {
        let lower = name.to_lowercase();
        let is_time = ["time", "date", "stamp", "_dt", "_ts", "时间", "日期"]
            .iter()
            .any(|part| lower.contains(part));
        let mut formats = vec![TimeFormat::Ymd, TimeFormat::Mdy, TimeFormat::Dmy];
        if is_time {
            // Numbers are only taken for times where the header says so.
            formats.extend([
                TimeFormat::Compact,
                TimeFormat::EpochSeconds,
                TimeFormat::EpochMillis,
            ]);
        }
        let seen = |format| TimesSeen {
            format,
            fits: 0,
            impossible: 0,
            range: Range::default(),
        };
        Self {
            name: name.to_owned(),
            values: 0,
            blanks: 0,
            spaces_only: 0,
            nulls: HashMap::new(),
            counts: HashMap::new(),
            has_more: false,
            ints: 0,
            ints_with_point: 0,
            numbers: 0,
            booleans: 0,
            range: Range::default(),
            times: formats.into_iter().map(seen).collect(),
            least: None,
            most: None,
            longest_chars: 0,
            first_not_number: None,
            first_not_time: None,
        }
    }

    pub(super) fn value(&mut self, raw: &str, line: u64) {
        let value = raw.trim();
        if value.is_empty() {
            self.blanks += 1;
            self.spaces_only += u64::from(!raw.is_empty());
            return;
        }
        self.count(value);
        if is_null_word(value) {
            match self.nulls.get_mut(value) {
                Some(count) => *count += 1,
                None => drop(self.nulls.insert(value.to_owned(), 1)),
            }
            return;
        }
        self.values += 1;
        if value.len() > self.longest_chars {
            self.longest_chars = self.longest_chars.max(value.chars().count());
        }
        self.number(value, line);
        self.time(value, line);
        if value.len() <= 6 && BOOLEANS.iter().any(|word| word.eq_ignore_ascii_case(value)) {
            self.booleans += 1;
        }
        if self.least.as_deref().is_none_or(|least| value < least) {
            self.least = Some(cut(value, QUOTED_CHARS));
        }
        if self.most.as_deref().is_none_or(|most| value > most) {
            self.most = Some(cut(value, QUOTED_CHARS));
        }
    }

    fn count(&mut self, value: &str) {
        if let Some(count) = self.counts.get_mut(value) {
            *count += 1;
        } else if self.counts.len() < DISTINCT_MAX {
            // Long values are told apart by their beginning: what is asked is whether they repeat.
            let key = if value.len() > 400 {
                cut(value, 100)
            } else {
                value.to_owned()
            };
            *self.counts.entry(key.into_boxed_str()).or_default() += 1;
        } else {
            self.has_more = true;
        }
    }

    fn number(&mut self, value: &str, line: u64) {
        let is_hopeless = self.numbers == 0 && self.values > PATIENCE;
        let starts_well = value.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+' || c == '.');
        let number = if is_hopeless || !starts_well {
            None
        } else {
            value.parse::<f64>().ok()
        };
        let Some(number) = number.filter(|number| number.is_finite()) else {
            self.first_not_number.get_or_insert(line);
            return;
        };
        self.numbers += 1;
        self.range.add(number);
        let digits = value.trim_start_matches(['-', '+']);
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.ints += 1;
        } else if digits
            .strip_suffix(".0")
            .is_some_and(|whole| whole.bytes().all(|byte| byte.is_ascii_digit()))
        {
            self.ints_with_point += 1;
        }
    }

    fn time(&mut self, value: &str, line: u64) {
        let mut is_read = false;
        for seen in &mut self.times {
            if seen.fits == 0 && seen.impossible == 0 && self.values > PATIENCE {
                continue;
            }
            match seen.format.read(value) {
                Ok(read) => {
                    is_read = true;
                    seen.fits += 1;
                    seen.range.add(match read {
                        Read::Local(at) => at,
                        Read::At(at) => at.to_zoned_datetime(TimeZone::UTC).datetime(),
                    });
                }
                Err(Unreadable::Impossible) => seen.impossible += 1,
                Err(Unreadable::NoFormat) => {}
            }
        }
        if !is_read {
            self.first_not_time.get_or_insert(line);
        }
    }

    /// The formats that fit at least as many values as any other; numbers that are no plausible epoch are none.
    fn best_times(&self) -> Vec<&TimesSeen> {
        let plausible = |seen: &&TimesSeen| {
            let is_number = matches!(seen.format, TimeFormat::EpochSeconds | TimeFormat::EpochMillis);
            let years = seen.range.0.map(|(from, to)| (from.year(), to.year()));
            seen.fits > 0 && (!is_number || years.is_some_and(|(from, to)| from >= 1980 && to <= 2100))
        };
        let best = self
            .times
            .iter()
            .filter(plausible)
            .map(|seen| seen.fits)
            .max()
            .unwrap_or(0);
        self.times
            .iter()
            .filter(plausible)
            .filter(|seen| seen.fits == best)
            .collect()
    }

    fn kind(&self, rows: u64) -> (Kind, u64) {
        // One value in fifty may be odd without changing what the column is.
        let mostly = |fits: u64| (self.values - fits) * 50 <= self.values;
        let (ints, times) = (
            self.ints + self.ints_with_point,
            self.best_times().first().map_or(0, |seen| seen.fits),
        );
        let impossible = self.best_times().first().map_or(0, |seen| seen.impossible);
        if self.values == 0 {
            return (Kind::Empty, 0);
        }
        if times > 0 && mostly(times + impossible) {
            return (Kind::DateTime, self.values - times);
        }
        if self.ints > 0 && mostly(ints) || ints == self.numbers && mostly(ints) {
            return (Kind::Int, self.values - ints);
        }
        if mostly(self.numbers) {
            return (Kind::Decimal, self.values - self.numbers);
        }
        if mostly(self.booleans) {
            return (Kind::Boolean, self.values - self.booleans);
        }
        let is_codes =
            !self.has_more && self.counts.len() <= CODES_MAX && self.counts.len() as u64 * 10 <= rows;
        (if is_codes { Kind::Codes } else { Kind::Text }, 0)
    }

    pub(super) fn finish(self, rows: u64) -> Column {
        let (kind, misfits) = self.kind(rows);
        let best = self.best_times();
        let is_time = kind == Kind::DateTime;
        let times = best.first().filter(|_| is_time);
        let (min, max) = match kind {
            Kind::DateTime => times
                .and_then(|seen| seen.range.0)
                .map(|(from, to)| (from.to_string(), to.to_string()))
                .unzip(),
            Kind::Int | Kind::Decimal => self
                .range
                .0
                .map(|(min, max)| (min.to_string(), max.to_string()))
                .unzip(),
            _ => (self.least.clone(), self.most.clone()),
        };
        let first_misfit = if is_time {
            self.first_not_time
        } else {
            self.first_not_number
        };
        Column {
            kind,
            misfits,
            time_formats: if is_time {
                best.iter().map(|seen| seen.format.name().to_owned()).collect()
            } else {
                Vec::new()
            },
            impossible_dates: times.map_or(0, |seen| seen.impossible),
            first_misfit_line: first_misfit.filter(|_| misfits > 0),
            blanks: self.blanks,
            spaces_only: self.spaces_only,
            null_words: commonest(self.nulls.iter().map(|(word, count)| (word.as_str(), *count)), 10),
            distinct: self.counts.len() as u64,
            has_more_distinct: self.has_more,
            common: commonest(self.counts.iter().map(|(word, count)| (word.as_ref(), *count)), 8),
            min,
            max,
            longest_chars: self.longest_chars as u64,
            ints_with_point: self.ints_with_point,
            name: self.name,
        }
    }
}

fn is_null_word(value: &str) -> bool {
    value.len() <= 12 && NULL_WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn commonest<'a>(words: impl Iterator<Item = (&'a str, u64)>, most: usize) -> Vec<Word> {
    let mut words: Vec<(&str, u64)> = words.collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    words
        .into_iter()
        .take(most)
        .map(|(value, count)| Word {
            value: cut(value, QUOTED_CHARS),
            count,
        })
        .collect()
}
