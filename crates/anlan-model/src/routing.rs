//! Routing: which office must act on a report, by class × place × time × words, in the order of the rules, first match
//! wins, and always with the name of the rule that said so. It knows no case and keeps nothing.

mod compile;
mod explain;
mod index;
mod windows;

use crate::calendars::{Calendar, LocalTime};
use crate::cases::Route;
use crate::classes::Class;
use crate::ids::{CaseId, ClassCode, OfficeId, RuleName};
use crate::incoming::Channel;
use crate::offices::Office;
use crate::tables::{Faults, TableError};
use compile::Compiled;
use index::{Index, Matched};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One rule. Every condition that is given must hold; within one condition any entry is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique within the set; shown with every case it sent.
    pub name: RuleName,
    /// Class codes, or prefixes such as `m06*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Groups of classes, by Chinese or English name; widens `classes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Division code prefixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub divisions: Vec<String>,
    /// Cell codes; widens `divisions`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
    /// Times by the calendar, e.g. `mon-fri 08:00-18:00`, `offdays`, `office`, `closed`, `22:00-06:00`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<String>,
    /// Words in title, description or address; Latin letters in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Ways it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// An office's code, or `street-of-place`, `station-of-place`, `department-of-place`, `centre-of-place`: the office of
    /// that kind whose division holds the place. Where there is none the rule does not match.
    pub office: String,
}

/// An ordered set of rules, as people edit it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Its version; each publication adds one.
    #[serde(default)]
    pub version: u32,
    /// In order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Code of the office where nothing matches; empty for none.
    #[serde(default, alias = "fallback")]
    pub fallback_office: String,
}

impl RuleSet {
    /// Reads a set from TOML (`fallback_office`, then `[[rules]]` tables).
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        Faults::new("rules", text).read()
    }
}

/// What routing looks at.
#[derive(Debug, Clone, Copy)]
pub struct RouteFacts<'a> {
    /// Its class.
    pub class: Option<&'a Class>,
    /// Division code of its cell.
    pub division: Option<&'a str>,
    /// Code of its cell.
    pub cell: Option<&'a str>,
    /// The way it came.
    pub channel: Channel,
    /// When it came.
    pub at: Timestamp,
    /// Title, description, address.
    pub texts: &'a [&'a str],
    /// A complaint about this office never goes to it.
    pub about_office: Option<OfficeId>,
}

/// Where it goes and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The rule set's version.
    pub rule_set: u32,
    /// The office.
    pub office: OfficeId,
    /// The rule; `None` where nothing matched.
    pub rule: Option<RuleName>,
    /// Why, in Chinese.
    pub explanation_zh: String,
    /// Why, in English.
    pub explanation_en: String,
}

impl Routed {
    /// As a case keeps it.
    pub fn route(&self) -> Route {
        Route {
            rule_set: self.rule_set,
            rule: self.rule.clone(),
            office: self.office,
        }
    }
}

/// A case of the past, to try a rule set on.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The case.
    pub case: CaseId,
    /// What routing would look at.
    pub facts: RouteFacts<'a>,
    /// Where it was sent.
    pub office: Option<OfficeId>,
}

/// A case that would have gone elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The case.
    pub case: CaseId,
    /// Where it was sent.
    pub old_office: Option<OfficeId>,
    /// Where it would go.
    pub new_office: Option<OfficeId>,
    /// By which rule; `None` by the fallback.
    pub rule: Option<RuleName>,
}

/// What a rule set would have done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tried {
    /// Cases tried.
    pub tried: u64,
    /// Cases that would have gone elsewhere.
    pub changed: u64,
    /// Cases per rule, rules without any included.
    pub per_rule: BTreeMap<String, u64>,
    /// Cases no rule matched.
    pub fallback: u64,
    /// The first changed cases.
    pub samples: Vec<Change>,
    /// Cases of which whoever tries may not read every text, tried without it.
    pub unread: u64,
}

impl Tried {
    fn note(&mut self, change: Change, samples_max: usize) {
        if change.new_office == change.old_office {
            return;
        }
        self.changed += 1;
        if self.samples.len() < samples_max {
            self.samples.push(change);
        }
    }
}

/// A rule set made ready for use with the offices, classes and calendar of a jurisdiction.
#[derive(Debug, Clone)]
pub struct Router {
    set: RuleSet,
    compiled: Vec<Compiled>,
    /// What each rule asks for, in words, Chinese and English.
    conditions: Vec<(String, String)>,
    index: Index,
    fallback: Option<OfficeId>,
    offices: BTreeMap<OfficeId, (String, String)>,
    parents: BTreeMap<OfficeId, OfficeId>,
}

impl Router {
    /// Checks a set and makes it ready. Unknown offices and classes, duplicate names and rules that can never match are
    /// refused, each named.
    pub fn new(
        set: RuleSet,
        offices: &BTreeMap<OfficeId, Office>,
        classes: &BTreeMap<ClassCode, Class>,
    ) -> Result<Self, TableError> {
        compile::compile(set, offices, classes)
    }

    /// The set it was made from.
    pub fn rules(&self) -> &RuleSet {
        &self.set
    }

    /// Where it goes, and why. `None` only where nothing matches and there is no fallback.
    pub fn route(&self, facts: &RouteFacts<'_>, calendar: &Calendar) -> Option<Routed> {
        let (office, rule) = self.pick(facts, calendar)?;
        let (explanation_zh, explanation_en) = self.explain_rule(office, rule);
        let rule = rule.and_then(|number| self.name(number));
        Some(Routed {
            rule_set: self.set.version,
            office,
            rule,
            explanation_zh,
            explanation_en,
        })
    }

    fn name(&self, number: usize) -> Option<RuleName> {
        self.set.rules.get(number).map(|rule| rule.name.clone())
    }

    fn pick(&self, facts: &RouteFacts<'_>, calendar: &Calendar) -> Option<(OfficeId, Option<usize>)> {
        let mut matched = Matched::new(facts, calendar);
        let candidates = self.index.candidates(facts, &self.compiled);
        let found = candidates.iter().find_map(|number| {
            let office = self
                .compiled
                .get(number)?
                .office(facts, &mut matched, &self.index)?;
            (Some(office) != facts.about_office).then_some((office, Some(number)))
        });
        found.or_else(|| {
            let fallback = self.fallback?;
            let above = self.parents.get(&fallback).copied();
            if facts.about_office == Some(fallback) {
                above.map(|office| (office, None))
            } else {
                Some((fallback, None))
            }
        })
    }

    /// Tries the set on past cases; keeps the first `samples_max` changes.
    pub fn try_on<'a>(
        &self,
        past: impl IntoIterator<Item = Past<'a>>,
        calendar: &Calendar,
        samples_max: usize,
    ) -> Tried {
        let names = self.set.rules.iter().map(|rule| (rule.name.0.clone(), 0));
        let mut tried = Tried {
            per_rule: names.collect(),
            ..Tried::default()
        };
        for case in past {
            let picked = self.pick(&case.facts, calendar);
            let rule = picked.and_then(|(_, number)| self.name(number?));
            tried.tried += 1;
            match rule
                .as_ref()
                .and_then(|rule| tried.per_rule.get_mut(rule.as_str()))
            {
                Some(count) => *count += 1,
                None => tried.fallback += 1,
            }
            let new_office = picked.map(|(office, _)| office);
            let change = Change {
                case: case.case,
                old_office: case.office,
                new_office,
                rule,
            };
            tried.note(change, samples_max);
        }
        tried
    }
}

/// The local time of the facts, computed once and only if a rule asks.
fn local(facts: &RouteFacts<'_>, calendar: &Calendar) -> LocalTime {
    calendar.local(facts.at)
}
