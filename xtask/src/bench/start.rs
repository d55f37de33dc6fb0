//! Measures a start: from launching the program on a seeded county until it answers, and its memory when idle.

use super::{Bar, Figure};
use crate::process::{self, Running};
use crate::repo::Repo;
use crate::{demo, outside};
use anyhow::{Context, Result};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

const STARTS: u32 = 5;
/// Long enough for what a start puts off to be done.
const IDLE: Duration = Duration::from_secs(3);

/// Builds the program, seeds a county, then starts it a few times; the slowest start counts.
pub(super) fn measure(repo: &Repo) -> Result<Vec<Figure>> {
    process::show(process::cargo(
        &repo.root,
        &["build", "--profile", "demo", "--package", "anlan"],
    ))?;
    let target = process::target_folder(&repo.root)?;
    let program = target.join("demo/anlan");
    let data = target.join("bench-start");
    fs::create_dir_all(&data)?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    one_start(repo, &program, &data, &address).context("seeding")?;
    let (mut slowest, mut memory) = (0.0_f64, 0.0_f64);
    for _ in 0..STARTS {
        let (seconds, mebibytes) = one_start(repo, &program, &data, &address)?;
        slowest = slowest.max(seconds);
        memory = memory.max(mebibytes);
    }
    fs::remove_dir_all(&data)?;
    let figure = |name: &str, value, unit, bar| Figure {
        name: name.to_owned(),
        value,
        unit,
        bar,
        peer: None,
    };
    Ok(vec![
        figure(
            "start until it answers, slowest of 5",
            slowest,
            "s",
            Bar::AtMost(1.0),
        ),
        figure("memory of the idle process", memory, "MiB", Bar::AtMost(100.0)),
    ])
}

/// Seconds until it answers, and resident MiB after it has idled.
fn one_start(repo: &Repo, program: &Path, data: &Path, address: &str) -> Result<(f64, f64)> {
    let mut command = demo::serve(repo, program, data, address);
    command.stdout(std::process::Stdio::null());
    let started = outside::stopwatch();
    let mut server = Running::start(command)?;
    demo::wait_until_ready(&mut server, address)?;
    let seconds = started.elapsed().as_secs_f64();
    thread::sleep(IDLE);
    let memory = resident(server.id())?;
    server.stop()?;
    Ok((seconds, memory))
}

/// Resident memory of a process in MiB.
pub(super) fn resident(id: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).context("this system has no /proc")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS in /proc")?;
    let kibibytes: u32 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .context("VmRSS is no number")?;
    Ok(f64::from(kibibytes) / 1024.0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn our_own_memory_is_told() {
        let memory = super::resident(std::process::id()).unwrap();
        assert!(memory > 0.5 && memory < 4096.0, "{memory}");
    }
}
