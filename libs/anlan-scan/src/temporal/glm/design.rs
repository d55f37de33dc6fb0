//! Rows of a regression as the fit walks them: in runs of one level. Numbers only; nothing is fitted here.

use crate::temporal::series::mean;

/// Rows of a regression: the level and the columns of each.
#[derive(Debug, Clone, Default)]
pub(in crate::temporal) struct Design {
    pub(super) levels: usize,
    pub(super) level: Vec<usize>,
    pub(in crate::temporal) width: usize,
    /// Row by row, `width` values each, centred.
    pub(super) x: Vec<f64>,
    pub(super) centres: Vec<f64>,
    /// One per row.
    pub(super) offset: Vec<f64>,
    pub(super) stretches: Vec<Stretch>,
}

impl Design {
    /// `columns` one slice per regressor, each as long as `level`; `offset` empty or as long.
    pub(in crate::temporal) fn new(
        levels: usize,
        level: Vec<usize>,
        columns: &[Vec<f64>],
        mut offset: Vec<f64>,
    ) -> Self {
        let centres: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let width = columns.len();
        let mut x = Vec::with_capacity(level.len() * width);
        for row in 0..level.len() {
            for (column, centre) in columns.iter().zip(&centres) {
                x.push(column.get(row).copied().unwrap_or(*centre) - centre);
            }
        }
        offset.resize(level.len(), 0.0);
        let design = Self {
            levels,
            level,
            width,
            x,
            centres,
            offset,
            stretches: Vec::new(),
        };
        design.in_stretches()
    }

    fn in_stretches(mut self) -> Self {
        self.stretches = stretches(&self);
        self
    }

    pub(in crate::temporal) fn rows(&self) -> usize {
        self.level.len()
    }

    /// The same without its first column.
    pub(in crate::temporal) fn without_first_column(&self) -> Self {
        let rest = |row: &[f64]| row.get(1..).unwrap_or_default().to_vec();
        Self {
            levels: self.levels,
            level: self.level.clone(),
            width: self.width.saturating_sub(1),
            x: self.x.chunks(self.width.max(1)).flat_map(rest).collect(),
            centres: rest(&self.centres),
            offset: self.offset.clone(),
            stretches: Vec::new(),
        }
        .in_stretches()
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        let from = row * self.width;
        self.x.get(from..from + self.width).unwrap_or_default()
    }
}

/// Neighbouring rows of one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) level: usize,
    pub(super) rows: usize,
    /// By how much the only column grows from row to row, if it is the only one, grows evenly, and no row has an offset.
    pub(super) step: Option<f64>,
}

fn stretches(design: &Design) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for &level in &design.level {
        match all.last_mut() {
            Some(last) if last.level == level => last.rows += 1,
            _ => all.push(Stretch {
                level,
                rows: 1,
                step: None,
            }),
        }
    }
    if design.width == 1 {
        let mut from = 0;
        for stretch in &mut all {
            let rows = from..from + stretch.rows;
            let offset = design.offset.get(rows.clone()).unwrap_or_default();
            let is_plain = offset.iter().all(|offset| *offset == 0.0);
            stretch.step = design
                .x
                .get(rows.clone())
                .and_then(even_step)
                .filter(|_| is_plain);
            from = rows.end;
        }
    }
    all
}

/// The step between values that are evenly spaced, as far as doubles can tell.
fn even_step(values: &[f64]) -> Option<f64> {
    let [first, second, ..] = values else { return None };
    let step = second - first;
    let is_even = |pair: &[f64]| matches!(pair, [a, b] if (b - a - step).abs() <= 1e-12 * a.abs().max(1.0));
    values.windows(2).all(is_even).then_some(step)
}
