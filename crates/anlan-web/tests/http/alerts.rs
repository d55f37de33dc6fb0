//! Alerts over HTTP: handing in, the same twice, updates and cancellations in any order, who may do what, and what is refused.

use crate::bench::{Answer, Bench, Client};
use crate::things::{self, Lies};
use anlan_app::Caller;
use anlan_app::alerts::receive;
use anlan_intake::cap;
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

/// A message of a weather office, with some of its elements put differently.
pub(crate) fn document(identifier: &str, changes: &[(&str, &str)]) -> String {
    let mut text = format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier>\
         <sender>weather.example</sender><sent>2026-05-20T08:00:00+08:00</sent><status>Actual</status>\
         <msgType>Alert</msgType><scope>Public</scope><info><language>zh-CN</language><category>Met</category>\
         <event>暴雨</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>\
         <expires>2099-01-01T00:00:00+08:00</expires><senderName>示例气象台</senderName><headline>暴雨红色警报</headline>\
         <area><areaDesc>城区</areaDesc><polygon>29.35,105.35 29.35,105.65 29.65,105.65 29.65,105.35 29.35,105.35</polygon></area></info>\
         <info><language>en</language><category>Met</category><event>Rainstorm</event><urgency>Expected</urgency>\
         <severity>Severe</severity><certainty>Likely</certainty><expires>2099-01-01T00:00:00+08:00</expires>\
         <headline>Red rainstorm alert</headline><area><areaDesc>Town</areaDesc><circle>29.5,105.5 10</circle></area></info></alert>"
    );
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// Takes one in that is told apart from all others.
pub(crate) fn raise(bench: &Bench) -> i64 {
    let identifier = format!("w-{}", things::number());
    let text = document(&identifier, &[]);
    let arrived = cap::arrived("weather", text.into_bytes(), &[]).unwrap();
    receive(&bench.app, &Caller::system(), arrived)
        .unwrap()
        .alert
        .id
        .0
}

pub(crate) async fn send(client: &Client, text: &str) -> Answer {
    let request = Request::post("/api/alerts").header("content-type", "application/cap+xml");
    client
        .send(request.body(Body::from(text.to_owned())).unwrap())
        .await
}

async fn sent(client: &Client, text: &str) -> Value {
    let told = send(client, text).await;
    assert_eq!(told.status.as_u16(), 201, "{}", told.text());
    told.json()
}

async fn decide(client: &Client, id: i64, version: u32, body: Value) -> Answer {
    let path = format!("/api/alerts/{id}/moves");
    client.json("POST", &path, Some(version), &body).await
}

fn naming(identifier: &str) -> String {
    format!("<references>weather.example,{identifier},2026-05-20T08:00:00+08:00</references><info>")
}

#[tokio::test]
async fn a_message_is_kept_once_as_it_came_and_shown_in_the_readers_language() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let text = document("1", &[]);
    let first = send(&duty, &text).await;
    assert_eq!(first.status.as_u16(), 201, "{}", first.text());
    let again = send(&duty, &text).await;
    assert_eq!(again.status.as_u16(), 200);
    let (first, again) = (first.json(), again.json());
    assert_eq!((&first["id"], &again["known"]), (&again["id"], &json!(true)));
    assert_eq!(
        (&first["seal"]["is"], &first["faults"]),
        (&json!("unsigned"), &json!([]))
    );

    let id = first["id"].as_i64().unwrap();
    let kept = duty.get(&format!("/api/alerts/{id}/document")).await;
    assert_eq!(kept.text(), text);
    let page = duty.get("/api/alerts?current=true").await.ok();
    let line = &page["items"][0];
    assert_eq!((&line["event"], &line["holds"]), (&json!("暴雨"), &json!(true)));
    assert_eq!(line["areas"], json!(["城区"]));
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let detail = duty.get(&format!("/api/alerts/{id}")).await.ok();
    assert_eq!(
        detail["infos"][1]["areas"][0]["circles"][0]["middle"],
        json!([105.5, 29.5])
    );
    assert_eq!(
        detail["infos"][0]["areas"][0]["polygons"][0][0],
        json!([105.35, 29.35])
    );
}

#[tokio::test]
async fn its_sender_ends_an_alert_whichever_comes_first_and_nobody_else_does() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let one = sent(&duty, &document("1", &[])).await["id"].as_i64().unwrap();
    let update = [("Alert</msgType>", "Update</msgType>"), ("<info>", &naming("1"))];

    let stranger = [
        update[0],
        update[1],
        ("weather.example</sender>", "somebody.example</sender>"),
    ];
    let taken = sent(&duty, &document("2", &stranger)).await;
    assert_eq!(taken["ended"], json!([]));
    let mut earlier = update.to_vec();
    earlier.push(("08:00:00+08:00</sent>", "07:59:59+08:00</sent>"));
    let taken = sent(&duty, &document("3", &earlier)).await;
    assert_eq!(taken["ended"], json!([]), "nothing ends what came after it");
    let taken = sent(&duty, &document("4", &update)).await;
    assert_eq!(taken["ended"], json!([one]));
    let ended = duty.get(&format!("/api/alerts/{one}")).await.ok();
    assert_eq!(
        (&ended["state"], &ended["holds"]),
        (&json!("replaced"), &json!(false))
    );
    assert_eq!(ended["ended_by"], taken["id"]);

    // The cancellation comes before what it calls off.
    let cancel = [
        ("Alert</msgType>", "Cancel</msgType>"),
        ("<info>", &naming("late")),
    ];
    sent(&duty, &document("5", &cancel)).await;
    let late = sent(&duty, &document("late", &[])).await["id"].as_i64().unwrap();
    let late = duty.get(&format!("/api/alerts/{late}")).await.ok();
    assert_eq!(
        (&late["state"], &late["holds"]),
        (&json!("cancelled"), &json!(false))
    );
    let current = duty.get("/api/alerts?current=true").await.ok();
    let shown: Vec<&Value> = current["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"]["identifier"])
        .collect();
    assert_eq!(shown, ["4", "3", "2"]);
}

#[tokio::test]
async fn exercises_are_kept_and_do_not_hold() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let taken = sent(&duty, &document("1", &[("Actual", "Exercise")])).await;
    let id = taken["id"].as_i64().unwrap();
    assert_eq!(
        duty.get(&format!("/api/alerts/{id}")).await.ok()["holds"],
        json!(false)
    );
    assert_eq!(
        duty.get("/api/alerts?current=true").await.ok()["items"],
        json!([])
    );
    assert_eq!(
        duty.get("/api/alerts").await.ok()["items"][0]["status"],
        json!("Exercise")
    );
}

#[tokio::test]
async fn what_is_no_message_is_refused_with_every_fault_and_nothing_is_kept() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let two = [("Actual", "Real"), ("Expected", "Soon")];
    let told = send(&duty, &document("1", &two)).await;
    assert_eq!(told.status.as_u16(), 422);
    let fields = told.json()["fields"].as_array().unwrap().clone();
    let named: Vec<&str> = fields.iter().filter_map(|one| one["field"].as_str()).collect();
    assert!(named.iter().any(|one| one.ends_with("alert/status")), "{named:?}");
    assert!(
        named.iter().any(|one| one.ends_with("info[1]/urgency")),
        "{named:?}"
    );
    for hostile in [
        "",
        "no xml",
        "<alert/>",
        "<!DOCTYPE alert [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><alert>&a;</alert>",
    ] {
        let told = send(&duty, hostile).await;
        assert_eq!(told.status.as_u16(), 422, "{hostile}");
        told.code();
    }
    assert_eq!(duty.get("/api/alerts").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn each_role_reads_hands_in_and_decides_as_the_rights_say() {
    let bench = Bench::new();
    let id = raise(&bench);
    let roles = [
        (Role::Clerk, [true, true, false]),
        (Role::Worker, [true, false, false]),
        (Role::Duty, [true, true, true]),
        (Role::Officer, [true, false, false]),
        (Role::Supervisor, [true, false, true]),
        (Role::Commander, [true, true, true]),
        (Role::Auditor, [false, false, false]),
    ];
    for (role, [reads, hands_in, decides]) in roles {
        let client = bench.sign_in(role, bench.centre).await;
        for path in [
            "/api/alerts".to_owned(),
            format!("/api/alerts/{id}"),
            "/api/alert-feeds".into(),
        ] {
            let status = client.get(&path).await.status.as_u16();
            assert_eq!(status, [403, 200][usize::from(reads)], "{role:?} {path}");
        }
        // Whoever may not hand one in is not told what is wrong with it.
        let status = send(&client, "no xml").await.status.as_u16();
        assert_eq!(status, [403, 422][usize::from(hands_in)], "{role:?}");
        let status = decide(&client, 999, 1, json!({"move": "look"}))
            .await
            .status
            .as_u16();
        assert_eq!(status, [403, 404][usize::from(decides)], "{role:?}");
    }
}

#[tokio::test]
async fn a_duty_officer_looks_watches_and_links_and_takes_it_back() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let id = raise(&bench);
    let case = things::case(&bench, Lies::Here);
    let around = duty.get(&format!("/api/alerts/{id}/cases")).await.ok();
    let found: Vec<i64> = around["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["id"].as_i64())
        .collect();
    assert!(found.contains(&case.id.0), "{around}");

    let mut version = 1;
    for (body, shown, wanted) in [
        (json!({"move": "look"}), "state", json!("seen")),
        (
            json!({"move": "link", "case": case.number()}),
            "cases",
            json!([case.id.0]),
        ),
        (
            json!({"move": "unlink", "case": case.id.to_string()}),
            "cases",
            json!([]),
        ),
    ] {
        let after = decide(&duty, id, version, body.clone()).await.ok();
        assert_eq!(after[shown], wanted, "{body}");
        version += 1;
    }
    assert!(decide(&duty, id, version, json!({"move": "watch"})).await.ok()["watched_from"].is_string());
    let stale = decide(&duty, id, version, json!({"move": "unwatch"})).await;
    assert_eq!(
        (stale.status.as_u16(), stale.code().as_str()),
        (409, "alert.changed_meanwhile")
    );
    assert!(
        decide(&duty, id, version + 1, json!({"move": "unwatch"}))
            .await
            .ok()["watched_from"]
            .is_null()
    );
    let twice = decide(&duty, id, version + 2, json!({"move": "look"})).await;
    assert_eq!(
        (twice.status.as_u16(), twice.code().as_str()),
        (403, "alert.no_such_step")
    );
    let unknown = decide(
        &duty,
        id,
        version + 2,
        json!({"move": "link", "case": "AL26-999999"}),
    )
    .await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.code().as_str()),
        (422, "alert.case_unknown")
    );
    let events = duty.get(&format!("/api/alerts/{id}")).await.ok()["events"].clone();
    let kinds: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        ["received", "seen", "linked", "unlinked", "watched", "unwatched"]
    );
}
