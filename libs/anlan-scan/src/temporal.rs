//! Is one series of counts higher than its own past lets us expect? Detectors over plain slices; no I/O, no clock.
//!
//! Every detector is a settings struct with a checked constructor. Its `assess` takes one [`Series`] and a range of
//! time points (0-based, half open) and answers one struct per time point, with everything the method computes; the
//! trait [`Detector`] gives the same as plain [`Verdict`]s for any method, and [`assess_many`] runs many series.
//!
//! | detector | paper | good for |
//! |---|---|---|
//! | [`Ears`] | Hutwagner et al. 2003 | a week or two of past; nothing else |
//! | [`Cusum`] | Rossi et al. 1999 | small lasting shifts |
//! | [`Ewma`], [`EssenceEwma`] | Roberts 1959; ESSENCE | slow rises; days without season |
//! | [`Farrington`] | Farrington et al. 1996 | years of weekly past |
//! | [`FarringtonFlexible`] | Noufaily et al. 2013 | the same with season, trend, outbreaks in the past: the default |
//! | [`Glr`] | Höhle & Paul 2008 | changes of unknown size, likelihood ratios |
//! | [`Cdc`], [`Rki`], [`Bayes`] | Stroup 1989; Altmann 2003; Riebler 2004 | comparison with older systems |
//! | [`OutbreakP`] | Frisén et al. 2009 | the onset of a seasonal rise |
//!
//! All are held to R's `surveillance` 1.26.0 (run lengths to `spc`), bounds to 1e-6 relative and alarms one by one. Where a
//! reference has a rule of its own, the rule is followed and named in the module. Answers differ in these places, each asserted by a
//! test:
//!
//! - a CUSUM whose past holds only zeros is refused ([`Refusal::NoVariance`]); the reference divides by 0;
//! - [`Transform::AnscombeNegativeBinomial`] goes on for counts above 100/α; the reference's table ends there and its sums are NaN;
//! - [`OutbreakP`] adds logarithms; the reference multiplies and stays at 0 once a product of hundreds of weeks has become 0;
//! - a population of 0 is refused with its place; the reference stops;
//! - [`Glr`] refuses to estimate a dispersion from nothing but zeros, or from a single case; the reference stops.
//!
//! Around them: [`Delays`] (reports that have not arrived yet), [`adjust`] (false discoveries over many series),
//! [`plant`] (outbreaks of known size), [`evaluate`] (sensitivity, false alarms, days to detection), [`bar_at`] (equal false alarms), [`cusum_run_length`] and [`ewma_run_length`] (how often
//! a chart alarms by chance).

mod arl;
mod bounds;
mod calendar;
mod cusum;
mod delays;
mod discoveries;
pub mod distributions;
mod ears;
mod ewma;
mod farrington;
mod flexible;
mod glm;
mod glr;
mod history;
mod negative_binomial;
mod outbreak_p;
mod planting;
mod quality;
mod references;
mod series;

pub use arl::{cusum_run_length, ewma_run_length};
pub use bounds::{Power, Threshold};
pub use calendar::{day_column, season_columns, weekday_columns};
pub use cusum::{Cusum, CusumMean, CusumPoint, Transform};
pub use delays::{Delays, Whole};
pub use discoveries::{Dependence, adjust};
pub use ears::{Ears, EarsMethod, EarsPoint};
pub use ewma::{Colour, EssenceEwma, EssencePoint, Ewma, EwmaPoint};
pub use farrington::{Farrington, FarringtonPoint};
pub use flexible::{FarringtonFlexible, FlexiblePoint, FlexibleSettings};
pub use glr::{Change, Direction, Dispersion, Glr, GlrMean, GlrPoint, GlrSettings, Report};
pub use history::{Bayes, Cdc, HistoryPoint, Rki};
pub use outbreak_p::{OutbreakP, OutbreakPoint};
pub use planting::plant;
pub use quality::{Outbreak, Quality, bar_at, episodes, evaluate};
pub use series::{COUNT_MAX, Frequency, Series};

use std::ops::Range;

/// Why a series or a setting is refused. Nothing is computed from a refused input.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no count at all.
    #[error("the series is empty")]
    Empty,
    /// A value that is NaN or infinite.
    #[error("{what} at index {at} is not a finite number; mark a gap with the exclusion mask instead")]
    NotANumber {
        /// Which input.
        what: &'static str,
        /// 0-based place.
        at: usize,
    },
    /// A value below 0, or 0 where only values above 0 make sense.
    #[error("{what} at index {at} is too small: counts are 0 or more, populations and shares above 0")]
    Negative {
        /// Which input.
        what: &'static str,
        /// 0-based place.
        at: usize,
    },
    /// A count beyond [`COUNT_MAX`]: no count of anything, and its square may be beyond the largest number.
    #[error(
        "{what} at index {at} is too large: counts are at most 2^53, above which one more is not told apart"
    )]
    TooLarge {
        /// Which input.
        what: &'static str,
        /// 0-based place.
        at: usize,
    },
    /// Two inputs that belong together differ in length.
    #[error("{what} has {found} values where the series has {needed}")]
    Length {
        /// Which input.
        what: &'static str,
        /// Length of the series.
        needed: usize,
        /// Length of the input.
        found: usize,
    },
    /// Dates out of order.
    #[error("the date at index {at} is not after the one before it")]
    NotRising {
        /// 0-based place.
        at: usize,
    },
    /// The range to assess is empty or ends after the series.
    #[error("cannot assess {from}..{to} of a series of {points} time points")]
    Range {
        /// Start, inclusive.
        from: usize,
        /// End, exclusive.
        to: usize,
        /// Length of the series.
        points: usize,
    },
    /// Too few time points before the first one to assess.
    #[error(
        "the baseline is too short: {needed} earlier time points needed, {found} there; start later or look back less"
    )]
    ShortBaseline {
        /// Earlier time points needed.
        needed: usize,
        /// Earlier time points there.
        found: usize,
    },
    /// A value without variance where the method divides by it.
    #[error("the baseline has no variance, so the method has no scale; set a minimum or use another method")]
    NoVariance,
    /// A model could not be fitted.
    #[error("the regression on the baseline does not converge: {0}")]
    NoFit(&'static str),
    /// A setting outside what the method allows.
    #[error("setting refused: {0}")]
    Setting(&'static str),
}

/// What every method says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// What the past lets us expect, in counts, where the method has it.
    pub expected: Option<f64>,
    /// The largest count that is still usual, where the method has it.
    pub upper: Option<f64>,
    /// P(count this high or higher) under the method's model, where the method has one.
    pub p: Option<f64>,
    /// The method's own statistic; larger is more unusual.
    pub score: Option<f64>,
    /// Whether the method alarms.
    pub alarm: bool,
}

/// Any of the methods.
pub trait Detector {
    /// One verdict per time point of `range` (0-based, half open), in order.
    ///
    /// # Errors
    /// A [`Refusal`] naming what is wrong with the series, the range or the settings for it.
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal>;
}

/// The same detector over many series: the last `points` time points of each. One refused series does not touch the
/// others. Adjust the p-values of one day over all series with [`adjust`].
///
/// ```
/// use anlan_scan::temporal::{assess_many, Ears, EarsMethod, Frequency, Series};
/// let quiet = [2.0, 3.0, 2.0, 4.0, 3.0, 2.0, 3.0, 2.0];
/// let jump = [2.0, 3.0, 2.0, 4.0, 3.0, 2.0, 3.0, 40.0];
/// let ears = Ears::new(EarsMethod::C1)?;
/// let series = [Series::new(&quiet, Frequency::DAILY)?, Series::new(&jump, Frequency::DAILY)?];
/// let all = assess_many(&ears, &series, 1);
/// assert!(!all[0].as_ref().unwrap()[0].alarm);
/// assert!(all[1].as_ref().unwrap()[0].alarm);
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
pub fn assess_many<D: Detector + ?Sized>(
    detector: &D,
    series: &[Series<'_>],
    points: usize,
) -> Vec<Result<Vec<Verdict>, Refusal>> {
    series
        .iter()
        .map(|one| detector.verdicts(one, one.len().saturating_sub(points)..one.len()))
        .collect()
}

/// That a probability lies strictly between 0 and 1.
fn probability(value: f64, message: &'static str) -> Result<f64, Refusal> {
    if value > 0.0 && value < 1.0 {
        return Ok(value);
    }
    Err(Refusal::Setting(message))
}
