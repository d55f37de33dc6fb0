//! `anlan open311 check URL`: whether any server, ours or another city's, answers as GeoReport v2 says. It reads, and with
//! `--post` sends one empty form that every server must refuse. What is right is intake's to judge.

mod checks;

use crate::cli;
use crate::http::Client;
use anyhow::bail;
use checks::Server;
use clap::Subcommand;
use std::path::PathBuf;
use std::time::Duration;

/// Some cities' servers need their time.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what of a server's answers is not as GeoReport v2 has it. Reads only, unless told to hand in an empty form.
    Check {
        /// Address of its discovery document, or of the API itself, such as `https://city.example/open311/v2`
        url: String,
        /// What it calls its jurisdiction, where it needs one
        #[arg(long)]
        jurisdiction: Option<String>,
        /// Also hand in an empty form, which it must refuse
        #[arg(long)]
        post: bool,
        /// Also write what was found to this file as JSON
        #[arg(long)]
        json: Option<PathBuf>,
    },
}

pub(crate) fn run(command: &Command) -> anyhow::Result<()> {
    let Command::Check {
        url,
        jurisdiction,
        post,
        json,
    } = command;
    let server = Server::new(Client::with_time(PATIENCE), url, jurisdiction.clone());
    let all = server.check(*post, |outcome| cli::say(&outcome.line()));
    if let Some(path) = json {
        std::fs::write(path, serde_json::to_vec_pretty(&all)?)?;
    }
    let wrong = all.iter().filter(|outcome| !outcome.holds()).count();
    cli::say(&format!(
        "{} checks, {} of them hold",
        all.len(),
        all.len() - wrong
    ));
    if wrong > 0 {
        bail!("{wrong} of {} checks do not hold", all.len());
    }
    Ok(())
}
