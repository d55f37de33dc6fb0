//! The shipped policies keep the schema and name what they hold for, and some answers nobody may change unawares.

use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId, OfficeId};
use anlan_policy::{Action, Actor, Policy};

fn actor(role: Role, office: i64) -> Actor {
    Actor {
        account: Some(AccountId(1)),
        roles: vec![role],
        office: Some(OfficeId(office)),
        division: "990101".into(),
        ..Actor::default()
    }
}

#[test]
fn the_shipped_policies_keep_the_schema() {
    Policy::load(Policy::shipped_texts()).unwrap();
}

#[test]
fn every_permit_names_its_purposes() {
    let page = Policy::shipped().unwrap().as_markdown();
    let lines: Vec<&str> = page.lines().filter(|line| line.contains("| may |")).collect();
    assert!(lines.len() > 20, "{page}");
    for line in lines {
        assert!(!line.contains("| every |"), "{line}");
        assert!(!line.contains("| everybody |"), "{line}");
    }
}

#[test]
fn an_officer_reaches_own_office_only_and_never_complaints_about_it() {
    let rule = Policy::shipped()
        .unwrap()
        .rows(&actor(Role::Officer, 7), Action::CaseRead)
        .unwrap();
    assert_eq!(rule.office, Some(OfficeId(7)));
    assert_eq!(rule.hide_about, Some(OfficeId(7)));
    assert!(!rule.all);
}

#[test]
fn a_worker_reaches_the_own_division_while_not_off_shift() {
    let policy = Policy::shipped().unwrap();
    let mut worker = actor(Role::Worker, 7);
    let reach = |worker: &Actor| {
        policy
            .rows(worker, Action::CaseMove)
            .and_then(|rule| rule.division)
    };
    assert_eq!(reach(&worker).as_deref(), Some("990101"));
    worker.on_shift = Some(true);
    assert_eq!(reach(&worker).as_deref(), Some("990101"));
    worker.on_shift = Some(false);
    assert_eq!(reach(&worker), None);
    assert_eq!(policy.may(&worker, Action::CaseMove).code, "out_of_reach");
}

#[test]
fn administrators_see_no_case_and_the_auditor_only_the_log() {
    let policy = Policy::shipped().unwrap();
    for role in [Role::Admin, Role::Security, Role::Auditor, Role::Resident] {
        let mut someone = actor(role, 1);
        someone.opened = vec![CaseId(1)];
        assert_eq!(policy.rows(&someone, Action::CaseRead), None, "{role:?}");
    }
    assert!(policy.may(&actor(Role::Auditor, 1), Action::AccessRead).allowed);
}

#[test]
fn making_accounts_giving_rights_and_reading_the_log_are_three_roles() {
    let policy = Policy::shipped().unwrap();
    for (action, only) in [
        (Action::AccountWrite, Role::Admin),
        (Action::RoleGrant, Role::Security),
        (Action::SessionEnd, Role::Security),
        (Action::FactorRemove, Role::Security),
        (Action::LockClear, Role::Security),
        (Action::AccessRead, Role::Auditor),
    ] {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
            let allowed = policy.may(&actor(role, 1), action).allowed;
            assert_eq!(allowed, role == only, "{role:?} {action:?}");
        }
    }
}

#[test]
fn a_wrong_purpose_is_told() {
    let policy = Policy::shipped().unwrap();
    let duty = actor(Role::Duty, 1);
    let allowed = policy.may(&duty, Action::CaseRead);
    assert_eq!(allowed.policy.as_deref(), Some("case.see.everywhere"));
    let refused = policy.may(&duty.for_purpose(Purpose::Audit), Action::CaseRead);
    assert_eq!((refused.allowed, refused.code), (false, "wrong_purpose"));
    let refused = policy.may(&actor(Role::Resident, 1), Action::CaseRead);
    assert_eq!((refused.allowed, refused.code), (false, "no_right"));
}

#[test]
fn a_steward_sees_cases_without_words_photos_or_contacts() {
    let policy = Policy::shipped().unwrap();
    let mut chance = crate::chance::Chance::of(1);
    let mut case = crate::chance::case(&mut chance, &Actor::default());
    case.about_office = None;
    let fields = policy.fields(&actor(Role::Steward, 1)).on(&case);
    assert_eq!(
        (fields.place, fields.words, fields.photos, fields.contact),
        (true, false, false, false)
    );
    let fields = policy.fields(&actor(Role::Commander, 1)).on(&case);
    assert_eq!(
        (fields.place, fields.words, fields.photos, fields.contact),
        (true, true, true, false)
    );
    let fields = policy.fields(&actor(Role::Duty, 1)).on(&case);
    assert_eq!(
        (fields.place, fields.words, fields.photos, fields.contact),
        (true, true, true, true)
    );
}
