//! Checks one crate's `Cargo.toml` against the table: its place, its dependencies, its lints.

use super::table::{ABSENCES, Absence, ROWS, Row};
use crate::findings::Finding;
use toml::{Table, Value};

const RULE: &str = "layers";

/// What is wrong with the manifest at `path` of the crate in folder `home`.
pub(super) fn check(path: &str, home: &str, text: &str) -> Vec<Finding> {
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![Finding::new(
                path,
                0,
                RULE,
                format!("does not parse: {error}"),
                "mend the TOML",
            )];
        }
    };
    let name = manifest
        .get("package")
        .and_then(|p| p.get("name"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(row) = ROWS.iter().find(|row| row.name == name) else {
        let what = format!("crate `{name}` is not in the architecture's table");
        let instead = "put the code into the row it belongs to; a new row needs an ADR and a line in xtask/src/layers/table.rs";
        return vec![Finding::new(path, line_of(text, "name"), RULE, what, instead)];
    };
    let mut findings = misplaced(path, home, row);
    for dependency in dependencies(&manifest) {
        findings.extend(check_one(path, text, row, &dependency));
    }
    if row.is_alone {
        findings.extend(not_alone(path, &manifest));
    } else {
        findings.extend(without_lints(path, &manifest));
    }
    findings
}

fn misplaced(path: &str, home: &str, row: &Row) -> Vec<Finding> {
    let wanted = if row.is_alone {
        row.home.to_owned()
    } else if row.home.is_empty() {
        row.name.to_owned()
    } else {
        format!("{}/{}", row.home, row.name)
    };
    if wanted == home {
        return Vec::new();
    }
    vec![Finding::new(
        path,
        0,
        RULE,
        format!("crate `{}` lies in {home}", row.name),
        format!("move it to {wanted}"),
    )]
}

fn without_lints(path: &str, manifest: &Table) -> Option<Finding> {
    let inherits = manifest
        .get("lints")
        .and_then(|l| l.get("workspace"))
        .and_then(Value::as_bool);
    (inherits != Some(true)).then(|| {
        Finding::new(
            path,
            0,
            RULE,
            "does not inherit the workspace's lints",
            "add `[lints]` with `workspace = true`",
        )
    })
}

/// A crate outside the workspace says so, and has the lints that matter most itself.
fn not_alone(path: &str, manifest: &Table) -> Option<Finding> {
    let lints = manifest.get("lints");
    let forbids = lints
        .and_then(|lints| lints.get("rust")?.get("unsafe_code")?.as_str())
        .is_some_and(|level| level == "forbid");
    let has_clippy = lints.is_some_and(|lints| lints.get("clippy").is_some());
    let is_good = manifest.contains_key("workspace") && forbids && has_clippy;
    (!is_good).then(|| {
        Finding::new(
            path,
            0,
            RULE,
            "is no workspace with strict lints of its own",
            "add `[workspace]`, `unsafe_code = \"forbid\"` and the workspace's clippy lints",
        )
    })
}

fn check_one(path: &str, text: &str, row: &Row, dependency: &Dependency) -> Option<Finding> {
    // To build what it is given, a test may reach further down, never up or sideways.
    if dependency.is_for_tests && is_below(row, &dependency.name) {
        return None;
    }
    let dependency = dependency.name.as_str();
    let line = line_of(text, dependency);
    let is_ours = dependency == "anlan" || dependency == "xtask" || dependency.starts_with("anlan-");
    if is_ours && dependency != row.name && !row.may_use.contains(&dependency) {
        let may = if row.may_use.is_empty() {
            "nothing of ours".to_owned()
        } else {
            row.may_use.join(", ")
        };
        let what = format!("`{}` uses `{dependency}`; it may use {may}", row.name);
        let instead = "move the code to a row that may, or pass in what it needs";
        return Some(Finding::new(path, line, RULE, what, instead));
    }
    let absence = ABSENCES
        .iter()
        .find(|absence| absence.covers(dependency) && !absence.only_in.contains(&row.name))?;
    let what = format!(
        "`{}` uses `{dependency}`: {} only in {}",
        row.name,
        absence.what,
        absence.only_in.join(", ")
    );
    Some(Finding::new(path, line, RULE, what, absence.instead))
}

impl Absence {
    /// Whether a package is of this kind.
    pub(super) fn covers(&self, package: &str) -> bool {
        self.packages
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => package.starts_with(start),
                None => package == *pattern,
            })
    }
}

/// Whether a crate is used, directly or through others, by those the row may use.
fn is_below(row: &Row, name: &str) -> bool {
    row.may_use.iter().any(|used| {
        *used == name
            || ROWS
                .iter()
                .any(|below| below.name == *used && is_below(below, name))
    })
}

/// A package a manifest depends on.
struct Dependency {
    name: String,
    is_for_tests: bool,
}

/// Every package a manifest depends on, also for tests and builds.
fn dependencies(manifest: &Table) -> Vec<Dependency> {
    let mut found = Vec::new();
    collect(manifest, &mut found);
    for (_, target) in manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
    {
        if let Some(table) = target.as_table() {
            collect(table, &mut found);
        }
    }
    found
}

fn collect(table: &Table, found: &mut Vec<Dependency>) {
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (key, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
            let package = value.get("package").and_then(Value::as_str).unwrap_or(key);
            found.push(Dependency {
                name: package.to_owned(),
                is_for_tests: section == "dev-dependencies",
            });
        }
    }
}

/// Line of the key, from 1; 0 if it is not written as a key of its own.
fn line_of(text: &str, key: &str) -> usize {
    let is_key = |line: &str| {
        let rest = line.trim_start().trim_start_matches('"').strip_prefix(key);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || "=.\"".contains(c)))
    };
    text.lines().position(is_key).map_or(0, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(home: &str, name: &str, rest: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}");
        check(&format!("{home}/Cargo.toml"), home, &text)
            .iter()
            .map(|f| format!("{}: {}", f.line, f.what))
            .collect()
    }

    #[test]
    fn allowed_uses_pass() {
        let web = "[dependencies]\nanlan-app = { workspace = true }\naxum = \"0.8\"\n";
        assert_eq!(found("crates/anlan-web", "anlan-web", web), Vec::<String>::new());
        let store = "[dependencies]\nanlan-model.workspace = true\nrusqlite = \"1\"\n";
        assert_eq!(
            found("crates/anlan-store", "anlan-store", store),
            Vec::<String>::new()
        );
    }

    #[test]
    fn forbidden_uses_are_refused_with_their_line() {
        for (home, name, rest, want) in [
            (
                "crates/anlan-model",
                "anlan-model",
                "[dependencies]\nanlan-store = \"0\"",
                "6: `anlan-model` uses `anlan-store`; it may use anlan-grid",
            ),
            (
                "libs/anlan-grid",
                "anlan-grid",
                "[dev-dependencies]\nanlan-model = \"0\"",
                "6: `anlan-grid` uses `anlan-model`; it may use nothing of ours",
            ),
            (
                "crates/anlan",
                "anlan",
                "[dependencies]\nanlan-warehouse = \"0\"",
                "6: `anlan` uses `anlan-warehouse`",
            ),
            (
                "crates/anlan-app",
                "anlan-app",
                "[dependencies]\naxum = \"0\"",
                "6: `anlan-app` uses `axum`: HTTP only in anlan-web",
            ),
            (
                "crates/anlan-app",
                "anlan-app",
                "[build-dependencies]\nrusqlite = \"0\"",
                "6: `anlan-app` uses `rusqlite`",
            ),
            (
                "crates/anlan-web",
                "anlan-web",
                "[target.'cfg(unix)'.dependencies]\narrow-flight = \"0\"",
                "6: `anlan-web` uses `arrow-flight`",
            ),
            (
                "crates/anlan",
                "anlan",
                "[dependencies]\nsheets = { package = \"calamine\", version = \"0\" }",
                "0: `anlan` uses `calamine`: foreign formats",
            ),
            (
                "crates/anlan-common",
                "anlan-common",
                "",
                "2: crate `anlan-common` is not in the architecture's table",
            ),
            (
                "libs/anlan-model",
                "anlan-model",
                "",
                "0: crate `anlan-model` lies in libs/anlan-model",
            ),
        ] {
            let found = found(home, name, rest);
            assert_eq!(found.len(), 1, "{name}: {found:?}");
            assert!(found[0].starts_with(want), "{found:?} should begin with {want}");
        }
    }

    #[test]
    fn tests_may_reach_further_down_only() {
        let (home, name) = ("crates/anlan-web", "anlan-web");
        assert_eq!(
            found(home, name, "[dev-dependencies]\nanlan-store = \"0\""),
            Vec::<String>::new()
        );
        assert_eq!(
            found(home, name, "[dev-dependencies]\nanlan-exchange = \"0\"").len(),
            1
        );
        assert_eq!(found(home, name, "[dependencies]\nanlan-store = \"0\"").len(), 1);
    }

    #[test]
    fn lints_must_be_inherited() {
        let findings = check("xtask/Cargo.toml", "xtask", "[package]\nname = \"xtask\"\n");
        assert!(findings[0].what.contains("lints"));
    }

    #[test]
    fn a_crate_outside_the_workspace_has_lints_of_its_own() {
        let head = "[package]\nname = \"anlan-scan-python\"\n";
        let lints =
            "[workspace]\n[lints.rust]\nunsafe_code = \"forbid\"\n[lints.clippy]\npedantic = \"deny\"\n";
        let count = |rest: &str| check("python/Cargo.toml", "python", &format!("{head}{rest}")).len();
        assert_eq!(count(lints), 0);
        assert_eq!(count(&lints.replace("forbid", "allow")), 1);
        let uses = format!("{lints}[dependencies]\nanlan-store = \"0\"\n");
        assert_eq!(count(&uses), 1);
    }
}
