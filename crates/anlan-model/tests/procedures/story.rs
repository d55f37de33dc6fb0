//! One case and everybody who works on it, for the tests of the procedure.

use anlan_model::accounts::Role;
use anlan_model::calendars::Calendar;
use anlan_model::cases::Case;
use anlan_model::classes::{Class, ClassKind, ClosingDemand, Priority};
use anlan_model::deadlines::DeadlineTable;
use anlan_model::events::{Event, Opened, Stamp};
use anlan_model::ids::{AccountId, CaseId, ClassCode, MoveCode, OfficeId, ReasonCode};
use anlan_model::incoming::Channel;
use anlan_model::places::Place;
use anlan_model::procedures::{Actor, Ground, MoveRequest, Procedure};
use jiff::{SignedDuration, Timestamp};
use std::sync::LazyLock;

pub(crate) static PROCEDURE: LazyLock<Procedure> = LazyLock::new(|| Procedure::standard().unwrap());
pub(crate) static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::china().unwrap());
pub(crate) static DEADLINES: LazyLock<DeadlineTable> = LazyLock::new(|| DeadlineTable::demo().unwrap());

pub(crate) const CENTRE: OfficeId = OfficeId(1);
pub(crate) const CLEANING: OfficeId = OfficeId(2);
pub(crate) const POWER: OfficeId = OfficeId(3);

pub(crate) fn class(closing: ClosingDemand) -> Class {
    Class {
        code: ClassCode::from("m06010"),
        kind: ClassKind::Matter,
        table: "gbt47678.5".into(),
        group_zh: "市容环境类".into(),
        group_en: "Streetscape and environment".into(),
        name_zh: "暴露垃圾".into(),
        name_en: "Exposed rubbish".into(),
        priority: Priority::P3,
        closing,
        is_active: true,
        duplicate_radius_m: 50,
    }
}

/// One case and everybody who works on it.
pub(crate) struct Story {
    pub(crate) case: Case,
    pub(crate) class: Class,
    pub(crate) now: Timestamp,
    pub(crate) reporter_known: bool,
}

pub(crate) fn who(role: Role) -> (Option<AccountId>, Option<OfficeId>) {
    match role {
        Role::Resident | Role::System => (None, None),
        Role::Officer => (Some(AccountId(20)), Some(CLEANING)),
        Role::Worker => (Some(AccountId(30)), None),
        _ => (Some(AccountId(40)), Some(CENTRE)),
    }
}

pub(crate) fn wish(code: &str) -> MoveRequest {
    MoveRequest {
        code: MoveCode::from(code),
        note: "in words".into(),
        ..MoveRequest::default()
    }
}

pub(crate) fn with_reason(code: &str, reason: &str) -> MoveRequest {
    MoveRequest {
        reason: Some(ReasonCode::from(reason)),
        ..wish(code)
    }
}

impl Story {
    pub(crate) fn begin(channel: Channel, office: Option<OfficeId>) -> Self {
        let now: Timestamp = "2025-03-03T01:00:00Z".parse().unwrap();
        let class = class(ClosingDemand::default());
        let start = PROCEDURE.start(channel, true, office.is_some());
        let opened = Opened {
            class: Some(class.code.clone()),
            title: "rubbish".into(),
            channel,
            source: "web".into(),
            clocks: DEADLINES.on(&CALENDAR, Some(&class.code)).open(&start.state, now),
            state: start.state,
            phase: start.phase,
            priority: Priority::P3,
            place: Place::default(),
            office,
            route: None,
            opened_at: now,
            closing: None,
            about_office: None,
            split_from: None,
            reports: 1,
            is_marked_duplicate: false,
            source_on_time: None,
        };
        let stamp = Stamp {
            at: now,
            by: None,
            post: None,
        };
        let case = Event::CaseOpened(Box::new(opened))
            .apply(CaseId(1), None, &stamp)
            .unwrap();
        Self {
            case,
            class,
            now,
            reporter_known: false,
        }
    }

    pub(crate) fn ground(&self) -> Ground<'_> {
        Ground {
            now: self.now,
            calendar: &CALENDAR,
            deadlines: &DEADLINES,
            class: Some(&self.class),
            centre: Some(CENTRE),
            reporter_known: self.reporter_known,
        }
    }

    pub(crate) fn wait(&mut self, hours: i64) {
        self.now = self.now.checked_add(SignedDuration::from_hours(hours)).unwrap();
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        let stamp = Stamp {
            at: self.now,
            by: None,
            post: None,
        };
        self.case = event
            .apply(self.case.id, Some(self.case.clone()), &stamp)
            .unwrap();
    }

    /// The new state, or the code of the refusal.
    pub(crate) fn try_as(
        &mut self,
        role: Role,
        office: Option<OfficeId>,
        request: &MoveRequest,
    ) -> Result<String, &'static str> {
        let (account, own) = who(role);
        let roles = [role];
        let actor = Actor {
            account,
            roles: &roles,
            office: office.or(own),
        };
        let decided = PROCEDURE.decide(&self.case, request, &actor, &self.ground());
        let event = decided.map_err(|refusal| refusal.code)?;
        self.apply(&event);
        Ok(self.case.state.to_string())
    }

    pub(crate) fn go(&mut self, role: Role, request: &MoveRequest) -> Result<String, &'static str> {
        self.try_as(role, None, request)
    }

    pub(crate) fn to_handling() -> Self {
        let mut story = Self::begin(Channel::Web, Some(CLEANING));
        for (code, state) in [("accept", "file"), ("file", "dispatch"), ("dispatch", "handle")] {
            assert_eq!(story.go(Role::Duty, &wish(code)), Ok(state.into()));
        }
        story
    }
}

pub(crate) fn returned() -> MoveRequest {
    MoveRequest {
        rule_cited: Some("三定方案第 4 条".into()),
        ..with_reason("return", "not_our_duty")
    }
}
