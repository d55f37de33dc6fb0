//! Things for the tests of doors: cases here and elsewhere, photos, warnings, imports and rows kept back, accounts with what
//! belongs to them, made without any door, so that nothing but the door under test leaves a trace.

mod posts;

pub(crate) use posts::{deputy, post, post_of, post_with, row};

use crate::bench::{Bench, PIXEL};
use crate::providers::ISSUER;
use anlan_app::directories::{self, GroupInput, PersonInput};
use anlan_app::grants::{self, AskBackup, AskRoles};
use anlan_app::{Caller, photos, reports, sessions};
use anlan_model::accounts::{Account, Role};
use anlan_model::cases::Case;
use anlan_model::clock::Clock;
use anlan_model::events::Stamp;
use anlan_model::grants::GrantVerdict;
use anlan_model::identities::Identity;
use anlan_model::ids::{
    AccountId, CaseId, ClassCode, GrantId, GroupId, ImportId, KeyId, OfficeId, PasskeyId, ReviewId,
};
use anlan_model::imports::{Fault, Import, ImportState};
use anlan_model::incoming::{Channel, Incoming};
use anlan_model::locks::{LockKind, Tries};
use anlan_model::machines::MachineKey;
use anlan_model::places::{Datum, GivenPoint};
use anlan_model::restorations::Restoration;
use anlan_model::reviews::{DayFinding, Part, PartKind};
use anlan_model::sessions::Step;
use anlan_store::accounts::NewAccount;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where a case lies, as an account of the office of water and its division sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lies {
    /// In the office's hands and in the division.
    Here,
    /// With another office, in no known place.
    Elsewhere,
    /// A complaint about the office itself, in the division.
    About,
}

/// Where a case of that kind comes from.
pub(crate) fn incoming(lies: Lies) -> Incoming {
    Incoming {
        channel: Channel::Hotline,
        source: "desk".into(),
        external_id: None,
        class: Some(ClassCode::from(if lies == Lies::Elsewhere {
            "m01002"
        } else {
            "m01001"
        })),
        title: "water on the road".into(),
        description: "it is knee deep".into(),
        address: Some("1 River Street".into()),
        point: (lies != Lies::Elsewhere).then_some(GivenPoint {
            lon: 105.5,
            lat: 29.5,
            datum: Datum::Wgs84,
            error_m: Some(10.0),
        }),
        reported_at: crate::bench::NOW.parse().unwrap(),
        contact: None,
        history: None,
        is_duplicate: false,
        is_default_point: false,
        facts: BTreeMap::new(),
    }
}

/// A new case.
pub(crate) fn case(bench: &Bench, lies: Lies) -> Case {
    let about: Option<OfficeId> = (lies == Lies::About).then_some(bench.water);
    reports::take(&bench.app, &Caller::resident(), incoming(lies), about)
        .unwrap()
        .case
}

/// A photo of a case.
pub(crate) fn photo(bench: &Bench, case: CaseId) -> i64 {
    let duty = Caller {
        actor: anlan_policy::Actor {
            roles: vec![anlan_model::accounts::Role::Duty],
            ..Default::default()
        },
        ..Caller::system()
    };
    photos::add(&bench.app, &duty, case, "before", &PIXEL)
        .unwrap()
        .id
        .0
}

/// A run in that state with one row kept back; the run's id and the row's.
pub(crate) fn import(bench: &Bench, state: ImportState) -> (i64, i64) {
    let run = Import {
        id: ImportId(0),
        file: "a.csv".into(),
        digest: String::new(),
        mapping: "plain".into(),
        state,
        rows: 1,
        imported: 0,
        known: 0,
        quarantined: 1,
        bytes_done: 0,
        bytes_total: 1,
        started_at: crate::bench::NOW.parse().unwrap(),
        ended_at: None,
        error: None,
        error_zh: None,
    };
    let fault = Fault {
        line: 2,
        column: None,
        value: None,
        code: "id.missing".into(),
        message: "there is no id".into(),
    };
    let plan = r#"{"import":0,"upload":"x","mapping":"plain","datum":"wgs84"}"#;
    let kept = bench.app.store.write(move |tx| {
        let run = anlan_store::imports::insert(tx, &run, plan)?;
        let fields = [("id".to_owned(), String::new())];
        let row = anlan_store::quarantine::add(tx, run.id, 2, std::slice::from_ref(&fault), &fields)?;
        Ok::<_, anlan_store::Error>((run.id.0, row.0))
    });
    kept.unwrap()
}

/// Closes an account.
pub(crate) fn close(bench: &Bench, id: AccountId) {
    let closed = bench.app.store.write(move |tx| {
        let mut account = anlan_store::accounts::find(tx, id)?.unwrap();
        account.is_active = false;
        anlan_store::accounts::update(tx, &account)
    });
    closed.unwrap();
}

/// A number that no other thing has.
pub(crate) fn number() -> u32 {
    MADE.fetch_add(1, Ordering::Relaxed)
}

/// Somebody's account, to which no password opens.
pub(crate) fn account(bench: &Bench) -> AccountId {
    with_role(bench, Role::Clerk, None).0
}

/// An account of any role, also one that nobody is given; its id and name.
pub(crate) fn with_role(bench: &Bench, role: Role, password: Option<&str>) -> (AccountId, String) {
    let name = format!("person-{}", number());
    let hash = password.map(|password| anlan_app::passwords::hash(password).unwrap());
    let made = bench.app.store.write({
        let name = name.clone();
        move |tx| {
            let new = NewAccount {
                name: &name,
                display_name: "Wang",
                roles: &[role],
                office: None,
                division: "",
                password: hash.as_deref(),
            };
            anlan_store::accounts::insert(tx, &new)
        }
    });
    (made.unwrap(), name)
}

/// Names an account's holder as the provider knows them.
pub(crate) fn identity(bench: &Bench, account: AccountId, login: &str) {
    let identity = Identity {
        account,
        issuer: ISSUER.into(),
        login: login.into(),
        subject: None,
        named_at: bench.clock.now(),
        used_at: None,
    };
    let put = bench
        .app
        .store
        .write(move |tx| anlan_store::identities::put(tx, &identity));
    put.unwrap();
}

/// A review of another account's accesses.
pub(crate) fn review(bench: &Bench) -> ReviewId {
    let finding = DayFinding {
        account: account(bench),
        day: jiff::civil::date(2026, 3, 1),
        score: 6.5,
        parts: vec![Part {
            kind: PartKind::Unexplained,
            points: 6.5,
            seen: 5.0,
            usual: 0.4,
            other: None,
        }],
        cases: 7,
        unexplained: 5,
    };
    let stamp = Stamp {
        at: bench.clock.now(),
        by: None,
        post: None,
    };
    let raised = bench
        .app
        .store
        .write(move |tx| anlan_store::reviews::raise(tx, &finding, &stamp));
    raised.unwrap().id
}

/// A machine account of this role, with a key for these actions; its number, what the machine shows, and the key's number.
pub(crate) fn machine_key(bench: &Bench, role: Role, scopes: &[&str]) -> (AccountId, String, i64) {
    let (account, _) = with_role(bench, role, None);
    let token = format!("anlan-key-{account}");
    let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let now = bench.clock.now();
    let key = MachineKey {
        id: KeyId(0),
        account,
        name: "feed".into(),
        scopes: scopes.iter().map(|code| (*code).to_owned()).collect(),
        networks: vec![],
        created_at: now,
        expires_at: now + jiff::SignedDuration::from_hours(24),
        used_at: None,
    };
    let made = bench.app.store.write(move |tx| {
        anlan_store::machines::mark(tx, account)?;
        anlan_store::machines::insert(tx, &key, &digest)
    });
    (account, token, made.unwrap().0)
}

/// A directory, an account it keeps, and a group it keeps with that account in it.
pub(crate) fn directory(bench: &Bench) -> (Caller, AccountId, GroupId) {
    let (keeper, _, _) = machine_key(bench, Role::Directory, &["account.provision"]);
    let caller = Caller::of(&found(bench, keeper), "key");
    let input = PersonInput {
        name: format!("kept-{}", number()),
        display_name: "Wang".into(),
        external: None,
        is_active: true,
    };
    let person = directories::create(&bench.app, &caller, input)
        .unwrap()
        .account
        .id;
    let input = GroupInput {
        name: format!("group-{}", number()),
        external: None,
        members: vec![person],
    };
    let group = directories::create_group(&bench.app, &caller, input)
        .unwrap()
        .group
        .id;
    (caller, person, group)
}

/// A request of another security administrator for a role that rules the node; its id.
pub(crate) fn grant(bench: &Bench) -> GrantId {
    let (asker, _) = with_role(bench, Role::Security, None);
    let caller = Caller::of(&found(bench, asker), "api");
    let ask = AskRoles {
        account: account(bench),
        roles: vec![Role::Auditor],
        reason: "the auditor has left".into(),
    };
    grants::ask_roles(&bench.app, &caller, &ask).unwrap().grant.id
}

/// Leave for one backup, asked for by an administrator and approved by another.
pub(crate) fn backup_grant(bench: &Bench) -> GrantId {
    let by = |role| Caller::of(&found(bench, with_role(bench, role, None).0), "api");
    let ask = AskBackup {
        until: None,
        reason: "the machine is replaced".into(),
    };
    let asked = grants::ask_backup(&bench.app, &by(Role::Admin), &ask).unwrap();
    let id = asked.grant.id;
    grants::answer(&bench.app, &by(Role::Security), id, GrantVerdict::Approved, "").unwrap();
    id
}

/// What a node that was put back has in its store. The running node does not look at it.
pub(crate) fn restoration(bench: &Bench) {
    put_restoration(bench, &Restoration::begun(bench.clock.now()));
}

/// The same once it is confirmed; the node serves.
pub(crate) fn confirmed_restoration(bench: &Bench) {
    let now = bench.clock.now();
    let begun = Restoration::begun(now);
    let once = begun.confirmed(AccountId(1), &[Role::Admin], now).unwrap();
    let twice = once.confirmed(AccountId(2), &[Role::Security], now).unwrap();
    put_restoration(bench, &twice);
    bench.app.look_at_restoration().unwrap();
}

fn put_restoration(bench: &Bench, restoration: &Restoration) {
    let body = serde_json::to_string(restoration).unwrap();
    let stamp = Stamp {
        at: bench.clock.now(),
        by: None,
        post: None,
    };
    let put = bench
        .app
        .store
        .write(move |tx| anlan_store::settings::put(tx, anlan_store::backup::RESTORATION, &body, &stamp));
    put.map(drop).map_err(|error: anlan_store::Error| error).unwrap();
}

fn found(bench: &Bench, id: AccountId) -> Account {
    let found = bench.app.store.read(|tx| anlan_store::accounts::find(tx, id));
    found.unwrap().unwrap()
}

/// A new session of an account; its number and its token.
pub(crate) fn session(bench: &Bench, account: AccountId) -> (i64, String) {
    let whence = sessions::Whence::default();
    let signed = sessions::open(&bench.app, found(bench, account), &whence).unwrap();
    let now = bench.clock.now();
    let lines = bench
        .app
        .store
        .read(|tx| anlan_store::sessions::list(tx, account, now));
    let newest = lines.unwrap().iter().map(|line| line.id.0).max();
    (newest.unwrap(), signed.token)
}

/// A session that has expired.
pub(crate) fn expired_session(bench: &Bench) {
    let (account, past) = (
        account(bench),
        bench.clock.now() - jiff::SignedDuration::from_hours(1),
    );
    let token: [u8; 32] = Sha256::digest(number().to_be_bytes()).into();
    let kept = bench.app.store.write(move |tx| {
        anlan_store::sessions::create(
            tx,
            &anlan_store::sessions::NewSession {
                token: &token,
                account,
                agent: "desk",
                address: "",
                post: None,
                at: past,
                expires_at: past,
            },
        )
    });
    kept.map(drop).map_err(|error: anlan_store::Error| error).unwrap();
}

/// A passkey of an account, which no authenticator holds.
pub(crate) fn passkey(bench: &Bench, account: AccountId) -> i64 {
    let key = anlan_store::passkeys::Passkey {
        id: PasskeyId(0),
        account,
        credential: format!("key-{}", number()).into_bytes(),
        name: "desk".into(),
        body: Vec::new(),
        created_at: bench.clock.now(),
        used_at: None,
    };
    let made = bench
        .app
        .store
        .write(move |tx| anlan_store::passkeys::insert(tx, &key));
    made.unwrap().0
}

/// A place where signing in was tried in vain.
pub(crate) fn lock(bench: &Bench) -> i64 {
    let (account, now) = (account(bench), bench.clock.now());
    let tries = (0..9).fold(Tries::none(now), |tries, _| tries.and_one(LockKind::Code, now));
    let made = bench.app.store.write(move |tx| {
        let key = account.to_string();
        anlan_store::locks::put(tx, LockKind::Code, &key, Some(account), &tries)?;
        anlan_store::locks::list(tx, 1, now, 1000)
    });
    let locks = made.unwrap();
    let own = locks.iter().find(|lock| lock.account == Some(account));
    own.unwrap().id.0
}

/// A sign-in of an account that waits for this step; its token.
pub(crate) fn half(bench: &Bench, account: AccountId, step: Step) -> String {
    let token = format!("half-{}", number());
    let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let until = bench.clock.now() + jiff::SignedDuration::from_mins(5);
    let begun = bench
        .app
        .store
        .write(move |tx| anlan_store::sessions::begin(tx, &digest, account, step, until));
    begun.map_err(|error: anlan_store::Error| error).unwrap();
    token
}

/// A recovery code of `totp`.
pub(crate) const RECOVERY: &str = "abcdefghjkmnpqrstvwxyz00";

/// Gives an account an authenticator app and one recovery code, or takes them away.
pub(crate) fn totp(bench: &Bench, account: AccountId, is_on: bool) {
    let now = bench.clock.now();
    let done = bench.app.store.write(move |tx| {
        anlan_store::totps::remove(tx, account)?;
        if is_on {
            anlan_store::totps::put(tx, account, &[7; 20])?;
            anlan_store::totps::take(tx, account, 1, now)?;
            let digest: [u8; 32] = Sha256::digest(RECOVERY.as_bytes()).into();
            anlan_store::totps::put_codes(tx, account, &[digest])?;
        }
        Ok::<_, anlan_store::Error>(())
    });
    done.unwrap();
}

static MADE: AtomicU32 = AtomicU32::new(0);

/// A file handed in; each another, as a file is imported once.
pub(crate) fn upload(bench: &Bench) -> String {
    let steward = Caller {
        actor: anlan_policy::Actor {
            roles: vec![anlan_model::accounts::Role::Steward],
            ..Default::default()
        },
        ..Caller::system()
    };
    let text = format!("id\n{}\n", number());
    let kept = anlan_app::uploads::put(&bench.app, &steward, "a.csv", &mut text.as_bytes());
    kept.unwrap().id
}
