//! Warnings, their explanation and the budget as JSON.

use super::words::{DismissReason, Method, Sentence, WarningState};
use anlan_app::jurisdictions::Jurisdiction;
use anlan_app::warnings as app;
use anlan_model::warnings as model;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

impl From<app::Sentence> for Sentence {
    fn from(sentence: app::Sentence) -> Self {
        Self {
            zh: sentence.zh,
            en: sentence.en,
        }
    }
}

/// Counts of one class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassCount {
    pub(crate) class: String,
    pub(crate) count: u32,
}

/// What a detector found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Finding {
    pub(crate) method: Method,
    /// Cell ids; empty where the node as a whole is meant.
    pub(crate) cells: Vec<i64>,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) observed: u32,
    pub(crate) expected: f64,
    pub(crate) statistic: f64,
    /// Days that pass on the average until chance alone brings as much.
    pub(crate) recurrence_days: f64,
    pub(crate) classes: Vec<ClassCount>,
}

impl From<&model::Finding> for Finding {
    fn from(finding: &model::Finding) -> Self {
        let classes = finding.classes.iter().map(|(class, count)| ClassCount {
            class: class.0.clone(),
            count: *count,
        });
        Self {
            method: finding.method.into(),
            cells: finding.cells.iter().map(|cell| cell.0).collect(),
            from: finding.from,
            to: finding.to,
            observed: finding.observed,
            expected: finding.expected,
            statistic: finding.statistic,
            recurrence_days: finding.recurrence_days,
            classes: classes.collect(),
        }
    }
}

/// One line of the list of warnings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningSummary {
    pub(crate) id: i64,
    /// Units of work so far; send it back in `If-Match`.
    pub(crate) version: u32,
    pub(crate) state: WarningState,
    /// The class group watched.
    pub(crate) group: String,
    pub(crate) group_zh: String,
    pub(crate) group_en: String,
    /// The newest finding in one plain sentence.
    pub(crate) sentence: Sentence,
    pub(crate) latest: Finding,
    pub(crate) raised_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Since when the counts are back to usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<Timestamp>,
    /// Cases it was linked to.
    pub(crate) cases: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dismissed_for: Option<DismissReason>,
    /// Goes on as that warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) merged_into: Option<i64>,
}

impl WarningSummary {
    pub(crate) fn of(node: &Jurisdiction, warning: &model::Warning) -> Self {
        let group = node.watch.group(&warning.group);
        let name = |of: fn(&model::WatchGroup) -> &String| {
            group.map_or_else(|| warning.group.0.clone(), |group| of(group).clone())
        };
        Self {
            id: warning.id.0,
            version: warning.version,
            state: warning.state.into(),
            group: warning.group.0.clone(),
            group_zh: name(|group| &group.name_zh),
            group_en: name(|group| &group.name_en),
            sentence: app::told(node, warning).into(),
            latest: (&warning.latest).into(),
            raised_at: warning.raised_at,
            updated_at: warning.updated_at,
            ended_at: warning.ended_at,
            cases: warning.cases.iter().map(|case| case.0).collect(),
            dismissed_for: warning
                .dismissal
                .as_ref()
                .map(|dismissal| dismissal.reason.into()),
            merged_into: warning.merged_into.map(|id| id.0),
        }
    }
}

/// A page of warnings, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningPage {
    pub(crate) items: Vec<WarningSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// Raised and not looked at yet, in all.
    pub(crate) waiting: u32,
}

/// One day of the chart.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChartDay {
    #[schema(value_type = String, format = Date)]
    pub(crate) date: Date,
    pub(crate) observed: u32,
    pub(crate) expected: f64,
    /// The largest count that chance exceeds less often than the budget allows.
    pub(crate) upper: u32,
    /// Whether the finding's window holds this day.
    pub(crate) is_in_window: bool,
}

/// What a detector saw on a day, at its highest, anywhere in the class group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookDay {
    #[schema(value_type = String, format = Date)]
    pub(crate) date: Date,
    pub(crate) method: String,
    pub(crate) observed: u32,
    pub(crate) expected: f64,
    pub(crate) recurrence_days: f64,
    /// Whether that place shares a cell with the warning's.
    pub(crate) is_here: bool,
}

/// One step of a warning's life.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningStep {
    pub(crate) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<String>,
    /// E.g. `raised`, `updated`, `linked`.
    pub(crate) kind: String,
    /// Counted then, where a detector spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) observed: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<DismissReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

impl From<app::Step> for WarningStep {
    fn from(step: app::Step) -> Self {
        use model::WarningEvent as Event;
        let mut shape = Self {
            at: step.at,
            by: step.by.map(|account| account.0),
            by_name: step.by_name,
            kind: step.event.kind().to_owned(),
            observed: None,
            case: None,
            reason: None,
            note: None,
        };
        match step.event {
            Event::Raised { finding, .. } | Event::Updated { finding } => {
                shape.observed = Some(finding.observed);
            }
            Event::Linked { case } => shape.case = Some(case.0),
            Event::Dismissed { reason, note } => {
                shape.reason = Some(reason.into());
                shape.note = Some(note).filter(|note| !note.is_empty());
            }
            Event::Closed { note } => shape.note = Some(note).filter(|note| !note.is_empty()),
            Event::Ended | Event::Seen | Event::Merged { .. } => {}
        }
        shape
    }
}

/// A warning with everything a person needs to judge it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningDetail {
    #[serde(flatten)]
    pub(crate) summary: WarningSummary,
    /// What tipped it.
    pub(crate) first: Finding,
    /// The strongest finding.
    pub(crate) peak: Finding,
    /// How often chance would do as much, in words.
    pub(crate) chance: Sentence,
    /// Days between false alarms that the budget asks of each method of the group.
    pub(crate) bar_days: f64,
    /// Ids of cells around it, nearest first.
    pub(crate) near: Vec<i64>,
    pub(crate) chart: Vec<ChartDay>,
    pub(crate) looks: Vec<LookDay>,
    /// Earlier warnings of the group in these cells.
    pub(crate) earlier: Vec<WarningSummary>,
    pub(crate) steps: Vec<WarningStep>,
}

impl WarningDetail {
    pub(crate) fn of(node: &Jurisdiction, explained: app::Explained) -> Self {
        let chart = explained.chart.into_iter().map(|day| ChartDay {
            date: day.date,
            observed: day.observed,
            expected: day.expected,
            upper: day.upper,
            is_in_window: day.is_in_window,
        });
        let looks = explained.looks.into_iter().map(|look| LookDay {
            date: look.date,
            method: look.method,
            observed: look.observed,
            expected: look.expected,
            recurrence_days: look.recurrence_days,
            is_here: look.is_here,
        });
        let earlier = explained.earlier.iter();
        Self {
            summary: WarningSummary::of(node, &explained.warning),
            first: (&explained.warning.first).into(),
            peak: (&explained.warning.peak).into(),
            chance: explained.chance.into(),
            bar_days: explained.bar_days,
            near: explained.near.iter().map(|cell| cell.0).collect(),
            chart: chart.collect(),
            looks: looks.collect(),
            earlier: earlier
                .map(|one| WarningSummary::of(node, &one.warning))
                .collect(),
            steps: explained.steps.into_iter().map(WarningStep::from).collect(),
        }
    }
}

/// What somebody does with a warning.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WarningMove {
    /// Looks at it.
    Look,
    /// Links it to `case`.
    Link,
    /// Puts it aside for `reason`.
    Dismiss,
    /// Is done with it.
    Close,
}

/// A step that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WarningDecision {
    #[serde(rename = "move")]
    pub(crate) code: WarningMove,
    /// For `link`: the case's id or number, e.g. `AL26-000123`.
    pub(crate) case: Option<String>,
    /// For `dismiss`.
    pub(crate) reason: Option<DismissReason>,
    /// In words.
    pub(crate) note: Option<String>,
}

/// What became of warnings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outcomes {
    pub(crate) raised: u32,
    pub(crate) false_alarms: u32,
    pub(crate) useful: u32,
    pub(crate) undecided: u32,
}

impl From<app::Outcomes> for Outcomes {
    fn from(outcomes: app::Outcomes) -> Self {
        Self {
            raised: outcomes.raised,
            false_alarms: outcomes.false_alarms,
            useful: outcomes.useful,
            undecided: outcomes.undecided,
        }
    }
}

/// One class group against its part of the budget.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupReview {
    pub(crate) name: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    /// Days between false alarms that the budget allows it.
    pub(crate) recurrence_days: f64,
    pub(crate) days_looked: u32,
    pub(crate) outcomes: Outcomes,
}

/// One calendar month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthReview {
    /// As `2026-11`.
    pub(crate) month: String,
    pub(crate) outcomes: Outcomes,
}

/// The false-alarm budget against what was seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetReview {
    /// False alarms borne per month.
    pub(crate) budget_per_month: f64,
    /// False alarms per month as people judged them.
    pub(crate) seen_per_month: f64,
    /// The same if every undecided warning were one.
    pub(crate) seen_per_month_at_worst: f64,
    /// Whether so many are no more than such a budget brings by chance.
    pub(crate) is_kept: bool,
    /// The most false alarms per month that such a budget brings by chance over these days, 19 times out of 20.
    pub(crate) chance_per_month_max: f64,
    /// Days the detectors looked.
    pub(crate) days: u32,
    pub(crate) groups: Vec<GroupReview>,
    pub(crate) months: Vec<MonthReview>,
}

impl From<app::Review> for BudgetReview {
    fn from(review: app::Review) -> Self {
        let group = |group: app::GroupReview| GroupReview {
            name: group.name.0,
            name_zh: group.name_zh,
            name_en: group.name_en,
            recurrence_days: group.recurrence_days,
            days_looked: group.days_looked,
            outcomes: group.outcomes.into(),
        };
        let month = |month: app::Month| MonthReview {
            month: month.month,
            outcomes: month.outcomes.into(),
        };
        Self {
            budget_per_month: review.budget_per_month,
            seen_per_month: review.seen_per_month,
            seen_per_month_at_worst: review.seen_per_month_at_worst,
            is_kept: review.is_kept,
            chance_per_month_max: review.chance_per_month_max,
            days: review.days,
            groups: review.groups.into_iter().map(group).collect(),
            months: review.months.into_iter().map(month).collect(),
        }
    }
}

/// A new budget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetRequest {
    /// From 0.01 to 60.
    pub(crate) false_alarms_per_month: f64,
}

/// A warning that another budget would have brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TriedWarning {
    pub(crate) group: String,
    #[schema(value_type = String, format = Date)]
    pub(crate) from: Date,
    #[schema(value_type = String, format = Date)]
    pub(crate) to: Date,
    pub(crate) observed: u32,
    pub(crate) expected: f64,
    pub(crate) recurrence_days: f64,
    pub(crate) cells: Vec<i64>,
    /// Whether it comes at the budget in force too.
    pub(crate) comes_now: bool,
}

/// Another budget tried on what the detectors saw.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetTrial {
    pub(crate) budget_per_month: f64,
    pub(crate) days: u32,
    pub(crate) warnings: Vec<TriedWarning>,
}

impl From<app::Tried> for BudgetTrial {
    fn from(tried: app::Tried) -> Self {
        let warning = |warning: app::TriedWarning| TriedWarning {
            group: warning.group.0,
            from: warning.from,
            to: warning.to,
            observed: warning.observed,
            expected: warning.expected,
            recurrence_days: warning.recurrence_days,
            cells: warning.cells.iter().map(|cell| cell.0).collect(),
            comes_now: warning.comes_now,
        };
        Self {
            budget_per_month: tried.budget_per_month,
            days: tried.days,
            warnings: tried.warnings.into_iter().map(warning).collect(),
        }
    }
}
