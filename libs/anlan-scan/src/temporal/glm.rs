//! Log-linear regression of counts by iteratively reweighted least squares, for one factor and a few columns. It is
//! given numbers and gives numbers; what they mean is the detectors' affair.
//!
//! The model is `log μ = offset + factor level + columns · slopes`. Because a row has exactly one level, the normal
//! equations are an arrow: a diagonal for the levels bordered by the columns, solved by one Schur complement. A row
//! costs one exponential and a handful of multiplications whatever the number of levels.
//!
//! Start, stopping rule and limits are those of R's `glm.fit` (start at μ = y + 0.1, or 1/6 for a zero of the negative binomial; stop when the deviance moves by
//! less than 1e-8 of itself, 25 rounds), because where a level holds only zeros its estimate is where the iteration
//! stops, not where the likelihood has its maximum.

use super::Refusal;
use super::series::real;
pub(super) use design::Design;
use equations::{ALIAS, ALIAS_LATER, Information, Sums, at, invert};
use runs::{Run, working};

mod design;
mod equations;
mod runs;

const ROUNDS_MAX: usize = 25;
const EPSILON: f64 = 1e-8;
/// Counts from here on lose the deviance's last digits to cancellation unless each term is taken by itself.
const LARGE_COUNT: f64 = 1e6;

/// Which variance goes with a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Family {
    /// μ, or φ·μ.
    Poisson,
    /// μ + μ²/θ.
    NegativeBinomial(f64),
}

/// A fitted model.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    levels: Vec<f64>,
    pub(super) slopes: Vec<f64>,
    /// Whether each column was estimated (else its slope is 0 by definition).
    pub(super) estimated: Vec<bool>,
    centres: Vec<f64>,
    pub(super) mu: Vec<f64>,
    /// Working weights of the last round, as R keeps them.
    pub(super) weights: Vec<f64>,
    pub(super) converged: bool,
    pub(super) df: f64,
    information: Information,
}

impl Fit {
    /// Linear predictor without offset, and its variance before dispersion, for a row with raw columns `x`.
    pub(super) fn predict(&self, level: usize, x: &[f64]) -> (f64, f64) {
        let centred: Vec<f64> = x.iter().zip(&self.centres).map(|(x, c)| x - c).collect();
        let start = self.levels.get(level).copied().unwrap_or(0.0);
        let eta = self
            .slopes
            .iter()
            .zip(&centred)
            .fold(start, |sum, (b, x)| sum + b * x);
        (eta, self.information.variance(level, &centred))
    }

    /// Variance of a slope before dispersion.
    pub(super) fn slope_variance(&self, column: usize) -> f64 {
        let width = self.information.width;
        self.information
            .inverse
            .get(column * width + column)
            .copied()
            .unwrap_or(f64::NAN)
    }

    /// Pearson's dispersion Σ w r² / df with the working residuals r = (y − μ)/μ and the given weights.
    pub(super) fn dispersion(&self, y: &[f64], weights: &[f64]) -> f64 {
        let mut sum = 0.0;
        for ((y, mu), w) in y.iter().zip(&self.mu).zip(weights) {
            if *w > 0.0 {
                let residual = (y - mu) / mu;
                sum += w * residual * residual;
            }
        }
        sum / self.df
    }

    /// How much each row pulls its own fitted value: the diagonal of the hat matrix.
    pub(super) fn leverages(&self, design: &Design) -> Vec<f64> {
        let mut all = Vec::with_capacity(design.rows());
        for (row, (level, w)) in design.level.iter().zip(&self.weights).enumerate() {
            let leverage = w * self.information.variance(*level, design.row(row));
            all.push(if leverage > 1.0 - 10.0 * f64::EPSILON {
                1.0
            } else {
                leverage
            });
        }
        all
    }
}

/// The state of one fit in progress.
struct Rounds<'a> {
    design: &'a Design,
    y: &'a [f64],
    prior: &'a [f64],
    family: Family,
    levels: Vec<f64>,
    slopes: Vec<f64>,
    estimated: Vec<bool>,
    mu: Vec<f64>,
    /// Working weights at `mu`.
    weights: Vec<f64>,
    /// Working weights of the last step.
    used: Vec<f64>,
    sums: Sums,
    information: Information,
    saturated: f64,
    largest: f64,
}

/// Fits the model. `prior` are prior weights, `start` linear predictors to start from (with offset).
///
/// # Errors
/// [`Refusal::NoFit`] without rows, or when a mean leaves the numbers a computer has.
pub(super) fn fit(
    design: &Design,
    y: &[f64],
    prior: Option<&[f64]>,
    family: Family,
    start: Option<&[f64]>,
) -> Result<Fit, Refusal> {
    if y.is_empty() || design.rows() != y.len() {
        return Err(Refusal::NoFit("no rows to learn from"));
    }
    let ones;
    let prior = if let Some(prior) = prior {
        prior
    } else {
        ones = vec![1.0; y.len()];
        &ones
    };
    let mut rounds = Rounds {
        design,
        y,
        prior,
        family,
        levels: vec![0.0; design.levels],
        slopes: vec![0.0; design.width],
        estimated: vec![true; design.width],
        mu: vec![0.0; y.len()],
        weights: vec![0.0; y.len()],
        used: vec![0.0; y.len()],
        sums: Sums::new(design.levels, design.width),
        information: Information::default(),
        saturated: y.iter().zip(prior).map(|(y, p)| p * y * y.max(1e-300).ln()).sum(),
        largest: y.iter().copied().fold(0.0, f64::max),
    };
    let mut before = rounds.start(start);
    for round in 0..ROUNDS_MAX {
        rounds.solve(round == 0);
        let now = rounds.pass();
        if !now.is_finite() {
            return Err(Refusal::NoFit("fitted means grow beyond all bounds"));
        }
        if (now - before).abs() / (now.abs() + 0.1) < EPSILON {
            return Ok(rounds.finish(true));
        }
        before = now;
    }
    Ok(rounds.finish(false))
}

impl Rounds<'_> {
    /// Sums at the starting predictors, pulling towards whole coefficients; the deviance there.
    fn start(&mut self, start: Option<&[f64]>) -> f64 {
        let mut fast = 0.0;
        for (row, (&y, &prior)) in self.y.iter().zip(self.prior).enumerate() {
            let eta = match (start, self.family) {
                (Some(start), _) => at(start, row),
                (None, Family::Poisson) => (y + 0.1).ln(),
                (None, Family::NegativeBinomial(_)) if y > 0.0 => y.ln(),
                (None, Family::NegativeBinomial(_)) => (1.0_f64 / 6.0).ln(),
            };
            let mu = eta.exp().max(f64::EPSILON);
            let (w, pull) = working(self.family, y, mu, prior);
            let whole = pull + w * (eta - at(&self.design.offset, row));
            let level = self.design.level.get(row).copied().unwrap_or(0);
            self.sums.add(level, self.design.row(row), w, whole);
            fast += prior * (y * eta + y - mu);
            if let (Some(mean), Some(weight)) = (self.mu.get_mut(row), self.weights.get_mut(row)) {
                (*mean, *weight) = (mu, w);
            }
        }
        self.deviance(fast)
    }

    /// Means, weights and sums at the present coefficients; the deviance there.
    fn pass(&mut self) -> f64 {
        self.sums.clear();
        let mut fast = 0.0;
        let mut from = 0;
        for stretch in &self.design.stretches {
            let (level, rows) = (stretch.level, stretch.rows);
            let run = from..from + rows;
            let width = self.design.width;
            let part = Run {
                family: self.family,
                level,
                step: stretch.step,
                start: at(&self.levels, level),
                slopes: &self.slopes,
                y: self.y.get(run.clone()).unwrap_or_default(),
                prior: self.prior.get(run.clone()).unwrap_or_default(),
                offset: self.design.offset.get(run.clone()).unwrap_or_default(),
                x: self
                    .design
                    .x
                    .get(from * width..(from + rows) * width)
                    .unwrap_or_default(),
            };
            let mu = self.mu.get_mut(run.clone()).unwrap_or_default();
            let weights = self.weights.get_mut(run).unwrap_or_default();
            fast += match width {
                0 => part.pass_plain(&mut self.sums, mu, weights),
                1 => part.pass_narrow(&mut self.sums, mu, weights),
                _ => part.pass_wide(&mut self.sums, mu, weights),
            };
            from += rows;
        }
        self.deviance(fast)
    }

    /// One step from the sums: Schur complement of the levels, then the levels themselves.
    fn solve(&mut self, is_first: bool) {
        let width = self.design.width;
        self.used.copy_from_slice(&self.weights);
        let (mut schur, pull, raw) = self.sums.complement();
        let least = if is_first { ALIAS } else { ALIAS_LATER };
        let within: Vec<f64> = (0..width).map(|j| at(&schur, j * width + j)).collect();
        for ((kept, within), raw) in self.estimated.iter_mut().zip(&within).zip(&raw) {
            *kept = *kept && *within > least * raw;
        }
        invert(&mut schur, &within, &mut self.estimated);
        let step: Vec<f64> = (0..width)
            .map(|j| (0..width).map(|k| at(&schur, j * width + k) * at(&pull, k)).sum())
            .collect();
        for (slope, step) in self.slopes.iter_mut().zip(&step) {
            *slope += step;
        }
        let centre = self.sums.centres();
        for (level, value) in self.levels.iter_mut().enumerate() {
            if let Some(move_by) = self.sums.level_step(level, &step, &centre) {
                *value += move_by;
            }
        }
        self.sums.shift.clone_from(&centre);
        self.information = Information {
            level: self.sums.level.clone(),
            centre,
            inverse: schur,
            width,
        };
    }

    /// The deviance: from the sum of prior·(y η + y − μ) where that has digits enough, else term by term.
    fn deviance(&self, fast: f64) -> f64 {
        let rows = self.y.iter().zip(&self.mu).zip(self.prior);
        match self.family {
            Family::Poisson if self.largest < LARGE_COUNT => 2.0 * (self.saturated - fast),
            Family::Poisson => {
                let own = |y: f64, mu: f64| if y > 0.0 { y * (y / mu).ln() - (y - mu) } else { mu };
                2.0 * rows.map(|((y, mu), p)| p * own(*y, *mu)).sum::<f64>()
            }
            Family::NegativeBinomial(theta) => {
                let own = |y: f64, mu: f64| {
                    y * (y.max(1.0) / mu).ln() - (y + theta) * ((y + theta) / (mu + theta)).ln()
                };
                2.0 * rows.map(|((y, mu), p)| p * own(*y, *mu)).sum::<f64>()
            }
        }
    }

    fn finish(self, converged: bool) -> Fit {
        let used = self.prior.iter().filter(|w| **w > 0.0).count();
        let levels = self.information.level.iter().filter(|w| **w > 0.0).count();
        let columns = self.estimated.iter().filter(|e| **e).count();
        Fit {
            levels: self.levels,
            slopes: self.slopes,
            estimated: self.estimated,
            centres: self.design.centres.clone(),
            mu: self.mu,
            weights: self.used,
            converged,
            df: real(used) - real(levels) - real(columns),
            information: self.information,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_equations_hold_at_the_fit() {
        let n = 60;
        let level: Vec<usize> = (0..n).map(|i| i % 3).collect();
        let trend: Vec<f64> = (0..n).map(real).collect();
        let wave: Vec<f64> = (0..n).map(|i| (real(i) / 5.0).sin()).collect();
        let y: Vec<f64> = (0..n).map(|i| real((i * 7 + i * i) % 11 + i / 10)).collect();
        let design = Design::new(3, level.clone(), &[trend.clone(), wave.clone()], Vec::new());
        let fit = fit(&design, &y, None, Family::Poisson, None).unwrap();
        assert!(fit.converged);
        for column in [&trend, &wave] {
            let score: f64 = y
                .iter()
                .zip(&fit.mu)
                .zip(column)
                .map(|((y, m), x)| (y - m) * x)
                .sum();
            assert!(score.abs() < 1e-5, "{score}");
        }
        let trace: f64 = fit.leverages(&design).iter().sum();
        assert!((trace - 5.0).abs() < 1e-9, "{trace}");
    }
}
