//! What can go wrong in the store, as callers need to tell it apart. Messages never carry personal data.

use anlan_model::ids::{CaseId, ReportId};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing has that id.
    #[error("no {what} {id}")]
    Missing {
        /// The noun.
        what: &'static str,
        /// Its id as text.
        id: String,
    },
    /// The case was changed since it was read.
    #[error("the case was changed meanwhile")]
    Conflict,
    /// This sender's id is already known: nothing was written.
    #[error("already known as report {report} of case {case}")]
    Known {
        /// The report that has it.
        report: ReportId,
        /// The case that report belongs to.
        case: CaseId,
    },
    /// Something with that name or code exists.
    #[error("{what} is already taken")]
    Taken {
        /// What must be unique, as `table.column`.
        what: String,
    },
    /// The caller's input cannot be used, e.g. a cursor that is not ours.
    #[error("{0}")]
    Invalid(String),
    /// The store takes no writes now; the reason is in words.
    #[error("the store takes no writes: {0}")]
    Unavailable(String),
    /// The disk is full: nothing of this unit was written; writing works again once there is space.
    #[error("the disk is full; nothing was written")]
    Full,
    /// The unit of work panicked: nothing of it was written.
    #[error("the unit of work failed inside: {0}")]
    Panicked(String),
    /// The database was made by a newer program.
    #[error("the database has schema {found}, this program knows {known}: use the newer program")]
    Newer {
        /// The database's schema version.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// What is stored is not what was stored.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The vault could not seal or open something.
    #[error("the vault: {0}")]
    Vault(&'static str),
    /// SQLite refused.
    #[error("database")]
    Sql(#[source] rusqlite::Error),
    /// A file could not be read or written.
    #[error("file {path}")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// A missing thing.
    pub fn missing(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::Missing {
            what,
            id: id.to_string(),
        }
    }

    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            source,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ConstraintViolation) => taken(&error).unwrap_or(Self::Sql(error)),
            _ => Self::Sql(error),
        }
    }
}

fn taken(error: &rusqlite::Error) -> Option<Error> {
    let rusqlite::Error::SqliteFailure(_, Some(text)) = error else {
        return None;
    };
    let what = text.strip_prefix("UNIQUE constraint failed: ")?;
    Some(Error::Taken {
        what: what.to_owned(),
    })
}
