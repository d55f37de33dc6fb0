//! Numbered changes of the schema: embedded, forward only, each recorded with its checksum. A released file never changes.

use crate::error::Error;
use crate::sealing::MasterKey;
use crate::{accesses, body, search};
use anlan_model::cases::Case;
use anlan_model::ids::CaseId;
use anlan_tlog::commitments::SubjectKey;
use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest, Sha256};

const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_foundation.sql")),
    (2, include_str!("../migrations/0002_warnings.sql")),
    (3, include_str!("../migrations/0003_counting.sql")),
    (4, include_str!("../migrations/0004_columns.sql")),
    (5, include_str!("../migrations/0005_leaves.sql")),
    (6, include_str!("../migrations/0006_accounts.sql")),
    (7, include_str!("../migrations/0007_grants.sql")),
    (8, include_str!("../migrations/0008_witnesses.sql")),
    (ERASURES, include_str!("../migrations/0009_erasures.sql")),
    (10, include_str!("../migrations/0010_reviews.sql")),
    (11, include_str!("../migrations/0011_directory.sql")),
    (12, include_str!("../migrations/0012_posts.sql")),
    (LOCKS, include_str!("../migrations/0013_locks.sql")),
    (14, include_str!("../migrations/0014_alerts.sql")),
];

/// From here on keys of the access log are wrapped, and what is deleted is overwritten.
const ERASURES: i64 = 9;
/// From here on the words of a case's address are marked in the search index.
const LOCKS: i64 = 13;
/// Cases indexed anew at a time.
const INDEXED_STEP: i64 = 1000;

/// Brings the database to the newest schema in one transaction, or leaves it as it was.
pub(crate) fn run(connection: &mut Connection, vault: &MasterKey) -> Result<(), Error> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT",
    )?;
    let known = MIGRATIONS.last().map_or(0, |(version, _)| *version);
    let found = tx.query_row(
        "SELECT coalesce(max(version), 0) FROM schema_version",
        [],
        |row| row.get(0),
    )?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (version, sql) in MIGRATIONS {
        if *version <= found {
            verify(&tx, *version, sql)?;
        } else {
            tx.execute_batch(sql)?;
            if *version == ERASURES {
                wrap_keys(&tx, vault)?;
            }
            if *version == LOCKS {
                index_anew(&tx)?;
            }
            tx.execute(
                "INSERT INTO schema_version (version, checksum) VALUES (?1, ?2)",
                (version, checksum(sql)),
            )?;
        }
    }
    tx.commit()?;
    if (1..ERASURES).contains(&found) {
        rewrite(connection)?;
    }
    Ok(())
}

/// Wraps the keys of a database in which they lay bare.
fn wrap_keys(connection: &Connection, vault: &MasterKey) -> Result<(), Error> {
    let mut bare = connection.prepare(
        "SELECT id, log_key FROM cases WHERE id > ?1 AND length(log_key) = 32 ORDER BY id LIMIT 1000",
    )?;
    let mut wrap = connection.prepare("UPDATE cases SET log_key = ?2 WHERE id = ?1")?;
    let mut after = 0;
    loop {
        let page = bare
            .query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(i64, [u8; 32])>, _>>()?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = *last;
        for (case, key) in page {
            wrap.execute((
                case,
                accesses::wrap_key(vault, CaseId(case), &SubjectKey::new(key))?,
            ))?;
        }
    }
}

/// Fills the search index, which is empty, with every case there is.
fn index_anew(connection: &Connection) -> Result<(), Error> {
    let mut cases = connection.prepare("SELECT body FROM cases WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut reports = connection.prepare("SELECT description FROM reports WHERE case_id = ?1 ORDER BY id")?;
    let mut insert = connection.prepare("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?;
    let mut after = 0;
    loop {
        let page = cases
            .query_map([after, INDEXED_STEP], |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?;
        if page.is_empty() {
            return Ok(());
        }
        for text in page {
            let case: Case = body::read(&text)?;
            let told = reports
                .query_map([case.id.0], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            insert.execute((
                case.id.0,
                search::words_of_case(&case, told.iter().map(String::as_str)),
            ))?;
            after = case.id.0;
        }
    }
}

/// Writes a database from before anew, once: what had been deleted in it lay about in its pages, and keys unwrapped.
fn rewrite(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY; PRAGMA wal_checkpoint(TRUNCATE)",
    )?;
    Ok(())
}

/// Checks that a database was made by this program or an older one, without changing it.
pub(crate) fn check(connection: &Connection) -> Result<(), Error> {
    let known = MIGRATIONS.last().map_or(0, |(version, _)| *version);
    let found = connection.query_row(
        "SELECT coalesce(max(version), 0) FROM schema_version",
        [],
        |row| row.get(0),
    )?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    MIGRATIONS
        .iter()
        .filter(|(version, _)| *version <= found)
        .try_for_each(|(version, sql)| verify(connection, *version, sql))
}

fn verify(connection: &Connection, version: i64, sql: &str) -> Result<(), Error> {
    let stored: String = connection.query_row(
        "SELECT checksum FROM schema_version WHERE version = ?1",
        [version],
        |row| row.get(0),
    )?;
    if stored == checksum(sql) {
        return Ok(());
    }
    Err(Error::Corrupt(format!(
        "schema {version} was made by a different program"
    )))
}

fn checksum(sql: &str) -> String {
    hex(&Sha256::digest(sql.as_bytes()))
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // INVARIANT: writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
