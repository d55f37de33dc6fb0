//! Steps of posts: setting them up, their rows, and acting for one.

use super::api::left;
use super::{Left, Want, World, steps};
use crate::things;
use anlan_model::accesses::Purpose::Maintenance;
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_model::ids::{AccountId, PostId};
use anlan_model::posts::RowKind;
use anlan_policy::Action;
use serde_json::json;

steps![
    list_posts,
    read_post,
    create_post,
    change_post,
    write_rows,
    end_row,
    act_for
];

/// What the security administrator does to a post.
fn want(world: &World, action: Action, id: impl std::fmt::Display, count: u32) -> Want {
    let actor = world.account(&world.security);
    (actor, action, "post", id.to_string(), Maintenance, count)
}

async fn list_posts(world: &mut World) -> Left {
    things::post(&world.bench);
    world.mark();
    let found = world.security.get("/api/posts").await.ok();
    let count = u32::try_from(found.as_array().unwrap().len()).unwrap();
    left(
        "GET /api/posts",
        vec![want(world, Action::PostRead, "list", count)],
    )
}

async fn read_post(world: &mut World) -> Left {
    let post = things::post(&world.bench);
    world.mark();
    world.security.get(&format!("/api/posts/{post}")).await.ok();
    left(
        "GET /api/posts/{id}",
        vec![want(world, Action::PostRead, post, 1)],
    )
}

async fn create_post(world: &mut World) -> Left {
    world.mark();
    let name = format!("post {}", things::number());
    let body = json!({"name": name, "office": world.bench.water.0, "roles": ["officer"], "roster": "none"});
    let made = world.security.post("/api/posts", &body).await.ok();
    let id = made["id"].as_i64().unwrap();
    let wants = vec![
        want(world, Action::PostWrite, id, 1),
        want(world, Action::PostRead, id, 1),
    ];
    left("POST /api/posts", wants)
}

async fn change_post(world: &mut World) -> Left {
    let post = things::post(&world.bench);
    world.mark();
    let body = json!({"roster": "binding"});
    let path = format!("/api/posts/{post}");
    world.security.json("PATCH", &path, None, &body).await.ok();
    let wants = vec![
        want(world, Action::PostWrite, post, 1),
        want(world, Action::PostRead, post, 1),
    ];
    left("PATCH /api/posts/{id}", wants)
}

/// Members, shifts and deputies in one go leave an entry of each kind.
async fn write_rows(world: &mut World) -> Left {
    let post = things::post(&world.bench);
    let (one, other) = (things::account(&world.bench), things::account(&world.bench));
    let officer = world.bench.sign_in(Role::Officer, world.bench.water).await;
    let deputy = world.account(&officer);
    world.mark();
    let until = world.bench.clock.now() + jiff::SignedDuration::from_hours(8);
    let body = json!({"rows": [
        {"kind": "member", "account": one.0},
        {"kind": "member", "account": other.0},
        {"kind": "shift", "account": one.0, "until": until},
        {"kind": "deputy", "account": deputy, "stands_for": one.0, "until": until},
    ]});
    let path = format!("/api/posts/{post}/rows");
    world.security.post(&path, &body).await.ok();
    let wants = vec![
        want(world, Action::PostStaff, post, 2),
        want(world, Action::PostRoster, post, 1),
        want(world, Action::PostDeputise, post, 1),
    ];
    left("POST /api/posts/{id}/rows", wants)
}

async fn end_row(world: &mut World) -> Left {
    let person = things::account(&world.bench);
    let post = things::post(&world.bench);
    let member = things::row(&world.bench, post, RowKind::Member, person);
    let shift = things::row(&world.bench, post, RowKind::Shift, person);
    let deputy = things::deputy(&world.bench, person);
    let of = things::post_of(&world.bench, deputy);
    world.mark();
    for row in [member, shift, deputy] {
        let answer = world.security.delete(&format!("/api/post-rows/{row}")).await;
        assert_eq!(answer.status, 204);
    }
    let wants = vec![
        want(world, Action::PostStaff, post, 1),
        want(world, Action::PostRoster, post, 1),
        want(world, Action::PostDeputise, of, 1),
    ];
    left("DELETE /api/post-rows/{id}", wants)
}

/// The entry names the person; the post is in it too.
async fn act_for(world: &mut World) -> Left {
    let worker = world.bench.sign_in(Role::Worker, world.bench.water).await;
    let account = world.account(&worker).map(AccountId).unwrap();
    let post: PostId = things::post(&world.bench);
    things::row(&world.bench, post, RowKind::Member, account);
    world.mark();
    let body = json!({"post": post.0});
    worker.json("PUT", "/api/session/post", None, &body).await.ok();
    let want = (
        Some(account.0),
        Action::SessionUse,
        "post",
        post.to_string(),
        Maintenance,
        1,
    );
    left("PUT /api/session/post", vec![want])
}
