//! Passwords: how they are kept (argon2id), which are refused, changing one's own, and the one-time word that stands in for one.
//! No rule says which characters a password needs; it has to be long and not easy to guess (OWASP ASVS 5.0, 6.2).

use crate::sessions::{self, Known};
use crate::{App, Caller, Error, accesses, accounts, locks};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::ids::AccountId;
use anlan_policy::Action;
use anlan_store::accounts::Kept;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Shortest password taken, characters.
pub const PASSWORD_MIN: usize = 10;
/// Longest password taken, bytes: hashing must not be a way to keep us busy.
pub const PASSWORD_MAX: usize = 1024;
/// A one-time word is good for so long.
const WORD_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// What is left of a password without the words everybody here would guess must be at least this long.
const REST_MIN: usize = 6;
/// Words everybody here would guess: the product, and what its users are called.
const OWN_WORDS: [&str; 9] = [
    "anlan", "安澜", "password", "passwort", "密码", "admin", "officer", "duty", "123456",
];

/// Passwords that many people have (`standards/common-passwords.txt`), in lower case.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../standards/common-passwords.txt")
        .lines()
        .collect()
});

/// Hashes a password for keeping. Whether it is a good one is not asked here, only whether it has a length that is taken.
pub fn hash(password: &str) -> Result<String, Error> {
    check_length(password)?;
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| Error::Unavailable {
            detail: format!("no randomness: {error}"),
        })
}

fn check_length(password: &str) -> Result<(), Error> {
    if password.chars().count() >= PASSWORD_MIN && password.len() <= PASSWORD_MAX {
        return Ok(());
    }
    Err(Error::field(
        "password",
        "password.length",
        format!("密码至少 {PASSWORD_MIN} 个字符，最长 {PASSWORD_MAX} 字节。"),
        format!("A password has at least {PASSWORD_MIN} characters and at most {PASSWORD_MAX} bytes."),
    ))
}

pub(crate) fn matches(password: &str, hash: &str) -> bool {
    password.len() <= PASSWORD_MAX
        && PasswordHash::new(hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        })
}

/// A well-formed hash that no password has: an unknown name costs as long as a wrong password.
pub(crate) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YW5sYW4tbm9ib2R5LTAw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Refuses what is easy to guess for the holder of this account.
pub(crate) fn check(password: &str, name: &str, display_name: &str) -> Result<(), Error> {
    check_length(password)?;
    let typed = password.to_lowercase();
    if is_common(&typed) {
        return Err(Error::field(
            "password",
            "password.common",
            "这是很多人用过的密码，或只是在其上加了数字，容易被猜到。请换一个，例如几个不相关的词连在一起。",
            "Many people have this password, or it is one of theirs with digits added, so it is soon guessed. Choose another one, e.g. some unrelated words in a row.",
        ));
    }
    let mut rest = typed;
    for word in [name, display_name].into_iter().chain(OWN_WORDS) {
        let word = word.to_lowercase();
        if word.chars().count() > 1 {
            rest = rest.replace(&word, "");
        }
    }
    let is_thin = rest.chars().filter(|c| c.is_alphanumeric()).count() < REST_MIN;
    if is_thin {
        return Err(Error::field(
            "password",
            "password.name",
            "密码主要由账号名、姓名或常用词组成，容易被猜到，请换一个。",
            "The password is little more than the account's name or a word everybody here would try. Choose another one.",
        ));
    }
    Ok(())
}

/// On the list, on it but for digits and signs around, or a short piece over and over.
fn is_common(typed: &str) -> bool {
    let core = typed.trim_matches(|c: char| !c.is_alphabetic());
    COMMON.contains(typed) || COMMON.contains(core) || is_repeated(typed)
}

fn is_repeated(typed: &str) -> bool {
    let all: Vec<char> = typed.chars().collect();
    (1..=5).any(|piece| {
        all.len() > piece
            && all
                .iter()
                .zip(all.iter().skip(piece))
                .all(|(one, next)| one == next)
    })
}

/// What somebody types to change their password.
pub struct ChangePassword {
    /// The one they have.
    pub current: String,
    /// The one they want.
    pub new: String,
}

impl std::fmt::Debug for ChangePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangePassword(…)")
    }
}

/// Changes the caller's own password. Every other session of theirs ends, and this one gets a new token.
pub fn change(app: &App, known: &Known, input: &ChangePassword) -> Result<String, Error> {
    app.require(&known.caller, Action::SessionUse)?;
    let account = &known.account;
    confirm(app, account.id, &input.current, "current")?;
    check_new(account, &input.new)?;
    let hash = hash(&input.new)?;
    let token = accounts::random_token()?;
    let entry = entry(app, &known.caller, account.id);
    let (id, session, digest, now) = (
        account.id,
        known.session,
        sessions::digest(&token),
        app.clock.now(),
    );
    app.store.write(move |tx| {
        anlan_store::accounts::set_password(tx, id, &hash, None)?;
        anlan_store::sessions::delete_others(tx, id, Some(session))?;
        if !anlan_store::sessions::renew(tx, session, &digest, now)? {
            return Err(sessions::signed_out());
        }
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(token)
}

/// Refuses a new password that is easy to guess.
pub(crate) fn check_new(account: &Account, password: &str) -> Result<(), Error> {
    check(password, &account.name, &account.display_name)
}

pub(crate) fn entry(app: &App, caller: &Caller, id: AccountId) -> Access {
    accesses::entry(
        app,
        caller,
        Action::SessionUse,
        "password",
        id,
        Purpose::Maintenance,
    )
}

/// What the account's password is checked against; nothing where there is no such account.
pub(crate) fn kept(app: &App, id: AccountId) -> Result<Kept, Error> {
    let found = app
        .store
        .read(|tx| anlan_store::accounts::find_kept(tx, id).map_err(Error::from))?;
    Ok(found.unwrap_or_default())
}

/// Lets through who types the account's password. Wrong ones are counted, so a session left open is no place to guess.
pub(crate) fn confirm(app: &App, id: AccountId, password: &str, field: &str) -> Result<(), Error> {
    let counted = locks::Counted::within(id);
    locks::count(app, &counted)?;
    let hash = kept(app, id)?.hash.unwrap_or_else(|| NOBODY.into());
    if !matches(password, &hash) {
        locks::failed(app, &counted)?;
        return Err(Error::field(
            field,
            "password.wrong",
            "密码不正确。",
            "The password is wrong.",
        ));
    }
    let now = app.clock.now();
    app.store.write(move |tx| locks::passed(tx, &counted, now))
}

/// A one-time word: 20 letters and digits that are not mistaken for each other, 100 random bits.
pub(crate) struct OneTimeWord {
    pub(crate) word: String,
    pub(crate) hash: String,
    pub(crate) until: Timestamp,
}

/// Makes one.
pub(crate) fn one_time_word(app: &App) -> Result<OneTimeWord, Error> {
    let word = accounts::random_words(4, 5)?;
    let until = app.clock.now().saturating_add(WORD_LASTS);
    Ok(OneTimeWord {
        hash: hash(&word)?,
        word,
        until: until.unwrap_or(Timestamp::MAX),
    })
}

/// Puts a one-time word in place of a password, and ends the account's sessions. A second factor stays: the word alone does
/// not get past it. The word is shown once and kept as a hash.
pub fn reset(app: &App, caller: &Caller, id: AccountId) -> Result<(String, Timestamp), Error> {
    app.require(caller, Action::AccountWrite)?;
    let account = accounts::get(app, id)?;
    let is_node = caller.actor.account.is_none();
    if !is_node && account.roles.iter().any(|role| role.is_apart()) {
        return Err(Error::denied(
            "account.apart",
            "系统、安全、审计三类管理员的密码不能由其他管理员重置，请在服务器上运行 anlan reset-password。",
            "No administrator resets the password of a system, security or audit administrator. Run `anlan reset-password` on the server.",
        ));
    }
    accounts::is_person(app, id)?;
    let made = one_time_word(app)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::AccountWrite,
        "password",
        id,
        Purpose::Maintenance,
    );
    let (hash, until) = (made.hash, made.until);
    app.store.write(move |tx| {
        anlan_store::accounts::set_password(tx, id, &hash, Some(until))?;
        anlan_store::sessions::delete_others(tx, id, None)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok((made.word, made.until))
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
        assert!(!matches("A long pass phrase", &kept));
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "the stand-in hash must cost a real verification"
        );
        assert!(!matches("", NOBODY));
        assert!(hash("short").is_err());
        let longest = "x".repeat(PASSWORD_MAX);
        assert!(matches(&longest, &hash(&longest).unwrap()), "nothing is cut off");
    }

    #[test]
    fn the_list_has_more_than_the_three_thousand_that_asvs_asks_for() {
        assert!(COMMON.len() > 10_000);
        let typed = COMMON.iter().filter(|word| word.chars().all(char::is_alphabetic));
        assert!(typed.count() > 3_000, "each stands for itself with digits added");
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_and_nothing_else() {
        let code = |password: &str| match check(password, "wang-li", "王丽") {
            Err(Error::Invalid { code, .. }) => code,
            Err(other) => panic!("{other}"),
            Ok(()) => "",
        };
        for common in [
            "1234567890",
            "Password123",
            "qwertyuiop",
            "password!2026",
            "abcabcabcabc",
            "ＡＡＡＡＡＡＡＡＡＡ",
            "iloveyou99",
        ] {
            assert_eq!(code(common), "password.common", "{common}");
        }
        for own in [
            "wang-li-2026",
            "Anlan-admin1",
            "安澜王丽密码安澜王丽1",
            "duty-officer-duty",
        ] {
            assert_eq!(code(own), "password.name", "{own}");
        }
        for good in [
            "correct horse battery",
            "calm-water-2026",
            "河边三棵柳树下面好乘凉",
            "aaaaa bbbbb ccccc ddddd",
            "        x  tree lamp",
        ] {
            assert_eq!(code(good), "", "{good}");
        }
    }
}
