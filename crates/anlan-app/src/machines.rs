//! Machine accounts: programs of others that call this node. A machine has no password and no session; it shows a key, which
//! ends by itself, may be bound to addresses, and is good for some actions only, as far as the account's roles allow them.

use crate::accounts::{self, random_token};
use crate::sessions::digest;
use crate::{App, Caller, Error, FieldFault, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, KeyId};
use anlan_model::machines::{KEY_LASTS_MAX, KEYS_MAX, MachineKey, Network};
use anlan_policy::{Action, ActionSet};
use jiff::{SignedDuration, Timestamp};

/// What a key begins with, so that one that was left lying about is known for what it is.
const PREFIX: &str = "anlan-key-";
const NAME_MAX: usize = 64;
const NETWORKS_MAX: usize = 32;
/// Use is noted at most this often: it is a write.
const USED_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// What is a person's to do, whatever roles a machine holds.
const BY_PEOPLE: [Action; 8] = [
    Action::SessionUse,
    Action::RoleGrant,
    Action::AccountEntrust,
    Action::GrantList,
    Action::GrantOpen,
    Action::GrantReview,
    Action::GrantAsk,
    Action::GrantApprove,
];

/// A new machine account. It has no roles until somebody else gives it some. `id` and `roles` are ignored.
pub fn open(app: &App, caller: &Caller, account: Account) -> Result<Account, Error> {
    app.require(caller, Action::AccountWrite)?;
    let account = Account {
        roles: vec![],
        ..account
    };
    accounts::open_machine(app, caller, account)
}

/// What the keys of this account may be good for: what its roles allow, but for what is a person's to do.
fn fit(app: &App, account: &Account) -> Vec<Action> {
    let allowed = app.may(&Caller::of(account, "key")).into_iter();
    allowed.filter(|action| !BY_PEOPLE.contains(action)).collect()
}

/// The keys of a machine account, and what new ones may be good for.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The keys, the oldest first.
    pub keys: Vec<MachineKey>,
    /// Codes of the actions that its roles allow.
    pub scopes: Vec<String>,
}

/// The keys of a machine account.
pub fn list(app: &App, caller: &Caller, id: AccountId) -> Result<Keys, Error> {
    app.require(caller, Action::AccountRead)?;
    let account = machine(app, id)?;
    let keys = app
        .store
        .read(|tx| anlan_store::machines::list(tx, id).map_err(Error::from))?;
    let entry = entry(app, caller, Action::AccountRead, id).of_many(keys.len());
    accesses::log(app, entry)?;
    let scopes = fit(app, &account).into_iter();
    Ok(Keys {
        keys,
        scopes: scopes.map(|action| action.code().to_owned()).collect(),
    })
}

/// A machine's account; a person's is none.
fn machine(app: &App, id: AccountId) -> Result<Account, Error> {
    let account = accounts::get(app, id)?;
    if accounts::is_machine(app, id)? {
        Ok(account)
    } else {
        Err(Error::Missing { what: "machine" })
    }
}

fn entry(app: &App, caller: &Caller, action: Action, id: AccountId) -> Access {
    accesses::entry(app, caller, action, "key", id, Purpose::Maintenance)
}

/// A key that is wanted.
#[derive(Debug, Clone)]
pub struct MakeKey {
    /// What it is for.
    pub name: String,
    /// Codes of the actions it is to be good for.
    pub scopes: Vec<String>,
    /// From where it is to be taken; empty for anywhere.
    pub networks: Vec<String>,
    /// When it is to end.
    pub expires_at: Timestamp,
}

/// Makes a key for a machine account. What the machine is to show is told this once; kept is its SHA-256 only. That is enough:
/// of 256 random bits nobody guesses one, so there is nothing that a slower hash would make slower.
pub fn make_key(
    app: &App,
    caller: &Caller,
    id: AccountId,
    input: MakeKey,
) -> Result<(MachineKey, String), Error> {
    app.require(caller, Action::KeyMake)?;
    accounts::not_own(caller, id)?;
    let account = machine(app, id)?;
    let key = checked(app, &account, input)?;
    let token = format!("{PREFIX}{}", random_token()?);
    let digest = digest(&token);
    let entry = entry(app, caller, Action::KeyMake, id);
    let key = app.store.write(move |tx| {
        if anlan_store::machines::list(tx, id)?.len() >= KEYS_MAX {
            return Err(Error::conflict(
                "key.many",
                "密钥数量已达上限，请先撤销不用的。未作任何更改。",
                "There are as many keys as an account may have. Revoke one first; nothing was changed.",
            ));
        }
        let id = anlan_store::machines::insert(tx, &key, &digest)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(MachineKey { id, ..key.clone() })
    })?;
    Ok((key, token))
}

fn checked(app: &App, account: &Account, input: MakeKey) -> Result<MachineKey, Error> {
    let now = app.clock.now();
    let mut faults = Vec::new();
    let name = input.name.trim().to_owned();
    if !accounts::is_name(&name, NAME_MAX) {
        faults.push(FieldFault::new(
            "name",
            "key.name",
            "名称应为 1 到 64 个字符。",
            "A name has 1 to 64 characters.",
        ));
    }
    let fit = fit(app, account);
    let mut scopes = input.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let is_fit = |code: &String| fit.iter().any(|action| action.code() == code);
    if scopes.is_empty() || !scopes.iter().all(is_fit) {
        faults.push(FieldFault::new(
            "scopes",
            "key.scopes",
            "请至少选择一项操作，且只能选择该账号的角色允许、且不须由人办理的操作。",
            "Choose one action at least, and only such as the account's roles allow and as need no person.",
        ));
    }
    let networks: Result<Vec<Network>, _> = input.networks.iter().map(|text| text.parse()).collect();
    let networks = networks.ok().filter(|all| all.len() <= NETWORKS_MAX);
    if networks.is_none() {
        faults.push(FieldFault::new(
            "networks",
            "key.networks",
            "地址应写作 203.0.113.0/24 的形式，至多 32 个。",
            "Write addresses as in 203.0.113.0/24, 32 at most.",
        ));
    }
    if input.expires_at <= now || input.expires_at.duration_since(now) > KEY_LASTS_MAX {
        faults.push(FieldFault::new(
            "expires_at",
            "key.expires_at",
            "有效期应在此刻之后、400 天之内。",
            "A key ends after now and within 400 days.",
        ));
    }
    if let Some(first) = faults.first() {
        return Err(Error::Invalid {
            code: "key.invalid",
            zh: format!("没有生成密钥：{}", first.zh),
            en: format!("No key was made. {}", first.en),
            fields: faults,
        });
    }
    Ok(MachineKey {
        id: KeyId(0),
        account: account.id,
        name,
        scopes,
        networks: networks.unwrap_or_default(),
        created_at: now,
        expires_at: input.expires_at,
        used_at: None,
    })
}

/// Takes a key away. It opens nothing from this moment on.
pub fn revoke_key(app: &App, caller: &Caller, key: KeyId) -> Result<(), Error> {
    app.require(caller, Action::KeyRevoke)?;
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let of = anlan_store::machines::delete(tx, key)?;
        let of = of.ok_or(Error::Missing { what: "key" })?;
        let entry = entry(&app2, &caller2, Action::KeyRevoke, of);
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// A machine that showed a key that holds.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What actions see of it.
    pub caller: Caller,
    /// Its account.
    pub account: Account,
    /// The key.
    pub key: KeyId,
}

/// Whose key it is; refuses ended and revoked ones, closed accounts, and other addresses, all in the same words.
pub fn caller(app: &App, token: &str, address: &str) -> Result<Machine, Error> {
    let (digest, now) = (digest(token), app.clock.now());
    let found = app
        .store
        .read(|tx| anlan_store::machines::find(tx, &digest, now).map_err(Error::from))?;
    let (key, account) = found
        .filter(|(key, _)| key.is_taken_from(address))
        .ok_or_else(|| Error::SignedOut {
            code: "key.none",
            zh: "密钥无效、已到期或已撤销，或不能从此地址使用。".into(),
            en: "The key is wrong, has ended or was revoked, or is not taken from this address.".into(),
        })?;
    let mut caller = Caller::of(&account, "key");
    caller.actor.within = Some(ActionSet::of_codes(key.scopes.iter().map(String::as_str)));
    if key.used_at.is_none_or(|at| now.duration_since(at) >= USED_EVERY) {
        let id = key.id;
        app.store
            .write(move |tx| anlan_store::machines::touch(tx, id, now).map_err(Error::from))?;
    }
    Ok(Machine {
        caller,
        account,
        key: key.id,
    })
}
