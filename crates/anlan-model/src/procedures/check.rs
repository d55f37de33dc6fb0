//! What must hold between the parts of a procedure before it may govern a single case. Every fault is named.

use super::form::Places;
use super::{Effect, Move, OfficeNeed, Procedure, UntilNeed};
use crate::cases::Phase;
use crate::ids::StateCode;
use crate::tables::Faults;
use std::collections::BTreeSet;

pub(super) fn check(procedure: &Procedure, places: &Places, faults: &mut Faults<'_>) {
    states(procedure, places, faults);
    reasons(procedure, places, faults);
    named_states(procedure, places, faults);
    let mut seen = BTreeSet::new();
    for (mv, at) in procedure.moves.iter().zip(&places.moves) {
        let mut fault =
            |field: &str, message: String| faults.add_at(*at, format!("move.{}{field}", mv.code), message);
        if !seen.insert(&mv.code) {
            fault("", "is named twice".into());
        }
        labels(&mv.name_zh, &mv.name_en, &mut fault);
        move_states(procedure, mv, &mut fault);
        move_reasons(procedure, mv, &mut fault);
        move_effects(procedure, mv, &mut fault);
    }
    paths(procedure, places, faults);
}

fn labels(zh: &str, en: &str, fault: &mut impl FnMut(&str, String)) {
    if zh.trim().is_empty() {
        fault(".zh", "has no Chinese label".into());
    }
    if en.trim().is_empty() {
        fault(".en", "has no English label".into());
    }
}

fn states(procedure: &Procedure, places: &Places, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for (state, at) in procedure.states.iter().zip(&places.states) {
        let mut fault = |field: &str, message: String| {
            faults.add_at(*at, format!("state.{}{field}", state.code), message);
        };
        if state.code.as_str().trim().is_empty() || !seen.insert(&state.code) {
            fault("", "has no code, or one that is taken".into());
        }
        labels(&state.name_zh, &state.name_en, &mut fault);
    }
}

fn reasons(procedure: &Procedure, places: &Places, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for (name, list) in &procedure.reasons {
        let at = places.reasons.get(name).map(Vec::as_slice).unwrap_or_default();
        for (reason, at) in list.iter().zip(at) {
            let mut fault = |field: &str, message: String| {
                faults.add_at(*at, format!("reasons.{name}.{}{field}", reason.code), message);
            };
            if !seen.insert(&reason.code) {
                fault("", "is taken by a reason of this or another list".into());
            }
            labels(&reason.name_zh, &reason.name_en, &mut fault);
        }
    }
}

fn named_states(procedure: &Procedure, places: &Places, faults: &mut Faults<'_>) {
    let mut expect = |field: String, at: Option<usize>, state: &StateCode, phase: Phase| {
        let message = match procedure.state(state) {
            None => format!("there is no state \"{state}\""),
            Some(found) if found.phase != phase => {
                format!("\"{state}\" is not a state of the phase {phase:?}")
            }
            Some(_) => return,
        };
        match at {
            Some(at) => faults.add_at(at, field, message.to_lowercase()),
            None => faults.add(field, message.to_lowercase()),
        }
    };
    expect(
        "closed".into(),
        Some(places.closed),
        &procedure.closed,
        Phase::Closed,
    );
    expect(
        "merged".into(),
        Some(places.merged),
        &procedure.merged,
        Phase::Void,
    );
    for (channel, state) in &procedure.start {
        expect(
            format!("start.{channel:?}").to_lowercase(),
            None,
            state,
            Phase::Open,
        );
    }
    if let Some(auto) = &procedure.auto {
        expect("auto.to".into(), Some(places.auto), &auto.to, Phase::Open);
    }
}

fn move_states(procedure: &Procedure, mv: &Move, fault: &mut impl FnMut(&str, String)) {
    if mv.from.is_empty() {
        fault(".from", "starts from no state".into());
    }
    if mv.roles.is_empty() {
        fault(".roles", "no role may make it".into());
    }
    for (field, state) in mv
        .from
        .iter()
        .map(|state| (".from", state))
        .chain(mv.to.iter().map(|state| (".to", state)))
    {
        if procedure.state(state).is_none() {
            fault(field, format!("there is no state \"{state}\""));
        }
    }
    if let Some(state) = mv.stays_in.iter().find(|state| !mv.from.contains(state)) {
        fault(
            ".stays_in",
            format!("\"{state}\" is not among the states it starts from"),
        );
    }
}

fn move_reasons(procedure: &Procedure, mv: &Move, fault: &mut impl FnMut(&str, String)) {
    if let Some(list) = &mv.reason {
        match procedure.reasons.get(list) {
            None => fault(".reason", format!("there is no list of reasons \"{list}\"")),
            Some(list) if list.is_empty() => fault(".reason", "its list of reasons is empty".into()),
            Some(list)
                if mv.effects.contains(&Effect::Pause)
                    && list.iter().any(|reason| reason.stops.is_none()) =>
            {
                fault(
                    ".reason",
                    "every reason to pause must say which clocks it stops".into(),
                );
            }
            Some(_) => {}
        }
    }
    if mv
        .closing_reason
        .as_ref()
        .is_some_and(|reason| procedure.reason(reason).is_none())
    {
        fault(".closing_reason", "there is no such reason".into());
    }
    if mv.reason.is_some() && mv.closing_reason.is_some() {
        fault(".closing_reason", "the reason comes from a list already".into());
    }
}

fn move_effects(procedure: &Procedure, mv: &Move, fault: &mut impl FnMut(&str, String)) {
    let has = |effect| mv.effects.contains(&effect);
    let needs_reason = mv.reason.is_none() && mv.closing_reason.is_none();
    if has(Effect::Close) && needs_reason {
        fault(
            ".reason",
            "closes without a reason; name a list, or a closing_reason".into(),
        );
    }
    if has(Effect::Pause) && mv.reason.is_none() {
        fault(".reason", "pauses without a reason; name a list".into());
    }
    if has(Effect::Return) && !mv.rule {
        fault(".rule", "a return must cite a rule".into());
    }
    if has(Effect::SendOffice) == (mv.office == OfficeNeed::No) {
        fault(
            ".office",
            "an office is needed exactly where the effect is send_office".into(),
        );
    }
    if mv.until != UntilNeed::No && !has(Effect::Extend) {
        fault(".until", "a time is taken by extensions only".into());
    }
    for from in &mv.from {
        let (was, is) = (procedure.phase(from), procedure.phase(mv.target(from)));
        let closes = is == Phase::Closed && was == Phase::Open;
        if closes != has(Effect::Close) {
            fault(
                ".effects",
                format!("from \"{from}\": the effect close belongs exactly where an open case closes"),
            );
        }
        if (was == Phase::Closed && is == Phase::Open) != has(Effect::Reopen) {
            fault(
                ".effects",
                format!("from \"{from}\": the effect reopen belongs exactly where a closed case opens"),
            );
        }
        if was == Phase::Void {
            fault(".from", format!("\"{from}\" is void, which nothing leaves"));
        }
    }
}

/// Every state can be reached, and from every open state a case can be closed.
fn paths(procedure: &Procedure, places: &Places, faults: &mut Faults<'_>) {
    let begins = procedure
        .start
        .iter()
        .map(|(_, state)| state)
        .chain(procedure.auto.iter().map(|auto| &auto.to));
    let reached = spread(
        procedure,
        begins.chain([&procedure.merged, &procedure.closed]).collect(),
        |mv, state, found| {
            mv.from
                .contains(state)
                .then(|| mv.target(state))
                .filter(|to| !found.contains(to))
                .into_iter()
                .collect()
        },
    );
    let closed = procedure
        .states
        .iter()
        .filter(|state| state.phase == Phase::Closed)
        .map(|state| &state.code);
    let closable = spread(procedure, closed.collect(), |mv, state, found| {
        mv.from
            .iter()
            .filter(|from| !found.contains(*from) && mv.target(from) == state)
            .collect()
    });
    for (state, at) in procedure.states.iter().zip(&places.states) {
        if !reached.contains(&state.code) {
            faults.add_at(
                *at,
                format!("state.{}", state.code),
                "no move leads to it and no case begins in it",
            );
        }
        if state.phase == Phase::Open && !closable.contains(&state.code) {
            faults.add_at(
                *at,
                format!("state.{}", state.code),
                "no sequence of moves closes a case from here",
            );
        }
    }
}

/// All states found from `begin` when `step` gives the new neighbours of a state by a move.
fn spread<'a>(
    procedure: &'a Procedure,
    begin: Vec<&'a StateCode>,
    step: impl Fn(&'a Move, &'a StateCode, &BTreeSet<&'a StateCode>) -> Vec<&'a StateCode>,
) -> BTreeSet<&'a StateCode> {
    let mut found: BTreeSet<&StateCode> = begin.iter().copied().collect();
    let mut open = begin;
    while let Some(state) = open.pop() {
        for mv in &procedure.moves {
            let next = step(mv, state, &found);
            found.extend(next.iter().copied());
            open.extend(next);
        }
    }
    found
}
