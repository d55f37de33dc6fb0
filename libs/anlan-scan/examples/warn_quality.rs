//! How good are the alarms? Plants outbreaks of known size into series of counts and among places, runs every method
//! over them and prints sensitivity, false alarms per year and days to detection: a table, and a JSON line per method.
//!
//! `warn_quality [--per-year N] [FILE.csv …]`: a file has the columns `date,count`, one row per day (N 365) or week (52, the
//! default), none missing. Without a file the series are made as in Noufaily et al. 2013 (Statistics in Medicine 32), section 5.1:
//! `log μ(t) = θ + βt + Σⱼ γ₁ cos(2πjt/52) + γ₂ sin(2πjt/52)`, counts negative binomial with variance φμ. An outbreak has a
//! Poisson number of cases, k times the baseline's standard deviation on average, at log-normal(0, 0.5) times after its start.

#![expect(clippy::print_stdout, reason = "a program that measures and prints")]

#[path = "warn_quality/places.rs"]
mod places;
#[path = "warn_quality/planted.rs"]
mod planted;

use anlan_scan::temporal::{
    Cusum, CusumMean, Detector, Ears, EarsMethod, Ewma, Farrington, FarringtonFlexible, FlexibleSettings,
    Frequency, Glr, GlrMean, GlrSettings, Quality, Refusal, Series, Transform, evaluate, weekday_columns,
};
use planted::{Baseline, Planted};
use rand_core::SeedableRng;
use rand_pcg::Pcg64Mcg;
use std::error::Error;

type Chart = (&'static str, Box<dyn Detector>);

/// Outbreaks planted into each series, one at a time, for each size.
const TRIALS: u64 = 4;
/// Sizes in standard deviations of the baseline.
const SIZES: [f64; 3] = [3.0, 5.0, 10.0];

fn main() -> Result<(), Box<dyn Error>> {
    let (per_year, files) = arguments()?;
    let frequency = Frequency::per_year(per_year)?;
    let mut rng = Pcg64Mcg::seed_from_u64(20_130_330);
    let mut baselines = Vec::new();
    for file in &files {
        baselines.push(Baseline::read(file)?);
    }
    if files.is_empty() {
        baselines = Baseline::published(&mut rng);
    }
    println!(
        "{:<28} {:>12} {:>14} {:>10}",
        "method", "sensitivity", "false a year", "days"
    );
    let mut qualities: Vec<(&str, Quality)> = Vec::new();
    for baseline in &baselines {
        for (name, chart) in charts(baseline.counts.len(), frequency)? {
            let quality = judge(baseline, chart.as_ref(), frequency)?;
            match qualities.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => sum.add(&quality),
                None => qualities.push((name, quality)),
            }
        }
    }
    for (name, quality) in &qualities {
        tell(name, quality);
    }
    tell("space-time permutation", &places::judge(&mut rng)?);
    Ok(())
}

fn arguments() -> Result<(u16, Vec<String>), Box<dyn Error>> {
    let mut per_year = 52;
    let mut files = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--per-year" {
            per_year = words.next().ok_or("--per-year needs a number")?.parse()?;
        } else {
            files.push(word);
        }
    }
    Ok((per_year, files))
}

/// The methods with their authors' settings; years of past as the series has them.
fn charts(points: usize, frequency: Frequency) -> Result<Vec<Chart>, Refusal> {
    let year = frequency.points();
    let years = (points.saturating_sub(year + 3) / year).clamp(1, 5);
    let flexible = FlexibleSettings {
        years,
        recent_left_out: year / 2,
        enough: (0.0, 4),
        ..FlexibleSettings::default()
    };
    let glr = GlrSettings {
        mean: GlrMean::Estimated {
            harmonics: 1,
            trend: true,
            refit: false,
        },
        ..GlrSettings::default()
    };
    Ok(vec![
        ("EARS C1", Box::new(Ears::new(EarsMethod::C1)?)),
        ("EARS C2", Box::new(Ears::new(EarsMethod::C2)?)),
        ("EARS C3", Box::new(Ears::new(EarsMethod::C3)?)),
        (
            "CUSUM",
            Box::new(Cusum::new(1.04, 2.26, Transform::Rossi, CusumMean::Season)?),
        ),
        ("EWMA", Box::new(Ewma::new(0.3, 3.0, year)?)),
        ("Farrington", Box::new(Farrington::new(years, 3, 0.02)?)),
        (
            "improved Farrington",
            Box::new(FarringtonFlexible::new(flexible)?),
        ),
        ("GLR", Box::new(Glr::new(glr)?)),
    ])
}

/// The last year of a series, with outbreaks of every size planted one at a time.
fn judge(baseline: &Baseline, chart: &dyn Detector, frequency: Frequency) -> Result<Quality, Refusal> {
    let mut sum = Quality::default();
    let points = baseline.counts.len();
    let range = points.saturating_sub(frequency.points())..points;
    let days: Vec<i32> = (0..).take(points).collect();
    let weekdays = weekday_columns(&days);
    let columns: Vec<&[f64]> = weekdays.iter().map(Vec::as_slice).collect();
    for (at, size) in SIZES.iter().enumerate() {
        for trial in 0..TRIALS {
            // The same outbreaks for every method.
            let mut rng = Pcg64Mcg::seed_from_u64(trial * 1000 + at as u64);
            let planted = Planted::new(&baseline.counts, *size, frequency, &mut rng);
            let mut series = Series::new(&planted.counts, frequency)?;
            if frequency == Frequency::DAILY {
                series = series.with_days(&days)?.with_regressors(&columns)?;
            }
            // A chart that finds no scale in a series says so; it then raises no alarm there.
            if let Ok(verdicts) = chart.verdicts(&series, range.clone()) {
                sum.add(&evaluate(&verdicts, &planted.outbreaks, frequency));
            }
        }
    }
    Ok(sum)
}

fn tell(name: &str, quality: &Quality) {
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let json = |value: Option<f64>| value.map_or_else(|| "null".to_owned(), |value| format!("{value:.6}"));
    let figures = [
        quality.sensitivity(),
        quality.false_alarms_per_year(),
        quality.median_days_to_detection(),
    ];
    let [sensitivity, alarms, days] = figures.map(shown);
    println!("{name:<28} {sensitivity:>12} {alarms:>14} {days:>10}");
    let [sensitivity, alarms, days] = figures.map(json);
    println!(
        "{{\"method\":\"{name}\",\"outbreaks\":{},\"sensitivity\":{sensitivity},\"false_alarms_per_year\":{alarms},\
         \"median_days_to_detection\":{days}}}",
        quality.outbreaks
    );
}
