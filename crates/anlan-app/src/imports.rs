//! Imports: batches of rows become cases, rows with faults go to quarantine, and the run remembers how far it came,
//! all in the same unit of work. Taking a file twice changes nothing: every row is known by its source and id.

mod quarantine;
mod queue;

pub use quarantine::{Retried, mend, quarantine, retry, waiting};
pub(crate) use queue::queue;
pub use queue::{replay, resume, stop};

use crate::reports::{self, Ready};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::classes::Class;
use anlan_model::ids::ImportId;
use anlan_model::imports::{Fault, Import, ImportState};
use anlan_model::incoming::Incoming;
use anlan_policy::Action;
use anlan_store::Tx;
use jiff::Timestamp;
use std::sync::Arc;

/// One row of a file, as its mapping read it.
#[derive(Debug)]
pub enum Row {
    /// Ready to be kept.
    Good(Box<Ready>),
    /// Kept back.
    Bad(BadRow),
}

/// A row that is kept back, whole.
#[derive(Debug, Clone)]
pub struct BadRow {
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
    /// Header and value pairs in file order.
    pub fields: Vec<(String, String)>,
}

/// A file that is about to be imported.
#[derive(Debug, Clone)]
pub struct Begin {
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// Name of the mapping.
    pub mapping: String,
    /// Size in bytes.
    pub bytes_total: u64,
    /// Go on with a run that says it runs although nobody does it: a crash left it behind.
    pub take_over: bool,
}

/// Checks, places and routes one mapped row; what cannot be taken becomes a bad row.
pub fn ready(
    app: &App,
    caller: &Caller,
    incoming: Incoming,
    line: u64,
    fields: impl FnOnce() -> Vec<(String, String)>,
) -> Row {
    match reports::prepare(app, &app.node(), incoming, None, caller.stamp(app.clock.now())) {
        Ok(ready) => Row::Good(Box::new(ready)),
        Err(error) => Row::Bad(BadRow {
            faults: faults(error, line),
            fields: fields(),
        }),
    }
}

fn faults(error: Error, line: u64) -> Vec<Fault> {
    let fault = |column, code: &str, message| Fault {
        line,
        column,
        value: None,
        code: code.into(),
        message,
    };
    match error {
        Error::Invalid { fields, code, en, .. } if fields.is_empty() => vec![fault(None, code, en)],
        Error::Invalid { fields, .. } => fields
            .into_iter()
            .map(|field| fault(Some(field.field), field.code, field.en))
            .collect(),
        other => vec![fault(None, "row.refused", other.to_string())],
    }
}

/// Starts a run, or takes up one of the same file and mapping that was stopped.
pub fn begin(app: &App, caller: &Caller, begin: &Begin) -> Result<Import, Error> {
    app.require(caller, Action::ImportRun)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportRun,
        "import",
        &begin.mapping,
        Purpose::Maintenance,
    );
    let (begin, now) = (begin.clone(), app.clock.now());
    app.store.write(move |tx| {
        let known = anlan_store::imports::list(tx)?
            .into_iter()
            .find(|import| is_run_of(import, &begin));
        let import = match known {
            Some(mut import) if matches!(import.state, ImportState::Stopped | ImportState::Queued) => {
                import.state = ImportState::Running;
                import.note(None);
                anlan_store::imports::update(tx, &import)?;
                import
            }
            Some(import) if import.state == ImportState::Running && begin.take_over => import,
            Some(import) if import.state == ImportState::Running => {
                let id = import.id;
                return Err(Error::conflict(
                    "import.running",
                    format!("该文件的导入 {id} 正在进行，没有重复启动。"),
                    format!("Import {id} of this file is running already; nothing was started."),
                ));
            }
            _ => anlan_store::imports::insert(tx, &run(&begin, ImportState::Running, now), "{}")?,
        };
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

fn is_run_of(import: &Import, begin: &Begin) -> bool {
    is_same_file(import, &begin.digest, &begin.mapping)
}

/// The same file through the same mapping.
fn is_same_file(import: &Import, digest: &str, mapping: &str) -> bool {
    import.digest == digest && import.mapping == mapping
}

/// A run that has not read a row yet.
fn run(begin: &Begin, state: ImportState, now: Timestamp) -> Import {
    Import {
        id: ImportId(0),
        file: begin.file.clone(),
        digest: begin.digest.clone(),
        mapping: begin.mapping.clone(),
        state,
        rows: 0,
        imported: 0,
        known: 0,
        quarantined: 0,
        bytes_done: 0,
        bytes_total: begin.bytes_total,
        started_at: now,
        ended_at: None,
        error: None,
        error_zh: None,
    }
}

/// Runs that a crash left behind count as stopped: they go on from where they were. Call it once at start.
pub fn recover(app: &App) -> Result<u32, Error> {
    app.store.write(|tx| {
        let mut found = 0;
        for mut import in anlan_store::imports::in_state(tx, ImportState::Running)? {
            import.state = ImportState::Stopped;
            import.note(Some((
                "导入进行中程序退出；继续导入即可，没有丢失任何内容。".into(),
                "The program ended while the import ran; resume it, nothing is lost.".into(),
            )));
            anlan_store::imports::update(tx, &import)?;
            found += 1;
        }
        Ok(found)
    })
}

/// Keeps a batch of rows and how far the run came, in one unit of work.
pub fn take_batch(
    app: &App,
    caller: &Caller,
    id: ImportId,
    rows: Arc<Vec<Row>>,
    bytes_done: u64,
) -> Result<Import, Error> {
    app.require(caller, Action::ImportRun)?;
    let entry = accesses::entry(app, caller, Action::ImportRun, "import", id, Purpose::Maintenance)
        .of_many(rows.len());
    app.store.write(move |tx| {
        let mut import = get(tx, id)?;
        // A row already kept back by an earlier run of the same file is counted, not kept twice.
        let earlier = earlier_run(tx, &import)?;
        for row in rows.iter() {
            import.rows += 1;
            keep(tx, &mut import, earlier, row)?;
        }
        import.bytes_done = bytes_done;
        anlan_store::imports::update(tx, &import)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

fn keep(tx: &mut Tx<'_>, import: &mut Import, earlier: Option<ImportId>, row: &Row) -> Result<(), Error> {
    let bad = match row {
        Row::Good(ready) => {
            let is_new = reports::take_in(tx, ready)?.is_some();
            *(if is_new {
                &mut import.imported
            } else {
                &mut import.known
            }) += 1;
            return Ok(());
        }
        Row::Bad(bad) => bad,
    };
    import.quarantined += 1;
    let line = bad.faults.first().map_or(import.rows, |fault| fault.line);
    if let Some(earlier) = earlier
        && anlan_store::quarantine::has_line(tx, earlier, line)?
    {
        return Ok(());
    }
    anlan_store::quarantine::add(tx, import.id, line, &bad.faults, &bad.fields)?;
    Ok(())
}

fn get(tx: &mut Tx<'_>, id: ImportId) -> Result<Import, Error> {
    anlan_store::imports::find(tx, id)?.ok_or(Error::Missing { what: "import" })
}

fn earlier_run(tx: &mut Tx<'_>, import: &Import) -> Result<Option<ImportId>, Error> {
    let all = anlan_store::imports::list(tx)?;
    let same =
        |other: &&Import| other.id != import.id && is_same_file(other, &import.digest, &import.mapping);
    Ok(all.iter().filter(same).map(|other| other.id).min())
}

/// Ends a run; where it was refused or stopped, with the reason in Chinese and English.
pub fn end(
    app: &App,
    id: ImportId,
    state: ImportState,
    why: Option<(String, String)>,
) -> Result<Import, Error> {
    let now = app.clock.now();
    app.store.write(move |tx| {
        let mut import = get(tx, id)?;
        import.state = state;
        import.note(why.clone());
        if state != ImportState::Running && state != ImportState::Queued {
            import.ended_at = Some(now);
        }
        anlan_store::imports::update(tx, &import)?;
        Ok(import)
    })
}

/// Classes that a mapping keeps in the city's own words; known ones stay as they are.
pub fn add_classes(app: &App, caller: &Caller, classes: Vec<Class>) -> Result<(), Error> {
    app.require(caller, Action::ImportRun)?;
    let node = app.node();
    let new: Vec<Class> = classes
        .into_iter()
        .filter(|class| !node.classes.contains_key(&class.code))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportRun,
        "classes",
        "",
        Purpose::Maintenance,
    )
    .of_many(new.len());
    app.store.write(move |tx| {
        anlan_store::classes::upsert_many(tx, &new)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    app.reload()
}

/// All runs, the newest first.
pub fn list(app: &App, caller: &Caller) -> Result<Vec<Import>, Error> {
    app.require(caller, Action::ImportRead)?;
    app.store
        .read(|tx| anlan_store::imports::list(tx).map_err(Error::from))
}

/// One run.
pub fn find(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    app.require(caller, Action::ImportRead)?;
    app.store.read(|tx| get(tx, id))
}
