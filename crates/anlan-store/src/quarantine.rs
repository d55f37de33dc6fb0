//! Quarantine: rows an import kept back, whole, each with what is wrong, until somebody mends them.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use crate::{Cursor, Page};
use anlan_model::ids::{ImportId, QuarantineId};
use anlan_model::imports::{Fault, QuarantinedRow};
use jiff::Timestamp;

const CURSOR: u8 = 2;
const PAGE_MAX: usize = 1000;
const COLUMNS: &str = "id, import, faults, fields, mended_at";

/// Whether a run has kept back the row that begins on this line, mended since or not.
pub fn has_line(tx: &mut Tx<'_>, import: ImportId, line: u64) -> Result<bool, Error> {
    let line = i64::try_from(line).map_err(|e| Error::Invalid(format!("line: {e}")))?;
    let sql = "SELECT 1 FROM quarantine WHERE import = ?1 AND line = ?2";
    Ok(tx
        .query_one(sql, &[import.into(), line.into()], |row| row.int(0))?
        .is_some())
}

/// Keeps a row back. `line` is where it begins in the file; the same line of the same run is kept once, so a run that goes
/// on after a stop adds nothing twice.
pub fn add(
    tx: &mut Tx<'_>,
    import: ImportId,
    line: u64,
    faults: &[Fault],
    fields: &[(String, String)],
) -> Result<QuarantineId, Error> {
    let sql = "INSERT INTO quarantine (import, line, faults, fields) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (import, line) DO UPDATE SET faults = excluded.faults, fields = excluded.fields";
    let line = i64::try_from(line).map_err(|e| Error::Invalid(format!("line: {e}")))?;
    let (faults, fields) = (body::write(&faults)?, body::write(&fields)?);
    // No RETURNING, see `reports::insert`: a bad file has many such rows among its good ones.
    tx.exec(
        sql,
        &[import.into(), line.into(), (&faults).into(), (&fields).into()],
    )?;
    let kept = "SELECT id FROM quarantine WHERE import = ?1 AND line = ?2";
    let id = tx.query_one(kept, &[import.into(), line.into()], |row| row.int(0))?;
    id.map(QuarantineId)
        .ok_or_else(|| Error::missing("import", import))
}

/// The rows a run kept back, in file order; with `only_waiting` those not mended yet.
pub fn list(
    tx: &mut Tx<'_>,
    import: ImportId,
    only_waiting: bool,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<QuarantinedRow>, Error> {
    let limit = limit.clamp(1, PAGE_MAX);
    let after = after
        .map(|cursor| cursor.keys::<1>(CURSOR))
        .transpose()?
        .map_or(-1, |[line]| line);
    let sql = format!(
        "SELECT {COLUMNS}, line FROM quarantine WHERE import = ?1 AND line > ?2 AND (?3 = 0 OR mended_at IS NULL)
        ORDER BY line LIMIT ?4"
    );
    let more = Value::Int(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let params = [import.into(), after.into(), only_waiting.into(), more];
    let found = tx.query(&sql, &params, |row| Ok(([row.int(5)?], kept_row(row)?)))?;
    Ok(Page::cut(CURSOR, found, limit))
}

/// A row kept back.
pub fn find(tx: &mut Tx<'_>, id: QuarantineId) -> Result<Option<QuarantinedRow>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM quarantine WHERE id = ?1"),
        &[id.into()],
        kept_row,
    )
}

/// Changes a row's fields and says what is still wrong with it. `Error::Missing` if there is none or it went in already.
pub fn mend(
    tx: &mut Tx<'_>,
    id: QuarantineId,
    faults: &[Fault],
    fields: &[(String, String)],
) -> Result<(), Error> {
    let sql = "UPDATE quarantine SET faults = ?2, fields = ?3 WHERE id = ?1 AND mended_at IS NULL";
    let (faults, fields) = (body::write(&faults)?, body::write(&fields)?);
    waiting(
        tx.exec(sql, &[id.into(), (&faults).into(), (&fields).into()])?,
        id,
    )
}

/// Notes that a row went in. `Error::Missing` if there is none or it went in already.
pub fn release(tx: &mut Tx<'_>, id: QuarantineId, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE quarantine SET mended_at = ?2 WHERE id = ?1 AND mended_at IS NULL";
    waiting(tx.exec(sql, &[id.into(), at.into()])?, id)
}

/// Erases rows of a run, at most so many; how many were left to erase of that number.
pub fn erase(tx: &mut Tx<'_>, import: ImportId, limit: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE import = ?1 LIMIT ?2)";
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    tx.exec(sql, &[import.into(), limit])
}

/// How many rows of a run wait, and how many went in after mending.
pub fn count(tx: &mut Tx<'_>, import: ImportId) -> Result<(u64, u64), Error> {
    let sql = "SELECT count(*) - count(mended_at), count(mended_at) FROM quarantine WHERE import = ?1";
    let counts = |row: &Row<'_>| Ok((row.int(0)?.unsigned_abs(), row.int(1)?.unsigned_abs()));
    Ok(tx.query_one(sql, &[import.into()], counts)?.unwrap_or_default())
}

fn waiting(rows: usize, id: QuarantineId) -> Result<(), Error> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::missing("waiting row", id))
    }
}

fn kept_row(row: &Row<'_>) -> Result<QuarantinedRow, Error> {
    Ok(QuarantinedRow {
        id: QuarantineId(row.int(0)?),
        import: ImportId(row.int(1)?),
        faults: row.json(2)?,
        fields: row.json(3)?,
        mended_at: row.find_time(4)?,
    })
}
