//! Verifying: a whole log and its rows are found right, and whatever is changed in either is named.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must fail")]

mod support;

use anlan_model::ids::CaseId;
use anlan_store::accesses;
use anlan_store::logs::{self, Compared, Fault, Keeper};
use anlan_tlog::bundles;
use anlan_tlog::notes::Signer;
use anlan_tlog::tiles;
use std::fs;
use support::Bench;
use support::logs::{NAME, bench, change, folder, look, meddle, signer};

fn signed(entries: i64) -> Bench {
    let bench = bench();
    look(&bench, entries);
    Keeper::open(&bench.store, signer()).unwrap().follow().unwrap();
    bench
}

fn compared(bench: &Bench) -> Result<Compared, Fault> {
    logs::verify(&bench.store, None, signer().key(), &mut |_, _| {})
}

fn outside(bench: &Bench) -> Result<u64, Fault> {
    let mut last = 0;
    let mut told = |done, all| {
        assert!(last <= done && done <= all);
        last = done;
    };
    logs::verify_folder(&folder(bench), signer().key(), &mut told).map(|head| head.size)
}

#[test]
fn a_whole_log_is_right_from_outside_and_from_inside() {
    for entries in [0, 1, 255, 256, 257, 700] {
        let bench = signed(entries);
        assert_eq!(outside(&bench).unwrap(), entries.unsigned_abs());
        look(&bench, 7);
        bench.write(|tx| accesses::erase_key(tx, CaseId(2))).unwrap();
        look(&bench, 9);
        let found = compared(&bench).unwrap();
        assert_eq!(found.head.size, entries.unsigned_abs());
        assert_eq!((found.accesses, found.before), (entries.unsigned_abs() + 16, 0));
        assert_eq!((found.chains, found.erased), (2, 1));
    }
}

#[test]
fn rows_from_before_are_no_entries() {
    let mut bench = bench();
    look(&bench, 5);
    bench.stop();
    support::back_to(4, &bench.path());
    bench.start_again();
    look(&bench, 10);
    Keeper::open(&bench.store, signer()).unwrap().follow().unwrap();
    let found = compared(&bench).unwrap();
    assert_eq!((found.head.size, found.accesses, found.before), (10, 10, 5));
    assert_eq!(found.chains, 3, "each was looked at and has a key now");
}

#[test]
fn every_changed_tile_and_bundle_is_named() {
    let bench = signed(700);
    let paths = tiles::of_tree(700)
        .map(tiles::Tile::path)
        .chain(bundles::of_log(700).map(bundles::Bundle::path))
        .chain(["checkpoint".to_owned()]);
    for path in paths {
        let before = fs::read(folder(&bench).join(&path)).unwrap();
        for harm in [
            (|bytes: &mut Vec<u8>| bytes[17] ^= 4) as fn(&mut Vec<u8>),
            |bytes| bytes.truncate(bytes.len() - 1),
            |bytes| bytes.extend_from_slice(&[0; 32]),
            |bytes| bytes.clear(),
        ] {
            change(&bench, &path, harm);
            for told in [outside(&bench).unwrap_err(), compared(&bench).unwrap_err()] {
                // A changed entry shows in the tile beside its bundle.
                let beside = path.replace("tile/entries", "tile/0");
                let told = told.to_string();
                assert!(
                    told.starts_with(&path) || told.starts_with(&beside),
                    "{path}: {told}"
                );
            }
            fs::write(folder(&bench).join(&path), &before).unwrap();
        }
        fs::remove_file(folder(&bench).join(&path)).unwrap();
        assert!(
            outside(&bench).unwrap_err().to_string().starts_with(&path),
            "{path}"
        );
        fs::write(folder(&bench).join(&path), &before).unwrap();
    }
    assert_eq!(outside(&bench).unwrap(), 700);
    let other = Signer::new(NAME.parse().unwrap(), &[9; 32]);
    let told = logs::verify_folder(&folder(&bench), other.key(), &mut |_, _| {}).unwrap_err();
    assert!(told.to_string().starts_with("checkpoint: "), "{told}");
}

#[test]
fn every_changed_row_is_named() {
    let set = |change: &str| format!("UPDATE accesses SET {change} WHERE seq = 123");
    let fields = [
        ("at = at + 1", "`time`"),
        ("actor = 4711", "`actor`"),
        ("actor = NULL", "`actor`"),
        ("action = 'case.move'", "`action`"),
        ("resource = 'photo', resource_id = '3'", "`resource`"),
        ("purpose = 'audit'", "`purpose`"),
        ("purpose = 'fun'", "access 123"),
        ("allowed = 0", "`allowed`"),
        ("count = 2", "`count`"),
        ("count = -1", "`count`"),
        ("place = NULL", "place"),
        ("place = place + 1", "place"),
        ("leaf = NULL", "no leaf"),
        (
            "leaf = CAST(replace(CAST(leaf AS TEXT), 'true', 'false') AS BLOB)",
            "`allowed`",
        ),
        ("resource_id = '1'", "about case 1"),
        ("resource_id = '999'", "case"),
        ("resource_id = 'x'", "about no case"),
    ];
    let fields = fields.map(|(change, told)| (set(change), told));
    let others = [
        ("DELETE FROM accesses WHERE seq = 123", "access 123"),
        ("DELETE FROM accesses WHERE seq > 650", "700 entries"),
        ("UPDATE cases SET log_key = NULL WHERE id = 2", "key"),
        (
            "UPDATE cases SET log_key = randomblob(72) WHERE id = 2",
            "the key of case 2",
        ),
        (
            "UPDATE cases SET log_key = (SELECT log_key FROM cases WHERE id = 1) WHERE id = 2",
            "the key of case 2",
        ),
        ("UPDATE cases SET log_key = x'01' WHERE id = 2", "too short"),
        ("UPDATE log_begins SET seq = 2", ""),
        (
            "UPDATE accesses SET actor = 1, leaf = (SELECT leaf FROM accesses WHERE seq = 122) WHERE seq = 123",
            "",
        ),
    ];
    let others = others.map(|(sql, told)| (sql.to_owned(), told));
    for (sql, told) in fields.into_iter().chain(others) {
        let bench = signed(700);
        compared(&bench).unwrap();
        meddle(&bench, &sql);
        let fault = compared(&bench).unwrap_err().to_string();
        assert!(fault.contains(told), "{sql}: {fault}");
    }
}

#[test]
fn a_log_that_was_signed_over_changed_rows_does_not_hide_it() {
    // The rows were changed before they were signed: log and leaves agree, the case's chain does not.
    let bench = bench();
    look(&bench, 50);
    meddle(
        &bench,
        "DELETE FROM accesses WHERE seq = 23; UPDATE accesses SET seq = seq - 1 WHERE seq > 23",
    );
    Keeper::open(&bench.store, signer()).unwrap().follow().unwrap();
    assert_eq!(outside(&bench).unwrap(), 49);
    let fault = compared(&bench).unwrap_err().to_string();
    assert!(fault.contains("about case"), "{fault}");
}
