//! The TOML form of a deadline table and every check of it.

use super::{DeadlineTable, Line, Selector, Term};
use crate::ids::StateCode;
use crate::tables::{Faults, TableError};
use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    /// Where the terms are taken from; for the reader of the file.
    #[expect(dead_code, reason = "kept in the file for people")]
    source: String,
    extension: Spanned<String>,
    #[serde(default)]
    overall: Vec<LineForm>,
    #[serde(default)]
    state: Vec<LineForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineForm {
    state: Option<String>,
    classes: Spanned<Vec<String>>,
    term: Spanned<String>,
    extension: Option<Spanned<String>>,
}

pub(super) fn read(text: &str) -> Result<DeadlineTable, TableError> {
    let mut faults = Faults::new("deadlines", text);
    let form: Form = faults.read()?;
    let extension = term("extension", &form.extension, &mut faults);
    let mut lines = Vec::new();
    for raw in &form.overall {
        if raw.state.is_some() {
            faults.add_at(
                raw.classes.span().start,
                "overall.state",
                "a term for one state belongs under [[state]]",
            );
        }
        lines.extend(line("overall", raw, &mut faults));
    }
    for raw in &form.state {
        if raw.state.as_deref().is_none_or(str::is_empty) {
            faults.add_at(raw.classes.span().start, "state.state", "names no state");
        }
        lines.extend(line("state", raw, &mut faults));
    }
    hidden(&form.overall, &mut faults);
    hidden(&form.state, &mut faults);
    // The default below is never seen: a fault was noted where the term could not be read.
    let extension = extension.map_or_else(|| Term::new(1, super::ClockKind::WorkingDay), Ok);
    let Ok(extension) = extension else {
        return Err(TableError {
            table: "deadlines",
            faults: Vec::new(),
        });
    };
    faults.done(DeadlineTable {
        name: form.name,
        lines,
        extension,
    })
}

fn term(field: &str, text: &Spanned<String>, faults: &mut Faults<'_>) -> Option<Term> {
    match text.get_ref().parse() {
        Ok(term) => Some(term),
        Err(error) => {
            faults.add_at(
                text.span().start,
                field,
                format!("\"{}\" is no term: {error}", text.get_ref()),
            );
            None
        }
    }
}

fn line(table: &str, form: &LineForm, faults: &mut Faults<'_>) -> Option<Line> {
    let classes = form.classes.get_ref().clone();
    if classes.is_empty() {
        faults.add_at(
            form.classes.span().start,
            format!("{table}.classes"),
            "names no class; write [\"*\"] for all",
        );
    }
    let extension = match &form.extension {
        Some(text) => Some(term(&format!("{table}.extension"), text, faults)?),
        None => None,
    };
    let term = term(&format!("{table}.term"), &form.term, faults)?;
    Some(Line {
        state: form.state.as_deref().map(StateCode::from),
        classes: Selector(classes),
        term,
        extension,
    })
}

/// A line after one that takes every class of the same state never counts.
fn hidden(lines: &[LineForm], faults: &mut Faults<'_>) {
    let mut closed: Vec<&Option<String>> = Vec::new();
    for line in lines {
        if closed.contains(&&line.state) {
            faults.add_at(
                line.classes.span().start,
                "classes",
                "never counts: a line above takes every class (\"*\")",
            );
        }
        if line.classes.get_ref().iter().any(|class| class == "*") {
            closed.push(&line.state);
        }
    }
}
