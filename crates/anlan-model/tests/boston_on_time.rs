//! Our verdict on the city's own target times against the city's own flag, on every row of Boston's export of the second
//! half of 2011 (58,251 requests; times are local to `America/New_York`).
//!
//! What the city's flag means, and how each kind of row compares:
//! - 43,664 rows closed with a target: `Case::timeliness` says on time for 35,591 and overdue for 8,073, as the city does.
//! - 3,448 rows still open with a target: overdue, as the city says. The verdict on an open row needs a date; the export
//!   gives none. Its last closing is of 2019 and its last target of 2015, so at any date the export can have, every
//!   open row with a target is past it. The test takes the instant of the last closing.
//! - 10,981 rows without a target (10,749 closed, 232 open): the city calls them on time, for no promise was broken. We say
//!   "no deadline", which is the same fact by its own name; the test counts the two words as one.
//! - 158 rows where the city left the flag blank: no verdict to compare with. All have a target; 157 were closed after it and
//!   one is open past it, so we say overdue. They are counted here so that no row is left out.
//!
//! Together 46,572 on time and 11,521 overdue agree, 158 are ours alone: 58,251.
#![expect(clippy::unwrap_used, reason = "a test that stops says what is wrong")]

use anlan_model::calendars::Calendar;
use anlan_model::cases::{Case, Clocks, Closing, Phase, Timeliness};
use anlan_model::classes::Priority;
use anlan_model::events::{Event, Opened, Stamp};
use anlan_model::ids::{CaseId, ReasonCode, StateCode};
use anlan_model::incoming::Channel;
use anlan_model::places::Place;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data by the environment"
)]
fn shared() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join(std::env::var("ANLAN_SHARED").unwrap_or_else(|_| "../shared".into()))
}

fn case(id: i64, opened_at: Timestamp, due_at: Option<Timestamp>, closed_at: Option<Timestamp>) -> Case {
    let reason = ReasonCode::from("imported");
    let closing = closed_at.map(|at| Closing {
        reason,
        note: String::new(),
        at,
        by: None,
        forced: false,
    });
    let opened = Opened {
        class: None,
        title: "imported".into(),
        channel: Channel::Import,
        source: "boston-2011".into(),
        state: StateCode::from(if closing.is_some() { "close" } else { "handle" }),
        phase: if closing.is_some() {
            Phase::Closed
        } else {
            Phase::Open
        },
        priority: Priority::P3,
        place: Place::default(),
        office: None,
        route: None,
        opened_at,
        clocks: Clocks {
            due_at,
            ..Clocks::default()
        },
        closing,
        about_office: None,
        split_from: None,
        reports: 1,
        is_marked_duplicate: false,
        source_on_time: None,
    };
    Event::CaseOpened(Box::new(opened))
        .apply(
            CaseId(id),
            None,
            &Stamp {
                at: opened_at,
                by: None,
                post: None,
            },
        )
        .unwrap()
}

/// Local time of New York as an instant; of an hour that exists twice the first is taken.
fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let local: jiff::civil::DateTime = if text.is_empty() {
        return None;
    } else {
        text.parse().unwrap()
    };
    Some(zone.to_timestamp(local).unwrap())
}

#[test]
fn our_verdict_is_the_citys_on_every_row_of_2011() {
    let path = shared().join("data/given/boston-311/boston311_2011h2.csv.zst");
    let Ok(packed) = std::fs::read(&path) else {
        println!("skipped: {} is not here", path.display());
        return;
    };
    let bytes = zstd::stream::decode_all(packed.as_slice()).unwrap();
    let zone = TimeZone::get("America/New_York").unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let [opened, target, closed, flag] = ["open_dt", "target_dt", "closed_dt", "ontime"].map(column);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let as_of = rows
        .iter()
        .filter_map(|row| instant(&row[closed], &zone))
        .max()
        .unwrap();

    let mut found: BTreeMap<(String, &str), u32> = BTreeMap::new();
    for (row, id) in rows.iter().zip(1..) {
        let [opened, target, closed] = [opened, target, closed].map(|column| instant(&row[column], &zone));
        let verdict = match case(id, opened.unwrap(), target, closed).timeliness(as_of) {
            Timeliness::OnTime | Timeliness::NoDeadline => "ONTIME",
            Timeliness::Overdue => "OVERDUE",
            Timeliness::Running => "RUNNING",
        };
        *found.entry((row[flag].trim().to_owned(), verdict)).or_default() += 1;
    }
    let expected: BTreeMap<(String, &str), u32> = [
        (("ONTIME".to_owned(), "ONTIME"), 46_572),
        (("OVERDUE".to_owned(), "OVERDUE"), 11_521),
        ((String::new(), "OVERDUE"), 158),
    ]
    .into();
    assert_eq!(found, expected);
    println!(
        "{} rows: 46,572 on time and 11,521 overdue agree with the city; 158 without its flag",
        rows.len()
    );
}

#[test]
fn a_case_closed_at_its_deadline_is_on_time_and_a_second_later_overdue() {
    let calendar = Calendar::china().unwrap();
    let opened: Timestamp = "2025-03-03T02:00:00Z".parse().unwrap();
    let due = calendar.due(opened, &"4 working_hours".parse().unwrap());
    let later = due.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
    assert_eq!(
        case(1, opened, Some(due), Some(due)).timeliness(later),
        Timeliness::OnTime
    );
    assert_eq!(
        case(1, opened, Some(due), Some(later)).timeliness(later),
        Timeliness::Overdue
    );
    assert_eq!(
        case(1, opened, Some(due), None).timeliness(due),
        Timeliness::Running
    );
    assert_eq!(
        case(1, opened, Some(due), None).timeliness(later),
        Timeliness::Overdue
    );
    assert_eq!(
        case(1, opened, None, None).timeliness(later),
        Timeliness::NoDeadline
    );
}
