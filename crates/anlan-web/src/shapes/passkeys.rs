//! Passkeys as JSON.

use anlan_app::passkeys;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A passkey of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Passkey {
    pub(crate) id: i64,
    /// Its holder's name for it.
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    /// When somebody last signed in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) used_at: Option<Timestamp>,
}

impl From<passkeys::Passkey> for Passkey {
    fn from(key: passkeys::Passkey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            created_at: key.created_at,
            used_at: key.used_at,
        }
    }
}

/// What the browser is to be asked, in the JSON form of WebAuthn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasskeyAsked {
    #[schema(value_type = Object)]
    pub(crate) options: Value,
}

/// A passkey that the browser has just made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasskey {
    /// Its holder's name for it.
    pub(crate) name: String,
    /// What the browser answered (`PublicKeyCredential.toJSON`).
    #[schema(value_type = Object)]
    pub(crate) credential: Value,
}

impl From<NewPasskey> for passkeys::NewPasskey {
    fn from(new: NewPasskey) -> Self {
        Self {
            name: new.name,
            answer: new.credential,
        }
    }
}

/// What the browser answered (`PublicKeyCredential.toJSON`).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyAnswer {
    #[schema(value_type = Object)]
    pub(crate) credential: Value,
}
