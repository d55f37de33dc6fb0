//! The writer has the ends of cases' chains at hand from one unit of work to the next. Whatever happens between two looks at
//! a case (units that fail, keys that are erased, accounts that move, another process that writes), each entry follows
//! on the one that is in the database.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set up must fail, and a unit of work here breaks off on purpose"
)]

mod support;

use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::{AccountId, CaseId};
use anlan_store::logs::{self, Keeper};
use anlan_store::{Error, Tx, accesses};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::logs::signer;
use support::{Bench, Sketch, at, started};

/// A unit of work that has to do with a case's chain.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Notes so many looks.
    Look(u8),
    /// Notes a look, then one at every case, as a merge does at two.
    LookAround,
    /// Opens a case and looks at it.
    Open,
    /// Fails before it has written.
    Refused,
    /// Fails after a look.
    Fails,
    /// Breaks off after a look.
    Panics,
    /// Opens a case, erases the key of another, and fails.
    ErasesAndFails,
    /// Erases the key, after a look.
    Erases,
}

const CASES: i64 = 3;

fn look(case: CaseId, actor: i64) -> Access {
    Access {
        at: at(actor),
        actor: Some(AccountId(actor)),
        post: None,
        office: None,
        action: "case.read".into(),
        resource: "case".into(),
        resource_id: case.to_string(),
        purpose: Purpose::Case,
        allowed: true,
        count: 1,
    }
}

fn take(tx: &mut Tx<'_>, case: CaseId, step: Step) -> Result<(), Error> {
    match step {
        Step::Look(times) => (0..times).try_for_each(|_| accesses::append(tx, &look(case, 1))),
        Step::LookAround => {
            accesses::append(tx, &look(case, 1))?;
            (1..=CASES).try_for_each(|other| accesses::append(tx, &look(CaseId(other), 2)))
        }
        Step::Open => {
            let (new, _) = Sketch::default().open(tx)?;
            accesses::append(tx, &look(new.id, 1))
        }
        Step::Refused => Err(Error::Conflict),
        Step::Fails => {
            accesses::append(tx, &look(case, 1))?;
            Err(Error::Conflict)
        }
        Step::Panics => {
            accesses::append(tx, &look(case, 1))?;
            panic!("on purpose")
        }
        Step::ErasesAndFails => {
            Sketch::default().open(tx)?;
            accesses::erase_key(tx, case)?;
            accesses::append(tx, &look(case, 1))?;
            Err(Error::Conflict)
        }
        Step::Erases => {
            accesses::append(tx, &look(case, 1))?;
            accesses::erase_key(tx, case).map(drop)
        }
    }
}

/// The rows of a case: its place, and whether the leaf has a subject.
fn rows(bench: &Bench, case: i64) -> Vec<(Option<i64>, bool)> {
    let sql = "SELECT place, leaf FROM accesses WHERE resource = 'case' AND resource_id = ?1 ORDER BY seq";
    let id = case.to_string();
    bench.read(|tx| {
        tx.query(sql, &[(&id).into()], |row| {
            let leaf = accesses::Leaf::decode(row.blob(1)?)?;
            Ok((row.find_int(0)?, leaf.subject.is_some()))
        })
    })
}

/// Every leaf is its row's, and every chain whole: as an outsider with the keys sees it. How many keys were erased.
fn verified(bench: &Bench) -> u64 {
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    keeper.follow().unwrap();
    let found = logs::verify(&bench.store, None, signer().key(), &mut |_, _| {}).unwrap();
    found.erased
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..4_u8).prop_map(Step::Look),
        2 => Just(Step::LookAround),
        2 => Just(Step::Open),
        1 => Just(Step::Refused),
        2 => Just(Step::Fails),
        1 => Just(Step::Panics),
        2 => Just(Step::ErasesAndFails),
        1 => Just(Step::Erases),
    ]
}

/// Units that wait side by side run in one transaction; where one of them fails, the others run again.
fn side_by_side(bench: &Bench, units: &[(i64, Step)]) -> Vec<bool> {
    std::thread::scope(|scope| {
        let all: Vec<_> = units
            .iter()
            .map(|&(case, step)| {
                scope.spawn(move || bench.write(move |tx| take(tx, CaseId(case), step)).is_ok())
            })
            .collect();
        all.into_iter().map(|unit| unit.join().unwrap()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_follows_on_the_one_in_the_database(
        rounds in prop::collection::vec(prop::collection::vec((1..=CASES, steps()), 1..6), 1..14),
    ) {
        let bench = Bench::new();
        (0..CASES).for_each(|_| drop(bench.open(&Sketch::default())));
        let mut looks: BTreeMap<i64, i64> = BTreeMap::new();
        let mut erased: BTreeMap<i64, usize> = BTreeMap::new();
        for round in &rounds {
            let done = side_by_side(&bench, round);
            for (&(case, step), is_done) in round.iter().zip(done) {
                let fails = matches!(step, Step::Refused | Step::Fails | Step::Panics | Step::ErasesAndFails);
                prop_assert_eq!(is_done, !fails);
                let mut add = |case, times| *looks.entry(case).or_default() += times;
                match step {
                    Step::Look(times) => add(case, i64::from(times)),
                    Step::LookAround => (1..=CASES).chain([case]).for_each(|case| add(case, 1)),
                    Step::Erases => add(case, 1),
                    _ => {}
                }
                if matches!(step, Step::Erases) {
                    erased.entry(case).or_insert(usize::MAX);
                }
            }
            // From the next round on nothing tells of the case.
            for (case, rows_then) in erased.iter_mut().filter(|(_, rows)| **rows == usize::MAX) {
                *rows_then = rows(&bench, *case).len();
            }
        }
        for case in 1..=CASES {
            let found = rows(&bench, case);
            prop_assert_eq!(found.len(), usize::try_from(looks.get(&case).copied().unwrap_or(0)).unwrap());
            let chained = found.iter().filter(|(place, _)| place.is_some()).count();
            let places: Vec<i64> = found.iter().filter_map(|(place, _)| *place).collect();
            prop_assert_eq!(places, (0..i64::try_from(chained).unwrap()).collect::<Vec<_>>());
            match erased.get(&case) {
                None => prop_assert_eq!(chained, found.len()),
                Some(then) => prop_assert!(found[*then..].iter().all(|row| *row == (None, false))),
            }
        }
        prop_assert_eq!(verified(&bench), u64::try_from(erased.len()).unwrap());
    }
}

#[test]
fn what_another_process_has_written_is_followed_on() {
    let bench = Bench::new();
    let case = bench.open(&Sketch::default()).id;
    let (other, hand) = started(bench.path());
    for _ in 0..3 {
        bench
            .write(move |tx| accesses::append(tx, &look(case, 1)))
            .unwrap();
        other
            .write(move |tx| accesses::append(tx, &look(case, 2)))
            .unwrap();
    }
    let places: Vec<_> = rows(&bench, case.0).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, (0..6).map(Some).collect::<Vec<_>>());
    assert_eq!(verified(&bench), 0);
    other.write(move |tx| accesses::erase_key(tx, case)).unwrap();
    bench
        .write(move |tx| accesses::append(tx, &look(case, 1)))
        .unwrap();
    assert_eq!(rows(&bench, case.0).last(), Some(&(None, false)));
    other.close();
    hand.join().unwrap();
}
