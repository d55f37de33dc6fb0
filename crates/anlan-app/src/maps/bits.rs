//! A set of small numbers as bits: which cases are open, which have the words asked for. Nothing of cases is known here.

/// A set of small numbers.
#[derive(Debug, Clone, Default)]
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
}
