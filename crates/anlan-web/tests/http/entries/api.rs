//! Steps through the JSON API.

use super::{Left, Want, World, steps};
use crate::bench::{Client, PIXEL};
use crate::requests::{Described, Over};
use crate::things::{self, Lies};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_policy::Action;
use anlan_web::doors::{DOORS, Door, Key};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;

steps![
    list,
    search,
    read,
    edit,
    edit_nothing,
    contact,
    duplicates,
    duplicates_of_nowhere,
    merge,
    move_one,
    move_many,
    note,
    add_photo,
    see_photo,
    split,
    counts,
    heat,
    map,
    live,
    report,
    report_again,
    report_of_nowhere,
    likely,
    unprotected,
    refused,
];

pub(super) fn left(door: &'static str, wants: Vec<Want>) -> Left {
    Left {
        door: Some(door),
        wants,
    }
}

pub(super) fn of_case(world: &World, action: Action, id: i64) -> Want {
    let actor = world.account(&world.duty);
    (actor, action, "case", id.to_string(), Purpose::Case, 1)
}

pub(super) fn of_list(world: &World, what: &str, count: usize) -> Want {
    let actor = world.account(&world.duty);
    let count = u32::try_from(count).unwrap();
    (
        actor,
        Action::CaseList,
        "cases",
        what.into(),
        Purpose::Case,
        count,
    )
}

pub(super) fn length(answer: &Value) -> usize {
    answer.as_array().unwrap().len()
}

async fn list(world: &mut World) -> Left {
    let limit = 1 + world.below(5);
    let page = world.duty.get(&format!("/api/cases?limit={limit}")).await.ok();
    left(
        "GET /api/cases",
        vec![of_list(world, "list", length(&page["items"]))],
    )
}

async fn search(world: &mut World) -> Left {
    let word = ["water", "knee", "nothing-such"][world.below(3)];
    let page = world.duty.get(&format!("/api/cases?q={word}")).await.ok();
    left(
        "GET /api/cases",
        vec![of_list(world, "list", length(&page["items"]))],
    )
}

async fn read(world: &mut World) -> Left {
    let id = world.any_case();
    world.duty.get(&format!("/api/cases/{id}")).await.ok();
    left("GET /api/cases/{id}", vec![of_case(world, Action::CaseRead, id)])
}

async fn change(world: &World, id: i64, body: Value) {
    let path = format!("/api/cases/{id}");
    world
        .duty
        .json("PATCH", &path, Some(world.version(id)), &body)
        .await
        .ok();
}

async fn edit(world: &mut World) -> Left {
    let id = world.case(Lies::Here);
    world.mark();
    change(world, id, json!({"priority": "P1", "address": "2 River Street"})).await;
    left(
        "PATCH /api/cases/{id}",
        vec![of_case(world, Action::CaseEdit, id)],
    )
}

async fn edit_nothing(world: &mut World) -> Left {
    let id = world.any_case();
    change(world, id, json!({})).await;
    left(
        "PATCH /api/cases/{id}",
        vec![of_case(world, Action::CaseEdit, id)],
    )
}

async fn contact(world: &mut World) -> Left {
    let id = world.any_case();
    world
        .duty
        .get(&format!("/api/cases/{id}/contact?purpose=case"))
        .await
        .ok();
    let actor = world.account(&world.duty);
    let entry = (
        actor,
        Action::CaseContact,
        "contact",
        id.to_string(),
        Purpose::Case,
        1,
    );
    left("GET /api/cases/{id}/contact", vec![entry])
}

async fn duplicates(world: &mut World) -> Left {
    let id = world.case(Lies::Here);
    world.mark();
    let found = world.duty.get(&format!("/api/cases/{id}/duplicates")).await.ok();
    left(
        "GET /api/cases/{id}/duplicates",
        vec![of_list(world, "duplicates", length(&found))],
    )
}

async fn duplicates_of_nowhere(world: &mut World) -> Left {
    let id = world.case(Lies::Elsewhere);
    world.mark();
    world.duty.get(&format!("/api/cases/{id}/duplicates")).await.ok();
    left(
        "GET /api/cases/{id}/duplicates",
        vec![of_list(world, "duplicates", 0)],
    )
}

async fn merged(world: &mut World) -> (i64, i64) {
    let (from, into) = (world.case(Lies::Here), world.case(Lies::Elsewhere));
    world.mark();
    let body = json!({"into": into});
    world
        .duty
        .post(&format!("/api/cases/{from}/merge"), &body)
        .await
        .ok();
    (from, into)
}

async fn merge(world: &mut World) -> Left {
    let (from, into) = merged(world).await;
    let both = [from, into].map(|id| of_case(world, Action::CaseMerge, id));
    left("POST /api/cases/{id}/merge", both.to_vec())
}

async fn split(world: &mut World) -> Left {
    let (_, into) = merged(world).await;
    let file = world.duty.get(&format!("/api/cases/{into}")).await.ok();
    world.mark();
    let body = json!({"reports": [file["report_list"][0]["id"]]});
    let new = world
        .duty
        .post(&format!("/api/cases/{into}/split"), &body)
        .await
        .ok();
    let new = new["id"].as_i64().unwrap();
    world.cases.push(new);
    let both = [into, new].map(|id| of_case(world, Action::CaseMerge, id));
    left("POST /api/cases/{id}/split", both.to_vec())
}

async fn move_one(world: &mut World) -> Left {
    let id = world.case(Lies::Here);
    world.mark();
    let path = format!("/api/cases/{id}/moves");
    world
        .duty
        .json("POST", &path, Some(1), &json!({"move": "accept"}))
        .await
        .ok();
    left(
        "POST /api/cases/{id}/moves",
        vec![of_case(world, Action::CaseMove, id)],
    )
}

async fn move_many(world: &mut World) -> Left {
    let ids = [world.case(Lies::Here), world.case(Lies::Elsewhere)];
    world.mark();
    let cases = ids.map(|id| json!({"id": id, "version": 1}));
    // One on a version long past moves nothing and leaves nothing.
    let body = json!({"move": "accept", "cases": [cases[0], cases[1], {"id": ids[0], "version": 9}]});
    let moved = world.duty.post("/api/moves", &body).await.ok();
    assert_eq!(length(&moved["done"]), 2, "{moved}");
    let both = ids.map(|id| of_case(world, Action::CaseMove, id));
    left("POST /api/moves", both.to_vec())
}

async fn note(world: &mut World) -> Left {
    let id = world.any_case();
    world
        .duty
        .post(&format!("/api/cases/{id}/notes"), &json!({"note": "seen"}))
        .await
        .ok();
    left(
        "POST /api/cases/{id}/notes",
        vec![of_case(world, Action::CaseNote, id)],
    )
}

async fn add_photo(world: &mut World) -> Left {
    let id = world.case(Lies::Here);
    world.mark();
    let path = format!("/api/cases/{id}/photos?shows=before");
    let photo = ("photo", Some("a.png"), PIXEL.as_slice());
    let count = 1 + world.below(2);
    world.duty.form(&path, &vec![photo; count]).await.ok();
    left(
        "POST /api/cases/{id}/photos",
        vec![of_case(world, Action::PhotoAdd, id); count],
    )
}

async fn see_photo(world: &mut World) -> Left {
    let id = world.case(Lies::Here);
    let photo = things::photo(&world.bench, anlan_model::ids::CaseId(id));
    world.mark();
    let size = ["full", "thumb"][world.below(2)];
    let answer = world.duty.get(&format!("/api/photos/{photo}?size={size}")).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let actor = world.account(&world.duty);
    let entry = (
        actor,
        Action::PhotoRead,
        "photo",
        id.to_string(),
        Purpose::Case,
        1,
    );
    left("GET /api/photos/{id}", vec![entry])
}

async fn counts(world: &mut World) -> Left {
    let found = world.duty.get("/api/counts").await.ok();
    assert_eq!(found["total"], world.cases.len());
    left(
        "GET /api/counts",
        vec![of_list(world, "counts", world.cases.len())],
    )
}

async fn heat(world: &mut World) -> Left {
    world.duty.get("/api/map/heat").await.ok();
    left(
        "GET /api/map/heat",
        vec![of_list(world, "heat", world.cases.len())],
    )
}

async fn map(world: &mut World) -> Left {
    let found = world.duty.get("/api/map?bbox=105,29,106,30&zoom=12").await.ok();
    let total = usize::try_from(found["total"].as_u64().unwrap()).unwrap();
    assert!(total > 0);
    left("GET /api/map", vec![of_list(world, "map", total)])
}

async fn live(world: &mut World) -> Left {
    let request = world
        .duty
        .dressed(Request::get("/api/live").body(Body::empty()).unwrap());
    let opened = world.duty.router.clone().oneshot(request).await.unwrap();
    assert!(opened.status().is_success());
    left("GET /api/live", vec![of_list(world, "live", 1)])
}

async fn handed_in(world: &mut World, body: &Value) -> (i64, usize) {
    let taken = world.duty.post("/api/reports", body).await.ok();
    let id = taken["case"].as_i64().unwrap();
    if !world.cases.contains(&id) {
        world.cases.push(id);
    }
    (id, length(&taken["duplicates"]))
}

fn written_down(key: &str) -> Value {
    json!({"channel": "hotline", "class": "m01001", "description": "water again", "point": [105.5, 29.5],
        "error_m": 10.0, "idempotency_key": key})
}

async fn report(world: &mut World) -> Left {
    let key = format!("key-{}", world.cases.len());
    let (id, likely) = handed_in(world, &written_down(&key)).await;
    let own = of_case(world, Action::ReportCreate, id);
    left(
        "POST /api/reports",
        vec![own, of_list(world, "duplicates", likely)],
    )
}

async fn report_again(world: &mut World) -> Left {
    let body = written_down(&format!("again-{}", world.cases.len()));
    let (first, _) = handed_in(world, &body).await;
    world.mark();
    let (id, likely) = handed_in(world, &body).await;
    assert_eq!(first, id);
    let own = of_case(world, Action::ReportCreate, id);
    // The case itself is among those that are like it, is counted, and is not told.
    let looked = |more| of_list(world, "duplicates", likely + more);
    let is_full = likely >= 9;
    left(
        "POST /api/reports",
        vec![own, looked(usize::from(!is_full || likely == 9))],
    )
}

async fn report_of_nowhere(world: &mut World) -> Left {
    let body = json!({"channel": "office", "description": "somewhere"});
    let (id, _) = handed_in(world, &body).await;
    left(
        "POST /api/reports",
        vec![of_case(world, Action::ReportCreate, id)],
    )
}

async fn likely(world: &mut World) -> Left {
    let draft = json!({"class": "m01001", "point": [105.5, 29.5]});
    let found = world.duty.post("/api/reports/likely", &draft).await.ok();
    left(
        "POST /api/reports/likely",
        vec![of_list(world, "duplicates", length(&found))],
    )
}

/// Every door behind which nothing is protected.
async fn unprotected(world: &mut World) -> Left {
    let open = DOORS
        .iter()
        .filter(|door| !door.is_protected && door.key != Key::Machine);
    for door in open {
        let Some(path) = door.at.strip_prefix("GET ").filter(|path| !path.contains('{')) else {
            continue;
        };
        let query = if path.ends_with("/trial") {
            "?false_alarms_per_month=2"
        } else {
            ""
        };
        let answer = world.steward.get(&format!("{path}{query}")).await;
        let is_asking = path == "/report/near";
        assert!(
            answer.status.is_success() || is_asking,
            "{path}: {}",
            answer.text()
        );
    }
    let near = world
        .resident
        .get("/report/near?class=m01001&lat=29.5&lon=105.5")
        .await;
    assert!(near.status.is_success());
    Left {
        door: None,
        wants: Vec::new(),
    }
}

/// Every door that an auditor may not pass: refused is not looked.
async fn refused(world: &mut World) -> Left {
    let auditor: Client = world.bench.sign_in(Role::Auditor, world.bench.centre).await;
    let actor = world.bench.actor(&auditor);
    world.mark();
    for operation in Described::new().operations() {
        let door = Door::of(&operation.method, &operation.path).unwrap();
        let may = |action| world.bench.app.policy.may(&actor, action).allowed;
        if door.key == Key::Session && door.action.is_some_and(|action| !may(action)) {
            let answer = auditor.send(operation.request("1", 1, &Over::default())).await;
            assert!(answer.status.is_client_error(), "{}", door.at);
        }
    }
    Left {
        door: None,
        wants: Vec::new(),
    }
}
