//! Steps through the JSON API about what is not a case: rules, files and their rows, warnings.

use super::api::{left, length, of_case, of_list};
use super::{Left, Want, World, steps};
use crate::things::{self, Lies};
use anlan_model::accesses::Purpose;
use anlan_model::imports::ImportState;
use anlan_policy::Action;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

steps![
    try_rules,
    publish_rules,
    hand_in_file,
    profile,
    start,
    stop,
    resume,
    replay,
    quarantine,
    mend,
    list_warnings,
    read_warning,
    behind_warning,
    decide,
    tune,
];

fn of_steward(world: &World, action: Action, what: &'static str, id: &impl ToString) -> Want {
    let actor = world.account(&world.steward);
    (actor, action, what, id.to_string(), Purpose::Maintenance, 1)
}

/// Rules under which everything would go to the centre.
fn other_rules(world: &World) -> Value {
    let version = world.bench.app.node().router.rules().version;
    json!({"version": version, "rules": [], "fallback_office": "centre"})
}

async fn try_rules(world: &mut World) -> Left {
    world.case(Lies::Here);
    world.mark();
    let tried = world.duty.post("/api/rules/try", &other_rules(world)).await.ok();
    let actor = world.account(&world.duty);
    let count = u32::try_from(tried["tried"].as_u64().unwrap()).unwrap();
    let mut wants = vec![(
        actor,
        Action::RulesTry,
        "cases",
        "rules.try".into(),
        Purpose::Maintenance,
        count,
    )];
    let shown = tried["samples"].as_array().unwrap().iter();
    wants.extend(shown.map(|one| of_case(world, Action::CaseRead, one["case"].as_i64().unwrap())));
    left("POST /api/rules/try", wants)
}

async fn publish_rules(world: &mut World) -> Left {
    let mut rules = other_rules(world);
    rules["rules"] = json!([{"name": "water", "classes": ["m01001"], "office": "water"}]);
    let now = world.steward.json("PUT", "/api/rules", None, &rules).await.ok();
    left(
        "PUT /api/rules",
        vec![of_steward(world, Action::RulesPublish, "rules", &now["version"])],
    )
}

async fn hand_in_file(world: &mut World) -> Left {
    let request = Request::post("/api/uploads").header("x-file-name", "a.csv");
    let answer = world
        .steward
        .send(request.body(Body::from("id\n1\n")).unwrap())
        .await;
    answer.ok();
    left(
        "POST /api/uploads",
        vec![of_steward(world, Action::ImportRun, "upload", &"new")],
    )
}

async fn profile(world: &mut World) -> Left {
    let upload = things::upload(&world.bench);
    world.mark();
    world
        .steward
        .post(&format!("/api/uploads/{upload}/profile"), &json!({}))
        .await
        .ok();
    left(
        "POST /api/uploads/{upload}/profile",
        vec![of_steward(world, Action::ImportRun, "upload", &"profile")],
    )
}

async fn start(world: &mut World) -> Left {
    let upload = things::upload(&world.bench);
    world.mark();
    let body = json!({"upload": upload, "mapping": "plain", "datum": "wgs84"});
    world.steward.post("/api/imports", &body).await.ok();
    left(
        "POST /api/imports",
        vec![of_steward(world, Action::ImportRun, "import", &"plain")],
    )
}

async fn steer(world: &mut World, state: ImportState, word: &str, door: &'static str) -> Left {
    let (run, _) = things::import(&world.bench, state);
    world
        .steward
        .post(&format!("/api/imports/{run}/{word}"), &json!({}))
        .await
        .ok();
    left(door, vec![of_steward(world, Action::ImportRun, "import", &run)])
}

async fn stop(world: &mut World) -> Left {
    steer(world, ImportState::Running, "stop", "POST /api/imports/{id}/stop").await
}

async fn resume(world: &mut World) -> Left {
    steer(
        world,
        ImportState::Stopped,
        "resume",
        "POST /api/imports/{id}/resume",
    )
    .await
}

async fn replay(world: &mut World) -> Left {
    steer(
        world,
        ImportState::Stopped,
        "replay",
        "POST /api/imports/{id}/replay",
    )
    .await
}

async fn quarantine(world: &mut World) -> Left {
    let (run, _) = things::import(&world.bench, ImportState::Stopped);
    let page = world
        .steward
        .get(&format!("/api/imports/{run}/quarantine"))
        .await
        .ok();
    assert_eq!(length(&page["items"]), 1);
    left(
        "GET /api/imports/{id}/quarantine",
        vec![of_steward(world, Action::ImportMend, "quarantine", &run)],
    )
}

async fn mend(world: &mut World) -> Left {
    let (_, row) = things::import(&world.bench, ImportState::Stopped);
    let body = json!({"fields": {"id": "7"}});
    world
        .steward
        .json("PATCH", &format!("/api/quarantine/{row}"), None, &body)
        .await
        .ok();
    left(
        "PATCH /api/quarantine/{id}",
        vec![of_steward(world, Action::ImportMend, "quarantine", &row)],
    )
}

fn of_warning(world: &World, action: Action, id: i64) -> Want {
    let actor = world.account(&world.duty);
    (actor, action, "warning", id.to_string(), Purpose::Case, 1)
}

async fn list_warnings(world: &mut World) -> Left {
    crate::warnings::raise(&world.bench);
    let page = world.duty.get("/api/warnings").await.ok();
    let actor = world.account(&world.duty);
    let count = u32::try_from(length(&page["items"])).unwrap();
    let entry = (
        actor,
        Action::WarningRead,
        "warnings",
        "list".into(),
        Purpose::Case,
        count,
    );
    left("GET /api/warnings", vec![entry])
}

async fn read_warning(world: &mut World) -> Left {
    let id = crate::warnings::raise(&world.bench);
    world.duty.get(&format!("/api/warnings/{id}")).await.ok();
    left(
        "GET /api/warnings/{id}",
        vec![of_warning(world, Action::WarningRead, id)],
    )
}

async fn behind_warning(world: &mut World) -> Left {
    let id = crate::warnings::raise(&world.bench);
    let page = world
        .duty
        .get(&format!("/api/warnings/{id}/cases?limit=200"))
        .await
        .ok();
    let cases = of_list(world, "list", length(&page["items"]));
    left(
        "GET /api/warnings/{id}/cases",
        vec![of_warning(world, Action::WarningRead, id), cases],
    )
}

async fn decide(world: &mut World) -> Left {
    let id = crate::warnings::raise(&world.bench);
    let path = format!("/api/warnings/{id}/moves");
    world
        .duty
        .json("POST", &path, Some(1), &json!({"move": "look"}))
        .await
        .ok();
    let both = [Action::WarningDecide, Action::WarningRead].map(|action| of_warning(world, action, id));
    left("POST /api/warnings/{id}/moves", both.to_vec())
}

async fn tune(world: &mut World) -> Left {
    let body = json!({"false_alarms_per_month": 1 + world.below(5)});
    world
        .steward
        .json("PUT", "/api/warning-budget", None, &body)
        .await
        .ok();
    left(
        "PUT /api/warning-budget",
        vec![of_steward(world, Action::WarningTune, "warnings", &"budget")],
    )
}
