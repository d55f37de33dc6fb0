//! The year's cases and the work on them, as events and log entries: what the product would have kept.

use crate::dice::Dice;
use crate::staff::{BEGIN_S, CENTRE, DAY_S, HOUR_S, OFFICES, STREETS, Staff, office, street, time};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Role;
use anlan_model::cases::{Clocks, Closing, Phase};
use anlan_model::classes::Priority;
use anlan_model::events::{Counters, Event, Moved, Opened, Stamp};
use anlan_model::ids::{AccountId, CaseId, CellId, ClassCode, OfficeId};
use anlan_model::incoming::Channel;
use anlan_model::places::{Place, Point};

/// A case as the simulation needs it.
#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) id: CaseId,
    pub(crate) opened_s: i64,
    /// When it was closed; the end of time while it is open.
    pub(crate) closed_s: i64,
    pub(crate) street: i64,
    pub(crate) office: OfficeId,
    pub(crate) channel: Channel,
    pub(crate) point: Point,
    pub(crate) is_pressing: bool,
    pub(crate) due_s: i64,
    pub(crate) class: String,
    pub(crate) events: Vec<(Stamp, Event)>,
}

/// One line of the log before it has a number; `incident` marks planted misuse.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) access: Access,
    pub(crate) incident: Option<usize>,
}

/// The county's year.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) dice: Dice,
    pub(crate) staff: &'a Staff,
    pub(crate) cases: Vec<Sim>,
    pub(crate) lines: Vec<Line>,
    /// Spots from which several cases come.
    spots: Vec<(i64, Point)>,
}

pub(crate) const NEVER: i64 = i64::MAX;

/// Where a case is in its life.
struct Life {
    index: usize,
    state: &'static str,
    office: OfficeId,
    assignee: Option<AccountId>,
    due_s: i64,
    counters: Counters,
}

impl<'a> Desk<'a> {
    pub(crate) fn open(mut dice: Dice, staff: &'a Staff) -> Self {
        let spots = (0..1500)
            .map(|_| {
                let street = dice.between(0, STREETS - 1);
                #[expect(clippy::cast_precision_loss, reason = "ten streets")]
                let lon = 113.0 + 0.1 * (street as f64) + 0.1 * dice.unit();
                let lat = 27.8 + 0.2 * dice.unit();
                (street, Point { lon, lat })
            })
            .collect();
        Self {
            dice,
            staff,
            cases: Vec::new(),
            lines: Vec::new(),
            spots,
        }
    }

    /// A line of the log.
    pub(crate) fn log(
        &mut self,
        second: i64,
        who: AccountId,
        action: &str,
        case: Option<CaseId>,
        count: u32,
    ) {
        let resource = match action {
            "case.list" => "cases",
            "case.contact" => "contact",
            "photo.read" => "photo",
            _ => "case",
        };
        let millis = self.dice.between(0, 999);
        let at = time(second) + jiff::SignedDuration::from_millis(millis);
        let access = Access {
            at,
            actor: Some(who),
            post: None,
            office: None,
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_id: case.map_or_else(|| "list".to_owned(), |case| case.to_string()),
            purpose: Purpose::Case,
            allowed: true,
            count,
        };
        self.lines.push(Line {
            access,
            incident: None,
        });
    }

    /// Looks at a case as people do: mostly out of a list, now and then by a number, which may be mistyped.
    pub(crate) fn look(&mut self, who: AccountId, second: i64, index: usize, (photo, contact): (f64, f64)) {
        let Some(id) = self.cases.get(index).map(|case| case.id) else {
            return;
        };
        if self.dice.chance(0.75) {
            let ago = self.dice.between(4, 240);
            self.log(second - ago, who, "case.list", None, 50);
        } else if self.dice.chance(0.03) {
            let wrong = self.slip(id);
            if let Some(wrong) = wrong {
                let ago = self.dice.between(8, 60);
                self.log(second - ago, who, "case.read", Some(wrong), 1);
            }
        }
        if self.dice.chance(0.008) {
            self.wrong_row(who, second);
        }
        self.log(second, who, "case.read", Some(id), 1);
        if self.dice.chance(photo) {
            let later = self.dice.between(3, 30);
            self.log(second + later, who, "photo.read", Some(id), 1);
        }
        if self.dice.chance(contact) {
            let later = self.dice.between(10, 60);
            self.log(second + later, who, "case.contact", Some(id), 1);
        }
    }

    /// A year of cases.
    pub(crate) fn live(&mut self, per_day: f64, floods: &[i64]) {
        for day in 0..self.staff.days {
            let is_flood = floods.iter().any(|start| (*start..*start + 3).contains(&day));
            let busy = if self.staff.is_working_day(day) { 1.1 } else { 0.75 };
            let mean = per_day * busy * if is_flood { 3.5 } else { 1.0 };
            for _ in 0..self.dice.poisson(mean) {
                let second = BEGIN_S + day * DAY_S + self.moment();
                self.case(second, is_flood);
            }
        }
        // Numbers follow the order in which cases were received.
        self.cases.sort_by_key(|case| case.opened_s);
    }

    /// A second of the day: by day mostly.
    fn moment(&mut self) -> i64 {
        if self.dice.chance(0.8) {
            self.dice.between(7 * HOUR_S, 20 * HOUR_S)
        } else {
            self.dice.between(0, DAY_S - 1)
        }
    }

    fn case(&mut self, opened_s: i64, is_flood: bool) {
        let (place, point) = self.dice.pick(&self.spots).copied().unwrap_or((
            0,
            Point {
                lon: 113.0,
                lat: 27.8,
            },
        ));
        let channel = match self.dice.between(0, 99) {
            0..=49 => Channel::Hotline,
            50..=74 => Channel::Web,
            75..=89 => Channel::Worker,
            _ => Channel::Office,
        };
        let owner = if self.dice.chance(0.45) {
            place
        } else {
            self.dice.between(STREETS, OFFICES - 1)
        };
        let is_pressing = is_flood && self.dice.chance(0.3) || self.dice.chance(0.03);
        self.cases.push(Sim {
            id: CaseId(0),
            opened_s,
            closed_s: NEVER,
            street: place,
            office: office(owner),
            channel,
            point,
            is_pressing,
            due_s: NEVER,
            class: format!("m{:02}", self.dice.between(0, 39)),
            events: Vec::new(),
        });
    }

    /// The work on every case, each with the number that it has now.
    pub(crate) fn work(&mut self) {
        for index in 0..self.cases.len() {
            if let Some(case) = self.cases.get_mut(index) {
                case.id = CaseId(i64::try_from(index).unwrap_or(0) + 1);
            }
            self.begin(index);
        }
    }

    fn begin(&mut self, index: usize) {
        let Some(case) = self.cases.get(index) else { return };
        let (opened_s, channel, owner, place) = (case.opened_s, case.channel, case.office, case.street);
        let typist = match channel {
            Channel::Hotline => Some((Role::Clerk, None)),
            Channel::Worker => Some((Role::Worker, Some(office(place)))),
            Channel::Office => Some((Role::Officer, Some(owner))),
            Channel::Web | Channel::Import | Channel::Open311 => None,
        };
        let typist = typist.and_then(|post| self.staff.find(&mut self.dice, post, opened_s));
        let (by, at_s) = match typist {
            Some((person, at)) => (Some(person.account.id), at),
            None => (None, opened_s),
        };
        let term = self.dice.between(1, 6) * DAY_S;
        self.opening(index, by, at_s, term);
        if let Some(by) = by {
            let id = self.cases.get(index).map(|case| case.id);
            self.log(at_s, by, "report.create", id, 1);
            if self.dice.chance(0.5) {
                let later = self.dice.between(5, 120);
                self.log(at_s + later, by, "case.read", id, 1);
            }
        }
        let mut life = Life {
            index,
            state: "report",
            office: CENTRE,
            assignee: None,
            due_s: at_s + term,
            counters: Counters::default(),
        };
        self.through(&mut life, at_s, owner, place);
    }

    fn opening(&mut self, index: usize, by: Option<AccountId>, at_s: i64, term: i64) {
        let Some(case) = self.cases.get_mut(index) else {
            return;
        };
        case.due_s = at_s + term;
        let opened = Opened {
            class: Some(ClassCode(case.class.clone())),
            title: String::new(),
            channel: case.channel,
            source: "desk".into(),
            state: "report".into(),
            phase: Phase::Open,
            priority: if case.is_pressing {
                Priority::P1
            } else {
                Priority::P3
            },
            place: Place {
                point: Some(case.point),
                cell: Some(cell(case.street, case.point)),
                division: Some(format!("{}001", street(case.street))),
                ..Place::default()
            },
            office: Some(CENTRE),
            route: None,
            opened_at: time(at_s),
            clocks: Clocks {
                due_at: Some(time(at_s + term)),
                ..Clocks::default()
            },
            closing: None,
            about_office: None,
            split_from: None,
            reports: 1,
            is_marked_duplicate: false,
            source_on_time: None,
        };
        let stamp = Stamp {
            at: time(at_s),
            by,
            post: None,
        };
        case.events.push((stamp, Event::CaseOpened(Box::new(opened))));
    }

    /// From the desk to the end.
    fn through(&mut self, life: &mut Life, start_s: i64, owner: OfficeId, place: i64) {
        let wait = self.dice.stretch(900.0, 0.7);
        let mut at = start_s + wait;
        if self.dice.chance(0.2) {
            at = self.step(life, (Role::Duty, None), at, ("send_verify", "verify", CENTRE));
            let wait = self.dice.stretch(5_400.0, 0.6);
            at = self.step(
                life,
                (Role::Worker, Some(office(place))),
                at + wait,
                ("verify_ok", "accept", CENTRE),
            );
        }
        if self.dice.chance(0.12) {
            self.compare(life.index, at);
        }
        at = self.step(life, (Role::Duty, None), at, ("accept", "file", CENTRE));
        at = self.step(life, (Role::Duty, None), at + 60, ("file", "dispatch", CENTRE));
        at = self.step(life, (Role::Duty, None), at + 60, ("dispatch", "handle", owner));
        let mut owner = owner;
        if self.dice.chance(0.06) {
            let wait = self.dice.stretch(4_000.0, 0.6);
            life.counters.returns += 1;
            at = self.step(
                life,
                (Role::Officer, Some(owner)),
                at + wait,
                ("return", "dispatch", CENTRE),
            );
            owner = office(self.dice.between(0, OFFICES - 1));
            if let Some(case) = self.cases.get_mut(life.index) {
                case.office = owner;
            }
            at = self.step(life, (Role::Duty, None), at + 900, ("dispatch", "handle", owner));
        }
        let wait = self.dice.stretch(3_600.0, 0.7);
        at = self.step(
            life,
            (Role::Officer, Some(owner)),
            at + wait,
            ("take", "handle", owner),
        );
        at = self.handle(life, at, owner);
        let who = if self.dice.chance(0.7) {
            (Role::Worker, Some(office(place)))
        } else {
            (Role::Duty, None)
        };
        let wait = self.dice.stretch(9_000.0, 0.7);
        at = self.step(life, who, at + wait, ("check_pass", "close", owner));
        if let Some(case) = self.cases.get_mut(life.index) {
            case.closed_s = at;
        }
    }

    /// The office's own looks, the supervisor's urging, and the end of the work.
    fn handle(&mut self, life: &mut Life, at_s: i64, owner: OfficeId) -> i64 {
        let work = self.dice.stretch(90_000.0, 0.9);
        for _ in 0..self.dice.poisson(1.6) {
            let second = at_s + self.dice.between(0, work.max(1));
            // Mostly whoever has the case, now and then a colleague who takes a call.
            let holder = life.assignee.and_then(|who| self.staff.get(who));
            let who = match holder.filter(|person| self.staff.is_on(person, second)) {
                Some(person) if self.dice.chance(0.85) => Some((person, second)),
                _ => self
                    .staff
                    .find(&mut self.dice, (Role::Officer, Some(owner)), second),
            };
            if let Some((person, second)) = who.filter(|(_, second)| *second < at_s + work) {
                let id = person.account.id;
                self.look(id, second, life.index, (0.3, 0.15));
            }
        }
        let done = at_s + work;
        if done > life.due_s && self.dice.chance(0.6) {
            let late = life.due_s + self.dice.between(-3 * HOUR_S, 6 * HOUR_S);
            let urging = late.max(at_s + 60);
            if urging < done {
                life.counters.urged += 1;
                self.step(life, (Role::Supervisor, None), urging, ("urge", "handle", owner));
            }
        }
        self.step(
            life,
            (Role::Officer, Some(owner)),
            done,
            ("finish", "check", owner),
        )
    }

    /// Somebody looks at the case and makes a move; answers when.
    fn step(
        &mut self,
        life: &mut Life,
        post: (Role, Option<OfficeId>),
        at_s: i64,
        (code, to, owner): (&'static str, &'static str, OfficeId),
    ) -> i64 {
        let Some((person, second)) = self.staff.find(&mut self.dice, post, at_s) else {
            return at_s;
        };
        let who = person.account.id;
        let contact = if matches!(post.0, Role::Officer | Role::Supervisor) {
            0.3
        } else {
            0.05
        };
        let contact = if matches!(post.0, Role::Worker) {
            0.0
        } else {
            contact
        };
        // Steps that follow at once are made in the open case.
        let is_open = matches!(code, "file") || (code == "dispatch" && life.counters.returns == 0);
        if !is_open {
            self.look(who, second, life.index, (0.35, contact));
        }
        if matches!(code, "take" | "verify_ok" | "check_pass") && self.dice.chance(0.06) {
            self.history(who, second + 20, life.index);
        }
        let end = second + self.dice.between(60, 240);
        let is_closed = to == "close";
        if code == "take" {
            life.assignee = Some(who);
        } else if to != "handle" || code == "dispatch" {
            life.assignee = None;
        }
        life.office = owner;
        let closing = is_closed.then(|| Closing {
            reason: "fixed".into(),
            note: String::new(),
            at: time(end),
            by: Some(who),
            forced: false,
        });
        let moved = Moved {
            code: code.into(),
            from: life.state.into(),
            to: to.into(),
            phase: if is_closed { Phase::Closed } else { Phase::Open },
            reason: None,
            rule_cited: None,
            note: String::new(),
            office: Some(life.office),
            assignee: life.assignee,
            handler: life.assignee,
            clocks: Clocks {
                due_at: Some(time(life.due_s)),
                ..Clocks::default()
            },
            closing,
            counters: life.counters,
        };
        life.state = to;
        self.event(life.index, who, end, Event::CaseMoved(Box::new(moved)));
        let id = self.cases.get(life.index).map(|case| case.id);
        self.log(end, who, "case.move", id, 1);
        end
    }

    pub(crate) fn event(&mut self, index: usize, who: AccountId, second: i64, event: Event) {
        let stamp = Stamp {
            at: time(second),
            by: Some(who),
            post: None,
        };
        if let Some(case) = self.cases.get_mut(index) {
            case.events.push((stamp, event));
        }
    }

    /// A remark, with its entry.
    pub(crate) fn remark(&mut self, index: usize, who: AccountId, second: i64) {
        let event = Event::NoteAdded { note: String::new() };
        self.event(index, who, second, event);
        let id = self.cases.get(index).map(|case| case.id);
        self.log(second, who, "case.note", id, 1);
    }
}

/// A cell: squares of about two hundred metres, a street's own.
#[expect(clippy::cast_possible_truncation, reason = "degrees in steps are small")]
pub(crate) fn cell(street: i64, point: Point) -> CellId {
    let step = |degrees: f64| (degrees * 100.0).floor() as i64;
    CellId(street * 10_000_000 + step(point.lon) * 3_000 + step(point.lat))
}
