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
    for role in [
        Role::Admin,
        Role::Security,
        Role::Auditor,
        Role::Privacy,
        Role::Resident,
    ] {
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
        (Action::ReviewDecide, Role::Privacy),
    ] {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::System) {
            let allowed = policy.may(&actor(role, 1), action).allowed;
            assert_eq!(allowed, role == only, "{role:?} {action:?}");
        }
    }
}

#[test]
fn an_opened_case_is_reached_in_an_emergency_only_and_never_one_about_the_own_office() {
    let policy = Policy::shipped().unwrap();
    let mut chance = crate::chance::Chance::of(2);
    let mut officer = actor(Role::Officer, 1);
    let mut case = crate::chance::case(&mut chance, &officer);
    (case.id, case.office, case.about_office) = (CaseId(3), Some(OfficeId(2)), None);
    assert!(!policy.may_on(&officer, Action::CaseRead, &case).allowed);
    let asks = policy.may_on(&officer, Action::GrantOpen, &case);
    assert_eq!((asks.allowed, asks.minutes), (true, Some(30)));
    officer.opened = vec![CaseId(3)];
    assert!(
        !policy.may_on(&officer, Action::CaseRead, &case).allowed,
        "for usual work it stays shut"
    );
    officer.purpose = Some(Purpose::Emergency);
    assert!(policy.may_on(&officer, Action::CaseRead, &case).allowed);
    assert!(!policy.may_on(&officer, Action::CaseContact, &case).allowed);
    assert!(!policy.may_on(&officer, Action::CaseMove, &case).allowed);
    case.about_office = Some(OfficeId(1));
    assert_eq!(policy.may_on(&officer, Action::CaseRead, &case).code, "forbidden");
    assert!(!policy.may_on(&officer, Action::GrantOpen, &case).allowed);
    for action in [Action::AccessRead, Action::AccountRead, Action::AccountWrite] {
        assert!(!policy.may(&officer, action).allowed, "{action:?}");
    }
}

#[test]
fn nobody_answers_their_own_request_and_grave_roles_need_approval() {
    let policy = Policy::shipped().unwrap();
    let mut admin = actor(Role::Security, 1);
    assert!(
        policy
            .may_on_grant(&admin, Action::GrantApprove, AccountId(2))
            .allowed
    );
    assert!(
        !policy
            .may_on_grant(&admin, Action::GrantApprove, AccountId(1))
            .allowed
    );
    assert!(!policy.may(&admin, Action::AccountEntrust).allowed);
    admin.approved = true;
    assert!(policy.may(&admin, Action::AccountEntrust).allowed);
    let auditor = actor(Role::Auditor, 1);
    assert!(
        policy
            .may_on_grant(&auditor, Action::GrantReview, AccountId(2))
            .allowed
    );
    let own = policy.may_on_grant(&auditor, Action::GrantReview, AccountId(1));
    assert_eq!((own.allowed, own.policy.as_deref()), (false, Some("grant.own")));
}

#[test]
fn whoever_sees_a_case_on_a_list_sees_where_it_is() {
    // Maps show places; a role that lists cases without their places would see none there.
    let policy = Policy::shipped().unwrap();
    for role in Role::ALL {
        let actor = actor(role, 1);
        let rows = |action| policy.rows(&actor, action);
        assert_eq!(rows(Action::CaseList), rows(Action::CasePlace), "{role:?}");
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
