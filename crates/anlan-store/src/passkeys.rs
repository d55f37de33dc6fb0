//! Passkeys and what a browser was asked to sign. What stands in a `body` is the caller's: the store reads none of it.

use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::{AccountId, PasskeyId};
use jiff::Timestamp;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its number.
    pub id: PasskeyId,
    /// Whose.
    pub account: AccountId,
    /// The authenticator's name for it.
    pub credential: Vec<u8>,
    /// Its holder's name for it.
    pub name: String,
    /// Public key and state.
    pub body: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub used_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, account, credential, name, body, created_at, used_at";

/// Keeps a new one; `id` and `used_at` are ignored. `Error::Taken` if the credential is known.
pub fn insert(tx: &mut Tx<'_>, new: &Passkey) -> Result<PasskeyId, Error> {
    let sql =
        "INSERT INTO passkeys (account, credential, name, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let params = [
        new.account.into(),
        (&new.credential).into(),
        (&new.name).into(),
        (&new.body).into(),
        new.created_at.into(),
    ];
    tx.insert(sql, &params).map(PasskeyId)
}

/// Those of an account, oldest first.
pub fn list(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Passkey>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE account = ?1 ORDER BY id");
    tx.query(&sql, &[account.into()], passkey)
}

/// The one with this credential.
pub fn find(tx: &mut Tx<'_>, credential: &[u8]) -> Result<Option<Passkey>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE credential = ?1");
    tx.query_one(&sql, &[credential.into()], passkey)
}

/// Notes that somebody signed in with it, and its state after that. `false` if it is gone, or its state is no longer `before`.
pub fn used(
    tx: &mut Tx<'_>,
    id: PasskeyId,
    before: &[u8],
    body: &[u8],
    at: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE passkeys SET body = ?3, used_at = ?4 WHERE id = ?1 AND body = ?2";
    Ok(tx.exec(sql, &[id.into(), before.into(), body.into(), at.into()])? == 1)
}

/// Removes one of an account. `false` if it has none of this number.
pub fn delete(tx: &mut Tx<'_>, account: AccountId, id: PasskeyId) -> Result<bool, Error> {
    let sql = "DELETE FROM passkeys WHERE account = ?1 AND id = ?2";
    Ok(tx.exec(sql, &[account.into(), id.into()])? == 1)
}

/// Removes all of an account. How many there were.
pub fn delete_of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<usize, Error> {
    tx.exec("DELETE FROM passkeys WHERE account = ?1", &[account.into()])
}

/// For whom something was asked, if for anybody, and its body.
pub type Asked = (Option<AccountId>, Vec<u8>);

/// Keeps what a browser is asked to sign.
pub fn ask(
    tx: &mut Tx<'_>,
    challenge: &[u8],
    account: Option<AccountId>,
    body: &[u8],
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO challenges (challenge, account, body, expires_at) VALUES (?1, ?2, ?3, ?4)";
    tx.exec(
        sql,
        &[challenge.into(), account.into(), body.into(), expires_at.into()],
    )?;
    Ok(())
}

/// Takes what was asked, so that it is answered once: for whom, and its body.
pub fn take(tx: &mut Tx<'_>, challenge: &[u8], now: Timestamp) -> Result<Option<Asked>, Error> {
    let sql = "DELETE FROM challenges WHERE challenge = ?1 RETURNING account, body, expires_at";
    let found = tx.query_one(sql, &[challenge.into()], |row| {
        let account = row.find_int(0)?.map(AccountId);
        Ok((account, row.blob(1)?.to_vec(), row.time(2)?))
    })?;
    Ok(found
        .filter(|(_, _, until)| *until > now)
        .map(|(account, body, _)| (account, body)))
}

/// Removes what was never answered.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Error> {
    tx.exec("DELETE FROM challenges WHERE expires_at <= ?1", &[now.into()])
}

fn passkey(row: &Row<'_>) -> Result<Passkey, Error> {
    Ok(Passkey {
        id: PasskeyId(row.int(0)?),
        account: AccountId(row.int(1)?),
        credential: row.blob(2)?.to_vec(),
        name: row.text(3)?.to_owned(),
        body: row.blob(4)?.to_vec(),
        created_at: row.time(5)?,
        used_at: row.find_time(6)?,
    })
}
