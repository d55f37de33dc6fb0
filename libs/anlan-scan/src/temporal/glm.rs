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
    /// One per row.
    offset: Vec<f64>,
    /// Neighbouring rows of one level: the level, and how many.
    runs: Vec<(usize, usize)>,
}

impl Design {
    /// `columns` one slice per regressor, each as long as `level`; `offset` empty or as long.
    pub(super) fn new(levels: usize, level: Vec<usize>, columns: &[Vec<f64>], mut offset: Vec<f64>) -> Self {
        let centres: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let width = columns.len();
        let mut x = Vec::with_capacity(level.len() * width);
        for row in 0..level.len() {
            for (column, centre) in columns.iter().zip(&centres) {
                x.push(column.get(row).copied().unwrap_or(*centre) - centre);
            }
        }
        offset.resize(level.len(), 0.0);
        let runs = runs(&level);
        Self {
            levels,
            level,
            width,
            x,
            centres,
            offset,
            runs,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.level.len()
    }

    /// The same without its first column.
    pub(super) fn without_first_column(&self) -> Self {
        let rest = |row: &[f64]| row.get(1..).unwrap_or_default().to_vec();
        Self {
            levels: self.levels,
            level: self.level.clone(),
            width: self.width.saturating_sub(1),
            x: self.x.chunks(self.width.max(1)).flat_map(rest).collect(),
            centres: rest(&self.centres),
            offset: self.offset.clone(),
            runs: self.runs.clone(),
        }
    }

    fn row(&self, row: usize) -> &[f64] {
        let from = row * self.width;
        self.x.get(from..from + self.width).unwrap_or_default()
    }
}

fn runs(level: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &level in level {
        match runs.last_mut() {
            Some((same, rows)) if *same == level => *rows += 1,
            _ => runs.push((level, 1)),
        }
    }
    runs
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

    /// How far a level moves, given the columns' step; nothing for a level without weight.
    fn level_step(&self, level: usize, step: &[f64], centre: &[f64]) -> Option<f64> {
        let weight = at(&self.level, level);
        let means = centre.get(level * step.len()..)?;
        let along: f64 = step.iter().zip(means).map(|(s, c)| s * c).sum();
        (weight > 0.0).then(|| at(&self.level_pull, level) / weight - along)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "levels are below `levels`, and there is one column, by construction"
    )]
    fn add_narrow(&mut self, level: usize, run: &Narrow) {
        self.level[level] += run.weight;
        self.level_pull[level] += run.pull;
        self.border[level] += run.border;
        self.square[0] += run.square;
        self.pull[0] += run.pull_x;
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
        let within = |(slot, border): (usize, &f64)| {
            let weight = at(&self.level, slot / width);
            at(&self.shift, slot) + if weight > 0.0 { border / weight } else { 0.0 }
        };
        self.border.iter().enumerate().map(within).collect()
    }

    /// The columns' normal equations once the levels are taken out: matrix and right-hand side, and the columns' weighted squares
    /// before that.
    fn complement(&self) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let width = self.pull.len();
        let mut whole = Complement {
            width,
            schur: self.square.clone(),
            pull: self.pull.clone(),
            raw: (0..width).map(|j| at(&self.square, j * width + j)).collect(),
        };
        for (level, &weight) in self.level.iter().enumerate() {
            let part = level * width..level * width + width;
            let border = self.border.get(part.clone()).unwrap_or_default();
            let shift = self.shift.get(part).unwrap_or_default();
            if weight > 0.0 {
                whole.take_out(weight, at(&self.level_pull, level), border, shift);
            }
        }
        whole.mirror();
        (whole.schur, whole.pull, whole.raw)
    }
}

/// The columns' normal equations while levels are being taken out.
struct Complement {
    width: usize,
    schur: Vec<f64>,
    pull: Vec<f64>,
    raw: Vec<f64>,
}

#[expect(clippy::indexing_slicing, reason = "all have `width` columns by construction")]
impl Complement {
    fn take_out(&mut self, weight: f64, level_pull: f64, border: &[f64], shift: &[f64]) {
        for j in 0..self.width {
            let within = border[j] / weight;
            self.pull[j] -= within * level_pull;
            self.raw[j] += shift[j] * (2.0 * border[j] + shift[j] * weight);
            for k in 0..=j {
                self.schur[j * self.width + k] -= within * border[k];
            }
        }
    }

    fn mirror(&mut self) {
        for j in 0..self.width {
            for k in 0..j {
                self.schur[k * self.width + j] = self.schur[j * self.width + k];
            }
        }
    }
}

fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(0.0)
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

/// What a row of a family adds: working weight, and pull (weight times working residual).
fn working(family: Family, y: f64, mu: f64, prior: f64) -> (f64, f64) {
    match family {
        Family::Poisson => (prior * mu, prior * (y - mu)),
        Family::NegativeBinomial(theta) => {
            let scale = prior / (1.0 + mu / theta);
            (scale * mu, scale * (y - mu))
        }
    }
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
        for &(level, rows) in &self.design.runs {
            let run = from..from + rows;
            let width = self.design.width;
            let part = Run {
                family: self.family,
                level,
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
            *slope = if is_first { *step } else { *slope + step };
        }
        let centre = self.sums.centres();
        for (level, value) in self.levels.iter_mut().enumerate() {
            if let Some(move_by) = self.sums.level_step(level, &step, &centre) {
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

/// Neighbouring rows of one level, and the coefficients they meet.
struct Run<'a> {
    family: Family,
    level: usize,
    start: f64,
    slopes: &'a [f64],
    y: &'a [f64],
    prior: &'a [f64],
    offset: &'a [f64],
    x: &'a [f64],
}

impl Run<'_> {
    fn pass_plain(&self, sums: &mut Sums, mu: &mut [f64], weights: &mut [f64]) -> f64 {
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

    fn pass_narrow(&self, sums: &mut Sums, mu: &mut [f64], weights: &mut [f64]) -> f64 {
        let slope = at(self.slopes, 0);
        let shift = at(&sums.shift, self.level);
        let mut all = Narrow::default();
        let mut fast = 0.0;
        let given = self.y.iter().zip(self.prior).zip(self.offset).zip(self.x);
        for ((((y, prior), offset), x), (mu, slot)) in given.zip(mu.iter_mut().zip(weights)) {
            let eta = self.start + slope * x + offset;
            *mu = eta.exp().max(f64::EPSILON);
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

    fn pass_wide(&self, sums: &mut Sums, mu: &mut [f64], weights: &mut [f64]) -> f64 {
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

/// The sums of a run with one column.
#[derive(Default)]
struct Narrow {
    weight: f64,
    pull: f64,
    border: f64,
    square: f64,
    pull_x: f64,
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
        kept[pivot] = kept[pivot] && matrix[pivot * n + pivot] > ALIAS * scale[pivot].abs();
        if kept[pivot] {
            sweep(matrix, n, pivot);
        }
    }
    for (slot, entry) in matrix.iter_mut().enumerate() {
        if !kept[slot / n] || !kept[slot % n] {
            *entry = 0.0;
        }
    }
}

/// One step of Gauss–Jordan elimination in place.
#[expect(
    clippy::indexing_slicing,
    reason = "an n by n matrix and a pivot below n, by construction"
)]
fn sweep(matrix: &mut [f64], n: usize, pivot: usize) {
    let d = matrix[pivot * n + pivot];
    let top: Vec<f64> = matrix[pivot * n..pivot * n + n].to_vec();
    for (i, row) in matrix.chunks_exact_mut(n).enumerate() {
        if i == pivot {
            continue;
        }
        let factor = row[pivot] / d;
        for (entry, above) in row.iter_mut().zip(&top) {
            *entry -= factor * above;
        }
        row[pivot] = factor;
    }
    for entry in &mut matrix[pivot * n..pivot * n + n] {
        *entry /= -d;
    }
    matrix[pivot * n + pivot] = 1.0 / d;
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
