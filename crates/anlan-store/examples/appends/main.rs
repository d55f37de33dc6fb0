//! Measures the access log where it is kept: durable appends by few and many writers, many at once, the keeper's catching
//! up, and what leaf and keeper add to a report. `cargo run --release -p anlan-store --example appends -- FOLDER`, in an
//! empty folder on the disk in question; prints one line of JSON and judges nothing.

#![expect(clippy::print_stdout, reason = "what it measures goes to standard output")]
#![expect(clippy::disallowed_methods, reason = "it measures time, and starts writers")]

mod reports;
mod scene;
mod writers;

use anlan_store::logs::Keeper;
use anlan_store::{Error, accesses};
use scene::{Failure, Scene, look, signer};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many write side by side, and how many entries they write together.
const WRITERS: [(usize, usize); 4] = [(1, 2_000), (64, 40_000), (512, 100_000), (1_024, 100_000)];
const SYNCS: usize = 200;
/// Entries of one unit of work, as those of a large import or a page of a thousand.
const AT_ONCE: i64 = 1_000;
const UNITS: usize = 100;

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("name an empty folder")?;
    let folder = PathBuf::from(folder);
    let sync = sync_time(&folder)?;
    let writers = WRITERS
        .iter()
        .map(|(writers, entries)| writers::measure(&folder.join(format!("w{writers}")), *writers, *entries))
        .collect::<Result<Vec<_>, Failure>>()?;
    let (together, signed) = at_once(&folder.join("bulk"))?;
    let report = reports::measure(&folder.join("reports"))?;
    let told = serde_json::json!({
        "sync_ms": sync, "writers": writers, "together_per_second": together, "signed_per_second": signed,
        "report": report, "entry_bytes": writers::entry_bytes(&folder.join("size"))?,
    });
    println!("{told}");
    Ok(())
}

/// What the disk itself needs to make one page durable: the median, in ms.
fn sync_time(folder: &Path) -> Result<f64, Failure> {
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..SYNCS {
        file.write_all(&[7; 8192])?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(scene::quantile(&times, 0.5))
}

/// Entries a second when a unit of work notes many, and when the keeper takes in and signs what waits.
fn at_once(folder: &Path) -> Result<(f64, f64), Failure> {
    let scene = Scene::new(folder)?;
    let started = Instant::now();
    for unit in 0..UNITS {
        let first = i64::try_from(unit)? * AT_ONCE;
        scene.store.write(move |tx| {
            let mut looks = first..first + AT_ONCE;
            looks.try_for_each(|number| accesses::append(tx, &look(number)))?;
            Ok::<_, Error>(())
        })?;
    }
    let noted = started.elapsed();
    let mut keeper = Keeper::open(&scene.store, signer()?)?;
    let started = Instant::now();
    let head = keeper.follow()?;
    let signed = started.elapsed();
    drop(keeper);
    scene.end();
    Ok((rate(head.size, noted), rate(head.size, signed)))
}

#[expect(clippy::cast_precision_loss, reason = "a number of entries")]
fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
