//! Ten thousand daily series of five years through the improved Farrington method, one day each: CPU seconds, and the ratio to the
//! reference implementation per assessed time point (from `INDEX.csv`, given as the first argument or found beside the repository).

#![expect(clippy::print_stdout, reason = "a program that measures and prints")]

use anlan_scan::temporal::{
    Dependence, FarringtonFlexible, FlexibleSettings, Frequency, Refusal, Series, adjust, assess_many,
    weekday_columns,
};
use std::f64::consts::TAU;

const SERIES: u32 = 10_000;
const DAYS: u32 = 5 * 365 + 10;

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    /// Poisson by counting exponential waiting times; means here are small.
    fn poisson(&mut self, mean: f64) -> f64 {
        let (mut left, mut count) = (mean, -1.0);
        while left > 0.0 {
            left += self.share().max(1e-12).ln();
            count += 1.0;
        }
        count
    }
}

fn simulated(dice: &mut Dice) -> Vec<f64> {
    let level = (3.0 * dice.share() - 1.0).exp();
    let (trend, season) = (3e-4 * dice.share(), 0.5 * dice.share());
    (0..DAYS)
        .map(|day| {
            let t = f64::from(day);
            dice.poisson(level * (trend * t + season * (TAU * t / 365.0).cos()).exp())
        })
        .collect()
}

/// CPU seconds of this process so far, user and system, as the kernel counts them.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

/// CPU seconds per time point of the reference for the same configuration, and their number.
fn reference(path: &str) -> Option<(f64, f64)> {
    let text = std::fs::read_to_string(path).ok()?;
    let (mut seconds, mut points) = (0.0, 0.0);
    for line in text.lines() {
        if let [_, _, _, "farringtonFlexible", "noufaily", _, _, rows, _, cpu, ..] =
            line.split(',').collect::<Vec<_>>().as_slice()
        {
            points += rows.parse::<f64>().ok()?;
            seconds += cpu.parse::<f64>().ok()?;
        }
    }
    Some((seconds / points, points))
}

/// What one run cost and found.
fn measure(
    name: &str,
    counts: &[Vec<f64>],
    (frequency, columns): (Frequency, &[&[f64]]),
    settings: FlexibleSettings,
) -> Result<f64, Refusal> {
    let method = FarringtonFlexible::new(settings)?;
    let series: Vec<Series<'_>> = counts
        .iter()
        .map(|one| Series::new(one, frequency)?.with_regressors(columns))
        .collect::<Result<_, _>>()?;
    let before = cpu_seconds().unwrap_or(f64::NAN);
    let verdicts = assess_many(&method, &series, 1);
    let seconds = cpu_seconds().unwrap_or(f64::NAN) - before;
    let p: Vec<f64> = verdicts
        .iter()
        .flatten()
        .filter_map(|one| one.first()?.p)
        .collect();
    let adjusted = adjust(&p, Dependence::Any)?;
    println!(
        "{name}: {} series, {} answered, {} p < 0.01, {} adjusted p < 0.05, {seconds:.2} CPU seconds ({:.0} µs each)",
        counts.len(),
        p.len(),
        p.iter().filter(|p| **p < 0.01).count(),
        adjusted.iter().filter(|p| **p < 0.05).count(),
        seconds * 1e6 / f64::from(SERIES),
    );
    Ok(seconds / f64::from(SERIES))
}

fn main() -> Result<(), Refusal> {
    let mut dice = Dice(1);
    let daily: Vec<Vec<f64>> = (0..SERIES).map(|_| simulated(&mut dice)).collect();
    let weekly: Vec<Vec<f64>> = daily
        .iter()
        .map(|one| one.chunks_exact(7).map(|week| week.iter().sum()).collect())
        .collect();
    let settings = FlexibleSettings::default();
    measure("daily", &daily, (Frequency::DAILY, &[]), settings.clone())?;
    let days: Vec<i32> = (0..).take(daily.first().map_or(0, Vec::len)).collect();
    let terms = weekday_columns(&days);
    let columns: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    measure(
        "daily with weekdays",
        &daily,
        (Frequency::DAILY, &columns),
        settings.clone(),
    )?;
    let four = FlexibleSettings { years: 4, ..settings };
    let ours = measure("weekly", &weekly, (Frequency::WEEKLY, &[]), four)?;
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/vectors/temporal/surveillance/INDEX.csv"
    );
    let path = std::env::args().nth(1).unwrap_or_else(|| beside.to_owned());
    match reference(&path) {
        Some((theirs, points)) => println!(
            "R surveillance 1.26.0, weekly, {points} time points: {:.0} µs each; ratio {:.0}",
            theirs * 1e6,
            theirs / ours
        ),
        None => println!("no reference figures at {path}"),
    }
    Ok(())
}
