//! Steps through the JSON API about alerts.

use super::api::{left, length, of_list};
use super::{Left, Want, World, steps};
use crate::alerts::{document, raise, send};
use crate::things::{self, Lies};
use anlan_model::accesses::Purpose;
use anlan_policy::Action;
use serde_json::json;

steps![
    list_alerts,
    read_alert,
    read_alert_document,
    cases_of_alert,
    receive_alert,
    receive_alert_again,
    decide_alert,
];

fn of_alert(world: &World, action: Action, id: i64) -> Want {
    let actor = world.account(&world.duty);
    (actor, action, "alert", id.to_string(), Purpose::Case, 1)
}

async fn list_alerts(world: &mut World) -> Left {
    raise(&world.bench);
    world.mark();
    let page = world.duty.get("/api/alerts").await.ok();
    let count = u32::try_from(length(&page["items"])).unwrap();
    let actor = world.account(&world.duty);
    let entry = (
        actor,
        Action::AlertRead,
        "alerts",
        "list".into(),
        Purpose::Case,
        count,
    );
    left("GET /api/alerts", vec![entry])
}

async fn read_alert(world: &mut World) -> Left {
    let id = raise(&world.bench);
    world.mark();
    world.duty.get(&format!("/api/alerts/{id}")).await.ok();
    left(
        "GET /api/alerts/{id}",
        vec![of_alert(world, Action::AlertRead, id)],
    )
}

async fn read_alert_document(world: &mut World) -> Left {
    let id = raise(&world.bench);
    world.mark();
    let told = world.duty.get(&format!("/api/alerts/{id}/document")).await;
    assert_eq!(told.status.as_u16(), 200);
    left(
        "GET /api/alerts/{id}/document",
        vec![of_alert(world, Action::AlertRead, id)],
    )
}

async fn cases_of_alert(world: &mut World) -> Left {
    let id = raise(&world.bench);
    world.case(Lies::Here);
    world.mark();
    let path = format!("/api/alerts/{id}/cases?limit=200");
    let page = world.duty.get(&path).await.ok();
    let cases = of_list(world, "list", length(&page["items"]));
    left(
        "GET /api/alerts/{id}/cases",
        vec![of_alert(world, Action::AlertRead, id), cases],
    )
}

async fn receive_alert(world: &mut World) -> Left {
    let text = document(&format!("s-{}", things::number()), &[]);
    let told = send(&world.duty, &text).await;
    let id = told.json()["id"].as_i64().unwrap();
    left(
        "POST /api/alerts",
        vec![of_alert(world, Action::AlertReceive, id)],
    )
}

async fn receive_alert_again(world: &mut World) -> Left {
    let text = document(&format!("s-{}", things::number()), &[]);
    send(&world.duty, &text).await;
    world.mark();
    let told = send(&world.duty, &text).await.ok();
    let id = told["id"].as_i64().unwrap();
    left(
        "POST /api/alerts",
        vec![of_alert(world, Action::AlertReceive, id)],
    )
}

async fn decide_alert(world: &mut World) -> Left {
    let id = raise(&world.bench);
    world.mark();
    let path = format!("/api/alerts/{id}/moves");
    let body = json!({"move": "look"});
    world.duty.json("POST", &path, Some(1), &body).await.ok();
    let both = [Action::AlertDecide, Action::AlertRead].map(|action| of_alert(world, action, id));
    left("POST /api/alerts/{id}/moves", both.to_vec())
}
