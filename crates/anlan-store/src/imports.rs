//! Imports: runs of a file through a mapping, and how far each got. Reading files is not done here.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::ImportId;
use anlan_model::imports::{Import, ImportState};

/// Notes a new run; `import.id` is ignored. `plan` is what the run needs to go on after a stop (upload, datum …), as text.
pub fn insert(tx: &mut Tx<'_>, import: &Import, plan: &str) -> Result<Import, Error> {
    let sql = "INSERT INTO imports (digest, state, plan, body) VALUES (?1, ?2, ?3, ?4)";
    let (state, body) = (body::word(&import.state)?, body::write(import)?);
    let id = tx.insert(
        sql,
        &[
            (&import.digest).into(),
            (&state).into(),
            plan.into(),
            (&body).into(),
        ],
    )?;
    Ok(Import {
        id: ImportId(id),
        ..import.clone()
    })
}

/// Notes how far a run got. `Error::Missing` if there is no such run.
pub fn update(tx: &mut Tx<'_>, import: &Import) -> Result<(), Error> {
    let (state, body) = (body::word(&import.state)?, body::write(import)?);
    let sql = "UPDATE imports SET state = ?2, body = ?3 WHERE id = ?1";
    match tx.exec(sql, &[import.id.into(), (&state).into(), (&body).into()])? {
        1 => Ok(()),
        _ => Err(Error::missing("import", import.id)),
    }
}

/// A run.
pub fn find(tx: &mut Tx<'_>, id: ImportId) -> Result<Option<Import>, Error> {
    tx.query_one("SELECT id, body FROM imports WHERE id = ?1", &[id.into()], import)
}

/// What a run needs to go on.
pub fn plan(tx: &mut Tx<'_>, id: ImportId) -> Result<Option<String>, Error> {
    tx.query_one("SELECT plan FROM imports WHERE id = ?1", &[id.into()], |row| {
        Ok(row.text(0)?.to_owned())
    })
}

/// Every run, newest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Import>, Error> {
    tx.query("SELECT id, body FROM imports ORDER BY id DESC", &[], import)
}

/// Runs in that state, oldest first: those to take up again after a restart.
pub fn in_state(tx: &mut Tx<'_>, state: ImportState) -> Result<Vec<Import>, Error> {
    let state = body::word(&state)?;
    tx.query(
        "SELECT id, body FROM imports WHERE state = ?1 ORDER BY id",
        &[(&state).into()],
        import,
    )
}

fn import(row: &Row<'_>) -> Result<Import, Error> {
    let import: Import = row.json(1)?;
    // The body was written before the id was known.
    Ok(Import {
        id: ImportId(row.int(0)?),
        ..import
    })
}
