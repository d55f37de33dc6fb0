//! One series of counts as the detectors take it: checked once, borrowed, never copied. It holds what is known about
//! each time point (date, population, completeness, regressors, whether it may teach) and does no statistics.

use super::Refusal;

/// How many time points make a year: 365 daily, 52 weekly, 12 monthly, or another number ≥ 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequency(u16);

impl Frequency {
    /// One count per day.
    pub const DAILY: Self = Self(365);
    /// One count per week.
    pub const WEEKLY: Self = Self(52);
    /// One count per month.
    pub const MONTHLY: Self = Self(12);

    /// Any other number of time points in a year, or in whatever cycle the series has (7 for days of a week).
    ///
    /// # Errors
    /// [`Refusal::Setting`] for 0.
    pub fn per_year(points: u16) -> Result<Self, Refusal> {
        if points == 0 {
            return Err(Refusal::Setting(
                "frequency must be at least 1 time point per year",
            ));
        }
        Ok(Self(points))
    }

    /// Time points in a year.
    pub fn points(self) -> usize {
        usize::from(self.0)
    }

    /// The same as a number.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0)
    }
}

/// Counts in the order of time, with what is known about each time point. Index 0 is the oldest.
///
/// ```
/// use anlan_scan::temporal::{Frequency, Series};
/// let counts = [3.0, 0.0, 5.0, 2.0];
/// let bulk_import = [false, false, true, false];
/// let series = Series::new(&counts, Frequency::WEEKLY)?.excluding(&bulk_import)?;
/// assert!(series.teaches(0) && !series.teaches(2));
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct Series<'a> {
    pub(super) counts: &'a [f64],
    pub(super) frequency: Frequency,
    pub(super) days: Option<&'a [i32]>,
    population: Option<&'a [f64]>,
    completeness: Option<&'a [f64]>,
    excluded: Option<&'a [bool]>,
    pub(super) regressors: Vec<&'a [f64]>,
}

/// The largest count of a series, 2^53: up to it floating-point numbers tell one more apart.
pub const COUNT_MAX: f64 = 9_007_199_254_740_992.0;

impl<'a> Series<'a> {
    /// Counts (whole or fractional, each from 0 to [`COUNT_MAX`]) with so many time points per year.
    ///
    /// # Errors
    /// [`Refusal::Empty`] without counts, [`Refusal::NotANumber`], [`Refusal::Negative`] or [`Refusal::TooLarge`] with the place. A time point
    /// without data is not NaN here: give 0 and exclude it with [`Series::excluding`].
    pub fn new(counts: &'a [f64], frequency: Frequency) -> Result<Self, Refusal> {
        if counts.is_empty() {
            return Err(Refusal::Empty);
        }
        for (at, &count) in counts.iter().enumerate() {
            if !count.is_finite() {
                return Err(Refusal::NotANumber { what: "count", at });
            }
            if count < 0.0 {
                return Err(Refusal::Negative { what: "count", at });
            }
            if count > COUNT_MAX {
                return Err(Refusal::TooLarge { what: "count", at });
            }
        }
        Ok(Self {
            counts,
            frequency,
            days: None,
            population: None,
            completeness: None,
            excluded: None,
            regressors: Vec::new(),
        })
    }

    /// The date of each time point in days since 1970-01-01, strictly rising. With dates "the same week a year ago" is
    /// found by the calendar (leap years, years of 53 weeks); without, by counting back `frequency` time points.
    ///
    /// # Errors
    /// [`Refusal::Length`], or [`Refusal::NotRising`] with the place.
    pub fn with_days(mut self, days: &'a [i32]) -> Result<Self, Refusal> {
        self.same_length("dates", days.len())?;
        for (at, pair) in days.windows(2).enumerate() {
            if let [before, after] = pair
                && after <= before
            {
                return Err(Refusal::NotRising { at: at + 1 });
            }
        }
        self.days = Some(days);
        Ok(self)
    }

    /// Population (any unit, each > 0) as an offset: rates are compared instead of counts.
    ///
    /// # Errors
    /// [`Refusal::Length`], [`Refusal::NotANumber`] or [`Refusal::Negative`] (also for 0).
    pub fn with_population(mut self, population: &'a [f64]) -> Result<Self, Refusal> {
        self.same_length("population", population.len())?;
        all_positive("population", population)?;
        self.population = Some(population);
        Ok(self)
    }

    /// The share of each time point's reports that has arrived by now, each in 0 < share ≤ 1, as
    /// [`Delays::completeness`](super::Delays::completeness) gives it: expected counts and bounds are scaled by it,
    /// so that yesterday's half-arrived count is held against half of what a day brings.
    ///
    /// # Errors
    /// [`Refusal::Length`], [`Refusal::NotANumber`], [`Refusal::Negative`], [`Refusal::Setting`] above 1.
    pub fn with_completeness(mut self, completeness: &'a [f64]) -> Result<Self, Refusal> {
        self.same_length("completeness", completeness.len())?;
        all_positive("completeness", completeness)?;
        if completeness.iter().any(|&share| share > 1.0) {
            return Err(Refusal::Setting("completeness must not be above 1"));
        }
        self.completeness = Some(completeness);
        Ok(self)
    }

    /// Time points that must not teach what is usual: bulk imports, default points, known outbreaks, days without
    /// data. They are still assessed.
    ///
    /// # Errors
    /// [`Refusal::Length`].
    pub fn excluding(mut self, excluded: &'a [bool]) -> Result<Self, Refusal> {
        self.same_length("exclusion mask", excluded.len())?;
        self.excluded = Some(excluded);
        Ok(self)
    }

    /// Columns for the regression, one value per time point each (see [`super::weekday_columns`],
    /// [`super::day_column`], [`super::season_columns`]). A column that is constant over the baseline teaches nothing
    /// and is left out of that fit.
    ///
    /// # Errors
    /// [`Refusal::Length`], [`Refusal::NotANumber`], [`Refusal::Setting`] for more than 32 columns.
    pub fn with_regressors(mut self, columns: &[&'a [f64]]) -> Result<Self, Refusal> {
        if columns.len() > 32 {
            return Err(Refusal::Setting("no more than 32 regressors"));
        }
        for column in columns {
            self.same_length("regressor", column.len())?;
            if let Some(at) = column.iter().position(|value| !value.is_finite()) {
                return Err(Refusal::NotANumber {
                    what: "regressor",
                    at,
                });
            }
        }
        self.regressors = columns.to_vec();
        Ok(self)
    }

    /// Number of time points.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Never: a series has at least one count.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The counts, oldest first.
    pub fn counts(&self) -> &'a [f64] {
        self.counts
    }

    /// Time points per year.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Whether this time point may teach what is usual.
    pub fn teaches(&self, at: usize) -> bool {
        self.excluded
            .and_then(|mask| mask.get(at))
            .is_none_or(|&excluded| !excluded)
    }

    /// The count at a place, 0 outside.
    pub(super) fn count(&self, at: usize) -> f64 {
        self.counts.get(at).copied().unwrap_or(0.0)
    }

    /// Whether expected counts are scaled by anything, and the logarithm of that scale.
    pub(super) fn offset(&self, at: usize) -> f64 {
        let of = |column: Option<&[f64]>| column.and_then(|c| c.get(at)).map_or(0.0, |v| v.ln());
        of(self.population) + of(self.completeness)
    }

    pub(super) fn has_offset(&self) -> bool {
        self.population.is_some() || self.completeness.is_some()
    }

    /// That a range to assess lies in the series and leaves a past of `past` time points before it.
    pub(super) fn check_range(&self, range: &std::ops::Range<usize>, past: usize) -> Result<(), Refusal> {
        if range.is_empty() || range.end > self.len() {
            return Err(Refusal::Range {
                from: range.start,
                to: range.end,
                points: self.len(),
            });
        }
        if range.start < past {
            return Err(Refusal::ShortBaseline {
                needed: past,
                found: range.start,
            });
        }
        Ok(())
    }

    fn same_length(&self, what: &'static str, found: usize) -> Result<(), Refusal> {
        if found == self.len() {
            return Ok(());
        }
        Err(Refusal::Length {
            what,
            needed: self.len(),
            found,
        })
    }
}

fn all_positive(what: &'static str, values: &[f64]) -> Result<(), Refusal> {
    for (at, value) in values.iter().enumerate() {
        if !value.is_finite() {
            return Err(Refusal::NotANumber { what, at });
        }
        if *value <= 0.0 {
            return Err(Refusal::Negative { what, at });
        }
    }
    Ok(())
}

/// A count of things as a number; exact below 2^53, which no length here comes near.
pub(super) fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// The arithmetic mean; NaN of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / real(values.len())
}

/// The standard deviation with n − 1; NaN of fewer than two values.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    (squares / (real(values.len()) - 1.0)).sqrt()
}

/// Cosine and sine of the year at the given 0-based indices, `harmonics` pairs of columns; index 0 is time 1.
pub(super) fn season_pairs(at: &[usize], frequency: Frequency, harmonics: usize) -> Vec<Vec<f64>> {
    let angle = |at: usize, s: usize| std::f64::consts::TAU * real(s) * real(at + 1) / frequency.as_f64();
    (1..=harmonics)
        .flat_map(|s| {
            let cosine = at.iter().map(|&t| angle(t, s).cos()).collect();
            let sine = at.iter().map(|&t| angle(t, s).sin()).collect();
            [cosine, sine]
        })
        .collect()
}
