//! Erasure over HTTP: what is due and was erased, and what somebody asks for.

use crate::bench::Bench;
use anlan_model::accounts::Role;
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn contact_goes_on_request_and_words_of_an_open_case_do_not() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let body = json!({"channel": "hotline", "description": "water", "contact": {"phone": "13800138000"}});
    let id = desk.post("/api/reports", &body).await.ok()["case"]
        .as_i64()
        .unwrap();
    let report = desk.get(&format!("/api/cases/{id}")).await.ok()["report_list"][0]["id"].clone();
    let steward = bench.sign_in(Role::Steward, bench.centre).await;
    let path = format!("/api/cases/{id}/erasure");
    let ask = |wish: &str| json!({"report": report, "wish": wish});
    desk.post(&path, &ask("contact")).await.refused(403, "no_right");
    steward
        .post(&path, &ask("everything"))
        .await
        .refused(403, "erasure.case_open");
    steward
        .post(&path, &json!({"report": 999, "wish": "contact"}))
        .await
        .refused(404, "missing");
    assert_eq!(
        steward.post(&path, &ask("contact")).await.status,
        StatusCode::NO_CONTENT
    );
    let contact = desk.get(&format!("/api/cases/{id}/contact?purpose=case")).await;
    assert!(!contact.text().contains("13800138000"));
    let erasures = steward.get("/api/erasures").await.ok();
    let line = &erasures["register"][0];
    assert_eq!(
        (&line["kind"], &line["ground"], &line["case"]),
        (&json!("contact"), &json!("request"), &json!(id))
    );
    assert_eq!(erasures["due"][0]["days"], 183);
    desk.get("/api/erasures").await.refused(403, "no_right");
}
