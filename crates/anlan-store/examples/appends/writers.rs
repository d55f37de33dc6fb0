//! Writers side by side: each notes one look at a case in a unit of work of its own, waits until it is durable, and goes on.

use crate::scene::{Failure, Scene, look, quantile};
use anlan_store::{Error, accesses};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// How it went.
#[derive(Serialize)]
pub(crate) struct Told {
    writers: usize,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// CPU of the whole process for one entry, µs.
    cpu_us: f64,
}

pub(crate) fn measure(folder: &Path, writers: usize, entries: usize) -> Result<Told, Failure> {
    let scene = Scene::new(folder)?;
    let (next, most) = (AtomicI64::new(0), i64::try_from(entries)?);
    let (cpu, started) = (crate::scene::cpu_time(), Instant::now());
    let work = || {
        let mut times = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= most {
                return Ok(times);
            }
            let access = look(number);
            let began = Instant::now();
            scene.store.write(move |tx| accesses::append(tx, &access))?;
            times.push(began.elapsed());
        }
    };
    let all: Vec<Result<Vec<_>, Error>> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..writers).map(|_| scope.spawn(work)).collect();
        hands.into_iter().filter_map(|hand| hand.join().ok()).collect()
    });
    let took = started.elapsed().as_secs_f64();
    let cpu = crate::scene::cpu_time() - cpu;
    let mut times = Vec::new();
    for one in all {
        times.extend(one?);
    }
    scene.end();
    std::fs::remove_dir_all(folder)?;
    let count = f64::from(u32::try_from(times.len())?);
    Ok(Told {
        writers,
        per_second: count / took,
        p50_ms: quantile(&times, 0.5),
        p99_ms: quantile(&times, 0.99),
        cpu_us: cpu / count * 1e6,
    })
}

/// How large the entry of such a look is.
pub(crate) fn entry_bytes(folder: &Path) -> Result<i64, Failure> {
    let scene = Scene::new(folder)?;
    let size = scene.store.write(|tx| {
        accesses::append(tx, &look(1))?;
        let sql = "SELECT length(leaf) FROM accesses ORDER BY seq DESC LIMIT 1";
        tx.query_one(sql, &[], |row| row.int(0))
    })?;
    scene.end();
    size.ok_or_else(|| "no entry".into())
}
