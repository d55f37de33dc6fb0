//! Identities: as whom an account's holder is known to a provider elsewhere. How one is proven is not said here.

use crate::ids::AccountId;
use jiff::{SignedDuration, Timestamp};

/// A browser that was sent to a provider has to be back within this.
pub const AWAY: SignedDuration = SignedDuration::from_mins(10);
/// How far a provider's clock may be from ours.
pub const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// An account's holder as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose.
    pub account: AccountId,
    /// The provider, by its issuer.
    pub issuer: String,
    /// The name there that was named beforehand, in lower case. It only serves to know them when they first come.
    pub login: String,
    /// The provider's lasting word for the person, from when they first came.
    pub subject: Option<String>,
    /// When the name was named.
    pub named_at: Timestamp,
    /// When they last signed in this way.
    pub used_at: Option<Timestamp>,
}
