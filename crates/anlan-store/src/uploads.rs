//! Uploads: files handed in and not yet imported. The file lies in the uploads folder under its id; only its row is here.

use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::ids::AccountId;
use jiff::Timestamp;

/// A file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id, also its name in `Store::uploads_folder`.
    pub id: String,
    /// The name its sender gave it; for show only, never a path.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<AccountId>,
}

/// Notes an upload once its file is whole and synced.
pub fn insert(tx: &mut Tx<'_>, upload: &Upload) -> Result<(), Error> {
    let sql = "INSERT INTO uploads (id, file, bytes, at, by) VALUES (?1, ?2, ?3, ?4, ?5)";
    let bytes = Value::Int(i64::try_from(upload.bytes).unwrap_or(i64::MAX));
    tx.exec(
        sql,
        &[
            (&upload.id).into(),
            (&upload.file).into(),
            bytes,
            upload.at.into(),
            upload.by.into(),
        ],
    )?;
    Ok(())
}

/// An upload.
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Upload>, Error> {
    tx.query_one(
        "SELECT id, file, bytes, at, by FROM uploads WHERE id = ?1",
        &[id.into()],
        upload,
    )
}

/// Uploads handed in before that time, oldest first: to be cleared away.
pub fn before(tx: &mut Tx<'_>, at: Timestamp) -> Result<Vec<Upload>, Error> {
    tx.query(
        "SELECT id, file, bytes, at, by FROM uploads WHERE at < ?1 ORDER BY at",
        &[at.into()],
        upload,
    )
}

/// Forgets an upload; its file is the caller's to remove.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<(), Error> {
    tx.exec("DELETE FROM uploads WHERE id = ?1", &[id.into()])?;
    Ok(())
}

fn upload(row: &Row<'_>) -> Result<Upload, Error> {
    Ok(Upload {
        id: row.text(0)?.to_owned(),
        file: row.text(1)?.to_owned(),
        bytes: row.int(2)?.unsigned_abs(),
        at: row.time(3)?,
        by: row.find_int(4)?.map(AccountId),
    })
}
