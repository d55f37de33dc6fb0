//! What actions need and cannot do themselves: ports. The program brings the real thing. No action of its own lives here.

use crate::Error;
use jiff::Timestamp;
use std::fmt::Debug;
use std::path::Path;

/// A mapping from a city's columns to ours, as a screen offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingInfo {
    /// Its name, as imports cite it.
    pub name: String,
    /// Title, Chinese.
    pub title_zh: String,
    /// Title, English.
    pub title_en: String,
    /// What the file is and where it comes from, Chinese; may be empty.
    pub description_zh: String,
    /// The same, English.
    pub description_en: String,
}

/// Reads foreign files, whose formats actions do not know.
pub trait Files: Send + Sync + Debug {
    /// The mappings there are.
    fn mappings(&self) -> Vec<MappingInfo>;

    /// Looks through a file: columns, types, ranges, blanks, dates, suspicious places. Nothing is imported.
    fn profile(&self, file: &Path, mapping: Option<&str>, now: Timestamp)
    -> Result<serde_json::Value, Error>;
}

/// Stands in where the program brings no reader: there are no mappings, and a profile says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn mappings(&self) -> Vec<MappingInfo> {
        vec![]
    }

    fn profile(&self, _: &Path, _: Option<&str>, _: Timestamp) -> Result<serde_json::Value, Error> {
        Err(Error::Unavailable {
            detail: "this program was built without a reader of files.".into(),
        })
    }
}

/// One question to a provider of sign-ins, over HTTP. With a form it is a POST, else a GET.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Where.
    pub url: &'a str,
    /// What is sent, as `application/x-www-form-urlencoded`.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// Name and secret, as HTTP's basic authentication sends them.
    pub basic: Option<(&'a str, &'a str)>,
    /// A token that lets us ask.
    pub bearer: Option<&'a str>,
}

/// What was answered.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// HTTP status; of a redirect too, for none is followed.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Asks providers of sign-ins elsewhere, within a time of its own.
pub trait Elsewhere: Send + Sync + Debug {
    /// Asks; an answer of more than `bytes_max` is an error, in words for the node's own log.
    fn ask(&self, asked: &Asked<'_>, bytes_max: u64) -> Result<Answered, String>;
}

/// Stands in where no provider is configured: nobody is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

impl Elsewhere for Nowhere {
    fn ask(&self, _: &Asked<'_>, _: u64) -> Result<Answered, String> {
        Err("no provider is configured".into())
    }
}
