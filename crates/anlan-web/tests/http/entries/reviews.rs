//! Steps of the access review: the queue, one review, a decision, and the timer that reads the log.

use super::{Left, Want, World, steps};
use crate::bench::Client;
use crate::things;
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::clock::{Clock, SetClock};
use anlan_policy::Action;
use serde_json::json;
use std::sync::Arc;

steps![list_reviews, read_review, ask_office, pass_review];

async fn officer(world: &mut World) -> Client {
    let client = world.bench.sign_in(Role::Privacy, world.bench.centre).await;
    world.mark();
    client
}

fn want(world: &World, client: &Client, action: Action, id: &impl ToString) -> Want {
    (
        world.account(client),
        action,
        "review",
        id.to_string(),
        Purpose::Audit,
        1,
    )
}

async fn list_reviews(world: &mut World) -> Left {
    things::review(&world.bench);
    let client = officer(world).await;
    let found = client.get("/api/reviews").await.ok();
    let count = u32::try_from(found["items"].as_array().unwrap().len()).unwrap();
    assert!(count > 0);
    let mut want = want(world, &client, Action::ReviewRead, &"list");
    (want.2, want.5) = ("reviews", count);
    Left {
        door: Some("GET /api/reviews"),
        wants: vec![want],
    }
}

async fn read_review(world: &mut World) -> Left {
    let id = things::review(&world.bench);
    let client = officer(world).await;
    client.get(&format!("/api/reviews/{id}")).await.ok();
    Left {
        door: Some("GET /api/reviews/{id}"),
        wants: vec![want(world, &client, Action::ReviewRead, &id)],
    }
}

async fn ask_office(world: &mut World) -> Left {
    let id = things::review(&world.bench);
    let client = officer(world).await;
    let body = json!({"move": "ask", "note": "why these cases?"});
    let path = format!("/api/reviews/{id}/moves");
    client.json("POST", &path, Some(1), &body).await.ok();
    Left {
        door: Some("POST /api/reviews/{id}/moves"),
        wants: vec![
            want(world, &client, Action::ReviewDecide, &id),
            want(world, &client, Action::ReviewRead, &id),
        ],
    }
}

/// The timer, days later, reads the oldest day that it has not read.
async fn pass_review(world: &mut World) -> Left {
    let days = i64::from(things::number() + 1);
    let later = world.bench.clock.now() + jiff::SignedDuration::from_hours(48 * days);
    let mut app = world.bench.app.clone();
    app.clock = Arc::new(SetClock::at(later));
    let passed = anlan_app::reviews::pass(&app).unwrap().unwrap();
    let rows = u32::try_from(passed.rows).unwrap();
    let want = (
        None,
        Action::AccessRead,
        "review",
        passed.day.to_string(),
        Purpose::Audit,
        rows,
    );
    Left {
        door: None,
        wants: vec![want],
    }
}
