//! Measures how many entries a second are hashed and tiled in bulk, and what an inclusion proof with its verification costs
//! in a large log whose tiles are in memory; prints one line of JSON. It judges nothing.
//!
//! `cargo run --release -p anlan-tlog --example tiling -- 10000000`, with the size of the log, of which each million needs
//! 33 MB.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example that measures, and prints what it measures"
)]

use anlan_tlog::bundles::LastBundle;
use anlan_tlog::hashes::Hash;
use anlan_tlog::proofs::{Plan, verify_inclusion};
use anlan_tlog::tiles::Tile;
use anlan_tlog::trees::Tree;
use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const BULK: u64 = 1_000_000;
/// Entries in one portion, as an import would bring them.
const PORTION: u64 = 10_000;
const ROUNDS: usize = 5;
const PROOFS: u32 = 5000;
const SIZE: u64 = 10_000_000;

type Tiles = HashMap<Tile, Vec<u8>>;

fn main() -> Result<(), Box<dyn Error>> {
    let size = std::env::args().nth(1).map_or(Ok(SIZE), |size| size.parse())?;
    let bulk = bulk()?;
    let (tree, tiles) = grown(size)?;
    let head = tree.head();
    let mut dice = Dice(2026);
    let mut walls = Vec::new();
    let before = cpu_time()?;
    for _ in 0..PROOFS {
        let index = dice.below(size);
        let start = Instant::now();
        let proof = Plan::inclusion(index, size)?.prove(&tiles)?;
        verify_inclusion(leaf(index), index, &head, &proof)?;
        walls.push(start.elapsed().as_secs_f64() * 1e6);
    }
    let cpu = cpu_time()?.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(PROOFS);
    walls.sort_by(f64::total_cmp);
    let at = |part: usize| {
        walls
            .get((walls.len() - 1) * part / 100)
            .copied()
            .unwrap_or(f64::NAN)
            .round()
    };
    let told = serde_json::json!({
        "entry_bytes": entry(0).len(), "bulk_entries": BULK, "bulk_entries_per_second": bulk.round(), "log_entries": size,
        "tiles": tiles.len(), "proofs": PROOFS, "proof_cpu_us": cpu.round(), "proof_wall_us_median": at(50),
        "proof_wall_us_p99": at(99), "proof_wall_us_max": at(100),
    });
    println!("{told}");
    Ok(())
}

/// Entries a second into tiles and bundles, by this thread's own CPU time, at the median of the rounds.
fn bulk() -> Result<f64, Box<dyn Error>> {
    let entries: Vec<Vec<u8>> = (0..BULK).map(entry).collect();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (mut tree, mut last) = (Tree::new(), LastBundle::new());
        let before = cpu_time()?;
        for portion in entries.chunks(usize::try_from(PORTION)?) {
            black_box(tree.grow(portion.iter().map(|entry| Hash::of_leaf(entry)))?);
            black_box(last.grow(portion.iter().map(Vec::as_slice))?);
            black_box(tree.root());
        }
        rounds.push(cpu_time()?.saturating_sub(before).as_secs_f64());
    }
    rounds.sort_by(f64::total_cmp);
    let middle = rounds.get(ROUNDS / 2).copied().unwrap_or(f64::NAN);
    Ok(f64::from(u32::try_from(BULK)?) / middle)
}

/// As long as an entry of an access log is: some 300 bytes.
fn entry(number: u64) -> Vec<u8> {
    format!("{{\"action\":\"case.read\",\"number\":{number},\"rest\":\"{number:0>250}\"}}").into_bytes()
}

fn leaf(number: u64) -> Hash {
    Hash::of_leaf(&number.to_be_bytes())
}

fn grown(size: u64) -> Result<(Tree, Tiles), Box<dyn Error>> {
    let (mut tree, mut tiles) = (Tree::new(), Tiles::new());
    let portion = 256 * 1024;
    for from in (0..size).step_by(portion) {
        let to = size.min(from + u64::try_from(portion)?);
        let new = tree.grow((from..to).map(leaf))?;
        tiles.extend(new.into_iter().map(|new| (new.tile, new.bytes)));
    }
    Ok((tree, tiles))
}

/// How long this thread has been on a processor; on some machines in steps of 4 ms.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split_whitespace().next().ok_or("an empty schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end.max(1)
    }
}
