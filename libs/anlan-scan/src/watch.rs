//! Watching a node day by day: what is usual, learnt from its own past ([`Usual`]), and whether something is above it
//! now: everywhere at once ([`surge`]) or in neighbouring places ([`sweep`]). No clock, no I/O; chance comes from a seed.
//!
//! The expectation of a day is a log-linear quasi-Poisson regression on level, trend, season, weekday and days off, with
//! priors that keep sparse series flat, and with past outbreaks down-weighted (Noufaily et al. 2013, section 3.2). A place
//! has its share of it. What is left over is overdispersion, of whole days and of single places, and both go into what
//! chance may do: a surge is judged by the upper tail of a negative binomial; windows of neighbouring places by the
//! expectation-based Poisson statistic of Neill (2009) on the space-time cylinders of Kulldorff (2001), against simulated
//! maxima with a Gumbel tail (Abrams, Kulldorff and Kleinman 2010).

mod chance;
mod regression;
mod usual;
mod windows;

pub use chance::{Chance, negative_binomial_upper};
pub use usual::{DayFacts, Shares, Terms, Usual, dispersion_of};
pub use windows::{Area, Found, Null, Seen, sweep};

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

/// P(count or more) on a day with this mean and overdispersion: variance = mean + `dispersion` · mean².
pub fn surge(count: u32, mean: f64, dispersion: f64) -> f64 {
    negative_binomial_upper(count, mean, dispersion)
}

/// A count as a number; exact below 2^32, which no length here comes near.
fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
