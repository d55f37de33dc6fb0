//! What live counts bring that teaching data do not: growth over years, weekdays, holidays, bulk imports, reports that come late.
//! For each, the plain method fails and the remedy helps; counts are simulated, with random numbers that never change.

#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

use anlan_scan::temporal::{
    Delays, FarringtonFlexible, FlexiblePoint, FlexibleSettings, Frequency, Series, day_column,
    season_columns, weekday_columns,
};
use std::f64::consts::TAU;

const DAYS: usize = 4 * 365;
/// 2020-01-06, a Monday, in days since 1970-01-01.
const FIRST_DAY: i32 = 18_267;

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        let (mut left, mut count) = (mean, -1.0);
        while left > 0.0 {
            left += self.share().max(1e-12).ln();
            count += 1.0;
        }
        count
    }
}

fn days() -> Vec<i32> {
    (FIRST_DAY..).take(DAYS).collect()
}

fn simulated(mean: impl Fn(f64, i32) -> f64) -> Vec<f64> {
    let mut dice = Dice(7);
    let day = |(t, day): (u32, i32)| dice.poisson(mean(f64::from(t), day));
    (0..).zip(days()).map(day).collect()
}

fn method(change: impl FnOnce(&mut FlexibleSettings)) -> FarringtonFlexible {
    let mut settings = FlexibleSettings {
        years: 3,
        ..FlexibleSettings::default()
    };
    change(&mut settings);
    FarringtonFlexible::new(settings).unwrap()
}

fn last_year(method: &FarringtonFlexible, series: &Series<'_>) -> Vec<FlexiblePoint> {
    method.assess(series, DAYS - 300..DAYS).unwrap()
}

fn alarms(points: &[FlexiblePoint]) -> usize {
    points.iter().filter(|point| point.alarm).count()
}

#[test]
fn growth_alarms_for_ever_without_a_trend() {
    let counts = simulated(|t, _| 6.0 * (t / 900.0).exp());
    let series = Series::new(&counts, Frequency::DAILY).unwrap();
    let without = alarms(&last_year(&method(|s| s.trend_below = None), &series));
    let with = alarms(&last_year(&method(|_| ()), &series));
    assert!(without > 60 && with < 15, "{without} {with}");
}

#[test]
fn weekdays_and_holidays_are_regressors() {
    let holidays: Vec<i32> = (0..DAYS)
        .step_by(45)
        .map(|at| FIRST_DAY + i32::try_from(at).unwrap())
        .collect();
    let is_busy = |day: i32| (day - FIRST_DAY) % 7 == 0;
    let counts = simulated(|t, day| {
        let season = 1.0 + 0.3 * (TAU * t / 365.0).cos();
        let week = if is_busy(day) { 3.0 } else { 1.0 };
        let holiday = if holidays.contains(&day) { 2.5 } else { 1.0 };
        5.0 * season * week * holiday
    });
    let days = days();
    let series = Series::new(&counts, Frequency::DAILY)
        .unwrap()
        .with_days(&days)
        .unwrap();
    let plain = last_year(&method(|_| ()), &series);
    let weekdays = weekday_columns(&days);
    let holiday = day_column(&days, &holidays);
    let mut columns: Vec<&[f64]> = weekdays.iter().map(Vec::as_slice).collect();
    columns.push(&holiday);
    let aware_series = series.with_regressors(&columns).unwrap();
    let aware = last_year(&method(|_| ()), &aware_series);
    assert!(alarms(&aware) < 10);
    // Without weekdays the busy ones pass for spread: a surge on a quiet day hides under a bound made for Mondays.
    let upper = |points: &[FlexiblePoint], busy: bool| -> f64 {
        let of = points
            .iter()
            .filter(|point| is_busy(FIRST_DAY + i32::try_from(point.at).unwrap()) == busy);
        let bounds: Vec<f64> = of.filter_map(|point| point.upper).collect();
        bounds.iter().sum::<f64>() / f64::from(u32::try_from(bounds.len()).unwrap())
    };
    assert!(upper(&aware, false) < 0.75 * upper(&plain, false));
    assert!(upper(&aware, true) > 1.5 * upper(&aware, false));
}

#[test]
fn harmonics_do_for_a_season_what_periods_do() {
    let counts = simulated(|t, _| 8.0 * (0.8 * (TAU * t / 365.0).cos()).exp());
    let season = season_columns(DAYS, Frequency::DAILY, 1);
    let columns: Vec<&[f64]> = season.iter().map(Vec::as_slice).collect();
    let series = Series::new(&counts, Frequency::DAILY)
        .unwrap()
        .with_regressors(&columns)
        .unwrap();
    let points = last_year(&method(|s| (s.periods, s.half_window) = (1, 60)), &series);
    let worst = points
        .iter()
        .zip(DAYS - 300..)
        .map(|(point, t)| {
            let t = f64::from(u32::try_from(t).unwrap());
            let true_mean = 8.0 * (0.8 * (TAU * t / 365.0).cos()).exp();
            (point.expected / true_mean).ln().abs()
        })
        .fold(0.0, f64::max);
    assert!(worst < 0.25, "{worst}");
}

#[test]
fn a_bulk_import_must_not_teach() {
    let mut counts = simulated(|_, _| 5.0);
    let from = DAYS - 1 - 365 - 3;
    let mut mask = vec![false; DAYS];
    for at in from..from + 7 {
        counts[at] += 400.0;
        mask[at] = true;
    }
    counts[DAYS - 1] = 20.0;
    let series = Series::new(&counts, Frequency::DAILY).unwrap();
    let raw = method(|s| s.reweight_above = None);
    let today = DAYS - 1..DAYS;
    let fooled = raw.assess(&series, today.clone()).unwrap().remove(0);
    let masked = raw
        .assess(&series.excluding(&mask).unwrap(), today)
        .unwrap()
        .remove(0);
    assert!(
        !fooled.alarm && masked.alarm,
        "{:?} {:?}",
        fooled.upper,
        masked.upper
    );
    assert!(masked.upper.unwrap() < 15.0);
}

#[test]
fn late_reports_are_waited_for() {
    // Of 40 a day 30 % arrive the same day, 40 % the next, 30 % the day after.
    let mut dice = Dice(11);
    let full = simulated(|_, _| 40.0);
    let shares = [0.3, 0.7, 1.0];
    let mut counts = full.clone();
    let mut triangle: Vec<Vec<f64>> = Vec::new();
    for (at, count) in full.iter().enumerate() {
        let age = DAYS - 1 - at;
        let mut row = vec![0.0; 3];
        for _ in 0..u32::try_from(DAYS).unwrap().min(1000) {
            if row.iter().sum::<f64>() >= *count {
                break;
            }
            let draw = dice.share();
            let delay = shares.iter().position(|share| draw <= *share).unwrap_or(2);
            row[delay] += 1.0;
        }
        row.truncate(age + 1);
        counts[at] = row.iter().sum();
        triangle.push(row);
    }
    // Yesterday brought twice as much as usual; of it 70 % has arrived, which alone would be no surprise.
    counts[DAYS - 2] = 0.7 * 80.0;
    let delays = Delays::learn(&triangle, 2).unwrap();
    assert!((delays.share_arrived(0) - 0.3).abs() < 0.01 && (delays.share_arrived(1) - 0.7).abs() < 0.01);
    let completeness = delays.completeness(DAYS);
    let series = Series::new(&counts, Frequency::DAILY).unwrap();
    let yesterday = DAYS - 2..DAYS - 1;
    let strict = method(|s| s.alpha = 0.001);
    let blind = strict.assess(&series, yesterday.clone()).unwrap().remove(0);
    let aware_series = series.with_completeness(&completeness).unwrap();
    let aware = strict.assess(&aware_series, yesterday).unwrap().remove(0);
    assert!(!blind.alarm && aware.alarm, "{:?} {:?}", blind.upper, aware.upper);
    assert!((aware.expected / 28.0 - 1.0).abs() < 0.05, "{}", aware.expected);
    let whole = delays.whole(56.0, 1);
    assert!((whole.expected - 80.0).abs() < 2.0 && whole.deviation > 4.0);
}

#[test]
fn a_term_that_teaches_nothing_changes_nothing() {
    let counts = simulated(|_, _| 9.0);
    let days = days();
    let constant = vec![3.0; DAYS];
    // A holiday that the past has never seen: today only.
    let only_today = day_column(&days, &days[DAYS - 1..]);
    let series = Series::new(&counts, Frequency::DAILY).unwrap();
    let with = series.clone().with_regressors(&[&constant, &only_today]).unwrap();
    let today = DAYS - 1..DAYS;
    let plain = method(|_| ()).assess(&series, today.clone()).unwrap().remove(0);
    let termed = method(|_| ()).assess(&with, today).unwrap().remove(0);
    assert!((plain.expected / termed.expected - 1.0).abs() < 1e-9);
    assert_eq!(plain.upper, termed.upper);
}

#[test]
fn p_values_are_uniform_when_nothing_happens() {
    let counts = simulated(|_, _| 60.0);
    let series = Series::new(&counts, Frequency::DAILY).unwrap();
    let points = last_year(&method(|_| ()), &series);
    let share = |limit: f64| {
        let below = points.iter().filter(|point| point.p.unwrap() < limit).count();
        f64::from(u32::try_from(below).unwrap()) / 300.0
    };
    for (limit, slack) in [
        (0.05, 0.035),
        (0.25, 0.08),
        (0.5, 0.09),
        (0.75, 0.08),
        (0.95, 0.035),
    ] {
        assert!((share(limit) - limit).abs() < slack, "{limit} {}", share(limit));
    }
}
