//! The people of a simulated county's desk: posts, shifts, leave, newcomers. All invented.

use crate::dice::Dice;
use anlan_model::accounts::{Account, Role};
use anlan_model::calendars::Calendar;
use anlan_model::ids::{AccountId, OfficeId};
use jiff::Timestamp;

/// The year begins here: midnight of 1 January 2026 in the zone of the shipped calendar.
pub(crate) const BEGIN_S: i64 = 1_767_196_800;
pub(crate) const DAY_S: i64 = 86_400;
pub(crate) const HOUR_S: i64 = 3_600;
pub(crate) const CENTRE: OfficeId = OfficeId(1);
/// Offices that handle cases: departments and streets.
pub(crate) const OFFICES: i64 = 22;
pub(crate) const STREETS: i64 = 10;

/// Somebody with an account.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) role: Role,
    /// Day of the year on which they begin.
    pub(crate) first_day: i64,
    /// Days off, first and last.
    pub(crate) leave: Vec<(i64, i64)>,
    turn: i64,
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct Staff {
    pub(crate) people: Vec<Person>,
    pub(crate) days: i64,
    working: Vec<bool>,
}

/// Division code of a street, from 0.
pub(crate) fn street(position: i64) -> String {
    format!("990101{:03}", position + 1)
}

/// The office that has a street, or a department's.
pub(crate) fn office(position: i64) -> OfficeId {
    OfficeId(10 + position)
}

pub(crate) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

impl Staff {
    pub(crate) fn hire(dice: &mut Dice, calendar: &Calendar, days: i64) -> Self {
        let mut staff = Self {
            people: Vec::new(),
            days,
            working: (0..days)
                .map(|day| {
                    calendar
                        .local(time(BEGIN_S + day * DAY_S + DAY_S / 2))
                        .is_working_day
                })
                .collect(),
        };
        let county = "990101".to_owned();
        for (role, count) in [
            (Role::Clerk, 12),
            (Role::Duty, 14),
            (Role::Supervisor, 4),
            (Role::Arbiter, 2),
            (Role::Commander, 3),
            (Role::Steward, 2),
        ] {
            for turn in 0..count {
                staff.add(dice, role, CENTRE, &county, turn);
            }
        }
        for position in 0..OFFICES {
            let division = if position < STREETS {
                street(position)
            } else {
                county.clone()
            };
            for turn in 0..3 {
                staff.add(dice, Role::Officer, office(position), &division, turn);
            }
        }
        for position in 0..STREETS {
            for turn in 0..4 {
                staff.add(dice, Role::Worker, office(position), &street(position), turn);
            }
        }
        staff
    }

    fn add(&mut self, dice: &mut Dice, role: Role, office: OfficeId, division: &str, turn: i64) {
        let id = i64::try_from(self.people.len()).unwrap_or(0) + 1;
        // Nobody is new who is alone in a post.
        let is_newcomer = turn > 0 && dice.chance(0.09);
        let first_day = if is_newcomer {
            dice.between(40, (self.days - 30).max(41))
        } else {
            0
        };
        let leave = (0..self.days / 120)
            .map(|part| {
                let from = part * 120 + dice.between(10, 100);
                (from, from + dice.between(3, 9))
            })
            .collect();
        self.people.push(Person {
            account: Account {
                id: AccountId(id),
                name: format!("account-{id}"),
                display_name: format!("账号{id}"),
                roles: vec![role],
                office: Some(office),
                division: division.to_owned(),
                is_active: true,
            },
            role,
            first_day,
            leave,
            turn,
        });
    }

    pub(crate) fn is_working_day(&self, day: i64) -> bool {
        usize::try_from(day)
            .ok()
            .and_then(|day| self.working.get(day))
            .copied()
            .unwrap_or(false)
    }

    /// A person's shift on a day, seconds; `None` where they are off.
    pub(crate) fn shift(&self, person: &Person, day: i64) -> Option<(i64, i64)> {
        let is_off = person.leave.iter().any(|(from, to)| (*from..=*to).contains(&day));
        if is_off || day < person.first_day || day >= self.days {
            return None;
        }
        let start = BEGIN_S + day * DAY_S;
        let hours = |from: i64, to: i64| Some((start + from * HOUR_S / 2, start + to * HOUR_S / 2));
        let working = self.is_working_day(day);
        match person.role {
            // Around the clock in four turns; fewer hands at night.
            Role::Duty | Role::Clerk => match (day + person.turn) % 4 {
                0 => hours(16, 32),
                1 => hours(32, 48),
                2 => hours(0, 16),
                _ => None,
            },
            Role::Worker if working => hours(16, 36),
            Role::Worker if (day / 7 + person.turn) % 2 == 0 => hours(18, 30),
            Role::Officer if !working && (day + person.turn + person.account.id.0) % 9 == 0 => hours(18, 30),
            Role::Commander if working || day % 7 == person.turn => hours(17, 37),
            _ if working => hours(17, 35),
            _ => None,
        }
    }

    pub(crate) fn is_on(&self, person: &Person, second: i64) -> bool {
        let day = (second - BEGIN_S).div_euclid(DAY_S);
        self.shift(person, day)
            .is_some_and(|(from, to)| (from..to).contains(&second))
    }

    /// Somebody of that role, and office if one is named, who is on at that time or as soon after as anybody is.
    pub(crate) fn find(
        &self,
        dice: &mut Dice,
        (role, office): (Role, Option<OfficeId>),
        second: i64,
    ) -> Option<(&Person, i64)> {
        let mut at = second;
        for _ in 0..400 {
            let there: Vec<&Person> = self
                .people
                .iter()
                .filter(|one| one.role == role && (office.is_none() || one.account.office == office))
                .filter(|one| self.is_on(one, at))
                .collect();
            if let Some(person) = dice.pick(&there) {
                return Some((person, at));
            }
            at += HOUR_S / 2 + dice.between(0, 300);
        }
        None
    }

    pub(crate) fn get(&self, account: AccountId) -> Option<&Person> {
        self.people.get(usize::try_from(account.0 - 1).ok()?)
    }
}
