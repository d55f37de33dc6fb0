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
/// The same once columns are taken from their means within levels, where rounding is that much smaller.
const ALIAS_LATER: f64 = 1e-22;
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

/// One round's sums over rows. Columns are taken from `shift`, their weighted means within each level in the round before: when
/// nearly all weight sits on a few rows, sums about 0 would lose every digit of what differs between these.
struct Sums {
    shift: Vec<f64>,
    level: Vec<f64>,
    level_pull: Vec<f64>,
    border: Vec<f64>,
    square: Vec<f64>,
    pull: Vec<f64>,
}

impl Sums {
    fn new(levels: usize, width: usize) -> Self {
        Self {
            shift: vec![0.0; levels * width],
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
        let shift = &self.shift[level * width..level * width + width];
        for (j, (xj, cj)) in x.iter().zip(shift).enumerate() {
            let xj = xj - cj;
            let wx = w * xj;
            self.border[level * width + j] += wx;
            self.pull[j] += pull * xj;
            for (k, (xk, ck)) in x.iter().zip(shift).enumerate().take(j + 1) {
                self.square[j * width + k] += wx * (xk - ck);
            }
        }
    }
}

impl Sums {
    /// Weighted mean of each column within each level, level by level.
    fn centres(&self) -> Vec<f64> {
        let width = self.pull.len();
        let mut centres = self.shift.clone();
        if width > 0 {
            let levels = centres
                .chunks_exact_mut(width)
                .zip(self.border.chunks_exact(width));
            for ((centres, border), weight) in levels.zip(&self.level) {
                for (centre, border) in centres.iter_mut().zip(border) {
                    if *weight > 0.0 {
                        *centre += border / weight;
                    }
                }
            }
        }
        centres
    }

    /// The columns' normal equations once the levels are taken out: matrix and right-hand side, and the columns' weighted squares
    /// before that.
    #[expect(
        clippy::indexing_slicing,
        reason = "levels are below `levels`, columns below `width`, by construction"
    )]
    fn complement(&self) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let width = self.pull.len();
        let mut schur = self.square.clone();
        let mut pull = self.pull.clone();
        let mut raw: Vec<f64> = (0..width).map(|j| self.square[j * width + j]).collect();
        for (level, &weight) in self.level.iter().enumerate() {
            if weight <= 0.0 {
                continue;
            }
            let border = &self.border[level * width..level * width + width];
            let shift = &self.shift[level * width..level * width + width];
            for j in 0..width {
                let within = border[j] / weight;
                pull[j] -= within * self.level_pull[level];
                raw[j] += shift[j] * (2.0 * border[j] + shift[j] * weight);
                for k in 0..=j {
                    schur[j * width + k] -= within * border[k];
                }
            }
        }
        for j in 0..width {
            for k in 0..j {
                schur[k * width + j] = schur[j * width + k];
            }
        }
        (schur, pull, raw)
    }
}

fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(0.0)
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
            *slope = if is_first { *step } else { *slope + step };
        }
        let centre = self.sums.centres();
        for (level, value) in self.levels.iter_mut().enumerate() {
            let weight = at(&self.sums.level, level);
            if weight > 0.0 {
                let means = centre.get(level * width..).unwrap_or_default();
                let along: f64 = step.iter().zip(means).map(|(s, c)| s * c).sum();
                let move_by = at(&self.sums.level_pull, level) / weight - along;
                *value = if is_first { move_by } else { *value + move_by };
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

/// Inverts a symmetric matrix in place by sweeping, leaving out (and zeroing) columns not `kept` and those determined by the ones
/// before them, which are then no longer kept; `scale` are the diagonal entries before the sweep.
#[expect(
    clippy::indexing_slicing,
    reason = "a square matrix of `scale.len()` rows, by construction"
)]
fn invert(matrix: &mut [f64], scale: &[f64], kept: &mut [bool]) {
    let n = scale.len();
    for pivot in 0..n {
        let d = matrix[pivot * n + pivot];
        kept[pivot] = kept[pivot] && d > ALIAS * scale[pivot].abs();
        if !kept[pivot] {
            continue;
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symmetric_matrix_is_inverted_and_an_alias_left_out() {
        let mut matrix = vec![4.0, 2.0, 0.0, 2.0, 3.0, 1.0, 0.0, 1.0, 2.0];
        let source = matrix.clone();
        let mut kept = [true; 3];
        invert(&mut matrix, &[4.0, 3.0, 2.0], &mut kept);
        assert_eq!(kept, [true; 3]);
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| source[i * 3 + k] * matrix[k * 3 + j]).sum();
                let wanted = f64::from(u8::from(i == j));
                assert!((product - wanted).abs() < 1e-12, "{i} {j} {product}");
            }
        }
        let mut twice = vec![1.0, 2.0, 2.0, 4.0];
        let mut kept = [true; 2];
        invert(&mut twice, &[1.0, 4.0], &mut kept);
        assert_eq!(kept, [true, false]);
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
