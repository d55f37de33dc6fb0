//! The unit of work: whole or nothing, durable before it is answered, and no unit pays for another.

mod support;

use anlan_model::accesses::{Access, Purpose};
use anlan_model::events::Event;
use anlan_store::{Error, Store, accesses, cases, settings};
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use support::{Bench, Sketch, at, config, everything, move_to, stamp};

fn access() -> Access {
    Access {
        at: at(0),
        actor: None,
        post: None,
        office: None,
        action: "case.read".into(),
        resource: "case".into(),
        resource_id: "1".into(),
        purpose: Purpose::Case,
        allowed: true,
        count: 1,
    }
}

/// A gate the writer is held at: `reached` once it stands there, `open` to let it pass.
struct Gate {
    reached: Barrier,
    open: Barrier,
    passed: AtomicU32,
}

impl Gate {
    fn pass(&self) {
        if self.passed.fetch_add(1, Ordering::SeqCst) == 0 {
            self.reached.wait();
            self.open.wait();
        }
    }
}

/// Runs units side by side with the writer held back, so that they land in one batch.
fn together(
    bench: &Bench,
    units: usize,
    unit: impl Fn(usize) -> Result<(), Error> + Sync,
) -> Vec<Result<(), Error>> {
    let gate = Arc::new(Gate {
        reached: Barrier::new(2),
        open: Barrier::new(2),
        passed: AtomicU32::new(0),
    });
    let held = Arc::clone(&gate);
    std::thread::scope(|scope| {
        let pass = move |_: &mut anlan_store::Tx<'_>| {
            held.pass();
            Ok::<_, Error>(())
        };
        scope.spawn(move || bench.store.write(pass));
        gate.reached.wait();
        let unit = &unit;
        let all: Vec<_> = (0..units).map(|n| scope.spawn(move || unit(n))).collect();
        std::thread::sleep(std::time::Duration::from_millis(200));
        gate.open.wait();
        all.into_iter().filter_map(|handle| handle.join().ok()).collect()
    })
}

#[test]
fn a_failing_unit_leaves_nothing_and_disturbs_no_other() {
    let bench = Bench::new();
    let answers = together(&bench, 20, |n| {
        bench.store.write(move |tx| {
            settings::put(tx, &format!("s{n}"), "body", &stamp(0))?;
            match n {
                7 => Err(Error::Invalid("on purpose".into())),
                13 => panic!("on purpose"),
                _ => Ok(()),
            }
        })
    });
    assert_eq!(answers.len(), 20);
    for (n, answer) in answers.iter().enumerate() {
        match n {
            7 => assert!(matches!(answer, Err(Error::Invalid(_)))),
            13 => assert!(matches!(answer, Err(Error::Panicked(words)) if words == "on purpose")),
            _ => assert!(answer.is_ok(), "{n}: {answer:?}"),
        }
        let found = bench.read(|tx| settings::latest(tx, &format!("s{n}")));
        assert_eq!(found.is_some(), answer.is_ok(), "{n}");
    }
}

#[test]
fn a_batch_commits_once() {
    let bench = Bench::new();
    let wal = || std::fs::metadata(bench.folder.path().join("anlan.db-wal")).map_or(0, |meta| meta.len());
    let before = wal();
    let answers = together(&bench, 64, |n| {
        bench
            .store
            .write(move |tx| settings::put(tx, "one", &n.to_string(), &stamp(0)).map(drop))
    });
    assert!(answers.iter().all(Result::is_ok));
    // 64 commits would have logged the same few pages 64 times over.
    let grown = wal().saturating_sub(before);
    assert!(grown < 64 * 8192, "the log grew by {grown} bytes");
    assert_eq!(bench.read(|tx| settings::latest(tx, "one")).unwrap().version, 64);
}

#[test]
fn a_thousand_moves_on_one_case_have_one_winner_each_version() {
    let bench = Bench::new();
    let id = bench.open(&Sketch::default()).id;
    let wins = AtomicU32::new(0);
    let try_each_version = &|worker: usize| {
        for version in 1..=50 {
            match bench.write(move |tx| move_to(tx, id, version, &format!("s{worker}"))) {
                Ok(case) => assert_eq!(case.version, version + 1),
                Err(Error::Conflict) => continue,
                Err(other) => panic!("{other}"),
            }
            wins.fetch_add(1, Ordering::SeqCst);
        }
    };
    std::thread::scope(|scope| {
        for worker in 0..20 {
            scope.spawn(move || try_each_version(worker));
        }
    });
    let case = bench.read(|tx| cases::get(tx, id));
    assert_eq!(case.version, 1 + wins.load(Ordering::SeqCst));
    let events = bench.read(|tx| anlan_store::events::of_case(tx, id));
    assert_eq!(events.len(), usize::try_from(case.version).unwrap());
    assert_eq!(bench.read(|tx| cases::replay(tx, id)), Some(case));
}

#[test]
fn a_stale_case_is_a_conflict_and_an_unknown_one_is_missing() {
    let bench = Bench::new();
    let case = bench.open(&Sketch::default());
    let stale = case.clone();
    bench
        .write(move |tx| cases::record(tx, &case, &[Event::NoteAdded { note: "first".into() }], &stamp(1)))
        .unwrap();
    let note = [Event::NoteAdded {
        note: "second".into(),
    }];
    let mut gone = stale.clone();
    gone.id = anlan_model::ids::CaseId(99);
    let answer = bench.write({
        let note = note.clone();
        move |tx| cases::record(tx, &stale, &note, &stamp(2))
    });
    assert!(matches!(answer, Err(Error::Conflict)));
    let answer = bench.write(move |tx| cases::record(tx, &gone, &note, &stamp(2)));
    assert!(matches!(answer, Err(Error::Missing { .. })));
}

#[test]
fn a_known_sender_id_writes_nothing_and_the_unit_goes_on() {
    let bench = Bench::new();
    let sketch = Sketch {
        external_id: Some("A-1".into()),
        ..Sketch::default()
    };
    let first = bench.open(&sketch);
    let again = sketch.clone();
    let known = bench.write(move |tx| {
        let before = tx.statements();
        let answer = again.open(tx);
        assert_eq!(tx.statements() - before, 2, "one try and one look");
        Sketch {
            title: "another".into(),
            ..Sketch::default()
        }
        .open(tx)?;
        Ok(answer)
    });
    assert!(matches!(known.unwrap(), Err(Error::Known { case, .. }) if case == first.id));
    assert_eq!(bench.read(|tx| cases::count(tx, &everything())), 2);
    assert_eq!(bench.read(anlan_store::events::last), 2);
}

#[test]
fn one_report_costs_six_statements_at_most() {
    let bench = Bench::new();
    let statements = bench.write(|tx| {
        let contact = anlan_model::incoming::Contact {
            name: Some("王某".into()),
            ..Default::default()
        };
        anlan_store::contacts::insert(tx, &contact)?;
        let before = tx.statements();
        Sketch {
            track: Some([1; 32]),
            ..Sketch::default()
        }
        .open(tx)?;
        assert_eq!(tx.statements() - before, 4);
        accesses::append(tx, &access())?;
        Ok(tx.statements())
    });
    assert_eq!(statements.unwrap(), 6);
}

#[test]
fn events_and_accesses_can_only_be_added_to() {
    let bench = Bench::new();
    bench.open(&Sketch::default());
    bench.write(|tx| accesses::append(tx, &access())).unwrap();
    for sql in [
        "UPDATE events SET at = 0",
        "DELETE FROM events",
        "UPDATE accesses SET at = 0",
        "DELETE FROM accesses",
    ] {
        let answer = bench.write(move |tx| tx.exec(sql, &[]));
        assert!(matches!(answer, Err(Error::Sql(_))), "{sql}: {answer:?}");
    }
    assert_eq!(bench.read(anlan_store::events::last), 1);
}

#[test]
fn after_close_writes_are_refused_and_reads_go_on() {
    let mut bench = Bench::new();
    bench.open(&Sketch::default());
    bench.stop();
    assert!(matches!(bench.write(|_| Ok(())), Err(Error::Unavailable(_))));
    assert_eq!(bench.read(|tx| cases::count(tx, &everything())), 1);
}

#[test]
fn a_writer_that_died_answers_instead_of_hanging() {
    let folder = tempfile::tempdir().unwrap();
    let (store, writer) = Store::open(&config(folder.path().join("anlan.db"))).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| store.write(|_| Ok::<_, Error>(())));
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(writer);
        assert!(matches!(waiting.join().unwrap(), Err(Error::Unavailable(_))));
    });
    assert!(matches!(
        store.write(|_| Ok::<_, Error>(())),
        Err(Error::Unavailable(_))
    ));
}

#[test]
fn readers_cannot_write() {
    let bench = Bench::new();
    let answer = bench.store.read(|tx| tx.exec("DELETE FROM classes", &[]));
    assert!(matches!(answer, Err(Error::Sql(_))));
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let bench = Bench::new();
    bench.open(&Sketch::default());
    let pages = bench
        .write(|tx| tx.query_one("PRAGMA page_count", &[], |row| row.int(0)))
        .unwrap()
        .unwrap();
    bench
        .write(move |tx| tx.query(&format!("PRAGMA max_page_count = {}", pages + 2), &[], |_| Ok(())))
        .unwrap();
    let big = "x".repeat(1 << 20);
    let answer = bench.write({
        let big = big.clone();
        move |tx| settings::put(tx, "big", &big, &stamp(0))
    });
    assert!(matches!(answer, Err(Error::Full)), "{answer:?}");
    assert!(bench.read(|tx| settings::latest(tx, "big")).is_none());
    bench
        .write(|tx| tx.query("PRAGMA max_page_count = 1000000", &[], |_| Ok(())))
        .unwrap();
    bench
        .write(move |tx| settings::put(tx, "big", &big, &stamp(0)))
        .unwrap();
}

#[test]
fn the_log_is_brought_home_beside_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anlan.db");
    let (store, mut writer) = Store::open(&support::config(path.clone())).unwrap();
    let home = writer.checkpointer().unwrap();
    let threads = [
        std::thread::Builder::new().spawn(move || writer.run()).unwrap(),
        std::thread::Builder::new().spawn(move || home.run()).unwrap(),
    ];
    let at_first = std::fs::metadata(&path).unwrap().len();
    let grown = || std::fs::metadata(&path).unwrap().len() > at_first;
    for round in 0..200 {
        store
            .write(|tx| (0..300).try_for_each(|_| Sketch::default().open(tx).map(|_| ())))
            .unwrap();
        if grown() {
            assert!(round > 0, "not before there is something to bring");
            break;
        }
    }
    assert!(grown(), "the database has grown while the writer went on");
    store.close();
    for thread in threads {
        thread.join().unwrap();
    }
    let log = folder.path().join("anlan.db-wal");
    assert_eq!(std::fs::metadata(log).map_or(0, |found| found.len()), 0);
}
