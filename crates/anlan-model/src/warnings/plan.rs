//! The watch plan (监测方案): which class groups are watched, by which methods, at what price in false alarms. Data that a
//! jurisdiction replaces as a whole. It counts nothing; it refuses whatever is about persons, assemblies or speech.

use super::words;
use crate::classes::Class;
use crate::ids::ClassCode;
use crate::tables::{TableError, TableFault};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days in a month, on the average: 365.25 / 12.
const MONTH_DAYS: f64 = 30.4375;

/// A class group's name, unique within its plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupName(pub String);

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a class group is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Neighbouring cells together, over hours to days: a prospective space-time scan.
    SpaceTime,
    /// All cells together: a surge everywhere at once.
    Surge,
}

impl Method {
    /// The word written in plans and shown by doors.
    pub fn word(self) -> &'static str {
        match self {
            Self::SpaceTime => "space_time",
            Self::Surge => "surge",
        }
    }
}

/// Classes that are watched together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchGroup {
    /// Its name.
    pub name: GroupName,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Class codes, or prefixes that end in `*`.
    pub classes: Vec<String>,
    /// How it is watched.
    pub methods: Vec<Method>,
    /// Its part of the budget, beside the others' parts.
    pub share: f64,
    /// Fewer cases in the window raise nothing.
    pub observed_min: u32,
    /// Less than so many times the usual raises nothing.
    pub ratio_min: f64,
    /// Longest window, days.
    pub span_days_max: u16,
    /// Farthest cells of one window apart from its middle, metres.
    pub radius_m_max: f64,
}

/// The price in false alarms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BudgetTerms {
    /// False alarms that the node as a whole bears per month, on the average.
    pub false_alarms_per_month: f64,
}

/// What a baseline is learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "terms of a regression, each there or not, as the plan writes them"
)]
pub struct Baseline {
    /// With less history nothing is raised.
    pub days_min: u16,
    /// History used, at most.
    pub days_max: u16,
    /// A level that rises or falls over the years.
    pub trend: bool,
    /// A yearly rhythm, once there is a year to learn it from.
    pub season: bool,
    /// A weekly rhythm.
    pub weekday: bool,
    /// Days off and make-up days of the jurisdiction's calendar.
    pub holidays: bool,
    /// Hours until nearly all reports of an hour are in; the newest hours are not judged before.
    pub delay_hours: u16,
}

/// What is counted apart and not watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveOut {
    /// Cases on a source's stand-in point.
    pub default_points: bool,
    /// Cases their source marks as repeats.
    pub repeats: bool,
    /// Whole feeds: known bulk imports.
    pub sources: Vec<String>,
}

/// A jurisdiction's watch plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchPlan {
    /// The price.
    pub budget: BudgetTerms,
    /// Minutes between two full passes.
    pub beat_minutes: u16,
    /// Cells with fewer residents are watched and shown together with a neighbour.
    pub population_min: u32,
    /// What a baseline is learnt from.
    pub baseline: Baseline,
    /// What is left out.
    pub leave_out: LeaveOut,
    /// What is watched.
    pub groups: Vec<WatchGroup>,
}

/// A plan with its patterns resolved to the classes in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Group of each watched class, by position.
    pub group_of: BTreeMap<ClassCode, usize>,
    /// Classes that a pattern names and that may never be watched, with the group that names them.
    pub refused: Vec<(ClassCode, GroupName)>,
}

/// Whether a class may never be watched: it is about persons, assemblies, speech, or complaints about offices.
pub fn never_watched(class: &Class) -> bool {
    let texts = [&class.name_zh, &class.name_en, &class.group_zh, &class.group_en];
    words::is_code_never_watched(class.code.as_str())
        || texts.into_iter().any(|text| words::speaks_of_people(text))
}

impl WatchPlan {
    /// Reads a plan from TOML; the form is described in `standards/README.md`.
    pub fn from_toml(text: &str) -> Result<Self, TableError> {
        super::form::read(text)
    }

    /// The plan shipped with Anlan.
    pub fn shipped() -> Result<Self, TableError> {
        Self::from_toml(include_str!("../../../../standards/warnings.toml"))
    }

    /// A group by name.
    pub fn group(&self, name: &GroupName) -> Option<&WatchGroup> {
        self.groups.iter().find(|group| group.name == *name)
    }

    /// Days that must pass on the average between two false alarms of this group, for the node to keep its budget:
    /// a month divided by the group's part of the false alarms borne in it.
    pub fn recurrence_days_min(&self, group: &WatchGroup) -> f64 {
        let shares: f64 = self.groups.iter().map(|group| group.share).sum();
        let per_month = self.budget.false_alarms_per_month * group.share / shares.max(f64::MIN_POSITIVE);
        MONTH_DAYS / per_month.max(f64::MIN_POSITIVE)
    }

    /// The same plan at another price.
    #[must_use]
    pub fn at_budget(&self, false_alarms_per_month: f64) -> Self {
        let mut plan = self.clone();
        plan.budget.false_alarms_per_month = false_alarms_per_month;
        plan
    }

    /// The first group that names a class watches it. Classes that may never be watched are left out and told.
    pub fn resolve<'a>(&self, classes: impl Iterator<Item = &'a Class>) -> Resolved {
        let mut resolved = Resolved {
            group_of: BTreeMap::new(),
            refused: Vec::new(),
        };
        for class in classes {
            let found = self
                .groups
                .iter()
                .enumerate()
                .find(|(_, group)| group.takes(&class.code));
            let Some((position, group)) = found else { continue };
            if never_watched(class) {
                resolved.refused.push((class.code.clone(), group.name.clone()));
            } else {
                resolved.group_of.insert(class.code.clone(), position);
            }
        }
        resolved
    }

    /// Refuses a plan that names a class which may never be watched.
    pub fn check_classes<'a>(&self, classes: impl Iterator<Item = &'a Class>) -> Result<(), TableError> {
        let fault = |(class, group): (ClassCode, GroupName)| TableFault {
            line: None,
            column: None,
            zh: None,
            field: format!("group.{}.classes", group.0),
            message: format!(
                "takes in class {class}, which is about persons, assemblies, speech or complaints and is never watched; \
                 name the hazard classes one by one"
            ),
        };
        let faults: Vec<TableFault> = self.resolve(classes).refused.into_iter().map(fault).collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(TableError {
            table: "warnings",
            faults,
        })
    }
}

impl WatchGroup {
    /// Whether one of its patterns names this class.
    pub fn takes(&self, class: &ClassCode) -> bool {
        self.classes
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => class.as_str().starts_with(prefix),
                None => class.as_str() == pattern,
            })
    }
}
