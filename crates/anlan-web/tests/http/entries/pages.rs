//! Steps of residents: the form, the link.

use super::api::left;
use super::{Left, Want, World, steps};
use crate::bench::{Answer, PIXEL};
use anlan_model::accesses::Purpose;
use anlan_policy::Action;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

steps![
    resident_reports,
    follow,
    follow_photo,
    follow_adds_photos,
    rate,
    reopen,
    looks,
    prove_looks,
    find_usage,
    wrong_code
];

fn own(action: Action, id: i64) -> Want {
    (None, action, "case", id.to_string(), Purpose::OwnReport, 1)
}

/// A report from the form, with a photo; its case and code.
async fn handed_in(world: &mut World) -> (i64, String) {
    let page = world.resident.get("/report").await.text();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap().to_owned();
    let parts = [
        ("token", None, token.as_bytes()),
        ("description", None, "a lamp is out".as_bytes()),
        ("class", None, b"m01002".as_slice()),
        ("address", None, b"3 River Street".as_slice()),
        ("photo", Some("a.png"), PIXEL.as_slice()),
    ];
    world.mark();
    let told = world.resident.form("/report", &parts).await;
    let place = place(&told);
    let code = place
        .split("/t/")
        .nth(1)
        .unwrap()
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    let newest = world.bench.app.store.read(anlan_store::cases::newest);
    let id = newest
        .map_err(|error: anlan_store::Error| error)
        .unwrap()
        .unwrap()
        .0;
    world.cases.push(id);
    (id, code)
}

fn place(answer: &Answer) -> String {
    assert!(
        answer.status.is_redirection(),
        "{}: {}",
        answer.status,
        answer.text()
    );
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

async fn post(world: &World, path: &str, body: &'static str) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    world.resident.send(request.body(Body::from(body)).unwrap()).await
}

async fn resident_reports(world: &mut World) -> Left {
    let (id, _) = handed_in(world).await;
    let report = (
        None,
        Action::ReportCreate,
        "case",
        id.to_string(),
        Purpose::Case,
        1,
    );
    left("POST /report", vec![report, own(Action::PhotoAdd, id)])
}

async fn follow(world: &mut World) -> Left {
    let (id, code) = handed_in(world).await;
    world.mark();
    assert!(
        world
            .resident
            .get(&format!("/t/{code}"))
            .await
            .status
            .is_success()
    );
    left("GET /t/{code}", vec![own(Action::CaseRead, id)])
}

async fn follow_photo(world: &mut World) -> Left {
    let (id, code) = handed_in(world).await;
    let page = world.resident.get(&format!("/t/{code}")).await.text();
    let photo = page.split(&format!("/t/{code}/photos/")).nth(1).unwrap();
    let photo: String = photo.chars().take_while(char::is_ascii_digit).collect();
    world.mark();
    let picture = world.resident.get(&format!("/t/{code}/photos/{photo}")).await;
    assert!(picture.status.is_success(), "{}", picture.text());
    left("GET /t/{code}/photos/{photo}", vec![own(Action::PhotoRead, id)])
}

async fn follow_adds_photos(world: &mut World) -> Left {
    let (id, code) = handed_in(world).await;
    world.mark();
    let photo = ("photo", Some("a.png"), PIXEL.as_slice());
    place(
        &world
            .resident
            .form(&format!("/t/{code}/photos"), &[photo, photo])
            .await,
    );
    let added = [Action::CaseRead, Action::PhotoAdd, Action::PhotoAdd].map(|action| own(action, id));
    left("POST /t/{code}/photos", added.to_vec())
}

/// A report whose case the centre closed.
async fn closed(world: &mut World) -> (i64, String) {
    let (id, code) = handed_in(world).await;
    let role = anlan_model::accounts::Role::Supervisor;
    let supervisor = world.bench.sign_in(role, world.bench.centre).await;
    let close = json!({"move": "force_close", "reason": "fixed", "note": "a new lamp"});
    let path = format!("/api/cases/{id}/moves");
    supervisor
        .json("POST", &path, Some(world.version(id)), &close)
        .await
        .ok();
    world.mark();
    (id, code)
}

async fn rate(world: &mut World) -> Left {
    let (id, code) = closed(world).await;
    place(&post(world, &format!("/t/{code}/rate"), "stars=4&is_fixed=true").await);
    left("POST /t/{code}/rate", vec![own(Action::CaseMove, id)])
}

async fn reopen(world: &mut World) -> Left {
    let (id, code) = closed(world).await;
    place(&post(world, &format!("/t/{code}/reopen"), "note=dark+again").await);
    left("POST /t/{code}/reopen", vec![own(Action::CaseMove, id)])
}

async fn looks(world: &mut World) -> Left {
    let (id, code) = handed_in(world).await;
    world.mark();
    let page = world.resident.get(&format!("/t/{code}/accesses")).await;
    assert!(page.status.is_success(), "{}", page.text());
    left("GET /t/{code}/accesses", vec![own(Action::AccessRead, id)])
}

async fn prove_looks(world: &mut World) -> Left {
    let (id, code) = handed_in(world).await;
    world.mark();
    // That no log is kept here is told too; asking is what leaves an entry.
    world.resident.get(&format!("/t/{code}/accesses/proof")).await;
    left("GET /t/{code}/accesses/proof", vec![own(Action::AccessRead, id)])
}

async fn ask_portal(world: &World, code: &str) -> Answer {
    let path = format!("/data-tracker/findUsage?userCode={code}");
    let request = Request::get(path).header("x-road-userid", code);
    world.resident.send(request.body(Body::empty()).unwrap()).await
}

async fn find_usage(world: &mut World) -> Left {
    let (id, code) = handed_in(world).await;
    world.mark();
    ask_portal(world, &code).await.ok();
    left("GET /data-tracker/findUsage", vec![own(Action::AccessRead, id)])
}

async fn wrong_code(world: &mut World) -> Left {
    let wrong = "/t/00000000000000000000";
    world.resident.get(wrong).await;
    for rest in ["photos/1", "accesses", "accesses/proof"] {
        world.resident.get(&format!("{wrong}/{rest}")).await;
    }
    ask_portal(world, "00000000000000000000").await;
    post(world, &format!("{wrong}/rate"), "stars=4&is_fixed=true").await;
    post(world, &format!("{wrong}/reopen"), "note=x").await;
    Left {
        door: None,
        wants: Vec::new(),
    }
}
