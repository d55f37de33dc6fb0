//! Jobs: work that follows a unit of work, enqueued in the same transaction and done at least once. A worker that dies
//! loses its lease and another takes over; a job that keeps failing waits longer each time and in the end lies still.

use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use jiff::{SignedDuration, Timestamp};

/// Tries before a job lies still.
pub const ATTEMPTS_MAX: u32 = 12;
/// Wait after the first failure; doubles with each.
const BACKOFF_FIRST_S: i64 = 5;
const BACKOFF_LAST_S: i64 = 3600;
const ERROR_CHARS_MAX: usize = 500;

/// A job in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// With what, as text.
    pub body: String,
    /// Which try this is, from 1; also the proof of holding the lease.
    pub attempt: u32,
}

/// Enqueues a job to be done at `run_at` or soon after.
pub fn enqueue(tx: &mut Tx<'_>, kind: &str, body: &str, run_at: Timestamp) -> Result<i64, Error> {
    let sql = "INSERT INTO jobs (kind, body, run_at) VALUES (?1, ?2, ?3)";
    tx.insert(sql, &[kind.into(), body.into(), run_at.into()])
}

/// Enqueues a job unless one of its kind waits already.
pub fn ensure(tx: &mut Tx<'_>, kind: &str, body: &str, run_at: Timestamp) -> Result<(), Error> {
    let sql = "INSERT INTO jobs (kind, body, run_at) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE kind = ?1 AND dead_at IS NULL)";
    tx.exec(sql, &[kind.into(), body.into(), run_at.into()])?;
    Ok(())
}

/// How many jobs were given up before that time.
pub fn count_dead(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM jobs WHERE dead_at < ?1";
    Ok(tx
        .query_one(sql, &[before.into()], |row| row.int(0))?
        .unwrap_or(0)
        .unsigned_abs())
}

/// Erases jobs given up before that time; how many.
pub fn erase_dead(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize, Error> {
    tx.exec("DELETE FROM jobs WHERE dead_at < ?1", &[before.into()])
}

/// Takes the next due job of one of these kinds until `lease_until`; nobody else gets it before.
pub fn claim(
    tx: &mut Tx<'_>,
    kinds: &[&str],
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Job>, Error> {
    let mut params: Vec<Value<'_>> = vec![now.into(), lease_until.into()];
    params.extend(kinds.iter().map(|kind| Value::from(*kind)));
    let places = (3..=params.len())
        .map(|at| format!("?{at}"))
        .collect::<Vec<_>>()
        .join(", ");
    let sql = format!(
        "UPDATE jobs SET attempts = attempts + 1, lease_until = ?2 WHERE id = (
            SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= ?1
            AND (lease_until IS NULL OR lease_until <= ?1) AND kind IN ({places}) ORDER BY run_at, id LIMIT 1
        ) RETURNING id, kind, body, attempts"
    );
    tx.query_one(&sql, &params, job)
}

/// The job is done and forgotten. `Error::Conflict` if its lease had gone to another.
pub fn finish(tx: &mut Tx<'_>, job: &Job) -> Result<(), Error> {
    let sql = "DELETE FROM jobs WHERE id = ?1 AND attempts = ?2";
    held(tx.exec(sql, &[job.id.into(), job.attempt.into()])?)
}

/// The job failed: it waits, longer each time, or lies still after `ATTEMPTS_MAX` tries. `error` must not carry personal
/// data. `Error::Conflict` if its lease had gone to another.
pub fn fail(tx: &mut Tx<'_>, job: &Job, error: &str, now: Timestamp) -> Result<(), Error> {
    let error: String = error.chars().take(ERROR_CHARS_MAX).collect();
    let wait_s = BACKOFF_FIRST_S
        .saturating_mul(1 << job.attempt.saturating_sub(1).min(20))
        .min(BACKOFF_LAST_S);
    let run_at = now
        .saturating_add(SignedDuration::from_secs(wait_s))
        .unwrap_or(now);
    let dead_at = (job.attempt >= ATTEMPTS_MAX).then_some(now);
    let sql = "UPDATE jobs SET lease_until = NULL, run_at = ?3, error = ?4, dead_at = ?5 WHERE id = ?1 AND attempts = ?2";
    let params = [
        job.id.into(),
        job.attempt.into(),
        run_at.into(),
        (&error).into(),
        dead_at.into(),
    ];
    held(tx.exec(sql, &params)?)
}

/// When the next job is due, so that a worker can sleep until then; `None` if nothing waits.
pub fn next_at(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT min(max(run_at, coalesce(lease_until, run_at))) FROM jobs WHERE dead_at IS NULL";
    Ok(tx.query_one(sql, &[], |row| row.find_time(0))?.flatten())
}

/// How many jobs wait and how many lie still.
pub fn count(tx: &mut Tx<'_>) -> Result<(u64, u64), Error> {
    let sql = "SELECT count(*) - count(dead_at), count(dead_at) FROM jobs";
    let found = tx.query_one(sql, &[], |row| {
        Ok((row.int(0)?.unsigned_abs(), row.int(1)?.unsigned_abs()))
    })?;
    Ok(found.unwrap_or_default())
}

fn held(rows: usize) -> Result<(), Error> {
    if rows == 1 { Ok(()) } else { Err(Error::Conflict) }
}

fn job(row: &Row<'_>) -> Result<Job, Error> {
    Ok(Job {
        id: row.int(0)?,
        kind: row.text(1)?.to_owned(),
        body: row.text(2)?.to_owned(),
        attempt: u32::try_from(row.int(3)?).unwrap_or(u32::MAX),
    })
}
