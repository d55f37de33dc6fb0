//! Replaying a case's events gives the case, whatever happened to it.

mod support;

use anlan_model::cases::{Case, Clocks, Phase, Rating};
use anlan_model::classes::Priority;
use anlan_model::erasures::ErasureGround;
use anlan_model::events::{Event, Stamp};
use anlan_model::ids::{AccountId, CaseId, OfficeId, PhotoId, ReportId};
use anlan_model::places::{Place, Point};
use anlan_store::{cases, erasures};
use proptest::prelude::*;
use support::{Bench, Sketch, moved};

/// One of the things that can happen to a case, chosen by a number.
fn happened(case: &Case, kind: u8, number: u16, text: &str) -> Event {
    let id = i64::from(number);
    match kind {
        0 => moved(case, &format!("s{id}")),
        1 => Event::CaseReclassified {
            class: text.into(),
            priority: Priority::P1,
            office: Some(OfficeId(id)),
            route: None,
            clocks: Clocks::default(),
        },
        2 => Event::CasePlaced {
            place: Place {
                address: Some(text.to_owned()),
                point: Some(Point {
                    lon: f64::from(number) / 777.0,
                    lat: 1.0 / f64::from(number.max(1)),
                }),
                ..Place::default()
            },
            office: None,
            route: None,
        },
        3 => Event::ReportJoined {
            reports: vec![ReportId(id)],
            from: CaseId(id),
            due_at: case.clocks.due_at,
        },
        4 => Event::CaseMerged {
            into: CaseId(id),
            state: "void".into(),
        },
        5 => Event::CaseSplit {
            into: CaseId(id),
            reports: vec![ReportId(id)],
        },
        6 => Event::PhotoAdded {
            photo: PhotoId(id),
            shows: "after".into(),
        },
        7 => Event::NoteAdded {
            note: text.to_owned(),
        },
        8 => Event::TextsErased {
            ground: ErasureGround::Period,
        },
        _ => Event::CaseRated {
            rating: Rating {
                stars: 5,
                is_fixed: true,
                comment: text.to_owned(),
                at: case.updated_at,
            },
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn replay_equals_state(steps in prop::collection::vec((0..10_u8, any::<u16>(), ".{0,20}", any::<u32>(), 0..4_i64), 1..30)) {
        let bench = Bench::new();
        let mut case = bench.open(&Sketch::default());
        let id = case.id;
        for (kind, number, text, nanoseconds, by) in &steps {
            let event = happened(&case, *kind, *number, text);
            let at = support::at(0) + jiff::SignedDuration::from_nanos(i64::from(*nanoseconds));
            let stamp = Stamp { at, by: (*by > 0).then_some(AccountId(*by)), post: None };
            let before = case.clone();
            case = bench.write(move |tx| cases::record(tx, &before, std::slice::from_ref(&event), &stamp)).unwrap();
        }
        prop_assert_eq!(bench.read(|tx| cases::find(tx, id)), Some(case.clone()));
        prop_assert_eq!(bench.read(|tx| cases::replay(tx, id)), Some(case.clone()));
        let before = case.clone();
        let erased = bench.write(move |tx| {
            erasures::erase_case(tx, &before, ErasureGround::Period, &support::stamp(9))
        }).unwrap();
        prop_assert!(erased.title.is_empty() && erased.place.point.is_none() && erased.is_without_texts());
        prop_assert_eq!(bench.read(|tx| cases::find(tx, id)), Some(erased.clone()), "erased");
        prop_assert_eq!(bench.read(|tx| cases::replay(tx, id)), Some(erased), "erased");
        prop_assert!(case.version == u32::try_from(steps.len()).unwrap() + 1 && matches!(case.phase, Phase::Open | Phase::Void));
    }
}
