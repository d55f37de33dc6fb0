//! What can be wrong with a row's values, and whether that keeps the row back. Mappings may say otherwise.

use crate::refusals::fault;
use anlan_model::imports::Fault;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a fault does to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The row is kept back, whole, to be mended and replayed.
    Quarantine,
    /// The row goes in without the bad value, the fault is noted.
    Warn,
    /// The row goes in without the bad value, nothing is noted.
    Ignore,
}

/// Every code a row's values can earn, with what it does unless a mapping says otherwise.
pub const FAULTS: &[(&str, Action)] = &[
    ("id.missing", Action::Quarantine),
    ("date.missing", Action::Quarantine),
    ("date.unreadable", Action::Quarantine),
    ("date.impossible", Action::Quarantine),
    ("date.future", Action::Quarantine),
    ("date.too_early", Action::Quarantine),
    ("date.closed_before_opened", Action::Quarantine),
    ("date.closed_just_before_opened", Action::Warn),
    ("date.due_before_opened", Action::Warn),
    ("date.gap", Action::Warn),
    ("date.twofold", Action::Ignore),
    ("coordinates.unreadable", Action::Quarantine),
    ("coordinates.half", Action::Quarantine),
    ("coordinates.range", Action::Quarantine),
    ("coordinates.swapped", Action::Quarantine),
    ("coordinates.outside", Action::Quarantine),
    ("coordinates.sea", Action::Quarantine),
    ("coordinates.zero", Action::Warn),
    ("place.missing", Action::Quarantine),
    ("class.missing", Action::Ignore),
    ("class.unknown", Action::Quarantine),
    ("status.unknown", Action::Warn),
    ("history.contradicts", Action::Warn),
    ("on_time.unknown", Action::Warn),
    ("text.null_bytes", Action::Warn),
    ("text.cut", Action::Warn),
];

/// The column a quarantined row carries when the row as such was broken; emptied by whoever mends it.
pub const ROW_FAULT_COLUMN: &str = "(row fault)";

/// Collects a row's faults and remembers whether one keeps the row back.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    line: u64,
    actions: &'a BTreeMap<String, Action>,
    /// What was noted.
    pub(crate) faults: Vec<Fault>,
    /// Whether the row is kept back.
    pub(crate) is_kept_back: bool,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(line: u64, actions: &'a BTreeMap<String, Action>) -> Self {
        Self {
            line,
            actions,
            faults: Vec::new(),
            is_kept_back: false,
        }
    }

    /// Notes a fault of one value.
    pub(crate) fn note(&mut self, code: &str, column: Option<&str>, value: Option<&str>, message: String) {
        let default = FAULTS
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, action)| *action);
        let action = self
            .actions
            .get(code)
            .copied()
            .or(default)
            .unwrap_or(Action::Quarantine);
        if action == Action::Ignore {
            return;
        }
        self.is_kept_back |= action == Action::Quarantine;
        self.faults.push(fault(self.line, code, column, value, message));
    }
}
