//! The slim columns of cases, for maps and counters that hold every case in memory.

use crate::cases::{channel_of, flags, phase_number, phase_of};
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::cases::Phase;
use anlan_model::classes::Priority;
use anlan_model::ids::{AccountId, CaseId, CellId, ClassCode, OfficeId, ReasonCode, StateCode};
use anlan_model::incoming::Channel;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The columns a map or a counter needs of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Slim {
    /// The case.
    pub id: CaseId,
    /// Where, as longitude and latitude.
    pub point: Option<[f64; 2]>,
    /// Open, closed or void.
    pub phase: Phase,
    /// The procedure's state.
    pub state: StateCode,
    /// Its class.
    pub class: Option<ClassCode>,
    /// Who must act.
    pub office: Option<OfficeId>,
    /// The person who took it on.
    pub assignee: Option<AccountId>,
    /// The way it came.
    pub channel: Channel,
    /// The feed it came from.
    pub source: String,
    /// Its cell.
    pub cell: Option<CellId>,
    /// Its priority.
    pub priority: Priority,
    /// Its deadline.
    pub due_at: Option<Timestamp>,
    /// From when it counts as overdue; `None` if it never does (on time, paused, void, no deadline).
    pub overdue_from: Option<Timestamp>,
    /// First received.
    pub opened_at: Timestamp,
    /// Last changed.
    pub updated_at: Timestamp,
    /// Division code, `""` if none.
    pub division: String,
    /// A complaint about this office.
    pub about_office: Option<OfficeId>,
    /// Its clock stands still.
    pub is_paused: bool,
    /// Its point is a source's stand-in.
    pub is_default_point: bool,
}

const COLUMNS: &str =
    "id, lon, lat, phase, state, class, office, cell, priority, due_at, overdue_from, opened_at, division,
    about_office, flags, assignee, channel, source, updated_at";

/// Every case of a phase after `after`, in order of ids, at most `limit`. Reads the index alone, not the cases.
pub fn scan(tx: &mut Tx<'_>, phase: Phase, after: CaseId, limit: usize) -> Result<Vec<Slim>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cases INDEXED BY cases_slim WHERE phase = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    );
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    tx.query(&sql, &[phase_number(phase).into(), after.into(), limit], slim)
}

/// The cases something happened to after event `seq`, as they are now, with the newest event looked at; at most
/// `limit` events are looked at.
pub fn changed_since(tx: &mut Tx<'_>, seq: i64, limit: usize) -> Result<(Vec<Slim>, i64), Error> {
    let limit = Value::Int(i64::try_from(limit).unwrap_or(i64::MAX));
    let sql = "SELECT seq, case_id FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let changes = tx.query(sql, &[seq.into(), limit], |row| Ok((row.int(0)?, row.int(1)?)))?;
    let newest = changes.last().map_or(seq, |(seq, _)| *seq);
    let ids: BTreeSet<i64> = changes.into_iter().map(|(_, id)| id).collect();
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE id = ?1");
    let mut cases = Vec::with_capacity(ids.len());
    for id in ids {
        cases.extend(tx.query_one(&sql, &[id.into()], slim)?);
    }
    Ok((cases, newest))
}

/// The slim columns of these cases, in this order, each with the reason it was closed for; those that there are not are left out.
pub fn told(tx: &mut Tx<'_>, ids: &[CaseId]) -> Result<Vec<(Slim, Option<ReasonCode>)>, Error> {
    // Only what is closed has its body looked into, and SQLite gives the one word of it.
    let sql = format!(
        "SELECT {COLUMNS}, CASE phase WHEN {} THEN json_extract(body, '$.closing.reason') END FROM cases WHERE id = ?1",
        phase_number(Phase::Closed)
    );
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        all.extend(tx.query_one(&sql, &[(*id).into()], |row| {
            Ok((slim(row)?, row.find_text(19)?.map(Into::into)))
        })?);
    }
    Ok(all)
}

fn slim(row: &Row<'_>) -> Result<Slim, Error> {
    let due = row.int(9)?;
    let bits = row.int(14)?;
    Ok(Slim {
        id: CaseId(row.int(0)?),
        point: row
            .find_real(1)?
            .zip(row.find_real(2)?)
            .map(|(lon, lat)| [lon, lat]),
        phase: phase_of(row, 3)?,
        state: row.text(4)?.into(),
        class: row.find_text(5)?.map(Into::into),
        office: row.find_int(6)?.map(OfficeId),
        assignee: row.find_int(15)?.map(AccountId),
        channel: channel_of(row.text(16)?)?,
        source: row.text(17)?.to_owned(),
        cell: row.find_int(7)?.map(CellId),
        priority: Priority::from_number(row.int(8)?).ok_or_else(|| Error::Corrupt("priority".to_owned()))?,
        due_at: if due == i64::MAX { None } else { row.find_time(9)? },
        overdue_from: row.find_time(10)?,
        opened_at: row.time(11)?,
        updated_at: row.time(18)?,
        division: row.text(12)?.to_owned(),
        about_office: row.find_int(13)?.map(OfficeId),
        is_paused: bits & flags::PAUSED != 0,
        is_default_point: bits & flags::DEFAULT_POINT != 0,
    })
}
