//! The description of the API: committed as a snapshot, and true.

use crate::bench::Bench;
use axum::body::Body;
use axum::http::{Request, StatusCode};

#[test]
fn the_description_is_the_one_agreed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/anlan.json");
    let agreed = std::fs::read_to_string(path).unwrap();
    let now = anlan_web::openapi().to_pretty_json().unwrap();
    let differs = (agreed.lines().zip(now.lines()).enumerate()).find(|(_, (one, other))| one != other);
    assert!(
        agreed.trim_end() == now.trim_end(),
        "the API is not the one in openapi/anlan.json; if it should change, run `cargo xtask gen`: {differs:?}"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_summary() {
    let api = serde_json::to_value(anlan_web::openapi()).unwrap();
    assert_eq!(api["openapi"], "3.1.0");
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(
                names.insert(name.to_owned()),
                "{method} {path}: {name} comes twice"
            );
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}"
            );
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
    let text = api.to_string();
    assert!(
        !text.contains("\"null\""),
        "absent values are left out, never null"
    );
    for reference in text
        .split("#/components/schemas/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(
            api["components"]["schemas"][reference].is_object(),
            "{reference} is cited but not described"
        );
    }
}

#[tokio::test]
async fn every_described_operation_is_there() {
    let bench = Bench::new();
    let api = serde_json::to_value(anlan_web::openapi()).unwrap();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{id}", "1").replace("{upload}", "x");
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&path)
                .body(Body::empty())
                .unwrap();
            let status = bench.client().send(request).await.status;
            assert!(
                !matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED),
                "{method} {path}: {status}"
            );
        }
    }
}
