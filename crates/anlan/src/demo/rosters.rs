//! The demo's posts: stations of one street whose people act for their station on shift, and the duty desk with its roster and a
//! deputy. Rosters are carried on whenever the demo starts.

use super::offices::{DESK_POST, STATIONS, station_people};
use anlan_app::posts::{self, NewRow, PostLine, Span};
use anlan_app::{App, Caller};
use anlan_model::accounts::{Account, Role};
use anlan_model::ids::{AccountId, OfficeId, PostId};
use anlan_model::posts::{Post, Roster, RowKind};
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Rosters reach this many days ahead.
const DAYS: i32 = 14;
/// Hours at which shifts begin, local time.
const SHIFTS: [i8; 3] = [0, 8, 16];
const SHIFT_H: i64 = 8;
/// So long one of the desk stands in for another.
const DEPUTY_DAYS: i64 = 7;

/// A post, and by whom it is held.
struct Rota {
    name: String,
    office: OfficeId,
    role: Role,
    roster: Roster,
    people: Vec<Account>,
}

/// Sets up the posts that are not there yet and carries their rosters on.
pub(super) fn keep(app: &App, street: &str) -> anyhow::Result<()> {
    let accounts = app
        .store
        .read(|tx| anlan_store::accounts::list(tx, None))
        .map_err(|error: anlan_store::Error| error)?;
    let named = |name: &str| accounts.iter().find(|account| account.name == name).cloned();
    let security = named("security").context("the demo has no security administrator")?;
    let caller = Caller::of(&security, "api");
    let people = |names: Vec<String>| names.iter().filter_map(|name| named(name)).collect();
    for (code, name, roster) in STATIONS {
        let office = format!("{code}-{street}");
        let rota = rota(
            app,
            &office,
            name,
            (Role::Officer, roster),
            people(station_people(code)),
        );
        keep_one(app, &caller, &rota?)?;
    }
    let desk = ["duty", "duty-2", "duty-3"].map(str::to_owned).to_vec();
    let rota = rota(app, "centre", DESK_POST, (Role::Duty, Roster::Kept), people(desk))?;
    keep_one(app, &caller, &rota)
}

fn rota(
    app: &App,
    office: &str,
    name: &str,
    (role, roster): (Role, Roster),
    people: Vec<Account>,
) -> anyhow::Result<Rota> {
    let node = app.node();
    let found = node.offices.values().find(|known| known.code == office);
    let office = found.with_context(|| format!("the demo has no office {office}"))?;
    Ok(Rota {
        name: name.to_owned(),
        office: office.id,
        role,
        roster,
        people,
    })
}

fn keep_one(app: &App, caller: &Caller, rota: &Rota) -> anyhow::Result<()> {
    let now = app.clock.now();
    let line = found_or_made(app, caller, rota, now)?;
    let mut rows = members(&line, rota);
    if rota.roster != Roster::None {
        rows.extend(shifts(app, &line, &rota.people, now)?);
    }
    if rota.role == Role::Duty {
        rows.extend(deputy(&line, &rota.people, now));
    }
    if !rows.is_empty() {
        posts::add(app, caller, line.post.id, rows)?;
    }
    Ok(())
}

fn found_or_made(app: &App, caller: &Caller, rota: &Rota, now: Timestamp) -> anyhow::Result<PostLine> {
    let until = now.saturating_add(SignedDuration::from_hours(24 * i64::from(DAYS + 1)))?;
    let span = Span { from: now, until };
    let all = posts::list(app, caller, span)?;
    let is_it = |line: &PostLine| line.post.office == rota.office && line.post.name == rota.name;
    if let Some(line) = all.into_iter().find(is_it) {
        return Ok(line);
    }
    let post = Post {
        id: PostId(0),
        name: rota.name.clone(),
        office: rota.office,
        division: String::new(),
        roles: vec![rota.role],
        roster: rota.roster,
        is_active: true,
    };
    let made = posts::create(app, caller, post)?;
    Ok(posts::find(app, caller, made.id, span)?)
}

fn row(kind: RowKind, account: AccountId, from: Option<Timestamp>, until: Option<Timestamp>) -> NewRow {
    NewRow {
        kind,
        account,
        stands_for: None,
        from,
        until,
        reference: String::new(),
    }
}

/// Those who are no members yet.
fn members(line: &PostLine, rota: &Rota) -> Vec<NewRow> {
    let is_member = |id: AccountId| {
        line.rows
            .iter()
            .any(|row| row.kind == RowKind::Member && row.account == id)
    };
    let missing = rota.people.iter().filter(|one| !is_member(one.id));
    missing
        .map(|one| row(RowKind::Member, one.id, None, None))
        .collect()
}

/// Shifts of the coming days in which nobody is there yet, people taking turns.
fn shifts(app: &App, line: &PostLine, people: &[Account], now: Timestamp) -> anyhow::Result<Vec<NewRow>> {
    let zone = app.node().calendar.zone().clone();
    let today = now.to_zoned_datetime(zone.clone()).date();
    let mut found = Vec::new();
    for day in 0..DAYS {
        let date = today.checked_add(day.days())?;
        for (slot, hour) in SHIFTS.iter().enumerate() {
            let from = date
                .at(*hour, 0, 0, 0)
                .to_zoned_datetime(zone.clone())?
                .timestamp();
            let until = from.saturating_add(SignedDuration::from_hours(SHIFT_H))?;
            let is_covered = line.rows.iter().any(|row| {
                row.kind == RowKind::Shift && row.from < until && row.until.is_none_or(|end| end > from)
            });
            // The same person for the same shift of the same day, whenever the demo is started.
            let turn = usize::from(date.day_of_year().unsigned_abs()) + slot;
            let who = turn.checked_rem(people.len()).and_then(|turn| people.get(turn));
            if let Some(who) = who.filter(|_| until > now && !is_covered) {
                found.push(row(RowKind::Shift, who.id, Some(from), Some(until)));
            }
        }
    }
    Ok(found)
}

/// The second of the desk stands in for the first.
fn deputy(line: &PostLine, people: &[Account], now: Timestamp) -> Option<NewRow> {
    let [first, second, ..] = people else { return None };
    if line.rows.iter().any(|row| row.kind == RowKind::Deputy) {
        return None;
    }
    let until = now
        .saturating_add(SignedDuration::from_hours(24 * DEPUTY_DAYS))
        .ok()?;
    Some(NewRow {
        stands_for: Some(first.id),
        ..row(RowKind::Deputy, second.id, None, Some(until))
    })
}
