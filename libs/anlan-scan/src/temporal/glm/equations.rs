//! The normal equations of a regression on one factor and a few columns: sums, Schur complement, inverse. It knows no family.

/// A column of which so small a part is left beside the others teaches nothing of its own.
pub(super) const ALIAS: f64 = 1e-11;
/// The same once columns are taken from their means within levels, where rounding is that much smaller.
pub(super) const ALIAS_LATER: f64 = 1e-22;
/// The information matrix in the form it is used in.
#[derive(Debug, Clone, Default)]
pub(super) struct Information {
    /// Weight of each level.
    pub(super) level: Vec<f64>,
    /// Weighted mean of each column within each level, level by level.
    pub(super) centre: Vec<f64>,
    /// Inverse of the Schur complement, `width` by `width`.
    pub(super) inverse: Vec<f64>,
    pub(super) width: usize,
}

impl Information {
    /// x′ I⁻¹ x for a row of this level with these (centred) columns.
    pub(super) fn variance(&self, level: usize, x: &[f64]) -> f64 {
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

/// One round's sums over rows. Columns are taken from `shift`, their weighted means within each level in the round before: when
/// nearly all weight sits on a few rows, sums about 0 would lose every digit of what differs between these.
pub(super) struct Sums {
    pub(super) shift: Vec<f64>,
    pub(super) level: Vec<f64>,
    pub(super) level_pull: Vec<f64>,
    pub(super) border: Vec<f64>,
    pub(super) square: Vec<f64>,
    pub(super) pull: Vec<f64>,
    /// One row less `shift`, kept to save allocations.
    centred: Vec<f64>,
}

impl Sums {
    pub(super) fn new(levels: usize, width: usize) -> Self {
        Self {
            shift: vec![0.0; levels * width],
            level: vec![0.0; levels],
            level_pull: vec![0.0; levels],
            border: vec![0.0; levels * width],
            square: vec![0.0; width * width],
            pull: vec![0.0; width],
            centred: vec![0.0; width],
        }
    }

    pub(super) fn clear(&mut self) {
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
    pub(super) fn level_step(&self, level: usize, step: &[f64], centre: &[f64]) -> Option<f64> {
        let weight = at(&self.level, level);
        let means = centre.get(level * step.len()..)?;
        let along: f64 = step.iter().zip(means).map(|(s, c)| s * c).sum();
        (weight > 0.0).then(|| at(&self.level_pull, level) / weight - along)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "levels are below `levels`, and there is one column, by construction"
    )]
    pub(super) fn add_narrow(&mut self, level: usize, run: &Narrow) {
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
    pub(super) fn add(&mut self, level: usize, x: &[f64], w: f64, pull: f64) {
        let width = x.len();
        self.level[level] += w;
        self.level_pull[level] += pull;
        if width == 0 {
            return;
        }
        let part = level * width..level * width + width;
        for ((d, x), c) in self.centred.iter_mut().zip(x).zip(&self.shift[part.clone()]) {
            *d = x - c;
        }
        for ((sum, total), d) in self.border[part]
            .iter_mut()
            .zip(&mut self.pull)
            .zip(&self.centred)
        {
            *sum += w * d;
            *total += pull * d;
        }
        for (row, d) in self.square.chunks_exact_mut(width).zip(&self.centred) {
            let along = w * d;
            for (entry, other) in row.iter_mut().zip(&self.centred) {
                *entry += along * other;
            }
        }
    }
}

impl Sums {
    /// Weighted mean of each column within each level, level by level.
    pub(super) fn centres(&self) -> Vec<f64> {
        let width = self.pull.len();
        let within = |(slot, border): (usize, &f64)| {
            let weight = at(&self.level, slot / width);
            at(&self.shift, slot) + if weight > 0.0 { border / weight } else { 0.0 }
        };
        self.border.iter().enumerate().map(within).collect()
    }

    /// The columns' normal equations once the levels are taken out: matrix and right-hand side, and the columns' weighted squares
    /// before that.
    pub(super) fn complement(&self) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
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
            for (k, other) in border.iter().enumerate().take(j + 1) {
                self.schur[j * self.width + k] -= within * other;
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

pub(super) fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(0.0)
}

/// The sums of a run with one column.
#[derive(Default)]
pub(super) struct Narrow {
    pub(super) weight: f64,
    pub(super) pull: f64,
    pub(super) border: f64,
    pub(super) square: f64,
    pub(super) pull_x: f64,
}

/// Inverts a symmetric matrix in place by sweeping, leaving out (and zeroing) columns not `kept` and those determined by the ones
/// before them, which are then no longer kept; `scale` are the diagonal entries before the sweep.
#[expect(
    clippy::indexing_slicing,
    reason = "a square matrix of `scale.len()` rows, by construction"
)]
pub(super) fn invert(matrix: &mut [f64], scale: &[f64], kept: &mut [bool]) {
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
}
