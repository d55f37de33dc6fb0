//! One row into one message, by a mapping bound to a file's header. Every fault of a row is found, not only the first.

use super::classes::{Meaning, Meanings};
use super::clockwork::Clockwork;
use super::faults::{ROW_FAULT_COLUMN, Sink};
use super::histories::Histories;
use super::places::{Found, Places};
use super::takes::{Bound, Nulls};
use super::{DuplicateSpec, Mapping, Take};
use crate::refusals::{Refusal, cut, fault};
use crate::rows::Row;
use anlan_model::ids::ClassCode;
use anlan_model::imports::Fault;
use anlan_model::incoming::{Channel, Incoming};
use anlan_model::places::Datum;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Longest title and description kept, in characters.
const TITLE_CHARS_MAX: usize = 300;
const DESCRIPTION_CHARS_MAX: usize = 20_000;

/// A class the tables do not have, kept with the sender's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalClass {
    /// Its code, e.g. `boston/street-light-outages`.
    pub code: ClassCode,
    /// The sender's words for it.
    pub words: String,
}

/// A row that goes in.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The message.
    pub incoming: Incoming,
    /// What was noted on the way.
    pub warnings: Vec<Fault>,
    /// The class, where the tables do not have it.
    pub local_class: Option<LocalClass>,
}

/// A row that is kept back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBack {
    /// Everything wrong with it.
    pub faults: Vec<Fault>,
    /// The row as read: header and value pairs in file order.
    pub fields: Vec<(String, String)>,
}

/// What becomes of a row.
pub type Mapped = Result<Taken, KeptBack>;

/// A mapping bound to a header.
#[derive(Debug, Clone)]
struct Binding {
    width: usize,
    id: Vec<Bound>,
    title: Bound,
    description: Option<Bound>,
    reported: (String, Bound),
    class: Option<Bound>,
    places: Places,
    histories: Option<Histories>,
    duplicate: Option<Bound>,
    facts: Vec<(String, Bound)>,
}

impl Binding {
    fn new(mapping: &Mapping, header: &[String], datum: Datum) -> Result<Self, Refusal> {
        mapping.check_header(header)?;
        let bind = |take: &Take| Bound::new(take, &|name| mapping.position(header, name));
        let reported = mapping
            .time
            .reported
            .columns()
            .first()
            .map(|name| (*name).to_owned());
        Ok(Self {
            width: header.len(),
            id: mapping
                .id
                .columns
                .iter()
                .map(|name| bind(&Take::Column(name.clone())))
                .collect(),
            title: bind(&mapping.text.title),
            description: mapping.text.description.as_ref().map(bind),
            reported: (reported.unwrap_or_default(), bind(&mapping.time.reported)),
            class: mapping.class.as_ref().map(|class| bind(&class.from)),
            places: Places::new(mapping, datum, &bind),
            histories: mapping
                .history
                .as_ref()
                .map(|history| Histories::new(history, &bind)),
            duplicate: mapping
                .duplicates
                .as_ref()
                .map(|duplicates| bind(&duplicates.column)),
            facts: mapping
                .facts
                .iter()
                .map(|(name, take)| (name.clone(), bind(take)))
                .collect(),
        })
    }
}

/// Turns rows of one file into messages.
#[derive(Debug, Clone)]
pub struct Mapper {
    mapping: Arc<Mapping>,
    datum: Datum,
    binding: Binding,
    nulls: Nulls,
    clockwork: Clockwork,
    meanings: Meanings,
}

impl Mapper {
    /// Binds a mapping to a file's header. The datum must be stated, by the mapping or by whoever imports.
    pub fn new(
        mapping: Arc<Mapping>,
        header: &[String],
        now: Timestamp,
        datum: Option<Datum>,
    ) -> Result<Self, Refusal> {
        let datum = match (mapping.place.datum, datum) {
            (Some(known), Some(stated)) if known != stated => {
                return Err(Refusal::new(
                    "datum.contradicts",
                    format!(
                        "The mapping “{}” is in another datum than the one stated. Leave the datum out or choose another mapping.",
                        mapping.name
                    ),
                ));
            }
            (Some(datum), _) | (None, Some(datum)) => datum,
            (None, None) if mapping.place.lon.is_none() => Datum::Wgs84,
            (None, None) => {
                return Err(Refusal::new(
                    "datum.unstated",
                    "State the datum of the coordinates: WGS84, CGCS2000, GCJ-02 or BD-09. It cannot be told from the numbers, and inside China the wrong one moves every point by some hundred metres.",
                ));
            }
        };
        let binding = Binding::new(&mapping, header, datum)?;
        let clockwork = Clockwork::new(&mapping, now)?;
        let nulls = Nulls::new(&mapping.nulls);
        Ok(Self {
            mapping,
            datum,
            binding,
            nulls,
            clockwork,
            meanings: Meanings::default(),
        })
    }

    /// The mapping.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// One row. `header` is the reader's; of a JSON file it may have grown since.
    pub fn map(&mut self, header: &[String], row: &Row) -> Mapped {
        if let Some(broken) = row.faults().first() {
            let mut fields = row.pairs(header);
            fields.push((ROW_FAULT_COLUMN.to_owned(), broken.code.clone()));
            return Err(KeptBack {
                faults: row.faults().to_vec(),
                fields,
            });
        }
        if header.len() != self.binding.width
            && let Ok(binding) = Binding::new(&self.mapping, header, self.datum)
        {
            self.binding = binding;
        }
        let cleaned;
        let mut has_null_bytes = false;
        let mut used = row;
        if row.has_null_bytes() {
            cleaned = row.without_null_bytes();
            used = &cleaned;
            has_null_bytes = true;
        }
        let mapping = Arc::clone(&self.mapping);
        let mut sink = Sink::new(row.line(), &mapping.on_fault);
        if has_null_bytes {
            let message = "The row holds null bytes; they were left out.";
            sink.note("text.null_bytes", None, None, message.to_owned());
        }
        let taken = self.take(&mapping, used, &mut sink);
        for fault in &mut sink.faults {
            name_as_in_file(&mapping, header, fault);
        }
        match taken {
            Some((incoming, local_class)) if !sink.is_kept_back => Ok(Taken {
                incoming,
                warnings: sink.faults,
                local_class,
            }),
            _ => Err(KeptBack {
                faults: sink.faults,
                fields: used.pairs(header),
            }),
        }
    }

    fn take(
        &mut self,
        mapping: &Mapping,
        row: &Row,
        sink: &mut Sink<'_>,
    ) -> Option<(Incoming, Option<LocalClass>)> {
        let binding = &self.binding;
        let nulls = &self.nulls;
        let external_id = id(mapping, &binding.id, row, nulls, sink);
        let (column, bound) = &binding.reported;
        let reported_at = self.clockwork.reported(column, &bound.of(row, nulls), sink);
        let place = binding.places.of(row, nulls, &mapping.place, sink);
        let history = match (&mapping.history, &binding.histories) {
            (Some(spec), Some(histories)) => {
                Some(histories.of((row, nulls), spec, reported_at, &self.clockwork, sink))
            }
            _ => None,
        };
        let (class, local_class) = class(
            mapping,
            binding.class.as_ref(),
            (row, nulls),
            &mut self.meanings,
            sink,
        );
        let facts = facts(&binding.facts, row, nulls, &place);
        let is_duplicate = match (&mapping.duplicates, &binding.duplicate) {
            (Some(spec), Some(bound)) => is_duplicate(spec, &bound.of(row, nulls)),
            _ => false,
        };
        let title = one_line(&bounded(
            "title",
            &binding.title.of(row, nulls),
            TITLE_CHARS_MAX,
            sink,
        ));
        let description = binding
            .description
            .as_ref()
            .map(|bound| bound.of(row, nulls))
            .unwrap_or_default();
        let description = bounded("description", &description, DESCRIPTION_CHARS_MAX, sink);
        let incoming = Incoming {
            channel: Channel::Import,
            source: mapping.source.clone(),
            external_id: Some(external_id?),
            class,
            title,
            description,
            address: place.address,
            point: place.point,
            reported_at: reported_at?,
            contact: None,
            history,
            is_duplicate,
            is_default_point: place.is_default,
            facts,
        };
        Some((incoming, local_class))
    }
}

/// Faults name the column as the file does, not as the mapping knows it.
fn name_as_in_file(mapping: &Mapping, header: &[String], fault: &mut Fault) {
    let Some(column) = &mut fault.column else { return };
    let own = mapping.position(header, column).and_then(|at| header.get(at));
    if let Some(own) = own {
        column.clone_from(own);
    }
}

/// Replays a mended row through its mapping, `fields` as the quarantine keeps them.
pub fn remap(
    mapping: &Arc<Mapping>,
    fields: &[(String, String)],
    line: u64,
    now: Timestamp,
    datum: Option<Datum>,
) -> Mapped {
    let kept = |faults: Vec<Fault>| KeptBack {
        faults,
        fields: fields.to_vec(),
    };
    let broken = fields
        .iter()
        .find(|(name, value)| name == ROW_FAULT_COLUMN && !value.trim().is_empty());
    if let Some((name, code)) = broken {
        let message = format!(
            "The row as such was broken. When its fields are right, empty the field “{name}” and replay the row."
        );
        return Err(kept(vec![fault(line, code, Some(name), None, message)]));
    }
    let fields_only = || fields.iter().filter(|(name, _)| name != ROW_FAULT_COLUMN);
    let header: Vec<String> = fields_only().map(|(name, _)| name.clone()).collect();
    let row = Row::of(line, fields_only().map(|(_, value)| value.as_str()));
    match Mapper::new(Arc::clone(mapping), &header, now, datum) {
        Ok(mut mapper) => mapper.map(&header, &row).map_err(|back| kept(back.faults)),
        Err(refusal) => Err(kept(vec![fault(line, refusal.code, None, None, refusal.message)])),
    }
}

fn id(mapping: &Mapping, columns: &[Bound], row: &Row, nulls: &Nulls, sink: &mut Sink<'_>) -> Option<String> {
    let mut values = columns.iter().map(|bound| bound.of(row, nulls));
    if mapping.id.is_fingerprint {
        let mut digest = Sha256::new();
        for value in values {
            digest.update(value.as_bytes());
            digest.update([0x1f]);
        }
        let digest = digest.finalize();
        let mut hex = String::with_capacity(32);
        for byte in digest.iter().take(16) {
            let _ = write!(hex, "{byte:02x}");
        }
        return Some(hex);
    }
    let first = values.next().unwrap_or_default();
    let mut id = if mapping.id.number {
        first.strip_suffix(".0").unwrap_or(&first).to_owned()
    } else {
        first.into_owned()
    };
    let mut is_blank = id.is_empty();
    for value in values {
        is_blank |= value.is_empty();
        id.push('|');
        id.push_str(&value);
    }
    if is_blank {
        let message = "The row has no id. Without one it could not be told from the same row imported again. Add one and replay the row.";
        sink.note(
            "id.missing",
            mapping.id.columns.first().map(String::as_str),
            None,
            message.to_owned(),
        );
        return None;
    }
    Some(id)
}

fn class(
    mapping: &Mapping,
    bound: Option<&Bound>,
    (row, nulls): (&Row, &Nulls),
    meanings: &mut Meanings,
    sink: &mut Sink<'_>,
) -> (Option<ClassCode>, Option<LocalClass>) {
    let (Some(spec), Some(bound)) = (&mapping.class, bound) else {
        return (None, None);
    };
    let words = bound.of(row, nulls);
    let columns = spec.from.columns();
    let column = columns.first().copied();
    if words.is_empty() {
        let message = "The row does not say what it is about; a clerk will decide.";
        sink.note("class.missing", column, None, message.to_owned());
        return (None, None);
    }
    match meanings.of(&words, spec, &mapping.crosswalk) {
        Meaning::Known(code) => (Some(code), None),
        Meaning::Local(local) => (Some(local.code.clone()), Some(local)),
        Meaning::Unknown => {
            let message = "The crosswalk does not know these words. Add them to it, or correct them and replay the row.";
            sink.note("class.unknown", column, Some(&words), message.to_owned());
            (None, None)
        }
    }
}

fn facts(columns: &[(String, Bound)], row: &Row, nulls: &Nulls, place: &Found) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for (name, bound) in columns {
        let value = bound.of(row, nulls);
        if !value.is_empty() {
            facts.insert(name.clone(), value.into_owned());
        }
    }
    if let Some(dropped) = &place.dropped {
        facts.insert("point_dropped".to_owned(), dropped.clone());
    }
    facts
}

fn is_duplicate(spec: &DuplicateSpec, value: &str) -> bool {
    spec.suffix
        .as_ref()
        .is_some_and(|suffix| value.ends_with(suffix.as_str()))
        || spec.words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn bounded(name: &str, words: &str, chars: usize, sink: &mut Sink<'_>) -> String {
    if words.len() <= chars || words.chars().count() <= chars {
        return words.to_owned();
    }
    let message = format!("The {name} is longer than {chars} characters; the rest was left off.");
    sink.note("text.cut", None, Some(words), message);
    cut(words, chars)
}

fn one_line(words: &str) -> String {
    if words.contains(['\n', '\r', '\t']) {
        return words.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    words.to_owned()
}
