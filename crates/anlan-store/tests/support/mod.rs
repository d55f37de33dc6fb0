//! What the store's tests share: a store in a folder of its own, its writer on a thread, and plausible cases.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test that cannot set up must fail"
)]

pub mod logs;

use anlan_model::cases::{Case, Clocks, Phase};
use anlan_model::classes::Priority;
use anlan_model::events::{Counters, Event, Moved, Opened, Stamp};
use anlan_model::ids::{AccountId, CaseId, OfficeId, ReportId, StateCode};
use anlan_model::incoming::Channel;
use anlan_model::offices::OfficeKind;
use anlan_model::places::{Place, Point};
use anlan_store::cases::{self, CaseFilter, NewCase, Visibility};
use anlan_store::offices::NewOffice;
use anlan_store::reports::{Facts, NewReport};
use anlan_store::{Error, Store, StoreConfig, Tx};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

pub struct Bench {
    pub store: Store,
    pub writer: Option<JoinHandle<()>>,
    pub folder: tempfile::TempDir,
}

pub fn config(path: PathBuf) -> StoreConfig {
    StoreConfig {
        path,
        readers: 2,
        cache_mib: 8,
        master_key: [7; 32],
        pseudonym_key: [8; 32],
    }
}

/// A store at this path, its writer on a thread.
pub fn started(path: PathBuf) -> (Store, JoinHandle<()>) {
    let (store, writer) = Store::open(&config(path)).unwrap();
    let writer = std::thread::Builder::new().spawn(move || writer.run()).unwrap();
    (store, writer)
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, writer) = started(folder.path().join("anlan.db"));
        Self {
            store,
            writer: Some(writer),
            folder,
        }
    }

    /// Opens the database again once the writer has stopped.
    pub fn start_again(&mut self) {
        let (store, writer) = started(self.path());
        (self.store, self.writer) = (store, Some(writer));
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("anlan.db")
    }

    /// Stops the writer and waits for it.
    pub fn stop(&mut self) {
        self.store.close();
        self.writer.take().unwrap().join().unwrap();
    }

    pub fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.write(f)
    }

    pub fn read<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> T {
        self.store.read(f).unwrap()
    }

    pub fn open(&self, sketch: &Sketch) -> Case {
        let sketch = sketch.clone();
        self.write(move |tx| sketch.open(tx)).unwrap().0
    }
}

/// What each migration from 2 on brought, taken back.
const UNDONE: &[(i64, &str)] = &[
    (
        14,
        "DROP TABLE alert_references; DROP TABLE alert_documents; DROP TABLE alert_events; DROP TABLE alerts; DROP TABLE alert_feeds",
    ),
    // Without marks the index finds what it found; without anything in it, only what the migration put there.
    (13, "INSERT INTO search (search) VALUES ('delete-all')"),
    (
        12,
        "ALTER TABLE events DROP COLUMN post; ALTER TABLE accesses DROP COLUMN post; ALTER TABLE sessions DROP COLUMN post; DROP TABLE post_rows; DROP TABLE posts",
    ),
    (
        11,
        "DROP TABLE group_members; DROP TABLE directory_groups; DROP TABLE provisions; DROP TABLE machine_keys;
         DROP TABLE machines; DROP TABLE departures; DROP TABLE identities",
    ),
    (
        10,
        "DROP TABLE review_mandates; DROP TABLE review_events; DROP TABLE reviews; DROP TABLE review_looks;
         DROP TABLE review_days; DROP TABLE review_progress",
    ),
    (
        9,
        "DROP TABLE erasures; DROP TRIGGER events_never_change; DROP TABLE erasing; DROP TABLE ending_blobs;
         DROP INDEX grants_by_case; DROP INDEX photos_by_digest; DROP INDEX photos_by_thumb;
         CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN
           SELECT RAISE(ABORT, 'events are append-only');
         END",
    ),
    (8, "DROP TABLE witnessed; ALTER TABLE accesses DROP COLUMN office"),
    (7, "DROP TABLE grants"),
    (
        6,
        "DROP TABLE challenges; DROP TABLE passkeys; DROP TABLE recovery_codes; DROP TABLE totps; DROP TABLE locks;
         DROP TABLE half_sessions; DROP TABLE sessions; ALTER TABLE accounts DROP COLUMN word_until;
         CREATE TABLE sessions (token BLOB PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts (id),
           created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT;
         CREATE INDEX sessions_by_account ON sessions (account)",
    ),
    (
        5,
        "DROP TABLE log_begins; DROP TRIGGER accesses_never_change; ALTER TABLE accesses DROP COLUMN leaf;
         ALTER TABLE accesses DROP COLUMN place; ALTER TABLE cases DROP COLUMN log_key;
         CREATE TRIGGER accesses_never_change BEFORE UPDATE ON accesses BEGIN
           SELECT RAISE(ABORT, 'accesses are append-only');
         END",
    ),
    (
        4,
        "DROP INDEX cases_slim;
         CREATE INDEX cases_open_by_due ON cases (phase); CREATE INDEX cases_done_by_due ON cases (phase);
         CREATE INDEX cases_open_by_opened ON cases (phase); CREATE INDEX cases_done_by_opened ON cases (phase);
         CREATE INDEX cases_open_by_updated ON cases (phase); CREATE INDEX cases_done_by_updated ON cases (phase);
         CREATE INDEX cases_open_by_priority ON cases (phase)",
    ),
    (
        3,
        "CREATE TRIGGER cases_counted AFTER INSERT ON cases BEGIN SELECT 1; END;
         CREATE TRIGGER cases_recounted AFTER UPDATE ON cases BEGIN SELECT 1; END",
    ),
    (
        2,
        "DROP TRIGGER cases_counted; DROP TRIGGER cases_recounted;
         DROP TABLE counts; DROP TABLE warning_events; DROP TABLE warnings; DROP TABLE looks",
    ),
];

/// Makes a closed database what the release with this schema would have left.
pub fn back_to(release: i64, database: &Path) {
    let old = rusqlite::Connection::open(database).unwrap();
    for (_, sql) in UNDONE.iter().filter(|(version, _)| *version > release) {
        old.execute_batch(sql).unwrap();
    }
    old.execute("DELETE FROM schema_version WHERE version > ?1", [release])
        .unwrap();
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

pub fn stamp(second: i64) -> Stamp {
    Stamp {
        at: at(second),
        by: Some(AccountId(1)),
        post: None,
    }
}

pub fn everything() -> CaseFilter {
    CaseFilter {
        visible: Visibility::everything(),
        ..CaseFilter::default()
    }
}

pub fn office(code: &str) -> NewOffice {
    NewOffice {
        code: code.into(),
        name_zh: "城管".into(),
        name_en: "City".into(),
        kind: OfficeKind::Department,
        parent: None,
        division: "1101".into(),
        is_active: true,
    }
}

/// A case in a few strokes.
#[derive(Debug, Clone)]
pub struct Sketch {
    pub title: String,
    pub description: String,
    pub external_id: Option<String>,
    pub second: i64,
    pub due: Option<i64>,
    pub priority: Priority,
    pub office: Option<i64>,
    pub division: String,
    pub point: Option<Point>,
    pub track: Option<[u8; 32]>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            title: "路灯不亮".into(),
            description: "East gate, three lamps are dark 东门三盏灯不亮".into(),
            external_id: None,
            second: 0,
            due: Some(3600),
            priority: Priority::P3,
            office: Some(1),
            division: "110101001".into(),
            point: Some(Point {
                lon: 116.4,
                lat: 39.9,
            }),
            track: None,
        }
    }
}

impl Sketch {
    pub fn opened(&self) -> Opened {
        Opened {
            class: Some("c01001".into()),
            title: self.title.clone(),
            channel: Channel::Web,
            source: "web".into(),
            state: "file".into(),
            phase: Phase::Open,
            priority: self.priority,
            place: Place {
                point: self.point,
                division: Some(self.division.clone()),
                ..Place::default()
            },
            office: self.office.map(OfficeId),
            route: None,
            opened_at: at(self.second),
            clocks: Clocks {
                due_at: self.due.map(at),
                ..Clocks::default()
            },
            closing: None,
            about_office: None,
            split_from: None,
            reports: 1,
            is_marked_duplicate: false,
            source_on_time: None,
        }
    }

    pub fn open(&self, tx: &mut Tx<'_>) -> Result<(Case, ReportId), Error> {
        let facts = BTreeMap::from([("ward".to_owned(), "07".to_owned())]);
        let report = NewReport {
            channel: Channel::Web,
            source: "web",
            external_id: self.external_id.as_deref(),
            description: &self.description,
            reported_at: at(self.second),
            received_at: at(self.second),
            facts: &Facts::new(&facts)?,
            contact: None,
            track: self.track.as_ref(),
        };
        let stamp = Stamp {
            at: at(self.second),
            by: None,
            post: None,
        };
        cases::open(
            tx,
            NewCase {
                beginning: &cases::Beginning::new(self.opened(), &self.description, stamp)?,
                report,
            },
        )
    }
}

pub fn moved(case: &Case, to: &str) -> Event {
    Event::CaseMoved(Box::new(Moved {
        code: "dispatch".into(),
        from: case.state.clone(),
        to: StateCode::from(to),
        phase: Phase::Open,
        reason: None,
        rule_cited: None,
        note: String::new(),
        office: case.office,
        assignee: None,
        handler: None,
        clocks: case.clocks.clone(),
        closing: None,
        counters: Counters::default(),
    }))
}

pub fn move_to(tx: &mut Tx<'_>, id: CaseId, version: u32, to: &str) -> Result<Case, Error> {
    let case = cases::get(tx, id)?;
    if case.version != version {
        return Err(Error::Conflict);
    }
    cases::record(tx, &case, &[moved(&case, to)], &stamp(1))
}
