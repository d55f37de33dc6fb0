//! A surge everywhere: the count of all places over the last days against what is usual then. It knows no place.

use super::{real, upper_tail};

/// What is usual on one day, or on the part of it that is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usually {
    /// Cases expected.
    pub mean: f64,
    /// Overdispersion: variance = mean + dispersion · mean².
    pub dispersion: f64,
}

/// The span of days that stands out most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surge {
    /// Its days: 1 is the present one alone.
    pub days: usize,
    /// Counted.
    pub observed: u32,
    /// Expected.
    pub expected: f64,
    /// P(chance brings as much in one of the spans): the smallest tail probability times the number of spans (Bonferroni).
    pub p: f64,
}

/// Looks at the present day, at it with the day before, and so on back through all days given. `None` without a day.
pub fn surge(counts: &[u32], usually: &[Usually]) -> Option<Surge> {
    let spans = counts.len().min(usually.len());
    let (mut observed, mut expected, mut squares) = (0_u32, 0.0, 0.0);
    let mut most: Option<Surge> = None;
    for (days, (count, day)) in (1..).zip(counts.iter().zip(usually)) {
        observed = observed.saturating_add(*count);
        expected += day.mean;
        squares += day.dispersion * day.mean * day.mean;
        let dispersion = squares / (expected * expected).max(1e-12);
        let p = (upper_tail(observed, expected, dispersion) * real(spans)).min(1.0);
        if most.is_none_or(|most| p <= most.p) {
            most = Some(Surge {
                days,
                observed,
                expected,
                p,
            });
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_that_stands_out_most_is_told() {
        let usual = Usually {
            mean: 10.0,
            dispersion: 0.05,
        };
        let today = surge(&[40, 9], &[usual; 2]).unwrap();
        assert_eq!((today.days, today.observed), (1, 40));
        assert!((today.p - 2.0 * upper_tail(40, 10.0, 0.05)).abs() < 1e-15);
        let both = surge(&[25, 26], &[usual; 2]).unwrap();
        assert_eq!((both.days, both.observed, both.expected), (2, 51, 20.0));
        // Two independent days stray less together than one twice as large.
        assert!((both.p - 2.0 * upper_tail(51, 20.0, 0.025)).abs() < 1e-15);
        assert_eq!(surge(&[], &[usual]), None);
        assert!((surge(&[0, 0], &[usual; 2]).unwrap().p - 1.0).abs() < 1e-15);
    }
}
