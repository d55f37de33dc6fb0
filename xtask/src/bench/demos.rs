//! How long `cargo xtask demo` takes until its screen answers: with everything built, and on a fresh clone.

use super::{Bar, Figures, load};
use crate::process::Running;
use crate::repo::Repo;
use crate::{demo, outside, process};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A cold build on a busy machine takes long; only one that hangs takes longer.
const PATIENCE: Duration = Duration::from_hours(1);

/// The second start of two: the first builds what has changed and seeds the county.
pub(super) fn measure_warm(repo: &Repo, figures: &mut Figures) -> Result<()> {
    one(&repo.root, None, false)?;
    let seconds = one(&repo.root, None, false)?;
    let fresh = one(&repo.root, None, true)?;
    let beside = format!("{fresh:.1} s when the county is seeded anew; load {}", load());
    figures.add(
        "`cargo xtask demo` until its screen answers, all built",
        (seconds, "s"),
        Bar::AtMost(15.0),
        beside,
    );
    Ok(())
}

/// A clone of what is committed, with a target folder of its own and no packages. Downloads that cargo and npm keep
/// outside the clone are not thrown away.
pub(super) fn measure_cold(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let folder = super::node::folder(repo, "cold")?;
    let clone = folder.join("source");
    let mut git = Command::new("git");
    git.args(["clone", "--quiet"]).arg(&repo.root).arg(&clone);
    process::show(git)?;
    let seconds = one(&clone, Some(&folder.join("target")), false)?;
    fs::remove_dir_all(&folder)?;
    figures.add(
        "`cargo xtask demo` until its screen answers, fresh clone",
        (seconds / 60.0, "min"),
        Bar::AtMost(8.0),
        format!("downloads cached; load {}", load()),
    );
    Ok(())
}

/// Starts the demo as a person does, waits for its screen, and stops it.
fn one(root: &Path, target: Option<&Path>, is_fresh: bool) -> Result<f64> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let port = address.port().to_string();
    let mut command = process::cargo(
        root,
        &[
            "xtask",
            "demo",
            "--no-open",
            "--dir",
            ".anlan/bench/demo",
            "--port",
            &port,
        ],
    );
    if is_fresh {
        command.arg("--fresh");
    }
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    let started = outside::stopwatch();
    let mut running = Running::start(command)?;
    demo::wait_within(PATIENCE, &mut running, &address.to_string()).context("the demo")?;
    let page = screen(&address.to_string());
    let seconds = started.elapsed().as_secs_f64();
    running.stop()?;
    match page? {
        200 => Ok(seconds),
        other => bail!("the demo answered {other} for its first page"),
    }
}

fn screen(address: &str) -> Result<u16> {
    Ok(super::http::Client::new(address)?.get("/")?.status)
}
