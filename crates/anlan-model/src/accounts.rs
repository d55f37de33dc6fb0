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
    /// Administrator of accounts and offices (系统管理员).
    Admin,
    /// Auditor: reads the access log (审计员).
    Auditor,
    /// Anlan itself: timers and jobs (系统).
    System,
}

impl Role {
    /// Every role, in the order of the rights table.
    pub const ALL: [Self; 12] = [
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
        Self::Auditor,
        Self::System,
    ];
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
