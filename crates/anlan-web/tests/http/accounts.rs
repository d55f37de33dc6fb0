//! Looking after accounts: who makes them, who gives rights, and that nobody does both or serves themselves.

use crate::bench::{Bench, Client, PASSWORD};
use anlan_model::accounts::Role;
use serde_json::{Value, json};

const OWN: &str = "tall grey heron wades";

async fn id_of(client: &Client) -> i64 {
    client.get("/api/session").await.ok()["account"]["id"]
        .as_i64()
        .unwrap()
}

async fn new_account(bench: &Bench, admin: &Client, name: &str) -> Value {
    let body = json!({"name": name, "display_name": "王丽", "office": bench.water.0, "division": "990101"});
    admin.post("/api/accounts", &body).await.ok()
}

#[tokio::test]
async fn an_account_is_made_by_one_and_given_rights_by_another() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let made = new_account(&bench, &admin, "Wang-Li").await;
    let (id, word) = (made["account"].as_i64().unwrap(), made["word"].as_str().unwrap());
    let mut client = bench.client();
    let half = client.enter("wang-li", word).await;
    assert_eq!(
        (half.status.as_u16(), half.json()),
        (202, json!({"step": "password"}))
    );
    client.get("/api/session").await.refused(401, "session.none");

    admin
        .json(
            "PUT",
            &format!("/api/accounts/{id}/roles"),
            None,
            &json!({"roles": ["officer"]}),
        )
        .await
        .refused(403, "no_right");
    let given = security
        .json(
            "PUT",
            &format!("/api/accounts/{id}/roles"),
            None,
            &json!({"roles": ["officer"]}),
        )
        .await
        .ok();
    assert_eq!(given["roles"], json!(["officer"]));
    assert_eq!(given["office"], bench.water.0);

    let mut client = bench.client();
    client.enter("wang-li", word).await;
    let own = |password: &str| json!({"password": password});
    client
        .step("POST", "/api/session/password", &own(word))
        .await
        .refused(422, "password.word");
    client
        .step("POST", "/api/session/password", &own("wang-li-2026"))
        .await
        .refused(422, "password.name");
    let session = client.step("POST", "/api/session/password", &own(OWN)).await.ok();
    assert_eq!(session["account"]["name"], "wang-li");
    client.get("/api/cases").await.ok();
    bench
        .client()
        .enter("wang-li", word)
        .await
        .refused(401, "session.wrong");
    bench.client().enter("wang-li", OWN).await.ok();
    security
        .post("/api/accounts", &json!({"name": "x", "display_name": "x"}))
        .await
        .refused(403, "no_right");
    admin
        .post("/api/accounts", &json!({"name": "wang-li", "display_name": "x"}))
        .await
        .refused(409, "account.exists");
}

#[tokio::test]
async fn a_one_time_word_runs_out() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let made = new_account(&bench, &admin, "wang-li").await;
    assert_eq!(made["until"], "2026-11-24T02:00:00Z");
    bench.later(24 * 60);
    bench
        .client()
        .enter("wang-li", made["word"].as_str().unwrap())
        .await
        .refused(401, "session.wrong");
}

#[tokio::test]
async fn a_reset_ends_sessions_and_stops_at_the_second_factor() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let id = id_of(&duty).await;
    let reset = admin
        .post(&format!("/api/accounts/{id}/password"), &json!({}))
        .await
        .ok();
    duty.get("/api/session").await.refused(401, "session.none");
    let name = bench.account(Role::Duty, bench.centre);
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(401, "session.wrong");
    let half = bench.client().enter(&name, reset["word"].as_str().unwrap()).await;
    assert_eq!(half.json(), json!({"step": "password"}));
    for apart in [Role::Security, Role::Auditor] {
        let other = id_of(&bench.sign_in(apart, bench.centre).await).await;
        admin
            .post(&format!("/api/accounts/{other}/password"), &json!({}))
            .await
            .refused(403, "account.apart");
    }
    admin
        .post("/api/accounts/9999/password", &json!({}))
        .await
        .refused(404, "missing");
}

#[tokio::test]
async fn the_three_administrators_stay_three_and_nobody_serves_themselves() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let duty = id_of(&bench.sign_in(Role::Duty, bench.centre).await).await;
    let roles = |id: i64, roles: Value| {
        let (security, body) = (security.clone(), json!({ "roles": roles }));
        async move {
            security
                .json("PUT", &format!("/api/accounts/{id}/roles"), None, &body)
                .await
        }
    };
    for pair in [
        ["admin", "security"],
        ["admin", "auditor"],
        ["security", "auditor"],
    ] {
        let refusal = roles(duty, json!(pair)).await.refused(422, "roles.apart");
        assert!(refusal["detail"].as_str().unwrap().contains("three people"));
    }
    roles(duty, json!(["system"]))
        .await
        .refused(422, "roles.not_given");
    roles(id_of(&security).await, json!(["security", "duty"]))
        .await
        .refused(403, "account.own");
    let own = format!("/api/accounts/{}", id_of(&admin).await);
    admin
        .json("PATCH", &own, None, &json!({"division": ""}))
        .await
        .refused(403, "account.own");
    roles(duty, json!(["duty", "supervisor"])).await.ok();
}

#[tokio::test]
async fn who_moves_arrives_without_roles_and_who_is_closed_is_out() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let officer = bench.sign_in(Role::Officer, bench.water).await;
    let id = id_of(&officer).await;
    let path = format!("/api/accounts/{id}");
    let renamed = admin
        .json("PATCH", &path, None, &json!({"display_name": "李四"}))
        .await
        .ok();
    assert_eq!(
        (&renamed["display_name"], &renamed["roles"]),
        (&json!("李四"), &json!(["officer"]))
    );
    officer.get("/api/session").await.ok();
    let moved = admin
        .json("PATCH", &path, None, &json!({"office": bench.roads.0}))
        .await
        .ok();
    assert_eq!(
        (&moved["office"], &moved["roles"]),
        (&json!(bench.roads.0), &json!([]))
    );
    officer.get("/api/session").await.refused(401, "session.none");
    let name = bench.account(Role::Officer, bench.water);
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(403, "post.none");

    admin
        .json("PATCH", &path, None, &json!({"is_active": false}))
        .await
        .ok();
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(401, "session.wrong");
    for (field, body) in [
        ("office", json!({"office": 999})),
        ("division", json!({"division": "county"})),
        ("display_name", json!({"display_name": " "})),
    ] {
        let answer = admin.json("PATCH", &path, None, &body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["fields"][0]["field"]),
            (422, &json!(field))
        );
    }
}

#[tokio::test]
async fn accounts_are_seen_by_those_who_look_after_them() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    for path in ["/api/accounts/secured", "/api/accounts/1"] {
        duty.get(path).await.refused(403, "no_right");
    }
    for role in [Role::Admin, Role::Security, Role::Auditor] {
        let client = bench.sign_in(role, bench.centre).await;
        let all = client.get("/api/accounts/secured").await.ok();
        let one = all
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["roles"] == json!(["duty"]))
            .unwrap();
        assert_eq!((&one["has_totp"], &one["passkeys"]), (&json!(false), &json!(0)));
        client.get(&format!("/api/accounts/{}", one["id"])).await.ok();
    }
    let security = bench.sign_in(Role::Security, bench.centre).await;
    security.get("/api/accounts/9999").await.refused(404, "missing");
}

#[tokio::test]
async fn lost_factors_are_taken_away_by_who_cannot_set_a_password() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let path = format!("/api/accounts/{}/factors", id_of(&duty).await);
    admin.delete(&path).await.refused(403, "no_right");
    assert_eq!(security.delete(&path).await.status, 204);
    duty.get("/api/session").await.refused(401, "session.none");
    let own = format!("/api/accounts/{}/factors", id_of(&security).await);
    security.delete(&own).await.refused(403, "account.own");
}
