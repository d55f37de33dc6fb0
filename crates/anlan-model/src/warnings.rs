//! A warning (预警): a detector says that more came in than usual, somewhere, of some class group. Its life is the fold of
//! its events, like a case's. It holds counts and cells, never a report and never a person.

mod form;
mod plan;
mod words;

pub use plan::{
    Baseline, BudgetTerms, GroupName, LeaveOut, Method, Resolved, WatchGroup, WatchPlan, never_watched,
};

use crate::events::Stamp;
use crate::ids::{AccountId, CaseId, CellId, ClassCode, WarningId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a warning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningState {
    /// Nobody has looked at it yet.
    Raised,
    /// Somebody looks at it.
    Seen,
    /// It belongs to one or more cases.
    Linked,
    /// Not worth acting on, for a reason.
    Dismissed,
    /// Done with.
    Closed,
}

impl WarningState {
    /// The word kept and shown by doors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Seen => "seen",
            Self::Linked => "linked",
            Self::Dismissed => "dismissed",
            Self::Closed => "closed",
        }
    }
}

/// Why a warning is dismissed. The review of the budget counts the first three as false alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DismissReason {
    /// Looked into: nothing is there.
    NothingThere,
    /// How things were recorded, not what happened: a file, a repeat, a wrong class.
    Recording,
    /// Usual for the season or the day.
    Usual,
    /// Real, and known before: planned works, a storm in hand.
    KnownBefore,
    /// Real, and another office or level deals with it.
    ElsewhereInHand,
}

impl DismissReason {
    /// Every reason, in the order a form shows them.
    pub const ALL: [Self; 5] = [
        Self::NothingThere,
        Self::Recording,
        Self::Usual,
        Self::KnownBefore,
        Self::ElsewhereInHand,
    ];

    /// Whether the warning should not have come.
    pub fn is_false_alarm(self) -> bool {
        matches!(self, Self::NothingThere | Self::Recording | Self::Usual)
    }
}

/// What a detector found: counts against what was to be expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The detector.
    pub method: Method,
    /// Where; empty where the node as a whole is meant.
    pub cells: Vec<CellId>,
    /// First instant of the window.
    pub from: Timestamp,
    /// Last instant of the window: when the detector looked.
    pub to: Timestamp,
    /// Cases counted in the window.
    pub observed: u32,
    /// Cases that were to be expected there and then.
    pub expected: f64,
    /// The detector's statistic.
    pub statistic: f64,
    /// How many days pass on the average until chance alone brings as much.
    pub recurrence_days: f64,
    /// Counts per class, the largest first.
    pub classes: Vec<(ClassCode, u32)>,
}

impl Finding {
    /// How many times the usual.
    pub fn ratio(&self) -> f64 {
        f64::from(self.observed) / self.expected.max(0.01)
    }
}

/// Why and when a warning was put aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// From the closed list.
    pub reason: DismissReason,
    /// In words.
    pub note: String,
    /// Who and when.
    pub stamp: Stamp,
}

/// A warning. Built only by folding its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Its id.
    pub id: WarningId,
    /// Number of units of work so far; a decision names the version it was made on.
    pub version: u32,
    /// Where it stands.
    pub state: WarningState,
    /// What is watched.
    pub group: GroupName,
    /// What tipped it.
    pub first: Finding,
    /// The newest finding.
    pub latest: Finding,
    /// The strongest finding.
    pub peak: Finding,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who looked first.
    pub seen_by: Option<AccountId>,
    /// Cases it was linked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseId>,
    /// Why it was put aside.
    pub dismissal: Option<Dismissal>,
    /// Since when the counts are back to usual.
    pub ended_at: Option<Timestamp>,
    /// When it was done with.
    pub closed_at: Option<Timestamp>,
    /// Went into that warning, whose cells took in its own.
    pub merged_into: Option<WarningId>,
}

/// Something that happened to a warning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WarningEvent {
    /// A detector found something new.
    Raised {
        /// What is watched.
        group: GroupName,
        /// What it found.
        finding: Box<Finding>,
    },
    /// It grew, shrank or moved.
    Updated {
        /// What the detector finds now.
        finding: Box<Finding>,
    },
    /// The counts are back to usual.
    Ended,
    /// Its cells met those of an older warning, which goes on for both.
    Merged {
        /// The older one.
        into: WarningId,
    },
    /// Somebody looks at it.
    Seen,
    /// It belongs to a case.
    Linked {
        /// The case.
        case: CaseId,
    },
    /// It was put aside.
    Dismissed {
        /// From the closed list.
        reason: DismissReason,
        /// In words.
        note: String,
    },
    /// It is done with.
    Closed {
        /// In words.
        note: String,
    },
}

/// A step that this state of a warning does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchStep {
    /// Where the warning stands.
    pub state: WarningState,
    /// What was wanted.
    pub wanted: &'static str,
}

impl WarningEvent {
    /// The name stored beside the event.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Raised { .. } => "raised",
            Self::Updated { .. } => "updated",
            Self::Ended => "ended",
            Self::Merged { .. } => "merged",
            Self::Seen => "seen",
            Self::Linked { .. } => "linked",
            Self::Dismissed { .. } => "dismissed",
            Self::Closed { .. } => "closed",
        }
    }

    /// Whether a warning that stands so may take this step.
    pub fn check(&self, warning: &Warning) -> Result<(), NoSuchStep> {
        use WarningState::{Closed, Dismissed, Linked, Raised, Seen};
        let fits = match self {
            Self::Raised { .. } => false,
            Self::Updated { .. } | Self::Ended | Self::Merged { .. } => warning.state != Closed,
            Self::Seen => warning.state == Raised,
            Self::Linked { case } => {
                matches!(warning.state, Raised | Seen | Linked) && !warning.cases.contains(case)
            }
            Self::Dismissed { .. } => matches!(warning.state, Raised | Seen),
            Self::Closed { .. } => matches!(warning.state, Linked | Dismissed),
        };
        if fits {
            return Ok(());
        }
        Err(NoSuchStep {
            state: warning.state,
            wanted: self.kind(),
        })
    }

    /// The warning as it stands after this event. `None` before the first; every event but `Raised` needs a warning.
    pub fn apply(&self, id: WarningId, warning: Option<Warning>, stamp: &Stamp) -> Option<Warning> {
        if let Self::Raised { group, finding } = self {
            return Some(raised(id, group, finding, stamp));
        }
        let mut warning = warning?;
        warning.version += 1;
        warning.updated_at = stamp.at;
        self.change(&mut warning, stamp);
        Some(warning)
    }

    fn change(&self, warning: &mut Warning, stamp: &Stamp) {
        match self {
            Self::Raised { .. } => {}
            Self::Updated { finding } => {
                warning.latest = (**finding).clone();
                warning.ended_at = None;
                if finding.recurrence_days >= warning.peak.recurrence_days {
                    warning.peak = (**finding).clone();
                }
            }
            Self::Ended => warning.ended_at = Some(stamp.at),
            Self::Merged { into } => {
                warning.merged_into = Some(*into);
                warning.state = WarningState::Closed;
                warning.closed_at = Some(stamp.at);
            }
            Self::Seen => {
                warning.state = WarningState::Seen;
                warning.seen_by = stamp.by;
            }
            Self::Linked { case } => {
                warning.state = WarningState::Linked;
                warning.seen_by = warning.seen_by.or(stamp.by);
                warning.cases.push(*case);
            }
            Self::Dismissed { reason, note } => {
                warning.state = WarningState::Dismissed;
                warning.seen_by = warning.seen_by.or(stamp.by);
                warning.dismissal = Some(Dismissal {
                    reason: *reason,
                    note: note.clone(),
                    stamp: stamp.clone(),
                });
            }
            Self::Closed { .. } => {
                warning.state = WarningState::Closed;
                warning.closed_at = Some(stamp.at);
            }
        }
    }
}

fn raised(id: WarningId, group: &GroupName, finding: &Finding, stamp: &Stamp) -> Warning {
    Warning {
        id,
        version: 1,
        state: WarningState::Raised,
        group: group.clone(),
        first: finding.clone(),
        latest: finding.clone(),
        peak: finding.clone(),
        raised_at: stamp.at,
        updated_at: stamp.at,
        seen_by: None,
        cases: Vec::new(),
        dismissal: None,
        ended_at: None,
        closed_at: None,
        merged_into: None,
    }
}

impl Warning {
    /// Whether a new finding of the same group belongs to it: not closed, counts not back to usual for good, cells met.
    pub fn stands(&self) -> bool {
        self.state != WarningState::Closed && self.ended_at.is_none()
    }

    /// Whether it was a false alarm in somebody's eyes; `None` while nobody has decided.
    pub fn is_false_alarm(&self) -> Option<bool> {
        match (&self.dismissal, self.cases.is_empty()) {
            (Some(dismissal), _) => Some(dismissal.reason.is_false_alarm()),
            (None, false) => Some(false),
            (None, true) => None,
        }
    }
}
