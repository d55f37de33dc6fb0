//! Chance: a reproducible stream of numbers, negative-binomial counts from it, and the upper tail of their distribution.

/// A stream of random numbers that a seed and a stream number fix on every machine (Steele, Lea and Flood 2014, `SplitMix`).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of this seed and number.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Self(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Evenly from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let bits = (self.next() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }

    /// A negative-binomial count by inversion: variance = mean + `dispersion` · mean². `zero` is `zero_chance` of the two.
    pub fn count(&mut self, mean: f64, dispersion: f64, zero: f64) -> u32 {
        let mut left = self.unit() - zero;
        let (mut point, mut count) = (zero, 0);
        while left > 0.0 && count < COUNT_MAX {
            point *= step(f64::from(count), mean, dispersion);
            left -= point;
            count += 1;
            if point < 1e-18 && f64::from(count) > mean {
                break;
            }
        }
        count
    }
}

/// Longest loop: no cell of a day comes near it.
const COUNT_MAX: u32 = 100_000;

/// P(0) of a negative binomial.
pub(super) fn zero_chance(mean: f64, dispersion: f64) -> f64 {
    if dispersion < 1e-9 {
        return (-mean).exp();
    }
    (-(dispersion * mean).ln_1p() / dispersion).exp()
}

/// P(count + 1) / P(count).
fn step(count: f64, mean: f64, dispersion: f64) -> f64 {
    mean * dispersion.mul_add(count, 1.0) / ((count + 1.0) * dispersion.mul_add(mean, 1.0))
}

/// P(count or more) of a negative binomial with this mean and variance mean + `dispersion` · mean²; Poisson for 0. The
/// logarithm of the point probability is summed from P(0), the tail by its recursion: relative error below 1e-10.
///
/// ```
/// use anlan_scan::watch::negative_binomial_upper;
/// assert!((negative_binomial_upper(0, 3.0, 0.1) - 1.0).abs() < 1e-12);
/// // Poisson, P(X >= 10 | mean 4) = 0.008132...
/// assert!((negative_binomial_upper(10, 4.0, 0.0) - 0.008_132_24).abs() < 1e-8);
/// ```
pub fn negative_binomial_upper(count: u32, mean: f64, dispersion: f64) -> f64 {
    if count == 0 {
        return 1.0;
    }
    if mean.is_nan() || mean <= 0.0 {
        return 0.0;
    }
    let dispersion = dispersion.max(0.0);
    let log_zero = if dispersion < 1e-9 {
        -mean
    } else {
        -(dispersion * mean).ln_1p() / dispersion
    };
    let log_point: f64 = log_zero
        + (0..count)
            .map(|below| step(f64::from(below), mean, dispersion).ln())
            .sum::<f64>();
    if f64::from(count) <= mean {
        // The lower part is the smaller sum: add it up from P(count − 1) down.
        return (1.0 - below(count, log_point, mean, dispersion)).clamp(0.0, 1.0);
    }
    let (mut term, mut sum) = (1.0, 1.0);
    for at in count..count.saturating_add(COUNT_MAX) {
        term *= step(f64::from(at), mean, dispersion);
        sum += term;
        if term < sum * 1e-14 {
            break;
        }
    }
    (log_point + sum.ln()).exp().min(1.0)
}

fn below(count: u32, log_point: f64, mean: f64, dispersion: f64) -> f64 {
    let (mut log_term, mut sum) = (log_point, 0.0);
    for at in (0..count).rev() {
        log_term -= step(f64::from(at), mean, dispersion).ln();
        sum += log_term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_rest_of_the_points() {
        for (mean, dispersion) in [(0.3, 0.0), (0.3, 2.0), (5.0, 0.2), (130.0, 0.05), (700.0, 0.01)] {
            let mut point = zero_chance(mean, dispersion);
            let mut below = 0.0;
            for count in 0..60_u32 {
                let tail = negative_binomial_upper(count, mean, dispersion);
                assert!(
                    (tail - (1.0 - below)).abs() < 1e-9,
                    "{mean} {dispersion} {count}: {tail}"
                );
                below += point;
                point *= step(f64::from(count), mean, dispersion);
            }
        }
        assert!(negative_binomial_upper(557, 130.0, 0.04) > 0.0);
    }

    #[test]
    fn counts_have_their_mean_and_variance() {
        let mut chance = Chance::new(7, 1);
        for (mean, dispersion) in [(0.4, 0.5), (6.0, 0.1)] {
            let zero = zero_chance(mean, dispersion);
            let all: Vec<f64> = (0..40_000)
                .map(|_| f64::from(chance.count(mean, dispersion, zero)))
                .collect();
            let average = all.iter().sum::<f64>() / 40_000.0;
            let variance = all.iter().map(|x| (x - average).powi(2)).sum::<f64>() / 40_000.0;
            let wanted: f64 = dispersion * mean * mean + mean;
            assert!((average - mean).abs() < 0.05 * mean.max(1.0), "{average}");
            assert!(
                (variance - wanted).abs() < 0.1 * wanted.max(1.0),
                "{variance} {wanted}"
            );
        }
    }
}
