//! Machine accounts and their keys as JSON.

use anlan_app::machines;
use anlan_model::machines as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new machine account. It has no roles until somebody else gives it some, and no key yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMachine {
    /// A short name, unique among all accounts.
    pub(crate) name: String,
    /// What others see.
    pub(crate) display_name: String,
    /// Office (id) it belongs to.
    #[serde(default)]
    pub(crate) office: Option<i64>,
    /// Division code prefix it works in; empty for everywhere.
    #[serde(default)]
    pub(crate) division: String,
}

/// A key of a machine account; what the machine shows is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MachineKey {
    pub(crate) id: i64,
    /// What it is for.
    pub(crate) name: String,
    /// Codes of the actions it is good for, as far as the account's roles allow them.
    pub(crate) scopes: Vec<String>,
    /// From where it is taken; empty for anywhere.
    pub(crate) networks: Vec<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) used_at: Option<Timestamp>,
}

impl From<model::MachineKey> for MachineKey {
    fn from(key: model::MachineKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            scopes: key.scopes,
            networks: key.networks.iter().map(ToString::to_string).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            used_at: key.used_at,
        }
    }
}

/// The keys of a machine account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MachineKeys {
    /// The keys, the oldest first; those that have ended too.
    pub(crate) keys: Vec<MachineKey>,
    /// Codes of the actions that a new key may be good for.
    pub(crate) scopes: Vec<String>,
}

impl From<machines::Keys> for MachineKeys {
    fn from(keys: machines::Keys) -> Self {
        Self {
            keys: keys.keys.into_iter().map(MachineKey::from).collect(),
            scopes: keys.scopes,
        }
    }
}

/// A key that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// What it is for.
    pub(crate) name: String,
    /// Codes of the actions it is to be good for.
    #[schema(min_items = 1)]
    pub(crate) scopes: Vec<String>,
    /// From where it is to be taken, as `203.0.113.0/24`; empty for anywhere.
    #[serde(default)]
    pub(crate) networks: Vec<String>,
    /// When it is to end, within 400 days.
    pub(crate) expires_at: Timestamp,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKey {
    pub(crate) key: MachineKey,
    /// What the machine shows as `Authorization: Bearer`, told this once.
    pub(crate) token: String,
}
