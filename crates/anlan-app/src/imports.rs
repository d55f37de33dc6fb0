//! Imports: batches of rows become cases, rows with faults go to quarantine, and the run remembers how far it came,
//! all in the same unit of work. Taking a file twice changes nothing: every row is known by its source and id.

use crate::reports::{self, Ready};
use crate::uploads::{self, Plan};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::classes::Class;
use anlan_model::events::Stamp;
use anlan_model::ids::{ImportId, QuarantineId};
use anlan_model::imports::{Fault, Import, ImportState, QuarantinedRow};
use anlan_model::incoming::Incoming;
use anlan_policy::Action;
use anlan_store::{Cursor, Page, Tx};
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
    incoming: Incoming,
    line: u64,
    fields: impl FnOnce() -> Vec<(String, String)>,
) -> Row {
    match reports::prepare(app, &app.node(), incoming, None) {
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
        Error::Invalid { fields, code, detail } if fields.is_empty() => vec![fault(None, code, detail)],
        Error::Invalid { fields, .. } => fields
            .into_iter()
            .map(|field| fault(Some(field.field), field.code, field.message))
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
                (import.state, import.error) = (ImportState::Running, None);
                anlan_store::imports::update(tx, &import)?;
                import
            }
            Some(import) if import.state == ImportState::Running && begin.take_over => import,
            Some(import) if import.state == ImportState::Running => {
                let detail = format!(
                    "import {} of this file is running already; nothing was started.",
                    import.id
                );
                return Err(Error::Conflict {
                    code: "import.running",
                    detail,
                });
            }
            _ => anlan_store::imports::insert(tx, &run(&begin, ImportState::Running, now), "{}")?,
        };
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

fn is_run_of(import: &Import, begin: &Begin) -> bool {
    import.digest == begin.digest && import.mapping == begin.mapping
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
    }
}

/// Keeps a run for later, with the job that will do it.
pub(crate) fn queue(app: &App, caller: &Caller, begin: &Begin, plan: Plan) -> Result<Import, Error> {
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
        let busy = |import: &&Import| matches!(import.state, ImportState::Running | ImportState::Queued);
        if let Some(running) = anlan_store::imports::list(tx)?
            .iter()
            .find(|import| busy(import) && is_run_of(import, &begin))
        {
            let detail = format!(
                "import {} of this file is waiting or running already; nothing was started.",
                running.id
            );
            return Err(Error::Conflict {
                code: "import.running",
                detail,
            });
        }
        let import = anlan_store::imports::insert(tx, &run(&begin, ImportState::Queued, now), &json(&plan)?)?;
        enqueue(
            tx,
            &Plan {
                import: import.id,
                ..plan.clone()
            },
            now,
        )?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

fn json(plan: &Plan) -> Result<String, Error> {
    serde_json::to_string(plan).map_err(|error| Error::Unavailable {
        detail: error.to_string(),
    })
}

fn enqueue(tx: &mut Tx<'_>, plan: &Plan, now: Timestamp) -> Result<(), Error> {
    anlan_store::jobs::enqueue(tx, uploads::JOB, &json(plan)?, now)?;
    Ok(())
}

/// Asks a running import to stop after its batch, or takes a waiting one out of the queue.
pub fn stop(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    change(app, caller, id, |_, import| {
        if !matches!(import.state, ImportState::Running | ImportState::Queued) {
            return Err(Error::Conflict {
                code: "import.not_running",
                detail: "this import does not run.".into(),
            });
        }
        import.state = ImportState::Stopped;
        import.error = Some("stopped by hand; resume it, nothing is lost".into());
        Ok(())
    })
}

/// Lets a stopped import go on from where it was.
pub fn resume(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    let now = app.clock.now();
    change(app, caller, id, move |tx, import| {
        if !uploads::may_go_on(import.state) {
            return Err(Error::Conflict {
                code: "import.not_stopped",
                detail: "this import is not stopped.".into(),
            });
        }
        (import.state, import.error, import.ended_at) = (ImportState::Queued, None, None);
        let known = plan(tx, import.id)?;
        enqueue(
            tx,
            &Plan {
                import: import.id,
                replay: false,
                ..known
            },
            now,
        )
    })
}

/// Tries the rows a run kept back again.
pub fn replay(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    let now = app.clock.now();
    change(app, caller, id, move |tx, import| {
        let known = plan(tx, import.id)?;
        enqueue(
            tx,
            &Plan {
                import: import.id,
                replay: true,
                ..known
            },
            now,
        )
    })
}

fn plan(tx: &mut Tx<'_>, id: ImportId) -> Result<Plan, Error> {
    let text = anlan_store::imports::plan(tx, id)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(|_| Error::Conflict {
        code: "import.by_command",
        detail: "this run was started on the command line; go on there with the same file (`anlan import`, `anlan replay`).".into(),
    })
}

fn change(
    app: &App,
    caller: &Caller,
    id: ImportId,
    decide: impl Fn(&mut Tx<'_>, &mut Import) -> Result<(), Error> + Send + 'static,
) -> Result<Import, Error> {
    app.require(caller, Action::ImportRun)?;
    let entry = accesses::entry(app, caller, Action::ImportRun, "import", id, Purpose::Maintenance);
    app.store.write(move |tx| {
        let mut import = get(tx, id)?;
        decide(tx, &mut import)?;
        anlan_store::imports::update(tx, &import)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

/// Runs that a crash left behind count as stopped: they go on from where they were. Call it once at start.
pub fn recover(app: &App) -> Result<u32, Error> {
    app.store.write(|tx| {
        let mut found = 0;
        for mut import in anlan_store::imports::in_state(tx, ImportState::Running)? {
            import.state = ImportState::Stopped;
            import.error = Some("the program ended while the import ran; resume it, nothing is lost".into());
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
    rows: Vec<Row>,
    bytes_done: u64,
) -> Result<Import, Error> {
    app.require(caller, Action::ImportRun)?;
    let stamp = Stamp {
        at: app.clock.now(),
        by: caller.actor.account,
    };
    let mut entry = accesses::entry(app, caller, Action::ImportRun, "import", id, Purpose::Maintenance);
    entry.count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let rows = Arc::new(rows);
    app.store.write(move |tx| {
        let mut import = get(tx, id)?;
        // A row already kept back by an earlier run of the same file is counted, not kept twice.
        let earlier = earlier_run(tx, &import)?;
        for row in rows.iter() {
            import.rows += 1;
            match row {
                Row::Good(ready) => match reports::take_in(tx, ready, &stamp)? {
                    Some(_) => import.imported += 1,
                    None => import.known += 1,
                },
                Row::Bad(bad) => {
                    let line = bad.faults.first().map_or(import.rows, |fault| fault.line);
                    let is_kept = match earlier {
                        Some(earlier) => anlan_store::quarantine::has_line(tx, earlier, line)?,
                        None => false,
                    };
                    if !is_kept {
                        anlan_store::quarantine::add(tx, id, line, &bad.faults, &bad.fields)?;
                    }
                    import.quarantined += 1;
                }
            }
        }
        import.bytes_done = bytes_done;
        anlan_store::imports::update(tx, &import)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

fn get(tx: &mut Tx<'_>, id: ImportId) -> Result<Import, Error> {
    anlan_store::imports::find(tx, id)?.ok_or(Error::Missing { what: "import" })
}

fn earlier_run(tx: &mut Tx<'_>, import: &Import) -> Result<Option<ImportId>, Error> {
    let all = anlan_store::imports::list(tx)?;
    let same = |other: &&Import| {
        other.id != import.id && other.digest == import.digest && other.mapping == import.mapping
    };
    Ok(all.iter().filter(same).map(|other| other.id).min())
}

/// Ends a run.
pub fn end(app: &App, id: ImportId, state: ImportState, error: Option<String>) -> Result<Import, Error> {
    let now = app.clock.now();
    app.store.write(move |tx| {
        let mut import = get(tx, id)?;
        (import.state, import.error) = (state, error.clone());
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
    app.store
        .write(move |tx| anlan_store::classes::upsert_many(tx, &new).map_err(Error::from))?;
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

/// Rows kept back by a run. They may hold personal data, so looking is logged.
pub fn quarantine(
    app: &App,
    caller: &Caller,
    id: ImportId,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<QuarantinedRow>, Error> {
    app.require(caller, Action::ImportMend)?;
    let page = app
        .store
        .read(|tx| anlan_store::quarantine::list(tx, id, false, after, limit.into()).map_err(Error::from))?;
    let mut entry = accesses::entry(
        app,
        caller,
        Action::ImportMend,
        "quarantine",
        id,
        Purpose::Maintenance,
    );
    entry.count = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
    accesses::log(app, entry)?;
    Ok(page)
}

/// Corrects fields of a row kept back; it goes in when the run is replayed.
pub fn mend(
    app: &App,
    caller: &Caller,
    id: QuarantineId,
    mended: Vec<(String, String)>,
) -> Result<QuarantinedRow, Error> {
    app.require(caller, Action::ImportMend)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportMend,
        "quarantine",
        id,
        Purpose::Maintenance,
    );
    app.store.write(move |tx| {
        let mut row = anlan_store::quarantine::find(tx, id)?.ok_or(Error::Missing { what: "row" })?;
        if row.mended_at.is_some() {
            let detail = "this row has already gone in; nothing was changed.".into();
            return Err(Error::Conflict {
                code: "quarantine.mended",
                detail,
            });
        }
        for (column, value) in &mended {
            let Some(field) = row.fields.iter_mut().find(|(name, _)| name == column) else {
                return Err(Error::field(
                    column,
                    "column.unknown",
                    format!("the row has no column \"{column}\""),
                ));
            };
            field.1.clone_from(value);
        }
        anlan_store::quarantine::mend(tx, id, &row.faults, &row.fields)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(row)
    })
}

/// What became of one row that was tried again.
#[derive(Debug)]
pub enum Retried {
    /// It went in, or was in already.
    In,
    /// It is still kept back, with these faults.
    Still(Vec<Fault>),
}

/// The rows of a run still kept back, for trying again.
pub fn waiting(
    app: &App,
    caller: &Caller,
    id: ImportId,
    after: Option<&Cursor>,
) -> Result<Page<QuarantinedRow>, Error> {
    app.require(caller, Action::ImportMend)?;
    app.store
        .read(|tx| anlan_store::quarantine::list(tx, id, true, after, 500).map_err(Error::from))
}

/// Tries a row kept back again, as its mapping reads it now.
pub fn retry(app: &App, caller: &Caller, kept: &QuarantinedRow, row: Row) -> Result<Retried, Error> {
    app.require(caller, Action::ImportMend)?;
    let now = app.clock.now();
    let stamp = Stamp {
        at: now,
        by: caller.actor.account,
    };
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportMend,
        "quarantine",
        kept.id,
        Purpose::Maintenance,
    );
    let (id, import, fields, row) = (kept.id, kept.import, kept.fields.clone(), Arc::new(row));
    app.store.write(move |tx| {
        let retried = match row.as_ref() {
            Row::Bad(bad) => {
                anlan_store::quarantine::mend(tx, id, &bad.faults, &fields)?;
                return Ok(Retried::Still(bad.faults.clone()));
            }
            Row::Good(ready) => reports::take_in(tx, ready, &stamp)?,
        };
        anlan_store::quarantine::release(tx, id, now)?;
        let mut run = get(tx, import)?;
        run.quarantined = run.quarantined.saturating_sub(1);
        if retried.is_some() {
            run.imported += 1
        } else {
            run.known += 1
        }
        anlan_store::imports::update(tx, &run)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(Retried::In)
    })
}
