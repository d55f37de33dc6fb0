//! Why a file as a whole is refused, and the faults of single rows. Words only; decides nothing.

use anlan_model::imports::Fault;
use serde::Serialize;

/// A file that cannot be read on: what is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Machine-readable reason, e.g. `encoding.mixed`.
    pub code: &'static str,
    /// What is wrong and what to do, in plain English.
    pub message: String,
    /// The line at fault, from 1, where there is one.
    pub line: Option<u64>,
    /// Data rows read whole before this; they stand.
    pub rows_before: Option<u64>,
}

impl Refusal {
    /// A refusal of the file as a whole.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            line: None,
            rows_before: None,
        }
    }

    /// The same, naming the line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, once it is known how many rows were read whole.
    #[must_use]
    pub(crate) fn after_rows(mut self, rows: u64) -> Self {
        if self.rows_before.is_none() {
            self.rows_before = Some(rows);
            self.message = format!("{} Rows read whole before this: {rows}.", self.message);
        }
        self
    }
}

/// The longest value a fault quotes, in characters.
const QUOTED_CHARS_MAX: usize = 200;

/// A fault of one row; `value` is cut to 200 characters.
pub(crate) fn fault(
    line: u64,
    code: &str,
    column: Option<&str>,
    value: Option<&str>,
    message: String,
) -> Fault {
    Fault {
        line,
        column: column.map(str::to_owned),
        value: value.map(|text| cut(text, QUOTED_CHARS_MAX)),
        code: code.to_owned(),
        message,
    }
}

/// The first `chars` characters, with an ellipsis where something is left off.
pub(crate) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
