//! Rows that stand twice: the same id, or the same class, place and day. Counts; throws nothing away.

use super::EXAMPLES_MAX;
use crate::mapping::Mapping;
use crate::refusals::cut;
use crate::rows::Row;
use anlan_model::incoming::Incoming;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// Keys remembered; beyond, repeats of earlier rows are still found, repeats among later ones are not.
const KEYS_MAX: usize = 2_000_000;

/// Repeats of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeats {
    /// The column or columns whose value repeats.
    pub of: String,
    /// Rows that repeat an earlier one.
    pub rows: u64,
    /// The first of them.
    pub examples: Vec<Repeat>,
    /// Whether the file was too long to be compared throughout.
    pub is_partial: bool,
}

/// One row that repeats an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// What repeats.
    pub value: String,
    /// Line of the first.
    pub first_line: u64,
    /// Line of the repeat.
    pub line: u64,
}

#[derive(Debug)]
struct Keys {
    hasher: RandomState,
    first_lines: HashMap<u64, u64>,
    rows: u64,
    examples: Vec<Repeat>,
    is_partial: bool,
}

impl Keys {
    fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            first_lines: HashMap::new(),
            rows: 0,
            examples: Vec::new(),
            is_partial: false,
        }
    }

    /// Two keys of 64 bits collide by chance once in ten million files of this size.
    fn add(&mut self, key: &impl Hash, line: u64, words: impl FnOnce() -> String) {
        let hash = self.hasher.hash_one(key);
        if let Some(first_line) = self.first_lines.get(&hash) {
            self.rows += 1;
            if self.examples.len() < EXAMPLES_MAX {
                self.examples.push(Repeat {
                    value: cut(&words(), 120),
                    first_line: *first_line,
                    line,
                });
            }
        } else if self.first_lines.len() < KEYS_MAX {
            self.first_lines.insert(hash, line);
        } else {
            self.is_partial = true;
        }
    }

    fn finish(self, of: String) -> Repeats {
        Repeats {
            of,
            rows: self.rows,
            examples: self.examples,
            is_partial: self.is_partial,
        }
    }
}

/// Position of a mapping's id column, where it has a single one.
pub(super) fn id_column(mapping: &Mapping, header: &[String]) -> Option<usize> {
    match mapping.id.columns.as_slice() {
        [column] if !mapping.id.is_fingerprint => mapping.position(header, column),
        _ => None,
    }
}

/// Columns that by their names may hold ids.
pub(super) fn likely_ids(header: &[String]) -> Vec<IdSeen> {
    let is_likely = |name: &String| {
        let lower = name.to_lowercase();
        let mut tokens = lower.split(|c: char| !c.is_alphanumeric());
        tokens.any(|token| ["id", "number", "no", "key"].contains(&token)) || lower.contains("编号")
    };
    let found = header.iter().enumerate().filter(|(_, name)| is_likely(name));
    found.take(3).map(|(at, _)| IdSeen::new(at, false)).collect()
}

/// A column of ids while it is read.
#[derive(Debug)]
pub(super) struct IdSeen {
    column: usize,
    is_certain: bool,
    keys: Keys,
}

impl IdSeen {
    pub(super) fn new(column: usize, is_certain: bool) -> Self {
        Self {
            column,
            is_certain,
            keys: Keys::new(),
        }
    }

    pub(super) fn row(&mut self, row: &Row) {
        let value = row.field(self.column).unwrap_or_default().trim();
        if !value.is_empty() {
            self.keys.add(&value, row.line(), || value.to_owned());
        }
    }

    /// A column that only by its name may hold ids must also look like it: nine in ten values unlike any other.
    pub(super) fn finish(self, names: &[String], rows: u64) -> Option<Repeats> {
        let is_id = self.is_certain || self.keys.rows * 10 <= rows;
        let name = names.get(self.column)?.clone();
        is_id.then(|| self.keys.finish(name))
    }
}

/// Messages alike while they are read.
#[derive(Debug)]
pub(super) struct LikeSeen {
    keys: Keys,
    zone: TimeZone,
}

impl LikeSeen {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self {
            keys: Keys::new(),
            zone,
        }
    }

    /// Rows on a stand-in point say nothing about the same place.
    pub(super) fn row(&mut self, incoming: &Incoming, line: u64) {
        if incoming.is_default_point {
            return;
        }
        let place = match (&incoming.point, &incoming.address) {
            (Some(point), _) => Place::Point(micro(point.lon), micro(point.lat)),
            (None, Some(address)) => Place::Words(address),
            (None, None) => return,
        };
        let day = incoming.reported_at.to_zoned_datetime(self.zone.clone()).date();
        let key = Key {
            class: incoming.class.as_ref().map_or("", |class| class.as_str()),
            title: &incoming.title,
            place,
            day: (day.year(), day.month(), day.day()),
        };
        self.keys.add(&key, line, || {
            let place = incoming.address.clone().unwrap_or_default();
            format!("{} · {place} · {day}", incoming.title)
        });
    }

    pub(super) fn finish(self) -> Repeats {
        self.keys.finish("class, place and day".to_owned())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees in millionths fit in i64 a billion times over"
)]
fn micro(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}

enum Place<'a> {
    Point(i64, i64),
    Words(&'a str),
}

struct Key<'a> {
    class: &'a str,
    title: &'a str,
    place: Place<'a>,
    day: (i16, i8, i8),
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The class alone decides; the title stands in where there is none.
        if self.class.is_empty() {
            self.title.hash(state);
        } else {
            self.class.hash(state);
        }
        self.day.hash(state);
        match &self.place {
            Place::Point(x, y) => (0u8, x, y).hash(state),
            Place::Words(words) => (1u8, words).hash(state),
        }
    }
}
