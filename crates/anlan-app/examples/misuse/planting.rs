//! Misuse planted in the year: what an official does with others' data for reasons of their own. Targets are chosen by whom
//! the misuser wants to know about, never by what a review can see.

use crate::desk::Desk;
use crate::habits::within_reach;
use crate::staff::{BEGIN_S, DAY_S, HOUR_S, Person};
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId};
use std::collections::BTreeSet;

/// A kind of misuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Misuse {
    /// A neighbour's or relative's cases, over two weeks.
    Neighbour,
    /// A case people talk about.
    Celebrity,
    /// A former partner's cases, for months.
    Ex,
    /// Hundreds of cases in an hour or two.
    Bulk,
    /// Page after page of lists.
    Pages,
    /// Some cases more every day, for weeks.
    Slow,
    /// Looking in outside the own hours.
    OffShift,
    /// Two accounts after the same cases.
    Collusion,
    /// An account lent while its holder is away.
    Lent,
}

impl Misuse {
    pub(crate) const ALL: [Self; 9] = [
        Self::Neighbour,
        Self::Celebrity,
        Self::Ex,
        Self::Bulk,
        Self::Pages,
        Self::Slow,
        Self::OffShift,
        Self::Collusion,
        Self::Lent,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Neighbour => "snooping on a neighbour",
            Self::Celebrity => "snooping on a talked-about case",
            Self::Ex => "snooping on a former partner",
            Self::Bulk => "bulk scraping, case by case",
            Self::Pages => "bulk scraping, page by page",
            Self::Slow => "slow scraping",
            Self::OffShift => "off-shift use",
            Self::Collusion => "collusion",
            Self::Lent => "password lent",
        }
    }
}

/// Plants `each` incidents of every kind; answers the kind of each.
pub(crate) fn plant(desk: &mut Desk<'_>, each: usize) -> Vec<Misuse> {
    let mut incidents = Vec::new();
    for kind in Misuse::ALL {
        let mut tries = 0;
        let mut done = 0;
        while done < each && tries < 50 * each {
            tries += 1;
            let first = desk.lines.len();
            commit(desk, kind);
            let (id, added) = (incidents.len(), desk.lines.len() - first);
            if added == 0 {
                continue;
            }
            for line in desk.lines.iter_mut().skip(first) {
                line.incident = Some(id);
            }
            incidents.push(kind);
            done += 1;
        }
    }
    incidents
}

fn commit(desk: &mut Desk<'_>, kind: Misuse) {
    match kind {
        Misuse::Neighbour => spot(desk, (14, 3), 2),
        Misuse::Ex => spot(desk, (110, 8), 2),
        Misuse::Celebrity => celebrity(desk),
        Misuse::Bulk => bulk(desk),
        Misuse::Pages => pages(desk),
        Misuse::Slow => slow(desk),
        Misuse::OffShift => off_shift(desk),
        Misuse::Collusion => collusion(desk),
        Misuse::Lent => lent(desk),
    }
}

fn culprit<'a>(desk: &mut Desk<'a>, roles: &[Role]) -> Option<&'a Person> {
    let able: Vec<&Person> = desk
        .staff
        .people
        .iter()
        .filter(|one| roles.contains(&one.role))
        .collect();
    desk.dice.pick(&able).copied().filter(|one| one.first_day == 0)
}

const ALL_REACH: [Role; 4] = [Role::Clerk, Role::Duty, Role::Supervisor, Role::Commander];
const ANYBODY: [Role; 6] = [
    Role::Clerk,
    Role::Duty,
    Role::Supervisor,
    Role::Commander,
    Role::Officer,
    Role::Worker,
];

/// Days on which a person works, from one on.
fn shifts(desk: &Desk<'_>, person: &Person, first: i64, days: i64) -> Vec<(i64, (i64, i64))> {
    let all = first..(first + days).min(desk.staff.days);
    all.filter_map(|day| Some((day, desk.staff.shift(person, day)?)))
        .collect()
}

fn contact_right(role: Role) -> f64 {
    if matches!(role, Role::Worker | Role::Commander) {
        0.0
    } else {
        0.5
    }
}

fn start(desk: &mut Desk<'_>, needs: i64) -> i64 {
    let last = (desk.staff.days - needs).max(46);
    desk.dice.between(45, last)
}

/// Cases from one spot, on some of the shifts of a stretch of days.
fn spot(desk: &mut Desk<'_>, (days, times): (i64, i64), each: i64) {
    let Some(person) = culprit(desk, &ANYBODY) else {
        return;
    };
    let first = start(desk, days + 2);
    let now = BEGIN_S + first * DAY_S;
    let known = within_reach(desk, person, now, 40);
    let Some(target) = desk
        .dice
        .pick(&known)
        .and_then(|index| desk.cases.get(*index))
        .map(|case| case.point)
    else {
        return;
    };
    let mut open: BTreeSet<i64> = BTreeSet::new();
    let shifts = shifts(desk, person, first, days);
    for _ in 0..times {
        if let Some((day, _)) = desk.dice.pick(&shifts) {
            open.insert(*day);
        }
    }
    for (_, (from, to)) in shifts.iter().filter(|(day, _)| open.contains(day)) {
        let second = desk.dice.between(*from, *to);
        let reach = within_reach(desk, person, second, 200);
        let there: Vec<usize> = reach
            .into_iter()
            .filter(|index| desk.cases.get(*index).is_some_and(|case| case.point == target))
            .collect();
        for turn in 0..each {
            if let Some(index) = desk.dice.pick(&there).copied() {
                desk.look(
                    person.account.id,
                    second + 60 * turn,
                    index,
                    (0.4, contact_right(person.role)),
                );
            }
        }
    }
}

fn celebrity(desk: &mut Desk<'_>) {
    let first = start(desk, 10);
    let now = BEGIN_S + first * DAY_S;
    let fresh = desk.among(now - 8 * DAY_S, now - DAY_S, |_| true);
    let Some(index) = desk.dice.pick(&fresh).copied() else {
        return;
    };
    for _ in 0..6 {
        let Some(person) = culprit(desk, &ALL_REACH) else {
            continue;
        };
        let shifts = shifts(desk, person, first, 4);
        if let Some((_, (from, to))) = desk.dice.pick(&shifts).copied() {
            let second = desk.dice.between(from, to);
            desk.look(
                person.account.id,
                second,
                index,
                (0.6, contact_right(person.role) / 2.0),
            );
        }
    }
}

fn bulk(desk: &mut Desk<'_>) {
    let Some(person) = culprit(desk, &ALL_REACH) else {
        return;
    };
    let first = start(desk, 4);
    let Some((_, (from, to))) = shifts(desk, person, first, 4).first().copied() else {
        return;
    };
    let begin = desk.dice.between(from, to - 2 * HOUR_S);
    let count = desk.dice.between(60, 250);
    let last = i64::try_from(desk.among(0, begin - DAY_S, |_| true).len()).unwrap_or(0);
    let is_in_order = desk.dice.chance(0.5);
    let start = desk.dice.between(1, (last - count).max(2));
    let contact = contact_right(person.role);
    for turn in 0..count {
        let case = if is_in_order {
            start + turn
        } else {
            desk.dice.between(1, last)
        };
        let second = begin + turn * desk.dice.between(8, 25).min(25);
        desk.log(second, person.account.id, "case.read", Some(CaseId(case)), 1);
        if desk.dice.chance(contact) {
            desk.log(
                second + 3,
                person.account.id,
                "case.contact",
                Some(CaseId(case)),
                1,
            );
        }
    }
}

fn pages(desk: &mut Desk<'_>) {
    let Some(person) = culprit(desk, &ANYBODY) else {
        return;
    };
    let first = start(desk, 4);
    let Some((_, (from, to))) = shifts(desk, person, first, 4).first().copied() else {
        return;
    };
    let begin = desk.dice.between(from, to - HOUR_S);
    for page in 0..desk.dice.between(60, 200) {
        desk.log(begin + 6 * page, person.account.id, "case.list", None, 200);
    }
}

/// Cases that have nothing to do with the person's work, one after another.
fn wander(desk: &mut Desk<'_>, person: &Person, second: i64, count: i64, contact: f64) {
    let reach = within_reach(desk, person, second, 250);
    for turn in 0..count {
        if let Some(index) = desk.dice.pick(&reach).copied() {
            let gap = desk.dice.between(40, 160);
            desk.look(person.account.id, second + turn * gap, index, (0.2, contact));
        }
    }
}

fn slow(desk: &mut Desk<'_>) {
    let Some(person) = culprit(desk, &ALL_REACH) else {
        return;
    };
    let first = start(desk, 50);
    for (_, (from, to)) in shifts(desk, person, first, 45) {
        let second = desk.dice.between(from, to - HOUR_S);
        let count = desk.dice.poisson(5.0);
        wander(desk, person, second, count, contact_right(person.role) * 0.6);
    }
}

fn off_shift(desk: &mut Desk<'_>) {
    let Some(person) = culprit(desk, &ANYBODY) else {
        return;
    };
    let first = start(desk, 12);
    let nights = desk.dice.between(1, 3);
    let mut done = 0;
    for day in first..first + 10 {
        let second = BEGIN_S + day * DAY_S + desk.dice.between(0, DAY_S - 1);
        let is_near = (-3..=3).any(|hours| desk.staff.is_on(person, second + hours * HOUR_S));
        if is_near || done == nights {
            continue;
        }
        done += 1;
        let count = desk.dice.between(4, 10);
        wander(desk, person, second, count, contact_right(person.role) * 0.5);
    }
}

fn collusion(desk: &mut Desk<'_>) {
    let (Some(one), Some(other)) = (culprit(desk, &ALL_REACH), culprit(desk, &ALL_REACH)) else {
        return;
    };
    if one.account.id == other.account.id {
        return;
    }
    let first = start(desk, 12);
    let now = BEGIN_S + first * DAY_S;
    let old = desk.among(now - 120 * DAY_S, now - DAY_S, |_| true);
    let wanted: Vec<usize> = (0..desk.dice.between(4, 8))
        .filter_map(|_| desk.dice.pick(&old).copied())
        .collect();
    for index in wanted {
        for person in [one, other] {
            let shifts = shifts(desk, person, first, 8);
            if let Some((_, (from, to))) = desk.dice.pick(&shifts).copied() {
                let second = desk.dice.between(from, to);
                desk.look(
                    person.account.id,
                    second,
                    index,
                    (0.3, contact_right(person.role)),
                );
            }
        }
    }
}

/// Somebody else uses the account in office hours while its holder is off.
fn lent(desk: &mut Desk<'_>) {
    let Some(person) = culprit(desk, &[Role::Clerk, Role::Duty, Role::Supervisor]) else {
        return;
    };
    let first = start(desk, 12);
    let mut done = 0;
    for day in first..first + 12 {
        if desk.staff.shift(person, day).is_some() || done == 3 {
            continue;
        }
        done += 1;
        let second = BEGIN_S + day * DAY_S + desk.dice.between(9 * HOUR_S, 15 * HOUR_S);
        let count = desk.dice.between(5, 12);
        wander(desk, person, second, count, contact_right(person.role) * 0.5);
    }
}

/// Who is to blame for an incident's lines.
pub(crate) fn accounts(desk: &Desk<'_>, incident: usize) -> BTreeSet<AccountId> {
    let lines = desk.lines.iter().filter(|line| line.incident == Some(incident));
    lines.filter_map(|line| line.access.actor).collect()
}
