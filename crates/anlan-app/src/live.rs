//! What changed since: live screens ask again and again, so no process has to remember who watches.

use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::alerts::Alert;
use anlan_model::cases::Case;
use anlan_model::imports::{Import, ImportState};
use anlan_model::warnings::Warning;
use anlan_policy::Action;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// An import that ended is told for so long, seconds.
const ENDED_SHOWN_S: i64 = 3;
/// A warning or an alert that changed is told for so long, seconds; each listener says it once.
const CHANGED_SHOWN_S: i64 = 10;

/// Changes after some place in the order of events.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// The newest place seen; ask again from here.
    pub seq: i64,
    /// Every case that changed, once, as it is now.
    pub cases: Vec<Case>,
    /// Imports that run, or ended a moment ago.
    pub imports: Vec<Import>,
    /// Warnings that changed a moment ago.
    pub warnings: Vec<Warning>,
    /// Alerts that came or changed a moment ago.
    pub alerts: Vec<Alert>,
}

impl Live {
    /// Whether nothing changed.
    pub fn is_quiet(&self) -> bool {
        self.cases.is_empty() && self.imports.is_empty() && self.warnings.is_empty() && self.alerts.is_empty()
    }
}

/// Begins to listen: the newest place in the order of events. Whoever may see cases move leaves one entry for the whole
/// time of listening, before the first is told.
pub fn open(app: &App, caller: &Caller) -> Result<i64, Error> {
    app.require(caller, Action::SessionUse)?;
    if app.policy.may(&caller.actor, Action::CaseList).allowed {
        let entry = accesses::entry(app, caller, Action::CaseList, "cases", "live", Purpose::Case);
        accesses::log(app, entry)?;
    }
    last(app)
}

/// The newest place in the order of events.
pub fn last(app: &App) -> Result<i64, Error> {
    app.store
        .read(|tx| anlan_store::events::last(tx).map_err(Error::from))
}

/// What changed after `seq`; at most `limit` events are looked at, so ask again at once if `seq` moved that far.
pub fn since(app: &App, seq: i64, limit: usize) -> Result<Live, Error> {
    let now = app.clock.now();
    let recent = now
        .saturating_sub(SignedDuration::from_secs(CHANGED_SHOWN_S))
        .unwrap_or(now);
    app.store.read(|tx| {
        let kept = anlan_store::events::since(tx, seq, limit)?;
        let newest = kept.last().map_or(seq, |kept| kept.seq);
        let ids: BTreeSet<_> = kept.into_iter().map(|kept| kept.case).collect();
        let cases = ids
            .into_iter()
            .filter_map(|id| anlan_store::cases::find(tx, id).transpose());
        let cases = cases.collect::<Result<Vec<_>, _>>()?;
        let imports = anlan_store::imports::list(tx)?
            .into_iter()
            .filter(|import| is_lively(import, now))
            .collect();
        Ok(Live {
            seq: newest,
            cases,
            imports,
            warnings: anlan_store::warnings::changed_since(tx, recent)?,
            alerts: anlan_store::alerts::changed_since(tx, recent)?,
        })
    })
}

fn is_lively(import: &Import, now: Timestamp) -> bool {
    import
        .ended_at
        .map_or(import.state == ImportState::Running, |ended| {
            now.duration_since(ended).as_secs() < ENDED_SHOWN_S
        })
}

/// Those of the cases that the caller may see move, with what they may see of them.
pub fn seen(app: &App, caller: &Caller, cases: &[Case]) -> Vec<Case> {
    let Some(rule) = app.policy.rows(&caller.actor, Action::CaseList) else {
        return Vec::new();
    };
    let shown = app.policy.fields(&caller.actor);
    let seen = cases.iter().filter(|case| rule.admits(case)).cloned();
    seen.map(|mut case| {
        crate::cases::veil(&mut case, &shown);
        case
    })
    .collect()
}
