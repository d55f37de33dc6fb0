//! The one writer: takes what waits, runs it in one transaction, commits once, answers all. No timer: while one commit
//! reaches the disk the next batch gathers. A unit that fails leaves nothing behind and disturbs no other.

use crate::accesses::Ends;
use crate::counts;
use crate::error::Error;
use crate::store::Home;
use crate::tx::{Fault, Tx};
use rusqlite::Connection;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Units in one transaction at most; bounds how much is run again when one of them fails late.
const BATCH_UNITS_MAX: usize = 256;
/// Rows changed between two times that somebody is asked to bring the log home.
const CHANGES_PER_CHECKPOINT: u64 = 8_000;
/// Commits between two looks at the planner's statistics.
const COMMITS_PER_OPTIMIZE: u64 = 10_000;

/// What handles send to the writer.
pub(crate) enum Message {
    Unit(Box<dyn Unit>),
    Close,
}

/// A unit of work whose result type is forgotten.
pub(crate) trait Unit: Send {
    /// Runs it, keeps its result, and says whether it succeeded.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Hands the kept result to the caller.
    fn answer(&mut self);
    /// Hands this error to the caller instead.
    fn refuse(&mut self, error: Error);
}

/// A unit of work and the caller that waits for it.
pub(crate) struct Pending<F, T, E> {
    f: F,
    kept: Option<Result<T, E>>,
    reply: SyncSender<Result<T, E>>,
}

impl<F, T, E> Pending<F, T, E> {
    pub(crate) fn new(f: F, reply: SyncSender<Result<T, E>>) -> Self {
        Self { f, kept: None, reply }
    }
}

impl<F, T, E> Unit for Pending<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let done = (self.f)(tx)?;
            counts::flush(tx)?;
            Ok(done)
        }))
        .unwrap_or_else(|panic| Err(E::from(Error::Panicked(words(panic.as_ref())))));
        let is_done = result.is_ok();
        self.kept = Some(result);
        is_done
    }

    fn answer(&mut self) {
        let result = self
            .kept
            .take()
            .unwrap_or_else(|| Err(E::from(Error::Unavailable("never run".to_owned()))));
        // A caller that no longer waits is not an error: the unit is durable all the same.
        let _ = self.reply.try_send(result);
    }

    fn refuse(&mut self, error: Error) {
        self.kept = Some(Err(E::from(error)));
        self.answer();
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_owned())
}

/// Brings home into the database what commits have put in the log, so that the writer need not. A store works without
/// one; then the writer does it, and everybody who has written waits meanwhile.
pub struct Checkpointer {
    connection: Connection,
    home: Arc<Home>,
    asked: Receiver<()>,
}

impl std::fmt::Debug for Checkpointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpointer").finish_non_exhaustive()
    }
}

impl Checkpointer {
    /// Works until the writer has stopped. Blocks.
    pub fn run(self) {
        for () in self.asked {
            // What is left in the log now is brought home the next time, or by the writer; it is durable there too. But a
            // disk that fails is trusted with nothing more.
            let home = self.connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)");
            if let Err(error) = home
                && let Some(Fault::Broken(reason)) = Fault::of(&error)
            {
                self.home.give_up(&reason);
            }
        }
    }
}

/// The writing side of a store. Exactly one thread runs it.
pub struct Writer {
    connection: Connection,
    home: Arc<Home>,
    messages: Receiver<Message>,
    commits: u64,
    changes_at_checkpoint: u64,
    checkpoint: Option<SyncSender<()>>,
    /// What the last committed unit left of chains' ends.
    ends: Ends,
    /// Changes when another connection has committed.
    others: Option<i64>,
    is_closing: bool,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("broken", &self.home.broken)
            .field("commits", &self.commits)
            .finish_non_exhaustive()
    }
}

impl Home {
    /// From now on nothing is written: what the disk has is not known any more. The words that callers are told.
    fn give_up(&self, reason: &str) -> &str {
        self.broken.get_or_init(|| {
            format!(
                "{reason}. What was acknowledged before is kept, and nothing is written from now on. Look at the disk, then \
                start the program again"
            )
        })
    }
}

type Batch = Vec<Box<dyn Unit>>;

/// How one try at a batch ended.
enum Tried {
    Committed,
    /// This unit failed after it had written: all is rolled back, the others must run again.
    Spoilt(usize),
    Fault(Fault),
    /// The commit itself was refused, e.g. by a deferred constraint.
    Refused(rusqlite::Error),
}

impl Writer {
    pub(crate) fn new(connection: Connection, home: Arc<Home>, messages: Receiver<Message>) -> Self {
        Self {
            connection,
            home,
            messages,
            commits: 0,
            changes_at_checkpoint: 0,
            checkpoint: None,
            ends: Ends::default(),
            others: None,
            is_closing: false,
        }
    }

    /// One who brings the log home on a thread of its own.
    pub fn checkpointer(&mut self) -> Result<Checkpointer, Error> {
        let connection = Connection::open(&self.home.path)?;
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000")?;
        let (ask, asked) = sync_channel(1);
        self.checkpoint = Some(ask);
        let home = Arc::clone(&self.home);
        Ok(Checkpointer {
            connection,
            home,
            asked,
        })
    }

    /// Works until every handle of the store is dropped or the store is closed. Blocks.
    pub fn run(mut self) {
        while let Some(batch) = self.gather() {
            self.settle(batch);
        }
        if self.home.broken.get().is_some() {
            return;
        }
        // Best effort: what is committed is durable without it.
        let _ = self
            .connection
            .execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// Waits for a unit and takes along what waits behind it; `None` once the store is closed and nothing waits.
    fn gather(&mut self) -> Option<Batch> {
        let mut batch = Batch::new();
        let mut next = if self.is_closing {
            None
        } else {
            self.messages.recv().ok()
        };
        loop {
            match next {
                Some(Message::Unit(unit)) => batch.push(unit),
                Some(Message::Close) => self.is_closing = true,
                None => break,
            }
            next = if self.is_closing || batch.len() >= BATCH_UNITS_MAX {
                None
            } else {
                self.messages.try_recv().ok()
            };
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Answers every unit of the batch.
    fn settle(&mut self, mut batch: Batch) {
        while !batch.is_empty() {
            if let Some(reason) = self.home.broken.get() {
                return refuse(&mut batch, || Error::Unavailable(reason.clone()));
            }
            match self.attempt(&mut batch) {
                Tried::Committed => return self.close(batch),
                Tried::Spoilt(at) => batch.remove(at).answer(),
                Tried::Fault(fault) => return self.fail(&mut batch, &fault),
                Tried::Refused(error) if batch.len() == 1 => batch.remove(0).refuse(Error::from(error)),
                Tried::Refused(_) => batch.drain(..).for_each(|unit| self.settle(vec![unit])),
            }
        }
    }

    fn attempt(&mut self, batch: &mut Batch) -> Tried {
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            return Fault::of(&error).map_or(Tried::Refused(error), Tried::Fault);
        }
        self.heed_others();
        for (at, unit) in batch.iter_mut().enumerate() {
            let before = self.connection.total_changes();
            let mut tx = Tx::new(&self.connection, &self.home);
            // Taken out for as long as it runs: only a unit that succeeds leaves any behind.
            tx.ends = std::mem::take(&mut self.ends);
            let is_done = unit.run(&mut tx);
            let (fault, statements) = (tx.fault.take(), tx.statements());
            let ends = std::mem::take(&mut tx.ends);
            self.home.statements.fetch_add(statements, Ordering::Relaxed);
            if let Some(fault) = fault {
                self.roll_back();
                return Tried::Fault(fault);
            }
            if !is_done && self.connection.total_changes() != before {
                self.roll_back();
                return Tried::Spoilt(at);
            }
            if is_done {
                self.ends = ends;
            }
        }
        self.commit()
    }

    /// Forgets chains' ends if somebody else has written: a command of the program's may have the database open beside it.
    fn heed_others(&mut self) {
        let statement = self.connection.prepare_cached("PRAGMA data_version");
        let version = statement.and_then(|mut statement| statement.query_row([], |row| row.get(0)));
        let version = version.ok();
        if version.is_none() || version != self.others {
            self.ends = Ends::default();
        }
        self.others = version;
    }

    fn commit(&mut self) -> Tried {
        let Err(error) = self.connection.execute_batch("COMMIT") else {
            self.commits += 1;
            self.ask_for_checkpoint();
            return Tried::Committed;
        };
        self.roll_back();
        Fault::of(&error).map_or(Tried::Refused(error), Tried::Fault)
    }

    fn ask_for_checkpoint(&mut self) {
        let changes = self.connection.total_changes();
        if changes.wrapping_sub(self.changes_at_checkpoint) >= CHANGES_PER_CHECKPOINT
            && let Some(checkpoint) = &self.checkpoint
        {
            self.changes_at_checkpoint = changes;
            // Full: it has been asked already.
            let _ = checkpoint.try_send(());
        }
    }

    fn roll_back(&mut self) {
        self.ends = Ends::default();
        if self.connection.is_autocommit() {
            // The engine has rolled back by itself, as it does on a full disk.
            return;
        }
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            self.home.give_up(&format!("rolling back failed: {error}"));
        }
    }

    fn fail(&mut self, batch: &mut Batch, fault: &Fault) {
        match fault {
            Fault::Full => refuse(batch, || Error::Full),
            Fault::Broken(reason) => {
                let words = self.home.give_up(reason);
                refuse(batch, || Error::Unavailable(words.to_owned()));
            }
        }
    }

    /// Tells everyone that the batch is durable, and now and then looks after the planner's statistics.
    fn close(&mut self, batch: Batch) {
        for mut unit in batch {
            unit.answer();
        }
        if self.commits.is_multiple_of(COMMITS_PER_OPTIMIZE) {
            // Statistics only steer the planner; stale ones are no fault.
            let _ = self
                .connection
                .execute_batch("PRAGMA analysis_limit = 1000; PRAGMA optimize");
        }
    }
}

fn refuse(batch: &mut Batch, error: impl Fn() -> Error) {
    for unit in batch {
        unit.refuse(error());
    }
}
