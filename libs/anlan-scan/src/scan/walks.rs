//! The largest statistic of many replications at once: counts of 32 replications lie side by side, so that one walk over
//! a centre's places serves them all, and logarithms are taken only where a count can beat what its lane has.

use super::axis::{Axis, BLOCK, Layout};
use super::bars::{Bars, Maxima, growth};
use super::counts::{Count, Counts, LANES, Lane};
use super::excess::Excess;
use super::plan::{Part, Plan, grow, mark};
use super::statistic::{Statistic, band};
use super::steps::Steps;
use super::windows::{List, Windows, split};
use fearless_simd::{Level, Simd, dispatch};
use std::ops::Range;
use std::sync::OnceLock;

/// What is asked of every window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seek {
    /// More cases than expected.
    pub(crate) high: bool,
    /// Fewer cases than expected.
    pub(crate) low: bool,
    /// Fewest cases of a high window.
    pub(crate) high_min: u32,
    /// Fewest cases of a low window.
    pub(crate) low_min: u32,
}

/// Windows and time of one walk, and the sizes along it.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    pub(crate) windows: Windows,
    pub(crate) axis: Axis,
    /// Cumulated sizes, place by place, each slot by slot.
    pub(crate) sizes: Vec<f64>,
    /// The same in the order of a walk.
    laid: Vec<f64>,
    /// Size of the largest window.
    pub(crate) size_max: f64,
    pub(crate) seek: Seek,
    /// The band of what is no window.
    pub(crate) never: u16,
    pub(crate) layout: Layout,
    /// For each slot whether it is a window by itself.
    is_window: Vec<bool>,
    /// Up to which size one comparison may speak for windows, band by band of the first of them.
    pub(crate) growth: Vec<f64>,
    plan: OnceLock<Plan>,
    steps: OnceLock<Option<Steps>>,
}

impl Pass {
    /// `sizes` are place by place, each step by step.
    pub(crate) fn new(
        windows: Windows,
        axis: Axis,
        sizes: &[f64],
        steps: usize,
        (seek, statistic): (Seek, &Statistic),
    ) -> Self {
        let cumulated: Vec<f64> = sizes
            .chunks(steps)
            .flat_map(|place| cumulate(&axis, place))
            .collect();
        let layout = axis.layout(sizes.len() / steps);
        let mut laid = vec![0.0; layout.cells()];
        for (place, own) in cumulated.chunks(axis.slots).enumerate() {
            let cell = windows.cell(place);
            for (slot, size) in own.iter().enumerate() {
                lay(&mut laid, layout.at(cell, slot), *size);
            }
        }
        let size_max = size_max(&windows, &layout, &laid, axis.slots);
        let mut is_window = vec![false; layout.slots];
        for check in &axis.checks {
            if let Some(is) = is_window.get_mut(check.high) {
                *is = true;
            }
        }
        Self {
            windows,
            axis,
            sizes: cumulated,
            laid,
            size_max,
            seek,
            never: band(size_max) + 1,
            layout,
            is_window,
            growth: growth(statistic, size_max, seek),
            plan: OnceLock::new(),
            steps: OnceLock::new(),
        }
    }

    /// Whether a slot is a window by itself.
    pub(crate) fn is_window(&self, slot: usize) -> bool {
        self.is_window.get(slot).copied().unwrap_or(false)
    }

    /// Sizes of the slots of a block, cell by cell.
    pub(crate) fn block_sizes<const W: usize>(&self, block: usize) -> &[[f64; W]] {
        let (all, _) = self.laid.as_chunks::<W>();
        let places = self.layout.places;
        all.get(block * places..(block + 1) * places).unwrap_or_default()
    }

    /// Sizes of every slot, cell by cell, where there is one block only.
    pub(crate) fn block_sizes_of_all(&self) -> &[f64] {
        &self.laid
    }

    /// What all replications share, where steps can be walked by; whichever thread needs it first makes it.
    fn steps(&self, statistic: &Statistic) -> Option<&Steps> {
        let steps = self.steps.get_or_init(|| Steps::new(self, statistic));
        steps.as_ref()
    }

    /// The same for walks by counts.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        let is_planned = !self.axis.has_differences();
        is_planned.then(|| {
            self.plan.get_or_init(|| match self.axis.slots {
                1 => Plan::whole::<1>(self),
                _ => Plan::whole::<BLOCK>(self),
            })
        })
    }
}

fn lay(laid: &mut [f64], at: usize, size: f64) {
    if let Some(cell) = laid.get_mut(at) {
        *cell = size;
    }
}

/// No window is larger: the last slot holds all others.
fn size_max(windows: &Windows, layout: &Layout, laid: &[f64], slots: usize) -> f64 {
    let last = slots.saturating_sub(1);
    let size = |member: &u32| {
        laid.get(layout.at(split(*member).0, last))
            .copied()
            .unwrap_or(0.0)
    };
    let lists = windows.lists().iter();
    let sums = lists.map(|list| windows.raw(list).iter().map(size).sum());
    sums.fold(0.0, f64::max)
}

/// Sizes of one place, step by step, summed up along the slots.
fn cumulate(axis: &Axis, place: &[f64]) -> Vec<f64> {
    let mut own = vec![0.0; axis.slots];
    for (step, size) in place.iter().enumerate() {
        if let Some(sum) = axis.slot(step).and_then(|slot| own.get_mut(slot)) {
            *sum += size;
        }
    }
    let mut sum = 0.0;
    for size in &mut own {
        sum += *size;
        *size = sum;
    }
    own
}

/// One of so many centres is walked about twice.
pub(crate) const START_STEP: usize = 61;

/// What a walk goes by.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a, N> {
    pub(crate) pass: &'a Pass,
    pub(crate) statistic: &'a Statistic,
    pub(crate) counts: &'a Counts<N>,
}

/// Raises the maxima by every window of the pass.
pub(crate) fn scan<N: Count>(
    pass: &Pass,
    statistic: &Statistic,
    counts: &Counts<N>,
    largest: [f64; LANES],
    bars: &mut Bars,
) -> [f64; LANES] {
    let ground = Ground {
        pass,
        statistic,
        counts,
    };
    let mut room = std::mem::take(&mut bars.room);
    let steps = pass
        .steps(statistic)
        .filter(|steps| steps.excess(counts, &mut room));
    let mut maxima = Maxima::new(largest, (statistic, pass), steps, bars);
    if let Some(steps) = steps {
        let walk = Excess {
            ground,
            steps,
            cells: &room,
        };
        twice_if_needed((statistic, pass), &mut maxima, |maxima| walk.all(maxima));
    } else {
        twice_if_needed((statistic, pass), &mut maxima, |maxima| ground.all(maxima));
    }
    let largest = maxima.end();
    bars.room = room;
    largest
}

fn twice_if_needed<N: Count>(
    (statistic, pass): (&Statistic, &Pass),
    maxima: &mut Maxima<'_, N>,
    mut walk: impl FnMut(&mut Maxima<'_, N>),
) {
    walk(maxima);
    if maxima.was_too_high() {
        maxima.look_below(statistic, pass);
        walk(maxima);
    }
}

/// Where a walk is.
#[derive(Clone, Copy)]
struct Place<'a> {
    list: &'a List,
    block: usize,
    part: Part<'a>,
}

/// How far a walk has come: counts, members and stretches.
struct State<S: Simd, N: Count, const W: usize> {
    sums: [N::Vector<S>; W],
    from: usize,
    stretch: usize,
}

#[expect(
    clippy::inline_always,
    reason = "what the processor can do is known in the caller only"
)]
impl<N: Count> Ground<'_, N> {
    fn all(&self, maxima: &mut Maxima<'_, N>) {
        let level = Level::new();
        if self.pass.axis.has_differences() {
            dispatch!(level, simd => self.differences(simd, maxima));
            return;
        }
        match (self.pass.axis.slots, self.pass.seek.low) {
            (1, false) => dispatch!(level, simd => self.blocks::<_, 1, false>(simd, maxima)),
            (1, true) => dispatch!(level, simd => self.blocks::<_, 1, true>(simd, maxima)),
            (_, false) => dispatch!(level, simd => self.blocks::<_, BLOCK, false>(simd, maxima)),
            (_, true) => dispatch!(level, simd => self.blocks::<_, BLOCK, true>(simd, maxima)),
        }
    }

    #[inline(always)]
    fn blocks<S: Simd, const W: usize, const LOW: bool>(&self, simd: S, maxima: &mut Maxima<'_, N>) {
        let pass = self.pass;
        let none = Plan::default();
        let kept = pass.plan().unwrap_or(&none);
        let mut own = Plan::default();
        let many = pass.windows.lists().len();
        // A few centres first, so that every lane has much to beat when all are walked about.
        let blocks = pass.layout.blocks();
        let rounds = [START_STEP, 1].into_iter();
        for (stride, block) in rounds.flat_map(|stride| (0..blocks).map(move |block| (stride, block))) {
            for (index, list) in pass.windows.walk().enumerate().step_by(stride) {
                let part = kept.part::<W>(block * many + index);
                let part = part.unwrap_or_else(|| own.only::<W>(pass, list, block));
                maxima.pay(self.statistic, pass, list.penalty);
                self.walk::<S, W, LOW>(simd, Place { list, block, part }, maxima);
            }
        }
    }

    /// Walks over a list and looks at `W` slots at a time, which are windows by themselves.
    #[inline(always)]
    fn walk<S: Simd, const W: usize, const LOW: bool>(
        &self,
        simd: S,
        place: Place<'_>,
        maxima: &mut Maxima<'_, N>,
    ) {
        let mut state = State {
            sums: [N::load(simd, &Lane::of(N::default())); W],
            from: 0,
            stretch: 0,
        };
        for run in place.part.runs {
            let many = run.stretches as usize;
            match run.length {
                1 => self.run::<S, W, 1, LOW>(simd, (place, many), &mut state, maxima),
                2 => self.run::<S, W, 2, LOW>(simd, (place, many), &mut state, maxima),
                4 => self.run::<S, W, 4, LOW>(simd, (place, many), &mut state, maxima),
                8 => self.run::<S, W, 8, LOW>(simd, (place, many), &mut state, maxima),
                _ => self.run::<S, W, 16, LOW>(simd, (place, many), &mut state, maxima),
            }
        }
    }

    /// Walks over some stretches of `L` members. Of the counts in a stretch the first is the lowest and the last the
    /// highest: those are compared.
    #[inline(always)]
    fn run<S: Simd, const W: usize, const L: usize, const LOW: bool>(
        &self,
        simd: S,
        (place, many): (Place<'_>, usize),
        state: &mut State<S, N, W>,
        maxima: &mut Maxima<'_, N>,
    ) {
        let cells = self.cells::<W>(place.block);
        let members = self.pass.windows.raw(place.list);
        let (stretches, _) = members.get(state.from..).unwrap_or_default().as_chunks::<L>();
        let (high, _) = place.part.high.as_chunks::<W>();
        let (low, _) = place.part.low.as_chunks::<W>();
        let high = high.get(state.stretch..state.stretch + many).unwrap_or_default();
        let mut low = low.get(state.stretch..).unwrap_or_default().iter();
        let mut sums = state.sums;
        for (index, (members, bands)) in stretches.iter().zip(high).enumerate() {
            let mut marks = N::none(simd);
            let mut members = members.iter();
            if LOW && let (Some(first), Some(bands)) = (members.next(), low.next()) {
                Self::take_in(simd, &mut sums, cells.get(split(*first).0));
                marks = Self::mark_low(simd, marks, (&sums, bands), maxima);
            }
            for member in members {
                Self::take_in(simd, &mut sums, cells.get(split(*member).0));
            }
            for (sum, band) in sums.iter().zip(bands) {
                marks = N::above(marks, *sum, N::load(simd, maxima.high(*band)));
            }
            if N::is_any(marks) {
                let from = state.from + index * L;
                self.look::<W>(place, from..from + L, sums.map(N::store), maxima);
            }
        }
        state.sums = sums;
        state.from += many * L;
        state.stretch += many;
    }

    #[inline(always)]
    fn take_in<S: Simd, const W: usize>(simd: S, sums: &mut [N::Vector<S>; W], own: Option<&[Lane<N>; W]>) {
        let Some(own) = own else { return };
        for (sum, lane) in sums.iter_mut().zip(own) {
            *sum = N::plus(*sum, N::load(simd, lane));
        }
    }

    #[inline(always)]
    fn mark_low<S: Simd, const W: usize>(
        simd: S,
        marks: N::Marks<S>,
        (sums, bands): (&[N::Vector<S>; W], &[u16; W]),
        maxima: &Maxima<'_, N>,
    ) -> N::Marks<S> {
        let both = sums.iter().zip(bands);
        both.fold(marks, |marks, (sum, band)| {
            N::above(marks, N::load(simd, maxima.low(*band)), *sum)
        })
    }

    fn cells<const W: usize>(&self, block: usize) -> &[[Lane<N>; W]] {
        let (all, _) = self.counts.cells.as_chunks::<W>();
        let places = self.pass.layout.places;
        all.get(block * places..(block + 1) * places).unwrap_or_default()
    }

    /// Looks at every window of a stretch, at whose end there are these counts.
    #[cold]
    #[inline(never)]
    fn look<const W: usize>(
        &self,
        place: Place<'_>,
        stretch: Range<usize>,
        mut sums: [Lane<N>; W],
        maxima: &mut Maxima<'_, N>,
    ) {
        let pass = self.pass;
        let (cells, own_sizes) = (self.cells::<W>(place.block), pass.block_sizes::<W>(place.block));
        let members = pass.windows.raw(place.list);
        let (marks, _) = place.part.marks.as_chunks::<W>();
        let mut sizes = marks.get(stretch.start / mark(W)).copied().unwrap_or([0.0; W]);
        let before = stretch.start / mark(W) * mark(W)..stretch.start;
        for member in members.get(before).unwrap_or_default() {
            grow(&mut sizes, own_sizes, split(*member).0);
        }
        let members = members.get(stretch).unwrap_or_default();
        for own in members.iter().filter_map(|member| cells.get(split(*member).0)) {
            let both = sums.iter_mut().zip(own);
            both.for_each(|(sum, lane)| *sum = sum.without(lane));
        }
        let is_window: [bool; W] = std::array::from_fn(|at| pass.is_window(place.block * W + at));
        for member in members {
            let (cell, is_end) = split(*member);
            grow(&mut sizes, own_sizes, cell);
            let own = cells.get(cell).into_iter().flatten();
            sums.iter_mut().zip(own).for_each(|(sum, lane)| sum.add(lane));
            let windows = sums.iter().zip(sizes).zip(is_window);
            let windows = windows.filter(|(_, is_window)| is_end && *is_window);
            windows.for_each(|((sum, size), _)| self.judge(sum, size, maxima));
        }
    }

    /// Takes the counts of one window for the maxima, if they may be among them.
    pub(crate) fn judge(&self, sum: &Lane<N>, size: f64, maxima: &mut Maxima<'_, N>) {
        let band = self.pass.band(size);
        if maxima.may_raise(sum, band) {
            maxima.take(self.statistic, self.pass, sum, size, band);
        }
    }
}
