//! What is known about there already: told to who may see cases, and to a resident as a number in words.

use crate::bench::Bench;
use anlan_model::accounts::Role;
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn what_may_be_the_same_is_told_before_a_report_is_sent() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let (one, _) = desk.report("m01001", "water over the curb").await;
    let draft = json!({"class": "m01001", "point": [105.5, 29.5]});
    let found = desk.post("/api/reports/likely", &draft).await.ok();
    assert_eq!(
        (found.as_array().unwrap().len(), &found[0]["id"]),
        (1, &json!(one))
    );
    let far = json!({"class": "m01001", "point": [105.6, 29.5]});
    assert_eq!(desk.post("/api/reports/likely", &far).await.ok(), json!([]));
    let nowhere = json!({"class": "m01001", "point": [505.6, 29.5]});
    assert_eq!(
        desk.post("/api/reports/likely", &nowhere).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // A resident is told a number in words and nothing of any case.
    let resident = bench.client();
    resident
        .post("/api/reports/likely", &draft)
        .await
        .refused(401, "session.none");
    let near = "/report/near?class=m01001&lon=105.5&lat=29.5";
    let said = resident.get(near).await;
    assert_eq!(said.status, StatusCode::OK);
    assert!(said.text().contains('1'), "{}", said.text());
    assert!(!said.text().contains("curb"));
    let elsewhere = resident.get("/report/near?class=m01002&lon=105.5&lat=29.5").await;
    assert_eq!(elsewhere.text(), "");
    assert_eq!(
        resident.get("/report/near?class=m01001").await.status,
        StatusCode::BAD_REQUEST
    );
}
