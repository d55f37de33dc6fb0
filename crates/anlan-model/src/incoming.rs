//! What every door hands in: one message from outside, in our words, not yet a report.

use crate::ids::ClassCode;
use crate::places::GivenPoint;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The way a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A resident's own form.
    Web,
    /// A clerk for a caller (12345, 311).
    Hotline,
    /// A grid worker on the street.
    Worker,
    /// An office or walk-in desk.
    Office,
    /// A row of an imported file.
    Import,
    /// Another system, or an app that is not ours, over Open311.
    Open311,
}

/// One message from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// The way it came.
    pub channel: Channel,
    /// The feed's name, e.g. `boston-2011`; with `external_id` it makes taking in twice harmless.
    pub source: String,
    /// The sender's own id, unique within `source`; for forms the idempotency key.
    pub external_id: Option<String>,
    /// What it is about; `None` lets a clerk decide.
    pub class: Option<ClassCode>,
    /// One line.
    pub title: String,
    /// The sender's words, plain text.
    pub description: String,
    /// Street, house, landmark.
    pub address: Option<String>,
    /// Where, as sent.
    pub point: Option<GivenPoint>,
    /// When the sender says it was reported; never later than it was received.
    pub reported_at: Timestamp,
    /// Who may be told; kept in the vault only.
    pub contact: Option<Contact>,
    /// For imported history: what already happened to it.
    pub history: Option<History>,
    /// The sender marks it as a repeat of another.
    #[serde(default)]
    pub is_duplicate: bool,
    /// The sender's stand-in for an unknown place.
    #[serde(default)]
    pub is_default_point: bool,
    /// Columns kept as they came, by our name for them.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// How to reach the reporter. Lives in the vault, nowhere else.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Name, if given.
    pub name: Option<String>,
    /// Telephone, if given.
    pub phone: Option<String>,
    /// E-mail, if given.
    pub email: Option<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(…)")
    }
}

impl Contact {
    /// Whether nothing at all was given.
    pub fn is_empty(&self) -> bool {
        [&self.name, &self.phone, &self.email]
            .iter()
            .all(|part| part.as_deref().is_none_or(str::is_empty))
    }
}

/// What a city's export says already happened.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct History {
    /// The city's own target time.
    pub due_at: Option<Timestamp>,
    /// When it was closed; `None` means still open.
    pub closed_at: Option<Timestamp>,
    /// Closed according to the file, even where no time is given.
    pub is_closed: bool,
    /// The city's own verdict, where the file has one.
    pub on_time: Option<bool>,
    /// The office in the file's words.
    pub office: Option<String>,
}
