//! Steps of signing in, of looking after one's own account, and of looking after others'.

use super::api::left;
use super::{Left, Want, World, steps};
use crate::authenticators::Authenticator;
use crate::bench::{COOKIE, Client, ORIGIN, PASSWORD};
use crate::things::{self, RECOVERY};
use anlan_app::{Caller, passwords};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_model::ids::AccountId;
use anlan_model::sessions::Step;
use anlan_policy::Action;
use serde_json::{Value, json};

steps![
    sign_in,
    sign_in_wrongly,
    answer_code,
    answer_code_wrongly,
    choose_password,
    register_passkey,
    sign_in_by_passkey,
    remove_passkey,
    end_one,
    end_others,
    prove,
    prove_wrongly,
    change_password,
    confirm_totp,
    renew_codes,
    turn_off_totp,
    enrol_totp,
    enrol_passkey,
    list_accounts,
    read_account,
    open_account,
    change_account,
    set_roles,
    reset_password,
    remove_factors,
    sessions_of,
    end_sessions_of,
    list_locks,
    clear_lock,
];

/// Another one than everybody's here.
const OTHER: &str = "tall grey heron wades";

fn nothing() -> Left {
    Left {
        door: None,
        wants: Vec::new(),
    }
}

/// An entry of what somebody does with their own.
pub(super) fn own(id: AccountId, what: &'static str) -> Want {
    (
        Some(id.0),
        Action::SessionUse,
        what,
        id.to_string(),
        Purpose::Maintenance,
        1,
    )
}

/// An entry that a try was in vain.
pub(super) fn in_vain(id: AccountId) -> Want {
    (
        None,
        Action::SessionUse,
        "session",
        id.to_string(),
        Purpose::Maintenance,
        1,
    )
}

pub(super) fn by(
    world: &World,
    who: &Client,
    action: Action,
    what: &'static str,
    id: &impl ToString,
    count: usize,
) -> Want {
    (
        world.account(who),
        action,
        what,
        id.to_string(),
        Purpose::Maintenance,
        u32::try_from(count).unwrap(),
    )
}

fn length(answer: &Value) -> usize {
    answer.as_array().unwrap().len()
}

/// Somebody new, with the password that everybody here has.
fn hired(world: &mut World) -> (AccountId, String) {
    let made = things::with_role(&world.bench, Role::Clerk, Some(PASSWORD));
    world.mark();
    made
}

/// Somebody new who is signed in.
fn signed_in(world: &mut World) -> (AccountId, Client) {
    let (id, _) = hired(world);
    let mut client = world.bench.client();
    client.cookie = Some(format!("{COOKIE}={}", things::session(&world.bench, id).1));
    world.mark();
    (id, client)
}

async fn sign_in(world: &mut World) -> Left {
    let (id, name) = hired(world);
    world.bench.client().enter(&name, PASSWORD).await.ok();
    left("POST /api/session", vec![own(id, "session")])
}

async fn sign_in_wrongly(world: &mut World) -> Left {
    let (id, name) = hired(world);
    let answer = world.bench.client().enter(&name, OTHER).await;
    answer.refused(401, "session.wrong");
    world.refused(in_vain(id));
    nothing()
}

async fn at_code(world: &mut World) -> (AccountId, Client) {
    let (id, name) = hired(world);
    things::totp(&world.bench, id, true);
    let mut client = world.bench.client();
    assert_eq!(client.enter(&name, PASSWORD).await.ok()["step"], "code");
    (id, client)
}

async fn answer_code(world: &mut World) -> Left {
    let (id, client) = at_code(world).await;
    let code = json!({ "code": RECOVERY });
    client.post("/api/session/code", &code).await.ok();
    left("POST /api/session/code", vec![own(id, "session")])
}

async fn answer_code_wrongly(world: &mut World) -> Left {
    let (id, client) = at_code(world).await;
    let code = json!({"code": "none"});
    client
        .post("/api/session/code", &code)
        .await
        .refused(422, "code.wrong");
    world.refused(in_vain(id));
    nothing()
}

async fn choose_password(world: &mut World) -> Left {
    let (id, name) = hired(world);
    let (word, _) = passwords::reset(&world.bench.app, &Caller::system(), id).unwrap();
    world.mark();
    let mut client = world.bench.client();
    assert_eq!(client.enter(&name, &word).await.ok()["step"], "password");
    let chosen = json!({ "password": OTHER });
    client.post("/api/session/password", &chosen).await.ok();
    left(
        "POST /api/session/password",
        vec![own(id, "password"), own(id, "session")],
    )
}

/// Somebody who has just registered a passkey.
async fn with_passkey(world: &mut World) -> (AccountId, Client, Authenticator, Value) {
    let (id, client) = signed_in(world);
    let asked = client.post("/api/passkeys/asked", &json!({})).await.ok();
    let (key, credential) = Authenticator::register(things::number(), &asked["options"], ORIGIN);
    let body = json!({"name": "desk", "credential": credential});
    let made = client.post("/api/passkeys", &body).await.ok();
    (id, client, key, made)
}

async fn register_passkey(world: &mut World) -> Left {
    let (id, ..) = with_passkey(world).await;
    left("POST /api/passkeys", vec![own(id, "passkey")])
}

async fn sign_in_by_passkey(world: &mut World) -> Left {
    let (id, _, key, _) = with_passkey(world).await;
    world.mark();
    let client = world.bench.client();
    let asked = client.post("/api/session/passkey/asked", &json!({})).await.ok();
    let body = json!({"credential": key.sign(&asked["options"], ORIGIN)});
    client.post("/api/session/passkey", &body).await.ok();
    left("POST /api/session/passkey", vec![own(id, "session")])
}

async fn remove_passkey(world: &mut World) -> Left {
    let (id, client, _, made) = with_passkey(world).await;
    world.mark();
    let gone = client.delete(&format!("/api/passkeys/{}", made["id"])).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    left("DELETE /api/passkeys/{id}", vec![own(id, "passkey")])
}

async fn end_one(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    let (other, _) = things::session(&world.bench, id);
    world.mark();
    let gone = client.delete(&format!("/api/sessions/{other}")).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    // There is none any more, so nothing is done.
    client
        .delete(&format!("/api/sessions/{other}"))
        .await
        .refused(404, "missing");
    left("DELETE /api/sessions/{id}", vec![own(id, "session")])
}

async fn end_others(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    client.delete("/api/sessions").await.ok();
    left("DELETE /api/sessions", vec![own(id, "session")])
}

async fn prove(world: &mut World) -> Left {
    let (_, client) = signed_in(world);
    let proof = json!({ "password": PASSWORD });
    let told = client.post("/api/session/proof", &proof).await;
    assert_eq!(told.status, 204, "{}", told.text());
    nothing()
}

async fn prove_wrongly(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    let proof = json!({ "password": OTHER });
    client
        .post("/api/session/proof", &proof)
        .await
        .refused(422, "password.wrong");
    world.refused(in_vain(id));
    nothing()
}

async fn change_password(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    let change = json!({"current": PASSWORD, "password": OTHER});
    let told = client.json("PUT", "/api/password", None, &change).await;
    assert_eq!(told.status, 204, "{}", told.text());
    left("PUT /api/password", vec![own(id, "password")])
}

async fn confirm_totp(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    let made = client.post("/api/totp", &json!({})).await.ok();
    let secret = made["secret"].as_str().unwrap();
    let code = |seconds| json!({"code": crate::totps::code(secret, seconds)});
    let now = world.bench.clock.now().as_second();
    // One that is long past is a try in vain.
    let wrong = client.json("PUT", "/api/totp", None, &code(now - 3600)).await;
    wrong.refused(422, "code.wrong");
    world.refused(in_vain(id));
    client.json("PUT", "/api/totp", None, &code(now)).await.ok();
    left("PUT /api/totp", vec![own(id, "totp")])
}

async fn renew_codes(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    things::totp(&world.bench, id, true);
    client.post("/api/totp/codes", &json!({})).await.ok();
    left("POST /api/totp/codes", vec![own(id, "totp")])
}

async fn turn_off_totp(world: &mut World) -> Left {
    let (id, client) = signed_in(world);
    things::totp(&world.bench, id, true);
    let told = client.delete("/api/totp").await;
    assert_eq!(told.status, 204, "{}", told.text());
    left("DELETE /api/totp", vec![own(id, "totp")])
}

/// Somebody new whose sign-in waits for a second factor to be set up.
fn enrolling(world: &mut World) -> (AccountId, Client) {
    let (id, _) = hired(world);
    let mut client = world.bench.client();
    let half = things::half(&world.bench, id, Step::Enrol);
    client.cookie = Some(format!("anlan_half={half}"));
    (id, client)
}

async fn enrol_totp(world: &mut World) -> Left {
    let (id, client) = enrolling(world);
    let path = "/api/session/enrolment/totp";
    let made = client.post(path, &json!({})).await.ok();
    let secret = made["secret"].as_str().unwrap();
    let code = |seconds| json!({"code": crate::totps::code(secret, seconds)});
    let now = world.bench.clock.now().as_second();
    let wrong = client.json("PUT", path, None, &code(now - 3600)).await;
    wrong.refused(422, "code.wrong");
    world.refused(in_vain(id));
    client.json("PUT", path, None, &code(now)).await.ok();
    left(
        "PUT /api/session/enrolment/totp",
        vec![own(id, "totp"), own(id, "session")],
    )
}

async fn enrol_passkey(world: &mut World) -> Left {
    let (id, client) = enrolling(world);
    let path = "/api/session/enrolment/passkey";
    let asked = client.post(&format!("{path}/asked"), &json!({})).await.ok();
    let (_, credential) = Authenticator::register(things::number(), &asked["options"], ORIGIN);
    let body = json!({"name": "desk", "credential": credential});
    client.post(path, &body).await.ok();
    left(
        "POST /api/session/enrolment/passkey",
        vec![own(id, "passkey"), own(id, "session")],
    )
}

async fn list_accounts(world: &mut World) -> Left {
    let all = world.admin.get("/api/accounts/secured").await.ok();
    let want = by(
        world,
        &world.admin,
        Action::AccountRead,
        "account",
        &"list",
        length(&all),
    );
    left("GET /api/accounts/secured", vec![want])
}

pub(super) fn seen(world: &World, who: &Client, id: AccountId) -> Want {
    by(world, who, Action::AccountRead, "account", &id, 1)
}

async fn read_account(world: &mut World) -> Left {
    let id = things::account(&world.bench);
    world.admin.get(&format!("/api/accounts/{id}")).await.ok();
    left("GET /api/accounts/{id}", vec![seen(world, &world.admin, id)])
}

async fn open_account(world: &mut World) -> Left {
    let body = json!({"name": format!("new-{}", things::number()), "display_name": "Wang"});
    let made = world.admin.post("/api/accounts", &body).await.ok();
    let want = by(
        world,
        &world.admin,
        Action::AccountWrite,
        "account",
        &made["account"],
        1,
    );
    left("POST /api/accounts", vec![want])
}

async fn change_account(world: &mut World) -> Left {
    let id = things::account(&world.bench);
    let (path, body) = (format!("/api/accounts/{id}"), json!({"is_active": false}));
    world.admin.json("PATCH", &path, None, &body).await.ok();
    let change = by(world, &world.admin, Action::AccountWrite, "account", &id, 1);
    left(
        "PATCH /api/accounts/{id}",
        vec![change, seen(world, &world.admin, id)],
    )
}

async fn set_roles(world: &mut World) -> Left {
    let id = things::account(&world.bench);
    let (path, body) = (format!("/api/accounts/{id}/roles"), json!({"roles": ["duty"]}));
    world.security.json("PUT", &path, None, &body).await.ok();
    let what = format!("{id} -clerk +duty");
    let given = by(world, &world.security, Action::RoleGrant, "role", &what, 1);
    left(
        "PUT /api/accounts/{id}/roles",
        vec![given, seen(world, &world.security, id)],
    )
}

async fn reset_password(world: &mut World) -> Left {
    let id = things::account(&world.bench);
    let path = format!("/api/accounts/{id}/password");
    world.admin.post(&path, &json!({})).await.ok();
    let want = by(world, &world.admin, Action::AccountWrite, "password", &id, 1);
    left("POST /api/accounts/{id}/password", vec![want])
}

async fn remove_factors(world: &mut World) -> Left {
    let id = things::account(&world.bench);
    let path = format!("/api/accounts/{id}/factors");
    let told = world.security.delete(&path).await;
    assert_eq!(told.status, 204, "{}", told.text());
    let want = by(world, &world.security, Action::FactorRemove, "account", &id, 1);
    left("DELETE /api/accounts/{id}/factors", vec![want])
}

/// An account with some sessions; its number and how many.
fn with_sessions(world: &mut World) -> (AccountId, usize) {
    let id = things::account(&world.bench);
    let count = 1 + world.below(3);
    for _ in 0..count {
        things::session(&world.bench, id);
    }
    world.mark();
    (id, count)
}

async fn sessions_of(world: &mut World) -> Left {
    let (id, count) = with_sessions(world);
    world
        .security
        .get(&format!("/api/accounts/{id}/sessions"))
        .await
        .ok();
    let want = by(world, &world.security, Action::SessionEnd, "session", &id, count);
    left("GET /api/accounts/{id}/sessions", vec![want])
}

async fn end_sessions_of(world: &mut World) -> Left {
    let (id, count) = with_sessions(world);
    let path = format!("/api/accounts/{id}/sessions");
    assert_eq!(world.security.delete(&path).await.ok()["ended"], count);
    let want = by(world, &world.security, Action::SessionEnd, "session", &id, 1);
    left("DELETE /api/accounts/{id}/sessions", vec![want])
}

async fn list_locks(world: &mut World) -> Left {
    things::lock(&world.bench);
    let all = world.security.get("/api/locks").await.ok();
    let want = by(
        world,
        &world.security,
        Action::LockRead,
        "lock",
        &"list",
        length(&all),
    );
    left("GET /api/locks", vec![want])
}

async fn clear_lock(world: &mut World) -> Left {
    let id = things::lock(&world.bench);
    let told = world.security.delete(&format!("/api/locks/{id}")).await;
    assert_eq!(told.status, 204, "{}", told.text());
    let want = by(world, &world.security, Action::LockClear, "lock", &id, 1);
    left("DELETE /api/locks/{id}", vec![want])
}
