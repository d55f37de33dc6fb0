//! How purely spatial scans for high rates are walked: what is summed up is not counts but how far they are above what
//! is expected, in small steps. That stays near 0 however large a window grows, so that the highest point of a long
//! stretch speaks for every window in it. Plans, once for all replications; walks nothing.

use super::bars::Row;
use super::counts::{Count, Counts, LANES, Lane};
use super::plan::Run;
use super::statistic::{Size, Statistic, band, ceil, floor, floor_of};
use super::walks::Pass;
use super::windows::{List, split};

/// Most members of a stretch.
pub(crate) const STRETCH_MAX: usize = 32;
/// By how much windows may grow in a stretch: the bar for the first holds for all.
const GROWTH: f64 = 1.2;
/// No sum of steps is beyond, whichever places are summed up; with what rounding adds it still is a number of 16 bits.
const SUM_MAX: i32 = 30_000;
/// The most that rounding may add to a window.
const ALLOWANCE_MAX: f64 = 2000.0;
/// Finest steps: so many to a case.
const STEPS_MAX: u32 = 1024;
/// Cases times steps stay within 32 bits.
const FINE_MAX: u64 = 1 << 30;

/// The stretches of every list, and what is expected along them.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    /// Steps to a case, a power of two.
    per_case: i32,
    /// What is expected in a cell, in whole steps.
    own: Vec<i32>,
    /// Stretches of the same length, one after the other.
    runs: Vec<Run>,
    stretches: Vec<Stretch>,
    befores: Vec<Before>,
    /// Runs and stretches before each list.
    starts: Vec<(usize, usize)>,
    /// For a window of each band the last band of a stretch that begins with it.
    reach: Vec<u16>,
}

/// What the windows of a stretch are held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// Of the first window.
    pub(crate) band: u16,
    /// At least the steps that rounding takes from any of the windows.
    pub(crate) allowance: i16,
}

/// What lies before a stretch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    pub(crate) size: f64,
    /// Expected, in steps.
    pub(crate) steps: i32,
}

/// The stretches of one list.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Course<'a> {
    pub(crate) runs: &'a [Run],
    pub(crate) stretches: &'a [Stretch],
    pub(crate) befores: &'a [Before],
}

impl Steps {
    /// `None` where numbers of 16 bits are too small for it, or the pass is none for which this is made.
    pub(crate) fn new(pass: &Pass, statistic: &Statistic) -> Option<Self> {
        if pass.axis.slots != 1 || pass.seek.low || !pass.seek.high {
            return None;
        }
        let (sizes, _) = pass.block_sizes_of_all().as_chunks::<1>();
        let expected: Vec<f64> = sizes.iter().map(|[size]| statistic.expected(*size)).collect();
        let per_case = per_case(&expected, u64::from(ceil(statistic.cases())))?;
        let own = expected.iter().map(|own| whole(own * f64::from(per_case)));
        let last = pass.never - 1;
        let mut steps = Self {
            per_case,
            own: own.collect(),
            runs: Vec::new(),
            stretches: Vec::new(),
            befores: Vec::new(),
            starts: Vec::new(),
            reach: (0..=last)
                .map(|own| band(floor_of(own) * GROWTH).clamp(own, last))
                .collect(),
        };
        let limits: Vec<f64> = steps.reach.iter().map(|reach| floor_of(reach + 1)).collect();
        for list in pass.windows.walk() {
            steps.starts.push((steps.runs.len(), steps.stretches.len()));
            steps.add((pass, statistic), list, &limits)?;
        }
        Some(steps)
    }

    /// Plans one list; `None` if rounding adds too much.
    fn add(&mut self, (pass, statistic): (&Pass, &Statistic), list: &List, limits: &[f64]) -> Option<()> {
        let first_run = self.runs.len();
        let sizes = pass.block_sizes_of_all();
        let size_of = |member: &u32| sizes.get(split(*member).0).copied().unwrap_or(0.0);
        let mut before = Before { size: 0.0, steps: 0 };
        let mut rest = pass.windows.raw(list);
        while let Some(first) = rest.first() {
            let band = pass.band(before.size + size_of(first));
            let limit = limits.get(usize::from(band)).copied().unwrap_or(0.0);
            let many = length(rest.iter().map(size_of), before.size, limit);
            let (members, after) = rest.split_at_checked(many)?;
            self.befores.push(before);
            let mut most = f64::NEG_INFINITY;
            for member in members {
                before.size += size_of(member);
                before.steps += self.own(split(*member).0);
                let exact = statistic.expected(before.size) * f64::from(self.per_case);
                most = most.max(f64::from(before.steps) - exact);
            }
            self.stretches.push(Stretch {
                band,
                allowance: narrow(most.ceil() + 1.0)?,
            });
            let length = u32::try_from(many).unwrap_or(1);
            match self.runs.get_mut(first_run..).and_then(|runs| runs.last_mut()) {
                Some(run) if run.length == length => run.stretches += 1,
                _ => self.runs.push(Run { length, stretches: 1 }),
            }
            rest = after;
        }
        Some(())
    }

    /// The stretches of the list that is walked as the `index`-th.
    pub(crate) fn course(&self, index: usize) -> Option<Course<'_>> {
        let (run, stretch) = *self.starts.get(index)?;
        let next = self.starts.get(index + 1).copied();
        let (last_run, last) = next.unwrap_or((self.runs.len(), self.stretches.len()));
        Some(Course {
            runs: self.runs.get(run..last_run)?,
            stretches: self.stretches.get(stretch..last)?,
            befores: self.befores.get(stretch..last)?,
        })
    }

    /// What is expected in a cell.
    #[inline]
    pub(crate) fn own(&self, cell: usize) -> i32 {
        self.own.get(cell).copied().unwrap_or(0)
    }

    /// The cases that so many steps are.
    #[inline]
    pub(crate) fn cases(&self, steps: i32) -> u32 {
        u32::try_from(steps >> self.per_case.ilog2()).unwrap_or(0)
    }

    /// Band by band what the steps of a stretch must be above to be worth a look, from the counts that could beat a level.
    ///
    /// A window may beat it if its count is at least the bound `n` of the first size `s` of its band, so that its excess
    /// is `n − E(end of the band)` at least. Besides, the likelihood ratio is convex in count and size together (a sum
    /// of relative entropies of linear functions), so that the count to beat is concave in size: within a band its
    /// excess is nowhere lower than at both ends, where it is more than `n − 1 − E(s)`.
    pub(crate) fn row(&self, statistic: &Statistic, bands: &[(Size, Size)], row: &Row, min: u32) -> Vec<i16> {
        let next = |at: usize| {
            let both = row.get(at + 1).zip(bands.get(at + 1));
            both.map(|((count, _), (start, _))| (*count, start.all()))
        };
        let least = row
            .iter()
            .zip(bands)
            .enumerate()
            .map(|(at, ((count, _), (start, end)))| {
                let (next_count, until) = next(at).unwrap_or((*count, end.all()));
                let excess = |count: u32, size: f64| f64::from(count) - statistic.expected(size);
                let plain = excess(*count, until.max(end.all()));
                let ends = excess(*count, start.all()).min(excess(next_count, until)) - 1.0;
                let least = if *count > min { plain.max(ends) } else { plain };
                whole((least * f64::from(self.per_case)).floor() - 1.0)
            });
        let least: Vec<i32> = least.collect();
        let of = |(at, reach): (usize, &u16)| {
            let stretch = least.get(at..=usize::from(*reach)).unwrap_or_default();
            let lowest = stretch.iter().copied().min().unwrap_or(-SUM_MAX);
            i16::try_from(lowest.clamp(-SUM_MAX, SUM_MAX)).unwrap_or(0)
        };
        self.reach.iter().enumerate().map(of).collect()
    }

    /// How far each count is above what is expected, in steps; `false` if sums of them need more than 16 bits.
    pub(crate) fn excess<N: Count>(&self, counts: &Counts<N>, excess: &mut Vec<Lane<i16>>) -> bool {
        if counts.most() * u64::from(self.per_case.unsigned_abs()) > FINE_MAX {
            return false;
        }
        excess.clear();
        let (mut above, mut below) = ([0_i32; LANES], [0_i32; LANES]);
        for (cell, own) in counts.cells.iter().zip(&self.own) {
            let mut lane = Lane::of(0_i16);
            let sums = lane.0.iter_mut().zip(&cell.0).zip(&mut above).zip(&mut below);
            for (((to, count), above), below) in sums {
                let steps = (count.to_i32() * self.per_case - own).clamp(-SUM_MAX - 1, SUM_MAX + 1);
                *to = low_half(steps);
                *above = above.saturating_add(steps.max(0));
                *below = below.saturating_add(steps.min(0));
            }
            excess.push(lane);
        }
        above.iter().all(|sum| *sum <= SUM_MAX) && below.iter().all(|sum| *sum >= -SUM_MAX)
    }
}

/// The finest steps that are surely coarse enough: half of what replications usually sum up to where all places above
/// the expectation are taken and none below it. A Poisson number is off by no more than the root of its mean on the
/// average, and by no more than twice the mean.
fn per_case(expected: &[f64], cases: u64) -> Option<i32> {
    let usual: f64 = expected.iter().map(|own| own.sqrt().min(2.0 * own) / 2.0).sum();
    let most = (f64::from(SUM_MAX) / (1.1 * usual + 10.0)).min(f64::from(STEPS_MAX));
    let most = u64::from(floor(most)).min(FINE_MAX / cases.max(1));
    i32::try_from(1_u64 << most.checked_ilog2()?).ok()
}

/// How many members a stretch has.
fn length(sizes: impl Iterator<Item = f64>, before: f64, limit: f64) -> usize {
    let mut size = before;
    let many = sizes.take(STRETCH_MAX).take_while(|own| {
        size += own;
        size < limit
    });
    // Lengths that seldom change are what a processor foresees.
    1 << many.count().max(1).ilog2()
}

fn narrow(allowance: f64) -> Option<i16> {
    if allowance.abs() > ALLOWANCE_MAX {
        return None;
    }
    i16::try_from(whole(allowance)).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "the cast keeps to the range")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to 16 bits before")]
fn low_half(steps: i32) -> i16 {
    steps as i16
}
