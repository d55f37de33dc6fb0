//! "So many cases would alarm": the count a chart reports alarms when it comes, and one case less does not.

#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

use anlan_scan::temporal::{
    Change, Dispersion, Frequency, Glr, GlrMean, GlrSettings, OutbreakP, Report, Series,
};

const COUNTS: [f64; 12] = [3.0, 4.0, 2.0, 5.0, 3.0, 1.0, 4.0, 6.0, 5.0, 3.0, 4.0, 5.0];

fn with_last(last: f64) -> Vec<f64> {
    let mut counts = COUNTS.to_vec();
    counts.push(last);
    counts
}

fn chart(change: Change, dispersion: Dispersion, window: Option<usize>, report: Report) -> Glr {
    Glr::new(GlrSettings {
        limit: 4.0,
        mean: GlrMean::Known(vec![3.5; 13]),
        dispersion,
        change,
        window,
        report,
        ..GlrSettings::default()
    })
    .unwrap()
}

#[test]
fn likelihood_ratio_charts() {
    for (change, dispersion, window) in [
        (Change::Intercept, Dispersion::Poisson, None),
        (Change::Intercept, Dispersion::Poisson, Some(5)),
        (Change::Known(0.5), Dispersion::Poisson, None),
        (Change::Known(0.5), Dispersion::Known(0.1), None),
    ] {
        let last = |counts: &[f64], report| {
            let series = Series::new(counts, Frequency::WEEKLY).unwrap();
            let points = chart(change, dispersion, window, report)
                .assess(&series, 0..13)
                .unwrap();
            points.last().unwrap().clone()
        };
        let cases = last(&with_last(0.0), Report::Cases).value;
        assert!(cases > 5.0, "{change:?} {cases}");
        let above = cases.floor() + f64::from(u8::from(matches!(change, Change::Known(_))));
        assert!(
            last(&with_last(above), Report::Statistic).alarm,
            "{change:?} {above}"
        );
        assert!(
            !last(&with_last(above - 1.0), Report::Statistic).alarm,
            "{change:?} {above}"
        );
    }
}

#[test]
fn outbreak_p() {
    let method = OutbreakP::new(100.0).unwrap();
    let last = |count: f64| {
        let counts = with_last(count);
        let series = Series::new(&counts, Frequency::WEEKLY).unwrap();
        method.assess(&series, 12..13).unwrap().remove(0)
    };
    let cases = last(0.0).cases.unwrap();
    assert!(
        cases > 5.0 && last(cases).alarm && !last(cases - 1.0).alarm,
        "{cases}"
    );
}
