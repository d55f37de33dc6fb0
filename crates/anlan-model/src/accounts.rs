//! Accounts and the roles they hold at an office. What a role may do is policy, not here.

use crate::ids::{AccountId, OfficeId};
use serde::{Deserialize, Serialize};

/// What somebody is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anyone outside, holding at most a tracking link (居民).
    Resident,
    /// Hotline clerk who writes down reports (坐席).
    Clerk,
    /// Grid worker: reports, verifies, checks on the street (网格员).
    Worker,
    /// Duty officer of the coordination centre: accepts, files, dispatches (值班员).
    Duty,
    /// Officer of an office that handles cases (承办人).
    Officer,
    /// Supervisor: urges, closes, decides extensions (督办员).
    Supervisor,
    /// Arbiter: decides where offices disagree (仲裁员).
    Arbiter,
    /// Commander: sees all, acts on little (指挥长).
    Commander,
    /// Data steward: imports, classes, rules (数据管理员).
    Steward,
    /// System administrator: makes accounts and offices, gives no rights (系统管理员).
    Admin,
    /// Security administrator: gives rights, ends sessions, clears locks (安全管理员).
    Security,
    /// Auditor: reads the access log (审计员).
    Auditor,
    /// Privacy officer: reviews how accesses were used (个人信息保护负责人).
    Privacy,
    /// A directory elsewhere that makes and closes accounts here (目录服务). For machines only.
    Directory,
    /// Anlan itself: timers and jobs (系统).
    System,
}

impl Role {
    /// Every role, in the order of the rights table.
    pub const ALL: [Self; 15] = [
        Self::Resident,
        Self::Clerk,
        Self::Worker,
        Self::Duty,
        Self::Officer,
        Self::Supervisor,
        Self::Arbiter,
        Self::Commander,
        Self::Steward,
        Self::Admin,
        Self::Security,
        Self::Auditor,
        Self::Privacy,
        Self::Directory,
        Self::System,
    ];

    /// Whether an account may be given it. Residents have none, and the node itself needs none.
    pub fn is_given(self) -> bool {
        !matches!(self, Self::Resident | Self::System)
    }

    /// Whether it is one of the three that must lie with three people: who makes accounts, who gives rights, who audits.
    pub fn is_apart(self) -> bool {
        matches!(self, Self::Admin | Self::Security | Self::Auditor)
    }

    /// Whether it is there for machines, and no person's.
    pub fn is_for_machines(self) -> bool {
        self == Self::Directory
    }
}

/// Why roles cannot be held together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleClash {
    /// Two of the three administrators in one hand.
    #[error(
        "system, security and audit administrators are three people: {0:?} and {1:?} cannot be one account's"
    )]
    Apart(Role, Role),
    /// A role that no account holds.
    #[error("{0:?} is no role for an account")]
    NotGiven(Role),
    /// A machine's role in a person's hand.
    #[error("{0:?} is a role for machines")]
    ForMachines(Role),
    /// A person's role with a machine.
    #[error("{0:?} is a role for people")]
    ForPeople(Role),
}

/// Whether one account may hold these roles together. In whoever can make accounts, give rights and read the log, nobody
/// else would ever find a misuse.
pub fn may_hold(roles: &[Role]) -> Result<(), RoleClash> {
    if let Some(role) = roles.iter().find(|role| !role.is_given()) {
        return Err(RoleClash::NotGiven(*role));
    }
    let mut apart = roles.iter().filter(|role| role.is_apart());
    let Some(first) = apart.next() else { return Ok(()) };
    match apart.find(|other| *other != first) {
        Some(other) => Err(RoleClash::Apart(*first, *other)),
        None => Ok(()),
    }
}

/// Whether an account of this kind may hold these roles together. A machine never makes accounts for itself to use, gives rights
/// or watches over others.
pub fn may_hold_as(roles: &[Role], is_machine: bool) -> Result<(), RoleClash> {
    may_hold(roles)?;
    let unfit = |role: &&Role| {
        if is_machine {
            role.is_apart()
        } else {
            role.is_for_machines()
        }
    };
    match roles.iter().find(unfit) {
        Some(role) if is_machine => Err(RoleClash::ForPeople(*role)),
        Some(role) => Err(RoleClash::ForMachines(*role)),
        None => Ok(()),
    }
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What its holder types to sign in, lower case, unique.
    pub name: String,
    /// What others see.
    pub display_name: String,
    /// Roles held.
    pub roles: Vec<Role>,
    /// The office it belongs to.
    pub office: Option<OfficeId>,
    /// Division code prefix it works in (`""` for everywhere).
    pub division: String,
    /// Whether it may sign in.
    pub is_active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_administrators_are_three_people() {
        let three = [Role::Admin, Role::Security, Role::Auditor];
        for first in three {
            may_hold(&[first, Role::Duty, first]).unwrap();
            for other in three.into_iter().filter(|other| *other != first) {
                let clash = may_hold(&[Role::Clerk, first, Role::Duty, other]);
                assert_eq!(clash, Err(RoleClash::Apart(first, other)));
            }
        }
        may_hold(&[]).unwrap();
        may_hold(&[Role::Duty, Role::Supervisor, Role::Steward]).unwrap();
    }

    #[test]
    fn machines_and_people_hold_roles_of_their_own_kind() {
        may_hold_as(&[Role::Directory, Role::Clerk], true).unwrap();
        may_hold_as(&[Role::Clerk], false).unwrap();
        let refused = |role| Err(RoleClash::ForMachines(role));
        assert_eq!(
            may_hold_as(&[Role::Clerk, Role::Directory], false),
            refused(Role::Directory)
        );
        for role in [Role::Admin, Role::Security, Role::Auditor] {
            assert_eq!(may_hold_as(&[role], true), Err(RoleClash::ForPeople(role)));
            may_hold_as(&[role], false).unwrap();
        }
        assert_eq!(
            may_hold_as(&[Role::System], true),
            Err(RoleClash::NotGiven(Role::System))
        );
    }

    #[test]
    fn nobody_is_a_resident_or_the_node_by_account() {
        for role in [Role::Resident, Role::System] {
            assert_eq!(may_hold(&[Role::Duty, role]), Err(RoleClash::NotGiven(role)));
        }
    }
}
