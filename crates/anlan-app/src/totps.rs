//! Authenticator apps (TOTP, RFC 6238) as the second step of signing in, and recovery codes for the day the phone is gone.
//! A code is taken once, also within its half minute, and from one step before or after: clocks differ.

use crate::locks::{self, Counted};
use crate::sessions::{self, Known};
use crate::{App, Caller, Error, accesses, accounts, passkeys};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, SessionId};
use anlan_policy::Action;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

/// RFC 4226 (4) asks for at least 128 bits and recommends 160.
const SECRET_BYTES: usize = 20;
const CODES: usize = 10;

/// An authenticator app that is being set up.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The shared secret in base 32, to be typed where no camera is.
    pub secret: String,
    /// The address in the QR code (`otpauth://totp/…`).
    pub uri: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

/// How an account is secured beyond its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SecondStep {
    /// An authenticator app is confirmed.
    pub is_on: bool,
    /// Recovery codes left.
    pub codes_left: u32,
}

fn totp(secret: &[u8]) -> Result<Totp, Error> {
    let built = Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_skew(1)
        .build();
    built.map_err(|error| Error::Unavailable {
        detail: format!("no authenticator secret: {error}"),
    })
}

/// Begins setting an app up: a new secret, of no effect until a code confirms it.
pub fn enrol(app: &App, known: &Known) -> Result<Enrolment, Error> {
    sessions::require_proof(app, known)?;
    begin(app, &known.account)
}

/// The same for whoever has shown to be this account's holder.
pub(crate) fn begin(app: &App, account: &Account) -> Result<Enrolment, Error> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|error| Error::Unavailable {
        detail: format!("no randomness: {error}"),
    })?;
    let id = account.id;
    let is_new = app
        .store
        .write(move |tx| anlan_store::totps::put(tx, id, &secret).map_err(Error::from))?;
    if !is_new {
        return Err(Error::conflict(
            "totp.on",
            "已有验证器应用，请先停用它。",
            "There is an authenticator app already. Turn it off first.",
        ));
    }
    let text = Secret::from(secret.to_vec()).to_base32();
    let (issuer, name) = (percent(&app.node().node.name_zh), percent(&account.name));
    Ok(Enrolment {
        uri: format!("otpauth://totp/{issuer}:{name}?secret={text}&issuer={issuer}"),
        secret: text,
    })
}

/// As `encodeURIComponent` writes it.
fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
        all
    })
}

/// Confirms the app by a first code and turns the second step on. The recovery codes are shown this once; every other
/// session ends.
pub fn confirm(app: &App, known: &Known, code: &str) -> Result<Vec<String>, Error> {
    sessions::require_proof(app, known)?;
    turn_on(app, &known.caller, known.account.id, Some(known.session), code)
}

/// The same for an account; `keep` is the session that goes on.
pub(crate) fn turn_on(
    app: &App,
    caller: &Caller,
    id: AccountId,
    keep: Option<SessionId>,
    code: &str,
) -> Result<Vec<String>, Error> {
    if is_on(app, id)? {
        return Err(Error::conflict(
            "totp.on",
            "验证器应用已经启用。",
            "The authenticator app is on already.",
        ));
    }
    let counted = Counted::within(id);
    locks::count(app, &counted)?;
    if !take_code(app, id, code)? {
        locks::failed(app, &counted)?;
        return Err(wrong_code());
    }
    let codes = new_codes()?;
    let (digests, now) = (digests(&codes), app.clock.now());
    let entry = entry(app, caller, Action::SessionUse, id);
    app.store.write(move |tx| {
        locks::passed(tx, &counted, now)?;
        anlan_store::totps::put_codes(tx, id, &digests)?;
        anlan_store::sessions::delete_others(tx, id, keep)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(codes)
}

/// New recovery codes in place of the old ones.
pub fn renew_codes(app: &App, known: &Known) -> Result<Vec<String>, Error> {
    sessions::require_proof(app, known)?;
    let id = known.account.id;
    if !is_on(app, id)? && !passkeys::has_any(app, id)? {
        return Err(Error::Missing { what: "totp" });
    }
    let codes = new_codes()?;
    let digests = digests(&codes);
    let entry = entry(app, &known.caller, Action::SessionUse, id);
    app.store.write(move |tx| {
        anlan_store::totps::put_codes(tx, id, &digests)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(codes)
}

/// Turns the caller's own second step off. Every other session ends. Where a role demands a second factor and no passkey is
/// left, another is set up at the next sign-in: whoever could not turn this one off could not get a new telephone.
pub fn turn_off(app: &App, known: &Known) -> Result<(), Error> {
    sessions::require_proof(app, known)?;
    let (id, session) = (known.account.id, known.session);
    let entry = entry(app, &known.caller, Action::SessionUse, id);
    app.store.write(move |tx| {
        if !anlan_store::totps::remove(tx, id)? {
            return Err(Error::Missing { what: "totp" });
        }
        anlan_store::sessions::delete_others(tx, id, Some(session))?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// Whether the account has a second step.
pub(crate) fn is_on(app: &App, id: AccountId) -> Result<bool, Error> {
    let kept = app
        .store
        .read(|tx| anlan_store::totps::find(tx, id).map_err(Error::from))?;
    Ok(kept.is_some_and(|kept| kept.confirmed_at.is_some()))
}

/// How the caller's own account is secured.
pub fn own(app: &App, known: &Known) -> Result<SecondStep, Error> {
    let id = known.account.id;
    let is_on = is_on(app, id)?;
    let left = app
        .store
        .read(|tx| anlan_store::totps::codes_left(tx, id).map_err(Error::from))?;
    Ok(SecondStep {
        is_on,
        codes_left: u32::try_from(left).unwrap_or(0),
    })
}

/// Lets through who has a code of the app or a recovery code; either is used up by it.
pub(crate) fn pass(app: &App, id: AccountId, code: &str) -> Result<(), Error> {
    let counted = Counted::within(id);
    locks::count(app, &counted)?;
    let now = app.clock.now();
    // What is not confirmed is no factor yet: whoever knows the password alone may have begun to set it up.
    let is_right = (is_on(app, id)? && take_code(app, id, code)?) || {
        let digest = digest(code);
        app.store
            .write(move |tx| anlan_store::totps::use_code(tx, id, &digest, now).map_err(Error::from))?
    };
    if !is_right {
        locks::failed(app, &counted)?;
        return Err(wrong_code());
    }
    app.store.write(move |tx| locks::passed(tx, &counted, now))
}

fn wrong_code() -> Error {
    Error::field(
        "code",
        "code.wrong",
        "验证码不正确，或已经用过。请等应用显示下一个验证码；也可用一个恢复码。",
        "The code is wrong or was used before. Wait for the app's next one, or use a recovery code.",
    )
}

fn take_code(app: &App, id: AccountId, code: &str) -> Result<bool, Error> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let kept = app
        .store
        .read(|tx| anlan_store::totps::find(tx, id).map_err(Error::from))?;
    let Some(kept) = kept else { return Ok(false) };
    let now = app.clock.now();
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let step = totp(&kept.secret)?.check(&typed, seconds);
    let Some(step) = step.and_then(|step| i64::try_from(step).ok()) else {
        return Ok(false);
    };
    app.store
        .write(move |tx| anlan_store::totps::take(tx, id, step, now).map_err(Error::from))
}

pub(crate) fn new_codes() -> Result<Vec<String>, Error> {
    (0..CODES).map(|_| accounts::random_words(6, 4)).collect()
}

pub(crate) fn digests(codes: &[String]) -> Vec<[u8; 32]> {
    codes.iter().map(|code| digest(code)).collect()
}

/// Of a code as people type it: case, blanks and dashes do not count.
fn digest(code: &str) -> [u8; 32] {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Sha256::digest(plain.as_bytes()).into()
}

fn entry(app: &App, caller: &Caller, action: Action, id: AccountId) -> Access {
    accesses::entry(app, caller, action, "totp", id, Purpose::Maintenance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // RFC 6238, appendix B, SHA-1, of which six digits are shown here instead of eight.
        let totp = totp(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp.generate(seconds).to_string(), code);
            let step = seconds / 30;
            assert_eq!(totp.check(code, seconds), Some(step));
            assert_eq!(totp.check(code, seconds - 30), Some(step), "a clock that is slow");
            assert_eq!(totp.check(code, seconds + 30), Some(step), "a clock that is fast");
            assert_eq!(totp.check(code, seconds + 60 + 30), None, "a clock that is wrong");
        }
    }

    #[test]
    fn recovery_codes_differ_and_are_read_as_people_type_them() {
        let codes = new_codes().unwrap();
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), CODES);
        let first = &codes[0];
        assert_eq!(first.len(), 6 * 4 + 5);
        assert_eq!(digest(first), digest(&first.to_uppercase().replace('-', " ")));
        assert_ne!(digest(first), digest(&codes[1]));
    }

    #[test]
    fn a_name_in_an_address_is_escaped() {
        assert_eq!(percent("县 a:b"), "%E5%8E%BF%20a%3Ab");
    }
}
