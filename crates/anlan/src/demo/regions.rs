//! Groups cells into connected regions of chosen sizes: streets out of the county, communities out of a street.

use super::river::{Spot, apart};
use std::collections::{BTreeMap, BTreeSet};

/// A cell as grouping sees it.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// Its middle.
    pub(crate) at: Spot,
    /// Neighbours.
    pub(crate) beside: BTreeSet<usize>,
}

/// Where a region starts and how large it wants to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed {
    /// Grows around this spot.
    pub(crate) at: Spot,
    /// Relative size.
    pub(crate) share: f64,
}

/// The region of every plot, by the seed's position. The region that lags most takes the free neighbour nearest to its
/// seed, so regions stay connected; a plot nobody reaches goes to the nearest seed.
pub(crate) fn grow(plots: &BTreeMap<usize, Plot>, seeds: &[Seed]) -> BTreeMap<usize, usize> {
    let mut owner: BTreeMap<usize, usize> = BTreeMap::new();
    let mut sizes = vec![0.0_f64; seeds.len()];
    let mut stuck = BTreeSet::new();
    while owner.len() < plots.len() {
        let lag = |region: &usize| {
            sizes
                .get(*region)
                .zip(seeds.get(*region))
                .map_or(f64::MAX, |(size, seed)| size / seed.share)
        };
        let next = (0..seeds.len())
            .filter(|region| !stuck.contains(region))
            .min_by(|a, b| lag(a).total_cmp(&lag(b)));
        let Some((region, seed)) = next.and_then(|region| Some((region, seeds.get(region)?))) else {
            break;
        };
        match nearest_free(plots, &owner, region, seed.at) {
            Some(plot) => {
                owner.insert(plot, region);
                if let Some(size) = sizes.get_mut(region) {
                    *size += 1.0;
                }
            }
            None => {
                stuck.insert(region);
            }
        }
    }
    for (key, plot) in plots {
        owner.entry(*key).or_insert_with(|| nearest_seed(seeds, plot.at));
    }
    owner
}

fn nearest_seed(seeds: &[Seed], at: Spot) -> usize {
    let distance = |seed: &Seed| apart(seed.at, at);
    let nearest = seeds
        .iter()
        .enumerate()
        .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    nearest.map_or(0, |(index, _)| index)
}

fn nearest_free(
    plots: &BTreeMap<usize, Plot>,
    owner: &BTreeMap<usize, usize>,
    region: usize,
    at: Spot,
) -> Option<usize> {
    let is_new = !owner.values().any(|own| *own == region);
    let borders = |plot: &Plot| plot.beside.iter().any(|other| owner.get(other) == Some(&region));
    plots
        .iter()
        .filter(|(key, plot)| !owner.contains_key(key) && (is_new || borders(plot)))
        .min_by(|a, b| apart(a.1.at, at).total_cmp(&apart(b.1.at, at)))
        .map(|(key, _)| *key)
}

/// Seeds far from each other: the first is the plot nearest to `from`, each next the one farthest from those before.
pub(crate) fn scatter(plots: &BTreeMap<usize, Plot>, from: Spot, count: usize) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = Vec::with_capacity(count);
    let first = plots
        .values()
        .min_by(|a, b| apart(a.at, from).total_cmp(&apart(b.at, from)));
    seeds.extend(first.map(|plot| Seed {
        at: plot.at,
        share: 1.0,
    }));
    while seeds.len() < count.min(plots.len()) {
        let lonely = |plot: &Plot| {
            seeds
                .iter()
                .map(|seed| apart(seed.at, plot.at))
                .fold(f64::MAX, f64::min)
        };
        let Some(next) = plots.values().max_by(|a, b| lonely(a).total_cmp(&lonely(b))) else {
            break;
        };
        let next = Seed {
            at: next.at,
            share: 1.0,
        };
        seeds.push(next);
    }
    seeds
}
