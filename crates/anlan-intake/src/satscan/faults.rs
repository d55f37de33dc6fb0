//! What is wrong in a SaTScan project: file, line, field, value, what it means and the cure. Collects; reads nothing.

use crate::refusals::cut;
use serde::Serialize;
use std::fmt;

/// How many faults are kept whole; further ones are counted.
pub const FAULTS_MAX: usize = 50;

/// The longest value a fault quotes, in characters.
const QUOTED_CHARS_MAX: usize = 60;

/// Whether a run may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// The project cannot be run as it stands.
    Error,
    /// The project can be run, but not everything it asks for is done.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file's name as the project writes it.
    pub file: Box<str>,
    /// The line, from 1, where there is one.
    pub line: Option<u64>,
    /// The column's or the key's name.
    pub field: Option<Box<str>>,
    /// What was found there, cut to 60 characters.
    pub value: Option<Box<str>>,
    /// Machine-readable reason, e.g. `count.negative`.
    pub code: &'static str,
    /// Whether a run may go on.
    pub weight: Weight,
    /// What is wrong.
    pub message: Box<str>,
    /// What to do.
    pub cure: Box<str>,
}

impl Fault {
    /// An error of the file as a whole.
    pub fn new(file: &str, code: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            field: None,
            value: None,
            code,
            weight: Weight::Error,
            message: message.into().into_boxed_str(),
            cure: cure.into().into_boxed_str(),
        }
    }

    /// The same, naming the line.
    #[must_use]
    pub fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, naming the field and what stands in it.
    #[must_use]
    pub fn in_field(mut self, field: &str, value: &str) -> Self {
        self.field = Some(field.into());
        self.value = Some(cut(value, QUOTED_CHARS_MAX).into_boxed_str());
        self
    }

    /// The same, as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.weight = Weight::Warning;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        let weight = match self.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        write!(out, ": {weight} [{}]", self.code)?;
        if let Some(field) = &self.field {
            write!(out, " {field}")?;
        }
        if let Some(value) = &self.value {
            write!(out, " {value:?}")?;
        }
        write!(out, ": {} {}", self.message, self.cure)
    }
}

/// Faults in the order in which they were met, up to a limit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Faults {
    list: Vec<Fault>,
    errors: u64,
    left_out: u64,
}

impl Faults {
    /// Takes one more.
    pub fn add(&mut self, fault: Fault) {
        self.errors += u64::from(fault.weight == Weight::Error);
        // A warning never pushes an error out of the list, and the first error is always there to be read.
        if self.list.len() < FAULTS_MAX || (fault.weight == Weight::Error && self.errors == 1) {
            self.list.push(fault);
        } else {
            self.left_out += 1;
        }
    }

    /// Takes another collection.
    pub fn extend(&mut self, other: Self) {
        let kept: u64 = other
            .list
            .iter()
            .map(|fault| u64::from(fault.weight == Weight::Error))
            .sum();
        for fault in other.list {
            self.add(fault);
        }
        self.errors += other.errors - kept;
        self.left_out += other.left_out;
    }

    /// Those kept.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// How many were errors, the ones left out included.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// How many were met beyond those kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Whether anything forbids a run.
    pub fn is_refused(&self) -> bool {
        self.errors > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault() -> Fault {
        Fault::new(
            "a.cas",
            "count.negative",
            "A count is below zero.",
            "Write 0 or more.",
        )
        .at(7)
        .in_field("cases", "-3")
    }

    #[test]
    fn a_fault_reads_as_one_line() {
        assert_eq!(
            fault().to_string(),
            "a.cas:7: error [count.negative] cases \"-3\": A count is below zero. Write 0 or more."
        );
    }

    #[test]
    fn beyond_the_limit_faults_are_counted_and_the_first_error_is_kept() {
        let mut faults = Faults::default();
        for _ in 0..60 {
            faults.add(fault().as_warning());
        }
        assert!(!faults.is_refused());
        faults.add(fault());
        faults.add(fault());
        assert_eq!((faults.errors(), faults.left_out()), (2, 11));
        assert_eq!(
            faults.list().last().map(|fault| fault.weight),
            Some(Weight::Error)
        );
        let mut all = Faults::default();
        all.extend(faults);
        assert_eq!((all.errors(), all.left_out()), (2, 11));
    }
}
