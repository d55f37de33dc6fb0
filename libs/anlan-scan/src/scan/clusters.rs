//! The clusters of the data as they are: for each centre its best window, and which of them are told. No chance here.

use super::Secondary;
use super::places::{Coordinates, Ellipse};
use super::statistic::Statistic;
use super::strongest::{Best, Observed};
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

/// A window that may be told as a cluster: its places are not written out yet, since most are not told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pass: &'a Pass,
    list: &'a List,
    is_everywhere: bool,
    pub(crate) best: Best,
}

impl Candidate<'_> {
    fn places(&self) -> impl Iterator<Item = usize> {
        let members = self.pass.windows.members(self.list).take(self.best.members);
        members.map(|(place, _)| place)
    }

    fn centre(&self) -> usize {
        self.list.centre as usize
    }
}

/// The best window of every list of the pass, and the best in the times that it leaves free, as the reference has it.
pub(crate) fn best<'a>(
    study: &Study,
    statistic: &Statistic,
    pass: &'a Pass,
    is_everywhere: bool,
) -> Vec<Candidate<'a>> {
    let mut observed = Observed::new(statistic, pass, cumulate(study, pass));
    let mut all = Vec::new();
    for (index, list) in pass.windows.lists().iter().enumerate() {
        let mut taken: Vec<Span> = Vec::new();
        while let Some(best) = observed.best(index, list, &taken) {
            all.push(Candidate {
                pass,
                list,
                is_everywhere,
                best,
            });
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

fn cluster(study: &Study, statistic: &Statistic, candidate: &Candidate<'_>) -> Cluster {
    let best = candidate.best;
    let expected = statistic.expected(best.size);
    let outside = f64::from(study.all) - f64::from(best.count);
    let risk = (f64::from(best.count) / expected) / (outside / (f64::from(study.all) - expected));
    Cluster {
        centre: candidate.centre(),
        places: candidate.places().collect(),
        span: best.span,
        is_everywhere: candidate.is_everywhere,
        ellipse: candidate.list.ellipse,
        observed: best.count,
        expected,
        population: matches!(study.baseline, Baseline::Bernoulli(_)).then_some(best.size),
        statistic: best.value,
        relative_risk: matches!(study.baseline, Baseline::Poisson(_) | Baseline::Bernoulli(_))
            .then_some(risk),
    }
}

/// Orders by the statistic and leaves out what overlaps a stronger one.
pub(crate) fn choose(
    (study, statistic): (&Study, &Statistic),
    mut all: Vec<Candidate<'_>>,
    secondary: Secondary,
    most: usize,
) -> Vec<Cluster> {
    // Of equals the one with fewer places comes first, then that of the first centre, as in the reference.
    let rank = |candidate: &Candidate<'_>| (candidate.best.value * 1e9).round();
    all.sort_by(|one, other| {
        let by_statistic = rank(other).total_cmp(&rank(one));
        let by_places = one.best.members.cmp(&other.best.members);
        by_statistic
            .then(other.is_everywhere.cmp(&one.is_everywhere))
            .then(by_places)
            .then(one.centre().cmp(&other.centre()))
    });
    let mut kept: Vec<(Cluster, Vec<bool>)> = Vec::new();
    for candidate in all {
        if kept.len() >= most {
            break;
        }
        let is_free = kept
            .iter()
            .all(|(stronger, theirs)| secondary.allows(stronger, theirs, &candidate));
        if is_free {
            let cluster = cluster(study, statistic, &candidate);
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
    fn allows(self, stronger: &Cluster, theirs: &[bool], weaker: &Candidate<'_>) -> bool {
        if stronger.is_everywhere != weaker.is_everywhere || !stronger.span.touches(&weaker.best.span) {
            return true;
        }
        let is_theirs = |place: usize| theirs.get(place).copied().unwrap_or(false);
        let is_own = |place: usize| weaker.places().any(|own| own == place);
        match self {
            Self::NoOverlap => !weaker.places().any(is_theirs),
            Self::NoCentreInStronger => !is_theirs(weaker.centre()),
            Self::NoCentreInWeaker => !is_own(stronger.centre),
            Self::NoCentreInOther => !is_theirs(weaker.centre()) && !is_own(stronger.centre),
            Self::NoCentresInEachOther => !is_theirs(weaker.centre()) || !is_own(stronger.centre),
            Self::Everything => true,
        }
    }
}
