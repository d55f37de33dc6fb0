//! Sessions: signing in, in one step or two, staying in, and every way out. It tells nobody whether a name exists.

use crate::locks::Counted;
use crate::passwords::{self, NOBODY};
use crate::posts::{self, Held, OwnPost};
use crate::{App, Caller, Error, accesses, accounts, locks, passkeys, totps};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, SessionId};
use anlan_model::sessions::{PROOF, STEP, STEP_TRIES, Step, ends_at};
use anlan_policy::Action;
use anlan_store::sessions::NewSession;
pub use anlan_store::sessions::SessionLine;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Being seen is noted at most this often: it is a write.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// As much of what a browser calls itself as is kept, characters.
const AGENT_MAX: usize = 300;

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Whence {
    /// Address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
    /// The mark it shows, if it was given one when it got in before.
    pub device: Option<String>,
}

/// What somebody types to sign in.
#[derive(Clone)]
pub struct SignIn {
    /// Account name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Where from.
    pub from: Whence,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(…)")
    }
}

/// How far somebody got.
#[derive(Clone)]
pub enum Entered {
    /// They are in.
    In(Box<SignedIn>),
    /// Name and password were right; something more is wanted.
    Half {
        /// The token for this sign-in; only its hash is stored.
        token: String,
        /// What is wanted.
        step: Step,
    },
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::In(signed) => signed.fmt(f),
            Self::Half { step, .. } => f.debug_struct("Half").field("step", step).finish_non_exhaustive(),
        }
    }
}

/// A session that has just begun.
#[derive(Clone)]
pub struct SignedIn {
    /// The token for the cookie; only its hash is stored.
    pub token: String,
    /// The mark this browser is known by from now on.
    pub device: String,
    /// Whose it is.
    pub account: Account,
    /// The post it begins at, for who has no roles of their own.
    pub post: Option<OwnPost>,
    /// What actions see of them.
    pub caller: Caller,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("account", &self.account.id)
            .finish_non_exhaustive()
    }
}

/// Somebody with a session that holds.
#[derive(Debug, Clone)]
pub struct Known {
    /// What actions see of them.
    pub caller: Caller,
    /// Their account.
    pub account: Account,
    /// The post they act for, if for one, and how they stand there now.
    pub held: Option<Held>,
    /// Their session.
    pub session: SessionId,
    /// When they last proved who they are.
    pub proven_at: Timestamp,
}

fn wrong() -> Error {
    Error::SignedOut {
        code: "session.wrong",
        zh: "用户名或密码不正确，或账号已停用，或一次性口令已过期。".into(),
        en: "Name or password is wrong, or the account is closed, or the one-time word has run out.".into(),
    }
}

pub(crate) fn signed_out() -> Error {
    Error::SignedOut {
        code: "session.none",
        zh: "您尚未登录，或登录已过期，请重新登录。".into(),
        en: "You are not signed in, or the session has ended. Sign in again.".into(),
    }
}

pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Opens a session for a right name and password, or says which further step it takes.
pub fn sign_in(app: &App, input: &SignIn) -> Result<Entered, Error> {
    let now = app.clock.now();
    let name = input.name.trim().to_lowercase();
    let found = app
        .store
        .read(|tx| anlan_store::accounts::find_by_name(tx, &name).map_err(Error::from))?;
    let (account, kept) = found.map_or_else(Default::default, |(account, kept)| (Some(account), kept));
    let id = account.as_ref().map(|account| account.id);
    let counted = Counted::at(app, &name, id, &input.from);
    locks::count(app, &counted)?;
    let hash = kept.hash.as_deref().unwrap_or(NOBODY);
    let is_right = passwords::matches(&input.password, hash);
    let is_good = kept.word_until.is_none_or(|until| until > now);
    let Some(account) = account.filter(|account| is_right && is_good && account.is_active) else {
        locks::failed(app, &counted)?;
        return Err(wrong());
    };
    app.store.write({
        let counted = counted.clone();
        move |tx| locks::passed(tx, &counted, now)
    })?;
    if totps::is_on(app, account.id)? {
        half(app, account.id, Step::Code)
    } else {
        after_code(app, account, kept.word_until.is_some(), false, &input.from)
    }
}

/// What follows once a provider has vouched for somebody, for two factors or for one.
pub(crate) fn after_first(
    app: &App,
    account: Account,
    has_two_factors: bool,
    from: &Whence,
) -> Result<Entered, Error> {
    if !has_two_factors && totps::is_on(app, account.id)? {
        half(app, account.id, Step::Code)
    } else {
        enter(app, account, has_two_factors, from)
    }
}

fn after_code(
    app: &App,
    account: Account,
    has_word: bool,
    has_two_factors: bool,
    from: &Whence,
) -> Result<Entered, Error> {
    if has_word {
        return half(app, account.id, Step::Password);
    }
    enter(app, account, has_two_factors, from)
}

/// Opens a session, unless a second factor is demanded and none was shown: then it has to be, or to be set up first.
fn enter(app: &App, account: Account, has_two_factors: bool, from: &Whence) -> Result<Entered, Error> {
    if has_two_factors || !app.demands_two_factors(&posts::roles_in_reach(app, &account)?) {
        return open(app, account, from).map(|signed| Entered::In(Box::new(signed)));
    }
    let step = if passkeys::has_any(app, account.id)? {
        Step::Passkey
    } else {
        Step::Enrol
    };
    half(app, account.id, step)
}

fn half(app: &App, account: AccountId, step: Step) -> Result<Entered, Error> {
    let token = accounts::random_token()?;
    let until = app.clock.now().saturating_add(STEP).unwrap_or(Timestamp::MAX);
    let digest = digest(&token);
    app.store.write(move |tx| {
        anlan_store::sessions::begin(tx, &digest, account, step, until).map_err(Error::from)
    })?;
    Ok(Entered::Half { token, step })
}

/// Opens a session for an account whose holder has proven, in whatever way, to be there.
pub fn open(app: &App, account: Account, from: &Whence) -> Result<SignedIn, Error> {
    let own = posts::beginning(app, &account)?;
    let caller = as_whom(&account, own.as_ref().map(|own| &own.held));
    if account.roles.is_empty() && own.is_none() {
        return Err(posts::nowhere());
    }
    app.require(&caller, Action::SessionUse)?;
    let post = own.as_ref().map(|own| own.held.post.id);
    let now = app.clock.now();
    let expires_at = ends_at(now);
    let token = accounts::random_token()?;
    let device = locks::mark(app, account.id)?;
    let entry = entry(app, &caller, Action::SessionUse, account.id);
    let (id, digest) = (account.id, digest(&token));
    let agent: String = from.agent.chars().take(AGENT_MAX).collect();
    let address = from.address.clone();
    app.store.write(move |tx| {
        let new = NewSession {
            token: &digest,
            account: id,
            agent: &agent,
            address: &address,
            post,
            at: now,
            expires_at,
        };
        anlan_store::sessions::create(tx, &new)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(SignedIn {
        token,
        device,
        account,
        post: own,
        caller,
        expires_at,
    })
}

/// The second step: a code of the authenticator app or a recovery code, the latter in place of a passkey too.
pub fn answer_code(app: &App, token: &str, code: &str, from: &Whence) -> Result<Entered, Error> {
    let account = waiting(app, token, &[Step::Code, Step::Passkey])?;
    let digest = digest(token);
    counting(app, digest, totps::pass(app, account.id, code))?;
    drop_half(app, digest)?;
    let has_word = passwords::kept(app, account.id)?.word_until.is_some();
    after_code(app, account, has_word, true, from)
}

/// The last step after a one-time word: a password of one's own.
pub fn answer_password(app: &App, token: &str, password: &str, from: &Whence) -> Result<Entered, Error> {
    let account = waiting(app, token, &[Step::Password])?;
    passwords::check_new(&account, password)?;
    let id = account.id;
    let word = passwords::kept(app, id)?.hash.unwrap_or_default();
    if passwords::matches(password, &word) {
        return Err(Error::field(
            "password",
            "password.word",
            "一次性口令不能作为正式密码，请另设一个。",
            "The one-time word cannot stay the password. Choose one of your own.",
        ));
    }
    let hash = passwords::hash(password)?;
    let caller = Caller::of(&account, "api");
    let entry = passwords::entry(app, &caller, id);
    app.store.write(move |tx| {
        anlan_store::accounts::set_password(tx, id, &hash, None)?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    // A code was asked for before, if there is an app that shows one.
    let has_two_factors = totps::is_on(app, id)?;
    enter(app, account, has_two_factors, from)
}

/// Whose sign-in waits for one of these steps.
pub(crate) fn waiting(app: &App, token: &str, steps: &[Step]) -> Result<Account, Error> {
    let (digest, now) = (digest(token), app.clock.now());
    let found = app
        .store
        .read(|tx| anlan_store::sessions::find_half(tx, &digest, now).map_err(Error::from))?;
    let found = found.filter(|half| steps.contains(&half.step) && half.tries < STEP_TRIES);
    found.map(|half| half.account).ok_or_else(|| Error::SignedOut {
        code: "session.begin_again",
        zh: "登录未在规定时间内完成，或验证码错误次数过多，请从头登录。".into(),
        en: "Signing in took too long, or too many codes were wrong. Begin again with name and password."
            .into(),
    })
}

/// An answer to a step; a wrong one is counted.
pub(crate) fn counting<T>(app: &App, digest: [u8; 32], answer: Result<T, Error>) -> Result<T, Error> {
    if matches!(answer, Err(Error::Invalid { .. })) {
        app.store
            .write(move |tx| anlan_store::sessions::answered_wrong(tx, &digest).map_err(Error::from))?;
    }
    answer
}

fn drop_half(app: &App, digest: [u8; 32]) -> Result<(), Error> {
    app.store
        .write(move |tx| anlan_store::sessions::drop_half(tx, &digest).map_err(Error::from))
}

/// Whose session it is; refuses ended ones and closed accounts. A request that nobody sat at (`is_attended` false) does not
/// keep the session from ending for want of one.
pub fn caller(app: &App, token: &str, is_attended: bool) -> Result<Known, Error> {
    let (digest, now) = (digest(token), app.clock.now());
    let (session, opened, held) = app.store.read(|tx| {
        let session = anlan_store::sessions::find(tx, &digest, now)?;
        let session = session.ok_or_else(signed_out)?;
        let id = session.account.id;
        let opened = anlan_store::grants::opened(tx, id, now)?;
        let held = match session.post {
            Some(post) => posts::held(tx, post, id, now)?,
            None => None,
        };
        Ok::<_, Error>((session, opened, held))
    })?;
    let mut caller = as_whom(&session.account, held.as_ref());
    caller.actor.opened = opened;
    if held.as_ref().is_none_or(|held| held.standing.is_some()) {
        app.require(&caller, Action::SessionUse)?;
    }
    if is_attended && now.duration_since(session.seen_at) >= SEEN_EVERY {
        let id = session.id;
        app.store
            .write(move |tx| anlan_store::sessions::touch(tx, id, now).map_err(Error::from))?;
    }
    Ok(Known {
        caller,
        account: session.account,
        held,
        session: session.id,
        proven_at: session.proven_at,
    })
}

/// What actions see of the holder of an account, acting for a post or as themselves.
pub fn as_whom(account: &Account, held: Option<&Held>) -> Caller {
    held.map_or_else(|| Caller::of(account, "api"), |held| held.caller(account))
}

/// Every session that holds now and whose post, if it acts for one, is held: what open streams are compared with.
pub fn holding(app: &App) -> Result<BTreeSet<SessionId>, Error> {
    let now = app.clock.now();
    app.store.read(|tx| {
        let all = anlan_store::sessions::holding(tx, now)?;
        let mut posts = posts::Standings::default();
        let mut found = BTreeSet::new();
        for (session, account, post) in all {
            let is_held = match post {
                Some(post) => posts.holds(tx, post, account, now)?,
                None => true,
            };
            found.extend(is_held.then_some(session));
        }
        Ok(found)
    })
}

/// Refuses a step that changes how one signs in unless its maker proved lately who they are.
pub fn require_proof(app: &App, known: &Known) -> Result<(), Error> {
    if app.clock.now().duration_since(known.proven_at) <= PROOF {
        return Ok(());
    }
    Err(Error::denied(
        "session.proof",
        "为安全起见，请再次输入密码后继续。尚未作任何更改。",
        "Type your password once more to go on. Nothing was changed yet.",
    ))
}

/// Proves once more who is there; the session goes on under a new token.
pub fn prove(app: &App, known: &Known, password: &str, code: Option<&str>) -> Result<String, Error> {
    let id = known.account.id;
    passwords::confirm(app, id, password, "password")?;
    if totps::is_on(app, id)? {
        totps::pass(app, id, code.unwrap_or_default())?;
    }
    let token = accounts::random_token()?;
    let (session, digest, now) = (known.session, digest(&token), app.clock.now());
    app.store.write(move |tx| {
        if anlan_store::sessions::renew(tx, session, &digest, now)? {
            Ok(())
        } else {
            Err(signed_out())
        }
    })?;
    Ok(token)
}

/// Ends a session.
pub fn sign_out(app: &App, token: &str) -> Result<(), Error> {
    let digest = digest(token);
    app.store.write(move |tx| {
        anlan_store::sessions::drop_half(tx, &digest)?;
        anlan_store::sessions::delete(tx, &digest).map_err(Error::from)
    })
}

/// The caller's own sessions.
pub fn list(app: &App, known: &Known) -> Result<Vec<SessionLine>, Error> {
    let (id, now) = (known.account.id, app.clock.now());
    app.store
        .read(|tx| anlan_store::sessions::list(tx, id, now).map_err(Error::from))
}

/// Ends one of the caller's own sessions.
pub fn end(app: &App, known: &Known, session: SessionId) -> Result<(), Error> {
    let id = known.account.id;
    let entry = own_entry(app, known);
    app.store.write(move |tx| {
        if !anlan_store::sessions::delete_one(tx, id, session)? {
            return Err(Error::Missing { what: "session" });
        }
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// Ends all of the caller's sessions but this one. How many there were.
pub fn end_others(app: &App, known: &Known) -> Result<usize, Error> {
    let (id, session) = (known.account.id, known.session);
    let entry = own_entry(app, known);
    app.store.write(move |tx| {
        let ended = anlan_store::sessions::delete_others(tx, id, Some(session))?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(ended)
    })
}

/// An entry about the sessions of an account.
fn entry(app: &App, caller: &Caller, action: Action, id: AccountId) -> Access {
    accesses::entry(app, caller, action, "session", id, Purpose::Maintenance)
}

fn own_entry(app: &App, known: &Known) -> Access {
    entry(app, &known.caller, Action::SessionUse, known.account.id)
}

/// The sessions of any account, for who may end them.
pub fn list_of(app: &App, caller: &Caller, id: AccountId) -> Result<Vec<SessionLine>, Error> {
    app.require(caller, Action::SessionEnd)?;
    accounts::get(app, id)?;
    let now = app.clock.now();
    let found = app
        .store
        .read(|tx| anlan_store::sessions::list(tx, id, now).map_err(Error::from))?;
    let entry = entry(app, caller, Action::SessionEnd, id).of_many(found.len());
    accesses::log(app, entry)?;
    Ok(found)
}

/// Ends every session of an account. How many there were.
pub fn end_all_of(app: &App, caller: &Caller, id: AccountId) -> Result<usize, Error> {
    app.require(caller, Action::SessionEnd)?;
    accounts::get(app, id)?;
    let entry = entry(app, caller, Action::SessionEnd, id);
    app.store.write(move |tx| {
        let ended = anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(ended)
    })
}

/// Removes what has ended: sessions, sign-ins that were never finished, locks that nobody waits for.
pub fn sweep(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    app.store.write(move |tx| {
        anlan_store::sessions::delete_expired(tx, now)?;
        anlan_store::passkeys::sweep(tx, now)?;
        anlan_store::identities::sweep(tx, now)?;
        locks::sweep(tx, now)
    })
}
