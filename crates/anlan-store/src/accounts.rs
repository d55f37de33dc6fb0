//! Accounts and their password hashes. Hashing and checking passwords happens elsewhere; plain passwords never come here.

use crate::body;
use crate::error::Error;
use crate::identities;
use crate::tx::{Row, Tx};
use anlan_model::accounts::{Account, Role};
use anlan_model::identities::Identity;
use anlan_model::ids::{AccountId, OfficeId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: &str = "id, name, display_name, roles, office, division, is_active";

/// An account that is about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What its holder types; kept in lower case, unique.
    pub name: &'a str,
    /// What others see.
    pub display_name: &'a str,
    /// Roles held.
    pub roles: &'a [Role],
    /// The office it belongs to.
    pub office: Option<OfficeId>,
    /// Division code prefix it works in, `""` for everywhere.
    pub division: &'a str,
    /// The password's hash in PHC form; `None` for machines, who cannot sign in.
    pub password: Option<&'a str>,
}

/// Makes an account, active. `Error::Taken` if the name exists.
pub fn insert(tx: &mut Tx<'_>, new: &NewAccount<'_>) -> Result<AccountId, Error> {
    let sql = "INSERT INTO accounts (name, display_name, roles, office, division, is_active, password)
        VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)";
    let (name, roles) = (new.name.to_lowercase(), body::write(&new.roles)?);
    let params = [
        (&name).into(),
        new.display_name.into(),
        (&roles).into(),
        new.office.into(),
        new.division.into(),
        new.password.into(),
    ];
    tx.insert(sql, &params).map(AccountId)
}

/// Changes all of an account but its password. `Error::Missing` if there is none, `Error::Taken` if the name exists.
pub fn update(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    let sql = "UPDATE accounts SET name = ?2, display_name = ?3, roles = ?4, office = ?5, division = ?6, is_active = ?7
        WHERE id = ?1";
    let (name, roles) = (account.name.to_lowercase(), body::write(&account.roles)?);
    let params = [
        account.id.into(),
        (&name).into(),
        (&account.display_name).into(),
        (&roles).into(),
        account.office.into(),
        (&account.division).into(),
        account.is_active.into(),
    ];
    must_hit(tx.exec(sql, &params)?, account.id)
}

/// Sets the password's hash (PHC form), and until when it is a one-time word. `Error::Missing` if there is no such account.
pub fn set_password(
    tx: &mut Tx<'_>,
    id: AccountId,
    hash: &str,
    word_until: Option<Timestamp>,
) -> Result<(), Error> {
    must_hit(
        tx.exec(
            "UPDATE accounts SET password = ?2, word_until = ?3 WHERE id = ?1",
            &[id.into(), hash.into(), word_until.into()],
        )?,
        id,
    )
}

/// Takes the password away: its holder signs in otherwise. `Error::Missing` if there is no such account.
pub fn clear_password(tx: &mut Tx<'_>, id: AccountId) -> Result<(), Error> {
    let sql = "UPDATE accounts SET password = NULL, word_until = NULL WHERE id = ?1";
    must_hit(tx.exec(sql, &[id.into()])?, id)
}

fn must_hit(rows: usize, id: AccountId) -> Result<(), Error> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::missing("account", id))
    }
}

/// An account.
pub fn find(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM accounts WHERE id = ?1"),
        &[id.into()],
        account,
    )
}

/// What a password is checked against.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The hash in PHC form; `None` for who cannot sign in with a password.
    pub hash: Option<String>,
    /// Until when it is a one-time word; `None` if it is the holder's own.
    pub word_until: Option<Timestamp>,
}

/// What an account's password is checked against; `None` if there is no such account.
pub fn find_kept(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Kept>, Error> {
    let sql = "SELECT password, word_until FROM accounts WHERE id = ?1";
    tx.query_one(sql, &[id.into()], |row| kept(row, 0))
}

fn kept(row: &Row<'_>, first: usize) -> Result<Kept, Error> {
    Ok(Kept {
        hash: row.find_text(first)?.map(ToOwned::to_owned),
        word_until: row.find_time(first + 1)?,
    })
}

/// An account by what its holder types, and what its password is checked against.
pub fn find_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<(Account, Kept)>, Error> {
    let name = name.to_lowercase();
    tx.query_one(
        &format!("SELECT {COLUMNS}, password, word_until FROM accounts WHERE name = ?1"),
        &[(&name).into()],
        |row| Ok((account(row)?, kept(row, 7)?)),
    )
}

/// Every account, or those of one office, by display name.
pub fn list(tx: &mut Tx<'_>, office: Option<OfficeId>) -> Result<Vec<Account>, Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM accounts WHERE ?1 IS NULL OR office = ?1 ORDER BY display_name, id");
    tx.query(&sql, &[office.into()], account)
}

/// What others see of these accounts.
pub fn names(tx: &mut Tx<'_>, ids: &BTreeSet<AccountId>) -> Result<BTreeMap<AccountId, String>, Error> {
    let sql = "SELECT id, display_name FROM accounts WHERE id IN (SELECT value FROM json_each(?1))";
    let wanted = body::write(ids)?;
    let found = tx.query(sql, &[(&wanted).into()], |row| {
        Ok((AccountId(row.int(0)?), row.text(1)?.to_owned()))
    })?;
    Ok(found.into_iter().collect())
}

/// An account, and how it is secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secured {
    /// The account.
    pub account: Account,
    /// Until when its password is a one-time word; `None` if it is the holder's own.
    pub word_until: Option<Timestamp>,
    /// An authenticator app is confirmed.
    pub has_totp: bool,
    /// How many passkeys it has.
    pub passkeys: u32,
    /// As whom a provider elsewhere knows its holder.
    pub identity: Option<Identity>,
    /// It is a machine's.
    pub is_machine: bool,
    /// A directory elsewhere keeps it, by its display name.
    pub keeper: Option<String>,
}

/// Every account with how it is secured, or one of them, by display name.
pub fn list_secured(tx: &mut Tx<'_>, id: Option<AccountId>) -> Result<Vec<Secured>, Error> {
    let sql = format!(
        "SELECT {COLUMNS}, word_until,
        EXISTS (SELECT 1 FROM totps t WHERE t.account = accounts.id AND t.confirmed_at IS NOT NULL),
        (SELECT count(*) FROM passkeys p WHERE p.account = accounts.id),
        i.account, i.issuer, i.login, i.subject, i.named_at, i.used_at,
        EXISTS (SELECT 1 FROM machines m WHERE m.account = accounts.id),
        (SELECT k.display_name FROM provisions v JOIN accounts k ON k.id = v.keeper WHERE v.account = accounts.id)
        FROM accounts LEFT JOIN identities i ON i.account = accounts.id
        WHERE ?1 IS NULL OR id = ?1 ORDER BY display_name, id"
    );
    tx.query(&sql, &[id.into()], |row| {
        Ok(Secured {
            account: account(row)?,
            word_until: row.find_time(7)?,
            has_totp: row.flag(8)?,
            passkeys: u32::try_from(row.int(9)?).unwrap_or(u32::MAX),
            identity: identities::find_in(row, 10)?,
            is_machine: row.flag(16)?,
            keeper: row.find_text(17)?.map(ToOwned::to_owned),
        })
    })
}

pub(crate) fn account(row: &Row<'_>) -> Result<Account, Error> {
    Ok(Account {
        id: AccountId(row.int(0)?),
        name: row.text(1)?.to_owned(),
        display_name: row.text(2)?.to_owned(),
        roles: row.json(3)?,
        office: row.find_int(4)?.map(OfficeId),
        division: row.text(5)?.to_owned(),
        is_active: row.flag(6)?,
    })
}
