//! Measures a start: from launching the program on a seeded county until it answers, and its memory when idle.

use super::node::{self, Node};
use super::{Bar, Figures};
use crate::outside;
use crate::repo::Repo;
use anyhow::Result;
use std::fs;
use std::thread;
use std::time::Duration;

const STARTS: u32 = 5;
/// Long enough for what a start puts off to be done.
const IDLE: Duration = Duration::from_secs(3);

/// Seeds a county, then starts the program on it a few times; the slowest start counts.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let program = node::program(repo)?;
    let data = node::folder(repo, "start")?;
    node::seed(repo, &program, &data)?;
    let (mut slowest, mut memory) = (0.0_f64, 0.0_f64);
    for _ in 0..STARTS {
        let started = outside::stopwatch();
        let node = Node::start(repo, &program, &data, "demo")?;
        slowest = slowest.max(started.elapsed().as_secs_f64());
        thread::sleep(IDLE);
        memory = memory.max(node.memory()?);
        node.stop()?;
    }
    fs::remove_dir_all(&data)?;
    figures.add(
        "start until it answers, slowest of 5",
        (slowest, "s"),
        Bar::AtMost(1.0),
        "",
    );
    figures.add(
        "memory of the idle process",
        (memory, "MiB"),
        Bar::AtMost(100.0),
        "",
    );
    Ok(())
}
