//! Groups of a directory: who is in them is the directory's to say, what they give is the security administrator's.

use super::{Settled, entry, external, has_room, is_at, keeper, settle};
use crate::{App, Caller, Error, accesses, accounts};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::{Role, may_hold};
use anlan_model::directories::{self as model, comes_with_groups};
use anlan_model::ids::{AccountId, GroupId};
use anlan_policy::Action;
use anlan_store::Tx;
use std::collections::{BTreeMap, BTreeSet};

const NAME_MAX: usize = 128;
const MEMBERS_MAX: usize = 5_000;

/// A group with who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub group: model::Group,
    /// Accounts in it.
    pub members: Vec<AccountId>,
}

/// What a directory says of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInput {
    /// Its name.
    pub name: String,
    /// The directory's own word for it.
    pub external: Option<String>,
    /// Accounts in it; each must be the directory's own.
    pub members: Vec<AccountId>,
}

/// Every group that the calling directory keeps.
pub fn list_groups(app: &App, caller: &Caller) -> Result<Vec<Group>, Error> {
    let keeper = keeper(app, caller)?;
    let found = app.store.read(|tx| all(tx, Some(keeper)))?;
    let entry = entry(app, caller, "group", "list").of_many(found.len());
    accesses::log(app, entry)?;
    Ok(found)
}

fn all(tx: &mut Tx<'_>, keeper: Option<AccountId>) -> Result<Vec<Group>, Error> {
    let groups = anlan_store::directories::list_groups(tx, keeper)?;
    let mut members: BTreeMap<GroupId, Vec<AccountId>> = BTreeMap::new();
    for (group, account) in anlan_store::directories::list_members(tx, keeper)? {
        members.entry(group).or_default().push(account);
    }
    let group = |group: model::Group| Group {
        members: members.remove(&group.id).unwrap_or_default(),
        group,
    };
    Ok(groups.into_iter().map(group).collect())
}

fn one(tx: &mut Tx<'_>, keeper: AccountId, id: GroupId) -> Result<Group, Error> {
    let found = anlan_store::directories::find_group(tx, id)?;
    let group = found.filter(|group| group.keeper == keeper);
    Ok(Group {
        group: group.ok_or(Error::Missing { what: "group" })?,
        members: anlan_store::directories::members_of(tx, id)?,
    })
}

/// One of them.
pub fn find_group(app: &App, caller: &Caller, id: GroupId) -> Result<Group, Error> {
    let keeper = keeper(app, caller)?;
    let found = app.store.read(|tx| one(tx, keeper, id))?;
    accesses::log(app, entry(app, caller, "group", id))?;
    Ok(found)
}

fn checked(input: GroupInput) -> Result<GroupInput, Error> {
    let name = input.name.trim().to_owned();
    if !accounts::is_name(&name, NAME_MAX) {
        return Err(Error::field(
            "displayName",
            "directory.group",
            "组名应为 1 到 128 个字符。",
            "A group's name has 1 to 128 characters.",
        ));
    }
    let members: BTreeSet<AccountId> = input.members.into_iter().collect();
    if members.len() > MEMBERS_MAX {
        return Err(members_fault());
    }
    Ok(GroupInput {
        name,
        external: external(input.external)?,
        members: members.into_iter().collect(),
    })
}

fn members_fault() -> Error {
    Error::field(
        "members",
        "directory.members",
        "组成员须是本目录自己的账号，至多 5,000 个。未作任何更改。",
        "Members are accounts of this directory, 5,000 at most. Nothing was changed.",
    )
}

fn are_own(tx: &mut Tx<'_>, keeper: AccountId, members: &[AccountId]) -> Result<(), Error> {
    for member in members {
        if anlan_store::directories::find(tx, keeper, *member)?.is_none() {
            return Err(members_fault());
        }
    }
    Ok(())
}

fn taken(error: anlan_store::Error) -> Error {
    match error {
        anlan_store::Error::Taken { .. } => Error::conflict(
            "directory.group_exists",
            "该目录已有同名的组，未作任何更改。",
            "This directory has a group of that name. Nothing was changed.",
        ),
        other => Error::from(other),
    }
}

/// Makes a group. It gives nothing until somebody decides what.
pub fn create_group(app: &App, caller: &Caller, input: GroupInput) -> Result<Group, Error> {
    let keeper = keeper(app, caller)?;
    let input = checked(input)?;
    let now = app.clock.now();
    let entry = entry(app, caller, "group", "new");
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        has_room(tx, keeper)?;
        are_own(tx, keeper, &input.members)?;
        let group = model::Group {
            id: GroupId(0),
            keeper,
            name: input.name.clone(),
            external: input.external.clone(),
            roles: vec![],
            version: 1,
            created_at: now,
            changed_at: now,
        };
        let id = anlan_store::directories::insert_group(tx, &group).map_err(taken)?;
        let mut entry = entry.clone();
        entry.resource_id = id.to_string();
        anlan_store::accesses::append(tx, &entry)?;
        move_members(&app2, &caller2, tx, (keeper, id), (&[], &input.members))?;
        one(tx, keeper, id)
    })
}

/// Puts these into a group in place of those who were, and gives each who comes or goes the roles that follow.
fn move_members(
    app: &App,
    caller: &Caller,
    tx: &mut Tx<'_>,
    (keeper, id): (AccountId, GroupId),
    (before, after): (&[AccountId], &[AccountId]),
) -> Result<(), Error> {
    anlan_store::directories::set_members(tx, id, after)?;
    let gone = before.iter().filter(|member| !after.contains(member));
    let come = after.iter().filter(|member| !before.contains(member));
    for account in gone.chain(come) {
        let of = Settled {
            keeper,
            account: *account,
            action: Action::AccountProvision,
        };
        settle(app, caller, tx, app.clock.now(), &of)?;
    }
    Ok(())
}

/// Puts this in place of what was known of a group. `version`: only if it is still at this one.
pub fn put_group(
    app: &App,
    caller: &Caller,
    id: GroupId,
    version: Option<u32>,
    input: GroupInput,
) -> Result<Group, Error> {
    let keeper = keeper(app, caller)?;
    let input = checked(input)?;
    let now = app.clock.now();
    let entry = entry(app, caller, "group", id);
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let before = one(tx, keeper, id)?;
        is_at(version, before.group.version)?;
        are_own(tx, keeper, &input.members)?;
        let is_same = input.name == before.group.name
            && input.external == before.group.external
            && input.members == before.members;
        let group = model::Group {
            name: input.name.clone(),
            external: input.external.clone(),
            version: before.group.version + u32::from(!is_same),
            changed_at: if is_same { before.group.changed_at } else { now },
            ..before.group
        };
        anlan_store::directories::update_group(tx, &group).map_err(taken)?;
        anlan_store::accesses::append(tx, &entry)?;
        move_members(
            &app2,
            &caller2,
            tx,
            (keeper, id),
            (&before.members, &input.members),
        )?;
        one(tx, keeper, id)
    })
}

/// Takes a group away, and from its members what came with it.
pub fn remove_group(app: &App, caller: &Caller, id: GroupId, version: Option<u32>) -> Result<(), Error> {
    let keeper = keeper(app, caller)?;
    let entry = entry(app, caller, "group", id);
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let before = one(tx, keeper, id)?;
        is_at(version, before.group.version)?;
        anlan_store::accesses::append(tx, &entry)?;
        move_members(&app2, &caller2, tx, (keeper, id), (&before.members, &[]))?;
        anlan_store::directories::delete_group(tx, id).map_err(Error::from)
    })
}

/// The groups of every directory, for who looks after accounts.
pub fn list_all_groups(app: &App, caller: &Caller) -> Result<Vec<Group>, Error> {
    app.require(caller, Action::AccountRead)?;
    let found = app.store.read(|tx| all(tx, None))?;
    let entry = accesses::entry(
        app,
        caller,
        Action::AccountRead,
        "group",
        "list",
        Purpose::Maintenance,
    )
    .of_many(found.len());
    accesses::log(app, entry)?;
    Ok(found)
}

/// Decides which roles come with a group. Its members have them at once and are signed out; roles that rule the node or watch
/// over it come with none.
pub fn set_group_roles(app: &App, caller: &Caller, id: GroupId, roles: Vec<Role>) -> Result<Group, Error> {
    app.require(caller, Action::RoleGrant)?;
    let mut roles = roles;
    roles.sort_unstable();
    roles.dedup();
    may_hold(&roles).map_err(accounts::clash)?;
    if !roles.iter().copied().all(comes_with_groups) {
        return Err(Error::field(
            "roles",
            "directory.roles",
            "系统、安全、审计三类管理员和机器账号的角色不能随组授予。未作任何更改。",
            "Roles of administrators and of machines do not come with groups. Nothing was changed.",
        ));
    }
    let now = app.clock.now();
    let entry = accesses::entry(app, caller, Action::RoleGrant, "group", id, Purpose::Maintenance);
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let group = anlan_store::directories::find_group(tx, id)?;
        let group = group.ok_or(Error::Missing { what: "group" })?;
        let keeper = group.keeper;
        let members = anlan_store::directories::members_of(tx, id)?;
        for member in &members {
            accounts::not_own(&caller2, *member)?;
        }
        anlan_store::accesses::append(tx, &entry)?;
        let changed = model::Group {
            roles: roles.clone(),
            ..group
        };
        anlan_store::directories::update_group(tx, &changed)?;
        for account in members {
            let of = Settled {
                keeper,
                account,
                action: Action::RoleGrant,
            };
            settle(&app2, &caller2, tx, now, &of)?;
        }
        one(tx, keeper, id)
    })
}
