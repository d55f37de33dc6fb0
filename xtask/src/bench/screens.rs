//! The first screen: how much of it goes over the wire, and how soon it is there in a browser. What counts as first is
//! the screens' own business; here they are only built, served and watched.

use super::node::{self, Node, PASSWORD};
use super::{Bar, Figures, load, quantile};
use crate::repo::Repo;
use crate::{doctor, outside, process, ui};
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let logs = repo.path(".anlan/log");
    ui::install(repo, "ui", &logs.join("npm-ci.log"))?;
    ui::build(repo, &logs.join("vite.log"))?;
    size(repo, figures)?;
    time(repo, figures)
}

fn size(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let mut command = Command::new("node");
    command
        .args(["scripts/size.mjs", "--json"])
        .current_dir(repo.path("ui"));
    let sizes = json_of(command)?;
    let kilobytes = |key: &str| {
        sizes
            .get(key)
            .and_then(serde_json::Value::as_f64)
            .with_context(|| format!("no {key}"))
    };
    let rest = format!(
        "its styles {:.1} kB; map library {:.1} kB, which comes after",
        kilobytes("styles")?,
        kilobytes("map")?
    );
    figures.add(
        "scripts of the first screen, brotli",
        (kilobytes("first_screen")?, "kB"),
        Bar::AtMost(130.0),
        rest,
    );
    Ok(())
}

/// The last line a command prints, as JSON.
fn json_of(mut command: Command) -> Result<serde_json::Value> {
    let line = process::line_of(&command);
    let output = command
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default()).with_context(|| {
        format!(
            "`{line}` told no figures: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// From asking for the desk until its first line is there, each time in a browser that has seen nothing of it before.
fn time(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let Some(browser) = outside::variable("ANLAN_CHROMIUM").or_else(doctor::browser) else {
        figures.leave_out("how soon the first screen is usable", "needs Chromium");
        return Ok(());
    };
    ui::install(repo, "e2e", &repo.path(".anlan/log/npm-ci-e2e.log"))?;
    let program = node::program(repo)?;
    let data = node::folder(repo, "screens")?;
    node::seed(repo, &program, &data)?;
    let node = Node::start(repo, &program, &data, "serve")?;
    let mut command = Command::new("node");
    command.args([
        "bench/first-screen.mjs",
        &format!("http://{}", node.address),
        "duty",
        PASSWORD,
    ]);
    command
        .current_dir(repo.path("e2e"))
        .env("ANLAN_CHROMIUM", browser);
    let told = json_of(command)?;
    node.stop()?;
    fs::remove_dir_all(&data)?;
    let times = told
        .get("seconds")
        .and_then(serde_json::Value::as_array)
        .context("no seconds")?;
    let mut times: Vec<f64> = times.iter().filter_map(serde_json::Value::as_f64).collect();
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let beside = format!("slowest {slowest:.2} s; load {}", load());
    figures.add(
        "desk asked for until its first case shows, median of 5",
        (quantile(&mut times, 0.5), "s"),
        Bar::AtMost(2.0),
        beside,
    );
    Ok(())
}
