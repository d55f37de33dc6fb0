//! Days drawn at the cost of their cases, not of their places. It draws counts and judges nothing.
//!
//! A place's count with mean m and variance m (1 + b) is negative binomial, and such a count is a Poisson number of bursts whose
//! sizes follow the logarithmic series (Quenouille 1949). With the same b everywhere the bursts of all places together are one
//! Poisson number, and each falls to a place by its share: a day of twenty thousand places and thirty cases costs thirty draws.

use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution as _, Poisson, StandardUniform};
use rand_pcg::Pcg64Mcg;

/// Below it every burst is one case.
const BURSTS_MIN: f64 = 1e-9;
/// No burst is larger: the tail of the series beyond it is below what a random number of 53 bits can tell.
const SIZE_MAX: u32 = 10_000;

/// Draws days.
pub(super) struct Bursts {
    places: WeightedAliasIndex<f64>,
    /// b / (1 + b), the parameter of the logarithmic series.
    theta: f64,
    /// Bursts per expected case.
    per_case: f64,
}

impl Bursts {
    /// Over places with these shares, variance = mean · (1 + `bursts`) in each; `None` where no place has a share.
    pub(super) fn new(shares: &[f64], bursts: f64) -> Option<Self> {
        let places = WeightedAliasIndex::new(shares.to_vec()).ok()?;
        let (theta, per_case) = if bursts < BURSTS_MIN {
            (0.0, 1.0)
        } else {
            (bursts / (1.0 + bursts), bursts.ln_1p() / bursts)
        };
        Some(Self {
            places,
            theta,
            per_case,
        })
    }

    /// One day on which `mean` cases are expected in all; `add` gets a place and how many cases it has more.
    pub(super) fn day(&self, mean: f64, rng: &mut Pcg64Mcg, mut add: impl FnMut(u32, u32)) {
        let Ok(numbers) = Poisson::new(mean * self.per_case) else {
            return;
        };
        let mut left: f64 = numbers.sample(rng);
        while left >= 1.0 {
            let place = u32::try_from(self.places.sample(rng)).unwrap_or(u32::MAX);
            add(place, self.size(rng));
            left -= 1.0;
        }
    }

    /// The size of a burst, by inversion (Kemp 1981, algorithm LS).
    fn size(&self, rng: &mut Pcg64Mcg) -> u32 {
        if self.theta <= 0.0 {
            return 1;
        }
        let mut left: f64 = StandardUniform.sample(rng);
        let mut point = -self.theta / (-self.theta).ln_1p();
        let mut size = 1;
        while left > point && size < SIZE_MAX {
            left -= point;
            point *= self.theta * f64::from(size) / f64::from(size + 1);
            size += 1;
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::SeedableRng as _;

    fn drawn(dice: &Bursts, mean: f64, rng: &mut Pcg64Mcg) -> [f64; 3] {
        let mut day = [0.0; 3];
        dice.day(mean, rng, |place, count| {
            day[place as usize] += f64::from(count);
        });
        day
    }

    #[test]
    fn counts_have_the_negative_binomials_mean_and_variance_and_are_independent() {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        for bursts in [0.0, 0.2, 2.5] {
            let shares = [0.05, 0.15, 0.8];
            let dice = Bursts::new(&shares, bursts).unwrap();
            let (days, mean) = (40_000.0, 5.0);
            let all: Vec<[f64; 3]> = (0..40_000).map(|_| drawn(&dice, mean, &mut rng)).collect();
            let sums = [0, 1, 2].map(|place| all.iter().map(|day| day[place]).sum::<f64>());
            let squares = [0, 1, 2].map(|place| all.iter().map(|day| day[place].powi(2)).sum::<f64>());
            let product: f64 = all.iter().map(|day| day[1] * day[2]).sum();
            for (place, share) in shares.iter().enumerate() {
                let average = sums[place] / days;
                let variance = squares[place] / days - average * average;
                let wanted = mean * share;
                assert!(
                    (average / wanted - 1.0).abs() < 0.03,
                    "{bursts} {place}: {average}"
                );
                assert!(
                    (variance / (wanted * (1.0 + bursts)) - 1.0).abs() < 0.1,
                    "{bursts} {place}: {variance}"
                );
            }
            let together = product / days - sums[1] * sums[2] / days / days;
            assert!(together.abs() < 0.1, "{bursts}: covariance {together}");
        }
    }

    #[test]
    fn the_point_at_nothing_is_the_negative_binomials() {
        let mut rng = Pcg64Mcg::seed_from_u64(11);
        let dice = Bursts::new(&[1.0], 1.5).unwrap();
        let mut empty = 0.0;
        for _ in 0..40_000 {
            let mut day = 0;
            dice.day(2.0, &mut rng, |_, count| day += count);
            empty += f64::from(u8::from(day == 0));
        }
        // (1 + b)^(−m/b) = 2.5^(−4/3) = 0.2947; the standard error of the share is 0.0023.
        let share: f64 = empty / 40_000.0;
        assert!((share - 2.5_f64.powf(-2.0 / 1.5)).abs() < 0.008, "{share}");
    }
}
