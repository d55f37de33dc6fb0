//! The closed vocabulary of conditions a move may name, and whether each holds. It changes nothing.

use super::refusals::{self, of_guard};
use super::{Actor, Condition, Ground, Limits, Refusal};
use crate::accounts::Role;
use crate::cases::Case;
use crate::deadlines::ClockKind;
use serde::{Deserialize, Serialize};

/// A condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The actor belongs to the office that must act.
    OwnOffice,
    /// The actor is not who did the work.
    NotHandler,
    /// A photo was taken after the work, where the class demands one.
    PhotoAfter,
    /// Everything the class demands before closing: photo, second person, reporter's word.
    ClosingDemandsMet,
    /// It may be returned once more.
    ReturnsLeft,
    /// Returns are not used up, or an arbiter has decided.
    NotContested,
    /// No arbiter has decided yet.
    NotArbitrated,
    /// It was closed not longer ago than the window.
    WithinReopenWindow,
    /// The clock runs.
    NotPaused,
    /// The clock stands still.
    IsPaused,
    /// Its class is set.
    HasClass,
    /// An office other than the centre has it.
    HasOffice,
    /// It has a deadline.
    HasDeadline,
    /// It may be extended once more.
    ExtensionsLeft,
}

impl Guard {
    /// Every guard by its name in the table.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
    }
}

impl Condition {
    /// Nothing if it holds or does not bind the actor.
    pub(super) fn ask(
        &self,
        case: &Case,
        actor: &Actor<'_>,
        ground: &Ground<'_>,
        limits: Limits,
    ) -> Result<(), Refusal> {
        if self.unless.iter().any(|role| actor.roles.contains(role)) {
            return Ok(());
        }
        if self.guard == Guard::ClosingDemandsMet {
            return closing_demands(case, actor, ground, limits);
        }
        if holds(self.guard, case, actor, ground, limits) {
            Ok(())
        } else {
            Err(of_guard(self.guard, limits))
        }
    }
}

fn holds(guard: Guard, case: &Case, actor: &Actor<'_>, ground: &Ground<'_>, limits: Limits) -> bool {
    match guard {
        Guard::OwnOffice => case.office.is_some() && case.office == actor.office,
        Guard::NotHandler => !is_handler(case, actor),
        Guard::PhotoAfter => has_photo(case, ground),
        // Asked demand by demand, each with its own answer.
        Guard::ClosingDemandsMet => closing_demands(case, actor, ground, limits).is_ok(),
        Guard::ReturnsLeft => case.returns < limits.max_returns,
        Guard::NotContested => case.returns < limits.max_returns || case.is_arbitrated,
        Guard::NotArbitrated => !case.is_arbitrated,
        Guard::WithinReopenWindow => within_window(case, ground, limits),
        Guard::NotPaused => !case.clocks.is_paused(),
        Guard::IsPaused => case.clocks.is_paused(),
        Guard::HasClass => case.class.is_some(),
        Guard::HasOffice => own_office(case, ground).is_some(),
        Guard::HasDeadline => case.clocks.due_at.is_some(),
        Guard::ExtensionsLeft => case.clocks.extensions < limits.max_extensions,
    }
}

/// The office that has the case, unless that is only the centre passing it on.
pub(super) fn own_office(case: &Case, ground: &Ground<'_>) -> Option<crate::ids::OfficeId> {
    case.office
        .filter(|office| Some(*office) != ground.centre && Some(*office) != case.about_office)
}

fn is_handler(case: &Case, actor: &Actor<'_>) -> bool {
    case.handler.is_some() && case.handler == actor.account
}

fn has_photo(case: &Case, ground: &Ground<'_>) -> bool {
    case.photos_after > 0 || !ground.class.is_some_and(|class| class.closing.photo)
}

fn within_window(case: &Case, ground: &Ground<'_>, limits: Limits) -> bool {
    let Some(closing) = &case.closing else {
        return false;
    };
    let window_s = i64::from(limits.reopen_window_days) * 86_400;
    ground.now
        <= ground
            .calendar
            .advance(closing.at, window_s, ClockKind::CalendarDay)
}

fn closing_demands(
    case: &Case,
    actor: &Actor<'_>,
    ground: &Ground<'_>,
    limits: Limits,
) -> Result<(), Refusal> {
    let Some(demand) = ground.class.map(|class| class.closing) else {
        return Ok(());
    };
    if !has_photo(case, ground) {
        return Err(of_guard(Guard::ClosingDemandsMet, limits));
    }
    if demand.second_person && is_handler(case, actor) {
        return Err(refusals::second_person());
    }
    // A word given before the present check is about earlier work.
    let said = case
        .rating
        .as_ref()
        .filter(|rating| Some(rating.at) >= case.clocks.state_since);
    if demand.reporter_word && ground.reporter_known && !said.is_some_and(|rating| rating.is_fixed) {
        return Err(refusals::reporter_word());
    }
    Ok(())
}

/// Roles by their names in the table.
pub(super) fn role(name: &str) -> Option<Role> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}
