//! Backup while running, and restore. A backup is a folder: the database as of one instant, and the blobs its rows name.
//! Contacts in it stay sealed; the master key is never part of it and must be kept elsewhere.

use crate::error::Error;
use crate::migrations::hex;
use crate::store::Store;
use crate::{blobs, body, folders, logs, migrations};
use anlan_model::restorations::Restoration;
use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database's name inside a backup folder.
const DATABASE: &str = "anlan.db";
const BLOBS: &str = "blobs";
/// The setting that says that a node was put back, and who has confirmed it.
pub const RESTORATION: &str = "restoration";
/// Pages per step: a few MiB, so that progress moves.
const PAGES_PER_STEP: i32 = 1024;
const BUSY_WAIT: Duration = Duration::from_millis(50);

/// How far a backup or a restore is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Database pages and blobs done.
    pub done: u64,
    /// All of them, as far as known yet.
    pub total: u64,
}

/// Copies the store into a folder that does not exist yet, while it is read and written. The folder is whole once this
/// returns `Ok`; after an error nothing of it is left.
pub fn to(store: &Store, folder: &Path, progress: impl FnMut(Progress)) -> Result<(), Error> {
    if folder.exists() {
        return Err(Error::Invalid(format!(
            "{} exists already: choose a new folder",
            folder.display()
        )));
    }
    let half = folder.with_extension("unfinished");
    let copied = copy(store.path(), store.blobs_folder(), &half, progress)
        .and_then(|()| fs::rename(&half, folder).map_err(|e| Error::file(folder, e)))
        .and_then(|()| folders::sync(folder.parent().unwrap_or(Path::new(""))));
    if copied.is_err() {
        // Best effort: the error that stopped the backup is the one to tell.
        let _ = fs::remove_dir_all(&half);
    }
    copied
}

/// Puts a backup where a store may be opened: `database` is the file `StoreConfig::path` will name and must not exist.
/// The backup is checked whole first: pages, schema, every blob against its name. The store then says that it was put back.
pub fn restore(
    folder: &Path,
    database: &Path,
    at: Timestamp,
    progress: impl FnMut(Progress),
) -> Result<(), Error> {
    free(database)?;
    let from = folder.join(DATABASE);
    if !from.is_file() {
        return Err(Error::Invalid(format!(
            "{} holds no backup: {DATABASE} is not in it",
            folder.display()
        )));
    }
    check(&from)?;
    let home = database.parent().unwrap_or(Path::new("."));
    folders::make(home)?;
    copy_blobs(&folder.join(BLOBS), &home.join(BLOBS), progress)?;
    logs::mark_restored(home)?;
    // The database comes last and under its name only when whole: a restore that was cut off leaves no store behind.
    let half = database.with_extension("unfinished");
    copy_synced(&from, &half)?;
    mark(&half, at)?;
    fs::rename(&half, database).map_err(|e| Error::file(database, e))?;
    folders::sync(home)
}

/// Writes into a copy that it was put back. Its log of accesses cannot be written to yet: the node's key need not be there.
fn mark(database: &Path, at: Timestamp) -> Result<(), Error> {
    let body = body::write(&Restoration::begun(at))?;
    let connection = Connection::open(database)?;
    connection.execute(
        "INSERT INTO settings (name, version, body, at, by)
         SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, NULL FROM settings WHERE name = ?1",
        (RESTORATION, body, at.as_millisecond()),
    )?;
    drop(connection);
    File::open(database)
        .and_then(|file| file.sync_all())
        .map_err(|e| Error::file(database, e))
}

/// Whether a folder lies, or would lie, in the store's own.
pub fn is_inside(store: &Store, folder: &Path) -> Result<bool, Error> {
    let whole = |path: &Path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        path.canonicalize().map_err(|e| Error::file(path, e))
    };
    let home = whole(store.path().parent().unwrap_or(Path::new(".")))?;
    Ok(whole(folder.parent().unwrap_or(Path::new(".")))?.starts_with(home))
}

/// Backups that lie in the data folder itself: what is erased stays in them.
pub fn inside(store: &Store) -> Result<Vec<PathBuf>, Error> {
    let home = store.path().parent().unwrap_or(Path::new("."));
    let read = || {
        fs::read_dir(home)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()
    };
    let mut found = read().map_err(|e| Error::file(home, e))?;
    found.retain(|path| path.join(DATABASE).is_file());
    found.sort();
    Ok(found)
}

/// Nothing of another database may lie there: the engine would take a log left behind for this one's.
fn free(database: &Path) -> Result<(), Error> {
    for left in ["", "-wal", "-shm", "-journal"] {
        let mut path = database.as_os_str().to_owned();
        path.push(left);
        let path = Path::new(&path);
        if path.exists() {
            return Err(Error::Invalid(format!(
                "{} exists already: move it away first",
                path.display()
            )));
        }
    }
    Ok(())
}

fn copy(
    database: &Path,
    blobs: &Path,
    folder: &Path,
    mut progress: impl FnMut(Progress),
) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|e| Error::file(folder, e))?;
    let target = folder.join(DATABASE);
    copy_database(database, &target, &mut progress)?;
    check(&target)?;
    // After the database: every blob its rows name was there before the row was.
    copy_blobs(blobs, &folder.join(BLOBS), progress)?;
    File::open(&target)
        .and_then(|file| file.sync_all())
        .map_err(|e| Error::file(&target, e))?;
    folders::sync(folder)
}

fn copy_database(from: &Path, to: &Path, progress: &mut impl FnMut(Progress)) -> Result<(), Error> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // A read transaction keeps the source at one instant, so the copy never has to begin anew under a busy writer.
    source.execute_batch("PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; BEGIN")?;
    source.query_row("SELECT count(*) FROM schema_version", [], |_| Ok(()))?;
    let mut target = Connection::open(to)?;
    let backup = Backup::new(&source, &mut target)?;
    loop {
        let step = backup.step(PAGES_PER_STEP)?;
        let pages = backup.progress();
        let total = u64::try_from(pages.pagecount).unwrap_or(0);
        let left = u64::try_from(pages.remaining).unwrap_or(0);
        progress(Progress {
            done: total.saturating_sub(left),
            total,
        });
        match step {
            StepResult::Done => break,
            StepResult::Busy | StepResult::Locked => std::thread::sleep(BUSY_WAIT),
            _ => {}
        }
    }
    drop(backup);
    // One file only: without its log it can be copied anywhere.
    target.execute_batch("PRAGMA journal_mode = DELETE")?;
    Ok(())
}

fn check(database: &Path) -> Result<(), Error> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|e| Error::Corrupt(format!("{}: {e}", database.display())))?;
    if verdict != "ok" {
        return Err(Error::Corrupt(format!("{}: {verdict}", database.display())));
    }
    migrations::check(&connection)
}

fn copy_blobs(from: &Path, to: &Path, mut progress: impl FnMut(Progress)) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|e| Error::file(to, e))?;
    let all = if from.is_dir() {
        blobs::list(from)?
    } else {
        Vec::new()
    };
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    for (done, digest) in (1..).zip(&all) {
        let bytes = blobs::get(from, digest)?;
        if blobs::put(to, &bytes)? != *digest {
            return Err(Error::Corrupt(format!(
                "blob {digest}: {}",
                hex(&Sha256::digest(&bytes))
            )));
        }
        progress(Progress { done, total });
    }
    Ok(())
}

fn copy_synced(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to)
        .and_then(|_| File::open(to)?.sync_all())
        .map_err(|e| Error::file(to, e))
}
