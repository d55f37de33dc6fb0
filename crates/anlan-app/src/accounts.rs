//! Accounts: who may sign in, at which office, with which roles. Whoever makes accounts gives no rights, and nobody
//! changes their own. Signing in is `sessions`.

mod clashes;

pub(crate) use clashes::clash;

use crate::passwords::{self, OneTimeWord};
use crate::{App, Caller, Error, accesses, grants};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::{Account, Role, may_hold_as};
use anlan_model::ids::{AccountId, OfficeId};
use anlan_policy::Action;
use anlan_store::Tx;
use anlan_store::accounts::NewAccount;
pub use anlan_store::accounts::Secured;
use jiff::Timestamp;

const NAME_MAX: usize = 64;

pub(crate) fn random_token() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(no_randomness)?;
    Ok(hex(&bytes))
}

fn no_randomness(error: getrandom::Error) -> Error {
    Error::Unavailable {
        detail: format!("no randomness: {error}"),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Random letters and digits that are not mistaken for each other, in groups: five bits each.
pub(crate) fn random_words(groups: usize, letters: usize) -> Result<String, Error> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = vec![0_u8; groups * letters];
    getrandom::fill(&mut bytes).map_err(no_randomness)?;
    let words: Vec<String> = bytes
        .chunks(letters)
        .map(|group| {
            let letter = |byte: &u8| {
                ALPHABET
                    .get(usize::from(byte & 31))
                    .map_or('0', |c| char::from(*c))
            };
            group.iter().map(letter).collect()
        })
        .collect();
    Ok(words.join("-"))
}

/// The accounts of an office, or of all: names beside what people did.
pub fn list(app: &App, caller: &Caller, office: Option<OfficeId>) -> Result<Vec<Account>, Error> {
    app.require(caller, Action::ReferenceRead)?;
    app.store
        .read(|tx| anlan_store::accounts::list(tx, office).map_err(Error::from))
}

/// Every account with how it is secured, for who looks after accounts.
pub fn list_secured(app: &App, caller: &Caller) -> Result<Vec<Secured>, Error> {
    app.require(caller, Action::AccountRead)?;
    let found = app
        .store
        .read(|tx| anlan_store::accounts::list_secured(tx, None).map_err(Error::from))?;
    let entry = accesses::entry(
        app,
        caller,
        Action::AccountRead,
        "account",
        "list",
        Purpose::Maintenance,
    )
    .of_many(found.len());
    accesses::log(app, entry)?;
    Ok(found)
}

/// One account with how it is secured.
pub fn find_secured(app: &App, caller: &Caller, id: AccountId) -> Result<Secured, Error> {
    app.require(caller, Action::AccountRead)?;
    let found = app
        .store
        .read(|tx| anlan_store::accounts::list_secured(tx, Some(id)).map_err(Error::from))?;
    let found = found
        .into_iter()
        .next()
        .ok_or(Error::Missing { what: "account" })?;
    accesses::log(app, entry(app, caller, Action::AccountRead, id))?;
    Ok(found)
}

/// An account, asked for by an action that has policy's word already.
pub(crate) fn get(app: &App, id: AccountId) -> Result<Account, Error> {
    let found = app
        .store
        .read(|tx| anlan_store::accounts::find(tx, id).map_err(Error::from))?;
    found.ok_or(Error::Missing { what: "account" })
}

fn entry(app: &App, caller: &Caller, action: Action, id: impl std::fmt::Display) -> Access {
    accesses::entry(app, caller, action, "account", id, Purpose::Maintenance)
}

/// A new account with roles and a password, as the node's own command line makes it. `id` is ignored. Who may not give roles
/// makes accounts without.
pub fn create(app: &App, caller: &Caller, account: Account, password: &str) -> Result<Account, Error> {
    app.require(caller, Action::AccountWrite)?;
    if !account.roles.is_empty() {
        app.require(caller, Action::RoleGrant)?;
        may_hold_as(&account.roles, false).map_err(clash)?;
    }
    let account = checked(app, account)?;
    passwords::check_new(&account, password)?;
    let hash = passwords::hash(password)?;
    insert(app, caller, account, hash, None)
}

/// A new account that opens with a one-time word. It has no roles until somebody else gives it some. `id` and `roles` are
/// ignored.
pub fn open(app: &App, caller: &Caller, account: Account) -> Result<(Account, String, Timestamp), Error> {
    app.require(caller, Action::AccountWrite)?;
    let account = checked(
        app,
        Account {
            roles: vec![],
            ..account
        },
    )?;
    let OneTimeWord { word, hash, until } = passwords::one_time_word(app)?;
    let made = insert(app, caller, account, hash, Some(until))?;
    Ok((made, word, until))
}

/// An account that is about to be made, and how its holder first gets in.
pub(crate) struct NewPerson<'a> {
    account: &'a Account,
    hash: Option<&'a str>,
    word_until: Option<Timestamp>,
}

impl<'a> NewPerson<'a> {
    /// Whoever it is gets in some other way than by a password.
    pub(crate) fn without_password(account: &'a Account) -> Self {
        Self {
            account,
            hash: None,
            word_until: None,
        }
    }
}

fn insert(
    app: &App,
    caller: &Caller,
    account: Account,
    hash: String,
    word_until: Option<Timestamp>,
) -> Result<Account, Error> {
    let entry = entry(app, caller, Action::AccountWrite, "new");
    app.store.write(move |tx| {
        let new = NewPerson {
            account: &account,
            hash: Some(&hash),
            word_until,
        };
        let made = add(tx, &new)?;
        note_made(tx, &entry, &made)?;
        Ok(made)
    })
}

fn note_made(tx: &mut Tx<'_>, entry: &Access, made: &Account) -> Result<(), Error> {
    let entry = Access {
        resource_id: made.id.to_string(),
        ..entry.clone()
    };
    anlan_store::accesses::append(tx, &entry).map_err(Error::from)
}

/// A new account of a machine, with neither password nor roles.
pub(crate) fn open_machine(app: &App, caller: &Caller, account: Account) -> Result<Account, Error> {
    let account = checked(app, account)?;
    let entry = entry(app, caller, Action::AccountWrite, "new");
    app.store.write(move |tx| {
        let made = add(tx, &NewPerson::without_password(&account))?;
        anlan_store::machines::mark(tx, made.id)?;
        note_made(tx, &entry, &made)?;
        Ok(made)
    })
}

/// Refuses a name that another account has.
pub(crate) fn is_free(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
    if anlan_store::accounts::find_by_name(tx, name)?.is_none() {
        return Ok(());
    }
    Err(Error::conflict(
        "account.exists",
        format!("用户名 {name} 已存在，请换一个。"),
        format!("There is already an account named {name}; choose another name."),
    ))
}

/// Keeps a new account. Who does this writes the entry.
pub(crate) fn add(tx: &mut Tx<'_>, new: &NewPerson<'_>) -> Result<Account, Error> {
    let account = new.account;
    is_free(tx, &account.name)?;
    let kept = NewAccount {
        name: &account.name,
        display_name: &account.display_name,
        roles: &account.roles,
        office: account.office,
        division: &account.division,
        password: new.hash,
    };
    let id = anlan_store::accounts::insert(tx, &kept)?;
    if let Some(hash) = new.hash {
        anlan_store::accounts::set_password(tx, id, hash, new.word_until)?;
    }
    Ok(Account {
        id,
        ..account.clone()
    })
}

/// Whether an account is a machine's.
pub(crate) fn is_machine(app: &App, id: AccountId) -> Result<bool, Error> {
    app.store
        .read(|tx| anlan_store::machines::is_machine(tx, id).map_err(Error::from))
}

/// Refuses what only a person can have: a password, an identity elsewhere.
pub(crate) fn is_person(app: &App, id: AccountId) -> Result<(), Error> {
    if !is_machine(app, id)? {
        return Ok(());
    }
    Err(Error::conflict(
        "account.machine",
        "机器账号没有密码，也不能由人登录；请为其生成密钥。未作任何更改。",
        "A machine has no password and nobody signs in with its account; make a key for it. Nothing was changed.",
    ))
}

/// Whether a text does as a name: that many characters at most, one at least, all of them to be seen.
pub(crate) fn is_name(text: &str, characters_max: usize) -> bool {
    (1..=characters_max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// The account with its name as it is kept; refuses fields that cannot be taken.
pub(crate) fn checked(app: &App, account: Account) -> Result<Account, Error> {
    let name = account.name.trim().to_lowercase();
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::field(
            "name",
            "account.name",
            "用户名应为 1 到 64 个字符，且不含空格。",
            "An account name has 1 to 64 characters, none of them blank.",
        ));
    }
    let display_name = account.display_name.trim().to_owned();
    if !is_name(&display_name, NAME_MAX) {
        return Err(Error::field(
            "display_name",
            "account.display_name",
            "显示名应为 1 到 64 个字符。",
            "A display name has 1 to 64 characters.",
        ));
    }
    check_division(&account.division)?;
    if let Some(office) = account.office {
        check_office(app, office)?;
    }
    Ok(Account {
        name,
        display_name,
        ..account
    })
}

/// Refuses what is no division code or beginning of one.
pub(crate) fn check_division(division: &str) -> Result<(), Error> {
    if division.len() <= 12 && division.chars().all(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::field(
        "division",
        "account.division",
        "区划代码应为至多 12 位数字；留空表示全部。",
        "A division code has at most 12 digits; leave it empty for everywhere.",
    ))
}

/// Refuses an office that there is not.
pub(crate) fn check_office(app: &App, office: OfficeId) -> Result<(), Error> {
    if app.node().offices.contains_key(&office) {
        return Ok(());
    }
    Err(Error::field(
        "office",
        "account.office",
        "没有这个单位，请重新选择。",
        "There is no such office. Choose another.",
    ))
}

/// What is to be different about an account; `None` leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeAccount {
    /// What others see.
    pub display_name: Option<String>,
    /// The office it belongs to.
    pub office: Option<OfficeId>,
    /// It belongs to no office any more, unless one is given.
    pub is_of_no_office: bool,
    /// Division code prefix it works in.
    pub division: Option<String>,
    /// Whether it may sign in.
    pub is_active: Option<bool>,
}

/// Changes an account. Who moves to another office or place arrives without roles, because the same role there is another
/// right; who is closed, or moves, leaves their posts and is signed out everywhere.
pub fn change(app: &App, caller: &Caller, id: AccountId, input: ChangeAccount) -> Result<Account, Error> {
    app.require(caller, Action::AccountWrite)?;
    not_own(caller, id)?;
    let before = get(app, id)?;
    let mut after = checked(
        app,
        Account {
            display_name: input.display_name.unwrap_or_else(|| before.display_name.clone()),
            office: input.office.or(before.office.filter(|_| !input.is_of_no_office)),
            division: input.division.unwrap_or_else(|| before.division.clone()),
            is_active: input.is_active.unwrap_or(before.is_active),
            ..before.clone()
        },
    )?;
    let has_moved = (after.office, &after.division) != (before.office, &before.division);
    if has_moved {
        after.roles.clear();
    }
    let must_end = has_moved || !after.is_active;
    let entry = entry(app, caller, Action::AccountWrite, id);
    let (by, now) = (caller.actor.account, app.clock.now());
    app.store.write(move |tx| {
        unchanged(tx, &before)?;
        anlan_store::accounts::update(tx, &after)?;
        if must_end {
            leave(tx, id, now, by)?;
        }
        anlan_store::accesses::append(tx, &entry)?;
        Ok(after.clone())
    })
}

/// Signs an account out everywhere and ends its time at every post: it is closed, or goes elsewhere.
pub(crate) fn leave(
    tx: &mut Tx<'_>,
    id: AccountId,
    now: Timestamp,
    by: Option<AccountId>,
) -> Result<(), Error> {
    anlan_store::sessions::delete_others(tx, id, None)?;
    anlan_store::posts::end_all(tx, id, now, by)?;
    Ok(())
}

/// Gives an account these roles and no others. It is signed out everywhere, so that no session has rights it did not begin with.
pub fn set_roles(app: &App, caller: &Caller, id: AccountId, roles: Vec<Role>) -> Result<Account, Error> {
    app.require(caller, Action::RoleGrant)?;
    not_own(caller, id)?;
    let mut roles = roles;
    roles.sort_unstable();
    roles.dedup();
    let before = get(app, id)?;
    may_hold_as(&roles, is_machine(app, id)?).map_err(clash)?;
    grants::check_roles(app, caller, &before.roles, &roles)?;
    let difference = difference(&before.roles, &roles);
    let after = Account {
        roles,
        ..before.clone()
    };
    let entry = accesses::entry(
        app,
        caller,
        Action::RoleGrant,
        "role",
        format!("{id}{difference}"),
        Purpose::Maintenance,
    );
    app.store.write(move |tx| {
        unchanged(tx, &before)?;
        anlan_store::accounts::update(tx, &after)?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(after.clone())
    })
}

/// What was given and taken, for the access log: ` +duty -clerk`.
pub(crate) fn difference(before: &[Role], after: &[Role]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for role in Role::ALL {
        let name = format!("{role:?}").to_lowercase();
        let _ = match (before.contains(&role), after.contains(&role)) {
            (false, true) => write!(text, " +{name}"),
            (true, false) => write!(text, " -{name}"),
            _ => Ok(()),
        };
    }
    text
}

/// Takes authenticator app, recovery codes and passkeys of an account away: its holder has lost them and will be asked in
/// person. Who does this cannot set a password, and who sets one cannot do this.
pub fn remove_factors(app: &App, caller: &Caller, id: AccountId) -> Result<(), Error> {
    app.require(caller, Action::FactorRemove)?;
    not_own(caller, id)?;
    get(app, id)?;
    let entry = entry(app, caller, Action::FactorRemove, id);
    app.store.write(move |tx| {
        anlan_store::totps::remove(tx, id)?;
        anlan_store::passkeys::delete_of_account(tx, id)?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::locks::clear_account(tx, id)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

pub(crate) fn not_own(caller: &Caller, id: AccountId) -> Result<(), Error> {
    if caller.actor.account != Some(id) {
        return Ok(());
    }
    Err(Error::denied(
        "account.own",
        "不能更改自己的账号、角色或认证方式，请由另一位管理员办理。未作任何更改。",
        "Nobody changes their own account, roles or factors here; ask another administrator. Nothing was changed.",
    ))
}

/// Refuses if somebody else changed the account since it was read.
fn unchanged(tx: &mut Tx<'_>, before: &Account) -> Result<(), Error> {
    if anlan_store::accounts::find(tx, before.id)?.as_ref() == Some(before) {
        return Ok(());
    }
    Err(Error::conflict(
        "account.changed_meanwhile",
        "该账号刚被他人修改，未作任何更改，请重新打开后再试。",
        "Somebody else has just changed this account. Nothing was changed; open it again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_of_the_length_asked_for_and_differ() {
        let word = random_words(4, 5).unwrap();
        assert_eq!(word.len(), 4 * 5 + 3);
        assert_ne!(word, random_words(4, 5).unwrap());
    }

    #[test]
    fn the_log_says_which_roles_came_and_went() {
        let text = difference(&[Role::Clerk, Role::Duty], &[Role::Duty, Role::Steward]);
        assert_eq!(text, " -clerk +steward");
    }
}
