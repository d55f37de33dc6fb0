//! An access: one look at, or change of, protected data, as the access log keeps it.

use crate::ids::{AccountId, OfficeId, PostId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why somebody looks or acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Work on a case.
    Case,
    /// Following one's own report.
    OwnReport,
    /// Running the node: imports, accounts, backup.
    Maintenance,
    /// Checking others' accesses.
    Audit,
    /// Averting harm now, beyond one's usual reach.
    Emergency,
    /// Telling the public what is known to everybody alike.
    Publication,
}

/// One entry. No personal data: who acted is an account id, what was seen is a kind and an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// Who; `None` is a resident or the system.
    pub actor: Option<AccountId>,
    /// The post they acted for, if for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostId>,
    /// The office they acted for then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<OfficeId>,
    /// Which action, e.g. `case.read`.
    pub action: String,
    /// Kind of thing, e.g. `case`.
    pub resource: String,
    /// Its id, or the query's short form for lists.
    pub resource_id: String,
    /// For which purpose.
    pub purpose: Purpose,
    /// Whether it was allowed.
    pub allowed: bool,
    /// How many records were shown or changed.
    pub count: u32,
}

impl Access {
    /// The same, of so many records.
    #[must_use]
    pub fn of_many(self, records: usize) -> Self {
        Self {
            count: u32::try_from(records).unwrap_or(u32::MAX),
            ..self
        }
    }
}
