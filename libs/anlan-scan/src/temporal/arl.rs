//! How long a chart runs on average until it alarms by chance, or after a shift: integral equations on Gauss–Legendre nodes. It
//! knows standard normal observations only; transform counts first.

use super::Refusal;
use super::distributions::normal_cdf;
use super::series::real;
use std::f64::consts::PI;

const NODES: usize = 100;

/// Average run length of the one-sided CUSUM `C = max(0, C + x − k)`, alarm above `h`, from C = 0, for x normal with mean `mean`
/// and variance 1 (Page 1954; solved as in Vance 1986).
///
/// # Errors
/// [`Refusal::Setting`] for values that are not finite or h ≤ 0; [`Refusal::NoFit`] where the equation has no answer in doubles.
///
/// ```
/// let length = anlan_scan::temporal::cusum_run_length(0.5, 4.0, 0.0)?;
/// assert!((length - 335.3676).abs() < 1e-3);
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
pub fn cusum_run_length(k: f64, h: f64, mean: f64) -> Result<f64, Refusal> {
    if !k.is_finite() || !h.is_finite() || !mean.is_finite() || h <= 0.0 {
        return Err(Refusal::Setting("k, h and the mean must be finite, h above 0"));
    }
    let nodes = gauss_legendre(NODES, 0.0, h);
    let mut starts = vec![0.0];
    starts.extend(nodes.iter().map(|(x, _)| *x));
    let kernel = |from: f64, to: usize| match to.checked_sub(1).and_then(|node| nodes.get(node)) {
        None => normal_cdf(k - from - mean),
        Some((x, weight)) => weight * density(x + k - from - mean),
    };
    solve_run_length(&starts, kernel)
}

/// Average run length of the two-sided EWMA with weight `lambda` and fixed limits ±`c`·√(λ/(2 − λ)), from 0, for x normal with
/// mean `mean` and variance 1 (Crowder 1987).
///
/// # Errors
/// As [`cusum_run_length`], and for λ outside 0 < λ ≤ 1.
pub fn ewma_run_length(lambda: f64, c: f64, mean: f64) -> Result<f64, Refusal> {
    let is_allowed = lambda > 0.0 && lambda <= 1.0 && c.is_finite() && c > 0.0 && mean.is_finite();
    if !is_allowed {
        return Err(Refusal::Setting(
            "lambda must lie in 0 < lambda <= 1, c above 0, the mean be finite",
        ));
    }
    let limit = c * (lambda / (2.0 - lambda)).sqrt();
    let nodes = gauss_legendre(NODES, -limit, limit);
    let mut starts = vec![0.0];
    starts.extend(nodes.iter().map(|(x, _)| *x));
    let kernel = |from: f64, to: usize| match to.checked_sub(1).and_then(|node| nodes.get(node)) {
        None => 0.0,
        Some((x, weight)) => weight / lambda * density((x - (1.0 - lambda) * from) / lambda - mean),
    };
    solve_run_length(&starts, kernel)
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// L = 1 + K L at the given starts; the answer for the first.
#[expect(clippy::indexing_slicing, reason = "an n by n + 1 matrix, by construction")]
fn solve_run_length(starts: &[f64], kernel: impl Fn(f64, usize) -> f64) -> Result<f64, Refusal> {
    let n = starts.len();
    let mut rows: Vec<Vec<f64>> = starts
        .iter()
        .enumerate()
        .map(|(i, &from)| {
            let own = |j: usize| f64::from(u8::from(i == j)) - kernel(from, j);
            (0..n).map(own).chain([1.0]).collect()
        })
        .collect();
    for pivot in 0..n {
        let best = (pivot..n)
            .max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()))
            .unwrap_or(pivot);
        rows.swap(pivot, best);
        if rows[pivot][pivot].abs() < 1e-300 {
            return Err(Refusal::NoFit("the chart never alarms"));
        }
        for i in pivot + 1..n {
            let factor = rows[i][pivot] / rows[pivot][pivot];
            let (upper, lower) = rows.split_at_mut(i);
            for (entry, above) in lower[0].iter_mut().zip(&upper[pivot]).skip(pivot) {
                *entry -= factor * above;
            }
        }
    }
    let mut solution = vec![0.0; n];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| rows[i][j] * solution[j]).sum();
        solution[i] = (rows[i][n] - known) / rows[i][i];
    }
    let length = solution[0];
    if length.is_finite() && length >= 1.0 {
        return Ok(length);
    }
    Err(Refusal::NoFit("the run length is beyond what doubles can solve"))
}

/// Nodes and weights on `from..to`: roots of the Legendre polynomial by Newton's method.
fn gauss_legendre(n: usize, from: f64, to: f64) -> Vec<(f64, f64)> {
    let size = real(n);
    (1..=n)
        .map(|i| {
            let mut x = (PI * (real(i) - 0.25) / (size + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut now, mut before) = (1.0, 0.0);
                for j in 1..=n {
                    let j = real(j);
                    (now, before) = (((2.0 * j - 1.0) * x * now - (j - 1.0) * before) / j, now);
                }
                slope = size * (x * now - before) / (x * x - 1.0);
                let step = now / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            let half = 0.5 * (to - from);
            (
                from + half * (1.0 + x),
                2.0 * half / ((1.0 - x * x) * slope * slope),
            )
        })
        .collect()
}
