//! From a report to a warning and through its life: raised once, grown, explained, linked or put aside, reviewed.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[expect(
    dead_code,
    reason = "the county is shared with other tests, which use the rest of it"
)]
mod county;

use anlan_app::jurisdictions::documents;
use anlan_app::{Caller, Error, cases, reference, warnings};
use anlan_model::accounts::Role;
use anlan_model::incoming::Channel;
use anlan_model::warnings::{DismissReason, Method, Warning, WarningState};
use county::{County, at};
use jiff::{SignedDuration, Timestamp};

const DAYS: i64 = 60;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Sixty quiet days: one or two sewage covers a day, going round the four cells. It is the evening of 10 May then.
fn quiet() -> (County, Timestamp) {
    let county = County::new();
    let start = at("2026-03-11T02:00:00Z");
    for day in 0..DAYS {
        for time in 0..=(day % 2) {
            county.clock.set(start + hours(24 * day + 5 * time));
            let spot = f64::from(u8::try_from((day + 2 * time) % 4).unwrap());
            county.take(county.report("m01002", 113.005 + spot / 100.0, "井盖"));
        }
    }
    let now = start + hours(24 * DAYS);
    county.clock.set(now);
    (county, now)
}

fn surge(county: &County, now: Timestamp, reports: i64) {
    for minute in 0..reports {
        county.clock.set(now + SignedDuration::from_mins(minute));
        county.take(county.report("m01002", 113.005, "污水井盖冒水"));
    }
}

fn all(county: &County) -> Vec<Warning> {
    let filter = warnings::Filter::default();
    warnings::list(&county.app, &Caller::system(), &filter, None, 50)
        .unwrap()
        .items
}

#[test]
fn a_surge_is_raised_once_grows_and_is_linked() {
    let (county, now) = quiet();
    assert_eq!(
        warnings::watch(&county.app).unwrap().changed,
        0,
        "a quiet county raises nothing"
    );
    surge(&county, now, 9);
    let passed = warnings::watch(&county.app).unwrap();
    assert_eq!(
        passed.groups, 1,
        "only the group whose counts changed is looked at"
    );
    let raised = all(&county);
    assert_eq!(raised.len(), 1, "{raised:?}");
    let warning = &raised[0];
    assert_eq!(
        (warning.state, warning.group.as_str()),
        (WarningState::Raised, "flooding")
    );
    assert!(
        warning.first.observed >= 9 && warning.first.expected < 4.0,
        "{:?}",
        warning.first
    );
    assert_eq!(warning.first.classes[0].0.as_str(), "m01002");
    // Looking again changes nothing; more reports make it grow, not double.
    assert_eq!(warnings::pass(&county.app).unwrap().changed, 0);
    surge(&county, now + hours(1), 4);
    warnings::watch(&county.app).unwrap();
    let grown = all(&county);
    assert_eq!(grown.len(), 1);
    // At least: the strongest window may by now begin a day earlier.
    assert!(
        grown[0].latest.observed >= warning.first.observed + 4,
        "{:?}",
        grown[0].latest
    );

    is_linked_and_closed(&county, warning, grown[0].latest.observed);
}

#[test]
fn the_place_is_named_where_it_explains_the_surge() {
    let (county, now) = quiet();
    surge(&county, now, 9);
    warnings::watch(&county.app).unwrap();
    let here = all(&county);
    assert_eq!(here.len(), 1);
    let cells = &here[0].latest.cells;
    let node = county.app.node();
    let codes: Vec<&str> = cells.iter().map(|cell| node.cells[cell].code.as_str()).collect();
    assert_eq!(codes, ["990101001001001"], "{:?}", here[0].latest);
    assert_eq!(here[0].latest.method, Method::SpaceTime);
}

#[test]
fn a_surge_that_no_place_explains_is_everywhere() {
    let (county, now) = quiet();
    for minute in 0..16 {
        county.clock.set(now + SignedDuration::from_mins(minute));
        let spot = f64::from(u8::try_from(minute % 4).unwrap());
        county.take(county.report("m01002", 113.005 + spot / 100.0, "污水井盖冒水"));
    }
    warnings::watch(&county.app).unwrap();
    let all = all(&county);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        (all[0].latest.method, all[0].latest.cells.as_slice()),
        (Method::Surge, &[][..])
    );
}

fn is_linked_and_closed(county: &County, warning: &Warning, observed: u32) {
    let duty = county.caller(Role::Duty, "centre");
    let behind = warnings::cases(&county.app, &duty, warning.id, 50).unwrap();
    assert_eq!(behind.items.len(), usize::try_from(observed).unwrap());
    let case = behind.items.first().unwrap().id;
    // Decided on the version before it grew: growth does not stand in the way.
    let linked = warnings::link(&county.app, &duty, warning.id, warning.version, case).unwrap();
    assert_eq!(
        (linked.state, linked.cases.as_slice()),
        (WarningState::Linked, &[case][..])
    );
    let kept = county
        .app
        .store
        .read(|tx| anlan_store::warnings::replay(tx, warning.id));
    assert_eq!(
        kept.map_err(|e: anlan_store::Error| e).unwrap(),
        Some(linked.clone())
    );
    // Another person's decision does.
    let late = warnings::dismiss(
        &county.app,
        &duty,
        (warning.id, warning.version),
        DismissReason::Usual,
        "",
    );
    assert!(
        matches!(
            late,
            Err(Error::Conflict {
                code: "warning.decided_meanwhile",
                ..
            })
        ),
        "{late:?}"
    );
    let closed = warnings::close(&county.app, &duty, warning.id, linked.version, "已疏通").unwrap();
    assert_eq!(closed.state, WarningState::Closed);
}

#[test]
fn a_new_day_is_judged_by_what_is_usual_on_it() {
    let (county, now) = quiet();
    // Ten to midnight by the county's clock, then five past, within one beat.
    let evening = now + hours(13) + SignedDuration::from_mins(50);
    county.clock.set(evening);
    let all_groups = warnings::watch(&county.app).unwrap().groups;
    assert!(all_groups > 1, "{all_groups}");
    county.clock.set(evening + SignedDuration::from_mins(5));
    county.take(county.report("m01002", 113.005, "井盖"));
    assert_eq!(warnings::watch(&county.app).unwrap().groups, 1);
    county.clock.set(evening + SignedDuration::from_mins(15));
    county.take(county.report("m01002", 113.005, "井盖"));
    let passed = warnings::watch(&county.app).unwrap();
    assert_eq!(
        passed.groups, all_groups,
        "a new day is learnt before it is judged"
    );
    assert_eq!(passed.changed, 0, "two reports around midnight are no surge");
}

#[test]
fn it_is_explained_and_what_happened_last_time_is_told() {
    let (county, now) = quiet();
    let duty = county.caller(Role::Duty, "centre");
    surge(&county, now, 9);
    warnings::watch(&county.app).unwrap();
    let first = all(&county).remove(0);
    warnings::dismiss(
        &county.app,
        &duty,
        (first.id, first.version),
        DismissReason::NothingThere,
        "查无异常",
    )
    .unwrap();
    // Put aside, it stays so while the same surge goes on.
    surge(&county, now + hours(1), 2);
    warnings::watch(&county.app).unwrap();
    assert_eq!(all(&county).len(), 1);
    // Two quiet days end it; days later it is closed by itself.
    for day in 1..=7 {
        county.clock.set(now + hours(24 * day));
        warnings::watch(&county.app).unwrap();
    }
    let over = all(&county).remove(0);
    assert!(
        over.ended_at.is_some() && over.state == WarningState::Closed,
        "{over:?}"
    );
    surge(&county, now + hours(24 * 8), 9);
    warnings::watch(&county.app).unwrap();
    let second = all(&county).remove(0);
    assert!(second.id != first.id);
    let before = warnings::explain(&county.app, &duty, second.id).unwrap().earlier;
    assert_eq!(before.len(), 1);
    assert_eq!(
        before[0].warning.dismissal.as_ref().unwrap().reason,
        DismissReason::NothingThere
    );
    explains(&county, &duty, &second);
    is_reviewed(&county, &duty);
}

fn explains(county: &County, duty: &Caller, second: &Warning) {
    let explained = warnings::explain(&county.app, duty, second.id).unwrap();
    let seen: u32 = explained
        .chart
        .iter()
        .filter(|day| day.is_in_window)
        .map(|day| day.observed)
        .sum();
    assert_eq!(seen, second.latest.observed);
    assert!(
        explained
            .chart
            .iter()
            .any(|day| day.is_in_window && day.observed > day.upper),
        "{:?}",
        explained.chart
    );
    assert!(
        explained
            .looks
            .iter()
            .any(|look| look.recurrence_days >= explained.bar_days)
    );
    assert!(explained.sentence.zh.contains("内涝与排水") && explained.sentence.en.contains("Flooding"));
}

fn is_reviewed(county: &County, duty: &Caller) {
    let review = warnings::review(&county.app, duty, 365).unwrap();
    let flooding = review
        .groups
        .iter()
        .find(|group| group.name.as_str() == "flooding")
        .unwrap();
    assert_eq!(
        (
            flooding.outcomes.raised,
            flooding.outcomes.false_alarms,
            flooding.outcomes.undecided
        ),
        (2, 1, 1)
    );
    assert!(review.seen_per_month > 0.0 && review.seen_per_month_at_worst > review.seen_per_month);
    // One false alarm where one is borne: kept, and chance may bring more.
    assert!(
        review.is_kept && review.chance_per_month_max > review.budget_per_month,
        "{review:?}"
    );
    let generous = warnings::what_if(&county.app, duty, 60.0, 365).unwrap();
    let strict = warnings::what_if(&county.app, duty, 0.01, 365).unwrap();
    assert!(generous.warnings.len() >= 2 && strict.warnings.len() <= generous.warnings.len());
    assert!(generous.warnings.iter().any(|tried| tried.comes_now));
}

#[test]
fn default_points_repeats_and_named_feeds_raise_nothing() {
    let (county, now) = quiet();
    let plan =
        include_str!("../../../standards/warnings.toml").replace("sources = []", "sources = [\"bulk\"]");
    reference::put_document(&county.app, &Caller::system(), documents::WARNINGS, plan).unwrap();
    for minute in 0..30 {
        county.clock.set(now + SignedDuration::from_mins(minute));
        let mut incoming = county.report("m01002", 113.005, "井盖");
        match minute % 3 {
            0 => incoming.is_default_point = true,
            1 => incoming.is_duplicate = true,
            _ => (incoming.channel, incoming.source) = (Channel::Import, "bulk".into()),
        }
        county.take(incoming);
    }
    warnings::watch(&county.app).unwrap();
    assert_eq!(all(&county), []);
}

#[test]
fn who_may_not_see_is_told_nothing_and_plans_about_people_are_refused() {
    let (county, now) = quiet();
    surge(&county, now, 9);
    warnings::watch(&county.app).unwrap();
    let id = all(&county)[0].id;
    let officer = county.caller(Role::Officer, "water");
    assert!(matches!(
        warnings::read(&county.app, &officer, id),
        Err(Error::Denied { .. })
    ));
    let clerk = county.caller(Role::Clerk, "centre");
    assert!(warnings::read(&county.app, &clerk, id).is_ok());
    assert!(matches!(
        warnings::look(&county.app, &clerk, id, 1),
        Err(Error::Denied { .. })
    ));
    let duty = county.caller(Role::Duty, "centre");
    assert!(matches!(
        warnings::tune(&county.app, &duty, 2.0),
        Err(Error::Denied { .. })
    ));
    let steward = county.caller(Role::Steward, "centre");
    let review = warnings::tune(&county.app, &steward, 2.0).unwrap();
    assert!((review.budget_per_month - 2.0).abs() < 1e-9);
    // The county's classes have none about people, so a group that takes m09003 in is refused by its code alone.
    let plan = include_str!("../../../standards/warnings.toml").replace("\"m01004\"", "\"m09003\"");
    let refused = reference::put_document(&county.app, &Caller::system(), documents::WARNINGS, plan);
    let Err(Error::Invalid { en: detail, .. }) = refused else {
        unreachable!("{refused:?}")
    };
    assert!(
        detail.contains("never watched") && detail.contains("line"),
        "{detail}"
    );
}

#[test]
fn a_case_that_moves_to_another_class_takes_its_count_along() {
    let (county, now) = quiet();
    surge(&county, now, 9);
    let duty = county.caller(Role::Duty, "centre");
    let today = cases::list(
        &county.app,
        &duty,
        &cases::Query {
            filter: cases::CaseQuery {
                opened_from: Some(now),
                ..cases::CaseQuery::default()
            },
            sort: anlan_store::cases::Sort::descending(anlan_store::cases::SortKey::Opened),
            cursor: None,
            limit: 50,
        },
    )
    .unwrap();
    for case in today.items {
        let edit = cases::EditCase {
            version: case.version,
            class: Some("m06010".into()),
            ..cases::EditCase::default()
        };
        cases::edit(&county.app, &duty, case.id, edit).unwrap();
    }
    warnings::watch(&county.app).unwrap();
    assert_eq!(all(&county), [], "rubbish is not watched");
}

#[test]
fn both_methods_are_kept_for_the_record() {
    let (county, now) = quiet();
    surge(&county, now, 9);
    warnings::watch(&county.app).unwrap();
    let looks: Vec<anlan_store::warnings::Look> = county
        .app
        .store
        .read(|tx| anlan_store::warnings::looks(tx, Some("flooding"), 0, i32::MAX))
        .map_err(|e: anlan_store::Error| e)
        .unwrap();
    for method in [Method::Surge, Method::SpaceTime] {
        assert!(looks.iter().any(|look| look.method == method.word()), "{looks:?}");
    }
}
