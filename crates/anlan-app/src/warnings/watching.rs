//! The watch: after a change what it affects, on a beat everything. All from counts; what is found is raised in one unit
//! of work. It starts no thread: the program calls it.

use super::judging::{Judged, Model, Moment};
use super::places::Places;
use super::raising;
use super::tally::{Tally, local};
use crate::jurisdictions::Jurisdiction;
use crate::{App, Error};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError};

/// What a process remembers between two looks; losing it loses nothing.
#[derive(Debug, Default)]
pub struct Watcher {
    seq: i64,
    etag: String,
    passed_at: Option<Timestamp>,
    /// The day that was judged last; what is usual is known up to it.
    day: i32,
    tally: Tally,
    models: Vec<Option<Model>>,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Class groups looked at.
    pub groups: usize,
    /// Warnings raised, grown, merged or ended.
    pub changed: usize,
}

/// What was judged of one class group at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) group: usize,
    pub(crate) judged: Vec<Judged>,
}

/// Looks at what has changed since the last look, and at everything where the beat says so. Cheap when nothing has.
pub fn watch(app: &App) -> Result<Passed, Error> {
    let now = app.clock.now();
    let node = app.node();
    let mut watcher = app.watcher.lock().unwrap_or_else(PoisonError::into_inner);
    let beat = SignedDuration::from_mins(i64::from(node.watch.beat_minutes));
    let (day, _) = local(&node, judged_at(&node, now));
    let is_due = watcher
        .passed_at
        .is_none_or(|at| now.duration_since(at) >= beat || now < at || day != watcher.day);
    if is_due || watcher.etag != node.etag {
        return watcher.full(app, &node, now);
    }
    let seq = app
        .store
        .read(|tx| anlan_store::events::last(tx).map_err(Error::from))?;
    if seq == watcher.seq {
        return Ok(Passed::default());
    }
    let passed = watcher.changed(app, &node, now)?;
    watcher.seq = seq;
    Ok(passed)
}

/// Looks at everything, whether or not the beat says so.
pub fn pass(app: &App) -> Result<Passed, Error> {
    let now = app.clock.now();
    let node = app.node();
    app.watcher
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .full(app, &node, now)
}

/// When a judgement is made: nearly all reports up to then are in.
fn judged_at(node: &Jurisdiction, now: Timestamp) -> Timestamp {
    let delay = SignedDuration::from_hours(i64::from(node.watch.baseline.delay_hours));
    now.saturating_sub(delay).unwrap_or(now)
}

impl Watcher {
    /// Reads the history anew, learns from it, and judges every group.
    fn full(&mut self, app: &App, node: &Jurisdiction, now: Timestamp) -> Result<Passed, Error> {
        self.seq = app
            .store
            .read(|tx| anlan_store::events::last(tx).map_err(Error::from))?;
        let at = judged_at(node, now);
        // Places change only with the documents; counts and what is usual are taken anew.
        let places = if self.passed_at.is_some() && self.etag == node.etag {
            Arc::clone(&self.tally.places)
        } else {
            Arc::new(Places::new(node))
        };
        self.passed_at = None;
        self.tally = Tally::load(&app.store, node, places, at)?;
        let groups = node.watch.groups.iter().enumerate().zip(&self.tally.groups);
        self.models = groups
            .map(|(group, days)| Model::learn(&node.watch, group, days, &self.tally))
            .collect();
        let all: Vec<usize> = (0..self.models.len()).collect();
        let passed = self.judge(app, node, &all, (at, true))?;
        self.prepare(node, at);
        (self.passed_at, self.etag, self.day) = (Some(now), node.etag.clone(), local(node, at).0);
        Ok(passed)
    }

    /// Makes ready the hours until the next beat, so that what is judged after a change in them is judged at once.
    fn prepare(&mut self, node: &Jurisdiction, at: Timestamp) {
        let until = SignedDuration::from_mins(i64::from(node.watch.beat_minutes) + 1);
        let (day, hour) = local(node, at);
        let (last_day, last_hour) = local(node, at.saturating_add(until).unwrap_or(at));
        let last_hour = if last_day == day { last_hour } else { 23 };
        let groups = node.watch.groups.iter().zip(&self.tally.groups);
        for ((plan, days), model) in groups.zip(&mut self.models) {
            let Some(model) = model else { continue };
            for hour in hour..=last_hour {
                let moment = Moment {
                    day: self.tally.index(day),
                    hour,
                    part: 0.5,
                };
                model.prepare(plan, days, moment);
            }
        }
    }

    /// Judges the groups whose counts have changed of late.
    fn changed(&mut self, app: &App, node: &Jurisdiction, now: Timestamp) -> Result<Passed, Error> {
        let at = judged_at(node, now);
        let changed = self.tally.refresh(&app.store, node, self.seq, at)?;
        if changed.is_empty() {
            return Ok(Passed::default());
        }
        self.judge(app, node, &changed, (at, false))
    }

    fn judge(
        &mut self,
        app: &App,
        node: &Jurisdiction,
        groups: &[usize],
        (at, is_full): (Timestamp, bool),
    ) -> Result<Passed, Error> {
        let moment = moment(node, &self.tally, at);
        let mut looks = Vec::new();
        for group in groups {
            let plan = node.watch.groups.get(*group).zip(self.tally.groups.get(*group));
            let (Some((plan, days)), Some(Some(model))) = (plan, self.models.get_mut(*group)) else {
                continue;
            };
            looks.push(Look {
                group: *group,
                judged: model.judge(&node.watch, plan, (days, &self.tally), moment),
            });
        }
        let changed = raising::raise(app, node, &self.tally, &looks, (at, is_full))?;
        Ok(Passed {
            groups: looks.len(),
            changed,
        })
    }
}

/// Where an instant lies in a tally.
pub(crate) fn moment(node: &Jurisdiction, tally: &Tally, at: Timestamp) -> Moment {
    let (day, hour) = local(node, at);
    let minute = node.calendar.zone().to_datetime(at).minute();
    Moment {
        day: tally.index(day),
        hour,
        part: f64::from(minute + 1) / 60.0,
    }
}

impl Watcher {
    /// What the last passes counted and learnt of a group, if it holds for the documents in force.
    pub(crate) fn known(&self, node: &Jurisdiction, group: usize) -> Option<(&Tally, &Model)> {
        self.passed_at?;
        if self.etag != node.etag {
            return None;
        }
        Some((&self.tally, self.models.get(group)?.as_ref()?))
    }
}
