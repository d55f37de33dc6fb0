//! Pages of the queue come from columns in memory; here each is compared with what the store's plain statements say, under
//! every order, for those who see all and those who see little.

mod readable;

use crate::county::{County, mv};
use anlan_app::Caller;
use anlan_app::cases::{self, CaseQuery, Query};
use anlan_model::accounts::Role;
use anlan_model::cases::Phase;
use anlan_model::classes::Priority;
use anlan_model::clock::Clock as _;
use anlan_model::ids::{CaseId, ClassCode};
use anlan_policy::Action;
use anlan_store::cases::{CaseFilter, Sort, SortKey, Visibility};

const TEXTS: [&str; 4] = ["路口垃圾成堆", "井盖松动", "Street light out", "小区门口积水"];

/// Cases of two classes, in four cells and outside, some past their deadline, some void.
fn lively() -> County {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    for number in 0..60_u32 {
        let class = if number % 3 == 0 { "m06010" } else { "m01002" };
        let lon = 112.995 + f64::from(number % 8) * 0.006;
        let mut report = county.report(class, lon, TEXTS[number as usize % TEXTS.len()]);
        let back = jiff::SignedDuration::from_hours(i64::from(number) * 7 % 700);
        report.reported_at = report.reported_at.checked_sub(back).unwrap();
        if number % 7 == 0 {
            report.point = None;
        }
        let id = county.take(report).case.id;
        if number % 5 == 0 {
            // What this state does not allow is refused, and the case stays as it is.
            let _ = county.go(&duty, id, &mv("void"));
        }
    }
    county
}

fn queries(county: &County) -> Vec<CaseQuery> {
    let any = CaseQuery::default;
    let text = |text: &str| Some(text.to_owned());
    vec![
        any(),
        CaseQuery::open(),
        CaseQuery {
            phase: Some(Phase::Void),
            ..any()
        },
        CaseQuery {
            phase: Some(Phase::Closed),
            ..any()
        },
        CaseQuery {
            classes: vec![ClassCode::from("m06010")],
            ..any()
        },
        CaseQuery {
            offices: vec![county.offices["water"]],
            ..CaseQuery::open()
        },
        CaseQuery {
            overdue: true,
            ..any()
        },
        CaseQuery {
            priorities: vec![Priority::P1, Priority::P3],
            ..any()
        },
        CaseQuery {
            division: text("990101002"),
            ..any()
        },
        CaseQuery {
            bbox: Some([113.0, 27.0, 113.015, 27.01]),
            ..any()
        },
        CaseQuery {
            opened_from: county
                .clock
                .now()
                .checked_sub(jiff::SignedDuration::from_hours(200))
                .ok(),
            ..any()
        },
        CaseQuery {
            text: text("垃圾"),
            ..any()
        },
        CaseQuery {
            text: text("light"),
            ..CaseQuery::open()
        },
        CaseQuery {
            text: text("口"),
            ..any()
        },
        CaseQuery {
            text: text("没有"),
            ..any()
        },
    ]
}

fn of_store(county: &County, caller: &Caller, query: &CaseQuery, sort: Sort) -> (Vec<CaseId>, u64) {
    let rule = county.app.policy.rows(&caller.actor, Action::CaseList).unwrap();
    let filter = CaseFilter {
        phase: query.phase,
        classes: query.classes.clone(),
        offices: query.offices.clone(),
        priorities: query.priorities.clone(),
        overdue_at: query.overdue.then(|| county.clock.now()),
        text: query.text.clone(),
        division: query.division.clone(),
        bbox: query.bbox,
        opened_from: query.opened_from,
        visible: Visibility {
            all: rule.all,
            office: rule.office,
            division: rule.division.clone(),
            assignee: rule.assignee,
            opened: rule.opened,
            hide_about: rule.hide_about,
        },
        ..CaseFilter::default()
    };
    let read = county.app.store.read(|tx| {
        let page = anlan_store::cases::list(tx, &filter, sort, None, 200)?;
        Ok::<_, anlan_store::Error>((page, anlan_store::cases::count(tx, &filter)?))
    });
    let (page, total) = read.unwrap();
    (page.items.into_iter().map(|case| case.id).collect(), total)
}

fn of_memory(county: &County, caller: &Caller, filter: &CaseQuery, sort: Sort) -> (Vec<CaseId>, u64) {
    let (mut all, mut cursor, mut total) = (Vec::new(), None, 0);
    loop {
        let query = Query {
            filter: filter.clone(),
            sort,
            cursor,
            limit: 25,
        };
        let page = cases::list(&county.app, caller, &query).unwrap();
        all.extend(page.items.iter().map(|case| case.id));
        (cursor, total) = (page.next, total.max(page.total));
        if cursor.is_none() {
            return (all, total);
        }
    }
}

#[test]
fn memory_and_store_agree_on_every_page_and_total() {
    let county = lively();
    let callers = [
        county.caller(Role::Duty, "centre"),
        county.caller(Role::Officer, "water"),
        county.caller(Role::Worker, "street-1"),
    ];
    let keys = [SortKey::Due, SortKey::Opened, SortKey::Updated, SortKey::Priority];
    let sorts = keys.map(|key| [Sort::ascending(key), Sort::descending(key)]);
    let mut shown = 0;
    for caller in &callers {
        for query in queries(&county) {
            for sort in sorts.iter().flatten() {
                let (memory, store) = (
                    of_memory(&county, caller, &query, *sort),
                    of_store(&county, caller, &query, *sort),
                );
                assert_eq!(memory, store, "{query:?} {sort:?}");
                shown += memory.0.len();
            }
        }
    }
    assert!(shown > 2000, "{shown} cases were compared");
}
