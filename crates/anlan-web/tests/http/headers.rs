//! What every kind of answer carries.

use crate::bench::Bench;
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn every_kind_of_answer_is_hardened() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Duty, bench.centre).await;
    let paths = [
        "/",
        "/cases/1",
        "/missing.js",
        "/report",
        "/track",
        "/t/00000000000000000000",
        "/public.css",
        "/public.js",
        "/healthz",
        "/api/openapi.json",
        "/api/classes",
        "/api/cases",
        "/api/nothing",
        "/api",
    ];
    for path in paths {
        let answer = client.get(path).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with(
                "default-src 'none'; img-src 'self' data: blob:; worker-src 'self'; style-src 'self';"
            ),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(
            answer.headers[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff",
            "{path}"
        );
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert_eq!(
            answer.headers["cross-origin-opener-policy"], "same-origin",
            "{path}"
        );
        assert!(answer.headers.contains_key("permissions-policy"), "{path}");
        assert!(answer.headers.contains_key(header::CACHE_CONTROL), "{path}");
    }
    for path in ["/api/cases", "/t/00000000000000000000", "/report", "/api/session"] {
        assert_eq!(
            client.get(path).await.headers[header::CACHE_CONTROL],
            "no-store",
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_under_api_answers_in_html() {
    let bench = Bench::new();
    let client = bench.client();
    client.get("/api/nothing").await.refused(404, "missing");
    client.get("/api/").await.refused(404, "missing");
    let wrong = client
        .send(Request::put("/api/classes").body(Body::empty()).unwrap())
        .await;
    wrong.refused(405, "method.unknown");
    assert_eq!(wrong.headers[header::ALLOW], "GET,HEAD");
    let put = client
        .send(Request::put("/somewhere").body(Body::empty()).unwrap())
        .await;
    assert_eq!(put.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_ui_is_served_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    std::fs::write(
        folder.path().join("index.html"),
        "<!doctype html><title>Anlan</title>",
    )
    .unwrap();
    std::fs::write(folder.path().join("assets/app-1a2b.js"), "export {}").unwrap();
    std::fs::write(folder.path().join("assets/app-1a2b.js.br"), "brotli").unwrap();
    let config = anlan_web::WebConfig {
        ui_dir: Some(folder.path().to_owned()),
        ..Default::default()
    };
    let bench = Bench::with(config);
    let client = bench.client();
    for path in ["/", "/desk", "/cases/AL26-000123", "/imports/3/quarantine"] {
        let answer = client.get(path).await;
        assert!(answer.text().contains("<title>Anlan"), "{path}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache");
    }
    let script = client.get("/assets/app-1a2b.js").await;
    assert_eq!(
        (script.text().as_str(), &script.headers[header::CONTENT_TYPE]),
        ("export {}", &"text/javascript; charset=utf-8".parse().unwrap())
    );
    assert_eq!(
        script.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    let request = Request::get("/assets/app-1a2b.js")
        .header(header::ACCEPT_ENCODING, "br")
        .body(Body::empty())
        .unwrap();
    let small = client.send(request).await;
    assert_eq!(
        (small.text().as_str(), &small.headers[header::CONTENT_ENCODING]),
        ("brotli", &"br".parse().unwrap())
    );
    let etag = client.get("/").await.headers[header::ETAG].clone();
    let again = client
        .send(
            Request::get("/")
                .header(header::IF_NONE_MATCH, etag)
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    for path in ["/assets/none.js", "/../Cargo.toml", "/assets/../../x.js", "/.env"] {
        assert_eq!(client.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn large_json_is_compressed_for_those_who_ask() {
    let bench = Bench::new();
    let client = bench.client();
    let request = Request::get("/api/openapi.json")
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(Body::empty())
        .unwrap();
    let answer = client.send(request).await;
    assert_eq!(answer.headers[header::CONTENT_ENCODING], "br");
    assert!(answer.body.len() < client.get("/api/openapi.json").await.body.len() / 4);
}
