//! Events: what happened, append-only. They are also the outbox: whoever must tell others reads on from a number.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::events::{Event, Stamp};
use anlan_model::ids::{AccountId, CaseId, PostId};

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its number; later events have larger ones.
    pub seq: i64,
    /// What it happened to.
    pub case: CaseId,
    /// Who and when.
    pub stamp: Stamp,
    /// What happened.
    pub event: Event,
}

pub(crate) fn append(tx: &mut Tx<'_>, case: CaseId, event: &Event, stamp: &Stamp) -> Result<(), Error> {
    append_written(tx, case, (event.kind(), &written(event, stamp)?), stamp)
}

/// An event's body: when it was stamped, then the event.
pub(crate) fn written(event: &Event, stamp: &Stamp) -> Result<String, Error> {
    Ok(format!("[{},{}]", body::write(&stamp.at)?, body::write(event)?))
}

/// Keeps an event of this kind whose body is written.
pub(crate) fn append_written(
    tx: &mut Tx<'_>,
    case: CaseId,
    (kind, body): (&str, &str),
    stamp: &Stamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO events (case_id, at, by, kind, body, post) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.exec(
        sql,
        &[
            case.into(),
            stamp.at.into(),
            stamp.by.into(),
            kind.into(),
            body.into(),
            stamp.post.into(),
        ],
    )?;
    Ok(())
}

/// Everything that happened to a case, in order.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Kept>, Error> {
    tx.query(
        "SELECT seq, case_id, by, body, post FROM events WHERE case_id = ?1 ORDER BY seq",
        &[case.into()],
        kept,
    )
}

/// What happened after that number, at most `limit` of it, in order.
pub fn since(tx: &mut Tx<'_>, seq: i64, limit: usize) -> Result<Vec<Kept>, Error> {
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    tx.query(
        "SELECT seq, case_id, by, body, post FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        &[seq.into(), limit],
        kept,
    )
}

/// The number of the newest event; 0 if nothing has happened.
pub fn last(tx: &mut Tx<'_>) -> Result<i64, Error> {
    Ok(tx
        .query_one("SELECT coalesce(max(seq), 0) FROM events", &[], |row| row.int(0))?
        .unwrap_or(0))
}

fn kept(row: &Row<'_>) -> Result<Kept, Error> {
    // The column `at` is cut to milliseconds; the body has the time as it was stamped.
    let (at, event) = row.json(3)?;
    let stamp = Stamp {
        at,
        by: row.find_int(2)?.map(AccountId),
        post: row.find_int(4)?.map(PostId),
    };
    Ok(Kept {
        seq: row.int(0)?,
        case: CaseId(row.int(1)?),
        stamp,
        event,
    })
}
