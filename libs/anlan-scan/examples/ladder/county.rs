//! Counties to scan: made up, or from the columns of files. No scanning here.

use anlan_scan::scan::{Baseline, Coordinates, Geography};
use rand_core::Rng as _;
use rand_pcg::Pcg64Mcg;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Which model is scanned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    PoissonSpace,
    BernoulliSpace,
    Permutation,
    Poisson,
}

impl Model {
    const NAMES: [(&'static str, Self); 4] = [
        ("poisson-space", Self::PoissonSpace),
        ("bernoulli-space", Self::BernoulliSpace),
        ("permutation", Self::Permutation),
        ("poisson", Self::Poisson),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, model)| *model)
    }

    pub(crate) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, model)| *model == self);
        found.map_or("", |(name, _)| name)
    }

    pub(crate) fn is_timeless(self) -> bool {
        matches!(self, Self::PoissonSpace | Self::BernoulliSpace)
    }
}

/// Places, and what was counted there.
pub(crate) struct County {
    pairs: Vec<[f64; 2]>,
    pub(crate) cases: Vec<u32>,
    pub(crate) baseline: Baseline,
}

fn share(rng: &mut Pcg64Mcg) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

impl County {
    pub(crate) fn places(&self) -> usize {
        self.pairs.len()
    }

    pub(crate) fn geography(&self) -> Geography {
        Geography::Coordinates {
            places: Coordinates::Cartesian(self.pairs.clone()),
            centres: None,
        }
    }

    /// Places strewn over 70 × 70 km, populations that differ, 20 cases for each place over the days.
    pub(crate) fn made_up(places: usize, days: usize, model: Model) -> Self {
        let mut rng = Pcg64Mcg::new(42);
        let pairs: Vec<[f64; 2]> = (0..places)
            .map(|_| [70.0 * share(&mut rng), 70.0 * share(&mut rng)])
            .collect();
        let population: Vec<f64> = (0..places)
            .map(|_| 200.0 * (2.0 * share(&mut rng)).exp())
            .collect();
        let all: f64 = population.iter().sum();
        let bounds: Vec<f64> = population
            .iter()
            .scan(0.0, |sum, own| {
                *sum += own / all;
                Some(*sum)
            })
            .collect();
        let steps = if model.is_timeless() { 1 } else { days };
        let mut cases = vec![0; places * steps];
        for _ in 0..places * 20 {
            let at = share(&mut rng);
            let place = bounds.partition_point(|bound| *bound < at).min(places - 1);
            let step = (rng.next_u64() % steps as u64) as usize;
            if let Some(count) = cases.get_mut(place * steps + step) {
                *count += 1;
            }
        }
        let controls = cases.iter().map(|count| 2 * count + 10).collect();
        Self {
            baseline: Self::baseline_of(model, &population, controls, days),
            pairs,
            cases,
        }
    }

    /// From `l.geo`, `l.cas`, `l.pop`, `l.bcas` and `l.ctl` of a folder, days counted from the first of 2024.
    pub(crate) fn read(folder: &str, days: usize, model: Model) -> std::io::Result<Self> {
        let rows = |name: &str| -> std::io::Result<Vec<Vec<String>>> {
            let text = fs::read_to_string(Path::new(folder).join(name))?;
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
            Ok(text.lines().map(words).collect())
        };
        let geo = rows("l.geo")?;
        let word = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
        let number = |row: &[String], at: usize| word(row, at).parse::<f64>().unwrap_or(0.0);
        let places: HashMap<String, usize> = (0..).zip(&geo).map(|(at, row)| (word(row, 0), at)).collect();
        let place = |row: &[String]| places.get(&word(row, 0)).copied().unwrap_or(0);
        let steps = if model.is_timeless() { 1 } else { days };
        let counted = |name: &str| -> std::io::Result<Vec<u32>> {
            let mut counts = vec![0; geo.len() * steps];
            let step = |row: &[String]| if steps > 1 { day_of_2024(&word(row, 2)) } else { 0 };
            for row in rows(name)? {
                add(
                    &mut counts,
                    place(&row) * steps + step(&row),
                    word(&row, 1).parse().unwrap_or(0),
                );
            }
            Ok(counts)
        };
        let mut population = vec![0.0; geo.len()];
        for row in rows("l.pop")? {
            if let Some(own) = population.get_mut(place(&row)) {
                *own += number(&row, 2);
            }
        }
        let is_bernoulli = model == Model::BernoulliSpace;
        let controls = if is_bernoulli {
            counted("l.ctl")?
        } else {
            Vec::new()
        };
        Ok(Self {
            pairs: geo.iter().map(|row| [number(row, 1), number(row, 2)]).collect(),
            cases: counted(if is_bernoulli { "l.bcas" } else { "l.cas" })?,
            baseline: Self::baseline_of(model, &population, controls, days),
        })
    }
}

fn add(counts: &mut [u32], at: usize, more: u32) {
    if let Some(count) = counts.get_mut(at) {
        *count += more;
    }
}

/// `2024/3/1` as the 60th day, counted from 0.
fn day_of_2024(date: &str) -> usize {
    const BEFORE: [usize; 12] = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];
    let mut parts = date
        .split('/')
        .skip(1)
        .map(|part| part.parse::<usize>().unwrap_or(1));
    let (month, day) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    BEFORE.get(month.saturating_sub(1)).copied().unwrap_or(0) + day.saturating_sub(1)
}
