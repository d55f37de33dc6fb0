//! Cumulative sums of transformed counts (Rossi, Lampugnani & Marchi, *An approximate CUSUM procedure for surveillance of health
//! events*, Statistics in Medicine 18, 1999). It adds up and compares; the mean is given or learnt from before the range.
//!
//! `C_t = max(0, C_{t−1} + g(y_t) − k)`, alarm when `C_t ≥ h`; the sum runs on after an alarm. g makes counts of mean m nearly
//! standard normal; see [`Transform`].
//!
//! Rules of the reference: the bound is the count at which C would reach h, rounded up for the standard transform; for the
//! negative-binomial Anscombe transform and without transform it is `h − C` after this count, on the scale of the sum; a bound
//! below 0 or not a number is 0. Rossi's bound is the smaller root of its quadratic.

use super::glm::{self, Design, Family};
use super::series::{mean, season_pairs};
use super::{Detector, Refusal, Series, Verdict};
use std::ops::Range;

/// How a count x of mean m becomes nearly standard normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transform {
    /// (x − m)/√m.
    Standard,
    /// (x − 3m + 2√(xm)) / (2√m).
    Rossi,
    /// 3/2 (x^⅔ − m^⅔)/m^⅙.
    Anscombe,
    /// The same with the mean of X^⅔ to second order (Pierce & Schafer 1986).
    AnscombeSecondOrder,
    /// (x − m)/√(m + αm²).
    PearsonNegativeBinomial(f64),
    /// Anscombe's for the negative binomial with variance m + αm², through ₂F₁(⅓, ⅔; 5⁄3; ·).
    AnscombeNegativeBinomial(f64),
    /// x itself.
    None,
}

/// Where the mean comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum CusumMean {
    /// Given.
    Known(f64),
    /// The mean of everything before the range.
    Past,
    /// A Poisson regression with one yearly wave on everything before the range. After a past of (nearly) zeros the mean
    /// is nearly 0, at least 2.2e-16 as in the reference, and the first case alarms.
    Season,
}

/// The chart and its settings; see [`Cusum::new`].
#[derive(Debug, Clone, PartialEq)]
pub struct Cusum {
    reference: f64,
    decision: f64,
    transform: Transform,
    mean: CusumMean,
}

/// What the chart says of one time point.
#[derive(Debug, Clone, PartialEq)]
pub struct CusumPoint {
    /// 0-based index in the series.
    pub at: usize,
    /// The count.
    pub observed: f64,
    /// Mean m.
    pub mean: f64,
    /// The cumulative sum.
    pub sum: f64,
    /// The count that would alarm (see the module's words on two transforms).
    pub upper: f64,
    /// Sum at or above the decision value.
    pub alarm: bool,
}

impl Cusum {
    /// Reference value k (≥ 0), decision value h (> 0), transform, and where the mean comes from. Usual: 1.04, 2.26 (Rossi's
    /// for 500 days between false alarms and 7 to a doubling), [`Transform::Rossi`].
    ///
    /// # Errors
    /// [`Refusal::Setting`].
    ///
    /// ```
    /// use anlan_scan::temporal::{Cusum, CusumMean, Frequency, Series, Transform};
    /// let counts = [4.0, 5.0, 3.0, 4.0, 8.0, 9.0, 8.0];
    /// let series = Series::new(&counts, Frequency::WEEKLY)?;
    /// let chart = Cusum::new(1.04, 2.26, Transform::Rossi, CusumMean::Past)?;
    /// let points = chart.assess(&series, 4..7)?;
    /// assert!(points[2].alarm && points[2].sum > points[0].sum);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn new(
        reference: f64,
        decision: f64,
        transform: Transform,
        mean: CusumMean,
    ) -> Result<Self, Refusal> {
        if !reference.is_finite() || reference < 0.0 || !decision.is_finite() || decision <= 0.0 {
            return Err(Refusal::Setting("k must be 0 or more and h above 0"));
        }
        if let Transform::PearsonNegativeBinomial(alpha) | Transform::AnscombeNegativeBinomial(alpha) =
            transform
            && (!alpha.is_finite() || alpha <= 0.0)
        {
            return Err(Refusal::Setting("alpha of the negative binomial must be above 0"));
        }
        if let CusumMean::Known(mean) = mean
            && (!mean.is_finite() || mean <= 0.0)
        {
            return Err(Refusal::Setting("a known mean must be above 0"));
        }
        Ok(Self {
            reference,
            decision,
            transform,
            mean,
        })
    }

    /// One answer per time point of `range`; the sum starts at 0 at its first.
    ///
    /// # Errors
    /// [`Refusal::Range`], [`Refusal::ShortBaseline`], [`Refusal::NoVariance`] if the past holds only zeros,
    /// [`Refusal::NoFit`].
    pub fn assess(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<CusumPoint>, Refusal> {
        series.check_range(&range, 0)?;
        let means = self.means(series, &range)?;
        let mut before = 0.0;
        let mut points = Vec::with_capacity(range.len());
        for (at, mean) in range.zip(means) {
            let observed = series.count(at);
            let score = self.transform.of(observed, mean);
            let sum = f64::max(0.0, before + score - self.reference);
            let distance = self.decision + self.reference - before;
            let bound = self
                .transform
                .bound(mean, distance)
                .unwrap_or(self.decision - sum);
            let upper = if bound.is_nan() || bound < 0.0 { 0.0 } else { bound };
            points.push(CusumPoint {
                at,
                observed,
                mean,
                sum,
                upper,
                alarm: sum >= self.decision,
            });
            before = sum;
        }
        Ok(points)
    }

    fn means(&self, series: &Series<'_>, range: &Range<usize>) -> Result<Vec<f64>, Refusal> {
        if let CusumMean::Known(mean) = self.mean {
            return Ok(vec![mean; range.len()]);
        }
        let teaching: Vec<usize> = (0..range.start).filter(|&at| series.teaches(at)).collect();
        let y: Vec<f64> = teaching.iter().map(|&at| series.count(at)).collect();
        let needed = if self.mean == CusumMean::Season { 4 } else { 1 };
        if y.len() < needed {
            return Err(Refusal::ShortBaseline {
                needed,
                found: y.len(),
            });
        }
        if self.mean == CusumMean::Past {
            let mean = mean(&y);
            if mean <= 0.0 {
                return Err(Refusal::NoVariance);
            }
            return Ok(vec![mean; range.len()]);
        }
        let columns = season_pairs(&teaching, series.frequency, 1);
        let design = Design::new(1, vec![0; y.len()], &columns, Vec::new());
        let fit = glm::fit(&design, &y, None, Family::Poisson, None)?;
        let all: Vec<usize> = range.clone().collect();
        let waves = season_pairs(&all, series.frequency, 1);
        let (Some(cosine), Some(sine)) = (waves.first(), waves.get(1)) else {
            return Err(Refusal::NoFit("no season"));
        };
        Ok(cosine
            .iter()
            .zip(sine)
            .map(|(c, s)| fit.predict(0, &[*c, *s]).0.exp().max(f64::EPSILON))
            .collect())
    }
}

impl Transform {
    fn of(self, x: f64, m: f64) -> f64 {
        match self {
            Self::Standard => (x - m) / m.sqrt(),
            Self::Rossi => (x - 3.0 * m + 2.0 * (x * m).sqrt()) / (2.0 * m.sqrt()),
            Self::Anscombe => 1.5 * (two_thirds(x) - two_thirds(m)) / sixth(m),
            Self::AnscombeSecondOrder => {
                (two_thirds(x) - (two_thirds(m) - 1.0 / (9.0 * m.cbrt()))) / (2.0 / 3.0 * sixth(m))
            }
            Self::PearsonNegativeBinomial(alpha) => (x - m) / (m + alpha * m * m).sqrt(),
            Self::AnscombeNegativeBinomial(alpha) => {
                let part = |v: f64| 1.5 * two_thirds(v) * tabled_hypergeometric(-alpha * v);
                (part(x) - part(m)) / sixth(m + alpha * m * m)
            }
            Self::None => x,
        }
    }

    /// The count at which the sum would reach the decision value, `distance` above where it stands; nothing for the
    /// transforms the reference does not invert.
    fn bound(self, m: f64, distance: f64) -> Option<f64> {
        let root = m.sqrt();
        let raised = |base: f64| if base < 0.0 { 0.0 } else { base.powf(1.5) };
        let along = 2.0 / 3.0 * sixth(m) * distance;
        match self {
            Self::Standard => Some((root * distance + m).ceil()),
            Self::Rossi => {
                let inner = 4.0 * m * m + 2.0 * m * root * distance;
                Some(2.0 * root * distance + 5.0 * m - 2.0 * inner.sqrt())
            }
            Self::Anscombe => Some(raised(along + two_thirds(m))),
            // The reference takes m^(+1/3)/9 here, where its transform has m^(−1/3)/9.
            Self::AnscombeSecondOrder => Some(raised(along + two_thirds(m) - m.cbrt() / 9.0)),
            Self::PearsonNegativeBinomial(alpha) => Some((m + alpha * m * m).sqrt() * distance + m),
            Self::AnscombeNegativeBinomial(_) | Self::None => None,
        }
    }
}

fn two_thirds(x: f64) -> f64 {
    x.cbrt() * x.cbrt()
}

fn sixth(x: f64) -> f64 {
    x.sqrt().cbrt()
}

/// ₂F₁(⅓, ⅔; 5⁄3; x) for x ≤ 0 as the reference tables it: at the nearest hundredth down to −10, between whole numbers in
/// a straight line below (the reference's table ends at −100, this goes on).
fn tabled_hypergeometric(x: f64) -> f64 {
    if x >= -10.0 {
        return hypergeometric((x * 100.0).round() / 100.0);
    }
    let (low, high) = (x.floor(), x.ceil());
    let at_low = hypergeometric(low);
    at_low + (hypergeometric(high) - at_low) * (x - low)
}

/// ₂F₁(⅓, ⅔; 5⁄3; x) for x ≤ 0 by Pfaff's transformation to (1 − x)^−⅓ ₂F₁(⅓, 1; 5⁄3; x/(x−1)) (DLMF 15.8.1), whose terms are
/// positive; near 1 by Gauss's connection (DLMF 15.8.2 in the form of the incomplete beta integral) the tail is summed by
/// the ratio of its terms.
fn hypergeometric(x: f64) -> f64 {
    let z = x / (x - 1.0);
    let (mut sum, mut term) = (1.0, 1.0);
    let mut n = 0.0;
    while n < 200_000.0 {
        term *= (1.0 / 3.0 + n) / (5.0 / 3.0 + n) * z;
        sum += term;
        n += 1.0;
        if term < 1e-17 * sum * (1.0 - z) {
            break;
        }
    }
    sum / (1.0 - x).cbrt()
}

impl Detector for Cusum {
    fn verdicts(&self, series: &Series<'_>, range: Range<usize>) -> Result<Vec<Verdict>, Refusal> {
        let points = self.assess(series, range)?;
        Ok(points
            .into_iter()
            .map(|point| Verdict {
                at: point.at,
                observed: point.observed,
                expected: Some(point.mean),
                upper: Some(point.upper),
                p: None,
                score: Some(point.sum),
                alarm: point.alarm,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ₂F₁(⅓, ⅔; 5⁄3; x) = ⅔ ∫₀¹ t^−⅓ (1 − xt)^−⅓ dt, with t = u^(3/2): ∫₀¹ (1 − x u^(3/2))^−⅓ du.
    #[test]
    fn the_series_agrees_with_eulers_integral() {
        for x in [0.0, -0.07, -1.0, -9.99, -40.0] {
            let n = 200_000_u32;
            let step = 1.0 / f64::from(n);
            let sum: f64 = (0..n)
                .map(|i| (1.0 - x * ((f64::from(i) + 0.5) * step).powf(1.5)).cbrt().recip())
                .sum();
            assert!((hypergeometric(x) - sum * step).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn the_bound_is_where_the_sum_meets_the_decision_value() {
        for transform in [Transform::Anscombe, Transform::PearsonNegativeBinomial(0.2)] {
            let bound = transform.bound(6.0, 2.5).unwrap();
            assert!((transform.of(bound, 6.0) - 2.5).abs() < 1e-9);
        }
    }
}
