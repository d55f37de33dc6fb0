//! `cargo xtask mutate-log`: takes away each call that notes an access, one at a time, and sees whether the test that says the
//! log is complete notices. It works on a copy of the tree in which every such call can be switched off, so it builds once.

use crate::process;
use crate::repo::Repo;
use crate::rust_source::Source;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Where accesses are noted.
const NOTING: &str = "crates/anlan-app/src/";
/// The calls, longest first: a shorter one may be the end of a longer one.
const CALLS: [&str; 4] = [
    "anlan_store::accesses::append(",
    "accesses::keep_node(",
    "accesses::log(",
    "log(",
];
/// What is asked to notice.
const TEST: &str = "entries::each_step_leaves_exactly_its_entries";
/// Says which call is switched off.
const SWITCH: &str = "ANLAN_MUTANT";

/// What `mutate-log` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Only list the calls
    #[arg(long)]
    list: bool,
}

/// A call that notes an access.
struct Call {
    path: String,
    line: usize,
}

/// The command.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    let tree = repo.path(".anlan/mutate/tree");
    let calls = copy(repo, &tree)?;
    println!("{} calls note an access", calls.len());
    if options.list {
        for call in &calls {
            println!("{}:{}", call.path, call.line);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let test = build(&tree)?;
    if !passes(&test, &tree, None)? {
        bail!("{TEST} fails with every call in place: mend that first");
    }
    let mut survivors = 0_usize;
    for (number, call) in calls.iter().enumerate() {
        let survives = passes(&test, &tree, Some(number))?;
        survivors += usize::from(survives);
        let word = if survives { "SURVIVES" } else { "noticed" };
        println!("{word:<9} {}:{}", call.path, call.line);
    }
    println!(
        "mutate-log: {} calls, {survivors} whose absence nobody notices",
        calls.len()
    );
    Ok(if survivors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Copies the tree, with a switch around each call; the calls in order.
fn copy(repo: &Repo, tree: &Path) -> Result<Vec<Call>> {
    let mut calls = Vec::new();
    for path in repo.files()? {
        let (from, to) = (repo.path(&path), tree.join(&path));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let is_noting =
            path.starts_with(NOTING) && Path::new(&path).extension().is_some_and(|end| end == "rs");
        let bytes = fs::read(&from).with_context(|| path.clone())?;
        let bytes = if is_noting {
            let text = String::from_utf8(bytes).with_context(|| path.clone())?;
            switched(&text, &path, &mut calls)?.into_bytes()
        } else {
            bytes
        };
        // What did not change keeps its time, so that it is not built again.
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            fs::write(&to, bytes)?;
        }
    }
    fs::create_dir_all(tree.join("ui/dist"))?;
    Ok(calls)
}

/// The text with a switch around each call.
fn switched(text: &str, path: &str, calls: &mut Vec<Call>) -> Result<String> {
    let source = Source::of(text);
    let (mut out, mut rest_from) = (String::new(), 0);
    for (line, at) in starts(text, &source) {
        if at < rest_from {
            continue;
        }
        let end = at
            + call_length(text.get(at..).unwrap_or_default())
                .with_context(|| format!("{path}:{line}: a call without an end"))?;
        let number = calls.len();
        let call = text.get(at..end).unwrap_or_default();
        out.push_str(text.get(rest_from..at).unwrap_or_default());
        let is_off = format!("std::env::var(\"{SWITCH}\").as_deref() == Ok(\"{number}\")");
        for piece in ["(if ", &is_off, " { Ok(()) } else { ", call, " })"] {
            out.push_str(piece);
        }
        rest_from = end;
        calls.push(Call {
            path: path.to_owned(),
            line,
        });
    }
    out.push_str(text.get(rest_from..).unwrap_or_default());
    Ok(out)
}

/// Line and place of each call in program code.
fn starts(text: &str, source: &Source) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut offset = 0;
    let program: Vec<usize> = source.program_lines().map(|(line, _)| line).collect();
    for (index, (line, code)) in text.split_inclusive('\n').zip(&source.code).enumerate() {
        let is_definition = code.contains("fn ") || code.trim_start().starts_with("use ");
        if program.contains(&(index + 1)) && !is_definition {
            found.extend(first_call(code).map(|at| (index + 1, offset + at)));
        }
        offset += line.len();
    }
    found
}

/// Where a line's call begins.
fn first_call(code: &str) -> Option<usize> {
    CALLS.iter().find_map(|call| {
        let at = code.find(call)?;
        let before = code.get(..at)?.chars().last();
        let is_whole = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.'));
        is_whole.then_some(at)
    })
}

/// The length of the call up to its closing bracket.
fn call_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Builds the test of the copy; its program.
fn build(tree: &Path) -> Result<PathBuf> {
    let mut command = process::cargo(
        tree,
        &[
            "test",
            "--package",
            "anlan-web",
            "--test",
            "http",
            "--no-run",
            "--message-format",
            "json",
        ],
    );
    if crate::outside::variable("CARGO_TARGET_DIR").is_none() {
        command.env("CARGO_TARGET_DIR", tree.with_file_name("target"));
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the copy in {} does not build", tree.display());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages
        .filter(|message| message.pointer("/target/name").is_some_and(|name| name == "http"))
        .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .context("cargo named no test program")
}

fn passes(test: &Path, tree: &Path, off: Option<usize>) -> Result<bool> {
    let mut command = Command::new(test);
    command
        .args(["--exact", TEST])
        .current_dir(tree.join("crates/anlan-web"));
    command
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(number) = off {
        command.env(SWITCH, number.to_string());
    }
    Ok(command.status()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_gets_its_switch_and_nothing_else_does() {
        let text = "fn log(app: &App) {}\nfn a() {\n    accesses::log(\n        app,\n        entry(x(1)),\n    )?;\n    // accesses::log(no)\n    anlan_store::accesses::append(tx, &e).map_err(E::from)\n    tracing::catalog(1);\n    log(\n        app)\n}\n";
        let mut calls = Vec::new();
        let made = switched(text, "a.rs", &mut calls).unwrap();
        let lines: Vec<usize> = calls.iter().map(|call| call.line).collect();
        assert_eq!(lines, [3, 8, 10]);
        assert!(made.contains("entry(x(1)),\n    ) })?;"), "{made}");
        assert!(made.contains("&e) }).map_err(E::from)"), "{made}");
        assert!(made.contains("// accesses::log(no)") && made.contains("tracing::catalog(1);"));
    }
}
