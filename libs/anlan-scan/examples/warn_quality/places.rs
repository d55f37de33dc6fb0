//! Discs of more cases among places on a grid, against a prospective space-time permutation scan made every day.

use super::planted::{poisson, whole};
use anlan_scan::scan::{Baseline, Coordinates, Geography, Reach, Refusal, Scan, Settings, Study, Time};
use anlan_scan::temporal::{Frequency, Outbreak, Quality, Verdict, evaluate};
use rand_pcg::Pcg64Mcg;

/// Places along an edge of the grid.
const EDGE: usize = 7;
/// Days of past that a scan sees.
const PAST: usize = 60;
/// Days on which a scan is made.
const LOOKS: usize = 40;
const TRIALS: usize = 6;
/// Cases by place and day without an outbreak.
const USUAL: f64 = 0.5;
/// Days of an outbreak.
const LASTS: usize = 7;
/// Extra cases by day in the disc, in standard deviations of what it usually has a day.
const SIZES: [f64; 3] = [1.0, 2.0, 3.0];
/// One false alarm a year is what this asks for, looking daily.
const P_ALARM: f64 = 1.0 / 365.0;
const REPLICATIONS: usize = 499;

/// The quality of the daily scan over all trials. An alarm outside the time of the disc is false.
pub(crate) fn judge(rng: &mut Pcg64Mcg) -> Result<Quality, Refusal> {
    let mut sum = Quality::default();
    for size in SIZES {
        for _ in 0..TRIALS {
            let (days, outbreak) = town(size, rng);
            let verdicts: Result<Vec<Verdict>, Refusal> = (0..LOOKS).map(|look| at(look, &days)).collect();
            sum.add(&evaluate(&verdicts?, &[outbreak], Frequency::DAILY));
        }
    }
    Ok(sum)
}

/// Counts day by day, each place by place, and when the disc has more of them, counted in looks.
fn town(size: f64, rng: &mut Pcg64Mcg) -> (Vec<Vec<u32>>, Outbreak) {
    let start = 10 + whole(LOOKS - 10 - LASTS, rng);
    let (x, y) = (1 + whole(EDGE - 2, rng), 1 + whole(EDGE - 2, rng));
    let is_in = |place: usize| (place % EDGE).abs_diff(x) + (place / EDGE).abs_diff(y) <= 1;
    // A disc of radius 1 has five places; Poisson counts have the variance of their mean.
    let extra = size * (5.0 * USUAL).sqrt() / 5.0;
    let days = (0..PAST + LOOKS).map(|day| {
        let is_on = (PAST + start..PAST + start + LASTS).contains(&day);
        let mean = |place| {
            if is_on && is_in(place) {
                USUAL + extra
            } else {
                USUAL
            }
        };
        (0..EDGE * EDGE)
            .map(|place| count(poisson(mean(place), rng)))
            .collect()
    });
    let days = days.collect();
    let at = start..=start + LASTS - 1;
    (days, Outbreak { at })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small Poisson number"
)]
fn count(number: f64) -> u32 {
    number as u32
}

#[expect(clippy::cast_precision_loss, reason = "places of a small grid")]
fn at(look: usize, days: &[Vec<u32>]) -> Result<Verdict, Refusal> {
    let seen = days.get(look + 1..=look + PAST).unwrap_or_default();
    let places = EDGE * EDGE;
    let by_place = |place: usize| seen.iter().map(move |day| day.get(place).copied().unwrap_or(0));
    let cases: Vec<u32> = (0..places).flat_map(by_place).collect();
    let grid = (0..places).map(|place| [(place % EDGE) as f64, (place / EDGE) as f64]);
    let geography = Geography::Coordinates {
        places: Coordinates::Cartesian(grid.collect()),
        centres: None,
    };
    let settings = Settings {
        reach: Reach {
            distance_max: 2.0,
            ..Reach::default()
        },
        time: Time::Alive { min: 1, max: 7 },
        ..Settings::default()
    };
    let scan = Scan::new(
        Study::new(places, seen.len(), cases, Baseline::Permutation)?,
        &geography,
        &settings,
    )?;
    let clusters = scan.clusters();
    let null = scan.null(REPLICATIONS, look as u64);
    let best = clusters.first();
    let p = best.map_or(1.0, |best| null.p_value(best.statistic));
    Ok(Verdict {
        at: look,
        observed: best.map_or(0.0, |best| f64::from(best.observed)),
        expected: best.map(|best| best.expected),
        upper: None,
        p: Some(p),
        score: best.map(|best| best.statistic),
        alarm: p <= P_ALARM,
    })
}
