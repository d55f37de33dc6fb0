//! What is said about chance, end to end: the reference's own replications give its printed p-values, Gumbel p-values,
//! critical values and recurrence intervals; p-values of simulated null data are uniform; planted clusters are found
//! as often as the reference finds them. Long ones are ignored unless asked for.

#![expect(
    dead_code,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::maybe_infinite_iter,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panic, and its numbers are small"
)]

#[path = "projects/mod.rs"]
mod projects;

use anlan_scan::scan::{Baseline, Coordinates, Geography, Null, Scan, Settings, Study, Time, recurrence};
use projects::{Project, root};
use rand_core::Rng as _;
use rand_pcg::Pcg64Mcg;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Whether a number is what was printed, to the last digit.
fn is_printed(value: f64, printed: &str) -> bool {
    if let Some(bound) = printed.strip_prefix("< ") {
        return value < bound.parse().unwrap();
    }
    let digits = printed.split('.').nth(1).map_or(0, str::len);
    let half = 0.501 * 10_f64.powi(-i32::try_from(digits).unwrap());
    (value - printed.parse::<f64>().unwrap()).abs() <= half
}

/// Days between two looks of a prospective analysis.
fn days_between_looks(folder: &Path) -> f64 {
    let text = fs::read_to_string(folder.join("ss.prm")).unwrap();
    let key = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.and_then(|rest| rest.strip_prefix('=')).unwrap().to_owned()
    };
    let unit = match key("TimeAggregationUnits").as_str() {
        "1" => 365.25,
        "2" => 365.25 / 12.0,
        _ => 1.0,
    };
    unit * key("TimeAggregationLength").parse::<f64>().unwrap()
}

fn check_printed(name: &str) {
    let Some(root) = root() else {
        println!("skipped: the vectors are not there");
        return;
    };
    let folder = root.join("given").join(name);
    let null = Null::new(Project::read(&folder).simulated);
    let text = fs::read_to_string(folder.join("golden.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let result = &golden["result"];
    let mut seen = 0;
    for cluster in result["clusters"].as_array().unwrap() {
        let told = |key: &str| cluster[key].as_str();
        let statistic = told("Log likelihood ratio").or(told("Test statistic")).unwrap();
        let statistic: f64 = statistic.parse().unwrap();
        let p = null.p_value(statistic);
        let printed = told("P-value").unwrap();
        assert!(is_printed(p, printed), "{name} {statistic}: p {p} for {printed}");
        if let Some(printed) = told("Gumbel P-value") {
            let gumbel = null.gumbel_p_value(statistic).unwrap();
            assert!(
                is_printed(gumbel, printed),
                "{name} {statistic}: Gumbel {gumbel} for {printed}"
            );
        }
        if let Some((printed, unit)) = told("Recurrence interval").and_then(|text| text.split_once(' ')) {
            let days = recurrence(p, days_between_looks(&folder));
            let own = if unit.starts_with("year") {
                days / 365.25
            } else {
                days
            };
            assert!(
                is_printed(own, printed),
                "{name} {statistic}: {own} for {printed} {unit}"
            );
        }
        seen += 1;
    }
    for line in result["criticals"].as_str().unwrap().lines() {
        let Some((level, printed)) = line.trim_start_matches(['.', ' ']).split_once(": ") else {
            continue;
        };
        let Ok(level) = level.parse() else { continue };
        let own = null.critical_value(level).unwrap();
        assert!(is_printed(own, printed), "{name}: {own} at {level} for {printed}");
        seen += 1;
    }
    assert!(seen > 3, "{name}: nothing to compare");
}

macro_rules! printed {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check_printed(stringify!($name));
            }
        )*
    };
}

printed! {
    burkitt_stp_retro_quarter
    l200_sp_bernoulli
    l200_st_poisson_prospective
    l200_stp_prospective
    measles_weserems_st_poisson
    measles_weserems_stp_prospective
    nhumberside_sp_bernoulli
    nhumberside_sp_bernoulli_9999
    nm_sp_poisson
    nm_sp_poisson_9999
    nm_sp_poisson_highlow_25pct
    nm_st_permutation
    nm_st_poisson
    nm_st_poisson_incl_pure
    nm_st_poisson_prospective
    nm_temporal_poisson
    pennlc_sp_poisson_covariates
}

fn share(rng: &mut Pcg64Mcg) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

const PLACES: usize = 20;

fn geography(rng: &mut Pcg64Mcg) -> Geography {
    let pairs = (0..PLACES).map(|_| [share(rng), share(rng)]).collect();
    Geography::Coordinates {
        places: Coordinates::Cartesian(pairs),
        centres: None,
    }
}

/// Counts of cases that fall independently into places by weight and into steps evenly.
fn cases(rng: &mut Pcg64Mcg, weights: &[f64], steps: usize, many: usize) -> Vec<u32> {
    let all: f64 = weights.iter().sum();
    let mut counts = vec![0; weights.len() * steps];
    for _ in 0..many {
        let mut at = share(rng) * all;
        let place = weights.iter().position(|weight| {
            at -= weight;
            at < 0.0
        });
        let step = (share(rng) * steps as f64) as usize;
        counts[place.unwrap_or(0) * steps + step] += 1;
    }
    counts
}

/// The largest distance of the p-values of so many null data sets from the uniform law, equals told apart by a coin. Each
/// set is simulated here, scanned as any data are, and judged by replications of its own.
fn distance_from_uniform(sets: usize, settings: &Settings, study: impl Fn(&mut Pcg64Mcg) -> Study) -> f64 {
    const REPLICATIONS: usize = 31;
    let mut rng = Pcg64Mcg::new(20_261_127);
    let mut values: Vec<f64> = (0..sets)
        .map(|set| {
            let study = study(&mut rng);
            let scan = Scan::new(study, &geography(&mut rng), settings).unwrap();
            let strongest = scan.clusters().first().map_or(0.0, |cluster| cluster.statistic);
            let null = scan.null(REPLICATIONS, set as u64);
            let p = |statistic: f64| null.p_value(statistic) * (REPLICATIONS + 1) as f64;
            // The same windows may be summed up in another order.
            let (with_equals, without) = (p(strongest - 1e-9), p(strongest + 1e-9));
            let equals = with_equals - without + 1.0;
            (without - 1.0 + share(&mut rng) * equals) / (REPLICATIONS + 1) as f64
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let many = values.len() as f64;
    let off = values.iter().enumerate().map(|(at, value)| {
        let (below, upto) = (at as f64 / many, (at + 1) as f64 / many);
        (value - below).abs().max((value - upto).abs())
    });
    off.fold(0.0, f64::max)
}

/// Kolmogorov–Smirnov at 0.1 %.
fn limit(sets: usize) -> f64 {
    1.95 / (sets as f64).sqrt()
}

fn spatial_poisson(sets: usize) {
    let found = distance_from_uniform(sets, &Settings::default(), |rng| {
        let population: Vec<f64> = (0..PLACES).map(|_| 0.2 + share(rng)).collect();
        let cases = cases(rng, &population, 1, 120);
        Study::new(PLACES, 1, cases, Baseline::Poisson(population)).unwrap()
    });
    assert!(found < limit(sets), "{found} is not below {}", limit(sets));
}

fn permutation(sets: usize, time: Time) {
    let settings = Settings {
        time,
        ..Settings::default()
    };
    let found = distance_from_uniform(sets, &settings, |rng| {
        let weights: Vec<f64> = (0..PLACES).map(|_| 0.2 + share(rng)).collect();
        let cases = cases(rng, &weights, 12, 150);
        Study::new(PLACES, 12, cases, Baseline::Permutation).unwrap()
    });
    assert!(found < limit(sets), "{found} is not below {}", limit(sets));
}

const PROSPECTIVE: Time = Time::Alive { min: 1, max: 4 };

#[test]
fn p_values_of_null_data_are_uniform() {
    spatial_poisson(600);
    permutation(600, PROSPECTIVE);
}

#[test]
#[ignore = "10,000 data sets"]
fn long_p_values_of_spatial_null_data_are_uniform() {
    spatial_poisson(10_000);
}

#[test]
#[ignore = "10,000 data sets"]
fn long_p_values_of_prospective_permutations_are_uniform() {
    permutation(10_000, PROSPECTIVE);
}

#[test]
#[ignore = "10,000 data sets"]
fn long_p_values_of_retrospective_permutations_are_uniform() {
    permutation(10_000, Time::Any { min: 1, max: 3 });
}

/// Cases of the published benchmark (Kulldorff, Tango & Park 2003).
const CASES: u32 = 600;
/// Data sets of each alternative in the reference's power evaluation, at least.
const REFERENCE_SETS: f64 = 1000.0;

/// Power on counties of the north-east of the USA with planted clusters: no lower than the reference's.
fn power(sets: usize) {
    let Some(folder) = root().map(|root| root.join("power_neast_mixed")) else {
        println!("skipped: the vectors are not there");
        return;
    };
    let rows = |name: &str| -> Vec<Vec<String>> {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        text.lines().map(words).collect()
    };
    let geo = rows("e.geo");
    let at: HashMap<&str, usize> = geo
        .iter()
        .enumerate()
        .map(|(at, row)| (row[0].as_str(), at))
        .collect();
    let pairs = geo
        .iter()
        .map(|row| [row[1].parse().unwrap(), row[2].parse().unwrap()]);
    let geography = Geography::Coordinates {
        places: Coordinates::Cartesian(pairs.collect()),
        centres: None,
    };
    let mut population = vec![0.0; geo.len()];
    for row in rows("e.pop") {
        population[at[row[0].as_str()]] += row[2].parse::<f64>().unwrap();
    }
    // Only the number of cases counts: where they are is drawn.
    let mut cases = vec![0; geo.len()];
    cases[0] = CASES;
    let study = Study::new(geo.len(), 1, cases, Baseline::Poisson(population.clone())).unwrap();
    let scan = Scan::new(study, &geography, &Settings::default()).unwrap();
    let null = scan.null(sets, 3);
    let text = fs::read_to_string(folder.join("golden_power.json")).unwrap();
    let golden: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    for planted in &golden {
        let mut measure = population.clone();
        for name in planted["zone"].as_array().unwrap() {
            measure[at[name.as_str().unwrap()]] *= planted["rr"].as_f64().unwrap();
        }
        let drawn = scan.bench_under(&measure).unwrap().maxima(sets, 4);
        for (level, theirs) in planted["satscan_power"].as_object().unwrap() {
            let critical = null.critical_value(level.parse().unwrap()).unwrap();
            let found = drawn.maxima().iter().filter(|own| **own >= critical).count();
            let (own, theirs) = (found as f64 / sets as f64, theirs.as_f64().unwrap());
            let both = f64::midpoint(own, theirs);
            let spread = (both * (1.0 - both) * (1.0 / sets as f64 + 1.0 / REFERENCE_SETS)).sqrt();
            println!(
                "{} counties at {level}: {own:.3} for {theirs:.3}",
                planted["size"]
            );
            assert!(
                own >= theirs - 3.29 * spread,
                "{} at {level}: {own} for {theirs}",
                planted["size"]
            );
        }
    }
}

#[test]
fn power_is_no_lower_than_the_references() {
    power(9999);
}
