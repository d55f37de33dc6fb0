//! Failed tries to sign in, by name, address or browser. How long one waits is the model's rule; what a key is made of is
//! the caller's business, and never a name as it was typed: people type passwords there.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::{AccountId, LockId};
use anlan_model::locks::{LockKind, Tries};
use jiff::Timestamp;

/// Tries that are counted together, as an administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Its number.
    pub id: LockId,
    /// What is counted together.
    pub kind: LockKind,
    /// The account tried at, if there is one of that name.
    pub account: Option<AccountId>,
    /// The address, where that is what is counted by.
    pub address: Option<String>,
    /// How many and how long.
    pub tries: Tries,
}

/// The tries counted under this key.
pub fn find(tx: &mut Tx<'_>, kind: LockKind, key: &str) -> Result<Option<Tries>, Error> {
    let kind = body::word(&kind)?;
    let sql = "SELECT count, last_at, wait_until FROM locks WHERE kind = ?1 AND key = ?2";
    tx.query_one(sql, &[(&kind).into(), key.into()], |row| tries(row, 0))
}

/// Keeps them.
pub fn put(
    tx: &mut Tx<'_>,
    kind: LockKind,
    key: &str,
    account: Option<AccountId>,
    tries: &Tries,
) -> Result<(), Error> {
    let kind = body::word(&kind)?;
    let sql =
        "INSERT INTO locks (kind, key, account, count, last_at, wait_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (kind, key) DO UPDATE SET account = ?3, count = ?4, last_at = ?5, wait_until = ?6";
    let params = [
        (&kind).into(),
        key.into(),
        account.into(),
        tries.count.into(),
        tries.last_at.into(),
        tries.wait_until.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// Forgets those under this key: the right password was typed.
pub fn forget(tx: &mut Tx<'_>, kind: LockKind, key: &str) -> Result<(), Error> {
    let kind = body::word(&kind)?;
    tx.exec(
        "DELETE FROM locks WHERE kind = ?1 AND key = ?2",
        &[(&kind).into(), key.into()],
    )?;
    Ok(())
}

/// Forgets one of them; what it was, if there was one.
pub fn clear(tx: &mut Tx<'_>, id: LockId) -> Result<bool, Error> {
    Ok(tx.exec("DELETE FROM locks WHERE id = ?1", &[id.into()])? == 1)
}

/// Forgets all that concern an account.
pub fn clear_account(tx: &mut Tx<'_>, account: AccountId) -> Result<usize, Error> {
    tx.exec("DELETE FROM locks WHERE account = ?1", &[account.into()])
}

/// Those that wait at `now`, or concern an account or an address with at least `few` tries; the newest first.
pub fn list(tx: &mut Tx<'_>, few: u32, now: Timestamp, limit: usize) -> Result<Vec<Lock>, Error> {
    let sql = "SELECT id, kind, key, account, count, last_at, wait_until FROM locks
        WHERE wait_until > ?1 OR count >= ?2 ORDER BY last_at DESC, id DESC LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.query(sql, &[now.into(), few.into(), limit.into()], |row| {
        let kind: LockKind = body::from_word(row.text(1)?)?;
        Ok(Lock {
            id: LockId(row.int(0)?),
            kind,
            account: row.find_int(3)?.map(AccountId),
            address: match kind {
                LockKind::Address => Some(row.text(2)?.to_owned()),
                _ => None,
            },
            tries: tries(row, 4)?,
        })
    })
}

/// Removes what was last tried before this instant and waits no more.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp) -> Result<usize, Error> {
    tx.exec(
        "DELETE FROM locks WHERE last_at <= ?1 AND wait_until <= ?2",
        &[before.into(), now.into()],
    )
}

fn tries(row: &Row<'_>, from: usize) -> Result<Tries, Error> {
    Ok(Tries {
        count: u32::try_from(row.int(from)?).unwrap_or(u32::MAX),
        last_at: row.time(from + 1)?,
        wait_until: row.time(from + 2)?,
    })
}
