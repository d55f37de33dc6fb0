//! How a list is walked: in stretches so short that one comparison at their ends speaks for every window in them. A plan
//! depends on sizes alone, so that it is made once for all replications. No counts here.

use super::statistic::band;
use super::walks::Pass;
use super::windows::{List, split};

/// Members between two marks, where sizes are kept as they were: with many slots they take more room.
pub(crate) const fn mark(slots_at_a_time: usize) -> usize {
    if slots_at_a_time == 1 { 4 } else { 32 }
}

/// Most members of a stretch.
const STRETCH_MAX: usize = 16;
/// Most bytes of a plan that are kept: half a gigabyte. What goes beyond is planned anew each time.
const BYTES_MAX: usize = 1 << 29;

/// The stretches of many lists, one list after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Stretches of the same length, one after the other.
    runs: Vec<Run>,
    /// For each stretch and slot the band of its first window: no count in the stretch has less to beat.
    high: Vec<u16>,
    /// The same of its last window, for low counts; empty if none are sought.
    low: Vec<u16>,
    /// For each slot the size before every member whose number is a multiple of [`mark`].
    marks: Vec<f64>,
    /// Where each list begins.
    starts: Vec<Start>,
}

/// Some stretches of `length` members each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// A power of two.
    pub(crate) length: u32,
    pub(crate) stretches: u32,
}

/// Runs, stretches and marks before a list.
#[derive(Debug, Clone, Copy)]
struct Start {
    run: usize,
    stretch: usize,
    mark: usize,
}

/// The stretches of one list.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part<'a> {
    pub(crate) runs: &'a [Run],
    pub(crate) high: &'a [u16],
    pub(crate) low: &'a [u16],
    pub(crate) marks: &'a [f64],
}

impl Plan {
    /// Plans every list of every block, as far as there is room for it.
    pub(crate) fn whole<const W: usize>(pass: &Pass) -> Self {
        let mut plan = Self::default();
        let blocks = 0..pass.layout.blocks();
        for (block, list) in blocks.flat_map(|block| pass.windows.walk().map(move |list| (block, list))) {
            plan.add::<W>(pass, list, block);
            if plan.bytes() > BYTES_MAX {
                break;
            }
        }
        plan
    }

    fn bytes(&self) -> usize {
        8 * self.runs.len() + 2 * (self.high.len() + self.low.len()) + 8 * self.marks.len()
    }

    /// Plans one list instead of what was planned.
    pub(crate) fn only<const W: usize>(&mut self, pass: &Pass, list: &List, block: usize) -> Part<'_> {
        self.runs.clear();
        self.high.clear();
        self.low.clear();
        self.marks.clear();
        self.starts.clear();
        self.add::<W>(pass, list, block);
        self.part::<W>(0).unwrap_or_default()
    }

    /// The stretches of the list that was planned as the `index`-th of so many slots at a time.
    pub(crate) fn part<const W: usize>(&self, index: usize) -> Option<Part<'_>> {
        let from = *self.starts.get(index)?;
        let until = self.starts.get(index + 1).copied();
        let until = until.unwrap_or_else(|| self.here::<W>());
        let stretches = from.stretch * W..until.stretch * W;
        Some(Part {
            runs: self.runs.get(from.run..until.run)?,
            high: self.high.get(stretches.clone())?,
            low: if self.low.is_empty() {
                &[]
            } else {
                self.low.get(stretches)?
            },
            marks: self.marks.get(from.mark * W..until.mark * W)?,
        })
    }

    fn here<const W: usize>(&self) -> Start {
        Start {
            run: self.runs.len(),
            stretch: self.high.len() / W,
            mark: self.marks.len() / W,
        }
    }

    fn add<const W: usize>(&mut self, pass: &Pass, list: &List, block: usize) {
        self.starts.push(self.here::<W>());
        let first_run = self.runs.len();
        let is_window: [bool; W] = std::array::from_fn(|at| pass.is_window(block * W + at));
        let own = pass.block_sizes::<W>(block);
        let members = pass.windows.raw(list);
        let mut sizes = [0.0; W];
        let mut from = 0;
        while from < members.len() {
            let rest = members.get(from..).unwrap_or_default();
            let many = self.length(pass, rest, (own, sizes), is_window);
            for (at, member) in (from..).zip(rest.iter().take(many)) {
                self.mark(at, &sizes);
                grow(&mut sizes, own, split(*member).0);
            }
            from += many;
            let length = u32::try_from(many).unwrap_or(1);
            match self.runs.get_mut(first_run..).and_then(|runs| runs.last_mut()) {
                Some(run) if run.length == length => run.stretches += 1,
                _ => self.runs.push(Run { length, stretches: 1 }),
            }
            self.close(pass, &sizes, is_window);
        }
    }

    fn mark<const W: usize>(&mut self, at: usize, sizes: &[f64; W]) {
        if at.is_multiple_of(mark(W)) {
            self.marks.extend(sizes);
        }
    }

    /// Begins a stretch; how many of these members it has.
    fn length<const W: usize>(
        &mut self,
        pass: &Pass,
        members: &[u32],
        (own, mut ahead): (&[[f64; W]], [f64; W]),
        is_window: [bool; W],
    ) -> usize {
        let mut limits = [f64::INFINITY; W];
        let mut many = 0_usize;
        for member in members.iter().take(STRETCH_MAX) {
            grow(&mut ahead, own, split(*member).0);
            if ahead.iter().zip(&limits).any(|(size, limit)| size > limit) {
                break;
            }
            if many == 0 {
                limits = self.open(pass, &ahead, is_window);
            }
            many += 1;
        }
        // Lengths that seldom change are what a processor foresees.
        1 << many.max(1).ilog2()
    }

    /// Begins a stretch whose first window has these sizes; how large the others may be.
    fn open<const W: usize>(&mut self, pass: &Pass, sizes: &[f64; W], is_window: [bool; W]) -> [f64; W] {
        let mut limits = [f64::INFINITY; W];
        for ((limit, size), is_window) in limits.iter_mut().zip(sizes).zip(is_window) {
            let band = if is_window { pass.band(*size) } else { pass.never };
            self.high.push(band);
            let growth = pass.growth.get(usize::from(band)).copied();
            *limit = growth.unwrap_or(f64::INFINITY);
        }
        limits
    }

    fn close<const W: usize>(&mut self, pass: &Pass, sizes: &[f64; W], is_window: [bool; W]) {
        if pass.seek.low {
            let both = sizes.iter().zip(is_window);
            self.low
                .extend(both.map(|(size, is)| if is { pass.band(*size) } else { pass.never }));
        }
    }
}

/// Adds the sizes of a cell.
pub(crate) fn grow<const W: usize>(sizes: &mut [f64; W], own: &[[f64; W]], cell: usize) {
    for (sum, size) in sizes.iter_mut().zip(own.get(cell).unwrap_or(&[0.0; W])) {
        *sum += size;
    }
}

impl Pass {
    /// The band of the size of a window.
    pub(crate) fn band(&self, size: f64) -> u16 {
        band(size).min(self.never - 1)
    }
}
