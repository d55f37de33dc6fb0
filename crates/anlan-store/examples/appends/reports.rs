//! What the log adds to a report: the same units of work with leaf and keeper, and with the row alone, turn by turn.

use crate::scene::{Failure, Scene, at, at_share, cpu_time, open, signer};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::CaseId;
use anlan_store::logs::{Fault, Keeper};
use anlan_store::{Error, Store, Tx, Value, accesses};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Many, and the median counts: what else the machine does meanwhile falls on single ones.
const ROUNDS: u32 = 30;
/// As many at once as hand in when the intake of the whole program is measured.
const WRITERS: u32 = 64;
const REPORTS: u32 = 6_400;
/// The program's keeper signs every 0.4 s; a program that takes in 2,500 reports a second has so many by then.
const BEAT: u32 = 1_000;
/// How often the keeper looks whether there are as many.
const GLANCE: Duration = Duration::from_millis(2);

/// CPU of the whole process for one report, µs; medians of the rounds.
#[derive(Serialize)]
pub(crate) struct Told {
    with_us: f64,
    without_us: f64,
    /// What a round with leaf and keeper took more than the one beside it.
    added_us: f64,
    /// The quarters of that, as it was measured.
    added_us_quarters: [f64; 2],
}

pub(crate) fn measure(folder: &Path) -> Result<Told, Failure> {
    let (with, without) = (
        Scene::new(&folder.join("with"))?,
        Scene::new(&folder.join("without"))?,
    );
    let keeper = Keeper::open(&with.store, signer()?)?;
    let mut keeper = Some(keeper);
    let (mut costs, mut bare, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..ROUNDS {
        // Who goes first changes, so that neither always follows the other.
        let is_first = number % 2 == 0;
        let early = is_first.then(|| round(&with, note, &mut keeper)).transpose()?;
        let plain = round(&without, note_without_leaf, &mut None)?;
        let full = early.map_or_else(|| round(&with, note, &mut keeper), Ok)?;
        costs.push(full);
        bare.push(plain);
        added.push(full - plain);
    }
    drop(keeper);
    with.end();
    without.end();
    std::fs::remove_dir_all(folder)?;
    Ok(Told {
        with_us: at_share(&mut costs, 0.5),
        without_us: at_share(&mut bare, 0.5),
        added_us: at_share(&mut added, 0.5),
        added_us_quarters: [at_share(&mut added, 0.25), at_share(&mut added, 0.75)],
    })
}

type Note = fn(&mut Tx<'_>, &Access) -> Result<(), Error>;

/// Reports from many at once, each durable, while the keeper follows; CPU of one, µs.
fn round(scene: &Scene, note: Note, keeper: &mut Option<Keeper>) -> Result<f64, Failure> {
    let (taken, is_over) = (AtomicU32::new(0), AtomicBool::new(false));
    let (taken, is_over) = (&taken, &is_over);
    let before = cpu_time();
    std::thread::scope(|scope| {
        let follower = keeper
            .as_mut()
            .map(|keeper| scope.spawn(move || follow(keeper, taken, is_over)));
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| scope.spawn(move || hand_in(&scene.store, note, taken)))
            .collect();
        let written: Result<Vec<()>, Failure> = writers
            .into_iter()
            .map(|writer| Ok(writer.join().map_err(|_panic| "a writer broke off")??))
            .collect();
        is_over.store(true, Ordering::Relaxed);
        if let Some(follower) = follower {
            follower.join().map_err(|_panic| "the keeper broke off")??;
        }
        written
    })?;
    Ok((cpu_time() - before) / f64::from(REPORTS) * 1e6)
}

/// Takes numbers until there are none, and a report for each.
fn hand_in(store: &Store, note: Note, taken: &AtomicU32) -> Result<(), Error> {
    loop {
        let number = taken.fetch_add(1, Ordering::Relaxed);
        if number >= REPORTS {
            return Ok(());
        }
        store.write(move |tx| {
            let case = open(tx, number.into())?;
            note(tx, &creation(case))
        })?;
    }
}

/// Signs at every beat until all is over.
fn follow(keeper: &mut Keeper, taken: &AtomicU32, is_over: &AtomicBool) -> Result<(), Fault> {
    let mut next = BEAT;
    while !is_over.load(Ordering::Relaxed) {
        std::thread::sleep(GLANCE);
        if taken.load(Ordering::Relaxed) >= next {
            keeper.keep_up()?;
            next += BEAT;
        }
    }
    Ok(())
}

fn creation(case: CaseId) -> Access {
    Access {
        at: at(0),
        actor: None,
        post: None,
        office: None,
        action: "report.create".to_owned(),
        resource: "case".to_owned(),
        resource_id: case.to_string(),
        purpose: Purpose::OwnReport,
        allowed: true,
        count: 1,
    }
}

fn note(tx: &mut Tx<'_>, access: &Access) -> Result<(), Error> {
    accesses::append(tx, access)
}

/// The row as it was kept before there were leaves.
fn note_without_leaf(tx: &mut Tx<'_>, access: &Access) -> Result<(), Error> {
    let sql = "INSERT INTO accesses (at, actor, action, resource, resource_id, purpose, allowed, count)
        VALUES (?1, ?2, ?3, ?4, ?5, 'own_report', ?6, ?7)";
    let params = [
        access.at.into(),
        access.actor.into(),
        (&access.action).into(),
        (&access.resource).into(),
        (&access.resource_id).into(),
        access.allowed.into(),
        Value::from(access.count),
    ];
    tx.exec(sql, &params).map(drop)
}
