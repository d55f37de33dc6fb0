//! Who stands at a door, as actions see them. Doors build it; actions never look behind it.

use anlan_model::accounts::{Account, Role};
use anlan_policy::Actor;

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
