//! A report (上报): one message from outside, as it was received. It never changes; what is done about it is a case.

use crate::ids::{CaseId, ReportId};
use crate::incoming::Channel;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One message as it was received. Contact data is in the vault under `subject`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The case it belongs to now (merging moves it).
    pub case: CaseId,
    /// The way it came.
    pub channel: Channel,
    /// The feed's name.
    pub source: String,
    /// The sender's own id.
    pub external_id: Option<String>,
    /// The sender's words.
    pub description: String,
    /// When the sender says it was reported.
    pub reported_at: Timestamp,
    /// When we had it on disk.
    pub received_at: Timestamp,
    /// Whether a contact is in the vault.
    pub has_contact: bool,
    /// Columns kept as they came.
    #[serde(default)]
    pub facts: std::collections::BTreeMap<String, String>,
}
