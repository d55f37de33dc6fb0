//! The ledger of a case's clocks: each function takes the clocks and gives the clocks after what happened.
//! INVARIANT: the promise (`due_at`) is touched by `open`, `resume`, `extend` and `reclassify` only.

use super::{ClockKind, DeadlineTable, Term};
use crate::calendars::Calendar;
use crate::cases::{Clocks, Pause};
use crate::ids::{ClassCode, ReasonCode, StateCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which clocks a pause stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stops {
    /// The promise to the reporter.
    pub overall: bool,
    /// The present state's.
    pub state: bool,
}

/// Keeps the clocks of cases of one class on one calendar.
#[derive(Debug, Clone, Copy)]
pub struct Timekeeper<'a> {
    table: &'a DeadlineTable,
    calendar: &'a Calendar,
    class: Option<&'a ClassCode>,
}

impl<'a> Timekeeper<'a> {
    pub(super) fn new(
        table: &'a DeadlineTable,
        calendar: &'a Calendar,
        class: Option<&'a ClassCode>,
    ) -> Self {
        Self {
            table,
            calendar,
            class,
        }
    }

    /// The clock of the promise. Where the table has no term the promise came from outside: it runs by calendar time.
    fn overall_clock(&self) -> ClockKind {
        self.table
            .overall(self.class)
            .map_or(ClockKind::CalendarDay, Term::clock)
    }

    fn state_term(&self, state: &StateCode) -> Option<Term> {
        self.table.state(state, self.class)
    }

    fn state_clock(&self, state: &StateCode) -> ClockKind {
        self.state_term(state).map_or(ClockKind::CalendarDay, Term::clock)
    }

    /// The clocks of a case received at `at` that begins in `state`.
    pub fn open(&self, state: &StateCode, at: Timestamp) -> Clocks {
        let due_at = self
            .table
            .overall(self.class)
            .map(|term| self.calendar.due(at, &term));
        let clocks = Clocks {
            due_at,
            state_since: Some(at),
            ..Clocks::default()
        };
        Clocks {
            state_due_at: self.state_due(&clocks, state, at),
            ..clocks
        }
    }

    /// The state's deadline when it is entered at `at`: its whole term, or what earlier visits left of it.
    fn state_due(&self, clocks: &Clocks, state: &StateCode, at: Timestamp) -> Option<Timestamp> {
        let term = self.state_term(state)?;
        let used_s = clocks.used_s.get(state).copied().unwrap_or(0);
        Some(if used_s == 0 {
            self.calendar.due(at, &term)
        } else {
            self.calendar.due_rest(at, term.seconds() - used_s, term.clock())
        })
    }

    /// The case goes from one state to another. A pause ends with the state it was made in.
    pub fn enter_state(&self, clocks: &Clocks, from: &StateCode, to: &StateCode, now: Timestamp) -> Clocks {
        let mut next = self.resume(clocks, from, now);
        if let (Some(term), Some(since)) = (self.state_term(from), next.state_since) {
            let used_s = self.used_s(&next, since, now, term.clock());
            *next.used_s.entry(from.clone()).or_insert(0) += used_s;
        }
        next.state_since = Some(now);
        next.state_due_at = self.state_due(&next, to, now);
        next
    }

    /// A reopened case: each state has its whole term again, the promise stays where it was.
    pub fn begin_anew(&self, clocks: &Clocks, state: &StateCode, now: Timestamp) -> Clocks {
        let mut next = clocks.clone();
        next.used_s.clear();
        next.state_due_at = self.state_due(&next, state, now);
        next
    }

    /// Time used between two instants, pauses left out.
    fn used_s(&self, clocks: &Clocks, since: Timestamp, now: Timestamp, clock: ClockKind) -> i64 {
        let paused: i64 = pauses_since(clocks, since)
            .map(|(from, to)| self.calendar.worked(from, to, clock))
            .sum();
        (self.calendar.worked(since, now, clock) - paused).max(0)
    }

    /// The clock stands still from `now` on. A clock that stands still already stays as it is.
    pub fn pause(&self, clocks: &Clocks, reason: &ReasonCode, stops: Stops, now: Timestamp) -> Clocks {
        let mut next = clocks.clone();
        if !next.is_paused() {
            let Stops {
                overall: stops_overall,
                state: stops_state,
            } = stops;
            next.pauses.push(Pause {
                reason: reason.clone(),
                from: now,
                until: None,
                stops_overall,
                stops_state,
            });
        }
        next
    }

    /// The clock runs again from `now` on; the deadlines move by exactly the working time it stood still.
    pub fn resume(&self, clocks: &Clocks, state: &StateCode, now: Timestamp) -> Clocks {
        let mut next = clocks.clone();
        let Some(pause) = next.pauses.last_mut().filter(|pause| pause.until.is_none()) else {
            return next;
        };
        pause.until = Some(now);
        let moved = |due: Timestamp, clock| self.calendar.shift(due, pause.from, now, clock);
        if pause.stops_overall {
            next.due_at = next.due_at.map(|due| moved(due, self.overall_clock()));
        }
        if pause.stops_state {
            next.state_due_at = next.state_due_at.map(|due| moved(due, self.state_clock(state)));
        }
        next
    }

    /// The latest instant one extension may move the promise to; `None` where there is no promise.
    pub fn extension_end(&self, clocks: &Clocks) -> Option<Timestamp> {
        Some(
            self.calendar
                .due(clocks.due_at?, &self.table.extension(self.class)),
        )
    }

    /// The promise moves to `until`, or as far as one extension goes; the state's deadline moves along.
    pub fn extend(&self, clocks: &Clocks, until: Option<Timestamp>) -> Clocks {
        let mut next = clocks.clone();
        let (Some(due), Some(end)) = (clocks.due_at, self.extension_end(clocks)) else {
            return next;
        };
        let to = until.map_or(end, |until| until.clamp(due, end));
        let clock = self.table.extension(self.class).clock();
        next.state_due_at = clocks
            .state_due_at
            .map(|state_due| self.calendar.shift(state_due, due, to, clock));
        next.due_at = Some(to);
        next.extensions = next.extensions.saturating_add(1);
        next
    }

    /// The case has this keeper's class now: the promise is counted anew from receipt, with every pause and extension so
    /// far, and the present state's deadline from its beginning. Where the table has no term, the promise stays.
    pub fn reclassify(&self, clocks: &Clocks, state: &StateCode, opened_at: Timestamp) -> Clocks {
        let mut next = clocks.clone();
        if let Some(term) = self.table.overall(self.class) {
            let ended = clocks
                .pauses
                .iter()
                .filter(|pause| pause.stops_overall)
                .filter_map(stretch);
            let due = self.calendar.due(opened_at, &term);
            let due = ended.fold(due, |due, (from, to)| {
                self.calendar.shift(due, from, to, term.clock())
            });
            let extension = self.table.extension(self.class);
            next.due_at = Some((0..clocks.extensions).fold(due, |due, _| self.calendar.due(due, &extension)));
        }
        let since = clocks.state_since.unwrap_or(opened_at);
        next.state_due_at = self.state_due(clocks, state, since).map(|due| {
            let clock = self.state_clock(state);
            pauses_since(clocks, since).fold(due, |due, (from, to)| self.calendar.shift(due, from, to, clock))
        });
        next
    }

    /// Seconds left to the promise by its own clock; negative when overdue, standing still during a pause.
    pub fn remaining_s(&self, clocks: &Clocks, now: Timestamp) -> Option<i64> {
        let due = clocks.due_at?;
        Some(
            self.calendar
                .worked(clocks.stands_at(now), due, self.overall_clock()),
        )
    }
}

/// A pause that has ended.
fn stretch(pause: &Pause) -> Option<(Timestamp, Timestamp)> {
    pause.until.map(|until| (pause.from, until))
}

/// Ended pauses of the state that began at `since`.
fn pauses_since(clocks: &Clocks, since: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let of_state = move |pause: &&Pause| pause.stops_state && pause.from >= since;
    clocks.pauses.iter().filter(of_state).filter_map(stretch)
}
