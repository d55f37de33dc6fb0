//! A program from one of Debian's packages that the machine's own Debian may be too old for: fetched from where the machine
//! gets its packages, checked, and unpacked under `.anlan/` beside the system. Without apt, or without a network, it is
//! not there, and what needs it says so.

use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const HELPER: &str = "/usr/lib/apt/apt-helper";

/// A package of Debian 13.
struct Package {
    /// Below the mirror's root, without what tells architectures apart.
    path: &'static str,
    /// SHA-256 for each architecture.
    digests: &'static [(&'static str, &'static str)],
}

/// What has `sigsum-witness`.
const SIGSUM: Package = Package {
    path: "pool/main/s/sigsum-go/sigsum-go_0.11.2-1+b3",
    digests: &[
        (
            "amd64",
            "892d2730451725b23bab0d4dd58ab798f12c041fc00281480e2810c13a748ae9",
        ),
        (
            "arm64",
            "15af8a2314c9148670a7e658a8fe7c305ffc80d98bf7fd09d6d565ef8796c489",
        ),
    ],
};

/// The folder of a witness that is not ours; `None` if it is installed already, or not to be had.
pub(crate) fn witness(repo: &Repo) -> Option<PathBuf> {
    if process::ask("sigsum-witness", &["--version"]).is_some() {
        return None;
    }
    let home = repo.path(".anlan/witness");
    let programs = home.join("usr/bin");
    if programs.join("sigsum-witness").is_file() {
        return Some(programs);
    }
    match unpack(&SIGSUM, &home) {
        Ok(()) => Some(programs),
        Err(error) => {
            eprintln!("going on without a witness that is not ours: {error:#}");
            None
        }
    }
}

fn unpack(package: &Package, home: &Path) -> Result<()> {
    let architecture = process::ask("dpkg", &["--print-architecture"]).context("this machine has no dpkg")?;
    let digest = package.digests.iter().find(|(of, _)| *of == architecture);
    let (_, digest) = digest.with_context(|| format!("no package for {architecture} is known here"))?;
    let sites = ["indextargets", "--format", "$(SITE)", "Created-By: Packages"];
    let sites = process::ask("apt-get", &sites).context("apt names no place of packages")?;
    let site = sites.lines().next().context("apt names no place of packages")?;
    fs::create_dir_all(home)?;
    let file = home.join("package.deb");
    let mut fetch = Command::new(HELPER);
    fetch.arg("download-file");
    fetch.arg(format!("{site}/{}_{architecture}.deb", package.path));
    fetch.arg(&file).arg(format!("SHA256:{digest}"));
    let log = home.join("log");
    process::log(fetch, &log)?;
    let mut open = Command::new("dpkg");
    open.arg("--extract").arg(&file).arg(home);
    process::log(open, &log)?;
    ensure!(
        home.join("usr/bin/sigsum-witness").is_file(),
        "the package is another than it was"
    );
    Ok(())
}
