//! Checks one Rust source for what must be absent in its crate: the environment, `spawn`, SQL, another row's engine.
//! Test code may read the environment and start processes; nothing else is excepted.

use super::table::{ABSENCES, PROGRAM};
use crate::findings::Finding;
use crate::rust_source::{Source, words_at};

const RULE: &str = "layers";

/// How SQL text begins; written so, with spaces, as statements and not as prose.
const SQL_STARTS: [&str; 11] = [
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "CREATE UNIQUE ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "PRAGMA ",
];

/// What is wrong with a source of the crate `name`.
pub(super) fn check(path: &str, name: &str, text: &str) -> Vec<Finding> {
    if name == "xtask" {
        return Vec::new();
    }
    let source = Source::of(text);
    let mut findings = Vec::new();
    for (number, line) in source.program_lines() {
        findings.extend(leaked_engine(path, name, number, line));
        if name != PROGRAM && !is_test_file(path) {
            findings.extend(reads_environment(path, number, line));
            findings.extend(starts_work(path, name, number, line));
        }
    }
    findings.extend(sql_strings(path, name, &source));
    findings
}

/// The finding for a file of SQL outside the rows that have some.
pub(super) fn check_sql_file(path: &str, name: &str) -> Option<Finding> {
    let has_sql = ["anlan-store", "anlan-warehouse"].contains(&name);
    (!has_sql).then(|| {
        Finding::new(
            path,
            0,
            RULE,
            format!("SQL in `{name}`"),
            "keep operational SQL in anlan-store",
        )
    })
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || ["/tests/", "/benches/", "/examples/"]
            .iter()
            .any(|part| path.contains(part))
}

fn leaked_engine(path: &str, name: &str, number: usize, line: &str) -> Vec<Finding> {
    let roots = line.match_indices("::").filter_map(|(at, _)| {
        let (left, _) = line.split_at(at);
        let root = left.rsplit(|c| !crate::rust_source::is_word(c)).next()?;
        let before = left.strip_suffix(root)?;
        let is_own_module = ["crate::", "self::", "super::"]
            .iter()
            .any(|start| before.ends_with(start));
        (!is_own_module).then(|| root.replace('_', "-"))
    });
    let mut findings = Vec::new();
    for root in roots.filter(|root| !root.is_empty() && root != "http" && root != "csv" && root != "tower") {
        let leak = ABSENCES
            .iter()
            .find(|absence| absence.covers(&root) && !absence.only_in.contains(&name));
        if let Some(absence) = leak {
            let what = format!(
                "`{root}` reached from `{name}`: {} only in {}",
                absence.what,
                absence.only_in.join(", ")
            );
            findings.push(Finding::new(path, number, RULE, what, absence.instead));
        }
    }
    findings
}

fn reads_environment(path: &str, number: usize, line: &str) -> Option<Finding> {
    let is_named = !words_at(line, "std::env").is_empty();
    let is_grouped = line.contains("std::{") && !words_at(line, "env").is_empty();
    (is_named || is_grouped).then(|| {
        let instead = "take the value as an argument; crates/anlan reads the environment and passes it in";
        Finding::new(
            path,
            number,
            RULE,
            "reads the environment outside the program",
            instead,
        )
    })
}

fn starts_work(path: &str, name: &str, number: usize, line: &str) -> Option<Finding> {
    let calls = |word: &str| {
        words_at(line, word)
            .iter()
            .any(|at| line.split_at(at + word.len()).1.starts_with('('))
    };
    // A connection is a task of the runtime that the program hands to the web; threads and processes stay the program's.
    // Python's process is nobody's program but the caller's: its module shares replications among scoped threads.
    let is_task = (name == "anlan-web" && line.contains("tokio::spawn("))
        || (name == "anlan-scan-python" && line.contains("scope.spawn("));
    let threads = ["spawn", "spawn_local", "spawn_scoped"]
        .into_iter()
        .find(|word| calls(word) && !is_task);
    let blocking = (calls("spawn_blocking") && name != "anlan-web").then_some("spawn_blocking");
    let process = (!words_at(line, "process::Command").is_empty()).then_some("process::Command");
    let word = threads.or(blocking).or(process)?;
    let what = format!("`{word}` outside the program");
    let instead = "offer a function that does the work; crates/anlan starts threads, tasks and processes \
                   (anlan-web may call tokio::spawn and tokio::task::spawn_blocking)";
    Some(Finding::new(path, number, RULE, what, instead))
}

fn sql_strings(path: &str, name: &str, source: &Source) -> Vec<Finding> {
    if ["anlan-store", "anlan-warehouse"].contains(&name) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (line, literal) in &source.strings {
        let text = literal.trim_start_matches(|c: char| c.is_whitespace() || "brc#\"\\".contains(c));
        if SQL_STARTS.iter().any(|start| text.starts_with(start)) && !source.is_test_line(*line) {
            let what = format!("SQL text in `{name}`");
            findings.push(Finding::new(
                path,
                *line,
                RULE,
                what,
                "add a function for the noun to anlan-store and call that",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, text: &str) -> Vec<usize> {
        check(&format!("crates/{name}/src/a.rs"), name, text)
            .iter()
            .map(|f| f.line)
            .collect()
    }

    #[test]
    fn what_must_be_absent_is_refused() {
        for (name, text, want) in [
            ("anlan-app", "fn a() {\n  std::env::var(\"A\");\n}", vec![2]),
            ("anlan-app", "use std::{env, fs};", vec![1]),
            ("anlan-store", "std::thread::spawn(run);", vec![1]),
            ("anlan-web", "std::thread::spawn(run);", vec![1]),
            ("anlan-intake", "tokio::task::spawn_blocking(run);", vec![1]),
            ("anlan-app", "std::process::Command::new(\"ls\");", vec![1]),
            ("anlan-app", "tx.query(\"SELECT 1\");", vec![1]),
            ("anlan-web", "let q = r#\"\n  UPDATE cases SET a\"#;", vec![1]),
            ("anlan-app", "use rusqlite::Row;", vec![1]),
            ("anlan-app", "use axum::http::StatusCode;", vec![1]),
            (
                "anlan",
                "let s: anlan_store::rusqlite::Row;\nuse anlan_store::rusqlite::Row;",
                vec![1, 2],
            ),
            (
                "anlan-store",
                "use crate::arrows::head; use arrow::array;",
                vec![1],
            ),
        ] {
            assert_eq!(lines(name, text), want, "{name}: {text}");
        }
    }

    #[test]
    fn what_is_allowed_passes() {
        for (name, text) in [
            ("anlan", "std::thread::spawn(run); std::env::var(\"A\");"),
            ("anlan-web", "tokio::task::spawn_blocking(run); use axum::Router;"),
            ("anlan-web", "tokio::spawn(connection);"),
            ("anlan-scan-python", "scope.spawn(move || bench.group(1, 2));"),
            ("anlan-store", "tx.query(\"SELECT 1\"); use rusqlite::Row;"),
            (
                "anlan-app",
                "// std::env and spawn( in words\nlet respawn = \"std::env spawn( SELECT\";",
            ),
            (
                "anlan-app",
                "#[cfg(test)]\nmod tests {\n  fn a() { std::env::var(\"A\"); std::thread::spawn(b); }\n}",
            ),
            ("anlan-model", "let environment = env!(\"CARGO_PKG_VERSION\");"),
        ] {
            assert_eq!(lines(name, text), Vec::<usize>::new(), "{name}: {text}");
        }
        assert_eq!(
            check(
                "crates/anlan-app/tests/a.rs",
                "anlan-app",
                "std::env::var(\"A\");"
            ),
            []
        );
    }

    #[test]
    fn sql_files_live_in_the_store() {
        assert_eq!(
            check_sql_file("crates/anlan-store/migrations/0001_a.sql", "anlan-store"),
            None
        );
        assert!(check_sql_file("crates/anlan-app/a.sql", "anlan-app").is_some());
    }
}
