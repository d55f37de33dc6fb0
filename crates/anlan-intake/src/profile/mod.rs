//! A look at a file before it is imported: what its columns hold, what is odd, what must be asked. Imports nothing.

mod columns;
mod coordinates;
mod repeats;
mod table;

pub use columns::{Column, Kind, Word};
pub use coordinates::{CoordinatePair, SuspectPoint};
pub use repeats::{Repeat, Repeats};

use crate::mapping::{Mapper, Mapping};
use crate::refusals::Refusal;
use crate::rows::{Row, RowReader};
use crate::sniff::Sniffed;
use anlan_model::imports::Fault;
use anlan_model::places::Datum;
use columns::ColumnSeen;
use coordinates::PairSeen;
use jiff::Timestamp;
use repeats::{IdSeen, LikeSeen};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many examples of anything are kept.
pub const EXAMPLES_MAX: usize = 20;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Packing, format, delimiter, encoding.
    pub file: Sniffed,
    /// Data rows.
    pub rows: u64,
    /// Rows broken as rows: too many or too few fields, open quotes, too long.
    pub broken_rows: u64,
    /// The first of them.
    pub broken_examples: Vec<Fault>,
    /// Every column.
    pub columns: Vec<Column>,
    /// Pairs of columns that look like coordinates.
    pub coordinates: Vec<CoordinatePair>,
    /// Ids that stand more than once.
    pub repeated_ids: Vec<Repeats>,
    /// Rows of the same class, place and day; only with a mapping.
    pub look_alikes: Option<Repeats>,
    /// What the mapping would make of the file; only with a mapping.
    pub trial: Option<Trial>,
    /// What nobody can tell from the file alone.
    pub questions: Vec<Question>,
}

/// What a mapping would make of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// The mapping's name.
    pub mapping: String,
    /// Rows that would go in.
    pub taken: u64,
    /// Rows that would be kept back.
    pub kept_back: u64,
    /// Rows on a point the mapping names as a stand-in.
    pub default_points: u64,
    /// Rows whose class the tables do not have.
    pub local_classes: u64,
    /// Faults that keep rows back, by code.
    pub faults: BTreeMap<String, u64>,
    /// Faults that are only noted, by code.
    pub warnings: BTreeMap<String, u64>,
    /// The first faults that keep rows back.
    pub examples: Vec<Fault>,
}

/// Something to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Machine-readable reason, e.g. `datum`.
    pub code: &'static str,
    /// The columns it is about.
    pub columns: Vec<String>,
    /// The question in plain English.
    pub message: String,
}

/// With which mapping to try a file.
#[derive(Debug, Clone)]
pub struct Try {
    /// The mapping.
    pub mapping: Arc<Mapping>,
    /// The datum, if stated already; for the trial alone WGS84 stands in.
    pub datum: Option<Datum>,
    /// The present, against which the future is told.
    pub now: Timestamp,
}

/// Reads the whole file once. `progress` is told bytes of the packed file and rows read, every thousand rows.
pub fn profile(
    reader: &mut RowReader,
    with: Option<&Try>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Profile, Refusal> {
    let mut seen = Seen::new(reader.header(), with)?;
    let mut row = Row::default();
    while reader.read(&mut row)? {
        seen.row(reader.header(), &row);
        if reader.rows_read().is_multiple_of(1000) {
            progress(reader.bytes_read(), reader.rows_read());
        }
    }
    progress(reader.bytes_read(), reader.rows_read());
    Ok(seen.finish(reader))
}

struct Seen {
    columns: Vec<ColumnSeen>,
    pairs: Vec<PairSeen>,
    ids: Vec<IdSeen>,
    trial: Option<TrialSeen>,
    broken_rows: u64,
    broken_examples: Vec<Fault>,
}

struct TrialSeen {
    mapper: Mapper,
    trial: Trial,
    alike: LikeSeen,
}

impl Seen {
    fn new(header: &[String], with: Option<&Try>) -> Result<Self, Refusal> {
        let trial = with.map(|with| TrialSeen::new(with, header)).transpose()?;
        let id = with.and_then(|with| repeats::id_column(&with.mapping, header));
        Ok(Self {
            columns: header.iter().map(|name| ColumnSeen::new(name)).collect(),
            pairs: coordinates::pairs(header),
            ids: id.map_or_else(|| repeats::likely_ids(header), |at| vec![IdSeen::new(at, true)]),
            trial,
            broken_rows: 0,
            broken_examples: Vec::new(),
        })
    }

    fn row(&mut self, header: &[String], row: &Row) {
        if let Some(fault) = row.faults().first() {
            self.broken_rows += 1;
            if self.broken_examples.len() < EXAMPLES_MAX {
                self.broken_examples.push(fault.clone());
            }
        }
        while let Some(name) = header.get(self.columns.len()) {
            self.columns.push(ColumnSeen::new(name));
        }
        for (column, value) in self.columns.iter_mut().zip(row.fields()) {
            column.value(value, row.line());
        }
        for pair in &mut self.pairs {
            pair.row(row);
        }
        for id in &mut self.ids {
            id.row(row);
        }
        if let Some(trial) = &mut self.trial {
            trial.row(header, row);
        }
    }

    fn finish(self, reader: &RowReader) -> Profile {
        let rows = reader.rows_read();
        let columns: Vec<Column> = self
            .columns
            .into_iter()
            .map(|column| column.finish(rows))
            .collect();
        let names = reader.header();
        let coordinates: Vec<CoordinatePair> = self
            .pairs
            .into_iter()
            .filter_map(|pair| pair.finish(names))
            .collect();
        let mut questions: Vec<Question> = coordinates.iter().filter_map(CoordinatePair::question).collect();
        questions.extend(columns.iter().filter_map(Column::question));
        questions.extend(about_sheet(reader));
        questions.extend((self.broken_rows * 2 > rows).then(about_header));
        let (trial, look_alikes) = self
            .trial
            .map_or((None, None), |seen| (Some(seen.trial), Some(seen.alike.finish())));
        Profile {
            file: reader.sniffed().clone(),
            rows,
            broken_rows: self.broken_rows,
            broken_examples: self.broken_examples,
            columns,
            coordinates,
            repeated_ids: self
                .ids
                .into_iter()
                .filter_map(|id| id.finish(names, rows))
                .collect(),
            look_alikes,
            trial,
            questions,
        }
    }
}

impl TrialSeen {
    fn new(with: &Try, header: &[String]) -> Result<Self, Refusal> {
        let datum = with.mapping.place.datum.or(with.datum).or(Some(Datum::Wgs84));
        let trial = Trial {
            mapping: with.mapping.name.clone(),
            taken: 0,
            kept_back: 0,
            default_points: 0,
            local_classes: 0,
            faults: BTreeMap::new(),
            warnings: BTreeMap::new(),
            examples: Vec::new(),
        };
        let alike = LikeSeen::new(with.mapping.zone()?);
        let mapper = Mapper::new(Arc::clone(&with.mapping), header, with.now, datum)?;
        Ok(Self { mapper, trial, alike })
    }

    fn row(&mut self, header: &[String], row: &Row) {
        let count = |to: &mut BTreeMap<String, u64>, faults: &[Fault]| {
            for fault in faults {
                match to.get_mut(&fault.code) {
                    Some(count) => *count += 1,
                    None => drop(to.insert(fault.code.clone(), 1)),
                }
            }
        };
        match self.mapper.map(header, row) {
            Ok(taken) => {
                self.trial.taken += 1;
                self.trial.default_points += u64::from(taken.incoming.is_default_point);
                self.trial.local_classes += u64::from(taken.local_class.is_some());
                count(&mut self.trial.warnings, &taken.warnings);
                self.alike.row(&taken.incoming, row.line());
            }
            Err(back) => {
                self.trial.kept_back += 1;
                count(&mut self.trial.faults, &back.faults);
                let room = EXAMPLES_MAX.saturating_sub(self.trial.examples.len());
                self.trial.examples.extend(back.faults.into_iter().take(room));
            }
        }
    }
}

/// A workbook with several sheets: the first that holds anything may be a page of notes.
fn about_sheet(reader: &RowReader) -> Option<Question> {
    let (read, others) = reader.sheets().filter(|(_, others)| !others.is_empty())?;
    let message = format!(
        "The sheet “{read}” was read. The workbook also has: {}. Say which one holds the table.",
        others.join(", ")
    );
    Some(Question {
        code: "sheet",
        columns: Vec::new(),
        message,
    })
}

/// Most rows do not fit the header: titles or notes probably stand above it.
fn about_header() -> Question {
    let message = "Most rows are not as wide as the first line, which was taken for the header. Say how many lines stand before the header.";
    Question {
        code: "header",
        columns: Vec::new(),
        message: message.to_owned(),
    }
}
