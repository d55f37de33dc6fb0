//! Machines with keys: what a key is good for is what both the account's roles and its scopes allow, from the addresses it is
//! bound to, until it ends or is revoked.

use crate::bench::{Answer, Bench, Client};
use crate::things;
use anlan_model::accounts::Role;
use anlan_model::ids::AccountId;
use anlan_web::doors::{DOORS, Key};
use anlan_web::{Rate, Rates, WebConfig};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A request as a program sends it, without what browsers add.
pub(crate) async fn send(bench: &Bench, key: &str, at: &str, body: &Value) -> Answer {
    let (method, path) = at.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let response = bench.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}

async fn get(bench: &Bench, key: &str, path: &str) -> Answer {
    send(bench, key, &format!("GET {path}"), &json!({})).await
}

fn wanted(scopes: &[&str]) -> Value {
    json!({"name": "feed", "scopes": scopes, "expires_at": "2027-01-01T00:00:00Z"})
}

/// A machine account of this role at the office of water, made by its two administrators.
async fn machine(bench: &Bench, roles: &[&str]) -> (i64, Client) {
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let body = json!({"name": format!("feed-{}", things::number()), "display_name": "Feed", "office": bench.water.0});
    let id = admin.post("/api/machines", &body).await.ok()["id"]
        .as_i64()
        .unwrap();
    let path = format!("/api/accounts/{id}/roles");
    security
        .json("PUT", &path, None, &json!({"roles": roles}))
        .await
        .ok();
    (id, security)
}

async fn key(security: &Client, id: i64, body: &Value) -> (i64, String) {
    let made = security
        .post(&format!("/api/accounts/{id}/keys"), body)
        .await
        .ok();
    (
        made["key"]["id"].as_i64().unwrap(),
        made["token"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn a_key_is_good_for_what_roles_and_scopes_both_allow() {
    let bench = Bench::new();
    let (id, security) = machine(&bench, &["officer"]).await;
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let (water, _) = clerk.report("m01001", "water on the road").await;
    let (roads, _) = clerk.report("m01002", "a cover is missing").await;
    let offered = security.get(&format!("/api/accounts/{id}/keys")).await.ok();
    let offered: Vec<&str> = offered["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert!(
        offered.contains(&"case.read")
            && !offered.contains(&"session.use")
            && !offered.contains(&"grant.open")
    );
    let (_, token) = key(
        &security,
        id,
        &wanted(&["case.list", "case.read", "reference.read"]),
    )
    .await;
    assert_eq!(
        get(&bench, &token, "/api/cases").await.ok()["total"],
        1,
        "its own office's only"
    );
    let case = get(&bench, &token, &format!("/api/cases/{water}")).await.ok();
    assert_eq!(case["description"], "", "words are an action of their own");
    get(&bench, &token, &format!("/api/cases/{roads}"))
        .await
        .refused(404, "missing");
    get(&bench, &token, "/api/offices").await.ok();
    let note = json!({"note": "pumped"});
    let told = send(&bench, &token, &format!("POST /api/cases/{water}/notes"), &note).await;
    told.refused(403, "key.scope");
    // The scope alone gives nothing: what the roles lose, the key loses.
    let path = format!("/api/accounts/{id}/roles");
    security
        .json("PUT", &path, None, &json!({"roles": ["clerk"]}))
        .await
        .ok();
    assert_eq!(get(&bench, &token, "/api/cases").await.ok()["total"], 2);
    security
        .json("PUT", &path, None, &json!({"roles": []}))
        .await
        .ok();
    get(&bench, &token, "/api/cases").await.refused(403, "no_right");
    for scopes in [vec![], vec!["case.contact"], vec!["no.such"], vec!["session.use"]] {
        let path = format!("/api/accounts/{id}/keys");
        let told = security
            .post(&path, &wanted(&scopes))
            .await
            .refused(422, "key.invalid");
        assert_eq!(told["fields"][0]["field"], "scopes");
    }
}

#[tokio::test]
async fn a_key_ends_is_revoked_at_once_and_falls_with_its_account() {
    let bench = Bench::new();
    let (id, security) = machine(&bench, &["duty"]).await;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let (first, token) = key(&security, id, &wanted(&["case.list"])).await;
    let (_, other) = key(&security, id, &wanted(&["case.list"])).await;
    let listed = security.get(&format!("/api/accounts/{id}/keys")).await;
    assert!(
        !listed.text().contains(token.get(10..).unwrap()),
        "a token is told once"
    );
    assert_eq!(listed.ok()["keys"][0].get("used_at"), None);
    get(&bench, &token, "/api/cases").await.ok();
    let listed = security.get(&format!("/api/accounts/{id}/keys")).await.ok();
    assert_eq!(listed["keys"][0]["used_at"], crate::bench::NOW);
    assert_eq!(admin.delete(&format!("/api/keys/{first}")).await.status, 204);
    get(&bench, &token, "/api/cases").await.refused(401, "key.none");
    get(&bench, &other, "/api/cases").await.ok();
    security
        .delete(&format!("/api/keys/{first}"))
        .await
        .refused(404, "missing");
    things::close(&bench, AccountId(id));
    get(&bench, &other, "/api/cases").await.refused(401, "key.none");

    let (id, security) = machine(&bench, &["duty"]).await;
    let soon = json!({"name": "feed", "scopes": ["case.list"], "expires_at": "2026-11-23T02:05:00Z"});
    let (_, token) = key(&security, id, &soon).await;
    bench.later(4);
    get(&bench, &token, "/api/cases").await.ok();
    bench.later(1);
    get(&bench, &token, "/api/cases").await.refused(401, "key.none");
    for at in ["2026-11-23T02:00:00Z", "2029-01-01T00:00:00Z"] {
        let body = json!({"name": "feed", "scopes": ["case.list"], "expires_at": at});
        let told = security.post(&format!("/api/accounts/{id}/keys"), &body).await;
        assert_eq!(
            told.refused(422, "key.invalid")["fields"][0]["field"],
            "expires_at"
        );
    }
    for forged in ["", "x", "anlan-key-", &"0".repeat(5000)] {
        get(&bench, forged, "/api/cases").await.refused(401, "key.none");
    }
}

#[tokio::test]
async fn a_key_is_taken_from_its_addresses_only_and_so_often() {
    let config = WebConfig {
        is_behind_proxy: true,
        rates: Rates {
            key: Rate {
                burst: 5,
                per_minute: 60,
            },
            ..Rates::default()
        },
        ..WebConfig::default()
    };
    let bench = Bench::with(config);
    let (id, security) = machine(&bench, &["duty"]).await;
    let mut body = wanted(&["case.list"]);
    body["networks"] = json!(["203.0.113.0/24", "2001:db8::/32"]);
    let (_, token) = key(&security, id, &body).await;
    let from = |address: &'static str| {
        let request = Request::get("/api/cases")
            .header(header::AUTHORIZATION, format!("bearer {token}"))
            .header("x-forwarded-for", address);
        let client = bench.client();
        async move { client.send(request.body(Body::empty()).unwrap()).await }
    };
    from("203.0.113.9").await.ok();
    from("2001:db8:7::1").await.ok();
    from("198.51.100.1").await.refused(401, "key.none");
    from("unknown").await.refused(401, "key.none");
    for _ in 0..3 {
        from("203.0.113.9").await.ok();
    }
    from("203.0.113.9").await.refused(429, "too_many");
    body["networks"] = json!(["county"]);
    let told = security.post(&format!("/api/accounts/{id}/keys"), &body).await;
    assert_eq!(told.refused(422, "key.invalid")["fields"][0]["field"], "networks");
}

#[tokio::test]
async fn what_is_a_persons_is_no_machines_and_the_other_way_round() {
    let bench = Bench::named();
    let (id, security) = machine(&bench, &["duty"]).await;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let (_, token) = key(&security, id, &wanted(&["case.list"])).await;
    let own = DOORS.iter().filter(|door| door.key == Key::Holder);
    let mut asked = 0;
    for door in own {
        let at = door.at.replace("{id}", "1");
        send(&bench, &token, &at, &json!({}))
            .await
            .refused(401, "session.none");
        asked += 1;
    }
    assert!(asked > 15, "{asked}");
    let path = |end: &str| format!("/api/accounts/{id}{end}");
    admin
        .post(&path("/password"), &json!({}))
        .await
        .refused(409, "account.machine");
    let identity = json!({"provider": "city", "login": "feed"});
    admin
        .json("PUT", &path("/identity"), None, &identity)
        .await
        .refused(409, "account.machine");
    for role in ["admin", "security", "auditor"] {
        let body = json!({"roles": [role]});
        security
            .json("PUT", &path("/roles"), None, &body)
            .await
            .refused(422, "roles.for_people");
    }
    let person = things::account(&bench);
    let body = json!({"roles": ["directory"]});
    let roles = format!("/api/accounts/{person}/roles");
    security
        .json("PUT", &roles, None, &body)
        .await
        .refused(422, "roles.for_machines");
    let keys = format!("/api/accounts/{person}/keys");
    security
        .post(&keys, &wanted(&["case.list"]))
        .await
        .refused(404, "missing");
    admin
        .post(&path("/keys"), &wanted(&["case.list"]))
        .await
        .refused(403, "no_right");
    // A session beside a key is not looked at.
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let request = Request::get("/api/cases").header(header::AUTHORIZATION, "Bearer x");
    duty.send(request.body(Body::empty()).unwrap())
        .await
        .refused(401, "key.none");
}

#[tokio::test]
async fn an_account_has_so_many_keys_at_most() {
    let bench = Bench::new();
    let (id, security) = machine(&bench, &["duty"]).await;
    for _ in 0..20 {
        key(&security, id, &wanted(&["case.list"])).await;
    }
    let path = format!("/api/accounts/{id}/keys");
    security
        .post(&path, &wanted(&["case.list"]))
        .await
        .refused(409, "key.many");
}
