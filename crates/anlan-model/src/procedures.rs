//! The procedure: states and moves as data, who may make which move on which condition, and what it changes.
//! It keeps nothing and reads no clock: it is given a case, an actor and the ground both stand on, and gives an event.

mod check;
mod decide;
mod form;
mod guards;
mod refusals;

use crate::accounts::Role;
use crate::calendars::Calendar;
use crate::cases::Phase;
use crate::classes::Class;
use crate::deadlines::{DeadlineTable, Stops};
use crate::ids::{AccountId, MoveCode, OfficeId, ReasonCode, StateCode};
use crate::incoming::Channel;
use crate::tables::TableError;
pub use guards::Guard;
use jiff::Timestamp;
pub use refusals::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a procedure was refused as a whole.
pub type ProcedureError = TableError;

/// A stage of work that waits to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Its code.
    pub code: StateCode,
    /// Chinese label.
    pub name_zh: String,
    /// English label.
    pub name_en: String,
    /// What it comes down to.
    pub phase: Phase,
}

/// A reason of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Its code.
    pub code: ReasonCode,
    /// Chinese label.
    pub name_zh: String,
    /// English label.
    pub name_en: String,
    /// For reasons to pause: the clocks that stand still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<Stops>,
}

/// What a move changes beside the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The office chosen must act now; nobody there has taken it yet.
    SendOffice,
    /// The actor takes it on.
    Take,
    /// It goes back to the centre; one more return.
    Return,
    /// An arbiter has decided: it can no longer be returned or appealed.
    Arbitrated,
    /// The actor did the work, so somebody else confirms it.
    Handled,
    /// One more rework.
    Rework,
    /// One more time urged.
    Urge,
    /// It is closed, with a reason.
    Close,
    /// Closed although demands may be unmet; the closing says so.
    Force,
    /// One more time reopened; each state's budget begins anew, the promise does not.
    Reopen,
    /// The clock stands still.
    Pause,
    /// The clock runs again.
    Resume,
    /// One more extension.
    Extend,
}

/// Whether a move takes a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UntilNeed {
    /// It does not.
    #[default]
    No,
    /// It may.
    Optional,
    /// It must.
    Required,
}

/// Whether a move takes an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeNeed {
    /// It does not.
    #[default]
    No,
    /// Where none is named, the office that the case has already is taken, if that is not the centre.
    IfUnknown,
    /// One must be named.
    Always,
}

/// A condition of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What must hold.
    pub guard: Guard,
    /// Roles it does not bind.
    pub unless: Vec<Role>,
}

/// A move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Its code.
    pub code: MoveCode,
    /// Chinese label.
    pub name_zh: String,
    /// English label.
    pub name_en: String,
    /// States it starts from.
    pub from: Vec<StateCode>,
    /// Where it leads; `None` stays.
    pub to: Option<StateCode>,
    /// States of `from` in which it stays although it leads elsewhere from others.
    pub stays_in: Vec<StateCode>,
    /// Roles that may make it.
    pub roles: Vec<Role>,
    /// What must hold, asked in this order.
    pub conditions: Vec<Condition>,
    /// Needs words.
    pub note: bool,
    /// Needs a reason from this list.
    pub reason: Option<String>,
    /// Needs a rule cited.
    pub rule: bool,
    /// Needs an office.
    pub office: OfficeNeed,
    /// Takes a time.
    pub until: UntilNeed,
    /// To be confirmed once more before it is made.
    pub grave: bool,
    /// What it changes.
    pub effects: Vec<Effect>,
    /// The reason it closes with, where it is always the same.
    pub closing_reason: Option<ReasonCode>,
}

/// Limits of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Returns before an arbiter must decide.
    pub max_returns: u16,
    /// Extensions of one case.
    pub max_extensions: u16,
    /// Calendar days after closing within which it may be reopened.
    pub reopen_window_days: u16,
}

/// Where a case begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Its state.
    pub state: StateCode,
    /// What that comes down to.
    pub phase: Phase,
}

/// Who makes a move.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Their account; `None` for a resident or a timer.
    pub account: Option<AccountId>,
    /// Roles held.
    pub roles: &'a [Role],
    /// Their office.
    pub office: Option<OfficeId>,
}

/// What a decision stands on besides the case.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The instant of the decision.
    pub now: Timestamp,
    /// The jurisdiction's calendar.
    pub calendar: &'a Calendar,
    /// Its terms.
    pub deadlines: &'a DeadlineTable,
    /// The case's class.
    pub class: Option<&'a Class>,
    /// The coordination centre: where returned cases go.
    pub centre: Option<OfficeId>,
    /// Whether there is a reporter who can be asked.
    pub reporter_known: bool,
}

/// A move that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRequest {
    /// Which.
    pub code: MoveCode,
    /// In words.
    pub note: String,
    /// From the move's list.
    pub reason: Option<ReasonCode>,
    /// The rule cited.
    pub rule_cited: Option<String>,
    /// The office chosen.
    pub office: Option<OfficeId>,
    /// The time chosen.
    pub until: Option<Timestamp>,
}

impl Default for MoveRequest {
    fn default() -> Self {
        let code = MoveCode::from("");
        Self {
            code,
            note: String::new(),
            reason: None,
            rule_cited: None,
            office: None,
            until: None,
        }
    }
}

/// What a form must ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one switch per field of a form")]
pub struct Needs {
    /// Words.
    pub note: bool,
    /// A reason from this list of the procedure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// An office.
    pub office: bool,
    /// A rule.
    pub rule: bool,
    /// A time.
    pub until: bool,
}

/// A move of the case's present state, for an actor whose role may make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub code: MoveCode,
    /// Chinese label.
    pub name_zh: String,
    /// English label.
    pub name_en: String,
    /// Whether it may be made now.
    pub allowed: bool,
    /// If not, why not.
    pub refusal: Option<Refusal>,
    /// What it needs.
    pub needs: Needs,
    /// To be confirmed once more.
    pub grave: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Auto {
    to: StateCode,
    channels: Vec<Channel>,
}

/// A jurisdiction's procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    name: String,
    states: Vec<State>,
    moves: Vec<Move>,
    reasons: BTreeMap<String, Vec<Reason>>,
    limits: Limits,
    start: Vec<(Channel, StateCode)>,
    auto: Option<Auto>,
    closed: StateCode,
    merged: StateCode,
}

impl Procedure {
    /// Reads and checks a procedure; the form is described in `standards/README.md`. Every fault is named, not only the first.
    pub fn from_toml(text: &str) -> Result<Self, ProcedureError> {
        form::read(text)
    }

    /// The procedure shipped with Anlan.
    pub fn standard() -> Result<Self, ProcedureError> {
        Self::from_toml(include_str!("../../../standards/procedure.toml"))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its states, in their order.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Its moves, in their order.
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Its closed lists of reasons, by name.
    pub fn reasons(&self) -> &BTreeMap<String, Vec<Reason>> {
        &self.reasons
    }

    /// Its limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// A state by its code.
    pub fn state(&self, code: &StateCode) -> Option<&State> {
        self.states.iter().find(|state| state.code == *code)
    }

    /// A move by its code.
    pub fn find_move(&self, code: &MoveCode) -> Option<&Move> {
        self.moves.iter().find(|mv| mv.code == *code)
    }

    /// A reason by its code, from whichever list; for labels.
    pub fn reason(&self, code: &ReasonCode) -> Option<&Reason> {
        self.reasons
            .values()
            .flatten()
            .find(|reason| reason.code == *code)
    }

    /// Where a case begins that came this way.
    pub fn start(&self, channel: Channel, has_class: bool, has_office: bool) -> Start {
        let auto = self
            .auto
            .as_ref()
            .filter(|auto| has_class && has_office && auto.channels.contains(&channel));
        let usual = || {
            self.start
                .iter()
                .find(|(way, _)| *way == channel)
                .map(|(_, state)| state)
        };
        // INVARIANT: `form::read` gives every channel a start; the merged state is never reached here.
        let state = auto
            .map(|auto| &auto.to)
            .or_else(usual)
            .unwrap_or(&self.merged)
            .clone();
        Start {
            phase: self.phase(&state),
            state,
        }
    }

    fn phase(&self, state: &StateCode) -> Phase {
        self.state(state).map_or(Phase::Open, |state| state.phase)
    }

    /// The state of cases that were closed before they came here.
    pub fn closed_state(&self) -> StateCode {
        self.closed.clone()
    }

    /// The state of cases merged into another.
    pub fn void_state(&self) -> StateCode {
        self.merged.clone()
    }
}
