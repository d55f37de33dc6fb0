//! Walks whose spans are differences of two cumulated slots: retrospective scans. Replications side by side and counts
//! against bounds as in `walks`; it draws nothing and chooses no windows.

use super::axis::Check;
use super::bars::Maxima;
use super::counts::{Count, Lane};
use super::walks::Ground;
use super::windows::split;
use fearless_simd::Simd;

/// Most members of a stretch.
const STRETCH_MAX: usize = 16;

/// The state of a walk about one centre.
struct Walk<N> {
    sums: Vec<Lane<N>>,
    /// Sizes now, with the first member of the stretch, and before it.
    sizes: Vec<f64>,
    first: Vec<f64>,
    before: Vec<f64>,
}

/// What the sums of sizes may be off by, as a share.
const ROUNDING: f64 = 1e-12;

#[expect(
    clippy::inline_always,
    reason = "what the processor can do is known in the caller only"
)]
impl<N: Count> Ground<'_, N> {
    #[inline(always)]
    pub(crate) fn differences<S: Simd>(&self, simd: S, maxima: &mut Maxima<'_, N>) {
        let slots = self.pass.axis.slots;
        let mut walk = Walk {
            sums: vec![Lane::of(N::default()); slots],
            sizes: vec![0.0; slots],
            first: vec![0.0; slots],
            before: vec![0.0; slots],
        };
        let widest = self.pass.axis.checks.iter().max_by_key(|check| check.span.len());
        let Some(widest) = widest else { return };
        for list in self.pass.windows.walk() {
            maxima.pay(self.statistic, self.pass, list.penalty);
            walk.sums.fill(Lane::of(N::default()));
            walk.sizes.fill(0.0);
            let mut rest = self.pass.windows.raw(list);
            while !rest.is_empty() {
                let many = self.stretch(&mut walk, rest, widest);
                let (stretch, after) = rest.split_at_checked(many).unwrap_or((rest, &[]));
                self.take_members(simd, &mut walk.sums, stretch);
                self.check(simd, &walk, stretch, maxima);
                rest = after;
            }
        }
    }

    /// Takes in the sizes of as many members as one comparison may speak for; how many.
    fn stretch(&self, walk: &mut Walk<N>, members: &[u32], widest: &Check) -> usize {
        walk.before.copy_from_slice(&walk.sizes);
        let mut limit = f64::INFINITY;
        let size_of = |sizes: &[f64], slot: Option<usize>| {
            slot.and_then(|slot| sizes.get(slot)).copied().unwrap_or(0.0)
        };
        let own_sizes = self.pass.block_sizes_of_all();
        let slots = self.pass.axis.slots;
        for (at, member) in members.iter().enumerate() {
            let cell = split(*member).0;
            let own = own_sizes
                .get(cell * slots..(cell + 1) * slots)
                .unwrap_or_default();
            let now = size_of(&walk.sizes, Some(widest.high)) - size_of(&walk.sizes, widest.low);
            let more = size_of(own, Some(widest.high)) - size_of(own, widest.low);
            // Low counts are compared one by one.
            if at > 0 && (now + more > limit || at >= STRETCH_MAX || self.pass.seek.low) {
                return at;
            }
            for (sum, size) in walk.sizes.iter_mut().zip(own) {
                *sum += size;
            }
            if at == 0 {
                walk.first.copy_from_slice(&walk.sizes);
                let band = self.pass.band(now + more);
                let growth = self.pass.growth.get(usize::from(band)).copied();
                limit = growth.unwrap_or(f64::INFINITY);
            }
        }
        members.len()
    }

    #[inline(always)]
    fn take_members<S: Simd>(&self, simd: S, sums: &mut [Lane<N>], members: &[u32]) {
        let slots = self.pass.axis.slots;
        for member in members {
            let start = split(*member).0 * slots;
            let own = self.counts.cells.get(start..start + slots);
            for (sum, lane) in sums.iter_mut().zip(own.unwrap_or_default()) {
                *sum = N::store(N::plus(N::load(simd, sum), N::load(simd, lane)));
            }
        }
    }

    /// Holds what a stretch ends with against what its first window would have to beat.
    #[inline(always)]
    fn check<S: Simd>(&self, simd: S, walk: &Walk<N>, stretch: &[u32], maxima: &mut Maxima<'_, N>) {
        let zero = Lane::of(N::default());
        for check in &self.pass.axis.checks {
            let (Some(all), Some(size)) = (walk.sums.get(check.high), walk.first.get(check.high)) else {
                continue;
            };
            let less = check.low.and_then(|low| walk.sums.get(low)).unwrap_or(&zero);
            let less_size = check.low.and_then(|low| walk.first.get(low)).unwrap_or(&0.0);
            let (exact, slack) = (size - less_size, size * ROUNDING);
            let band = self.pass.band((exact - slack).max(0.0));
            let left = N::minus(N::load(simd, all), N::load(simd, less));
            let mut marks = N::above(N::none(simd), left, N::load(simd, maxima.high(band)));
            if self.pass.seek.low {
                let band = self.pass.band(exact + slack);
                marks = N::above(marks, N::load(simd, maxima.low(band)), left);
            }
            if N::is_any(marks) {
                self.look_back(walk, *check, (stretch, N::store(left)), maxima);
            }
        }
    }

    /// Looks at every window of a stretch for one span, at whose end there are these counts.
    #[cold]
    #[inline(never)]
    fn look_back(
        &self,
        walk: &Walk<N>,
        check: Check,
        (stretch, mut sum): (&[u32], Lane<N>),
        maxima: &mut Maxima<'_, N>,
    ) {
        let slots = self.pass.axis.slots;
        let (counts, sizes) = (&self.counts.cells, self.pass.block_sizes_of_all());
        let zero = Lane::of(N::default());
        let count_of = |cell: usize| {
            let all = counts.get(cell * slots + check.high).unwrap_or(&zero);
            let less = check.low.and_then(|low| counts.get(cell * slots + low));
            all.without(less.unwrap_or(&zero))
        };
        let size_of = |from: &[f64], start: usize, slot: Option<usize>| {
            slot.and_then(|slot| from.get(start + slot))
                .copied()
                .unwrap_or(0.0)
        };
        for member in stretch {
            sum = sum.without(&count_of(split(*member).0));
        }
        let mut high = size_of(&walk.before, 0, Some(check.high));
        let mut low = size_of(&walk.before, 0, check.low);
        for member in stretch {
            let (cell, is_end) = split(*member);
            sum.add(&count_of(cell));
            high += size_of(sizes, cell * slots, Some(check.high));
            low += size_of(sizes, cell * slots, check.low);
            if is_end {
                self.judge(&sum, (high - low).max(0.0), maxima);
            }
        }
    }
}
