//! Passkeys (WebAuthn): a key in a phone, computer or token signs in without a password, and on no other site. Its holder
//! unlocks it with a finger, face or PIN each time, so it is two factors in one step.

mod ceremony;

use crate::sessions::{self, Entered, Known, Whence};
use crate::{App, Caller, Error, accesses, accounts};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, PasskeyId};
use anlan_model::sessions::STEP;
use anlan_policy::Action;
use anlan_store::Tx;
pub use anlan_store::passkeys::Passkey;
use ceremony::{EDDSA, ES256, Kept, text};
use jiff::Timestamp;
use serde_json::{Value, json};

const KEYS_MAX: usize = 20;
const NAME_MAX: usize = 64;
/// Kept with a challenge: what it may be answered with.
const CREATE: &[u8] = b"create";
const GET: &[u8] = b"get";

/// Where passkeys are good: the name a browser ties them to, and the address pages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Host name, without port.
    pub domain: String,
    /// Scheme, host and port, as browsers write it.
    pub origin: String,
}

impl Site {
    /// Browsers take a name here, not the number of a machine.
    fn check(&self) -> Result<(), Error> {
        let last = self.domain.rsplit('.').next().unwrap_or_default();
        let is_name = !self.domain.contains(':') && last.chars().any(|c| c.is_ascii_alphabetic());
        if is_name {
            return Ok(());
        }
        Err(Error::conflict(
            "passkey.no_domain",
            "通行密钥需要域名：请以域名（而非 IP 地址）访问本系统。",
            "Passkeys need a host name: open this site by its name, not by an IP address.",
        ))
    }
}

/// Of the account, without saying whose it is: what an authenticator keeps beside the key.
fn holder(app: &App, account: AccountId) -> [u8; 32] {
    app.secret
        .code("anlan passkey holder 1", &[&account.0.to_be_bytes()])
}

fn unfit(why: impl std::fmt::Display) -> Error {
    tracing::info!(%why, "a passkey was refused");
    Error::field(
        "credential",
        "passkey.refused",
        "通行密钥未通过验证，未作任何更改，请重试。",
        "The passkey was not accepted. Nothing was changed; try again.",
    )
}

/// Begins to register a passkey for the caller: what the browser's `navigator.credentials.create` is to be asked.
pub fn begin_registration(app: &App, known: &Known, site: &Site) -> Result<Value, Error> {
    sessions::require_proof(app, known)?;
    begin(app, &known.account, site)
}

/// The same for whoever has shown to be this account's holder.
pub(crate) fn begin(app: &App, account: &Account, site: &Site) -> Result<Value, Error> {
    site.check()?;
    let held = of_account(app, account.id)?;
    if held.len() >= KEYS_MAX {
        return Err(Error::conflict(
            "passkey.many",
            "通行密钥数量已达上限，请先移除不用的。",
            "There are as many passkeys as an account may have. Remove one first.",
        ));
    }
    let challenge = ask(app, Some(account.id), CREATE)?;
    let known_keys: Vec<Value> = held
        .iter()
        .map(|key| json!({"type": "public-key", "id": text(&key.credential)}))
        .collect();
    Ok(json!({
        "rp": {"id": site.domain, "name": app.node().node.name_zh},
        "user": {"id": text(&holder(app, account.id)), "name": account.name, "displayName": account.display_name},
        "challenge": text(&challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": EDDSA}, {"type": "public-key", "alg": ES256}],
        "timeout": STEP.as_millis(),
        "excludeCredentials": known_keys,
        "authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
        "attestation": "none",
    }))
}

/// Makes what a browser is asked to sign, and keeps it until it answers.
fn ask(app: &App, account: Option<AccountId>, what: &'static [u8]) -> Result<[u8; 32], Error> {
    let mut challenge = [0; 32];
    getrandom::fill(&mut challenge).map_err(|error| Error::Unavailable {
        detail: format!("no randomness: {error}"),
    })?;
    let now = app.clock.now();
    let until = now.saturating_add(STEP).unwrap_or(Timestamp::MAX);
    app.store.write(move |tx| {
        anlan_store::passkeys::sweep(tx, now)?;
        anlan_store::passkeys::ask(tx, &challenge, account, what, until).map_err(Error::from)
    })?;
    Ok(challenge)
}

/// Takes it back, so that it is answered once.
fn take(app: &App, challenge: Vec<u8>, account: Option<AccountId>, what: &'static [u8]) -> Result<(), Error> {
    let now = app.clock.now();
    let found = app
        .store
        .write(move |tx| anlan_store::passkeys::take(tx, &challenge, now).map_err(Error::from))?;
    if found == Some((account, what.to_vec())) {
        Ok(())
    } else {
        Err(unfit("nobody was asked this, or it is too late"))
    }
}

/// A passkey that a browser has made.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    /// Its holder's name for it.
    pub name: String,
    /// What the browser answered.
    pub answer: Value,
}

/// Registers the passkey that the browser made.
pub fn finish_registration(
    app: &App,
    known: &Known,
    site: &Site,
    new: &NewPasskey,
) -> Result<Passkey, Error> {
    sessions::require_proof(app, known)?;
    let passkey = made(app, known.account.id, site, new)?;
    let entry = entry(app, &known.caller, known.account.id);
    app.store.write(move |tx| keep(tx, &passkey, &entry))
}

/// The passkey in what the browser answered to what it was asked for this account.
pub(crate) fn made(app: &App, account: AccountId, site: &Site, new: &NewPasskey) -> Result<Passkey, Error> {
    let name = new.name.trim().to_owned();
    if !accounts::is_name(&name, NAME_MAX) {
        return Err(Error::field(
            "name",
            "passkey.name",
            "名称应为 1 到 64 个字符。",
            "A name has 1 to 64 characters.",
        ));
    }
    let made = ceremony::registration(&new.answer, site).map_err(unfit)?;
    take(app, made.challenge, Some(account), CREATE)?;
    Ok(Passkey {
        id: PasskeyId(0),
        account,
        credential: made.credential,
        name,
        body: made.kept.encode(),
        created_at: app.clock.now(),
        used_at: None,
    })
}

/// Keeps a new passkey, with its entry.
pub(crate) fn keep(tx: &mut Tx<'_>, passkey: &Passkey, entry: &Access) -> Result<Passkey, Error> {
    if anlan_store::passkeys::find(tx, &passkey.credential)?.is_some() {
        return Err(unfit("it is registered already"));
    }
    let id = anlan_store::passkeys::insert(tx, passkey)?;
    anlan_store::accesses::append(tx, entry)?;
    Ok(Passkey {
        id,
        ..passkey.clone()
    })
}

pub(crate) fn entry(app: &App, caller: &Caller, account: AccountId) -> Access {
    accesses::entry(
        app,
        caller,
        Action::SessionUse,
        "passkey",
        account,
        Purpose::Maintenance,
    )
}

/// Begins to sign in with a passkey: what the browser's `navigator.credentials.get` is to be asked. It names no account.
pub fn begin_sign_in(app: &App, site: &Site) -> Result<Value, Error> {
    site.check()?;
    let challenge = ask(app, None, GET)?;
    Ok(json!({
        "challenge": text(&challenge),
        "timeout": STEP.as_millis(),
        "rpId": site.domain,
        "allowCredentials": [],
        "userVerification": "required",
    }))
}

/// Signs in whoever holds the passkey. No password and no code: the key was unlocked by its holder.
pub fn finish_sign_in(app: &App, site: &Site, answer: &Value, from: &Whence) -> Result<Entered, Error> {
    let read = ceremony::assertion(answer, site).map_err(unfit)?;
    take(app, read.challenge.clone(), None, GET)?;
    let found = app.store.read(|tx| {
        let Some(key) = anlan_store::passkeys::find(tx, &read.credential)? else {
            return Ok(None);
        };
        Ok::<_, Error>(anlan_store::accounts::find(tx, key.account)?.map(|account| (key, account)))
    })?;
    let (key, account) = found.ok_or_else(|| unfit("there is no such passkey"))?;
    if read.holder != holder(app, account.id) {
        return Err(unfit("it is another account's"));
    }
    let kept = Kept::decode(&key.body).ok_or_else(|| unfit("it was kept in another form"))?;
    let kept = read.verify(&kept, site).map_err(unfit)?;
    if !account.is_active {
        return Err(unfit("the account is closed"));
    }
    let (body, now) = (kept.encode(), app.clock.now());
    let (id, before) = (key.id, key.body);
    app.store.write(move |tx| {
        if anlan_store::passkeys::used(tx, id, &before, &body, now)? {
            Ok(())
        } else {
            Err(unfit("it was removed or used meanwhile"))
        }
    })?;
    sessions::open(app, account, from).map(|signed| Entered::In(Box::new(signed)))
}

/// The caller's passkeys.
pub fn list(app: &App, known: &Known) -> Result<Vec<Passkey>, Error> {
    of_account(app, known.account.id)
}

fn of_account(app: &App, id: AccountId) -> Result<Vec<Passkey>, Error> {
    app.store
        .read(|tx| anlan_store::passkeys::list(tx, id).map_err(Error::from))
}

/// Whether the account has a passkey.
pub(crate) fn has_any(app: &App, id: AccountId) -> Result<bool, Error> {
    Ok(!of_account(app, id)?.is_empty())
}

/// Removes one of the caller's passkeys. Every other session ends.
pub fn remove(app: &App, known: &Known, id: PasskeyId) -> Result<(), Error> {
    sessions::require_proof(app, known)?;
    let (account, session) = (known.account.id, known.session);
    let entry = entry(app, &known.caller, account);
    app.store.write(move |tx| {
        if !anlan_store::passkeys::delete(tx, account, id)? {
            return Err(Error::Missing { what: "passkey" });
        }
        anlan_store::sessions::delete_others(tx, account, Some(session))?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}
