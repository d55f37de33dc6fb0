//! Sessions: where one is signed in, every way out, and that nothing goes on after it.

use crate::bench::{Bench, Client, PASSWORD};
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use std::time::{Duration, Instant};
use tower::ServiceExt;

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
const OTHER: &str = "tall grey heron wades";

fn session_cookie(client: &Client) -> String {
    let cookie = client.cookie.clone().unwrap();
    cookie
        .split("; ")
        .find(|pair| pair.starts_with("anlan_session="))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_ends_it() {
    let bench = Bench::new();
    let first = bench.sign_in(Role::Duty, bench.centre).await;
    bench.later(5);
    let body = json!({"name": bench.account(Role::Duty, bench.centre), "password": PASSWORD});
    let request = Request::post("/api/session")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, CHROME);
    let answer = bench
        .client()
        .send(request.body(Body::from(body.to_string())).unwrap())
        .await;
    let mut second = bench.client();
    second.cookie = Some(
        answer.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .into(),
    );

    let lines = first.get("/api/sessions").await.ok();
    let lines = lines.as_array().unwrap();
    assert_eq!(lines.len(), 2);
    let own = lines.iter().find(|line| line["is_this"] == true).unwrap();
    let other = lines.iter().find(|line| line["is_this"] == false).unwrap();
    assert_eq!(
        (&other["browser"], &other["system"]),
        (&json!("Chrome"), &json!("Windows"))
    );
    assert!(
        own.get("browser").is_none(),
        "a browser that says nothing is not guessed at"
    );
    assert_eq!(other["created_at"], "2026-11-23T02:05:00Z");
    assert_eq!(other["expires_at"], "2026-11-23T14:05:00Z");
    assert!(other["address"].is_string());

    let id = other["id"].as_i64().unwrap();
    let stranger = bench.sign_in(Role::Clerk, bench.centre).await;
    stranger
        .delete(&format!("/api/sessions/{id}"))
        .await
        .refused(404, "missing");
    second.get("/api/session").await.ok();
    assert_eq!(first.delete(&format!("/api/sessions/{id}")).await.status, 204);
    second.get("/api/session").await.refused(401, "session.none");
    first
        .delete(&format!("/api/sessions/{id}"))
        .await
        .refused(404, "missing");
    first.get("/api/session").await.ok();
}

#[tokio::test]
async fn all_others_end_at_once() {
    let bench = Bench::new();
    let one = bench.sign_in(Role::Duty, bench.centre).await;
    let two = bench.sign_in(Role::Duty, bench.centre).await;
    let three = bench.sign_in(Role::Duty, bench.centre).await;
    assert_eq!(two.delete("/api/sessions").await.ok()["ended"], 2);
    two.get("/api/session").await.ok();
    for ended in [one, three] {
        ended.get("/api/session").await.refused(401, "session.none");
    }
}

#[tokio::test]
async fn a_token_is_nothing_after_sign_out() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Duty, bench.centre).await;
    assert_eq!(client.delete("/api/session").await.status, 204);
    for path in ["/api/session", "/api/cases", "/api/live", "/api/sessions"] {
        client.get(path).await.refused(401, "session.none");
    }
}

#[tokio::test]
async fn every_sign_in_has_a_new_token_and_takes_over_none() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let mut client = bench.client();
    client.cookie = Some("anlan_session=0123456789abcdef".into());
    client.enter(&name, PASSWORD).await.ok();
    let first = session_cookie(&client);
    assert_ne!(
        first, "anlan_session=0123456789abcdef",
        "a token brought along is not taken up"
    );
    client.enter(&name, PASSWORD).await.ok();
    assert_ne!(session_cookie(&client), first);
}

#[tokio::test]
async fn a_session_ends_when_nobody_is_there_and_after_a_shift() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Duty, bench.centre).await;
    // A screen that goes on asking by itself does not count as somebody.
    for _ in 0..5 {
        bench.later(10);
        let request = Request::get("/api/session").header("x-anlan-unattended", "1");
        client.send(request.body(Body::empty()).unwrap()).await.ok();
    }
    bench.later(10);
    client.get("/api/session").await.refused(401, "session.none");

    let client = bench.sign_in(Role::Duty, bench.centre).await;
    for _ in 0..23 {
        bench.later(30);
        client.get("/api/session").await.ok();
    }
    bench.later(30);
    client.get("/api/session").await.refused(401, "session.none");
}

#[tokio::test]
async fn a_new_password_wants_the_old_one_and_ends_every_other_session() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let mut own = bench.sign_in(Role::Duty, bench.centre).await;
    let other = bench.sign_in(Role::Duty, bench.centre).await;
    let before = own.clone();
    let wrong = json!({"current": "not this one", "password": OTHER});
    own.step("PUT", "/api/password", &wrong)
        .await
        .refused(422, "password.wrong");
    for (weak, code) in [
        ("short", "password.length"),
        ("Password123", "password.common"),
        ("duty1-duty1-2026", "password.name"),
    ] {
        let body = json!({"current": PASSWORD, "password": weak});
        let refusal = own.step("PUT", "/api/password", &body).await.refused(422, code);
        assert_eq!(refusal["fields"][0]["field"], "password", "{weak}");
    }
    other.get("/api/session").await.ok();

    let change = json!({"current": PASSWORD, "password": OTHER});
    assert_eq!(own.step("PUT", "/api/password", &change).await.status, 204);
    own.get("/api/session").await.ok();
    before.get("/api/session").await.refused(401, "session.none");
    other.get("/api/session").await.refused(401, "session.none");
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(401, "session.wrong");
    bench.client().enter(&name, OTHER).await.ok();
}

#[tokio::test]
async fn a_long_password_is_taken_whole() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let mut own = bench.sign_in(Role::Duty, bench.centre).await;
    let long = "河边三棵柳树 and a heron ".repeat(8);
    let change = json!({"current": PASSWORD, "password": long});
    assert_eq!(own.step("PUT", "/api/password", &change).await.status, 204);
    bench
        .client()
        .enter(&name, long.trim_end())
        .await
        .refused(401, "session.wrong");
    bench.client().enter(&name, &long).await.ok();
}

/// Opens the live stream, waits for its greeting, does something, and gives the time until the stream said that it ended.
async fn ends_within(client: &Client, what: impl AsyncFnOnce()) -> Duration {
    let cookie = client.cookie.clone().unwrap();
    let request = Request::get("/api/live")
        .header("cookie", cookie)
        .body(Body::empty())
        .unwrap();
    let response = client.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = response.into_body().into_data_stream();
    let mut text = String::new();
    // Long enough that which sessions hold was looked up once.
    while let Ok(Some(piece)) = tokio::time::timeout(
        Duration::from_millis(1200),
        futures_util::StreamExt::next(&mut body),
    )
    .await
    {
        text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
    assert!(
        text.contains("event: hello") && !text.contains("event: ended"),
        "{text}"
    );
    #[expect(clippy::disallowed_methods, reason = "a test of real time")]
    let begun = Instant::now();
    what().await;
    let mut rest = String::new();
    while let Some(piece) = futures_util::StreamExt::next(&mut body).await {
        rest.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
    assert!(rest.contains("event: ended"), "{rest}");
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_ends_with_its_session_within_a_second() {
    let bench = Bench::new();
    let watching = bench.sign_in(Role::Duty, bench.centre).await;
    let other = bench.sign_in(Role::Duty, bench.centre).await;
    let took = ends_within(&watching, async || {
        other.delete("/api/sessions").await.ok();
    });
    let took = took.await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    other.get("/api/session").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_roles_change_or_an_account_is_closed() {
    let bench = Bench::new();
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let watching = bench.sign_in(Role::Duty, bench.centre).await;
    let id = watching.get("/api/session").await.ok()["account"]["id"]
        .as_i64()
        .unwrap();
    let took = ends_within(&watching, async || {
        let body = json!({"roles": ["clerk"]});
        security
            .json("PUT", &format!("/api/accounts/{id}/roles"), None, &body)
            .await
            .ok();
    });
    assert!(took.await < Duration::from_secs(1));
    watching.get("/api/session").await.refused(401, "session.none");

    let again = bench.sign_in(Role::Duty, bench.centre).await;
    assert_eq!(
        again.get("/api/session").await.ok()["account"]["roles"],
        json!(["clerk"])
    );
    let took = ends_within(&again, async || {
        let body = json!({"is_active": false});
        admin
            .json("PATCH", &format!("/api/accounts/{id}"), None, &body)
            .await
            .ok();
    });
    assert!(took.await < Duration::from_secs(1));
    again.get("/api/cases").await.refused(401, "session.none");
}

#[tokio::test]
async fn the_security_administrator_sees_and_ends_an_accounts_sessions() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let id = duty.get("/api/session").await.ok()["account"]["id"]
        .as_i64()
        .unwrap();
    let path = format!("/api/accounts/{id}/sessions");
    for role in [Role::Admin, Role::Auditor, Role::Duty] {
        let other = bench.sign_in(role, bench.water).await;
        other.get(&path).await.refused(403, "no_right");
        other.delete(&path).await.refused(403, "no_right");
    }
    let security = bench.sign_in(Role::Security, bench.centre).await;
    assert_eq!(security.get(&path).await.ok().as_array().unwrap().len(), 1);
    assert_eq!(security.delete(&path).await.ok()["ended"], 1);
    duty.get("/api/session").await.refused(401, "session.none");
    security
        .delete("/api/accounts/9999/sessions")
        .await
        .refused(404, "missing");
}

#[tokio::test]
async fn signing_out_tells_the_browser_to_forget() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let answer = duty.delete("/api/session").await;
    assert_eq!(answer.status.as_u16(), 204);
    assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
    // Its cookie goes by name, so that the mark by which this browser is known stays.
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1);
    assert!(
        cookies[0]
            .to_str()
            .unwrap()
            .starts_with("anlan_session=; Max-Age=0")
    );
    duty.get("/api/session").await.refused(401, "session.none");
}
