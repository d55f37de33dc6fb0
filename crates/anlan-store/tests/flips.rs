//! Flipped bits: a thousand in the log's files and many in the database's pages of accesses, one at a time. Each in the
//! files is found; each in the database is found, or changes nothing of what the accesses say.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panic, and tells what it did"
)]

mod support;

use anlan_store::logs::{self, Keeper};
use anlan_store::{Error, Store};
use std::fs;
use std::path::{Path, PathBuf};
use support::config;
use support::logs::{bench, folder, look, signer};

const FLIPS: usize = 1000;
/// Of each page's size, see the store.
const PAGE: usize = 8192;

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

/// A folder in memory where there is one: what is flipped here is a copy, and nothing of it has to last.
fn scratch() -> tempfile::TempDir {
    let made = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    made.unwrap()
}

fn published(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(published(&path));
        } else if path.file_name().is_none_or(|name| name != "lock") {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn copy(from: &Path, to: &Path) {
    for path in published(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

#[test]
fn each_bit_that_flips_in_the_logs_files_is_found() {
    let bench = bench();
    look(&bench, 520);
    Keeper::open(&bench.store, signer()).unwrap().follow().unwrap();
    let scratch = scratch();
    let log = scratch.path().join("log");
    copy(&folder(&bench), &log);
    let files = published(&log);
    assert_eq!(files.len(), 9, "{files:?}");
    let verified = || logs::verify_folder(&log, signer().key(), &mut |_, _| {});
    assert_eq!(verified().unwrap().size, 520);
    let mut dice = Dice(520);
    for _ in 0..FLIPS {
        let path = &files[dice.below(files.len())];
        let right = fs::read(path).unwrap();
        let mut flipped = right.clone();
        let (at, bit) = (dice.below(right.len()), dice.below(8));
        flipped[at] ^= 1 << bit;
        fs::write(path, flipped).unwrap();
        assert!(
            verified().is_err(),
            "bit {bit} of byte {at} of {}",
            path.display()
        );
        fs::write(path, right).unwrap();
    }
    assert_eq!(verified().unwrap().size, 520, "and all is right again");
    eprintln!(
        "{FLIPS} of {FLIPS} flipped bits in {} files of the log were found",
        files.len()
    );
}

/// A row of accesses as it can be read. What a row names that is in no case's chain is in no leaf and not compared.
type Said = (Vec<i64>, Vec<Option<String>>, Option<Vec<u8>>);

fn said(store: &Store) -> Result<Vec<Said>, Error> {
    store.read(|tx| {
        let sql = "SELECT seq, at, coalesce(actor, -1), allowed, count, coalesce(place, -1), action, resource, purpose,
            CASE WHEN place IS NULL THEN NULL ELSE resource_id END, leaf FROM accesses ORDER BY seq";
        tx.query(sql, &[], |row| {
            let numbers = (0..6).map(|column| row.int(column)).collect::<Result<_, _>>()?;
            let texts = (6..10)
                .map(|column| Ok(row.find_text(column)?.map(str::to_owned)))
                .collect::<Result<_, Error>>()?;
            Ok((numbers, texts, row.find_blob(10)?.map(<[u8]>::to_vec)))
        })
    })
}

/// What the accesses in this database say, if they verify against the log.
fn checked(database: &Path, log: &Path) -> Option<Vec<Said>> {
    let (store, writer) = Store::open(&config(database.to_owned())).ok()?;
    drop(writer);
    logs::verify(&store, Some(log), signer().key(), &mut |_, _| {}).ok()?;
    Some(said(&store).unwrap())
}

#[test]
fn a_bit_that_flips_in_the_database_is_found_or_changes_no_access() {
    flipped_in_database(100);
}

#[test]
#[ignore = "opening a thousand databases takes most of a minute"]
fn long_each_of_a_thousand_bits_that_flip_in_the_database_is_found_or_changes_no_access() {
    flipped_in_database(FLIPS);
}

fn flipped_in_database(flips: usize) {
    let mut bench = bench();
    look(&bench, 120);
    let head = Keeper::open(&bench.store, signer()).unwrap().follow().unwrap();
    assert_eq!(head.size, 120);
    let before = said(&bench.store).unwrap();
    bench.stop();
    let (right, log) = (fs::read(bench.path()).unwrap(), folder(&bench));
    let holds = |page: &[u8]| page.windows(9).any(|bytes| bytes == b"{\"action\"");
    let pages: Vec<usize> = (0..right.len() / PAGE)
        .filter(|page| holds(&right[page * PAGE..(page + 1) * PAGE]))
        .collect();
    assert!(pages.len() >= 4, "{pages:?}");
    let scratch = scratch();
    let (mut dice, mut found) = (Dice(120), 0);
    for number in 0..flips {
        let home = scratch.path().join(number.to_string());
        fs::create_dir(&home).unwrap();
        let (page, at, bit) = (pages[dice.below(pages.len())], dice.below(PAGE), dice.below(8));
        let mut flipped = right.clone();
        flipped[page * PAGE + at] ^= 1 << bit;
        fs::write(home.join("anlan.db"), flipped).unwrap();
        match checked(&home.join("anlan.db"), &log) {
            None => found += 1,
            Some(after) => {
                let differing = before.iter().zip(&after).find(|(before, after)| before != after);
                assert!(
                    differing.is_none() && after.len() == before.len(),
                    "bit {bit} of byte {at} of page {page} makes {differing:?}"
                );
            }
        }
        fs::remove_dir_all(home).unwrap();
    }
    assert!(found > flips / 2, "{found}");
    eprintln!(
        "{found} of {flips} flipped bits in pages of accesses were found; the others change nothing that is said"
    );
}
