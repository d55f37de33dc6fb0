//! One walk over neighbouring rows of one level: means, working weights and what they add to the normal equations.

use super::Family;
use super::equations::{Narrow, Sums, at};

/// What a row of a family adds: working weight, and pull (weight times working residual).
pub(super) fn working(family: Family, y: f64, mu: f64, prior: f64) -> (f64, f64) {
    match family {
        Family::Poisson => (prior * mu, prior * (y - mu)),
        Family::NegativeBinomial(theta) => {
            let scale = prior / (1.0 + mu / theta);
            (scale * mu, scale * (y - mu))
        }
    }
}

/// Neighbouring rows of one level, and the coefficients they meet.
pub(super) struct Run<'a> {
    pub(super) family: Family,
    pub(super) level: usize,
    pub(super) step: Option<f64>,
    pub(super) start: f64,
    pub(super) slopes: &'a [f64],
    pub(super) y: &'a [f64],
    pub(super) prior: &'a [f64],
    pub(super) offset: &'a [f64],
    pub(super) x: &'a [f64],
}

impl Run<'_> {
    pub(super) fn pass_plain(&self, sums: &mut Sums, mu: &mut [f64], weights: &mut [f64]) -> f64 {
        let (mut fast, mut weight, mut pulls) = (0.0, 0.0, 0.0);
        let given = self.y.iter().zip(self.prior).zip(self.offset);
        for (((y, prior), offset), (mu, slot)) in given.zip(mu.iter_mut().zip(weights)) {
            let eta = self.start + offset;
            *mu = eta.exp().max(f64::EPSILON);
            let (w, pull) = working(self.family, *y, *mu, *prior);
            *slot = w;
            weight += w;
            pulls += pull;
            fast += prior * (y * eta + y - *mu);
        }
        sums.add(self.level, &[], weight, pulls);
        fast
    }

    pub(super) fn pass_narrow(&self, sums: &mut Sums, mu: &mut [f64], weights: &mut [f64]) -> f64 {
        let slope = at(self.slopes, 0);
        let shift = at(&sums.shift, self.level);
        let mut all = Narrow::default();
        let mut fast = 0.0;
        let mut means = Means::new(self.step.map(|step| (slope * step).exp()));
        let given = self.y.iter().zip(self.prior).zip(self.offset).zip(self.x);
        for ((((y, prior), offset), x), (mu, slot)) in given.zip(mu.iter_mut().zip(weights)) {
            let eta = self.start + slope * x + offset;
            *mu = means.next(eta);
            let (w, pull) = working(self.family, *y, *mu, *prior);
            *slot = w;
            let x = x - shift;
            all.weight += w;
            all.pull += pull;
            all.border += w * x;
            all.square += w * x * x;
            all.pull_x += pull * x;
            fast += prior * (y * eta + y - *mu);
        }
        sums.add_narrow(self.level, &all);
        fast
    }

    pub(super) fn pass_wide(&self, sums: &mut Sums, mu: &mut [f64], weights: &mut [f64]) -> f64 {
        let mut fast = 0.0;
        let rows = self.x.chunks_exact(self.slopes.len());
        let given = self.y.iter().zip(self.prior).zip(self.offset).zip(rows);
        for ((((y, prior), offset), x), (mu, slot)) in given.zip(mu.iter_mut().zip(weights)) {
            let along: f64 = self.slopes.iter().zip(x).map(|(b, x)| b * x).sum();
            let eta = self.start + along + offset;
            *mu = eta.exp().max(f64::EPSILON);
            let (w, pull) = working(self.family, *y, *mu, *prior);
            *slot = w;
            sums.add(self.level, x, w, pull);
            fast += prior * (y * eta + y - *mu);
        }
        fast
    }
}

/// Exponentials of evenly growing predictors: one true exponential in sixteen, products between, so that no more than a few units in
/// the last place are lost.
struct Means {
    ratio: Option<f64>,
    last: f64,
    since: u8,
}

impl Means {
    fn new(ratio: Option<f64>) -> Self {
        Self {
            ratio,
            last: 0.0,
            since: 15,
        }
    }

    fn next(&mut self, eta: f64) -> f64 {
        self.since = (self.since + 1) % 16;
        self.last = match self.ratio {
            Some(ratio) if self.since != 0 => self.last * ratio,
            _ => eta.exp(),
        };
        self.last.max(f64::EPSILON)
    }
}
