//! Steps of signing in through a provider, and of saying who may.

use super::accounts::{by, in_vain, own, seen};
use super::api::left;
use super::{Left, World, steps};
use crate::providers::{arrive, depart};
use crate::things;
use anlan_model::accounts::Role;
use anlan_model::ids::AccountId;
use anlan_policy::Action;
use serde_json::json;

steps![
    sign_in_through,
    sign_in_through_as_nobody,
    sign_in_through_closed,
    name_identity,
    forget_identity,
];

const DOOR: &str = "POST /api/session/provider/answer";

fn named(world: &mut World) -> (AccountId, String) {
    let (id, name) = things::with_role(&world.bench, Role::Clerk, None);
    things::identity(&world.bench, id, &name);
    world.mark();
    (id, name)
}

async fn through(world: &World, name: &str) -> crate::bench::Answer {
    let mut client = world.bench.client();
    let url = depart(&mut client).await;
    let back = world.bench.provider.signs_in(&url, &format!("sub-of-{name}"));
    arrive(&mut client, &back).await
}

async fn sign_in_through(world: &mut World) -> Left {
    let (id, name) = named(world);
    through(world, &name).await.ok();
    left(DOOR, vec![own(id, "identity"), own(id, "session")])
}

async fn sign_in_through_as_nobody(world: &mut World) -> Left {
    let answer = through(world, &format!("stranger-{}", things::number())).await;
    answer.refused(403, "identity.unknown");
    let mut want = in_vain(AccountId(0));
    want.3 = "unknown".into();
    world.refused(want);
    Left {
        door: None,
        wants: vec![],
    }
}

async fn sign_in_through_closed(world: &mut World) -> Left {
    let (id, name) = named(world);
    through(world, &name).await.ok();
    things::close(&world.bench, id);
    world.mark();
    through(world, &name).await.refused(403, "identity.unknown");
    world.refused(in_vain(id));
    Left {
        door: None,
        wants: vec![],
    }
}

async fn name_identity(world: &mut World) -> Left {
    let id = things::account(&world.bench);
    let body = json!({"provider": "city", "login": format!("login-{}", things::number())});
    let path = format!("/api/accounts/{id}/identity");
    world.admin.json("PUT", &path, None, &body).await.ok();
    let change = by(world, &world.admin, Action::AccountWrite, "identity", &id, 1);
    left(
        "PUT /api/accounts/{id}/identity",
        vec![change, seen(world, &world.admin, id)],
    )
}

async fn forget_identity(world: &mut World) -> Left {
    let (id, _) = named(world);
    world
        .admin
        .delete(&format!("/api/accounts/{id}/identity"))
        .await
        .ok();
    let change = by(world, &world.admin, Action::AccountWrite, "identity", &id, 1);
    left(
        "DELETE /api/accounts/{id}/identity",
        vec![change, seen(world, &world.admin, id)],
    )
}
