//! Seeded chance for the demo county: the same seed gives the same county. Not for anything that must be hard to guess.

/// A stream of numbers (splitmix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Dice {
    /// The stream of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for one purpose, so that a change in one part of the demo leaves the others as they were.
    pub(crate) fn fork(&self, purpose: &str) -> Self {
        let start = self.0 ^ 0xCBF2_9CE4_8422_2325;
        Self(purpose.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        }))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let a = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let b = (a ^ (a >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        b ^ (b >> 31)
    }

    /// 0 ≤ x < 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// low ≤ x < high.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// 0 ≤ n < `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of them; `None` if there is none.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = self.below(from.len());
        from.get(index)
    }

    /// An index, chosen by weight; the last where rounding leaves none.
    pub(crate) fn weighted(&mut self, weights: impl IntoIterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().into_iter().sum::<f64>();
        let mut last = 0;
        for (index, weight) in weights.into_iter().enumerate() {
            if weight > 0.0 {
                last = index;
                left -= weight;
            }
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// Normal with mean 0 and deviation 1 (sum of twelve uniforms: no tails beyond 6, which suits a demo).
    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// A duration-like number: log-normal with this median and spread.
    pub(crate) fn stretch(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.bell()).exp()
    }

    /// A Poisson count (Knuth's product method, good for the small means of a demo).
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let floor = (-mean.clamp(0.0, 500.0)).exp();
        let (mut product, mut count) = (self.unit(), 0);
        while product > floor {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_purposes_differ() {
        let draw = |mut dice: Dice| (0..5).map(|_| dice.next()).collect::<Vec<_>>();
        assert_eq!(draw(Dice::new(7)), draw(Dice::new(7)));
        assert_ne!(draw(Dice::new(7).fork("a")), draw(Dice::new(7).fork("b")));
    }

    #[test]
    fn counts_have_the_mean_they_were_asked_for() {
        let mut dice = Dice::new(1);
        let total: u32 = (0..4000).map(|_| dice.poisson(3.0)).sum();
        assert!((11_400..12_600).contains(&total), "{total}");
    }

    #[test]
    fn weights_of_nothing_are_never_chosen() {
        let mut dice = Dice::new(2);
        assert!((0..1000).all(|_| dice.weighted([0.0, 2.0, 0.0, 1.0, 0.0]) % 2 == 1));
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
