//! The engine and the plain table agree, on ten thousand random questions per run.

use crate::chance::{self, Chance};
use crate::reference;
use anlan_model::ids::{AccountId, OfficeId};
use anlan_policy::{Action, Policy, PostFacts, Resource};

const QUESTIONS: usize = 10_000;

#[test]
fn the_engine_says_what_was_meant() {
    let policy = Policy::shipped().unwrap();
    let mut chance = Chance::new();
    let mut allowed = 0;
    for _ in 0..QUESTIONS {
        let actor = chance::actor(&mut chance);
        let action = chance::case_action(&mut chance);
        let case = chance::case(&mut chance, &actor);
        let said = policy.may_on(&actor, action, &case);
        let meant = reference::is_meant(&actor, action.code(), actor.purpose_of(action), &case);
        assert_eq!(
            said.allowed, meant,
            "seed {}: {action:?} by {actor:?} on office {:?}, about {:?}, in {:?}: {said:?}",
            chance.seed, case.office, case.about_office, case.place.division
        );
        allowed += usize::from(said.allowed);
    }
    let share = 100 * allowed / QUESTIONS;
    println!("{share} % of {QUESTIONS} questions were allowed");
    assert!(
        (30..=70).contains(&share),
        "{share} %: the questions do not lie at the edges"
    );
}

#[test]
fn the_engine_says_what_was_meant_of_other_things() {
    let policy = Policy::shipped().unwrap();
    let mut chance = Chance::new();
    for _ in 0..2_000 {
        let actor = chance::actor(&mut chance);
        let action = chance.one(Action::ALL);
        if let Some(meant) = reference::is_meant_at_all(&actor, action.code(), actor.purpose_of(action)) {
            let said = policy.may(&actor, action);
            assert_eq!(
                said.allowed, meant,
                "seed {}: {action:?} by {actor:?}: {said:?}",
                chance.seed
            );
        }
    }
}

#[test]
fn the_engine_says_what_was_meant_of_posts() {
    let policy = Policy::shipped().unwrap();
    let mut chance = Chance::new();
    let on_posts: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.resource() == Resource::Post)
        .collect();
    let mut allowed = 0;
    for _ in 0..QUESTIONS {
        let actor = chance::actor(&mut chance);
        let action = chance.one(&on_posts);
        let holders = [AccountId(chance.one(&[1, 2, 3])), AccountId(chance.one(&[4, 5]))];
        let post = PostFacts {
            office: OfficeId(chance.one(&[1, 2, 3])),
            holders: &holders,
            subject: chance.is(60).then(|| AccountId(chance.one(&[1, 2, 3, 4]))),
            stands_for: chance.is(70).then(|| AccountId(chance.one(&[1, 2, 3]))),
        };
        let said = policy.may_on_post(&actor, action, post);
        let meant = reference::is_meant_on_post(&actor, action.code(), actor.purpose_of(action), post);
        assert_eq!(
            said.allowed, meant,
            "seed {}: {action:?} by {actor:?} on {post:?}: {said:?}",
            chance.seed
        );
        allowed += usize::from(said.allowed);
    }
    println!("{allowed} of {QUESTIONS} questions on posts were allowed");
    assert!(allowed > QUESTIONS / 10, "{allowed}");
}
