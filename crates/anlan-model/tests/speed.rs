//! What one deadline and one routing decision cost, printed; run by hand:
//! `CARGO_PROFILE_DEV_OPT_LEVEL=3 cargo test -p anlan-model --test speed -- --ignored --nocapture`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement reads the machine's clock and prints what it found"
)]

use anlan_model::calendars::Calendar;
use anlan_model::class_tables;
use anlan_model::classes::Class;
use anlan_model::deadlines::DeadlineTable;
use anlan_model::ids::{ClassCode, OfficeId, RuleName, StateCode};
use anlan_model::incoming::Channel;
use anlan_model::offices::{Office, OfficeKind};
use anlan_model::routing::{RouteFacts, Router, Rule, RuleSet};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

fn measure(what: &str, bar_us: f64, mut run: impl FnMut(i64)) {
    const BATCHES: i64 = 200;
    const ROUNDS: i64 = 500;
    // The quickest batch: what the work costs where nobody else uses the processor.
    let batch = |batch: i64| {
        let start = Instant::now();
        (batch * ROUNDS..(batch + 1) * ROUNDS).for_each(&mut run);
        start.elapsed().as_secs_f64() * 1e6 / 500.0
    };
    let us = (0..BATCHES).map(batch).fold(f64::INFINITY, f64::min);
    println!("{what}: {us:.3} µs (bar {bar_us} µs)");
    assert!(us <= bar_us, "{what}");
}

fn instant(round: i64) -> Timestamp {
    Timestamp::from_second(1_735_689_600 + (round * 7919) % 60_000_000).unwrap()
}

#[test]
#[ignore = "a measurement, meaningful only when optimised"]
fn a_deadline_costs_less_than_a_microsecond() {
    let start = Instant::now();
    let calendar = Calendar::china().unwrap();
    println!(
        "reading a calendar: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    for term in [
        "4 working_hours",
        "20 working_days",
        "400 working_hours",
        "12 urgent_hours",
        "15 calendar_days",
    ] {
        let term = term.parse().unwrap();
        measure(&format!("due {term}"), 1.0, |round| {
            black_box(calendar.due(instant(round), &term));
        });
    }
    let table = DeadlineTable::demo().unwrap();
    let class = ClassCode::from("m09006");
    let state = StateCode::from("report");
    measure("clocks of a new case", 3.0, |round| {
        black_box(table.on(&calendar, Some(&class)).open(&state, instant(round)));
    });
}

fn office(id: i64, kind: OfficeKind, division: String) -> Office {
    let (code, name_zh, name_en) = (format!("office-{id}"), "处".into(), "office".into());
    Office {
        id: OfficeId(id),
        code,
        name_zh,
        name_en,
        kind,
        parent: None,
        division,
        is_active: true,
    }
}

fn rule(number: usize, classes: &[ClassCode]) -> Rule {
    let division = vec![format!("33010{:01}{:03}", number % 7, number)];
    let words = vec![format!("词语{number}"), format!("word{number}")];
    let class = vec![classes[number % classes.len()].0.clone()];
    let (classes, divisions, keywords) = match number % 4 {
        0 => (class, division, Vec::new()),
        1 => (Vec::new(), division, words),
        2 => (class, Vec::new(), words),
        _ => (Vec::new(), division, Vec::new()),
    };
    Rule {
        name: RuleName(format!("rule {number}")),
        classes,
        groups: Vec::new(),
        divisions,
        cells: Vec::new(),
        hours: if number % 10 == 9 {
            vec!["closed".into()]
        } else {
            Vec::new()
        },
        keywords,
        channels: Vec::new(),
        office: format!("office-{}", number % 50 + 1),
    }
}

#[test]
#[ignore = "a measurement, meaningful only when optimised"]
fn five_hundred_rules_cost_less_than_five_microseconds() {
    let calendar = Calendar::china().unwrap();
    let classes: BTreeMap<ClassCode, Class> = class_tables::gbt47678()
        .unwrap()
        .into_iter()
        .map(|class| (class.code.clone(), class))
        .collect();
    let codes: Vec<ClassCode> = classes.keys().cloned().collect();
    let offices: BTreeMap<OfficeId, Office> = (1..=50)
        .map(|id| {
            (
                OfficeId(id),
                office(id, OfficeKind::Street, format!("3301{id:05}")),
            )
        })
        .collect();
    let rules = (0..500).map(|number| rule(number, &codes)).collect();
    let set = RuleSet {
        version: 1,
        rules,
        fallback_office: "office-1".into(),
    };
    let start = Instant::now();
    let router = Router::new(set, &offices, &classes).unwrap();
    println!(
        "making 500 rules ready: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let long = "小区门口的垃圾桶已经满了好几天了，没有人来清理，夏天味道很大，请尽快处理。".repeat(3);
    let texts = ["垃圾桶满溢", long.as_str(), "文三路 word499 号"];
    measure("routing by 500 rules", 5.0, |round| {
        let class = &classes[&codes[usize::try_from(round).unwrap() % codes.len()]];
        let facts = RouteFacts {
            class: Some(class),
            division: Some("330109001002"),
            cell: None,
            channel: Channel::Web,
            at: instant(round),
            texts: &texts,
            about_office: None,
        };
        black_box(router.route(&facts, &calendar));
    });
}
