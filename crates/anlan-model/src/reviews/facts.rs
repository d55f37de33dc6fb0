//! What a case's events say to the question why somebody looked at it: how it stood at each time, and who did what on it.

use crate::cases::{Case, Phase};
use crate::classes::Priority;
use crate::events::{Event, Stamp};
use crate::ids::{AccountId, CaseId, CellId, ClassCode, OfficeId, StateCode};
use crate::incoming::Channel;
use jiff::Timestamp;

/// Degrees of one step of a spot: about fifty metres, a house and its neighbours.
const SPOT_DEGREES: f64 = 0.0005;

/// How a case stood from some time on.
#[derive(Debug, Clone, PartialEq)]
pub struct Stand {
    /// Since when.
    pub from: Timestamp,
    /// State of the procedure.
    pub state: StateCode,
    /// What it comes down to.
    pub phase: Phase,
    /// Who must act.
    pub office: Option<OfficeId>,
    /// Who took it on.
    pub assignee: Option<AccountId>,
    /// The promise.
    pub due_at: Option<Timestamp>,
    /// Urged, or returned more than once.
    pub is_troubled: bool,
    /// How urgent.
    pub priority: Priority,
    /// What it is about.
    pub class: Option<ClassCode>,
}

/// What somebody did on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doing {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: AccountId,
    /// Only a remark, which nobody had to ask for.
    pub is_remark: bool,
}

/// A case as far as a review needs it; it holds no words and no person but officials' accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFacts {
    /// The case.
    pub case: CaseId,
    /// When it was received.
    pub opened_at: Timestamp,
    /// The way it came.
    pub channel: Channel,
    /// Who typed its first report in.
    pub typed_in_by: Option<AccountId>,
    /// Where it lies.
    pub cell: Option<CellId>,
    /// Division code of that place.
    pub division: Option<String>,
    /// The same place to about fifty metres.
    pub spot: Option<(i32, i32)>,
    /// How it stood, in order of time; never empty.
    pub stands: Vec<Stand>,
    /// Who did what, in order of time.
    pub doings: Vec<Doing>,
    /// Cases merged with it or split from it.
    pub kin: Vec<CaseId>,
}

impl CaseFacts {
    /// Folds a case's events; `None` if they do not begin with its opening.
    pub fn of<'a>(id: CaseId, events: impl IntoIterator<Item = (&'a Stamp, &'a Event)>) -> Option<Self> {
        let mut case: Option<Case> = None;
        let mut facts: Option<Self> = None;
        for (stamp, event) in events {
            case = event.apply(id, case, stamp);
            let now = case.as_ref()?;
            match &mut facts {
                None => facts = Some(Self::begin(now, stamp)),
                Some(facts) => facts.add(now, stamp, event),
            }
        }
        facts
    }

    fn begin(case: &Case, stamp: &Stamp) -> Self {
        let mut facts = Self {
            case: case.id,
            opened_at: case.opened_at,
            channel: case.channel,
            typed_in_by: stamp.by,
            cell: None,
            division: None,
            spot: None,
            stands: vec![stand(case, case.opened_at.min(stamp.at))],
            doings: Vec::new(),
            kin: case.split_from.into_iter().collect(),
        };
        facts.place(case);
        facts
    }

    fn add(&mut self, case: &Case, stamp: &Stamp, event: &Event) {
        match event {
            Event::CasePlaced { .. } => self.place(case),
            Event::ReportJoined { from, .. } => self.kin.push(*from),
            Event::CaseMerged { into, .. } | Event::CaseSplit { into, .. } => self.kin.push(*into),
            _ => {}
        }
        let now = stand(case, stamp.at);
        let is_other = self.stands.last().is_none_or(|last| {
            Stand {
                from: now.from,
                ..last.clone()
            } != now
        });
        if is_other {
            self.stands.push(now);
        }
        if let Some(by) = stamp.by {
            let is_remark = matches!(event, Event::NoteAdded { .. });
            self.doings.push(Doing {
                at: stamp.at,
                by,
                is_remark,
            });
        }
    }

    fn place(&mut self, case: &Case) {
        self.cell = case.place.cell;
        self.division.clone_from(&case.place.division);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "degrees in steps are well within range"
        )]
        let step = |degrees: f64| (degrees / SPOT_DEGREES).floor() as i32;
        self.spot = case.place.point.map(|point| (step(point.lon), step(point.lat)));
    }

    /// How it stood then; before its opening, as it began.
    pub fn stand_at(&self, at: Timestamp) -> Option<&Stand> {
        let after = self.stands.partition_point(|stand| stand.from <= at);
        self.stands.get(after.saturating_sub(1))
    }

    /// Since when nobody has had to act on it, as it stood then.
    pub fn closed_since(&self, at: Timestamp) -> Option<Timestamp> {
        let after = self.stands.partition_point(|stand| stand.from <= at);
        let closed = self.stands.get(..after)?.iter().rev();
        closed
            .take_while(|stand| stand.phase != Phase::Open)
            .last()
            .map(|stand| stand.from)
    }
}

fn stand(case: &Case, from: Timestamp) -> Stand {
    Stand {
        from,
        state: case.state.clone(),
        phase: case.phase,
        office: case.office,
        assignee: case.assignee,
        due_at: case.clocks.due_at.filter(|_| !case.clocks.is_paused()),
        is_troubled: case.urged > 0 || case.returns > 1 || case.reopened > 0,
        priority: case.priority,
        class: case.class.clone(),
    }
}
