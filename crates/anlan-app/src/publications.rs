//! What everybody may know of a case: its kind, state, office and times, and about where it is. Never a word that anybody
//! wrote, nor an exact place. Only kinds that the node publishes; where it publishes none, nothing is public.

use crate::cases::{CaseQuery, Query};
use crate::{App, Caller, Error, accesses, maps};
use anlan_model::accesses::Purpose;
use anlan_model::cases::Phase;
use anlan_model::classes::Class;
use anlan_model::ids::{CaseId, ClassCode, OfficeId, ReasonCode, StateCode};
use anlan_model::places::Point;
use anlan_policy::{Action, CaseFacts, RowRule};
use anlan_store::cases::{Slim, Sort, SortKey};
use jiff::Timestamp;

/// The kinds of cases that a node publishes, by the beginnings of their codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published(Vec<String>);

impl Published {
    /// Those whose code begins with one of these; an empty one is left out, as it would be all.
    pub fn of(beginnings: impl IntoIterator<Item = String>) -> Self {
        let given = beginnings.into_iter().map(|text| text.trim().to_owned());
        Self(given.filter(|text| !text.is_empty()).collect())
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this kind is among them.
    pub fn has(&self, class: &ClassCode) -> bool {
        self.0.iter().any(|begin| class.as_str().starts_with(begin))
    }
}

/// What is public of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The number people say.
    pub number: String,
    /// What it is about.
    pub class: ClassCode,
    /// Whether somebody still has to act.
    pub is_open: bool,
    /// Its state.
    pub state: StateCode,
    /// Why it was closed.
    pub reason: Option<ReasonCode>,
    /// The office that has to act, or had to.
    pub office: Option<OfficeId>,
    /// First received.
    pub opened_at: Timestamp,
    /// Last changed.
    pub updated_at: Timestamp,
    /// What was promised.
    pub due_at: Option<Timestamp>,
    /// About where it is.
    pub about: Option<Point>,
}

/// Which are asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Only these kinds; empty for any.
    pub classes: Vec<ClassCode>,
    /// Received at or after.
    pub from: Timestamp,
    /// Received before.
    pub until: Timestamp,
    /// Open or closed; `None` for both.
    pub is_open: Option<bool>,
    /// How many to pass over.
    pub skip: usize,
    /// How many at most.
    pub limit: usize,
}

/// The kinds that are published and in use, in the order of their codes.
pub fn classes(app: &App) -> Vec<Class> {
    let node = app.node();
    let all = node.classes.values();
    all.filter(|class| is_offered(app, class)).cloned().collect()
}

/// One of them by its code.
pub fn find_class(app: &App, code: &str) -> Option<Class> {
    let node = app.node();
    let found = node.classes.get(&ClassCode::from(code));
    found.filter(|class| is_offered(app, class)).cloned()
}

fn is_offered(app: &App, class: &Class) -> bool {
    class.is_active && app.published.has(&class.code)
}

/// What is public, the newest first.
pub fn list(app: &App, wanted: &Wanted) -> Result<Vec<Publication>, Error> {
    let caller = Caller::resident();
    let rule = app.rows(&caller, Action::CasePublish)?;
    let Some(filter) = filter(app, wanted) else {
        return Ok(Vec::new());
    };
    let query = Query {
        filter,
        sort: Sort::descending(SortKey::Opened),
        cursor: None,
        limit: 0,
    };
    let range = (wanted.skip, wanted.limit);
    let found = maps::pages::places(app, &caller, (&query, &rule), range)?;
    let ids: Vec<CaseId> = found.keys.iter().map(|[.., id]| CaseId(*id)).collect();
    let all = told(app, &rule, &ids)?;
    note(app, &caller, "list", all.len())?;
    Ok(all)
}

/// What is public of the cases with these numbers, in that order; those that there are not, or that are not public, are
/// left out alike.
pub fn of_numbers(app: &App, numbers: &[String]) -> Result<Vec<Publication>, Error> {
    let caller = Caller::resident();
    let rule = app.rows(&caller, Action::CasePublish)?;
    let ids: Vec<CaseId> = numbers
        .iter()
        .filter_map(|text| CaseId::from_number(text))
        .collect();
    let all = told(app, &rule, &ids)?;
    note(app, &caller, "numbers", all.len())?;
    Ok(all)
}

/// Noted as what it is: so many public records were told, of no case in particular, as what is public of one is nobody's
/// secret.
fn note(app: &App, caller: &Caller, how: &str, count: usize) -> Result<(), Error> {
    let action = Action::CasePublish;
    let entry = accesses::entry(app, caller, action, "cases", how, Purpose::Publication).of_many(count);
    accesses::log(app, entry)
}

/// Open and closed ones of the published kinds that are asked for; `None` where that is none. Withdrawn and merged ones
/// count nowhere.
fn filter(app: &App, wanted: &Wanted) -> Option<CaseQuery> {
    let node = app.node();
    let is_wanted = |class: &ClassCode| wanted.classes.is_empty() || wanted.classes.contains(class);
    let classes = node.classes.keys().filter(|class| app.published.has(class));
    let classes: Vec<ClassCode> = classes.filter(|class| is_wanted(class)).cloned().collect();
    let is_in = |phase: Phase| match wanted.is_open {
        Some(true) => phase == Phase::Open,
        Some(false) => phase == Phase::Closed,
        None => phase != Phase::Void,
    };
    let states = node.procedure.states().iter().filter(|state| is_in(state.phase));
    (!classes.is_empty()).then(|| CaseQuery {
        phase: wanted
            .is_open
            .map(|open| if open { Phase::Open } else { Phase::Closed }),
        states: states.map(|state| state.code.clone()).collect(),
        classes,
        opened_from: Some(wanted.from),
        opened_to: Some(wanted.until),
        ..CaseQuery::default()
    })
}

/// What is public of these cases, in this order: a few of their columns, none of which holds a word that anybody wrote.
fn told(app: &App, rule: &RowRule, ids: &[CaseId]) -> Result<Vec<Publication>, Error> {
    let rows = app
        .store
        .read(|tx| anlan_store::cases::told(tx, ids).map_err(Error::from))?;
    // A case may have left what is public since the columns were looked at.
    let rows = rows
        .into_iter()
        .filter(|(slim, _)| rule.admits_facts(&facts(slim)));
    Ok(rows
        .filter_map(|(slim, reason)| publication(app, slim, reason))
        .collect())
}

fn facts(slim: &Slim) -> CaseFacts<'_> {
    CaseFacts {
        id: slim.id,
        office: slim.office,
        assignee: slim.assignee,
        about: slim.about_office,
        division: (!slim.division.is_empty()).then_some(slim.division.as_str()),
    }
}

/// What is public of this case, if anything: complaints about an office are not.
fn publication(app: &App, case: Slim, reason: Option<ReasonCode>) -> Option<Publication> {
    let class = case.class.filter(|class| app.published.has(class))?;
    if case.about_office.is_some() {
        return None;
    }
    let year = case.opened_at.to_zoned_datetime(jiff::tz::TimeZone::UTC).year();
    let point = case.point.filter(|_| !case.is_default_point);
    Some(Publication {
        number: case.id.number(year),
        class,
        is_open: case.phase == Phase::Open,
        state: case.state,
        reason,
        office: case.office,
        opened_at: case.opened_at,
        updated_at: case.updated_at,
        due_at: case.due_at,
        about: point.map(|[lon, lat]| Point { lon, lat }.coarse()),
    })
}
