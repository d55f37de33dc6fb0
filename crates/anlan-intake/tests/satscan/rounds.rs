//! The iterative scan of a project: rounds, their end, what is told of them, and what it is refused for.

use crate::small::Small;
use anlan_intake::satscan::Project;
use anlan_intake::satscan::analysis::Ready;
use anlan_intake::satscan::results::{Ended, Outcome, Run, print};
use anlan_scan::scan::Cluster;
use jiff::civil::date;
use std::convert::Infallible;
use std::fmt::Write as _;

/// A line of places with a strong cluster at one end and a weaker one at the other; in space alone.
fn line() -> Small {
    let (mut cases, mut people, mut places) = (String::new(), String::new(), String::new());
    for at in 0..24 {
        let count = match at {
            1..4 => 90,
            18..20 => 38,
            _ => 20,
        };
        writeln!(cases, "p{at:02} {count}").unwrap();
        writeln!(people, "p{at:02} 2024 1000").unwrap();
        writeln!(places, "p{at:02} {at} 0").unwrap();
    }
    Small::new()
        .with("a.cas", cases.as_bytes())
        .with("a.pop", people.as_bytes())
        .with("a.geo", places.as_bytes())
        .setting(
            "AnalysisType=1\nPrecisionCaseTimes=0\nCoordinatesType=0\nIterativeScan=y\nMonteCarloReps=999",
        )
}

fn project(small: &Small) -> Project {
    let (project, faults) = small.read();
    project.unwrap_or_else(|| unreachable!("{:?}", faults.list()))
}

/// All rounds, the last of them ended as said.
fn rounds(project: &Project, stopped_in: Option<usize>) -> (Outcome, usize) {
    let ready = project.ready().unwrap_or_else(|fault| unreachable!("{fault}"));
    let mut made = 0;
    let mut replicate = |ready: &Ready<'_>, _: &[Cluster], round: usize| {
        made += 1;
        let ended = if stopped_in == Some(round) {
            Ended::Stopped
        } else {
            Ended::Whole
        };
        let seed = 1 + u64::try_from(round).unwrap();
        Ok::<_, Infallible>((ready.scan().null(999, seed).maxima().to_vec(), ended))
    };
    let outcome = ready.rounds(&mut replicate).unwrap();
    (outcome, made)
}

fn places(outcome: &Outcome) -> Vec<Vec<usize>> {
    let of = |cluster: &anlan_intake::satscan::results::Cluster| {
        let mut places: Vec<usize> = cluster.members.iter().map(|member| member.place).collect();
        places.sort_unstable();
        places
    };
    outcome.clusters.iter().map(of).collect()
}

#[test]
fn a_strong_cluster_no_longer_hides_a_weaker_one() {
    let project = project(&line());
    let (outcome, made) = rounds(&project, None);
    assert_eq!(places(&outcome), [vec![1, 2, 3], vec![18, 19]]);
    // Two rounds with something, and the one that ends it.
    assert_eq!(made, 3);
    assert!(
        outcome
            .clusters
            .iter()
            .all(|cluster| cluster.p_value.unwrap() <= 0.05)
    );
    // 456 cases in 21 places are left for the second round.
    let second = &outcome.clusters[1].figures;
    assert_eq!(second.observed, 76);
    assert!((second.expected - 2.0 * 456.0 / 21.0).abs() < 1e-9, "{second:?}");
    let run = Run {
        began: date(2026, 11, 23).at(9, 34, 15, 0),
        ended: date(2026, 11, 23).at(9, 34, 18, 0),
        seconds: 3,
        threads: 1,
    };
    let text = &print(&project, &outcome, &run)[0].text;
    for part in [
        "Iterative analysis performed.",
        "1.Location IDs",
        "2.Location IDs",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Scanned at once, the weaker one is not significant beside the strong one.
    let ready = project.ready().unwrap();
    let clusters = ready.scan().clusters();
    let at_once = ready.outcome(
        &clusters,
        ready.scan().null(999, 1).maxima().to_vec(),
        Ended::Whole,
    );
    let weaker = at_once
        .clusters
        .iter()
        .find(|cluster| cluster.members.iter().any(|member| member.place == 18));
    assert!(weaker.is_none_or(|cluster| cluster.p_value.unwrap() > 0.05));
}

#[test]
fn it_ends_with_its_limits() {
    let (one, made) = rounds(&project(&line().setting("IterativeScanMaxIterations=1")), None);
    assert_eq!((one.clusters.len(), made), (1, 1));
    // Nothing is as rare as that: the first round is told, and no other is made.
    let (strict, made) = rounds(&project(&line().setting("IterativeScanMaxPValue=0.0005")), None);
    assert_eq!((strict.clusters.len(), made), (1, 1));
}

#[test]
fn a_stopped_round_is_not_told() {
    let (outcome, made) = rounds(&project(&line()), Some(1));
    assert_eq!((places(&outcome), made), (vec![vec![1, 2, 3]], 2));
    assert_eq!(outcome.ended, Ended::Stopped);
}

#[test]
fn in_space_and_time_only_the_time_of_a_cluster_is_taken_out() {
    let mut cases = String::new();
    for (place, day, count) in [
        ("east", 1, 40),
        ("east", 20, 2),
        ("west", 20, 30),
        ("\"north hill\"", 9, 6),
    ] {
        writeln!(cases, "{place} {count} 2024/3/{day}").unwrap();
    }
    let small = Small::new()
        .with("a.cas", cases.as_bytes())
        .setting("IterativeScan=y\nIterativeScanMaxPValue=0.5\nMonteCarloReps=99\nTimeAggregationLength=1");
    let (outcome, _) = rounds(&project(&small), None);
    assert!(outcome.clusters.len() >= 2, "{:?}", outcome.clusters);
    let told = outcome.clusters.len();
    assert!(
        outcome
            .intervals
            .iter()
            .all(|interval| interval.inside.len() == told)
    );
    let all: u64 = outcome
        .clusters
        .iter()
        .map(|cluster| cluster.figures.observed)
        .sum();
    assert!(all <= 78, "no case is told twice: {all}");
}

#[test]
fn it_is_refused_where_it_has_no_meaning() {
    for (setting, says) in [
        ("IterativeScan=y\nMonteCarloReps=0", "MonteCarloReps"),
        ("IterativeScan=y\nAnalysisType=2", "in time alone"),
    ] {
        let (project, faults) = Small::new().setting(setting).read();
        let told: Vec<String> = faults.list().iter().map(ToString::to_string).collect();
        assert!(
            project.is_none() && told.iter().any(|fault| fault.contains(says)),
            "{told:?}"
        );
    }
}
