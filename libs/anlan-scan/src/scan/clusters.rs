//! The clusters of the data as they are: for each centre its best window, and which of them are told. No chance here.

use super::Secondary;
use super::axis::Check;
use super::bars::{Bars, level};
use super::places::{Coordinates, Ellipse};
use super::statistic::Statistic;
use super::study::{Baseline, Study};
use super::walks::Pass;
use super::windows::{Geography, List, Span};

/// A window with a statistic worth telling.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Index of the centre: a place, or a point of the grid where one was given.
    pub centre: usize,
    /// The places, nearest to the centre first.
    pub places: Vec<usize>,
    /// When.
    pub span: Span,
    /// Whether it holds every place: a purely temporal cluster.
    pub is_everywhere: bool,
    /// The shape, where the window is no circle.
    pub ellipse: Option<Ellipse>,
    /// Cases seen.
    pub observed: u32,
    /// Cases to be expected by chance.
    pub expected: f64,
    /// Cases and controls together, for the Bernoulli model.
    pub population: Option<f64>,
    /// Logarithm of the likelihood ratio, times the penalty of an ellipse.
    pub statistic: f64,
    /// Risk inside over risk outside; `None` for the permutation model, infinite where nothing is seen outside.
    pub relative_risk: Option<f64>,
}

impl Cluster {
    /// Observed over expected.
    pub fn ratio(&self) -> f64 {
        f64::from(self.observed) / self.expected
    }

    /// Distance from the centre to the farthest place; 0 for one place, `None` without coordinates.
    pub fn radius(&self, geography: &Geography) -> Option<f64> {
        let Geography::Coordinates { places, centres } = geography else {
            return None;
        };
        let last = *self.places.last()?;
        match centres {
            None => places.distance(self.centre, last),
            Some(centres) => {
                let both = vec![*centres.pairs().get(self.centre)?, *places.pairs().get(last)?];
                let both = match places {
                    Coordinates::Cartesian(_) => Coordinates::Cartesian(both),
                    Coordinates::LatLong(_) => Coordinates::LatLong(both),
                };
                both.distance(0, 1)
            }
        }
    }

    /// The largest distance between two of its places; `None` without coordinates.
    pub fn extent(&self, geography: &Geography) -> Option<f64> {
        let Geography::Coordinates { places, .. } = geography else {
            return None;
        };
        let pairs = self.places.iter().enumerate().flat_map(|(at, one)| {
            let others = self.places.iter().skip(at + 1);
            others.filter_map(move |other| places.distance(*one, *other))
        });
        Some(pairs.fold(0.0, f64::max))
    }
}

/// The best window of one list.
#[derive(Debug, Clone, Copy)]
struct Best {
    members: usize,
    span: Span,
    count: u32,
    size: f64,
    value: f64,
}

/// Cases along the time of a pass, cumulated: place by place, each slot by slot.
pub(crate) fn cumulate(study: &Study, pass: &Pass) -> Vec<u32> {
    let slots = pass.axis.slots;
    let mut cumulated = Vec::with_capacity(study.places * slots);
    let mut own = vec![0_u32; slots];
    for place in study.cases.chunks(study.steps) {
        own.fill(0);
        for (step, count) in place.iter().enumerate() {
            if let Some(sum) = pass.axis.slot(step).and_then(|slot| own.get_mut(slot)) {
                *sum += count;
            }
        }
        let mut sum = 0;
        cumulated.extend(own.iter().map(|count| {
            sum += count;
            sum
        }));
    }
    cumulated
}

/// Most spans of time that a centre brings forward.
const SPANS_PER_CENTRE: usize = 20;

/// Of so many levels one is used here: bounds are for one set of data only, and each costs more than a few logarithms.
const LEVELS_PER_STEP: usize = 10;

fn coarse(statistic: f64) -> usize {
    level(statistic) / LEVELS_PER_STEP * LEVELS_PER_STEP
}

/// The best window of every list of the pass, and the best in the times that it leaves free, as the reference has it.
pub(crate) fn best(study: &Study, statistic: &Statistic, pass: &Pass, is_everywhere: bool) -> Vec<Cluster> {
    let counts = cumulate(study, pass);
    let mut bars = Bars::default();
    let mut all = Vec::new();
    for list in pass.windows.lists() {
        let mut taken: Vec<Span> = Vec::new();
        while let Some(best) = best_about((statistic, pass), &counts, list, &taken, &mut bars) {
            all.push(cluster(study, statistic, pass, list, &best, is_everywhere));
            taken.push(best.span);
            if is_everywhere
                || taken.len() >= SPANS_PER_CENTRE
                || pass
                    .axis
                    .checks
                    .iter()
                    .all(|check| check.span.touches(&best.span))
            {
                break;
            }
        }
    }
    all
}

/// The best window about one centre that shares no time with those `taken`; the first of equals.
fn best_about(
    (statistic, pass): (&Statistic, &Pass),
    counts: &[u32],
    list: &List,
    taken: &[Span],
    bars: &mut Bars,
) -> Option<Best> {
    if pass.axis.slots == 1 {
        return best_in_space((statistic, pass), counts, list, bars).filter(|_| taken.is_empty());
    }
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
        for check in pass.axis.checks.iter().filter(free) {
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
    counts: &[u32],
    list: &List,
    bars: &mut Bars,
) -> Option<Best> {
    let span = pass.axis.checks.first()?.span;
    let mut row = bars.row(statistic, pass, 0);
    let (mut count, mut size) = (0_u32, 0.0);
    let mut best: Option<Best> = None;
    for (members, (place, is_end)) in (1..).zip(pass.windows.members(list)) {
        count += counts.get(place).copied().unwrap_or(0);
        size += pass.sizes.get(place).copied().unwrap_or(0.0);
        if !is_end || !pass.seek.low && f64::from(count) <= statistic.expected(size) {
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

fn cluster(
    study: &Study,
    statistic: &Statistic,
    pass: &Pass,
    list: &List,
    best: &Best,
    is_everywhere: bool,
) -> Cluster {
    let expected = statistic.expected(best.size);
    let outside = f64::from(study.all) - f64::from(best.count);
    let risk = (f64::from(best.count) / expected) / (outside / (f64::from(study.all) - expected));
    let members = pass.windows.members(list).take(best.members);
    Cluster {
        centre: list.centre as usize,
        places: members.map(|(place, _)| place).collect(),
        span: best.span,
        is_everywhere,
        ellipse: list.ellipse,
        observed: best.count,
        expected,
        population: matches!(study.baseline, Baseline::Bernoulli(_)).then_some(best.size),
        statistic: best.value,
        relative_risk: matches!(study.baseline, Baseline::Poisson(_) | Baseline::Bernoulli(_))
            .then_some(risk),
    }
}

/// Orders by the statistic and leaves out what overlaps a stronger one.
pub(crate) fn choose(mut all: Vec<Cluster>, secondary: Secondary, most: usize) -> Vec<Cluster> {
    // Of equals the one with fewer places comes first, then that of the first centre, as in the reference.
    let rank = |cluster: &Cluster| (cluster.statistic * 1e9).round();
    all.sort_by(|one, other| {
        let by_statistic = rank(other).total_cmp(&rank(one));
        let by_places = one.places.len().cmp(&other.places.len());
        by_statistic
            .then(other.is_everywhere.cmp(&one.is_everywhere))
            .then(by_places)
            .then(one.centre.cmp(&other.centre))
    });
    let mut kept: Vec<(Cluster, Vec<bool>)> = Vec::new();
    for cluster in all {
        if kept.len() >= most {
            break;
        }
        let is_free = kept
            .iter()
            .all(|(stronger, theirs)| secondary.allows(stronger, theirs, &cluster));
        if is_free {
            let mut own = vec![false; cluster.places.iter().max().map_or(0, |last| last + 1)];
            for place in &cluster.places {
                own.get_mut(*place).into_iter().for_each(|is_own| *is_own = true);
            }
            kept.push((cluster, own));
        }
    }
    kept.into_iter().map(|(cluster, _)| cluster).collect()
}

impl Secondary {
    /// `theirs` says of each place whether the stronger cluster has it.
    fn allows(self, stronger: &Cluster, theirs: &[bool], weaker: &Cluster) -> bool {
        if stronger.is_everywhere != weaker.is_everywhere || !stronger.span.touches(&weaker.span) {
            return true;
        }
        let is_theirs = |place: usize| theirs.get(place).copied().unwrap_or(false);
        let is_own = |place: usize| weaker.places.contains(&place);
        match self {
            Self::NoOverlap => !weaker.places.iter().any(|place| is_theirs(*place)),
            Self::NoCentreInStronger => !is_theirs(weaker.centre),
            Self::NoCentreInWeaker => !is_own(stronger.centre),
            Self::NoCentreInOther => !is_theirs(weaker.centre) && !is_own(stronger.centre),
            Self::NoCentresInEachOther => !is_theirs(weaker.centre) || !is_own(stronger.centre),
            Self::Everything => true,
        }
    }
}
