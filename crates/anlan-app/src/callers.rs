//! Who stands at a door, as actions see them. Doors build it; actions never look behind it.

use anlan_model::accesses::Purpose;
use anlan_model::accounts::{Account, Role};
use anlan_model::ids::CaseId;
use anlan_policy::Actor;
use std::borrow::Cow;

/// The caller of an action.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What policy decides on.
    pub actor: Actor,
    /// Name that others see beside what the caller did; empty for residents.
    pub name: String,
    /// The door: `api`, `public`, `cli`, `timer`.
    pub via: &'static str,
}

impl Caller {
    /// Somebody outside, who shows no account.
    pub fn resident() -> Self {
        Self {
            actor: Actor {
                roles: vec![Role::Resident],
                ..Actor::default()
            },
            name: String::new(),
            via: "public",
        }
    }

    /// Anlan itself.
    pub fn system() -> Self {
        Self {
            actor: Actor {
                roles: vec![Role::System],
                ..Actor::default()
            },
            name: "Anlan".into(),
            via: "timer",
        }
    }

    /// The same, asking for this purpose.
    #[must_use]
    pub fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.actor.purpose = Some(purpose);
        self
    }

    /// The same before this case: one that a running grant opens is looked at for the emergency it was opened for.
    pub(crate) fn before(&self, case: CaseId) -> Cow<'_, Self> {
        if self.actor.purpose.is_none() && self.actor.opened.contains(&case) {
            return Cow::Owned(self.clone().for_purpose(Purpose::Emergency));
        }
        Cow::Borrowed(self)
    }

    /// The holder of an account.
    pub fn of(account: &Account, via: &'static str) -> Self {
        let actor = Actor {
            account: Some(account.id),
            roles: account.roles.clone(),
            office: account.office,
            division: account.division.clone(),
            ..Actor::default()
        };
        Self {
            actor,
            name: account.display_name.clone(),
            via,
        }
    }
}
