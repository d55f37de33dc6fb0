//! What happened to a case, one line per event, flattened for screens; the whole event is in `body`.

use anlan_app::cases::Happened;
use anlan_model::events::Event;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One line of a case's history.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Happening {
    /// Its place in the node's order of events.
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<String>,
    /// E.g. `case_moved`.
    pub(crate) kind: String,
    #[serde(rename = "move", skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// State before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    /// State after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_cited: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<i64>,
    /// The event as it is kept.
    #[schema(value_type = Object)]
    pub(crate) body: serde_json::Value,
}

impl From<Happened> for Happening {
    fn from(happened: Happened) -> Self {
        let mut line = Self {
            seq: happened.seq,
            at: happened.at,
            by: happened.by.map(|account| account.0),
            by_name: happened.by_name,
            kind: happened.event.kind().to_owned(),
            body: serde_json::to_value(&happened.event).unwrap_or_default(),
            ..Self::default()
        };
        line.describe(happened.event);
        line
    }
}

impl Happening {
    fn describe(&mut self, event: Event) {
        match event {
            Event::CaseOpened(opened) => {
                self.to = Some(opened.state.0);
                self.office = opened.office.map(|office| office.0);
            }
            Event::CaseMoved(moved) => {
                self.code = Some(moved.code.0);
                self.from = Some(moved.from.0);
                self.to = Some(moved.to.0);
                self.reason = moved.reason.map(|reason| reason.0);
                self.rule_cited = moved.rule_cited;
                self.note = Some(moved.note).filter(|note| !note.is_empty());
                self.office = moved.office.map(|office| office.0);
            }
            Event::CaseReclassified { office, .. } | Event::CasePlaced { office, .. } => {
                self.office = office.map(|office| office.0);
            }
            Event::NoteAdded { note } => self.note = Some(note),
            Event::CaseRated { rating } => self.note = Some(rating.comment).filter(|note| !note.is_empty()),
            _ => {}
        }
    }
}
