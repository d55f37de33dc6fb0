//! A term: an amount on one of the four clocks, and its words in Chinese and English. It knows no calendar.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Urgent working hour (紧急工作时): in the urgent hours of every day.
    UrgentHour,
    /// Working hour (工作时): in office hours of working days.
    WorkingHour,
    /// Working day (工作日).
    WorkingDay,
    /// Calendar day (日历日).
    CalendarDay,
}

impl ClockKind {
    /// Every clock.
    pub const ALL: [Self; 4] = [
        Self::UrgentHour,
        Self::WorkingHour,
        Self::WorkingDay,
        Self::CalendarDay,
    ];

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::UrgentHour => ("urgent_hours", "紧急工作时"),
            Self::WorkingHour => ("working_hours", "工作时"),
            Self::WorkingDay => ("working_days", "工作日"),
            Self::CalendarDay => ("calendar_days", "日历日"),
        }
    }

    fn from_words(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        let plural = if text.is_ascii() && !text.ends_with('s') {
            format!("{text}s")
        } else {
            text
        };
        let known = |clock: &Self| plural == clock.words().0 || plural == clock.words().1;
        Self::ALL.into_iter().find(known).or(match plural.as_str() {
            "自然日" | "天" => Some(Self::CalendarDay),
            "个工作日" => Some(Self::WorkingDay),
            "个工作时" | "工作小时" => Some(Self::WorkingHour),
            _ => None,
        })
    }
}

/// An amount of time on one clock, e.g. 4 working hours. Written `4 working_hours` or `4 工作时`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Term {
    amount: u32,
    clock: ClockKind,
}

impl Term {
    /// Largest amount: more is a slip of the pen.
    pub const AMOUNT_MAX: u32 = 9999;

    /// A term of 1 to `AMOUNT_MAX` on a clock.
    pub fn new(amount: u32, clock: ClockKind) -> Result<Self, TermError> {
        if !(1..=Self::AMOUNT_MAX).contains(&amount) {
            return Err(TermError::Amount);
        }
        Ok(Self { amount, clock })
    }

    /// How many.
    pub fn amount(self) -> u32 {
        self.amount
    }

    /// On which clock.
    pub fn clock(self) -> ClockKind {
        self.clock
    }

    /// As seconds of its clock; a day counts 86,400.
    pub fn seconds(self) -> i64 {
        let unit = match self.clock {
            ClockKind::UrgentHour | ClockKind::WorkingHour => 3600,
            ClockKind::WorkingDay | ClockKind::CalendarDay => 86_400,
        };
        i64::from(self.amount) * unit
    }

    /// In Chinese, e.g. `4 工作时`.
    pub fn zh(self) -> String {
        format!("{} {}", self.amount, self.clock.words().1)
    }

    /// In English, e.g. `4 working hours`.
    pub fn en(self) -> String {
        let words = self.clock.words().0.replace('_', " ");
        let words = if self.amount == 1 {
            words.trim_end_matches('s')
        } else {
            &words
        };
        format!("{} {words}", self.amount)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.clock.words().0)
    }
}

/// Why a text is no term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// The number is missing, or not between 1 and 9999.
    #[error("begin with a number from 1 to 9999, e.g. \"4 working_hours\"")]
    Amount,
    /// The clock is unknown.
    #[error(
        "name the clock: urgent_hours 紧急工作时, working_hours 工作时, working_days 工作日 or calendar_days 日历日"
    )]
    Clock,
}

impl FromStr for Term {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, words) = text.split_at_checked(end).ok_or(TermError::Amount)?;
        let Ok(amount) = digits.parse() else {
            return Err(TermError::Amount);
        };
        let clock = ClockKind::from_words(words).ok_or(TermError::Clock)?;
        Self::new(amount, clock)
    }
}

impl TryFrom<String> for Term {
    type Error = TermError;

    fn try_from(text: String) -> Result<Self, TermError> {
        text.parse()
    }
}

impl From<Term> for String {
    fn from(term: Term) -> Self {
        term.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_in_both_languages() {
        for (text, amount, clock) in [
            ("4 工作时", 4, ClockKind::WorkingHour),
            ("4工作时", 4, ClockKind::WorkingHour),
            ("2 working_days", 2, ClockKind::WorkingDay),
            ("1 working day", 1, ClockKind::WorkingDay),
            ("2 Urgent Hours", 2, ClockKind::UrgentHour),
            ("2 紧急工作时", 2, ClockKind::UrgentHour),
            ("15 自然日", 15, ClockKind::CalendarDay),
            ("3 calendar_days", 3, ClockKind::CalendarDay),
        ] {
            assert_eq!(text.parse(), Term::new(amount, clock), "{text}");
        }
        let term: Term = "1 工作日".parse().unwrap();
        assert_eq!(
            (term.zh(), term.en(), term.to_string()),
            ("1 工作日".into(), "1 working day".into(), "1 working_days".into())
        );
    }

    #[test]
    fn what_is_no_term_is_refused_with_the_reason() {
        for text in [
            "",
            "days",
            "0 working_days",
            "10000 working_days",
            "-1 working_days",
            "99999999999 工作日",
        ] {
            assert_eq!(text.parse::<Term>(), Err(TermError::Amount), "{text}");
        }
        for text in ["4", "4 hours", "4 workingdays", "4 工作"] {
            assert_eq!(text.parse::<Term>(), Err(TermError::Clock), "{text}");
        }
    }
}
