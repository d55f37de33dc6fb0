//! What makes routing quick: rules by class, one automaton over all keywords, offices by kind and division.

use super::compile::Compiled;
use super::{RouteFacts, local};
use crate::calendars::{Calendar, LocalTime};
use crate::classes::Class;
use crate::ids::{ClassCode, OfficeId};
use crate::offices::OfficeKind;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;

/// A set of rule numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Numbers(Vec<u64>);

impl Numbers {
    pub(super) fn add(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << bit;
        }
    }

    fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    fn keep(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    pub(super) fn holds_all(&self, other: &Self) -> bool {
        let mine = self.0.iter().copied().chain(std::iter::repeat(0));
        other.0.iter().zip(mine).all(|(theirs, mine)| theirs & !mine == 0)
    }

    /// In rising order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let bits_of = |(word, bits): (usize, &u64)| {
            let rest = std::iter::successors(Some(*bits), |bits| Some(bits & bits.wrapping_sub(1)));
            rest.take_while(|bits| *bits != 0)
                .map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        };
        self.0.iter().enumerate().flat_map(bits_of)
    }
}

impl FromIterator<usize> for Numbers {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| set.add(number));
        set
    }
}

/// Rules by class and place, words, and offices by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Rules that take a class.
    pub(super) by_class: HashMap<ClassCode, Numbers>,
    /// Rules that ask for no class.
    pub(super) classless: Numbers,
    /// Rules that ask for a division, by its prefix.
    pub(super) by_division: HashMap<String, Numbers>,
    /// Lengths of those prefixes, in bytes.
    pub(super) lengths: Vec<usize>,
    /// Rules that ask for a cell.
    pub(super) by_cell: HashMap<String, Numbers>,
    /// Rules that ask for no place.
    pub(super) anywhere: Numbers,
    /// All keywords of all rules.
    pub(super) words: Option<AhoCorasick>,
    /// Offices by kind and division.
    pub(super) places: [HashMap<String, OfficeId>; 4],
}

pub(super) fn kind_number(kind: OfficeKind) -> usize {
    match kind {
        OfficeKind::Centre => 0,
        OfficeKind::Department => 1,
        OfficeKind::Street => 2,
        OfficeKind::Station => 3,
    }
}

impl Index {
    /// The rules that take this class and place.
    pub(super) fn candidates(&self, facts: &RouteFacts<'_>, compiled: &[Compiled]) -> Numbers {
        let mut found = self.anywhere.clone();
        let division = facts.division.unwrap_or_default();
        for length in &self.lengths {
            if let Some(numbers) = division
                .get(..*length)
                .and_then(|prefix| self.by_division.get(prefix))
            {
                found.join(numbers);
            }
        }
        if let Some(numbers) = facts.cell.and_then(|cell| self.by_cell.get(cell)) {
            found.join(numbers);
        }
        let Some(class) = facts.class else {
            found.keep(&self.classless);
            return found;
        };
        match self.by_class.get(&class.code) {
            Some(numbers) => found.keep(numbers),
            None => found.keep(&of_new_class(class, compiled)),
        }
        found
    }

    /// The office of a kind with the longest division that holds the place.
    pub(super) fn office_of_place(&self, kind: OfficeKind, division: &str) -> Option<OfficeId> {
        let offices = self.places.get(kind_number(kind))?;
        (1..=division.len())
            .rev()
            .find_map(|length| offices.get(division.get(..length)?))
            .copied()
    }
}

/// For a class added since the rules were made ready.
fn of_new_class(class: &Class, compiled: &[Compiled]) -> Numbers {
    compiled
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.takes(class))
        .map(|(number, _)| number)
        .collect()
}

/// What was found out about the facts so far.
#[derive(Debug)]
pub(super) struct Matched<'a> {
    facts: &'a RouteFacts<'a>,
    calendar: &'a Calendar,
    local: Option<LocalTime>,
    words: Option<Vec<bool>>,
}

impl<'a> Matched<'a> {
    pub(super) fn new(facts: &'a RouteFacts<'a>, calendar: &'a Calendar) -> Self {
        Self {
            facts,
            calendar,
            local: None,
            words: None,
        }
    }

    pub(super) fn local(&mut self) -> LocalTime {
        *self.local.get_or_insert_with(|| local(self.facts, self.calendar))
    }

    /// Whether any of these keywords (by number) occurs in the texts; the texts are searched once for all rules.
    pub(super) fn has_word(&mut self, numbers: &[usize], index: &Index) -> bool {
        let Some(words) = &index.words else { return false };
        let texts = self.facts.texts;
        let found = self.words.get_or_insert_with(|| search(words, texts));
        numbers
            .iter()
            .any(|number| found.get(*number).copied().unwrap_or(false))
    }
}

fn search(words: &AhoCorasick, texts: &[&str]) -> Vec<bool> {
    let mut found = vec![false; words.patterns_len()];
    for text in texts {
        for hit in words.find_overlapping_iter(text) {
            if let Some(flag) = found.get_mut(hit.pattern().as_usize()) {
                *flag = true;
            }
        }
    }
    found
}
