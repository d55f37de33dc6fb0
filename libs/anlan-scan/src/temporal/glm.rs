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
use super::series::{mean, real};

const ROUNDS_MAX: usize = 25;
const EPSILON: f64 = 1e-8;
/// A column of which so small a part is left beside the others teaches nothing of its own.
const ALIAS: f64 = 1e-11;
/// Counts from here on lose the deviance's last digits to cancellation unless each term is taken by itself.
const LARGE_COUNT: f64 = 1e6;

/// Rows of a regression: the level and the columns of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Design {
    pub(super) levels: usize,
    pub(super) level: Vec<usize>,
    pub(super) width: usize,
    /// Row by row, `width` values each, centred.
    x: Vec<f64>,
    centres: Vec<f64>,
    /// Empty, or one per row.
    offset: Vec<f64>,
}

impl Design {
    /// `columns` one slice per regressor, each as long as `level`; `offset` empty or as long.
    pub(super) fn new(levels: usize, level: Vec<usize>, columns: &[Vec<f64>], offset: Vec<f64>) -> Self {
        let centres: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let width = columns.len();
        let mut x = Vec::with_capacity(level.len() * width);
        for row in 0..level.len() {
            for (column, centre) in columns.iter().zip(&centres) {
                x.push(column.get(row).copied().unwrap_or(*centre) - centre);
            }
        }
        Self {
            levels,
            level,
            width,
            x,
            centres,
            offset,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.level.len()
    }

    /// The same without its first column.
    pub(super) fn without_first_column(&self) -> Self {
        let mut x = Vec::with_capacity(self.x.len());
        if self.width > 1 {
            for row in self.x.chunks_exact(self.width) {
                x.extend_from_slice(row.get(1..).unwrap_or_default());
            }
        }
        Self {
            levels: self.levels,
            level: self.level.clone(),
            width: self.width.saturating_sub(1),
            x,
            centres: self.centres.get(1..).unwrap_or_default().to_vec(),
            offset: self.offset.clone(),
        }
    }
}

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

/// The information matrix in the form it is used in.
#[derive(Debug, Clone, Default)]
struct Information {
    /// Weight of each level.
    level: Vec<f64>,
    /// Weighted mean of each column within each level, level by level.
    centre: Vec<f64>,
    /// Inverse of the Schur complement, `width` by `width`.
    inverse: Vec<f64>,
    width: usize,
}

impl Information {
    /// x′ I⁻¹ x for a row of this level with these (centred) columns.
    fn variance(&self, level: usize, x: &[f64]) -> f64 {
        let weight = self.level.get(level).copied().unwrap_or(0.0);
        let mut sum = if weight > 0.0 { 1.0 / weight } else { 0.0 };
        let centre = self.centre.get(level * self.width..).unwrap_or_default();
        for (j, (xj, cj)) in x.iter().zip(centre).enumerate() {
            let row = self.inverse.get(j * self.width..).unwrap_or_default();
            for ((xk, ck), entry) in x.iter().zip(centre).zip(row) {
                sum += (xj - cj) * (xk - ck) * entry;
            }
        }
        sum
    }
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
            let from = row * design.width;
            let x = design.x.get(from..from + design.width).unwrap_or_default();
            let leverage = w * self.information.variance(*level, x);
            all.push(if leverage > 1.0 - 10.0 * f64::EPSILON {
                1.0
            } else {
                leverage
            });
        }
        all
    }
}

/// One round's sums over rows.
struct Sums {
    level: Vec<f64>,
    level_pull: Vec<f64>,
    border: Vec<f64>,
    square: Vec<f64>,
    pull: Vec<f64>,
}

impl Sums {
    fn new(levels: usize, width: usize) -> Self {
        Self {
            level: vec![0.0; levels],
            level_pull: vec![0.0; levels],
            border: vec![0.0; levels * width],
            square: vec![0.0; width * width],
            pull: vec![0.0; width],
        }
    }

    fn clear(&mut self) {
        for part in [
            &mut self.level,
            &mut self.level_pull,
            &mut self.border,
            &mut self.square,
            &mut self.pull,
        ] {
            part.fill(0.0);
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "levels are below `levels`, columns below `width`, by construction"
    )]
    fn add(&mut self, level: usize, x: &[f64], w: f64, pull: f64) {
        let width = x.len();
        self.level[level] += w;
        self.level_pull[level] += pull;
        for (j, xj) in x.iter().enumerate() {
            let wx = w * xj;
            self.border[level * width + j] += wx;
            self.pull[j] += pull * xj;
            for (k, xk) in x.iter().enumerate().take(j + 1) {
                self.square[j * width + k] += wx * xk;
            }
        }
    }
}

/// The state of one fit in progress.
struct Rounds<'a> {
    design: &'a Design,
    y: &'a [f64],
    prior: Option<&'a [f64]>,
    family: Family,
    levels: Vec<f64>,
    slopes: Vec<f64>,
    estimated: Vec<bool>,
    eta: Vec<f64>,
    mu: Vec<f64>,
    weights: Vec<f64>,
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
    let eta: Vec<f64> = match start {
        Some(eta) => eta.to_vec(),
        None if family == Family::Poisson => y.iter().map(|y| (y + 0.1).ln()).collect(),
        None => y
            .iter()
            .map(|y| if *y > 0.0 { y.ln() } else { (1.0_f64 / 6.0).ln() })
            .collect(),
    };
    let mut rounds = Rounds {
        design,
        y,
        prior,
        family,
        levels: vec![0.0; design.levels],
        slopes: vec![0.0; design.width],
        estimated: vec![true; design.width],
        mu: eta.iter().map(|eta| eta.exp().max(f64::EPSILON)).collect(),
        eta,
        weights: vec![0.0; y.len()],
        sums: Sums::new(design.levels, design.width),
        information: Information::default(),
        saturated: y.iter().filter(|y| **y > 0.0).map(|y| y * y.ln()).sum(),
        largest: y.iter().copied().fold(0.0, f64::max),
    };
    if let Some(prior) = prior {
        rounds.saturated = y
            .iter()
            .zip(prior)
            .filter(|(y, _)| **y > 0.0)
            .map(|(y, p)| p * y * y.ln())
            .sum();
    }
    let mut before = rounds.deviance();
    for round in 0..ROUNDS_MAX {
        rounds.accumulate(round == 0);
        rounds.solve(round == 0);
        rounds.update();
        let now = rounds.deviance();
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
    fn offset(&self, row: usize) -> f64 {
        self.design.offset.get(row).copied().unwrap_or(0.0)
    }

    /// Sums for the next step: towards the whole coefficients at first, from then on towards their change.
    fn accumulate(&mut self, is_first: bool) {
        self.sums.clear();
        let width = self.design.width;
        for row in 0..self.y.len() {
            let (Some(&y), Some(&mu), Some(&level)) =
                (self.y.get(row), self.mu.get(row), self.design.level.get(row))
            else {
                continue;
            };
            let prior = self.prior.and_then(|p| p.get(row)).copied().unwrap_or(1.0);
            let (w, mut pull) = match self.family {
                Family::Poisson => (prior * mu, prior * (y - mu)),
                Family::NegativeBinomial(theta) => {
                    let scale = prior / (1.0 + mu / theta);
                    (scale * mu, scale * (y - mu))
                }
            };
            if is_first {
                let eta = self.eta.get(row).copied().unwrap_or(0.0) - self.offset(row);
                pull += w * eta;
            }
            if let Some(slot) = self.weights.get_mut(row) {
                *slot = w;
            }
            if prior > 0.0 {
                let x = self
                    .design
                    .x
                    .get(row * width..row * width + width)
                    .unwrap_or_default();
                self.sums.add(level, x, w, pull);
            }
        }
    }

    /// One step from the sums: Schur complement of the levels, then the levels themselves.
    fn solve(&mut self, is_first: bool) {
        let width = self.design.width;
        let levels = self.design.levels;
        let sums = &self.sums;
        let mut centre = vec![0.0; levels * width];
        let mut schur = vec![0.0; width * width];
        let mut pull = sums.pull.clone();
        let at = |v: &[f64], i: usize| v.get(i).copied().unwrap_or(0.0);
        for j in 0..width {
            for k in 0..=j {
                let mut value = at(&sums.square, j * width + k);
                for level in 0..levels {
                    let weight = at(&sums.level, level);
                    if weight > 0.0 {
                        value -= at(&sums.border, level * width + j) * at(&sums.border, level * width + k)
                            / weight;
                    }
                }
                for slot in [j * width + k, k * width + j] {
                    if let Some(entry) = schur.get_mut(slot) {
                        *entry = value;
                    }
                }
            }
            for level in 0..levels {
                let weight = at(&sums.level, level);
                if weight > 0.0 {
                    let within = at(&sums.border, level * width + j) / weight;
                    if let Some(entry) = centre.get_mut(level * width + j) {
                        *entry = within;
                    }
                    if let Some(entry) = pull.get_mut(j) {
                        *entry -= within * at(&sums.level_pull, level);
                    }
                }
            }
        }
        let scale: Vec<f64> = (0..width).map(|j| at(&sums.square, j * width + j)).collect();
        self.estimated = invert(&mut schur, &scale);
        let step: Vec<f64> = (0..width)
            .map(|j| (0..width).map(|k| at(&schur, j * width + k) * at(&pull, k)).sum())
            .collect();
        for (slope, step) in self.slopes.iter_mut().zip(&step) {
            *slope = if is_first { *step } else { *slope + step };
        }
        for (level, value) in self.levels.iter_mut().enumerate() {
            let weight = at(&sums.level, level);
            if weight > 0.0 {
                let along: f64 = step
                    .iter()
                    .enumerate()
                    .map(|(j, s)| s * at(&centre, level * width + j))
                    .sum();
                let move_by = at(&sums.level_pull, level) / weight - along;
                *value = if is_first { move_by } else { *value + move_by };
            }
        }
        self.information = Information {
            level: sums.level.clone(),
            centre,
            inverse: schur,
            width,
        };
    }

    fn update(&mut self) {
        let width = self.design.width;
        for row in 0..self.y.len() {
            let level = self.design.level.get(row).copied().unwrap_or(0);
            let mut eta = self.levels.get(level).copied().unwrap_or(0.0) + self.offset(row);
            let x = self
                .design
                .x
                .get(row * width..row * width + width)
                .unwrap_or_default();
            for (b, x) in self.slopes.iter().zip(x) {
                eta += b * x;
            }
            if let (Some(slot), Some(mu)) = (self.eta.get_mut(row), self.mu.get_mut(row)) {
                *slot = eta;
                *mu = eta.exp().max(f64::EPSILON);
            }
        }
    }

    fn deviance(&self) -> f64 {
        let one = [1.0];
        let prior = self.prior.unwrap_or(&one).iter().chain(std::iter::repeat(&1.0));
        let rows = self.y.iter().zip(&self.mu).zip(&self.eta).zip(prior);
        match self.family {
            Family::Poisson if self.largest < LARGE_COUNT => {
                let mut sum = 0.0;
                for (((y, mu), eta), p) in rows {
                    sum += p * (y * eta + y - mu);
                }
                2.0 * (self.saturated - sum)
            }
            Family::Poisson => {
                let mut sum = 0.0;
                for (((y, mu), _), p) in rows {
                    sum += p * if *y > 0.0 {
                        y * (y / mu).ln() - (y - mu)
                    } else {
                        *mu
                    };
                }
                2.0 * sum
            }
            Family::NegativeBinomial(theta) => {
                let mut sum = 0.0;
                for (((y, mu), _), p) in rows {
                    let own = y * (y.max(1.0) / mu).ln();
                    sum += p * (own - (y + theta) * ((y + theta) / (mu + theta)).ln());
                }
                2.0 * sum
            }
        }
    }

    fn finish(self, converged: bool) -> Fit {
        let used = self
            .prior
            .map_or(self.y.len(), |p| p.iter().filter(|w| **w > 0.0).count());
        let levels = self.information.level.iter().filter(|w| **w > 0.0).count();
        let columns = self.estimated.iter().filter(|e| **e).count();
        Fit {
            levels: self.levels,
            slopes: self.slopes,
            estimated: self.estimated,
            centres: self.design.centres.clone(),
            mu: self.mu,
            weights: self.weights,
            converged,
            df: real(used) - real(levels) - real(columns),
            information: self.information,
        }
    }
}

/// Inverts a symmetric matrix in place by sweeping, leaving out (and zeroing) what is determined by the rest; `scale`
/// are the diagonal entries before other terms were taken off. Says which columns were kept.
#[expect(
    clippy::indexing_slicing,
    reason = "a square matrix of `scale.len()` rows, by construction"
)]
fn invert(matrix: &mut [f64], scale: &[f64]) -> Vec<bool> {
    let n = scale.len();
    let mut kept = vec![false; n];
    for pivot in 0..n {
        let d = matrix[pivot * n + pivot];
        if d.is_nan() || d <= ALIAS * scale[pivot].abs() || d <= 0.0 {
            continue;
        }
        kept[pivot] = true;
        for i in 0..n {
            if i == pivot {
                continue;
            }
            let factor = matrix[i * n + pivot] / d;
            for j in 0..n {
                if j != pivot {
                    matrix[i * n + j] -= factor * matrix[pivot * n + j];
                }
            }
        }
        for i in 0..n {
            if i != pivot {
                matrix[i * n + pivot] /= d;
                matrix[pivot * n + i] /= -d;
            }
        }
        matrix[pivot * n + pivot] = 1.0 / d;
    }
    for i in 0..n {
        for j in 0..n {
            if !kept[i] || !kept[j] {
                matrix[i * n + j] = 0.0;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symmetric_matrix_is_inverted_and_an_alias_left_out() {
        let mut matrix = vec![4.0, 2.0, 0.0, 2.0, 3.0, 1.0, 0.0, 1.0, 2.0];
        let source = matrix.clone();
        assert_eq!(invert(&mut matrix, &[4.0, 3.0, 2.0]), [true; 3]);
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| source[i * 3 + k] * matrix[k * 3 + j]).sum();
                let wanted = f64::from(u8::from(i == j));
                assert!((product - wanted).abs() < 1e-12, "{i} {j} {product}");
            }
        }
        let mut twice = vec![1.0, 2.0, 2.0, 4.0];
        assert_eq!(invert(&mut twice, &[1.0, 4.0]), [true, false]);
    }

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
