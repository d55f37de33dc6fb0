//! The writer alone: the reference's own figures, printed by us, give the reference's files character by character.

use crate::reference::{cases, outcome, project, text};
use anlan_intake::satscan::results::{File, Run, print, stem};
use jiff::civil::date;

fn run() -> Run {
    Run {
        began: date(2026, 11, 23).at(9, 34, 15, 0),
        ended: date(2026, 11, 23).at(9, 34, 18, 0),
        seconds: 3,
        threads: 1,
    }
}

/// The lines that name the program and the moment.
fn is_of_the_run(line: &str) -> bool {
    [
        "SaTScan v",
        "Anlan scan v",
        "Program run on",
        "Program completed",
        "Total Running Time",
    ]
    .iter()
    .any(|part| line.contains(part))
}

/// The first line that differs, with a word about it.
fn difference(wanted: &str, got: &str) -> Option<String> {
    let wanted: Vec<&str> = wanted.lines().filter(|line| !is_of_the_run(line)).collect();
    let got: Vec<&str> = got.lines().filter(|line| !is_of_the_run(line)).collect();
    (wanted.iter().zip(&got).zip(1..))
        .find(|((wanted, got), _)| wanted != got)
        .map(|((wanted, got), line)| format!("line {line}\nwanted {wanted:?}\ngot    {got:?}"))
        .or_else(|| {
            (wanted.len() != got.len()).then(|| format!("{} lines wanted, {} got", wanted.len(), got.len()))
        })
}

#[test]
fn the_references_figures_give_the_references_files() {
    let mut failures = Vec::new();
    for case in cases() {
        let project = project(&case);
        let outcome = outcome(&case, &project);
        for File { ending, text: got } in print(&project, &outcome, &run()) {
            let wanted = text(&case, ending);
            if let Some(difference) = difference(&wanted, &got) {
                failures.push(format!("{} {ending}: {difference}", case.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_stem_of_the_results_is_what_scripts_expect() {
    assert_eq!(stem("results/ss.txt"), "results/ss");
}
