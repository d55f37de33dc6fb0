//! `cargo xtask gen`: the generated contracts that are committed, written anew or compared. Their content comes from
//! the built program and from the typed client's generator; none is made here.

use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Lines of a difference that are shown.
const DIFFERENCE_LINES: usize = 60;

/// What `gen` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Compare with what is committed, write nothing
    #[arg(long)]
    pub(crate) check: bool,
}

/// Where a contract's text comes from.
enum Source {
    /// What the program prints when called so.
    Program(&'static [&'static str]),
    /// The typed client's description, from the contract at this path.
    Client(&'static str),
}

struct Contract {
    path: &'static str,
    source: Source,
}

const OPENAPI: &str = "openapi/anlan.json";

/// Every generated contract. One made from another comes after it.
const CONTRACTS: &[Contract] = &[
    Contract {
        path: OPENAPI,
        source: Source::Program(&["openapi"]),
    },
    Contract {
        path: "ui/src/api/schema.d.ts",
        source: Source::Client(OPENAPI),
    },
    Contract {
        path: "docs/reference/command-line.md",
        source: Source::Program(&["docs", "cli"]),
    },
    Contract {
        path: "docs/reference/rights.md",
        source: Source::Program(&["docs", "rights"]),
    },
    Contract {
        path: "docs/reference/doors.md",
        source: Source::Program(&["docs", "doors"]),
    },
    Contract {
        path: "docs/reference/configuration.md",
        source: Source::Program(&["docs", "config"]),
    },
    Contract {
        path: "docs/reference/classification.md",
        source: Source::Program(&["docs", "classification"]),
    },
];

/// The command.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    process::show(process::cargo(
        &repo.root,
        &["build", "--quiet", "--package", "anlan"],
    ))?;
    let target = process::target_folder(&repo.root)?;
    let fresh = target.join("contracts");
    let mut differing = 0_usize;
    for contract in CONTRACTS {
        let text = contract.make(repo, &target, &fresh)?;
        let made = fresh.join(contract.path);
        write(&made, &text)?;
        differing += usize::from(!settle(repo, contract.path, &made, &text, options.check)?);
    }
    println!("contracts: {} in all, {differing} differing", CONTRACTS.len());
    if differing > 0 && options.check {
        println!("do: run `cargo xtask gen`, look at the difference, commit it");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

impl Contract {
    fn make(&self, repo: &Repo, target: &Path, fresh: &Path) -> Result<String> {
        let command = match &self.source {
            Source::Program(args) => {
                let mut command = Command::new(target.join("debug/anlan"));
                command.args(*args);
                command
            }
            Source::Client(from) => {
                let generator = repo.path("ui/node_modules/openapi-typescript/bin/cli.js");
                if !generator.is_file() {
                    bail!("the typed client's generator is not installed: run `npm ci` in ui/ first");
                }
                let mut command = Command::new("node");
                // Points and boxes have a fixed number of coordinates: tuples, not arrays.
                command.arg(generator).arg(fresh.join(from)).arg("--array-length");
                command
            }
        };
        text_of(command, self.path)
    }
}

fn text_of(mut command: Command, path: &str) -> Result<String> {
    let line = process::line_of(&command);
    let output = command
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{path}: `{line}` failed ({}): {}", output.status, said.trim());
    }
    let text = String::from_utf8(output.stdout).with_context(|| format!("{path}: not UTF-8"))?;
    if text.trim().is_empty() {
        bail!("{path}: `{line}` printed nothing");
    }
    Ok(format!("{}\n", text.trim_end()))
}

/// Compares and shows, or writes; true if the committed file already was the same.
fn settle(repo: &Repo, path: &str, made: &Path, text: &str, is_check: bool) -> Result<bool> {
    let committed = fs::read_to_string(repo.path(path)).unwrap_or_default();
    if committed == text {
        return Ok(true);
    }
    if is_check {
        println!("{path} differs from what the program says:");
        println!("{}", difference(&repo.path(path), made));
    } else {
        write(&repo.path(path), text)?;
        println!("wrote {path}");
    }
    Ok(false)
}

fn difference(committed: &Path, made: &Path) -> String {
    if !committed.is_file() {
        return "  it is not there".to_owned();
    }
    let output = Command::new("git")
        .args(["diff", "--no-index", "--no-color", "--"])
        .arg(committed)
        .arg(made)
        .output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("@@")).collect();
    let shown = lines
        .iter()
        .take(DIFFERENCE_LINES)
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    let left_out = lines.len().saturating_sub(DIFFERENCE_LINES);
    if left_out == 0 {
        shown
    } else {
        format!("{shown}\n… and {left_out} lines more")
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_and_then_written() {
        let root = std::env::temp_dir().join(format!("anlan-gen-{}", std::process::id()));
        let repo = Repo { root: root.clone() };
        let made = root.join("fresh.md");
        write(&made, "a\nnew\n").unwrap();
        write(&root.join("c.md"), "a\nold\n").unwrap();
        assert!(difference(&root.join("c.md"), &made).contains("-old\n+new"));
        assert!(difference(&root.join("gone.md"), &made).contains("not there"));
        assert!(!settle(&repo, "c.md", &made, "a\nnew\n", true).unwrap());
        assert!(!settle(&repo, "c.md", &made, "a\nnew\n", false).unwrap());
        assert!(settle(&repo, "c.md", &made, "a\nnew\n", true).unwrap());
        fs::remove_dir_all(root).unwrap();
    }
}
