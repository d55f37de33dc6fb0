//! Seeded chance for the simulated year: the same seed gives the same year.

use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// A stream of numbers.
#[derive(Debug)]
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// 0 ≤ x < 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// low ≤ x ≤ high.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.0.next_u64() % span).unwrap_or(0)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(from.len()).ok()? - 1;
        if last < 0 {
            return None;
        }
        let at = usize::try_from(self.between(0, last)).ok()?;
        from.get(at)
    }

    /// Log-normal with this median and spread, seconds.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a year")]
    pub(crate) fn stretch(&mut self, median_s: f64, spread: f64) -> i64 {
        let bell = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
        (median_s * (spread * bell).exp()).round() as i64
    }

    /// A Poisson count (Knuth's product method).
    pub(crate) fn poisson(&mut self, mean: f64) -> i64 {
        let floor = (-mean.min(600.0)).exp();
        let (mut product, mut count) = (self.unit(), 0);
        while product > floor {
            product *= self.unit();
            count += 1;
        }
        count
    }
}
