//! The strongest window about one centre in the data as they are. One set of counts, no chance; which clusters are told is
//! decided elsewhere.

use super::axis::{BLOCK, Check};
use super::bars::{Bars, level};
use super::plan::{Part, Plan, grow, mark};
use super::statistic::Statistic;
use super::walks::Pass;
use super::windows::{List, Span, split};
use std::cmp::Ordering;
use std::ops::Range;

/// The best window of one list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best {
    pub(crate) members: usize,
    /// Which of the spans.
    check: usize,
    pub(crate) span: Span,
    pub(crate) count: u32,
    pub(crate) size: f64,
    pub(crate) value: f64,
}

impl Best {
    /// Whether it comes before another: with a larger statistic, or the same with fewer places or in an earlier span.
    fn beats(&self, other: Option<&Self>) -> bool {
        let rank = |best: &Self| (best.members, best.check);
        other.is_none_or(|other| match self.value.total_cmp(&other.value) {
            Ordering::Equal => rank(self) < rank(other),
            greater_or_less => greater_or_less == Ordering::Greater,
        })
    }
}

/// Of so many levels one is used here: bounds are for one set of data only, and each costs more than a few logarithms.
const LEVELS_PER_STEP: usize = 10;

fn coarse(statistic: f64) -> usize {
    level(statistic) / LEVELS_PER_STEP * LEVELS_PER_STEP
}

/// One set of counts, laid out for walks.
#[derive(Debug)]
pub(crate) struct Observed<'a> {
    statistic: &'a Statistic,
    pass: &'a Pass,
    /// Cumulated, place by place.
    counts: Vec<u32>,
    /// The same in the order of a walk.
    laid: Vec<u32>,
    /// As the how many-th each list is walked.
    turns: Vec<usize>,
    /// The span of a slot that is a window by itself.
    checks: Vec<Option<usize>>,
    bars: Bars,
    /// The plan of a list, where none is kept.
    own: Plan,
}

impl<'a> Observed<'a> {
    /// `counts` are cumulated along the time of the pass, place by place.
    pub(crate) fn new(statistic: &'a Statistic, pass: &'a Pass, counts: Vec<u32>) -> Self {
        let slots = pass.axis.slots;
        let mut laid = vec![0; pass.layout.cells()];
        for (place, own) in counts.chunks(slots).enumerate() {
            let cell = pass.windows.cell(place);
            for (slot, count) in own.iter().enumerate() {
                set(&mut laid, pass.layout.at(cell, slot), *count);
            }
        }
        let mut checks = vec![None; pass.layout.slots];
        for (at, check) in pass.axis.checks.iter().enumerate() {
            set(&mut checks, check.high, Some(at));
        }
        let mut turns = vec![0; pass.windows.lists().len()];
        for (turn, list) in pass.windows.turns().enumerate() {
            set(&mut turns, list, turn);
        }
        Self {
            statistic,
            pass,
            counts,
            laid,
            turns,
            checks,
            bars: Bars::default(),
            own: Plan::default(),
        }
    }

    /// The best window of the `index`-th list in a time that is not `taken`; the first of equals.
    pub(crate) fn best(&mut self, index: usize, list: &List, taken: &[Span]) -> Option<Best> {
        let (statistic, pass) = (self.statistic, self.pass);
        if pass.axis.slots == 1 && taken.is_empty() {
            best_in_space((statistic, pass), &self.laid, list, &mut self.bars)
        } else if !pass.axis.has_differences() && !pass.seek.low && taken.is_empty() {
            self.best_in_blocks(index, list)
        } else {
            best_about((statistic, pass), &self.counts, list, taken, &mut self.bars)
        }
    }

    /// Some slots at a time, and by the stretches that replications are walked by.
    fn best_in_blocks(&mut self, index: usize, list: &List) -> Option<Best> {
        let (pass, many) = (self.pass, self.pass.windows.lists().len());
        let turn = self.turns.get(index).copied().unwrap_or(0);
        let (mut best, mut own) = (None, std::mem::take(&mut self.own));
        for block in 0..pass.layout.blocks() {
            let part = pass
                .plan()
                .and_then(|plan| plan.part::<BLOCK>(block * many + turn));
            let part = part.unwrap_or_else(|| own.only::<BLOCK>(pass, list, block));
            best = self.best_in_block((list, block, part), best);
        }
        self.own = own;
        best
    }

    fn best_in_block(
        &mut self,
        (list, block, part): (&List, usize, Part<'_>),
        mut best: Option<Best>,
    ) -> Option<Best> {
        let pass = self.pass;
        let (cells, _) = self.laid.as_chunks::<BLOCK>();
        let cells = cells.get(block * pass.layout.places..).unwrap_or_default();
        let (bands, _) = part.high.as_chunks::<BLOCK>();
        let mut members = pass.windows.raw(list);
        let level = |best: Option<Best>| best.map_or(0, |best| coarse(best.value / list.penalty));
        let mut row = self.bars.row(self.statistic, pass, level(best));
        let (mut counts, mut from) = ([0_u32; BLOCK], 0);
        let lengths = part
            .runs
            .iter()
            .flat_map(|run| std::iter::repeat_n(run.length as usize, run.stretches as usize));
        for (many, bands) in lengths.zip(bands) {
            let (stretch, rest) = members.split_at_checked(many).unwrap_or((members, &[]));
            let before = counts;
            for own in stretch.iter().filter_map(|member| cells.get(split(*member).0)) {
                take_in(&mut counts, own);
            }
            let is_worth = |(count, band): (&u32, &u16)| {
                let bound = row.get(usize::from(*band));
                bound.is_some_and(|(high, _)| count >= high)
            };
            if counts.iter().zip(bands).any(is_worth) {
                let look = Look {
                    list,
                    block,
                    part,
                    stretch: from..from + many,
                };
                let seen = Seen { cells, before, row };
                best = look.best((self.statistic, pass), seen, &self.checks, best);
                row = self.bars.row(self.statistic, pass, level(best));
            }
            (members, from) = (rest, from + many);
        }
        best
    }
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(own) = list.get_mut(at) {
        *own = value;
    }
}

fn take_in(counts: &mut [u32; BLOCK], own: &[u32; BLOCK]) {
    for (count, own) in counts.iter_mut().zip(own) {
        *count += own;
    }
}

/// A stretch whose windows are looked at one by one.
struct Look<'a> {
    list: &'a List,
    block: usize,
    part: Part<'a>,
    stretch: Range<usize>,
}

/// Counts about one centre: of the cells, before a stretch, and what is worth a logarithm.
#[derive(Clone, Copy)]
struct Seen<'a> {
    cells: &'a [[u32; BLOCK]],
    before: [u32; BLOCK],
    row: &'a [(u32, u32)],
}

impl Look<'_> {
    fn best(
        &self,
        (statistic, pass): (&Statistic, &Pass),
        seen: Seen<'_>,
        checks: &[Option<usize>],
        mut best: Option<Best>,
    ) -> Option<Best> {
        let own_sizes = pass.block_sizes::<BLOCK>(self.block);
        let members = pass.windows.raw(self.list);
        let (marks, _) = self.part.marks.as_chunks::<BLOCK>();
        let last_mark = self.stretch.start / mark(BLOCK);
        let mut sizes = marks.get(last_mark).copied().unwrap_or([0.0; BLOCK]);
        let unmarked = last_mark * mark(BLOCK)..self.stretch.start;
        for member in members.get(unmarked).unwrap_or_default() {
            grow(&mut sizes, own_sizes, split(*member).0);
        }
        let checks = checks.get(self.block * BLOCK..).unwrap_or_default();
        let stretch = members.get(self.stretch.clone()).unwrap_or_default();
        let mut counts = seen.before;
        for (at, member) in (self.stretch.start + 1..).zip(stretch) {
            let (cell, is_end) = split(*member);
            grow(&mut sizes, own_sizes, cell);
            take_in(&mut counts, seen.cells.get(cell).unwrap_or(&[0; BLOCK]));
            let windows = counts.iter().zip(sizes).zip(checks).filter(|_| is_end);
            let all = windows.filter_map(|((count, size), check)| {
                self.one((statistic, pass), seen.row, (*count, size), (at, (*check)?))
            });
            best = all.fold(
                best,
                |best, one| if one.beats(best.as_ref()) { Some(one) } else { best },
            );
        }
        best
    }

    /// A window, if it may be the best.
    fn one(
        &self,
        (statistic, pass): (&Statistic, &Pass),
        row: &[(u32, u32)],
        (count, size): (u32, f64),
        (members, check): (usize, usize),
    ) -> Option<Best> {
        let (high, _) = row.get(usize::from(pass.band(size)))?;
        if count < *high {
            return None;
        }
        let value = value(statistic, pass, count, size) * self.list.penalty;
        let span = pass.axis.checks.get(check)?.span;
        (value > 0.0).then_some(Best {
            members,
            check,
            span,
            count,
            size,
            value,
        })
    }
}

/// The best window about one centre that shares no time with those `taken`; the first of equals.
fn best_about(
    (statistic, pass): (&Statistic, &Pass),
    counts: &[u32],
    list: &List,
    taken: &[Span],
    bars: &mut Bars,
) -> Option<Best> {
    let mut row = bars.row(statistic, pass, 0);
    let slots = pass.axis.slots;
    let mut sums = vec![0_u32; slots];
    let mut sizes = vec![0.0; slots];
    let mut best: Option<Best> = None;
    for (members, (place, is_end)) in (1..).zip(pass.windows.members(list)) {
        let own = place * slots..(place + 1) * slots;
        let (Some(own_counts), Some(own_sizes)) = (counts.get(own.clone()), pass.sizes.get(own)) else {
            continue;
        };
        for (sum, count) in sums.iter_mut().zip(own_counts) {
            *sum += count;
        }
        for (sum, size) in sizes.iter_mut().zip(own_sizes) {
            *sum += size;
        }
        if !is_end {
            continue;
        }
        let free = |check: &&Check| !taken.iter().any(|span| span.touches(&check.span));
        for (at_check, check) in pass
            .axis
            .checks
            .iter()
            .enumerate()
            .filter(|(_, check)| free(check))
        {
            let at = |slots: Option<usize>, list: &[u32]| {
                slots.and_then(|slot| list.get(slot).copied()).unwrap_or(0)
            };
            let size_at = |slot: Option<usize>| slot.and_then(|slot| sizes.get(slot).copied()).unwrap_or(0.0);
            let count = at(Some(check.high), &sums) - at(check.low, &sums);
            let size = (size_at(Some(check.high)) - size_at(check.low)).max(0.0);
            // Logarithms only for what can be better than the best so far.
            if !pass.seek.low && f64::from(count) <= statistic.expected(size) {
                continue;
            }
            let bounds = row.get(usize::from(pass.band(size)));
            if bounds.is_some_and(|(high, low)| count < *high && count >= *low) {
                continue;
            }
            let value = value(statistic, pass, count, size) * list.penalty;
            if value > best.map_or(0.0, |best| best.value) {
                best = Some(Best {
                    members,
                    check: at_check,
                    span: check.span,
                    count,
                    size,
                    value,
                });
                row = bars.row(statistic, pass, coarse(value / list.penalty));
            }
        }
    }
    best
}

/// The same where a window holds all of time.
fn best_in_space(
    (statistic, pass): (&Statistic, &Pass),
    laid: &[u32],
    list: &List,
    bars: &mut Bars,
) -> Option<Best> {
    let span = pass.axis.checks.first()?.span;
    let sizes = pass.block_sizes_of_all();
    let mut row = bars.row(statistic, pass, 0);
    let (mut count, mut size) = (0_u32, 0.0);
    let mut best: Option<Best> = None;
    for (members, member) in (1..).zip(pass.windows.raw(list)) {
        let (cell, is_end) = split(*member);
        count += laid.get(cell).copied().unwrap_or(0);
        size += sizes.get(cell).copied().unwrap_or(0.0);
        if !is_end {
            continue;
        }
        // Seldom passed, so foreseen by a processor; whether a count is above what is expected would not be.
        let bounds = row.get(usize::from(pass.band(size)));
        if bounds.is_some_and(|(high, low)| count < *high && count >= *low) {
            continue;
        }
        let value = value(statistic, pass, count, size) * list.penalty;
        if value > best.map_or(0.0, |best| best.value) {
            best = Some(Best {
                members,
                check: 0,
                span,
                count,
                size,
                value,
            });
            row = bars.row(statistic, pass, coarse(value / list.penalty));
        }
    }
    best
}

/// The statistic of a window, 0 where it is not of the kind that is sought.
pub(crate) fn value(statistic: &Statistic, pass: &Pass, count: u32, size: f64) -> f64 {
    let expected = statistic.expected(size);
    let c = f64::from(count);
    let is_high = pass.seek.high && c > expected && count >= pass.seek.high_min;
    let is_low = pass.seek.low && c < expected && count >= pass.seek.low_min;
    if is_high || is_low {
        statistic.llr(count, size)
    } else {
        0.0
    }
}
