//! Which past time points are comparable with the one under assessment, and in which of a year's periods each lies.
//! Only indices: no count is looked at.

use super::calendar::{day_of_month, months_after, weekday, years_before};
use super::{Refusal, Series};

/// Index of the time point a whole number of years before `now`, for 1..=`years`, nearest year first.
///
/// Without dates: `frequency` time points per year. With dates: the same date in earlier years; of weekly series the
/// nearest same weekday (the later of two equally near cannot occur: seven is odd). Where that date is missing, the nearest one that
/// is there stands for it, at most half a time point of a year away (3 days daily and weekly, 15 monthly).
pub(super) fn anniversaries(series: &Series<'_>, now: usize, years: usize) -> Result<Vec<usize>, Refusal> {
    let mut found = Vec::with_capacity(years);
    for year in 1..=years {
        let at = match series.days {
            None => now.checked_sub(year * series.frequency.points()),
            Some(days) => days.get(now).and_then(|&today| {
                let mut wanted = years_before(today, i64::try_from(year).unwrap_or(i64::MAX / 1000));
                if series.frequency.points() == 52 {
                    wanted += nearest_weekday(wanted, weekday(i64::from(today)));
                }
                nearest(days, wanted, if series.frequency.points() == 12 { 15 } else { 3 })
            }),
        };
        found.push(at.ok_or(Refusal::ShortBaseline {
            needed: years * series.frequency.points(),
            found: now,
        })?);
    }
    Ok(found)
}

/// How many days from `day` to the nearest day with that weekday, −3..=3.
fn nearest_weekday(day: i64, wanted: i64) -> i64 {
    let forward = (wanted - weekday(day)).rem_euclid(7);
    if forward <= 3 { forward } else { forward - 7 }
}

fn index_of(days: &[i32], wanted: i64) -> Option<usize> {
    let wanted = i32::try_from(wanted).ok()?;
    days.binary_search(&wanted).ok()
}

fn nearest(days: &[i32], wanted: i64, most: i64) -> Option<usize> {
    let after = days.partition_point(|&day| i64::from(day) < wanted);
    let away = |at: &usize| {
        days.get(*at)
            .map_or(i64::MAX, |&day| (i64::from(day) - wanted).abs())
    };
    let nearest = [Some(after), after.checked_sub(1)]
        .into_iter()
        .flatten()
        .min_by_key(away)?;
    (away(&nearest) <= most).then_some(nearest)
}

/// The windows of the 1996 method: `half` time points on both sides of each anniversary, oldest first, those that
/// do not exist left out.
pub(super) fn windows(series: &Series<'_>, now: usize, years: usize, half: usize) -> Vec<usize> {
    let mut found = Vec::with_capacity(years * (2 * half + 1));
    for year in (1..=years).rev() {
        match series.days {
            None => {
                let centre = (now + half).checked_sub(year * series.frequency.points());
                let Some(last) = centre else { continue };
                found.extend(last.saturating_sub(2 * half)..=last);
            }
            Some(days) => dated_window(series, days, now, (year, half), &mut found),
        }
    }
    found.retain(|&at| at < series.len());
    found
}

fn dated_window(
    series: &Series<'_>,
    days: &[i32],
    now: usize,
    (year, half): (usize, usize),
    found: &mut Vec<usize>,
) {
    let Some(&today) = days.get(now) else { return };
    let centre = years_before(today, i64::try_from(year).unwrap_or(i64::MAX / 1000));
    let half = i64::try_from(half).unwrap_or(0);
    for shift in -half..=half {
        let day = match series.frequency.points() {
            12 => {
                let moved = months_after(centre, shift);
                moved - (day_of_month(moved) - day_of_month(i64::from(today)))
            }
            365 => centre + shift,
            _ => {
                let moved = centre + 7 * shift;
                moved + nearest_weekday(moved, weekday(i64::from(today)))
            }
        };
        found.extend(index_of(days, day));
    }
}

/// One past time point that teaches, and its period of the year (0-based; the last is the current one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lesson {
    pub(super) at: usize,
    pub(super) period: usize,
}

/// The improved method's baseline (Noufaily et al. 2013, section 4.2): all time points of `years` years, in `periods`
/// periods; the last period is the window of `half` points around each anniversary, the rest of each year is shared
/// evenly among the others. With one period only the windows remain. The last `recent` time points before now never
/// teach, nor does what the series' mask excludes.
pub(super) fn lessons(
    series: &Series<'_>,
    now: usize,
    (years, half): (usize, usize),
    (periods, recent): (usize, usize),
) -> Result<Vec<Lesson>, Refusal> {
    let past = anniversaries(series, now, years)?;
    let mut period = vec![None; now + 1];
    mark(&mut period, now.saturating_sub(half)..now + 1, periods - 1);
    let mut after = now;
    for &anniversary in &past {
        let from = anniversary.checked_sub(half).ok_or(Refusal::ShortBaseline {
            needed: now - anniversary + half,
            found: now,
        })?;
        mark(
            &mut period,
            from..(anniversary + half + 1).min(now + 1),
            periods - 1,
        );
        if periods > 1 {
            share(&mut period, anniversary + half + 1, (after, half), periods - 1)?;
        }
        after = anniversary;
    }
    let taught = now.saturating_sub(recent);
    Ok(period
        .into_iter()
        .enumerate()
        .filter_map(|(at, period)| Some(Lesson { at, period: period? }))
        .filter(|lesson| lesson.at < taught && series.teaches(lesson.at))
        .collect())
}

/// Shares the points from `from` up to the window around `after` among `blocks` periods, the first ones longer by one
/// where it does not come out even.
fn share(
    period: &mut [Option<usize>],
    from: usize,
    (after, half): (usize, usize),
    blocks: usize,
) -> Result<(), Refusal> {
    let length = after.saturating_sub(half).saturating_sub(from);
    if length < blocks {
        return Err(Refusal::Setting(
            "more periods than the year has time points outside the windows",
        ));
    }
    let (each, rest) = (length / blocks, length % blocks);
    let mut start = from;
    for block in 0..blocks {
        let end = start + each + usize::from(block < rest);
        mark(period, start..end, block);
        start = end;
    }
    Ok(())
}

fn mark(period: &mut [Option<usize>], range: std::ops::Range<usize>, value: usize) {
    for slot in period.get_mut(range).unwrap_or_default() {
        *slot = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporal::Frequency;

    #[test]
    fn a_missing_date_is_stood_for_by_its_neighbour() {
        let days: Vec<i32> = (0..800).filter(|day| day % 365 != 34).collect();
        let counts = vec![1.0; days.len()];
        let series = Series::new(&counts, Frequency::DAILY)
            .unwrap()
            .with_days(&days)
            .unwrap();
        let now = days.binary_search(&765).unwrap();
        // 1972-02-05 less a year is day 400, which is there; day 399 is the one that is missing.
        assert_eq!(days[anniversaries(&series, now, 1).unwrap()[0]], 400);
        let before = days.binary_search(&763).unwrap();
        assert_eq!(days[anniversaries(&series, before, 1).unwrap()[0]], 398);
        assert!(anniversaries(&series, now, 3).is_err());
        assert_eq!(nearest(&days, 399, 3), Some(days.binary_search(&400).unwrap()));
        assert_eq!(nearest(&days, 5000, 3), None);
    }

    #[test]
    fn periods_share_the_year_and_recent_points_do_not_teach() {
        let counts = vec![1.0; 300];
        let mask: Vec<bool> = (0..300).map(|at| at == 100).collect();
        let series = Series::new(&counts, Frequency::WEEKLY)
            .unwrap()
            .excluding(&mask)
            .unwrap();
        let lessons = lessons(&series, 299, (3, 3), (10, 26)).unwrap();
        assert!(
            lessons
                .iter()
                .all(|lesson| lesson.at < 299 - 26 && lesson.at != 100)
        );
        let count = |period| lessons.iter().filter(|lesson| lesson.period == period).count();
        assert_eq!(count(9), 21, "three windows of seven weeks");
        // 45 weeks between windows are nine periods of five.
        assert_eq!(count(0), 15);
        assert_eq!(lessons.first().map(|lesson| lesson.at), Some(299 - 156 - 3));
    }
}
