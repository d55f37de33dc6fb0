//! The access review: each look of an official is explained from data; what nothing explains is ranked for the privacy
//! officer, who decides. It watches how officials use data, never residents.

mod days;
mod memory;
mod passing;
mod ranking;
mod reading;
mod returning;
mod rosters;
mod sharing;

pub use anlan_store::reviews::ReviewFilter as Filter;
pub use days::{Examined, Explained, Grounds, LogDay, examine, loose};
pub use memory::{LOOKS_DAYS, Memory, WINDOW_DAYS, peers};
pub use passing::{Passed, pass};
pub use ranking::{FLOOR, note, rank};
pub use reading::{ChartDay, LookedAt, Opened, Step, read};
pub use rosters::Rosters;

use crate::cases::check_note;
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, ReviewId};
use anlan_model::reviews::{ClearReason, Mandate, Review, ReviewEvent, ReviewState};
use anlan_policy::Action;
use anlan_store::Cursor;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Longest order that is taken, days.
const ORDER_DAYS_MAX: i32 = 366;

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct ReviewPage {
    /// Reviews, most points first.
    pub items: Vec<Review>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Reviews nobody has decided on.
    pub waiting: u32,
    /// The accounts they are about.
    pub accounts: BTreeMap<AccountId, Account>,
    /// The last day that has been examined.
    pub examined_to: Option<Date>,
}

/// A written order that covers an account's accesses from the review's day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The last day it covers.
    pub until: Date,
    /// Cases of classes whose code begins so; empty for all.
    pub class: String,
}

/// What is decided on a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Ask the office for the reason.
    Ask,
    /// There was a reason, perhaps an order that covers what follows too.
    Clear(ClearReason, Option<Order>),
    /// Pass it on.
    PassOn,
}

/// The queue: reviews in these states, most points first.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    after: Option<&str>,
    limit: u16,
) -> Result<ReviewPage, Error> {
    app.require(caller, Action::ReviewRead)?;
    let after = after.map(|cursor| Cursor(cursor.to_owned()));
    let found = app.store.read(|tx| {
        let page = anlan_store::reviews::list(tx, filter, after.as_ref(), limit.into())?;
        let accounts = anlan_store::accounts::list(tx, None)?;
        let open = anlan_store::reviews::count(tx, ReviewState::Open)?;
        Ok::<_, Error>(ReviewPage {
            items: page.items,
            next: page.next.map(|cursor| cursor.0),
            waiting: open + anlan_store::reviews::count(tx, ReviewState::Asked)?,
            accounts: accounts
                .into_iter()
                .map(|account| (account.id, account))
                .collect(),
            examined_to: anlan_store::reviews::progress(tx)?.map(|done| done.day),
        })
    })?;
    let entry = accesses::entry(app, caller, Action::ReviewRead, "reviews", "list", Purpose::Audit)
        .of_many(found.items.len());
    accesses::log(app, entry)?;
    Ok(found)
}

/// Decides on a review, with words. Nobody decides on the own accesses, and what is decided stays decided.
pub fn decide(
    app: &App,
    caller: &Caller,
    (id, version): (ReviewId, u32),
    decision: &Decision,
    note: &str,
) -> Result<Review, Error> {
    app.require(caller, Action::ReviewDecide)?;
    check_note(note)?;
    if note.trim().is_empty() {
        return Err(Error::field(
            "note",
            "text.empty",
            "请写明理由。",
            "Say why, in words.",
        ));
    }
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(app, caller, Action::ReviewDecide, "review", id, Purpose::Audit);
    let (event, node, own) = (event(decision, note.trim()), app.node(), caller.actor.account);
    let order = match decision {
        Decision::Clear(ClearReason::Ordered, order) => order.clone(),
        _ => None,
    };
    app.store.write(move |tx| {
        let review = anlan_store::reviews::find(tx, id)?.ok_or(Error::Missing { what: "review" })?;
        check(&review, own, version, &event)?;
        if let Some(order) = &order {
            let mandate = mandate(&review, order, node.calendar.zone())?;
            anlan_store::reviews::order(tx, &mandate, &stamp)?;
        }
        let review = anlan_store::reviews::record(tx, &review, &event, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(review)
    })
}

fn event(decision: &Decision, note: &str) -> ReviewEvent {
    let note = note.to_owned();
    match decision {
        Decision::Ask => ReviewEvent::Asked { note },
        Decision::Clear(reason, _) => ReviewEvent::Cleared {
            reason: *reason,
            note,
        },
        Decision::PassOn => ReviewEvent::PassedOn { note },
    }
}

fn check(review: &Review, own: Option<AccountId>, version: u32, event: &ReviewEvent) -> Result<(), Error> {
    if own == Some(review.finding.account) {
        return Err(Error::denied(
            "review.own",
            "这是您本人的访问记录，须由他人复核。",
            "These are your own accesses; somebody else must decide on them.",
        ));
    }
    let state = review.state;
    if review.version != version {
        return Err(Error::conflict(
            "review.decided_meanwhile",
            format!("他人已先行处理此复核（{}），您的操作没有生效。", state.zh()),
            format!(
                "Somebody was first: it is {} now. Nothing of yours was done.",
                state.word()
            ),
        ));
    }
    event.check(review).map_err(|_no| {
        Error::denied(
            "review.no_such_decision",
            format!("该复核“{}”，不能再作此决定。", state.zh()),
            format!("A review that is {} takes no such decision.", state.word()),
        )
    })
}

fn mandate(review: &Review, order: &Order, zone: &jiff::tz::TimeZone) -> Result<Mandate, Error> {
    let from = review.finding.day;
    let days = from.until(order.until).map_or(-1, |span| span.get_days());
    if !(0..=ORDER_DAYS_MAX).contains(&days) {
        return Err(Error::field(
            "order_until",
            "review.order_until",
            format!("委派的截止日期应在 {from} 之后一年之内。"),
            format!("an order ends within a year from {from}"),
        ));
    }
    let at = |day: Date| day.to_zoned_datetime(zone.clone()).map(|zoned| zoned.timestamp());
    let end = order.until.tomorrow().unwrap_or(order.until);
    let unreadable = |_why: jiff::Error| Error::Unavailable {
        detail: "a day that the zone does not have".to_owned(),
    };
    Ok(Mandate {
        account: review.finding.account,
        from: at(from).map_err(unreadable)?,
        until: at(end).map_err(unreadable)?,
        deputy_for: None,
        class: order.class.trim().to_owned(),
        division: String::new(),
    })
}
