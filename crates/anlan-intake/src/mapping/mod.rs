//! Mapping files: which column means what, in data. Read and checked here, before a row is looked at.

mod checks;
mod classes;
mod clockwork;
mod faults;
mod histories;
mod mapper;
mod places;
mod shipped;
mod takes;
mod template;

pub use faults::{Action, FAULTS, ROW_FAULT_COLUMN};
pub use mapper::{KeptBack, LocalClass, Mapped, Mapper, Taken, remap};
pub use shipped::{companion, shipped};
pub use takes::{Steps, Take};
pub use template::{Language, template_header, template_rows};

use crate::encodings::Encoding;
use crate::refusals::Refusal;
use crate::sniff::Stated;
use crate::times::TimeFormat;
use anlan_model::places::Datum;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How one kind of file becomes messages.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Short name, e.g. `boston-2011`.
    pub name: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// What the file is and which of its peculiarities are taken care of.
    #[serde(default)]
    pub description: String,
    /// The same in Chinese; empty where nobody wrote it.
    #[serde(default)]
    pub description_zh: String,
    /// The line to print where its data are shown.
    #[serde(default)]
    pub attribution: String,
    /// The licence the data are under.
    #[serde(default)]
    pub licence: String,
    /// Name of the feed; with the id it makes importing twice harmless.
    pub source: String,
    /// IANA time zone of times that say no offset.
    pub time_zone: String,
    /// How times are written, tried in order.
    pub time_formats: Vec<String>,
    /// Words that stand for nothing, compared without regard to case; blank always does.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// Other names of columns: the first one found in a file's header is used.
    #[serde(default)]
    pub headers: BTreeMap<String, Vec<String>>,
    /// Columns a file may lack.
    #[serde(default)]
    pub optional: BTreeSet<String>,
    /// About the file as a file.
    #[serde(default)]
    pub file: FileSpec,
    /// The sender's id.
    pub id: IdSpec,
    /// Title and description.
    pub text: TextSpec,
    /// When it was reported.
    pub time: TimeSpec,
    /// Where it is.
    pub place: PlaceSpec,
    /// What it is about.
    #[serde(default)]
    pub class: Option<ClassSpec>,
    /// What already happened.
    #[serde(default)]
    pub history: Option<HistorySpec>,
    /// The sender's mark of repeats.
    #[serde(default)]
    pub duplicates: Option<DuplicateSpec>,
    /// Columns kept as they came, by our name for them.
    #[serde(default)]
    pub facts: BTreeMap<String, Take>,
    /// What faults do, where it differs from the default.
    #[serde(default)]
    pub on_fault: BTreeMap<String, Action>,
    /// Words of the class crosswalk, by the sender's words in small letters; filled from the file named in `class`.
    #[serde(skip)]
    pub crosswalk: BTreeMap<String, String>,
}

/// About the file as a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Its encoding, where it cannot be told.
    pub encoding: Option<Encoding>,
    /// Lines before the header.
    #[serde(default)]
    pub skip_lines: u64,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
}

/// The sender's id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdSpec {
    /// Where it is; several values are joined by a bar.
    pub columns: Vec<String>,
    /// Whole numbers written as `6.0` become `6`.
    #[serde(default)]
    pub number: bool,
    /// The file has no id: a fingerprint of these columns, as they are written, stands in. It is the same at every import.
    #[serde(default)]
    pub is_fingerprint: bool,
}

/// Title and description.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSpec {
    /// One line.
    pub title: Take,
    /// The sender's words.
    pub description: Option<Take>,
}

/// When it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeSpec {
    /// The column.
    pub reported: Take,
    /// A day before which no report can be.
    pub earliest: Option<String>,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceSpec {
    /// The datum; left out, whoever imports must state it.
    pub datum: Option<Datum>,
    /// Longitude.
    pub lon: Option<Take>,
    /// Latitude.
    pub lat: Option<Take>,
    /// Radius in metres that holds the true place with 95 %, in a column.
    pub error_m: Option<Take>,
    /// The same for the whole file.
    pub error_m_all: Option<f64>,
    /// Street, house, landmark.
    pub address: Option<Take>,
    /// West, south, east, north of everything that can be meant.
    pub bounds: Option<[f64; 4]>,
    /// Water, as rings of longitude and latitude, where nothing that is meant can be.
    #[serde(default)]
    pub sea: Vec<Vec<[f64; 2]>>,
    /// Points the sender gives where it knows none.
    #[serde(default)]
    pub default_points: Vec<DefaultPoint>,
}

/// A point that stands for "unknown".
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultPoint {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
    /// Within how many metres of it a point counts as it.
    pub radius_m: f64,
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassSpec {
    /// The sender's word for it.
    pub from: Take,
    /// Crosswalk file beside the mapping: `word,class`, one pair per line.
    pub crosswalk: Option<String>,
    /// The column may hold our codes themselves.
    #[serde(default)]
    pub may_be_code: bool,
    /// What becomes of words the crosswalk does not know.
    pub unknown: Unknown,
    /// Begins the codes of local classes, e.g. `boston`.
    #[serde(default)]
    pub prefix: String,
}

/// What becomes of unknown class words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// A local class `prefix/words-in-small-letters` that keeps the words.
    Local,
    /// Fault `class.unknown`.
    Fault,
}

/// What already happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistorySpec {
    /// The sender's target time.
    pub due: Option<Take>,
    /// When it was closed.
    pub closed: Option<Take>,
    /// Take `closed` only where the status says closed (it is the time of the last change, say).
    #[serde(default)]
    pub is_closed_by_status: bool,
    /// A closing time up to so many seconds before the opening is read as the opening.
    #[serde(default)]
    pub clock_skew_s: i64,
    /// The status.
    pub status: Option<Take>,
    /// Its words for closed.
    #[serde(default)]
    pub closed_words: Vec<String>,
    /// Its words for open.
    #[serde(default)]
    pub open_words: Vec<String>,
    /// The sender's verdict on the deadline.
    pub on_time: Option<Take>,
    /// Its words for kept.
    #[serde(default)]
    pub on_time_words: Vec<String>,
    /// Its words for missed.
    #[serde(default)]
    pub late_words: Vec<String>,
    /// The office in the sender's words.
    pub office: Option<Take>,
}

/// The sender's mark of repeats.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateSpec {
    /// The column.
    pub column: Take,
    /// The mark at its end.
    pub suffix: Option<String>,
    /// Or words that are the mark.
    #[serde(default)]
    pub words: Vec<String>,
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("mapping.invalid", message)
}

impl Mapping {
    /// Reads a mapping file and checks it. `companion` gives the text of a file beside it by name.
    pub fn parse(toml: &str, companion: &dyn Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let mut mapping: Self = toml::from_str(toml).map_err(|error| {
            let line = error.span().map(|span| {
                let before = toml.get(..span.start).unwrap_or_default();
                before.matches('\n').count() as u64 + 1
            });
            let refusal = invalid(format!("The mapping file cannot be read: {}", error.message()));
            line.map_or(refusal.clone(), |line| refusal.at_line(line))
        })?;
        mapping.read_crosswalk(companion)?;
        mapping.check()?;
        Ok(mapping)
    }

    /// A shipped mapping by name.
    pub fn named(name: &str) -> Result<Self, Refusal> {
        let found = shipped().iter().find(|(known, _)| *known == name);
        let Some((_, toml)) = found else {
            let known: Vec<&str> = shipped().iter().map(|(known, _)| *known).collect();
            return Err(invalid(format!(
                "There is no mapping “{name}”. Shipped are: {}.",
                known.join(", ")
            )));
        };
        Self::parse(toml, &|file| companion(file).map(str::to_owned))
    }

    /// How to open a file that this mapping is for.
    pub fn stated(&self) -> Stated {
        Stated {
            encoding: self.file.encoding,
            format: None,
            skip_lines: self.file.skip_lines,
            sheet: self.file.sheet.clone(),
        }
    }

    /// Every column the mapping names, by its first name.
    pub fn columns(&self) -> BTreeSet<&str> {
        let mut columns: BTreeSet<&str> = self.takes().iter().flat_map(|(_, take)| take.columns()).collect();
        columns.extend(self.id.columns.iter().map(String::as_str));
        columns
    }

    fn takes(&self) -> Vec<(String, &Take)> {
        let mut takes = vec![
            ("text.title".to_owned(), &self.text.title),
            ("time.reported".to_owned(), &self.time.reported),
        ];
        let optional = [
            ("text.description", &self.text.description),
            ("place.lon", &self.place.lon),
            ("place.lat", &self.place.lat),
            ("place.error_m", &self.place.error_m),
            ("place.address", &self.place.address),
        ];
        takes.extend(
            optional
                .into_iter()
                .filter_map(|(name, take)| Some((name.to_owned(), take.as_ref()?))),
        );
        if let Some(class) = &self.class {
            takes.push(("class.from".to_owned(), &class.from));
        }
        if let Some(history) = &self.history {
            let parts = [
                ("due", &history.due),
                ("closed", &history.closed),
                ("status", &history.status),
                ("on_time", &history.on_time),
                ("office", &history.office),
            ];
            takes.extend(
                parts
                    .into_iter()
                    .filter_map(|(name, take)| Some((format!("history.{name}"), take.as_ref()?))),
            );
        }
        if let Some(duplicates) = &self.duplicates {
            takes.push(("duplicates.column".to_owned(), &duplicates.column));
        }
        takes.extend(
            self.facts
                .iter()
                .map(|(name, take)| (format!("facts.{name}"), take)),
        );
        takes
    }

    fn read_crosswalk(&mut self, companion: &dyn Fn(&str) -> Option<String>) -> Result<(), Refusal> {
        let Some(file) = self.class.as_ref().and_then(|class| class.crosswalk.clone()) else {
            return Ok(());
        };
        let Some(text) = companion(&file) else {
            return Err(invalid(format!(
                "The crosswalk file “{file}” named in [class] is not there."
            )));
        };
        self.crosswalk = classes::read_crosswalk(&file, &text)?;
        Ok(())
    }

    pub(crate) fn zone(&self) -> Result<TimeZone, Refusal> {
        let Ok(zone) = TimeZone::get(&self.time_zone) else {
            let name = &self.time_zone;
            return Err(invalid(format!(
                "`time_zone` “{name}” is no IANA time zone such as Asia/Shanghai."
            )));
        };
        Ok(zone)
    }

    pub(crate) fn formats(&self) -> Result<Vec<TimeFormat>, Refusal> {
        if self.time_formats.is_empty() {
            return Err(invalid(
                "`time_formats` is empty: state how the file writes times.",
            ));
        }
        let read = |name: &String| {
            TimeFormat::named(name).ok_or_else(|| {
                invalid(format!("`time_formats` has “{name}”. Known are ymd, mdy, dmy, compact, epoch_s, epoch_ms and patterns with %."))
            })
        };
        self.time_formats.iter().map(read).collect()
    }

    /// Where a column stands in a header, by any of its names.
    pub(crate) fn position(&self, header: &[String], column: &str) -> Option<usize> {
        let find = |name: &str| header.iter().position(|known| known == name);
        find(column).or_else(|| self.headers.get(column)?.iter().find_map(|name| find(name)))
    }

    /// Refuses a header that lacks a column which is not optional.
    pub(crate) fn check_header(&self, header: &[String]) -> Result<(), Refusal> {
        let is_missing =
            |column: &&str| !self.optional.contains(*column) && self.position(header, column).is_none();
        let missing: Vec<&str> = self.columns().into_iter().filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            "mapping.columns",
            format!(
                "The mapping “{}” needs columns this file does not have: {}. The file has: {}. Nothing was imported. Choose another mapping or correct the header.",
                self.name,
                missing.join(", "),
                header.join(", ")
            ),
        ))
    }
}
