//! Arbitrary bytes as a SaTScan project: parameter file and data files. Whatever they hold, there are faults or a scan.

use anlan_intake::satscan::{self, results};
use std::io;

/// Files of a project, one after the other, between lines of `=== NAME`.
fn file<'a>(data: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut at = 0;
    let mut found: Option<usize> = None;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        if let Some(own) = line.strip_prefix(b"=== ") {
            if let Some(start) = found {
                return data.get(start..at);
            }
            if own.trim_ascii() == name.as_bytes() {
                found = Some(at + line.len());
            }
        }
        at += line.len();
    }
    found.and_then(|start| data.get(start..))
}

/// Few replications, and nothing so large that time is all it costs.
const SMALL: [&str; 1] = ["MonteCarloReps=9"];

/// Whether it came to a scan.
pub fn run(data: &[u8]) -> bool {
    let Some(parameters) = file(data, "a.prm") else { return false };
    let files = |name: &str| {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        file(data, name).map(<[u8]>::to_vec).ok_or_else(missing)
    };
    let over: Vec<String> = SMALL.iter().map(|line| (*line).to_owned()).collect();
    let (project, faults) = satscan::read("a.prm", parameters, &over, &files);
    for fault in faults.list() {
        assert!(!fault.to_string().is_empty());
    }
    let Some(project) = project else {
        assert!(faults.is_refused() || !faults.list().is_empty());
        return false;
    };
    let Ok(ready) = project.ready() else { return false };
    let study = ready.scan().study();
    if study.places() * study.steps() > 20_000 || study.steps() > 400 {
        return false;
    }
    let clusters = ready.scan().clusters();
    let maxima = ready.scan().null(9, 1).maxima().to_vec();
    let outcome = ready.outcome(&clusters, maxima, results::Ended::Whole);
    assert!(outcome.clusters.len() <= clusters.len());
    true
}
