//! Likelihood-ratio charts, moving averages and run lengths against the reference vectors: 1e-6 relative, the same alarms. Skipped,
//! saying so, where the vectors are absent.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panic"
)]

mod vectors;

use anlan_scan::temporal::{
    Change, Colour, Direction, Dispersion, EssenceEwma, Ewma, Frequency, Glr, GlrMean, GlrSettings, Refusal,
    Report, Series, cusum_run_length, ewma_run_length,
};
use vectors::{Case, Table, Tally, cases, same, worst, worst_above};

/// What the configuration names mean; the index has them too, except where R failed.
fn settings(case: &Case) -> GlrSettings {
    let trend = case.word("mu0").is_some_and(|mu0| mu0.ends_with("/TRUE"));
    let dispersion = match case.number("alpha") {
        None => Dispersion::Estimated,
        Some(alpha) if alpha > 0.0 => Dispersion::Known(alpha),
        Some(_) => Dispersion::Poisson,
    };
    let change = match (case.word("change"), case.number("theta")) {
        (Some("epi"), _) => Change::Epidemic,
        (_, Some(kappa)) => Change::Known(kappa),
        _ => Change::Intercept,
    };
    GlrSettings {
        limit: case.number("c.ARL").unwrap_or(5.0),
        mean: GlrMean::Estimated {
            harmonics: 1,
            trend,
            refit: false,
        },
        dispersion,
        change,
        direction: if case.word("dir") == Some("dec") {
            Direction::Decrease
        } else {
            Direction::Increase
        },
        window: case.count("M"),
        least: case.count("Mtilde").unwrap_or(1),
        report: if case.word("ret") == Some("cases") {
            Report::Cases
        } else {
            Report::Statistic
        },
    }
}

#[test]
fn glr() {
    let Some(cases) = cases("glrnb") else { return };
    let mut tally = Tally::default();
    for case in cases {
        let loaded = vectors::series(&case.dataset, &case.series);
        let series = Series::new(&loaded.counts, Frequency::per_year(loaded.per_year).unwrap()).unwrap();
        let chart = Glr::new(settings(&case)).unwrap();
        if case.file.is_empty() {
            // R stops where no dispersion can be estimated: nothing but zeros, and one case in a year.
            let refusal = chart.assess(&series, 52..series.len()).unwrap_err();
            let wanted = match case.name().as_str() {
                "salmNewport/Saarland intercept_nbest" => Refusal::NoVariance,
                "measlesWeserEms/03402 intercept_nbest" => {
                    Refusal::NoFit("fitted means grow beyond all bounds")
                }
                other => panic!("{other} has no output"),
            };
            assert_eq!(refusal, wanted, "{}", case.note);
            tally.explained += 1;
            continue;
        }
        let (golden, range) = case.golden();
        let points = match chart.assess(&series, range) {
            Ok(points) => points,
            Err(refusal) => {
                tally.add(
                    &format!("{} {refusal}", case.name()),
                    &[("refused", (f64::INFINITY, 0))],
                );
                continue;
            }
        };
        // A ratio or a dispersion near 0 is a difference that cancels, in R too: below 0.001 they agree to 1e-9.
        let values = points.iter().map(|p| Some(p.value));
        let alphas = points.iter().map(|p| Some(p.dispersion));
        let means = points.iter().map(|p| Some(p.mean));
        tally.add(
            &case.name(),
            &[
                (
                    "value",
                    worst_above(1e-3, values, &golden.numbers("statistic_or_cases")),
                ),
                (
                    "alarm",
                    same(points.iter().map(|p| p.alarm), &golden.numbers("alarm")),
                ),
                ("mu0", worst(means, &golden.numbers("mu0"))),
                ("alpha", worst_above(1e-3, alphas, &golden.numbers("alpha"))),
            ],
        );
    }
    tally.finish("GLR");
}

#[test]
fn moving_averages() {
    let Some(folder) = vectors::folder() else { return };
    let list = std::fs::read_to_string(folder.join("surveillance/INDEX_ewma.txt")).unwrap();
    let mut tally = Tally::default();
    for file in list.lines() {
        let parts: Vec<&str> = file.trim_end_matches(".csv").split("__").collect();
        let [dataset, _, method, config] = parts.as_slice() else {
            panic!("{file}")
        };
        let name = if *dataset == "hepatitisA" {
            "observed"
        } else {
            "observed1"
        };
        let loaded = vectors::series(dataset, name);
        let series = Series::new(&loaded.counts, Frequency::per_year(loaded.per_year).unwrap()).unwrap();
        let golden = Table::read(&format!("surveillance/golden/{file}")).unwrap();
        if *method == "ewmaChart" {
            let lambda = if *config == "l10" { 0.1 } else { 0.3 };
            let chart = Ewma::new(lambda, 3.0, 26).unwrap();
            let points = chart.assess(&series, 0..series.len()).unwrap();
            tally.add(
                file,
                &[
                    (
                        "ewma",
                        worst(points.iter().map(|p| Some(p.average)), &golden.numbers("ewma")),
                    ),
                    (
                        "upper",
                        worst(points.iter().map(|p| Some(p.upper)), &golden.numbers("ucl")),
                    ),
                    (
                        "alarm",
                        same(points.iter().map(|p| p.alarm), &golden.numbers("alarm")),
                    ),
                ],
            );
        } else {
            essence(file, config, &series, &golden, &mut tally);
        }
    }
    tally.finish("EWMA chart and ESSENCE");
}

fn essence(file: &str, config: &str, series: &Series<'_>, golden: &Table, tally: &mut Tally) {
    // The names tell baseline and guard; the weights are those at which every statistic agrees.
    let (baseline, guard, slow, fast) = match config {
        "default" => (28, 2, 0.4, 0.9),
        "B14g1" => (14, 1, 0.3, 0.7),
        "B7g0" => (7, 0, 0.5, 0.8),
        other => panic!("{other}"),
    };
    let method = EssenceEwma::new(baseline, guard, slow, fast).unwrap();
    let first = method.first();
    let points = method.assess(series, first..series.len()).unwrap();
    let colours = golden.words("alert").unwrap();
    assert!(colours[..first].iter().all(|colour| colour == "grey"));
    for (point, colour) in points.iter().zip(&colours[first..]) {
        let found = match point.colour {
            Colour::Red => "red",
            Colour::Yellow => "yellow",
            Colour::Blue => "blue",
        };
        assert_eq!(found, colour, "{file} {point:?}");
    }
    let column = |name: &str| golden.numbers(name).split_off(first);
    let expected = points.iter().map(|p| Some(p.expected));
    // A statistic near 0 is a difference that cancels, and the reference takes small p-values as 1 less their complement.
    let statistic = points.iter().map(|p| Some(p.statistic));
    let p = points.iter().map(|p| Some(p.p));
    tally.add(
        file,
        &[
            ("expected", worst(expected, &column("baseline_expected"))),
            (
                "statistic",
                worst_above(1e-9, statistic, &column("test_statistic")),
            ),
            ("p", worst_above(1e-9, p, &column("pvalue"))),
        ],
    );
}

#[test]
fn run_lengths() {
    let Some(table) = Table::read("surveillance/arl_spc.csv") else {
        return;
    };
    let (p1, p2, mu, wanted) = (
        table.numbers("p1"),
        table.numbers("p2"),
        table.numbers("mu"),
        table.numbers("arl"),
    );
    let mut tally = Tally::default();
    for (row, chart) in table.words("chart").unwrap().iter().enumerate() {
        let (p1, p2, mu) = (p1[row].unwrap(), p2[row].unwrap(), mu[row].unwrap());
        let found = match chart.as_str() {
            "cusum_one" => cusum_run_length(p1, p2, mu),
            _ => ewma_run_length(p1, p2, mu),
        };
        let name = format!("{chart} {p1} {p2} {mu}");
        tally.add(&name, &[("arl", worst([found.ok()], &wanted[row..=row]))]);
    }
    tally.finish("run lengths");
}
