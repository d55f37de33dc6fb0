//! Limits per address and per account, whose address counts, and that a right-doer behind a busy address gets through.

use crate::bench::{Answer, Bench};
use anlan_model::accounts::Role;
use anlan_model::locks::LockKind;
use anlan_web::{Rate, Rates, WebConfig};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

async fn guess(bench: &Bench, from: &str) -> crate::bench::Answer {
    guess_at(bench, "duty", from).await
}

async fn guess_at(bench: &Bench, name: &str, from: &str) -> crate::bench::Answer {
    let body = json!({"name": name, "password": "wrong"}).to_string();
    let request = Request::post("/api/session")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", from);
    bench.client().send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_forged_forwarded_address_is_not_believed() {
    // Names that differ: what is counted here is the address, which has more tries than a name.
    let free = LockKind::Address.free();
    let bench = Bench::new();
    for at in 0..free {
        let (name, from) = (format!("name-{at}"), format!("203.0.113.{at}"));
        let answer = guess_at(&bench, &name, &from).await;
        answer.refused(401, "session.wrong");
    }
    let answer = guess_at(&bench, "another", "203.0.113.77").await;
    answer.refused(429, "too_many");
    // Behind our own proxy its word counts, which is the last; what the client wrote before it does not.
    let bench = Bench::with(WebConfig {
        is_behind_proxy: true,
        ..WebConfig::default()
    });
    for at in 0..free {
        let (name, from) = (format!("name-{at}"), format!("10.0.0.{at}, 203.0.113.7"));
        let answer = guess_at(&bench, &name, &from).await;
        answer.refused(401, "session.wrong");
    }
    let answer = guess_at(&bench, "another", "10.0.0.99, 203.0.113.7").await;
    answer.refused(429, "too_many");
    let answer = guess_at(&bench, "another", "10.0.0.99, 203.0.113.8").await;
    answer.refused(401, "session.wrong");
}

fn tight() -> Bench {
    let rate = Rate {
        burst: 3,
        per_minute: 1,
    };
    Bench::with(WebConfig {
        is_behind_proxy: true,
        rates: Rates {
            sign_in: rate,
            report: rate,
            wrong_code: rate,
            search: rate,
            publication: rate,
            key: rate,
        },
        ..WebConfig::default()
    })
}

async fn get(bench: &Bench, path: &str, from: &str) -> crate::bench::Answer {
    let request = Request::get(path).header("x-forwarded-for", from);
    bench.client().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn each_address_and_account_has_its_limit() {
    let bench = tight();
    for _ in 0..3 {
        guess(&bench, "203.0.113.7").await.refused(401, "session.wrong");
    }
    let told = guess(&bench, "203.0.113.7").await;
    told.refused(429, "too_many");
    assert_eq!(told.headers[header::RETRY_AFTER], "61");
    guess(&bench, "203.0.113.8").await.refused(401, "session.wrong");

    let near = "/report/near?class=m01001&lat=29.5&lon=105.5&lang=en";
    for _ in 0..3 {
        assert_eq!(get(&bench, near, "203.0.113.7").await.status, StatusCode::OK);
    }
    let told = get(&bench, near, "203.0.113.7").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(
        told.text().contains("Wait 61 seconds") && told.headers.contains_key(header::RETRY_AFTER),
        "{}",
        told.text()
    );
    let told = get(&bench, &near.replace("lang=en", "lang=zh"), "203.0.113.7").await;
    assert!(told.text().contains("61 秒"), "{}", told.text());
    assert_eq!(get(&bench, near, "203.0.113.8").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_public_has_its_limit_in_the_form_of_its_door() {
    let bench = tight();
    for path in ["discovery.json", "v2/services.xml", "v2/requests/1.json"] {
        let told = get(&bench, &format!("/open311/{path}"), "203.0.113.7").await;
        assert_ne!(told.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let told = get(&bench, "/open311/v2/requests.json", "203.0.113.7").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(told.headers[header::RETRY_AFTER], "61");
    assert_eq!(told.json()[0]["code"], 429);
    let other = get(&bench, "/open311/v2/requests.json", "203.0.113.8").await;
    assert_eq!(other.status, StatusCode::OK);

    let key = crate::things::machine_key(&bench, Role::Clerk, &["report.create"]).1;
    let hand_in = async |key: Option<&str>| {
        let mut request = Request::post("/open311/v2/requests.json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-for", "203.0.113.7");
        if let Some(key) = key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        bench
            .client()
            .send(request.body(Body::from("service_code=x")).unwrap())
            .await
            .status
    };
    assert_eq!(
        hand_in(None).await,
        StatusCode::TOO_MANY_REQUESTS,
        "whose it is shows in the body only"
    );
    assert_eq!(
        hand_in(Some(&key)).await,
        StatusCode::BAD_REQUEST,
        "a key has a limit of its own"
    );
}

/// A step of signing in, with nothing in it.
async fn step(bench: &Bench, path: &str) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", "203.0.113.7");
    bench.client().send(request.body(Body::from("{}")).unwrap()).await
}

#[tokio::test]
async fn every_step_of_signing_in_counts_against_the_address() {
    for path in [
        "/api/session/code",
        "/api/session/password",
        "/api/session/passkey",
        "/api/session/passkey/asked",
    ] {
        let bench = tight();
        for _ in 0..3 {
            assert_ne!(
                step(&bench, path).await.status,
                StatusCode::TOO_MANY_REQUESTS,
                "{path}"
            );
        }
        step(&bench, path).await.refused(429, "too_many");
        guess(&bench, "203.0.113.7").await.refused(429, "too_many");
        guess(&bench, "203.0.113.8").await.refused(401, "session.wrong");
    }
}

#[tokio::test]
async fn a_portal_cannot_be_used_to_guess_codes() {
    let bench = tight();
    let ask = |code: String| {
        let request = Request::get(format!("/data-tracker/findUsage?userCode={code}"))
            .header("x-road-userid", code)
            .header("x-forwarded-for", "203.0.113.7");
        let client = bench.client();
        async move { client.send(request.body(Body::empty()).unwrap()).await }
    };
    for at in 0..3 {
        ask(format!("{at:020}")).await.refused(404, "missing");
    }
    ask(format!("{:020}", 9)).await.refused(429, "too_many");
}

#[tokio::test]
async fn guessing_codes_stops_and_a_right_one_still_opens() {
    let bench = tight();
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let (_, code) = clerk.report("m01001", "water on the road").await;
    for at in 0..3 {
        let wrong = format!("/t/{at:020}");
        assert_eq!(
            get(&bench, &wrong, "203.0.113.7").await.status,
            StatusCode::NOT_FOUND
        );
    }
    let told = get(&bench, "/t/00000000000000000009", "203.0.113.7").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    let right = get(&bench, &format!("/t/{code}"), "203.0.113.7").await;
    assert_eq!(
        right.status,
        StatusCode::OK,
        "somebody else behind the same address"
    );
}

#[tokio::test]
async fn an_account_that_walks_through_everything_is_slowed_down() {
    let bench = tight();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    for _ in 0..3 {
        duty.get("/api/cases").await.ok();
    }
    let told = duty.get("/api/counts").await;
    told.refused(429, "too_many");
    assert!(told.headers.contains_key(header::RETRY_AFTER));
    duty.get("/api/classes").await.ok();
}
