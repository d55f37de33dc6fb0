//! The port behind which the program reads foreign files: this door may not know their formats.

use anlan_app::{App, Caller, Error};
use std::fmt::Debug;

/// A mapping from a city's columns to ours, as a screen offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingInfo {
    /// Its name, as imports cite it.
    pub name: String,
    /// Title, Chinese.
    pub title_zh: String,
    /// Title, English.
    pub title_en: String,
    /// What the file is and where it comes from.
    pub description: String,
}

/// What the program can tell about files before they are imported.
pub trait Files: Send + Sync + Debug {
    /// The mappings there are.
    fn mappings(&self) -> Vec<MappingInfo>;

    /// Looks through an upload: columns, types, ranges, blanks, dates, suspicious places. Nothing is imported.
    fn profile(
        &self,
        app: &App,
        caller: &Caller,
        upload: &str,
        mapping: Option<&str>,
    ) -> Result<serde_json::Value, Error>;
}

/// Stands in where the program brings no reader: there are no mappings, and a profile says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn mappings(&self) -> Vec<MappingInfo> {
        vec![]
    }

    fn profile(&self, _: &App, _: &Caller, _: &str, _: Option<&str>) -> Result<serde_json::Value, Error> {
        Err(Error::Unavailable {
            detail: "this program was built without a reader of files.".into(),
        })
    }
}
