//! Signing in through providers as JSON.

use anlan_app::identities;
use anlan_model::identities as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A provider through which accounts may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Provider {
    /// Its short name.
    pub(crate) name: String,
    /// How it is known by its issuer.
    pub(crate) issuer: String,
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
}

impl From<identities::Provider> for Provider {
    fn from(provider: identities::Provider) -> Self {
        Self {
            name: provider.name,
            issuer: provider.issuer,
            title_zh: provider.title_zh,
            title_en: provider.title_en,
        }
    }
}

/// The provider through which somebody wants to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Departure {
    /// Its short name.
    pub(crate) provider: String,
}

/// Where the browser is to go.
#[derive(Serialize, ToSchema)]
pub(crate) struct Away {
    pub(crate) url: String,
}

/// What the browser came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arrival {
    /// The provider, as the address says to which it came back.
    pub(crate) provider: String,
    /// What it was sent with.
    pub(crate) state: String,
    /// Left out where the provider refused.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// Who the provider says it is (RFC 9207).
    #[serde(default)]
    pub(crate) iss: Option<String>,
}

/// As whom a provider knows an account's holder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity {
    /// The provider, by its issuer.
    pub(crate) issuer: String,
    /// The name there that was named beforehand.
    pub(crate) login: String,
    /// They came once; since then the provider's lasting word for them counts, and the name no more.
    pub(crate) is_linked: bool,
    /// When they last signed in this way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) used_at: Option<Timestamp>,
}

impl From<model::Identity> for Identity {
    fn from(identity: model::Identity) -> Self {
        Self {
            issuer: identity.issuer,
            login: identity.login,
            is_linked: identity.subject.is_some(),
            used_at: identity.used_at,
        }
    }
}

/// As whom a provider is to know an account's holder.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewIdentity {
    /// The provider's short name.
    pub(crate) provider: String,
    /// The holder's name there.
    pub(crate) login: String,
}
