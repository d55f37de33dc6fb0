//! The log as the product writes it, verified by code that is not ours: Cloudflare's `signed_note` and `tlog_tiles` read
//! the folder.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panic, and tells what it skips"
)]

mod support;

use anlan_store::accesses::{self, Look};
use anlan_store::logs::{Keeper, prove_cases, verify_folder};
use anlan_tlog::bundles::Bundle;
use anlan_tlog::tiles::Tile;
use std::cell::RefCell;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::logs::{bench, folder, look, signer};
use support::{Bench, at};

/// The folder to their reader, whose paths have the height of a tile in them.
struct Served {
    folder: PathBuf,
    asked: RefCell<usize>,
}

impl tlog_tiles::TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        *self.asked.borrow_mut() += tiles.len();
        let read = |tile: &tlog_tiles::Tile| {
            let tile = Tile::parse(&tile.path().replacen("tile/8/", "tile/", 1)).unwrap();
            fs::read(self.folder.join(tile.path()))
                .or_else(|_| fs::read(self.folder.join(tile.full().path())))
                .unwrap()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn entry(folder: &Path, index: u64, size: u64) -> Vec<u8> {
    let (bundle, place) = Bundle::with_entry(index, size).unwrap();
    let bytes = fs::read(folder.join(bundle.path())).unwrap();
    bundle.entries(&bytes).unwrap()[place].to_vec()
}

/// What they say of the folder: signature, and the proofs of these entries and of this earlier size.
fn verified_by_others(folder: &Path, entries: impl Iterator<Item = u64>, earlier: &[u8]) {
    let known = signed_note::StandardVerifier::new(&signer().key().to_string()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(known)]);
    let opened = |bytes: &[u8]| {
        let note = signed_note::Note::from_bytes(bytes).unwrap();
        assert_eq!(note.verify(&known).unwrap().0.len(), 1);
        let head = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        (head.size(), *head.hash())
    };
    let (size, root) = opened(&fs::read(folder.join("checkpoint")).unwrap());
    let (before, before_root) = opened(earlier);
    let served = Served {
        folder: folder.to_owned(),
        asked: RefCell::new(0),
    };
    let reader = tlog_tiles::TileHashReader::new(size, root, &served);
    for index in entries {
        let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
        let record = tlog_tiles::record_hash(&entry(folder, index, size));
        tlog_tiles::check_record(&proof, size, root, index, record).unwrap();
    }
    let proof = tlog_tiles::prove_tree(size, before, &reader).unwrap();
    tlog_tiles::check_tree(&proof, size, root, before, before_root).unwrap();
    let asked = *served.asked.borrow();
    assert!(asked > 0);
    eprintln!("tlog_tiles, signed_note: right: {size} entries, {asked} tiles asked for");
}

/// Where Debian's `golang-golang-x-mod-dev` puts what `tools/peer` is made over.
const GOPATH: &str = "/usr/share/gocode";

/// The program of `tools/peer`: the one that `ANLAN_LOG_PEER` names, else built here. `None` where there is no Go for it.
fn peer(folder: &Path) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ANLAN_LOG_PEER") {
        return Some(PathBuf::from(named));
    }
    if !Path::new(GOPATH).join("src/golang.org/x/mod/sumdb/tlog").is_dir() {
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/peer/main.go");
    let built = folder.join("peer");
    let mut go = Command::new("go");
    go.env("GO111MODULE", "off")
        .env("GOPATH", GOPATH)
        .env("GOCACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/go"))
        .args(["build", "-o"])
        .args([&built, &source]);
    match go.status() {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        status => {
            assert!(status.unwrap().success(), "`go build` of tools/peer failed");
            Some(built)
        }
    }
}

/// The Go project's own code.
fn verified_by_go(folder: &Path, size: u64) {
    let own = tempfile::tempdir().unwrap();
    let Some(peer) = peer(own.path()) else {
        eprintln!("skipped: no Go with golang.org/x/mod (Debian's golang-go, golang-golang-x-mod-dev)");
        return;
    };
    let key = signer().key().to_string();
    let done = Command::new(peer).arg(folder).arg(key).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&done.stderr);
    eprint!("golang.org/x/mod/sumdb: {said}");
    assert_eq!(said, format!("right: {size} entries\n"), "{complaint}");
}

fn held_by_others(first: i64, portions: i64, portion: i64, step: usize) -> Bench {
    let bench = bench();
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    look(&bench, first);
    keeper.follow().unwrap();
    let earlier = fs::read(folder(&bench).join("checkpoint")).unwrap();
    (0..portions).for_each(|_| look(&bench, portion));
    let head = keeper.follow().unwrap();
    verified_by_others(&folder(&bench), (0..head.size).step_by(step), &earlier);
    verified_by_go(&folder(&bench), head.size);
    let own = verify_folder(&folder(&bench), signer().key(), &mut |_, _| {}).unwrap();
    assert_eq!(own, head);
    bench
}

#[test]
fn others_verify_the_log_as_it_lies_on_the_disk() {
    held_by_others(700, 3, 700, 7);
}

#[test]
#[ignore = "a million entries take minutes"]
fn long_others_verify_a_million_entries() {
    held_by_others(300_000, 70, 10_000, 997);
}

#[test]
fn a_case_s_proof_prefers_a_cosigned_head_that_is_new_enough() {
    let bench = bench();
    let mut keeper = Keeper::open(&bench.store, signer()).unwrap();
    look(&bench, 10);
    keeper.follow().unwrap();
    let cosigned = keeper.signed().unwrap();
    keeper.publish(&cosigned, true).unwrap();
    look(&bench, 10);
    let head = keeper.follow().unwrap();
    let history = bench
        .read(|tx| accesses::of_case(tx, anlan_model::ids::CaseId(2)))
        .unwrap();
    let size = |settled: i64| {
        let histories = std::slice::from_ref(&history);
        let proof = prove_cases(&bench.store, histories, at(settled)).unwrap();
        proof.verify(signer().key()).unwrap().size
    };
    // Every access lies between second 0 and second 9.
    assert_eq!(
        size(0),
        head.size - 10,
        "nothing is settled: what is cosigned serves"
    );
    assert_eq!(size(100), head.size, "what is settled has to be in it");
    let is_entry = |look: &Look| look.entry.is_some() && look.leaf.is_some();
    assert!(history.looks.iter().all(is_entry));
    // An older one never takes the place of a newer.
    keeper.publish(&keeper.signed().unwrap(), true).unwrap();
    keeper.publish(&cosigned, true).unwrap();
    assert_eq!(size(0), head.size);
    // Nothing is published that the log has not signed.
    let stranger = anlan_tlog::notes::Note::parse(cosigned.to_string().replacen("\n1", "\n2", 1).as_bytes());
    if let Ok(stranger) = stranger {
        assert!(keeper.publish(&stranger, true).is_err());
    }
}
