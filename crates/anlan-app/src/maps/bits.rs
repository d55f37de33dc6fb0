//! A set of small numbers as bits: which cases are open, which have the words asked for. Nothing of cases is known here.

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn set(&mut self, at: usize, is_in: bool) {
        let (word, bit) = (at / 64, 1_u64 << (at % 64));
        if word >= self.0.len() {
            if !is_in {
                return;
            }
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// How many numbers are in the set.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Adds what is in the other set.
    pub(super) fn add(&mut self, other: &Self) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(word, other)| *word |= other);
    }

    /// Keeps what is in the other set too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(word, other)| *word &= other);
    }

    /// Keeps what passes.
    pub(super) fn keep_if(&mut self, passes: impl Fn(usize) -> bool) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                let is_out = !passes(at * 64 + bit as usize);
                *word &= !(u64::from(is_out) << bit);
                left &= left - 1;
            }
        }
    }

    /// Every number in the set, ascending.
    pub(super) fn each(&self, mut take: impl FnMut(usize)) {
        for (at, &word) in self.0.iter().enumerate() {
            let mut left = word;
            while left != 0 {
                take(at * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }

    /// Every number in the set, descending.
    pub(super) fn each_back(&self, mut take: impl FnMut(usize)) {
        for (at, &word) in self.0.iter().enumerate().rev() {
            let mut left = word;
            while left != 0 {
                let bit = 63 - left.leading_zeros() as usize;
                take(at * 64 + bit);
                left &= !(1 << bit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn bits(numbers: &BTreeSet<usize>) -> Bits {
        let mut bits = Bits::default();
        for number in numbers {
            bits.set(*number, true);
        }
        bits
    }

    fn read(bits: &Bits) -> BTreeSet<usize> {
        let (mut up, mut down) = (Vec::new(), Vec::new());
        bits.each(|number| up.push(number));
        bits.each_back(|number| down.push(number));
        down.reverse();
        assert_eq!(up, down);
        assert_eq!(up.len() as u64, bits.count());
        assert!(up.iter().all(|number| bits.has(*number)));
        up.into_iter().collect()
    }

    #[test]
    fn bits_are_a_set() {
        let one: BTreeSet<usize> = (0..700).filter(|n| n % 7 == 0 || *n == 63 || *n == 64).collect();
        let two: BTreeSet<usize> = (0..300).filter(|n| n % 3 == 0).collect();
        assert_eq!(read(&bits(&one)), one);
        let (mut both, mut either, mut some) = (bits(&one), bits(&two), bits(&one));
        both.keep(&bits(&two));
        assert_eq!(read(&both), one.intersection(&two).copied().collect());
        either.add(&bits(&one));
        assert_eq!(read(&either), one.union(&two).copied().collect());
        some.keep_if(|number| number % 2 == 0);
        assert_eq!(read(&some), one.iter().copied().filter(|n| n % 2 == 0).collect());
        some.set(0, false);
        assert!(!some.has(0) && !some.has(1_000_000));
    }
}
