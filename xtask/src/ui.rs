//! The Node packages of the repository: installed and built only when something has changed. It leaves the choice of
//! tools to their `package.json`.

use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first npm whose `ci` installs what the lock file says for this platform (Vite 8 is built of native parts).
const NPM_MAJOR: u32 = 11;

/// Whether something was done or was already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// Done now.
    Now,
    /// Nothing had changed.
    Before,
}

/// Installs a package's dependencies exactly as locked.
pub(crate) fn install(repo: &Repo, package: &str, log: &Path) -> Result<Made> {
    let lock = repo.read(&format!("{package}/package-lock.json"))?;
    let manifest = repo.read(&format!("{package}/package.json"))?;
    let stamp = stamp_of(&[lock.as_bytes(), manifest.as_bytes()]);
    let file = repo.path(package).join("node_modules/.anlan-stamp");
    if is_stamped(&file, &stamp) {
        return Ok(Made::Before);
    }
    let mut command = npm(repo, package);
    command.args(["ci", "--no-audit", "--no-fund"]);
    process::log(command, log)?;
    write_stamp(&file, &stamp)?;
    Ok(Made::Now)
}

/// Builds the staff console into `ui/dist`.
pub(crate) fn build(repo: &Repo, log: &Path) -> Result<Made> {
    let mut sources = Vec::new();
    for path in repo.files()?.iter().filter(|path| path.starts_with("ui/")) {
        sources.push(path.clone().into_bytes());
        sources.push(fs::read(repo.path(path)).with_context(|| format!("cannot read {path}"))?);
    }
    let parts: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
    let stamp = stamp_of(&parts);
    // Beside the packages, not in `dist`: what lies there is served.
    let file = repo.path("ui/node_modules/.anlan-built");
    if repo.path("ui/dist/index.html").is_file() && is_stamped(&file, &stamp) {
        return Ok(Made::Before);
    }
    let mut command = npm(repo, "ui");
    command.args(["run", "build"]);
    process::log(command, log)?;
    write_stamp(&file, &stamp)?;
    Ok(Made::Now)
}

/// One of a package's scripts, e.g. `test`.
pub(crate) fn script(repo: &Repo, package: &str, name: &str) -> Command {
    let mut command = npm(repo, package);
    command.args(["run", "--silent", name]);
    command
}

/// Where the built console lies.
pub(crate) fn dist(repo: &Repo) -> PathBuf {
    repo.path("ui/dist")
}

/// An npm that is new enough: the one installed, else one fetched by it.
fn npm(repo: &Repo, package: &str) -> Command {
    let version = process::ask("npm", &["--version"]).unwrap_or_default();
    let major = version
        .split('.')
        .next()
        .and_then(|text| text.parse::<u32>().ok())
        .unwrap_or(0);
    let mut command = if major >= NPM_MAJOR {
        Command::new("npm")
    } else {
        let mut npx = Command::new("npx");
        npx.args(["--yes", &format!("npm@{NPM_MAJOR}")]);
        npx
    };
    command.current_dir(repo.path(package));
    command
}

/// Changes when any part changes. No cryptography: it guards against forgetting, not against people.
fn stamp_of(parts: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    process::ask("node", &["--version"]).hash(&mut hasher);
    format!("{:016x}\n", hasher.finish())
}

fn is_stamped(file: &Path, stamp: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|found| found == stamp)
}

fn write_stamp(file: &Path, stamp: &str) -> Result<()> {
    fs::write(file, stamp).with_context(|| format!("cannot write {}", file.display()))
}
