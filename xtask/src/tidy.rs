//! Holds small order in every file: sizes, first lines, forbidden words, whitespace, and what a lock file may name.
//! It mends nothing. Exceptions stand in `xtask/tidy.toml`, each with its reason.

mod exceptions;
mod rules;

use crate::findings::Finding;
use crate::repo::Repo;
use anyhow::{Context, Result};
use std::fs;

/// Largest file, in bytes.
const BYTES_MAX: usize = 1024 * 1024;

/// Everything in the tree that is out of order and not excepted.
pub(crate) fn check(repo: &Repo) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in repo.files()? {
        let bytes = fs::read(repo.path(&path)).with_context(|| format!("cannot read {path}"))?;
        findings.extend(check_file(&path, &bytes));
    }
    let file = "xtask/tidy.toml";
    exceptions::apply(file, &repo.read(file)?, findings)
}

fn check_file(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if bytes.len() > BYTES_MAX {
        let what = format!("{} KiB; 1024 KiB at most", bytes.len() / 1024);
        findings.push(Finding::new(
            path,
            0,
            "bytes",
            what,
            "make it at build or test time, or shrink it",
        ));
    }
    if let Some(text) = text_of(bytes) {
        findings.extend(rules::check(path, text));
    }
    findings
}

/// The file as text, unless it is binary or in another encoding (then only its size counts).
fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
}
