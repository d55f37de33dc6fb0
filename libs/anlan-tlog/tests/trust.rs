//! Policies, and proof files verified by them without a network: who is believed and why not.
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

mod signed;

use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, Signer};
use anlan_tlog::policies::{Doubt, LINES_MAX, Policy, PolicyFault};
use anlan_tlog::proof_files::{ProofFile, Unproved};
use anlan_tlog::proofs::Plan;
use anlan_tlog::trees::{Head, Tree};
use proptest::prelude::*;
use signed::{cosigner, head, signed, signer};

const LATER: u64 = 1_900_000_000;

fn key(seed: u8) -> String {
    cosigner(&format!("w.example/{seed}"), seed).key().to_string()
}

fn log_key() -> String {
    signer("log.example/a", 1).key().to_string()
}

/// The specification's example: two of X, one of Y.
fn example() -> String {
    let named = [
        ("X1", 11),
        ("X2", 12),
        ("X3", 13),
        ("Y1", 21),
        ("Y2", 22),
        ("Y3", 23),
    ];
    let witnesses = named.map(|(name, seed)| format!("witness {name} \t{}\n", key(seed)));
    let groups = "group X-witnesses 2 X1 X2 X3\n group Y-witnesses any Y1 Y2 Y3 \n";
    let quorum = "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";
    let log = log_key();
    format!(
        "# two of X, and one of Y\nlog {log}\n\n{}{groups}{quorum}",
        witnesses.concat()
    )
}

/// A checkpoint cosigned by these at their own seed as the time.
fn cosigned(seeds: &[u8]) -> Note {
    let mut note = Checkpoint::new("log.example/a", head(9))
        .unwrap()
        .sign(&signer("log.example/a", 1))
        .unwrap();
    for seed in seeds {
        let cosigner = cosigner(&format!("w.example/{seed}"), *seed);
        note.add(cosigner.cosign(&note, u64::from(*seed)).unwrap());
    }
    note
}

#[test]
fn the_example_of_the_specification_counts_groups() {
    let policy: Policy = example().parse().unwrap();
    let reached = |seeds: &[u8]| policy.believe(&cosigned(seeds), LATER).is_ok();
    assert!(reached(&[11, 12, 21]) && reached(&[13, 11, 22, 23]) && reached(&[11, 12, 13, 21, 22, 23, 99]));
    assert!(!reached(&[]) && !reached(&[11, 21]) && !reached(&[11, 12, 13]) && !reached(&[21, 22, 23, 11]));
    let believed = policy.believe(&cosigned(&[21, 12, 11, 99]), LATER).unwrap();
    let names = [("X1", 11), ("X2", 12), ("Y1", 21)].map(|(name, time)| (name.to_owned(), time));
    assert_eq!(
        (believed.cosigned.as_slice(), believed.head),
        (names.as_slice(), head(9))
    );
    let doubt = policy.believe(&cosigned(&[11, 22]), LATER).unwrap_err();
    assert_eq!(
        doubt.to_string(),
        "the quorum `X-and-Y` is not reached; 2 of 6 witnesses have cosigned"
    );
    assert!(
        policy.believe(&cosigned(&[11, 12, 21]), 20).is_err(),
        "a cosignature from the future does not count"
    );
    assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 6));
}

#[test]
fn a_log_has_to_sign_for_its_own_origin() {
    let policy: Policy = format!(
        "log {}\nlog {} https://b.example/\nquorum none\n",
        log_key(),
        signer("log.example/b", 2).key()
    )
    .parse()
    .unwrap();
    assert!(policy.believe(&cosigned(&[]), 0).is_ok());
    let of = |origin: &str, signer: Signer| {
        let checkpoint = Checkpoint::new(origin, head(9)).unwrap();
        checkpoint.sign(&signer).unwrap()
    };
    let swapped = of("log.example/b", signer("log.example/a", 1));
    assert_eq!(
        policy.believe(&swapped, 0),
        Err(Doubt::Log("log.example/b".into()))
    );
    let unknown = of("log.example/c", signer("log.example/c", 3));
    assert!(matches!(policy.believe(&unknown, 0), Err(Doubt::Signatures(_))));
    let mut text = Note::new("no checkpoint\n").unwrap();
    text.add(signer("log.example/a", 1).sign(&text));
    assert!(matches!(policy.believe(&text, 0), Err(Doubt::Checkpoint(_))));
    let empty = Checkpoint::new("log.example/a", head(0))
        .unwrap()
        .sign(&signer("log.example/a", 1))
        .unwrap();
    assert_eq!(policy.believe(&empty, 0), Err(Doubt::EmptyRoot));
    let witness_only: Policy = format!("witness w {}\nquorum w\n", key(11)).parse().unwrap();
    assert_eq!(
        witness_only.believe(&cosigned(&[11]), LATER),
        Err(Doubt::Log("log.example/a".into()))
    );
}

#[test]
fn wrong_policies_are_refused_with_the_line() {
    let (a, b) = (key(11), key(12));
    let two = format!("witness a {a}\nwitness b {b}\n");
    let long = "\n".repeat(LINES_MAX) + "quorum none\n";
    let same_key = cosigner("another.name", 11).key().to_string();
    for (text, line, fault) in [
        (String::new(), 0, PolicyFault::NoQuorum),
        ("# nothing\n".into(), 1, PolicyFault::NoQuorum),
        ("quorum none".into(), 1, PolicyFault::Cut),
        ("quorum none\r\n".into(), 1, PolicyFault::Control),
        ("quorum none\nquorum none\n".into(), 2, PolicyFault::SecondQuorum),
        ("quorum a\n".into(), 1, PolicyFault::Undefined("a".into())),
        (
            format!("quorum a\nwitness a {a}\n"),
            1,
            PolicyFault::Undefined("a".into()),
        ),
        ("quorum none none\n".into(), 1, PolicyFault::Form),
        ("Quorum none\n".into(), 1, PolicyFault::Form),
        (format!("log {}\n", key(11)), 1, PolicyFault::Algorithm(4)),
        (format!("witness a {}\n", log_key()), 1, PolicyFault::Algorithm(1)),
        (
            format!("witness a {a}\nwitness b {same_key}\n"),
            2,
            PolicyFault::DuplicateKey,
        ),
        (
            format!("witness a {a}\nwitness a {b}\n"),
            2,
            PolicyFault::Taken("a".into()),
        ),
        (
            format!("witness none {a}\n"),
            1,
            PolicyFault::Taken("none".into()),
        ),
        (format!("{two}group a all b\n"), 3, PolicyFault::Taken("a".into())),
        (
            format!("{two}group g all a c\n"),
            3,
            PolicyFault::Undefined("c".into()),
        ),
        (
            format!("{two}group g all g\n"),
            3,
            PolicyFault::Undefined("g".into()),
        ),
        (
            format!("{two}group g all none\n"),
            3,
            PolicyFault::Undefined("none".into()),
        ),
        (
            format!("{two}group g any a a\n"),
            3,
            PolicyFault::Again("a".into()),
        ),
        (
            format!("{two}group g any a\ngroup h any a b\n"),
            4,
            PolicyFault::Again("a".into()),
        ),
        (format!("{two}group g 0 a b\n"), 3, PolicyFault::Threshold(2)),
        (format!("{two}group g 3 a b\n"), 3, PolicyFault::Threshold(2)),
        (format!("{two}group g 01 a b\n"), 3, PolicyFault::Threshold(2)),
        (format!("{two}group g any\n"), 3, PolicyFault::Form),
        (long, LINES_MAX + 1, PolicyFault::TooMany),
    ] {
        let error = text.parse::<Policy>().unwrap_err();
        assert_eq!((error.line, error.fault), (line, fault), "{text}");
    }
}

#[test]
fn an_entry_is_proved_by_its_file_alone() {
    let entries: Vec<Vec<u8>> = (0..300_u32).map(|number| number.to_be_bytes().to_vec()).collect();
    let mut tree = Tree::new();
    let new = tree
        .grow(entries.iter().map(|entry| Hash::of_leaf(entry)))
        .unwrap();
    let tiles = new
        .into_iter()
        .map(|new| (new.tile, new.bytes))
        .collect::<std::collections::HashMap<_, _>>();
    let mut checkpoint = Checkpoint::new("log.example/a", tree.head())
        .unwrap()
        .sign(&signer("log.example/a", 1))
        .unwrap();
    for seed in [11, 12, 21] {
        checkpoint.add(
            cosigner(&format!("w.example/{seed}"), seed)
                .cosign(&checkpoint, 5)
                .unwrap(),
        );
    }
    let policy: Policy = example().parse().unwrap();
    for (index, entry) in (0..).zip(&entries) {
        let proof = Plan::inclusion(index, 300).unwrap().prove(&tiles).unwrap();
        let file = ProofFile {
            extra: None,
            index,
            proof,
            checkpoint: checkpoint.clone(),
        };
        let read: ProofFile = file.to_string().parse().unwrap();
        let believed = read.verify(entry, &policy, LATER).unwrap();
        assert_eq!(
            (believed.origin.as_str(), believed.head),
            ("log.example/a", tree.head())
        );
        assert!(matches!(
            read.verify(b"another", &policy, LATER),
            Err(Unproved::Inclusion(_))
        ));
        assert!(matches!(
            read.verify(entry, &policy, 4),
            Err(Unproved::Checkpoint(_))
        ));
    }
    let other = ProofFile {
        extra: None,
        index: 0,
        proof: Vec::new(),
        checkpoint: signed(),
    };
    let of_log: Policy = format!("log {}\nquorum none\n", log_key()).parse().unwrap();
    assert!(matches!(
        other.verify(b"", &of_log, LATER),
        Err(Unproved::Inclusion(_))
    ));
    assert_eq!(Head::EMPTY.root, Hash::EMPTY_ROOT);
}

proptest! {
    #[test]
    fn reading_any_policy_is_no_panic_and_what_is_read_is_written(
        lines in prop::collection::vec((0..8_usize, 0..4_usize, 0..4_usize, 0..5_usize), 0..12),
    ) {
        let names = ["a", "b", "c", "none"];
        let names = |at: usize| *names.get(at).unwrap();
        let lines = lines.into_iter().map(|(kind, one, two, number)| match (kind, names(one), names(two)) {
            (0, ..) => format!("log {}\n", log_key()),
            (1..=3, one, _) => {
                format!("witness {one} {} https://w.example/\n", key(u8::try_from(number).unwrap()))
            }
            (4, one, two) => format!("group {one} any {two}\n"),
            (5, one, two) => format!("group {one} {number} {two} a b\n"),
            (6, one, _) => format!("quorum {one}\n"),
            (_, one, _) => format!("# {one}\n\t\n"),
        });
        let text = lines.collect::<Vec<_>>().concat();
        if let Ok(policy) = text.parse::<Policy>() {
            prop_assert_eq!(policy.to_string().parse::<Policy>(), Ok(policy));
        }
    }
}
