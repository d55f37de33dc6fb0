//! Sessions: who is signed in, by the SHA-256 of what the browser holds. The token itself never comes here.

use crate::accounts;
use crate::body;
use crate::error::Error;
use crate::tx::Tx;
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, PostId, SessionId};
use anlan_model::sessions::{Step, idle_from, seen_by};
use jiff::Timestamp;

/// A session that is about to begin.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// SHA-256 of the token.
    pub token: &'a [u8; 32],
    /// Whose.
    pub account: AccountId,
    /// What the browser calls itself.
    pub agent: &'a str,
    /// Where it is.
    pub address: &'a str,
    /// The post acted for from the beginning, if one.
    pub post: Option<PostId>,
    /// Now.
    pub at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// A session as it is kept, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Whose.
    pub account: Account,
    /// The post they act for, if for one.
    pub post: Option<PostId>,
    /// When they were last seen; noted now and then only.
    pub seen_at: Timestamp,
    /// When they last proved who they are.
    pub proven_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// A session as its holder knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// Its number.
    pub id: SessionId,
    /// What the browser calls itself.
    pub agent: String,
    /// Where it is.
    pub address: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last seen.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Signs somebody in.
pub fn create(tx: &mut Tx<'_>, new: &NewSession<'_>) -> Result<SessionId, Error> {
    let sql =
        "INSERT INTO sessions (token, account, agent, address, created_at, seen_at, proven_at, expires_at, post)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?6, ?7)";
    let params = [
        new.token.into(),
        new.account.into(),
        new.agent.into(),
        new.address.into(),
        new.at.into(),
        new.expires_at.into(),
        new.post.into(),
    ];
    tx.insert(sql, &params).map(SessionId)
}

/// The session, if it holds at `now` and its account is active. Writes nothing: see `touch`.
pub fn find(tx: &mut Tx<'_>, token: &[u8; 32], now: Timestamp) -> Result<Option<Session>, Error> {
    let sql = "SELECT a.id, a.name, a.display_name, a.roles, a.office, a.division, a.is_active,
        s.id, s.seen_at, s.proven_at, s.expires_at, s.post FROM sessions s JOIN accounts a ON a.id = s.account
        WHERE s.token = ?1 AND s.expires_at > ?2 AND s.seen_at > ?3 AND s.seen_at <= ?4 AND a.is_active = 1";
    let params = [
        token.into(),
        now.into(),
        idle_from(now).into(),
        seen_by(now).into(),
    ];
    tx.query_one(sql, &params, |row| {
        Ok(Session {
            account: accounts::account(row)?,
            id: SessionId(row.int(7)?),
            seen_at: row.time(8)?,
            proven_at: row.time(9)?,
            expires_at: row.time(10)?,
            post: row.find_int(11)?.map(PostId),
        })
    })
}

/// The sessions of an account that hold, the one last seen first.
pub fn list(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<Vec<SessionLine>, Error> {
    let sql = "SELECT id, agent, address, created_at, seen_at, expires_at FROM sessions
        WHERE account = ?1 AND expires_at > ?2 AND seen_at > ?3 AND seen_at <= ?4 ORDER BY seen_at DESC, id DESC";
    let params = [
        account.into(),
        now.into(),
        idle_from(now).into(),
        seen_by(now).into(),
    ];
    tx.query(sql, &params, |row| {
        Ok(SessionLine {
            id: SessionId(row.int(0)?),
            agent: row.text(1)?.to_owned(),
            address: row.text(2)?.to_owned(),
            created_at: row.time(3)?,
            seen_at: row.time(4)?,
            expires_at: row.time(5)?,
        })
    })
}

/// A session that holds: which, whose, and the post acted for.
pub type Holding = (SessionId, AccountId, Option<PostId>);

/// Every session that holds, in the order of posts.
pub fn holding(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Holding>, Error> {
    let sql = "SELECT s.id, s.account, s.post FROM sessions s JOIN accounts a ON a.id = s.account
        WHERE s.expires_at > ?1 AND s.seen_at > ?2 AND s.seen_at <= ?3 AND a.is_active = 1 ORDER BY s.post";
    let params = [now.into(), idle_from(now).into(), seen_by(now).into()];
    tx.query(sql, &params, |row| {
        Ok((
            SessionId(row.int(0)?),
            AccountId(row.int(1)?),
            row.find_int(2)?.map(PostId),
        ))
    })
}

/// Notes that they were seen. Call it only when `seen_at` is old: it is a write.
pub fn touch(tx: &mut Tx<'_>, id: SessionId, at: Timestamp) -> Result<(), Error> {
    tx.exec(
        "UPDATE sessions SET seen_at = ?2 WHERE id = ?1",
        &[id.into(), at.into()],
    )?;
    Ok(())
}

/// Acts for this post from now on, or for none. `false` if the session has ended.
pub fn act_for(tx: &mut Tx<'_>, id: SessionId, post: Option<PostId>) -> Result<bool, Error> {
    let sql = "UPDATE sessions SET post = ?2 WHERE id = ?1";
    Ok(tx.exec(sql, &[id.into(), post.into()])? == 1)
}

/// Gives the session another token, after its holder proved again who they are. `false` if it has ended.
pub fn renew(tx: &mut Tx<'_>, id: SessionId, token: &[u8; 32], at: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE sessions SET token = ?2, seen_at = ?3, proven_at = ?3 WHERE id = ?1";
    Ok(tx.exec(sql, &[id.into(), token.into(), at.into()])? == 1)
}

/// Signs somebody out.
pub fn delete(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<(), Error> {
    tx.exec("DELETE FROM sessions WHERE token = ?1", &[token.into()])?;
    Ok(())
}

/// Ends one session of an account. `false` if it has none of this number.
pub fn delete_one(tx: &mut Tx<'_>, account: AccountId, id: SessionId) -> Result<bool, Error> {
    let sql = "DELETE FROM sessions WHERE id = ?2 AND account = ?1";
    Ok(tx.exec(sql, &[account.into(), id.into()])? == 1)
}

/// Ends every session of an account but one, and every sign-in of it that waits for a further step. How many sessions
/// there were.
pub fn delete_others(tx: &mut Tx<'_>, account: AccountId, keep: Option<SessionId>) -> Result<usize, Error> {
    tx.exec("DELETE FROM half_sessions WHERE account = ?1", &[account.into()])?;
    tx.exec(
        "DELETE FROM sessions WHERE account = ?1 AND id IS NOT ?2",
        &[account.into(), keep.into()],
    )
}

/// Removes sessions and half sessions that no longer hold. How many sessions there were.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Error> {
    tx.exec("DELETE FROM half_sessions WHERE expires_at <= ?1", &[now.into()])?;
    tx.exec(
        "DELETE FROM sessions WHERE expires_at <= ?1 OR seen_at <= ?2",
        &[now.into(), idle_from(now).into()],
    )
}

/// A sign-in that waits for a further step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HalfSession {
    /// Whose.
    pub account: Account,
    /// What it waits for.
    pub step: Step,
    /// Wrong answers so far.
    pub tries: u32,
}

/// Begins such a sign-in.
pub fn begin(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    account: AccountId,
    step: Step,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO half_sessions (token, account, step, tries, expires_at) VALUES (?1, ?2, ?3, 0, ?4)";
    let step = body::word(&step)?;
    tx.exec(
        sql,
        &[token.into(), account.into(), (&step).into(), expires_at.into()],
    )?;
    Ok(())
}

/// The sign-in, if it still waits and its account is active.
pub fn find_half(tx: &mut Tx<'_>, token: &[u8; 32], now: Timestamp) -> Result<Option<HalfSession>, Error> {
    let sql =
        "SELECT a.id, a.name, a.display_name, a.roles, a.office, a.division, a.is_active, h.step, h.tries
        FROM half_sessions h JOIN accounts a ON a.id = h.account
        WHERE h.token = ?1 AND h.expires_at > ?2 AND a.is_active = 1";
    tx.query_one(sql, &[token.into(), now.into()], |row| {
        Ok(HalfSession {
            account: accounts::account(row)?,
            step: body::from_word(row.text(7)?)?,
            tries: u32::try_from(row.int(8)?).unwrap_or(u32::MAX),
        })
    })
}

/// Counts a wrong answer.
pub fn answered_wrong(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<(), Error> {
    let sql = "UPDATE half_sessions SET tries = tries + 1 WHERE token = ?1";
    tx.exec(sql, &[token.into()])?;
    Ok(())
}

/// Drops it: it became a session, or began anew.
pub fn drop_half(tx: &mut Tx<'_>, token: &[u8; 32]) -> Result<(), Error> {
    tx.exec("DELETE FROM half_sessions WHERE token = ?1", &[token.into()])?;
    Ok(())
}

/// How many sessions no longer hold.
pub fn count_expired(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM sessions WHERE expires_at <= ?1";
    let found = tx.query_one(sql, &[now.into()], |row| row.int(0))?;
    Ok(found.unwrap_or(0).unsigned_abs())
}
