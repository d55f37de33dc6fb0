//! The rights table and the decision it gives. Denied unless a line of the table allows it.

use crate::actions::Action;
use crate::rows::RowRule;
use anlan_model::accounts::Role;
use anlan_model::cases::Case;
use anlan_model::ids::{AccountId, OfficeId};
use serde::Deserialize;
use std::fmt::Write as _;

/// Which records a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Cases the actor took on.
    Assigned,
    /// Cases the actor's office must act on.
    Office,
    /// Cases that lie where the actor works.
    Division,
    /// Every record.
    All,
}

/// Who asks.
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
}

/// What policy says, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Allowed or not.
    pub allowed: bool,
    /// Stable code of the reason.
    pub code: &'static str,
    /// The reason, Chinese.
    pub zh: &'static str,
    /// The reason, English.
    pub en: &'static str,
}

const ALLOWED: Decision = Decision {
    allowed: true,
    code: "allowed",
    zh: "允许",
    en: "allowed",
};
const NO_RIGHT: Decision = Decision {
    allowed: false,
    code: "no_right",
    zh: "您的角色没有这项权限。",
    en: "none of your roles may do this.",
};
const OUT_OF_REACH: Decision = Decision {
    allowed: false,
    code: "out_of_reach",
    zh: "这不在您的单位或责任区内。",
    en: "this is outside your office or area.",
};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Right {
    role: Role,
    actions: Vec<Action>,
    scope: Scope,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    right: Vec<Right>,
}

/// The rights table could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the rights table cannot be read, so nothing is allowed: {0}")]
pub struct PolicyError(#[from] toml::de::Error);

/// The rights in force.
#[derive(Debug, Clone)]
pub struct Policy {
    rights: Vec<Right>,
}

impl Policy {
    /// Reads a rights table.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        Ok(Self {
            rights: toml::from_str::<Table>(text)?.right,
        })
    }

    /// The table shipped with Anlan.
    pub fn shipped() -> Result<Self, PolicyError> {
        Self::from_toml(include_str!("../../../policies/rights.toml"))
    }

    fn scopes(&self, actor: &Actor, action: Action) -> impl Iterator<Item = Scope> {
        self.rights
            .iter()
            .filter(move |right| actor.roles.contains(&right.role) && right.actions.contains(&action))
            .map(|right| right.scope)
    }

    /// May the actor do this at all (to some record)?
    pub fn may(&self, actor: &Actor, action: Action) -> Decision {
        if self.scopes(actor, action).next().is_some() {
            ALLOWED
        } else {
            NO_RIGHT
        }
    }

    /// Every action the actor may do to some record: what a screen offers.
    pub fn actions_of(&self, actor: &Actor) -> Vec<Action> {
        Action::ALL
            .iter()
            .copied()
            .filter(|action| self.may(actor, *action).allowed)
            .collect()
    }

    /// The records the actor may reach with this action; `None` if it may not do it at all.
    pub fn rows(&self, actor: &Actor, action: Action) -> Option<RowRule> {
        let mut rule = RowRule {
            hide_about: actor.office,
            ..RowRule::default()
        };
        let mut any = false;
        for scope in self.scopes(actor, action) {
            any = true;
            match scope {
                Scope::All => rule.all = true,
                Scope::Office => rule.office = actor.office,
                Scope::Division if actor.division.is_empty() => rule.all = true,
                Scope::Division => rule.division = Some(actor.division.clone()),
                Scope::Assigned => rule.assignee = actor.account,
            }
        }
        any.then_some(rule)
    }

    /// May the actor do this to this case?
    pub fn may_on(&self, actor: &Actor, action: Action, case: &Case) -> Decision {
        match self.rows(actor, action) {
            None => NO_RIGHT,
            Some(rule) if rule.admits(case) => ALLOWED,
            Some(_) => OUT_OF_REACH,
        }
    }

    /// The whole table, role × action, as Markdown: committed, and read by people who do not program.
    pub fn as_markdown(&self) -> String {
        let mut text = String::from("| action |");
        for role in Role::ALL {
            let _ = write!(text, " {} |", format!("{role:?}").to_lowercase());
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(Role::ALL.len()));
        text.push('\n');
        for action in Action::ALL {
            let _ = write!(text, "| `{}` |", action.code());
            for role in Role::ALL {
                let actor = Actor {
                    roles: vec![role],
                    ..Actor::default()
                };
                let scope = self.scopes(&actor, *action).max();
                let cell = scope.map_or(String::new(), |scope| format!("{scope:?}").to_lowercase());
                let _ = write!(text, " {cell} |");
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, office: i64) -> Actor {
        Actor {
            account: Some(AccountId(1)),
            roles: vec![role],
            office: Some(OfficeId(office)),
            division: "990101".into(),
        }
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        let policy = Policy::from_toml("right = []").unwrap();
        for action in Action::ALL {
            assert!(!policy.may(&actor(Role::Duty, 1), *action).allowed);
        }
    }

    #[test]
    fn an_unknown_action_or_role_is_refused_with_its_line() {
        let error =
            Policy::from_toml("[[right]]\nrole = \"duty\"\nactions = [\"case.steal\"]\nscope = \"all\"\n");
        assert!(error.unwrap_err().to_string().contains("line 3"));
    }

    #[test]
    fn an_officer_reaches_own_office_only_and_never_complaints_about_it() {
        let rule = Policy::shipped()
            .unwrap()
            .rows(&actor(Role::Officer, 7), Action::CaseRead)
            .unwrap();
        assert_eq!(rule.office, Some(OfficeId(7)));
        assert_eq!(rule.hide_about, Some(OfficeId(7)));
        assert!(!rule.all);
    }

    #[test]
    fn a_worker_reaches_the_own_division() {
        let rule = Policy::shipped()
            .unwrap()
            .rows(&actor(Role::Worker, 7), Action::CaseMove)
            .unwrap();
        assert_eq!(rule.division.as_deref(), Some("990101"));
    }

    #[test]
    fn administrators_see_no_case_and_the_auditor_only_the_log() {
        let policy = Policy::shipped().unwrap();
        for role in [Role::Admin, Role::Security, Role::Auditor, Role::Resident] {
            assert_eq!(policy.rows(&actor(role, 1), Action::CaseRead), None, "{role:?}");
        }
        assert!(policy.may(&actor(Role::Auditor, 1), Action::AccessRead).allowed);
    }

    #[test]
    fn making_accounts_giving_rights_and_reading_the_log_are_three_roles() {
        let policy = Policy::shipped().unwrap();
        for (action, only) in [
            (Action::AccountWrite, Role::Admin),
            (Action::RoleGrant, Role::Security),
            (Action::SessionEnd, Role::Security),
            (Action::FactorRemove, Role::Security),
            (Action::LockClear, Role::Security),
            (Action::AccessRead, Role::Auditor),
        ] {
            for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
                let allowed = policy.may(&actor(role, 1), action).allowed;
                assert_eq!(allowed, role == only, "{role:?} {action:?}");
            }
        }
    }
}
