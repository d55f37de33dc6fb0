//! The access log as files: what the keeper writes verifies from the outside, it goes on after a restart, and signs nothing
//! more once anything is not as it should be.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must fail")]

mod support;

use anlan_store::logs::{self, Fault, Keeper};
use anlan_store::{Store, backup};
use anlan_tlog::bundles::{self, Bundle};
use anlan_tlog::checkpoints::{Checkpoint, check_growth};
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::Signer;
use anlan_tlog::proofs::Plan;
use anlan_tlog::tiles::{self, Tile};
use anlan_tlog::trees::{Head, Tree};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use support::Bench;
use support::logs::{NAME, bench, change, folder, look, meddle, signer};

fn follow(bench: &Bench) -> Result<Head, Fault> {
    Keeper::open(&bench.store, signer())?.follow()
}

fn read(folder: &Path, path: &str) -> Option<Vec<u8>> {
    fs::read(folder.join(path)).ok()
}

/// Reads the whole folder as an outsider would: every entry, every tile, the checkpoint.
fn verified(folder: &Path) -> (Head, Vec<Vec<u8>>) {
    let bytes = read(folder, "checkpoint").unwrap();
    let (checkpoint, _) = Checkpoint::open(&bytes, signer().key()).unwrap();
    let head = checkpoint.head();
    let mut entries = Vec::new();
    for bundle in bundles::of_log(head.size) {
        let bytes = read(folder, &bundle.path()).unwrap();
        entries.extend(bundle.entries(&bytes).unwrap().into_iter().map(<[u8]>::to_vec));
    }
    let mut tree = Tree::new();
    let new = tree
        .grow(entries.iter().map(|entry| Hash::of_leaf(entry)))
        .unwrap();
    assert_eq!(tree.head(), head);
    let new: HashMap<Tile, Vec<u8>> = new.into_iter().map(|new| (new.tile, new.bytes)).collect();
    for tile in tiles::of_tree(head.size) {
        assert_eq!(
            read(folder, &tile.path()).as_ref(),
            new.get(&tile),
            "{}",
            tile.path()
        );
    }
    (head, entries)
}

#[test]
fn what_is_noted_is_signed_and_each_checkpoint_continues_the_last() {
    grown(&[1, 2, 252, 1, 1, 600, 0, 4_500]);
}

#[test]
#[ignore = "a hundred thousand entries take a minute"]
fn long_a_hundred_thousand_entries_are_signed() {
    grown(&[1, 65_535, 1, 34_000, 463]);
}

fn grown(counts: &[i64]) {
    let bench = bench();
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    let mut before = keeper.follow().unwrap();
    assert_eq!(before, Head::EMPTY);
    for count in counts {
        look(&bench, *count);
        let head = keeper.follow().unwrap();
        assert_eq!(head.size, before.size + u64::try_from(*count).unwrap());
        let read = |tile: Tile| Some((tile, read(&folder(&bench), &tile.path())?));
        let tiles: HashMap<Tile, Vec<u8>> = tiles::of_tree(head.size).filter_map(read).collect();
        let prove = || Plan::consistency(before.size, head.size).ok()?.prove(&tiles).ok();
        if before.size > 0 {
            check_growth(&before, &head, &prove().unwrap()).unwrap();
        }
        before = head;
    }
    let (head, entries) = verified(&folder(&bench));
    assert_eq!(head, before);
    let rows = bench.read(|tx| {
        tx.query("SELECT leaf FROM accesses ORDER BY seq", &[], |row| {
            Ok(row.blob(0)?.to_vec())
        })
    });
    assert_eq!(entries, rows, "the order of the rows is the order of the log");
    assert!(
        !folder(&bench).join("tile/0/000.p").exists(),
        "no partial tile beside a full one"
    );
    assert!(Bundle::in_log(0, 255).is_some_and(|bundle| !folder(&bench).join(bundle.path()).exists()));
}

#[test]
fn a_busy_log_is_signed_at_whole_bundles_and_nothing_waits_twice() {
    let bench = bench();
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    let mut noted = 0;
    for (count, signed) in [
        (0, 0),
        (100, 100),
        (100, 200),
        (300, 256),
        (0, 500),
        (11, 511),
        (1, 512),
        (4_500, 4_864),
        (0, 5_012),
        (600, 5_376),
        (20, 5_632),
        (255, 5_887),
        (257, 6_144),
    ] {
        look(&bench, count);
        noted += u64::try_from(count).unwrap();
        assert_eq!(keeper.keep_up().unwrap().size, signed, "{noted} were noted");
        assert_eq!(verified(&folder(&bench)).0.size, signed);
        let partial = Bundle::in_log(signed / 256, (signed / 256 + 1) * 256).unwrap();
        let partial = folder(&bench).join(format!("{}.p", partial.path()));
        assert_eq!(partial.exists(), !signed.is_multiple_of(256));
    }
    look(&bench, 600);
    assert_eq!(
        keeper.follow().unwrap().size,
        noted + 600,
        "all, when it is asked for"
    );
}

#[test]
fn a_keeper_goes_on_where_the_last_one_ended_and_there_is_one_at_a_time() {
    let bench = bench();
    for count in [0, 5, 250, 1, 256, 256, 3] {
        look(&bench, count);
        let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
        keeper.follow().unwrap();
        assert!(matches!(
            Keeper::open(&bench.store, signer()),
            Err(Fault::Locked(_))
        ));
    }
    assert_eq!(verified(&folder(&bench)).0.size, 771);
    assert_eq!(logs::name(&bench.store).unwrap().unwrap().as_str(), NAME);
}

#[test]
fn a_log_written_ahead_of_its_checkpoint_is_taken_up() {
    let bench = bench();
    look(&bench, 300);
    follow(&bench).unwrap();
    let early = read(&folder(&bench), "checkpoint").unwrap();
    look(&bench, 100);
    follow(&bench).unwrap();
    // As after a crash between the tiles and the checkpoint, with a file half written.
    fs::write(folder(&bench).join("checkpoint"), early).unwrap();
    fs::write(folder(&bench).join("tile/entries/001.p/.new"), "half").unwrap();
    look(&bench, 200);
    follow(&bench).unwrap();
    assert_eq!(verified(&folder(&bench)).0.size, 600);
}

/// Harms a log of 300 entries, adds one, and gives what the keeper says; what was signed must stay.
fn harmed(harm: impl FnOnce(&Bench)) -> Fault {
    let bench = bench();
    look(&bench, 300);
    follow(&bench).unwrap();
    harm(&bench);
    let signed = read(&folder(&bench), "checkpoint");
    look(&bench, 1);
    let fault = follow(&bench).unwrap_err();
    assert_eq!(
        read(&folder(&bench), "checkpoint"),
        signed,
        "nothing is signed: {fault}"
    );
    fault
}

#[test]
fn a_torn_or_changed_file_is_named_and_nothing_is_signed() {
    let files = [
        "checkpoint",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/001.p/44",
    ];
    for path in files {
        let cut = harmed(|bench| change(bench, path, |bytes| bytes.truncate(bytes.len() - 7)));
        assert!(cut.to_string().contains(path), "{path}: {cut}");
        let flipped = harmed(|bench| change(bench, path, |bytes| bytes[20] ^= 1));
        let told = flipped.to_string();
        assert!(
            told.contains(path) || told.starts_with("tile: "),
            "{path}: {told}"
        );
        let gone = harmed(|bench| fs::remove_file(folder(bench).join(path)).unwrap());
        assert!(gone.to_string().starts_with(path), "{path}: {gone}");
    }
}

#[test]
fn the_last_tile_is_checked_where_it_is_full_too() {
    let bench = bench();
    look(&bench, 512);
    follow(&bench).unwrap();
    for path in ["tile/0/001", "tile/entries/001"] {
        change(&bench, path, |bytes| bytes[33] ^= 1);
        assert!(matches!(follow(&bench), Err(Fault::Wrong { .. })), "{path}");
        change(&bench, path, |bytes| bytes[33] ^= 1);
        follow(&bench).unwrap();
    }
}

#[test]
fn a_checkpoint_of_another_key_or_name_is_refused() {
    let bench = bench();
    look(&bench, 3);
    follow(&bench).unwrap();
    for other in [
        Signer::new(NAME.parse().unwrap(), &[4; 32]),
        Signer::new("other.example/log".parse().unwrap(), &[3; 32]),
    ] {
        let told = Keeper::open(&bench.store, other).unwrap_err().to_string();
        assert!(told.starts_with("checkpoint: "), "{told}");
    }
}

#[test]
fn rows_that_were_changed_or_taken_away_stop_the_log() {
    for (sql, told) in [
        ("UPDATE accesses SET leaf = x'7b7d' WHERE seq = 300", "entry 299"),
        ("UPDATE accesses SET leaf = x'7b7d' WHERE seq = 270", "entry 269"),
        ("UPDATE accesses SET leaf = NULL WHERE seq = 280", "access 280"),
        ("DELETE FROM accesses WHERE seq = 290", "access 290"),
        ("DELETE FROM accesses WHERE seq > 200", "300 entries"),
        ("DELETE FROM log_begins", "begins"),
    ] {
        let fault = harmed(|bench| meddle(bench, sql)).to_string();
        assert!(fault.contains(told), "{sql}: {fault}");
    }
    // While it runs it sees it too.
    let bench = bench();
    look(&bench, 10);
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    keeper.follow().unwrap();
    meddle(&bench, "DELETE FROM accesses WHERE seq > 8");
    assert!(matches!(
        keeper.follow(),
        Err(Fault::Behind { log: 10, database: 8 })
    ));
    look(&bench, 5);
    assert!(keeper.follow().unwrap_err().to_string().contains("entry 9"));
}

#[test]
fn a_restored_backup_signs_nothing_that_contradicts_what_was_signed() {
    let bench = bench();
    look(&bench, 40);
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    keeper.follow().unwrap();
    let copy = bench.folder.path().join("copy");
    backup::to(&bench.store, &copy, |_| {}).unwrap();
    look(&bench, 20);
    keeper.follow().unwrap();
    let home = tempfile::tempdir().unwrap();
    let database = home.path().join("anlan.db");
    backup::restore(&copy, &database, support::at(99), |_| {}).unwrap();
    let (store, writer) = Store::open(&support::config(database)).unwrap();
    let writer = std::thread::Builder::new().spawn(move || writer.run()).unwrap();
    let open = || Keeper::open(&store, signer()).and_then(|mut keeper| keeper.follow());
    assert!(matches!(open(), Err(Fault::Restored)), "the log is not there");
    let log = home.path().join("log");
    for part in ["checkpoint", "tile/0/000.p/60", "tile/entries/000.p/60"] {
        let target = log.join(part);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(folder(&bench).join(part), target).unwrap();
    }
    assert!(matches!(
        open(),
        Err(Fault::Behind {
            log: 60,
            database: 40
        })
    ));
    // A new name, and the old folder out of the way.
    fs::rename(&log, home.path().join("log.old")).unwrap();
    let renamed = Signer::new("county.example/log2".parse().unwrap(), &[3; 32]);
    let head = Keeper::open(&store, renamed).unwrap().follow().unwrap();
    assert_eq!(head.size, 40);
    store.close();
    writer.join().unwrap();
}

#[test]
fn what_is_published_is_what_is_there_and_nothing_else() {
    let bench = bench();
    look(&bench, 257);
    assert!(logs::published(&bench.store, "checkpoint").unwrap().is_none());
    follow(&bench).unwrap();
    for (path, is_there) in [
        ("checkpoint", true),
        ("tile/0/000", true),
        ("tile/0/001.p/1", true),
        ("tile/1/000.p/1", true),
        ("tile/entries/000", true),
        ("tile/entries/001.p/1", true),
        ("tile/0/001", false),
        ("tile/0/000.p/0", false),
        ("tile/0/001.p/2", false),
        ("tile/2/000.p/1", false),
        ("lock", false),
        ("../anlan.db", false),
        ("tile/../../anlan.db", false),
        ("tile/0/../0/000", false),
        ("", false),
    ] {
        let found = logs::published(&bench.store, path).unwrap();
        assert_eq!(found.is_some(), is_there, "{path}");
    }
}
