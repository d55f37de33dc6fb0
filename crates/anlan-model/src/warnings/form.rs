//! The TOML form of a watch plan and every check of it: a plan is taken as a whole or refused with line and cure.

use super::plan::{Baseline, BudgetTerms, GroupName, LeaveOut, Method, WatchGroup, WatchPlan};
use super::words;
use crate::tables::{Faults, TableError};
use serde::Deserialize;
use std::ops::RangeInclusive;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    beat_minutes: Spanned<u16>,
    population_min: u32,
    budget: BudgetForm,
    baseline: BaselineForm,
    leave_out: LeaveOutForm,
    group: Vec<GroupForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetForm {
    false_alarms_per_month: Spanned<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "terms of a regression, each there or not, as the plan writes them"
)]
struct BaselineForm {
    days_min: Spanned<u16>,
    days_max: Spanned<u16>,
    trend: bool,
    season: bool,
    weekday: bool,
    holidays: bool,
    delay_hours: Spanned<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaveOutForm {
    default_points: bool,
    repeats: bool,
    sources: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupForm {
    name: Spanned<String>,
    name_zh: Spanned<String>,
    name_en: Spanned<String>,
    classes: Vec<Spanned<String>>,
    methods: Vec<Spanned<String>>,
    share: Option<Spanned<f64>>,
    observed_min: Spanned<u32>,
    ratio_min: Spanned<f64>,
    span_days_max: Spanned<u16>,
    radius_m_max: Spanned<f64>,
}

pub(super) fn read(text: &str) -> Result<WatchPlan, TableError> {
    let mut faults = Faults::new("warnings", text);
    let form: Form = faults.read()?;
    let mut names = Vec::new();
    let groups: Vec<WatchGroup> = form
        .group
        .iter()
        .map(|raw| group(raw, &mut names, &mut faults))
        .collect();
    if groups.is_empty() {
        faults.add("group", "watches nothing; write at least one [[group]]");
    }
    let baseline = baseline(&form.baseline, &mut faults);
    let plan = WatchPlan {
        budget: BudgetTerms {
            false_alarms_per_month: within(
                &form.budget.false_alarms_per_month,
                "budget.false_alarms_per_month",
                0.01..=60.0,
                &mut faults,
            ),
        },
        beat_minutes: within(&form.beat_minutes, "beat_minutes", 5..=1440, &mut faults),
        population_min: form.population_min,
        baseline,
        leave_out: LeaveOut {
            default_points: form.leave_out.default_points,
            repeats: form.leave_out.repeats,
            sources: form.leave_out.sources,
        },
        groups,
    };
    faults.done(plan)
}

fn baseline(form: &BaselineForm, faults: &mut Faults<'_>) -> Baseline {
    let days_min = within(&form.days_min, "baseline.days_min", 14..=730, faults);
    let days_max = within(&form.days_max, "baseline.days_max", 28..=1830, faults);
    if days_max < days_min {
        let message = format!("is less than days_min ({days_min}); write at least as much");
        faults.add_at(form.days_max.span().start, "baseline.days_max", message);
    }
    Baseline {
        days_min,
        days_max,
        trend: form.trend,
        season: form.season,
        weekday: form.weekday,
        holidays: form.holidays,
        delay_hours: within(&form.delay_hours, "baseline.delay_hours", 0..=72, faults),
    }
}

fn within<T: PartialOrd + Copy + std::fmt::Display>(
    value: &Spanned<T>,
    field: &str,
    range: RangeInclusive<T>,
    faults: &mut Faults<'_>,
) -> T {
    if !range.contains(value.get_ref()) {
        let message = format!(
            "{} is outside {} to {}; write a value between them",
            value.get_ref(),
            range.start(),
            range.end()
        );
        faults.add_at(value.span().start, field, message);
    }
    *value.get_ref()
}

fn group(form: &GroupForm, names: &mut Vec<String>, faults: &mut Faults<'_>) -> WatchGroup {
    let name = form.name.get_ref();
    let field = |part: &str| format!("group.{name}.{part}");
    let is_word = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_word || names.contains(name) {
        let message = "must be lower-case letters, digits and dashes, and unlike every other group's";
        faults.add_at(form.name.span().start, field("name"), message);
    }
    names.push(name.clone());
    names_of(form, faults);
    let classes = form
        .classes
        .iter()
        .map(|pattern| class(pattern, &field("classes"), faults));
    let classes: Vec<String> = classes.collect();
    if classes.is_empty() {
        faults.add_at(
            form.name.span().start,
            field("classes"),
            "names no class; name the hazards to watch",
        );
    }
    let methods: Vec<Method> = form
        .methods
        .iter()
        .filter_map(|word| method(word, &field("methods"), faults))
        .collect();
    if form.methods.is_empty() {
        faults.add_at(
            form.name.span().start,
            field("methods"),
            "names no method; write \"space_time\", \"surge\" or both",
        );
    }
    WatchGroup {
        name: GroupName(name.clone()),
        name_zh: form.name_zh.get_ref().clone(),
        name_en: form.name_en.get_ref().clone(),
        classes,
        methods,
        share: form
            .share
            .as_ref()
            .map_or(1.0, |share| within(share, &field("share"), 0.1..=10.0, faults)),
        observed_min: within(&form.observed_min, &field("observed_min"), 3..=1000, faults),
        ratio_min: within(&form.ratio_min, &field("ratio_min"), 1.0..=10.0, faults),
        span_days_max: within(&form.span_days_max, &field("span_days_max"), 1..=30, faults),
        radius_m_max: within(
            &form.radius_m_max,
            &field("radius_m_max"),
            50.0..=200_000.0,
            faults,
        ),
    }
}

/// What people read on warnings: said, and about hazards.
fn names_of(form: &GroupForm, faults: &mut Faults<'_>) {
    let field = |part: &str| format!("group.{}.{part}", form.name.get_ref());
    for (part, text) in [("name_zh", &form.name_zh), ("name_en", &form.name_en)] {
        if words::speaks_of_people(text.get_ref()) {
            let message = format!(
                "\"{}\" is about persons, assemblies, speech or complaints, which are never watched; watch hazards",
                text.get_ref()
            );
            faults.add_at(text.span().start, field(part), message);
        }
        if text.get_ref().trim().is_empty() {
            faults.add_at(
                text.span().start,
                field(part),
                "is empty; people read it on warnings",
            );
        }
    }
}

fn class(pattern: &Spanned<String>, field: &str, faults: &mut Faults<'_>) -> String {
    let text = pattern.get_ref();
    let stem = text.strip_suffix('*').unwrap_or(text);
    if stem.chars().count() < 3 || stem.contains('*') {
        let message = format!(
            "\"{text}\" would take in more than hazards; write codes, or a prefix of at least three characters and one * at its end"
        );
        faults.add_at(pattern.span().start, field, message);
    } else if words::is_code_never_watched(stem) || words::speaks_of_people(stem) {
        let message = format!(
            "\"{text}\" is about persons, assemblies, speech or complaints, which are never watched; take it out"
        );
        faults.add_at(pattern.span().start, field, message);
    }
    text.clone()
}

fn method(word: &Spanned<String>, field: &str, faults: &mut Faults<'_>) -> Option<Method> {
    let found = [Method::SpaceTime, Method::Surge]
        .into_iter()
        .find(|method| method.word() == word.get_ref());
    if found.is_none() {
        let message = format!(
            "\"{}\" is no method; write \"space_time\" or \"surge\"",
            word.get_ref()
        );
        faults.add_at(word.span().start, field, message);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../standards/warnings.toml");

    #[test]
    fn the_shipped_plan_is_taken_and_keeps_its_budget_over_its_groups() {
        let plan = read(SHIPPED).unwrap();
        let per_month: f64 = plan
            .groups
            .iter()
            .map(|group| 30.4375 / plan.recurrence_days_min(group))
            .sum();
        assert!((per_month - plan.budget.false_alarms_per_month).abs() < 1e-9);
    }

    #[test]
    fn faults_come_with_line_and_cure() {
        for (from, to, needle) in [
            ("beat_minutes = 60", "beat_minutes = 1", "line"),
            ("days_max = 730", "days_max = 20", "at least as much"),
            ("\"demo/waterlogging\"", "\"m*\"", "more than hazards"),
            ("\"demo/waterlogging\"", "\"m09003\"", "never watched"),
            ("\"demo/waterlogging\"", "\"local/protest\"", "never watched"),
            (
                "name_zh = \"内涝与排水\"",
                "name_zh = \"人员聚集\"",
                "never watched",
            ),
            ("\"surge\"]", "\"crystal_ball\"]", "is no method"),
            (
                "false_alarms_per_month = 1.0",
                "false_alarms_per_month = 0",
                "outside",
            ),
        ] {
            assert!(SHIPPED.contains(from), "{from}");
            let error = read(&SHIPPED.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(needle), "{to}: {error}");
            assert!(error.faults.iter().all(|fault| fault.line.is_some()), "{error}");
        }
    }
}
