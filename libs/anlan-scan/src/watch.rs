//! Watching a node day by day: what is usual, learnt from its own past ([`Usual`]), and whether something is above it
//! now: everywhere at once ([`surge`]) or in neighbouring places ([`sweep`]). No clock, no I/O; chance comes from a seed.
//!
//! The expectation of a day is a log-linear quasi-Poisson regression on level, trend, season, weekday and days off, with
//! priors that keep sparse series flat, and with past outbreaks down-weighted (Noufaily et al. 2013, section 3.2). A place
//! has its share of it. What is left over is overdispersion, of whole days and of single places, and both go into what
//! chance may do: a surge is judged by the upper tail of a negative binomial; windows of neighbouring places by the
//! expectation-based Poisson statistic of Neill (2009) on the space-time cylinders of Kulldorff (2001), against simulated
//! maxima with a Gumbel tail (Abrams, Kulldorff and Kleinman 2010).

mod bursts;
mod regression;
mod surges;
mod usual;
mod windows;

pub use surges::{Surge, Usually, surge};
pub use usual::{DayFacts, Shares, Terms, Usual, dispersion_of};
pub use windows::{Area, Expected, Found, Null, nearest, sweep};

use crate::temporal::distributions::{incomplete_beta, poisson_upper};

/// What is against learning or looking. Nothing is computed from a refused input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Inputs that belong together differ in length.
    #[error("{what} has {found} values where {needed} are needed")]
    Length {
        /// Which input.
        what: &'static str,
        /// Values needed.
        needed: usize,
        /// Values there.
        found: usize,
    },
    /// A count that is negative, NaN or infinite.
    #[error("the count of day {at} is not a finite number of 0 or more")]
    Count {
        /// 0-based day.
        at: usize,
    },
    /// No day may teach.
    #[error("no day is left to learn from")]
    NothingTaught,
    /// The equations have no solution.
    #[error("the regression has no solution")]
    NoFit,
}

/// Below it counts are Poisson.
const DISPERSION_MIN: f64 = 1e-9;

/// P(`count` or more) of a negative binomial with this mean and variance mean + `dispersion` · mean²; Poisson for a dispersion
/// of 0. A mean of 0 or less has no counts. Relative error near 1e-13 far into the tail.
///
/// ```
/// use anlan_scan::watch::upper_tail;
/// assert!((upper_tail(0, 3.0, 0.1) - 1.0).abs() < 1e-12);
/// // Poisson, P(X >= 10 | mean 4) = 0.008132...
/// assert!((upper_tail(10, 4.0, 0.0) - 0.008_132_24).abs() < 1e-8);
/// ```
pub fn upper_tail(count: u32, mean: f64, dispersion: f64) -> f64 {
    if count == 0 {
        return 1.0;
    }
    if mean.is_nan() || mean <= 0.0 {
        return 0.0;
    }
    let count = f64::from(count);
    if dispersion < DISPERSION_MIN {
        return poisson_upper(count, mean);
    }
    // Success and failure given separately: the difference of 1 and either loses the digits of small means.
    let off = dispersion * mean;
    incomplete_beta(count, dispersion.recip(), off / (1.0 + off), (1.0 + off).recip())
}

/// A count as a number; exact below 2^32, which no length here comes near.
fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(count) from P(0) by the ratio of neighbouring points.
    fn points(mean: f64, dispersion: f64) -> impl Iterator<Item = f64> {
        let zero = if dispersion < DISPERSION_MIN {
            (-mean).exp()
        } else {
            (-(dispersion * mean).ln_1p() / dispersion).exp()
        };
        let mut count = 0.0;
        std::iter::successors(Some(zero), move |point| {
            let next =
                point * mean * (1.0 + dispersion * count) / ((count + 1.0) * (1.0 + dispersion * mean));
            count += 1.0;
            Some(next)
        })
    }

    #[test]
    fn the_tail_is_the_sum_of_its_points() {
        for (mean, dispersion) in [
            (0.3, 0.0),
            (0.3, 1e-8),
            (0.3, 2.0),
            (5.0, 0.2),
            (130.0, 0.05),
            (500.0, 0.01),
        ] {
            for count in [1_u32, 2, 5, 20, 59, 150, 600] {
                let wanted: f64 = points(mean, dispersion)
                    .skip(usize::try_from(count).unwrap())
                    .take(60_000)
                    .sum();
                let tail = upper_tail(count, mean, dispersion);
                assert!(
                    (tail / wanted - 1.0).abs() < 1e-9 || wanted < 1e-280,
                    "{mean} {dispersion} {count}: {tail} {wanted}"
                );
            }
        }
        assert!(upper_tail(557, 130.0, 0.04) > 0.0);
        assert!((upper_tail(3, 0.0, 0.1)).abs() < 1e-300 && upper_tail(3, f64::NAN, 0.1).abs() < 1e-300);
    }
}
