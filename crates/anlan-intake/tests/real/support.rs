//! Finds the real files and counts what becomes of their rows. Tests only.

use anlan_intake::mapping::{Mapper, Mapping};
use anlan_intake::rows::{Row, RowReader};
use anlan_intake::sniff;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// The folder of real data, or `None` with a word about it.
pub(crate) fn given() -> Option<PathBuf> {
    let root = std::env::var_os("ANLAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let given = root.join("data/given");
    if given.is_dir() {
        return Some(given);
    }
    println!("skipped: no data under {} (set ANLAN_SHARED)", given.display());
    None
}

/// A day after every file's last row.
pub(crate) fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) rows: u64,
    pub(crate) taken: u64,
    pub(crate) kept_back: u64,
    pub(crate) warnings: BTreeMap<String, u64>,
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) facts: BTreeMap<&'static str, u64>,
}

impl Counts {
    fn add(&mut self, what: &'static str, is_so: bool) {
        *self.facts.entry(what).or_default() += u64::from(is_so);
    }
}

/// Reads a whole file through a shipped mapping.
pub(crate) fn count(name: &str, path: &std::path::Path) -> Counts {
    let mapping = Arc::new(Mapping::named(name).unwrap());
    let sniffed = sniff::survey(File::open(path).unwrap(), &mapping.stated(), &mut |_| {}).unwrap();
    let mut reader = RowReader::open(File::open(path).unwrap(), &mapping.stated().with(&sniffed)).unwrap();
    let mut mapper = Mapper::new(Arc::clone(&mapping), reader.header(), now(), None).unwrap();
    let mut row = Row::default();
    let mut counts = Counts::default();
    let mut ids = std::collections::HashSet::new();
    while reader.read(&mut row).unwrap() {
        match mapper.map(reader.header(), &row) {
            Ok(taken) => {
                counts.taken += 1;
                for warning in &taken.warnings {
                    *counts.warnings.entry(warning.code.clone()).or_default() += 1;
                }
                let incoming = taken.incoming;
                let history = incoming.history.clone().unwrap_or_default();
                assert!(
                    history.closed_at.is_none_or(|at| at >= incoming.reported_at),
                    "{incoming:?}"
                );
                assert!(incoming.point.is_some() || incoming.address.is_some());
                counts.add("default point", incoming.is_default_point);
                counts.add("duplicate", incoming.is_duplicate);
                counts.add("no point", incoming.point.is_none());
                counts.add("local class", taken.local_class.is_some());
                counts.add("on time", history.on_time == Some(true));
                counts.add("late", history.on_time == Some(false));
                counts.add("no target", history.due_at.is_none());
                counts.add("open", !history.is_closed);
                counts.add("id repeated", !ids.insert(incoming.external_id.clone()));
            }
            Err(back) => {
                counts.kept_back += 1;
                assert!(!back.faults.is_empty());
                for fault in &back.faults {
                    assert!(fault.line > 0);
                    *counts.faults.entry(fault.code.clone()).or_default() += 1;
                }
            }
        }
    }
    counts.rows = reader.rows_read();
    assert_eq!(counts.taken + counts.kept_back, counts.rows);
    counts
}
