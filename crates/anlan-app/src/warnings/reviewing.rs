//! Whether the budget is kept: warnings and what became of them, against what was allowed; other budgets tried on what
//! the detectors saw in the past; and setting a new one.

use super::explaining::date;
use super::judging::recurrence_min;
use super::raising::meet;
use super::tally::local;
use crate::jurisdictions::{self, Jurisdiction, documents};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::ids::CellId;
use anlan_model::warnings::{GroupName, Warning, WatchPlan};
use anlan_policy::Action;
use anlan_store::warnings::{Look, WarningFilter};
use jiff::SignedDuration;
use jiff::civil::Date;
use std::collections::BTreeMap;

const MONTH_DAYS: f64 = 30.4375;
/// What is rarer than this is not called chance.
const CHANCE: f64 = 0.05;
/// Days between two looks of one episode, at most.
const EPISODE_GAP_DAYS: i32 = 2;
/// Longest past that is reviewed or tried on, days.
pub(crate) const PAST_DAYS_MAX: u16 = 730;

/// What became of warnings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Raised in all; merged ones count with the one they went into.
    pub raised: u32,
    /// Dismissed for a reason that says: should not have come.
    pub false_alarms: u32,
    /// Linked to a case, or dismissed as real and in hand.
    pub useful: u32,
    /// Not decided yet.
    pub undecided: u32,
}

/// One calendar month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// As `2026-11`.
    pub month: String,
    /// What became of its warnings.
    pub outcomes: Outcomes,
}

/// One class group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupReview {
    /// Its name.
    pub name: GroupName,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Days between false alarms that the budget allows it.
    pub recurrence_days: f64,
    /// What became of its warnings.
    pub outcomes: Outcomes,
    /// Days it was looked at.
    pub days_looked: u32,
}

/// The budget against what was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// False alarms borne per month.
    pub budget_per_month: f64,
    /// False alarms per month as people judged them over the days looked at; undecided warnings count as none.
    pub seen_per_month: f64,
    /// The same if every undecided warning were one.
    pub seen_per_month_at_worst: f64,
    /// Whether so many false alarms are no more than such a budget brings by chance (a Poisson count, 95 %).
    pub is_kept: bool,
    /// The most false alarms per month that such a budget brings by chance over these days (the same 95 %).
    pub chance_per_month_max: f64,
    /// Days reviewed.
    pub days: u32,
    /// Per class group.
    pub groups: Vec<GroupReview>,
    /// Per month, oldest first.
    pub months: Vec<Month>,
}

/// A warning that would have come.
#[derive(Debug, Clone, PartialEq)]
pub struct TriedWarning {
    /// The class group.
    pub group: GroupName,
    /// First day above the bar.
    pub from: Date,
    /// Last day above the bar.
    pub to: Date,
    /// Counted, on the strongest day.
    pub observed: u32,
    /// Expected there.
    pub expected: f64,
    /// How rare, on the strongest day.
    pub recurrence_days: f64,
    /// Where, on the strongest day; empty for everywhere.
    pub cells: Vec<CellId>,
    /// Whether it would come at the budget in force too.
    pub comes_now: bool,
}

/// Another budget tried on the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The budget tried, false alarms per month.
    pub budget_per_month: f64,
    /// Days that were looked at.
    pub days: u32,
    /// What would have come, oldest first.
    pub warnings: Vec<TriedWarning>,
}

impl Outcomes {
    fn add(&mut self, warning: &Warning) {
        self.raised += 1;
        *(match warning.is_false_alarm() {
            Some(true) => &mut self.false_alarms,
            Some(false) => &mut self.useful,
            None => &mut self.undecided,
        }) += 1;
    }
}

/// Reviews the last `days` days.
pub fn review(app: &App, caller: &Caller, days: u16) -> Result<Review, Error> {
    app.require(caller, Action::WarningRead)?;
    let node = app.node();
    let days = days.clamp(28, PAST_DAYS_MAX);
    let (warnings, looks) = past(app, &node, days)?;
    let mut groups: Vec<GroupReview> = Vec::new();
    for group in &node.watch.groups {
        let mut outcomes = Outcomes::default();
        warnings
            .iter()
            .filter(|warning| warning.group == group.name)
            .for_each(|warning| outcomes.add(warning));
        groups.push(GroupReview {
            name: group.name.clone(),
            name_zh: group.name_zh.clone(),
            name_en: group.name_en.clone(),
            recurrence_days: node.watch.recurrence_days_min(group),
            outcomes,
            days_looked: days_of(looks.iter().filter(|look| look.group == group.name.0)),
        });
    }
    let mut months: BTreeMap<String, Outcomes> = BTreeMap::new();
    for warning in &warnings {
        let at = node.calendar.zone().to_datetime(warning.raised_at);
        let month = format!("{:04}-{:02}", at.year(), at.month());
        months.entry(month).or_default().add(warning);
    }
    let looked = days_of(looks.iter());
    let in_months = (f64::from(looked) / MONTH_DAYS).max(1.0);
    let sum =
        |of: fn(&Outcomes) -> u32| -> f64 { groups.iter().map(|group| f64::from(of(&group.outcomes))).sum() };
    let false_alarms = sum(|outcomes| outcomes.false_alarms);
    let by_chance = chance_max(node.watch.budget.false_alarms_per_month * in_months);
    Ok(Review {
        budget_per_month: node.watch.budget.false_alarms_per_month,
        seen_per_month: false_alarms / in_months,
        is_kept: false_alarms <= by_chance,
        chance_per_month_max: by_chance / in_months,
        seen_per_month_at_worst: sum(|outcomes| outcomes.false_alarms + outcomes.undecided) / in_months,
        days: looked,
        groups,
        months: months
            .into_iter()
            .map(|(month, outcomes)| Month { month, outcomes })
            .collect(),
    })
}

/// The most false alarms that chance brings where so many are borne: P(so many or more) is not below 5 % (Poisson).
fn chance_max(borne: f64) -> f64 {
    let mut most = 0_u32;
    while anlan_scan::watch::upper_tail(most + 1, borne, 0.0) >= CHANCE {
        most += 1;
    }
    f64::from(most)
}

fn past(app: &App, node: &Jurisdiction, days: u16) -> Result<(Vec<Warning>, Vec<Look>), Error> {
    let now = app.clock.now();
    let from = now
        .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(now);
    let (today, _) = local(node, now);
    app.store.read(|tx| {
        let filter = WarningFilter {
            raised_from: Some(from),
            ..WarningFilter::default()
        };
        let (mut warnings, mut after) = (Vec::new(), None);
        loop {
            let page = anlan_store::warnings::list(tx, &filter, after.as_ref(), 500)?;
            warnings.extend(
                page.items
                    .into_iter()
                    .filter(|warning| warning.merged_into.is_none()),
            );
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let looks = anlan_store::warnings::looks(tx, None, today - i32::from(days), today)?;
        Ok((warnings, looks))
    })
}

fn days_of<'a>(looks: impl Iterator<Item = &'a Look>) -> u32 {
    let days: std::collections::BTreeSet<i32> = looks.map(|look| look.day).collect();
    u32::try_from(days.len()).unwrap_or(u32::MAX)
}

/// Which warnings another budget would have brought over the last `days` days. Nothing changes.
pub fn what_if(app: &App, caller: &Caller, false_alarms_per_month: f64, days: u16) -> Result<Tried, Error> {
    app.require(caller, Action::WarningRead)?;
    let node = app.node();
    let plan = node.watch.at_budget(checked(false_alarms_per_month)?);
    let (_, looks) = past(app, &node, days.clamp(1, PAST_DAYS_MAX))?;
    let mut warnings: Vec<TriedWarning> = Vec::new();
    for look in &looks {
        let Some(group) = plan.groups.iter().find(|group| group.name.0 == look.group) else {
            continue;
        };
        let is_over = look.recurrence_days >= recurrence_min(&plan, group)
            && look.observed >= group.observed_min
            && f64::from(look.observed) >= group.ratio_min * look.expected;
        if is_over {
            let comes_now = look.recurrence_days >= recurrence_min(&node.watch, group);
            join(&mut warnings, look, &group.name, comes_now);
        }
    }
    Ok(Tried {
        budget_per_month: false_alarms_per_month,
        days: days_of(looks.iter()),
        warnings,
    })
}

/// Puts a day to the episode it goes on, or begins one.
fn join(warnings: &mut Vec<TriedWarning>, look: &Look, group: &GroupName, comes_now: bool) {
    let today = date(look.day);
    let earliest = date(look.day - EPISODE_GAP_DAYS);
    let goes_on =
        |one: &&mut TriedWarning| one.group == *group && one.to >= earliest && meet(&one.cells, &look.cells);
    let Some(one) = warnings.iter_mut().rev().find(goes_on) else {
        warnings.push(TriedWarning {
            group: group.clone(),
            from: today,
            to: today,
            observed: look.observed,
            expected: look.expected,
            recurrence_days: look.recurrence_days,
            cells: look.cells.clone(),
            comes_now,
        });
        return;
    };
    one.to = today;
    one.comes_now |= comes_now;
    if look.recurrence_days > one.recurrence_days {
        (one.observed, one.expected) = (look.observed, look.expected);
        one.recurrence_days = look.recurrence_days;
        one.cells.clone_from(&look.cells);
    }
}

fn checked(false_alarms_per_month: f64) -> Result<f64, Error> {
    if (0.01..=60.0).contains(&false_alarms_per_month) {
        return Ok(false_alarms_per_month);
    }
    Err(Error::field(
        "false_alarms_per_month",
        "warning.budget_range",
        "请填写 0.01 到 60 之间的数：整个节点每月可承受几次误报。",
        "write a number from 0.01 to 60: how many false alarms the node bears per month",
    ))
}

/// Sets the budget: the plan in force with one number changed, as its next version.
pub fn tune(app: &App, caller: &Caller, false_alarms_per_month: f64) -> Result<Review, Error> {
    app.require(caller, Action::WarningTune)?;
    let budget = checked(false_alarms_per_month)?;
    let known = app
        .store
        .read(|tx| anlan_store::settings::latest(tx, documents::WARNINGS).map_err(Error::from))?;
    let text = known.map_or_else(|| jurisdictions::WARNINGS.to_owned(), |document| document.body);
    let body = with_budget(&text, budget);
    let is_set = WatchPlan::from_toml(&body)
        .is_ok_and(|plan| (plan.budget.false_alarms_per_month - budget).abs() < 1e-9);
    if !is_set {
        return Err(Error::Unavailable {
            detail: "the watch plan in force does not have its budget on a line of its own".into(),
        });
    }
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(
        app,
        caller,
        Action::WarningTune,
        "warnings",
        "budget",
        Purpose::Maintenance,
    );
    app.store.write(move |tx| {
        anlan_store::settings::put(tx, documents::WARNINGS, &body, &stamp)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    app.reload()?;
    review(app, caller, PAST_DAYS_MAX)
}

/// The plan's text with its budget changed, notes and all else as they were.
fn with_budget(text: &str, budget: f64) -> String {
    let change = |line: &str| {
        if line.trim_start().starts_with("false_alarms_per_month") {
            format!("false_alarms_per_month = {budget:?}")
        } else {
            line.to_owned()
        }
    };
    let mut lines: Vec<String> = text.lines().map(change).collect();
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_brings_more_than_the_mean_but_not_much_more() {
        // Poisson tables: P(X >= 4 | 1.5) = 6.6 %, P(X >= 5 | 1.5) = 1.9 %; P(X >= 18 | 12) = 6.3 %, P(X >= 19 | 12) = 3.7 %.
        for (borne, most) in [(0.01, 0.0), (1.5, 4.0), (12.0, 18.0)] {
            let found = chance_max(borne);
            assert!((found - most).abs() < 1e-9, "{borne}: {found}");
        }
    }

    #[test]
    fn a_budget_changes_one_line_of_the_plan() {
        let text = with_budget(jurisdictions::WARNINGS, 0.25);
        let plan = WatchPlan::from_toml(&text).unwrap();
        assert!((plan.budget.false_alarms_per_month - 0.25).abs() < 1e-12);
        let unlike = text
            .lines()
            .zip(jurisdictions::WARNINGS.lines())
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(unlike, 1);
    }
}
