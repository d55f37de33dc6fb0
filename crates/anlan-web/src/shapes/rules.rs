//! Routing rules as JSON.

use super::words::Channel;
use anlan_model::ids::RuleName;
use anlan_model::routing as model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One rule. Every condition that is given must hold; within one condition any entry is enough.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Unique within the set; shown with every case it sent.
    name: String,
    /// Class codes, or prefixes such as `m06*`.
    #[serde(default)]
    classes: Vec<String>,
    /// Groups of classes, by Chinese or English name; widens `classes`.
    #[serde(default)]
    groups: Vec<String>,
    /// Division code prefixes.
    #[serde(default)]
    divisions: Vec<String>,
    /// Cell codes; widens `divisions`.
    #[serde(default)]
    cells: Vec<String>,
    /// Times by the calendar, e.g. `mon-fri 08:00-18:00`, `offdays`, `office`, `closed`.
    #[serde(default)]
    hours: Vec<String>,
    /// Words in title, description or address.
    #[serde(default)]
    keywords: Vec<String>,
    /// Ways it came.
    #[serde(default)]
    channels: Vec<Channel>,
    /// An office's code, or `street-of-place`, `station-of-place`, `department-of-place`, `centre-of-place`.
    office: String,
}

/// An ordered set of rules: the first that matches wins.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleSet {
    /// The version these rules are, or were made from.
    version: u32,
    rules: Vec<Rule>,
    /// Code of the office where nothing matches; empty for none.
    #[serde(default)]
    fallback_office: String,
}

impl From<model::Rule> for Rule {
    fn from(rule: model::Rule) -> Self {
        Self {
            name: rule.name.0,
            classes: rule.classes,
            groups: rule.groups,
            divisions: rule.divisions,
            cells: rule.cells,
            hours: rule.hours,
            keywords: rule.keywords,
            channels: rule.channels.into_iter().map(Channel::from).collect(),
            office: rule.office,
        }
    }
}

impl From<Rule> for model::Rule {
    fn from(rule: Rule) -> Self {
        Self {
            name: RuleName(rule.name),
            classes: rule.classes,
            groups: rule.groups,
            divisions: rule.divisions,
            cells: rule.cells,
            hours: rule.hours,
            keywords: rule.keywords,
            channels: rule.channels.into_iter().map(Into::into).collect(),
            office: rule.office,
        }
    }
}

impl From<model::RuleSet> for RuleSet {
    fn from(set: model::RuleSet) -> Self {
        Self {
            version: set.version,
            rules: set.rules.into_iter().map(Rule::from).collect(),
            fallback_office: set.fallback_office,
        }
    }
}

impl From<RuleSet> for model::RuleSet {
    fn from(set: RuleSet) -> Self {
        Self {
            version: set.version,
            rules: set.rules.into_iter().map(Into::into).collect(),
            fallback_office: set.fallback_office,
        }
    }
}

/// A case that would have gone elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleSample {
    case: i64,
    number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_office: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_office: Option<i64>,
    /// Absent where no rule matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

impl RuleSample {
    pub(crate) fn of(change: model::Change, number: String) -> Self {
        Self {
            case: change.case.0,
            number,
            old_office: change.old_office.map(|office| office.0),
            new_office: change.new_office.map(|office| office.0),
            rule: change.rule.map(|rule| rule.0),
        }
    }
}

/// What a rule set would have done to past cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesTried {
    pub(crate) tried: u64,
    pub(crate) changed: u64,
    /// Cases per rule, rules that caught none included.
    pub(crate) per_rule: BTreeMap<String, u64>,
    /// Cases no rule matched.
    pub(crate) fallback: u64,
    /// Some of the cases that would have gone elsewhere.
    pub(crate) samples: Vec<RuleSample>,
    /// Cases of which the caller may not read every text, tried without it.
    pub(crate) unread: u64,
}
