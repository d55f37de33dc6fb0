//! Looks that belong to the work but not to one step of it: calls, checks, samples, newcomers, projects, favours asked across a
//! corridor. Some leave a record, some an order, some nothing: those are what a review has to live with.

use crate::desk::Desk;
use crate::staff::{BEGIN_S, DAY_S, HOUR_S, Person, STREETS, Staff, street, time};
use anlan_model::accounts::Role;
use anlan_model::ids::AccountId;
use anlan_model::incoming::Channel;
use anlan_model::reviews::Mandate;

/// Everything beside the steps of cases. Answers the orders that were written.
pub(crate) fn live(desk: &mut Desk<'_>, floods: &[i64]) -> Vec<Mandate> {
    callbacks(desk);
    let staff = desk.staff;
    let mut orders = Vec::new();
    for day in 0..staff.days {
        for person in &staff.people {
            let Some(shift) = staff.shift(person, day) else {
                continue;
            };
            daily(desk, person, day, shift);
            if person.first_day > 0 && (person.first_day..person.first_day + 6).contains(&day) {
                train(desk, person, shift);
            }
            if floods.contains(&day) && person.role == Role::Commander {
                let night = BEGIN_S + day * DAY_S + 22 * HOUR_S;
                pressing(desk, person.account.id, (night, night + HOUR_S), 3);
            }
        }
    }
    for person in staff.people.iter().filter(|person| person.first_day > 0) {
        if desk.dice.chance(0.4) {
            orders.push(order(person.account.id, person.first_day, 10, "", ""));
        }
    }
    for (turn, steward) in staff
        .people
        .iter()
        .filter(|one| one.role == Role::Steward)
        .enumerate()
    {
        let from = if turn == 0 { 20 } else { 60 };
        orders.push(order(steward.account.id, from, staff.days, "", ""));
    }
    projects(desk, &mut orders);
    orders
}

fn order(account: AccountId, day: i64, days: i64, class: &str, division: &str) -> Mandate {
    Mandate {
        account,
        from: time(BEGIN_S + day * DAY_S),
        until: time(BEGIN_S + (day + days) * DAY_S),
        deputy_for: None,
        class: class.to_owned(),
        division: division.to_owned(),
    }
}

/// Reporters call again; most calls are written down.
fn callbacks(desk: &mut Desk<'_>) {
    for index in 0..desk.cases.len() {
        let Some(case) = desk.cases.get(index) else {
            continue;
        };
        if !matches!(case.channel, Channel::Hotline | Channel::Web) || !desk.dice.chance(0.12) {
            continue;
        }
        let Some(case) = desk.cases.get(index) else {
            continue;
        };
        let last = case.closed_s.min(case.opened_s + 60 * DAY_S) + 12 * DAY_S;
        let asked = desk
            .dice
            .between(case.opened_s + HOUR_S, last.max(case.opened_s + 2 * HOUR_S));
        let found = desk.staff.find(&mut desk.dice, (Role::Clerk, None), asked);
        let Some((person, second)) = found else { continue };
        desk.look(person.account.id, second, index, (0.1, 0.05));
        if desk.dice.chance(0.75) {
            let later = second + desk.dice.between(30, 400);
            desk.remark(index, person.account.id, later);
        }
    }
}

fn daily(desk: &mut Desk<'_>, person: &Person, day: i64, shift: (i64, i64)) {
    let who = person.account.id;
    match person.role {
        Role::Duty => {
            take_over(desk, who, shift);
            pressing(desk, who, shift, 4);
            favours(desk, who, shift, 0.35);
        }
        Role::Clerk => favours(desk, who, shift, 0.25),
        Role::Supervisor => {
            pressing(desk, who, shift, 10);
            favours(desk, who, shift, 0.4);
            if day % 7 == 4 {
                sample(desk, who, shift);
            }
        }
        Role::Commander => {
            pressing(desk, who, shift, 4);
            favours(desk, who, shift, 0.3);
        }
        Role::Steward => quality(desk, who, shift),
        Role::Officer => {
            own(desk, person, shift, 0.6);
            if desk.dice.chance(0.03) {
                own(desk, person, (shift.1 + HOUR_S, shift.1 + 4 * HOUR_S), 1.5);
            }
        }
        Role::Worker => own(desk, person, shift, 0.9),
        _ => {}
    }
}

/// Whoever begins looks at what those before were at.
fn take_over(desk: &mut Desk<'_>, who: AccountId, (from, _): (i64, i64)) {
    if !desk.dice.chance(0.5) {
        return;
    }
    let now = from + desk.dice.between(60, 1_500);
    let open = desk.among(now - 2 * DAY_S, now - HOUR_S, |case| case.closed_s > now);
    for turn in 0..desk.dice.between(1, 3) {
        if let Some(index) = desk.dice.pick(&open).copied() {
            desk.look(who, now + 120 * turn, index, (0.1, 0.0));
        }
    }
}

/// Urgent and late cases of the day.
fn pressing(desk: &mut Desk<'_>, who: AccountId, (from, to): (i64, i64), most: usize) {
    let now = desk.dice.between(from, to);
    let cases = desk.among(now - 25 * DAY_S, now - HOUR_S, |case| {
        case.closed_s > now && (case.is_pressing || case.due_s < now + 2 * HOUR_S)
    });
    for turn in 0..most {
        if let Some(index) = desk.dice.pick(&cases).copied() {
            let second = now + 90 * i64::try_from(turn).unwrap_or(0);
            desk.look(who, second, index, (0.2, 0.02));
        }
    }
}

/// Somebody asks for a look at a case that is not one's own.
fn favours(desk: &mut Desk<'_>, who: AccountId, (from, to): (i64, i64), mean: f64) {
    for _ in 0..desk.dice.poisson(mean) {
        let now = desk.dice.between(from, to);
        let cases = desk.among(now - 30 * DAY_S, now - HOUR_S, |_| true);
        if let Some(index) = desk.dice.pick(&cases).copied() {
            desk.look(who, now, index, (0.15, 0.04));
            if desk.dice.chance(0.35) {
                let later = now + desk.dice.between(60, 900);
                desk.remark(index, who, later);
            }
        }
    }
}

/// A supervisor's weekly sample of what was closed.
fn sample(desk: &mut Desk<'_>, who: AccountId, (from, to): (i64, i64)) {
    let now = desk.dice.between(from, to - HOUR_S);
    let cases = desk.among(now - 30 * DAY_S, now, |case| {
        (now - 13 * DAY_S..now).contains(&case.closed_s)
    });
    for turn in 0..15 {
        if let Some(index) = desk.dice.pick(&cases).copied() {
            desk.look(who, now + 120 * turn, index, (0.6, 0.02));
        }
    }
}

/// A steward looks at records that seem wrong, and once in a while counts everything.
fn quality(desk: &mut Desk<'_>, who: AccountId, (from, to): (i64, i64)) {
    let now = desk.dice.between(from, to - HOUR_S);
    let cases = desk.among(now - 20 * DAY_S, now - HOUR_S, |_| true);
    for turn in 0..desk.dice.poisson(3.0) {
        if let Some(index) = desk.dice.pick(&cases).copied() {
            desk.look(who, now + 100 * turn, index, (0.1, 0.0));
        }
    }
    for page in 0..desk.dice.poisson(5.0) {
        desk.log(now + 10 * page, who, "case.list", None, 200);
    }
}

/// Cases of the own office, or of the own street for a grid worker, that somebody mentions.
fn own(desk: &mut Desk<'_>, person: &Person, (from, to): (i64, i64), mean: f64) {
    for _ in 0..desk.dice.poisson(mean) {
        let now = desk.dice.between(from, to);
        let cases = within_reach(desk, person, now, 25);
        if let Some(index) = desk.dice.pick(&cases).copied() {
            let contact = if person.role == Role::Officer { 0.05 } else { 0.0 };
            desk.look(person.account.id, now, index, (0.2, contact));
        }
    }
}

/// What a person may open at all, of the days before.
pub(crate) fn within_reach(desk: &Desk<'_>, person: &Person, now: i64, days: i64) -> Vec<usize> {
    let division = &person.account.division;
    let own = (0..STREETS).find(|position| street(*position) == *division);
    desk.among(now - days * DAY_S, now - HOUR_S, |case| match person.role {
        Role::Officer => Some(case.office) == person.account.office,
        Role::Worker => own == Some(case.street),
        _ => true,
    })
}

/// A newcomer reads what others did.
fn train(desk: &mut Desk<'_>, person: &Person, (from, to): (i64, i64)) {
    let now = desk.dice.between(from, (to - 3 * HOUR_S).max(from));
    let cases = within_reach(desk, person, now, 60);
    for turn in 0..desk.dice.between(5, 10) {
        if let Some(index) = desk.dice.pick(&cases).copied() {
            desk.look(person.account.id, now + 400 * turn, index, (0.2, 0.01));
        }
    }
}

/// Weeks in which somebody goes through old cases of one class; most have an order.
fn projects(desk: &mut Desk<'_>, orders: &mut Vec<Mandate>) {
    let staff: &Staff = desk.staff;
    let able: Vec<&Person> = staff
        .people
        .iter()
        .filter(|one| matches!(one.role, Role::Duty | Role::Supervisor | Role::Commander))
        .collect();
    for _ in 0..staff.days / 60 {
        let Some(person) = desk.dice.pick(&able).copied() else {
            return;
        };
        let first = desk.dice.between(45, staff.days - 10);
        let class = format!("m{:02}", desk.dice.between(0, 39));
        for day in first..first + 5 {
            let Some((from, to)) = staff.shift(person, day) else {
                continue;
            };
            let now = desk.dice.between(from, (to - 4 * HOUR_S).max(from));
            let cases = desk.among(now - 150 * DAY_S, now - DAY_S, |case| case.class == class);
            pore(desk, person, now, &cases);
        }
        if desk.dice.chance(0.8) {
            orders.push(order(person.account.id, first, 6, &class, ""));
        }
    }
}

/// One looks into many of these cases, one after another.
fn pore(desk: &mut Desk<'_>, person: &Person, now: i64, cases: &[usize]) {
    for turn in 0..desk.dice.between(25, 40) {
        if let Some(index) = desk.dice.pick(cases).copied() {
            desk.look(person.account.id, now + 150 * turn, index, (0.3, 0.0));
        }
    }
}
