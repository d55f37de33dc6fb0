//! `anlan scan`: clusters in SaTScan's projects and alarms in series, from the command line. It needs no node and opens no
//! store. Intake reads and prints, the library computes; here they are wired, with progress and Ctrl-C.

mod json;
mod project;
mod report;
mod series;

use crate::cli;
use anlan_intake::satscan::{Faults, Weight};
use anyhow::Context as _;
use report::Language;
use std::path::PathBuf;
use std::process::ExitCode;

/// Nothing is wrong.
pub(crate) const DONE: u8 = 0;
/// The input was refused; the faults are listed on standard error.
pub(crate) const REFUSED: u8 = 3;
/// Ctrl-C: the results rest on the replications made until then.
pub(crate) const STOPPED: u8 = 4;

/// Clusters and alarms in counts; SaTScan's projects run as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Run a SaTScan project and write its result files, or look for alarms in a table of counts with --like.
    ///
    /// Exit codes: 0 done, 1 a file cannot be read or written, 2 wrong use, 3 the input was refused (faults with file,
    /// line, field and cure on standard error), 4 stopped by Ctrl-C with results from the replications made until then.
    Run(Box<Run>),
    /// Read a SaTScan project and report its faults; run nothing.
    ///
    /// Exit codes: 0 it can be run, 1 the parameter file cannot be read, 3 it cannot be run.
    Check(Check),
}

/// What to run and what to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The project's parameter file (.prm), or with --like a table of date,count[,series].
    input: PathBuf,
    /// Folder of the result files, instead of the one the project names.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write everything found as JSON; `-` is standard output.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write clusters and locations as GeoJSON.
    #[arg(long)]
    geojson: Option<PathBuf>,
    /// Write a report that opens in any browser and needs no network.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Language of the report.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
    /// Threads, instead of as many as the project says; 0: as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    /// Start of the random numbers: the same seed gives the same results on any number of threads.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A parameter over the project's own; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    over: Vec<String>,
    #[command(flatten)]
    like: series::Args,
}

/// What to check.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The project's parameter file (.prm).
    input: PathBuf,
    /// A parameter over the project's own; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    over: Vec<String>,
}

/// `anlan scan`.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let code = match &args.what {
        What::Run(run) => match run.like.method() {
            Some(method) => series::run(run, method)?,
            None => project::run(run)?,
        },
        What::Check(check) => project::check(check)?,
    };
    Ok(ExitCode::from(code))
}

/// Says every fault on standard error, warnings too unless they are to be kept quiet.
fn complain(faults: &Faults, is_quiet: bool) {
    for fault in faults.list() {
        if fault.weight == Weight::Error || !is_quiet {
            cli::complain(&fault.to_string());
        }
    }
    if faults.left_out() > 0 {
        cli::complain(&format!("… and {} more like these", faults.left_out()));
    }
}

/// Writes a file; `-` is standard output.
fn write(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    if path == std::path::Path::new("-") {
        cli::say(text);
        return Ok(());
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
