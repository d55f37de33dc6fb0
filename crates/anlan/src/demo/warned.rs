//! The demo's early warnings: the watch looks at the seeded days as if it had been there, and the duty desk decides on
//! what it raised, through the same actions people use. Nothing is put in that the detectors did not find.

use super::cast::Cast;
use anlan_app::{App, warnings};
use anlan_model::accounts::Role;
use anlan_model::clock::SetClock;
use anlan_model::warnings::{DismissReason, Warning, WarningState};
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Days before now that are watched again: as many as have enough history before them.
const DAYS: i64 = 60;
/// Hours between two looks at the past.
const LOOK_HOURS: i64 = 24;
/// What was raised so lately still waits for somebody.
const WAITS_HOURS: i64 = 40;
/// Cases looked through for one to link to.
const CASES: u16 = 20;

/// Watches the seeded days again, oldest first, and lets the duty desk decide.
pub(super) fn relive(app: &App, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    let clock = Arc::new(SetClock::at(now));
    let mut past = app.clone();
    past.clock = Arc::<SetClock>::clone(&clock);
    let looks = DAYS * 24 / LOOK_HOURS;
    for look in (1..=looks).rev() {
        let ago = SignedDuration::from_hours(look * LOOK_HOURS);
        clock.set(now.checked_sub(ago).context("the demo's days")?);
        warnings::pass(&past)?;
        if look * LOOK_HOURS > WAITS_HOURS {
            decide(&past, cast)?;
        }
    }
    Ok(())
}

fn decide(app: &App, cast: &Cast) -> anyhow::Result<()> {
    let filter = warnings::Filter {
        states: vec![WarningState::Raised],
        ..warnings::Filter::default()
    };
    let Some(duty) = cast.of_role(Role::Duty, 0) else {
        return Ok(());
    };
    for warning in warnings::list(app, &duty, &filter, None, 50)?.items {
        let seen = warnings::look(app, &duty, warning.id, warning.version)?;
        let cases = warnings::cases(app, &duty, seen.id, CASES)?.items;
        let strong = is_strong(&seen);
        match cases.last() {
            Some(case) if strong => warnings::link(app, &duty, seen.id, seen.version, case.id)?,
            _ => warnings::dismiss(
                app,
                &duty,
                (seen.id, seen.version),
                DismissReason::NothingThere,
                "现场核查，未见异常。",
            )?,
        };
    }
    Ok(())
}

/// What stands out by far is worth a case; the rest was looked into and nothing was there.
fn is_strong(warning: &Warning) -> bool {
    warning.peak.recurrence_days > 1_000.0
}
