//! A weighted log-linear Poisson regression with Gaussian priors, by Newton's method. Columns, counts and weights in,
//! coefficients out; it knows no day and no place.
//!
//! It stands beside the regression of [`crate::temporal`] because that one follows the reference's rules (where it starts and stops,
//! which columns it drops) and has no priors, while here the priors are the point: they make every system solvable, keep sparse
//! series flat, and let days that do not teach be predicted by the same columns.

use super::Refusal;

const STEPS_MAX: u32 = 30;
const STILL: f64 = 1e-9;
/// No step moves a coefficient farther: far steps of the first rounds overshoot on counts near 0.
const STEP_MAX: f64 = 2.0;
/// Logarithms of means stay within what a double's exponential holds comfortably.
const LOG_MAX: f64 = 30.0;

/// One column and the standard deviation of its coefficient's prior around 0.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) values: Vec<f64>,
    pub(super) prior_sd: f64,
}

/// exp(Σ columns · coefficients) for every row.
pub(super) fn means(columns: &[Column], coefficients: &[f64], rows: usize) -> Vec<f64> {
    let mut logs = vec![0.0; rows];
    for (column, coefficient) in columns.iter().zip(coefficients) {
        for (log, value) in logs.iter_mut().zip(&column.values) {
            *log += coefficient * value;
        }
    }
    logs.into_iter()
        .map(|log: f64| log.clamp(-LOG_MAX, LOG_MAX).exp())
        .collect()
}

/// The coefficients that make the weighted Poisson likelihood with its priors greatest, starting from `start`.
pub(super) fn fit(
    columns: &[Column],
    counts: &[f64],
    weights: &[f64],
    start: &[f64],
) -> Result<Vec<f64>, Refusal> {
    let mut coefficients = start.to_vec();
    for _ in 0..STEPS_MAX {
        let means = means(columns, &coefficients, counts.len());
        let step = solve(equations(columns, counts, weights, &means, &coefficients))?;
        let mut largest: f64 = 0.0;
        for (coefficient, by) in coefficients.iter_mut().zip(&step) {
            let by = by.clamp(-STEP_MAX, STEP_MAX);
            *coefficient += by;
            largest = largest.max(by.abs());
        }
        if largest < STILL {
            break;
        }
    }
    Ok(coefficients)
}

/// Newton's equations, one row per column with the right side as its last value.
fn equations(
    columns: &[Column],
    counts: &[f64],
    weights: &[f64],
    means: &[f64],
    coefficients: &[f64],
) -> Vec<Vec<f64>> {
    let weighted: Vec<f64> = weights
        .iter()
        .zip(means)
        .map(|(weight, mean)| weight * mean)
        .collect();
    let left: Vec<f64> = weights
        .iter()
        .zip(counts.iter().zip(means))
        .map(|(weight, (count, mean))| weight * (count - mean))
        .collect();
    let rows = columns.iter().zip(coefficients).enumerate();
    rows.map(|(at, (column, coefficient))| {
        let scaled: Vec<f64> = column.values.iter().zip(&weighted).map(|(x, w)| x * w).collect();
        let precision = column.prior_sd.powi(-2);
        let mut row: Vec<f64> = columns
            .iter()
            .enumerate()
            .map(|(other, of)| dot(&scaled, &of.values) + if other == at { precision } else { 0.0 })
            .collect();
        row.push(dot(&column.values, &left) - precision * coefficient);
        row
    })
    .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Gauss-Jordan elimination with the largest pivot first.
fn solve(mut rows: Vec<Vec<f64>>) -> Result<Vec<f64>, Refusal> {
    let size = rows.len();
    for at in 0..size {
        let size_of = |row: &Vec<f64>| row.get(at).map_or(0.0, |value| value.abs());
        let pivot = (at..size)
            .max_by(|a, b| {
                let (a, b) = (
                    rows.get(*a).map_or(0.0, size_of),
                    rows.get(*b).map_or(0.0, size_of),
                );
                a.total_cmp(&b)
            })
            .ok_or(Refusal::NoFit)?;
        rows.swap(at, pivot);
        let mut lead = rows.get(at).cloned().ok_or(Refusal::NoFit)?;
        let by = lead.get(at).copied().unwrap_or(0.0);
        if by.abs() < 1e-14 || !by.is_finite() {
            return Err(Refusal::NoFit);
        }
        for value in &mut lead {
            *value /= by;
        }
        for (other, row) in rows.iter_mut().enumerate().filter(|(other, _)| *other != at) {
            debug_assert_ne!(other, at);
            subtract(row, &lead, at);
        }
        if let Some(row) = rows.get_mut(at) {
            *row = lead;
        }
    }
    rows.iter()
        .map(|row| row.last().copied().ok_or(Refusal::NoFit))
        .collect()
}

/// Takes as much of the leading row off another as makes its value in that column 0.
fn subtract(row: &mut [f64], lead: &[f64], column: usize) {
    let factor = row.get(column).copied().unwrap_or(0.0);
    for (value, lead) in row.iter_mut().zip(lead) {
        *value -= factor * lead;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saturated_model_gives_the_groups_means() {
        let columns = [
            Column {
                values: vec![1.0; 6],
                prior_sd: 1e6,
            },
            Column {
                values: vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
                prior_sd: 1e6,
            },
        ];
        let counts = [2.0, 4.0, 6.0, 10.0, 12.0, 14.0];
        let fitted = fit(&columns, &counts, &[1.0; 6], &[1.0, 0.0]).unwrap();
        let means = means(&columns, &fitted, 6);
        assert!(
            (means[0] - 4.0).abs() < 1e-6 && (means[5] - 12.0).abs() < 1e-6,
            "{means:?}"
        );
    }

    #[test]
    fn a_prior_keeps_a_coefficient_near_nothing() {
        let columns = [
            Column {
                values: vec![1.0; 2],
                prior_sd: 10.0,
            },
            Column {
                values: vec![0.0, 1.0],
                prior_sd: 0.01,
            },
        ];
        let fitted = fit(&columns, &[1.0, 8.0], &[1.0; 2], &[0.0, 0.0]).unwrap();
        assert!(fitted[1].abs() < 0.01, "{fitted:?}");
    }
}
