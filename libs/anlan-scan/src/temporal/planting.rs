//! Outbreaks of known size and shape, drawn to be added to counts, as Noufaily et al. (2013, section 5.1) plant theirs: the number of
//! cases is Poisson, each case comes a lognormal delay after the first. It adds to no series and judges none.

use super::Refusal;
use rand_core::SeedableRng as _;
use rand_distr::{Distribution as _, LogNormal, Poisson};
use rand_pcg::Pcg64Mcg;

/// Standard deviation of the logarithm of a delay; its mean is that of the logarithm of the spread.
const DELAY_SD: f64 = 0.5;
/// Draws until an outbreak has a case.
const DRAWS_MAX: u32 = 1000;
/// No outbreak is longer, in time points.
const POINTS_MAX: usize = 366;

/// Draws one outbreak: its cases per time point, the first of them at its first case, the last at its last.
///
/// `cases` is the mean of the Poisson number of cases; Noufaily et al. take k standard deviations of the usual count, k from 2 to 10.
/// `spread` is the median delay of a case in time points (the paper: 1 week), each delay being rounded down. An outbreak without a
/// case is drawn anew. The same seed gives the same outbreak on every machine.
///
/// # Errors
/// [`Refusal::Setting`] for a mean that is not above 0 and at most a million, a spread that is not above 0, or a mean so small that
/// no case comes.
///
/// ```
/// use anlan_scan::temporal::plant;
/// let outbreak = plant(12.0, 3.0, 7)?;
/// assert!(outbreak.first() > Some(&0) && outbreak.last() > Some(&0));
/// assert_eq!(outbreak, plant(12.0, 3.0, 7)?);
/// # Ok::<(), anlan_scan::temporal::Refusal>(())
/// ```
pub fn plant(cases: f64, spread: f64, seed: u64) -> Result<Vec<u32>, Refusal> {
    let number = Poisson::new(cases).ok().filter(|_| cases <= 1e6);
    let number = number.ok_or(Refusal::Setting(
        "the mean number of cases must be above 0 and at most a million",
    ))?;
    let delay = LogNormal::new(spread.ln(), DELAY_SD).ok();
    let delay = delay
        .filter(|_| spread.is_finite() && spread > 0.0)
        .ok_or(Refusal::Setting("the spread must be above 0"))?;
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut left = (0..DRAWS_MAX)
        .map(|_| number.sample(&mut rng))
        .find(|drawn| *drawn >= 1.0)
        .ok_or(Refusal::Setting(
            "the mean number of cases is so small that none comes",
        ))?;
    let mut at: Vec<usize> = Vec::new();
    while left >= 1.0 {
        at.push(whole(delay.sample(&mut rng)));
        left -= 1.0;
    }
    let first = at.iter().min().copied().unwrap_or(0);
    let last = at.iter().max().copied().unwrap_or(0);
    let mut counts = vec![0; last - first + 1];
    for delay in at {
        if let Some(count) = counts.get_mut(delay - first) {
            *count += 1;
        }
    }
    Ok(counts)
}

/// Rounded down.
fn whole(delay: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "above 0 and cut off"
    )]
    let whole = delay as usize;
    whole.min(POINTS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_delays_are_those_asked_for() {
        let (mut cases, mut late, draws) = (0_u32, 0_u32, 2000);
        for seed in 0..draws {
            let outbreak = plant(10.0, 4.0, seed).unwrap();
            cases += outbreak.iter().sum::<u32>();
            late += u32::try_from(outbreak.len()).unwrap();
        }
        let mean = f64::from(cases) / 2000.0;
        // Poisson, 10 on the average: five standard errors.
        assert!((mean - 10.0).abs() < 5.0 * (10.0_f64 / 2000.0).sqrt(), "{mean}");
        // Of some ten delays the shortest is about 2 and the longest about 8 of a median of 4.
        let length = f64::from(late) / 2000.0;
        assert!((6.0..9.0).contains(&length), "{length}");
    }

    #[test]
    fn a_short_spread_is_over_in_days_and_small_outbreaks_have_a_case() {
        for seed in 0..200 {
            assert!(plant(30.0, 0.2, seed).unwrap().len() <= 2);
            assert!(plant(0.1, 3.0, seed).unwrap().iter().sum::<u32>() >= 1);
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        for (cases, spread) in [
            (0.0, 1.0),
            (-1.0, 1.0),
            (f64::NAN, 1.0),
            (1e9, 1.0),
            (1e-12, 1.0),
            (5.0, 0.0),
            (5.0, -2.0),
            (5.0, f64::NAN),
            (5.0, f64::INFINITY),
        ] {
            assert!(
                matches!(plant(cases, spread, 1), Err(Refusal::Setting(_))),
                "{cases} {spread}"
            );
        }
    }
}
