//! What is usual: a day's mean from the series' own past, each place's share of it, and how far days and places stray.

use super::regression::{Column, fit, means};
use super::{Refusal, real};

/// Days until a day teaches half as much: the level follows slow change, whatever the trend says.
const HALF_LIFE_DAYS: f64 = 120.0;
/// Rounds of down-weighting past outbreaks.
const ROUNDS: u32 = 4;
/// Residuals above it are down-weighted (Noufaily et al. 2013).
const RESIDUAL_USUAL: f64 = 2.58;
/// Residuals beyond it count as this far when the spread is measured.
const RESIDUAL_MAX: f64 = 3.0;
/// Share of days that do not tell how far an ordinary day strays, when nothing is known yet.
const TRIMMED: f64 = 0.05;
/// A trend is learnt from so many days, a season from more than a year.
const TREND_DAYS_MIN: usize = 90;
const SEASON_DAYS_MIN: usize = 400;
const YEAR_DAYS: f64 = 365.25;
const DISPERSION_MAX: f64 = 5.0;
const BURSTS_MAX: f64 = 20.0;

/// What is known of a day beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayFacts {
    /// Days since 1970-01-01.
    pub day: i32,
    /// 0 Monday to 6 Sunday.
    pub weekday: u8,
    /// A day off that is none by its weekday, or the other way round: a holiday, a make-up day.
    pub is_special: bool,
}

/// Which terms the regression has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each term is there or not, on its own"
)]
pub struct Terms {
    /// A level that rises or falls over the years.
    pub trend: bool,
    /// A yearly rhythm.
    pub season: bool,
    /// A weekly rhythm.
    pub weekday: bool,
    /// Special days.
    pub special: bool,
}

/// What is usual on each day.
#[derive(Debug, Clone, PartialEq)]
pub struct Usual {
    /// Expected count of every day given, those that did not teach included.
    pub means: Vec<f64>,
    /// Overdispersion of whole days: variance = mean + dispersion · mean².
    pub dispersion: f64,
}

impl Usual {
    /// Learns from the days that teach and says what is usual on every day given, oldest first.
    ///
    /// # Errors
    /// A `Refusal` where lengths differ, a count is no count, or no day teaches.
    pub fn learn(counts: &[f64], days: &[DayFacts], teaches: &[bool], terms: Terms) -> Result<Self, Refusal> {
        check(counts, days, teaches)?;
        let columns = columns(days, teaches, terms);
        let recency = recency(days, teaches);
        let total: f64 = recency.iter().sum();
        let weighted: f64 = recency
            .iter()
            .zip(counts)
            .map(|(weight, count)| weight * count)
            .sum();
        let mut start = vec![0.0; columns.len()];
        if let Some(level) = start.first_mut() {
            *level = (weighted / total + 0.05).ln();
        }
        let mut weights = recency.clone();
        let mut coefficients = fit(&columns, counts, &weights, &start)?;
        let mut expected = means(&columns, &coefficients, counts.len());
        let mut dispersion = first_spread(counts, &expected, &recency);
        for _ in 0..ROUNDS {
            dispersion = spread(counts, &expected, &recency, dispersion);
            weights = recency
                .iter()
                .zip(counts.iter().zip(&expected))
                .map(|(weight, (count, mean))| weight * outbreak_weight(*count, *mean, dispersion))
                .collect();
            coefficients = fit(&columns, counts, &weights, &coefficients)?;
            expected = means(&columns, &coefficients, counts.len());
        }
        Ok(Self {
            means: expected,
            dispersion,
        })
    }
}

/// Overdispersion of other counts around other means, e.g. of what is in by noon: learnt from the days that teach, with
/// residuals cut where outbreaks would tell nothing of ordinary days.
pub fn dispersion_of(counts: &[f64], means: &[f64], teaches: &[bool]) -> f64 {
    let weights: Vec<f64> = teaches
        .iter()
        .map(|teaches| f64::from(u8::from(*teaches)))
        .collect();
    let mut dispersion = first_spread(counts, means, &weights);
    for _ in 0..ROUNDS {
        dispersion = spread(counts, means, &weights, dispersion);
    }
    dispersion
}

fn check(counts: &[f64], days: &[DayFacts], teaches: &[bool]) -> Result<(), Refusal> {
    for (what, found) in [("days", days.len()), ("teaches", teaches.len())] {
        if found != counts.len() {
            return Err(Refusal::Length {
                what,
                needed: counts.len(),
                found,
            });
        }
    }
    if let Some(at) = counts.iter().position(|count| !count.is_finite() || *count < 0.0) {
        return Err(Refusal::Count { at });
    }
    if !teaches.contains(&true) {
        return Err(Refusal::NothingTaught);
    }
    Ok(())
}

fn columns(days: &[DayFacts], teaches: &[bool], terms: Terms) -> Vec<Column> {
    let column = |prior_sd: f64, value: &dyn Fn(&DayFacts) -> f64| Column {
        values: days.iter().map(value).collect(),
        prior_sd,
    };
    let taught = teaches.iter().filter(|teaches| **teaches).count();
    let last = days.last().map_or(0, |day| day.day);
    let mut columns = vec![column(10.0, &|_| 1.0)];
    if terms.weekday {
        columns
            .extend((1..7_u8).map(|weekday| column(0.3, &|day| f64::from(u8::from(day.weekday == weekday)))));
    }
    if terms.special && days.iter().any(|day| day.is_special) {
        columns.push(column(0.5, &|day| f64::from(u8::from(day.is_special))));
    }
    let years = |day: &DayFacts| f64::from(day.day - last) / YEAR_DAYS;
    if terms.trend && taught >= TREND_DAYS_MIN {
        columns.push(column(0.5, &years));
    }
    if terms.season && taught >= SEASON_DAYS_MIN {
        for harmonic in [1.0, 2.0] {
            let angle =
                move |day: &DayFacts| std::f64::consts::TAU * harmonic * f64::from(day.day) / YEAR_DAYS;
            columns.push(column(0.5, &|day| angle(day).cos()));
            columns.push(column(0.5, &|day| angle(day).sin()));
        }
    }
    columns
}

fn recency(days: &[DayFacts], teaches: &[bool]) -> Vec<f64> {
    let last = days.last().map_or(0, |day| day.day);
    days.iter()
        .zip(teaches)
        .map(|(day, teaches)| {
            if *teaches {
                (-f64::from(last - day.day) / HALF_LIFE_DAYS).exp2()
            } else {
                0.0
            }
        })
        .collect()
}

/// A day's weight in the fit: 1 up to `RESIDUAL_USUAL`, then falling as the square.
fn outbreak_weight(count: f64, mean: f64, dispersion: f64) -> f64 {
    let sd = (dispersion * mean * mean + mean).sqrt().max(0.3);
    let residual = (count - mean) / sd;
    if residual <= RESIDUAL_USUAL {
        1.0
    } else {
        (RESIDUAL_USUAL / residual).powi(2)
    }
}

/// Overdispersion by moments without the days that stray farthest above: those may be outbreaks, and an outbreak does
/// not tell how far an ordinary day strays.
fn first_spread(counts: &[f64], means: &[f64], weights: &[f64]) -> f64 {
    let mut strays: Vec<f64> = counts
        .iter()
        .zip(means.iter().zip(weights))
        .filter(|(_, (_, weight))| **weight > 0.0)
        .map(|(count, (mean, _))| (count - mean) / mean.sqrt())
        .collect();
    strays.sort_by(f64::total_cmp);
    let kept = real(strays.len()) * (1.0 - TRIMMED);
    let most = strays
        .iter()
        .zip(1..)
        .find(|(_, rank)| real(*rank) >= kept)
        .map_or(f64::INFINITY, |(stray, _)| *stray);
    let cut = |mean: f64| most.max(1.0) * mean.sqrt();
    moments(counts, means, weights, cut)
}

/// Overdispersion by moments, residuals cut at `RESIDUAL_MAX` of the spread known so far.
fn spread(counts: &[f64], means: &[f64], weights: &[f64], known: f64) -> f64 {
    let cut = |mean: f64| RESIDUAL_MAX * (known * mean * mean + mean).sqrt();
    moments(counts, means, weights, cut)
}

/// variance = mean + dispersion · mean², solved for the dispersion, with residuals cut at `cut(mean)`.
fn moments(counts: &[f64], means: &[f64], weights: &[f64], cut: impl Fn(f64) -> f64) -> f64 {
    let (mut above, mut squares) = (0.0, 0.0);
    for (count, (mean, weight)) in counts.iter().zip(means.iter().zip(weights)) {
        let most = cut(*mean);
        let off = (count - mean).clamp(-most, most);
        above += weight * (off * off - mean);
        squares += weight * mean * mean;
    }
    (above / squares.max(1e-9)).clamp(0.0, DISPERSION_MAX)
}

/// Each place's share of a day, and how far single places stray beyond Poisson within a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// One share per place, adding up to 1.
    pub shares: Vec<f64>,
    /// Reports of one thing come in bursts: variance = mean · (1 + bursts) in one place on one day.
    pub bursts: f64,
}

impl Shares {
    /// Learns from counts per place over the days that teach. `by_day` has, per day, the places that had any count with
    /// their counts; half a count per place stands for what was never seen.
    pub fn learn(places: usize, by_day: &[&[(u32, u32)]], teaches: &[bool]) -> Self {
        let mut sums = vec![0.5; places];
        let taught = || {
            by_day
                .iter()
                .zip(teaches)
                .filter(|(_, teaches)| **teaches)
                .map(|(day, _)| *day)
        };
        for (place, count) in taught().flatten() {
            if let Some(sum) = sums.get_mut(*place as usize) {
                *sum += f64::from(*count);
            }
        }
        let all: f64 = sums.iter().sum();
        let shares: Vec<f64> = sums.iter().map(|sum| sum / all.max(f64::MIN_POSITIVE)).collect();
        let even: f64 = shares.iter().map(|share| share * share).sum();
        let (mut squares, mut wanted) = (0.0, 0.0);
        for day in taught() {
            let total: f64 = day.iter().map(|(_, count)| f64::from(*count)).sum();
            // Over all places: Σ (y − n s)² = Σ y² − 2 n Σ y s + n² Σ s², so places without counts need no visit.
            let mut seen = total * total * even;
            for (place, count) in day {
                let (count, share) = (
                    f64::from(*count),
                    shares.get(*place as usize).copied().unwrap_or(0.0),
                );
                seen += count * count - 2.0 * total * count * share;
            }
            squares += seen;
            wanted += total * (1.0 - even);
        }
        let bursts = if wanted > 0.0 { squares / wanted - 1.0 } else { 0.0 };
        Self {
            shares,
            bursts: bursts.clamp(0.0, BURSTS_MAX),
        }
    }

    /// The number of places.
    pub fn len(&self) -> usize {
        self.shares.len()
    }

    /// Whether there is no place.
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// A share that places have on the average.
    pub fn even_share(&self) -> f64 {
        1.0 / real(self.shares.len()).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bursts::Bursts;
    use super::*;
    use rand_core::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    const TERMS: Terms = Terms {
        trend: true,
        season: true,
        weekday: true,
        special: true,
    };

    fn days(count: i32) -> Vec<DayFacts> {
        (0..count)
            .map(|day| DayFacts {
                day,
                weekday: u8::try_from((day + 3).rem_euclid(7)).unwrap(),
                is_special: false,
            })
            .collect()
    }

    fn series(days: &[DayFacts], mean: impl Fn(&DayFacts) -> f64, dispersion: f64) -> Vec<f64> {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        days.iter()
            .map(|day| {
                let mean = mean(day);
                let mut sum = 0;
                let dice = Bursts::new(&[1.0], dispersion * mean).unwrap();
                dice.day(mean, &mut rng, |_, count| sum += count);
                f64::from(sum)
            })
            .collect()
    }

    #[test]
    fn weekdays_and_growth_are_learnt() {
        let days = days(730);
        let mean = |day: &DayFacts| {
            let week = if day.weekday >= 5 { 0.5 } else { 1.0 };
            40.0 * week * (f64::from(day.day) / 730.0 * 1.2).exp()
        };
        let counts = series(&days, mean, 0.01);
        let usual = Usual::learn(&counts, &days, &[true; 730], TERMS).unwrap();
        for at in [700, 704, 729] {
            let wanted = mean(&days[at]);
            assert!(
                (usual.means[at] / wanted - 1.0).abs() < 0.12,
                "{at}: {} {wanted}",
                usual.means[at]
            );
        }
        assert!(usual.dispersion < 0.05, "{}", usual.dispersion);
    }

    #[test]
    fn a_past_outbreak_does_not_raise_what_is_usual() {
        let days = days(200);
        let mut counts = series(&days, |_| 20.0, 0.0);
        let before = Usual::learn(&counts, &days, &[true; 200], TERMS).unwrap();
        for count in counts.iter_mut().skip(150).take(4) {
            *count = 400.0;
        }
        let after = Usual::learn(&counts, &days, &[true; 200], TERMS).unwrap();
        assert!(
            (after.means[199] / before.means[199] - 1.0).abs() < 0.15,
            "{} {}",
            after.means[199],
            before.means[199]
        );
    }

    #[test]
    fn sparse_series_stay_flat_and_bad_input_is_refused() {
        let days = days(60);
        let mut counts = vec![0.0; 60];
        counts[7] = 1.0;
        counts[30] = 1.0;
        let usual = Usual::learn(&counts, &days, &[true; 60], TERMS).unwrap();
        assert!(
            usual.means.iter().all(|mean| (0.005..0.2).contains(mean)),
            "{:?}",
            usual.means
        );
        counts[3] = f64::NAN;
        assert_eq!(
            Usual::learn(&counts, &days, &[true; 60], TERMS),
            Err(Refusal::Count { at: 3 })
        );
        assert_eq!(
            Usual::learn(&[1.0], &days[..1], &[false], TERMS),
            Err(Refusal::NothingTaught)
        );
    }

    #[test]
    fn shares_add_up_and_bursts_show() {
        let calm: Vec<[(u32, u32); 2]> = (0..100).map(|day| [(day % 4, 1), ((day + 1) % 4, 1)]).collect();
        let calm: Vec<&[(u32, u32)]> = calm.iter().map(<[_; 2]>::as_slice).collect();
        let shares = Shares::learn(4, &calm, &[true; 100]);
        assert!((shares.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let bursts: Vec<[(u32, u32); 1]> = (0..100).map(|day| [(day % 4, 6)]).collect();
        let bursts: Vec<&[(u32, u32)]> = bursts.iter().map(<[_; 1]>::as_slice).collect();
        assert!(Shares::learn(4, &bursts, &[true; 100]).bursts > shares.bursts + 0.5);
    }
}
