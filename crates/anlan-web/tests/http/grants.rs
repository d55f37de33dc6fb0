//! Opening a case in an emergency and giving roles by two people, over HTTP.

use crate::bench::{Bench, Client};
use anlan_model::accounts::Role;
use serde_json::{Value, json};

async fn id_of(client: &Client) -> Value {
    client.get("/api/session").await.ok()["account"]["id"].clone()
}

#[tokio::test]
async fn a_case_is_opened_in_an_emergency_and_reviewed() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let roads = bench.sign_in(Role::Officer, bench.roads).await;
    let (flood, _) = desk.report("m01001", "water").await;
    let path = format!("/api/cases/{flood}");
    roads.get(&path).await.refused(404, "missing");
    let opening = format!("{path}/opening");
    roads
        .post(&opening, &json!({"reason": "快"}))
        .await
        .refused(422, "grant.words");
    let reason = json!({"reason": "路面塌陷，需核对积水位置"});
    let grant = roads.post(&opening, &reason).await.ok();
    assert_eq!(
        (&grant["state"], &grant["may_answer"]),
        (&json!("running"), &json!(false))
    );
    assert_eq!(roads.get(&path).await.ok()["id"], json!(flood));
    roads
        .post(&opening, &reason)
        .await
        .refused(409, "grant.not_needed");
    roads
        .post("/api/cases/4711/opening", &reason)
        .await
        .refused(404, "missing");
    desk.post(&opening, &reason).await.refused(403, "no_right");

    let supervisor = bench.sign_in(Role::Supervisor, bench.centre).await;
    let all = supervisor.get("/api/grants").await.ok();
    assert_eq!(
        (&all[0]["may_answer"], &all[0]["case"]),
        (&json!(true), &json!(flood))
    );
    let answer = format!("/api/grants/{}/answer", grant["id"]);
    let word = json!({"verdict": "unjustified", "note": "与职责无关"});
    roads.post(&answer, &word).await.refused(403, "no_right");
    let reviewed = supervisor.post(&answer, &word).await.ok();
    assert_eq!(
        (&reviewed["state"], &reviewed["answer"]["verdict"]),
        (&json!("reviewed"), &json!("unjustified"))
    );
    roads.get(&path).await.refused(404, "missing");
}

#[tokio::test]
async fn grave_roles_take_two_security_administrators() {
    let bench = Bench::new();
    let first = bench.sign_in(Role::Security, bench.centre).await;
    let second = bench.sign_in(Role::Security, bench.water).await;
    let duty = id_of(&bench.sign_in(Role::Duty, bench.centre).await).await;
    let alone = json!({"roles": ["auditor"]});
    first
        .json("PUT", &format!("/api/accounts/{duty}/roles"), None, &alone)
        .await
        .refused(403, "grant.two");
    let asked = json!({"account": duty, "roles": ["auditor"], "reason": "接替离任的审计员"});
    let grant = first.post("/api/grants", &asked).await.ok();
    assert_eq!(grant["state"], "waiting");
    let answer = format!("/api/grants/{}/answer", grant["id"]);
    let word = json!({"verdict": "approved"});
    first.post(&answer, &word).await.refused(403, "forbidden");
    assert_eq!(second.post(&answer, &word).await.ok()["state"], "approved");
    second.post(&answer, &word).await.refused(409, "grant.answered");
    let account = second.get(&format!("/api/accounts/{duty}")).await.ok();
    assert_eq!(account["roles"], json!(["auditor"]));
}
