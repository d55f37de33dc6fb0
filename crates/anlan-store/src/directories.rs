//! Accounts and groups that directories elsewhere keep here. Whose is whose is in every question: a directory finds its own only.

use crate::accounts;
use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::accounts::{Account, Role};
use anlan_model::directories::{Group, Provision};
use anlan_model::ids::{AccountId, GroupId};

const GROUP: &str = "id, keeper, name, external, roles, version, created_at, changed_at";
const PERSON: &str = "a.id, a.name, a.display_name, a.roles, a.office, a.division, a.is_active,
    p.account, p.keeper, p.external, p.group_roles, p.version, p.created_at, p.changed_at";

/// Notes that a directory keeps an account.
pub fn insert(tx: &mut Tx<'_>, new: &Provision) -> Result<(), Error> {
    let sql =
        "INSERT INTO provisions (account, keeper, external, group_roles, version, created_at, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let roles = body::write(&new.group_roles)?;
    let params = [
        new.account.into(),
        new.keeper.into(),
        new.external.as_ref().into(),
        (&roles).into(),
        new.version.into(),
        new.created_at.into(),
        new.changed_at.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// Keeps what is different about it.
pub fn update(tx: &mut Tx<'_>, changed: &Provision) -> Result<(), Error> {
    let sql = "UPDATE provisions SET external = ?2, group_roles = ?3, version = ?4, changed_at = ?5 WHERE account = ?1";
    let roles = body::write(&changed.group_roles)?;
    let params = [
        changed.account.into(),
        changed.external.as_ref().into(),
        (&roles).into(),
        changed.version.into(),
        changed.changed_at.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The directory keeps it no more: neither it nor its place in groups.
pub fn delete(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Error> {
    tx.exec("DELETE FROM group_members WHERE account = ?1", &[account.into()])?;
    tx.exec("DELETE FROM provisions WHERE account = ?1", &[account.into()])?;
    Ok(())
}

/// An account that this directory keeps.
pub fn find(
    tx: &mut Tx<'_>,
    keeper: AccountId,
    id: AccountId,
) -> Result<Option<(Account, Provision)>, Error> {
    let sql = format!(
        "SELECT {PERSON} FROM provisions p JOIN accounts a ON a.id = p.account WHERE p.keeper = ?1 AND p.account = ?2"
    );
    tx.query_one(&sql, &[keeper.into(), id.into()], person)
}

/// Every account that this directory keeps, in the order in which they came.
pub fn list(tx: &mut Tx<'_>, keeper: AccountId) -> Result<Vec<(Account, Provision)>, Error> {
    let sql = format!(
        "SELECT {PERSON} FROM provisions p JOIN accounts a ON a.id = p.account WHERE p.keeper = ?1 ORDER BY p.account"
    );
    tx.query(&sql, &[keeper.into()], person)
}

/// How many accounts and groups this directory keeps.
pub fn count(tx: &mut Tx<'_>, keeper: AccountId) -> Result<i64, Error> {
    let sql = "SELECT (SELECT count(*) FROM provisions WHERE keeper = ?1) + (SELECT count(*) FROM directory_groups WHERE keeper = ?1)";
    Ok(tx
        .query_one(sql, &[keeper.into()], |row| row.int(0))?
        .unwrap_or(0))
}

/// Keeps a new group; its own id is ignored. `Error::Taken` if the directory has one of that name.
pub fn insert_group(tx: &mut Tx<'_>, group: &Group) -> Result<GroupId, Error> {
    let sql = "INSERT INTO directory_groups (keeper, name, external, roles, version, created_at, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let roles = body::write(&group.roles)?;
    let params = [
        group.keeper.into(),
        (&group.name).into(),
        group.external.as_ref().into(),
        (&roles).into(),
        group.version.into(),
        group.created_at.into(),
        group.changed_at.into(),
    ];
    tx.insert(sql, &params).map(GroupId)
}

/// Keeps what is different about a group. `Error::Taken` if the directory has another of that name.
pub fn update_group(tx: &mut Tx<'_>, group: &Group) -> Result<(), Error> {
    let sql = "UPDATE directory_groups SET name = ?2, external = ?3, roles = ?4, version = ?5, changed_at = ?6 WHERE id = ?1";
    let roles = body::write(&group.roles)?;
    let params = [
        group.id.into(),
        (&group.name).into(),
        group.external.as_ref().into(),
        (&roles).into(),
        group.version.into(),
        group.changed_at.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// Takes a group away, with who is in it.
pub fn delete_group(tx: &mut Tx<'_>, id: GroupId) -> Result<(), Error> {
    tx.exec("DELETE FROM group_members WHERE of = ?1", &[id.into()])?;
    tx.exec("DELETE FROM directory_groups WHERE id = ?1", &[id.into()])?;
    Ok(())
}

/// A group, whoever keeps it.
pub fn find_group(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Group>, Error> {
    let sql = format!("SELECT {GROUP} FROM directory_groups WHERE id = ?1");
    tx.query_one(&sql, &[id.into()], group)
}

/// The groups of one directory, or of all, in the order in which they came.
pub fn list_groups(tx: &mut Tx<'_>, keeper: Option<AccountId>) -> Result<Vec<Group>, Error> {
    let sql = format!("SELECT {GROUP} FROM directory_groups WHERE ?1 IS NULL OR keeper = ?1 ORDER BY id");
    tx.query(&sql, &[keeper.into()], group)
}

/// Puts exactly these accounts into a group.
pub fn set_members(tx: &mut Tx<'_>, id: GroupId, members: &[AccountId]) -> Result<(), Error> {
    tx.exec("DELETE FROM group_members WHERE of = ?1", &[id.into()])?;
    for member in members {
        let sql = "INSERT INTO group_members (of, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        tx.exec(sql, &[id.into(), (*member).into()])?;
    }
    Ok(())
}

/// Who is in which of a directory's groups.
pub fn list_members(tx: &mut Tx<'_>, keeper: Option<AccountId>) -> Result<Vec<(GroupId, AccountId)>, Error> {
    let sql = "SELECT m.of, m.account FROM group_members m JOIN directory_groups g ON g.id = m.of
        WHERE ?1 IS NULL OR g.keeper = ?1 ORDER BY m.of, m.account";
    tx.query(sql, &[keeper.into()], |row| {
        Ok((GroupId(row.int(0)?), AccountId(row.int(1)?)))
    })
}

/// Who is in one group.
pub fn members_of(tx: &mut Tx<'_>, id: GroupId) -> Result<Vec<AccountId>, Error> {
    let sql = "SELECT account FROM group_members WHERE of = ?1 ORDER BY account";
    tx.query(sql, &[id.into()], |row| row.int(0).map(AccountId))
}

/// The groups an account is in, with their names, in the order in which they came.
pub fn groups_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(GroupId, String)>, Error> {
    let sql = "SELECT g.id, g.name FROM group_members m JOIN directory_groups g ON g.id = m.of WHERE m.account = ?1 ORDER BY g.id";
    tx.query(sql, &[account.into()], |row| {
        Ok((GroupId(row.int(0)?), row.text(1)?.to_owned()))
    })
}

/// The roles that come with the groups an account is in.
pub fn roles_of_groups(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Role>, Error> {
    let sql = "SELECT g.roles FROM group_members m JOIN directory_groups g ON g.id = m.of WHERE m.account = ?1 ORDER BY g.id";
    let each: Vec<Vec<Role>> = tx.query(sql, &[account.into()], |row| row.json(0))?;
    let mut roles = each.concat();
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

fn person(row: &Row<'_>) -> Result<(Account, Provision), Error> {
    let provision = Provision {
        account: AccountId(row.int(7)?),
        keeper: AccountId(row.int(8)?),
        external: row.find_text(9)?.map(ToOwned::to_owned),
        group_roles: row.json(10)?,
        version: version(row, 11)?,
        created_at: row.time(12)?,
        changed_at: row.time(13)?,
    };
    Ok((accounts::account(row)?, provision))
}

fn group(row: &Row<'_>) -> Result<Group, Error> {
    Ok(Group {
        id: GroupId(row.int(0)?),
        keeper: AccountId(row.int(1)?),
        name: row.text(2)?.to_owned(),
        external: row.find_text(3)?.map(ToOwned::to_owned),
        roles: row.json(4)?,
        version: version(row, 5)?,
        created_at: row.time(6)?,
        changed_at: row.time(7)?,
    })
}

fn version(row: &Row<'_>, column: usize) -> Result<u32, Error> {
    Ok(u32::try_from(row.int(column)?).unwrap_or(u32::MAX))
}
