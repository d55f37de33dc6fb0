//! Retention and erasure through the actions: what goes when, what stays, who may ask, and that no byte is left in the folder.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod county;

use anlan_app::erasures::{self, Outcome, Wish};
use anlan_app::{Caller, Error, accesses, cases, grants, photos, tracks, uploads};
use anlan_model::accounts::Role;
use anlan_model::cases::{Case, Phase};
use anlan_model::classifications::{Classification, PeriodChange};
use anlan_model::erasures::{ErasureGround, ErasureKind};
use anlan_model::events::Event;
use anlan_model::ids::{AccountId, CaseId, ReportId};
use anlan_model::incoming::Contact;
use anlan_store::accesses::AccessFilter;
use county::{County, at, mv, picture};
use std::path::Path;

const MARK: &str = "zqxvjkwyhh";

fn told(county: &County, text: &str) -> (CaseId, ReportId, String) {
    let mut incoming = county.report("m01002", 113.005, &format!("{MARK} {text}"));
    incoming.title = format!("{MARK} {text}");
    incoming.address = Some(format!("{MARK} road"));
    incoming.facts.insert("note".into(), MARK.into());
    incoming.contact = Some(Contact {
        phone: Some("13800138000".into()),
        ..Contact::default()
    });
    let taken = county.take(incoming);
    (taken.case.id, taken.report, taken.tracking_code)
}

fn close(county: &County, id: CaseId) {
    let duty = county.caller(Role::Duty, "centre");
    photos::add(&county.app, &duty, id, "before", &picture()).unwrap();
    cases::note(&county.app, &duty, id, &format!("{MARK} said on the phone")).unwrap();
    let other = county.caller(Role::Officer, "other");
    grants::open_case(&county.app, &other, id, &format!("{MARK} may be trapped there")).unwrap();
    county.go(&duty, id, &mv("send_verify")).unwrap();
    let mut done = mv("verify_not_exist");
    done.note = format!("{MARK} nothing there");
    county.go(&duty, id, &done).unwrap();
    assert_eq!(county.case(id).phase, Phase::Closed);
}

fn run(county: &County) -> Outcome {
    let outcome = erasures::run(&county.app, &Caller::system(), &|| true).unwrap();
    assert!(outcome.is_finished);
    outcome
}

fn count(outcome: &Outcome, kind: ErasureKind) -> u64 {
    outcome.erased.get(&kind).copied().unwrap_or(0)
}

/// Files of the folder in which the mark stands.
fn found(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(found(&path));
        } else if std::fs::read(&path)
            .unwrap()
            .windows(MARK.len())
            .any(|window| window == MARK.as_bytes())
        {
            all.push(path.display().to_string());
        }
    }
    all
}

fn folder(county: &County) -> &Path {
    county.app.store.path().parent().unwrap()
}

fn replays(county: &County, id: CaseId) {
    let folded = county.app.store.read(|tx| anlan_store::cases::replay(tx, id));
    assert_eq!(
        folded.map_err(|e: anlan_store::Error| e).unwrap(),
        Some(county.case(id))
    );
}

fn photos_of(county: &County, id: CaseId) -> usize {
    let found = county.app.store.read(|tx| anlan_store::photos::of_case(tx, id));
    found.map_err(|e: anlan_store::Error| e).unwrap().len()
}

#[test]
fn contacts_go_first_then_the_words_and_the_figures_stay() {
    let county = County::new();
    let (id, _, tracking) = told(&county, "one");
    let (open, ..) = told(&county, "two");
    close(&county, id);
    let duty = county.caller(Role::Duty, "centre");
    let before = county.case(id);
    assert_eq!(count(&run(&county), ErasureKind::Contact), 0);

    // The case was closed on 10 March; 183 days later its contact goes, and nothing else.
    county.clock.set(at("2026-09-09T01:00:00Z"));
    assert_eq!(count(&run(&county), ErasureKind::Contact), 0);
    county.clock.set(at("2026-09-10T03:00:00Z"));
    let due = erasures::preview(&county.app, &Caller::system()).unwrap();
    assert_eq!(
        (due[0].kind, due[0].days, due[0].count),
        (ErasureKind::Contact, 183, 1)
    );
    assert_eq!(count(&run(&county), ErasureKind::Contact), 1);
    assert_eq!(cases::contact(&county.app, &duty, id).unwrap(), []);
    assert_eq!(
        cases::contact(&county.app, &duty, open).unwrap().len(),
        1,
        "an open case keeps its contact"
    );
    assert_eq!(county.case(id), before);
    assert!(tracks::open(&county.app, &tracking).is_ok());

    // Three years later the words go; class, cell, times, states and the reason stay.
    county.clock.set(at("2029-03-11T03:00:00Z"));
    let outcome = run(&county);
    assert_eq!(count(&outcome, ErasureKind::Case), 1);
    assert_eq!(
        (outcome.files, outcome.pages.is_some()),
        (2, true),
        "two sizes of one photo"
    );
    is_bare(&before, &county.case(id));
    assert_eq!(photos_of(&county, id), 0);
    assert!(tracks::open(&county.app, &tracking).is_err());
    replays(&county, id);
    ends_with_erasing(&cases::read(&county.app, &duty, id).unwrap());
    assert_eq!(county.case(open).title, format!("{MARK} two"));
    assert_eq!(
        run(&county),
        Outcome {
            is_finished: true,
            ..Outcome::default()
        },
        "nothing is erased twice"
    );

    // What is written into it afterwards goes in its turn.
    cases::note(&county.app, &duty, id, "written later").unwrap();
    county.clock.set(at("2032-03-12T03:00:00Z"));
    assert_eq!(count(&run(&county), ErasureKind::Case), 1);
    replays(&county, id);
}

/// What a case is once its words are erased, and what stays.
fn is_bare(before: &Case, after: &Case) {
    assert_eq!(
        (
            after.title.as_str(),
            after.place.point,
            after.place.address.as_deref()
        ),
        ("", None, None)
    );
    assert_eq!(
        (&after.class, after.place.cell, after.opened_at),
        (&before.class, before.place.cell, before.opened_at)
    );
    let (closing, was) = (after.closing.as_ref().unwrap(), before.closing.as_ref().unwrap());
    assert_eq!(
        (&closing.reason, closing.at, closing.note.as_str()),
        (&was.reason, was.at, "")
    );
}

fn ends_with_erasing(file: &cases::CaseFile) {
    let last = &file.timeline.last().unwrap().event;
    let ground = ErasureGround::Period;
    assert!(
        matches!(last, Event::TextsErased { ground: on } if *on == ground),
        "{last:?}"
    );
}

#[test]
fn once_all_is_due_no_byte_of_it_is_in_the_folder_and_the_log_still_verifies() {
    let county = County::new();
    let ids: Vec<CaseId> = (0..25)
        .map(|turn| told(&county, &format!("of {turn}")).0)
        .collect();
    for id in &ids {
        close(&county, *id);
    }
    let steward = county.caller(Role::Steward, "centre");
    uploads::put(
        &county.app,
        &steward,
        &format!("{MARK}.csv"),
        &mut MARK.as_bytes(),
    )
    .unwrap();
    std::fs::write(folder(&county).join("uploads/left"), MARK).unwrap();
    assert!(found(folder(&county)).len() >= 3);
    county.clock.set(at("2030-01-01T03:00:00Z"));
    // A run that is cut off after some units goes on where it was.
    let asked = std::cell::Cell::new(0);
    let cut = erasures::run(&county.app, &Caller::system(), &|| {
        asked.set(asked.get() + 1);
        asked.get() < 4
    });
    assert!(!cut.unwrap().is_finished);
    assert!(!found(folder(&county)).is_empty());
    let left = folder(&county).join("uploads/left");
    let old = std::time::UNIX_EPOCH;
    std::fs::File::options()
        .write(true)
        .open(&left)
        .unwrap()
        .set_modified(old)
        .unwrap();
    let outcome = run(&county);
    assert_eq!(
        (
            count(&outcome, ErasureKind::Upload),
            count(&outcome, ErasureKind::Orphan)
        ),
        (1, 1)
    );
    assert_eq!(found(folder(&county)), Vec::<String>::new());
    for id in &ids {
        replays(&county, *id);
    }
    let auditor = county.caller(Role::Auditor, "centre");
    let filter = AccessFilter {
        resource: Some("erasure".into()),
        ..AccessFilter::default()
    };
    let log = accesses::list(&county.app, &auditor, &filter, None, 100)
        .unwrap()
        .items;
    let noted = |kind: &str| {
        log.iter()
            .filter(|access| access.resource_id == kind)
            .map(|access| access.count)
            .sum::<u32>()
    };
    assert_eq!((noted("contact"), noted("case"), noted("upload")), (25, 25, 1));
    let register = erasures::list(&county.app, &auditor, 100).unwrap();
    let cases: u32 = register
        .iter()
        .filter(|line| line.kind == ErasureKind::Case)
        .map(|line| line.count)
        .sum();
    assert_eq!(cases, 25);
    let verified = anlan_app::backups::verify(&county.app, &Caller::system(), &mut |_, _| {}).unwrap();
    assert_eq!(verified.wrong, 0);
}

#[test]
fn a_backup_inside_the_folder_is_named() {
    let county = County::new();
    let to = folder(&county).join("backup-1");
    anlan_app::backups::take(&county.app, &Caller::system(), (&to, None), &mut |_, _| {}).unwrap();
    assert_eq!(run(&county).backups, [to]);
}

#[test]
fn a_node_s_own_period_holds() {
    let mut county = County::new();
    let (id, ..) = told(&county, "one");
    close(&county, id);
    let shorter = PeriodChange {
        period: "contact".into(),
        days: 30,
        reason: "resolution of the county".into(),
    };
    let own = Classification::shipped().unwrap().with(&[shorter]).unwrap();
    county.app = county.app.clone().with_classification(own);
    county.clock.set(at("2026-04-12T03:00:00Z"));
    assert_eq!(count(&run(&county), ErasureKind::Contact), 1);
}

/// Both erasures are in the register and in the access log.
fn is_registered(county: &County, id: CaseId, by: Option<AccountId>) {
    let auditor = county.caller(Role::Auditor, "centre");
    let register = erasures::list(&county.app, &auditor, 9).unwrap();
    let lines: Vec<_> = register
        .iter()
        .map(|line| (line.kind, line.ground, line.case, line.by))
        .collect();
    assert_eq!(
        lines,
        [ErasureKind::Report, ErasureKind::Contact].map(|kind| (kind, ErasureGround::Request, Some(id), by))
    );
    let filter = AccessFilter {
        resource_id: Some(id.to_string()),
        ..AccessFilter::default()
    };
    let log = accesses::list(&county.app, &auditor, &filter, None, 100)
        .unwrap()
        .items;
    assert_eq!(
        log.iter().filter(|access| access.action == "case.erase").count(),
        2
    );
}

#[test]
fn on_request_contact_goes_at_once_and_words_once_the_case_is_closed() {
    let county = County::new();
    let (id, report, tracking) = told(&county, "one");
    let supervisor = county.caller(Role::Supervisor, "centre");
    let duty = county.caller(Role::Duty, "centre");
    let ask = |caller: &Caller, report, wish| erasures::on_request(&county.app, caller, id, report, wish);
    assert!(matches!(
        ask(&duty, report, Wish::Contact),
        Err(Error::Denied { code: "no_right", .. })
    ));
    assert!(matches!(
        ask(&Caller::resident(), report, Wish::Contact),
        Err(Error::Denied { .. })
    ));
    assert!(matches!(
        ask(&supervisor, ReportId(999), Wish::Contact),
        Err(Error::Missing { what: "report" })
    ));
    let refused = ask(&supervisor, report, Wish::Everything).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Denied {
                code: "erasure.case_open",
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(
        cases::contact(&county.app, &duty, id).unwrap().len(),
        1,
        "nothing was erased"
    );

    ask(&supervisor, report, Wish::Contact).unwrap();
    assert_eq!(cases::contact(&county.app, &duty, id).unwrap(), []);
    assert!(county.case(id).title.starts_with(MARK));
    close(&county, id);
    let bare = ask(&supervisor, report, Wish::Everything).unwrap();
    assert!(bare.title.is_empty() && tracks::open(&county.app, &tracking).is_err());
    assert_eq!(photos_of(&county, id), 0);
    replays(&county, id);
    is_registered(&county, id, supervisor.actor.account);
    let waiting = county
        .app
        .store
        .read(anlan_store::jobs::count)
        .map_err(|e: anlan_store::Error| e);
    assert_eq!(
        waiting.unwrap(),
        (2, 0),
        "what is left in pages goes with the next run"
    );
    run(&county);
    assert_eq!(found(folder(&county)), Vec::<String>::new());
}

#[test]
fn of_two_reports_in_a_case_only_the_one_asked_for_goes() {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    let supervisor = county.caller(Role::Supervisor, "centre");
    let (first, one, _) = told(&county, "one");
    let other = county.take(county.report("m01002", 113.005, "the other words"));
    cases::merge(&county.app, &duty, other.case.id, first).unwrap();
    close(&county, first);
    erasures::on_request(&county.app, &supervisor, first, one, Wish::Everything).unwrap();
    let file = cases::read(&county.app, &duty, first).unwrap();
    let words: Vec<&str> = file
        .reports
        .iter()
        .map(|report| report.description.as_str())
        .collect();
    assert_eq!(words, ["", "the other words"]);
    assert_eq!(
        (file.case.title.as_str(), file.photos.len()),
        ("", 1),
        "the photo may be of either"
    );
    erasures::on_request(&county.app, &supervisor, first, other.report, Wish::Everything).unwrap();
    replays(&county, first);
}

#[test]
fn a_job_waits_for_the_night_and_only_one() {
    let county = County::new();
    erasures::plan(&county.app).unwrap();
    erasures::plan(&county.app).unwrap();
    let next = |county: &County| {
        county
            .app
            .store
            .read(anlan_store::jobs::next_at)
            .map_err(|e: anlan_store::Error| e)
            .unwrap()
    };
    assert_eq!(
        next(&county),
        Some(at("2026-03-10T19:00:00Z")),
        "three at night in China, after ten in the morning"
    );
    let waiting = county
        .app
        .store
        .read(anlan_store::jobs::count)
        .map_err(|e: anlan_store::Error| e);
    assert_eq!(waiting.unwrap(), (1, 0));
}
