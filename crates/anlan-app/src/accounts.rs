//! Accounts: sign-in with a password (argon2id), sessions, and their end. It tells nobody whether a name exists.

use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::ids::OfficeId;
use anlan_policy::Action;
use anlan_store::accounts::NewAccount;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const SESSION_HOURS: i64 = 12;
const TRIES_FREE: u32 = 5;
const WAIT_S_MAX: u32 = 900;
const NAMES_REMEMBERED: usize = 10_000;
/// Shortest password taken, characters.
pub const PASSWORD_MIN: usize = 10;
/// Longest password taken, bytes: hashing must not be a way to keep us busy.
pub const PASSWORD_MAX: usize = 1024;

/// What somebody types to sign in.
#[derive(Clone)]
pub struct SignIn {
    /// Account name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Where from, for throttling: an address.
    pub from: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// An open session.
#[derive(Clone)]
pub struct SignedIn {
    /// The token for the cookie; only its hash is stored.
    pub token: String,
    /// Whose it is.
    pub account: Account,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn")
            .field("account", &self.account.id)
            .finish_non_exhaustive()
    }
}

/// Failed tries per name and address, so that guessing gets slow. Forgotten on restart.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Throttle {
    fn check(&self, key: &str, now: Timestamp) -> Result<(), Error> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match tries.get(key) {
            Some((_, until)) if *until > now => {
                let wait = until.duration_since(now).as_secs().max(1);
                Err(Error::TooMany {
                    retry_after_s: u32::try_from(wait).unwrap_or(WAIT_S_MAX),
                })
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, key: &str, now: Timestamp) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= NAMES_REMEMBERED {
            tries.retain(|_, (_, until)| *until > now);
        }
        let entry = tries.entry(key.to_owned()).or_insert((0, now));
        entry.0 = entry.0.saturating_add(1);
        let wait = entry
            .0
            .checked_sub(TRIES_FREE)
            .map_or(0, |over| 2_u32.saturating_pow(over).min(WAIT_S_MAX));
        entry.1 = now
            .saturating_add(SignedDuration::from_secs(wait.into()))
            .unwrap_or(now);
    }

    fn passed(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Hashes a password for keeping.
pub fn hash(password: &str) -> Result<String, Error> {
    if password.chars().count() < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        return Err(Error::field(
            "password",
            "password.length",
            format!("密码至少 {PASSWORD_MIN} 个字符，最长 {PASSWORD_MAX} 字节。"),
            format!("A password has at least {PASSWORD_MIN} characters and at most {PASSWORD_MAX} bytes."),
        ));
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| Error::Unavailable {
            detail: format!("no randomness: {error}"),
        })
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// A well-formed hash that no password has: an unknown name costs as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YW5sYW4tbm9ib2R5LTAw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Opens a session for a right name and password.
pub fn sign_in(app: &App, input: &SignIn) -> Result<SignedIn, Error> {
    let now = app.clock.now();
    let name = input.name.trim().to_lowercase();
    let key = format!("{name}@{}", input.from);
    app.throttle.check(&key, now)?;
    let found = app
        .store
        .read(|tx| anlan_store::accounts::find_by_name(tx, &name).map_err(Error::from))?;
    let hash = found
        .as_ref()
        .and_then(|(_, hash)| hash.as_deref())
        .unwrap_or(NOBODY);
    let right = input.password.len() <= PASSWORD_MAX && matches(&input.password, hash);
    let account = found
        .map(|(account, _)| account)
        .filter(|account| right && account.is_active);
    let Some(account) = account else {
        app.throttle.failed(&key, now);
        return Err(Error::SignedOut {
            code: "session.wrong",
            zh: "用户名或密码不正确，或账号已停用。".into(),
            en: "Name or password is wrong, or the account is closed.".into(),
        });
    };
    app.throttle.passed(&key);
    open(app, account, now)
}

fn open(app: &App, account: Account, now: Timestamp) -> Result<SignedIn, Error> {
    let caller = Caller::of(&account, "api");
    app.require(&caller, Action::SessionUse)?;
    let token = random_token()?;
    let expires_at = now
        .saturating_add(SignedDuration::from_hours(SESSION_HOURS))
        .unwrap_or(now);
    let digest = digest(&token);
    let entry = accesses::entry(
        app,
        &caller,
        Action::SessionUse,
        "session",
        account.id,
        Purpose::Maintenance,
    );
    let id = account.id;
    app.store.write(move |tx| {
        anlan_store::sessions::create(tx, &digest, id, now, expires_at)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(SignedIn {
        token,
        account,
        expires_at,
    })
}

pub(crate) fn random_token() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Unavailable {
        detail: format!("no randomness: {error}"),
    })?;
    Ok(hex(&bytes))
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

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Whose session it is; refuses ended sessions and closed accounts.
pub fn caller(app: &App, token: &str) -> Result<(Caller, Account), Error> {
    let now = app.clock.now();
    let digest = digest(token);
    let session = app
        .store
        .read(|tx| anlan_store::sessions::find(tx, &digest, now).map_err(Error::from))?;
    let account = session.ok_or_else(signed_out)?.account;
    let caller = Caller::of(&account, "api");
    app.require(&caller, Action::SessionUse)?;
    Ok((caller, account))
}

fn signed_out() -> Error {
    Error::SignedOut {
        code: "session.none",
        zh: "您尚未登录，或登录已过期，请重新登录。".into(),
        en: "You are not signed in, or the session has ended. Sign in again.".into(),
    }
}

/// Ends a session.
pub fn sign_out(app: &App, token: &str) -> Result<(), Error> {
    let digest = digest(token);
    app.store
        .write(move |tx| anlan_store::sessions::delete(tx, &digest).map_err(Error::from))
}

/// The accounts of an office, or of all: names beside what people did.
pub fn list(app: &App, caller: &Caller, office: Option<OfficeId>) -> Result<Vec<Account>, Error> {
    app.require(caller, Action::ReferenceRead)?;
    app.store
        .read(|tx| anlan_store::accounts::list(tx, office).map_err(Error::from))
}

/// A new account. `id` is ignored.
pub fn create(app: &App, caller: &Caller, account: Account, password: &str) -> Result<Account, Error> {
    app.require(caller, Action::AccountWrite)?;
    let name = account.name.trim().to_lowercase();
    if name.is_empty() || name.len() > 64 || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::field(
            "name",
            "account.name",
            "用户名应为 1 到 64 个字符，且不含空格。",
            "An account name has 1 to 64 characters, none of them blank.",
        ));
    }
    let hash = hash(password)?;
    let account = Account { name, ..account };
    let entry = accesses::entry(
        app,
        caller,
        Action::AccountWrite,
        "account",
        "new",
        Purpose::Maintenance,
    );
    app.store.write(move |tx| {
        if anlan_store::accounts::find_by_name(tx, &account.name)?.is_some() {
            let name = &account.name;
            return Err(Error::conflict(
                "account.exists",
                format!("用户名 {name} 已存在，请换一个。"),
                format!("There is already an account named {name}; choose another name."),
            ));
        }
        let new = NewAccount {
            name: &account.name,
            display_name: &account.display_name,
            roles: &account.roles,
            office: account.office,
            division: &account.division,
            password: Some(&hash),
        };
        let id = anlan_store::accounts::insert(tx, &new)?;
        anlan_store::accesses::append(
            tx,
            &Access {
                resource_id: id.to_string(),
                ..entry.clone()
            },
        )?;
        Ok(Account {
            id,
            ..account.clone()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_hash_only() {
        let kept = hash("a long pass phrase").unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(matches("a long pass phrase", &kept));
        assert!(!matches("a long pass phrase ", &kept));
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "the stand-in hash must cost a real verification"
        );
        assert!(!matches("", NOBODY));
        assert!(hash("short").is_err());
    }

    #[test]
    fn guessing_gets_slow_and_success_forgives() {
        let throttle = Throttle::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..TRIES_FREE {
            throttle.check("a", now).unwrap();
            throttle.failed("a", now);
        }
        assert!(matches!(
            throttle.check("a", now),
            Err(Error::TooMany { retry_after_s: 1 })
        ));
        throttle.check("b", now).unwrap();
        throttle.passed("a");
        throttle.check("a", now).unwrap();
    }
}
