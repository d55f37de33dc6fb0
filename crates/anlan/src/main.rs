//! The program: reads the command line and the configuration, opens the node, starts threads, and wires doors to
//! actions. Rules, SQL and formats live elsewhere.

mod alerts;
mod cells;
mod cli;
mod config;
mod demo;
mod docs;
mod erasures;
mod http;
mod identities;
mod import;
mod jobs;
mod keys;
mod logs;
mod node;
mod open311;
mod policies;
mod profile;
mod reference;
mod scan;
mod serve;
mod watch;
#[cfg(test)]
mod watched_cities;

use clap::Parser as _;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A case is some hundred small strings; the system's allocator takes a tenth of an import's time for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&format!("anlan: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
