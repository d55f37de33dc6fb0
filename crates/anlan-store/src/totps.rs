//! Authenticator apps and recovery codes. The shared secret lies here sealed under a key of the vault; codes as digests.

use crate::error::Error;
use crate::sealing::{seal, unseal};
use crate::tx::Tx;
use anlan_model::ids::AccountId;
use jiff::Timestamp;

/// An account's authenticator app.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// The secret that app and node share.
    pub secret: Vec<u8>,
    /// When a first code proved that the app has it; `None` until then.
    pub confirmed_at: Option<Timestamp>,
    /// The newest time step of which a code was taken.
    pub last_step: i64,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept")
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}

/// Keeps a secret that is not confirmed yet, in place of one that was not. `false` if there is a confirmed one.
pub fn put(tx: &mut Tx<'_>, account: AccountId, secret: &[u8]) -> Result<bool, Error> {
    let sealed = seal(&key(tx)?, &what(account), secret)?;
    let sql = "INSERT INTO totps (account, sealed, confirmed_at, last_step) VALUES (?1, ?2, NULL, 0)
        ON CONFLICT (account) DO UPDATE SET sealed = ?2, last_step = 0 WHERE confirmed_at IS NULL";
    Ok(tx.exec(sql, &[account.into(), (&sealed).into()])? == 1)
}

/// The account's authenticator app, confirmed or not.
pub fn find(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Kept>, Error> {
    let sql = "SELECT sealed, confirmed_at, last_step FROM totps WHERE account = ?1";
    let found = tx.query_one(sql, &[account.into()], |row| {
        Ok((row.blob(0)?.to_vec(), row.find_time(1)?, row.int(2)?))
    })?;
    let Some((sealed, confirmed_at, last_step)) = found else {
        return Ok(None);
    };
    Ok(Some(Kept {
        secret: unseal(&key(tx)?, &what(account), &sealed)?,
        confirmed_at,
        last_step,
    }))
}

/// Takes a code of this time step, and confirms the app if it was not. `false` if one of this step or a later one was taken
/// before: a code opens once.
pub fn take(tx: &mut Tx<'_>, account: AccountId, step: i64, at: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE totps SET last_step = ?2, confirmed_at = coalesce(confirmed_at, ?3)
        WHERE account = ?1 AND last_step < ?2";
    Ok(tx.exec(sql, &[account.into(), step.into(), at.into()])? == 1)
}

/// Takes the app and every recovery code away. `false` if there was none.
pub fn remove(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, Error> {
    tx.exec("DELETE FROM recovery_codes WHERE account = ?1", &[account.into()])?;
    Ok(tx.exec("DELETE FROM totps WHERE account = ?1", &[account.into()])? == 1)
}

/// Keeps recovery codes in place of all there were.
pub fn put_codes(tx: &mut Tx<'_>, account: AccountId, digests: &[[u8; 32]]) -> Result<(), Error> {
    tx.exec("DELETE FROM recovery_codes WHERE account = ?1", &[account.into()])?;
    for digest in digests {
        tx.exec(
            "INSERT INTO recovery_codes (account, digest, used_at) VALUES (?1, ?2, NULL)",
            &[account.into(), digest.into()],
        )?;
    }
    Ok(())
}

/// Uses a recovery code up. `false` if there is none like this, or it was used.
pub fn use_code(
    tx: &mut Tx<'_>,
    account: AccountId,
    digest: &[u8; 32],
    at: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE recovery_codes SET used_at = ?3 WHERE account = ?1 AND digest = ?2 AND used_at IS NULL";
    Ok(tx.exec(sql, &[account.into(), digest.into(), at.into()])? == 1)
}

/// How many recovery codes are left.
pub fn codes_left(tx: &mut Tx<'_>, account: AccountId) -> Result<i64, Error> {
    let sql = "SELECT count(*) FROM recovery_codes WHERE account = ?1 AND used_at IS NULL";
    let left = tx.query_one(sql, &[account.into()], |row| row.int(0))?;
    Ok(left.unwrap_or(0))
}

fn key(tx: &Tx<'_>) -> Result<[u8; 32], Error> {
    tx.home.vault.derive(b"anlan authenticator apps 1")
}

/// Keeps one account's secret from being put in another's place.
fn what(account: AccountId) -> Vec<u8> {
    format!("totp {account}").into_bytes()
}
