//! Steps of other systems that come over Open311.

use super::api::left;
use super::{Left, Want, World, steps};
use crate::bench::PIXEL;
use crate::things;
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::ids::CaseId;
use anlan_policy::Action;

steps![
    open311_list,
    open311_list_xml,
    open311_numbers,
    open311_one,
    open311_none,
    open311_hand_in,
    open311_hand_in_xml,
    open311_without_key,
];

fn told(how: &str, count: usize) -> Want {
    let action = Action::CasePublish;
    let count = u32::try_from(count).unwrap();
    (None, action, "cases", how.into(), Purpose::Publication, count)
}

async fn asked(world: &World, path: &str) -> usize {
    let answer = world.resident.get(&format!("/open311/v2/requests{path}")).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    answer.text().matches("service_request_id").count()
}

async fn open311_list(world: &mut World) -> Left {
    let count = asked(world, ".json").await;
    left("GET /open311/v2/requests.json", vec![told("list", count)])
}

async fn open311_list_xml(world: &mut World) -> Left {
    // In XML an element has a beginning and an end.
    let count = asked(world, ".xml?page_size=2").await / 2;
    left("GET /open311/v2/requests.xml", vec![told("list", count)])
}

fn number(world: &mut World) -> String {
    let id = CaseId(things::case(&world.bench, things::Lies::Here).id.0);
    world.cases.push(id.0);
    world.mark();
    id.number(2026)
}

async fn open311_numbers(world: &mut World) -> Left {
    let number = number(world);
    let count = asked(world, &format!(".json?service_request_id={number},AL26-888888")).await;
    assert_eq!(count, 1);
    left("GET /open311/v2/requests.json", vec![told("numbers", 1)])
}

async fn open311_one(world: &mut World) -> Left {
    let number = number(world);
    assert_eq!(asked(world, &format!("/{number}.json")).await, 1);
    left("GET /open311/v2/requests/{file}", vec![told("numbers", 1)])
}

async fn open311_none(world: &mut World) -> Left {
    let answer = world.resident.get("/open311/v2/requests/AL26-888888.xml").await;
    assert_eq!(answer.status, 404);
    left("GET /open311/v2/requests/{file}", vec![told("numbers", 0)])
}

async fn handed_in(world: &mut World, format: &str) -> Vec<Want> {
    let (account, token, _) = things::machine_key(&world.bench, Role::Clerk, &["report.create"]);
    world.mark();
    let parts = [
        ("api_key", None, token.as_bytes()),
        ("service_code", None, b"m01002".as_slice()),
        ("address_string", None, b"3 River Street".as_slice()),
        ("photo", Some("a.png"), PIXEL.as_slice()),
    ];
    let answer = world
        .resident
        .form(&format!("/open311/v2/requests.{format}"), &parts)
        .await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let newest = world.bench.app.store.read(anlan_store::cases::newest);
    let newest = newest.map_err(|error: anlan_store::Error| error).unwrap();
    let id = newest.unwrap().0;
    world.cases.push(id);
    let want = |actor, action, purpose| (actor, action, "case", id.to_string(), purpose, 1);
    vec![
        want(Some(account.0), Action::ReportCreate, Purpose::Case),
        want(None, Action::PhotoAdd, Purpose::OwnReport),
    ]
}

async fn open311_hand_in(world: &mut World) -> Left {
    let wants = handed_in(world, "json").await;
    left("POST /open311/v2/requests.json", wants)
}

async fn open311_hand_in_xml(world: &mut World) -> Left {
    let wants = handed_in(world, "xml").await;
    left("POST /open311/v2/requests.xml", wants)
}

async fn open311_without_key(world: &mut World) -> Left {
    let parts = [("service_code", None, b"m01002".as_slice())];
    let answer = world.resident.form("/open311/v2/requests.json", &parts).await;
    assert_eq!(answer.status, 403);
    Left {
        door: None,
        wants: Vec::new(),
    }
}
