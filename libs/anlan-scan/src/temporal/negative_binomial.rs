//! Negative-binomial regression with the dispersion estimated, for counts with a wave of the year and perhaps a trend. It fits
//! and predicts; charts are elsewhere.
//!
//! Variance μ + μ²/θ. As in `MASS::glm.nb` (Venables & Ripley, *Modern Applied Statistics with S*, section 7.4), the regression for
//! given θ and the maximum-likelihood θ for given means take turns until both stand still, 25 turns at most.

use super::distributions::{digamma, trigamma};
use super::glm::{self, Design, Family, Fit};
use super::series::{real, season_pairs};
use super::{Refusal, Series};

const TURNS_MAX: usize = 25;

/// Which columns the mean has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) harmonics: usize,
    pub(super) trend: bool,
}

/// A fitted mean with its dispersion.
#[derive(Debug, Clone)]
pub(super) struct Model {
    fit: Fit,
    shape: Shape,
    /// 1/θ.
    pub(super) alpha: f64,
}

fn columns(shape: Shape, at: &[usize], series: &Series<'_>) -> Vec<Vec<f64>> {
    let trend: Option<Vec<f64>> = shape.trend.then(|| at.iter().map(|&t| real(t + 1)).collect());
    trend
        .into_iter()
        .chain(season_pairs(at, series.frequency, shape.harmonics))
        .collect()
}

impl Model {
    /// Learns from everything before `end` that may teach; with `known` dispersion (0: Poisson) only the mean.
    pub(super) fn learn(
        series: &Series<'_>,
        end: usize,
        shape: Shape,
        known: Option<f64>,
    ) -> Result<Self, Refusal> {
        let teaching: Vec<usize> = (0..end).filter(|&at| series.teaches(at)).collect();
        let needed = 2 * shape.harmonics + usize::from(shape.trend) + 2;
        if teaching.len() < needed {
            return Err(Refusal::ShortBaseline {
                needed,
                found: teaching.len(),
            });
        }
        let y: Vec<f64> = teaching.iter().map(|&at| series.count(at)).collect();
        let columns = columns(shape, &teaching, series);
        let design = Design::new(1, vec![0; y.len()], &columns, Vec::new());
        if let Some(alpha) = known {
            let family = if alpha > 0.0 {
                Family::NegativeBinomial(1.0 / alpha)
            } else {
                Family::Poisson
            };
            let fit = glm::fit(&design, &y, None, family, None)?;
            return Ok(Self { fit, shape, alpha });
        }
        if y.iter().all(|count| *count <= 0.0) {
            return Err(Refusal::NoVariance);
        }
        let (fit, theta) = alternate(&design, &y)?;
        Ok(Self {
            fit,
            shape,
            alpha: 1.0 / theta,
        })
    }

    /// Means at the given indices.
    pub(super) fn means(&self, series: &Series<'_>, at: &[usize]) -> Vec<f64> {
        let columns = columns(self.shape, at, series);
        (0..at.len())
            .map(|row| {
                let x: Vec<f64> = columns.iter().filter_map(|c| c.get(row).copied()).collect();
                self.fit.predict(0, &x).0.exp().max(f64::EPSILON)
            })
            .collect()
    }
}

fn alternate(design: &Design, y: &[f64]) -> Result<(Fit, f64), Refusal> {
    let mut fit = glm::fit(design, y, None, Family::Poisson, None)?;
    let mut theta = theta(y, &fit.mu)?;
    let scale = (2.0 * fit.df.max(1.0)).sqrt();
    let mut likelihood = log_likelihood(theta, y, &fit.mu);
    let mut before = likelihood + 2.0 * scale;
    let mut moved = 1.0_f64;
    for _ in 0..TURNS_MAX {
        if (before - likelihood).abs() / scale + moved.abs() <= 1e-8 {
            break;
        }
        let start: Vec<f64> = fit.mu.iter().map(|mu| mu.ln()).collect();
        let next = glm::fit(design, y, None, Family::NegativeBinomial(theta), Some(&start))?;
        let old = theta;
        theta = self::theta(y, &fit.mu)?;
        fit = next;
        moved = old - theta;
        before = likelihood;
        likelihood = log_likelihood(theta, y, &fit.mu);
    }
    Ok((fit, theta))
}

/// Maximum likelihood of θ for given means, by Newton's method on score and information (`MASS::theta.ml`: stops at a step of
/// the fourth root of the machine's precision, 25 steps at most).
fn theta(y: &[f64], mu: &[f64]) -> Result<f64, Refusal> {
    let spread: f64 = y
        .iter()
        .zip(mu)
        .map(|(y, mu)| (y / mu - 1.0) * (y / mu - 1.0))
        .sum();
    let mut theta = real(y.len()) / spread;
    let mut step = 1.0_f64;
    let mut steps = 1;
    while steps < TURNS_MAX && step.abs() > f64::EPSILON.powf(0.25) {
        theta = theta.abs();
        let (mut score, mut information) = (0.0, 0.0);
        for (y, mu) in y.iter().zip(mu) {
            score += digamma(theta + y) - digamma(theta) + theta.ln() + 1.0
                - (theta + mu).ln()
                - (y + theta) / (mu + theta);
            information += -trigamma(theta + y) + trigamma(theta) - 1.0 / theta + 2.0 / (mu + theta)
                - (y + theta) / ((mu + theta) * (mu + theta));
        }
        step = score / information;
        theta += step;
        steps += 1;
        if !theta.is_finite() {
            return Err(Refusal::NoFit("the dispersion of the counts cannot be estimated"));
        }
    }
    if theta <= 0.0 {
        return Err(Refusal::NoFit("the dispersion of the counts cannot be estimated"));
    }
    Ok(theta)
}

fn log_likelihood(theta: f64, y: &[f64], mu: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (y, mu) in y.iter().zip(mu) {
        let mean = if *y > 0.0 { y * mu.ln() } else { 0.0 };
        sum +=
            libm::lgamma(theta + y) - libm::lgamma(theta) - libm::lgamma(y + 1.0) + theta * theta.ln() + mean
                - (theta + y) * (theta + mu).ln();
    }
    sum
}
