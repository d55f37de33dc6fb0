//! The demo's looks that nothing explains, so that its privacy officer has something to decide on: a clerk goes through old
//! reports' contact data, and a duty officer comes back to one case again and again. Both use the actions everybody uses;
//! what comes into the queue is found by the access review itself.

use super::cast::Cast;
use anlan_app::{App, Caller, cases, reviews};
use anlan_model::accounts::Role;
use anlan_model::clock::SetClock;
use anlan_model::ids::CaseId;
use anlan_model::incoming::Channel;
use jiff::{SignedDuration, Span, Timestamp};

/// Days before now on which the clerk pries.
const CLERK_DAYS: i64 = 1;
/// Days before now on which the duty officer comes back.
const DUTY_DAYS: [i64; 5] = [19, 14, 9, 5, 2];
/// Cases before this one are left alone: the same ones are old whenever somebody looks.
const FIRST: usize = 200;
/// Cases the clerk goes through.
const CASES: usize = 12;

/// Who looks at which cases, and when it begins.
struct Visit {
    at: Timestamp,
    who: Caller,
    cases: Vec<CaseId>,
}

/// What is still to come, the earliest first.
pub(super) struct Prying {
    visits: Vec<Visit>,
}

impl Prying {
    /// Nothing is looked at yet: cases are chosen once there are some.
    pub(super) fn before(app: &App, cast: &Cast, now: Timestamp) -> Self {
        let zone = app.node().calendar.zone().clone();
        let today = zone.to_datetime(now).date();
        let at = |days: i64, hour: i64| {
            let day = today.checked_sub(Span::new().days(days)).ok()?;
            let midnight = day.to_zoned_datetime(zone.clone()).ok()?.timestamp();
            Some(midnight + SignedDuration::from_mins(60 * hour + 20))
        };
        let visit = |who: Option<Caller>, days: i64, hour: i64| {
            Some(Visit {
                at: at(days, hour)?,
                who: who?,
                cases: Vec::new(),
            })
        };
        let duty = DUTY_DAYS
            .into_iter()
            .filter_map(|days| visit(cast.of_role(Role::Duty, 2), days, 10));
        let clerk = visit(cast.of_role(Role::Clerk, 1), CLERK_DAYS, 15);
        Self {
            visits: duty.chain(clerk).collect(),
        }
    }

    /// Whether something comes before that time.
    pub(super) fn is_due(&self, at: Timestamp) -> bool {
        self.visits.first().is_some_and(|visit| visit.at < at)
    }

    /// Does what comes before that time; `known` are the demo's cases, oldest first.
    pub(super) fn go_on(
        &mut self,
        app: &App,
        clock: &SetClock,
        known: &[CaseId],
        at: Timestamp,
    ) -> anyhow::Result<()> {
        while self.is_due(at) {
            let mut visit = self.visits.remove(0);
            let old = old_ones(app, known)?;
            let is_clerk = visit.who.actor.roles.contains(&Role::Clerk);
            visit.cases = if is_clerk {
                old.into_iter().skip(1).take(CASES).collect()
            } else {
                old.into_iter().take(1).collect()
            };
            look(app, clock, &visit)?;
        }
        Ok(())
    }
}

/// Cases from the web of the demo's first weeks.
fn old_ones(app: &App, known: &[CaseId]) -> anyhow::Result<Vec<CaseId>> {
    let first = known.iter().skip(FIRST).step_by(7).take(8 * CASES);
    let mut old = Vec::new();
    for id in first {
        let case = app.store.read(|tx| anlan_store::cases::get(tx, *id))?;
        if case.channel == Channel::Web && case.about_office.is_none() {
            old.push(case.id);
        }
    }
    Ok(old)
}

fn look(app: &App, clock: &SetClock, visit: &Visit) -> anyhow::Result<()> {
    let mut at = visit.at;
    for id in &visit.cases {
        clock.set(at);
        cases::read(app, &visit.who, *id)?;
        clock.set(at + SignedDuration::from_secs(20));
        cases::contact(app, &visit.who, *id)?;
        at += SignedDuration::from_secs(75);
    }
    Ok(())
}

/// Lets the access review read the demo's days, as it would have each night.
pub(super) fn review(app: &App) -> anyhow::Result<()> {
    while reviews::pass(app)?.is_some() {}
    Ok(())
}
