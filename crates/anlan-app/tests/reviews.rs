//! The access review through the store: days of a county's log are examined, what nothing explains comes into the queue, and
//! the privacy officer decides.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[expect(
    dead_code,
    reason = "the county is shared with other tests, which use the rest of it"
)]
mod county;

use anlan_app::reviews::{self, Decision, Filter, Order, Passed};
use anlan_app::{Caller, Error, cases};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Role;
use anlan_model::clock::Clock as _;
use anlan_model::events::Stamp;
use anlan_model::ids::{CaseId, ReviewId};
use anlan_model::reviews::{ClearReason, DayFinding, PartKind, Review, ReviewState};
use anlan_store::accesses::AccessFilter;
use county::{County, mv};
use jiff::SignedDuration;
use jiff::civil::date;

fn later(county: &County, hours: i64) {
    county
        .clock
        .set(county.clock.now() + SignedDuration::from_hours(hours));
}

/// Twelve days on which the desk works on three reports each; the cases.
fn lived(county: &County) -> Vec<CaseId> {
    let duty = county.caller(Role::Duty, "centre");
    let mut all = Vec::new();
    for _ in 0..12 {
        for turn in 0..3 {
            let lon = 113.001 + 0.002 * f64::from(turn);
            let id = county.take(county.report("m06010", lon, "路口垃圾成堆")).case.id;
            cases::read(&county.app, &duty, id).unwrap();
            county.go(&duty, id, &mv("send_verify")).unwrap();
            all.push(id);
        }
        later(county, 24);
    }
    all
}

/// Somebody looks at what those cases' reporters left, and does nothing with it.
fn pry(county: &County, caller: &Caller, ids: &[CaseId]) {
    for id in ids {
        cases::read(&county.app, caller, *id).unwrap();
        cases::contact(&county.app, caller, *id).unwrap();
    }
}

fn pass_all(county: &County) -> Vec<Passed> {
    std::iter::from_fn(|| reviews::pass(&county.app).unwrap()).collect()
}

fn queue(county: &County, officer: &Caller) -> Vec<Review> {
    let page = reviews::list(&county.app, officer, &Filter::default(), None, 50).unwrap();
    page.items
}

fn decide(
    county: &County,
    officer: &Caller,
    review: &Review,
    decision: &Decision,
    note: &str,
) -> Result<Review, Error> {
    reviews::decide(&county.app, officer, (review.id, review.version), decision, note)
}

fn accesses(county: &County, action: &str) -> Vec<Access> {
    let page: Result<_, anlan_store::Error> = county
        .app
        .store
        .read(|tx| anlan_store::accesses::list(tx, &AccessFilter::default(), None, 500));
    let mut items = page.unwrap().items;
    items.retain(|one| one.action == action);
    items
}

#[test]
fn work_is_explained_and_prying_comes_into_the_queue() {
    let county = County::new();
    let ids = lived(&county);
    let clerk = county.caller(Role::Clerk, "centre");
    pry(&county, &clerk, &ids[..10]);
    later(&county, 30);

    let passed = pass_all(&county);
    assert_eq!(passed.len(), 13, "{passed:#?}");
    for day in &passed[..12] {
        assert_eq!((day.looks, day.raised), ((3, 3), 0), "{day:?}");
    }
    assert_eq!((passed[12].looks, passed[12].raised), ((20, 0), 1));
    assert!(pass_all(&county).is_empty(), "a day is examined once");
    assert_eq!(
        accesses(&county, "access.read").len(),
        13,
        "each reading of the log is in it"
    );

    let officer = county.caller(Role::Privacy, "centre");
    let found = queue(&county, &officer);
    let [review] = found.as_slice() else {
        unreachable!("{found:#?}")
    };
    assert_eq!(Some(review.finding.account), clerk.actor.account);
    assert_eq!(review.finding.unexplained, 10);
    let kinds: Vec<PartKind> = review.finding.parts.iter().map(|part| part.kind).collect();
    assert!(
        kinds.contains(&PartKind::Unexplained) && kinds.contains(&PartKind::Contacts),
        "{kinds:?}"
    );
    let opened = reviews::read(&county.app, &officer, review.id).unwrap();
    assert_eq!(opened.looks.len(), 20);
    assert!(opened.looks.iter().all(|look| !look.is_explained));
    assert!(!opened.chart.is_empty());
    assert_eq!(opened.steps.len(), 1);
}

#[test]
fn a_decision_needs_words_is_made_once_and_is_in_the_log() {
    let county = County::new();
    let ids = lived(&county);
    let (clerk, officer) = (
        county.caller(Role::Clerk, "centre"),
        county.caller(Role::Privacy, "centre"),
    );
    pry(&county, &clerk, &ids[..10]);
    later(&county, 30);
    pass_all(&county);
    let review = queue(&county, &officer).remove(0);
    assert!(matches!(
        decide(&county, &officer, &review, &Decision::Ask, " "),
        Err(Error::Invalid { .. })
    ));
    assert!(matches!(
        decide(&county, &clerk, &review, &Decision::Ask, "why?"),
        Err(Error::Denied { .. })
    ));
    let asked = decide(
        &county,
        &officer,
        &review,
        &Decision::Ask,
        "请说明查看这些案件的事由",
    )
    .unwrap();
    assert_eq!(asked.state, ReviewState::Asked);
    assert!(
        matches!(
            decide(&county, &officer, &review, &Decision::PassOn, "too late"),
            Err(Error::Conflict { .. })
        ),
        "the version has gone on"
    );
    let order = Order {
        until: date(2026, 3, 31),
        class: "m06".into(),
    };
    let clear = Decision::Clear(ClearReason::Ordered, Some(order));
    let cleared = decide(&county, &officer, &asked, &clear, "回访任务书 3 号").unwrap();
    assert_eq!(cleared.state, ReviewState::Cleared);
    assert!(matches!(
        decide(&county, &officer, &cleared, &Decision::PassOn, "again"),
        Err(Error::Denied { .. })
    ));
    let entries = accesses(&county, "review.decide");
    let done = entries.iter().filter(|one| one.allowed);
    assert_eq!(
        done.map(|one| (one.actor, one.purpose)).collect::<Vec<_>>(),
        vec![(officer.actor.account, Purpose::Audit); 2]
    );
    let replayed: Result<_, anlan_store::Error> = county
        .app
        .store
        .read(|tx| anlan_store::reviews::replay(tx, review.id));
    assert_eq!(replayed.unwrap(), Some(cleared));

    // What the order covers is explained from then on.
    pry(&county, &clerk, &ids[10..20]);
    later(&county, 24);
    let passed = pass_all(&county);
    assert_eq!(
        passed.last().map(|day| (day.looks, day.raised)),
        Some(((20, 20), 0))
    );
}

#[test]
fn nobody_decides_on_their_own_accesses() {
    let county = County::new();
    let officer = county.caller(Role::Privacy, "centre");
    let finding = DayFinding {
        account: officer.actor.account.unwrap(),
        day: date(2026, 3, 9),
        score: 7.0,
        parts: Vec::new(),
        cases: 4,
        unexplained: 4,
    };
    let stamp = Stamp {
        at: county.clock.now(),
        by: None,
        post: None,
    };
    let raised: Result<_, anlan_store::Error> = county
        .app
        .store
        .write(move |tx| anlan_store::reviews::raise(tx, &finding, &stamp));
    let review = raised.unwrap();
    let refused = decide(&county, &officer, &review, &Decision::PassOn, "mine").unwrap_err();
    assert!(
        matches!(&refused, Error::Denied { code, .. } if *code == "review.own"),
        "{refused:?}"
    );
    let unknown = reviews::read(&county.app, &officer, ReviewId(99)).unwrap_err();
    assert!(matches!(unknown, Error::Missing { .. }), "{unknown:?}");
}
