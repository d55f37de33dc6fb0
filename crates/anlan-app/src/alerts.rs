//! Alerts that authorities send: taken in once, ended by their own sender, looked at, linked to cases, and watched. What holds
//! now, and which cases lie in an area, is asked when somebody looks.

use crate::cases::{self, CasePage, CaseQuery, Query};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::alerts::{Alert, AlertEvent, AlertState, Arrived, NoSuchStep};
use anlan_model::cases::Phase;
use anlan_model::events::Stamp;
use anlan_model::ids::{AlertId, CaseId};
use anlan_policy::Action;
use anlan_store::cases::{Sort, SortKey};
use anlan_store::{Cursor, Tx};

pub use anlan_store::alerts::{AlertFilter as Filter, Feed, KeptEvent};

/// Cases around an alert's area that are looked through, at most.
const AROUND_MAX: u16 = 200;
/// The longest source name.
const SOURCE_MAX: usize = 100;

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The alert.
    pub alert: Alert,
    /// It was here already; nothing was added.
    pub is_known: bool,
    /// Alerts that it ended.
    pub ended: Vec<AlertId>,
}

/// Alerts a list shows.
#[derive(Debug, Clone)]
pub struct AlertPage {
    /// The alerts, the newest received first.
    pub items: Vec<Alert>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// One alert with what happened to it.
#[derive(Debug, Clone)]
pub struct AlertFile {
    /// The alert.
    pub alert: Alert,
    /// What happened, with the name of who did it, in order.
    pub events: Vec<(KeptEvent, Option<String>)>,
}

/// Refuses whoever may not hand alerts in: they need not know what is wrong with one.
pub fn admit(app: &App, caller: &Caller) -> Result<(), Error> {
    app.require(caller, Action::AlertReceive)
}

/// Takes a message in, once; it ends those that it may end, and is ended by one that came before it.
pub fn receive(app: &App, caller: &Caller, arrived: Arrived) -> Result<Taken, Error> {
    let taken = receive_all(app, caller, vec![arrived])?;
    taken.into_iter().next().ok_or(Error::Missing { what: "alert" })
}

/// The same of several, in their order, in one unit of work: a feed of a thousand waits for the disk a few times only.
pub fn receive_all(app: &App, caller: &Caller, all: Vec<Arrived>) -> Result<Vec<Taken>, Error> {
    app.require(caller, Action::AlertReceive)?;
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(app, caller, Action::AlertReceive, "alert", "", Purpose::Case);
    app.store.write(move |tx| {
        let taken = all.iter().map(|arrived| {
            let taken = take(tx, arrived, &stamp)?;
            note(tx, &entry, taken.alert.id)?;
            Ok(taken)
        });
        taken.collect()
    })
}

fn take(tx: &mut Tx<'_>, arrived: &Arrived, stamp: &Stamp) -> Result<Taken, Error> {
    if let Some(alert) = anlan_store::alerts::of_name(tx, &arrived.message.name)? {
        return Ok(Taken {
            alert,
            is_known: true,
            ended: Vec::new(),
        });
    }
    let event = AlertEvent::Received {
        source: arrived.source.trim().chars().take(SOURCE_MAX).collect(),
        message: Box::new(arrived.message.clone()),
        seal: arrived.seal.clone(),
    };
    let alert = anlan_store::alerts::receive(tx, &event, stamp, &arrived.document)?;
    let ended = end_others(tx, &alert, stamp)?;
    Ok(Taken {
        alert: end_by_others(tx, alert, stamp)?,
        is_known: false,
        ended,
    })
}

/// Keeps an entry, once it is known which alert it is about.
fn note(tx: &mut Tx<'_>, entry: &Access, id: AlertId) -> Result<(), Error> {
    let mut entry = entry.clone();
    entry.resource_id = id.to_string();
    Ok(anlan_store::accesses::append(tx, &entry)?)
}

/// Ends those that the message names and may end.
fn end_others(tx: &mut Tx<'_>, alert: &Alert, stamp: &Stamp) -> Result<Vec<AlertId>, Error> {
    let mut ended = Vec::new();
    for name in &alert.message.references {
        let Some(named) = anlan_store::alerts::of_name(tx, name)? else {
            continue;
        };
        let Some(is_cancelled) = alert.ends(&named) else {
            continue;
        };
        let by = alert.id;
        let event = AlertEvent::Ended { by, is_cancelled };
        if event.check(&named).is_ok() {
            anlan_store::alerts::record(tx, &named, &event, stamp)?;
            ended.push(named.id);
        }
    }
    Ok(ended)
}

/// Ends the alert if a message that came before names it and may end it.
fn end_by_others(tx: &mut Tx<'_>, alert: Alert, stamp: &Stamp) -> Result<Alert, Error> {
    let naming = anlan_store::alerts::naming(tx, &alert.message.name)?;
    let end = naming.iter().find_map(|other| {
        let is_cancelled = other.ends(&alert)?;
        let by = other.id;
        Some(AlertEvent::Ended { by, is_cancelled })
    });
    match end.filter(|event| event.check(&alert).is_ok()) {
        Some(event) => Ok(anlan_store::alerts::record(tx, &alert, &event, stamp)?),
        None => Ok(alert),
    }
}

/// Alerts, the newest received first.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    after: Option<&str>,
    limit: u16,
) -> Result<AlertPage, Error> {
    app.require(caller, Action::AlertRead)?;
    let after = after.map(|cursor| Cursor(cursor.to_owned()));
    let page = app.store.read(|tx| {
        anlan_store::alerts::list(tx, filter, after.as_ref(), limit.into()).map_err(Error::from)
    })?;
    let entry = accesses::entry(app, caller, Action::AlertRead, "alerts", "list", Purpose::Case);
    accesses::log(app, entry.of_many(page.items.len()))?;
    Ok(AlertPage {
        items: page.items,
        next: page.next.map(|cursor| cursor.0),
    })
}

/// One alert, with what happened to it.
pub fn read(app: &App, caller: &Caller, id: AlertId) -> Result<AlertFile, Error> {
    let alert = find(app, caller, id)?;
    let events = app.store.read(|tx| {
        let kept = anlan_store::alerts::events(tx, id)?;
        let named = kept.into_iter().map(|kept| {
            let by = kept.stamp.by.map(|by| anlan_store::accounts::find(tx, by));
            let name = by.transpose()?.flatten().map(|account| account.display_name);
            Ok((kept, name))
        });
        named.collect::<Result<Vec<_>, Error>>()
    })?;
    Ok(AlertFile { alert, events })
}

fn find(app: &App, caller: &Caller, id: AlertId) -> Result<Alert, Error> {
    app.require(caller, Action::AlertRead)?;
    let alert = app
        .store
        .read(|tx| anlan_store::alerts::find(tx, id).map_err(Error::from))?;
    let alert = alert.ok_or(Error::Missing { what: "alert" })?;
    let entry = accesses::entry(app, caller, Action::AlertRead, "alert", id, Purpose::Case);
    accesses::log(app, entry)?;
    Ok(alert)
}

/// The document as it came, byte for byte.
pub fn document(app: &App, caller: &Caller, id: AlertId) -> Result<Vec<u8>, Error> {
    find(app, caller, id)?;
    let found = app
        .store
        .read(|tx| anlan_store::alerts::document(tx, id).map_err(Error::from))?;
    found.ok_or(Error::Missing { what: "alert" })
}

/// Open cases in an alert's area, as many as the caller may see, the newest first; `total` counts those looked through.
pub fn cases(app: &App, caller: &Caller, id: AlertId, limit: u16) -> Result<CasePage, Error> {
    let alert = find(app, caller, id)?;
    let nothing = CasePage {
        items: Vec::new(),
        next: None,
        total: 0,
    };
    let may_list = app.policy.may(&caller.actor, Action::CaseList).allowed;
    let Some(bounds) = alert.message.bounds().filter(|_| may_list) else {
        return Ok(nothing);
    };
    let query = Query {
        filter: CaseQuery {
            phase: Some(Phase::Open),
            bbox: Some(bounds),
            ..CaseQuery::default()
        },
        sort: Sort::descending(SortKey::Opened),
        cursor: None,
        limit: AROUND_MAX,
    };
    let mut page = cases::list(app, caller, &query)?;
    let lies_in = |case: &anlan_model::cases::Case| {
        let place = &case.place;
        let point = place.point.filter(|_| !place.is_default_point);
        point.is_some_and(|point| alert.message.reaches(point))
    };
    page.items.retain(lies_in);
    page.total = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    page.items.truncate(limit.into());
    page.next = None;
    Ok(page)
}

/// Says that somebody looked at it.
pub fn look(app: &App, caller: &Caller, on: (AlertId, u32)) -> Result<Alert, Error> {
    decide(app, caller, on, AlertEvent::Seen)
}

/// Links it to a case that the caller may see.
pub fn link(app: &App, caller: &Caller, on: (AlertId, u32), case: CaseId) -> Result<Alert, Error> {
    let case = visible(app, caller, case)?;
    decide(app, caller, on, AlertEvent::Linked { case })
}

/// Takes that back.
pub fn unlink(app: &App, caller: &Caller, on: (AlertId, u32), case: CaseId) -> Result<Alert, Error> {
    let case = visible(app, caller, case)?;
    decide(app, caller, on, AlertEvent::Unlinked { case })
}

fn visible(app: &App, caller: &Caller, case: CaseId) -> Result<CaseId, Error> {
    app.require(caller, Action::AlertDecide)?;
    cases::nameable(app, caller, case, "alert.case_unknown")
}

/// Watches its area: new cases there are shown with it while it holds.
pub fn watch(app: &App, caller: &Caller, on: (AlertId, u32)) -> Result<Alert, Error> {
    decide(app, caller, on, AlertEvent::Watched)
}

/// Watches no more.
pub fn unwatch(app: &App, caller: &Caller, on: (AlertId, u32)) -> Result<Alert, Error> {
    decide(app, caller, on, AlertEvent::Unwatched)
}

fn decide(
    app: &App,
    caller: &Caller,
    (id, version): (AlertId, u32),
    event: AlertEvent,
) -> Result<Alert, Error> {
    app.require(caller, Action::AlertDecide)?;
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(app, caller, Action::AlertDecide, "alert", id, Purpose::Case);
    app.store.write(move |tx| {
        let found = anlan_store::alerts::find(tx, id)?;
        let alert = found.ok_or(Error::Missing { what: "alert" })?;
        if alert.version != version {
            return Err(changed_meanwhile());
        }
        event.check(&alert).map_err(|step| no_such_step(&step))?;
        let alert = anlan_store::alerts::record(tx, &alert, &event, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(alert)
    })
}

fn changed_meanwhile() -> Error {
    Error::conflict(
        "alert.changed_meanwhile",
        "该警报已有变化，您的操作没有生效，请查看最新情况后再决定。",
        "The alert changed meanwhile. Nothing of yours was done; look at it as it is now.",
    )
}

fn no_such_step(step: &NoSuchStep) -> Error {
    let state = match step.state {
        AlertState::Received => ["新警报", "new"],
        AlertState::Seen => ["已查看", "seen"],
        AlertState::Replaced => ["已更新", "replaced"],
        AlertState::Cancelled => ["已取消", "cancelled"],
    };
    Error::denied(
        "alert.no_such_step",
        format!("该警报当前为“{}”，不能进行此操作。", state[0]),
        format!(
            "an alert that is {} cannot be {} like this.",
            state[1], step.wanted
        ),
    )
}

/// Notes how asking a feed went: `None` for well.
pub fn note_feed(app: &App, caller: &Caller, name: &str, trouble: Option<&str>) -> Result<(), Error> {
    app.require(caller, Action::AlertReceive)?;
    let (name, at) = (name.to_owned(), app.clock.now());
    let trouble = trouble.map(str::to_owned);
    app.store.write(move |tx| {
        anlan_store::alerts::note_feed(tx, &name, at, trouble.as_deref()).map_err(Error::from)
    })
}

/// How the feeds fare.
pub fn feeds(app: &App, caller: &Caller) -> Result<Vec<Feed>, Error> {
    app.require(caller, Action::AlertRead)?;
    app.store
        .read(|tx| anlan_store::alerts::feeds(tx).map_err(Error::from))
}
