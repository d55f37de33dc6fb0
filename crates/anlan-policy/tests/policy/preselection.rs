//! Asking the few policies that can hold gives the answer that asking all gives.

use crate::chance::{self, Chance};
use crate::generated;
use anlan_model::accounts::Role;
use anlan_model::ids::OfficeId;
use anlan_policy::{Action, Actor};

#[test]
fn a_preselected_answer_is_the_full_one_among_a_thousand() {
    compare(1_000, 40);
}

/// With few policies, many questions meet what was asked before.
#[test]
fn an_answer_kept_is_the_full_one() {
    compare(120, 1_000);
}

fn compare(policies: usize, questions: usize) {
    let mut chance = Chance::new();
    let policy = generated::load(&generated::policies(&mut chance, policies));
    let mut allowed = 0;
    for _ in 0..questions {
        let actor = chance::actor(&mut chance);
        let action = chance::case_action(&mut chance);
        let case = chance::case(&mut chance, &actor);
        let quick = policy.may_on(&actor, action, &case);
        let full = policy.may_on_by_all(&actor, action, &case);
        let at = format!("seed {}: {action:?} by {actor:?}", chance.seed);
        assert_eq!(quick.allowed, full.allowed, "{at}");
        // Where nothing is permitted at all, that is the reason, and nobody asks what else forbids.
        if !["no_right", "wrong_purpose"].contains(&quick.code) {
            assert_eq!(quick.policy, full.policy, "{at}");
        }
        allowed += usize::from(quick.allowed);
    }
    assert!(
        (questions / 12..=questions - questions / 12).contains(&allowed),
        "{allowed} of {questions}: nothing is compared"
    );
}

#[test]
fn an_office_of_ones_own_makes_a_situation_of_its_own() {
    let text = r#"@id("a") @zh("一") @en("one")
        permit (principal in Role::"duty", action == Action::"case.read", resource is Case)
        when { context.purpose == Purpose::"case" && principal has office };"#;
    let policy = generated::load(text);
    let mut chance = Chance::new();
    let with = Actor {
        roles: vec![Role::Duty],
        office: Some(OfficeId(1)),
        ..Actor::default()
    };
    let mut case = chance::case(&mut chance, &with);
    case.office = None;
    case.about_office = None;
    let without = Actor {
        office: None,
        ..with.clone()
    };
    for (actor, answer) in [(&with, true), (&without, false), (&with, true)] {
        assert_eq!(policy.may_on(actor, Action::CaseRead, &case).allowed, answer);
    }
}
