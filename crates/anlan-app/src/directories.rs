//! Directories elsewhere: a machine that makes, changes and closes accounts here and puts them into groups. It finds only what
//! it keeps itself, its accounts belong to its own office and area, and a group gives what somebody here decided.

mod groups;

use crate::accounts::{self, NewPerson};
use crate::{App, Caller, Error, accesses, identities};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::directories::{Provision, roles_after};
use anlan_model::ids::{AccountId, GroupId};
use anlan_policy::Action;
use anlan_store::Tx;
pub use groups::{
    Group, GroupInput, create_group, find_group, list_all_groups, list_groups, put_group, remove_group,
    set_group_roles,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Accounts and groups of one directory.
const KEPT_MAX: i64 = 20_000;
const EXTERNAL_BYTES_MAX: usize = 255;

/// An account as its directory sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// What is kept of its being kept.
    pub provision: Provision,
    /// The directory's groups it is in, with their names.
    pub groups: Vec<(GroupId, String)>,
}

/// What a directory says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonInput {
    /// The account's name.
    pub name: String,
    /// What others see.
    pub display_name: String,
    /// The directory's own word for the person.
    pub external: Option<String>,
    /// Whether they may sign in.
    pub is_active: bool,
}

/// Lets through a directory: the account it asks with.
fn keeper(app: &App, caller: &Caller) -> Result<AccountId, Error> {
    app.require(caller, Action::AccountProvision)?;
    caller.actor.account.ok_or(Error::Missing { what: "account" })
}

/// Refuses whoever is no directory.
pub fn comes(app: &App, caller: &Caller) -> Result<(), Error> {
    keeper(app, caller).map(drop)
}

fn entry(app: &App, caller: &Caller, what: &str, id: impl std::fmt::Display) -> Access {
    accesses::entry(
        app,
        caller,
        Action::AccountProvision,
        what,
        id,
        Purpose::Maintenance,
    )
}

fn external(text: Option<String>) -> Result<Option<String>, Error> {
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_none_or(|text| text.len() <= EXTERNAL_BYTES_MAX) {
        return Ok(text);
    }
    Err(Error::field(
        "externalId",
        "directory.external",
        "externalId 至多 255 个字节。",
        "An externalId has 255 bytes at most.",
    ))
}

/// Refuses a directory more than a node can look through.
fn has_room(tx: &mut Tx<'_>, keeper: AccountId) -> Result<(), Error> {
    if anlan_store::directories::count(tx, keeper)? < KEPT_MAX {
        return Ok(());
    }
    Err(Error::conflict(
        "directory.full",
        "该目录的账号和组已达上限，未作任何更改。",
        "This directory keeps as many accounts and groups as it may. Nothing was changed.",
    ))
}

/// Every account that the calling directory keeps.
pub fn list(app: &App, caller: &Caller) -> Result<Vec<Person>, Error> {
    let keeper = keeper(app, caller)?;
    let (people, groups, members) = app.store.read(|tx| {
        Ok::<_, Error>((
            anlan_store::directories::list(tx, keeper)?,
            anlan_store::directories::list_groups(tx, Some(keeper))?,
            anlan_store::directories::list_members(tx, Some(keeper))?,
        ))
    })?;
    let names: BTreeMap<GroupId, String> = groups.into_iter().map(|group| (group.id, group.name)).collect();
    let mut of: BTreeMap<AccountId, Vec<(GroupId, String)>> = BTreeMap::new();
    for (group, account) in members {
        let name = names.get(&group).cloned().unwrap_or_default();
        of.entry(account).or_default().push((group, name));
    }
    let entry = entry(app, caller, "account", "list").of_many(people.len());
    accesses::log(app, entry)?;
    let person = |(account, provision): (Account, Provision)| Person {
        groups: of.remove(&account.id).unwrap_or_default(),
        account,
        provision,
    };
    Ok(people.into_iter().map(person).collect())
}

/// One of them.
pub fn find(app: &App, caller: &Caller, id: AccountId) -> Result<Person, Error> {
    let keeper = keeper(app, caller)?;
    let person = app.store.read(|tx| person(tx, keeper, id))?;
    accesses::log(app, entry(app, caller, "account", id))?;
    Ok(person)
}

fn person(tx: &mut Tx<'_>, keeper: AccountId, id: AccountId) -> Result<Person, Error> {
    let found = anlan_store::directories::find(tx, keeper, id)?;
    let (account, provision) = found.ok_or(Error::Missing { what: "account" })?;
    Ok(Person {
        account,
        provision,
        groups: anlan_store::directories::groups_of(tx, id)?,
    })
}

/// Makes an account. It has no roles until it comes into a group that gives some, and its holder signs in through the node's
/// first provider, if it has one, under the same name there.
pub fn create(app: &App, caller: &Caller, input: PersonInput) -> Result<Person, Error> {
    let keeper = keeper(app, caller)?;
    let external = external(input.external)?;
    let account = accounts::checked(
        app,
        Account {
            id: AccountId(0),
            name: input.name,
            display_name: input.display_name,
            roles: vec![],
            office: caller.actor.office,
            division: caller.actor.division.clone(),
            is_active: input.is_active,
        },
    )?;
    let now = app.clock.now();
    let entry = entry(app, caller, "account", "new");
    let app2 = app.clone();
    app.store.write(move |tx| {
        has_room(tx, keeper)?;
        let made = accounts::add(tx, &NewPerson::without_password(&account))?;
        let id = made.id;
        anlan_store::accounts::update(tx, &made)?;
        let provision = Provision {
            account: id,
            keeper,
            external: external.clone(),
            group_roles: vec![],
            version: 1,
            created_at: now,
            changed_at: now,
        };
        anlan_store::directories::insert(tx, &provision)?;
        identities::name_provisioned(&app2, tx, id, &account.name)?;
        let mut entry = entry.clone();
        entry.resource_id = id.to_string();
        anlan_store::accesses::append(tx, &entry)?;
        person(tx, keeper, id)
    })
}

/// Puts this in place of what was known of a person. Who is closed is signed out everywhere at once. `version`: only if it is
/// still at this one.
pub fn put(
    app: &App,
    caller: &Caller,
    id: AccountId,
    version: Option<u32>,
    input: PersonInput,
) -> Result<Person, Error> {
    let keeper = keeper(app, caller)?;
    let external = external(input.external)?;
    let (by, now) = (caller.actor.account, app.clock.now());
    let entry = entry(app, caller, "account", id);
    let before = app.store.read(|tx| person(tx, keeper, id))?;
    let after = accounts::checked(
        app,
        Account {
            name: input.name,
            display_name: input.display_name,
            is_active: input.is_active,
            ..before.account
        },
    )?;
    app.store.write(move |tx| {
        let before = person(tx, keeper, id)?;
        is_at(version, before.provision.version)?;
        let after = Account {
            roles: before.account.roles.clone(),
            ..after.clone()
        };
        if after.name != before.account.name {
            accounts::is_free(tx, &after.name)?;
        }
        anlan_store::accounts::update(tx, &after)?;
        if !after.is_active {
            accounts::leave(tx, id, now, by)?;
        }
        let is_same = after == before.account && external == before.provision.external;
        let provision = Provision {
            external: external.clone(),
            version: before.provision.version + u32::from(!is_same),
            changed_at: if is_same { before.provision.changed_at } else { now },
            ..before.provision
        };
        anlan_store::directories::update(tx, &provision)?;
        anlan_store::accesses::append(tx, &entry)?;
        person(tx, keeper, id)
    })
}

fn is_at(wanted: Option<u32>, now: u32) -> Result<(), Error> {
    if wanted.is_none_or(|wanted| wanted == now) {
        return Ok(());
    }
    Err(Error::conflict(
        "directory.version",
        "该资源在此期间已有变化，未作任何更改。",
        "It was changed meanwhile. Nothing was done; read it again.",
    ))
}

/// Closes an account for good and lets go of it. What it did stays on record under its number; its name becomes free.
pub fn remove(app: &App, caller: &Caller, id: AccountId, version: Option<u32>) -> Result<(), Error> {
    let keeper = keeper(app, caller)?;
    let entry = entry(app, caller, "account", id);
    let (by, now) = (caller.actor.account, app.clock.now());
    app.store.write(move |tx| {
        let before = person(tx, keeper, id)?;
        is_at(version, before.provision.version)?;
        let name: String = before.account.name.chars().take(40).collect();
        let closed = Account {
            name: format!("{name}#{id}"),
            roles: vec![],
            is_active: false,
            ..before.account
        };
        anlan_store::accounts::update(tx, &closed)?;
        anlan_store::identities::delete(tx, id)?;
        anlan_store::passkeys::delete_of_account(tx, id)?;
        anlan_store::totps::remove(tx, id)?;
        accounts::leave(tx, id, now, by)?;
        anlan_store::directories::delete(tx, id)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// Gives an account the roles that come with its groups now, and no others for groups. Where that changes its roles, it is signed
/// out everywhere, as when somebody gives them, and an entry says what was given and taken.
fn settle(app: &App, caller: &Caller, tx: &mut Tx<'_>, now: Timestamp, of: &Settled) -> Result<(), Error> {
    let Some((account, provision)) = anlan_store::directories::find(tx, of.keeper, of.account)? else {
        return Ok(());
    };
    let for_groups = anlan_store::directories::roles_of_groups(tx, account.id)?;
    let roles = roles_after(&account.roles, &provision.group_roles, &for_groups);
    let difference = accounts::difference(&account.roles, &roles);
    let id = account.id;
    let has_changed = !difference.is_empty();
    if has_changed {
        anlan_store::accounts::update(tx, &Account { roles, ..account })?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        let mut entry = accesses::entry(
            app,
            caller,
            of.action,
            "role",
            format!("{id}{difference}"),
            Purpose::Maintenance,
        );
        entry.at = now;
        anlan_store::accesses::append(tx, &entry)?;
    }
    let provision = Provision {
        group_roles: for_groups,
        version: provision.version + 1,
        changed_at: now,
        ..provision
    };
    anlan_store::directories::update(tx, &provision).map_err(Error::from)
}

/// Whose groups changed, and by what.
struct Settled {
    keeper: AccountId,
    account: AccountId,
    action: Action,
}
