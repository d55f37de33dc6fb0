//! Who gets in: every endpoint without a session, the wrong role, another office's case, another site's page.

use crate::bench::{Bench, PASSWORD};
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

/// Every documented operation with its path filled in.
fn operations() -> Vec<(String, String)> {
    let api = serde_json::to_value(anlan_web::openapi()).unwrap();
    let paths = api["paths"].as_object().unwrap();
    let filled = |path: &str| path.replace("{id}", "1").replace("{upload}", "x");
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |method| (method.to_uppercase(), filled(path)))
        })
        .collect()
}

#[tokio::test]
async fn nothing_is_told_without_a_session() {
    let bench = Bench::new();
    let client = bench.client();
    for (method, path) in operations() {
        let request = Request::builder()
            .method(method.as_str())
            .uri(&path)
            .header(header::CONTENT_TYPE, "application/json");
        let answer = client.send(request.body(Body::from("{}")).unwrap()).await;
        match path.as_str() {
            "/api/openapi.json" | "/api/session/providers" => assert_eq!(answer.status, StatusCode::OK),
            "/api/session" if method == "POST" => _ = answer.refused(422, "field.missing"),
            "/api/session/passkey" | "/api/session/provider" => _ = answer.refused(422, "field.missing"),
            "/api/session/passkey/asked" => _ = answer.refused(409, "passkey.no_domain"),
            "/api/session" if method == "DELETE" => assert_eq!(answer.status, StatusCode::NO_CONTENT),
            _ => _ = answer.refused(401, "session.none"),
        }
    }
}

#[tokio::test]
async fn a_session_begins_with_the_right_password_and_ends() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Duty, bench.centre).await;
    let session = client.get("/api/session").await.ok();
    assert_eq!(session["account"]["roles"], json!(["duty"]));
    assert_eq!(session["office"]["code"], "centre");
    assert_eq!(session["node"]["time_zone"], "Asia/Shanghai");
    assert!(session["may"].as_array().unwrap().contains(&json!("case.move")));

    let wrong = json!({"name": format!("duty{}", bench.centre), "password": "not this one"});
    client
        .post("/api/session", &wrong)
        .await
        .refused(401, "session.wrong");
    let nobody = json!({"name": "nobody", "password": PASSWORD});
    client
        .post("/api/session", &nobody)
        .await
        .refused(401, "session.wrong");

    let gone = client
        .send(Request::delete("/api/session").body(Body::empty()).unwrap())
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(
        gone.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    client.get("/api/session").await.refused(401, "session.none");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let config = anlan_web::WebConfig {
        secure_cookies: true,
        ..Default::default()
    };
    let bench = Bench::with(config);
    bench.sign_in(Role::Duty, bench.centre).await;
    let body = json!({"name": format!("duty{}", bench.centre), "password": PASSWORD});
    let answer = bench.client().post("/api/session", &body).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Clerk, bench.centre).await;
    let body = json!({"channel": "hotline", "description": "x"}).to_string();
    let send = |name: &'static str, value: &'static str| {
        let request = Request::post("/api/reports").header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::HOST, "desk.example").header(name, value);
        client.send(request.body(Body::from(body.clone())).unwrap())
    };
    send("sec-fetch-site", "cross-site").await.refused(403, "csrf");
    send("sec-fetch-site", "same-site").await.refused(403, "csrf");
    send("origin", "http://evil.example").await.refused(403, "csrf");
    assert_eq!(
        send("origin", "http://desk.example").await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn roles_decide_and_other_offices_cases_do_not_exist() {
    let bench = Bench::new();
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let (flood, _) = clerk.report("m01001", "water on the road").await;
    let water = bench.sign_in(Role::Officer, bench.water).await;
    let roads = bench.sign_in(Role::Officer, bench.roads).await;
    let auditor = bench.sign_in(Role::Auditor, bench.centre).await;

    assert_eq!(
        clerk.get(&format!("/api/cases/{flood}")).await.ok()["office"],
        bench.water.0
    );
    water.get(&format!("/api/cases/{flood}")).await.ok();
    roads
        .get(&format!("/api/cases/{flood}"))
        .await
        .refused(404, "missing");
    roads.get("/api/cases/999999").await.refused(404, "missing");
    roads
        .get(&format!("/api/cases/{flood}/contact?purpose=case"))
        .await
        .refused(404, "missing");
    roads
        .json(
            "POST",
            &format!("/api/cases/{flood}/notes"),
            None,
            &json!({"note": "x"}),
        )
        .await
        .refused(404, "missing");
    assert_eq!(roads.get("/api/cases").await.ok()["total"], 0);
    assert_eq!(water.get("/api/cases").await.ok()["total"], 1);

    auditor.get("/api/cases").await.refused(403, "no_right");
    auditor
        .get(&format!("/api/cases/{flood}"))
        .await
        .refused(403, "no_right");
    water.get("/api/rules").await.refused(403, "no_right");
    water.get("/api/imports").await.refused(403, "no_right");
    clerk
        .json(
            "PATCH",
            &format!("/api/cases/{flood}"),
            Some(1),
            &json!({"priority": "P1"}),
        )
        .await
        .refused(403, "no_right");
    let start = json!({"upload": "x", "mapping": "boston-2011", "datum": "wgs84"});
    clerk.post("/api/imports", &start).await.refused(403, "no_right");
}
