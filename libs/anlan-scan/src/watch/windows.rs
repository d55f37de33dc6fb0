//! Windows of neighbouring places over the last days: the most unusual ones, and what chance makes of the largest.
//!
//! What is expected in a window is the day's mean times the window's share, so a window costs one multiplication. Windows have
//! their middle where there is a case, on observed and simulated days alike, so that a pass costs what its cases cost. A logarithm
//! is taken only where `ln x ≤ x − 1` does not already say that a window is not the largest.

use super::bursts::Bursts;
use super::real;
use rand_core::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::BTreeSet;

/// A window holds at most this share of what is expected in all.
const SHARE_MAX: f64 = 0.5;
/// Clusters told at once, at most.
const FOUND_MAX: usize = 8;
/// Euler's constant.
const GAMMA: f64 = 0.577_215_664_901_532_9;

/// Who is near whom: for each place the places around it, itself first, then by distance. Depends on the places alone, so it
/// is kept as long as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Area {
    /// Where each place's list ends.
    ends: Vec<usize>,
    near: Vec<u32>,
}

impl Area {
    /// From middles in metres on a plane; a list ends at `radius_m` or at `places_max`. Costs about the sum of the lists'
    /// lengths times the logarithm of the number of places.
    pub fn new(middles: &[[f64; 2]], radius_m: f64, places_max: usize) -> Self {
        let points = middles.iter().zip(0_u32..);
        let tree: Tree = RTree::bulk_load(points.map(|(at, place)| GeomWithData::new(*at, place)).collect());
        let most = places_max.max(1);
        let (mut ends, mut near) = (Vec::with_capacity(middles.len()), Vec::new());
        for from in middles {
            let mut list = reached(&tree, *from, radius_m, most);
            list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.extend(list.iter().take(most).map(|(_, place)| *place));
            ends.push(near.len());
        }
        Self { ends, near }
    }

    /// The places around one, itself first.
    pub fn around(&self, place: u32) -> &[u32] {
        let place = place as usize;
        let begin = place.checked_sub(1).and_then(|before| self.ends.get(before));
        let end = self.ends.get(place).copied().unwrap_or(0);
        self.near
            .get(begin.copied().unwrap_or(0)..end)
            .unwrap_or_default()
    }

    /// The number of places.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no place.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

type Tree = RTree<GeomWithData<[f64; 2], u32>>;

/// The nearest places with their distances, `most` of them and all that lie as far away as the last: which of those come into
/// a list is their number's affair, not the tree's.
fn reached(tree: &Tree, from: [f64; 2], radius_m: f64, most: usize) -> Vec<(f64, u32)> {
    let mut list: Vec<(f64, u32)> = Vec::new();
    for (point, square) in tree.nearest_neighbor_iter_with_distance_2(from) {
        let distance = square.sqrt();
        let last = list.last().map_or(f64::INFINITY, |(distance, _)| *distance);
        if distance > radius_m || (list.len() >= most && distance > last) {
            break;
        }
        list.push((distance, point.data));
    }
    list
}

/// For each of `points` the nearest of `middles`, by its number; `None` where there are none. Metres on a plane.
pub fn nearest(middles: &[[f64; 2]], points: &[[f64; 2]]) -> Vec<Option<u32>> {
    let numbered = middles.iter().zip(0_u32..);
    let tree = RTree::bulk_load(
        numbered
            .map(|(at, place)| GeomWithData::new(*at, place))
            .collect(),
    );
    points
        .iter()
        .map(|point| tree.nearest_neighbor(*point).map(|found| found.data))
        .collect()
}

/// What is expected: each place's share, and the mean of each day back from the present one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected<'a> {
    /// One share per place, adding up to 1.
    pub shares: &'a [f64],
    /// Cases expected in all places together: on the present day, the day before, …
    pub means: &'a [f64],
}

/// Counts per place over a span that grows day by day, back from the present one.
struct Running {
    counts: Vec<u32>,
    /// Places that have a count.
    places: Vec<u32>,
    seen: f64,
    mean: f64,
}

impl Running {
    fn new(places: usize) -> Self {
        Self {
            counts: vec![0; places],
            places: Vec::new(),
            seen: 0.0,
            mean: 0.0,
        }
    }

    fn clear(&mut self) {
        for place in self.places.drain(..) {
            if let Some(count) = self.counts.get_mut(place as usize) {
                *count = 0;
            }
        }
        (self.seen, self.mean) = (0.0, 0.0);
    }

    fn add(&mut self, place: u32, count: u32) {
        let Some(sum) = self.counts.get_mut(place as usize).filter(|_| count > 0) else {
            return;
        };
        if *sum == 0 {
            self.places.push(place);
        }
        *sum += count;
        self.seen += f64::from(count);
    }

    /// What a share of 1 stands for. Where more came in than expected in all, the rest is measured against that: a window then
    /// stands out from its surroundings, not with them.
    fn level(&self) -> f64 {
        self.seen.max(self.mean)
    }
}

/// A window that stands out.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its places, the middle one first.
    pub places: Vec<u32>,
    /// Its days: 1 is the present one alone.
    pub days: usize,
    /// Counted.
    pub observed: u32,
    /// Expected.
    pub expected: f64,
    /// Its statistic, `c ln(c/e) − (c − e)` (Neill 2009, expectation-based Poisson).
    pub statistic: f64,
}

/// What chance makes of the largest statistic of a day: a Gumbel law fitted to simulated maxima by moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Null {
    location: f64,
    scale: f64,
}

impl Null {
    /// Simulates days without anything unusual: each place's count is negative binomial around its expectation, with
    /// variance = mean · (1 + `bursts`). The same seed gives the same law on every machine.
    pub fn simulate(area: &Area, expected: Expected<'_>, bursts: f64, replications: u32, seed: u64) -> Self {
        let Some(dice) = Bursts::new(expected.shares, bursts) else {
            return Self::of(&[]);
        };
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut running = Running::new(expected.shares.len());
        let maxima: Vec<f64> = (0..replications)
            .map(|_| {
                running.clear();
                let mut most = 0.0;
                for mean in expected.means {
                    dice.day(*mean, &mut rng, |place, count| running.add(place, count));
                    running.mean += mean;
                    most = largest(area, &running, expected.shares, most);
                }
                most
            })
            .collect();
        Self::of(&maxima)
    }

    fn of(maxima: &[f64]) -> Self {
        let count = real(maxima.len()).max(2.0);
        let mean = maxima.iter().sum::<f64>() / count;
        let variance = maxima.iter().map(|max| (max - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let scale = (variance.sqrt() * 6.0_f64.sqrt() / std::f64::consts::PI).max(0.05);
        Self {
            location: mean - GAMMA * scale,
            scale,
        }
    }

    /// P(the largest statistic of a day without anything unusual is this large or larger).
    pub fn p(&self, statistic: f64) -> f64 {
        let reduced = (statistic - self.location) / self.scale;
        -(-(-reduced).exp()).exp_m1()
    }
}

/// The best window around one middle in one span, as number of places and statistic, if it is above `floor`.
fn best_around(list: &[u32], running: &Running, shares: &[f64], floor: f64) -> Option<(usize, f64)> {
    let level = running.level();
    let (mut seen, mut share, mut least, mut best) = (0.0, 0.0, floor, None);
    for (size, place) in (1..).zip(list) {
        let place = *place as usize;
        share += shares.get(place).copied().unwrap_or(0.0);
        if share > SHARE_MAX && size > 1 {
            break;
        }
        let here = running.counts.get(place).copied().unwrap_or(0);
        // Only a place with counts can make a window better than the one without it.
        if here == 0 {
            continue;
        }
        seen += f64::from(here);
        let expected = (share * level).max(1e-9);
        let above = seen - expected;
        // c ln(c/e) − (c − e) ≤ (c − e)²/e.
        if above <= 0.0 || above * above <= least * expected {
            continue;
        }
        let statistic = seen * (seen / expected).ln() - above;
        if statistic > least {
            (least, best) = (statistic, Some((size, statistic)));
        }
    }
    best
}

fn largest(area: &Area, running: &Running, shares: &[f64], floor: f64) -> f64 {
    running.places.iter().fold(floor, |most, place| {
        best_around(area.around(*place), running, shares, most).map_or(most, |(_, statistic)| statistic)
    })
}

/// The best window around a middle.
struct Candidate {
    statistic: f64,
    middle: u32,
    size: usize,
    days: usize,
}

/// The windows that stand out most, the strongest first, none sharing a place with a stronger one. `days` are the places with
/// counts, each once, on the present day, the day before, … as `expected` has means.
pub fn sweep(area: &Area, expected: Expected<'_>, days: &[&[(u32, u32)]]) -> Vec<Found> {
    let mut running = Running::new(expected.shares.len());
    let mut all: Vec<Candidate> = Vec::new();
    for (span, (mean, counts)) in (1..).zip(expected.means.iter().zip(days)) {
        for (place, count) in *counts {
            running.add(*place, *count);
        }
        running.mean += mean;
        all.extend(running.places.iter().filter_map(|middle| {
            let (size, statistic) = best_around(area.around(*middle), &running, expected.shares, 0.0)?;
            Some(Candidate {
                statistic,
                middle: *middle,
                size,
                days: span,
            })
        }));
    }
    all.sort_by(|a, b| {
        let by_statistic = b.statistic.total_cmp(&a.statistic).then(a.size.cmp(&b.size));
        by_statistic.then((a.days, a.middle).cmp(&(b.days, b.middle)))
    });
    let (mut taken, mut found) = (BTreeSet::new(), Vec::new());
    for candidate in &all {
        let list = area.around(candidate.middle);
        let places: Vec<u32> = list.iter().take(candidate.size).copied().collect();
        if places.iter().any(|place| taken.contains(place)) {
            continue;
        }
        taken.extend(places.iter().copied());
        found.push(told(candidate, places, expected, days));
        if found.len() >= FOUND_MAX {
            break;
        }
    }
    found
}

fn told(candidate: &Candidate, places: Vec<u32>, expected: Expected<'_>, days: &[&[(u32, u32)]]) -> Found {
    let share: f64 = places
        .iter()
        .filter_map(|place| expected.shares.get(*place as usize))
        .sum();
    let mean: f64 = expected.means.iter().take(candidate.days).sum();
    let counts = days.iter().take(candidate.days).copied().flatten();
    Found {
        observed: counts
            .filter(|(place, _)| places.contains(place))
            .map(|(_, count)| count)
            .sum(),
        expected: share * mean,
        places,
        days: candidate.days,
        statistic: candidate.statistic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(side: u32) -> Area {
        let middles: Vec<[f64; 2]> = (0..side * side)
            .map(|place| [f64::from(place % side) * 1000.0, f64::from(place / side) * 1000.0])
            .collect();
        Area::new(&middles, 2500.0, 30)
    }

    #[test]
    fn lists_are_what_looking_at_all_places_gives() {
        let middles: Vec<[f64; 2]> = (0..90_u32)
            .map(|place| [f64::from(place % 9) * 10.0, f64::from(place / 9) * 10.0])
            .collect();
        let nearest = nearest(&middles, &[[41.0, 22.0], [-5.0, 400.0]]);
        assert_eq!(nearest, [Some(22), Some(81)]);
        for (radius, most) in [(25.0, 7), (35.0, 60), (0.0, 5), (1e9, 90)] {
            let area = Area::new(&middles, radius, most);
            for (from, middle) in middles.iter().zip(0..) {
                let distance = |to: &[f64; 2]| (from[0] - to[0]).hypot(from[1] - to[1]);
                let mut all: Vec<(f64, u32)> = middles.iter().map(distance).zip(0..).collect();
                all.retain(|(distance, _)| *distance <= radius);
                all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let wanted: Vec<u32> = all.iter().take(most).map(|(_, place)| *place).collect();
                assert_eq!(area.around(middle), wanted, "{radius} {most} {middle}");
            }
        }
    }

    #[test]
    fn a_planted_cluster_is_found_and_its_places_named() {
        let area = square(10);
        let expected = Expected {
            shares: &[0.01; 100],
            means: &[10.0, 10.0],
        };
        let today: Vec<(u32, u32)> = [44, 45, 54].map(|place| (place, 3)).to_vec();
        let found = sweep(&area, expected, &[&today, &[]]);
        let first = &found[0];
        assert_eq!((first.observed, first.days), (9, 1));
        assert!(
            [44, 45, 54].iter().all(|place| first.places.contains(place)),
            "{first:?}"
        );
        assert!(
            (first.expected - 0.1 * real(first.places.len())).abs() < 1e-9,
            "{first:?}"
        );
        let null = Null::simulate(&area, expected, 0.0, 199, 1);
        assert!(null.p(first.statistic) < 1e-4, "{}", null.p(first.statistic));
        assert_eq!(null, Null::simulate(&area, expected, 0.0, 199, 1));
    }

    #[test]
    fn chance_alone_is_called_chance() {
        let area = square(8);
        let shares = [1.0 / 64.0; 64];
        let expected = Expected {
            shares: &shares,
            means: &[19.2, 19.2],
        };
        let null = Null::simulate(&area, expected, 0.2, 199, 1);
        let dice = Bursts::new(&shares, 0.2).unwrap();
        let mut rng = Pcg64Mcg::seed_from_u64(99);
        let mut small = 0;
        for _ in 0..400 {
            let days = [0, 1].map(|_| {
                let mut counts = vec![0; 64];
                dice.day(19.2, &mut rng, |place, count| counts[place as usize] += count);
                let list: Vec<(u32, u32)> = (0..).zip(counts).filter(|(_, count)| *count > 0).collect();
                list
            });
            let found = sweep(&area, expected, &[&days[0], &days[1]]);
            small += u32::from(found.first().is_some_and(|first| null.p(first.statistic) < 0.05));
        }
        // 400 draws at 5 %: 20 expected, 99.9 % of such counts lie below 36.
        assert!((6..36).contains(&small), "{small}");
    }

    #[test]
    fn a_surge_everywhere_is_no_cluster() {
        let area = square(8);
        let expected = Expected {
            shares: &[1.0 / 64.0; 64],
            means: &[64.0],
        };
        let day: Vec<(u32, u32)> = (0..64).map(|place| (place, 5)).collect();
        assert!(
            sweep(&area, expected, &[&day])
                .iter()
                .all(|found| found.statistic < 1.0)
        );
    }
}
