//! Keeps the demo alive: every few seconds one thing happens, a new report or the next step of an open case, through the
//! same actions people use.

use super::cast::Cast;
use super::dice::Dice;
use super::life::{Rules, Spots, Teller, Who, World};
use super::{SEED, pictures, play};
use anlan_app::cases::{self, CaseQuery, Query};
use anlan_app::{App, Caller, photos, reports};
use anlan_model::accounts::Role;
use anlan_model::cases::Case;
use anlan_model::ids::{MoveCode, ReasonCode};
use anlan_model::incoming::Channel;
use anlan_model::procedures::MoveRequest;
use anlan_store::cases::{Sort, SortKey};
use std::sync::OnceLock;
use std::time::Duration;

/// Open cases the county has room for; above it fewer new ones come.
const OPEN_USUAL: u64 = 380;
/// The feed of the trickle. It brings in minutes what the county sees in a day, so the demo's watch plan leaves it out.
pub(super) const LIVE: &str = "demo-live";

/// The invented world, built once per run and never changed: building it anew for each step would cost more than the step.
static SCENERY: OnceLock<Option<(World, Spots)>> = OnceLock::new();

fn scenery(dice: &Dice) -> anyhow::Result<&'static (World, Spots)> {
    let built = SCENERY.get_or_init(|| {
        let world = World::build(dice).ok()?;
        let spots = Spots::new(&dice.fork("spots"), &world);
        Some((world, spots))
    });
    built
        .as_ref()
        .ok_or_else(|| anyhow::anyhow!("the demo county could not be built"))
}

/// Lets one thing happen and says how long to wait before the next. `step` counts from 0 since the start.
pub(crate) fn trickle(app: &App, step: u64) -> anyhow::Result<Duration> {
    let base = Dice::new(SEED);
    let now = app.clock.now();
    let mut dice = base.fork(&format!("trickle {} {step}", now.as_second()));
    let (world, spots) = scenery(&base)?;
    let cast = Cast::of(app)?;
    let open = open_cases(app, &cast)?;
    let share_new = if open.total > OPEN_USUAL { 0.1 } else { 0.32 };
    // The first thing anybody sees is something new.
    if step == 0 || open.items.is_empty() || dice.chance(share_new) {
        report(app, &cast, (world, spots), &mut dice)?;
    } else if let Some(case) = dice.pick(&open.items).cloned() {
        advance(app, &cast, world, &mut dice, &case)?;
    }
    // Lively at first, calm later.
    let seconds = if step < 12 {
        dice.between(1.0, 4.0)
    } else {
        dice.between(5.0, 20.0)
    };
    Ok(Duration::from_secs_f64(seconds))
}

/// Open cases that have waited longest: what somebody at a screen has just sent in or moved is left to them.
pub(super) fn open_cases(app: &App, cast: &Cast) -> anyhow::Result<cases::CasePage> {
    let Some(duty) = cast.of_role(Role::Duty, 0) else {
        anyhow::bail!("the demo has no duty desk")
    };
    let query = Query {
        filter: CaseQuery::open(),
        sort: Sort::ascending(SortKey::Updated),
        cursor: None,
        limit: 120,
    };
    Ok(cases::list(app, &duty, &query)?)
}

fn report(app: &App, cast: &Cast, (world, spots): (&World, &Spots), dice: &mut Dice) -> anyhow::Result<()> {
    let node = app.node();
    let rules = Rules {
        calendar: &node.calendar,
        deadlines: &node.deadlines,
        classes: &node.classes,
    };
    let now = app.clock.now();
    let story = Teller {
        world,
        rules,
        spots,
        now,
    }
    .something(dice);
    let writer = match story.report.channel {
        Channel::Hotline => cast.of_role(Role::Clerk, now.as_second()),
        Channel::Worker => cast.of_role(Role::Worker, now.as_second()),
        Channel::Office => cast.of_role(Role::Officer, now.as_second()),
        Channel::Web | Channel::Import | Channel::Open311 => None,
    };
    let mut incoming = play::incoming(&story.report, format!("live-{}", now.as_millisecond()));
    LIVE.clone_into(&mut incoming.source);
    reports::take(app, &writer.unwrap_or_else(Caller::resident), incoming, None)?;
    Ok(())
}

/// The next step of a case in its state.
fn next(dice: &mut Dice, case: &Case) -> Option<(Who, &'static str, Option<&'static str>, &'static str)> {
    let found = match case.state.as_str() {
        "report" if dice.chance(0.5) => (Who::Duty, "send_verify", None, ""),
        "report" | "accept" => (Who::Duty, "accept", None, ""),
        "verify" => (Who::Worker, "verify_ok", None, "verify_ok"),
        "file" => (Who::Duty, "file", None, ""),
        "dispatch" => (Who::Duty, "dispatch", None, "dispatch"),
        "handle" if case.assignee.is_none() => (Who::Officer, "take", None, ""),
        "handle" if case.clocks.is_paused() => (Who::Officer, "resume", None, ""),
        "handle" => (Who::Officer, "finish", None, "finish"),
        "check" => (Who::Worker, "check_pass", Some("fixed"), "check_pass"),
        "arbitrate" => (Who::Arbiter, "arbitrate_redirect", None, "redirect"),
        _ => return None,
    };
    Some(found)
}

fn advance(app: &App, cast: &Cast, world: &World, dice: &mut Dice, case: &Case) -> anyhow::Result<()> {
    let Some((who, code, reason, occasion)) = next(dice, case) else {
        return Ok(());
    };
    let Some(caller) = cast.caller(who, case) else {
        return Ok(());
    };
    let matter = case
        .class
        .as_ref()
        .and_then(|class| world.matters.iter().find(|matter| matter.class == *class));
    let (mut version, mut note) = (case.version, world.notes.pick(dice, occasion));
    if code == "finish" {
        note = matter
            .and_then(|matter| dice.pick(&matter.done_zh))
            .cloned()
            .unwrap_or_else(|| "已处置完毕。".to_owned());
        let scene = matter.map_or("hole", |matter| matter.scene.as_str());
        if !scene.is_empty() {
            photos::add(
                app,
                &caller,
                case.id,
                "after",
                &pictures::draw(&Dice::new(SEED), scene, true)?,
            )?;
            version += 1;
        }
    }
    let office = match code {
        "dispatch" => cast.whither(super::life::Whither::Usual, case),
        "arbitrate_redirect" => cast.whither(super::life::Whither::Other, case),
        _ => None,
    };
    let request = MoveRequest {
        code: MoveCode::from(code),
        note,
        reason: reason.map(ReasonCode::from),
        office,
        ..MoveRequest::default()
    };
    match cases::move_case(app, &caller, case.id, version, &request) {
        // Somebody at a screen was faster, or a demand of the class is not met yet: both happen in life.
        Err(
            anlan_app::Error::Conflict { .. }
            | anlan_app::Error::Denied { .. }
            | anlan_app::Error::Invalid { .. },
        ) => Ok(()),
        other => Ok(other.map(drop)?),
    }
}
