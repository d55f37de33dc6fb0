//! The nouns around a case, each kept and found again.

mod support;

use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, OfficeId};
use anlan_model::imports::{Fault, Import, ImportState};
use anlan_model::incoming::Contact;
use anlan_store::accounts::NewAccount;
use anlan_store::cells::NewCell;
use anlan_store::offices::NewOffice;
use anlan_store::photos::NewPhoto;
use anlan_store::sessions::NewSession;
use anlan_store::{
    Error, accounts, backup, cells, contacts, imports, jobs, offices, photos, quarantine, reports, sessions,
    settings,
};
use support::{Bench, Sketch, at, everything, office, stamp};

#[test]
fn an_erased_person_is_gone() {
    let bench = Bench::new();
    let contact = Contact {
        name: Some("王小明".into()),
        phone: Some("13800138000".into()),
        email: None,
    };
    let kept = contact.clone();
    let subject = bench.write(move |tx| contacts::insert(tx, &kept)).unwrap();
    assert_eq!(bench.read(|tx| contacts::find(tx, subject)), Some(contact));
    let raw = || {
        bench.read(|tx| {
            tx.query("SELECT coalesce(key, x''), sealed FROM contacts", &[], |row| {
                Ok([row.blob(0)?.to_vec(), row.blob(1)?.to_vec()].concat())
            })
        })
    };
    let before = raw().concat();
    for secret in ["13800138000", "王小明"] {
        assert!(
            !before
                .windows(secret.len())
                .any(|window| window == secret.as_bytes())
        );
    }
    assert!(
        bench
            .write(move |tx| contacts::erase(tx, subject, at(5)))
            .unwrap()
    );
    assert!(
        !bench
            .write(move |tx| contacts::erase(tx, subject, at(6)))
            .unwrap()
    );
    assert_eq!(bench.read(|tx| contacts::find(tx, subject)), None);
    assert_eq!(raw().concat(), b"");
}

#[test]
fn a_sealed_contact_opens_only_with_its_own_key() {
    let bench = Bench::new();
    let [one, two] = ["one", "two"].map(|name| {
        let contact = Contact {
            name: Some(name.into()),
            ..Contact::default()
        };
        bench.write(move |tx| contacts::insert(tx, &contact)).unwrap()
    });
    bench.write(move |tx| {
        let sql = "UPDATE contacts SET sealed = (SELECT sealed FROM contacts WHERE subject = ?2) WHERE subject = ?1";
        tx.exec(sql, &[one.into(), two.into()])
    }).unwrap();
    assert!(matches!(
        bench.store.read(|tx| contacts::find(tx, one)),
        Err(Error::Vault(_))
    ));
}

#[test]
fn accounts_sessions_and_their_end() {
    let bench = Bench::new();
    let id = bench
        .write(|tx| {
            let office = offices::upsert(tx, &office("cg"))?;
            let new = NewAccount {
                name: "Wang",
                display_name: "王",
                roles: &[Role::Duty, Role::Clerk],
                office: Some(office),
                division: "",
                password: Some("$argon2id$x"),
            };
            accounts::insert(tx, &new)
        })
        .unwrap();
    let (account, kept) = bench.read(|tx| accounts::find_by_name(tx, "WANG")).unwrap();
    assert_eq!(
        (account.id, account.name.as_str(), kept.hash.as_deref()),
        (id, "wang", Some("$argon2id$x"))
    );
    let again = bench.write(|tx| {
        accounts::insert(
            tx,
            &NewAccount {
                name: "wang",
                display_name: "",
                roles: &[],
                office: None,
                division: "",
                password: None,
            },
        )
    });
    assert!(matches!(again, Err(Error::Taken { what }) if what == "accounts.name"));
    bench
        .write(move |tx| {
            let new = NewSession {
                token: &[1; 32],
                account: id,
                agent: "a browser",
                address: "10.0.0.1",
                post: None,
                at: at(0),
                expires_at: at(100),
            };
            sessions::create(tx, &new)
        })
        .unwrap();
    assert_eq!(
        bench
            .read(|tx| sessions::find(tx, &[1; 32], at(50)))
            .unwrap()
            .account,
        account
    );
    assert!(bench.read(|tx| sessions::find(tx, &[1; 32], at(100))).is_none());
    assert!(bench.read(|tx| sessions::find(tx, &[2; 32], at(50))).is_none());
    let mut closed = account.clone();
    closed.is_active = false;
    bench.write(move |tx| accounts::update(tx, &closed)).unwrap();
    assert!(bench.read(|tx| sessions::find(tx, &[1; 32], at(50))).is_none());
    assert!(matches!(
        bench.write(|tx| accounts::set_password(tx, AccountId(99), "x", None)),
        Err(Error::Missing { .. })
    ));
    assert_eq!(
        bench.write(|tx| sessions::delete_expired(tx, at(1000))).unwrap(),
        1
    );
    assert_eq!(bench.read(|tx| accounts::list(tx, Some(OfficeId(99)))), []);
}

#[test]
fn settings_keep_every_version() {
    let bench = Bench::new();
    for body in ["one", "two"] {
        bench
            .write(move |tx| settings::put(tx, "rules", body, &stamp(0)))
            .unwrap();
    }
    bench
        .write(|tx| settings::put(tx, "calendar", "other", &stamp(0)))
        .unwrap();
    let latest = bench.read(|tx| settings::latest(tx, "rules")).unwrap();
    assert_eq!((latest.version, latest.body.as_str()), (2, "two"));
    assert_eq!(
        bench.read(|tx| settings::version(tx, "rules", 1)).unwrap().body,
        "one"
    );
    assert_eq!(bench.read(|tx| settings::list(tx, "rules")).len(), 2);
    assert_eq!(bench.read(|tx| settings::latest(tx, "none")), None);
}

#[test]
fn offices_and_cells_keep_their_ids() {
    let bench = Bench::new();
    let first = bench.write(|tx| offices::upsert(tx, &office("cg"))).unwrap();
    let renamed = NewOffice {
        name_en: "Renamed".into(),
        ..office("cg")
    };
    assert_eq!(
        bench.write(move |tx| offices::upsert(tx, &renamed)).unwrap(),
        first
    );
    assert_eq!(
        bench.read(|tx| offices::find_by_code(tx, "cg")).unwrap().name_en,
        "Renamed"
    );
    let cell = |code: &str| NewCell {
        code: code.into(),
        name_zh: String::new(),
        name_en: String::new(),
        division: "110101".into(),
        population: Some(7),
        geometry: "{}".into(),
    };
    let (old, new) = ([cell("a"), cell("b")], [cell("b"), cell("c")]);
    bench.write(move |tx| cells::replace_all(tx, "s", &old)).unwrap();
    let b = bench.read(cells::list)[1].id;
    bench.write(move |tx| cells::replace_all(tx, "s", &new)).unwrap();
    let now: Vec<_> = bench
        .read(cells::list)
        .into_iter()
        .map(|cell| (cell.id, cell.code))
        .collect();
    assert_eq!(now[0], (b, "b".to_owned()));
    assert_eq!(now.len(), 2);
}

#[test]
fn jobs_are_leased_retried_and_given_up() {
    let bench = Bench::new();
    bench
        .write(|tx| jobs::enqueue(tx, "mail", "body", at(10)))
        .unwrap();
    let claim = |now: i64| {
        bench
            .write(move |tx| jobs::claim(tx, &["mail", "sms"], at(now), at(now + 60)))
            .unwrap()
    };
    assert_eq!(claim(9), None);
    let job = claim(10).unwrap();
    assert_eq!((job.kind.as_str(), job.attempt), ("mail", 1));
    assert_eq!(claim(20), None, "leased");
    let again = claim(70).unwrap();
    assert_eq!(again.attempt, 2);
    assert!(matches!(
        bench.write(move |tx| jobs::finish(tx, &job)),
        Err(Error::Conflict)
    ));
    bench
        .write(move |tx| jobs::fail(tx, &again, "down", at(71)))
        .unwrap();
    assert_eq!(bench.read(jobs::next_at), Some(at(81)));
    let mut now = 100;
    for attempt in 3..=jobs::ATTEMPTS_MAX {
        let job = claim(now).unwrap();
        assert_eq!(job.attempt, attempt);
        bench
            .write(move |tx| jobs::fail(tx, &job, "down", at(now)))
            .unwrap();
        now += 4000;
    }
    assert_eq!(claim(now), None);
    assert_eq!(bench.read(jobs::count), (0, 1));
    bench.write(|tx| jobs::enqueue(tx, "sms", "", at(0))).unwrap();
    let job = claim(now).unwrap();
    bench.write(move |tx| jobs::finish(tx, &job)).unwrap();
    assert_eq!(bench.read(jobs::count), (0, 1));
}

fn import() -> Import {
    Import {
        id: anlan_model::ids::ImportId(0),
        file: "a.csv".into(),
        digest: "00".into(),
        mapping: "boston".into(),
        state: ImportState::Queued,
        rows: 0,
        imported: 0,
        known: 0,
        quarantined: 0,
        bytes_done: 0,
        bytes_total: 9,
        started_at: at(0),
        ended_at: None,
        error: None,
        error_zh: None,
    }
}

#[test]
fn imports_and_the_rows_they_keep_back() {
    let bench = Bench::new();
    let run = bench.write(|tx| imports::insert(tx, &import(), "{}")).unwrap();
    let id = run.id;
    let mut running = Import {
        state: ImportState::Running,
        rows: 5,
        ..run
    };
    let update = running.clone();
    bench.write(move |tx| imports::update(tx, &update)).unwrap();
    assert_eq!(bench.read(|tx| imports::find(tx, id)), Some(running.clone()));
    assert_eq!(
        bench.read(|tx| imports::in_state(tx, ImportState::Running)).len(),
        1
    );
    running.id = anlan_model::ids::ImportId(77);
    assert!(matches!(
        bench.write(move |tx| imports::update(tx, &running)),
        Err(Error::Missing { .. })
    ));
    let fault = Fault {
        line: 2,
        column: Some("lat".into()),
        value: None,
        code: "coordinates.zero".into(),
        message: "zero".into(),
    };
    let fields = vec![("lat".to_owned(), "0".to_owned())];
    for line in [2, 3, 4, 2] {
        let (fault, fields) = (fault.clone(), fields.clone());
        bench
            .write(move |tx| quarantine::add(tx, id, line, std::slice::from_ref(&fault), &fields))
            .unwrap();
    }
    assert_eq!(bench.read(|tx| quarantine::count(tx, id)), (3, 0));
    let page = bench.read(|tx| quarantine::list(tx, id, false, None, 2));
    let rest = bench.read(|tx| quarantine::list(tx, id, false, page.next.as_ref(), 2));
    assert_eq!((page.items.len(), rest.items.len(), rest.next), (2, 1, None));
    let row = page.items[0].clone();
    assert_eq!((row.faults, row.fields), (vec![fault], fields));
    bench
        .write(move |tx| {
            quarantine::mend(tx, row.id, &[], &[("lat".to_owned(), "39.9".to_owned())])?;
            quarantine::release(tx, row.id, at(9))
        })
        .unwrap();
    assert_eq!(bench.read(|tx| quarantine::count(tx, id)), (2, 1));
    assert_eq!(
        bench
            .read(|tx| quarantine::list(tx, id, true, None, 9))
            .items
            .len(),
        2
    );
    assert!(matches!(
        bench.write(move |tx| quarantine::release(tx, row.id, at(9))),
        Err(Error::Missing { .. })
    ));
}

#[test]
fn photos_and_reports_are_found_from_their_case() {
    let bench = Bench::new();
    let case = bench.open(&Sketch {
        track: Some([9; 32]),
        ..Sketch::default()
    });
    let (full, thumb) = (
        bench.store.put_blob(b"full").unwrap(),
        bench.store.put_blob(b"thumb").unwrap(),
    );
    let photo = bench
        .write(move |tx| {
            let new = NewPhoto {
                case: case.id,
                shows: "after",
                full: &full,
                thumb: &thumb,
                width: 640,
                height: 480,
                at: at(1),
            };
            photos::insert(tx, &new)
        })
        .unwrap();
    assert_eq!(
        bench.read(|tx| photos::of_case(tx, case.id)),
        std::slice::from_ref(&photo)
    );
    assert_eq!(bench.store.blob(&photo.full).unwrap(), b"full");
    let report = bench.read(|tx| reports::by_track(tx, &[9; 32])).unwrap();
    assert_eq!((report.case, report.facts["ward"].as_str()), (case.id, "07"));
    assert!(bench.read(|tx| reports::by_track(tx, &[8; 32])).is_none());
}

#[test]
fn a_backup_taken_while_writing_is_whole_and_restores() {
    let bench = Bench::new();
    let digest = bench.store.put_blob(b"photo").unwrap();
    let contact = Contact {
        name: Some("secret name".into()),
        ..Contact::default()
    };
    let subject = bench.write(move |tx| contacts::insert(tx, &contact)).unwrap();
    for n in 0..200 {
        bench.open(&Sketch {
            external_id: Some(format!("b{n}")),
            ..Sketch::default()
        });
    }
    let folder = bench.folder.path().join("backup");
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(std::sync::atomic::Ordering::SeqCst) {
                bench.open(&Sketch::default());
            }
        });
        let mut last = None;
        backup::to(&bench.store, &folder, |progress| last = Some(progress)).unwrap();
        is_done.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(last.is_some_and(|progress| progress.done == progress.total));
    });
    assert!(matches!(
        backup::to(&bench.store, &folder, |_| ()),
        Err(Error::Invalid(_))
    ));
    let target = bench.folder.path().join("restored").join("anlan.db");
    backup::restore(&folder, &target, at(99), |_| ()).unwrap();
    let marked: String = rusqlite::Connection::open(&target)
        .unwrap()
        .query_row(
            "SELECT body FROM settings WHERE name = 'restoration'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(
        marked.contains("\"confirmed\":[]"),
        "it says that it was put back: {marked}"
    );
    assert!(matches!(
        backup::restore(&folder, &target, at(99), |_| ()),
        Err(Error::Invalid(_))
    ));
    let (store, _writer) = anlan_store::Store::open(&support::config(target)).unwrap();
    let cases = store
        .read(|tx| anlan_store::cases::count(tx, &everything()))
        .unwrap();
    assert!(cases >= 200);
    assert_eq!(
        store.read(anlan_store::events::last).unwrap(),
        i64::try_from(cases).unwrap()
    );
    assert_eq!(store.blob(&digest).unwrap(), b"photo");
    assert_eq!(
        store
            .read(|tx| contacts::find(tx, subject))
            .unwrap()
            .unwrap()
            .name
            .as_deref(),
        Some("secret name")
    );
}

#[test]
fn a_damaged_backup_or_a_taken_place_is_refused() {
    let bench = Bench::new();
    let digest = bench.store.put_blob(b"photo").unwrap();
    let folder = bench.folder.path().join("backup");
    backup::to(&bench.store, &folder, |_| ()).unwrap();
    let part = digest.get(..2).unwrap();
    std::fs::write(folder.join("blobs").join(part).join(&digest), b"other").unwrap();
    let other = bench.folder.path().join("other").join("anlan.db");
    assert!(matches!(
        backup::restore(&folder, &other, at(99), |_| ()),
        Err(Error::Corrupt(_))
    ));
    assert!(!other.exists());
    std::fs::write(
        bench.folder.path().join("other").join("anlan.db-wal"),
        b"left behind",
    )
    .unwrap();
    assert!(matches!(
        backup::restore(&folder, &other, at(99), |_| ()),
        Err(Error::Invalid(_))
    ));
}

#[test]
fn a_newer_or_foreign_schema_is_refused() {
    let mut bench = Bench::new();
    bench
        .write(|tx| {
            tx.exec(
                "INSERT INTO schema_version (version, checksum) VALUES (999, 'x')",
                &[],
            )
        })
        .unwrap();
    bench.stop();
    let answer = anlan_store::Store::open(&support::config(bench.path()));
    assert!(matches!(answer, Err(Error::Newer { found: 999, .. })));
}
