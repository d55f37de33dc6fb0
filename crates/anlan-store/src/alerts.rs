//! Alerts: the row a list shows, the events it is folded from, and the document it came as, never changed.
//! Which message ends which other is not known here.

use crate::Page;
use crate::body;
use crate::cursor::Cursor;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::alerts::{Alert, AlertEvent, AlertState, MessageRef};
use anlan_model::events::Stamp;
use anlan_model::ids::{AccountId, AlertId};
use jiff::Timestamp;

const CURSOR: u8 = 11;
const PAGE_MAX: usize = 500;

/// An event of an alert as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptEvent {
    /// Its number; later events have larger ones.
    pub seq: i64,
    /// Who and when.
    pub stamp: Stamp,
    /// What happened.
    pub event: AlertEvent,
}

/// Which alerts are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// In one of these states; empty means any.
    pub states: Vec<AlertState>,
    /// Only those that tell of a hazard, are not ended, and were not over at this time. They may begin later.
    pub not_over_at: Option<Timestamp>,
}

/// How a feed fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its name.
    pub name: String,
    /// When it was asked last.
    pub read_at: Option<Timestamp>,
    /// When it last answered well.
    pub good_at: Option<Timestamp>,
    /// What was wrong the last time; `None` if nothing was.
    pub trouble: Option<String>,
}

/// Keeps an alert with its first event and the document it came as. `Error::Conflict` if the message is there already.
pub fn receive(tx: &mut Tx<'_>, event: &AlertEvent, stamp: &Stamp, document: &[u8]) -> Result<Alert, Error> {
    let next = "SELECT coalesce(max(id), 0) + 1 FROM alerts";
    let id = AlertId(tx.query_one(next, &[], |row| row.int(0))?.unwrap_or(1));
    let alert = event
        .apply(id, None, stamp)
        .ok_or_else(|| Error::Invalid("an alert needs a beginning".to_owned()))?;
    if of_name(tx, &alert.message.name)?.is_some() {
        return Err(Error::Conflict);
    }
    let sql = "INSERT INTO alerts (id, version, state, is_open, is_telling, sender, identifier, sent, ends_at, received_at, updated_at, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let kept = body::write(&alert)?;
    let name = &alert.message.name;
    let params = [
        id.into(),
        alert.version.into(),
        alert.state.word().into(),
        alert.state.is_open().into(),
        alert.message.is_telling().into(),
        (&name.sender).into(),
        (&name.identifier).into(),
        name.sent.into(),
        alert.message.holds().1.into(),
        alert.received_at.into(),
        alert.updated_at.into(),
        (&kept).into(),
    ];
    tx.exec(sql, &params)?;
    append(tx, id, event, stamp)?;
    let sql = "INSERT INTO alert_documents (alert, document) VALUES (?1, ?2)";
    tx.exec(sql, &[id.into(), Value::Blob(document)])?;
    for named in &alert.message.references {
        let sql = "INSERT OR IGNORE INTO alert_references (alert, sender, identifier, sent) VALUES (?1, ?2, ?3, ?4)";
        let params = [
            id.into(),
            (&named.sender).into(),
            (&named.identifier).into(),
            named.sent.into(),
        ];
        tx.exec(sql, &params)?;
    }
    Ok(alert)
}

/// Applies an event to the alert as it was read, and keeps both. `Error::Conflict` if somebody else was faster.
pub fn record(tx: &mut Tx<'_>, alert: &Alert, event: &AlertEvent, stamp: &Stamp) -> Result<Alert, Error> {
    let now = event
        .apply(alert.id, Some(alert.clone()), stamp)
        .ok_or_else(|| Error::Invalid(format!("{} needs an alert", event.kind())))?;
    let kept = body::write(&now)?;
    let sql = "UPDATE alerts SET version = ?2, state = ?3, is_open = ?4, updated_at = ?5, body = ?6
        WHERE id = ?1 AND version = ?7";
    let params = [
        now.id.into(),
        now.version.into(),
        now.state.word().into(),
        now.state.is_open().into(),
        now.updated_at.into(),
        (&kept).into(),
        alert.version.into(),
    ];
    if tx.exec(sql, &params)? != 1 {
        return Err(match find(tx, alert.id)? {
            Some(_) => Error::Conflict,
            None => Error::missing("alert", alert.id),
        });
    }
    append(tx, alert.id, event, stamp)?;
    Ok(now)
}

fn append(tx: &mut Tx<'_>, id: AlertId, event: &AlertEvent, stamp: &Stamp) -> Result<(), Error> {
    let kept = body::write(&(stamp.at, event))?;
    let sql = "INSERT INTO alert_events (alert, at, by, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let params = [
        id.into(),
        stamp.at.into(),
        stamp.by.into(),
        event.kind().into(),
        (&kept).into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The alert, if there is one.
pub fn find(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<Alert>, Error> {
    tx.query_one("SELECT body FROM alerts WHERE id = ?1", &[id.into()], |row| {
        row.json(0)
    })
}

/// The alert with that message, if there is one.
pub fn of_name(tx: &mut Tx<'_>, name: &MessageRef) -> Result<Option<Alert>, Error> {
    let sql = "SELECT body FROM alerts WHERE sender = ?1 AND identifier = ?2 AND sent = ?3";
    let params = [(&name.sender).into(), (&name.identifier).into(), name.sent.into()];
    tx.query_one(sql, &params, |row| row.json(0))
}

/// Those whose message names that one.
pub fn naming(tx: &mut Tx<'_>, name: &MessageRef) -> Result<Vec<Alert>, Error> {
    let sql = "SELECT body FROM alerts WHERE id IN
        (SELECT alert FROM alert_references WHERE sender = ?1 AND identifier = ?2 AND sent = ?3) ORDER BY sent, id";
    let params = [(&name.sender).into(), (&name.identifier).into(), name.sent.into()];
    tx.query(sql, &params, |row| row.json(0))
}

/// The document as it came.
pub fn document(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT document FROM alert_documents WHERE alert = ?1";
    tx.query_one(sql, &[id.into()], |row| Ok(row.blob(0)?.to_vec()))
}

/// The alert folded anew from its events, for checking what is stored.
pub fn replay(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<Alert>, Error> {
    let kept = events(tx, id)?;
    Ok(kept
        .iter()
        .fold(None, |alert, kept| kept.event.apply(id, alert, &kept.stamp)))
}

/// Everything that happened to an alert, in order.
pub fn events(tx: &mut Tx<'_>, id: AlertId) -> Result<Vec<KeptEvent>, Error> {
    let sql = "SELECT seq, by, body FROM alert_events WHERE alert = ?1 ORDER BY seq";
    tx.query(sql, &[id.into()], kept)
}

/// Those that changed at that instant or later, oldest change first.
pub fn changed_since(tx: &mut Tx<'_>, at: Timestamp) -> Result<Vec<Alert>, Error> {
    let sql = "SELECT body FROM alerts WHERE updated_at >= ?1 ORDER BY updated_at, id LIMIT 200";
    tx.query(sql, &[at.into()], |row| row.json(0))
}

/// Alerts, the newest received first.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &AlertFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Alert>, Error> {
    let limit = limit.clamp(1, PAGE_MAX);
    let [at, id] = after
        .map(|cursor| cursor.keys::<2>(CURSOR))
        .transpose()?
        .unwrap_or([i64::MAX, i64::MAX]);
    let states = body::any_of(filter.states.iter().map(|state| state.word()));
    let sql = "SELECT received_at, id, body FROM alerts WHERE (received_at, id) < (?1, ?2)
        AND (?3 = '' OR instr(?3, ',' || state || ',') > 0)
        AND (?4 IS NULL OR (is_open = 1 AND is_telling = 1 AND (ends_at IS NULL OR ends_at > ?4)))
        ORDER BY received_at DESC, id DESC LIMIT ?5";
    let params = [
        at.into(),
        id.into(),
        (&states).into(),
        filter.not_over_at.into(),
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

/// Notes how asking a feed went: `None` for well.
pub fn note_feed(tx: &mut Tx<'_>, name: &str, at: Timestamp, trouble: Option<&str>) -> Result<(), Error> {
    let sql = "INSERT INTO alert_feeds (name, read_at, good_at, trouble)
        VALUES (?1, ?2, CASE WHEN ?3 IS NULL THEN ?2 END, ?3)
        ON CONFLICT DO UPDATE SET read_at = ?2, good_at = CASE WHEN ?3 IS NULL THEN ?2 ELSE good_at END, trouble = ?3";
    tx.exec(sql, &[name.into(), at.into(), trouble.into()])?;
    Ok(())
}

/// How the feeds fare, by name.
pub fn feeds(tx: &mut Tx<'_>) -> Result<Vec<Feed>, Error> {
    let sql = "SELECT name, read_at, good_at, trouble FROM alert_feeds ORDER BY name";
    tx.query(sql, &[], |row| {
        Ok(Feed {
            name: row.text(0)?.to_owned(),
            read_at: row.find_time(1)?,
            good_at: row.find_time(2)?,
            trouble: row.find_text(3)?.map(str::to_owned),
        })
    })
}
