//! Locks: whoever keeps failing to sign in waits longer and longer. Kept in the store, so a restart forgets nothing.
//!
//! A wait on the account alone would be a way to keep a duty officer out: anybody can type a wrong password. So tries are
//! counted apart for browsers that did get in to this account before, which they show by a mark we gave them. Strangers
//! make strangers wait, however many there are; the officer's own browser never waits for them, a passkey never does, and no
//! wait is longer than a quarter of an hour. (The method is known as device cookies.)

use crate::sessions::Whence;
use crate::{App, Caller, Error, accesses, accounts};
use anlan_model::accesses::Purpose;
use anlan_model::ids::{AccountId, LockId};
use anlan_model::locks::{LockKind, Tries};
use anlan_policy::Action;
use anlan_store::Tx;
pub use anlan_store::locks::Lock;
use jiff::{SignedDuration, Timestamp};
use std::net::Ipv6Addr;

/// Tries that an administrator sees from, also while nobody waits.
const SHOWN_FROM: u32 = 3;
const SHOWN_MAX: usize = 200;
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// What one try is counted under.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    account: Option<AccountId>,
    keys: Vec<(LockKind, String)>,
}

impl Counted {
    /// A try to sign in at this name.
    pub(crate) fn at(app: &App, name: &str, account: Option<AccountId>, from: &Whence) -> Self {
        let mark = from.device.as_deref();
        let keys = match account.and_then(|account| known_mark(app, account, mark?)) {
            Some(key) => vec![(LockKind::Device, key)],
            None => vec![
                (LockKind::Account, hidden(app, name)),
                (LockKind::Address, network(&from.address)),
            ],
        };
        Self { account, keys }
    }

    /// A try that nobody waits for, as there was nothing to guess.
    pub(crate) fn nowhere(account: Option<AccountId>) -> Self {
        Self {
            account,
            keys: vec![],
        }
    }

    /// A try at what only the holder of this account is asked: a code, the password once more.
    pub(crate) fn within(account: AccountId) -> Self {
        Self {
            account: Some(account),
            keys: vec![(LockKind::Code, account.to_string())],
        }
    }
}

/// Counts a try before it is looked at, so that many at once are no way around; refuses it if there is a wait.
pub(crate) fn count(app: &App, counted: &Counted) -> Result<(), Error> {
    let now = app.clock.now();
    let counted = counted.clone();
    app.store.write(move |tx| {
        let mut found = Vec::with_capacity(counted.keys.len());
        for (kind, key) in &counted.keys {
            let tries = anlan_store::locks::find(tx, *kind, key)?.unwrap_or(Tries::none(now));
            if let Some(retry_after_s) = tries.wait_s(now) {
                return Err(Error::TooMany { retry_after_s });
            }
            found.push((*kind, key, tries.and_one(*kind, now)));
        }
        for (kind, key, tries) in found {
            anlan_store::locks::put(tx, kind, key, counted.account, &tries)?;
        }
        Ok(())
    })
}

/// The try was right: what was counted against its maker is forgotten; an address keeps what others did from there.
pub(crate) fn passed(tx: &mut Tx<'_>, counted: &Counted, now: Timestamp) -> Result<(), Error> {
    for (kind, key) in &counted.keys {
        if *kind != LockKind::Address {
            anlan_store::locks::forget(tx, *kind, key)?;
            continue;
        }
        if let Some(tries) = anlan_store::locks::find(tx, *kind, key)? {
            let one_less = Tries {
                count: tries.count.saturating_sub(1),
                wait_until: now,
                ..tries
            };
            anlan_store::locks::put(tx, *kind, key, None, &one_less)?;
        }
    }
    Ok(())
}

/// Notes a try that was wrong. It says at which account, if there is one of that name; the name itself is not kept.
pub(crate) fn failed(app: &App, counted: &Counted) -> Result<(), Error> {
    let id = counted
        .account
        .map_or_else(|| "unknown".to_owned(), |account| account.to_string());
    let nobody = Caller {
        name: String::new(),
        ..Caller::resident()
    };
    let mut entry = accesses::entry(
        app,
        &nobody,
        Action::SessionUse,
        "session",
        id,
        Purpose::Maintenance,
    );
    entry.allowed = false;
    accesses::log(app, entry)
}

/// The mark that a browser gets when it got in, to be known by.
pub(crate) fn mark(app: &App, account: AccountId) -> Result<String, Error> {
    let nonce = accounts::random_token()?;
    let code = mark_code(app, account, &nonce);
    Ok(format!("{account}.{nonce}.{code}"))
}

fn mark_code(app: &App, account: AccountId, nonce: &str) -> String {
    let parts: [&[u8]; 2] = [&account.0.to_be_bytes(), nonce.as_bytes()];
    accounts::hex(&app.secret.code("anlan browser mark 1", &parts))
}

/// What tries with this mark are counted under, if we gave it to a browser of this account.
fn known_mark(app: &App, account: AccountId, mark: &str) -> Option<String> {
    let (holder, rest) = mark.split_once('.')?;
    let (nonce, code) = rest.split_once('.')?;
    let is_ours = holder.parse() == Ok(account) && same(code, &mark_code(app, account, nonce));
    is_ours.then(|| hidden(app, mark))
}

/// Compared in a time that does not say where they differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

/// What one household or office has: an IPv4 address, or all addresses of an IPv6 prefix of 64 bits.
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(number) if number.to_ipv4_mapped().is_none() => {
            let prefix = number.to_bits() >> 64 << 64;
            format!("{}/64", Ipv6Addr::from_bits(prefix))
        }
        _ => address.to_owned(),
    }
}

/// A name as a key: people type passwords into the field for names.
fn hidden(app: &App, text: &str) -> String {
    accounts::hex(&app.secret.code("anlan locks 1", &[text.as_bytes()]))
}

/// Where signing in has to wait, or was tried in vain several times.
pub fn list(app: &App, caller: &Caller) -> Result<Vec<Lock>, Error> {
    app.require(caller, Action::LockRead)?;
    let now = app.clock.now();
    let found = app
        .store
        .read(|tx| anlan_store::locks::list(tx, SHOWN_FROM, now, SHOWN_MAX).map_err(Error::from))?;
    let entry = accesses::entry(
        app,
        caller,
        Action::LockRead,
        "lock",
        "list",
        Purpose::Maintenance,
    )
    .of_many(found.len());
    accesses::log(app, entry)?;
    Ok(found)
}

/// Lets it wait no longer.
pub fn clear(app: &App, caller: &Caller, id: LockId) -> Result<(), Error> {
    app.require(caller, Action::LockClear)?;
    let entry = accesses::entry(app, caller, Action::LockClear, "lock", id, Purpose::Maintenance);
    app.store.write(move |tx| {
        if !anlan_store::locks::clear(tx, id)? {
            return Err(Error::Missing { what: "lock" });
        }
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })
}

/// Removes what nobody waits for any more.
pub(crate) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Error> {
    let before = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    anlan_store::locks::sweep(tx, before, now)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{network, same};

    #[test]
    fn addresses_that_one_sender_has_are_one() {
        assert_eq!(network("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64");
        assert_eq!(
            network("2001:db8:1:2::"),
            network("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
        for other in ["10.0.0.7", "::ffff:10.0.0.7", "unknown"] {
            assert_eq!(network(other), other);
        }
    }

    #[test]
    fn only_the_same_is_the_same() {
        assert!(same("abc", "abc"));
        for other in ["abd", "ab", "abcd", ""] {
            assert!(!same("abc", other), "{other}");
        }
    }
}
