//! Times of the week as routing rules write them. It asks the calendar nothing but what an instant looks like there.

use crate::calendars::{LocalTime, wall_ms};
use jiff::civil::Weekday;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Days {
    Every,
    /// Bit 0 is Monday.
    Week(u8),
    Working,
    Off,
}

/// One entry of a rule's hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    Office,
    Closed,
    Time(Times),
}

/// Days and seconds of the day; a window that ends before it begins runs over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    days: Days,
    from: u32,
    to: u32,
}

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Window {
    /// `office`, `closed`, or days and hours, either of which may be left out: `mon-fri 08:00-18:00`, `sat,sun`,
    /// `workdays`, `offdays 09:00-12:00`, `22:00-06:00`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "office" => return Some(Self::Office),
            "closed" => return Some(Self::Closed),
            _ => {}
        }
        let parts: Vec<&str> = text.split_whitespace().collect();
        let whole_day = (0, 86_400);
        let (days, (from, to)) = match parts.as_slice() {
            [both] => days(both)
                .map(|days| (days, whole_day))
                .or_else(|| Some((Days::Every, hours(both)?)))?,
            [left, right] => (days(left)?, hours(right)?),
            _ => return None,
        };
        Some(Self::Time(Times { days, from, to }))
    }

    pub(super) fn holds(self, at: LocalTime) -> bool {
        match self {
            Self::Office => at.is_office_time,
            Self::Closed => !at.is_office_time,
            Self::Time(times) => times.hold(at),
        }
    }
}

impl Times {
    fn hold(self, at: LocalTime) -> bool {
        let day = match self.days {
            Days::Every => true,
            Days::Week(bits) => bits & bit(at.weekday) != 0,
            Days::Working => at.is_working_day,
            Days::Off => !at.is_working_day,
        };
        let after = at.second >= self.from;
        let before = at.second < self.to;
        day && if self.from < self.to {
            after && before
        } else {
            after || before
        }
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

fn days(text: &str) -> Option<Days> {
    match text {
        "workdays" => return Some(Days::Working),
        "offdays" => return Some(Days::Off),
        _ => {}
    }
    let number = |name: &str| NAMES.iter().position(|known| *known == name);
    let mut bits = 0_u8;
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (number(from)?, number(to)?);
        // `sat-mon` runs over Sunday.
        let length = (to + 7 - from) % 7;
        (0..=length).for_each(|step| bits |= 1 << ((from + step) % 7));
    }
    Some(Days::Week(bits))
}

fn hours(text: &str) -> Option<(u32, u32)> {
    let (from, to) = text.split_once('-')?;
    let second = |text| u32::try_from(wall_ms(text)? / 1000).ok();
    let (from, to) = (second(from)?, second(to)?);
    (from != to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, weekday: Weekday, hour: u32, is_working_day: bool) -> bool {
        let at = LocalTime {
            weekday,
            second: hour * 3600,
            is_working_day,
            is_office_time: is_working_day && hour == 9,
        };
        Window::parse(text).unwrap().holds(at)
    }

    #[test]
    fn windows_of_the_week() {
        use Weekday::{Monday, Saturday, Sunday};
        assert!(holds("mon-fri 08:00-18:00", Monday, 8, true));
        assert!(!holds("mon-fri 08:00-18:00", Monday, 18, true));
        assert!(!holds("mon-fri", Saturday, 9, false));
        assert!(holds("sat-mon", Sunday, 0, false));
        assert!(holds("sat,sun", Sunday, 23, false));
        assert!(holds("22:00-06:00", Monday, 23, true) && holds("22:00-06:00", Monday, 5, true));
        assert!(!holds("22:00-06:00", Monday, 6, true));
        assert!(holds("offdays", Monday, 9, false) && !holds("workdays 08:00-09:00", Monday, 9, true));
        assert!(holds("office", Monday, 9, true) && holds("closed", Monday, 12, true));
        assert!(holds("00:00-24:00", Monday, 0, true));
    }

    #[test]
    fn what_is_no_window() {
        for text in [
            "",
            "monday",
            "mon-",
            "08:00",
            "08:00-08:00",
            "25:00-26:00",
            "mon fri",
            "mon 08:00-09:00 x",
        ] {
            assert_eq!(Window::parse(text), None, "{text}");
        }
    }
}
