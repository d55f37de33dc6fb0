//! Warnings: the row a list shows and the events it is folded from, as with cases. What a warning means is not known here.

use crate::Page;
use crate::body;
use crate::cursor::Cursor;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::events::Stamp;
use anlan_model::ids::{AccountId, CellId, WarningId};
use anlan_model::warnings::{Warning, WarningEvent, WarningState};
use jiff::Timestamp;

const CURSOR: u8 = 9;
const PAGE_MAX: usize = 500;

/// An event of a warning as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptEvent {
    /// Its number; later events have larger ones.
    pub seq: i64,
    /// Who and when.
    pub stamp: Stamp,
    /// What happened.
    pub event: WarningEvent,
}

/// Which warnings are asked for; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarningFilter {
    /// In one of these states; empty means any.
    pub states: Vec<WarningState>,
    /// Of that class group.
    pub group: Option<String>,
    /// Raised at that instant or later.
    pub raised_from: Option<Timestamp>,
    /// Raised before that instant.
    pub raised_to: Option<Timestamp>,
}

/// Raises a warning with its first event.
pub fn raise(tx: &mut Tx<'_>, event: &WarningEvent, stamp: &Stamp) -> Result<Warning, Error> {
    let next = "SELECT coalesce(max(id), 0) + 1 FROM warnings";
    let id = WarningId(tx.query_one(next, &[], |row| row.int(0))?.unwrap_or(1));
    let warning = event
        .apply(id, None, stamp)
        .ok_or_else(|| Error::Invalid("a warning needs a beginning".to_owned()))?;
    let sql =
        "INSERT INTO warnings (id, version, state, class_group, raised_at, updated_at, is_standing, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let body = body::write(&warning)?;
    tx.exec(sql, &columns(&warning, &body))?;
    append(tx, id, event, stamp)?;
    Ok(warning)
}

/// Applies an event to the warning as it was read, and keeps both. `Error::Conflict` if somebody else was faster.
pub fn record(
    tx: &mut Tx<'_>,
    warning: &Warning,
    event: &WarningEvent,
    stamp: &Stamp,
) -> Result<Warning, Error> {
    let now = event
        .apply(warning.id, Some(warning.clone()), stamp)
        .ok_or_else(|| Error::Invalid(format!("{} needs a warning", event.kind())))?;
    let body = body::write(&now)?;
    let sql =
        "UPDATE warnings SET version = ?2, state = ?3, class_group = ?4, raised_at = ?5, updated_at = ?6,
        is_standing = ?7, body = ?8 WHERE id = ?1 AND version = ?9";
    let mut params = columns(&now, &body).to_vec();
    params.push(warning.version.into());
    if tx.exec(sql, &params)? != 1 {
        return Err(match find(tx, warning.id)? {
            Some(_) => Error::Conflict,
            None => Error::missing("warning", warning.id),
        });
    }
    append(tx, warning.id, event, stamp)?;
    Ok(now)
}

fn columns<'a>(warning: &'a Warning, body: &'a str) -> [Value<'a>; 8] {
    [
        warning.id.into(),
        warning.version.into(),
        warning.state.word().into(),
        warning.group.as_str().into(),
        warning.raised_at.into(),
        warning.updated_at.into(),
        warning.stands().into(),
        body.into(),
    ]
}

fn append(tx: &mut Tx<'_>, id: WarningId, event: &WarningEvent, stamp: &Stamp) -> Result<(), Error> {
    let body = body::write(&(stamp.at, event))?;
    let sql = "INSERT INTO warning_events (warning, at, by, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let params = [
        id.into(),
        stamp.at.into(),
        stamp.by.into(),
        event.kind().into(),
        (&body).into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The warning, if there is one.
pub fn find(tx: &mut Tx<'_>, id: WarningId) -> Result<Option<Warning>, Error> {
    tx.query_one("SELECT body FROM warnings WHERE id = ?1", &[id.into()], |row| {
        row.json(0)
    })
}

/// The warning; `Error::Missing` if there is none.
pub fn get(tx: &mut Tx<'_>, id: WarningId) -> Result<Warning, Error> {
    find(tx, id)?.ok_or_else(|| Error::missing("warning", id))
}

/// The warning folded anew from its events, for checking what is stored.
pub fn replay(tx: &mut Tx<'_>, id: WarningId) -> Result<Option<Warning>, Error> {
    let kept = events(tx, id)?;
    Ok(kept
        .iter()
        .fold(None, |warning, kept| kept.event.apply(id, warning, &kept.stamp)))
}

/// Everything that happened to a warning, in order.
pub fn events(tx: &mut Tx<'_>, id: WarningId) -> Result<Vec<KeptEvent>, Error> {
    let sql = "SELECT seq, by, body FROM warning_events WHERE warning = ?1 ORDER BY seq";
    tx.query(sql, &[id.into()], kept)
}

/// Those whose counts are not back to usual and that are not closed, oldest first.
pub fn standing(tx: &mut Tx<'_>) -> Result<Vec<Warning>, Error> {
    tx.query(
        "SELECT body FROM warnings WHERE is_standing = 1 ORDER BY id",
        &[],
        |row| row.json(0),
    )
}

/// Those that changed at that instant or later, oldest change first.
pub fn changed_since(tx: &mut Tx<'_>, at: Timestamp) -> Result<Vec<Warning>, Error> {
    tx.query(
        "SELECT body FROM warnings WHERE updated_at >= ?1 ORDER BY updated_at, id LIMIT 200",
        &[at.into()],
        |row| row.json(0),
    )
}

/// How many stand in one of these states.
pub fn count(tx: &mut Tx<'_>, states: &[WarningState]) -> Result<u32, Error> {
    let mut all = 0;
    for state in states {
        let sql = "SELECT count(*) FROM warnings WHERE state = ?1";
        all += tx
            .query_one(sql, &[state.word().into()], |row| row.int(0))?
            .unwrap_or(0);
    }
    Ok(u32::try_from(all).unwrap_or(u32::MAX))
}

/// Warnings, the newest first.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &WarningFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Warning>, Error> {
    let limit = limit.clamp(1, PAGE_MAX);
    let [at, id] = after
        .map(|cursor| cursor.keys::<2>(CURSOR))
        .transpose()?
        .unwrap_or([i64::MAX, i64::MAX]);
    let states = body::any_of(filter.states.iter().map(|state| state.word()));
    let sql = "SELECT raised_at, id, body FROM warnings WHERE (raised_at, id) < (?1, ?2)
        AND (?3 = '' OR instr(?3, ',' || state || ',') > 0) AND (?4 IS NULL OR class_group = ?4)
        AND (?5 IS NULL OR raised_at >= ?5) AND (?6 IS NULL OR raised_at < ?6)
        ORDER BY raised_at DESC, id DESC LIMIT ?7";
    let params = [
        at.into(),
        id.into(),
        (&states).into(),
        filter.group.as_deref().into(),
        filter.raised_from.into(),
        filter.raised_to.into(),
        Value::Int(i64::try_from(limit + 1).unwrap_or(i64::MAX)),
    ];
    let found = tx.query(sql, &params, |row| Ok(([row.int(0)?, row.int(1)?], row.json(2)?)))?;
    Ok(Page::cut(CURSOR, found, limit))
}

fn kept(row: &Row<'_>) -> Result<KeptEvent, Error> {
    let (at, event) = row.json(2)?;
    Ok(KeptEvent {
        seq: row.int(0)?,
        stamp: Stamp {
            at,
            by: row.find_int(1)?.map(AccountId),
            post: None,
        },
        event,
    })
}

/// What a detector saw on one day, at its highest.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The class group's name.
    pub group: String,
    /// Days since 1970-01-01, by the node's calendar.
    pub day: i32,
    /// The method's word.
    pub method: String,
    /// When it was at its highest.
    pub at: Timestamp,
    /// Counted in the window.
    pub observed: u32,
    /// Expected there.
    pub expected: f64,
    /// The statistic.
    pub statistic: f64,
    /// Days that pass on the average until chance brings as much.
    pub recurrence_days: f64,
    /// The window's cells; empty for all.
    pub cells: Vec<CellId>,
}

/// Keeps a look, if it is higher than what is known of that day, or the first. A recurrence that is infinite is cut.
pub fn keep_look(tx: &mut Tx<'_>, look: &Look) -> Result<(), Error> {
    let cells = body::write(&look.cells)?;
    let sql = "INSERT INTO looks (class_group, day, method, at, observed, expected, statistic, recurrence_days, cells)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT DO UPDATE SET at = excluded.at, observed = excluded.observed, expected = excluded.expected,
        statistic = excluded.statistic, recurrence_days = excluded.recurrence_days, cells = excluded.cells
        WHERE excluded.recurrence_days >= recurrence_days";
    let params = [
        (&look.group).into(),
        Value::Int(look.day.into()),
        (&look.method).into(),
        look.at.into(),
        look.observed.into(),
        look.expected.into(),
        look.statistic.into(),
        look.recurrence_days.min(1e9).into(),
        (&cells).into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The looks at a class group from day `from` to day `to`, both included, in order of days; every group's for `None`.
pub fn looks(tx: &mut Tx<'_>, group: Option<&str>, from: i32, to: i32) -> Result<Vec<Look>, Error> {
    let sql = "SELECT class_group, day, method, at, observed, expected, statistic, recurrence_days, cells FROM looks
        WHERE (?1 IS NULL OR class_group = ?1) AND day BETWEEN ?2 AND ?3 ORDER BY day, class_group, method";
    let params = [group.into(), Value::Int(from.into()), Value::Int(to.into())];
    tx.query(sql, &params, |row| {
        let whole = |column| {
            row.int(column)
                .map(|value| i32::try_from(value).unwrap_or(i32::MAX))
        };
        Ok(Look {
            group: row.text(0)?.to_owned(),
            day: whole(1)?,
            method: row.text(2)?.to_owned(),
            at: row.time(3)?,
            observed: u32::try_from(row.int(4)?).unwrap_or(u32::MAX),
            expected: row.find_real(5)?.unwrap_or(0.0),
            statistic: row.find_real(6)?.unwrap_or(0.0),
            recurrence_days: row.find_real(7)?.unwrap_or(0.0),
            cells: row.json(8)?,
        })
    })
}
