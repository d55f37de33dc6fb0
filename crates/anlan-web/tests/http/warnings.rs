//! Warnings over HTTP: who may read and decide, what a state does not allow, two people at once, bad bodies, and what is logged.

use crate::bench::{Bench, Client, NOW};
use anlan_model::accounts::Role;
use anlan_model::events::Stamp;
use anlan_model::ids::WarningId;
use anlan_model::warnings::{Finding, GroupName, Method, WarningEvent};
use anlan_store::accesses::{self, AccessFilter};
use axum::http::header;
use serde_json::{Value, json};

/// Raises a warning as the watch does, of floods in the only cell today.
pub(crate) fn raise(bench: &Bench) -> i64 {
    let to: jiff::Timestamp = NOW.parse().unwrap();
    let cells = bench.app.node().cells.keys().copied().collect();
    let finding = Finding {
        method: Method::SpaceTime,
        cells,
        from: to - jiff::SignedDuration::from_hours(10),
        to,
        observed: 9,
        expected: 1.5,
        statistic: 9.1,
        recurrence_days: 4000.0,
        classes: vec![("m01002".into(), 9)],
    };
    let event = WarningEvent::Raised {
        group: GroupName("flooding".into()),
        finding: Box::new(finding),
    };
    record(bench, None, event, None)
}

/// Records an event of the watch, or of somebody.
fn record(
    bench: &Bench,
    id: Option<i64>,
    event: WarningEvent,
    by: Option<anlan_model::ids::AccountId>,
) -> i64 {
    let stamp = Stamp {
        at: NOW.parse().unwrap(),
        by,
        post: None,
    };
    let warning = bench.app.store.write(move |tx| match id {
        None => anlan_store::warnings::raise(tx, &event, &stamp),
        Some(id) => {
            let warning = anlan_store::warnings::get(tx, WarningId(id))?;
            anlan_store::warnings::record(tx, &warning, &event, &stamp)
        }
    });
    warning.map_err(|error: anlan_store::Error| error).unwrap().id.0
}

/// What was logged of warnings: action, thing, number of records, the oldest first.
fn logged(bench: &Bench, resource: &str) -> Vec<(String, String, bool, u32)> {
    let filter = AccessFilter {
        resource: Some(resource.into()),
        ..AccessFilter::default()
    };
    let page = bench
        .app
        .store
        .read(|tx| accesses::list(tx, &filter, None, 100))
        .map_err(|error: anlan_store::Error| error)
        .unwrap();
    let entry = |access: anlan_model::accesses::Access| {
        assert!(access.actor.is_some(), "{access:?}");
        (access.action, access.resource_id, access.allowed, access.count)
    };
    page.items.into_iter().rev().map(entry).collect()
}

/// That the form of what was asked is at fault, and a problem says so.
fn is_refused(told: &crate::bench::Answer, asked: &str) {
    assert!(
        [400, 422].contains(&told.status.as_u16()),
        "{asked}: {}",
        told.text()
    );
    told.code();
}

async fn decide(client: &Client, id: i64, version: u32, body: Value) -> crate::bench::Answer {
    let path = format!("/api/warnings/{id}/moves");
    client.json("POST", &path, Some(version), &body).await
}

#[tokio::test]
async fn each_role_reads_decides_and_sets_the_budget_as_the_rights_say() {
    let bench = Bench::new();
    let id = raise(&bench);
    let budget = json!({"false_alarms_per_month": 2.0});
    let roles = [
        (Role::Clerk, [true, false, false]),
        (Role::Worker, [false, false, false]),
        (Role::Duty, [true, true, false]),
        (Role::Officer, [false, false, false]),
        (Role::Supervisor, [true, true, false]),
        (Role::Arbiter, [false, false, false]),
        (Role::Commander, [true, true, false]),
        (Role::Steward, [true, false, true]),
        (Role::Admin, [true, false, true]),
        (Role::Auditor, [false, false, false]),
    ];
    for (role, [reads, decides, tunes]) in roles {
        let client = bench.sign_in(role, bench.centre).await;
        for path in [
            "/api/warnings".to_owned(),
            format!("/api/warnings/{id}"),
            "/api/warning-budget".to_owned(),
            "/api/warning-budget/trial?false_alarms_per_month=3".to_owned(),
        ] {
            let status = client.get(&path).await.status.as_u16();
            let wanted = [403, 200][usize::from(reads)];
            assert_eq!(status, wanted, "{role:?} {path}");
        }
        // A step that no state has: refused for the state where the role may decide, for the role where it may not.
        let answer = decide(&client, 999, 1, json!({"move": "look"})).await;
        assert_eq!(
            answer.status.as_u16(),
            if decides { 404 } else { 403 },
            "{role:?}"
        );
        let answer = client.json("PUT", "/api/warning-budget", None, &budget).await;
        assert_eq!(answer.status.as_u16(), if tunes { 200 } else { 403 }, "{role:?}");
    }
    let nobody = bench.client();
    for path in ["/api/warnings", "/api/warning-budget"] {
        assert_eq!(nobody.get(path).await.status.as_u16(), 401, "{path}");
    }
    assert_eq!(
        decide(&nobody, id, 1, json!({"move": "look"}))
            .await
            .status
            .as_u16(),
        401
    );
    let kept = bench
        .app
        .store
        .read(|tx| anlan_store::warnings::get(tx, WarningId(id)))
        .map_err(|error: anlan_store::Error| error)
        .unwrap();
    assert_eq!(kept.version, 1, "nobody's refused step did anything");
}

#[tokio::test]
async fn a_warning_is_read_looked_at_linked_and_closed() {
    let bench = Bench::new();
    let id = raise(&bench);
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let list = duty
        .get("/api/warnings?state=raised,seen&group=flooding")
        .await
        .ok();
    assert_eq!(
        (list["items"][0]["id"].as_i64(), &list["waiting"]),
        (Some(id), &json!(1))
    );
    assert!(list.get("next").is_none());
    let none = duty.get("/api/warnings?state=closed").await.ok();
    assert_eq!(none["items"], json!([]));
    let read = duty.get(&format!("/api/warnings/{id}")).await;
    assert_eq!(read.headers[header::ETAG], "\"v1\"");
    let read = read.ok();
    assert_eq!(
        (&read["state"], &read["latest"]["observed"]),
        (&json!("raised"), &json!(9))
    );
    assert!(
        read["sentence"]["zh"].as_str().unwrap().contains('9')
            && read["sentence"]["en"].as_str().unwrap().contains("Cell one"),
        "{read}"
    );

    let seen = decide(&duty, id, 1, json!({"move": "look"})).await;
    assert_eq!(seen.headers[header::ETAG], "\"v2\"");
    assert_eq!(seen.ok()["state"], "seen");
    let (case, _) = duty.report("m01002", "the pump has failed").await;
    let linked = decide(&duty, id, 2, json!({"move": "link", "case": case.to_string()}))
        .await
        .ok();
    assert_eq!(
        (&linked["state"], &linked["cases"]),
        (&json!("linked"), &json!([case]))
    );
    let behind = duty.get(&format!("/api/warnings/{id}/cases")).await.ok();
    assert!(
        behind["total"].as_u64().is_some_and(|total| total <= 1),
        "{behind}"
    );
    let closed = decide(&duty, id, 3, json!({"move": "close", "note": "pump mended"}))
        .await
        .ok();
    assert_eq!(
        (&closed["state"], &closed["version"]),
        (&json!("closed"), &json!(4))
    );
    let steps = closed["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 4, "{closed}");

    is_logged(&bench, id);
}

/// Three decisions, and everything that was shown on the way.
fn is_logged(bench: &Bench, id: i64) {
    let written = logged(bench, "warning");
    let decided = ("warning.decide".to_owned(), id.to_string(), true, 1);
    assert_eq!(
        written.iter().filter(|entry| **entry == decided).count(),
        3,
        "{written:?}"
    );
    let looked = ("warning.read".to_owned(), id.to_string(), true, 1);
    // One reading, one with each decision's answer, one for the cases behind it.
    assert_eq!(
        written.iter().filter(|entry| **entry == looked).count(),
        5,
        "{written:?}"
    );
    let lists = logged(bench, "warnings");
    assert_eq!(lists[0], ("warning.read".into(), "list".into(), true, 1));
    assert_eq!(lists[1].3, 0, "an empty list is logged as one");
}

#[tokio::test]
async fn a_state_does_not_have_every_step() {
    let bench = Bench::new();
    let id = raise(&bench);
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let put_aside = json!({"move": "dismiss", "reason": "usual", "note": "every spring"});
    let aside = decide(&duty, id, 1, put_aside.clone()).await.ok();
    assert_eq!(
        (&aside["state"], &aside["dismissed_for"]),
        (&json!("dismissed"), &json!("usual"))
    );
    decide(&duty, id, 2, json!({"move": "close"})).await.ok();
    for body in [json!({"move": "look"}), put_aside, json!({"move": "close"})] {
        let told = decide(&duty, id, 3, body)
            .await
            .refused(403, "warning.no_such_step");
        assert!(told["detail"].as_str().unwrap().contains("closed"), "{told}");
    }
    assert_eq!(duty.get(&format!("/api/warnings/{id}")).await.ok()["version"], 3);
}

#[tokio::test]
async fn growth_does_not_stand_in_the_way_and_a_colleague_does() {
    let bench = Bench::new();
    let id = raise(&bench);
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let grown = {
        let warning = bench
            .app
            .store
            .read(|tx| anlan_store::warnings::get(tx, WarningId(id)))
            .map_err(|error: anlan_store::Error| error)
            .unwrap();
        Finding {
            observed: 14,
            ..warning.latest
        }
    };
    let event = WarningEvent::Updated {
        finding: Box::new(grown),
    };
    record(&bench, Some(id), event, None);
    decide(&duty, id, 1, json!({"move": "look"})).await.ok();
    let other = bench.sign_in(Role::Supervisor, bench.centre).await;
    let told = decide(&other, id, 2, json!({"move": "dismiss", "reason": "recording"}))
        .await
        .refused(409, "warning.decided_meanwhile");
    assert!(told["detail"].as_str().unwrap().contains("Duty Li"), "{told}");
    let path = format!("/api/warnings/{id}/moves");
    other
        .json("POST", &path, None, &json!({"move": "look"}))
        .await
        .refused(428, "precondition.missing");
    let (one, two) = tokio::join!(
        decide(&duty, id, 3, json!({"move": "dismiss", "reason": "usual"})),
        decide(&other, id, 3, json!({"move": "dismiss", "reason": "recording"}))
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), two.text());
    assert_eq!(duty.get(&format!("/api/warnings/{id}")).await.ok()["version"], 4);
}

#[tokio::test]
async fn what_cannot_be_taken_is_told_by_field() {
    let bench = Bench::new();
    let id = raise(&bench);
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    for (body, field, code) in [
        (json!({"move": "link"}), "case", "warning.case_missing"),
        (
            json!({"move": "link", "case": "AL26-999999"}),
            "case",
            "warning.case_unknown",
        ),
        (json!({"move": "dismiss"}), "reason", "reason.missing"),
        (
            json!({"move": "close", "note": "长".repeat(100_000)}),
            "note",
            "text.too_long",
        ),
    ] {
        let told = decide(&duty, id, 1, body).await;
        assert_eq!(told.status.as_u16(), 422, "{}", told.text());
        let told = told.json();
        assert_eq!(
            (&told["fields"][0]["field"], &told["fields"][0]["code"]),
            (&json!(field), &json!(code)),
            "{told}"
        );
    }
    for body in [
        json!({"move": "burn"}),
        json!({"move": "dismiss", "reason": "tired"}),
        json!({"move": "look", "cells": []}),
        json!([]),
        json!({}),
    ] {
        let told = decide(&duty, id, 1, body.clone()).await;
        assert!(
            (400..500).contains(&told.status.as_u16()),
            "{body}: {}",
            told.text()
        );
        told.code();
    }
    for path in [
        "/api/warnings/999".to_owned(),
        "/api/warnings/none".to_owned(),
        "/api/warnings/-1/cases".to_owned(),
        format!("/api/warnings/{id}0000000000000000000"),
    ] {
        assert_eq!(duty.get(&path).await.status.as_u16(), 404, "{path}");
    }
    for query in [
        "state=open",
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=abc",
        "colour=red",
    ] {
        is_refused(&duty.get(&format!("/api/warnings?{query}")).await, query);
    }
    assert_eq!(duty.get(&format!("/api/warnings/{id}")).await.ok()["version"], 1);
}

#[tokio::test]
async fn the_budget_is_set_reviewed_and_tried() {
    let bench = Bench::new();
    raise(&bench);
    let steward = bench.sign_in(Role::Steward, bench.centre).await;
    let before = steward.get("/api/warning-budget").await.ok();
    assert_eq!(before["budget_per_month"], 1.0);
    for budget in [json!(0.0), json!(-1.0), json!(61.0), json!("two"), json!(null)] {
        let body = json!({"false_alarms_per_month": budget});
        let told = steward.json("PUT", "/api/warning-budget", None, &body).await;
        is_refused(&told, &body.to_string());
    }
    let body = json!({"false_alarms_per_month": 2.5});
    let after = steward.json("PUT", "/api/warning-budget", None, &body).await.ok();
    assert_eq!(after["budget_per_month"], 2.5);
    assert_eq!(
        steward.get("/api/warning-budget").await.ok()["budget_per_month"],
        2.5
    );
    let trial = steward
        .get("/api/warning-budget/trial?false_alarms_per_month=12&days=90")
        .await
        .ok();
    assert_eq!(
        (&trial["budget_per_month"], &trial["warnings"]),
        (&json!(12.0), &json!([]))
    );
    for query in [
        "",
        "?false_alarms_per_month=0",
        "?false_alarms_per_month=x",
        "?days=9&false_alarms_per_month=1e9",
    ] {
        let told = steward.get(&format!("/api/warning-budget/trial{query}")).await;
        assert_eq!(told.status.as_u16(), 422, "{query}: {}", told.text());
    }
    let set: Vec<_> = logged(&bench, "warnings")
        .into_iter()
        .filter(|(action, ..)| action == "warning.tune")
        .collect();
    assert_eq!(set, [("warning.tune".into(), "budget".into(), true, 1)]);
}
