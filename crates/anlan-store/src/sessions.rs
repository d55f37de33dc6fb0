//! Sessions: who is signed in, by the SHA-256 of what the browser holds. The token itself never comes here.

use crate::accounts;
use crate::error::Error;
use crate::tx::Tx;
use anlan_model::accounts::Account;
use anlan_model::ids::AccountId;
use jiff::Timestamp;

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account: Account,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last seen; noted now and then only.
    pub seen_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// Signs somebody in.
pub fn create(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    account: AccountId,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO sessions (token, account, created_at, seen_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)";
    tx.exec(sql, &[token.into(), account.into(), at.into(), expires_at.into()])?;
    Ok(())
}

/// The session, if it holds at `now` and its account is active. Writes nothing: see `touch`.
pub fn find(tx: &mut Tx<'_>, token: &[u8; 32], now: Timestamp) -> Result<Option<Session>, Error> {
    let sql = "SELECT a.id, a.name, a.display_name, a.roles, a.office, a.division, a.is_active,
        s.created_at, s.seen_at, s.expires_at FROM sessions s JOIN accounts a ON a.id = s.account
        WHERE s.token = ?1 AND s.expires_at > ?2 AND a.is_active = 1";
    tx.query_one(sql, &[token.into(), now.into()], |row| {
        Ok(Session {
            account: accounts::account(row)?,
            created_at: row.time(7)?,
            seen_at: row.time(8)?,
            expires_at: row.time(9)?,
        })
    })
}

/// Notes that they were seen and how long the session holds now. Call it only when `seen_at` is old: it is a write.
pub fn touch(tx: &mut Tx<'_>, token: &[u8; 32], at: Timestamp, expires_at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE sessions SET seen_at = ?2, expires_at = ?3 WHERE token = ?1";
    tx.exec(sql, &[token.into(), at.into(), expires_at.into()])?;
    Ok(())
}

/// Signs somebody out.
pub fn delete(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<(), Error> {
    tx.exec("DELETE FROM sessions WHERE token = ?1", &[token.into()])?;
    Ok(())
}

/// Ends every session of an account, as a new password or a deactivation must. How many there were.
pub fn delete_of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<usize, Error> {
    tx.exec("DELETE FROM sessions WHERE account = ?1", &[account.into()])
}

/// Removes sessions that no longer hold. How many there were.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Error> {
    tx.exec("DELETE FROM sessions WHERE expires_at <= ?1", &[now.into()])
}

/// How many sessions no longer hold.
pub fn count_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM sessions WHERE expires_at <= ?1";
    let found = tx.query_one(sql, &[now.into()], |row| row.int(0))?;
    Ok(found.unwrap_or(0).unsigned_abs())
}
