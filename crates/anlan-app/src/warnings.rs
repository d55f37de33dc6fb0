//! Early warning: counts are watched, what is above the usual becomes a warning, people look at it, link it to a case or
//! put it aside with a reason. Shown are counts; the reports behind them only to those who may see them.

mod explaining;
mod judging;
mod places;
mod raising;
mod reviewing;
mod sentences;
mod tally;
mod watching;

pub use anlan_store::warnings::WarningFilter as Filter;
pub use explaining::{ChartDay, Earlier, Explained, LookDay, Step, explain};
pub use reviewing::{GroupReview, Month, Outcomes, Review, Tried, TriedWarning, review, tune, what_if};
pub use sentences::Sentence;
pub use watching::{Passed, Watcher, pass, watch};

use crate::cases::{self, CasePage, CaseQuery, Query, check_note};
use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::cases::{Case, Phase};
use anlan_model::ids::{CaseId, CellId, WarningId};
use anlan_model::warnings::{DismissReason, Warning, WarningEvent, WarningState};
use anlan_policy::Action;
use anlan_store::cases::{Sort, SortKey};
use anlan_store::{Cursor, Tx};
use jiff::Timestamp;

/// Cases behind a warning that are looked through, at most.
const BEHIND_MAX: u16 = 200;

/// A stretch of time and space in which a class group's cases are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    pub(crate) group: usize,
    /// None means all.
    pub(crate) cells: &'a [CellId],
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// Warnings a list shows, and how many wait for somebody.
#[derive(Debug, Clone)]
pub struct WarningPage {
    /// The warnings, newest first.
    pub items: Vec<Warning>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Raised and not looked at yet.
    pub waiting: u32,
}

/// Warnings in these states, newest first; any state where none is named.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    after: Option<&str>,
    limit: u16,
) -> Result<WarningPage, Error> {
    app.require(caller, Action::WarningRead)?;
    let after = after.map(|cursor| Cursor(cursor.to_owned()));
    let found = app.store.read(|tx| {
        let page = anlan_store::warnings::list(tx, filter, after.as_ref(), limit.into())?;
        Ok::<_, Error>(WarningPage {
            items: page.items,
            next: page.next.map(|cursor| cursor.0),
            waiting: anlan_store::warnings::count(tx, &[WarningState::Raised])?,
        })
    })?;
    let entry = accesses::entry(
        app,
        caller,
        Action::WarningRead,
        "warnings",
        "list",
        Purpose::Case,
    )
    .of_many(found.items.len());
    accesses::log(app, entry)?;
    Ok(found)
}

/// One warning.
pub fn read(app: &App, caller: &Caller, id: WarningId) -> Result<Warning, Error> {
    app.require(caller, Action::WarningRead)?;
    let warning = app
        .store
        .read(|tx| anlan_store::warnings::find(tx, id).map_err(Error::from))?;
    let warning = warning.ok_or(Error::Missing { what: "warning" })?;
    accesses::log(
        app,
        accesses::entry(app, caller, Action::WarningRead, "warning", id, Purpose::Case),
    )?;
    Ok(warning)
}

/// The cases behind a warning, as many of them as the caller may see.
pub fn cases(app: &App, caller: &Caller, id: WarningId, limit: u16) -> Result<CasePage, Error> {
    let warning = read(app, caller, id)?;
    let node = app.node();
    let may_list = app.policy.may(&caller.actor, Action::CaseList).allowed;
    let Some(group) = node.watch.group(&warning.group).filter(|_| may_list) else {
        return Ok(CasePage {
            items: Vec::new(),
            next: None,
            total: 0,
        });
    };
    let classes = node.classes.keys().filter(|class| group.takes(class)).cloned();
    let finding = &warning.latest;
    let query = Query {
        filter: CaseQuery {
            classes: classes.collect(),
            cells: finding.cells.clone(),
            opened_from: Some(finding.from),
            opened_to: finding.to.checked_add(jiff::SignedDuration::from_mins(1)).ok(),
            ..CaseQuery::default()
        },
        sort: Sort::descending(SortKey::Opened),
        cursor: None,
        limit: BEHIND_MAX,
    };
    let mut page = cases::list(app, caller, &query)?;
    let whole = page.next.is_none();
    page.items.retain(|case| is_counted(&node, case));
    if whole {
        page.total = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    }
    page.items.truncate(limit.into());
    Ok(page)
}

/// Whether a case is among those that the watch counts.
fn is_counted(node: &Jurisdiction, case: &Case) -> bool {
    let rule = &node.watch.leave_out;
    let is_left_out = (rule.default_points && case.place.is_default_point)
        || (rule.repeats && case.is_marked_duplicate)
        || rule.sources.contains(&case.source);
    case.phase != Phase::Void && !is_left_out
}

/// Says that somebody looks at it.
pub fn look(app: &App, caller: &Caller, id: WarningId, version: u32) -> Result<Warning, Error> {
    decide(app, caller, (id, version), WarningEvent::Seen)
}

/// Links it to a case that the caller may see.
pub fn link(app: &App, caller: &Caller, id: WarningId, version: u32, case: CaseId) -> Result<Warning, Error> {
    app.require(caller, Action::WarningDecide)?;
    let case = cases::nameable(app, caller, case, "warning.case_unknown")?;
    decide(app, caller, (id, version), WarningEvent::Linked { case })
}

/// Puts it aside, for a reason from the closed list.
pub fn dismiss(
    app: &App,
    caller: &Caller,
    (id, version): (WarningId, u32),
    reason: DismissReason,
    note: &str,
) -> Result<Warning, Error> {
    check_note(note)?;
    let note = note.trim().to_owned();
    decide(
        app,
        caller,
        (id, version),
        WarningEvent::Dismissed { reason, note },
    )
}

/// Is done with it.
pub fn close(app: &App, caller: &Caller, id: WarningId, version: u32, note: &str) -> Result<Warning, Error> {
    check_note(note)?;
    let note = note.trim().to_owned();
    decide(app, caller, (id, version), WarningEvent::Closed { note })
}

fn decide(
    app: &App,
    caller: &Caller,
    (id, version): (WarningId, u32),
    event: WarningEvent,
) -> Result<Warning, Error> {
    app.require(caller, Action::WarningDecide)?;
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(app, caller, Action::WarningDecide, "warning", id, Purpose::Case);
    app.store.write(move |tx| {
        let found = anlan_store::warnings::find(tx, id)?;
        let warning = found.ok_or(Error::Missing { what: "warning" })?;
        check_version(tx, &warning, version)?;
        event.check(&warning).map_err(|step| no_such_step(&step))?;
        let warning = anlan_store::warnings::record(tx, &warning, &event, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(warning)
    })
}

/// A detector's update does not stand in the way of a decision; another person's decision does.
fn check_version(tx: &mut Tx<'_>, warning: &Warning, version: u32) -> Result<(), Error> {
    if warning.version == version {
        return Ok(());
    }
    let decided = anlan_store::warnings::events(tx, warning.id)?
        .into_iter()
        .skip(version as usize)
        .find(|kept| kept.stamp.by.is_some());
    let Some(kept) = decided else { return Ok(()) };
    let who = match kept.stamp.by {
        Some(by) => anlan_store::accounts::find(tx, by)?
            .map_or_else(|| "somebody".into(), |account| account.display_name),
        None => "Anlan".into(),
    };
    let (kind, at) = (kept.event.kind(), kept.stamp.at);
    Err(Error::conflict(
        "warning.decided_meanwhile",
        format!("{who} 已先行处理此预警（{kind}，{at}），您的操作没有生效，请查看最新情况后再决定。"),
        format!(
            "{who} was first: {kind} at {at}. Nothing of yours was done; look at the warning as it is now."
        ),
    ))
}

fn no_such_step(step: &anlan_model::warnings::NoSuchStep) -> Error {
    let (state, wanted) = (step.state.word(), step.wanted);
    let (zh, en) = (
        format!("该预警当前为“{}”，不能进行此操作。", state_zh(step.state)),
        format!("a warning that is {state} cannot be {wanted}."),
    );
    Error::denied("warning.no_such_step", zh, en)
}

fn state_zh(state: WarningState) -> &'static str {
    match state {
        WarningState::Raised => "新预警",
        WarningState::Seen => "研判中",
        WarningState::Linked => "已关联案件",
        WarningState::Dismissed => "已排除",
        WarningState::Closed => "已办结",
    }
}

/// A warning's newest finding in one plain sentence.
pub fn told(node: &Jurisdiction, warning: &Warning) -> Sentence {
    sentences::sentence(node, &warning.group, &warning.latest)
}
