//! Queue, map and search over a million cases, asked over HTTP as the desk asks. The cases are a made-up backlog that
//! went in through the program's own import; the finished node is kept, so that only the first run takes long.

mod backlog;
mod questions;

use super::http::Client;
use super::node::{self, Node, PASSWORD};
use super::{Bar, Figures, imports, quantile};
use crate::outside;
use crate::repo::Repo;
use anyhow::{Context, Result};
use questions::{Kind, Question};
use std::fs;
use std::path::{Path, PathBuf};

const CASES: u32 = 1_000_000;
/// Changes with what the backlog holds: an older node is then made anew.
const EDITION: &str = "4";
const ROUNDS: usize = 25;

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let program = node::program(repo)?;
    let data = make(repo, &program)?;
    let node = Node::start(repo, &program, &data, "serve")?;
    let mut client = Client::signed_in(&node.address, "duty", PASSWORD)?;
    let known = questions::Known::ask(&mut client)?;
    client.takes_packed = true;
    for kind in [Kind::Queue, Kind::Map, Kind::Search] {
        ask(&node, &mut client, kind, &known.questions(kind))?.tell(kind, figures);
    }
    println!("   memory of the node afterwards: {:.0} MiB", node.memory()?);
    node.stop()
}

/// The node of a million cases, made where there is none yet.
fn make(repo: &Repo, program: &Path) -> Result<PathBuf> {
    let stamp = repo.path(".anlan/bench/million.made");
    let data = repo.path(".anlan/bench/million");
    let wanted = format!("{EDITION} {CASES}\n");
    if data.is_dir() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(data);
    }
    println!("   making a node of {CASES} cases, once; this takes some minutes");
    let data = node::folder(repo, "million")?;
    node::seed(repo, program, &data)?;
    let file = data.join("backlog.csv");
    backlog::write(&file, CASES)?;
    let (seconds, seen, said) = imports::watched(program, &data, &file, "anlan")?;
    println!(
        "   {}   in {seconds:.0} s, at most {:.0} MiB",
        said, seen.memory_peak
    );
    fs::remove_file(&file)?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(data)
}

/// How long the answers to one kind of question took.
struct Times {
    all: Vec<f64>,
    /// Of the question whose own p95 is the longest.
    slowest: (f64, String),
    cpu_ms: f64,
}

/// Asks every question in turn, again and again, so that none is asked twice in a row.
fn ask(node: &Node, client: &mut Client, kind: Kind, questions: &[Question]) -> Result<Times> {
    let mut times = vec![Vec::new(); questions.len()];
    let mut before = node.cpu()?;
    for round in 0..=ROUNDS {
        for (question, times) in questions.iter().zip(&mut times) {
            let started = outside::stopwatch();
            let answer = client.get(&question.path)?;
            let taken = started.elapsed().as_secs_f64() * 1000.0;
            if answer.status != 200 {
                answer.json().with_context(|| question.path.clone())?;
            }
            if round > 0 {
                times.push(taken);
            }
        }
        if round == 0 {
            before = node.cpu()?;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let cpu_ms = (node.cpu()? - before) * 1000.0 / (ROUNDS * questions.len()) as f64;
    let mut slowest = (0.0, String::new());
    for (question, times) in questions.iter().zip(&mut times) {
        let own = quantile(times, 0.95);
        println!(
            "   {:<7} p95 {own:>7.1} ms, median {:>7.1} ms  {}",
            kind.word(),
            quantile(times, 0.5),
            question.words
        );
        if own > slowest.0 {
            slowest = (own, question.words.clone());
        }
    }
    let all = times.into_iter().flatten().collect();
    Ok(Times { all, slowest, cpu_ms })
}

impl Times {
    fn tell(mut self, kind: Kind, figures: &mut Figures) {
        let bar = Bar::AtMost(kind.bar_ms());
        let beside = format!(
            "{} answers, {:.1} ms server CPU each",
            self.all.len(),
            self.cpu_ms
        );
        let name = format!("{} among a million cases, p95", kind.word());
        figures.add(name, (quantile(&mut self.all, 0.95), "ms"), bar, beside);
        let name = format!("{}, p95 of the slowest question", kind.word());
        figures.add(name, (self.slowest.0, "ms"), bar, self.slowest.1);
    }
}
