//! The queue: which cases are wanted, in which order, a page at a time, of those the caller may see.

use crate::{App, Caller, Error, accesses, maps};
use anlan_model::accesses::Purpose;
use anlan_model::cases::{Case, Phase};
use anlan_model::classes::Priority;
use anlan_model::ids::{CellId, ClassCode, OfficeId, StateCode};
use anlan_model::incoming::Channel;
use anlan_policy::{Action, RowRule};
use anlan_store::cases::{Sort, Visibility};
use jiff::Timestamp;

const PAGE_MAX: u16 = 200;

/// Which cases are wanted.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// Open, closed or void.
    pub phase: Option<Phase>,
    /// Any of these states.
    pub states: Vec<StateCode>,
    /// Any of these classes.
    pub classes: Vec<ClassCode>,
    /// Any of these offices.
    pub offices: Vec<OfficeId>,
    /// Any of these cells.
    pub cells: Vec<CellId>,
    /// Any of these priorities.
    pub priorities: Vec<Priority>,
    /// Only those past their deadline.
    pub overdue: bool,
    /// Words to find.
    pub text: Option<String>,
    /// The way it came.
    pub channel: Option<Channel>,
    /// The feed it came from.
    pub source: Option<String>,
    /// Only those the caller took on.
    pub mine: bool,
    /// Division code prefix.
    pub division: Option<String>,
    /// West, south, east, north, degrees.
    pub bbox: Option<[f64; 4]>,
    /// Opened at or after.
    pub opened_from: Option<Timestamp>,
    /// Opened before.
    pub opened_to: Option<Timestamp>,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which.
    pub filter: CaseQuery,
    /// In which order.
    pub sort: Sort,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// At most this many, 200 at the most.
    pub limit: u16,
}

/// One page.
#[derive(Debug, Clone)]
pub struct CasePage {
    /// The cases.
    pub items: Vec<Case>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// How many match in all.
    pub total: u64,
}

impl CaseQuery {
    /// Everything that is open.
    pub fn open() -> Self {
        Self {
            phase: Some(Phase::Open),
            ..Self::default()
        }
    }
}

pub(crate) fn visibility(rule: &RowRule) -> Visibility {
    Visibility {
        all: rule.all,
        office: rule.office,
        division: rule.division.clone(),
        assignee: rule.assignee,
        opened: rule.opened.clone(),
        hide_about: rule.hide_about,
    }
}

/// A page of the cases the caller may see.
pub fn list(app: &App, caller: &Caller, query: &Query) -> Result<CasePage, Error> {
    let rule = app.rows(caller, Action::CaseList)?;
    let limit = usize::from(query.limit.clamp(1, PAGE_MAX));
    let page = maps::pages::page(app, caller, query, &rule, limit)?;
    let entry = accesses::entry(app, caller, Action::CaseList, "cases", "list", Purpose::Case)
        .of_many(page.items.len());
    accesses::log(app, entry)?;
    Ok(page)
}
