//! A log of a store's test: who signs it, entries for it, and ways to harm it.

use super::{Bench, Sketch, at};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::{AccountId, CaseId};
use anlan_store::accesses;
use anlan_tlog::notes::Signer;
use std::fs;
use std::path::PathBuf;

pub const NAME: &str = "county.example/log";

pub fn signer() -> Signer {
    Signer::new(NAME.parse().unwrap(), &[3; 32])
}

pub fn folder(bench: &Bench) -> PathBuf {
    bench.folder.path().join("log")
}

/// Adds this many entries, some about a case.
pub fn look(bench: &Bench, count: i64) {
    bench
        .write(move |tx| {
            (0..count).try_for_each(|second| {
                let access = Access {
                    at: at(second),
                    actor: Some(AccountId(second % 5)),
                    post: None,
                    office: None,
                    action: "case.read".into(),
                    resource: if second % 3 == 0 { "cases" } else { "case" }.into(),
                    resource_id: CaseId(1 + second % 4).to_string(),
                    purpose: Purpose::Case,
                    allowed: true,
                    count: 1,
                };
                accesses::append(tx, &access)
            })
        })
        .unwrap();
}

pub fn bench() -> Bench {
    let bench = Bench::new();
    (0..3).for_each(|_| drop(bench.open(&Sketch::default())));
    bench
}

pub fn change(bench: &Bench, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder(bench).join(path);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Runs this on the database behind the store's back, without its triggers.
pub fn meddle(bench: &Bench, sql: &str) {
    let other = rusqlite::Connection::open(bench.path()).unwrap();
    other
        .execute_batch("DROP TRIGGER accesses_never_change; DROP TRIGGER accesses_never_leave")
        .unwrap();
    other.execute_batch(sql).unwrap();
}
