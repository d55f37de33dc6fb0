//! How a table that a jurisdiction supplies (TOML or CSV) is refused: every fault with its line and field.
//! It knows no table's contents.

use serde::de::DeserializeOwned;
use std::fmt;

/// One thing that is wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault {
    /// Line, from 1, where it is known.
    pub line: Option<u32>,
    /// Column in characters, from 1, where it is known.
    pub column: Option<u32>,
    /// The field, e.g. `move.return.to`; empty where the text as a whole cannot be read.
    pub field: String,
    /// What is wrong and what to do, in plain English.
    pub message: String,
    /// The same in Chinese, where a table is edited on screen and not as a text.
    pub zh: Option<String>,
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            if let Some(column) = self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// A table was refused as a whole; the one in force before stays in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError {
    /// Which table, e.g. `procedure`.
    pub table: &'static str,
    /// Everything that is wrong, in the order of the text. Never empty.
    pub faults: Vec<TableFault>,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} table has {} fault(s)", self.table, self.faults.len())?;
        self.faults.iter().try_for_each(|fault| write!(f, "; {fault}"))
    }
}

impl std::error::Error for TableError {}

/// Collects faults while a table is checked.
#[derive(Debug)]
pub(crate) struct Faults<'a> {
    table: &'static str,
    text: &'a str,
    found: Vec<TableFault>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(table: &'static str, text: &'a str) -> Self {
        Self {
            table,
            text,
            found: Vec::new(),
        }
    }

    /// Reads the TOML text into its raw form; the reader's own message carries line and column.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, TableError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map(|span| self.position(span.start));
            let fault = TableFault {
                line: at.map(|(line, _)| line),
                column: at.map(|(_, column)| column),
                field: String::new(),
                message: error.message().to_owned(),
                zh: None,
            };
            TableError {
                table: self.table,
                faults: vec![fault],
            }
        })
    }

    /// Line and column of a byte offset.
    fn position(&self, offset: usize) -> (u32, u32) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }

    /// A fault of a field whose place in the text is not known.
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.found.push(TableFault {
            line: None,
            column: None,
            field: field.into(),
            message: message.into(),
            zh: None,
        });
    }

    /// The same, in both languages.
    pub(crate) fn add_both(&mut self, field: String, zh: String, en: String) {
        self.found.push(TableFault {
            line: None,
            column: None,
            field,
            message: en,
            zh: Some(zh),
        });
    }

    /// A fault of a field that begins at a byte offset.
    pub(crate) fn add_at(&mut self, offset: usize, field: impl Into<String>, message: impl Into<String>) {
        let (line, column) = self.position(offset);
        let (field, message) = (field.into(), message.into());
        self.found.push(TableFault {
            line: Some(line),
            column: Some(column),
            field,
            message,
            zh: None,
        });
    }

    /// Takes over faults that know their line already.
    pub(crate) fn push(&mut self, fault: TableFault) {
        self.found.push(fault);
    }

    /// `value` if nothing was wrong.
    pub(crate) fn done<T>(mut self, value: T) -> Result<T, TableError> {
        if self.found.is_empty() {
            return Ok(value);
        }
        self.found.sort_by_key(|fault| fault.line.unwrap_or(u32::MAX));
        Err(TableError {
            table: self.table,
            faults: self.found,
        })
    }
}
