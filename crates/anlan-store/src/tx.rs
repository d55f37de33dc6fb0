//! One transaction, as the noun modules see it: SQL text, own values, own rows. No noun may reach the engine
//! behind it, so that another engine can stand here.

use crate::accesses::Ends;
use crate::counts;
use crate::error::Error;
use crate::store::Home;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

/// A parameter of a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number; also ids, times (ms) and truth values.
    Int(i64),
    /// A fraction.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

macro_rules! value_from {
    ($($kind:ty => $value:ident => $make:expr;)*) => {$(
        impl<'a> From<$kind> for Value<'a> {
            fn from($value: $kind) -> Self {
                $make
            }
        }
    )*};
}

value_from! {
    i64 => value => Self::Int(value);
    u32 => value => Self::Int(i64::from(value));
    u16 => value => Self::Int(i64::from(value));
    u8 => value => Self::Int(i64::from(value));
    bool => value => Self::Int(i64::from(value));
    f64 => value => Self::Real(value);
    &'a str => value => Self::Text(value);
    &'a String => value => Self::Text(value);
    &'a [u8] => value => Self::Blob(value);
    &'a [u8; 32] => value => Self::Blob(value);
    &'a Vec<u8> => value => Self::Blob(value);
    jiff::Timestamp => value => Self::Int(value.as_millisecond());
    anlan_model::ids::ReportId => value => Self::Int(value.0);
    anlan_model::ids::CaseId => value => Self::Int(value.0);
    anlan_model::ids::CellId => value => Self::Int(value.0);
    anlan_model::ids::OfficeId => value => Self::Int(value.0);
    anlan_model::ids::AccountId => value => Self::Int(value.0);
    anlan_model::ids::PhotoId => value => Self::Int(value.0);
    anlan_model::ids::ImportId => value => Self::Int(value.0);
    anlan_model::ids::QuarantineId => value => Self::Int(value.0);
    anlan_model::ids::WarningId => value => Self::Int(value.0);
    anlan_model::ids::AlertId => value => Self::Int(value.0);
    anlan_model::ids::SessionId => value => Self::Int(value.0);
    anlan_model::ids::PasskeyId => value => Self::Int(value.0);
    anlan_model::ids::LockId => value => Self::Int(value.0);
    anlan_model::ids::GrantId => value => Self::Int(value.0);
    anlan_model::ids::KeyId => value => Self::Int(value.0);
    anlan_model::ids::GroupId => value => Self::Int(value.0);
    anlan_model::ids::ReviewId => value => Self::Int(value.0);
    anlan_model::ids::PostId => value => Self::Int(value.0);
    anlan_model::ids::PostRowId => value => Self::Int(value.0);
    crate::contacts::SubjectId => value => Self::Int(value.0);
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(value),
            Self::Real(value) => ValueRef::Real(value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// One row of an answer; columns by position, from 0.
#[derive(Debug)]
pub struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>, Error> {
        Ok(self.0.get_ref(column)?)
    }

    /// A whole number.
    pub fn int(&self, column: usize) -> Result<i64, Error> {
        self.find_int(column)?.ok_or_else(|| wrong(column, "a number"))
    }

    /// A whole number or nothing.
    pub fn find_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(wrong(column, "a number")),
        }
    }

    /// A truth value.
    pub fn flag(&self, column: usize) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    /// A fraction or nothing.
    pub fn find_real(&self, column: usize) -> Result<Option<f64>, Error> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Real(value) => Ok(Some(value)),
            _ => Err(wrong(column, "a fraction")),
        }
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<&str, Error> {
        self.find_text(column)?.ok_or_else(|| wrong(column, "text"))
    }

    /// Text or nothing.
    pub fn find_text(&self, column: usize) -> Result<Option<&str>, Error> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes)
                .map(Some)
                .map_err(|e| Error::Corrupt(format!("column {column}: {e}"))),
            _ => Err(wrong(column, "text")),
        }
    }

    /// Bytes or nothing.
    pub fn find_blob(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes)),
            _ => Err(wrong(column, "bytes")),
        }
    }

    /// Bytes.
    pub fn blob(&self, column: usize) -> Result<&[u8], Error> {
        self.find_blob(column)?.ok_or_else(|| wrong(column, "bytes"))
    }

    /// A time.
    pub fn time(&self, column: usize) -> Result<jiff::Timestamp, Error> {
        self.find_time(column)?.ok_or_else(|| wrong(column, "a time"))
    }

    /// A time or nothing.
    pub fn find_time(&self, column: usize) -> Result<Option<jiff::Timestamp>, Error> {
        self.find_int(column)?
            .map(|ms| {
                jiff::Timestamp::from_millisecond(ms)
                    .map_err(|e| Error::Corrupt(format!("column {column}: {e}")))
            })
            .transpose()
    }

    /// Hands over the first columns so that no two rows look alike: each value with its kind and length before it.
    pub(crate) fn digest(&self, columns: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        for column in 0..columns {
            let value = self.value(column)?;
            let number = match value {
                ValueRef::Integer(value) => value.to_be_bytes(),
                ValueRef::Real(value) => value.to_be_bytes(),
                _ => [0; 8],
            };
            let (kind, bytes): (u8, &[u8]) = match value {
                ValueRef::Null => (0, &[]),
                ValueRef::Integer(_) => (1, &number),
                ValueRef::Real(_) => (2, &number),
                ValueRef::Text(bytes) => (3, bytes),
                ValueRef::Blob(bytes) => (4, bytes),
            };
            take(&[kind]);
            take(&bytes.len().to_be_bytes());
            take(bytes);
        }
        Ok(())
    }

    /// A stored JSON body.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, Error> {
        crate::body::read(self.text(column)?)
    }
}

fn wrong(column: usize, wanted: &str) -> Error {
    Error::Corrupt(format!("column {column} is not {wanted}"))
}

/// Why the engine can no longer be trusted with writes, if so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No space: works again once there is.
    Full,
    /// The file cannot be read or written.
    Broken(String),
}

impl Fault {
    pub(crate) fn of(error: &rusqlite::Error) -> Option<Self> {
        match error.sqlite_error_code()? {
            ErrorCode::DiskFull => Some(Self::Full),
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen => Some(Self::Broken(error.to_string())),
            _ => None,
        }
    }
}

/// One transaction. Given to the closure of `Store::write` or `Store::read`; ends with it.
#[derive(Debug)]
pub struct Tx<'c> {
    connection: &'c Connection,
    pub(crate) home: &'c Home,
    statements: u64,
    pub(crate) fault: Option<Fault>,
    pub(crate) counts: counts::Pending,
    /// The ends of cases' chains as this transaction has them; none where it only reads.
    pub(crate) ends: Ends,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(connection: &'c Connection, home: &'c Home) -> Self {
        Self {
            connection,
            home,
            statements: 0,
            fault: None,
            counts: counts::Pending::new(),
            ends: Ends::default(),
        }
    }

    /// Statements run so far in this unit.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// Runs a statement; the number of rows it changed.
    pub fn exec(&mut self, sql: &str, params: &[Value<'_>]) -> Result<usize, Error> {
        self.statements += 1;
        let done = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(rusqlite::params_from_iter(params)));
        self.note(done)
    }

    /// Rows changed since the connection was opened, those of the search index's own tables too.
    pub(crate) fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Runs an `INSERT`; the new row's id.
    pub fn insert(&mut self, sql: &str, params: &[Value<'_>]) -> Result<i64, Error> {
        self.exec(sql, params)?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Runs an `INSERT` that may find its row there already (`ON CONFLICT DO NOTHING`); the new row's id if it did not.
    pub fn try_insert(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Option<i64>, Error> {
        let rows = self.exec(sql, params)?;
        Ok((rows > 0).then(|| self.connection.last_insert_rowid()))
    }

    /// Every row of the answer, each turned into a value by `read`.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        self.each(sql, params, |row| {
            all.push(read(row)?);
            Ok(true)
        })?;
        Ok(all)
    }

    /// The first row of the answer, if there is one.
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut first = None;
        self.each(sql, params, |row| {
            first = Some(read(row)?);
            Ok(false)
        })?;
        Ok(first)
    }

    /// Hands over row after row until `take` answers `false`.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.statements += 1;
        let prepared = self.connection.prepare_cached(sql);
        let mut statement = self.note(prepared)?;
        let started = statement.query(rusqlite::params_from_iter(params));
        let mut rows = self.note(started)?;
        loop {
            let next = rows.next();
            match self.note(next)? {
                Some(row) if take(&Row(row))? => {}
                _ => return Ok(()),
            }
        }
    }

    fn note<T>(&mut self, result: rusqlite::Result<T>) -> Result<T, Error> {
        if let Err(error) = &result
            && let Some(fault) = Fault::of(error)
        {
            self.fault = Some(fault);
        }
        Ok(result?)
    }
}
