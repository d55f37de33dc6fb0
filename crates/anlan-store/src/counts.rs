//! Counts: how many cases per hour, class and cell. Triggers keep them with every statement that writes a case; here they
//! are read. Knows no detector and no person; what is left out of a count is for its reader to say.

use crate::cases::channel_word;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::{CellId, ClassCode};
use anlan_model::incoming::Channel;

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

/// Every count of the hours `from` to `to`, both included, in their order.
pub fn between(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<Vec<Count>, Error> {
    let sql = "SELECT hour, class, cell, source, marks, count FROM counts WHERE hour BETWEEN ?1 AND ?2
        ORDER BY hour, class, cell, source, marks";
    tx.query(sql, &[from.into(), to.into()], count)
}

/// The first and the last hour that has a count; `None` while there is none.
pub fn reach(tx: &mut Tx<'_>) -> Result<Option<(i64, i64)>, Error> {
    let sql = "SELECT min(hour), max(hour) FROM counts";
    let found = tx.query_one(sql, &[], |row| Ok(row.find_int(0)?.zip(row.find_int(1)?)))?;
    Ok(found.flatten())
}

/// The counts as a look at every case gives them: for checking what is stored.
pub fn recount(tx: &mut Tx<'_>) -> Result<Vec<Count>, Error> {
    let sql = format!(
        "SELECT (opened_at - ((opened_at % {HOUR_MS}) + {HOUR_MS}) % {HOUR_MS}) / {HOUR_MS}, coalesce(class, ''),
        coalesce(cell, 0), source, ((flags & 2) <> 0) * {DEFAULT_POINT} + ((flags & 4) <> 0) * {REPEAT}
        + (channel = '{}') * {IMPORTED}, count(*) FROM cases WHERE phase < 2 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
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
