//! Things for the tests of doors: cases here and elsewhere, photos, warnings, imports and rows kept back, made without any
//! door, so that nothing but the door under test leaves a trace.

use crate::bench::{Bench, PIXEL};
use anlan_app::{Caller, photos, reports};
use anlan_model::cases::Case;
use anlan_model::ids::{AccountId, CaseId, ClassCode, ImportId, OfficeId};
use anlan_model::imports::{Fault, Import, ImportState};
use anlan_model::incoming::{Channel, Incoming};
use anlan_model::places::{Datum, GivenPoint};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where a case lies, as an account of the office of water and its division sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lies {
    /// In the office's hands and in the division.
    Here,
    /// With another office, in no known place.
    Elsewhere,
    /// A complaint about the office itself, in the division.
    About,
}

/// Where a case of that kind comes from.
pub(crate) fn incoming(lies: Lies) -> Incoming {
    Incoming {
        channel: Channel::Hotline,
        source: "desk".into(),
        external_id: None,
        class: Some(ClassCode::from(if lies == Lies::Elsewhere {
            "m01002"
        } else {
            "m01001"
        })),
        title: "water on the road".into(),
        description: "it is knee deep".into(),
        address: Some("1 River Street".into()),
        point: (lies != Lies::Elsewhere).then_some(GivenPoint {
            lon: 105.5,
            lat: 29.5,
            datum: Datum::Wgs84,
            error_m: Some(10.0),
        }),
        reported_at: crate::bench::NOW.parse().unwrap(),
        contact: None,
        history: None,
        is_duplicate: false,
        is_default_point: false,
        facts: BTreeMap::new(),
    }
}

/// A new case.
pub(crate) fn case(bench: &Bench, lies: Lies) -> Case {
    let about: Option<OfficeId> = (lies == Lies::About).then_some(bench.water);
    reports::take(&bench.app, &Caller::resident(), incoming(lies), about)
        .unwrap()
        .case
}

/// A photo of a case.
pub(crate) fn photo(bench: &Bench, case: CaseId) -> i64 {
    let duty = Caller {
        actor: anlan_policy::Actor {
            roles: vec![anlan_model::accounts::Role::Duty],
            ..Default::default()
        },
        ..Caller::system()
    };
    photos::add(&bench.app, &duty, case, "before", &PIXEL)
        .unwrap()
        .id
        .0
}

/// A run in that state with one row kept back; the run's id and the row's.
pub(crate) fn import(bench: &Bench, state: ImportState) -> (i64, i64) {
    let run = Import {
        id: ImportId(0),
        file: "a.csv".into(),
        digest: String::new(),
        mapping: "plain".into(),
        state,
        rows: 1,
        imported: 0,
        known: 0,
        quarantined: 1,
        bytes_done: 0,
        bytes_total: 1,
        started_at: crate::bench::NOW.parse().unwrap(),
        ended_at: None,
        error: None,
        error_zh: None,
    };
    let fault = Fault {
        line: 2,
        column: None,
        value: None,
        code: "id.missing".into(),
        message: "there is no id".into(),
    };
    let plan = r#"{"import":0,"upload":"x","mapping":"plain","datum":"wgs84"}"#;
    let kept = bench.app.store.write(move |tx| {
        let run = anlan_store::imports::insert(tx, &run, plan)?;
        let fields = [("id".to_owned(), String::new())];
        let row = anlan_store::quarantine::add(tx, run.id, 2, std::slice::from_ref(&fault), &fields)?;
        Ok::<_, anlan_store::Error>((run.id.0, row.0))
    });
    kept.unwrap()
}

/// Closes an account.
pub(crate) fn close(bench: &Bench, id: AccountId) {
    let closed = bench.app.store.write(move |tx| {
        let mut account = anlan_store::accounts::find(tx, id)?.unwrap();
        account.is_active = false;
        anlan_store::accounts::update(tx, &account)
    });
    closed.unwrap();
}

static MADE: AtomicU32 = AtomicU32::new(0);

/// A file handed in; each another, as a file is imported once.
pub(crate) fn upload(bench: &Bench) -> String {
    let steward = Caller {
        actor: anlan_policy::Actor {
            roles: vec![anlan_model::accounts::Role::Steward],
            ..Default::default()
        },
        ..Caller::system()
    };
    let text = format!("id\n{}\n", MADE.fetch_add(1, Ordering::Relaxed));
    let kept = anlan_app::uploads::put(&bench.app, &steward, "a.csv", &mut text.as_bytes());
    kept.unwrap().id
}
