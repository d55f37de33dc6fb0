//! A list shows exactly what opening allows.

use crate::chance::{self, Chance};
use crate::generated;
use anlan_policy::{Actor, Policy};

fn agree(policy: &Policy, questions: usize) {
    let mut chance = Chance::new();
    for _ in 0..questions {
        let actor = chance::actor(&mut chance);
        let action = chance::case_action(&mut chance);
        let case = chance::case(&mut chance, &actor);
        let rule = policy.rows(&actor, action);
        let opens = policy.may_on(&actor, action, &case);
        assert_eq!(
            rule.as_ref().is_some_and(|rule| rule.admits(&case)),
            opens.allowed,
            "seed {}: {action:?} by {actor:?}: {rule:?} on office {:?}, about {:?}, in {:?}, {:?}",
            chance.seed,
            case.office,
            case.about_office,
            case.place.division,
            case.id
        );
    }
}

#[test]
fn a_list_shows_what_opening_allows() {
    agree(&Policy::shipped().unwrap(), 3_000);
}

#[test]
fn so_it_does_with_policies_nobody_thought_of() {
    let mut chance = Chance::new();
    for _ in 0..6 {
        let text = generated::policies(&mut chance, 40);
        agree(&generated::load(&text), 200);
    }
}

#[test]
fn a_rule_that_covers_another_admits_all_that_the_other_does() {
    let policy = Policy::shipped().unwrap();
    let mut chance = Chance::new();
    let (mut covered, mut more) = (0, 0);
    for _ in 0..2_000 {
        let actor = chance::actor(&mut chance);
        let mut rule = || policy.rows(&actor, chance::case_action(&mut chance));
        let (Some(wide), Some(narrow)) = (rule(), rule()) else {
            continue;
        };
        assert!(wide.covers(&wide) && narrow.covers(&narrow));
        for _ in 0..20 {
            let case = chance::case(&mut chance, &actor);
            let (of_wide, of_narrow) = (wide.admits(&case), narrow.admits(&case));
            more += usize::from(of_narrow && !of_wide);
            if wide.covers(&narrow) {
                covered += 1;
                assert!(of_wide || !of_narrow, "seed {}: {wide:?} {narrow:?}", chance.seed);
            }
        }
    }
    assert!(covered > 500 && more > 20, "{covered} {more}");
}

#[test]
fn somebody_without_roles_reaches_nothing() {
    let policy = Policy::shipped().unwrap();
    for action in anlan_policy::Action::ALL {
        assert!(!policy.may(&Actor::default(), *action).allowed, "{action:?}");
        assert_eq!(policy.rows(&Actor::default(), *action), None);
    }
}
