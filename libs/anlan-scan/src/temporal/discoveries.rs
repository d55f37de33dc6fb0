//! Many series are looked at each day; some alarm by chance. Here p-values are adjusted so that the share of false alarms among all
//! alarms is held. Only p-values come in and go out.

use super::Refusal;
use super::series::real;

/// What may be assumed of the series among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependence {
    /// Independent or positively dependent: Benjamini & Hochberg (Journal of the Royal Statistical Society B 57, 1995).
    Positive,
    /// Any: Benjamini & Yekutieli (Annals of Statistics 29, 2001); more cautious by Σ 1/i.
    Any,
}

/// Adjusted p-values in the order given: calling "adjusted ≤ q" an alarm holds the expected share of false alarms among alarms
/// at q. Raw and adjusted values belong side by side in front of people.
///
/// # Errors
/// [`Refusal::NotANumber`] with the place for a p that is not in 0..=1. No p-values give no p-values.
///
/// ```
/// use anlan_scan::temporal::{adjust, Dependence};
/// let adjusted = adjust(&[0.01, 0.04, 0.03, 0.5], Dependence::Positive)?;
/// assert!((adjusted[0] - 0.04).abs() < 1e-12 && (adjusted[2] - 0.16 / 3.0).abs() < 1e-12);
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
pub fn adjust(p: &[f64], dependence: Dependence) -> Result<Vec<f64>, Refusal> {
    if let Some(at) = p.iter().position(|p| p.is_nan() || !(0.0..=1.0).contains(p)) {
        return Err(Refusal::NotANumber { what: "p-value", at });
    }
    let n = p.len();
    let factor = match dependence {
        Dependence::Positive => real(n),
        Dependence::Any => real(n) * (1..=n).map(|i| 1.0 / real(i)).sum::<f64>(),
    };
    let mut order: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut adjusted = vec![1.0; n];
    let mut least = 1.0_f64;
    for (rank, (at, p)) in order.into_iter().enumerate().rev() {
        least = least.min(p * factor / real(rank + 1));
        if let Some(slot) = adjusted.get_mut(at) {
            *slot = least;
        }
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: `p.adjust(c(.001,.008,.039,.041,.042,.06,.074,.205), "BH")` and "BY".
    #[test]
    fn textbook_values() {
        let p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205];
        let bh = adjust(&p, Dependence::Positive).unwrap();
        for (found, wanted) in bh
            .iter()
            .zip([0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.592 / 7.0, 0.205])
        {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
        let harmonic: f64 = (1..=8).map(|i| 1.0 / f64::from(i)).sum();
        let by = adjust(&p, Dependence::Any).unwrap();
        assert!((by[0] - 0.008 * harmonic).abs() < 1e-12);
        assert!(adjust(&[0.2, f64::NAN], Dependence::Any).is_err());
        assert!(adjust(&[], Dependence::Any).unwrap().is_empty());
    }
}
