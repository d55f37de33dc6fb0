//! `cargo xtask test`: every check and test there is, one step after another, all of them even if one fails, and what
//! came of each. What a step tests is the step's own business.

mod steps;
mod tally;

use crate::outside;
use crate::repo::Repo;
use clap::Args;
use std::process::ExitCode;
use std::time::Duration;
use steps::{STEPS, Step};
use tally::Tally;

/// What `test` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Also the tests that take minutes
    #[arg(long)]
    pub(crate) long: bool,
    /// Only the steps whose name contains this (and no step they need)
    #[arg(long)]
    only: Option<String>,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    /// A step it needs did not pass.
    Skipped(String),
}

struct Line {
    name: &'static str,
    outcome: Outcome,
    tally: Tally,
    took: Duration,
}

/// The command.
pub(crate) fn run(repo: &Repo, options: &Options) -> ExitCode {
    let mut lines: Vec<Line> = Vec::new();
    for step in STEPS.iter().filter(|step| {
        options
            .only
            .as_ref()
            .is_none_or(|part| step.name.contains(part.as_str()))
    }) {
        println!("\n== {}", step.name);
        let line = take(step, repo, options, &lines);
        match &line.outcome {
            Outcome::Passed => {}
            Outcome::Failed(why) => println!("{} FAILED: {why}", step.name),
            Outcome::Skipped(why) => println!("{} skipped: {why}", step.name),
        }
        lines.push(line);
    }
    print_summary(&lines);
    let is_good = lines.iter().all(|line| line.outcome == Outcome::Passed);
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn take(step: &Step, repo: &Repo, options: &Options, before: &[Line]) -> Line {
    let broken = before
        .iter()
        .find(|line| step.needs.contains(&line.name) && line.outcome != Outcome::Passed);
    if let Some(broken) = broken {
        let outcome = Outcome::Skipped(format!("it needs `{}`", broken.name));
        return Line {
            name: step.name,
            outcome,
            tally: Tally {
                skipped: 1,
                ..Tally::default()
            },
            took: Duration::ZERO,
        };
    }
    let started = outside::stopwatch();
    let (outcome, tally) = match (step.run)(repo, options) {
        Ok(report) => {
            let is_good = report.is_good;
            let why = if is_good {
                Outcome::Passed
            } else {
                Outcome::Failed("see above".to_owned())
            };
            (why, report.tally.or_at_least_one(is_good))
        }
        Err(error) => (
            Outcome::Failed(format!("{error:#}")),
            Tally {
                failed: 1,
                ..Tally::default()
            },
        ),
    };
    Line {
        name: step.name,
        outcome,
        tally,
        took: started.elapsed(),
    }
}

fn print_summary(lines: &[Line]) {
    println!(
        "\n{:<14} {:<8} {:>8} {:>7} {:>7} {:>8}",
        "step", "", "passed", "failed", "skipped", "seconds"
    );
    let mut sum = Tally::default();
    let mut took = Duration::ZERO;
    for line in lines {
        let word = match &line.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed(_) => "FAILED",
            Outcome::Skipped(_) => "skipped",
        };
        print_row(line.name, word, line.tally, line.took);
        sum = sum.and(line.tally);
        took += line.took;
    }
    print_row("all", "", sum, took);
    println!(
        "\nanlan: {} passed, {} failed, {} skipped",
        sum.passed, sum.failed, sum.skipped
    );
}

fn print_row(name: &str, word: &str, tally: Tally, took: Duration) {
    let seconds = took.as_secs_f64();
    println!(
        "{name:<14} {word:<8} {:>8} {:>7} {:>7} {seconds:>8.1}",
        tally.passed, tally.failed, tally.skipped
    );
}
