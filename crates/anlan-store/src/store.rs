//! The store: one writer that commits whole queues at once, and a pool of readers that only see what is durable.
//! It starts no thread itself: the program puts the `Writer` on one.

use crate::error::Error;
use crate::sealing::MasterKey;
use crate::tx::Tx;
use crate::writer::{Message, Pending, Unit, Writer};
use crate::{accesses, blobs, folders, migrations};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// Units of work that may wait; a writer that falls behind slows its callers instead of growing.
const QUEUE_UNITS_MAX: usize = 4096;

/// Where the store lies and how much of the machine it may use.
#[derive(Clone)]
pub struct StoreConfig {
    /// The database file. Its folder also holds `blobs/`.
    pub path: PathBuf,
    /// Connections for reading.
    pub readers: usize,
    /// Page cache of the writer in MiB; readers get a quarter of it each.
    pub cache_mib: usize,
    /// Wraps the keys of the vault and of cases in the access log. Losing it loses every contact.
    pub master_key: [u8; 32],
    /// Makes accounts' pseudonyms in the access log. Another one makes other pseudonyms.
    pub pseudonym_key: [u8; 32],
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig")
            .field("path", &self.path)
            .field("readers", &self.readers)
            .finish_non_exhaustive()
    }
}

/// What every transaction needs beside its connection.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) blobs: PathBuf,
    pub(crate) vault: MasterKey,
    pub(crate) pseudonyms: accesses::Pseudonyms,
    pub(crate) statements: AtomicU64,
    /// Why nothing is written any more until the store is opened again.
    pub(crate) broken: OnceLock<String>,
}

/// A handle of the store; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    home: Arc<Home>,
    queue: SyncSender<Message>,
    readers: Readers,
}

impl Store {
    /// Opens or makes the database, brings its schema up to date, and hands out the writer to be run on a thread of its own.
    pub fn open(config: &StoreConfig) -> Result<(Self, Writer), Error> {
        let blobs = config.path.parent().unwrap_or(Path::new(".")).join("blobs");
        folders::make(&blobs)?;
        let mut connection = writing(config)?;
        let vault = MasterKey::new(config.master_key);
        migrations::run(&mut connection, &vault)?;
        let home = Arc::new(Home {
            path: config.path.clone(),
            blobs,
            vault,
            pseudonyms: accesses::Pseudonyms::new(config.pseudonym_key),
            statements: AtomicU64::new(0),
            broken: OnceLock::new(),
        });
        let readers = (0..config.readers.max(1))
            .map(|_| reading(config))
            .collect::<Result<Vec<_>, _>>()?;
        let (queue, messages) = sync_channel(QUEUE_UNITS_MAX);
        let writer = Writer::new(connection, Arc::clone(&home), messages);
        let readers = Readers {
            idle: Mutex::new(readers),
            returned: Condvar::new(),
        };
        Ok((Self(Arc::new(Inner { home, queue, readers })), writer))
    }

    /// Runs one unit of work and returns once it is durable. `f` may run more than once: when another unit of the same
    /// batch fails after writing, the batch is rolled back and the others run again. Blocks; call it off the async threads.
    pub fn write<F, T, E>(&self, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = sync_channel(1);
        let unit: Box<dyn Unit> = Box::new(Pending::new(f, reply));
        let stopped = || E::from(Error::Unavailable("the writer has stopped".to_owned()));
        if self.0.queue.send(Message::Unit(unit)).is_err() {
            return Err(stopped());
        }
        answer.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Reads from a snapshot of what is durable. Blocks while every reader is taken.
    pub fn read<F, T, E>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let reader = self.0.readers.take();
        let connection = reader.connection()?;
        connection.execute_batch("BEGIN").map_err(Error::from)?;
        let mut tx = Tx::new(connection, &self.0.home);
        let answer = f(&mut tx);
        self.0
            .home
            .statements
            .fetch_add(tx.statements(), Ordering::Relaxed);
        drop(tx);
        connection.execute_batch("ROLLBACK").map_err(Error::from)?;
        answer
    }

    /// Statements run since opening, by readers and by units of work, for benchmarks.
    pub fn statements(&self) -> u64 {
        self.0.home.statements.load(Ordering::Relaxed)
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.0.home.path
    }

    /// Where blobs lie.
    pub(crate) fn blobs_folder(&self) -> &Path {
        &self.0.home.blobs
    }

    /// Where files handed in lie until they are imported; made when first asked for.
    pub fn uploads_folder(&self) -> Result<PathBuf, Error> {
        let folder = self.path().parent().unwrap_or(Path::new(".")).join("uploads");
        folders::make(&folder)?;
        Ok(folder)
    }

    /// Keeps bytes, durable once this returns; the answer is their SHA-256 in hex. Call it before the unit of work that
    /// speaks of them.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<String, Error> {
        blobs::put(&self.0.home.blobs, bytes)
    }

    /// Bytes kept by `put_blob`, checked against their digest.
    pub fn blob(&self, digest: &str) -> Result<Vec<u8>, Error> {
        blobs::get(&self.0.home.blobs, digest)
    }

    /// Brings the database's log home and empties it; `false` if somebody still reads in it.
    pub(crate) fn empty_log(&self) -> Result<bool, Error> {
        let connection = Connection::open(self.path())?;
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000")?;
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// Lets the writer finish what waits and stop; later writes answer `Unavailable`.
    pub fn close(&self) {
        // A writer that is gone already needs no telling.
        let _ = self.0.queue.send(Message::Close);
    }
}

#[derive(Debug)]
struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

/// A reader taken from the pool; goes back when dropped, also when a panic passes by.
struct Taken<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Readers {
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Taken<'_> {
        let mut idle = self.idle();
        loop {
            if let Some(connection) = idle.pop() {
                return Taken {
                    readers: self,
                    connection: Some(connection),
                };
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Taken<'_> {
    fn connection(&self) -> Result<&Connection, Error> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::Unavailable("no reader".to_owned()))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if !connection.is_autocommit() {
            // Only after a panic in the closure; a failed rollback would show at the next BEGIN.
            let _ = connection.execute_batch("ROLLBACK");
        }
        self.readers.idle().push(connection);
        self.readers.returned.notify_one();
    }
}

fn writing(config: &StoreConfig) -> Result<Connection, Error> {
    let connection = Connection::open(&config.path)?;
    connection.execute_batch(&format!(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 16000;
         PRAGMA journal_size_limit = 268435456; PRAGMA cache_size = -{};",
        config.cache_mib.max(1) * 1024
    ))?;
    bring_home(&connection)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Brings home what an earlier process left in the log, unless another has the database open. A sync may have failed under
/// that process: what is read back is then the system's cache and not what the disk has, and a later sync would not write
/// it. Copied into the database it is written anew.
fn bring_home(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch("PRAGMA busy_timeout = 0")?;
    let home = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    connection.execute_batch("PRAGMA busy_timeout = 10000")?;
    match home {
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) => Err(error.into()),
        _ => Ok(()),
    }
}

fn reading(config: &StoreConfig) -> Result<Connection, Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(&config.path, flags)?;
    connection.execute_batch(&format!(
        "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 268435456; PRAGMA cache_size = -{};",
        (config.cache_mib * 256).max(1024)
    ))?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Statements are planned once. Without the stable plans, one whose plan could profit from another parameter is planned
/// anew each time it is bound, which costs more than most of them take to run.
fn keep_statements(connection: &Connection) -> Result<(), Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}
