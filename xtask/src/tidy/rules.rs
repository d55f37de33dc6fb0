//! The tidy rules for one text file. Nothing is read from disk here; everything is said with its line.

use crate::findings::Finding;
use crate::layers::has_ending;
use crate::rust_source::{Source, is_word, words_at};

const LINES_MAX: usize = 500;
const COMPONENT_LINES_MAX: usize = 250;

/// Words that mean "not finished"; an issue says it better. Joined here so that this file does not contain them.
const UNFINISHED: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("HA", "CK"),
];

/// Beginnings of paths that exist on one machine only, joined for the same reason.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("C:", "\\"),
    concat!("/var/", "folders/"),
];

/// The line every crate of the public registry has in `Cargo.lock`.
const CRATES_INDEX: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// What is out of order in one text file.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let is_lock = path.ends_with("Cargo.lock") || path.ends_with("package-lock.json");
    let mut findings = Vec::new();
    findings.extend(sizes(path, text));
    findings.extend(first_line(path, text));
    for (index, line) in text.split('\n').enumerate() {
        findings.extend(whitespace(path, index + 1, line));
        findings.extend(hosts(path, index + 1, line));
        if !is_lock {
            findings.extend(words(path, index + 1, line));
            findings.extend(machine_paths(path, index + 1, line));
        }
    }
    findings
}

fn sizes(path: &str, text: &str) -> Option<Finding> {
    let lines = text.lines().count();
    let (count, most) = if has_ending(path, "rs") {
        (Source::of(text).program_lines().count(), LINES_MAX)
    } else if has_ending(path, "svelte") {
        (lines, COMPONENT_LINES_MAX)
    } else if ["ts", "js", "mjs", "css", "sql", "html"]
        .iter()
        .any(|ending| has_ending(path, ending))
    {
        (lines, LINES_MAX)
    } else {
        return None;
    };
    let instead = "split it by noun or by step; an exception needs a reason in xtask/tidy.toml";
    (count > most).then(|| {
        Finding::new(
            path,
            0,
            "lines",
            format!("{count} lines; {most} at most"),
            instead,
        )
    })
}

fn first_line(path: &str, text: &str) -> Option<Finding> {
    let first = text.lines().next().unwrap_or_default();
    let is_said = first
        .strip_prefix("//!")
        .is_some_and(|rest| rest.trim().len() >= 10);
    let instead = "begin with `//!`: what this file is and what it must not do";
    (has_ending(path, "rs") && !is_said)
        .then(|| Finding::new(path, 1, "first-line", "says nothing about the file", instead))
}

fn whitespace(path: &str, number: usize, line: &str) -> Option<Finding> {
    if line.ends_with('\r') {
        return Some(Finding::new(
            path,
            number,
            "line-ends",
            "CR LF",
            "save with LF only",
        ));
    }
    let has_trailing = line.ends_with(' ') || line.ends_with('\t');
    has_trailing.then(|| {
        Finding::new(
            path,
            number,
            "whitespace",
            "blanks at the end of the line",
            "remove them",
        )
    })
}

fn words(path: &str, number: usize, line: &str) -> Option<Finding> {
    let word = UNFINISHED.iter().find(|word| !words_at(line, word).is_empty())?;
    Some(Finding::new(
        path,
        number,
        "unfinished",
        format!("`{word}`"),
        "finish it, or file an issue and take the note out",
    ))
}

fn machine_paths(path: &str, number: usize, line: &str) -> Option<Finding> {
    let start = MACHINE_PATHS.iter().find(|start| {
        line.match_indices(**start).any(|(at, _)| {
            let (left, right) = line.split_at(at);
            let is_longer = left
                .chars()
                .last()
                .is_some_and(|c| is_word(c) || ".:/-*}~".contains(c));
            let goes_on = right
                .strip_prefix(**start)
                .and_then(|rest| rest.chars().next())
                .is_some_and(is_word);
            !is_longer && goes_on
        })
    })?;
    let what = format!("a path of one machine (`{start}…`)");
    Some(Finding::new(
        path,
        number,
        "machine-path",
        what,
        "say it relative to the repository, or take it as an option",
    ))
}

/// A lock or configuration file that names a mirror would work on one network only.
fn hosts(path: &str, number: usize, line: &str) -> Option<Finding> {
    let line = line.trim();
    let is_foreign = match path.rsplit('/').next().unwrap_or(path) {
        "Cargo.lock" => line.starts_with("source = ") && line != CRATES_INDEX,
        "package-lock.json" => line.starts_with("\"resolved\"") && line.contains("://"),
        ".npmrc" => line.contains("registry=") || line.contains("registry ="),
        "config.toml" if path.contains(".cargo/") => {
            line.starts_with("[source") || line.starts_with("[registr")
        }
        _ => false,
    };
    let instead = "take registries from the user's own configuration; lock with the public index, npm with omit-lockfile-registry-resolved";
    is_foreign.then(|| Finding::new(path, number, "hosts", "names a registry or mirror", instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        check(path, text).iter().map(|finding| finding.rule).collect()
    }

    const HEAD: &str = "//! A file about something.\n";

    #[test]
    fn what_is_out_of_order_is_refused() {
        let unfinished = format!("a\n# {}: later", UNFINISHED[0]);
        let machine = format!("see `{}someone/x`", MACHINE_PATHS[0]);
        for (path, text, rule) in [
            ("a.rs", "fn a() {}\n", "first-line"),
            ("a.rs", "//! Hm\n", "first-line"),
            ("a.md", "a \nb", "whitespace"),
            ("a.md", "a\r\nb", "line-ends"),
            ("a.toml", unfinished.as_str(), "unfinished"),
            ("a.md", machine.as_str(), "machine-path"),
            ("a.svelte", &"<p>a</p>\n".repeat(251), "lines"),
            ("a.rs", &format!("{HEAD}{}", "fn a() {}\n".repeat(500)), "lines"),
            ("Cargo.lock", "source = \"git+https://example.org/a\"", "hosts"),
            (
                "ui/package-lock.json",
                "      \"resolved\": \"https://example.org/a.tgz\",",
                "hosts",
            ),
            ("ui/.npmrc", "registry=https://example.org/", "hosts"),
            (".cargo/config.toml", "[source.mirror]", "hosts"),
        ] {
            assert_eq!(rules(path, text), [rule], "{path}: {text:.40}");
        }
    }

    #[test]
    fn what_is_in_order_passes() {
        let tests = format!(
            "{HEAD}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn a() {}\n".repeat(600)
        );
        for (path, text) in [
            ("a.rs", tests.as_str()),
            ("a.rs", HEAD),
            ("a.svelte", "<p>a</p>\n"),
            ("Cargo.lock", CRATES_INDEX),
            (
                "ui/package-lock.json",
                "\"funding\": { \"url\": \"https://example.org/a\" }",
            ),
            ("a.md", "https://example.org/home/a and crates/work/b"),
        ] {
            assert_eq!(rules(path, text), Vec::<&str>::new(), "{path}");
        }
    }
}
