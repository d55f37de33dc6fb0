//! Counts, heat and clusters of the cases a queue shows. They are answered from slim columns held in memory, which
//! follow the events; any process can hold its own, and nothing is lost with it.

mod bits;
mod columns;
mod held;
mod index;
pub(crate) mod pages;
mod squares;
mod texts;
mod wanted;

use crate::cases::CaseQuery;
use crate::{App, Caller, Error, accesses};
use anlan_grid::clusters::{self, Cluster};
use anlan_model::accesses::Purpose;
use anlan_model::ids::{CaseId, CellId, ClassCode, OfficeId, StateCode};
use anlan_policy::{Action, RowRule};
pub(crate) use held::Held;
pub(crate) use index::{Extent, Index};
use std::collections::BTreeMap;
pub(crate) use texts::Texts;
use wanted::{Asked, Wanted};

/// Cases by place, gathered for one view of the map.
#[derive(Debug, Clone)]
pub struct Clusters {
    /// Groups; a group of one carries its case's id.
    pub clusters: Vec<Cluster>,
    /// How many cases the groups hold.
    pub total: u64,
}

/// How many cases a queue holds, by what it can be filtered by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// In all.
    pub total: u64,
    /// Past their deadline.
    pub overdue: u64,
    /// By state.
    pub by_state: BTreeMap<StateCode, u64>,
    /// By priority, 1 to 4.
    pub by_priority: BTreeMap<u8, u64>,
    /// By office.
    pub by_office: BTreeMap<OfficeId, u64>,
    /// By class.
    pub by_class: BTreeMap<ClassCode, u64>,
}

/// Cases with words that match where the caller may read them, where words are asked for. Words are the store's.
fn worded(
    app: &App,
    caller: &Caller,
    query: &CaseQuery,
    rule: &RowRule,
) -> Result<Option<texts::Found>, Error> {
    let Some(text) = query.text.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let readable = texts::Readable {
        told: app.policy.rows(&caller.actor, Action::CaseWords),
        place: app.policy.rows(&caller.actor, Action::CasePlace),
    };
    app.texts.find(&app.store, text, rule, readable).map(Some)
}

/// Runs `take` over every case the caller may see and asks for, with whether it is overdue.
fn each(
    app: &App,
    caller: &Caller,
    query: &CaseQuery,
    bbox: Option<[f64; 4]>,
    what: &str,
    mut take: impl FnMut(&Index, usize, bool),
) -> Result<(), Error> {
    app.require(caller, Action::CaseList)?;
    // A map tells where each case is.
    let rule = app.rows(caller, Action::CasePlace)?;
    let words = worded(app, caller, query, &rule)?;
    let index = app.map_index(Extent::of(query.phase))?;
    let words = words.map(|words| words.shown(&index));
    let mut seen = 0;
    let asked = Asked {
        query,
        rule: &rule,
        account: caller.actor.account,
        words: words.as_deref(),
    };
    if let Some(wanted) = Wanted::new(&index, asked, bbox, app.clock.now()) {
        let all = wanted.all();
        seen = all.count();
        all.each(|at| take(&index, at, wanted.is_overdue(at)));
    }
    let mut entry = accesses::entry(app, caller, Action::CaseList, "cases", what, Purpose::Case);
    entry.count = u32::try_from(seen).unwrap_or(u32::MAX);
    accesses::log(app, entry)
}

/// An open case in a place of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near<'a> {
    pub(crate) id: CaseId,
    pub(crate) class: Option<&'a str>,
    pub(crate) lon_lat: [f64; 2],
    pub(crate) opened_ms: i64,
    pub(crate) is_about_an_office: bool,
}

/// Runs `take` over the open cases in a box that `rule` lets be seen. Nothing is logged here: what leaves, is.
pub(crate) fn open_about(
    app: &App,
    caller: &Caller,
    (query, rule): (&CaseQuery, &RowRule),
    bbox: [f64; 4],
    mut take: impl FnMut(&Near<'_>),
) -> Result<(), Error> {
    let index = app.map_index(Extent::Open)?;
    let asked = Asked {
        query,
        rule,
        account: caller.actor.account,
        words: None,
    };
    let Some(wanted) = Wanted::new(&index, asked, Some(bbox), app.clock.now()) else {
        return Ok(());
    };
    index.open_about(bbox, |at| {
        if wanted.admits(at) {
            take(&Near {
                id: Index::id(at),
                class: index.class(at),
                lon_lat: index.lon_lat(at),
                opened_ms: index.columns.opened_ms(at),
                is_about_an_office: index.columns.about(at) != columns::NONE,
            });
        }
    });
    Ok(())
}

/// The cases of a view, gathered into clusters.
pub fn clusters(
    app: &App,
    caller: &Caller,
    query: &CaseQuery,
    bbox: [f64; 4],
    zoom: u8,
) -> Result<Clusters, Error> {
    let mut points = Vec::new();
    each(app, caller, query, Some(bbox), "map", |index, at, overdue| {
        points.extend(index.point(at, overdue));
    })?;
    let total = points.len() as u64;
    Ok(Clusters {
        clusters: clusters::cluster(points.into_iter(), bbox, zoom),
        total,
    })
}

/// Cases per cell: how many, and how many of them overdue.
pub fn heat(app: &App, caller: &Caller, query: &CaseQuery) -> Result<Vec<(CellId, u32, u32)>, Error> {
    let (mut all, mut late) = (Tally::default(), Tally::default());
    each(app, caller, query, query.bbox, "heat", |index, at, overdue| {
        if let Some(cell) = index.cell(at).and_then(|cell| usize::try_from(cell.0).ok()) {
            all.add(cell);
            if overdue {
                late.add(cell);
            }
        }
    })?;
    let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let cells = all.all().filter_map(|(cell, count)| {
        let id = CellId(i64::try_from(cell).ok()?);
        Some((id, small(count), small(late.of(cell))))
    });
    Ok(cells.collect())
}

/// How many cases a queue holds.
pub fn counts(app: &App, caller: &Caller, query: &CaseQuery) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    let (mut states, mut classes) = (Tally::default(), Tally::default());
    let (mut priorities, mut offices) = (Tally::default(), Tally::default());
    let mut names = None;
    each(app, caller, query, query.bbox, "counts", |index, at, overdue| {
        names.get_or_insert_with(|| index.names());
        counts.total += 1;
        counts.overdue += u64::from(overdue);
        states.add(index.columns.state(at).into());
        classes.add(index.columns.class(at).into());
        priorities.add(index.columns.priority(at).into());
        if let Some(office) = index.office(at).and_then(|office| usize::try_from(office.0).ok()) {
            offices.add(office);
        }
    })?;
    counts.by_office = offices
        .all()
        .filter_map(|(office, count)| Some((OfficeId(i64::try_from(office).ok()?), count)))
        .collect();
    counts.by_priority = priorities
        .all()
        .filter_map(|(number, count)| Some((u8::try_from(number).ok()?, count)))
        .collect();
    if let Some((state_names, class_names)) = names {
        let of = |names: &[String], number: usize| names.get(number).cloned();
        counts.by_state = states
            .all()
            .filter_map(|(number, count)| Some((StateCode(of(&state_names, number)?), count)))
            .collect();
        counts.by_class = classes
            .all()
            .filter_map(|(number, count)| Some((of(&class_names, number)?, count)))
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, count)| (ClassCode(name), count))
            .collect();
    }
    Ok(counts)
}

/// Counts by small numbers: a million of them are added up in no time.
#[derive(Default)]
struct Tally(Vec<u64>);

impl Tally {
    fn add(&mut self, number: usize) {
        if number >= self.0.len() {
            self.0.resize(number + 1, 0);
        }
        if let Some(count) = self.0.get_mut(number) {
            *count += 1;
        }
    }

    fn of(&self, number: usize) -> u64 {
        self.0.get(number).copied().unwrap_or(0)
    }

    fn all(self) -> impl Iterator<Item = (usize, u64)> {
        self.0.into_iter().enumerate().filter(|(_, count)| *count > 0)
    }
}
