//! Why a warning came, and why not earlier: seen and expected day by day, the bar it had to pass, the cells around it, and
//! what became of earlier warnings there. Counts only.

use super::judging::{Model, recurrence_min, upper};
use super::places::Places;
use super::raising::meet;
use super::sentences::{self, Sentence};
use super::tally::{DayCounts, Tally, local};
use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, Names};
use anlan_model::ids::{AccountId, CellId, WarningId};
use anlan_model::warnings::{Warning, WarningEvent, WatchGroup};
use anlan_store::warnings::WarningFilter;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::sync::{Arc, PoisonError};

const DAYS_BEFORE: i32 = 42;
const DAYS_AFTER: i32 = 7;
const LOOK_DAYS: i32 = 14;
const NEAR_MAX: usize = 12;
const EARLIER_MAX: usize = 10;

/// One day of the chart: the warning's cells, as a whole day.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartDay {
    /// The day.
    pub date: Date,
    /// Counted.
    pub observed: u32,
    /// Expected.
    pub expected: f64,
    /// The largest count that chance exceeds less often than the budget allows.
    pub upper: u32,
    /// Whether the finding's window holds it.
    pub is_in_window: bool,
}

/// What the detector saw on a day, at its highest, anywhere in its class group.
#[derive(Debug, Clone, PartialEq)]
pub struct LookDay {
    /// The day.
    pub date: Date,
    /// The method's word.
    pub method: String,
    /// Counted.
    pub observed: u32,
    /// Expected.
    pub expected: f64,
    /// How rare.
    pub recurrence_days: f64,
    /// Whether that place shares a cell with the warning's.
    pub is_here: bool,
}

/// One step of a warning's life.
#[derive(Debug, Clone)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Who; `None` is the detector.
    pub by: Option<AccountId>,
    /// Their name.
    pub by_name: Option<String>,
    /// What.
    pub event: WarningEvent,
}

/// An earlier warning of the same class group in the same cells.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The warning.
    pub warning: Warning,
    /// It in a sentence.
    pub sentence: Sentence,
}

/// A warning with everything a person needs to judge it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The warning.
    pub warning: Warning,
    /// Its newest finding in a sentence.
    pub sentence: Sentence,
    /// How often chance would do as much, in words.
    pub chance: Sentence,
    /// Days between false alarms that the budget asks of each method of the group.
    pub bar_days: f64,
    /// Cells around it, nearest first.
    pub near: Vec<CellId>,
    /// Seen and expected, day by day.
    pub chart: Vec<ChartDay>,
    /// What the detector saw on the days before.
    pub looks: Vec<LookDay>,
    /// What happened last time.
    pub earlier: Vec<Earlier>,
    /// Its life so far.
    pub steps: Vec<Step>,
}

/// Explains a warning.
pub fn explain(app: &App, caller: &Caller, id: WarningId) -> Result<Explained, Error> {
    let warning = super::read(app, caller, id)?;
    let node = app.node();
    let finding = &warning.latest;
    let group = node.watch.group(&warning.group);
    let bar_days = group.map_or(0.0, |group| recurrence_min(&node.watch, group));
    let pictures = match group {
        Some(group) => learnt(app, &node, group, |tally, model, days| Pictures {
            chart: chart(&node, &warning, (tally, model, days), bar_days),
            near: if finding.cells.is_empty() {
                Vec::new()
            } else {
                tally
                    .places
                    .around(&finding.cells, group.radius_m_max / 2.0, NEAR_MAX)
            },
        })?,
        None => None,
    };
    let pictures = pictures.unwrap_or_default();
    Ok(Explained {
        sentence: sentences::sentence(&node, &warning.group, finding),
        chance: sentences::chance(finding.recurrence_days),
        bar_days,
        near: pictures.near,
        chart: pictures.chart,
        looks: looks(app, &node, &warning)?,
        earlier: earlier(app, &node, &warning)?,
        steps: steps(app, id)?,
        warning,
    })
}

#[derive(Default)]
struct Pictures {
    chart: Vec<ChartDay>,
    near: Vec<CellId>,
}

/// Calls `read` with what is learnt of a group: by the watch if it has passed, else anew. `None` while the history is
/// too short.
fn learnt<T>(
    app: &App,
    node: &Jurisdiction,
    group: &WatchGroup,
    read: impl FnOnce(&Tally, &Model, &[DayCounts]) -> T,
) -> Result<Option<T>, Error> {
    let Some(position) = node.watch.groups.iter().position(|one| one.name == group.name) else {
        return Ok(None);
    };
    {
        let watcher = app.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((tally, model)) = watcher.known(node, position) {
            let days = tally.groups.get(position).map(Vec::as_slice).unwrap_or_default();
            return Ok(Some(read(tally, model, days)));
        }
    }
    let places = Arc::new(Places::new(node));
    let tally = Tally::load(&app.store, node, places, app.clock.now())?;
    let days = tally.groups.get(position).map(Vec::as_slice).unwrap_or_default();
    let model = Model::learn(&node.watch, (position, group), days, &tally);
    Ok(model.map(|model| read(&tally, &model, days)))
}

pub(crate) fn date(day: i32) -> Date {
    jiff::civil::date(1970, 1, 1).saturating_add(day.days())
}

fn chart(
    node: &Jurisdiction,
    warning: &Warning,
    (tally, model, days): (&Tally, &Model, &[DayCounts]),
    bar_days: f64,
) -> Vec<ChartDay> {
    let finding = &warning.latest;
    let places: Vec<u32> = finding
        .cells
        .iter()
        .filter_map(|cell| tally.places.of(*cell))
        .collect();
    let ((from, _), (to, _)) = (local(node, finding.from), local(node, finding.to));
    let last = tally.first_day + i32::try_from(days.len()).unwrap_or(0) - 1;
    ((from - DAYS_BEFORE).max(tally.first_day)..=(to + DAYS_AFTER).min(last))
        .map(|day| {
            let at = tally.index(day);
            let expected = model.mean(at, &places);
            ChartDay {
                date: date(day),
                observed: days.get(at).map_or(0, |day| day.of(&places)),
                expected,
                upper: upper(expected, model.dispersion(expected, &places), bar_days),
                is_in_window: (from..=to).contains(&day),
            }
        })
        .collect()
}

fn looks(app: &App, node: &Jurisdiction, warning: &Warning) -> Result<Vec<LookDay>, Error> {
    let (day, _) = local(node, warning.raised_at);
    let kept = app.store.read(|tx| {
        anlan_store::warnings::looks(tx, Some(warning.group.as_str()), day - LOOK_DAYS, day)
            .map_err(Error::from)
    })?;
    let look = |look: anlan_store::warnings::Look| LookDay {
        date: date(look.day),
        is_here: meet(&look.cells, &warning.latest.cells),
        method: look.method,
        observed: look.observed,
        expected: look.expected,
        recurrence_days: look.recurrence_days,
    };
    Ok(kept.into_iter().map(look).collect())
}

fn earlier(app: &App, node: &Jurisdiction, warning: &Warning) -> Result<Vec<Earlier>, Error> {
    let filter = WarningFilter {
        group: Some(warning.group.0.clone()),
        raised_to: Some(warning.raised_at),
        ..WarningFilter::default()
    };
    let page = app
        .store
        .read(|tx| anlan_store::warnings::list(tx, &filter, None, 200).map_err(Error::from))?;
    let met = page
        .items
        .into_iter()
        .filter(|one| one.id != warning.id && one.merged_into.is_none())
        .filter(|one| meet(&one.peak.cells, &warning.latest.cells));
    Ok(met
        .take(EARLIER_MAX)
        .map(|warning| Earlier {
            sentence: sentences::sentence(node, &warning.group, &warning.peak),
            warning,
        })
        .collect())
}

fn steps(app: &App, id: WarningId) -> Result<Vec<Step>, Error> {
    app.store.read(|tx| {
        let events = anlan_store::warnings::events(tx, id)?;
        let names = Names::of(tx, events.iter().map(|kept| &kept.stamp))?;
        Ok(events
            .into_iter()
            .map(|kept| Step {
                at: kept.stamp.at,
                by: kept.stamp.by,
                by_name: names.of_stamp(&kept.stamp),
                event: kept.event,
            })
            .collect())
    })
}
