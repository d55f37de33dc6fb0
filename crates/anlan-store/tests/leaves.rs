//! The public form of accesses: durable with its unit, one after another without gaps, a chain for each case, and nothing
//! in it that names anybody.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must fail")]

mod support;

use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::{AccountId, CaseId};
use anlan_store::accesses::{self, Leaf};
use anlan_store::{Error, Tx, cases};
use anlan_tlog::commitments::{Chained, Commitment, Link, SubjectKey};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use support::{Bench, Sketch, at};

fn look(kind: &str, case: CaseId, second: i64) -> Access {
    Access {
        at: at(second),
        actor: Some(AccountId(40_961)),
        post: None,
        office: None,
        action: "case.read".into(),
        resource: kind.into(),
        resource_id: case.to_string(),
        purpose: Purpose::Case,
        allowed: true,
        count: 1,
    }
}

/// Row, leaf, place.
type Kept = (i64, Option<Vec<u8>>, Option<i64>);

fn rows(bench: &Bench) -> Vec<Kept> {
    let sql = "SELECT seq, leaf, place FROM accesses ORDER BY seq";
    bench.read(|tx| {
        tx.query(sql, &[], |row| {
            Ok((
                row.int(0)?,
                row.find_blob(1)?.map(<[u8]>::to_vec),
                row.find_int(2)?,
            ))
        })
    })
}

fn key(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<u8>, Error> {
    let sql = "SELECT log_key FROM cases WHERE id = ?1";
    let found = tx.query_one(sql, &[case.into()], |row| {
        Ok(row.find_blob(0)?.map(<[u8]>::to_vec))
    })?;
    Ok(found
        .flatten()
        .map(|wrapped| unwrapped(&wrapped, case))
        .unwrap_or_default())
}

/// The key as only the node's key opens it; opened here by other code than the store's.
fn unwrapped(wrapped: &[u8], case: CaseId) -> Vec<u8> {
    if wrapped.is_empty() {
        return Vec::new();
    }
    let (nonce, sealed) = wrapped.split_first_chunk::<24>().unwrap();
    let aad = [b"log key".as_slice(), &case.0.to_be_bytes()].concat();
    XChaCha20Poly1305::new(&[7; 32].into())
        .decrypt(
            &XNonce::from(*nonce),
            Payload {
                msg: sealed,
                aad: &aad,
            },
        )
        .unwrap()
}

/// The leaves about a case, as who has its key finds them among all; the chain over them is whole.
fn found_by_key(bench: &Bench, case: CaseId) -> Vec<Leaf> {
    let key = bench.read(|tx| key(tx, case));
    let key = SubjectKey::new(key.try_into().unwrap());
    let all = rows(bench).into_iter().filter_map(|(_, leaf, _)| leaf);
    let mut own: Vec<(Leaf, Vec<u8>)> = Vec::new();
    for bytes in all {
        let leaf = Leaf::decode(&bytes).unwrap();
        let place = u64::try_from(own.len()).unwrap().to_be_bytes();
        let is_own = leaf.subject.is_some_and(|subject| {
            key.is_commitment(&Commitment::new(subject), &case.0.to_be_bytes(), &place)
        });
        if is_own {
            own.push((leaf, bytes));
        }
    }
    let chain = own.iter().map(|(leaf, bytes)| Chained {
        previous: Link::new(leaf.previous.unwrap()),
        entry: bytes,
    });
    key.verify_chain(chain, u64::try_from(own.len()).unwrap())
        .unwrap();
    own.into_iter().map(|(leaf, _)| leaf).collect()
}

#[test]
fn an_entry_is_durable_with_its_unit_and_a_unit_rolled_back_leaves_no_gap() {
    let mut bench = Bench::new();
    let case = bench.open(&Sketch::default()).id;
    bench
        .write(move |tx| accesses::append(tx, &look("case", case, 1)))
        .unwrap();
    let refused: Result<(), Error> = bench.write(move |tx| {
        accesses::append(tx, &look("case", case, 2))?;
        Err(Error::Conflict)
    });
    assert!(matches!(refused, Err(Error::Conflict)));
    bench
        .write(move |tx| accesses::append(tx, &look("contact", case, 3)))
        .unwrap();
    let before = rows(&bench);
    assert_eq!(
        before
            .iter()
            .map(|(seq, leaf, place)| (*seq, leaf.is_some(), *place))
            .collect::<Vec<_>>(),
        [(1, true, Some(0)), (2, true, Some(1))]
    );
    bench.stop();
    bench.start_again();
    assert_eq!(rows(&bench), before, "as it was before the restart");
    assert_eq!(found_by_key(&bench, case).len(), 2);
}

#[test]
fn a_leaf_names_nobody() {
    let bench = Bench::new();
    (0..76).for_each(|_| drop(bench.open(&Sketch::default())));
    let case = bench.open(&Sketch::default()).id;
    bench
        .write(move |tx| {
            accesses::append(tx, &look("case", case, 1))?;
            accesses::append(tx, &look("case", case, 2))?;
            let list = Access {
                resource: "cases".into(),
                resource_id: "words=王某".into(),
                actor: None,
                ..look("case", case, 3)
            };
            accesses::append(tx, &list)
        })
        .unwrap();
    let leaves: Vec<Leaf> = rows(&bench)
        .iter()
        .map(|(_, leaf, _)| {
            let bytes = leaf.as_deref().unwrap();
            let text = std::str::from_utf8(bytes).unwrap();
            for told in ["40961", "\"77\"", ":77", "王"] {
                assert!(!text.contains(told), "{text}");
            }
            Leaf::decode(bytes).unwrap()
        })
        .collect();
    let [first, second, list] = &leaves[..] else {
        panic!("three leaves")
    };
    assert_eq!(first.actor, second.actor, "a pseudonym is stable");
    assert_ne!(
        first.subject, second.subject,
        "two looks at one case do not look alike"
    );
    assert!(first.actor.is_some() && list.actor.is_none() && list.subject.is_none());
    assert_eq!(found_by_key(&bench, case), leaves[..2]);
}

#[test]
fn every_case_has_a_chain_of_its_own_over_all_kinds_of_looks() {
    let bench = Bench::new();
    let cases = [
        bench.open(&Sketch::default()).id,
        bench.open(&Sketch::default()).id,
    ];
    for second in 0..24 {
        let kind = ["case", "contact", "photo"][usize::try_from(second).unwrap() % 3];
        // As a merge does: both cases in one unit, now and then.
        bench
            .write(move |tx| {
                accesses::append(tx, &look(kind, cases[0], second))?;
                if second % 4 == 0 {
                    accesses::append(tx, &look("case", cases[1], second))?;
                    accesses::append(tx, &look("case", cases[0], second))?;
                }
                Ok(())
            })
            .unwrap();
    }
    assert_eq!(found_by_key(&bench, cases[0]).len(), 30);
    assert_eq!(found_by_key(&bench, cases[1]).len(), 6);
}

#[test]
fn an_access_costs_one_statement_more_where_the_chain_s_end_is_not_at_hand() {
    let mut bench = Bench::new();
    let case = bench.open(&Sketch::default()).id;
    bench.stop();
    bench.start_again();
    let cost = |access: Access| {
        bench
            .write(move |tx| {
                let before = tx.statements();
                accesses::append(tx, &access)?;
                Ok(tx.statements() - before)
            })
            .unwrap()
    };
    assert_eq!(cost(look("case", case, 1)), 2);
    assert_eq!(cost(look("photo", case, 2)), 1);
    assert_eq!(cost(look("cases", case, 3)), 1);
    let refused: Result<(), Error> = bench.write(move |tx| {
        accesses::append(tx, &look("case", case, 4))?;
        Err(Error::Conflict)
    });
    assert!(refused.is_err());
    assert_eq!(cost(look("case", case, 5)), 2);
    let plan = bench.read(|tx| {
        tx.query(
            "EXPLAIN QUERY PLAN SELECT max(seq) FROM accesses WHERE resource = 'case' AND resource_id = '1'",
            &[],
            |row| Ok(row.text(3)?.to_owned()),
        )
    });
    let is_by_index = |step: &String| step.contains("COVERING INDEX accesses_by_resource");
    assert!(plan.iter().any(is_by_index), "{plan:?}");
}

#[test]
fn an_erased_key_is_gone_and_not_made_anew() {
    let bench = Bench::new();
    let (case, other) = (
        bench.open(&Sketch::default()).id,
        bench.open(&Sketch::default()).id,
    );
    for case in [case, other] {
        bench
            .write(move |tx| accesses::append(tx, &look("case", case, 1)))
            .unwrap();
    }
    let before = rows(&bench);
    assert!(bench.write(move |tx| accesses::erase_key(tx, case)).unwrap());
    assert!(!bench.write(move |tx| accesses::erase_key(tx, case)).unwrap());
    assert!(!bench.write(|tx| accesses::erase_key(tx, CaseId(999))).unwrap());
    for case in [case, other] {
        bench
            .write(move |tx| accesses::append(tx, &look("case", case, 2)))
            .unwrap();
    }
    let after = rows(&bench);
    assert_eq!(after[..2], before, "what was written stays");
    let leaf = Leaf::decode(after[2].1.as_deref().unwrap()).unwrap();
    assert_eq!((leaf.subject, leaf.previous, after[2].2), (None, None, None));
    assert_eq!(bench.read(|tx| key(tx, case)), Vec::<u8>::new());
    assert_eq!(found_by_key(&bench, other).len(), 2);
}

#[test]
fn rows_from_before_have_no_leaf_and_their_cases_get_a_key_at_the_next_look() {
    for release in 1..=4 {
        let mut bench = Bench::new();
        let case = bench.open(&Sketch::default()).id;
        for second in 0..3 {
            bench
                .write(move |tx| accesses::append(tx, &look("case", case, second)))
                .unwrap();
        }
        bench.stop();
        support::back_to(release, &bench.path());
        bench.start_again();
        assert_eq!(bench.read(|tx| key(tx, case)), Vec::<u8>::new());
        for second in 3..5 {
            bench
                .write(move |tx| accesses::append(tx, &look("case", case, second)))
                .unwrap();
        }
        let kept: Vec<(i64, bool, Option<i64>)> = rows(&bench)
            .into_iter()
            .map(|(seq, leaf, place)| (seq, leaf.is_some(), place))
            .collect();
        let expected = [
            (1, false, None),
            (2, false, None),
            (3, false, None),
            (4, true, Some(0)),
            (5, true, Some(1)),
        ];
        assert_eq!(kept, expected, "from release {release}");
        assert_eq!(found_by_key(&bench, case).len(), 2);
        let begins = bench.read(|tx| tx.query_one("SELECT seq FROM log_begins", &[], |row| row.int(0)));
        assert_eq!(begins, Some(4));
        assert!(bench.read(|tx| cases::find(tx, case)).is_some());
    }
}

#[test]
fn keys_that_lay_bare_are_wrapped_once_and_open_the_same_chains() {
    let mut bench = Bench::new();
    let case = bench.open(&Sketch::default()).id;
    let erased = bench.open(&Sketch::default()).id;
    for case in [case, erased] {
        bench
            .write(move |tx| accesses::append(tx, &look("case", case, 1)))
            .unwrap();
    }
    bench.write(move |tx| accesses::erase_key(tx, erased)).unwrap();
    let bare = bench.read(|tx| key(tx, case));
    bench.stop();
    support::back_to(5, &bench.path());
    let old = rusqlite::Connection::open(bench.path()).unwrap();
    old.execute("UPDATE cases SET log_key = ?1 WHERE id = ?2", (&bare, case.0))
        .unwrap();
    drop(old);
    bench.start_again();
    bench
        .write(move |tx| accesses::append(tx, &look("case", case, 2)))
        .unwrap();
    assert_eq!(bench.read(|tx| key(tx, case)), bare);
    assert_eq!(bench.read(|tx| key(tx, erased)), Vec::<u8>::new());
    assert_eq!(found_by_key(&bench, case).len(), 2);
    for file in ["anlan.db", "anlan.db-wal"] {
        let bytes = std::fs::read(bench.folder.path().join(file)).unwrap_or_default();
        assert!(
            !bytes.windows(32).any(|window| window == bare),
            "the bare key lies in {file}"
        );
    }
}
