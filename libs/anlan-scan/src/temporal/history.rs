//! Three older methods that compare with the same weeks of earlier years: CDC, RKI and Bayes. They know no trend; they
//! are here to compare with systems that still run them.
//!
//! - [`Cdc`]: Stroup, Williamson, Herndon & Karon, *Detection of aberrations in the occurrence of notifiable diseases
//!   surveillance data*, Statistics in Medicine 8, 1989. Sums of four weeks; prediction interval of Farrington & Andrews 2003.
//! - [`Rki`]: Robert Koch Institute, in Altmann 2003. Mean and two standard deviations above 20 cases; at or below, the upper 95 %
//!   limit of Crow & Gardner (*Confidence intervals for the expectation of a Poisson variable*, Biometrika 46, 1959, table 1).
//! - [`Bayes`]: Riebler 2004. Counts are Poisson with a Jeffreys prior Γ(½, 0) on the mean, so the next count is negative binomial
//!   with size Σy + ½ and probability n/(n + 1).
//!
//! Rules of the reference: CDC compares the sum of the last four weeks, and
//! its `alpha` is two-sided; RKI rounds the mean down before it looks at the table.

use super::bounds::number;
use super::distributions::{negative_binomial_quantile, negative_binomial_upper, normal_quantile};
use super::series::{deviation, mean, real};
use super::{Detector, Refusal, Series, Verdict, probability};
use std::ops::Range;

/// What one of the three says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// What is compared: the count, or for CDC the sum of the last four.
    pub compared: f64,
    /// Mean of the reference values.
    pub expected: f64,
    /// The bound.
    pub upper: f64,
    /// P(count this high or higher), for Bayes.
    pub p: Option<f64>,
    /// Alarm.
    pub alarm: bool,
}

/// Which past values: `years` windows of ±`half` around the anniversaries, and the last `half` of this year if `current`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Past {
    years: usize,
    half: usize,
    current: bool,
}

impl Past {
    fn new(years: usize, half: usize, current: bool) -> Result<Self, Refusal> {
        if years > 1000 || half > 10_000 {
            return Err(Refusal::Setting(
                "years must be at most 1000, the half window at most 10,000",
            ));
        }
        if years == 0 && (!current || half == 0) {
            return Err(Refusal::Setting(
                "no reference values: look back a year, or use this year's",
            ));
        }
        Ok(Self { years, half, current })
    }

    fn values(self, series: &Series<'_>, now: usize) -> Result<Vec<f64>, Refusal> {
        let needed = self.years * series.frequency.points() + self.half;
        if now < needed {
            return Err(Refusal::ShortBaseline { needed, found: now });
        }
        let current = if self.current {
            now - self.half..now
        } else {
            now..now
        };
        let earlier = (1..=self.years).flat_map(|year| {
            let centre = now - year * series.frequency.points();
            centre - self.half..centre + self.half + 1
        });
        let values: Vec<f64> = current
            .chain(earlier)
            .filter(|&at| at < now && series.teaches(at))
            .map(|at| series.count(at))
            .collect();
        if values.is_empty() {
            return Err(Refusal::ShortBaseline { needed: 1, found: 0 });
        }
        Ok(values)
    }
}

/// The method of the CDC for weekly counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Cdc {
    years: usize,
    months: usize,
    alpha: f64,
}

impl Cdc {
    /// `years` back (≥ 1), `months` of four weeks to each side, two-sided `alpha`. The usual: 5, 1, 0.025.
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Cdc, Frequency, Series};
    /// let counts: Vec<f64> = (0..200).map(|t| f64::from(if t < 196 { 4 + t % 3 } else { 20 })).collect();
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// assert!(Cdc::new(3, 1, 0.025)?.assess(&series, 199..200)?[0].alarm);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(years: usize, months: usize, alpha: f64) -> Result<Self, Refusal> {
        probability(alpha, "alpha must lie between 0 and 1")?;
        if years == 0 || years > 1000 || months > 1000 {
            return Err(Refusal::Setting("years must be 1 to 1000, months at most 1000"));
        }
        Ok(Self { years, months, alpha })
    }

    /// One answer per time point of `range` (0-based, half open).
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<HistoryPoint>, Refusal> {
        let past = self.years * series.frequency.points() + self.months * 4 + 3;
        series.check_range(&range, past)?;
        range.map(|now| self.assess_one(series, now)).collect()
    }

    fn assess_one(&self, series: &Series<'_>, now: usize) -> Result<HistoryPoint, Refusal> {
        let four = |last: usize| -> f64 {
            series
                .counts
                .get(last.saturating_sub(3)..=last)
                .unwrap_or_default()
                .iter()
                .sum()
        };
        let mut sums = Vec::with_capacity(self.years * (2 * self.months + 1));
        for year in (1..=self.years).rev() {
            let centre = now - year * series.frequency.points();
            let months = (0..=2 * self.months).map(|month| centre + 4 * month - 4 * self.months);
            let teaching =
                months.filter(|&last| (last.saturating_sub(3)..=last).all(|at| series.teaches(at)));
            sums.extend(teaching.map(four));
        }
        if sums.len() < 2 {
            return Err(Refusal::ShortBaseline {
                needed: 2,
                found: sums.len(),
            });
        }
        let expected = mean(&sums);
        let z = normal_quantile(1.0 - self.alpha / 2.0);
        let upper = expected + z * deviation(&sums) * (1.0 + 1.0 / real(sums.len())).sqrt();
        let compared = four(now);
        Ok(HistoryPoint {
            at: now,
            compared,
            expected,
            upper,
            p: None,
            alarm: compared > upper,
        })
    }
}

/// The method of the Robert Koch Institute.
#[derive(Debug, Clone, PartialEq)]
pub struct Rki {
    past: Past,
}

/// Upper 95 % limits of Crow & Gardner (1959) for 0 to 20 observed cases.
const CROW_GARDNER: [f64; 21] = [
    3.285, 5.323, 6.686, 8.102, 9.598, 11.177, 12.817, 13.765, 14.921, 16.768, 17.633, 19.050, 20.335,
    21.364, 22.945, 23.762, 25.400, 26.306, 27.735, 28.966, 30.017,
];

impl Rki {
    /// `years` back with ±`half_window`, and this year's last `half_window` points if `this_year`. The usual: 2, 4, no.
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Frequency, Rki, Series};
    /// let counts = [1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 9.0];
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// let point = &Rki::new(0, 6, true)?.assess(&series, 6..7)?[0];
    /// assert!(point.alarm && point.upper < 3.3);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(years: usize, half_window: usize, this_year: bool) -> Result<Self, Refusal> {
        Ok(Self {
            past: Past::new(years, half_window, this_year)?,
        })
    }

    /// One answer per time point of `range` (0-based, half open).
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<HistoryPoint>, Refusal> {
        series.check_range(&range, 0)?;
        let one = |now: usize| {
            let values = self.past.values(series, now)?;
            let expected = mean(&values);
            let tabled = CROW_GARDNER
                .iter()
                .zip(0_u32..)
                .find(|(_, cases)| f64::from(*cases) + 1.0 > expected)
                .map(|(limit, _)| *limit);
            let upper = match tabled {
                Some(limit) if expected <= 20.0 => limit,
                _ if values.len() < 2 => {
                    return Err(Refusal::ShortBaseline {
                        needed: 2,
                        found: values.len(),
                    });
                }
                _ => expected + 2.0 * deviation(&values),
            };
            let compared = series.count(now);
            Ok(HistoryPoint {
                at: now,
                compared,
                expected,
                upper,
                p: None,
                alarm: compared > upper,
            })
        };
        range.map(one).collect()
    }
}

/// The Bayesian method.
#[derive(Debug, Clone, PartialEq)]
pub struct Bayes {
    past: Past,
    alpha: f64,
}

impl Bayes {
    /// As [`Rki::new`], with the one-sided probability `alpha` of a count above the bound. The usual: 0, 6, yes, 0.05.
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Bayes, Frequency, Series};
    /// let counts = [1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 9.0];
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// assert!(Bayes::new(0, 6, true, 0.05)?.assess(&series, 6..7)?[0].alarm);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(years: usize, half_window: usize, this_year: bool, alpha: f64) -> Result<Self, Refusal> {
        probability(alpha, "alpha must lie between 0 and 1")?;
        Ok(Self {
            past: Past::new(years, half_window, this_year)?,
            alpha,
        })
    }

    /// One answer per time point of `range` (0-based, half open).
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<HistoryPoint>, Refusal> {
        series.check_range(&range, 0)?;
        let one = |now: usize| {
            let values = self.past.values(series, now)?;
            let n = real(values.len());
            let (size, prob) = (values.iter().sum::<f64>() + 0.5, n / (n + 1.0));
            let upper = negative_binomial_quantile(1.0 - self.alpha, size, prob);
            let compared = series.count(now);
            Ok(HistoryPoint {
                at: now,
                compared,
                expected: size / n,
                upper,
                p: number(negative_binomial_upper(compared.ceil(), size, prob)),
                alarm: compared > upper,
            })
        };
        range.map(one).collect()
    }
}

fn plain(series: &Series<'_>, points: Vec<HistoryPoint>) -> Vec<Verdict> {
    points
        .into_iter()
        .map(|point| Verdict {
            at: point.at,
            observed: series.count(point.at),
            expected: Some(point.expected),
            upper: Some(point.upper),
            p: point.p,
            score: Some(point.compared - point.upper),
            alarm: point.alarm,
        })
        .collect()
}

impl Detector for Cdc {
    /// `expected` and `upper` are sums of four time points.
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        Ok(plain(series, self.assess(series, range)?))
    }
}

impl Detector for Rki {
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        Ok(plain(series, self.assess(series, range)?))
    }
}

impl Detector for Bayes {
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        Ok(plain(series, self.assess(series, range)?))
    }
}
