//! Posts of the water office and their rows.

use super::{account, number};
use crate::bench::Bench;
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_model::ids::{AccountId, PostId, PostRowId};
use anlan_model::posts::{Post, PostRow, Roster, RowKind};

/// A post at the water office whose holders are officers.
pub(crate) fn post(bench: &Bench) -> PostId {
    post_with(bench, Roster::None)
}

/// The same with a roster.
pub(crate) fn post_with(bench: &Bench, roster: Roster) -> PostId {
    let post = Post {
        id: PostId(0),
        name: format!("post {}", number()),
        office: bench.water,
        division: String::new(),
        roles: vec![Role::Officer],
        roster,
        is_active: true,
    };
    let made = bench
        .app
        .store
        .write(move |tx| anlan_store::posts::insert(tx, &post));
    made.map_err(|error: anlan_store::Error| error).unwrap().id
}

/// A row of one kind at a post for an account, from now on; a shift lasts eight hours.
pub(crate) fn row(bench: &Bench, post: PostId, kind: RowKind, account: AccountId) -> PostRowId {
    row_for(bench, (post, kind), account, None)
}

/// Somebody who stands in for an account at a post of the water office.
pub(crate) fn deputy(bench: &Bench, stands_for: AccountId) -> PostRowId {
    let post = post(bench);
    row(bench, post, RowKind::Member, stands_for);
    row_for(bench, (post, RowKind::Deputy), account(bench), Some(stands_for))
}

/// The post that a row is of.
pub(crate) fn post_of(bench: &Bench, row: PostRowId) -> PostId {
    let found = bench.app.store.read(|tx| anlan_store::posts::find_row(tx, row));
    found
        .map_err(|error: anlan_store::Error| error)
        .unwrap()
        .unwrap()
        .post
}

fn row_for(
    bench: &Bench,
    (post, kind): (PostId, RowKind),
    account: AccountId,
    stands_for: Option<AccountId>,
) -> PostRowId {
    let now = bench.clock.now();
    let hours = jiff::SignedDuration::from_hours(8);
    let row = PostRow {
        id: PostRowId(0),
        post,
        kind,
        account,
        stands_for,
        from: now,
        until: (kind != RowKind::Member).then(|| now + hours),
        reference: String::new(),
        by: account,
        at: now,
        ended_by: None,
    };
    let made = bench.app.store.write(move |tx| anlan_store::posts::add(tx, &row));
    made.map_err(|error: anlan_store::Error| error).unwrap().id
}
