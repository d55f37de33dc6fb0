//! Who stands at a door, as actions see them. Doors build it; actions never look behind it.

use crate::Error;
use anlan_model::accesses::Purpose;
use anlan_model::accounts::{Account, Role};
use anlan_model::events::Stamp;
use anlan_model::ids::{AccountId, CaseId, PostId};
use anlan_model::posts::{Post, Standing};
use anlan_policy::Actor;
use anlan_store::Tx;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The caller of an action.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What policy decides on.
    pub actor: Actor,
    /// Name that others see beside what the caller did; empty for residents.
    pub name: String,
    /// The post acted for; `None` for who acts as themselves.
    pub post: Option<PostId>,
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
            post: None,
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
            post: None,
            via: "timer",
        }
    }

    /// Who does it, for which post, and when: what an event says of itself.
    pub(crate) fn stamp(&self, at: Timestamp) -> Stamp {
        Stamp {
            at,
            by: self.actor.account,
            post: self.post,
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
            post: None,
            via,
        }
    }

    /// The holder of an account who acts for a post: its roles, office and area count, their own do not.
    pub fn acting(account: &Account, post: &Post, standing: Standing, via: &'static str) -> Self {
        let actor = Actor {
            account: Some(account.id),
            roles: post.roles.clone(),
            office: Some(post.office),
            division: post.division.clone(),
            on_shift: standing.on_shift,
            ..Actor::default()
        };
        Self {
            actor,
            name: acting_name(&account.display_name, &post.name),
            post: Some(post.id),
            via,
        }
    }
}

/// What others see of somebody who acts for a post.
fn acting_name(person: &str, post: &str) -> String {
    format!("{person}（{post}）")
}

/// Names of people and posts beside what happened.
#[derive(Debug, Default)]
pub(crate) struct Names {
    people: BTreeMap<AccountId, String>,
    posts: BTreeMap<PostId, String>,
}

impl Names {
    /// Of everybody whom these stamps name.
    pub(crate) fn of<'a>(tx: &mut Tx<'_>, stamps: impl Iterator<Item = &'a Stamp>) -> Result<Self, Error> {
        let (mut people, mut posts) = (BTreeSet::new(), BTreeSet::new());
        for stamp in stamps {
            people.extend(stamp.by);
            posts.extend(stamp.post);
        }
        Ok(Self {
            people: anlan_store::accounts::names(tx, &people)?,
            posts: anlan_store::posts::names(tx, &posts)?,
        })
    }

    /// Who did it, and for which post.
    pub(crate) fn of_stamp(&self, stamp: &Stamp) -> Option<String> {
        let person = self.people.get(&stamp.by?)?;
        let post = stamp.post.and_then(|post| self.posts.get(&post));
        Some(post.map_or_else(|| person.clone(), |post| acting_name(person, post)))
    }
}
