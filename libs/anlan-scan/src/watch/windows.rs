//! Windows of neighbouring places over the last days: the most unusual ones, and what chance makes of the largest.

use super::chance::{Chance, zero_chance};
use super::real;

/// A window holds at most this share of what is expected in all.
const SHARE_MAX: f64 = 0.5;
/// Clusters told at once, at most.
const FOUND_MAX: usize = 8;
/// Euler's constant.
const GAMMA: f64 = 0.577_215_664_901_532_9;

/// Who is near whom: for each place the places around it, itself first, then by distance.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    near: Vec<Vec<u32>>,
}

impl Area {
    /// From middles in metres on a plane; a list ends at `radius_m` or at `places_max`.
    pub fn new(middles: &[[f64; 2]], radius_m: f64, places_max: usize) -> Self {
        let near = middles
            .iter()
            .map(|from| {
                let mut list: Vec<(f64, u32)> = middles
                    .iter()
                    .zip(0..)
                    .map(|(to, place)| ((from[0] - to[0]).hypot(from[1] - to[1]), place))
                    .filter(|(distance, _)| *distance <= radius_m)
                    .collect();
                list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                list.truncate(places_max.max(1));
                list.into_iter().map(|(_, place)| place).collect()
            })
            .collect();
        Self { near }
    }

    /// The lists around places that have a case: only those are middles of windows, on observed and simulated days alike.
    fn with_cases(&self, counts: &[u32]) -> impl Iterator<Item = &Vec<u32>> {
        self.near
            .iter()
            .zip(counts)
            .filter(|(_, count)| **count > 0)
            .map(|(list, _)| list)
    }

    /// The number of places.
    pub fn len(&self) -> usize {
        self.near.len()
    }

    /// Whether there is no place.
    pub fn is_empty(&self) -> bool {
        self.near.is_empty()
    }
}

/// Counts and expectations per place over the last 1, 2, … days, the present one included.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// One list of counts per span, places in order.
    pub counts: Vec<Vec<u32>>,
    /// One list of expectations per span, places in order.
    pub expected: Vec<Vec<f64>>,
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
    /// variance = mean · (1 + `bursts`).
    pub fn simulate(area: &Area, expected: &[Vec<f64>], bursts: f64, replications: u32, seed: u64) -> Self {
        let days = by_day(expected);
        let zeros: Vec<Vec<f64>> = days
            .iter()
            .map(|day| {
                day.iter()
                    .map(|mean| zero_chance(*mean, per_mean(bursts, *mean)))
                    .collect()
            })
            .collect();
        let mut maxima = Vec::with_capacity(replications as usize);
        for replication in 0..replications {
            let mut chance = Chance::new(seed, u64::from(replication) + 1);
            let counts = draw(&mut chance, &days, &zeros, bursts);
            maxima.push(largest(area, &counts, expected));
        }
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

/// The quadratic dispersion that gives variance = mean · (1 + `bursts`) at this mean.
fn per_mean(bursts: f64, mean: f64) -> f64 {
    bursts / mean.max(1e-9)
}

/// One simulated stretch of days, as counts per span.
fn draw(chance: &mut Chance, days: &[Vec<f64>], zeros: &[Vec<f64>], bursts: f64) -> Vec<Vec<u32>> {
    let mut spans = Vec::with_capacity(days.len());
    let mut running = vec![0; days.first().map_or(0, Vec::len)];
    for (means, zeros) in days.iter().zip(zeros) {
        for (sum, (mean, zero)) in running.iter_mut().zip(means.iter().zip(zeros)) {
            *sum += chance.count(*mean, per_mean(bursts, *mean), *zero);
        }
        spans.push(running.clone());
    }
    spans
}

/// Expectations of single days from those of spans.
fn by_day(expected: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut days = Vec::with_capacity(expected.len());
    let mut before: Option<&Vec<f64>> = None;
    for span in expected {
        let day = span.iter().enumerate().map(|(place, sum)| {
            let earlier = before.and_then(|span| span.get(place)).copied().unwrap_or(0.0);
            (sum - earlier).max(0.0)
        });
        days.push(day.collect());
        before = Some(span);
    }
    days
}

/// Where more came in than expected in all, the rest is measured against that: a window then stands out from its
/// surroundings, not with them.
fn lift(counts: &[u32], expected: &[f64]) -> (f64, f64) {
    let seen: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let all: f64 = expected.iter().sum();
    ((seen / all.max(1e-9)).max(1.0), all)
}

fn statistic(count: u32, expected: f64) -> f64 {
    let seen = f64::from(count);
    if seen <= expected || count == 0 {
        return 0.0;
    }
    let expected = expected.max(1e-9);
    seen * (seen / expected).ln() - (seen - expected)
}

/// The best window around one middle in one span, as number of places and statistic.
fn best_around(list: &[u32], counts: &[u32], expected: &[f64], (lift, all): (f64, f64)) -> (usize, f64) {
    let (mut seen, mut sum, mut best) = (0_u32, 0.0, (0, 0.0));
    for (at, place) in list.iter().enumerate() {
        let place = *place as usize;
        let here = counts.get(place).copied().unwrap_or(0);
        sum += expected.get(place).copied().unwrap_or(0.0);
        seen += here;
        if sum > SHARE_MAX * all && at > 0 {
            break;
        }
        // Only a place with counts can make a window better than the one without it.
        if here == 0 || f64::from(seen) <= sum * lift {
            continue;
        }
        let statistic = statistic(seen, sum * lift);
        if statistic > best.1 {
            best = (at + 1, statistic);
        }
    }
    best
}

fn largest(area: &Area, counts: &[Vec<u32>], expected: &[Vec<f64>]) -> f64 {
    let mut most: f64 = 0.0;
    for (counts, expected) in counts.iter().zip(expected) {
        let lift = lift(counts, expected);
        for list in area.with_cases(counts) {
            most = most.max(best_around(list, counts, expected, lift).1);
        }
    }
    most
}

/// The windows that stand out most, the strongest first, none sharing a place with a stronger one.
pub fn sweep(area: &Area, seen: &Seen) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for (span, (counts, expected)) in seen.counts.iter().zip(&seen.expected).enumerate() {
        let lift = lift(counts, expected);
        for list in area.with_cases(counts) {
            let (places, statistic) = best_around(list, counts, expected, lift);
            let places: Vec<u32> = list.iter().take(places).copied().collect();
            if places.is_empty() {
                continue;
            }
            let of = |place: &u32| *place as usize;
            all.push(Found {
                observed: places.iter().filter_map(|place| counts.get(of(place))).sum(),
                expected: places.iter().filter_map(|place| expected.get(of(place))).sum(),
                places,
                days: span + 1,
                statistic,
            });
        }
    }
    all.sort_by(|a, b| {
        b.statistic
            .total_cmp(&a.statistic)
            .then(a.places.len().cmp(&b.places.len()))
    });
    let mut taken: Vec<Found> = Vec::new();
    for found in all {
        let is_apart = taken
            .iter()
            .all(|one| !one.places.iter().any(|place| found.places.contains(place)));
        if is_apart {
            taken.push(found);
        }
        if taken.len() >= FOUND_MAX {
            break;
        }
    }
    taken
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

    fn calm(side: usize, mean: f64, spans: usize) -> Vec<Vec<f64>> {
        (1..=spans)
            .map(|span| vec![mean * real(span); side * side])
            .collect()
    }

    #[test]
    fn a_planted_cluster_is_found_and_its_places_named() {
        let area = square(10);
        let expected = calm(10, 0.1, 2);
        let mut today = vec![0; 100];
        for place in [44, 45, 54] {
            today[place] = 3;
        }
        let seen = Seen {
            counts: vec![today.clone(), today],
            expected: expected.clone(),
        };
        let found = sweep(&area, &seen);
        let first = &found[0];
        assert_eq!((first.observed, first.days), (9, 1));
        assert!(
            [44, 45, 54].iter().all(|place| first.places.contains(place)),
            "{first:?}"
        );
        let null = Null::simulate(&area, &expected, 0.0, 199, 1);
        assert!(null.p(first.statistic) < 1e-4, "{}", null.p(first.statistic));
    }

    #[test]
    fn chance_alone_is_called_chance() {
        let area = square(8);
        let expected = calm(8, 0.3, 2);
        let null = Null::simulate(&area, &expected, 0.2, 199, 1);
        let days = by_day(&expected);
        let mut small = 0;
        for day in 0..400 {
            let mut chance = Chance::new(99, day);
            let zeros: Vec<Vec<f64>> = days
                .iter()
                .map(|means| {
                    means
                        .iter()
                        .map(|mean| zero_chance(*mean, per_mean(0.2, *mean)))
                        .collect()
                })
                .collect();
            let drawn = draw(&mut chance, &days, &zeros, 0.2);
            small += u32::from(null.p(largest(&area, &drawn, &expected)) < 0.05);
        }
        // 400 draws at 5 %: 20 expected, 99.9 % of such counts lie below 36.
        assert!((6..36).contains(&small), "{small}");
    }

    #[test]
    fn a_surge_everywhere_is_no_cluster() {
        let area = square(8);
        let expected = calm(8, 1.0, 1);
        let seen = Seen {
            counts: vec![vec![5; 64]],
            expected,
        };
        assert!(sweep(&area, &seen).iter().all(|found| found.statistic < 1.0));
    }
}
