//! The Python wheel: checked, built, installed and tested, in Python environments of its own under `.anlan/`. It leaves
//! the machine's own Python alone, and where there is none it says so.

use crate::repo::Repo;
use crate::{doctor, outside, process};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = "python/Cargo.toml";

/// Builds the wheel, installs it where nothing else of ours is, and runs its tests: whether they passed, and what they
/// printed. `None` where there is no Python to do it with.
pub(crate) fn test(repo: &Repo) -> Result<Option<(bool, String)>> {
    let Some(version) = doctor::python_with_venv() else {
        return Ok(None);
    };
    let target = process::target_folder(&repo.root)?.join("wheel");
    let cargo = |arguments: &[&str]| {
        let mut command = process::cargo(&repo.root, arguments);
        command.env("CARGO_TARGET_DIR", &target);
        process::show(command)
    };
    cargo(&["fmt", "--manifest-path", MANIFEST, "--check"])?;
    let lints = ["clippy", "--locked", "--release", "--manifest-path", MANIFEST];
    cargo(&[lints.as_slice(), &["--", "--deny", "warnings"]].concat())?;
    let wheel = build(repo, &target, &version)?;
    let python = environment(repo, "test", &version)?.join("python");
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--force-reinstall",
        "--no-deps",
    ]);
    install.arg(&wheel);
    process::log(install, &repo.path(".anlan/log/wheel-install.log"))?;
    let mut tests = Command::new(&python);
    tests.args(["-m", "unittest", "discover", "--start-directory"]);
    tests.arg(repo.path("python/tests")).current_dir(home(repo));
    tests.env("PYTHONDONTWRITEBYTECODE", "1");
    process::listen(tests).map(Some)
}

fn home(repo: &Repo) -> PathBuf {
    repo.path(".anlan/wheel")
}

/// The one wheel, built anew.
fn build(repo: &Repo, target: &Path, version: &str) -> Result<PathBuf> {
    let programs = environment(repo, "build", version)?;
    let made = home(repo).join("made");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    let mut maturin = Command::new(programs.join("maturin"));
    outside::forget_own_package(&mut maturin);
    maturin.args([
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        MANIFEST,
        "--out",
    ]);
    maturin
        .arg(&made)
        .arg("--interpreter")
        .arg(programs.join("python"));
    maturin.env("CARGO_TARGET_DIR", target).current_dir(&repo.root);
    process::log(maturin, &repo.path(".anlan/log/wheel-build.log"))?;
    let entry = fs::read_dir(&made)?.next().context("maturin made no wheel")?;
    Ok(entry?.path())
}

/// A Python environment with what `python/requirements-NAME.txt` asks for; made anew when that changes. Its programs' folder.
pub(crate) fn environment(repo: &Repo, name: &str, version: &str) -> Result<PathBuf> {
    let file = format!("python/requirements-{name}.txt");
    let wanted = format!("{version}\n{}", repo.read(&file)?);
    let folder = home(repo).join(name);
    let programs = folder.join("bin");
    let stamp = folder.join("made-from");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(programs);
    }
    println!("making the Python environment `{name}` once");
    let log = repo.path(&format!(".anlan/log/wheel-{name}-environment.log"));
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&folder);
    process::log(make, &log)?;
    let mut install = Command::new(programs.join("python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ]);
    install.arg(repo.path(&file));
    process::log(install, &log)?;
    fs::write(&stamp, wanted)?;
    Ok(programs)
}
