//! Reports that have not arrived yet: the distribution of reporting delays learnt from the past, and what it says about recent
//! counts. It sees delays only, no dates and no cases.
//!
//! Delays of recent events are seen only if short (right truncation). With n_{t,d} events of time t reported d time points
//! later, and t observed for D time points, the reverse-time hazard `g(d) = Σ n_{t,d} / Σ_{j≤d} n_{t,j}` over t with D ≥ d gives
//! `F(d) = ∏_{j>d} (1 − g(j))` (Kalbfleisch & Lawless, Journal of the American Statistical Association 84, 1989; Lawless, Canadian
//! Journal of Statistics 22, 1994). F is relative to the longest delay looked at.

use super::Refusal;
use super::series::real;

/// A learnt distribution of delays, in time points.
#[derive(Debug, Clone, PartialEq)]
pub struct Delays {
    /// P(delay ≤ d), d = 0, 1, …; the last is 1.
    arrived: Vec<f64>,
}

/// A count made whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Whole {
    /// What the count will probably become.
    pub expected: f64,
    /// Standard deviation of that, from the reports still to come.
    pub deviation: f64,
}

impl Delays {
    /// Learns from a reporting triangle: one row per time point, oldest first, entry d the number of its reports with delay d.
    /// The last row is today's and has (at least) entry 0; the row before it 0 and 1, and so on. Entries beyond what can have
    /// been seen, or beyond `longest`, are ignored. Leave bulk imports out of it.
    ///
    /// # Errors
    /// [`Refusal::Empty`] without a row or a report, [`Refusal::NotANumber`], [`Refusal::Negative`] (the place is the row).
    ///
    /// ```
    /// use anlan_scan::temporal::Delays;
    /// // Half arrives the same day, half the day after.
    /// let triangle = [vec![5.0, 5.0], vec![10.0, 10.0], vec![4.0]];
    /// let delays = Delays::learn(&triangle, 1)?;
    /// assert!((delays.share_arrived(0) - 0.5).abs() < 1e-12);
    /// assert!((delays.whole(4.0, 0).expected - 8.0).abs() < 1e-12);
    /// # Ok::<(), anlan_scan::temporal::Refusal>(())
    /// ```
    pub fn learn(triangle: &[Vec<f64>], longest: usize) -> Result<Self, Refusal> {
        for (at, row) in triangle.iter().enumerate() {
            if row.iter().any(|count| !count.is_finite()) {
                return Err(Refusal::NotANumber { what: "triangle", at });
            }
            if row.iter().any(|count| *count < 0.0) {
                return Err(Refusal::Negative { what: "triangle", at });
            }
        }
        let mut arrived = vec![1.0; longest + 1];
        let mut product = 1.0;
        let mut seen = 0.0;
        for delay in (0..=longest).rev() {
            if let Some(slot) = arrived.get_mut(delay) {
                *slot = product;
            }
            let old_enough = triangle.len().saturating_sub(delay);
            let (mut exactly, mut up_to) = (0.0, 0.0);
            for row in triangle.iter().take(old_enough) {
                exactly += row.get(delay).copied().unwrap_or(0.0);
                up_to += row.iter().take(delay + 1).sum::<f64>();
            }
            seen += exactly;
            if up_to > 0.0 {
                product *= 1.0 - exactly / up_to;
            }
        }
        if seen <= 0.0 {
            return Err(Refusal::Empty);
        }
        Ok(Self { arrived })
    }

    /// The share of a time point's reports that is there `age` time points later; 1 from the longest delay on.
    pub fn share_arrived(&self, age: usize) -> f64 {
        self.arrived.get(age).copied().unwrap_or(1.0)
    }

    /// That share for each of `points` time points of which the last is today, for
    /// [`Series::with_completeness`](super::Series::with_completeness). A share below one in a thousand is held there: such a
    /// day says nothing yet, and the bound then says so.
    pub fn completeness(&self, points: usize) -> Vec<f64> {
        (0..points)
            .map(|at| self.share_arrived(points - 1 - at).max(1e-3))
            .collect()
    }

    /// What a count of this age will probably become: count/F, with the deviation of a negative binomial number of reports
    /// still to come, √(count (1 − F))/F.
    pub fn whole(&self, count: f64, age: usize) -> Whole {
        let share = self.share_arrived(age).max(1e-3);
        Whole {
            expected: count / share,
            deviation: (count.max(0.0) * (1.0 - share)).sqrt() / share,
        }
    }

    /// The mean delay in time points.
    pub fn mean(&self) -> f64 {
        self.arrived
            .iter()
            .map(|share| 1.0 - share)
            .sum::<f64>()
            .min(real(self.arrived.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_does_not_shorten_what_is_learnt() {
        // Shares 0.5, 0.3, 0.2 of 1000 a day; the last two days are cut off.
        let full = vec![500.0, 300.0, 200.0];
        let mut triangle = vec![full; 6];
        triangle.push(vec![500.0, 300.0]);
        triangle.push(vec![500.0]);
        let delays = Delays::learn(&triangle, 2).unwrap();
        for (age, wanted) in [(0, 0.5), (1, 0.8), (2, 1.0), (9, 1.0)] {
            assert!((delays.share_arrived(age) - wanted).abs() < 1e-12, "{age}");
        }
        assert_eq!(delays.completeness(4).len(), 4);
        assert!((delays.mean() - 0.7).abs() < 1e-12);
        assert!(Delays::learn(&[], 3).is_err());
        assert!(Delays::learn(&[vec![0.0]], 3).is_err());
        assert!(Delays::learn(&[vec![-1.0]], 3).is_err());
    }
}
