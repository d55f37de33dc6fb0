//! Whole lives of cases through the actions, as people live them: never a shortcut into the store.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod county;
mod queue;

use anlan_app::tracks::Rate;
use anlan_app::{Caller, Error, cases, photos, reports, tracks};
use anlan_model::accounts::Role;
use anlan_model::cases::Phase;
use anlan_model::ids::{CaseId, ReasonCode};
use anlan_model::incoming::Contact;
use anlan_model::places::Certainty;
use anlan_model::procedures::MoveRequest;
use county::{County, at, mv, picture};

fn code(error: &Error) -> &'static str {
    match error {
        Error::Denied { code, .. }
        | Error::Invalid { code, .. }
        | Error::Conflict { code, .. }
        | Error::SignedOut { code, .. } => code,
        Error::Missing { .. } => "missing",
        Error::TooMany { .. } => "too_many",
        Error::Unavailable { .. } => "unavailable",
    }
}

fn replays(county: &County, id: CaseId) {
    let folded = county
        .app
        .store
        .read(|tx| anlan_store::cases::replay(tx, id))
        .map_err(|e: anlan_store::Error| e);
    assert_eq!(
        folded.unwrap().unwrap(),
        county.case(id),
        "replaying the events gives the same state"
    );
}

fn with_reason(code: &str, reason: &str) -> MoveRequest {
    MoveRequest {
        reason: Some(ReasonCode::from(reason)),
        rule_cited: Some("职责清单 3.2".into()),
        ..mv(code)
    }
}

#[test]
fn a_report_is_placed_routed_and_promised() {
    let county = County::new();
    let taken = county.take(county.report("m06010", 113.005, "路口垃圾成堆"));
    let case = &taken.case;
    assert_eq!(case.office, county.offices.get("street-1").copied());
    assert_eq!(
        case.route.as_ref().unwrap().rule.as_ref().unwrap().as_str(),
        "garbage"
    );
    assert_eq!(case.place.certainty, Certainty::Sure);
    assert_eq!(case.place.division.as_deref(), Some("990101001001"));
    assert!(case.clocks.due_at.unwrap() > case.opened_at);
    assert_eq!(taken.tracking_code.len(), 20);
    replays(&county, case.id);
}

#[test]
fn near_a_boundary_it_says_so() {
    let county = County::new();
    let same_owner = county.take(county.report("m06010", 113.009_95, "同一街道的边界"));
    assert_eq!(same_owner.case.place.certainty, Certainty::NearCell);
    let other_owner = county.take(county.report("m06010", 113.019_95, "两个街道的边界"));
    assert_eq!(other_owner.case.place.certainty, Certainty::NearOwner);
    assert_eq!(other_owner.case.place.other_cells.len(), 1);
    let one_owner = county.take(county.report("m01002", 113.019_95, "井盖"));
    assert_eq!(
        one_owner.case.place.certainty,
        Certainty::NearCell,
        "the water office owns both sides"
    );
    let outside = county.take(county.report("m01002", 120.0, "很远"));
    assert_eq!(outside.case.place.certainty, Certainty::Outside);
}

#[test]
fn words_can_route_and_a_repeat_is_known() {
    let county = County::new();
    let mut report = county.report("m06010", 113.005, "闻到燃气味");
    report.external_id = Some("form-1".into());
    report.contact = Some(Contact {
        phone: Some("000".into()),
        ..Contact::default()
    });
    let first = county.take(report.clone());
    assert_eq!(first.case.office, county.offices.get("water").copied());
    let second = county.take(report);
    assert!(second.known);
    assert_eq!(
        (second.case.id, &second.tracking_code),
        (first.case.id, &first.tracking_code)
    );
    let kept = cases::contact(&county.app, &county.caller(Role::Duty, "centre"), first.case.id).unwrap();
    assert_eq!(kept.len(), 1, "the second try left no contact behind");
}

/// From the resident's form to the dispatcher's desk.
fn accepted(county: &County, id: CaseId) {
    let (duty, worker) = (
        county.caller(Role::Duty, "centre"),
        county.caller(Role::Worker, "street-1"),
    );
    county.go(&duty, id, &mv("send_verify")).unwrap();
    county.go(&worker, id, &mv("verify_ok")).unwrap();
    county.go(&duty, id, &mv("accept")).unwrap();
    county.go(&duty, id, &mv("file")).unwrap();
}

#[test]
fn the_whole_life_with_return_arbitration_rework_closing_rating_and_reopening() {
    let county = County::new();
    let (duty, officer) = (
        county.caller(Role::Duty, "centre"),
        county.caller(Role::Officer, "water"),
    );
    let worker = county.caller(Role::Worker, "street-1");
    let taken = county.take(county.report("m06010", 113.005, "路口垃圾成堆"));
    let (id, promised) = (taken.case.id, taken.case.clocks.due_at);
    let water = county.offices.get("water").copied();
    accepted(&county, id);
    for _ in 0..2 {
        let send = MoveRequest {
            office: water,
            ..mv("dispatch")
        };
        county.go(&duty, id, &send).unwrap();
        county
            .go(&officer, id, &with_reason("return", "not_our_duty"))
            .unwrap();
    }
    let send = MoveRequest {
        office: water,
        ..mv("dispatch")
    };
    let refused = county.go(&duty, id, &send).unwrap_err();
    assert!(
        matches!(refused, Error::Denied { .. }),
        "after the last return only the arbiter decides: {refused}"
    );
    county.go(&duty, id, &mv("ask_arbiter")).unwrap();
    let arbiter = county.caller(Role::Arbiter, "centre");
    let verdict = MoveRequest {
        office: water,
        ..mv("arbitrate_redirect")
    };
    county.go(&arbiter, id, &verdict).unwrap();
    let contested = county
        .go(&officer, id, &with_reason("return", "not_our_duty"))
        .unwrap_err();
    assert_eq!(code(&contested), "case.arbitrated");
    county.go(&officer, id, &mv("take")).unwrap();
    assert_eq!(
        county.case(id).clocks.due_at,
        promised,
        "no return and no verdict moves the promise"
    );
    photos::add(&county.app, &officer, id, "after", &picture()).unwrap();
    county.go(&officer, id, &mv("finish")).unwrap();
    county
        .go(&worker, id, &with_reason("rework", "not_done"))
        .unwrap_or_else(|error| panic!("{error:?}"));
    county.go(&officer, id, &mv("finish")).unwrap();
    let file = county
        .go(&worker, id, &with_reason("check_pass", "fixed"))
        .unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(file.case.phase, Phase::Closed);
    let rated = tracks::rate(
        &county.app,
        &taken.tracking_code,
        &Rate {
            stars: 2,
            is_fixed: false,
            comment: "又堆起来了".into(),
        },
    );
    assert_eq!(rated.unwrap().case.rating.unwrap().stars, 2);
    let open = tracks::reopen(&county.app, &taken.tracking_code, "第二天又有了").unwrap();
    assert_eq!(open.case.phase, Phase::Open);
    assert_eq!(county.case(id).reopened, 1);
    replays(&county, id);
}

#[test]
fn reopening_ends_with_its_window() {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    let taken = county.take(county.report("m01002", 113.005, "井盖"));
    county.go(&duty, taken.case.id, &mv("send_verify")).unwrap();
    county.go(&duty, taken.case.id, &mv("verify_not_exist")).unwrap();
    county.clock.set(at("2026-04-10T02:00:00Z"));
    let late = tracks::reopen(&county.app, &taken.tracking_code, "还在").unwrap_err();
    assert!(matches!(late, Error::Denied { .. }), "{late:?}");
}

#[test]
fn a_wrong_code_opens_nothing_and_tells_nothing() {
    let county = County::new();
    for wrong in ["", "0000000000000000000z", "' OR 1=1 --", "\u{0}"] {
        assert_eq!(code(&tracks::open(&county.app, wrong).unwrap_err()), "missing");
    }
}

#[test]
fn of_parallel_moves_one_wins_and_the_others_are_told() {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    let id = county.take(county.report("m01002", 113.005, "井盖")).case.id;
    let version = county.version(id);
    let results: Vec<Result<_, Error>> = std::thread::scope(|scope| {
        let (app, duty) = (&county.app, &duty);
        let started: Vec<_> = (0..1000)
            .map(|_| scope.spawn(move || cases::move_case(app, duty, id, version, &mv("send_verify"))))
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for lost in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(code(lost), "case.moved_meanwhile");
        assert!(lost.to_string().contains("Duty at centre"), "{lost}");
    }
    assert_eq!(county.version(id), version + 1);
    replays(&county, id);
}

#[test]
fn offices_see_their_own_and_never_a_complaint_about_them() {
    let county = County::new();
    let (water, street) = (
        county.caller(Role::Officer, "water"),
        county.caller(Role::Officer, "street-1"),
    );
    let id = county.take(county.report("m01002", 113.005, "井盖")).case.id;
    assert!(cases::read(&county.app, &water, id).is_ok());
    assert_eq!(
        code(&cases::read(&county.app, &street, id).unwrap_err()),
        "missing"
    );
    let complaint = county.report("m01002", 113.005, "水务局不作为");
    let about = county.offices.get("water").copied();
    let hidden = reports::take(&county.app, &Caller::resident(), complaint, about)
        .unwrap()
        .case
        .id;
    assert_eq!(
        code(&cases::read(&county.app, &water, hidden).unwrap_err()),
        "missing"
    );
    let query = cases::Query {
        filter: cases::CaseQuery::open(),
        sort: anlan_store::cases::Sort::descending(anlan_store::cases::SortKey::Opened),
        cursor: None,
        limit: 50,
    };
    let seen: Vec<CaseId> = cases::list(&county.app, &water, &query)
        .unwrap()
        .items
        .iter()
        .map(|case| case.id)
        .collect();
    assert_eq!(seen, [id]);
    let counted = anlan_app::maps::counts(&county.app, &water, &query.filter).unwrap();
    assert_eq!(counted.total, 1, "the map's counts keep the same secret");
    assert!(cases::read(&county.app, &county.caller(Role::Duty, "centre"), hidden).is_ok());
}

#[test]
fn merging_keeps_the_earlier_promise_and_splitting_undoes_it() {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    let first = county.take(county.report("m06010", 113.005, "垃圾一"));
    county.clock.set(at("2026-03-10T03:00:00Z"));
    let second = county.take(county.report("m06010", 113.005_1, "垃圾二"));
    let like = cases::duplicates(&county.app, &duty, second.case.id).unwrap();
    assert_eq!(like.first().map(|like| like.case.id), Some(first.case.id));
    let file = cases::merge(&county.app, &duty, first.case.id, second.case.id).unwrap();
    assert_eq!(file.reports.len(), 2);
    assert_eq!(file.case.clocks.due_at, first.case.clocks.due_at);
    assert_eq!(county.case(first.case.id).phase, Phase::Void);
    let followed = tracks::open(&county.app, &first.tracking_code).unwrap();
    assert_eq!(followed.case.id, second.case.id, "the link follows the report");
    let apart = cases::split(&county.app, &duty, second.case.id, &[first.report]).unwrap();
    assert_eq!((apart.reports.len(), county.case(second.case.id).reports), (1, 1));
    let filter = anlan_store::accesses::AccessFilter::default();
    let page = county
        .app
        .store
        .read(|tx| anlan_store::accesses::list(tx, &filter, None, 1000))
        .unwrap();
    let merging = page
        .items
        .iter()
        .rev()
        .filter(|access| access.action == "case.merge");
    let noted: Vec<String> = merging.map(|access| access.resource_id.clone()).collect();
    let both = [first.case.id, second.case.id, second.case.id, apart.case.id];
    assert_eq!(
        noted[noted.len() - 4..],
        both.map(|id| id.to_string()),
        "on both cases"
    );
    for id in [first.case.id, second.case.id, apart.case.id] {
        replays(&county, id);
    }
}

#[test]
fn every_look_leaves_an_access() {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    let id = county.take(county.report("m01002", 113.005, "井盖")).case.id;
    let count = || {
        let filter = anlan_store::accesses::AccessFilter::default();
        let page = county
            .app
            .store
            .read(|tx| anlan_store::accesses::list(tx, &filter, None, 1000));
        page.map_err(|e: anlan_store::Error| e).unwrap().items.len()
    };
    let before = count();
    cases::read(&county.app, &duty, id).unwrap();
    cases::contact(&county.app, &duty, id).unwrap();
    anlan_app::maps::heat(&county.app, &duty, &cases::CaseQuery::open()).unwrap();
    assert_eq!(count(), before + 3);
}

#[test]
fn one_report_costs_at_most_six_statements_and_its_contact_one_more() {
    let county = County::new();
    let cost = |contact: Option<Contact>| {
        let mut report = county.report("m06010", 113.005, "路口垃圾成堆");
        report.contact = contact;
        county.take(report.clone());
        let before = county.app.store.statements();
        county.take(report);
        county.app.store.statements() - before
    };
    // Report, case, event, words, count, access.
    assert_eq!(cost(None), 6);
    let contact = Contact {
        phone: Some("000".into()),
        ..Contact::default()
    };
    assert_eq!(cost(Some(contact)), 7);
}

#[test]
fn text_that_cannot_be_kept_is_refused_by_field() {
    let county = County::new();
    let mut report = county.report("m06010", 113.005, "a\0b");
    report.title = "x".repeat(300);
    report.class = Some(anlan_model::ids::ClassCode::from("nope"));
    let refused = reports::take(&county.app, &Caller::resident(), report, None).unwrap_err();
    let Error::Invalid { fields, .. } = &refused else {
        panic!("{refused:?}")
    };
    let codes: Vec<_> = fields
        .iter()
        .map(|field| (field.field.as_str(), field.code))
        .collect();
    assert_eq!(
        codes,
        [
            ("title", "text.too_long"),
            ("description", "text.control"),
            ("class", "class.unknown")
        ]
    );
    let fine = county.take(county.report(
        "m06010",
        113.005,
        "<script>alert(1)</script> 🙂 '; DROP TABLE cases;--",
    ));
    assert!(fine.case.title.starts_with("<script>"), "kept as text");
}
