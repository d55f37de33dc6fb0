//! The job loop: takes due jobs one after another, and does the timers' work beside them. What a job does is an action.

use crate::{import, serve};
use anlan_app::{App, Caller, erasures, reviews, uploads};
use anlan_store::jobs::Job;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const BEAT: Duration = Duration::from_secs(1);
const SWEEP_EVERY_BEATS: u32 = 3600;
const LEASE_S: i64 = 3600;
/// A run of retention stops after that long and goes on after the jobs that wait: an import must not wait for all of it.
const RETENTION_TURN: Duration = Duration::from_mins(2);

/// Works until told to stop.
pub(crate) fn work(app: &App, stop: &AtomicBool) {
    match anlan_app::imports::recover(app) {
        Ok(0) => {}
        Ok(found) => {
            tracing::warn!("{found} imports were cut off when the program ended; they can be resumed");
        }
        Err(error) => tracing::error!("imports cannot be looked at: {error}"),
    }
    let mut is_behind = true;
    for beat in 0_u32.. {
        if beat % SWEEP_EVERY_BEATS == 0 {
            sweep(app);
            is_behind = true;
        }
        // One day of the log at a time: other jobs do not wait for a year of it.
        is_behind = is_behind && review(app);
        while let Some(job) = claim(app) {
            run(app, &job, stop);
        }
        if !serve::nap(BEAT, stop) {
            return;
        }
    }
}

fn sweep(app: &App) {
    let swept = erasures::plan(app).and_then(|()| anlan_app::sessions::sweep(app));
    if let Err(error) = swept {
        tracing::warn!("sweeping: {error}");
    }
}

/// Examines one day of the access log; whether there may be another.
fn review(app: &App) -> bool {
    match reviews::pass(app) {
        Ok(None) => false,
        Ok(Some(passed)) => {
            if passed.raised > 0 {
                tracing::info!("access review: {} of {} stand out", passed.raised, passed.day);
            }
            true
        }
        Err(error) => {
            tracing::error!("the access log cannot be reviewed: {error}");
            false
        }
    }
}

fn claim(app: &App) -> Option<Job> {
    let now = app.clock.now();
    let lease = jiff::SignedDuration::from_secs(LEASE_S);
    let until = now.checked_add(lease).ok()?;
    let waiting = app.store.read(anlan_store::jobs::next_at);
    if waiting.ok().flatten().is_none_or(|at| at > now) {
        return None;
    }
    let claimed = app
        .store
        .write(move |tx| anlan_store::jobs::claim(tx, &[uploads::JOB, erasures::JOB], now, until));
    claimed.unwrap_or_else(|error: anlan_store::Error| {
        tracing::error!("jobs cannot be taken: {error}");
        None
    })
}

fn run(app: &App, job: &Job, stop: &AtomicBool) {
    let done = match job.kind.as_str() {
        uploads::JOB => import::job(app, &job.body, stop),
        erasures::JOB => retain(app, stop),
        other => Err(anyhow::anyhow!("no job is called {other}")),
    };
    let (job, now) = (job.clone(), app.clock.now());
    let noted = app.store.write(move |tx| match &done {
        Ok(()) => anlan_store::jobs::finish(tx, &job),
        Err(error) => anlan_store::jobs::fail(tx, &job, &format!("{error:#}"), now),
    });
    if let Err(error) = noted {
        tracing::error!("a job's end cannot be noted: {error}");
    }
}

/// A turn of retention. What is left after it becomes a job of its own, behind those that wait.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a turn takes is the machine's time, not the node's"
)]
fn retain(app: &App, stop: &AtomicBool) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    let goes_on = || !stop.load(Ordering::SeqCst) && begun.elapsed() < RETENTION_TURN;
    let outcome = erasures::run(app, &Caller::system(), &goes_on)?;
    for (kind, count) in outcome.erased.iter().filter(|(_, count)| **count > 0) {
        tracing::info!("retention: {count} of kind {} erased", kind.word());
    }
    for backup in &outcome.backups {
        tracing::warn!(
            "a backup in the data folder holds what was erased since: {}",
            backup.display()
        );
    }
    if !outcome.is_finished {
        let now = app.clock.now();
        app.store
            .write(move |tx| anlan_store::jobs::enqueue(tx, erasures::JOB, "", now).map(drop))?;
    }
    Ok(())
}
