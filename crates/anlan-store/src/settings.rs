//! Settings: documents a jurisdiction may replace (procedure, routing rules, calendar …). Every version stays.

use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::events::Stamp;
use anlan_model::ids::AccountId;

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which document.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// The document, as text.
    pub body: String,
    /// Who put it in force and when.
    pub stamp: Stamp,
}

const COLUMNS: &str = "name, version, body, at, by";

/// The version in force; `None` if the document was never set.
pub fn latest(tx: &mut Tx<'_>, name: &str) -> Result<Option<Setting>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM settings WHERE name = ?1 ORDER BY version DESC LIMIT 1");
    tx.query_one(&sql, &[name.into()], setting)
}

/// One version.
pub fn version(tx: &mut Tx<'_>, name: &str, version: u32) -> Result<Option<Setting>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM settings WHERE name = ?1 AND version = ?2");
    tx.query_one(&sql, &[name.into(), version.into()], setting)
}

/// Every version, newest first.
pub fn list(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Setting>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM settings WHERE name = ?1 ORDER BY version DESC");
    tx.query(&sql, &[name.into()], setting)
}

/// Puts a new version in force; its number.
pub fn put(tx: &mut Tx<'_>, name: &str, body: &str, stamp: &Stamp) -> Result<u32, Error> {
    let sql = "INSERT INTO settings (name, version, body, at, by)
        SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4 FROM settings WHERE name = ?1 RETURNING version";
    let params = [name.into(), body.into(), stamp.at.into(), stamp.by.into()];
    let version = tx.query_one(sql, &params, |row| row.int(0))?.unwrap_or(0);
    u32::try_from(version).map_err(|e| Error::Corrupt(format!("version of {name}: {e}")))
}

fn setting(row: &Row<'_>) -> Result<Setting, Error> {
    Ok(Setting {
        name: row.text(0)?.to_owned(),
        version: u32::try_from(row.int(1)?).map_err(|e| Error::Corrupt(format!("version: {e}")))?,
        body: row.text(2)?.to_owned(),
        stamp: Stamp {
            at: row.time(3)?,
            by: row.find_int(4)?.map(AccountId),
            post: None,
        },
    })
}
