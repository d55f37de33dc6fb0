//! Opening a case in an emergency and giving roles by two people, over HTTP.

use crate::bench::{Bench, Client};
use crate::things;
use anlan_app::{Caller, backups};
use anlan_model::accounts::Role;
use anlan_model::ids::GrantId;
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

/// Takes a backup out of the data folder as the command line does.
fn back_up(bench: &Bench, grant: Option<i64>) -> Result<bool, anlan_app::Error> {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("copy");
    let grant = grant.map(GrantId);
    backups::take(&bench.app, &Caller::system(), (&to, grant), &mut |_, _| {})?;
    Ok(to.join("anlan.db").is_file())
}

fn refusal(bench: &Bench, grant: Option<i64>) -> &'static str {
    match back_up(bench, grant).unwrap_err() {
        anlan_app::Error::Denied { code, .. } | anlan_app::Error::Conflict { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_backup_out_of_the_data_folder_takes_two_people() {
    let bench = Bench::new();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let security = bench.sign_in(Role::Security, bench.centre).await;
    assert_eq!(refusal(&bench, None), "backup.two");
    let inside = bench.folder().join("copy");
    backups::take(&bench.app, &Caller::system(), (&inside, None), &mut |_, _| {}).unwrap();

    let asked = json!({"reason": "the machine is replaced"});
    security
        .post("/api/grants/backups", &asked)
        .await
        .refused(403, "no_right");
    let grant = admin.post("/api/grants/backups", &asked).await.ok();
    assert_eq!(
        (&grant["state"], &grant["is_backup"]),
        (&json!("waiting"), &json!(true))
    );
    let id = grant["id"].as_i64().unwrap();
    assert_eq!(refusal(&bench, Some(id)), "grant.no_leave");
    let answer = format!("/api/grants/{id}/answer");
    let word = json!({"verdict": "approved"});
    admin.post(&answer, &word).await.refused(403, "no_right");
    security
        .post(&answer, &json!({"verdict": "justified"}))
        .await
        .refused(409, "grant.verdict");
    assert_eq!(security.post(&answer, &word).await.ok()["state"], "approved");
    // A copy that comes to nothing uses nothing up.
    let taken = backups::take(
        &bench.app,
        &Caller::system(),
        (&inside, Some(GrantId(id))),
        &mut |_, _| {},
    );
    assert!(taken.is_err());
    assert!(back_up(&bench, Some(id)).unwrap());
    assert_eq!(refusal(&bench, Some(id)), "grant.no_leave");
    let listed = admin.get("/api/grants").await.ok();
    assert_eq!(listed[0]["state"], "used");

    let late = json!({"reason": "every night", "until": "2029-01-01T00:00:00Z"});
    admin
        .post("/api/grants/backups", &late)
        .await
        .refused(422, "grant.until");
    let asked = json!({"reason": "every night", "until": "2026-12-01T00:00:00Z"});
    let standing = admin.post("/api/grants/backups", &asked).await.ok()["id"]
        .as_i64()
        .unwrap();
    security
        .post(&format!("/api/grants/{standing}/answer"), &word)
        .await
        .ok();
    assert!(back_up(&bench, Some(standing)).unwrap() && back_up(&bench, Some(standing)).unwrap());
    bench.later(60 * 24 * 9);
    assert_eq!(refusal(&bench, Some(standing)), "grant.no_leave");

    // Whoever asked may no longer do so: nothing is left of their leave.
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let asked = json!({"reason": "the machine is replaced"});
    let grant = admin.post("/api/grants/backups", &asked).await.ok()["id"]
        .as_i64()
        .unwrap();
    security
        .post(&format!("/api/grants/{grant}/answer"), &word)
        .await
        .ok();
    things::close(&bench, bench.actor(&admin).account.unwrap());
    assert_eq!(refusal(&bench, Some(grant)), "grant.lapsed");
}

#[tokio::test]
async fn a_node_that_was_put_back_serves_once_two_administrators_have_confirmed_it() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    things::restoration(&bench);
    bench.app.look_at_restoration().unwrap();
    for path in ["/api/cases", "/api/classes", "/api/live", "/log/checkpoint"] {
        let answer = desk.get(path).await;
        assert_eq!(answer.status.as_u16(), 503, "{path}: {}", answer.text());
    }
    for path in ["/report", "/t/aaaaaaaaaaaaaaaaaaaa"] {
        assert_eq!(bench.client().get(path).await.status.as_u16(), 503, "{path}");
    }
    desk.get("/api/cases").await.refused(503, "node.restored");
    assert_eq!(bench.client().get("/healthz").await.text(), "ok");
    desk.post("/api/restoration", &json!({}))
        .await
        .refused(403, "no_right");
    let seen = admin.get("/api/session").await.ok();
    assert_eq!(seen["restoration"]["confirmed"], json!([]));

    let first = admin.post("/api/restoration", &json!({})).await.ok();
    assert_eq!(
        (&first["confirmed"], &first["is_over"]),
        (&json!(["admin"]), &json!(false))
    );
    admin
        .post("/api/restoration", &json!({}))
        .await
        .refused(409, "restoration.already");
    let other = bench.sign_in(Role::Admin, bench.water).await;
    other
        .post("/api/restoration", &json!({}))
        .await
        .refused(409, "restoration.already");
    desk.get("/api/cases").await.refused(503, "node.restored");
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let second = security.post("/api/restoration", &json!({})).await.ok();
    assert_eq!(second["is_over"], true);
    desk.get("/api/cases").await.ok();
    assert_eq!(desk.get("/api/session").await.ok().get("restoration"), None);
    security
        .post("/api/restoration", &json!({}))
        .await
        .refused(409, "restoration.none");
}
