//! Scan statistics against the reference program's results on published data. Reads the vectors where they are; says
//! so and passes where they are not. The reader here knows only what these cases need.

#[path = "projects/mod.rs"]
mod projects;

use anlan_scan::scan::{Cluster, Scan};
use projects::{Printed, Project, root};

const CASES: [&str; 17] = [
    "burkitt_stp_retro_quarter",
    "l200_sp_bernoulli",
    "l200_st_poisson_prospective",
    "l200_stp_prospective",
    "measles_weserems_st_poisson",
    "measles_weserems_stp_prospective",
    "nhumberside_sp_bernoulli",
    "nhumberside_sp_bernoulli_9999",
    "nm_sp_poisson",
    "nm_sp_poisson_9999",
    "nm_sp_poisson_highlow_25pct",
    "nm_st_permutation",
    "nm_st_poisson",
    "nm_st_poisson_incl_pure",
    "nm_st_poisson_prospective",
    "nm_temporal_poisson",
    "pennlc_sp_poisson_covariates",
];

fn check(name: &str) -> Vec<String> {
    let project = Project::read(&root().unwrap().join("given").join(name));
    let scan = Scan::new(project.study(), &project.geography, &project.settings).unwrap();
    let null = scan.null(project.replications, 20_261_126);
    let clusters = scan.clusters();
    let mut faults = Vec::new();
    for (at, printed) in project.printed.iter().enumerate() {
        let Some(cluster) = clusters.get(at) else {
            faults.push(format!("{name} {at}: no cluster"));
            continue;
        };
        compare(&project, cluster, printed, &mut |what| {
            faults.push(format!("{name} {}: {what}", at + 1));
        });
        let p = null.p_value(cluster.statistic);
        if !agree(p, project.replications, printed.p_value, project.replications) {
            faults.push(format!("{name} {}: p {p} for {}", at + 1, printed.p_value));
        }
    }
    let told = clusters
        .iter()
        .filter(|c| null.p_value(c.statistic) < 1.0)
        .count();
    // The reference tells what beats at least one of its own replications.
    let least = project.simulated.iter().copied().fold(f64::INFINITY, f64::min);
    let told = clusters
        .iter()
        .filter(|cluster| cluster.statistic > least + 1e-6)
        .count();
    if told != project.printed.len() {
        faults.push(format!("{name}: {told} clusters for {}", project.printed.len()));
    }
    faults
}

/// Whether two Monte Carlo p-values may be of one truth: a difference of binomials at 99.9 %.
fn agree(one: f64, many: usize, other: f64, others: usize) -> bool {
    let pooled = (one + other) / 2.0;
    let spread = (pooled * (1.0 - pooled) * (1.0 / many as f64 + 1.0 / others as f64)).sqrt();
    (one - other).abs() <= 3.29 * spread + 1.0 / many as f64
}

fn compare(project: &Project, cluster: &Cluster, printed: &Printed, fault: &mut impl FnMut(String)) {
    let mut names: Vec<&str> = cluster
        .places
        .iter()
        .map(|at| project.names[*at].as_str())
        .collect();
    let mut want: Vec<&str> = printed.places.iter().map(String::as_str).collect();
    if printed.places != ["All"] && names != want {
        names.sort_unstable();
        want.sort_unstable();
        let kind = if names == want {
            "order of places"
        } else {
            "places"
        };
        fault(format!("{kind} {names:?} for {want:?}"));
    }
    if let Some((from, until)) = printed.days {
        let days = (
            project.edges[cluster.span.from],
            project.edges[cluster.span.until] - 1,
        );
        if days != (from, until) {
            fault(format!("days {days:?} for {:?}", (from, until)));
        }
    }
    if cluster.observed != printed.observed {
        fault(format!("observed {} for {}", cluster.observed, printed.observed));
    }
    let mut same = |what: &str, value: f64, printed: &str| {
        let digits = printed.split('.').nth(1).map_or(0, str::len);
        let told: f64 = printed.parse().unwrap();
        if (value - told).abs() > 0.5001 * 10_f64.powi(-i32::try_from(digits).unwrap()) {
            fault(format!("{what} {value} for {printed}"));
        }
    };
    same("expected", cluster.expected, &printed.expected);
    same("statistic", cluster.statistic, &printed.statistic);
    if let (Some(risk), Some(told)) = (cluster.relative_risk, &printed.relative_risk) {
        same("relative risk", risk, told);
    }
    if let (Some(radius), Some(told)) = (cluster.radius(&project.geography), &printed.radius) {
        same("radius", radius, told);
    }
}

#[test]
fn clusters_are_the_references() {
    if root().is_none() {
        println!("skipped: the vectors are not there");
        return;
    }
    let faults: Vec<String> = CASES.iter().flat_map(|name| check(name)).collect();
    assert!(
        faults.is_empty(),
        "{} differences\n{}",
        faults.len(),
        faults.join("\n")
    );
}
