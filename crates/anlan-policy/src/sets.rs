//! A set of actions: what a key may be used for. It never allows anything, it only leaves less of what policies allow.

use crate::actions::Action;

/// Some actions, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActionSet(u64);

// INVARIANT: every action has a bit.
const _: () = assert!(Action::ALL.len() <= 64);

impl ActionSet {
    /// Whether it is among them.
    pub fn has(self, action: Action) -> bool {
        self.0 & bit(action) != 0
    }

    /// The actions with these codes; codes that there are not any more are passed over.
    pub fn of_codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let find = |code: &str| Action::ALL.iter().copied().find(|action| action.code() == code);
        codes.into_iter().filter_map(find).collect()
    }
}

fn bit(action: Action) -> u64 {
    1 << (action as u64)
}

impl FromIterator<Action> for ActionSet {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        Self(actions.into_iter().fold(0, |bits, action| bits | bit(action)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_and_nothing_else() {
        let set = ActionSet::of_codes(["case.list", "no.such", "backup.run"]);
        let has: Vec<&str> = Action::ALL
            .iter()
            .filter(|action| set.has(**action))
            .map(|action| action.code())
            .collect();
        assert_eq!(has, ["case.list", "backup.run"]);
        assert!(!ActionSet::default().has(Action::SessionUse));
    }
}
