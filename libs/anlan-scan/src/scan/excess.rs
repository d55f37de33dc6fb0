//! Walks of purely spatial scans for high rates, by the steps above what is expected that `steps` plans. Exact: what passes
//! a bar is looked at window by window. It draws nothing and chooses no windows.

use super::bars::Maxima;
use super::counts::{Count, LANES, Lane};
use super::steps::{Before, Course, STRETCH_MAX, Steps, Stretch};
use super::walks::{Ground, START_STEP};
use super::windows::{List, split};
use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, i16x32, mask16x32};

/// What such a walk goes by.
pub(crate) struct Excess<'a, N> {
    pub(crate) ground: Ground<'a, N>,
    pub(crate) steps: &'a Steps,
    /// Steps above what is expected, cell by cell.
    pub(crate) cells: &'a [Lane<i16>],
}

/// How far a walk has come: steps, members and stretches.
struct State<S: Simd> {
    sums: i16x32<S>,
    from: usize,
    stretch: usize,
}

/// A stretch that is worth a look.
#[derive(Clone, Copy)]
struct Hit<'a> {
    members: &'a [u32],
    stretch: Stretch,
    before: Before,
    /// A bit for each replication.
    lanes: u64,
}

#[expect(
    clippy::inline_always,
    reason = "what the processor can do is known in the caller only"
)]
impl<N: Count> Excess<'_, N> {
    pub(crate) fn all(&self, maxima: &mut Maxima<'_, N>) {
        let level = Level::new();
        dispatch!(level, simd => self.lists(simd, maxima));
    }

    #[inline(always)]
    fn lists<S: Simd>(&self, simd: S, maxima: &mut Maxima<'_, N>) {
        let Ground { pass, statistic, .. } = self.ground;
        // A few centres first, so that every lane has much to beat when all are walked about.
        for stride in [START_STEP, 1] {
            for (index, list) in pass.windows.walk().enumerate().step_by(stride) {
                maxima.pay(statistic, pass, list.penalty);
                let course = self.steps.course(index).unwrap_or_default();
                self.walk(simd, (list, course), maxima);
            }
        }
    }

    #[inline(always)]
    fn walk<S: Simd>(&self, simd: S, (list, course): (&List, Course<'_>), maxima: &mut Maxima<'_, N>) {
        let mut state = State {
            sums: i16x32::splat(simd, 0),
            from: 0,
            stretch: 0,
        };
        for run in course.runs {
            let many = run.stretches as usize;
            match run.length {
                1 => self.run::<S, 1>(simd, (list, course, many), &mut state, maxima),
                2 => self.run::<S, 2>(simd, (list, course, many), &mut state, maxima),
                4 => self.run::<S, 4>(simd, (list, course, many), &mut state, maxima),
                8 => self.run::<S, 8>(simd, (list, course, many), &mut state, maxima),
                16 => self.run::<S, 16>(simd, (list, course, many), &mut state, maxima),
                _ => self.run::<S, STRETCH_MAX>(simd, (list, course, many), &mut state, maxima),
            }
        }
    }

    /// Walks over some stretches of `L` members and compares the highest point of each.
    #[inline(always)]
    fn run<S: Simd, const L: usize>(
        &self,
        simd: S,
        (list, course, many): (&List, Course<'_>, usize),
        state: &mut State<S>,
        maxima: &mut Maxima<'_, N>,
    ) {
        let members = self.ground.pass.windows.raw(list);
        let (members, _) = members.get(state.from..).unwrap_or_default().as_chunks::<L>();
        let own = state.stretch..state.stretch + many;
        let stretches = course.stretches.get(own.clone()).unwrap_or_default();
        let befores = course.befores.get(own).unwrap_or_default();
        let (cells, mut sums) = (self.cells, state.sums);
        for (at, (members, stretch)) in members.iter().zip(stretches).enumerate() {
            let start = sums;
            let mut top = i16x32::splat(simd, i16::MIN / 2);
            for member in members {
                Self::take_in(simd, (&mut sums, &mut top), cells.get(split(*member).0));
            }
            let bar = i16x32::load_array_ref(simd, &maxima.excess(stretch.band).0);
            let marks: mask16x32<S> = (top + i16x32::splat(simd, stretch.allowance)).simd_gt(bar);
            if marks.any_true()
                && let Some(before) = befores.get(at)
            {
                let hit = Hit {
                    members,
                    stretch: *stretch,
                    before: *before,
                    lanes: marks.to_bitmask(),
                };
                self.look(hit, &Lane(*start.as_array()), maxima);
            }
        }
        state.sums = sums;
        state.from += many * L;
        state.stretch += many;
    }

    #[inline(always)]
    fn take_in<S: Simd>(simd: S, (sums, top): (&mut i16x32<S>, &mut i16x32<S>), own: Option<&Lane<i16>>) {
        let Some(own) = own else { return };
        *sums += i16x32::load_array_ref(simd, &own.0);
        *top = top.max(*sums);
    }

    /// Looks at the windows of a stretch, replication by replication.
    #[cold]
    #[inline(never)]
    fn look(&self, hit: Hit<'_>, start: &Lane<i16>, maxima: &mut Maxima<'_, N>) {
        let bars = *maxima.excess(hit.stretch.band);
        let lanes = (0..LANES).zip(start.0).zip(bars.0);
        for ((lane, start), bar) in lanes.filter(|((lane, _), _)| hit.lanes >> lane & 1 == 1) {
            let bar = i32::from(bar) - i32::from(hit.stretch.allowance);
            self.look_at(hit, (lane, i32::from(start), bar), maxima);
        }
    }

    fn look_at(&self, hit: Hit<'_>, (lane, start, bar): (usize, i32, i32), maxima: &mut Maxima<'_, N>) {
        let Ground { pass, statistic, .. } = self.ground;
        let sizes = pass.block_sizes_of_all();
        let (mut above, mut before, mut best) = (start, hit.before, 0.0_f64);
        for member in hit.members {
            let (cell, is_end) = split(*member);
            let own = self.cells.get(cell).and_then(|own| own.0.get(lane));
            above += own.map_or(0, |own| i32::from(*own));
            before.size += sizes.get(cell).copied().unwrap_or(0.0);
            before.steps += self.steps.own(cell);
            if is_end && above > bar {
                let count = self.steps.cases(above + before.steps);
                best = best.max(maxima.value(statistic, pass, (lane, count), before.size));
            }
        }
        maxima.raise(statistic, pass, lane, best);
    }
}
