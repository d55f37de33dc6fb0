//! Lists and search: every page complete, nothing twice, nothing an actor may not see.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up must fail")]

mod support;

use anlan_model::cases::{Case, Closing, Phase, Timeliness};
use anlan_model::classes::Priority;
use anlan_model::events::Event;
use anlan_model::ids::{AccountId, CaseId, OfficeId};
use anlan_store::cases::{self, CaseFilter, Sort, SortKey, Visibility};
use anlan_store::{Cursor, Error, reports};
use support::{Bench, Sketch, at, everything, moved, stamp};

const KEYS: [SortKey; 4] = [SortKey::Due, SortKey::Opened, SortKey::Updated, SortKey::Priority];

fn sorts() -> impl Iterator<Item = Sort> {
    KEYS.into_iter()
        .flat_map(|key| [Sort::ascending(key), Sort::descending(key)])
}

fn pages(bench: &Bench, filter: &CaseFilter, sort: Sort, limit: usize) -> Vec<Case> {
    let (mut all, mut after): (Vec<Case>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = bench.read(|tx| cases::list(tx, filter, sort, after.as_ref(), limit));
        assert!(page.items.len() <= limit);
        assert!(page.next.is_none() || page.items.len() == limit);
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// Sixty cases of several deadlines, priorities and offices; every fourth is closed, every tenth void.
fn filled() -> Bench {
    let bench = Bench::new();
    for n in 0..60_i64 {
        let sketch = Sketch {
            second: n % 7,
            due: (n % 5 != 0).then_some(100 + n % 4),
            priority: Priority::from_number(1 + n % 3).unwrap(),
            office: (n % 6 != 0).then_some(n % 3),
            ..Sketch::default()
        };
        let case = bench.open(&sketch);
        match n {
            _ if n % 4 == 1 => close(&bench, &case, 99 + n % 3),
            _ if n % 10 == 2 => void(&bench, &case),
            _ => {}
        }
    }
    bench
}

fn close(bench: &Bench, case: &Case, second: i64) {
    let case = case.clone();
    let closed = move |tx: &mut anlan_store::Tx<'_>| {
        let Event::CaseMoved(mut event) = moved(&case, "close") else {
            unreachable!()
        };
        let reason = "fixed".into();
        event.phase = Phase::Closed;
        event.closing = Some(Closing {
            reason,
            note: String::new(),
            at: at(second),
            by: None,
            forced: false,
        });
        cases::record(tx, &case, &[Event::CaseMoved(event)], &stamp(second))
    };
    bench.write(closed).unwrap();
}

fn void(bench: &Bench, case: &Case) {
    let case = case.clone();
    let merged = Event::CaseMerged {
        into: CaseId(1),
        state: "void".into(),
    };
    bench
        .write(move |tx| cases::record(tx, &case, std::slice::from_ref(&merged), &stamp(50)))
        .unwrap();
}

#[test]
fn paging_is_complete_and_ordered_under_each_sort() {
    let bench = filled();
    for filter in [
        everything(),
        CaseFilter {
            phase: Some(Phase::Open),
            ..everything()
        },
        CaseFilter {
            phase: Some(Phase::Closed),
            ..everything()
        },
        CaseFilter {
            offices: vec![OfficeId(1), OfficeId(2)],
            ..everything()
        },
    ] {
        let total = bench.read(|tx| cases::count(tx, &filter));
        for sort in sorts() {
            let whole: Vec<CaseId> = pages(&bench, &filter, sort, 1000)
                .iter()
                .map(|case| case.id)
                .collect();
            assert_eq!(whole.len(), usize::try_from(total).unwrap());
            for limit in [1, 7, 20, 59, 60] {
                let paged: Vec<CaseId> = pages(&bench, &filter, sort, limit)
                    .iter()
                    .map(|case| case.id)
                    .collect();
                assert_eq!(paged, whole, "{sort:?} by {limit}");
            }
            let mut unique = whole.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), whole.len());
        }
    }
}

#[test]
fn each_sort_means_what_it_says() {
    let bench = filled();
    let due = |case: &Case| case.clocks.due_at;
    let up = pages(&bench, &everything(), Sort::ascending(SortKey::Due), 1000);
    assert!(up.is_sorted_by_key(|case| (due(case).is_none(), due(case), case.id)));
    let down = pages(&bench, &everything(), Sort::descending(SortKey::Due), 1000);
    assert!(down.is_sorted_by_key(|case| (due(case).is_none(), std::cmp::Reverse((due(case), case.id)))));
    let urgent = pages(&bench, &everything(), Sort::ascending(SortKey::Priority), 1000);
    assert!(urgent.is_sorted_by_key(|case| (case.priority, due(case).is_none(), due(case), case.id)));
    let newest = pages(&bench, &everything(), Sort::descending(SortKey::Opened), 1000);
    assert!(newest.is_sorted_by_key(|case| std::cmp::Reverse((case.opened_at, case.id))));
}

#[test]
fn a_foreign_cursor_is_refused() {
    let bench = filled();
    let page = bench.read(|tx| cases::list(tx, &everything(), Sort::ascending(SortKey::Due), None, 5));
    let cursor = page.next.unwrap();
    let other = bench.store.read(|tx| {
        cases::list(
            tx,
            &everything(),
            Sort::ascending(SortKey::Opened),
            Some(&cursor),
            5,
        )
    });
    assert!(matches!(other, Err(Error::Invalid(_))));
    for text in ["", "x", "'; DROP TABLE cases", "案件"] {
        let bad = Cursor(text.to_owned());
        let answer = bench
            .store
            .read(|tx| cases::list(tx, &everything(), Sort::ascending(SortKey::Due), Some(&bad), 5));
        assert!(matches!(answer, Err(Error::Invalid(_))), "{text}");
    }
}

fn seen(bench: &Bench, visible: Visibility) -> Vec<i64> {
    let filter = CaseFilter {
        visible,
        ..CaseFilter::default()
    };
    let found = pages(bench, &filter, Sort::ascending(SortKey::Opened), 10);
    let mut ids: Vec<i64> = found.iter().map(|case| case.id.0).collect();
    assert_eq!(
        bench.read(|tx| cases::count(tx, &filter)),
        u64::try_from(ids.len()).unwrap()
    );
    ids.sort_unstable();
    ids
}

/// Case 1 with office 1, case 2 with office 2, case 3 with office 1 and a complaint about it.
fn two_offices() -> Bench {
    let bench = Bench::new();
    bench.open(&Sketch {
        office: Some(1),
        ..Sketch::default()
    });
    bench.open(&Sketch {
        office: Some(2),
        division: "110102001".into(),
        ..Sketch::default()
    });
    let mut about = Sketch {
        office: Some(1),
        ..Sketch::default()
    }
    .opened();
    about.about_office = Some(OfficeId(1));
    bench
        .write(move |tx| cases::open_for_reports(tx, &about, &stamp(0)))
        .unwrap();
    bench
}

#[test]
fn nobody_sees_more_than_policy_says() {
    let bench = two_offices();
    assert!(seen(&bench, Visibility::default()).is_empty());
    assert_eq!(seen(&bench, Visibility::everything()), [1, 2, 3]);
    let office = Visibility {
        office: Some(OfficeId(1)),
        hide_about: Some(OfficeId(1)),
        ..Visibility::default()
    };
    assert_eq!(seen(&bench, office.clone()), [1]);
    assert_eq!(
        seen(
            &bench,
            Visibility {
                division: Some("110102".into()),
                ..office
            }
        ),
        [1, 2]
    );
    let opened = Visibility {
        opened: vec![CaseId(3), CaseId(2)],
        ..Visibility::default()
    };
    assert_eq!(seen(&bench, opened.clone()), [2, 3]);
    let hidden_though_opened = Visibility {
        hide_about: Some(OfficeId(1)),
        ..opened
    };
    assert_eq!(seen(&bench, hidden_though_opened), [2]);
    let hidden = Visibility {
        hide_about: Some(OfficeId(1)),
        ..Visibility::everything()
    };
    assert_eq!(seen(&bench, hidden), [1, 2]);
    let everywhere = Visibility {
        division: Some(String::new()),
        ..Visibility::default()
    };
    assert_eq!(seen(&bench, everywhere), [1, 2, 3]);
}

#[test]
fn who_took_a_case_on_sees_it() {
    let bench = two_offices();
    let taken = |tx: &mut anlan_store::Tx<'_>| {
        let case = cases::get(tx, CaseId(2))?;
        let Event::CaseMoved(mut event) = moved(&case, "handle") else {
            unreachable!()
        };
        event.assignee = Some(AccountId(9));
        cases::record(tx, &case, &[Event::CaseMoved(event)], &stamp(1))
    };
    bench.write(taken).unwrap();
    let own = Visibility {
        assignee: Some(AccountId(9)),
        ..Visibility::default()
    };
    assert_eq!(seen(&bench, own), [2]);
}

/// Asks for the filter and compares with the rule, over all cases.
fn holds(bench: &Bench, filter: &CaseFilter, rule: impl Fn(&Case) -> bool) {
    let sort = Sort::ascending(SortKey::Opened);
    let all = pages(bench, &everything(), sort, 1000);
    let ids = |cases: &[Case]| cases.iter().map(|case| case.id.0).collect::<Vec<_>>();
    let wanted: Vec<Case> = all.into_iter().filter(|case| rule(case)).collect();
    assert_eq!(ids(&pages(bench, filter, sort, 1000)), ids(&wanted), "{filter:?}");
    assert_eq!(
        bench.read(|tx| cases::count(tx, filter)),
        u64::try_from(wanted.len()).unwrap()
    );
}

#[test]
fn filters_agree_with_the_cases_they_find() {
    let bench = filled();
    let (now, all) = (at(102), everything());
    let filter = CaseFilter {
        overdue_at: Some(now),
        ..all.clone()
    };
    // What is void counts nowhere, so it is never overdue.
    holds(&bench, &filter, |case| {
        case.timeliness(now) == Timeliness::Overdue && case.phase != Phase::Void
    });
    let filter = CaseFilter {
        priorities: vec![Priority::P1, Priority::P3],
        ..all.clone()
    };
    holds(&bench, &filter, |case| case.priority != Priority::P2);
    let filter = CaseFilter {
        opened_from: Some(at(2)),
        opened_to: Some(at(5)),
        ..all.clone()
    };
    holds(&bench, &filter, |case| {
        case.opened_at >= at(2) && case.opened_at < at(5)
    });
    let filter = CaseFilter {
        phase: Some(Phase::Closed),
        ..all.clone()
    };
    holds(&bench, &filter, |case| case.phase == Phase::Closed);
    let filter = CaseFilter {
        source: Some("web".into()),
        states: vec!["file".into()],
        ..all
    };
    holds(&bench, &filter, |case| case.state.as_str() == "file");
}

#[test]
fn places_narrow_by_box_and_by_division() {
    let bench = filled();
    for (bbox, is_inside) in [
        ([116.0, 39.0, 117.0, 40.0], true),
        ([170.0, -90.0, 117.0, 90.0], true),
        ([0.0, 0.0, 1.0, 1.0], false),
    ] {
        holds(
            &bench,
            &CaseFilter {
                bbox: Some(bbox),
                ..everything()
            },
            |_| is_inside,
        );
    }
    for (division, is_inside) in [
        ("1101", true),
        ("110101001", true),
        ("1102", false),
        ("1101010011", false),
    ] {
        holds(
            &bench,
            &CaseFilter {
                division: Some(division.into()),
                ..everything()
            },
            |_| is_inside,
        );
    }
}

#[test]
fn closed_late_is_overdue_and_a_pause_is_not() {
    let bench = Bench::new();
    let close = |second: i64, due: i64| {
        let case = bench.open(&Sketch {
            due: Some(due),
            ..Sketch::default()
        });
        close(&bench, &case, second);
        case.id
    };
    let (late, _on_time) = (close(101, 100), close(100, 100));
    let paused = bench.open(&Sketch {
        due: Some(50),
        ..Sketch::default()
    });
    bench
        .write(move |tx| {
            let Event::CaseMoved(mut event) = moved(&paused, "handle") else {
                unreachable!()
            };
            event.clocks.pauses.push(anlan_model::cases::Pause {
                reason: "weather".into(),
                from: at(10),
                until: None,
                stops_overall: true,
                stops_state: true,
            });
            cases::record(tx, &paused, &[Event::CaseMoved(event)], &stamp(10))
        })
        .unwrap();
    let overdue = CaseFilter {
        overdue_at: Some(at(1000)),
        ..everything()
    };
    let found = pages(&bench, &overdue, Sort::ascending(SortKey::Due), 10);
    assert_eq!(found.iter().map(|case| case.id).collect::<Vec<_>>(), [late]);
}

fn found(bench: &Bench, text: &str) -> Vec<i64> {
    let filter = CaseFilter {
        text: Some(text.to_owned()),
        ..everything()
    };
    let found = pages(bench, &filter, Sort::ascending(SortKey::Opened), 100);
    assert_eq!(
        bench.read(|tx| cases::count(tx, &filter)),
        u64::try_from(found.len()).unwrap(),
        "{text}"
    );
    found.iter().map(|case| case.id.0).collect()
}

#[test]
fn search_finds_chinese_and_english() {
    let bench = Bench::new();
    for (title, description) in [
        ("暴露垃圾", "东门外有一堆垃圾，味道很大"),
        ("Street light out", "Café corner, number １２ is dark"),
        ("井盖缺失", "Manhole cover missing at 建国路88号"),
    ] {
        bench.open(&Sketch {
            title: title.into(),
            description: description.into(),
            ..Sketch::default()
        });
    }
    for (text, ids) in [
        ("垃圾", vec![1]),
        ("暴露垃圾", vec![1]),
        ("垃", vec![1]),
        ("圾", vec![1]),
        ("味道 东门", vec![1]),
        ("垃圾井盖", vec![]),
        ("street", vec![2]),
        ("STREET LIGHT", vec![2]),
        ("cafe", vec![2]),
        ("ＣＡＦÉ", vec![2]),
        ("12", vec![2]),
        ("stre", vec![2]),
        ("street lights", vec![2]),
        ("st", vec![]),
        ("stre light", vec![]),
        ("建国路", vec![3]),
        ("建国路88", vec![3]),
        ("manhole 井盖", vec![3]),
    ] {
        assert_eq!(found(&bench, text), ids, "{text}");
    }
}

#[test]
fn no_words_can_break_a_search() {
    let bench = Bench::new();
    bench.open(&Sketch {
        description: "\0 🚧 \" NEAR( 'x' ก็ Ⓑ 🄰 \u{301}abc ".into(),
        ..Sketch::default()
    });
    for text in [
        "\"",
        "\"\"",
        "a\"b",
        "AND",
        "OR NOT",
        "NEAR(a b)",
        "a*",
        "*",
        "^a",
        "title:x",
        "-",
        "(",
        ")",
        "a:b",
        "\0",
        "a\0b",
        "🚧",
        "'",
        "%",
        "ก็",
        "Ⓑ",
        "🄰",
        "e\u{301}",
        "\u{301}",
        "",
        "   ",
        "\u{FFFD}",
        "ﷺ",
        "葛\u{E0100}",
        "a OR b",
    ] {
        found(&bench, text);
    }
    assert_eq!(found(&bench, "ก็"), [1]);
    assert!(found(&bench, &"长".repeat(10_000)).is_empty());
    assert_eq!(found(&bench, "路灯"), [1]);
}

#[test]
fn the_index_follows_titles_addresses_and_moved_reports() {
    let bench = Bench::new();
    let one = bench.open(&Sketch {
        title: "alpha".into(),
        description: "first words".into(),
        ..Sketch::default()
    });
    let two = bench.open(&Sketch {
        title: "beta".into(),
        description: "second words".into(),
        ..Sketch::default()
    });
    let (from, into) = (one.id, two.id);
    bench
        .write(move |tx| {
            let place = anlan_model::places::Place {
                address: Some("人民路 9".into()),
                ..one.place.clone()
            };
            let event = Event::CasePlaced {
                place,
                office: None,
                route: None,
            };
            cases::record(tx, &one, &[event], &stamp(1))
        })
        .unwrap();
    assert_eq!(found(&bench, "人民路"), [from.0]);
    let moved = bench.write(move |tx| {
        let ids: Vec<_> = reports::of_case(tx, from)?
            .into_iter()
            .map(|report| report.id)
            .collect();
        reports::move_to(tx, &ids, into)
    });
    assert_eq!(moved.unwrap(), 1);
    assert_eq!(found(&bench, "first"), [into.0]);
    assert_eq!(found(&bench, "alpha"), [from.0]);
    assert_eq!(found(&bench, "words"), [into.0]);
}

#[test]
fn a_scan_sees_every_case_once() {
    let bench = filled();
    let mut seen = 0;
    for phase in [Phase::Open, Phase::Closed, Phase::Void] {
        let mut after = CaseId(0);
        loop {
            let part = bench.read(|tx| cases::scan(tx, phase, after, 7));
            let Some(last) = part.last() else { break };
            after = last.id;
            for slim in &part {
                let case = bench.read(|tx| cases::get(tx, slim.id));
                assert_eq!(
                    (slim.phase, slim.office, slim.priority, slim.due_at),
                    (case.phase, case.office, case.priority, case.clocks.due_at)
                );
                assert_eq!(slim.phase, phase);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 60);
}

#[test]
fn words_that_many_cases_share_page_and_count_like_any_other() {
    const MANY: usize = 5_600;
    let bench = Bench::new();
    bench
        .write(|tx| {
            for n in 0..MANY {
                let n = i64::try_from(n).unwrap_or(0);
                let title = if n % 10 == 0 { "rare lamp" } else { "lamp" };
                let office = Some(n % 3);
                Sketch {
                    title: title.into(),
                    description: String::new(),
                    second: n % 97,
                    office,
                    ..Sketch::default()
                }
                .open(tx)?;
            }
            Ok(())
        })
        .unwrap();
    let common = CaseFilter {
        text: Some("lamp".into()),
        ..everything()
    };
    for sort in sorts() {
        let found = pages(&bench, &common, sort, 1000);
        let all = pages(&bench, &everything(), sort, 1000);
        assert_eq!(found, all, "{sort:?}");
    }
    assert_eq!(
        bench.read(|tx| cases::count(tx, &common)),
        u64::try_from(MANY).unwrap()
    );
    let office = CaseFilter {
        offices: vec![OfficeId(1)],
        ..common
    };
    let total = bench.read(|tx| cases::count(tx, &office));
    assert_eq!(
        total,
        u64::try_from(pages(&bench, &office, Sort::ascending(SortKey::Due), 77).len()).unwrap()
    );
    let rare = CaseFilter {
        text: Some("rare lamp".into()),
        ..everything()
    };
    assert_eq!(
        bench.read(|tx| cases::count(tx, &rare)),
        u64::try_from(MANY / 10).unwrap()
    );
}
