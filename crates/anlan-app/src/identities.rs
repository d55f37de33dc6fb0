//! Identities: signing in through a provider elsewhere (OpenID Connect, authorization code with PKCE). A provider proves who
//! somebody is and nothing more: it makes no account and gives no right. Whoever is not expected is refused.

mod providers;
mod tokens;

use crate::locks::{self, Counted};
use crate::sessions::{self, Entered, Whence, digest};
use crate::{App, Caller, Error, accesses, accounts};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::identities::{AWAY, Identity};
use anlan_model::ids::AccountId;
use anlan_policy::Action;
use anlan_store::identities::Departure;
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
pub(crate) use providers::Providers;
use providers::{Brought, Vouched, escape, refused};
pub use providers::{Provider, TwoFactors};
use sha2::{Digest, Sha256};

const LOGIN_MAX: usize = 255;
const CODE_BYTES_MAX: usize = 4096;

/// The providers this node takes sign-ins from.
pub fn providers(app: &App) -> Vec<Provider> {
    app.providers.iter().cloned().collect()
}

/// A browser that is to be sent to a provider.
#[derive(Clone)]
pub struct Away {
    /// Where to.
    pub url: String,
    /// What the browser keeps until it is back; only its hash is stored.
    pub token: String,
}

impl std::fmt::Debug for Away {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Away(…)")
    }
}

/// What only this browser's coming back can show, made from what it keeps: nothing of it is stored.
struct Marks {
    state: String,
    nonce: String,
    verifier: String,
}

impl Marks {
    fn of(app: &App, token: &str) -> Self {
        let mark = |label| accounts::hex(&app.secret.code(label, &[token.as_bytes()]));
        Self {
            state: mark("anlan departure state 1"),
            nonce: mark("anlan departure nonce 1"),
            verifier: mark("anlan departure verifier 1"),
        }
    }
}

/// Sends a browser to a provider. `origin` is this site as browsers write it.
pub fn depart(app: &App, name: &str, origin: &str) -> Result<Away, Error> {
    let now = app.clock.now();
    let provider = app.providers.find(name)?;
    let document = app.providers.talk(provider, now)?.document()?;
    let token = accounts::random_token()?;
    let marks = Marks::of(app, &token);
    let departure = Departure {
        provider: provider.name.clone(),
        back: format!("{origin}/sign-in/through/{}", provider.name),
    };
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(marks.verifier.as_bytes()));
    let scope = match provider.login_claim.as_str() {
        "sub" => "openid",
        "email" => "openid email",
        _ => "openid profile",
    };
    let asked: [(&str, &str); 8] = [
        ("response_type", "code"),
        ("client_id", &provider.client),
        ("redirect_uri", &departure.back),
        ("scope", scope),
        ("state", &marks.state),
        ("nonce", &marks.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let classes = provider.two_factors.asked();
    let asked = asked
        .into_iter()
        .chain(classes.iter().map(|acr| ("acr_values", acr.as_str())));
    let asked: Vec<String> = asked
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    let to = &document.authorization_endpoint;
    let mark = if to.contains('?') { '&' } else { '?' };
    let url = format!("{to}{mark}{}", asked.join("&"));
    let (kept, until) = (digest(&token), now.saturating_add(AWAY).unwrap_or(Timestamp::MAX));
    app.store.write(move |tx| {
        anlan_store::identities::sweep(tx, now)?;
        anlan_store::identities::depart(tx, &kept, &departure, until).map_err(Error::from)
    })?;
    Ok(Away { url, token })
}

/// What a browser brings back from a provider.
#[derive(Clone, Default)]
pub struct Arrival {
    /// The provider whose address it came back to.
    pub provider: String,
    /// What it was sent with.
    pub state: String,
    /// The code; `None` where the provider refused.
    pub code: Option<String>,
    /// Who the provider says it is.
    pub issuer: Option<String>,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Arrival({})", self.provider)
    }
}

/// Signs in whom the provider vouches for, if an account was named for them. A second factor of our own is asked for unless the
/// node was told that this provider vouches for one.
pub fn arrive(app: &App, token: &str, arrival: &Arrival, from: &Whence) -> Result<Entered, Error> {
    let now = app.clock.now();
    let kept = digest(token);
    let departure = app
        .store
        .write(move |tx| anlan_store::identities::arrive(tx, &kept, now).map_err(Error::from))?;
    let marks = Marks::of(app, token);
    let departure = departure
        .filter(|departure| departure.provider == arrival.provider && marks.state == arrival.state)
        .ok_or_else(too_late)?;
    let provider = app.providers.find(&departure.provider)?;
    let code = arrival.code.as_deref().ok_or_else(|| declined(provider))?;
    if code.is_empty() || code.len() > CODE_BYTES_MAX {
        return Err(refused(provider, &"the code has no fit length"));
    }
    let talk = app.providers.talk(provider, now)?;
    let document = talk.document()?;
    if !document.is_from(arrival.issuer.as_deref()) {
        return Err(refused(provider, &"the answer is another provider's"));
    }
    let brought = Brought {
        code,
        back: &departure.back,
        verifier: &marks.verifier,
        nonce: &marks.nonce,
    };
    let vouched = talk.vouch(&document, &brought)?;
    let account = match known(app, provider, &vouched)? {
        Some(account) => Some(account),
        None => match talk.login(&document, &vouched)? {
            Some(login) => link(app, provider, &vouched.subject, &login)?,
            None => None,
        },
    };
    drop(talk);
    let id = account.as_ref().map(|account| account.id);
    let Some(account) = account.filter(|account| account.is_active) else {
        locks::failed(app, &Counted::nowhere(id))?;
        return Err(unknown(provider));
    };
    let id = account.id;
    app.store
        .write(move |tx| anlan_store::identities::used(tx, id, now).map_err(Error::from))?;
    sessions::after_first(app, account, vouched.has_two_factors, from)
}

/// The account of somebody who came before.
fn known(app: &App, provider: &Provider, vouched: &Vouched) -> Result<Option<Account>, Error> {
    app.store.read(|tx| {
        let found = anlan_store::identities::find_by_subject(tx, &provider.issuer, &vouched.subject)?;
        match found {
            Some(identity) => Ok(anlan_store::accounts::find(tx, identity.account)?),
            None => Ok(None),
        }
    })
}

/// The account that was named for somebody who first comes. From now on only the provider's lasting word for them counts, so
/// that a name given to somebody else there opens nothing here.
fn link(app: &App, provider: &Provider, subject: &str, login: &str) -> Result<Option<Account>, Error> {
    let (issuer, subject, login) = (provider.issuer.clone(), subject.to_owned(), login.to_owned());
    let app2 = app.clone();
    app.store.write(move |tx| {
        let Some(identity) = anlan_store::identities::find_by_login(tx, &issuer, &login)? else {
            return Ok(None);
        };
        let account = anlan_store::accounts::find(tx, identity.account)?;
        let Some(account) = account.filter(|account| account.is_active) else {
            return Ok(None);
        };
        if !anlan_store::identities::link(tx, account.id, &issuer, &subject)? {
            return Ok(None);
        }
        let holder = Caller::of(&account, "api");
        let entry = entry(&app2, &holder, Action::SessionUse, account.id);
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(Some(account))
    })
}

fn entry(app: &App, caller: &Caller, action: Action, id: AccountId) -> Access {
    accesses::entry(app, caller, action, "identity", id, Purpose::Maintenance)
}

fn too_late() -> Error {
    Error::SignedOut {
        code: "identity.begin_again",
        zh: "登录未在 10 分钟内在同一浏览器中完成，或该登录已用过，请从头登录。".into(),
        en: "Signing in was not finished in this browser within ten minutes, or was finished already. Begin again."
            .into(),
    }
}

fn declined(provider: &Provider) -> Error {
    Error::denied(
        "identity.declined",
        format!("您没有在{}完成登录，请重试或改用其他方式。", provider.title_zh),
        format!(
            "You did not sign in at {}. Try again, or sign in another way.",
            provider.title_en
        ),
    )
}

fn unknown(provider: &Provider) -> Error {
    Error::denied(
        "identity.unknown",
        format!(
            "{}确认了您的身份，但本系统没有为您开通账号，或账号已停用。请联系系统管理员。",
            provider.title_zh
        ),
        format!(
            "{} knows you, but no account here was opened for you, or it is closed. Ask the system administrator.",
            provider.title_en
        ),
    )
}

/// As whom a provider knows an account's holder.
#[derive(Debug, Clone)]
pub struct NameIdentity {
    /// The provider's short name.
    pub provider: String,
    /// The holder's name there.
    pub login: String,
}

/// From now on the holder of an account signs in through a provider. The password goes and every session ends; a second step
/// stays, and so do passkeys.
pub fn name(app: &App, caller: &Caller, id: AccountId, input: &NameIdentity) -> Result<(), Error> {
    app.require(caller, Action::AccountWrite)?;
    accounts::not_own(caller, id)?;
    let account = accounts::get(app, id)?;
    not_apart(caller, &account)?;
    accounts::is_person(app, id)?;
    let provider = app.providers.find(&input.provider).map_err(|_missing| {
        Error::field(
            "provider",
            "identity.provider",
            "没有这个统一认证平台，请重新选择。",
            "There is no such provider. Choose another.",
        )
    })?;
    let identity = Identity {
        account: id,
        issuer: provider.issuer.clone(),
        login: login(&input.login)?,
        subject: None,
        named_at: app.clock.now(),
        used_at: None,
    };
    let entry = entry(app, caller, Action::AccountWrite, id);
    app.store.write(move |tx| {
        put(tx, &identity)?;
        anlan_store::accounts::clear_password(tx, id)?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// The holder of an account that a directory makes signs in through the node's first provider, if it has one.
pub(crate) fn name_provisioned(
    app: &App,
    tx: &mut anlan_store::Tx<'_>,
    account: AccountId,
    name: &str,
) -> Result<(), Error> {
    let Some(provider) = app.providers.iter().next() else {
        return Ok(());
    };
    let identity = Identity {
        account,
        issuer: provider.issuer.clone(),
        login: login(name)?,
        subject: None,
        named_at: app.clock.now(),
        used_at: None,
    };
    put(tx, &identity)
}

/// Keeps an identity, unless its name there is another account's.
fn put(tx: &mut anlan_store::Tx<'_>, identity: &Identity) -> Result<(), Error> {
    anlan_store::identities::put(tx, identity).map_err(|error| match error {
        anlan_store::Error::Taken { .. } => Error::conflict(
            "identity.taken",
            "该平台上的这个用户名已属于另一个账号，未作任何更改。",
            "That name at the provider is another account's. Nothing was changed.",
        ),
        other => Error::from(other),
    })
}

fn login(text: &str) -> Result<String, Error> {
    let login = text.trim().to_lowercase();
    if (1..=LOGIN_MAX).contains(&login.len()) && !login.chars().any(char::is_control) {
        return Ok(login);
    }
    Err(Error::field(
        "login",
        "identity.login",
        "平台用户名应为 1 到 255 个字节。",
        "A name at the provider has 1 to 255 bytes.",
    ))
}

/// The holder of an account signs in through no provider any more. Every session ends.
pub fn forget(app: &App, caller: &Caller, id: AccountId) -> Result<(), Error> {
    app.require(caller, Action::AccountWrite)?;
    accounts::not_own(caller, id)?;
    not_apart(caller, &accounts::get(app, id)?)?;
    let entry = entry(app, caller, Action::AccountWrite, id);
    app.store.write(move |tx| {
        if !anlan_store::identities::delete(tx, id)? {
            return Err(Error::Missing { what: "identity" });
        }
        anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// Who makes accounts cannot take over those that watch over it, neither by a password nor by a name elsewhere.
fn not_apart(caller: &Caller, account: &Account) -> Result<(), Error> {
    let is_node = caller.actor.account.is_none();
    if is_node || !account.roles.iter().any(|role| role.is_apart()) {
        return Ok(());
    }
    Err(Error::denied(
        "account.apart",
        "系统、安全、审计三类管理员只在本系统登录，不能改为通过统一认证平台登录。未作任何更改。",
        "System, security and audit administrators sign in here, not through a provider. Nothing was changed.",
    ))
}
