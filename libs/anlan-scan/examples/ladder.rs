//! Measures scans on synthetic counties of a growing number of places and prints seconds of processor time, one line of
//! JSON each: `cargo run --release -p anlan-scan --example ladder [-- LARGEST]`. It compares with nothing itself.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "an example that prints what it measures and ends where it cannot"
)]

use anlan_scan::scan::{Baseline, Coordinates, Geography, Reach, Scan, Settings, Study, Time};
use rand_core::Rng as _;
use rand_pcg::Pcg64Mcg;

const STEPS: usize = 365;
const REPLICATIONS: usize = 999;

/// A county: places strewn over 70 × 70 km, populations that differ, `events` cases over a year, a twentieth of them
/// in a disc during the last week.
struct County {
    geography: Geography,
    population: Vec<f64>,
    cases: Vec<u32>,
}

fn share(rng: &mut Pcg64Mcg) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn county(places: usize, events: usize) -> County {
    let mut rng = Pcg64Mcg::new(42);
    let pairs: Vec<[f64; 2]> = (0..places)
        .map(|_| [70.0 * share(&mut rng), 70.0 * share(&mut rng)])
        .collect();
    let population: Vec<f64> = (0..places)
        .map(|_| 200.0 * (2.0 * share(&mut rng)).exp())
        .collect();
    let all: f64 = population.iter().sum();
    let mut bounds = Vec::with_capacity(places);
    let mut sum = 0.0;
    for own in &population {
        sum += own / all;
        bounds.push(sum);
    }
    let mut cases = vec![0; places * STEPS];
    for _ in 0..events {
        let at = share(&mut rng);
        let place = bounds.partition_point(|bound| *bound < at).min(places - 1);
        let step = (rng.next_u64() % STEPS as u64) as usize;
        if let Some(count) = cases.get_mut(place * STEPS + step) {
            *count += 1;
        }
    }
    County {
        geography: Geography::Coordinates {
            places: Coordinates::Cartesian(pairs),
            centres: None,
        },
        population,
        cases,
    }
}

/// Processor time of this process in seconds, from the system.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

fn measure(name: &str, county: &County, baseline: Baseline, settings: &Settings, is_timeless: bool) {
    let places = county.population.len();
    let (steps, cases) = if is_timeless {
        (
            1,
            county.cases.chunks(STEPS).map(|own| own.iter().sum()).collect(),
        )
    } else {
        (STEPS, county.cases.clone())
    };
    let before = cpu_s();
    let study = Study::new(places, steps, cases, baseline).expect("the county is sound");
    let scan = Scan::new(study, &county.geography, settings).expect("the settings are sound");
    let null = scan.null(REPLICATIONS, 1);
    let clusters = scan.clusters();
    let p = clusters
        .first()
        .map_or(1.0, |cluster| null.p_value(cluster.statistic));
    println!(
        "{{\"name\":\"{name}\",\"places\":{places},\"replications\":{REPLICATIONS},\"cpu_s\":{:.3},\"p\":{p}}}",
        cpu_s() - before
    );
}

fn main() {
    let most = std::env::args()
        .nth(1)
        .and_then(|most| most.parse().ok())
        .unwrap_or(5000);
    let recent = Settings {
        time: Time::Alive { min: 1, max: 30 },
        ..Settings::default()
    };
    let near = Settings {
        reach: Reach {
            distance_max: 5.0,
            ..Reach::default()
        },
        ..recent.clone()
    };
    for places in [200, 1000, 5000, 20_000] {
        if places > most {
            break;
        }
        let county = county(places, places * 20);
        let timeless = Baseline::Poisson(county.population.clone());
        measure("spatial Poisson", &county, timeless, &Settings::default(), true);
        let both: Vec<u32> = county
            .cases
            .chunks(STEPS)
            .map(|own| 2 * own.iter().sum::<u32>() + 10)
            .collect();
        measure(
            "spatial Bernoulli",
            &county,
            Baseline::Bernoulli(both),
            &Settings::default(),
            true,
        );
        measure(
            "space-time permutation, 5 km",
            &county,
            Baseline::Permutation,
            &near,
            false,
        );
        if places <= 1000 {
            measure(
                "space-time permutation",
                &county,
                Baseline::Permutation,
                &recent,
                false,
            );
            let daily = county
                .population
                .iter()
                .flat_map(|own| std::iter::repeat_n(*own, STEPS))
                .collect();
            measure(
                "space-time Poisson",
                &county,
                Baseline::Poisson(daily),
                &recent,
                false,
            );
        }
    }
}
