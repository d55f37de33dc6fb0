//! The times of one file: its formats, its zone, and what counts as too early or in the future.

use super::Mapping;
use super::faults::Sink;
use crate::refusals::Refusal;
use crate::times::{Oddity, TimeFormat, Unreadable, read};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Reads the times of one file.
#[derive(Debug, Clone)]
pub(crate) struct Clockwork {
    formats: Vec<TimeFormat>,
    zone: TimeZone,
    earliest: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

impl Clockwork {
    pub(crate) fn new(mapping: &Mapping, now: Timestamp) -> Result<Self, Refusal> {
        let zone = mapping.zone()?;
        let day = mapping
            .time
            .earliest
            .as_ref()
            .and_then(|day| day.parse::<jiff::civil::Date>().ok());
        let earliest = day
            .and_then(|day| day.to_zoned_datetime(zone.clone()).ok())
            .map(|at| at.timestamp());
        Ok(Self {
            formats: mapping.formats()?,
            zone,
            earliest,
            now,
        })
    }

    /// The instant a value names; faults are noted. Blank is no fault here.
    pub(crate) fn read(&self, column: &str, value: &str, sink: &mut Sink<'_>) -> Option<Timestamp> {
        if value.is_empty() {
            return None;
        }
        let settled = match read(&self.formats, value) {
            Ok(read) => read.settle(&self.zone),
            Err(Unreadable::NoFormat) => {
                let known: Vec<&str> = self.formats.iter().map(TimeFormat::name).collect();
                let message = format!(
                    "This is no time as this source writes them ({}). Correct it and replay the row.",
                    known.join(", ")
                );
                sink.note("date.unreadable", Some(column), Some(value), message);
                return None;
            }
            Err(Unreadable::Impossible) => None,
        };
        let Some((at, oddity)) = settled else {
            let message = "There is no such day or hour. Correct it and replay the row.";
            sink.note("date.impossible", Some(column), Some(value), message.to_owned());
            return None;
        };
        match oddity {
            Oddity::None => {}
            Oddity::Gap => {
                let message = "The clocks went forward over this hour; it was read as if they had not yet.";
                sink.note("date.gap", Some(column), Some(value), message.to_owned());
            }
            Oddity::Twofold => {
                let message = "The clocks went back over this hour, so it came twice; the first was taken.";
                sink.note("date.twofold", Some(column), Some(value), message.to_owned());
            }
        }
        Some(at)
    }

    pub(crate) fn reported(&self, column: &str, value: &str, sink: &mut Sink<'_>) -> Option<Timestamp> {
        if value.is_empty() {
            let message = "The row does not say when it was reported. Add the time and replay the row.";
            sink.note("date.missing", Some(column), None, message.to_owned());
            return None;
        }
        let at = self.read(column, value, sink)?;
        if at > self.now {
            let message = "The report comes from the future. Correct the time and replay the row.";
            sink.note("date.future", Some(column), Some(value), message.to_owned());
        }
        if self.earliest.is_some_and(|earliest| at < earliest) {
            let message = "The report is older than this source can be. Correct the time and replay the row.";
            sink.note("date.too_early", Some(column), Some(value), message.to_owned());
        }
        Some(at)
    }
}
