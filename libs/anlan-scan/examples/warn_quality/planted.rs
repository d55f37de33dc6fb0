//! Series with outbreaks whose size and time are known. It judges nothing.

use anlan_scan::temporal::{Frequency, Outbreak};
use rand_distr::{Distribution, Gamma, LogNormal, Poisson, Uniform};
use rand_pcg::Pcg64Mcg;
use std::error::Error;
use std::f64::consts::TAU;

/// θ, β, γ₁, γ₂, φ, waves a year: of the paper's 42 parameter sets those that span its range of counts and trends.
const PUBLISHED: [(f64, f64, f64, f64, f64, u8); 8] = [
    (0.1, 0.0, 0.0, 0.0, 1.5, 0),
    (0.1, 0.0025, 0.6, 0.6, 1.5, 1),
    (-2.0, 0.0, 0.1, 0.3, 2.0, 1),
    (1.5, 0.003, 0.2, -0.4, 1.0, 1),
    (0.5, 0.0, 0.5, 0.5, 5.0, 2),
    (2.5, 0.0, 1.0, 0.1, 3.0, 1),
    (3.75, 0.001, 0.1, -0.1, 1.1, 1),
    (5.0, 0.0001, 0.05, 0.01, 1.2, 1),
];
const WEEKS: u32 = 624;
const SERIES_EACH: usize = 5;

/// Counts without planted outbreaks.
pub(crate) struct Baseline {
    pub(crate) counts: Vec<f64>,
}

impl Baseline {
    /// From a file with the columns `date,count`.
    pub(crate) fn read(file: &str) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let mut counts = Vec::new();
        for (at, line) in text
            .lines()
            .enumerate()
            .skip(1)
            .filter(|(_, line)| !line.is_empty())
        {
            let count = line.rsplit(',').next().unwrap_or_default().trim();
            let count: f64 = count
                .parse()
                .map_err(|_error| format!("{file}: line {}: {count:?} is no count", at + 1))?;
            counts.push(count);
        }
        Ok(Self { counts })
    }

    /// Series from the published formula.
    pub(crate) fn published(rng: &mut Pcg64Mcg) -> Vec<Self> {
        let sets = PUBLISHED
            .iter()
            .flat_map(|set| std::iter::repeat_n(set, SERIES_EACH));
        sets.map(|set| Self {
            counts: (1..=WEEKS)
                .map(|week| count(*set, f64::from(week), rng))
                .collect(),
        })
        .collect()
    }
}

fn count(set: (f64, f64, f64, f64, f64, u8), week: f64, rng: &mut Pcg64Mcg) -> f64 {
    let (level, trend, cosine, sine, dispersion, waves) = set;
    let season: f64 = (1..=waves)
        .map(|wave| {
            let angle = TAU * f64::from(wave) * week / 52.0;
            cosine * angle.cos() + sine * angle.sin()
        })
        .sum();
    let mean = (level + trend * week + season).exp();
    // A Poisson number with a gamma mean has variance φμ where the gamma's shape is μ/(φ − 1).
    let mean =
        Gamma::new(mean / (dispersion - 1.0), dispersion - 1.0).map_or(mean, |gamma| gamma.sample(rng));
    poisson(mean, rng)
}

pub(crate) fn poisson(mean: f64, rng: &mut Pcg64Mcg) -> f64 {
    Poisson::new(mean).map_or(0.0, |numbers| numbers.sample(rng))
}

/// A whole number below `below`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a short series"
)]
pub(crate) fn whole(below: usize, rng: &mut Pcg64Mcg) -> usize {
    Uniform::new(0.0, below.max(1) as f64).map_or(0, |share| share.sample(rng) as usize)
}

/// Counts with one outbreak in the last year.
pub(crate) struct Planted {
    pub(crate) counts: Vec<f64>,
    pub(crate) outbreaks: Vec<Outbreak>,
}

impl Planted {
    /// Adds an outbreak of `size` standard deviations of the year before the last.
    pub(crate) fn new(counts: &[f64], size: f64, frequency: Frequency, rng: &mut Pcg64Mcg) -> Self {
        let year = frequency.points();
        let mut counts = counts.to_vec();
        let first = counts.len().saturating_sub(year);
        let before = counts.get(first.saturating_sub(year)..first).unwrap_or_default();
        let cases = poisson(size * deviation(before).max(1.0), rng).max(1.0);
        let start = first + whole(year * 4 / 5, rng);
        let weeks = frequency.as_f64() / 52.0;
        let mut end = start;
        let mut left = cases;
        while left >= 1.0 {
            let later = LogNormal::new(0.0, 0.5).map_or(1.0, |times| times.sample(rng)) * weeks;
            let at = (start + steps(later)).min(counts.len().saturating_sub(1));
            if let Some(count) = counts.get_mut(at) {
                *count += 1.0;
            }
            end = end.max(at);
            left -= 1.0;
        }
        Self {
            counts,
            outbreaks: vec![Outbreak { at: start..=end }],
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of steps, a few weeks at most"
)]
fn steps(time: f64) -> usize {
    time.clamp(0.0, 1000.0) as usize
}

#[expect(clippy::cast_precision_loss, reason = "lengths of short series")]
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let many = values.len() as f64;
    let mean = values.iter().sum::<f64>() / many.max(1.0);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (many - 1.0).max(1.0)).sqrt()
}
