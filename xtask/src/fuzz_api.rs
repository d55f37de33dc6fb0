//! `cargo xtask fuzz-api`: schemathesis against the API of a seeded node, as every role and as nobody: no answer may be
//! 5xx, and none other than its description says. It runs the built program from outside and knows none of our crates.

use crate::bench::http::Client;
use crate::bench::node::{Node, PASSWORD};
use crate::repo::Repo;
use crate::{doctor, process, wheel};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The accounts of the demo county, one of each role, and nobody. Those who close accounts come last.
const CALLERS: [Option<&str>; 13] = [
    Some("duty"),
    Some("steward"),
    Some("supervisor"),
    Some("clerk"),
    Some("officer-water"),
    Some("worker-01"),
    Some("arbiter"),
    Some("commander"),
    Some("auditor"),
    Some("privacy"),
    None,
    Some("admin"),
    Some("security"),
];
/// No limits: one machine asks for all.
const CONFIG: &str = "limit_sign_in = [0, 0]\nlimit_report = [0, 0]\nlimit_wrong_code = [0, 0]\nlimit_search = [0, 0]\ntwo_factor_roles = []\n";
/// What each answer is held to.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// What `fuzz-api` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Cases in all, at least; each caller has a turn before anyone has another
    #[arg(long, default_value_t = 20_000)]
    pub(crate) cases: u32,
    /// Random requests to each operation in a turn, beside those that its description's limits ask for
    #[arg(long, default_value_t = 25)]
    pub(crate) examples: u32,
    /// As this account of the demo county only
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Where the random numbers begin
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u32,
}

/// The command.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    match walk(repo, options)? {
        None => bail!("there is no Python with venv, which schemathesis needs"),
        Some(true) => Ok(ExitCode::SUCCESS),
        Some(false) => Ok(ExitCode::FAILURE),
    }
}

/// Every caller in turn; whether all was well. `None` where there is no Python to do it with.
pub(crate) fn walk(repo: &Repo, options: &Options) -> Result<Option<bool>> {
    let Some(version) = doctor::python_with_venv() else {
        return Ok(None);
    };
    let programs = wheel::environment(repo, "fuzz", &version)?;
    process::show(process::cargo(
        &repo.root,
        &["build", "--quiet", "--package", "anlan"],
    ))?;
    let program = process::target_folder(&repo.root)?.join("debug/anlan");
    let home = repo.path(".anlan/fuzz");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let data = home.join("data");
    fs::create_dir_all(&data)?;
    let config = home.join("anlan.toml");
    fs::write(&config, CONFIG)?;
    Node::start(repo, &program, &data, "demo")
        .context("seeding")?
        .stop()?;
    let node = Node::configured(repo, &program, &data, ("serve", Some(&config)))?;
    let account = options.account.as_deref();
    let callers = account.map_or_else(|| CALLERS.to_vec(), |name| vec![Some(name)]);
    let (mut cases, mut is_good, mut rounds) = (0, true, 0);
    while cases < options.cases {
        let before = cases;
        for caller in callers.iter().copied() {
            let turn = Turn {
                caller,
                seed: options.seed + rounds,
                examples: options.examples,
            };
            let (count, passed) = fuzz(&programs, &node.address, &turn, &home)?;
            println!(
                "{}: {count} cases, {}",
                turn.who(),
                if passed {
                    "as described"
                } else {
                    "NOT as described"
                }
            );
            cases += count;
            is_good &= passed;
        }
        rounds += 1;
        if cases == before {
            bail!("schemathesis made no cases; see {}", home.display());
        }
    }
    node.stop()?;
    println!(
        "fuzz-api: {cases} cases, {}",
        if is_good { "all as described" } else { "FAILED" }
    );
    Ok(Some(is_good))
}

/// What is asked of one run.
struct Turn<'a> {
    caller: Option<&'a str>,
    seed: u32,
    examples: u32,
}

impl Turn<'_> {
    fn who(&self) -> &str {
        self.caller.unwrap_or("nobody")
    }
}

/// The stream has no end, and signing out would end the walk.
const NOT_WALKED: [&str; 2] = ["/api/live", "/api/session"];
/// Walked by itself at the end: a number met by chance may be that of the walk's own session.
const LAST: &str = "/api/sessions/{id}";

/// One turn of one caller: how many cases, and whether all answers were as described.
fn fuzz(programs: &Path, address: &str, turn: &Turn<'_>, home: &Path) -> Result<(u32, bool)> {
    let cookie = match turn.caller {
        None => None,
        Some(name) => {
            let client = Client::signed_in(address, name, PASSWORD)?;
            Some(client.cookie().context("no session")?.to_owned())
        }
    };
    let most = NOT_WALKED.into_iter().chain([LAST]);
    let most: Vec<&str> = most.flat_map(|path| ["--exclude-path", path]).collect();
    let (mut cases, mut is_good) = (0, true);
    for (name, paths) in [("most", most), ("last", vec!["--include-path", LAST])] {
        let mut command = schemathesis(programs, address, turn);
        command.args(paths).current_dir(home);
        if let Some(cookie) = &cookie {
            command.args(["--header", &format!("Cookie: {cookie}")]);
        }
        let (passed, said) = process::listen(command)?;
        fs::write(
            home.join(format!("{}-{}-{name}.log", turn.who(), turn.seed)),
            &said,
        )?;
        cases += generated(&said);
        is_good &= passed;
    }
    Ok((cases, is_good))
}

fn schemathesis(programs: &Path, address: &str, turn: &Turn<'_>) -> Command {
    let url = format!("http://{address}");
    let (seed, examples) = (turn.seed.to_string(), turn.examples.to_string());
    let mut command = Command::new(programs.join("schemathesis"));
    command.args(["run", &format!("{url}/api/openapi.json"), "--checks", CHECKS]);
    command.args(["--max-examples", &examples, "--seed", &seed, "--no-color"]);
    command.args([
        "--phases",
        "examples,coverage,fuzzing",
        "--header",
        &format!("Origin: {url}"),
    ]);
    command.args(["--suppress-health-check", "all", "--request-timeout", "30"]);
    command
}

/// How many cases a run says it generated.
fn generated(said: &str) -> u32 {
    let line = said.lines().rev().find(|line| line.contains(" generated"));
    let words = line.and_then(|line| line.split_once(" generated"));
    words
        .and_then(|(before, _)| before.rsplit(' ').next()?.replace(',', "").parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_from_the_summary() {
        assert_eq!(
            generated("Test cases:\n  12,345 generated, 12,345 passed\n"),
            12_345
        );
        assert_eq!(generated("nothing of the kind"), 0);
    }
}
