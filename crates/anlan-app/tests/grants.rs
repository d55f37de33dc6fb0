//! Grants from asking to their end: a case opened in an emergency and reviewed, roles given by two people, and what
//! neither of them ever opens.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

#[expect(
    dead_code,
    reason = "the county is shared with other tests, which use the rest of it"
)]
mod county;

use anlan_app::grants::{self, AskRoles};
use anlan_app::{Caller, Error, accounts, cases, reports, sessions};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::{Account, Role};
use anlan_model::grants::{Grant, GrantState, GrantVerdict};
use anlan_model::ids::{AccountId, CaseId};
use anlan_store::accesses::AccessFilter;
use county::County;
use jiff::SignedDuration;

const REASON: &str = "燃气泄漏，需立即核对地址";

/// The caller as the next request finds them.
fn again(county: &County, name: &str) -> Caller {
    let input = sessions::SignIn {
        name: name.into(),
        password: "a long pass phrase".into(),
        from: sessions::Whence::default(),
    };
    match sessions::sign_in(&county.app, &input).unwrap() {
        sessions::Entered::In(signed) => sessions::caller(&county.app, &signed.token, true).unwrap().caller,
        half @ sessions::Entered::Half { .. } => panic!("{half:?}"),
    }
}

fn later(county: &County, minutes: i64) {
    let now = anlan_model::clock::Clock::now(county.clock.as_ref());
    county.clock.set(now + SignedDuration::from_mins(minutes));
}

fn accesses(county: &County) -> Vec<Access> {
    let read =
        |tx: &mut anlan_store::Tx<'_>| anlan_store::accesses::list(tx, &AccessFilter::default(), None, 20);
    let page: Result<_, anlan_store::Error> = county.app.store.read(read);
    page.unwrap().items
}

fn account(county: &County, name: &str) -> Account {
    let find = |tx: &mut anlan_store::Tx<'_>| anlan_store::accounts::find_by_name(tx, name);
    let found: Result<_, anlan_store::Error> = county.app.store.read(find);
    found.unwrap().unwrap().0
}

fn everything() -> cases::Query {
    cases::Query {
        filter: cases::CaseQuery::open(),
        sort: anlan_store::cases::Sort::descending(anlan_store::cases::SortKey::Opened),
        cursor: None,
        limit: 50,
    }
}

fn is_missing<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Missing { .. }))
}

fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Conflict { code, .. }) => code,
        other => panic!("no conflict: {other:?}"),
    }
}

/// A county with a case of the first street's, which the water office may not see.
fn street_case() -> (County, CaseId) {
    let county = County::new();
    let id = county.take(county.report("m06010", 113.005, "垃圾")).case.id;
    county.caller(Role::Officer, "water");
    (county, id)
}

fn state(county: &County, grant: &Grant) -> GrantState {
    grant.state(anlan_model::clock::Clock::now(county.clock.as_ref()))
}

#[test]
fn a_case_is_opened_with_a_reason_for_half_an_hour_and_noted_before() {
    let (county, id) = street_case();
    let officer = again(&county, "officer-water");
    assert!(is_missing(&cases::read(&county.app, &officer, id)));
    let short = grants::open_case(&county.app, &officer, id, "急");
    assert!(matches!(short, Err(Error::Invalid { .. })));
    let opened = grants::open_case(&county.app, &officer, id, REASON).unwrap();
    let entry = &accesses(&county)[0];
    assert_eq!(
        (entry.action.as_str(), entry.resource.as_str()),
        ("grant.open", "case")
    );
    assert_eq!(
        (entry.purpose, entry.actor),
        (Purpose::Emergency, officer.actor.account)
    );

    let officer = again(&county, "officer-water");
    let file = cases::read(&county.app, &officer, id).unwrap();
    assert_eq!(file.reports[0].description, "垃圾");
    let entry = &accesses(&county)[0];
    assert_eq!(
        (entry.action.as_str(), entry.purpose),
        ("case.read", Purpose::Emergency)
    );
    assert!(
        cases::note(&county.app, &officer, id, "看过").is_err(),
        "looking is all it opens"
    );
    let list = cases::list(&county.app, &officer, &everything()).unwrap();
    assert!(
        list.items.iter().all(|case| case.id != id),
        "lists stay as they were"
    );
    assert_eq!(
        conflict(grants::open_case(&county.app, &officer, id, REASON)),
        "grant.not_needed"
    );
    let other = county.caller(Role::Officer, "street-2");
    assert!(
        is_missing(&cases::read(&county.app, &other, id)),
        "it is open to one person"
    );

    later(&county, 31);
    let officer = again(&county, "officer-water");
    assert!(
        is_missing(&cases::read(&county.app, &officer, id)),
        "it ends by itself"
    );
    assert_eq!(state(&county, &opened.grant), GrantState::Unreviewed);
}

#[test]
fn somebody_else_reviews_and_wrong_looking_ends_at_once() {
    let (county, id) = street_case();
    let officer = again(&county, "officer-water");
    let grant = grants::open_case(&county.app, &officer, id, REASON)
        .unwrap()
        .grant;
    let (justified, unjustified) = (GrantVerdict::Justified, GrantVerdict::Unjustified);
    assert!(grants::answer(&county.app, &officer, grant.id, justified, "").is_err());
    let supervisor = county.caller(Role::Supervisor, "centre");
    let waiting = grants::list(&county.app, &supervisor).unwrap();
    assert!(waiting[0].may_answer && waiting[0].grant.reason == REASON);
    let mine = grants::list(&county.app, &officer).unwrap();
    assert_eq!((mine.len(), mine[0].may_answer), (1, false));
    let other = county.caller(Role::Officer, "street-1");
    assert!(
        grants::list(&county.app, &other).unwrap().is_empty(),
        "others' grants are not theirs"
    );
    let clerk = county.caller(Role::Clerk, "centre");
    assert!(grants::list(&county.app, &clerk).is_err());
    let wrong = grants::answer(&county.app, &supervisor, grant.id, GrantVerdict::Approved, "");
    assert_eq!(conflict(wrong), "grant.verdict");
    let answered = grants::answer(&county.app, &supervisor, grant.id, unjustified, "与职责无关").unwrap();
    assert_eq!(state(&county, &answered.grant), GrantState::Reviewed);
    assert_eq!(accesses(&county)[0].action, "grant.review");
    let officer = again(&county, "officer-water");
    assert!(is_missing(&cases::read(&county.app, &officer, id)));
    let auditor = county.caller(Role::Auditor, "centre");
    assert_eq!(
        conflict(grants::answer(&county.app, &auditor, grant.id, justified, "")),
        "grant.answered"
    );
}

#[test]
fn a_complaint_about_the_own_office_is_never_opened() {
    let (county, id) = street_case();
    let officer = again(&county, "officer-water");
    let own = officer.actor.office;
    grants::open_case(&county.app, &officer, id, REASON).unwrap();
    let incoming = county.report("m06010", 113.005, "投诉");
    let complaint = reports::take(&county.app, &Caller::resident(), incoming, own)
        .unwrap()
        .case;
    let officer = again(&county, "officer-water");
    assert!(is_missing(&grants::open_case(
        &county.app,
        &officer,
        complaint.id,
        REASON
    )));
    let nobody = grants::open_case(&county.app, &officer, CaseId(4_711), REASON);
    assert!(
        is_missing(&nobody),
        "and nothing tells it from one that does not exist"
    );
    let duty = county.caller(Role::Duty, "centre");
    assert!(matches!(
        grants::open_case(&county.app, &duty, id, REASON),
        Err(Error::Denied { .. })
    ));
}

fn ask(county: &County, admin: &Caller, account: AccountId, roles: Vec<Role>) -> Result<Grant, Error> {
    let ask = AskRoles {
        account,
        roles,
        reason: "接替离任的管理员".into(),
    };
    grants::ask_roles(&county.app, admin, &ask).map(|line| line.grant)
}

#[test]
fn two_people_give_an_administrators_role_and_it_happens_once() {
    let (county, _) = street_case();
    let (first, second) = (
        county.caller(Role::Security, "centre"),
        county.caller(Role::Security, "water"),
    );
    let officer = account(&county, "officer-water");
    let alone = accounts::set_roles(&county.app, &first, officer.id, vec![Role::Admin]);
    assert!(
        matches!(alone, Err(Error::Denied { .. })),
        "one person alone gives no such role"
    );
    accounts::set_roles(&county.app, &first, officer.id, vec![Role::Clerk]).unwrap();
    accounts::set_roles(&county.app, &first, officer.id, vec![Role::Officer]).unwrap();

    let grant = ask(&county, &first, officer.id, vec![Role::Officer, Role::Admin]).unwrap();
    assert_eq!(
        account(&county, "officer-water").roles,
        [Role::Officer],
        "asking gives nothing"
    );
    let (approved, refused) = (GrantVerdict::Approved, GrantVerdict::Refused);
    assert!(grants::answer(&county.app, &first, grant.id, approved, "").is_err());
    let auditor = county.caller(Role::Auditor, "centre");
    assert!(grants::answer(&county.app, &auditor, grant.id, approved, "").is_err());
    grants::answer(&county.app, &second, grant.id, approved, "已核实").unwrap();
    assert_eq!(
        account(&county, "officer-water").roles,
        [Role::Officer, Role::Admin]
    );
    let actions: Vec<String> = accesses(&county)
        .into_iter()
        .take(2)
        .map(|access| access.action)
        .collect();
    assert_eq!(actions, ["account.entrust", "grant.approve"]);
    assert_eq!(
        conflict(grants::answer(&county.app, &second, grant.id, approved, "")),
        "grant.answered"
    );

    let grant = ask(&county, &first, officer.id, vec![Role::Auditor]).unwrap();
    grants::answer(&county.app, &second, grant.id, refused, "不需要").unwrap();
    let grant = ask(&county, &first, officer.id, vec![Role::Auditor]).unwrap();
    later(&county, 24 * 60);
    assert_eq!(
        conflict(grants::answer(&county.app, &second, grant.id, approved, "")),
        "grant.lapsed"
    );
    assert_eq!(
        account(&county, "officer-water").roles,
        [Role::Officer, Role::Admin]
    );
}

#[test]
fn who_lost_the_right_meanwhile_gives_nothing() {
    let (county, _) = street_case();
    let (first, second) = (
        county.caller(Role::Security, "centre"),
        county.caller(Role::Security, "water"),
    );
    let officer = account(&county, "officer-water");
    let grant = ask(&county, &first, officer.id, vec![Role::Auditor]).unwrap();
    let mut asker = account(&county, "security-centre");
    asker.roles = vec![Role::Clerk];
    let change = move |tx: &mut anlan_store::Tx<'_>| anlan_store::accounts::update(tx, &asker);
    county
        .app
        .store
        .write(change)
        .map_err(|e: anlan_store::Error| e)
        .unwrap();
    let approved = grants::answer(&county.app, &second, grant.id, GrantVerdict::Approved, "");
    assert!(matches!(approved, Err(Error::Denied { .. })), "{approved:?}");
    assert_eq!(account(&county, "officer-water").roles, [Role::Officer]);
    assert!(ask(&county, &second, officer.id, vec![Role::System]).is_err());
}
