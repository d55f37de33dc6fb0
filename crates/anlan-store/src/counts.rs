//! Counts: how many cases per hour, class and cell, kept beside the cases in the same transaction. Knows no detector and
//! no person; what is left out of a count is for its reader to say.

use crate::cases::channel_word;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::cases::{Case, Phase};
use anlan_model::ids::{CellId, ClassCode};
use anlan_model::incoming::Channel;
use std::collections::BTreeMap;

/// Milliseconds in an hour.
const HOUR_MS: i64 = 3_600_000;

/// The point is a source's stand-in for an unknown place.
pub const DEFAULT_POINT: i64 = 1;
/// The source marks it as a repeat of another.
pub const REPEAT: i64 = 2;
/// It came with a file.
pub const IMPORTED: i64 = 4;

/// One count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// Hours since 1970 UTC in which the cases were received.
    pub hour: i64,
    /// Their class.
    pub class: Option<ClassCode>,
    /// Their cell.
    pub cell: Option<CellId>,
    /// The feed they came from.
    pub source: String,
    /// `DEFAULT_POINT`, `REPEAT` and `IMPORTED`, added up.
    pub marks: i64,
    /// How many.
    pub count: i64,
}

/// Changes of counts that a unit of work has made so far: written once per key when it ends.
pub(crate) type Pending = BTreeMap<Key, i64>;

/// What a count is kept under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    hour: i64,
    class: String,
    cell: i64,
    source: String,
    marks: i64,
}

impl Key {
    /// `None` if the case counts nowhere.
    fn of(case: &Case) -> Option<Self> {
        (case.phase != Phase::Void).then(|| Self {
            hour: case.opened_at.as_millisecond().div_euclid(HOUR_MS),
            class: case
                .class
                .as_ref()
                .map(|class| class.0.clone())
                .unwrap_or_default(),
            cell: case.place.cell.map_or(0, |cell| cell.0),
            source: case.source.clone(),
            marks: marks(case),
        })
    }
}

fn marks(case: &Case) -> i64 {
    [
        (case.place.is_default_point, DEFAULT_POINT),
        (case.is_marked_duplicate, REPEAT),
        (case.channel == Channel::Import, IMPORTED),
    ]
    .into_iter()
    .filter_map(|(is_set, bit)| is_set.then_some(bit))
    .sum()
}

/// Notes that a case came to be, changed, or both. Nothing is written before the unit of work ends.
pub(crate) fn changed(tx: &mut Tx<'_>, before: Option<&Case>, after: &Case) {
    let (old, new) = (before.and_then(Key::of), Key::of(after));
    if old == new {
        return;
    }
    for (key, step) in [(old, -1), (new, 1)] {
        if let Some(key) = key {
            *tx.counts.entry(key).or_insert(0) += step;
        }
    }
}

/// Writes what the unit of work has changed: one statement per key, two where a count falls.
pub(crate) fn flush(tx: &mut Tx<'_>) -> Result<(), Error> {
    for (key, step) in std::mem::take(&mut tx.counts) {
        if step == 0 {
            continue;
        }
        let mut params: Vec<Value<'_>> = vec![
            key.hour.into(),
            (&key.class).into(),
            key.cell.into(),
            (&key.source).into(),
            key.marks.into(),
            step.into(),
        ];
        let sql =
            "INSERT INTO counts (hour, class, cell, source, marks, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET count = count + excluded.count";
        tx.exec(sql, &params)?;
        if step < 0 {
            params.pop();
            let sql = "DELETE FROM counts WHERE hour = ?1 AND class = ?2 AND cell = ?3 AND source = ?4 AND marks = ?5
                AND count <= 0";
            tx.exec(sql, &params)?;
        }
    }
    Ok(())
}

/// The hour in which a case was received, rounded down also before 1970.
fn opened_hour() -> String {
    format!("(opened_at - ((opened_at % {HOUR_MS}) + {HOUR_MS}) % {HOUR_MS}) / {HOUR_MS}")
}

const BETWEEN: &str =
    "SELECT hour, class, cell, source, marks, count FROM counts WHERE hour BETWEEN ?1 AND ?2
    ORDER BY hour, class, cell, source, marks";

/// Every count of the hours `from` to `to`, both included, in their order.
pub fn between(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<Vec<Count>, Error> {
    flush(tx)?;
    tx.query(BETWEEN, &[from.into(), to.into()], count)
}

/// One count as it lies in the store: for reading many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'a> {
    /// Hours since 1970 UTC in which the cases were received.
    pub hour: i64,
    /// Their class; empty for none.
    pub class: &'a str,
    /// Their cell.
    pub cell: Option<CellId>,
    /// The feed they came from.
    pub source: &'a str,
    /// `DEFAULT_POINT`, `REPEAT` and `IMPORTED`, added up.
    pub marks: i64,
    /// How many.
    pub count: u32,
}

/// Hands over every count of the hours `from` to `to`, both included, hour by hour and class by class. Keeps none of them.
pub fn each(tx: &mut Tx<'_>, from: i64, to: i64, mut take: impl FnMut(&Counted<'_>)) -> Result<(), Error> {
    flush(tx)?;
    tx.each(BETWEEN, &[from.into(), to.into()], |row| {
        let cell = row.int(2)?;
        take(&Counted {
            hour: row.int(0)?,
            class: row.text(1)?,
            cell: (cell != 0).then_some(CellId(cell)),
            source: row.text(3)?,
            marks: row.int(4)?,
            count: u32::try_from(row.int(5)?).unwrap_or(0),
        });
        Ok(true)
    })
}

/// The hours, from `from` on, of the cases to which something happened after event number `seq`, each once; `None` if they are
/// more than `most`.
pub fn touched(tx: &mut Tx<'_>, seq: i64, from: i64, most: usize) -> Result<Option<Vec<i64>>, Error> {
    let sql = format!(
        "SELECT DISTINCT {}
        FROM events JOIN cases ON cases.id = events.case_id WHERE seq > ?1 AND opened_at >= ?2 LIMIT ?3",
        opened_hour()
    );
    let limit = i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX);
    let params = [seq.into(), (from * HOUR_MS).into(), limit.into()];
    let hours: Vec<i64> = tx.query(&sql, &params, |row| row.int(0))?;
    Ok((hours.len() <= most).then_some(hours))
}

/// The first and the last hour that has a count; `None` while there is none.
pub fn reach(tx: &mut Tx<'_>) -> Result<Option<(i64, i64)>, Error> {
    flush(tx)?;
    let sql = "SELECT min(hour), max(hour) FROM counts";
    let found = tx.query_one(sql, &[], |row| Ok(row.find_int(0)?.zip(row.find_int(1)?)))?;
    Ok(found.flatten())
}

/// The counts as a look at every case gives them: for checking what is stored.
pub fn recount(tx: &mut Tx<'_>) -> Result<Vec<Count>, Error> {
    let sql = format!(
        "SELECT {}, coalesce(class, ''),
        coalesce(cell, 0), source, ((flags & 2) <> 0) * {DEFAULT_POINT} + ((flags & 4) <> 0) * {REPEAT}
        + (channel = '{}') * {IMPORTED}, count(*) FROM cases WHERE phase < 2 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
        opened_hour(),
        channel_word(Channel::Import)
    );
    tx.query(&sql, &[], count)
}

fn count(row: &Row<'_>) -> Result<Count, Error> {
    let (class, cell) = (row.text(1)?, row.int(2)?);
    Ok(Count {
        hour: row.int(0)?,
        class: (!class.is_empty()).then(|| class.into()),
        cell: (cell != 0).then_some(CellId(cell)),
        source: row.text(3)?.to_owned(),
        marks: row.int(4)?,
        count: row.int(5)?,
    })
}
