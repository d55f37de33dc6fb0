//! False positive rate and sensitivity on the 42 simulated scenarios of Noufaily et al. (2013), 5 series each. Skipped, saying so,
//! where the vectors are absent.
//!
//! As in the paper the last 49 of 624 weeks are assessed; the rate of false alarms is taken on the series without outbreaks, the
//! power on the series with outbreaks past and current. Published on the same scenarios (Bédubourg & Le Strat, *Evaluation and
//! comparison of statistical methods for early temporal detection of outbreaks*, `PLoS ONE` 12, 2017): between 0.7 % and 59.9 % false
//! positives and 43.3 % to 88.7 % outbreaks detected over 21 methods, the more of one the more of the other. The nominal rate
//! here is 1 %.

#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

mod vectors;

use anlan_scan::temporal::{
    Detector, Farrington, FarringtonFlexible, FlexibleSettings, Frequency, Outbreak, Power, Quality, Series,
    Threshold, evaluate,
};
use std::collections::BTreeMap;
use vectors::Table;

const ASSESSED: usize = 49;

struct Figures {
    /// On series without outbreaks.
    false_positive_rate: f64,
    /// On series with outbreaks past and current.
    with_outbreaks: Quality,
    /// The largest rate of false positives of one scenario's five series.
    worst_scenario: f64,
}

fn run(
    method: &dyn Detector,
    quiet: &Table,
    noisy: &Table,
    truth: &BTreeMap<String, Vec<Outbreak>>,
) -> Figures {
    let mut calm = Quality::default();
    let mut scenarios: BTreeMap<String, Quality> = BTreeMap::new();
    let mut with_outbreaks = Quality::default();
    for name in quiet.names.iter().filter(|name| name.starts_with('s')) {
        for (table, is_quiet) in [(quiet, true), (noisy, false)] {
            let counts: Vec<f64> = table.numbers(name).into_iter().map(Option::unwrap).collect();
            let series = Series::new(&counts, Frequency::WEEKLY).unwrap();
            let range = counts.len() - ASSESSED..counts.len();
            let verdicts = method.verdicts(&series, range).unwrap();
            if is_quiet {
                let quality = evaluate(&verdicts, &[], Frequency::WEEKLY);
                calm.add(&quality);
                scenarios
                    .entry(name.chars().take(3).collect())
                    .or_default()
                    .add(&quality);
            } else {
                with_outbreaks.add(&evaluate(&verdicts, &truth[name], Frequency::WEEKLY));
            }
        }
    }
    Figures {
        false_positive_rate: calm.false_positive_rate().unwrap(),
        with_outbreaks,
        worst_scenario: scenarios
            .values()
            .filter_map(Quality::false_positive_rate)
            .fold(0.0, f64::max),
    }
}

#[test]
fn rates_are_those_of_the_published_scenarios() {
    let Some(quiet) = Table::read("noufaily/baseline_without_outbreaks.csv") else {
        return;
    };
    let noisy = Table::read("noufaily/series.csv").unwrap();
    let listed = Table::read("noufaily/truth.csv").unwrap();
    let word = |name: &str, row: usize| listed.words(name).unwrap()[row].clone();
    let number = |name: &str, row: usize| word(name, row).parse::<usize>().unwrap();
    let mut truth: BTreeMap<String, Vec<Outbreak>> = BTreeMap::new();
    for row in (0..listed.rows()).filter(|&row| word("kind", row) == "current") {
        let at = number("start", row) - 1..=number("end", row) - 1;
        truth
            .entry(word("series", row))
            .or_default()
            .push(Outbreak { at });
    }
    let improved = FlexibleSettings {
        enough: (0.0, 4),
        ..FlexibleSettings::default()
    };
    let classic = Farrington::new(5, 3, 0.02)
        .unwrap()
        .power(Power::TwoThirds)
        .enough(0.0, 4)
        .unwrap();
    let methods: [(&str, Box<dyn Detector>); 3] = [
        (
            "improved, plug-in",
            Box::new(FarringtonFlexible::new(improved.clone()).unwrap()),
        ),
        (
            "improved, muan",
            Box::new(
                FarringtonFlexible::new(FlexibleSettings {
                    threshold: Threshold::UpperMean,
                    ..improved
                })
                .unwrap(),
            ),
        ),
        ("1996", Box::new(classic)),
    ];
    let mut figures = Vec::new();
    for (name, method) in &methods {
        let found = run(method.as_ref(), &quiet, &noisy, &truth);
        println!(
            "{name}: false positives {:.2} % (worst scenario {:.2} %), outbreaks detected {:.1} %, false alarms a year {:.2}, \
             median days to detection {:.0}, alarms that were true {:.0} %",
            100.0 * found.false_positive_rate,
            100.0 * found.worst_scenario,
            100.0 * found.with_outbreaks.sensitivity().unwrap(),
            found.with_outbreaks.false_alarms_per_year().unwrap(),
            found.with_outbreaks.median_days_to_detection().unwrap(),
            100.0 * found.with_outbreaks.precision().unwrap(),
        );
        figures.push(found);
    }
    let [plug_in, muan, classic] = figures.as_slice() else {
        panic!("three methods")
    };
    assert!((0.005..0.025).contains(&plug_in.false_positive_rate));
    assert!((0.40..0.75).contains(&plug_in.with_outbreaks.sensitivity().unwrap()));
    assert!(muan.false_positive_rate < plug_in.false_positive_rate);
    assert!(classic.false_positive_rate > plug_in.false_positive_rate);
}
