//! Steps of making machine accounts and their keys, and of a machine that comes with one.

use super::accounts::by;
use super::api::left;
use super::{Left, World, steps};
use crate::things;
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_policy::Action;
use serde_json::json;

steps![open_machine, list_keys, make_key, revoke_key, come_with_a_key];

async fn open_machine(world: &mut World) -> Left {
    let body = json!({"name": format!("feed-{}", things::number()), "display_name": "Feed"});
    let made = world.admin.post("/api/machines", &body).await.ok();
    let want = by(
        world,
        &world.admin,
        Action::AccountWrite,
        "account",
        &made["id"],
        1,
    );
    left("POST /api/machines", vec![want])
}

async fn list_keys(world: &mut World) -> Left {
    let (id, _, _) = things::machine_key(&world.bench, Role::Duty, &["case.list"]);
    world.admin.get(&format!("/api/accounts/{id}/keys")).await.ok();
    let want = by(world, &world.admin, Action::AccountRead, "key", &id, 1);
    left("GET /api/accounts/{id}/keys", vec![want])
}

async fn make_key(world: &mut World) -> Left {
    let (id, _, _) = things::machine_key(&world.bench, Role::Duty, &["case.list"]);
    let body = json!({"name": "feed", "scopes": ["case.read"], "expires_at": "2027-01-01T00:00:00Z"});
    world
        .security
        .post(&format!("/api/accounts/{id}/keys"), &body)
        .await
        .ok();
    let want = by(world, &world.security, Action::KeyMake, "key", &id, 1);
    left("POST /api/accounts/{id}/keys", vec![want])
}

async fn revoke_key(world: &mut World) -> Left {
    let (id, _, key) = things::machine_key(&world.bench, Role::Duty, &["case.list"]);
    let told = world.admin.delete(&format!("/api/keys/{key}")).await;
    assert_eq!(told.status, 204, "{}", told.text());
    let want = by(world, &world.admin, Action::KeyRevoke, "key", &id, 1);
    left("DELETE /api/keys/{id}", vec![want])
}

async fn come_with_a_key(world: &mut World) -> Left {
    let (id, token, _) = things::machine_key(&world.bench, Role::Duty, &["case.read"]);
    let case = world.any_case();
    let at = format!("GET /api/cases/{case}");
    crate::machines::send(&world.bench, &token, &at, &json!({}))
        .await
        .ok();
    let want = (
        Some(id.0),
        Action::CaseRead,
        "case",
        case.to_string(),
        Purpose::Case,
        1,
    );
    left("GET /api/cases/{id}", vec![want])
}
