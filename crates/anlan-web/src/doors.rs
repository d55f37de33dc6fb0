//! Every door of this node over HTTP and the lock it has: what policy is asked, about which thing, and what is written into
//! the access log. It opens nothing: the tests hold the endpoints to it, and the reference page is made from it.

mod table;

use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::ids::OfficeId;
use anlan_policy::{Action, Actor, Policy};
use std::fmt::Write as _;
pub use table::DOORS;

/// What somebody shows to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A session, or a machine's key; policy is asked for its holder.
    Session,
    /// A session and nothing else: what is behind is a person's.
    Holder,
    /// A machine's key; policy is asked for the machine.
    Machine,
    /// The tracking code of one report, which opens that report's case and nothing else.
    Code,
    /// A sign-in that waits for its next step, within minutes of a right password.
    Half,
    /// What a browser keeps that was sent to a provider, within minutes.
    Away,
    /// Nothing: anybody may come.
    Nothing,
}

/// What a door leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// Nothing in particular, or all of a kind; lists hold the rows the caller may reach.
    Whole,
    /// One case: to whoever may not reach it, it does not exist.
    Case,
    /// One photo, reached as its case is.
    Photo,
    /// One post.
    Post,
    /// One row of a post: of somebody who stands in for the caller.
    PostRow,
    /// One warning.
    Warning,
    /// One alert.
    Alert,
    /// One review of an account's accesses.
    Review,
    /// One import.
    Import,
    /// One row that an import kept back.
    Row,
    /// One file handed in.
    Upload,
    /// One account.
    Account,
    /// One machine account.
    Machine,
    /// One key of a machine account.
    Key,
    /// One group that a directory keeps.
    Group,
    /// One account that the calling directory keeps: others do not exist for it.
    Provision,
    /// As whom a provider knows an account's holder, by the account.
    Identity,
    /// One of the caller's own sessions: another's does not exist.
    Session,
    /// One of the caller's own passkeys: another's does not exist.
    Passkey,
    /// One place where signing in has to wait.
    Lock,
    /// One request for roles that two people give. A case opened in an emergency is answered at the same door, by those
    /// who may review it.
    Grant,
}

/// An access entry that passing a door leaves: action, kind of thing, purpose.
pub type Trace = (Action, &'static str, Purpose);

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// Method and path.
    pub at: &'static str,
    /// What is shown to be let in.
    pub key: Key,
    /// What policy is asked; `None` where nobody is asked for anything.
    pub action: Option<Action>,
    /// What it leads to.
    pub thing: Thing,
    /// Whether it shows or changes what is protected.
    pub is_protected: bool,
    /// The entries that passing it leaves; the last kind may come several times.
    pub traces: &'static [Trace],
}

/// A door for accounts.
const fn staff(at: &'static str, action: Action, thing: Thing) -> Door {
    Door {
        at,
        key: Key::Session,
        action: Some(action),
        thing,
        is_protected: false,
        traces: &[],
    }
}

/// A door for people about their own sessions and factors.
const fn own(at: &'static str, thing: Thing) -> Door {
    Door {
        key: Key::Holder,
        ..staff(at, Action::SessionUse, thing)
    }
}

/// A door for directories.
const fn directory(at: &'static str, thing: Thing) -> Door {
    Door {
        key: Key::Machine,
        ..staff(at, Action::AccountProvision, thing)
    }
}

/// A door for machines.
const fn keyed(at: &'static str, action: Action, traces: &'static [Trace]) -> Door {
    Door {
        key: Key::Machine,
        is_protected: true,
        traces,
        ..staff(at, action, Thing::Whole)
    }
}

/// A door for whoever holds a tracking code.
const fn coded(at: &'static str, action: Action, traces: &'static [Trace]) -> Door {
    Door {
        at,
        key: Key::Code,
        action: Some(action),
        thing: Thing::Case,
        is_protected: true,
        traces,
    }
}

/// A door through which somebody signs in; policy is asked for the account that was shown to be theirs.
const fn entering(at: &'static str, key: Key, traces: &'static [Trace]) -> Door {
    Door {
        at,
        key,
        action: Some(Action::SessionUse),
        thing: Thing::Whole,
        is_protected: true,
        traces,
    }
}

/// A door for anybody, behind which nothing is protected.
const fn open(at: &'static str) -> Door {
    Door {
        at,
        key: Key::Nothing,
        action: None,
        thing: Thing::Whole,
        is_protected: false,
        traces: &[],
    }
}

/// A door for somebody on the way in, behind which nothing is protected yet.
const fn halfway(at: &'static str) -> Door {
    Door {
        key: Key::Half,
        ..open(at)
    }
}

impl Door {
    /// The same, behind which something is protected.
    const fn leaves(self, traces: &'static [Trace]) -> Self {
        Self {
            is_protected: true,
            traces,
            ..self
        }
    }

    /// The same for anybody: residents have a right of their own.
    const fn for_residents(self, action: Action) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }

    /// The door of an operation; `None` if it has no line.
    pub fn of(method: &str, path: &str) -> Option<&'static Self> {
        DOORS
            .iter()
            .find(|door| door.at.split_once(' ') == Some((method, path)))
    }
}

/// The reference page: every door with its lock.
pub fn page(policy: &Policy) -> String {
    let mut text = String::from(
        "# Doors\n\nEvery door over HTTP, made from the program. *Key* is what is shown to be let in; *asks* what policy is asked, and \
         *who* the roles it lets through, for the records their right reaches ([rights](rights.md)). What a caller may not reach \
         does not exist for them. *Entries* is what passing leaves in the [access log](../handbook/access-log.md) before \
         anything leaves the node: action, thing, purpose. A test walks through every door as every role and compares.\n\n\
         | door | key | asks | who | thing | protected | entries |\n|---|---|---|---|---|---|---|\n",
    );
    for door in DOORS {
        let asks = door
            .action
            .map_or(String::new(), |action| format!("`{}`", action.code()));
        let who = door
            .action
            .filter(|_| matches!(door.key, Key::Session | Key::Holder | Key::Machine))
            .map_or(String::new(), |action| roles(policy, action));
        let key = match door.key {
            Key::Session => "session or machine's key",
            Key::Holder => "session",
            Key::Machine => "machine's key",
            Key::Code => "tracking code",
            Key::Half => "right password",
            Key::Away => "sent to a provider",
            Key::Nothing => "",
        };
        let thing = format!("{:?}", door.thing).to_lowercase().replace("whole", "");
        let protected = if door.is_protected { "yes" } else { "no" };
        let traces: Vec<String> = door.traces.iter().map(trace).collect();
        let _ = writeln!(
            text,
            "| `{}` | {key} | {asks} | {who} | {thing} | {protected} | {} |",
            door.at,
            traces.join(", ")
        );
    }
    text
}

fn trace((action, thing, purpose): &Trace) -> String {
    let purpose = match purpose {
        Purpose::Case => "case",
        Purpose::OwnReport => "own report",
        Purpose::Maintenance => "maintenance",
        Purpose::Audit => "audit",
        Purpose::Emergency => "emergency",
        Purpose::Publication => "publication",
    };
    format!("`{}` {thing} ({purpose})", action.code())
}

fn roles(policy: &Policy, action: Action) -> String {
    let may = |role: &Role| {
        // Some rights reach an office's own records only, so whoever has one is of an office.
        let actor = Actor {
            roles: vec![*role],
            office: Some(OfficeId(1)),
            ..Actor::default()
        };
        policy.may(&actor, action).allowed
            && (role.is_for_machines() || policy.may(&actor, Action::SessionUse).allowed)
    };
    let names: Vec<String> = Role::ALL
        .iter()
        .filter(|role| may(role))
        .map(|role| format!("{role:?}").to_lowercase())
        .collect();
    names.join(", ")
}
