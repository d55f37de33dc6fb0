//! What happened to a case, in the past tense. Folding a case's events in order gives the case; nothing else changes it.

use crate::cases::{Case, Clocks, Closing, Phase, Rating, Route};
use crate::classes::Priority;
use crate::erasures::ErasureGround;
use crate::ids::{
    AccountId, CaseId, ClassCode, MoveCode, OfficeId, PhotoId, PostId, ReasonCode, ReportId, StateCode,
};
use crate::incoming::Channel;
use crate::places::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who did it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When it was decided.
    pub at: Timestamp,
    /// Who; `None` for a resident or a timer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// The post they acted for, if for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
}

/// How a case began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassCode>,
    /// One line.
    pub title: String,
    /// The way it came.
    pub channel: Channel,
    /// The feed.
    pub source: String,
    /// First state.
    pub state: StateCode,
    /// What that state comes down to.
    pub phase: Phase,
    /// How urgent.
    pub priority: Priority,
    /// Where.
    pub place: Place,
    /// Who must act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeId>,
    /// Why them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// Received, for the clock.
    pub opened_at: Timestamp,
    /// Deadlines.
    pub clocks: Clocks,
    /// For imported history: already closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// A complaint about this office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about_office: Option<OfficeId>,
    /// Split from this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_from: Option<CaseId>,
    /// How many reports it starts with.
    pub reports: u16,
    /// Marked as a repeat by its source.
    #[serde(default)]
    pub is_marked_duplicate: bool,
    /// The source's own verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_on_time: Option<bool>,
}

/// One move of the procedure, with everything it changed: folding needs no rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The move, e.g. `dispatch`.
    pub code: MoveCode,
    /// From this state.
    pub from: StateCode,
    /// To that one.
    pub to: StateCode,
    /// What it comes down to.
    pub phase: Phase,
    /// Why, from the move's closed list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// The rule cited, for returns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_cited: Option<String>,
    /// In words.
    pub note: String,
    /// Who must act now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeId>,
    /// The person who took it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<AccountId>,
    /// Who handled it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<AccountId>,
    /// Deadlines after the move.
    pub clocks: Clocks,
    /// Set when it closes a case; cleared by reopening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// Counters after the move.
    pub counters: Counters,
}

/// The case's counters, as they stand after a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Returns.
    pub returns: u16,
    /// Rework.
    pub reworks: u16,
    /// Urged.
    pub urged: u16,
    /// Reopened.
    pub reopened: u16,
    /// An arbiter has decided.
    pub is_arbitrated: bool,
}

/// Something that happened to a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// It began with this report.
    CaseOpened(Box<Opened>),
    /// A move of the procedure.
    CaseMoved(Box<Moved>),
    /// Its class was set or corrected; route and deadlines follow.
    CaseReclassified {
        /// The new class.
        class: ClassCode,
        /// Its priority.
        priority: Priority,
        /// Who must act now.
        #[serde(skip_serializing_if = "Option::is_none")]
        office: Option<OfficeId>,
        /// Why them.
        #[serde(skip_serializing_if = "Option::is_none")]
        route: Option<Route>,
        /// Deadlines now.
        clocks: Clocks,
    },
    /// Its place was set or corrected; the route follows.
    CasePlaced {
        /// The new place.
        place: Place,
        /// Who must act now.
        #[serde(skip_serializing_if = "Option::is_none")]
        office: Option<OfficeId>,
        /// Why them.
        #[serde(skip_serializing_if = "Option::is_none")]
        route: Option<Route>,
    },
    /// One more report joined it (another case merged into it, or a repeat).
    ReportJoined {
        /// The reports.
        reports: Vec<ReportId>,
        /// The case they came from.
        from: CaseId,
        /// The promise that holds now: the earlier of the two.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    },
    /// It went into another case.
    CaseMerged {
        /// That case.
        into: CaseId,
        /// The state for merged cases.
        state: StateCode,
    },
    /// Some of its reports became a case of their own.
    CaseSplit {
        /// The new case.
        into: CaseId,
        /// The reports that left.
        reports: Vec<ReportId>,
    },
    /// A photo was added.
    PhotoAdded {
        /// The photo.
        photo: PhotoId,
        /// `before`, `after`, `near`, `far`, `reference`.
        shows: String,
    },
    /// A remark.
    NoteAdded {
        /// In words.
        note: String,
    },
    /// The reporter rated the result.
    CaseRated {
        /// Their word.
        rating: Rating,
    },
    /// Its words and exact place were erased, from it and from every event before.
    TextsErased {
        /// Why.
        ground: ErasureGround,
    },
}

impl Event {
    /// The name stored beside the event.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CaseOpened(_) => "case_opened",
            Self::CaseMoved(_) => "case_moved",
            Self::CaseReclassified { .. } => "case_reclassified",
            Self::CasePlaced { .. } => "case_placed",
            Self::ReportJoined { .. } => "report_joined",
            Self::CaseMerged { .. } => "case_merged",
            Self::CaseSplit { .. } => "case_split",
            Self::PhotoAdded { .. } => "photo_added",
            Self::NoteAdded { .. } => "note_added",
            Self::CaseRated { .. } => "case_rated",
            Self::TextsErased { .. } => "texts_erased",
        }
    }

    /// The case as it stands after this event. `None` before the first event; every event but `CaseOpened` needs a case.
    pub fn apply(&self, id: CaseId, case: Option<Case>, stamp: &Stamp) -> Option<Case> {
        if let Self::CaseOpened(opened) = self {
            return Some(opened.case(id, stamp));
        }
        let mut case = case?;
        case.version += 1;
        case.updated_at = stamp.at;
        // Whatever comes after an erasure may bring words again.
        case.texts_erased_at = None;
        self.change(&mut case, stamp.at);
        Some(case)
    }

    fn change(&self, case: &mut Case, at: Timestamp) {
        match self {
            Self::CaseOpened(_) | Self::NoteAdded { .. } => {}
            Self::CaseMoved(moved) => moved.change(case),
            Self::CaseReclassified {
                class,
                priority,
                office,
                route,
                clocks,
            } => {
                case.class = Some(class.clone());
                case.priority = *priority;
                case.office = *office;
                case.route.clone_from(route);
                case.clocks.clone_from(clocks);
            }
            Self::CasePlaced { place, office, route } => {
                case.place.clone_from(place);
                case.office = *office;
                case.route.clone_from(route);
            }
            Self::ReportJoined { reports, due_at, .. } => {
                case.reports = case.reports.saturating_add(count(reports));
                case.clocks.due_at = *due_at;
            }
            Self::CaseMerged { into, state } => {
                case.merged_into = Some(*into);
                case.state.clone_from(state);
                case.phase = Phase::Void;
                case.reports = 0;
            }
            Self::CaseSplit { reports, .. } => case.reports = case.reports.saturating_sub(count(reports)),
            Self::PhotoAdded { shows, .. } => case.photos_after += u16::from(shows == "after"),
            Self::CaseRated { rating } => case.rating = Some(rating.clone()),
            Self::TextsErased { .. } => case.erase_texts(at),
        }
    }
}

fn count(reports: &[ReportId]) -> u16 {
    u16::try_from(reports.len()).unwrap_or(u16::MAX)
}

impl Opened {
    /// The case as it begins.
    pub fn case(&self, id: CaseId, stamp: &Stamp) -> Case {
        Case {
            id,
            version: 1,
            class: self.class.clone(),
            title: self.title.clone(),
            channel: self.channel,
            source: self.source.clone(),
            state: self.state.clone(),
            phase: self.phase,
            priority: self.priority,
            place: self.place.clone(),
            office: self.office,
            assignee: None,
            handler: None,
            route: self.route.clone(),
            opened_at: self.opened_at,
            updated_at: stamp.at,
            clocks: self.clocks.clone(),
            returns: 0,
            reworks: 0,
            is_arbitrated: false,
            urged: 0,
            reopened: 0,
            closing: self.closing.clone(),
            rating: None,
            photos_after: 0,
            reports: self.reports,
            merged_into: None,
            split_from: self.split_from,
            about_office: self.about_office,
            is_marked_duplicate: self.is_marked_duplicate,
            source_on_time: self.source_on_time,
            texts_erased_at: None,
        }
    }
}

impl Moved {
    fn change(&self, case: &mut Case) {
        case.state.clone_from(&self.to);
        case.phase = self.phase;
        case.office = self.office;
        case.assignee = self.assignee;
        case.handler = self.handler;
        case.clocks.clone_from(&self.clocks);
        case.closing.clone_from(&self.closing);
        case.returns = self.counters.returns;
        case.reworks = self.counters.reworks;
        case.urged = self.counters.urged;
        case.reopened = self.counters.reopened;
        case.is_arbitrated = self.counters.is_arbitrated;
    }
}
