//! Machine accounts and their keys, by the SHA-256 of what the machine holds. The token itself never comes here.

use crate::accounts;
use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, KeyId};
use anlan_model::machines::MachineKey;
use jiff::Timestamp;

const COLUMNS: &str = "k.id, k.account, k.name, k.scopes, k.networks, k.created_at, k.expires_at, k.used_at";

/// Makes an account a machine's.
pub fn mark(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Error> {
    tx.exec("INSERT INTO machines (account) VALUES (?1)", &[account.into()])?;
    Ok(())
}

/// Whether an account is a machine's.
pub fn is_machine(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM machines WHERE account = ?1";
    Ok(tx.query_one(sql, &[account.into()], |row| row.int(0))?.is_some())
}

/// Keeps a new key; `id` and `used_at` are ignored. `token` is the SHA-256 of what the machine holds.
pub fn insert(tx: &mut Tx<'_>, key: &MachineKey, token: &[u8; 32]) -> Result<KeyId, Error> {
    let sql = "INSERT INTO machine_keys (account, token, name, scopes, networks, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (scopes, networks) = (body::write(&key.scopes)?, body::write(&key.networks)?);
    let params = [
        key.account.into(),
        token.into(),
        (&key.name).into(),
        (&scopes).into(),
        (&networks).into(),
        key.created_at.into(),
        key.expires_at.into(),
    ];
    tx.insert(sql, &params).map(KeyId)
}

/// The keys of an account, the oldest first; those that have ended too.
pub fn list(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<MachineKey>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM machine_keys k WHERE k.account = ?1 ORDER BY k.id");
    tx.query(&sql, &[account.into()], |row| key(row, 0))
}

/// The key with this hash that has not ended, and its account, if that is active.
pub fn find(
    tx: &mut Tx<'_>,
    token: &[u8; 32],
    now: Timestamp,
) -> Result<Option<(MachineKey, Account)>, Error> {
    let sql = format!(
        "SELECT a.id, a.name, a.display_name, a.roles, a.office, a.division, a.is_active, {COLUMNS}
        FROM machine_keys k JOIN accounts a ON a.id = k.account
        WHERE k.token = ?1 AND k.expires_at > ?2 AND a.is_active = 1"
    );
    tx.query_one(&sql, &[token.into(), now.into()], |row| {
        Ok((key(row, 7)?, accounts::account(row)?))
    })
}

/// Notes that it was used. Call it only when `used_at` is old: it is a write.
pub fn touch(tx: &mut Tx<'_>, id: KeyId, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE machine_keys SET used_at = ?2 WHERE id = ?1";
    tx.exec(sql, &[id.into(), at.into()])?;
    Ok(())
}

/// Takes a key away; whose it was. `None` if there is none.
pub fn delete(tx: &mut Tx<'_>, id: KeyId) -> Result<Option<AccountId>, Error> {
    let sql = "DELETE FROM machine_keys WHERE id = ?1 RETURNING account";
    tx.query_one(sql, &[id.into()], |row| row.int(0).map(AccountId))
}

fn key(row: &Row<'_>, first: usize) -> Result<MachineKey, Error> {
    Ok(MachineKey {
        id: KeyId(row.int(first)?),
        account: AccountId(row.int(first + 1)?),
        name: row.text(first + 2)?.to_owned(),
        scopes: row.json(first + 3)?,
        networks: row.json(first + 4)?,
        created_at: row.time(first + 5)?,
        expires_at: row.time(first + 6)?,
        used_at: row.find_time(first + 7)?,
    })
}
