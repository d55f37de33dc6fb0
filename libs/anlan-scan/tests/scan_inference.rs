//! What chance does to the largest statistic: held to the reference's replications, to the uniform law that p-values
//! must follow, and to the clusters it found in larger counties. Long ones are ignored unless asked for.

#![expect(
    dead_code,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::maybe_infinite_iter,
    clippy::indexing_slicing,
    clippy::float_cmp,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails by panic, and its numbers are small"
)]

#[path = "projects/mod.rs"]
mod projects;

use anlan_scan::scan::{Baseline, Coordinates, Geography, Null, Rates, Reach, Scan, Settings, Study, Time};
use projects::{Project, root};
use proptest::prelude::*;

/// The largest distance between two empirical distributions.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let below = |values: &[f64], at: f64| {
        let many = values.iter().filter(|value| **value <= at).count();
        many as f64 / values.len() as f64
    };
    one.iter()
        .chain(other)
        .map(|at| (below(one, *at) - below(other, *at)).abs())
        .fold(0.0, f64::max)
}

/// Two-sample Kolmogorov–Smirnov at 0.1 %.
fn same_law(name: &str) {
    let Some(root) = root() else {
        println!("skipped: the vectors are not there");
        return;
    };
    let project = Project::read_as(&root.join("replicates").join(name), "ss.prm", "none");
    // The reference prints six digits; ties from rounding must not count as distance.
    let printed = |values: &[f64]| -> Vec<f64> { values.iter().map(|v| (v * 1e6).round() / 1e6).collect() };
    let scan = Scan::new(project.study(), &project.geography, &project.settings).unwrap();
    let own = printed(scan.null(999, 7).maxima());
    let theirs = printed(&project.simulated);
    assert!(theirs.len() >= 99, "{} replications", theirs.len());
    let (n, m) = (own.len() as f64, theirs.len() as f64);
    let limit = 1.95 * ((n + m) / (n * m)).sqrt();
    let found = distance(&own, &theirs);
    assert!(found < limit, "{name}: {found} is not below {limit}");
}

macro_rules! laws {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                same_law(stringify!($name));
            }
        )*
    };
}

laws! {
    l200_stp_prospective
    measles_weserems_stp_prospective
    nhumberside_sp_bernoulli
    nm_sp_poisson
    nm_st_poisson
    nm_st_poisson_prospective
}

/// The strongest clusters of a county that the reference scanned: cases, expected, statistic and number of places.
fn same_clusters(rung: &str, run: &str) {
    let Some(root) = root() else {
        println!("skipped: the vectors are not there");
        return;
    };
    let folder = root.join("ladder").join(rung);
    let project = Project::read_as(&folder, &format!("{run}.prm"), "none");
    let scan = Scan::new(project.study(), &project.geography, &project.settings).unwrap();
    let clusters = scan.clusters();
    let text = std::fs::read_to_string(folder.join(format!("{run}.col.txt"))).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let at = |name: &str| head.iter().position(|own| *own == name);
    let statistic = at("LLR").or_else(|| at("TEST_STAT")).unwrap();
    let [observed, expected, places] = ["OBSERVED", "EXPECTED", "NUMBER_LOC"].map(|name| at(name).unwrap());
    let mut seen = 0;
    for (line, cluster) in lines.zip(&clusters) {
        let row: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        let name = format!("{run} {}", row[0]);
        assert!(
            (number(statistic) - cluster.statistic).abs() < 1e-5,
            "{name}: {}",
            cluster.statistic
        );
        assert_eq!(number(observed), f64::from(cluster.observed), "{name}: cases");
        assert!(
            (number(expected) - cluster.expected).abs() < 0.0051,
            "{name}: {}",
            cluster.expected
        );
        assert_eq!(number(places), cluster.places.len() as f64, "{name}: places");
        seen += 1;
    }
    assert!(seen > 0, "{run}: nothing to compare");
}

#[test]
fn clusters_of_200_places_are_the_references() {
    same_clusters("L200", "ss_stp_pro30_r999_t1");
}

#[test]
fn spatial_clusters_of_1000_places_are_the_references() {
    same_clusters("L1k", "ss_sp_poisson_r999_t1");
    same_clusters("L1k", "ss_sp_bern_r999_t1");
}

#[test]
#[ignore = "seconds of work"]
fn long_clusters_of_1000_places_are_the_references() {
    same_clusters("L1k", "ss_stp_pro30_r999_t1");
    same_clusters("L1k", "ss_poi_pro30_r999_t1");
}

#[test]
#[ignore = "a minute of work"]
fn long_clusters_of_5000_places_are_the_references() {
    same_clusters("L5k", "ss_stp_pro30_5km_r999_t1");
    same_clusters("L5k", "ss_stp_pro30_r9_t1");
    same_clusters("L5k", "ss_poi_pro30_r9_t1");
}

fn line(places: u32) -> Geography {
    Geography::Coordinates {
        places: Coordinates::Cartesian((0..places).map(|x| [f64::from(x), f64::from(x % 3)]).collect()),
        centres: None,
    }
}

/// p-values of data that are themselves replications: with 19 replications each of 20 values is as likely.
fn uniform(sets: usize) {
    let cases: Vec<u32> = (0..12).map(|at| 5 + at % 4).collect();
    let study = Study::new(12, 1, cases, Baseline::Poisson(vec![1.0; 12])).unwrap();
    let scan = Scan::new(study, &line(12), &Settings::default()).unwrap();
    let maxima = scan.null(sets * 20, 99).maxima().to_vec();
    let mut ranks = [0_u32; 20];
    for (at, set) in maxima.chunks(20).enumerate() {
        let null = Null::new(set[1..].to_vec());
        let rank = |statistic: f64| (null.p_value(statistic) * 20.0).round() as usize - 1;
        // Equals count against the data, so that p is never too small; here they are told apart without looking.
        let (last, first) = (rank(set[0]), rank(set[0] + 1e-9));
        ranks[first + at % (last - first + 1)] += 1;
    }
    // Chi-square with 19 degrees of freedom at 0.1 %.
    let want = sets as f64 / 20.0;
    let chi: f64 = ranks
        .iter()
        .map(|seen| (f64::from(*seen) - want).powi(2) / want)
        .sum();
    assert!(chi < 43.8, "chi-square {chi}: {ranks:?}");
}

#[test]
fn p_values_are_uniform_under_the_null() {
    uniform(1000);
}

#[test]
#[ignore = "10,000 sets"]
fn long_p_values_are_uniform_under_the_null() {
    uniform(10_000);
}

#[test]
fn groups_do_not_depend_on_their_order() {
    let study = Study::new(
        4,
        3,
        vec![3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8],
        Baseline::Permutation,
    )
    .unwrap();
    let settings = Settings {
        time: Time::Alive { min: 1, max: 2 },
        ..Settings::default()
    };
    let scan = Scan::new(study, &line(4), &settings).unwrap();
    let mut one = scan.bench();
    let forward: Vec<_> = (0..4).map(|group| one.group(group, 5)).collect();
    let mut other = scan.bench();
    let mut backward: Vec<_> = (0..4).rev().map(|group| other.group(group, 5)).collect();
    backward.reverse();
    assert_eq!(forward, backward);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Nothing panics, and what comes out are numbers.
    #[test]
    fn any_study_is_scanned(
        cases in proptest::collection::vec(0_u32..6, 24),
        controls in proptest::collection::vec(0_u32..6, 24),
        model in 0..3_u8,
        rates in 0..3_u8,
        time in 0..4_u8,
        share in 0.05_f64..=1.0,
    ) {
        let baseline = match model {
            0 => Baseline::Permutation,
            1 => Baseline::Bernoulli(controls),
            _ => Baseline::Poisson(controls.iter().map(|own| f64::from(*own) + 0.5).collect()),
        };
        let Ok(study) = Study::new(6, 4, cases, baseline) else { return Ok(()) };
        let settings = Settings {
            reach: Reach { population_share_max: share, ..Reach::default() },
            rates: [Rates::High, Rates::Low, Rates::Both][usize::from(rates)],
            time: [
                Time::Whole,
                Time::Alive { min: 1, max: 3 },
                Time::Any { min: 1, max: 2 },
                Time::AliveSince { min: 1, max: 3, first_end: 2 },
            ][usize::from(time)],
            ..Settings::default()
        };
        let scan = Scan::new(study, &line(6), &settings).unwrap();
        let null = scan.null(40, 3);
        prop_assert!(null.maxima().iter().all(|value| value.is_finite() && *value >= 0.0));
        for cluster in scan.clusters() {
            prop_assert!(cluster.statistic > 0.0);
        }
    }
}
