//! Restorations as JSON.

use super::words::Role;
use anlan_model::restorations as model;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A node that was put back from a backup and waits for its administrators' word.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Restoration {
    pub(crate) restored_at: Timestamp,
    /// Administrators of which kind have confirmed.
    pub(crate) confirmed: Vec<Role>,
    /// It serves again.
    pub(crate) is_over: bool,
}

impl From<model::Restoration> for Restoration {
    fn from(restoration: model::Restoration) -> Self {
        let confirmed = restoration.confirmed.iter();
        Self {
            restored_at: restoration.restored_at,
            confirmed: confirmed.map(|word| Role::from(word.role)).collect(),
            is_over: restoration.is_over(),
        }
    }
}
