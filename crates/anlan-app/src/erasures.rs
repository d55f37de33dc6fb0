//! Retention and erasure: what is due by the classification's periods goes, in small units of work so that the desk stays
//! quick; what somebody asks for goes at once where it may. Nothing here reads what it erases.

mod requests;
mod running;

pub use requests::{Wish, on_request};
pub use running::{Outcome, run};

use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::erasures::{Erasure, ErasureGround, ErasureKind};
use anlan_model::ids::{CaseId, ImportId};
use anlan_model::imports::{Import, ImportState};
use anlan_policy::Action;
use anlan_store::contacts::SubjectId;
use anlan_store::{Error as StoreError, Tx};
use jiff::{SignedDuration, Timestamp};

/// The kind of job that runs retention.
pub const JOB: &str = "retention.run";
/// The hour of the day, by the node's clocks, at which retention runs.
const HOUR: i8 = 3;
/// Files that no row speaks of are left alone that long: whoever writes them may not be done.
const ORPHAN_DAYS: u16 = 1;

/// How much of a kind is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The kind.
    pub kind: ErasureKind,
    /// Its period in days.
    pub days: u16,
    /// How many things are due.
    pub count: u64,
}

/// Kinds that go by themselves, each with its period.
const KINDS: [(ErasureKind, &str); 6] = [
    (ErasureKind::Contact, "contact"),
    (ErasureKind::Case, "case"),
    (ErasureKind::Import, "import"),
    (ErasureKind::Upload, "upload"),
    (ErasureKind::Job, "job"),
    (ErasureKind::Session, "session"),
];

/// A period's length here.
pub(crate) fn days(app: &App, period: &str) -> Result<u16, Error> {
    app.classification.days(period).ok_or_else(|| Error::Unavailable {
        detail: format!("the classification has no period `{period}` with a length; nothing was erased"),
    })
}

/// What was finished before this time is due.
fn before(now: Timestamp, days: u16) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MIN)
}

/// What would be erased now. Erases nothing; looking is logged.
pub fn preview(app: &App, caller: &Caller) -> Result<Vec<Due>, Error> {
    app.require(caller, Action::RetentionRead)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::RetentionRead,
        "erasure",
        "preview",
        Purpose::Maintenance,
    );
    accesses::log(app, entry)?;
    let now = app.clock.now();
    let mut all = Vec::new();
    for (kind, period) in KINDS {
        let days = days(app, period)?;
        let count = count(app, kind, before(now, days))?;
        all.push(Due { kind, days, count });
    }
    let orphans = anlan_store::erasures::orphan_blobs(&app.store, orphan_age())?.len()
        + crate::uploads::orphans(app, orphan_age())?.len();
    all.push(Due {
        kind: ErasureKind::Orphan,
        days: ORPHAN_DAYS,
        count: size(orphans),
    });
    Ok(all)
}

fn count(app: &App, kind: ErasureKind, before: Timestamp) -> Result<u64, Error> {
    use anlan_store::{erasures, jobs, sessions, uploads};
    app.store.read(|tx| {
        Ok(match kind {
            ErasureKind::Contact => size(erasures::due_contacts(tx, before, SubjectId(0), usize::MAX)?.len()),
            ErasureKind::Case => size(erasures::due_cases(tx, before, CaseId(0), usize::MAX)?.len()),
            ErasureKind::Import => size(due_imports(tx, before)?.len()),
            ErasureKind::Upload => size(uploads::before(tx, before)?.len()),
            ErasureKind::Job => jobs::count_dead(tx, before)?,
            ErasureKind::Session => sessions::count_expired(tx, before)?,
            ErasureKind::Report | ErasureKind::Orphan | ErasureKind::Residue => 0,
        })
    })
}

/// Ended runs of before that time whose file's name is still there.
fn due_imports(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<ImportId>, StoreError> {
    let all = anlan_store::imports::list(tx)?;
    Ok(all
        .into_iter()
        .filter(|import| is_due(import, before))
        .map(|import| import.id)
        .collect())
}

fn is_due(import: &Import, before: Timestamp) -> bool {
    let is_over = !matches!(import.state, ImportState::Queued | ImportState::Running);
    is_over && !import.file.is_empty() && import.ended_at.unwrap_or(import.started_at) < before
}

fn orphan_age() -> std::time::Duration {
    std::time::Duration::from_secs(86_400 * u64::from(ORPHAN_DAYS))
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The register of what was erased, newest first; reading it is logged.
pub fn list(app: &App, caller: &Caller, limit: u16) -> Result<Vec<Erasure>, Error> {
    app.require(caller, Action::RetentionRead)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::RetentionRead,
        "erasure",
        "list",
        Purpose::Maintenance,
    );
    accesses::log(app, entry)?;
    app.store
        .read(|tx| anlan_store::erasures::list(tx, limit.into()).map_err(Error::from))
}

/// Sees to it that retention runs: a job for the next night, unless one waits.
pub fn plan(app: &App) -> Result<(), Error> {
    let at = next_night(app);
    app.store
        .write(move |tx| anlan_store::jobs::ensure(tx, JOB, "", at).map_err(Error::from))
}

fn next_night(app: &App) -> Timestamp {
    let now = app.clock.now();
    let local = now.to_zoned_datetime(app.node().calendar.zone().clone());
    let tonight = local
        .with()
        .hour(HOUR)
        .minute(0)
        .second(0)
        .subsec_nanosecond(0)
        .build();
    let next = tonight.and_then(|at| {
        if at.timestamp() > now {
            Ok(at)
        } else {
            at.tomorrow()
        }
    });
    next.map_or(now, |at| at.timestamp())
}

/// A line of the register and an entry of the access log, in the unit that erases.
fn note(
    tx: &mut Tx<'_>,
    entry: &Access,
    (kind, ground): (ErasureKind, ErasureGround),
    count: u32,
) -> Result<(), StoreError> {
    let line = Erasure {
        at: entry.at,
        by: entry.actor,
        kind,
        ground,
        case: if ground == ErasureGround::Request {
            entry.resource_id.parse().ok().map(CaseId)
        } else {
            None
        },
        count,
    };
    anlan_store::erasures::note(tx, &line)?;
    let entry = Access {
        count,
        ..entry.clone()
    };
    anlan_store::accesses::append(tx, &entry)
}
