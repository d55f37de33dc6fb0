//! Checks ARCHITECTURE.md against the tree, both ways: what it names exists, and what exists is named.

use crate::findings::Finding;
use crate::rust_source::is_word;
use std::collections::BTreeSet;

const MAP: &str = "ARCHITECTURE.md";

/// Crates and top folders named but absent, or present but not named.
pub(super) fn check(text: &str, files: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let crates = crates_of(files);
    let named = words(text)
        .filter(|word| word.starts_with("anlan-"))
        .map(str::to_owned)
        .collect();
    compare(text, &crates, &named, "crate", &mut findings);
    let rows = rows(text);
    let named = words(&rows)
        .filter_map(|word| word.strip_suffix('/'))
        .map(str::to_owned)
        .collect();
    compare(text, &folders_of(files), &named, "folder", &mut findings);
    findings
}

fn compare(
    text: &str,
    there: &BTreeSet<String>,
    named: &BTreeSet<String>,
    kind: &str,
    findings: &mut Vec<Finding>,
) {
    for name in named.difference(there) {
        let line = text
            .lines()
            .position(|line| line.contains(name.as_str()))
            .map_or(0, |index| index + 1);
        let what = format!("names the {kind} `{name}`, which does not exist");
        findings.push(Finding::new(
            MAP,
            line,
            "docs",
            what,
            "take it out until it exists",
        ));
    }
    for name in there.difference(named) {
        let what = format!("does not name the {kind} `{name}`");
        findings.push(Finding::new(
            MAP,
            0,
            "docs",
            what,
            "add it to the rows with half a line on what it is for",
        ));
    }
}

fn crates_of(files: &[String]) -> BTreeSet<String> {
    let crates = files.iter().filter_map(|path| {
        let rest = path
            .strip_prefix("libs/")
            .or_else(|| path.strip_prefix("crates/"))?;
        rest.strip_suffix("/Cargo.toml")
    });
    crates
        .filter(|name| name.starts_with("anlan-") && !name.contains('/'))
        .map(str::to_owned)
        .collect()
}

fn folders_of(files: &[String]) -> BTreeSet<String> {
    let folders = files
        .iter()
        .filter_map(|path| path.split_once('/'))
        .map(|(folder, _)| folder);
    folders
        .filter(|folder| !folder.starts_with('.'))
        .map(str::to_owned)
        .collect()
}

/// The block of the section "Rows": the only place where folders are listed.
fn rows(text: &str) -> String {
    let section = text.lines().skip_while(|line| line.trim() != "## Rows").skip(1);
    let block = section
        .skip_while(|line| !line.starts_with("```"))
        .skip(1)
        .take_while(|line| !line.starts_with("```"));
    let folders = block.filter(|line| !line.starts_with(' ')).flat_map(|line| {
        line.split_whitespace()
            .take_while(|word| word.ends_with('/'))
            .collect::<Vec<_>>()
    });
    folders.collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(is_word(c) || c == '-' || c == '/'))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let files = [
            "libs/anlan-grid/Cargo.toml",
            "crates/anlan-app/Cargo.toml",
            "ui/a.ts",
            "docs/b.md",
            ".ci/run",
        ];
        let files: Vec<String> = files.iter().map(ToString::to_string).collect();
        let good = "## Rows\n```\nlibs/   sums\n  anlan-grid  cells\ncrates/\n  anlan-app  actions; see out/put\nui/ docs/  more\n```\n";
        assert_eq!(check(good, &files), []);
        let bad = good
            .replace("anlan-app ", "anlan-old ")
            .replace("ui/ docs/", "ui/ data/");
        let found: Vec<String> = check(&bad, &files).into_iter().map(|f| f.what).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("`anlan-old`") && found[1].contains("`anlan-app`"));
    }
}
