//! Cases over HTTP: reports become cases, moves need their version, filters are exact, bad bodies are told where.

use crate::bench::{Bench, Client};
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

async fn desk(bench: &Bench) -> Client {
    bench.sign_in(Role::Duty, bench.centre).await
}

#[tokio::test]
async fn a_report_becomes_a_case_with_its_route_explained() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let (id, code) = desk.report("m01001", "Water over the curb\nsince morning").await;
    let case = desk.get(&format!("/api/cases/{id}")).await.ok();
    assert_eq!(case["office"], bench.water.0);
    assert_eq!(case["route"]["rule"], "water");
    assert!(case["route"]["explain_en"].as_str().unwrap().contains("water"));
    assert_eq!(case["place"]["datum"], "wgs84");
    assert_eq!(case["certainty"], "sure");
    assert_eq!(
        case["report_list"][0]["description"],
        "Water over the curb\nsince morning"
    );
    assert_eq!(case["timeline"][0]["kind"], "case_opened");
    assert!(
        case["moves"]
            .as_array()
            .unwrap()
            .iter()
            .any(|offer| offer["code"] == "accept")
    );
    assert_eq!(code.len(), 20);
    let by_number = desk
        .get(&format!("/api/cases/{}", case["number"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(by_number["id"], id);
    let nothing_null = serde_json::to_string(&case).unwrap();
    let body = case["timeline"][0]["body"].to_string();
    assert!(
        !nothing_null.replace(&body, "").contains("null"),
        "{nothing_null}"
    );
}

#[tokio::test]
async fn the_same_key_makes_one_report() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let body = json!({"channel": "office", "description": "a lamp is out", "idempotency_key": "abc-1"});
    let first = desk.post("/api/reports", &body).await.ok();
    let second = desk.post("/api/reports", &body).await.ok();
    assert_eq!(first["case"], second["case"]);
    assert_eq!(first["tracking_code"], second["tracking_code"]);
    let other = bench.sign_in(Role::Clerk, bench.centre).await;
    let third = other.post("/api/reports", &body).await.ok();
    assert_ne!(
        first["case"], third["case"],
        "another sender's key is another report"
    );
}

#[tokio::test]
async fn of_two_moves_one_wins_and_the_other_is_told() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let (id, _) = desk.report("m01001", "water").await;
    let path = format!("/api/cases/{id}/moves");
    let accept = json!({"move": "accept"});
    desk.json("POST", &path, None, &accept)
        .await
        .refused(428, "precondition.missing");
    let (one, two) = tokio::join!(
        desk.json("POST", &path, Some(1), &accept),
        desk.json("POST", &path, Some(1), &accept)
    );
    let (won, lost) = if one.status == StatusCode::OK {
        (one, two)
    } else {
        (two, one)
    };
    assert_eq!(won.headers[header::ETAG], "\"v2\"");
    let told = lost.refused(409, "case.moved_meanwhile");
    assert!(told["detail"].as_str().unwrap().contains("Duty Li"), "{told}");
    assert_eq!(desk.get(&format!("/api/cases/{id}")).await.ok()["version"], 2);
}

#[tokio::test]
async fn a_move_that_lacks_something_names_it_in_the_callers_language() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let (id, _) = desk.report("m01001", "water").await;
    let path = format!("/api/cases/{id}/moves");
    let refusal = desk.json("POST", &path, Some(1), &json!({"move": "void"})).await;
    assert_eq!(refusal.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refusal.json()["fields"][0]["field"],
        "reason",
        "{}",
        refusal.text()
    );
    let request = Request::post(&path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, "\"v1\"");
    let request = request
        .header(header::ACCEPT_LANGUAGE, "zh-CN")
        .body(Body::from(r#"{"move":"void"}"#))
        .unwrap();
    let refusal = desk.send(request).await;
    let problem = refusal.json();
    for text in [
        &problem["title"],
        &problem["detail"],
        &problem["fields"][0]["message"],
    ] {
        assert!(
            text.as_str().unwrap().chars().any(|c| c > '\u{4e00}'),
            "{problem}"
        );
    }
    desk.json("POST", &path, Some(1), &json!({"move": "fly"})).await;
    let wrong = desk
        .json("POST", &path, Some(1), &json!({"move": "finish", "note": "done"}))
        .await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN, "{}", wrong.text());
}

#[tokio::test]
async fn many_move_at_once_each_on_its_own() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let (one, _) = desk.report("m01001", "one").await;
    let (two, _) = desk.report("m01001", "two").await;
    let body = json!({"move": "accept", "cases": [{"id": one, "version": 1}, {"id": two, "version": 9}, {"id": 777, "version": 1}]});
    let moved = desk.post("/api/moves", &body).await.ok();
    assert_eq!(moved["done"], json!([one]));
    assert_eq!(moved["refused"][0]["code"], "case.moved_meanwhile");
    assert_eq!(moved["refused"][1]["code"], "missing");
}

#[tokio::test]
async fn corrections_remarks_merging_and_splitting() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let (one, _) = desk.report("m01001", "water").await;
    let (two, _) = desk.report("m01001", "more water").await;
    let edited = desk
        .json(
            "PATCH",
            &format!("/api/cases/{one}"),
            Some(1),
            &json!({"class": "m01002"}),
        )
        .await
        .ok();
    assert_eq!(edited["office"], bench.roads.0);
    let version = u32::try_from(edited["version"].as_u64().unwrap()).unwrap();
    let half = json!({"datum": "gcj02"});
    desk.json("PATCH", &format!("/api/cases/{one}"), Some(version), &half)
        .await
        .refused(422, "field.missing");
    let unknown = json!({"class": "m99999"});
    desk.json("PATCH", &format!("/api/cases/{one}"), Some(version), &unknown)
        .await
        .refused(422, "class.unknown");
    let noted = desk
        .json(
            "POST",
            &format!("/api/cases/{one}/notes"),
            None,
            &json!({"note": "<b>看</b> 🌊"}),
        )
        .await
        .ok();
    assert_eq!(
        noted["timeline"].as_array().unwrap().last().unwrap()["note"],
        "<b>看</b> 🌊"
    );

    let likely = desk.get(&format!("/api/cases/{two}/duplicates")).await.ok();
    assert_eq!(likely[0]["id"], one, "{likely}");
    let merged = desk
        .post(&format!("/api/cases/{two}/merge"), &json!({"into": one}))
        .await
        .ok();
    assert_eq!((&merged["id"], &merged["reports"]), (&json!(one), &json!(2)));
    assert_eq!(
        desk.get(&format!("/api/cases/{two}")).await.ok()["merged_into"],
        one
    );
    let report = merged["report_list"][1]["id"].clone();
    let split = desk
        .post(&format!("/api/cases/{one}/split"), &json!({"reports": [report]}))
        .await
        .ok();
    assert_eq!(
        (&split["split_from"], &split["reports"]),
        (&json!(one), &json!(1))
    );
}

#[tokio::test]
async fn contact_data_is_shown_for_a_stated_purpose_only() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let body =
        json!({"channel": "hotline", "description": "x", "contact": {"name": "王", "phone": "13800138000"}});
    let id = desk.post("/api/reports", &body).await.ok()["case"]
        .as_i64()
        .unwrap();
    desk.get(&format!("/api/cases/{id}/contact"))
        .await
        .refused(422, "purpose.missing");
    let contact = desk
        .get(&format!("/api/cases/{id}/contact?purpose=case"))
        .await
        .ok();
    assert_eq!(contact, json!({"name": "王", "phone": "13800138000"}));
    assert!(
        !desk
            .get(&format!("/api/cases/{id}"))
            .await
            .text()
            .contains("13800138000")
    );
}

#[tokio::test]
async fn pages_follow_each_other_and_filters_are_exact() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    for n in 0..5 {
        desk.report(if n == 0 { "m01002" } else { "m01001" }, &format!("report {n}"))
            .await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/cases?sort=-opened&limit=2".to_owned();
    loop {
        let page = desk.get(&path).await.ok();
        assert_eq!(page["total"], 5);
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|case| case["id"].as_i64().unwrap()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/cases?sort=-opened&limit=2&cursor={next}");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    assert_eq!(desk.get("/api/cases?class=m01002").await.ok()["total"], 1);
    assert_eq!(desk.get("/api/cases?phase=closed").await.ok()["total"], 0);
    assert_eq!(
        desk.get(&format!("/api/cases?office={}&priority=P2", bench.water))
            .await
            .ok()["total"],
        4
    );
    assert_eq!(desk.get("/api/cases?bbox=105,29,106,30").await.ok()["total"], 5);
    assert_eq!(desk.get("/api/cases?bbox=0,0,1,1").await.ok()["total"], 0);
    let counts = desk.get("/api/counts?phase=open").await.ok();
    assert_eq!(
        (
            &counts["total"],
            &counts["by_class"]["m01001"],
            &counts["by_priority"]["P2"]
        ),
        (&json!(5), &json!(4), &json!(5))
    );
    let map = desk.get("/api/map?zoom=8.7&bbox=100,20,110,35").await.ok();
    assert_eq!(map["total"], 5);
    assert_eq!(map["clusters"][0]["count"], 5);
    assert_eq!(desk.get("/api/map/heat").await.ok()["cells"][0]["count"], 5);
}

#[tokio::test]
async fn bad_filters_and_cursors_are_named() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    for (query, code, field) in [
        ("colour=red", "filter.unknown", "colour"),
        ("state=a&state=b", "filter.repeated", "state"),
        ("phase=ajar", "filter.value", "phase"),
        ("limit=0", "filter.value", "limit"),
        ("limit=5000", "filter.value", "limit"),
        ("sort=colour", "filter.value", "sort"),
        ("cursor=%00%FF", "cursor.unreadable", "cursor"),
        ("cursor=AAAA", "cursor.unreadable", "cursor"),
        ("opened_from=yesterday", "filter.value", "opened_from"),
    ] {
        let problem = desk.get(&format!("/api/cases?{query}")).await.refused(422, code);
        assert_eq!(problem["fields"][0]["field"], field, "{query}");
    }
    desk.get("/api/map?zoom=99").await.refused(422, "filter.value");
}

#[tokio::test]
async fn bad_bodies_are_told_where_and_never_500() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let send = |kind: &'static str, body: Vec<u8>| {
        desk.send(
            Request::post("/api/reports")
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))
                .unwrap(),
        )
    };
    send("application/json", b"{".to_vec())
        .await
        .refused(400, "json.malformed");
    send("application/json", vec![0xff, 0xfe])
        .await
        .refused(400, "json.malformed");
    send("text/plain", b"{}".to_vec())
        .await
        .refused(415, "content_type.unknown");
    send("application/json", vec![b' '; 1024 * 1024 + 1])
        .await
        .refused(413, "too_large");
}

#[tokio::test]
async fn a_report_that_cannot_be_taken_names_the_field() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    let fields = [
        (json!({}), "field.missing", "channel"),
        (json!({"channel": "pigeon"}), "value.unknown", "channel"),
        (
            json!({"channel": "web", "description": "x"}),
            "channel.not_yours",
            "channel",
        ),
        (
            json!({"channel": "hotline", "point": [1]}),
            "value.wrong_type",
            "point",
        ),
        (
            json!({"channel": "hotline", "colour": 1}),
            "field.unknown",
            "colour",
        ),
        (json!({"channel": "hotline"}), "report.invalid", "description"),
        (
            json!({"channel": "hotline", "description": "a\u{0}b"}),
            "report.invalid",
            "description",
        ),
        (
            json!({"channel": "hotline", "description": "x".repeat(4001)}),
            "report.invalid",
            "description",
        ),
        (
            json!({"channel": "hotline", "description": "x", "class": "nope"}),
            "report.invalid",
            "class",
        ),
        (
            json!({"channel": "hotline", "description": "x", "idempotency_key": "k".repeat(200)}),
            "key.unusable",
            "idempotency_key",
        ),
    ];
    for (body, code, field) in fields {
        let problem = desk.post("/api/reports", &body).await.refused(422, code);
        let named = problem["fields"][0]["field"].as_str().unwrap();
        assert!(named.starts_with(field), "{body}: {problem}");
    }
}

#[tokio::test]
async fn odd_points_and_odd_words_are_answered() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    for point in [json!([500.0, 29.5]), json!([29.5, 105.5]), json!([0.0, 0.0])] {
        let answer = desk
            .post(
                "/api/reports",
                &json!({"channel": "hotline", "description": "x", "point": point}),
            )
            .await;
        assert!(answer.status.as_u16() < 500, "{point}: {}", answer.text());
    }
    let html = json!({"channel": "hotline", "description": "<script>alert(1)</script> 🌊 \u{202e}"});
    let id = desk.post("/api/reports", &html).await.ok()["case"].clone();
    let case: Value = desk.get(&format!("/api/cases/{id}")).await.ok();
    assert_eq!(case["description"], "<script>alert(1)</script> 🌊 \u{202e}");
}

#[tokio::test]
async fn reference_data_is_answered_by_tag() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    for path in [
        "/api/classes",
        "/api/offices",
        "/api/procedure",
        "/api/cells",
        "/api/cells.geojson",
        "/api/accounts",
    ] {
        let first = desk.get(path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        let etag = first.headers[header::ETAG].clone();
        let again = desk
            .send(
                Request::get(path)
                    .header(header::IF_NONE_MATCH, etag)
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0),
            "{path}"
        );
    }
    let cells = desk.get("/api/cells.geojson").await.ok();
    assert_eq!(cells["features"][0]["properties"]["code"], "990101001000001");
    assert_eq!(cells["features"][0]["geometry"]["type"], "Polygon");
    assert_eq!(
        desk.get("/api/accounts").await.ok()[0].as_object().unwrap().len(),
        2
    );
    let procedure = desk.get("/api/procedure").await.ok();
    assert!(
        procedure["reasons"]["closing"]
            .as_array()
            .unwrap()
            .iter()
            .any(|reason| reason["code"] == "fixed")
    );
}

#[tokio::test]
async fn rules_are_read_tried_and_published() {
    let bench = Bench::new();
    let desk = desk(&bench).await;
    desk.report("m01001", "water").await;
    let steward = bench.sign_in(Role::Steward, bench.centre).await;
    let mut rules = steward.get("/api/rules").await.ok();
    assert_eq!(rules["rules"][0]["name"], "water");
    rules["rules"][0]["office"] = json!("roads");
    let tried = steward.post("/api/rules/try", &rules).await.ok();
    assert_eq!((&tried["tried"], &tried["changed"]), (&json!(1), &json!(1)));
    assert_eq!(tried["samples"][0]["new_office"], bench.roads.0);
    let published = steward.json("PUT", "/api/rules", None, &rules).await.ok();
    assert_eq!(published["version"], 2);
    steward
        .json("PUT", "/api/rules", None, &rules)
        .await
        .refused(409, "rules.moved_meanwhile");
    desk.json("PUT", "/api/rules", None, &rules)
        .await
        .refused(403, "no_right");
    rules["version"] = json!(2);
    rules["rules"][0]["office"] = json!("moon");
    let refusal = steward.json("PUT", "/api/rules", None, &rules).await;
    assert_eq!(
        refusal.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refusal.text()
    );
}
