//! The index: every case as a dot in the slim columns, numbers instead of words. It is a cache of the store and never the truth.

use super::bits::Bits;
use super::columns::{Columns, Dot, NEVER, NONE, NOWHERE};
use super::squares::Squares;
use crate::Error;
use anlan_grid::clusters;
use anlan_model::cases::Phase;
use anlan_model::ids::{CaseId, CellId, OfficeId};
use anlan_store::Store;
use anlan_store::cases::{Keys, Slim, SortKey};
use jiff::Timestamp;
use std::collections::HashMap;

const CHUNK: usize = 20_000;

/// Words by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
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

    /// Which words pass, by number.
    pub(super) fn all(&self, test: impl Fn(&str) -> bool) -> Vec<bool> {
        self.words.iter().map(|word| test(word)).collect()
    }
}

/// Which cases an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Extent {
    #[default]
    None,
    /// Open cases: few beside the done ones, and asked for most.
    Open,
    All,
}

impl Extent {
    /// What has to be held for cases of this phase, or of any.
    pub(super) fn of(phase: Option<Phase>) -> Self {
        if phase == Some(Phase::Open) {
            Self::Open
        } else {
            Self::All
        }
    }
}

/// The dots of every case, and how far in the order of events they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(super) columns: Columns,
    /// Cases by phase: open, closed, void.
    phases: [Bits; 3],
    squares: Squares,
    pub(super) states: Words,
    pub(super) classes: Words,
    pub(super) sources: Words,
    pub(super) divisions: Words,
    seq: i64,
    extent: Extent,
}

/// Degrees in steps of 1e-7, about a centimetre.
#[expect(
    clippy::cast_possible_truncation,
    reason = "±180° in these steps fits, and the cast saturates beyond"
)]
pub(super) fn e7(degrees: f64) -> i32 {
    (degrees * 1e7).round() as i32
}

/// The place of a phase's bits.
fn of_phase(phases: &[Bits; 3], phase: Phase) -> &Bits {
    let [open, closed, void] = phases;
    match phase {
        Phase::Open => open,
        Phase::Closed => closed,
        Phase::Void => void,
    }
}

pub(super) fn small(id: Option<i64>) -> i32 {
    id.and_then(|id| i32::try_from(id).ok()).unwrap_or(NONE)
}

impl Index {
    /// The cases of this phase, or all.
    pub(super) fn of_phase(&self, phase: Option<Phase>) -> Bits {
        if let Some(phase) = phase {
            return of_phase(&self.phases, phase).clone();
        }
        let mut all = Bits::default();
        self.phases.iter().for_each(|phase| all.add(phase));
        all
    }

    /// Open cases with a point of their own in a box of degrees west, south, east, north, and perhaps some beyond it.
    pub(super) fn open_about(&self, bbox: [f64; 4], mut take: impl FnMut(usize)) {
        self.squares.each(bbox.map(e7), |id| take(id as usize));
    }

    /// Which case stands there.
    pub(super) fn id(at: usize) -> CaseId {
        CaseId(i64::try_from(at).unwrap_or(0))
    }

    /// What a list sorts the case by, then its id, as the store's cursors have it.
    pub(super) fn keys(&self, at: usize, key: SortKey) -> Keys {
        let columns = &self.columns;
        let CaseId(id) = Self::id(at);
        match key {
            SortKey::Due => [columns.due_ms(at), 0, id],
            SortKey::Opened => [columns.opened_ms(at), 0, id],
            SortKey::Updated => [columns.updated_ms(at), 0, id],
            SortKey::Priority => [columns.priority(at).into(), columns.due_ms(at), id],
        }
    }

    /// Where it stands as longitude and latitude, degrees.
    pub(super) fn lon_lat(&self, at: usize) -> [f64; 2] {
        self.at_e7(at).map(|degrees| f64::from(degrees) / 1e7)
    }

    fn at_e7(&self, at: usize) -> [i32; 2] {
        [self.columns.lon_e7(at), self.columns.lat_e7(at)]
    }

    pub(super) fn cell(&self, at: usize) -> Option<CellId> {
        let cell = self.columns.cell(at);
        (cell != NONE).then(|| CellId(cell.into()))
    }

    pub(super) fn office(&self, at: usize) -> Option<OfficeId> {
        let office = self.columns.office(at);
        (office != NONE).then(|| OfficeId(office.into()))
    }

    pub(super) fn point(&self, at: usize, is_flagged: bool) -> Option<clusters::Dot> {
        let code = self.columns.code(at);
        (code != NOWHERE).then_some(clusters::Dot {
            code,
            payload: u32::try_from(at).unwrap_or(0),
            is_flagged,
        })
    }

    /// The class of a case, if it has one.
    pub(super) fn class(&self, at: usize) -> Option<&str> {
        let class = self.classes.words.get(usize::from(self.columns.class(at)))?;
        (!class.is_empty()).then_some(class)
    }

    pub(super) fn holds(&self, extent: Extent) -> bool {
        self.extent >= extent
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
            for slim in &fresh {
                self.put(slim);
            }
            self.seq = newest;
        }
    }

    /// Reads every open case.
    pub(super) fn open(store: &Store) -> Result<Self, Error> {
        let mut index = Self {
            seq: store.read(|tx| anlan_store::events::last(tx).map_err(Error::from))?,
            ..Self::default()
        };
        index.read(store, Phase::Open)?;
        index.extent = Extent::Open;
        Ok(index)
    }

    /// Reads the others too. What changed meanwhile is among what is to be followed.
    pub(super) fn rest(&mut self, store: &Store) -> Result<(), Error> {
        self.read(store, Phase::Closed)?;
        self.read(store, Phase::Void)?;
        self.extent = Extent::All;
        Ok(())
    }

    fn read(&mut self, store: &Store, phase: Phase) -> Result<(), Error> {
        let mut after = CaseId(0);
        loop {
            let cases =
                store.read(|tx| anlan_store::cases::scan(tx, phase, after, CHUNK).map_err(Error::from))?;
            let Some(last) = cases.last() else {
                return Ok(());
            };
            after = last.id;
            for slim in &cases {
                self.put(slim);
            }
        }
    }

    /// Case ids count up from 1 without gaps, so a dot stands at its id.
    fn put(&mut self, slim: &Slim) {
        let Ok(id) = u32::try_from(slim.id.0) else { return };
        let at = id as usize;
        let was_near = self.is_near_something(at);
        if was_near {
            self.squares.take_out(self.at_e7(at), id);
        }
        let dot = self.dot(slim);
        self.columns.put(at, &dot);
        let [open, closed, void] = &mut self.phases;
        for (bits, phase) in [(open, Phase::Open), (closed, Phase::Closed), (void, Phase::Void)] {
            bits.set(at, slim.phase == phase);
        }
        if self.is_near_something(at) {
            self.squares.put(self.at_e7(at), id);
        }
    }

    fn is_near_something(&self, at: usize) -> bool {
        self.columns.is_placed(at) && of_phase(&self.phases, Phase::Open).has(at)
    }

    fn dot(&mut self, slim: &Slim) -> Dot {
        Dot {
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
            priority: slim.priority.number(),
            channel: slim.channel as u8,
        }
    }
}
