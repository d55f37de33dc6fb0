//! Asking the few policies that can hold gives the answer that asking all gives.

use crate::chance::{self, Chance};
use crate::generated;

#[test]
fn a_preselected_answer_is_the_full_one() {
    let mut chance = Chance::new();
    let policy = generated::load(&generated::policies(&mut chance, 1_000));
    let mut allowed = 0;
    for _ in 0..60 {
        let actor = chance::actor(&mut chance);
        let action = chance::case_action(&mut chance);
        let case = chance::case(&mut chance, &actor);
        let quick = policy.may_on(&actor, action, &case);
        let full = policy.may_on_by_all(&actor, action, &case);
        assert_eq!(
            (quick.allowed, &quick.policy),
            (full.allowed, &full.policy),
            "seed {}: {action:?} by {actor:?}",
            chance.seed
        );
        allowed += usize::from(quick.allowed);
    }
    assert!(
        (5..=55).contains(&allowed),
        "{allowed} of 60: nothing is compared"
    );
}
