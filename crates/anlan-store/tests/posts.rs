//! Posts and their rows: kept, found by time, and only ever ended.

mod support;

use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, OfficeId, PostId, PostRowId};
use anlan_model::posts::{Post, PostRow, Roster, RowKind};
use anlan_store::accounts::NewAccount;
use anlan_store::{Error, accounts, offices, posts};
use support::{Bench, at, office};

/// A post with one member and one shift of theirs.
#[expect(clippy::unwrap_used, reason = "a test that cannot set up must fail")]
fn furnish(bench: &Bench) -> (Post, AccountId, [PostRow; 2]) {
    bench
        .write(|tx| {
            let office = offices::upsert(tx, &office("justice"))?;
            let person = NewAccount {
                name: "li",
                display_name: "Li",
                roles: &[],
                office: Some(office),
                division: "",
                password: None,
            };
            let person = accounts::insert(tx, &person)?;
            let post = posts::insert(tx, &post(office))?;
            let rows = [
                posts::add(tx, &row(post.id, RowKind::Member, person, (10, None)))?,
                posts::add(tx, &row(post.id, RowKind::Shift, person, (20, Some(30))))?,
            ];
            Ok((post, person, rows))
        })
        .unwrap()
}

fn post(office: OfficeId) -> Post {
    Post {
        id: PostId(0),
        name: "值班岗".into(),
        office,
        division: "990101001".into(),
        roles: vec![Role::Officer, Role::Clerk],
        roster: Roster::Binding,
        is_active: true,
    }
}

fn row(post: PostId, kind: RowKind, account: AccountId, (from, until): (i64, Option<i64>)) -> PostRow {
    PostRow {
        id: PostRowId(0),
        post,
        kind,
        account,
        stands_for: None,
        from: at(from),
        until: until.map(at),
        reference: "〔2026〕3号".into(),
        by: account,
        at: at(5),
        ended_by: None,
    }
}

#[test]
fn rows_are_found_by_the_time_they_hold() {
    let bench = Bench::new();
    let (post, person, [member, shift]) = furnish(&bench);
    assert_eq!(bench.read(|tx| posts::find(tx, post.id)), Some(post.clone()));
    let now = |second| bench.read(|tx| posts::rows_now(tx, post.id, at(second)));
    assert_eq!(now(9), []);
    assert_eq!(now(19), std::slice::from_ref(&member));
    assert_eq!(now(20), [member.clone(), shift.clone()]);
    assert_eq!(now(30), std::slice::from_ref(&member));
    let span = |from, until| bench.read(|tx| posts::rows(tx, post.id, at(from), at(until)));
    assert_eq!(span(0, 10), []);
    assert_eq!(span(0, 21), [member.clone(), shift.clone()]);
    assert_eq!(span(30, 99), std::slice::from_ref(&member));
    assert_eq!(
        bench.read(|tx| posts::all_rows(tx, at(25), at(26))),
        [member, shift]
    );
    let of = |second| bench.read(|tx| posts::of_account(tx, person, at(second)));
    assert_eq!(of(99), std::slice::from_ref(&post));
    assert_eq!(bench.read(|tx| posts::of_account(tx, AccountId(99), at(20))), []);
    let gone = bench.write(move |tx| posts::end_all(tx, person, at(40), None));
    assert_eq!(gone.unwrap(), 1, "the shift was over");
    assert_eq!(of(40), []);
}

#[test]
fn a_row_ends_once_and_earlier_and_changes_in_nothing_else() {
    let bench = Bench::new();
    let (_, person, [member, shift]) = furnish(&bench);
    let end = |id, second| bench.write(move |tx| posts::end(tx, id, at(second), person));
    assert!(end(shift.id, 25).unwrap());
    assert!(!end(shift.id, 28).unwrap(), "it has ended by then");
    assert!(end(member.id, 50).unwrap());
    let found = bench.read(|tx| posts::find_row(tx, shift.id)).unwrap();
    assert_eq!((found.until, found.ended_by), (Some(at(25)), Some(person)));
    for sql in [
        "UPDATE post_rows SET until_at = until_at + 1",
        "UPDATE post_rows SET until_at = NULL",
        "UPDATE post_rows SET from_at = 0",
        "UPDATE post_rows SET account = account + 1",
        "UPDATE post_rows SET at = 0",
        "UPDATE post_rows SET kind = 'member'",
        "UPDATE post_rows SET reference = ''",
    ] {
        let answer = bench.write(move |tx| tx.exec(sql, &[]));
        assert!(matches!(answer, Err(Error::Sql(_))), "{sql}: {answer:?}");
    }
}

#[test]
fn an_office_has_one_post_of_a_name() {
    let bench = Bench::new();
    let (known, _, _) = furnish(&bench);
    let twin = bench.write(move |tx| posts::insert(tx, &post(known.office)));
    assert!(matches!(twin, Err(Error::Taken { .. })), "{twin:?}");
    let changed = Post {
        roster: Roster::Kept,
        is_active: false,
        ..known.clone()
    };
    let kept = changed.clone();
    bench.write(move |tx| posts::update(tx, &kept)).unwrap();
    assert_eq!(bench.read(posts::list), [changed]);
    let nobody = Post {
        id: PostId(9),
        ..known
    };
    let missing = bench.write(move |tx| posts::update(tx, &nobody));
    assert!(matches!(missing, Err(Error::Missing { .. })), "{missing:?}");
}
