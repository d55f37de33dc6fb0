//! Grants: leave for one person to do one thing, until an end. Whether it may be given is policy, not here.

use crate::body;
use crate::error::Error;
use crate::tx::{Tx, Value};
use anlan_model::grants::{Grant, GrantSubject};
use anlan_model::ids::{AccountId, CaseId, GrantId};
use jiff::Timestamp;

const LIST_MAX: usize = 500;

/// Which grants are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GrantFilter {
    /// Asked for by this account; `None` means anybody.
    pub asker: Option<AccountId>,
    /// Only those that want somebody's word.
    pub is_open: bool,
}

/// Keeps a new grant under the next number; the grant's own id is ignored.
pub fn insert(tx: &mut Tx<'_>, grant: &Grant) -> Result<Grant, Error> {
    let next = "SELECT coalesce(max(id), 0) + 1 FROM grants";
    let id = GrantId(tx.query_one(next, &[], |row| row.int(0))?.unwrap_or(1));
    let grant = Grant { id, ..grant.clone() };
    let opens = match grant.subject {
        GrantSubject::Case(case) => Some(case),
        GrantSubject::Roles { .. } | GrantSubject::Backup(_) => None,
    };
    let body = body::write(&grant)?;
    let sql = "INSERT INTO grants (id, asker, asked_at, until, opens, is_open, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let params = [
        grant.id.into(),
        grant.asker.into(),
        grant.asked_at.into(),
        grant.until.into(),
        opens.into(),
        grant.answer.is_none().into(),
        (&body).into(),
    ];
    tx.exec(sql, &params)?;
    Ok(grant)
}

/// Keeps the answer to a grant. `Error::Conflict` if somebody else was faster.
pub fn answer(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), Error> {
    let body = body::write(grant)?;
    let sql = "UPDATE grants SET until = ?2, is_open = 0, body = ?3 WHERE id = ?1 AND is_open = 1";
    let params = [grant.id.into(), grant.until.into(), (&body).into()];
    match tx.exec(sql, &params)? {
        1 => Ok(()),
        _ => Err(Error::Conflict),
    }
}

/// Keeps that a grant was used, or that it was not after all.
pub fn put_use(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), Error> {
    let body = body::write(grant)?;
    tx.exec(
        "UPDATE grants SET body = ?2 WHERE id = ?1",
        &[grant.id.into(), (&body).into()],
    )?;
    Ok(())
}

/// The grant, if there is one.
pub fn find(tx: &mut Tx<'_>, id: GrantId) -> Result<Option<Grant>, Error> {
    tx.query_one("SELECT body FROM grants WHERE id = ?1", &[id.into()], |row| {
        row.json(0)
    })
}

/// Grants, the newest first.
pub fn list(tx: &mut Tx<'_>, filter: GrantFilter, limit: usize) -> Result<Vec<Grant>, Error> {
    let limit = i64::try_from(limit.clamp(1, LIST_MAX)).unwrap_or(1);
    let sql = if filter.is_open {
        "SELECT body FROM grants WHERE is_open = 1 AND (?1 IS NULL OR asker = ?1) ORDER BY id DESC LIMIT ?2"
    } else {
        "SELECT body FROM grants WHERE ?1 IS NULL OR asker = ?1 ORDER BY id DESC LIMIT ?2"
    };
    tx.query(sql, &[filter.asker.into(), Value::Int(limit)], |row| row.json(0))
}

/// Takes the words out of the grants that opened a case: why it was opened, and what was said to that. Who opened it when stays.
pub(crate) fn erase_words(tx: &mut Tx<'_>, case: CaseId) -> Result<(), Error> {
    let sql = "SELECT body FROM grants WHERE opens = ?1";
    let all: Vec<Grant> = tx.query(sql, &[case.into()], |row| row.json(0))?;
    for grant in all {
        let id = grant.id;
        let body = body::write(&grant.without_words())?;
        tx.exec(
            "UPDATE grants SET body = ?2 WHERE id = ?1",
            &[id.into(), (&body).into()],
        )?;
    }
    Ok(())
}

/// The cases that grants open to this account now.
pub fn opened(tx: &mut Tx<'_>, asker: AccountId, now: Timestamp) -> Result<Vec<CaseId>, Error> {
    let sql = "SELECT DISTINCT opens FROM grants WHERE asker = ?1 AND until > ?2 AND opens IS NOT NULL ORDER BY opens";
    tx.query(sql, &[asker.into(), now.into()], |row| row.int(0).map(CaseId))
}
