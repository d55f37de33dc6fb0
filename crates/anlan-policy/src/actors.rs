//! Who asks, and in which circumstances: everything a decision may depend on besides the record itself.

use crate::actions::Action;
use crate::sets::ActionSet;
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId, OfficeId};

/// Who asks. Built anew for every request from the account as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// The account; `None` for residents and timers.
    pub account: Option<AccountId>,
    /// Roles held now.
    pub roles: Vec<Role>,
    /// Own office.
    pub office: Option<OfficeId>,
    /// Division code prefix worked in; empty for everywhere.
    pub division: String,
    /// What it is asked for; `None` for what the action is usually done for.
    pub purpose: Option<Purpose>,
    /// Whether the actor is on shift; `None` where the node keeps no rota.
    pub on_shift: Option<bool>,
    /// Cases that a running grant opens to the actor.
    pub opened: Vec<CaseId>,
    /// Somebody else has approved just this.
    pub approved: bool,
    /// The actions that the key is good for by which the actor came; `None` where it came without one.
    pub within: Option<ActionSet>,
}

impl Actor {
    /// The same, asking for this purpose.
    #[must_use]
    pub fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Whether the key by which the actor came is good for this; without a key there is nothing in the way.
    pub(crate) fn has_key_for(&self, action: Action) -> bool {
        self.within.is_none_or(|within| within.has(action))
    }

    /// What this actor does this action for.
    pub fn purpose_of(&self, action: Action) -> Purpose {
        self.purpose.unwrap_or_else(|| action.purpose())
    }

    /// The roles held as one number, a bit each.
    pub(crate) fn role_bits(&self) -> u32 {
        self.roles.iter().fold(0, |bits, role| bits | role_bit(*role))
    }
}

/// A role's place among the bits.
pub(crate) fn role_bit(role: Role) -> u32 {
    1 << (role as u32)
}

/// A role's word in policies.
pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Resident => "resident",
        Role::Clerk => "clerk",
        Role::Worker => "worker",
        Role::Duty => "duty",
        Role::Officer => "officer",
        Role::Supervisor => "supervisor",
        Role::Arbiter => "arbiter",
        Role::Commander => "commander",
        Role::Steward => "steward",
        Role::Admin => "admin",
        Role::Security => "security",
        Role::Auditor => "auditor",
        Role::Privacy => "privacy",
        Role::Directory => "directory",
        Role::System => "system",
    }
}

/// Every purpose, in the order of the rights page.
pub(crate) const PURPOSES: [Purpose; 6] = [
    Purpose::Case,
    Purpose::OwnReport,
    Purpose::Maintenance,
    Purpose::Audit,
    Purpose::Emergency,
    Purpose::Publication,
];

/// A purpose's word in policies.
pub(crate) fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Case => "case",
        Purpose::OwnReport => "own_report",
        Purpose::Maintenance => "maintenance",
        Purpose::Audit => "audit",
        Purpose::Emergency => "emergency",
        Purpose::Publication => "publication",
    }
}

/// A purpose's place among the bits.
pub(crate) fn purpose_bit(purpose: Purpose) -> u8 {
    1 << (purpose as u8)
}
