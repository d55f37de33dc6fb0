//! Reference pages made from the program itself, so that they cannot say something else than it does.

use crate::{cli, config};
use anlan_policy::Policy;
use clap::CommandFactory as _;
use std::fmt::Write as _;

/// Which page.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Page {
    /// The command line.
    Cli,
    /// Role × action: who may do what.
    Rights,
    /// Every door over HTTP and its lock.
    Doors,
    /// Configuration keys.
    Config,
}

/// One page as Markdown.
pub(crate) fn page(page: Page) -> anyhow::Result<String> {
    Ok(match page {
        Page::Cli => command_line(),
        Page::Rights => format!(
            "# Rights\n\nMade from the policies in `policies/`. {}",
            Policy::shipped()?.as_markdown()
        ),
        Page::Doors => anlan_web::doors::page(&Policy::shipped()?),
        Page::Config => format!(
            "# Configuration\n\n`anlan serve --config anlan.toml` reads a file such as this one.\n\n```toml\n{}```\n",
            config::DEFAULTS
        ),
    })
}

fn command_line() -> String {
    let mut command = cli::Cli::command().term_width(100);
    command.build();
    let mut text = String::from("# The command line\n");
    let _ = write!(text, "\n```text\n{}```\n", command.render_long_help());
    sections(&mut command, "anlan", &mut text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// A section per command, those below it after it.
fn sections(command: &mut clap::Command, path: &str, text: &mut String) {
    let subs = command.get_subcommands_mut();
    for sub in subs.filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        let help = sub.render_long_help();
        let _ = write!(text, "\n## {path}\n\n```text\n{help}```\n");
        sections(sub, &path, text);
    }
}
