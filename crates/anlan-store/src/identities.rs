//! Identities at providers elsewhere, and browsers that are on their way there and back. The tokens themselves never come here.

use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::identities::Identity;
use anlan_model::ids::AccountId;
use jiff::Timestamp;

const COLUMNS: &str = "account, issuer, login, subject, named_at, used_at";

/// Keeps as whom a provider knows an account's holder, in place of what was kept before; `subject` and `used_at` are
/// ignored. `Error::Taken` if that name there is another account's.
pub fn put(tx: &mut Tx<'_>, identity: &Identity) -> Result<(), Error> {
    delete(tx, identity.account)?;
    let sql = "INSERT INTO identities (account, issuer, login, named_at) VALUES (?1, ?2, ?3, ?4)";
    let params = [
        identity.account.into(),
        (&identity.issuer).into(),
        (&identity.login).into(),
        identity.named_at.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// Forgets it. `false` if there was none.
pub fn delete(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, Error> {
    let sql = "DELETE FROM identities WHERE account = ?1";
    Ok(tx.exec(sql, &[account.into()])? == 1)
}

/// An account's.
pub fn find(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Identity>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM identities WHERE account = ?1");
    tx.query_one(&sql, &[account.into()], |row| identity(row, 0))
}

/// Whom the provider calls so for good.
pub fn find_by_subject(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Option<Identity>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM identities WHERE issuer = ?1 AND subject = ?2");
    tx.query_one(&sql, &[issuer.into(), subject.into()], |row| identity(row, 0))
}

/// Who was named beforehand and never came yet.
pub fn find_by_login(tx: &mut Tx<'_>, issuer: &str, login: &str) -> Result<Option<Identity>, Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM identities WHERE issuer = ?1 AND login = ?2 AND subject IS NULL");
    tx.query_one(&sql, &[issuer.into(), login.into()], |row| identity(row, 0))
}

/// Keeps the provider's lasting word for somebody who first came. `false` if they came before, or are known no more.
pub fn link(tx: &mut Tx<'_>, account: AccountId, issuer: &str, subject: &str) -> Result<bool, Error> {
    let sql = "UPDATE identities SET subject = ?3 WHERE account = ?1 AND issuer = ?2 AND subject IS NULL";
    Ok(tx.exec(sql, &[account.into(), issuer.into(), subject.into()])? == 1)
}

/// Notes that somebody signed in with it.
pub fn used(tx: &mut Tx<'_>, account: AccountId, at: Timestamp) -> Result<(), Error> {
    tx.exec(
        "UPDATE identities SET used_at = ?2 WHERE account = ?1",
        &[account.into(), at.into()],
    )?;
    Ok(())
}

/// The columns of an identity from `first` on; `None` where an account has none.
pub(crate) fn find_in(row: &Row<'_>, first: usize) -> Result<Option<Identity>, Error> {
    if row.find_int(first)?.is_none() {
        return Ok(None);
    }
    identity(row, first).map(Some)
}

fn identity(row: &Row<'_>, first: usize) -> Result<Identity, Error> {
    Ok(Identity {
        account: AccountId(row.int(first)?),
        issuer: row.text(first + 1)?.to_owned(),
        login: row.text(first + 2)?.to_owned(),
        subject: row.find_text(first + 3)?.map(ToOwned::to_owned),
        named_at: row.time(first + 4)?,
        used_at: row.find_time(first + 5)?,
    })
}

/// A browser that was sent to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The provider's short name.
    pub provider: String,
    /// The address it is to be sent back to.
    pub back: String,
}

/// Notes that a browser is sent to a provider. `token` is the SHA-256 of what it holds.
pub fn depart(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    departure: &Departure,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO departures (token, provider, back, expires_at) VALUES (?1, ?2, ?3, ?4)";
    let params = [
        token.into(),
        (&departure.provider).into(),
        (&departure.back).into(),
        expires_at.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The browser is back: once, and in time.
pub fn arrive(tx: &mut Tx<'_>, token: &[u8; 32], now: Timestamp) -> Result<Option<Departure>, Error> {
    let sql = "DELETE FROM departures WHERE token = ?1 RETURNING provider, back, expires_at";
    let found = tx.query_one(sql, &[token.into()], |row| {
        let departure = Departure {
            provider: row.text(0)?.to_owned(),
            back: row.text(1)?.to_owned(),
        };
        Ok((departure, row.time(2)?))
    })?;
    Ok(found
        .filter(|(_, until)| *until > now)
        .map(|(departure, _)| departure))
}

/// Forgets browsers that did not come back.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, Error> {
    tx.exec("DELETE FROM departures WHERE expires_at <= ?1", &[now.into()])
}
