//! Counts equal a recount from the cases, whatever happened to them, and a batch writes each key once.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod support;

use anlan_model::cases::{Case, Clocks, Phase};
use anlan_model::classes::Priority;
use anlan_model::events::{Event, Moved};
use anlan_model::ids::{CaseId, CellId};
use anlan_model::incoming::Channel;
use anlan_model::places::Place;
use anlan_store::reports::{Facts, NewReport};
use anlan_store::{cases, counts};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{Bench, Sketch, at, moved, stamp};

fn place(cell: u8, is_default_point: bool) -> Place {
    Place {
        cell: (cell > 0).then_some(CellId(i64::from(cell))),
        is_default_point,
        ..Place::default()
    }
}

fn voided(case: &Case) -> Event {
    let Event::CaseMoved(mut to) = moved(case, "void") else {
        unreachable!("a move is a move")
    };
    to.phase = Phase::Void;
    Event::CaseMoved(Box::new(Moved { ..*to }))
}

/// A step: which case, what, where, and whether its point is a stand-in.
type Step = (u8, u8, u8, bool);

fn open(bench: &Bench, step: Step, number: usize) -> Case {
    let (_, _, cell, flag) = step;
    bench
        .write(move |tx| {
            let second = i64::try_from(number).unwrap() * 1_700;
            let mut opened = Sketch::default().opened();
            opened.place = place(cell, flag);
            opened.opened_at = at(second);
            opened.is_marked_duplicate = cell == 2;
            if cell == 3 {
                (opened.channel, opened.source) = (Channel::Import, "boston-2011".into());
            }
            let facts = BTreeMap::new();
            let report = NewReport {
                channel: opened.channel,
                source: &opened.source,
                external_id: None,
                description: "",
                reported_at: at(second),
                received_at: at(second),
                facts: &Facts::new(&facts)?,
                contact: None,
                track: None,
            };
            let new = cases::NewCase {
                beginning: &cases::Beginning::new(opened.clone(), "", stamp(second))?,
                report,
            };
            Ok(cases::open(tx, new)?.0)
        })
        .unwrap()
}

fn change(bench: &Bench, case: &Case, step: Step) -> Case {
    let (_, what, cell, flag) = step;
    let event = match what {
        0 => moved(case, "handle"),
        1 => voided(case),
        2 => Event::CaseReclassified {
            class: format!("c0100{cell}").as_str().into(),
            priority: Priority::P1,
            office: None,
            route: None,
            clocks: Clocks::default(),
        },
        3 => Event::CasePlaced {
            place: place(cell, flag),
            office: None,
            route: None,
        },
        _ => Event::CaseMerged {
            into: CaseId(1),
            state: "void".into(),
        },
    };
    let before = case.clone();
    bench
        .write(move |tx| cases::record(tx, &before, std::slice::from_ref(&event), &stamp(9)))
        .unwrap()
}

fn split(bench: &Bench, case: &Case) -> Case {
    let mut opened = Sketch::default().opened();
    opened.place = case.place.clone();
    opened.class.clone_from(&case.class);
    bench
        .write(move |tx| cases::open_for_reports(tx, &opened, &stamp(11)))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn counts_equal_a_recount(steps in prop::collection::vec((0..6_u8, 0..7_u8, 0..4_u8, any::<bool>()), 1..40)) {
        let bench = Bench::new();
        let mut all: Vec<Case> = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            let at = usize::from(step.0);
            let made = match all.get(at) {
                None => open(&bench, *step, number),
                Some(case) if step.1 == 5 => split(&bench, case),
                Some(case) => {
                    let now = change(&bench, case, *step);
                    all[at] = now;
                    continue;
                }
            };
            all.push(made);
        }
        let (kept, recounted) = bench.read(|tx| Ok((counts::between(tx, i64::MIN, i64::MAX)?, counts::recount(tx)?)));
        let cases: i64 = kept.iter().map(|count| count.count).sum();
        let counted = all.iter().filter(|case| case.phase != Phase::Void).count();
        prop_assert_eq!(usize::try_from(cases).unwrap(), counted);
        prop_assert_eq!(kept, recounted);
    }
}

#[test]
fn a_batch_writes_each_key_once() {
    let bench = Bench::new();
    let before = bench.store.statements();
    bench
        .write(|tx| {
            for _ in 0..50 {
                Sketch::default().open(tx)?;
            }
            Ok(())
        })
        .unwrap();
    // Report, case, event, words; fifty cases of one class, cell and hour are one count.
    assert_eq!(bench.store.statements() - before, 50 * 4 + 1);
    let kept = bench.read(|tx| counts::between(tx, 0, i64::MAX));
    assert_eq!(kept.iter().map(|count| count.count).collect::<Vec<_>>(), [50]);
}

#[test]
fn a_unit_that_fails_leaves_no_count() {
    let bench = Bench::new();
    let failed = bench.write(|tx| {
        Sketch::default().open(tx)?;
        Err::<(), _>(anlan_store::Error::Conflict)
    });
    assert!(failed.is_err());
    assert_eq!(bench.read(counts::reach), None);
}

#[test]
fn an_older_database_gets_its_counts_from_its_cases() {
    let mut bench = Bench::new();
    for second in [0, 10, 4000, -7_000_000_000] {
        bench.open(&Sketch {
            second,
            ..Sketch::default()
        });
    }
    let kept = bench.read(|tx| counts::between(tx, i64::MIN, i64::MAX));
    bench.stop();
    support::back_to(1, &bench.path());
    let (store, writer) = anlan_store::Store::open(&support::config(bench.path())).unwrap();
    drop(writer);
    let filled: Vec<counts::Count> = store.read(|tx| counts::between(tx, i64::MIN, i64::MAX)).unwrap();
    assert_eq!(filled, kept);
    assert_eq!(filled.len(), 3);
}
