//! Deadlines: terms on four clocks, the table that gives each class and state its term, and the ledger of a case's
//! clocks. The promise to the reporter is set once, at receipt; only pauses, extensions and a new class move it.
//! It decides nothing about who may pause or extend; that is the procedure's.

mod form;
mod terms;
mod timekeeper;

use crate::calendars::Calendar;
use crate::ids::{ClassCode, StateCode};
use crate::tables::TableError;
pub use terms::{ClockKind, Term, TermError};
pub use timekeeper::{Stops, Timekeeper};

/// Which classes a line of a table speaks of: `*`, a prefix such as `m06*`, or a code. Empty speaks of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector(pub(crate) Vec<String>);

impl Selector {
    /// A case without a class is spoken of by `*` only.
    pub(crate) fn takes(&self, class: Option<&ClassCode>) -> bool {
        let code = class.map_or("", ClassCode::as_str);
        self.0.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some("") => true,
            Some(prefix) => code.starts_with(prefix),
            None => code == wanted && !code.is_empty(),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    state: Option<StateCode>,
    classes: Selector,
    term: Term,
    extension: Option<Term>,
}

/// Terms per class and per state. The first line that matches counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineTable {
    name: String,
    lines: Vec<Line>,
    extension: Term,
}

impl DeadlineTable {
    /// Reads a table from TOML; the form is described in `standards/README.md`.
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        form::read(text)
    }

    /// The table of the demo county, shipped with Anlan.
    pub fn demo() -> Result<Self, TableError> {
        Self::from_toml(include_str!("../../../standards/deadlines-demo.toml"))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn line(&self, state: Option<&StateCode>, class: Option<&ClassCode>) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.state.as_ref() == state && line.classes.takes(class))
    }

    /// The term for the whole case, from receipt to closing.
    pub fn overall(&self, class: Option<&ClassCode>) -> Option<Term> {
        self.line(None, class).map(|line| line.term)
    }

    /// The term for one state.
    pub fn state(&self, state: &StateCode, class: Option<&ClassCode>) -> Option<Term> {
        self.line(Some(state), class).map(|line| line.term)
    }

    /// What one extension adds at most.
    pub fn extension(&self, class: Option<&ClassCode>) -> Term {
        self.line(None, class)
            .and_then(|line| line.extension)
            .unwrap_or(self.extension)
    }

    /// Keeps the clocks of a case of this class on this calendar.
    pub fn on<'a>(&'a self, calendar: &'a Calendar, class: Option<&'a ClassCode>) -> Timekeeper<'a> {
        Timekeeper::new(self, calendar, class)
    }
}
