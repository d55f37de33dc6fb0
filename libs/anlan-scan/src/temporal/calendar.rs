//! Days since 1970-01-01 and the calendar: the same day so many years ago, the nearest same weekday, regressors for
//! weekdays, given days and seasons. It keeps no clock and knows no holiday; those are data of the caller.

use super::series::{Frequency, season_pairs};

/// Year, month 1–12 and day of the proleptic Gregorian calendar (Howard Hinnant, *chrono-compatible low-level date
/// algorithms*, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The inverse of [`civil`]; a day past the end of its month runs on into the next (29 February → 1 March).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The same day of the year `years` years earlier; 29 February becomes 1 March where there is none.
pub(super) fn years_before(day: i32, years: i64) -> i64 {
    let (year, month, of_month) = civil(i64::from(day));
    if month == 2 && of_month == 29 && !is_leap(year - years) {
        return days_of(year - years, 3, 1);
    }
    days_of(year - years, month, of_month)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// The day of the month, 1–31.
pub(super) fn day_of_month(day: i64) -> i64 {
    civil(day).2
}

/// `months` months later or earlier on the same day of the month; a day past the month's end runs on.
pub(super) fn months_after(day: i64, months: i64) -> i64 {
    let (year, month, of_month) = civil(day);
    let counted = year * 12 + month - 1 + months;
    days_of(counted.div_euclid(12), counted.rem_euclid(12) + 1, 1) + of_month - 1
}

/// 0 for Sunday to 6 for Saturday.
pub(super) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// Six columns, Monday to Saturday against Sunday, for [`Series::with_regressors`](super::Series::with_regressors).
/// `days` are days since 1970-01-01.
pub fn weekday_columns(days: &[i32]) -> Vec<Vec<f64>> {
    (1..7)
        .map(|wanted| {
            days.iter()
                .map(|&day| f64::from(u8::from(weekday(i64::from(day)) == wanted)))
                .collect()
        })
        .collect()
}

/// One column that is 1 on the given days (public holidays, adjusted working days, campaigns) and 0 else.
pub fn day_column(days: &[i32], marked: &[i32]) -> Vec<f64> {
    let set: std::collections::BTreeSet<i32> = marked.iter().copied().collect();
    days.iter()
        .map(|day| f64::from(u8::from(set.contains(day))))
        .collect()
}

/// Cosine and sine of the year, `harmonics` pairs, for `points` time points of which the first is index 0.
pub fn season_columns(points: usize, frequency: Frequency, harmonics: usize) -> Vec<Vec<f64>> {
    let all: Vec<usize> = (0..points).collect();
    season_pairs(&all, frequency, harmonics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_calendar_are_inverse() {
        for day in (-300_000..300_000).step_by(37) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days_of(year, month, of_month), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(weekday(0), 4);
    }

    #[test]
    fn leap_days_run_on() {
        let leap_day = i32::try_from(days_of(2024, 2, 29)).unwrap();
        assert_eq!(civil(years_before(leap_day, 1)), (2023, 3, 1));
        assert_eq!(civil(years_before(leap_day, 4)), (2020, 2, 29));
        assert_eq!(civil(months_after(days_of(2023, 11, 1), 3)), (2024, 2, 1));
    }

    #[test]
    fn columns_mark_what_they_say() {
        let days: Vec<i32> = (0..14).collect();
        let columns = weekday_columns(&days);
        assert_eq!(columns.len(), 6);
        assert_eq!(
            columns[3][0].to_bits(),
            1.0_f64.to_bits(),
            "1970-01-01 was a Thursday"
        );
        assert!((day_column(&days, &[3, 99]).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(season_columns(14, Frequency::WEEKLY, 2).len(), 4);
    }
}
