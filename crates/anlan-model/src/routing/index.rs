//! What makes routing quick: rules by class, one automaton over all keywords, offices by kind and division.

use super::compile::Compiled;
use super::{RouteFacts, local};
use crate::calendars::{Calendar, LocalTime};
use crate::classes::Class;
use crate::ids::{ClassCode, OfficeId};
use crate::offices::OfficeKind;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;

/// Rules by class, words and offices by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// Rule numbers that take a class, in order.
    pub(super) by_class: HashMap<ClassCode, Vec<usize>>,
    /// Rule numbers that ask for no class.
    pub(super) classless: Vec<usize>,
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
    /// Numbers of the rules that may take this class, in order.
    pub(super) fn candidates<'a>(
        &'a self,
        class: Option<&'a Class>,
        compiled: &'a [Compiled],
    ) -> Box<dyn Iterator<Item = usize> + 'a> {
        let Some(class) = class else {
            return Box::new(self.classless.iter().copied());
        };
        match self.by_class.get(&class.code) {
            Some(numbers) => Box::new(numbers.iter().copied()),
            // A class added since the rules were made ready.
            None => Box::new(
                (0..compiled.len()).filter(|n| compiled.get(*n).is_some_and(|rule| rule.takes(class))),
            ),
        }
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
