//! The project's own commands, as `cargo xtask …`: start a demo, run every test, hold the architecture, keep the
//! generated contracts. It must not know any of our crates: it reads their sources and runs the built program.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks on the terminal"
)]

mod bench;
mod contracts;
mod debian;
mod demo;
mod docs;
mod doctor;
mod findings;
mod fuzz_api;
mod layers;
mod mutate;
mod outside;
mod process;
mod repo;
mod rust_source;
mod suite;
mod tidy;
mod ui;
mod verifier;
mod wheel;

use anyhow::Result;
use clap::{Parser, Subcommand};
use repo::Repo;
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Anlan's own commands",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build, seed a demo county, start it, print its address and accounts
    Demo(demo::Options),
    /// Run every check and test, the browser's included
    Test(suite::Options),
    /// Measure, and print each figure beside its bar
    Bench(bench::Options),
    /// Check which crate uses which, and what must be absent where
    Layers,
    /// Check file sizes, first lines, forbidden words and other small order
    Tidy,
    /// Check that the documents agree with the tree
    Docs,
    /// Write the generated contracts anew, or with --check compare them
    Gen(contracts::Options),
    /// Walk through the API with made-up requests, as every role
    FuzzApi(fuzz_api::Options),
    /// Take away each call that notes an access, and demand that a test fails
    MutateLog(mutate::Options),
    /// Check the tools this needs, and install what is missing where that is allowed
    Doctor(doctor::Options),
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let repo = Repo::find()?;
    process::end_children_with_us()?;
    match &cli.command {
        Command::Demo(options) => demo::run(&repo, options),
        Command::Test(options) => Ok(suite::run(&repo, options)),
        Command::Bench(options) => bench::run(&repo, options),
        Command::Layers => Ok(findings::report("layers", &layers::check(&repo)?)),
        Command::Tidy => Ok(findings::report("tidy", &tidy::check(&repo)?)),
        Command::Docs => Ok(findings::report("docs", &docs::check(&repo)?)),
        Command::Gen(options) => contracts::run(&repo, options),
        Command::FuzzApi(options) => fuzz_api::run(&repo, options),
        Command::MutateLog(options) => mutate::run(&repo, options),
        Command::Doctor(options) => doctor::run(options),
    }
}
