//! Holds the architecture: who may use whom (`Cargo.toml`), and what must be absent where (sources, names). The rules
//! themselves are data in `table`; changing one is a decision to write down in `docs/adr/`.

mod manifests;
mod names;
mod sources;
mod table;

use crate::findings::Finding;
use crate::repo::Repo;
use anyhow::Result;

/// Everything in the tree that breaks the architecture.
pub(crate) fn check(repo: &Repo) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in repo.files()? {
        let Some((home, name)) = crate_of(&path) else {
            continue;
        };
        if path == format!("{home}/Cargo.toml") {
            findings.extend(manifests::check(&path, &home, &repo.read(&path)?));
        } else if has_ending(&path, "rs") {
            findings.extend(names::check(&path));
            findings.extend(sources::check(&path, &name, &repo.read(&path)?));
        } else if has_ending(&path, "sql") {
            findings.extend(sources::check_sql_file(&path, &name));
        }
    }
    Ok(findings)
}

/// Whether a path has this ending.
pub(crate) fn has_ending(path: &str, ending: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|found| found == ending)
}

/// The folder and the name of the crate a file belongs to.
fn crate_of(path: &str) -> Option<(String, String)> {
    let mut parts = path.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(row @ ("libs" | "crates")), Some(name), Some(_)) => {
            Some((format!("{row}/{name}"), name.to_owned()))
        }
        (Some("python"), Some(_), _) => Some(("python".to_owned(), "anlan-scan-python".to_owned())),
        (Some("xtask"), Some(_), _) => Some(("xtask".to_owned(), "xtask".to_owned())),
        _ => None,
    }
}
