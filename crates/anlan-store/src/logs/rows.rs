//! Leaves as the database has them, in the order of the log. Only what is committed is seen.

use super::Fault;
use crate::error::Error;
use crate::tx::{Tx, Value};

/// The row that is entry 0.
pub(super) fn begin(tx: &mut Tx<'_>) -> Result<i64, Error> {
    let found = tx.query_one("SELECT seq FROM log_begins", &[], |row| row.int(0))?;
    found.ok_or_else(|| Error::Corrupt("where the access log begins is not there".to_owned()))
}

/// How many entries the database has, of a log that begins with that row.
pub(super) fn count(tx: &mut Tx<'_>, begin: i64) -> Result<u64, Error> {
    let last = tx.query_one("SELECT max(seq) FROM accesses", &[], |row| row.find_int(0))?;
    let last = last.flatten().unwrap_or(0);
    Ok(u64::try_from(last.saturating_sub(begin).saturating_add(1)).unwrap_or(0))
}

/// The row of an entry.
pub(super) fn row_of(begin: i64, entry: u64) -> i64 {
    begin.saturating_add(i64::try_from(entry).unwrap_or(i64::MAX))
}

/// The leaves from this entry on, `limit` at most, of a log that begins with that row. A row that is missing, or has no leaf, is a fault: rows are only added.
pub(super) fn leaves(tx: &mut Tx<'_>, begin: i64, from: u64, limit: u64) -> Result<Vec<Vec<u8>>, Fault> {
    let first = row_of(begin, from);
    let sql = "SELECT seq, leaf FROM accesses WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    let found = tx.query(sql, &[first.into(), limit], |row| {
        Ok((row.int(0)?, row.find_blob(1)?.map(<[u8]>::to_vec)))
    })?;
    let numbered = (first..).zip(found);
    let leaf = |(expected, (seq, leaf)): (i64, (i64, Option<Vec<u8>>))| match leaf {
        Some(leaf) if seq == expected => Ok(leaf),
        _ => Err(missing(expected)),
    };
    numbered.map(leaf).collect()
}

/// What is told of an access that is not there, or has lost its leaf.
pub(super) fn missing(row: i64) -> Fault {
    Fault::wrong(
        format!("access {row} in the database"),
        "it is missing or has no leaf, and no access ever leaves",
    )
}
