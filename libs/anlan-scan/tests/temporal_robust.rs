//! Whatever the series, every detector answers or refuses: no panic, no endless loop, no answer that is not a number.

#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

use anlan_scan::temporal::{
    Bayes, COUNT_MAX, Cdc, Change, Cusum, CusumMean, Delays, Dependence, Detector, Direction, Dispersion,
    Ears, EarsMethod, EssenceEwma, Ewma, Farrington, FarringtonFlexible, FlexibleSettings, Frequency, Glr,
    GlrMean, GlrSettings, OutbreakP, Power, Refusal, Rki, Series, Threshold, Transform, adjust,
};
use proptest::prelude::*;

fn glr(change: Change, dispersion: Dispersion, direction: Direction, window: Option<usize>) -> Glr {
    let mean = GlrMean::Estimated {
        harmonics: 1,
        trend: true,
        refit: true,
    };
    let settings = GlrSettings {
        mean,
        change,
        dispersion,
        direction,
        window,
        ..GlrSettings::default()
    };
    Glr::new(settings).unwrap()
}

fn flexible(threshold: Threshold, reweight_above: Option<f64>, periods: usize) -> FarringtonFlexible {
    FarringtonFlexible::new(FlexibleSettings {
        years: 3,
        recent_left_out: 8,
        reweight_above,
        periods,
        threshold,
        ..FlexibleSettings::default()
    })
    .unwrap()
}

/// Every method, and most ways to run it.
fn detectors() -> Vec<Box<dyn Detector>> {
    let mut all: Vec<Box<dyn Detector>> = vec![
        Box::new(Ears::new(EarsMethod::C1).unwrap()),
        Box::new(Ears::new(EarsMethod::C2).unwrap()),
        Box::new(Ears::new(EarsMethod::C3).unwrap()),
        Box::new(Ewma::new(0.3, 3.0, 26).unwrap()),
        Box::new(EssenceEwma::new(28, 2, 0.4, 0.9).unwrap()),
        Box::new(Farrington::new(3, 3, 0.05).unwrap()),
        Box::new(
            Farrington::new(3, 3, 0.05)
                .unwrap()
                .power(Power::One)
                .without_trend(),
        ),
        Box::new(flexible(Threshold::Delta(Power::Half), Some(1.0), 1)),
        Box::new(flexible(Threshold::NegativeBinomialPlugin, Some(2.58), 10)),
        Box::new(flexible(Threshold::UpperMean, None, 10)),
        Box::new(Cdc::new(3, 1, 0.05).unwrap()),
        Box::new(Rki::new(2, 4, true).unwrap()),
        Box::new(Bayes::new(2, 4, true, 0.05).unwrap()),
        Box::new(OutbreakP::new(100.0).unwrap()),
        Box::new(glr(
            Change::Intercept,
            Dispersion::Estimated,
            Direction::Increase,
            Some(20),
        )),
        Box::new(glr(
            Change::Intercept,
            Dispersion::Poisson,
            Direction::Decrease,
            None,
        )),
        Box::new(glr(
            Change::Known(0.4),
            Dispersion::Known(0.1),
            Direction::Increase,
            None,
        )),
        Box::new(glr(
            Change::Epidemic,
            Dispersion::Poisson,
            Direction::Increase,
            Some(20),
        )),
        Box::new(glr(
            Change::Epidemic,
            Dispersion::Known(0.2),
            Direction::Increase,
            Some(20),
        )),
    ];
    for transform in [
        Transform::Standard,
        Transform::Rossi,
        Transform::Anscombe,
        Transform::AnscombeSecondOrder,
        Transform::PearsonNegativeBinomial(0.2),
        Transform::AnscombeNegativeBinomial(0.2),
        Transform::None,
    ] {
        for mean in [CusumMean::Past, CusumMean::Season] {
            all.push(Box::new(Cusum::new(0.5, 4.0, transform, mean).unwrap()));
        }
    }
    all
}

fn check(series: &Series<'_>, name: &str) {
    let range = series.len().saturating_sub(6)..series.len();
    for (number, detector) in detectors().iter().enumerate() {
        let Ok(verdicts) = detector.verdicts(series, range.clone()) else {
            continue;
        };
        assert_eq!(verdicts.len(), range.len(), "{name} {number}");
        for verdict in verdicts {
            for value in [verdict.expected, verdict.upper, verdict.p, verdict.score]
                .into_iter()
                .flatten()
            {
                assert!(!value.is_nan(), "{name} {number} {verdict:?}");
            }
            if let Some(p) = verdict.p {
                assert!((-1e-9..=1.0 + 1e-9).contains(&p), "{name} {number} {verdict:?}");
            }
        }
    }
}

#[test]
fn odd_series_are_answered_or_refused() {
    let n = 220;
    let mut jump = vec![3.0; n];
    jump[n - 2] = 3000.0;
    let mut gap: Vec<f64> = (0..n).map(|t| f64::from(u8::try_from(t % 7).unwrap())).collect();
    gap[40..90].fill(0.0);
    let mut once = vec![0.0; n];
    once[100] = 1e9;
    let alternating: Vec<f64> = (0..n).map(|t| if t % 2 == 0 { 0.0 } else { 1e9 }).collect();
    let fractions: Vec<f64> = (0..n)
        .map(|t| 0.37 * f64::from(u8::try_from(t % 5).unwrap()))
        .collect();
    for (name, counts) in [
        ("zeros", vec![0.0; n]),
        ("one value", vec![4.0; n]),
        ("a thousandfold jump", jump),
        ("a gap", gap),
        ("billions", vec![1e9; n]),
        ("once a billion", once),
        ("zeros and billions", alternating),
        ("fractions", fractions),
        ("a single count", vec![5.0]),
        ("two counts", vec![5.0, 0.0]),
        ("enormous", vec![COUNT_MAX; n]),
        (
            "a few enormous",
            (0..n)
                .map(|t| if t % 50 == 0 { COUNT_MAX } else { 1.0 })
                .collect(),
        ),
        ("tiny", vec![1e-300; n]),
    ] {
        check(&Series::new(&counts, Frequency::WEEKLY).unwrap(), name);
        let mask: Vec<bool> = (0..counts.len()).map(|at| at % 3 == 0).collect();
        check(
            &Series::new(&counts, Frequency::WEEKLY)
                .unwrap()
                .excluding(&mask)
                .unwrap(),
            name,
        );
        let nothing = vec![true; counts.len()];
        check(
            &Series::new(&counts, Frequency::WEEKLY)
                .unwrap()
                .excluding(&nothing)
                .unwrap(),
            name,
        );
    }
}

#[test]
fn what_is_no_series_is_refused_with_its_place() {
    let not_a_number = Refusal::NotANumber { what: "count", at: 1 };
    let new = |counts: &[f64]| Series::new(counts, Frequency::DAILY).err();
    assert_eq!(new(&[]), Some(Refusal::Empty));
    assert_eq!(new(&[1.0, f64::NAN]), Some(not_a_number.clone()));
    assert_eq!(new(&[1.0, f64::INFINITY]), Some(not_a_number));
    assert_eq!(
        new(&[1.0, 2.0, -1.0]),
        Some(Refusal::Negative { what: "count", at: 2 })
    );
    let too_large = Refusal::TooLarge { what: "count", at: 1 };
    assert_eq!(new(&[COUNT_MAX, COUNT_MAX * 2.0]), Some(too_large.clone()));
    assert_eq!(new(&[1.0, f64::MAX]), Some(too_large));
    assert!(Frequency::per_year(0).is_err());
    let series = Series::new(&[1.0, 2.0], Frequency::DAILY).unwrap();
    assert!(matches!(
        series.clone().with_days(&[5]),
        Err(Refusal::Length { .. })
    ));
    assert!(matches!(
        series.clone().with_days(&[5, 5]),
        Err(Refusal::NotRising { at: 1 })
    ));
    assert!(series.clone().with_population(&[1.0, 0.0]).is_err());
    assert!(series.clone().with_completeness(&[0.5, 1.5]).is_err());
    assert!(series.clone().with_regressors(&[&[1.0, f64::NAN]]).is_err());
    let ears = Ears::new(EarsMethod::C1).unwrap();
    assert!(matches!(
        ears.assess(&series, 0..1),
        Err(Refusal::ShortBaseline { needed: 7, found: 0 })
    ));
    assert!(matches!(ears.assess(&series, 0..9), Err(Refusal::Range { .. })));
    assert!(matches!(ears.assess(&series, 1..1), Err(Refusal::Range { .. })));
}

#[test]
fn what_cannot_be_set_is_refused() {
    assert!(Ears::with(EarsMethod::C1, 2, 0.0, 0.01).is_err());
    assert!(Ears::with(EarsMethod::C1, 7, -1.0, 0.01).is_err());
    assert!(Ears::with(EarsMethod::C1, 7, 0.0, 1.0).is_err());
    assert!(Ewma::new(0.0, 3.0, 26).is_err());
    assert!(EssenceEwma::new(6, 2, 0.4, 0.9).is_err());
    assert!(Farrington::new(0, 3, 0.05).is_err());
    assert!(Farrington::new(5, 3, f64::NAN).is_err());
    assert!(Cusum::new(1.0, 0.0, Transform::Rossi, CusumMean::Past).is_err());
    assert!(Cusum::new(1.0, 2.0, Transform::PearsonNegativeBinomial(0.0), CusumMean::Past).is_err());
    assert!(Bayes::new(0, 6, false, 0.05).is_err());
    assert!(OutbreakP::new(f64::NAN).is_err());
    assert!(
        Glr::new(GlrSettings {
            least: 0,
            ..GlrSettings::default()
        })
        .is_err()
    );
    assert!(
        Glr::new(GlrSettings {
            limit: -1.0,
            ..GlrSettings::default()
        })
        .is_err()
    );
    let periods = FlexibleSettings {
        periods: 0,
        ..FlexibleSettings::default()
    };
    assert!(FarringtonFlexible::new(periods).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_series_is_answered_or_refused(
        counts in proptest::collection::vec(
            prop_oneof![Just(0.0), (0u32..20).prop_map(f64::from), (0.0..1e9f64), Just(1e9)], 1..230),
        masked in any::<bool>(),
    ) {
        let mask: Vec<bool> = counts.iter().map(|count| masked && *count > 1e6).collect();
        let series = Series::new(&counts, Frequency::WEEKLY).unwrap().excluding(&mask).unwrap();
        check(&series, "any");
    }

    #[test]
    fn adjusted_p_values_are_no_smaller_and_keep_their_order(p in proptest::collection::vec(0.0..=1.0f64, 0..60)) {
        for dependence in [Dependence::Positive, Dependence::Any] {
            let adjusted = adjust(&p, dependence).unwrap();
            for (i, (raw, new)) in p.iter().zip(&adjusted).enumerate() {
                prop_assert!(new + 1e-12 >= *raw && *new <= 1.0);
                for (other, other_new) in p.iter().zip(&adjusted).skip(i + 1) {
                    prop_assert!((raw <= other && new <= other_new) || (raw >= other && new >= other_new));
                }
            }
        }
    }

    #[test]
    fn shares_arrived_never_fall(
        triangle in proptest::collection::vec(proptest::collection::vec(0.0..50.0f64, 0..6), 0..20),
        longest in 0usize..8,
    ) {
        if let Ok(delays) = Delays::learn(&triangle, longest) {
            let shares = delays.completeness(10);
            prop_assert!(shares.windows(2).all(|pair| pair[0] >= pair[1]));
            prop_assert!(shares.iter().all(|share| *share > 0.0 && *share <= 1.0));
        }
    }
}
