//! What signing in leaves in the store: a secret that is sealed, codes that are taken once, tries that add up, challenges
//! that are answered once.

mod support;

use anlan_model::accounts::Role;
use anlan_model::ids::AccountId;
use anlan_model::locks::{LockKind, Tries};
use anlan_model::sessions::ends_at;
use anlan_store::accounts::NewAccount;
use anlan_store::passkeys::Passkey;
use anlan_store::sessions::NewSession;
use anlan_store::{Error, accounts, locks, passkeys, sessions, totps};
use support::{Bench, at};

fn account(bench: &Bench, name: &'static str) -> Result<AccountId, Error> {
    bench.write(move |tx| {
        let new = NewAccount {
            name,
            display_name: name,
            roles: &[Role::Duty],
            office: None,
            division: "",
            password: None,
        };
        accounts::insert(tx, &new)
    })
}

#[test]
fn a_shared_secret_is_sealed_and_bound_to_its_account() {
    let bench = Bench::new();
    let (one, two) = (account(&bench, "one").unwrap(), account(&bench, "two").unwrap());
    let secret = b"12345678901234567890";
    for id in [one, two] {
        assert!(bench.write(move |tx| totps::put(tx, id, secret)).unwrap());
    }
    let kept = bench.read(|tx| totps::find(tx, one)).unwrap();
    assert_eq!((kept.secret.as_slice(), kept.confirmed_at), (&secret[..], None));
    let sealed: Vec<Vec<u8>> =
        bench.read(|tx| tx.query("SELECT sealed FROM totps", &[], |row| Ok(row.blob(0)?.to_vec())));
    for bytes in &sealed {
        assert!(!bytes.windows(secret.len()).any(|piece| piece == secret));
    }
    assert_ne!(sealed[0], sealed[1], "equal secrets do not look equal");
    // Whoever can write to the table cannot put a secret they know in another's place.
    bench
        .write(move |tx| {
            let sql =
                "UPDATE totps SET sealed = (SELECT sealed FROM totps WHERE account = ?2) WHERE account = ?1";
            tx.exec(sql, &[one.into(), two.into()])
        })
        .unwrap();
    let moved = bench.write(move |tx| totps::find(tx, one));
    assert!(matches!(moved, Err(Error::Vault(_))), "{moved:?}");
}

#[test]
fn a_session_ends_whatever_the_clock_did_meanwhile() {
    let bench = Bench::new();
    let id = account(&bench, "one").unwrap();
    let years = 15 * 365 * 24 * 3600;
    let begin = |token: u8, second: i64| {
        bench.write(move |tx| {
            let new = NewSession {
                token: &[token; 32],
                account: id,
                agent: "a browser",
                address: "192.0.2.1",
                post: None,
                at: at(second),
                expires_at: ends_at(at(second)),
            };
            sessions::create(tx, &new)
        })
    };
    let holds = |token: u8, second: i64| {
        let found = bench.read(|tx| sessions::find(tx, &[token; 32], at(second)));
        let listed = bench.read(|tx| sessions::list(tx, id, at(second))).len();
        let held = bench.read(|tx| sessions::holding(tx, at(second))).len();
        assert_eq!(
            (listed, held),
            (usize::from(found.is_some()), usize::from(found.is_some()))
        );
        found.is_some()
    };
    begin(1, 0).unwrap();
    assert!(
        holds(1, 0) && holds(1, -60),
        "a clock set right by a minute ends nothing"
    );
    assert!(!holds(1, years) && !holds(1, -years));
    begin(2, years).unwrap();
    assert!(holds(2, years));
    let later = bench.read(|tx| sessions::find(tx, &[2; 32], at(0)));
    assert_eq!(later, None, "it would hold for fifteen years");
}

#[test]
fn a_time_step_is_taken_once_and_confirms() {
    let bench = Bench::new();
    let id = account(&bench, "one").unwrap();
    let take = |step| bench.write(move |tx| totps::take(tx, id, step, at(5))).unwrap();
    assert!(!take(7), "there is no app yet");
    bench.write(move |tx| totps::put(tx, id, &[1; 20])).unwrap();
    assert!(take(7));
    for old in [7, 6, 1] {
        assert!(!take(old), "{old}");
    }
    assert!(take(8));
    assert_eq!(
        bench.read(|tx| totps::find(tx, id)).unwrap().confirmed_at,
        Some(at(5))
    );
    assert!(
        !bench.write(move |tx| totps::put(tx, id, &[2; 20])).unwrap(),
        "a confirmed app is not replaced"
    );
    bench
        .write(move |tx| totps::put_codes(tx, id, &[[1; 32], [2; 32]]))
        .unwrap();
    let used = |digest: [u8; 32]| {
        bench
            .write(move |tx| totps::use_code(tx, id, &digest, at(6)))
            .unwrap()
    };
    assert_eq!(
        (used([1; 32]), used([1; 32]), used([3; 32])),
        (true, false, false)
    );
    assert_eq!(bench.read(|tx| totps::codes_left(tx, id)), 1);
    assert!(bench.write(move |tx| totps::remove(tx, id)).unwrap());
    assert_eq!(bench.read(|tx| totps::codes_left(tx, id)), 0);
}

#[test]
fn tries_are_kept_shown_and_cleared() {
    let bench = Bench::new();
    let id = account(&bench, "one").unwrap();
    let mut tries = Tries::none(at(0));
    for second in 0..6 {
        tries = tries.and_one(LockKind::Account, at(second));
        bench
            .write(move |tx| locks::put(tx, LockKind::Account, "a", Some(id), &tries))
            .unwrap();
    }
    bench
        .write(|tx| locks::put(tx, LockKind::Address, "10.0.0.1", None, &Tries::none(at(0))))
        .unwrap();
    assert_eq!(
        bench.read(|tx| locks::find(tx, LockKind::Account, "a")),
        Some(tries)
    );
    assert_eq!(bench.read(|tx| locks::find(tx, LockKind::Device, "a")), None);
    let shown = bench.read(|tx| locks::list(tx, 3, at(100), 10));
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (shown[0].account, shown[0].tries, shown[0].address.as_deref()),
        (Some(id), tries, None)
    );
    let lock = shown[0].id;
    assert!(bench.write(move |tx| locks::clear(tx, lock)).unwrap());
    assert!(!bench.write(move |tx| locks::clear(tx, lock)).unwrap());
    assert_eq!(bench.write(|tx| locks::sweep(tx, at(0), at(1))).unwrap(), 1);
}

#[test]
fn a_challenge_is_answered_once_and_in_time() {
    let bench = Bench::new();
    let id = account(&bench, "one").unwrap();
    for challenge in [[1; 32], [2; 32]] {
        bench
            .write(move |tx| passkeys::ask(tx, &challenge, Some(id), b"create", at(60)))
            .unwrap();
    }
    let take = |challenge: [u8; 32], second| {
        bench
            .write(move |tx| passkeys::take(tx, &challenge, at(second)))
            .unwrap()
    };
    assert_eq!(take([1; 32], 59), Some((Some(id), b"create".to_vec())));
    assert_eq!(take([1; 32], 59), None);
    assert_eq!(take([2; 32], 60), None, "too late");
    let key = Passkey {
        id: anlan_model::ids::PasskeyId(0),
        account: id,
        credential: vec![1, 2, 3],
        name: "desk".into(),
        body: vec![9],
        created_at: at(0),
        used_at: None,
    };
    let second = key.clone();
    let made = bench.write(move |tx| passkeys::insert(tx, &key)).unwrap();
    assert!(matches!(
        bench.write(move |tx| passkeys::insert(tx, &second)),
        Err(Error::Taken { .. })
    ));
    let used = |before: u8, after: u8| {
        bench
            .write(move |tx| passkeys::used(tx, made, &[before], &[after], at(7)))
            .unwrap()
    };
    assert!(used(9, 10));
    assert!(!used(9, 11), "somebody else's use came first");
    let found = bench.read(|tx| passkeys::find(tx, &[1, 2, 3])).unwrap();
    assert_eq!((found.body, found.used_at), (vec![10], Some(at(7))));
    assert!(bench.write(move |tx| passkeys::delete(tx, id, made)).unwrap());
}
