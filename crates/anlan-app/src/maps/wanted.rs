//! A query and the caller's reach, turned into tests of one column each. What is done with the cases that pass is not here.

use super::bits::Bits;
use super::columns::NOWHERE;
use super::index::{Index, Words, e7, small};
use crate::cases::CaseQuery;
use anlan_model::ids::AccountId;
use anlan_policy::RowRule;
use jiff::Timestamp;

/// What is asked, by whom.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) query: &'a CaseQuery,
    pub(super) rule: &'a RowRule,
    pub(super) account: Option<AccountId>,
    pub(super) words: Option<&'a Bits>,
}

pub(super) type Test<'a> = Box<dyn Fn(usize) -> bool + 'a>;

/// Tests that the cases which policy lets somebody reach pass, and no other.
pub(super) fn reach<'a>(index: &'a Index, rule: &'a RowRule) -> Vec<Test<'a>> {
    let columns = &index.columns;
    let mut tests: Vec<Test<'a>> = Vec::new();
    if let Some(hidden) = rule.hide_about {
        let hidden = small(Some(hidden.0));
        tests.push(Box::new(move |at| columns.about(at) != hidden));
    }
    if rule.all {
        return tests;
    }
    let begins = |code: &str| {
        let prefix = rule.division.as_deref();
        prefix.is_some_and(|prefix| code.starts_with(prefix))
    };
    let divisions = index.divisions.all(begins);
    let (office, person) = (rule.office, rule.assignee);
    tests.push(Box::new(move |at| {
        office.is_some_and(|office| small(Some(office.0)) == columns.office(at))
            || person.is_some_and(|person| small(Some(person.0)) == columns.assignee(at))
            || rule.opened.contains(&Index::id(at))
            || holds(&divisions, columns.division(at))
    }));
    tests
}

/// Which cases of an index are wanted.
pub(super) struct Wanted<'a> {
    index: &'a Index,
    asked: Asked<'a>,
    now_ms: i64,
    tests: Vec<Test<'a>>,
}

impl<'a> Wanted<'a> {
    /// `None` if nothing at all can match.
    pub(super) fn new(
        index: &'a Index,
        asked: Asked<'a>,
        bbox: Option<[f64; 4]>,
        now: Timestamp,
    ) -> Option<Self> {
        let mut wanted = Self {
            index,
            asked,
            now_ms: now.as_millisecond(),
            tests: reach(index, asked.rule),
        };
        wanted.words(asked.query);
        wanted.numbers(asked.query, asked.account)?;
        wanted.times(asked.query);
        if let Some(bbox) = bbox {
            wanted.view(bbox.map(e7));
        }
        Some(wanted)
    }

    pub(super) fn is_overdue(&self, at: usize) -> bool {
        self.index.columns.may_lapse(at) && self.index.columns.due_ms(at) < self.now_ms
    }

    /// Every case that is wanted, one test after the other: the first ones leave the later ones little to do.
    pub(super) fn all(&self) -> Bits {
        let mut all = self.index.of_phase(self.asked.query.phase);
        if let Some(words) = self.asked.words {
            all.keep(words);
        }
        for test in &self.tests {
            all.keep_if(test);
        }
        all
    }

    /// Whether one case of the right phase is wanted.
    pub(super) fn admits(&self, at: usize) -> bool {
        self.asked.words.is_none_or(|words| words.has(at)) && self.tests.iter().all(|test| test(at))
    }

    fn must(&mut self, test: impl Fn(usize) -> bool + 'a) {
        self.tests.push(Box::new(test));
    }

    /// What is spelt in words in the store and a number here.
    fn words(&mut self, query: &'a CaseQuery) {
        let (index, columns) = (self.index, &self.index.columns);
        let table = |words: &Words, test: &dyn Fn(&str) -> bool| words.all(test);
        if !query.states.is_empty() {
            let table = table(&index.states, &|word| {
                query.states.iter().any(|s| s.as_str() == word)
            });
            self.must(move |at| holds(&table, columns.state(at).into()));
        }
        if !query.classes.is_empty() {
            let table = table(&index.classes, &|word| {
                query.classes.iter().any(|c| c.as_str() == word)
            });
            self.must(move |at| holds(&table, columns.class(at).into()));
        }
        if let Some(source) = query.source.as_deref() {
            let table = table(&index.sources, &|word| source == word);
            self.must(move |at| holds(&table, columns.source(at).into()));
        }
        if let Some(prefix) = query.division.as_deref() {
            let table = table(&index.divisions, &|code| code.starts_with(prefix));
            self.must(move |at| holds(&table, columns.division(at)));
        }
    }

    /// What is a number in the store too; `None` where the caller asks for their own cases and is nobody.
    fn numbers(&mut self, query: &'a CaseQuery, account: Option<AccountId>) -> Option<()> {
        let columns = &self.index.columns;
        if query.mine {
            let mine = small(Some(account?.0));
            self.must(move |at| columns.assignee(at) == mine);
        }
        if !query.offices.is_empty() {
            let offices: Vec<i32> = query.offices.iter().map(|id| small(Some(id.0))).collect();
            self.must(move |at| offices.contains(&columns.office(at)));
        }
        if !query.cells.is_empty() {
            let cells: Vec<i32> = query.cells.iter().map(|id| small(Some(id.0))).collect();
            self.must(move |at| cells.contains(&columns.cell(at)));
        }
        if !query.priorities.is_empty() {
            let priorities: Vec<u8> = query.priorities.iter().map(|p| p.number()).collect();
            self.must(move |at| priorities.contains(&columns.priority(at)));
        }
        if let Some(channel) = query.channel {
            self.must(move |at| columns.channel(at) == channel as u8);
        }
        Some(())
    }

    fn times(&mut self, query: &'a CaseQuery) {
        let (columns, now_ms) = (&self.index.columns, self.now_ms);
        if query.overdue {
            self.must(move |at| columns.due_ms(at) < now_ms && columns.may_lapse(at));
        }
        if let Some(from) = query.opened_from {
            self.must(move |at| columns.opened_ms(at) >= from.as_millisecond());
        }
        if let Some(to) = query.opened_to {
            self.must(move |at| columns.opened_ms(at) < to.as_millisecond());
        }
    }

    /// A box of west, south, east, north. One across the date line has its west east of its east.
    fn view(&mut self, [west, south, east, north]: [i32; 4]) {
        let columns = &self.index.columns;
        self.must(move |at| {
            let lon = columns.lon_e7(at);
            if west <= east {
                (west..=east).contains(&lon)
            } else {
                lon >= west || lon <= east
            }
        });
        self.must(move |at| (south..=north).contains(&columns.lat_e7(at)) && columns.code(at) != NOWHERE);
    }
}

fn holds(table: &[bool], number: u32) -> bool {
    table.get(number as usize).copied().unwrap_or(false)
}
