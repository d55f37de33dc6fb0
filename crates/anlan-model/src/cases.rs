//! A case (案件/工单): the unit of work, one or more reports. Its state is the fold of its events.

use crate::classes::Priority;
use crate::ids::{AccountId, CaseId, ClassCode, OfficeId, ReasonCode, RuleName, StateCode};
use crate::incoming::Channel;
use crate::places::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The three things every procedure's states come down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Somebody must act.
    Open,
    /// Done, with a reason.
    Closed,
    /// Withdrawn or merged: counts nowhere.
    Void,
}

/// Why it was sent where it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The rule set's version.
    pub rule_set: u32,
    /// The rule that matched; `None` if none did, or a person chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// The office it named.
    pub office: OfficeId,
}

/// A stretch during which the clock stood still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From a closed list.
    pub reason: ReasonCode,
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether the promise to the reporter stands still too.
    #[serde(default = "yes")]
    pub stops_overall: bool,
    /// Whether the present state's deadline stands still.
    #[serde(default = "yes")]
    pub stops_state: bool,
}

fn yes() -> bool {
    true
}

/// The case's deadlines. The overall one is set once, at receipt, and no return restarts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clocks {
    /// Promise to the reporter: the whole case done by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The present state done by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_due_at: Option<Timestamp>,
    /// When the present state began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Timestamp>,
    /// Every pause, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// How often the deadline was extended.
    #[serde(default)]
    pub extensions: u16,
    /// Working time already used in earlier visits to each state, seconds by that state's clock:
    /// a state entered again has only what is left.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub used_s: std::collections::BTreeMap<StateCode, i64>,
}

impl Clocks {
    /// Whether the clock stands still now.
    pub fn is_paused(&self) -> bool {
        self.pauses.last().is_some_and(|pause| pause.until.is_none())
    }

    /// Where the clock of the promise stands at `now`: at the beginning of a pause that stops it, else at `now`.
    pub fn stands_at(&self, now: Timestamp) -> Timestamp {
        let stopped = self
            .pauses
            .last()
            .filter(|pause| pause.until.is_none() && pause.stops_overall);
        stopped.map_or(now, |pause| pause.from.min(now))
    }
}

/// How and why it was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// From the procedure's closed list, e.g. `fixed`, `not_found`, `not_ours`, `duplicate`.
    pub reason: ReasonCode,
    /// In words, shown to the reporter.
    pub note: String,
    /// When.
    pub at: Timestamp,
    /// By whom; `None` for imported history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// Closed although the class's demands were not met (强制结案).
    #[serde(default)]
    pub forced: bool,
}

/// The reporter's word on the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 (bad) to 5 (good).
    pub stars: u8,
    /// Whether it is fixed, in the reporter's eyes.
    pub is_fixed: bool,
    /// In words.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// A case. Built only by folding its events (`events::Event::apply`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Number of units of work so far; a move names the version it was decided on.
    pub version: u32,
    /// What it is about; `None` until a clerk decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassCode>,
    /// One line.
    pub title: String,
    /// The way its first report came.
    pub channel: Channel,
    /// The feed of its first report.
    pub source: String,
    /// The procedure's state.
    pub state: StateCode,
    /// What that state comes down to.
    pub phase: Phase,
    /// How urgent.
    pub priority: Priority,
    /// Where.
    pub place: Place,
    /// Who must act now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeId>,
    /// The person who took it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<AccountId>,
    /// Who handled it last: may not confirm their own work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<AccountId>,
    /// Why that office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// First received.
    pub opened_at: Timestamp,
    /// Last changed.
    pub updated_at: Timestamp,
    /// Deadlines.
    pub clocks: Clocks,
    /// Returns so far (回退).
    #[serde(default)]
    pub returns: u16,
    /// Rework so far (返工).
    #[serde(default)]
    pub reworks: u16,
    /// An arbiter has decided: the office may not return it again.
    #[serde(default)]
    pub is_arbitrated: bool,
    /// Times urged (督办).
    #[serde(default)]
    pub urged: u16,
    /// Times reopened.
    #[serde(default)]
    pub reopened: u16,
    /// Closed how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// The reporter's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Photos taken after the work, so far.
    #[serde(default)]
    pub photos_after: u16,
    /// Reports in it.
    pub reports: u16,
    /// Went into that case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CaseId>,
    /// Came out of that case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_from: Option<CaseId>,
    /// A complaint about this office: hidden from it until its handler decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about_office: Option<OfficeId>,
    /// The source marks it as a repeat.
    #[serde(default)]
    pub is_marked_duplicate: bool,
    /// The source's own verdict, for imported history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_on_time: Option<bool>,
    /// When its words and exact place were erased; nothing while something happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts_erased_at: Option<Timestamp>,
}

/// Whether a case was, or is still, on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timeliness {
    /// Has no deadline.
    NoDeadline,
    /// Open, still time left.
    Running,
    /// Closed by its deadline.
    OnTime,
    /// Closed late, or open past its deadline.
    Overdue,
}

impl Case {
    /// On time or not, at `now`. A case closed exactly at its deadline is on time.
    pub fn timeliness(&self, now: Timestamp) -> Timeliness {
        let Some(due) = self.clocks.due_at else {
            return Timeliness::NoDeadline;
        };
        match &self.closing {
            Some(closing) if closing.at <= due => Timeliness::OnTime,
            None if self.clocks.stands_at(now) <= due => Timeliness::Running,
            _ => Timeliness::Overdue,
        }
    }

    /// The number people say, by the year (UTC) of opening.
    pub fn number(&self) -> String {
        self.id
            .number(self.opened_at.to_zoned_datetime(jiff::tz::TimeZone::UTC).year())
    }
}
