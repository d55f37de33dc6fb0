//! What a file says already happened: target, closing, verdict, office. Contradictions are noted, never smoothed over.

use super::clockwork::Clockwork;
use super::faults::Sink;
use super::takes::{Bound, Nulls};
use super::{HistorySpec, Take};
use crate::rows::Row;
use crate::times::seconds_between;
use anlan_model::incoming::History;
use jiff::Timestamp;

/// The columns of a history.
#[derive(Debug, Clone)]
pub(crate) struct Histories {
    due: Option<(String, Bound)>,
    closed: Option<(String, Bound)>,
    status: Option<(String, Bound)>,
    on_time: Option<(String, Bound)>,
    office: Option<(String, Bound)>,
}

impl Histories {
    pub(crate) fn new(spec: &HistorySpec, bind: &dyn Fn(&Take) -> Bound) -> Self {
        let column = |take: &Option<Take>| {
            take.as_ref().map(|take| {
                let name = take
                    .columns()
                    .first()
                    .map(|name| (*name).to_owned())
                    .unwrap_or_default();
                (name, bind(take))
            })
        };
        Self {
            due: column(&spec.due),
            closed: column(&spec.closed),
            status: column(&spec.status),
            on_time: column(&spec.on_time),
            office: column(&spec.office),
        }
    }

    pub(crate) fn of(
        &self,
        (row, nulls): (&Row, &Nulls),
        spec: &HistorySpec,
        opened: Option<Timestamp>,
        clockwork: &Clockwork,
        sink: &mut Sink<'_>,
    ) -> History {
        let time = |part: &Option<(String, Bound)>, sink: &mut Sink<'_>| {
            let (name, bound) = part.as_ref()?;
            clockwork.read(name, &bound.of(row, nulls), sink)
        };
        let due_at = time(&self.due, sink);
        let says_closed = self.says_closed(row, nulls, spec, sink);
        let mut closed_at = None;
        if !spec.is_closed_by_status || says_closed == Some(true) {
            closed_at = time(&self.closed, sink);
        }
        if closed_at.is_some_and(|at| at > clockwork.now) {
            let message = "The case was closed in the future. Correct the time and replay the row.";
            sink.note(
                "date.future",
                self.closed.as_ref().map(|(name, _)| name.as_str()),
                None,
                message.to_owned(),
            );
        }
        if let (Some(closed), Some(opened)) = (closed_at, opened) {
            closed_at = Some(self.not_before(opened, closed, spec.clock_skew_s, sink));
        }
        if let (Some(due), Some(opened)) = (due_at, opened)
            && due < opened
        {
            let message = "The target time lies before the opening. Both were kept.";
            sink.note(
                "date.due_before_opened",
                self.due.as_ref().map(|(name, _)| name.as_str()),
                None,
                message.to_owned(),
            );
        }
        if says_closed == Some(false) && closed_at.is_some() {
            let message = "The status says open, yet there is a closing time. The status was believed.";
            sink.note(
                "history.contradicts",
                self.status.as_ref().map(|(name, _)| name.as_str()),
                None,
                message.to_owned(),
            );
            closed_at = None;
        }
        let is_closed = says_closed.unwrap_or(closed_at.is_some());
        let on_time = self.on_time(row, nulls, spec, sink);
        let office = self
            .office
            .as_ref()
            .map(|(_, bound)| bound.of(row, nulls))
            .filter(|words| !words.is_empty());
        History {
            due_at,
            closed_at,
            is_closed,
            on_time,
            office: office.map(std::borrow::Cow::into_owned),
        }
    }

    /// A closing seconds before the opening is two clocks that differ; more than that is a mistake.
    fn not_before(
        &self,
        opened: Timestamp,
        closed: Timestamp,
        skew_s: i64,
        sink: &mut Sink<'_>,
    ) -> Timestamp {
        let early_s = seconds_between(closed, opened);
        if early_s <= 0 {
            return closed;
        }
        let column = self.closed.as_ref().map(|(name, _)| name.as_str());
        let value = closed.to_string();
        if early_s <= skew_s {
            let message =
                format!("The case was closed {early_s} s before it was opened; taken as closed at once.");
            sink.note("date.closed_just_before_opened", column, Some(&value), message);
        } else {
            let message = format!(
                "The case was closed {early_s} s before it was opened. Correct one of the times and replay the row."
            );
            sink.note("date.closed_before_opened", column, Some(&value), message);
        }
        opened
    }

    fn says_closed(&self, row: &Row, nulls: &Nulls, spec: &HistorySpec, sink: &mut Sink<'_>) -> Option<bool> {
        let (name, bound) = self.status.as_ref()?;
        verdict(
            (name, &bound.of(row, nulls)),
            &spec.closed_words,
            &spec.open_words,
            "status.unknown",
            sink,
        )
    }

    fn on_time(&self, row: &Row, nulls: &Nulls, spec: &HistorySpec, sink: &mut Sink<'_>) -> Option<bool> {
        let (name, bound) = self.on_time.as_ref()?;
        verdict(
            (name, &bound.of(row, nulls)),
            &spec.on_time_words,
            &spec.late_words,
            "on_time.unknown",
            sink,
        )
    }
}

fn verdict(
    (column, value): (&str, &str),
    yes: &[String],
    no: &[String],
    code: &str,
    sink: &mut Sink<'_>,
) -> Option<bool> {
    let is_one_of = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if value.is_empty() {
        return None;
    }
    if is_one_of(yes) {
        return Some(true);
    }
    if is_one_of(no) {
        return Some(false);
    }
    let message = "The mapping does not know this word; the value was left out.";
    sink.note(code, Some(column), Some(value), message.to_owned());
    None
}
