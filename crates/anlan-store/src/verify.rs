//! Checks a whole node: every case folded anew from its events against what is stored, every case findable, and one
//! digest of it all, so that two states can be compared. It changes nothing.

use crate::error::Error;
use crate::tx::{Tx, Value};
use crate::{cases, migrations};
use anlan_model::ids::CaseId;
use sha2::{Digest, Sha256};

/// Cases named at most where they disagree.
const NAMED_MAX: usize = 20;
const STEP: usize = 10_000;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Cases looked at.
    pub cases: u64,
    /// Reports.
    pub reports: u64,
    /// Events.
    pub events: u64,
    /// How many cases are not what their events make of them, or are not in the search index.
    pub wrong: u64,
    /// The first of those.
    pub first_wrong: Vec<CaseId>,
    /// SHA-256 of cases, reports and events as they are stored, hex. The access log and runs of imports are not in it.
    pub digest: String,
}

/// Looks at everything in one snapshot; `told` hears how many cases are done.
pub fn state(tx: &mut Tx<'_>, told: &mut dyn FnMut(u64)) -> Result<Verified, Error> {
    let mut found = Verified {
        cases: 0,
        reports: 0,
        events: 0,
        wrong: 0,
        first_wrong: Vec::new(),
        digest: String::new(),
    };
    let mut hasher = Sha256::new();
    let mut after = CaseId(0);
    loop {
        let page = page(tx, after, &mut hasher)?;
        let Some(last) = page.last() else { break };
        after = *last;
        for id in page {
            found.cases += 1;
            if !agrees(tx, id)? {
                found.wrong += 1;
                found
                    .first_wrong
                    .extend((found.first_wrong.len() < NAMED_MAX).then_some(id));
            }
        }
        told(found.cases);
    }
    let reports = "SELECT id, case_id, channel, source, external_id, contact, track, reported_at, received_at, description,
        facts FROM reports ORDER BY id";
    found.reports = take(tx, &mut hasher, reports, 11)?;
    found.events = take(
        tx,
        &mut hasher,
        "SELECT seq, case_id, at, by, kind, body, post FROM events ORDER BY seq",
        7,
    )?;
    found.digest = migrations::hex(&hasher.finalize());
    Ok(found)
}

/// The next cases; their rows go into the digest.
fn page(tx: &mut Tx<'_>, after: CaseId, hasher: &mut Sha256) -> Result<Vec<CaseId>, Error> {
    let limit = Value::Int(i64::try_from(STEP).unwrap_or(i64::MAX));
    let sql = "SELECT id, body FROM cases WHERE id > ?1 ORDER BY id LIMIT ?2";
    tx.query(sql, &[after.into(), limit], |row| {
        row.digest(2, &mut |bytes| hasher.update(bytes))?;
        Ok(CaseId(row.int(0)?))
    })
}

/// Whether the case is what its events make of it and has its words in the index.
fn agrees(tx: &mut Tx<'_>, id: CaseId) -> Result<bool, Error> {
    let (stored, folded) = (cases::find(tx, id)?, cases::replay(tx, id)?);
    let words = tx.query_one("SELECT rowid FROM search WHERE rowid = ?1", &[id.into()], |row| {
        row.int(0)
    })?;
    Ok(stored == folded && words.is_some())
}

/// Puts every row of an answer into the digest; how many there were.
fn take(tx: &mut Tx<'_>, hasher: &mut Sha256, sql: &str, columns: usize) -> Result<u64, Error> {
    let mut rows = 0;
    tx.each(sql, &[], |row| {
        rows += 1;
        row.digest(columns, &mut |bytes| hasher.update(bytes))?;
        Ok(true)
    })?;
    Ok(rows)
}
