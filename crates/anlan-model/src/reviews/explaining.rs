//! Which explanations a look has, from data alone. Pure: what was going on around the look is handed in.
//!
//! That a role may look is no explanation; work that is written down somewhere is. This is the idea of explanation-based
//! auditing (Fabbri & `LeFevre`, Explanation-Based Auditing, PVLDB 5(1), 2011), with templates of a county's desk.

use super::facts::{CaseFacts, Stand};
use super::looks::Look;
use super::{Explanation, ExplanationKind as Kind};
use crate::accounts::Role;
use crate::cases::Phase;
use crate::classes::Priority;
use crate::ids::{AccountId, CaseId, CellId, ClassCode, OfficeId, StateCode};
use crate::incoming::Channel;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const DAY_H: i64 = 24;
/// Within this long after a look, work on the case explains it.
const AFTER_H: i64 = 2;
/// A list explains opening a case from it for this long.
const LIST_S: i64 = 600;
/// Two cases this close in time may be one.
const NEAR_H: i64 = 14 * DAY_H;
/// Somebody takes over within this long after beginning to work.
const TAKING_OVER_S: i64 = 3_600;
/// A colleague who worked on the case within this long is working on it.
const COLLEAGUE_H: i64 = 24;

/// Which state waits for whom: what the procedure and the node say, the same for every look.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// The coordination centre.
    pub centre: Option<OfficeId>,
    /// Roles that move a case on from each state.
    pub waits: BTreeMap<StateCode, Vec<Role>>,
}

impl Desk {
    /// What a procedure says.
    pub fn of(procedure: &crate::procedures::Procedure, centre: Option<OfficeId>) -> Self {
        let mut waits: BTreeMap<StateCode, Vec<Role>> = BTreeMap::new();
        let onward = procedure
            .moves()
            .iter()
            .filter(|one| one.to.is_some() && !one.grave);
        for one in onward {
            for state in one.from.iter().filter(|state| !one.stays_in.contains(state)) {
                waits.entry(state.clone()).or_default().extend(&one.roles);
            }
        }
        Self { centre, waits }
    }
}

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looker {
    /// The account.
    pub account: AccountId,
    /// Roles held.
    pub roles: Vec<Role>,
    /// Own office.
    pub office: Option<OfficeId>,
    /// Offices below the own one.
    pub below: Vec<OfficeId>,
    /// Division code prefix worked in.
    pub division: String,
}

/// A written order that explains accesses: deputising, a project, a sample (委派).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Whose accesses.
    pub account: AccountId,
    /// From then.
    pub from: Timestamp,
    /// Until then.
    pub until: Timestamp,
    /// In the place of this account.
    pub deputy_for: Option<AccountId>,
    /// Cases of classes whose code begins so; empty for all.
    pub class: String,
    /// Cases whose division code begins so; empty for all.
    pub division: String,
}

/// A case somebody worked on, as far as others can be compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worked {
    /// The case.
    pub case: CaseId,
    /// Where it lies.
    pub cell: Option<CellId>,
    /// The same place to about fifty metres.
    pub spot: Option<(i32, i32)>,
    /// What it is about.
    pub class: Option<ClassCode>,
    /// When it was received.
    pub opened_at: Timestamp,
}

/// The cells and the time a warning is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarnedArea {
    /// Its cells; none means all.
    pub cells: BTreeSet<CellId>,
    /// From then.
    pub from: Timestamp,
    /// Until then.
    pub until: Timestamp,
}

/// What was going on around a look.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Whether it was the person's time to work.
    pub is_on_duty: bool,
    /// Seconds since the person began to work, after hours away.
    pub began_s: i64,
    /// Seconds since a list or map was shown to the person.
    pub listed_s: Option<i64>,
    /// Cases the person worked on within the last hours.
    pub worked: &'a [Worked],
    /// Warnings the person opened within the last hour.
    pub warned: &'a [WarnedArea],
    /// Orders there are for the person.
    pub mandates: &'a [Mandate],
    /// Accounts of the same office and role.
    pub colleagues: &'a BTreeSet<AccountId>,
}

/// Everything one look is explained from.
struct Question<'a> {
    look: &'a Look,
    case: &'a CaseFacts,
    stand: &'a Stand,
    looker: &'a Looker,
    around: &'a Surroundings<'a>,
    desk: &'a Desk,
}

/// Every explanation of a look, the strongest first.
pub fn explain(
    look: &Look,
    case: &CaseFacts,
    looker: &Looker,
    around: &Surroundings<'_>,
    desk: &Desk,
) -> Vec<Explanation> {
    let Some(stand) = case.stand_at(look.at) else {
        return Vec::new();
    };
    let question = Question {
        look,
        case,
        stand,
        looker,
        around,
        desk,
    };
    let mut found: Vec<Explanation> = [
        question.assigned(),
        question.acted(),
        question.acted_after(),
        question.noted(),
        question.noted_after(),
        question.typed_in(),
        question.own_office(),
        question.office_before(),
        question.waits_for_role(),
        question.area(),
        question.pressing(),
        question.closed_check(),
        question.kin(),
        question.near(),
        question.warned(),
        question.listed(),
        question.colleague(),
        question.callback(),
        question.mandate(),
        question.opened(),
    ]
    .into_iter()
    .flatten()
    .map(|(kind, percent)| Explanation { kind, percent })
    .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.percent), one.kind));
    found
}

type Found = Option<(Kind, u8)>;

impl Question<'_> {
    fn is(&self, role: Role) -> bool {
        self.looker.roles.contains(&role)
    }

    fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.is(*role))
    }

    fn is_open(&self) -> bool {
        self.stand.phase == Phase::Open
    }

    /// Hours since it was closed; `None` while it is open.
    fn closed_h(&self) -> Option<i64> {
        let since = self.case.closed_since(self.look.at)?;
        Some(self.look.at.duration_since(since).as_hours())
    }

    /// One figure on duty, another off duty.
    fn on_duty(&self, on: u8, off: u8) -> u8 {
        if self.around.is_on_duty { on } else { off }
    }

    fn is_ours(&self, office: Option<OfficeId>) -> bool {
        office.is_some_and(|office| self.looker.office == Some(office) || self.looker.below.contains(&office))
    }

    fn assigned(&self) -> Found {
        (self.is_open() && self.stand.assignee == Some(self.looker.account)).then_some((Kind::Assigned, 95))
    }

    /// Hours since the person last did something of that kind on the case.
    fn done_h(&self, is_remark: bool) -> Option<i64> {
        let before = self.case.doings.iter().rev();
        let last = before
            .filter(|one| one.at < self.look.at)
            .find(|one| one.by == self.looker.account && one.is_remark == is_remark)?;
        Some(self.look.at.duration_since(last.at).as_hours())
    }

    fn does_after(&self, is_remark: bool) -> bool {
        let end = self.look.at + SignedDuration::from_hours(AFTER_H);
        self.case.doings.iter().any(|one| {
            one.by == self.looker.account
                && one.is_remark == is_remark
                && (self.look.at..=end).contains(&one.at)
        })
    }

    fn acted(&self) -> Found {
        let hours = self.done_h(false)?;
        let percent = if hours <= 30 * DAY_H { 90 } else { 45 };
        Some((Kind::Acted, percent))
    }

    fn acted_after(&self) -> Found {
        self.does_after(false).then_some((Kind::ActedAfter, 85))
    }

    /// A remark explains little: whoever wants to look can write one.
    fn noted(&self) -> Found {
        let hours = self.done_h(true)?;
        Some((Kind::Noted, if hours <= 30 * DAY_H { 35 } else { 15 }))
    }

    fn noted_after(&self) -> Found {
        self.does_after(true).then_some((Kind::NotedAfter, 35))
    }

    fn typed_in(&self) -> Found {
        if self.case.typed_in_by != Some(self.looker.account) {
            return None;
        }
        let days = self.look.at.duration_since(self.case.opened_at).as_hours() / DAY_H;
        Some((Kind::TypedIn, if days <= 30 { 90 } else { 50 }))
    }

    fn own_office(&self) -> Found {
        let is_desk = self.looker.office == self.desk.centre && self.is_any(&[Role::Duty, Role::Clerk]);
        if is_desk || !self.is_open() || !self.is_ours(self.stand.office) {
            return None;
        }
        let percent = if self.is(Role::Officer) {
            self.on_duty(75, 45)
        } else {
            self.on_duty(45, 20)
        };
        Some((Kind::OwnOffice, percent))
    }

    fn office_before(&self) -> Found {
        if !self.is(Role::Officer) {
            return None;
        }
        let had = self.case.stands.iter().filter(|stand| stand.from <= self.look.at);
        let (mut last, mut until) = (None, None);
        for stand in had {
            let is_ours = self.is_ours(stand.office);
            let is_held = is_ours && stand.phase == Phase::Open;
            if is_held {
                (last, until) = (Some(stand.from), None);
            } else if last.is_some() && until.is_none() {
                until = Some(stand.from);
            }
        }
        let hours = self.look.at.duration_since(until?).as_hours();
        let percent = match hours {
            ..=720 => self.on_duty(60, 30),
            721..=2160 => self.on_duty(35, 15),
            _ => 15,
        };
        Some((Kind::OfficeBefore, percent))
    }

    fn waits_for_role(&self) -> Found {
        let waited = self.desk.waits.get(&self.stand.state)?;
        let desk = [Role::Duty, Role::Clerk, Role::Arbiter, Role::Supervisor];
        let is_waited = desk.iter().any(|role| self.is(*role) && waited.contains(role));
        (self.is_open() && is_waited).then(|| (Kind::WaitsForRole, self.on_duty(65, 30)))
    }

    fn area(&self) -> Found {
        let division = self.case.division.as_deref()?;
        let own = &self.looker.division;
        // Whoever works everywhere has no area that would explain anything.
        if !self.is(Role::Worker) || own.len() < 9 || !division.starts_with(own.as_str()) {
            return None;
        }
        let percent = match self.closed_h() {
            None => self.on_duty(60, 25),
            Some(..=168) => self.on_duty(50, 20),
            Some(..=720) => self.on_duty(50, 10),
            Some(_) => 10,
        };
        Some((Kind::Area, percent))
    }

    fn pressing(&self) -> Found {
        let watchers = [Role::Supervisor, Role::Commander, Role::Arbiter, Role::Duty];
        if !self.is_open() || !self.is_any(&watchers) {
            return None;
        }
        let soon = self.look.at + SignedDuration::from_hours(4);
        let is_late = self.stand.due_at.is_some_and(|due| due <= soon);
        let is_pressing = is_late || self.stand.is_troubled || self.stand.priority == Priority::P1;
        is_pressing.then(|| (Kind::Pressing, self.on_duty(65, 35)))
    }

    fn closed_check(&self) -> Found {
        let hours = self.closed_h()?;
        let is_lately = hours <= 14 * DAY_H && self.stand.phase == Phase::Closed;
        (self.is(Role::Supervisor) && is_lately).then(|| (Kind::ClosedCheck, self.on_duty(42, 15)))
    }

    fn kin(&self) -> Found {
        let worked = |case: &CaseId| self.around.worked.iter().any(|one| one.case == *case);
        self.case.kin.iter().any(worked).then_some((Kind::Kin, 75))
    }

    fn near(&self) -> Found {
        let cell = self.case.cell?;
        let others = self.around.worked.iter().filter(|one| one.case != self.case.case);
        let percent = |one: &Worked| {
            let apart = one.opened_at.duration_since(self.case.opened_at).abs();
            let is_soon = one.cell == Some(cell) && apart <= SignedDuration::from_hours(NEAR_H);
            let is_same = one.class.is_none() || self.stand.class.is_none() || one.class == self.stand.class;
            match (is_soon, is_same) {
                (true, true) => Some(60),
                // What a place has seen before is looked up when somebody has to act there.
                _ if one.spot.is_some() && one.spot == self.case.spot => Some(55),
                (true, false) => Some(45),
                (false, _) => None,
            }
        };
        let most = others.filter_map(percent).max();
        most.map(|percent| (Kind::Near, percent))
    }

    fn warned(&self) -> Found {
        let is_behind = |area: &WarnedArea| {
            let is_inside =
                area.cells.is_empty() || self.case.cell.is_some_and(|cell| area.cells.contains(&cell));
            is_inside && (area.from..=area.until).contains(&self.case.opened_at)
        };
        self.around
            .warned
            .iter()
            .any(is_behind)
            .then_some((Kind::Warned, 65))
    }

    fn listed(&self) -> Found {
        let is_recent = self.around.listed_s.is_some_and(|ago| ago <= LIST_S);
        is_recent.then_some((Kind::Listed, 20))
    }

    fn colleague(&self) -> Found {
        let from = self.look.at - SignedDuration::from_hours(COLLEAGUE_H);
        let works = self.case.doings.iter().any(|one| {
            (from..self.look.at).contains(&one.at)
                && one.by != self.looker.account
                && self.around.colleagues.contains(&one.by)
        });
        // Whoever takes over looks at what those before were at.
        let percent = if self.around.began_s <= TAKING_OVER_S {
            50
        } else {
            40
        };
        (works && self.around.is_on_duty).then_some((Kind::Colleague, percent))
    }

    fn callback(&self) -> Found {
        let is_fresh = self.closed_h().is_none_or(|hours| hours <= 30 * DAY_H);
        let is_asked = matches!(self.case.channel, Channel::Hotline | Channel::Web) && is_fresh;
        (self.is(Role::Clerk) && is_asked && self.around.is_on_duty).then_some((Kind::Callback, 30))
    }

    fn opened(&self) -> Found {
        self.look.is_emergency.then_some((Kind::Opened, 65))
    }

    fn mandate(&self) -> Found {
        let covers = |one: &Mandate| {
            let class = self.stand.class.as_ref().map_or("", ClassCode::as_str);
            let division = self.case.division.as_deref().unwrap_or_default();
            let is_theirs = one.deputy_for.is_none_or(|whose| {
                self.stand.assignee == Some(whose)
                    || self.case.typed_in_by == Some(whose)
                    || self.case.doings.iter().any(|done| done.by == whose)
            });
            one.account == self.looker.account
                && (one.from..one.until).contains(&self.look.at)
                && class.starts_with(&one.class)
                && division.starts_with(&one.division)
                && is_theirs
        };
        self.around
            .mandates
            .iter()
            .any(covers)
            .then_some((Kind::Mandate, 85))
    }
}

/// What a mistyped number explains: the case meant was opened right after.
const MISTYPED: u8 = 65;

/// Whether one number is the other with one digit wrong or two neighbours swapped.
pub fn is_slip(one: CaseId, other: CaseId) -> bool {
    let (one, other) = (format!("{:06}", one.0), format!("{:06}", other.0));
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let wrong: Vec<usize> = (0..one.len())
        .filter(|at| one.get(*at) != other.get(*at))
        .collect();
    match wrong.as_slice() {
        [_] => true,
        [first, second] => {
            second - first == 1
                && one.get(*first) == other.get(*second)
                && one.get(*second) == other.get(*first)
        }
        _ => false,
    }
}

/// The explanation of a look at the wrong number.
pub fn mistyped() -> Explanation {
    Explanation {
        kind: Kind::Mistyped,
        percent: MISTYPED,
    }
}
