//! The pages of `docs/security`: every test they name exists, and every requirement of the standard that is at hand is there
//! once. Whether a test proves what it is named for is a reader's judgement.

use crate::findings::Finding;
use crate::outside;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FOLDER: &str = "docs/security/";
const ASVS: &str = "docs/security/asvs.md";
const STANDARD: &str = "standards/asvs-5.0.flat.json";
const LEVEL_MAX: u64 = 2;
const STANDINGS: [&str; 5] = ["tested", "by design", "manual check", "not applicable", "open"];

/// Findings for the pages among `documents`; `sources` are the tree's Rust files.
pub(crate) fn check(root: &Path, documents: &[(String, String)], sources: &[String]) -> Result<Vec<Finding>> {
    let tests = tests(sources);
    let mut findings = Vec::new();
    for (path, text) in documents.iter().filter(|(path, _)| path.starts_with(FOLDER)) {
        for (line, row) in rows(text) {
            findings.extend(
                row.faults(&tests)
                    .map(|(what, instead)| Finding::new(path, line, "docs", what, instead)),
            );
        }
        if path == ASVS {
            findings.extend(numbers(root, text)?);
        }
    }
    Ok(findings)
}

struct Row<'a> {
    number: &'a str,
    standing: &'a str,
    place: &'a str,
}

/// The rows of the tables of four columns, with their lines.
fn rows(text: &str) -> impl Iterator<Item = (usize, Row<'_>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let cells: Vec<&str> = line
            .strip_prefix("| ")?
            .strip_suffix(" |")?
            .split(" | ")
            .collect();
        let [number, _, standing, place] = cells.as_slice() else {
            return None;
        };
        let is_row = number.starts_with(|c: char| c.is_ascii_digit());
        is_row.then_some((
            index + 1,
            Row {
                number,
                standing,
                place,
            },
        ))
    })
}

impl Row<'_> {
    /// What is wrong, and what to do.
    fn faults(&self, tests: &BTreeSet<&str>) -> impl Iterator<Item = (String, String)> {
        let mut faults = Vec::new();
        if !STANDINGS.contains(&self.standing) {
            faults.push((
                format!("{}: `{}` is no standing", self.number, self.standing),
                STANDINGS.join(", "),
            ));
        }
        let named: Vec<&str> = self.place.split('`').skip(1).step_by(2).collect();
        let (mut found, mut lost) = (0, Vec::new());
        for name in named.into_iter().filter(|name| is_test_name(name)) {
            if tests.contains(name) {
                found += 1;
            } else {
                lost.push(name);
            }
        }
        for name in lost {
            let what = format!("{}: there is no test `{name}`", self.number);
            faults.push((what, "name the test that holds it, or say `open`".to_owned()));
        }
        if self.standing == "tested" && found == 0 {
            let what = format!("{}: no test is named", self.number);
            faults.push((what, "name one, or choose another standing".to_owned()));
        }
        faults.into_iter()
    }
}

/// A test's name is a sentence; paths, types and commands are not.
fn is_test_name(name: &str) -> bool {
    name.matches('_').count() >= 2
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The names of test functions.
fn tests(sources: &[String]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for source in sources {
        let mut is_test = false;
        for line in source.lines().map(str::trim) {
            if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some(name) = line.split("fn ").nth(1).filter(|_| is_test) {
                found.extend(name.split('(').next());
                is_test = false;
            }
        }
    }
    found
}

/// Requirements that are missing or come twice; none where the standard is not at hand.
fn numbers(root: &Path, text: &str) -> Result<Vec<Finding>> {
    let shared = outside::variable("ANLAN_SHARED").map_or_else(|| root.join("../shared"), Into::into);
    let file = shared.join(STANDARD);
    if !file.is_file() {
        println!(
            "docs: {STANDARD} is absent, so {ASVS} is not counted; set ANLAN_SHARED to the folder of shared data"
        );
        return Ok(Vec::new());
    }
    let standard: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file)?).with_context(|| file.display().to_string())?;
    let all = standard
        .get("requirements")
        .and_then(serde_json::Value::as_array)
        .context("no requirements in it")?;
    let level = |one: &serde_json::Value| one["L"].as_u64().or_else(|| one["L"].as_str()?.parse().ok());
    let asked = all
        .iter()
        .filter(|one| level(one).is_some_and(|level| level <= LEVEL_MAX));
    let mut counts: BTreeMap<&str, usize> = asked
        .filter_map(|one| Some((one["req_id"].as_str()?.trim_start_matches('V'), 0)))
        .collect();
    let mut findings = Vec::new();
    for (line, row) in rows(text) {
        match counts.get_mut(row.number) {
            Some(count) => *count += 1,
            None => findings.push(Finding::new(
                ASVS,
                line,
                "docs",
                format!("{} is none of the standard's", row.number),
                "take it out",
            )),
        }
    }
    for (number, count) in counts.into_iter().filter(|(_, count)| *count != 1) {
        findings.push(Finding::new(
            ASVS,
            0,
            "docs",
            format!("{number} is here {count} times"),
            "have it once",
        ));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_gone_and_a_row_that_names_none_are_told() {
        let sources = vec!["#[tokio::test]\nasync fn it_holds_well() {}\nfn no_test_at_all() {}".to_owned()];
        let tests = tests(&sources);
        let text = "| 1.1 | a | tested | `it_holds_well`, `crates/x.rs` |\n| 1.2 | b | tested | `no_test_at_all` |\n\
                    | 1.3 | c | perhaps | x |\n| no. | what | how | where |\n| 1.4 | d | open | later |\n";
        let told: Vec<(usize, usize)> = rows(text)
            .map(|(line, row)| (line, row.faults(&tests).count()))
            .collect();
        assert_eq!(told, [(1, 0), (2, 2), (3, 1), (5, 0)]);
    }
}
