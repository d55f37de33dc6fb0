//! The steps of `cargo xtask test`, as a table. Order is by what is quick to fail and by what a step needs.

use super::Options;
use super::tally::Tally;
use crate::repo::Repo;
use crate::{
    contracts, docs, doctor, findings, fuzz_api, layers, outside, process, tidy, ui, verifier, wheel,
};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Cases of the short walk through the API: a minute or two.
const FUZZ_CASES: u32 = 1500;

/// One step.
pub(super) struct Step {
    pub(super) name: &'static str,
    /// Steps without which it makes no sense.
    pub(super) needs: &'static [&'static str],
    pub(super) run: fn(&Repo, &Options) -> Result<Report>,
}

/// What a step says of itself.
pub(super) struct Report {
    pub(super) is_good: bool,
    pub(super) tally: Tally,
}

const fn step(
    name: &'static str,
    needs: &'static [&'static str],
    run: fn(&Repo, &Options) -> Result<Report>,
) -> Step {
    Step { name, needs, run }
}

/// Every step.
pub(super) const STEPS: &[Step] = &[
    step("tools", &[], |_, _| tools()),
    step("layers", &[], |repo, _| {
        Ok(checked("layers", &layers::check(repo)?))
    }),
    step("tidy", &[], |repo, _| Ok(checked("tidy", &tidy::check(repo)?))),
    step("docs", &[], |repo, _| Ok(checked("docs", &docs::check(repo)?))),
    step("format", &[], |repo, _| cargo(repo, &["fmt", "--all", "--check"])),
    step("ui packages", &["tools"], |repo, _| packages(repo, "ui")),
    step("ui check", &["ui packages"], |repo, _| {
        listen(ui::script(repo, "ui", "check"))
    }),
    step("ui tests", &["ui packages"], |repo, _| {
        listen(ui::script(repo, "ui", "test"))
    }),
    step("ui build", &["ui packages"], |repo, _| build_ui(repo)),
    step("clippy", &["tools"], |repo, _| {
        cargo(
            repo,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ],
        )
    }),
    step("tests", &["tools"], tests),
    step("doc tests", &["tools"], |repo, _| {
        cargo(repo, &["test", "--workspace", "--doc"])
    }),
    step("wheel", &["tools"], |repo, _| test_wheel(repo)),
    step("program", &["tools"], |repo, _| {
        cargo(repo, &["build", "--package", "anlan"])
    }),
    step("verifier", &["program"], |repo, _| test_verifier(repo)),
    step("contracts", &["program", "ui packages"], |repo, _| {
        let code = contracts::run(repo, &contracts::Options { check: true })?;
        Ok(plain(code == ExitCode::SUCCESS))
    }),
    step("api fuzz", &["program"], |repo, _| fuzz(repo)),
    step("e2e packages", &["tools"], |repo, _| packages(repo, "e2e")),
    step("e2e check", &["e2e packages"], |repo, _| {
        listen(ui::script(repo, "e2e", "check"))
    }),
    step("e2e", &["program", "ui build", "e2e packages"], e2e),
];

fn plain(is_good: bool) -> Report {
    Report {
        is_good,
        tally: Tally::default(),
    }
}

fn checked(name: &str, found: &[findings::Finding]) -> Report {
    plain(findings::report(name, found) == ExitCode::SUCCESS)
}

/// Runs a command with its output shown, and reads the counts off it.
fn listen(command: Command) -> Result<Report> {
    let (is_good, output) = process::listen(command)?;
    Ok(Report {
        is_good,
        tally: Tally::read(&output),
    })
}

fn cargo(repo: &Repo, args: &[&str]) -> Result<Report> {
    listen(process::cargo(&repo.root, args))
}

fn tools() -> Result<Report> {
    println!("{}", doctor::check(true)?.join("\n"));
    Ok(plain(true))
}

fn packages(repo: &Repo, package: &str) -> Result<Report> {
    let made = ui::install(
        repo,
        package,
        &repo.path(&format!(".anlan/log/npm-ci-{package}.log")),
    )?;
    println!(
        "{}",
        if made == ui::Made::Now {
            "installed"
        } else {
            "unchanged"
        }
    );
    Ok(plain(true))
}

fn build_ui(repo: &Repo) -> Result<Report> {
    let made = ui::build(repo, &repo.path(".anlan/log/vite.log"))?;
    println!(
        "{}",
        if made == ui::Made::Now {
            "built"
        } else {
            "unchanged"
        }
    );
    Ok(plain(true))
}

/// Runs the workspace's tests with nextest, which is built once if it is missing; where that cannot be, with cargo.
fn tests(repo: &Repo, options: &Options) -> Result<Report> {
    let mut command = if has_nextest(repo) {
        let mut command = process::cargo(&repo.root, &["nextest", "run", "--workspace", "--no-fail-fast"]);
        if options.long {
            // Measurements are ignored as well, but mean nothing without optimisation: `cargo xtask bench` is for them.
            command.args(["--run-ignored", "all", "--filterset", "not binary(speed)"]);
        }
        command
    } else {
        println!("cargo-nextest is not to be had here; going on with `cargo test`");
        let targets = [
            "test",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
        ];
        let mut command = process::cargo(&repo.root, &targets);
        if options.long {
            command.args(["--", "--include-ignored"]);
        }
        command
    };
    // Snapshots are compared, never accepted, whoever runs this.
    command.env("INSTA_UPDATE", "no");
    listen(command)
}

/// A short walk through the API with made-up requests; no Python, no walk.
fn fuzz(repo: &Repo) -> Result<Report> {
    let options = fuzz_api::Options {
        cases: FUZZ_CASES,
        examples: 25,
        account: Some("duty".to_owned()),
        seed: 1,
    };
    let walked = fuzz_api::walk(repo, &options)?;
    if walked.is_none() {
        println!(
            "skipped: there is no Python 3.9 or newer with `venv` here (Debian's package `python3-venv`)"
        );
    }
    let tally = Tally {
        skipped: u32::from(walked.is_none()),
        ..Tally::default()
    };
    Ok(Report {
        is_good: walked.unwrap_or(true),
        tally,
    })
}

/// The Python wheel; no Python, no test of it.
fn test_wheel(repo: &Repo) -> Result<Report> {
    Ok(python(wheel::test(repo)?))
}

/// The residents' verifier; no Python, no test of it.
fn test_verifier(repo: &Repo) -> Result<Report> {
    Ok(python(verifier::test(repo, &program(repo)?)?))
}

/// The program as the step before has built it.
fn program(repo: &Repo) -> Result<PathBuf> {
    let program = process::target_folder(&repo.root)?.join("debug/anlan");
    if !program.is_file() {
        bail!("{} is not there although it was built", program.display());
    }
    Ok(program)
}

fn python(tested: Option<(bool, String)>) -> Report {
    let Some((is_good, output)) = tested else {
        println!(
            "skipped: there is no Python 3.9 or newer with `venv` here (Debian's package `python3-venv`)"
        );
        let tally = Tally {
            skipped: 1,
            ..Tally::default()
        };
        return Report { is_good: true, tally };
    };
    Report {
        is_good,
        tally: Tally::read_unittest(&output),
    }
}

fn has_nextest(repo: &Repo) -> bool {
    let is_there = || {
        let answer = process::cargo(&repo.root, &["nextest", "--version"]).output();
        answer.is_ok_and(|output| output.status.success())
    };
    if is_there() {
        return true;
    }
    println!("building cargo-nextest once (some minutes)");
    let install = process::cargo(&repo.root, &["install", "cargo-nextest", "--locked"]);
    process::show(install).is_ok() && is_there()
}

/// The stories in the browser, against the program as built.
fn e2e(repo: &Repo, options: &Options) -> Result<Report> {
    let program = program(repo)?;
    let mut command = ui::script(repo, "e2e", "test");
    command.env("ANLAN_BIN", program);
    if let Some(browser) = outside::variable("ANLAN_CHROMIUM").or_else(doctor::browser) {
        command.env("ANLAN_CHROMIUM", browser);
    }
    if options.long {
        command.env("ANLAN_LONG", "1");
    }
    listen(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_is_an_earlier_step() {
        for (index, step) in STEPS.iter().enumerate() {
            let earlier: Vec<&str> = STEPS[..index].iter().map(|step| step.name).collect();
            assert!(
                step.needs.iter().all(|need| earlier.contains(need)),
                "{}",
                step.name
            );
        }
    }
}
