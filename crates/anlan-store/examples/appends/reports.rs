//! What the log adds to a report: the same units of work with leaf and keeper, and with the row alone, turn by turn.

use crate::scene::{Failure, Scene, at, cpu_time, open, signer};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::CaseId;
use anlan_store::logs::{Fault, Keeper};
use anlan_store::{Error, Tx, Value, accesses};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const ROUNDS: u32 = 10;
const REPORTS: u32 = 1_000;
/// As the program's keeper waits.
const BEAT: Duration = Duration::from_millis(400);

/// CPU of the whole process for one report, µs.
#[derive(Serialize)]
pub(crate) struct Told {
    with_us: f64,
    without_us: f64,
}

pub(crate) fn measure(folder: &Path) -> Result<Told, Failure> {
    let (with, without) = (
        Scene::new(&folder.join("with"))?,
        Scene::new(&folder.join("without"))?,
    );
    let keeper = Keeper::open(&with.store, signer()?)?;
    let (mut costs, mut bare) = (0.0, 0.0);
    let mut keeper = Some(keeper);
    for _ in 0..ROUNDS {
        costs += round(&with, note, &mut keeper)?;
        bare += round(&without, note_without_leaf, &mut None)?;
    }
    let each = |seconds: f64| seconds / f64::from(ROUNDS * REPORTS) * 1e6;
    drop(keeper);
    with.end();
    without.end();
    std::fs::remove_dir_all(folder)?;
    Ok(Told {
        with_us: each(costs),
        without_us: each(bare),
    })
}

type Note = fn(&mut Tx<'_>, &Access) -> Result<(), Error>;

/// Reports one after another, each durable, while the keeper follows; seconds of CPU.
fn round(scene: &Scene, note: Note, keeper: &mut Option<Keeper>) -> Result<f64, Failure> {
    let (store, is_over) = (&scene.store, AtomicBool::new(false));
    let before = cpu_time()?;
    std::thread::scope(|scope| {
        let follow = scope.spawn(|| {
            let Some(keeper) = keeper else { return Ok(()) };
            while !is_over.load(Ordering::Relaxed) {
                std::thread::sleep(BEAT);
                keeper.keep_up()?;
            }
            Ok::<_, Fault>(())
        });
        let taken = (0..REPORTS).try_for_each(|number| {
            store.write(move |tx| {
                let case = open(tx, number.into())?;
                note(tx, &creation(case))
            })
        });
        is_over.store(true, Ordering::Relaxed);
        let followed = follow.join().map_err(|_panic| "the keeper broke off")?;
        taken?;
        followed.map_err(Failure::from)
    })?;
    Ok(cpu_time()? - before)
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
