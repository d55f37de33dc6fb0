//! A key only ever takes away: whatever is asked, who comes with one is allowed what the key is good for and they would be
//! allowed without it, and nothing else.

use crate::chance::{self, Chance};
use anlan_policy::{Action, ActionSet, Actor, Policy};

#[test]
fn a_key_takes_away_and_never_gives() {
    let policy = Policy::shipped().unwrap();
    let mut chance = Chance::new();
    let (mut kept, mut taken) = (0, 0);
    for _ in 0..500 {
        let plain = chance::actor(&mut chance);
        let case = chance::case(&mut chance, &plain);
        let within: ActionSet = Action::ALL.iter().copied().filter(|_| chance.is(50)).collect();
        let keyed = Actor {
            within: Some(within),
            ..plain.clone()
        };
        for action in Action::ALL.iter().copied() {
            let is_good = within.has(action);
            let expected = is_good && policy.may(&plain, action).allowed;
            assert_eq!(
                policy.may(&keyed, action).allowed,
                expected,
                "{action:?} by {keyed:?}"
            );
            let rows = policy.rows(&plain, action).filter(|_| is_good);
            assert_eq!(policy.rows(&keyed, action), rows, "{action:?} by {keyed:?}");
            let on = policy.may_on(&plain, action, &case).allowed && is_good;
            assert_eq!(
                policy.may_on(&keyed, action, &case).allowed,
                on,
                "{action:?} by {keyed:?}"
            );
            kept += usize::from(expected);
            taken += usize::from(!is_good && policy.may(&plain, action).allowed);
        }
        let fields = policy.fields(&Actor {
            within: Some(ActionSet::default()),
            ..plain
        });
        assert_eq!(
            fields,
            policy.fields(&Actor::default()),
            "a key for nothing shows no field"
        );
    }
    assert!(kept > 500 && taken > 500, "{kept} {taken}");
}
