//! The laws of the state machine on random sequences of lawful moves.

use crate::story::{CENTRE, CLEANING, POWER, PROCEDURE, Story, class, who};
use anlan_model::accounts::Role;
use anlan_model::cases::{Case, Phase, Rating};
use anlan_model::classes::ClosingDemand;
use anlan_model::events::Event;
use anlan_model::ids::{MoveCode, OfficeId};
use anlan_model::incoming::Channel;
use anlan_model::procedures::{Actor, Effect, MoveRequest};
use proptest::prelude::*;

/// An attempt: which move, by whom, after how many hours, with which choices.
#[derive(Debug, Clone)]
struct Attempt {
    pick: prop::sample::Index,
    role: Role,
    office: OfficeId,
    hours: i64,
    choice: prop::sample::Index,
    event: u8,
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let role = prop::sample::select(Role::ALL.to_vec());
    let office = prop::sample::select(vec![CENTRE, CLEANING, POWER]);
    let attempt = (
        any::<prop::sample::Index>(),
        role,
        office,
        0_i64..60,
        any::<prop::sample::Index>(),
        0_u8..12,
    );
    let attempt = attempt.prop_map(|(pick, role, office, hours, choice, event)| Attempt {
        pick,
        role,
        office,
        hours,
        choice,
        event,
    });
    prop::collection::vec(attempt, 1..80)
}

/// A request with everything the move could need.
fn full(code: &MoveCode, attempt: &Attempt) -> MoveRequest {
    let mv = PROCEDURE.find_move(code).unwrap();
    let reasons = mv.reason.as_ref().map(|list| &PROCEDURE.reasons()[list]);
    MoveRequest {
        code: code.clone(),
        note: "in words".into(),
        reason: reasons.map(|list| list[attempt.choice.index(list.len())].code.clone()),
        rule_cited: Some("a rule".into()),
        office: Some(attempt.office),
        until: None,
    }
}

/// Offers and decisions agree on every move there is, for this actor and case.
fn agree(story: &Story, actor: &Actor<'_>, attempt: &Attempt) -> Vec<Event> {
    let offers = PROCEDURE.offers(&story.case, actor, &story.ground());
    let mut lawful = Vec::new();
    for mv in PROCEDURE.moves() {
        let decided = PROCEDURE.decide(&story.case, &full(&mv.code, attempt), actor, &story.ground());
        let offer = offers.iter().find(|offer| offer.code == mv.code);
        match (&decided, offer) {
            (Ok(_), offer) => assert!(offer.unwrap().allowed, "{} was made but not offered", mv.code),
            (Err(refusal), Some(offer)) => assert_eq!(offer.refusal.as_ref(), Some(refusal), "{}", mv.code),
            (Err(refusal), None) => {
                assert!(
                    ["move.wrong_state", "move.wrong_role"].contains(&refusal.code),
                    "{}",
                    mv.code
                );
            }
        }
        lawful.extend(decided);
    }
    lawful
}

fn check_laws(before: &Case, after: &Case, event: &Event) {
    let Event::CaseMoved(moved) = event else {
        panic!("{event:?}")
    };
    let mv = PROCEDURE.find_move(&moved.code).unwrap();
    let has = |effect| mv.effects.contains(&effect);
    let limits = PROCEDURE.limits();
    assert_eq!(after.version, before.version + 1);
    assert_eq!(PROCEDURE.state(&after.state).unwrap().phase, after.phase);
    // The promise moves by extension and by the end of a pause, and then only forward.
    if !has(Effect::Extend) && !before.clocks.is_paused() {
        assert_eq!(after.clocks.due_at, before.clocks.due_at, "{}", moved.code);
    }
    assert!(after.clocks.due_at >= before.clocks.due_at);
    assert!(after.returns <= limits.max_returns && after.clocks.extensions <= limits.max_extensions);
    // Closed only by a closing move, with a reason of the closing list; open without a closing.
    assert_eq!(
        after.phase == Phase::Closed,
        after.closing.is_some(),
        "{}",
        moved.code
    );
    if after.phase == Phase::Closed && before.phase == Phase::Open {
        assert!(has(Effect::Close));
        let reason = &after.closing.as_ref().unwrap().reason;
        assert!(
            PROCEDURE.reasons()["closing"]
                .iter()
                .any(|known| known.code == *reason)
        );
    }
    // An arbiter's word stays, counters never fall, a pause never outlives its state.
    assert!(after.is_arbitrated >= before.is_arbitrated);
    assert!(
        after.returns >= before.returns
            && after.reworks >= before.reworks
            && after.reopened >= before.reopened
    );
    assert!(before.state == after.state || !after.clocks.is_paused());
    let used = |case: &Case| case.clocks.used_s.values().sum::<i64>();
    assert!(has(Effect::Reopen) || used(after) >= used(before));
    let pauses = after.clocks.pauses.len();
    assert!(
        pauses >= before.clocks.pauses.len()
            && after
                .clocks
                .pauses
                .iter()
                .rev()
                .skip(1)
                .all(|p| p.until.is_some())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_laws_hold_on_every_path(
        attempts in attempts(), photo in any::<bool>(), second_person in any::<bool>(), reporter_word in any::<bool>(),
    ) {
        let mut story = Story::begin(Channel::Web, Some(CLEANING));
        story.class = class(ClosingDemand { photo, second_person, reporter_word });
        story.reporter_known = true;
        let mut events = Vec::new();
        let first = story.case.clone();
        for attempt in attempts {
            story.wait(attempt.hours);
            match attempt.event {
                0 => story.apply(&Event::PhotoAdded { photo: anlan_model::ids::PhotoId(1), shows: "after".into() }),
                1 => {
                    let rating = Rating { stars: 4, is_fixed: true, comment: String::new(), at: story.now };
                    story.apply(&Event::CaseRated { rating });
                }
                _ => {}
            }
            let (account, _) = who(attempt.role);
            let roles = [attempt.role, Role::Duty];
            let actor = Actor { account, roles: &roles, office: Some(attempt.office) };
            let lawful = agree(&story, &actor, &attempt);
            if lawful.is_empty() {
                continue;
            }
            let event = lawful[attempt.pick.index(lawful.len())].clone();
            let before = story.case.clone();
            story.apply(&event);
            check_laws(&before, &story.case, &event);
            // What was folded is what is kept: an event survives its own writing and reading.
            let text = serde_json::to_string(&event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), &event);
            events.push(event);
        }
        prop_assert!(story.case.version >= first.version + u32::try_from(events.len()).unwrap());
    }
}
