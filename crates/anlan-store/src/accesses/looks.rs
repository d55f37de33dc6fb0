//! All accesses to one case, from the first on, with what their leaves are found by. Who may see them is not known here.

use super::chains::{Kept, OF_CASE};
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::accesses::Access;
use anlan_model::ids::CaseId;
use jiff::Timestamp;

/// One access to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its number in the log; none from before there was a log.
    pub entry: Option<u64>,
    /// What was done.
    pub access: Access,
    /// The bytes of that entry.
    pub leaf: Option<Vec<u8>>,
}

/// Every access to a case.
#[derive(Debug, Clone)]
pub struct History {
    /// Which case.
    pub case: CaseId,
    pub(crate) kept: Kept,
    /// Whether accesses after some time were left out.
    pub is_ended: bool,
    /// The accesses, oldest first.
    pub looks: Vec<Look>,
}

impl History {
    /// Only those up to this time.
    pub fn end(&mut self, at: Timestamp) {
        self.looks.retain(|look| look.access.at <= at);
        self.is_ended = true;
    }

    /// Whether the key was erased: nobody can tell any more which entries are about the case.
    pub fn is_erased(&self) -> bool {
        matches!(self.kept, Kept::Erased)
    }
}

/// Every access to a case; `None` if there is no such case.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<History>, Error> {
    let sql = "SELECT log_key FROM cases WHERE id = ?1";
    let vault = &tx.home.vault;
    let kept = |row: &Row<'_>| Kept::of(vault, case, row.find_blob(0)?);
    let Some(kept) = tx.query_one(sql, &[case.into()], kept)? else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT seq, at, actor, action, resource, resource_id, purpose, allowed, count, post, office, leaf,
         seq - (SELECT seq FROM log_begins) FROM accesses WHERE {} ORDER BY seq",
        *OF_CASE
    );
    let id = case.to_string();
    let looks = tx.query(&sql, &[(&id).into()], |row| {
        Ok(Look {
            entry: row.find_int(12)?.and_then(|entry| u64::try_from(entry).ok()),
            access: super::read(row)?,
            leaf: row.find_blob(11)?.map(<[u8]>::to_vec),
        })
    })?;
    Ok(Some(History {
        case,
        kept,
        is_ended: false,
        looks,
    }))
}
