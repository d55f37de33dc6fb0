//! The slim columns: one dot per case, numbers instead of words. It is a cache of the store and never the truth.

use super::bits::Bits;
use super::squares::Squares;
use crate::Error;
use crate::cases::CaseQuery;
use anlan_grid::clusters;
use anlan_model::cases::Phase;
use anlan_model::ids::{AccountId, CaseId, CellId, OfficeId};
use anlan_policy::RowRule;
use anlan_store::Store;
use anlan_store::cases::{Keys, Slim, SortKey};
use jiff::Timestamp;
use std::collections::HashMap;

const NEVER: i64 = i64::MAX;
const NOWHERE: u64 = u64::MAX;
const NONE: i32 = -1;
const CHUNK: usize = 20_000;

/// One case, in a few machine words.
#[derive(Debug, Clone)]
pub(crate) struct Dot {
    /// Place in Morton order; `NOWHERE` without a point.
    code: u64,
    lon_e7: i32,
    lat_e7: i32,
    opened_ms: i64,
    updated_ms: i64,
    /// `NEVER` without a deadline.
    due_ms: i64,
    id: u32,
    cell: i32,
    office: i32,
    about: i32,
    assignee: i32,
    division: u32,
    pub(super) state: u16,
    pub(super) class: u16,
    source: u16,
    phase: u8,
    pub(super) priority: u8,
    channel: u8,
    /// Counts as overdue once its deadline is past.
    may_lapse: bool,
    /// Its point is not a source's stand-in.
    is_placed: bool,
}

impl Dot {
    /// Stands where no case is.
    const NOTHING: Self = Self {
        code: NOWHERE,
        lon_e7: 0,
        lat_e7: 0,
        opened_ms: 0,
        updated_ms: 0,
        due_ms: NEVER,
        id: 0,
        cell: NONE,
        office: NONE,
        about: NONE,
        assignee: NONE,
        division: 0,
        state: 0,
        class: 0,
        source: 0,
        phase: 2,
        priority: 0,
        channel: 0,
        may_lapse: false,
        is_placed: false,
    };

    /// What a list sorts the case by, then its id, as the store's cursors have it.
    pub(super) fn keys(&self, key: SortKey) -> Keys {
        let id = i64::from(self.id);
        match key {
            SortKey::Due => [self.due_ms, 0, id],
            SortKey::Opened => [self.opened_ms, 0, id],
            SortKey::Updated => [self.updated_ms, 0, id],
            SortKey::Priority => [self.priority.into(), self.due_ms, id],
        }
    }

    pub(super) fn cell(&self) -> Option<CellId> {
        (self.cell != NONE).then(|| CellId(self.cell.into()))
    }

    /// Where it stands as longitude and latitude, in steps of 1e-7 degrees.
    fn at_e7(&self) -> [i32; 2] {
        [self.lon_e7, self.lat_e7]
    }

    fn is_near_something(&self) -> bool {
        self.is_placed && self.phase == phase_number(Phase::Open)
    }

    pub(super) fn id(&self) -> CaseId {
        CaseId(self.id.into())
    }

    pub(super) fn lon_lat(&self) -> [f64; 2] {
        self.at_e7().map(|degrees| f64::from(degrees) / 1e7)
    }

    pub(super) fn opened_ms(&self) -> i64 {
        self.opened_ms
    }

    pub(super) fn is_about_an_office(&self) -> bool {
        self.about != NONE
    }

    pub(super) fn office(&self) -> Option<OfficeId> {
        (self.office != NONE).then(|| OfficeId(self.office.into()))
    }

    pub(super) fn point(&self, is_flagged: bool) -> Option<clusters::Dot> {
        (self.code != NOWHERE).then_some(clusters::Dot {
            code: self.code,
            payload: self.id,
            is_flagged,
        })
    }
}

/// Words by number.
#[derive(Debug, Default)]
struct Words {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }

    fn small(&mut self, word: &str) -> u16 {
        u16::try_from(self.number(word)).unwrap_or(u16::MAX)
    }

    fn all(&self, test: impl Fn(&str) -> bool) -> Vec<bool> {
        self.words.iter().map(|word| test(word)).collect()
    }
}

/// The dots of every case, and how far in the order of events they are.
#[derive(Debug, Default)]
pub(crate) struct Index {
    dots: Vec<Dot>,
    open: Bits,
    squares: Squares,
    states: Words,
    classes: Words,
    sources: Words,
    divisions: Words,
    seq: i64,
    is_loaded: bool,
}

/// Degrees in steps of 1e-7, about a centimetre.
#[expect(
    clippy::cast_possible_truncation,
    reason = "±180° in these steps fits, and the cast saturates beyond"
)]
fn e7(degrees: f64) -> i32 {
    (degrees * 1e7).round() as i32
}

fn phase_number(phase: Phase) -> u8 {
    match phase {
        Phase::Open => 0,
        Phase::Closed => 1,
        Phase::Void => 2,
    }
}

fn small(id: Option<i64>) -> i32 {
    id.and_then(|id| i32::try_from(id).ok()).unwrap_or(NONE)
}

impl Index {
    /// The dots of this phase, or all. Open cases are few beside the done ones and asked for most: they are found by
    /// their bits.
    pub(super) fn each(&self, phase: Option<Phase>, mut take: impl FnMut(&Dot)) {
        if phase == Some(Phase::Open) {
            self.open
                .each(|at| self.dots.get(at).into_iter().for_each(&mut take));
        } else {
            self.dots.iter().for_each(take);
        }
    }

    /// The same, the cases that came last first, where that is as quick: who looks for the newest then sees them before
    /// the million older ones.
    pub(super) fn each_back(&self, phase: Option<Phase>, take: impl FnMut(&Dot)) {
        if phase == Some(Phase::Open) {
            self.each(phase, take);
        } else {
            self.dots.iter().rev().for_each(take);
        }
    }

    /// The dots of open cases with a point of their own in a box of degrees west, south, east, north, and perhaps some
    /// beyond it.
    pub(super) fn open_about(&self, bbox: [f64; 4], mut take: impl FnMut(&Dot)) {
        self.squares.each(bbox.map(e7), |id| {
            self.dots.get(id as usize).into_iter().for_each(&mut take);
        });
    }

    /// The class of a dot, if it has one.
    pub(super) fn class_of(&self, dot: &Dot) -> Option<&str> {
        let class = self.classes.words.get(usize::from(dot.class))?;
        (!class.is_empty()).then_some(class)
    }

    /// One case's dot.
    pub(super) fn find(&self, id: CaseId) -> Option<&Dot> {
        self.dots.get(usize::try_from(id.0).ok()?)
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.is_loaded
    }

    /// The newest event it knows of.
    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    /// State and class words by number.
    pub(super) fn names(&self) -> (Vec<String>, Vec<String>) {
        (self.states.words.clone(), self.classes.words.clone())
    }

    /// Takes up what has happened since.
    pub(super) fn follow(&mut self, store: &Store) -> Result<(), Error> {
        loop {
            let (fresh, newest) = store
                .read(|tx| anlan_store::cases::changed_since(tx, self.seq, CHUNK).map_err(Error::from))?;
            if newest == self.seq {
                return Ok(());
            }
            self.put_all(&fresh);
            self.seq = newest;
        }
    }

    /// Reads every case.
    pub(super) fn load(store: &Store) -> Result<Self, Error> {
        let mut index = Self {
            seq: store.read(|tx| anlan_store::events::last(tx).map_err(Error::from))?,
            is_loaded: true,
            ..Self::default()
        };
        let mut after = CaseId(0);
        loop {
            let cases = store.read(|tx| anlan_store::cases::scan(tx, after, CHUNK).map_err(Error::from))?;
            let Some(last) = cases.last() else {
                return Ok(index);
            };
            after = last.id;
            index.put_all(&cases);
        }
    }

    fn put_all(&mut self, cases: &[Slim]) {
        for slim in cases {
            let dot = self.dot(slim);
            self.put(dot);
        }
    }

    /// Case ids count up from 1 without gaps, so a dot stands at its id.
    fn put(&mut self, dot: Dot) {
        let Ok(at) = usize::try_from(dot.id) else { return };
        if at >= self.dots.len() {
            self.dots.resize(at + 1, Dot::NOTHING);
        }
        self.open.set(at, dot.phase == phase_number(Phase::Open));
        let Some(place) = self.dots.get_mut(at) else {
            return;
        };
        if place.is_near_something() {
            self.squares.take_out(place.at_e7(), place.id);
        }
        if dot.is_near_something() {
            self.squares.put(dot.at_e7(), dot.id);
        }
        *place = dot;
    }

    fn dot(&mut self, slim: &Slim) -> Dot {
        Dot {
            // An id beyond four thousand million would be no dot at all.
            id: u32::try_from(slim.id.0).unwrap_or(0),
            code: slim
                .point
                .and_then(|[lon, lat]| clusters::morton(lon, lat))
                .unwrap_or(NOWHERE),
            lon_e7: slim.point.map_or(0, |[lon, _]| e7(lon)),
            lat_e7: slim.point.map_or(0, |[_, lat]| e7(lat)),
            opened_ms: slim.opened_at.as_millisecond(),
            updated_ms: slim.updated_at.as_millisecond(),
            due_ms: slim.due_at.map_or(NEVER, Timestamp::as_millisecond),
            may_lapse: slim.overdue_from.is_some(),
            is_placed: slim.point.is_some() && !slim.is_default_point,
            cell: small(slim.cell.map(|id| id.0)),
            office: small(slim.office.map(|id| id.0)),
            about: small(slim.about_office.map(|id| id.0)),
            assignee: small(slim.assignee.map(|id| id.0)),
            division: self.divisions.number(&slim.division),
            state: self.states.small(slim.state.as_str()),
            class: self
                .classes
                .small(slim.class.as_ref().map_or("", |class| class.as_str())),
            source: self.sources.small(&slim.source),
            phase: phase_number(slim.phase),
            priority: slim.priority.number(),
            channel: slim.channel as u8,
        }
    }
}

/// A query and the caller's reach, turned into table look-ups.
pub(super) struct Wanted<'a> {
    query: &'a CaseQuery,
    rule: &'a RowRule,
    words: Option<&'a Bits>,
    view: Option<[i32; 4]>,
    states: Option<Vec<bool>>,
    classes: Option<Vec<bool>>,
    sources: Option<Vec<bool>>,
    divisions: Option<Vec<bool>>,
    reach: Vec<bool>,
    mine: Option<i32>,
    now_ms: i64,
}

fn one_of<T: PartialEq>(wanted: &[T], found: Option<&T>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
}

impl<'a> Wanted<'a> {
    /// `None` if nothing at all can match.
    pub(super) fn new(
        index: &Index,
        asked: &Asked<'a>,
        bbox: Option<[f64; 4]>,
        now: Timestamp,
    ) -> Option<Self> {
        let Asked {
            query,
            rule,
            account,
            words,
        } = *asked;
        let table = |list: &Words, empty: bool, test: &dyn Fn(&str) -> bool| (!empty).then(|| list.all(test));
        let starts = |prefix: Option<&str>| {
            index
                .divisions
                .all(|code| prefix.is_some_and(|prefix| code.starts_with(prefix)))
        };
        Some(Self {
            query,
            rule,
            words,
            view: bbox.map(|bbox| bbox.map(e7)),
            states: table(&index.states, query.states.is_empty(), &|word| {
                query.states.iter().any(|s| s.as_str() == word)
            }),
            classes: table(&index.classes, query.classes.is_empty(), &|word| {
                query.classes.iter().any(|c| c.as_str() == word)
            }),
            sources: table(&index.sources, query.source.is_none(), &|word| {
                query.source.as_deref() == Some(word)
            }),
            divisions: query.division.as_deref().map(|prefix| starts(Some(prefix))),
            reach: starts(rule.division.as_deref()),
            mine: if query.mine {
                Some(small(account?.0.into()))
            } else {
                None
            },
            now_ms: now.as_millisecond(),
        })
    }

    pub(super) fn is_overdue(&self, dot: &Dot) -> bool {
        dot.may_lapse && dot.due_ms < self.now_ms
    }

    /// Which dots are worth looking at.
    pub(super) fn phase(&self) -> Option<Phase> {
        self.query.phase
    }

    pub(super) fn admits(&self, dot: &Dot) -> bool {
        dot.id != 0 && self.is_visible(dot) && self.is_asked(dot) && self.is_in_view(dot)
    }

    fn is_visible(&self, dot: &Dot) -> bool {
        let rule = self.rule;
        if rule
            .hide_about
            .is_some_and(|office| small(Some(office.0)) == dot.about)
        {
            return false;
        }
        rule.all
            || rule
                .office
                .is_some_and(|office| small(Some(office.0)) == dot.office)
            || rule
                .assignee
                .is_some_and(|account| small(Some(account.0)) == dot.assignee)
            || at(&self.reach, dot.division)
    }

    fn is_asked(&self, dot: &Dot) -> bool {
        let query = self.query;
        let table =
            |table: &Option<Vec<bool>>, number: u32| table.as_ref().is_none_or(|table| at(table, number));
        query.phase.is_none_or(|phase| phase_number(phase) == dot.phase)
            && table(&self.states, dot.state.into())
            && table(&self.classes, dot.class.into())
            && table(&self.sources, dot.source.into())
            && table(&self.divisions, dot.division)
            && one_of(&query.offices, dot.office().as_ref())
            && one_of(&query.cells, dot.cell().as_ref())
            && (query.priorities.is_empty() || query.priorities.iter().any(|p| p.number() == dot.priority))
            && query.channel.is_none_or(|channel| channel as u8 == dot.channel)
            && (!query.overdue || self.is_overdue(dot))
            && self.mine.is_none_or(|mine| mine == dot.assignee)
            && query
                .opened_from
                .is_none_or(|from| dot.opened_ms >= from.as_millisecond())
            && query
                .opened_to
                .is_none_or(|to| dot.opened_ms < to.as_millisecond())
            && self.words.is_none_or(|words| words.has(dot.id as usize))
    }

    fn is_in_view(&self, dot: &Dot) -> bool {
        let Some([west, south, east, north]) = self.view else {
            return true;
        };
        let is_between = if west <= east {
            (west..=east).contains(&dot.lon_e7)
        } else {
            // A box across the date line has its west east of its east.
            dot.lon_e7 >= west || dot.lon_e7 <= east
        };
        dot.code != NOWHERE && is_between && (south..=north).contains(&dot.lat_e7)
    }
}

fn at(table: &[bool], number: u32) -> bool {
    table.get(number as usize).copied().unwrap_or(false)
}

/// What is asked, by whom.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) query: &'a CaseQuery,
    pub(super) rule: &'a RowRule,
    pub(super) account: Option<AccountId>,
    pub(super) words: Option<&'a Bits>,
}
