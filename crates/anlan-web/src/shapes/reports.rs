//! Reports as JSON: what a clerk, worker or office hands in, and what they get back.

use super::cases::Likeness;
use super::words::{Channel, Datum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to reach the reporter. Kept in the vault only.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactGiven {
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
}

/// A report as somebody on duty writes it down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReport {
    pub(crate) channel: Channel,
    pub(crate) class: Option<String>,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) address: Option<String>,
    /// Longitude and latitude in `datum`.
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) point: Option<[f64; 2]>,
    pub(crate) datum: Option<Datum>,
    /// Radius in metres that holds the true place with 95 %.
    pub(crate) error_m: Option<f64>,
    pub(crate) contact: Option<ContactGiven>,
    /// The office a complaint is about; it will not see it.
    pub(crate) about_office: Option<i64>,
    /// The sender's own id: sending it again changes nothing and answers the same.
    pub(crate) idempotency_key: Option<String>,
}

/// What is known of a report before it is handed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportDraft {
    pub(crate) class: Option<String>,
    /// Longitude and latitude in `datum`.
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) point: [f64; 2],
    pub(crate) datum: Option<Datum>,
}

/// What became of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportTaken {
    /// Id of its case.
    pub(crate) case: i64,
    pub(crate) number: String,
    /// The reporter's key to follow it; shown once more only to the same sender.
    pub(crate) tracking_code: String,
    pub(crate) track_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<i64>,
    /// The rule that sent it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
    /// Open cases that may be the same thing.
    pub(crate) duplicates: Vec<Likeness>,
}
