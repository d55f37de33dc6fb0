//! The access log: durable appends by few and many writers, bulk, proofs in a large log, how soon an entry is signed, and
//! what the log adds to a report. The store's and the library's own measurements are run, and a whole node.

use super::revocation;
use crate::bench::examples::Example;
use crate::bench::http::Client;
use crate::bench::node::{self, Node, PASSWORD};
use crate::bench::{Bar, Figures, load, quantile, reports};
use crate::outside;
use crate::repo::Repo;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::fs;
use std::thread;
use std::time::Duration;

const LOG_ENTRIES: &str = "10000000";
/// Looks at cases, each followed until it is signed.
const LOOKS: usize = 60;
const GLANCE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(30);
/// Writers and the least that they must keep a second; the last line of the bars holds for more writers too.
const APPENDS: [(u32, f64); 3] = [(1, 500.0), (64, 8_000.0), (512, 25_000.0)];
const TESSERA: &str = "Tessera on such a machine: 68/s with one writer, 215/s with 64, 12,900/s with 2,048";

/// What the store's example tells.
#[derive(Deserialize)]
struct Appends {
    sync_ms: f64,
    entry_bytes: f64,
    writers: Vec<Writers>,
    together_per_second: f64,
    signed_per_second: f64,
    report: Report,
}

#[derive(Deserialize)]
struct Writers {
    #[serde(rename = "writers")]
    count: u32,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    cpu_us: f64,
}

#[derive(Deserialize)]
struct Report {
    with_us: f64,
    without_us: f64,
    added_us: f64,
    added_us_quarters: [f64; 2],
}

/// What the library's example tells.
#[derive(Deserialize)]
struct Tiling {
    bulk_entries_per_second: f64,
    log_entries: f64,
    proof_wall_us_median: f64,
    proof_wall_us_p99: f64,
}

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let folder = node::folder(repo, "access")?;
    let path = folder.to_string_lossy().into_owned();
    let store: Appends = Example::build(repo, "anlan-store", "appends")?.ask(&[&path])?;
    fs::remove_dir_all(&folder)?;
    add_appends(&store, figures);
    let library: Tiling = Example::build(repo, "anlan-tlog", "tiling")?.ask(&[LOG_ENTRIES])?;
    add_library(&library, figures);
    of_node(repo, &store.report, figures)
}

fn add_appends(store: &Appends, figures: &mut Figures) {
    let beside = format!("a page written and synced; load {}", load());
    figures.add(
        "the disk's own sync, median",
        (store.sync_ms, "ms"),
        Bar::None,
        beside,
    );
    for told in &store.writers {
        let many = told.count;
        let least = APPENDS.iter().rev().find(|(writers, _)| *writers <= many);
        let bar = least.map_or(Bar::None, |(_, least)| Bar::AtLeast(*least));
        let beside = format!(
            "{:.0} bytes each; p50 {:.2} ms, p99 {:.1} ms, {:.0} µs CPU each. {TESSERA}",
            store.entry_bytes, told.p50_ms, told.p99_ms, told.cpu_us
        );
        let name = format!("durable entries a second, writers: {many}");
        figures.add(name, (told.per_second, "/s"), bar, beside);
        if many == 64 {
            let name = "a durable entry among 64 writers, median";
            let beside = format!("{:.1} syncs", told.p50_ms / store.sync_ms.max(0.001));
            figures.add(name, (told.p50_ms, "ms"), Bar::AtMost(3.0), beside);
        }
    }
    let beside = "rows with leaf and chain, a thousand in each unit of work";
    let name = "entries a second noted together";
    figures.add(name, (store.together_per_second, "/s"), Bar::None, beside);
    let beside = "from rows to synced bundles, tiles and checkpoints";
    let name = "entries a second that the keeper catches up";
    figures.add(name, (store.signed_per_second, "/s"), Bar::None, beside);
}

fn add_library(library: &Tiling, figures: &mut Figures) {
    let name = "entries a second hashed and tiled in bulk";
    let beside = "of CPU of one core, in memory";
    let bulk = (library.bulk_entries_per_second, "/s");
    figures.add(name, bulk, Bar::AtLeast(200_000.0), beside);
    let name = format!(
        "proof and its verification among {:.0} entries, median",
        library.log_entries
    );
    let beside = format!(
        "p99 {:.2} ms; tiles in memory",
        library.proof_wall_us_p99 / 1000.0
    );
    let proof = (library.proof_wall_us_median / 1000.0, "ms");
    figures.add(name, proof, Bar::AtMost(5.0), beside);
}

/// How soon an entry is signed, and what the log adds to a report.
fn of_node(repo: &Repo, report: &Report, figures: &mut Figures) -> Result<()> {
    let program = node::program(repo)?;
    let data = node::folder(repo, "access")?;
    node::seed(repo, &program, &data)?;
    let node = Node::start(repo, &program, &data, "serve")?;
    revocation::measure(&node, figures)?;
    let mut delays = signing_delays(&node)?;
    let most = delays.iter().copied().fold(0.0, f64::max);
    let beside = format!("of {LOOKS} looks at a case; the longest took {most:.0} ms");
    let name = "from an entry to the checkpoint that has it, median";
    figures.add(
        name,
        (quantile(&mut delays, 0.5), "ms"),
        Bar::AtMost(1000.0),
        beside,
    );
    let whole = reports::cpu_ms(&node)? * 1000.0;
    let (added, [low, high]) = (report.added_us, report.added_us_quarters);
    let share = added / (whole - added).max(1.0) * 100.0;
    let beside = format!(
        "{added:.0} µs CPU (half of the rounds {low:.0} to {high:.0}) of {whole:.0}: with leaf and keeper {:.0}, with the row alone {:.0}, turn by turn in the store",
        report.with_us, report.without_us
    );
    let name = "what the log adds to a report from a resident's form";
    figures.add(name, (share, "%"), Bar::AtMost(10.0), beside);
    node.stop()?;
    fs::remove_dir_all(&data)?;
    Ok(())
}

/// Looks at a case again and again, and sees each time when a larger log is signed, ms.
fn signing_delays(node: &Node) -> Result<Vec<f64>> {
    let mut client = Client::signed_in(&node.address, "duty", PASSWORD)?;
    let page = client.get("/api/cases?limit=1")?.json()?;
    let case = page
        .pointer("/items/0/id")
        .context("no case in the demo county")?;
    let path = format!("/api/cases/{case}");
    let mut delays = Vec::new();
    for look in 0..LOOKS {
        // Not in step with the keeper.
        thread::sleep(Duration::from_millis(u64::try_from(look * 37 % 400)?));
        settle(&mut client)?;
        let before = signed(&mut client)?;
        client.get(&path)?.json()?;
        let answered = outside::stopwatch();
        while signed(&mut client)? <= before {
            if answered.elapsed() > PATIENCE {
                bail!("an entry is not signed");
            }
            thread::sleep(GLANCE);
        }
        delays.push(answered.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(delays)
}

/// Waits until nothing is left to sign.
fn settle(client: &mut Client) -> Result<()> {
    loop {
        let before = signed(client)?;
        thread::sleep(Duration::from_millis(700));
        if signed(client)? == before {
            return Ok(());
        }
    }
}

/// How many entries are signed; none before the first checkpoint.
fn signed(client: &mut Client) -> Result<u64> {
    let answer = client.get("/log/checkpoint")?;
    if answer.status == 404 {
        return Ok(0);
    }
    let text = String::from_utf8(answer.body)?;
    let size = text.lines().nth(1).and_then(|size| size.parse().ok());
    size.with_context(|| format!("no checkpoint: {text}"))
}
