//! Rows kept back: shown, mended, tried again.

use super::{Row, get};
use crate::{App, Caller, Error, accesses, reports};
use anlan_model::accesses::Purpose;
use anlan_model::ids::{ImportId, QuarantineId};
use anlan_model::imports::{Fault, QuarantinedRow};
use anlan_policy::Action;
use anlan_store::{Cursor, Page};
use std::sync::Arc;

/// Rows kept back by a run. They may hold personal data, so looking is logged.
pub fn quarantine(
    app: &App,
    caller: &Caller,
    id: ImportId,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<QuarantinedRow>, Error> {
    page(app, caller, (id, false), after, limit)
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
            return Err(Error::conflict(
                "quarantine.mended",
                "该行已经入库，没有再作更改。",
                "This row has already gone in; nothing was changed.",
            ));
        }
        for (column, value) in &mended {
            let Some(field) = row.fields.iter_mut().find(|(name, _)| name == column) else {
                return Err(Error::field(
                    column,
                    "column.unknown",
                    format!("该行没有“{column}”这一列。"),
                    format!("The row has no column \"{column}\"."),
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

/// The rows of a run still kept back, for trying again; they are read, so this is a look like any other.
pub fn waiting(
    app: &App,
    caller: &Caller,
    id: ImportId,
    after: Option<&Cursor>,
) -> Result<Page<QuarantinedRow>, Error> {
    page(app, caller, (id, true), after, 500)
}

/// A page of rows kept back, all or those still waiting, with its entry.
fn page(
    app: &App,
    caller: &Caller,
    (id, is_waiting): (ImportId, bool),
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<QuarantinedRow>, Error> {
    app.require(caller, Action::ImportMend)?;
    let page = app.store.read(|tx| {
        get(tx, id)?;
        anlan_store::quarantine::list(tx, id, is_waiting, after, limit.into()).map_err(Error::from)
    })?;
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportMend,
        "quarantine",
        id,
        Purpose::Maintenance,
    )
    .of_many(page.items.len());
    accesses::log(app, entry)?;
    Ok(page)
}

/// Tries a row kept back again, as its mapping reads it now.
pub fn retry(app: &App, caller: &Caller, kept: &QuarantinedRow, row: Row) -> Result<Retried, Error> {
    app.require(caller, Action::ImportMend)?;
    let now = app.clock.now();
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
                anlan_store::accesses::append(tx, &entry)?;
                return Ok(Retried::Still(bad.faults.clone()));
            }
            Row::Good(ready) => reports::take_in(tx, ready)?,
        };
        anlan_store::quarantine::release(tx, id, now)?;
        let mut run = get(tx, import)?;
        run.quarantined = run.quarantined.saturating_sub(1);
        if retried.is_some() {
            run.imported += 1;
        } else {
            run.known += 1;
        }
        anlan_store::imports::update(tx, &run)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(Retried::In)
    })
}
