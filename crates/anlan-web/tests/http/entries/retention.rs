//! Steps of retention: seeing what is due, erasing it, and erasing what somebody asks for.

use super::api::left;
use super::{Left, Want, World, steps};
use crate::things::{self, Lies};
use anlan_app::{Caller, erasures};
use anlan_model::accesses::Purpose;
use anlan_model::erasures::Erasure;
use anlan_policy::Action;
use serde_json::json;

steps![see_erasures, erase_on_request, erase_due];

async fn see_erasures(world: &mut World) -> Left {
    world.steward.get("/api/erasures").await.ok();
    let actor = world.account(&world.steward);
    let want = |what: &str| -> Want {
        (
            actor,
            Action::RetentionRead,
            "erasure",
            what.into(),
            Purpose::Maintenance,
            1,
        )
    };
    left("GET /api/erasures", vec![want("preview"), want("list")])
}

async fn erase_on_request(world: &mut World) -> Left {
    let id = world.case(Lies::Here);
    world.mark();
    // The report that opened a case bears its number.
    let body = json!({"report": id, "wish": "contact"});
    let path = format!("/api/cases/{id}/erasure");
    let answer = world.steward.post(&path, &body).await;
    assert_eq!(answer.status.as_u16(), 204);
    let actor = world.account(&world.steward);
    let want = (actor, Action::CaseErase, "case", id.to_string(), Purpose::Case, 1);
    left("POST /api/cases/{id}/erasure", vec![want])
}

fn register(world: &World) -> Vec<Erasure> {
    let all = world
        .bench
        .app
        .store
        .read(|tx| anlan_store::erasures::list(tx, 1000));
    all.map_err(|error: anlan_store::Error| error).unwrap()
}

async fn erase_due(world: &mut World) -> Left {
    things::expired_session(&world.bench);
    let before = register(world).len();
    erasures::run(&world.bench.app, &Caller::system(), &|| true).unwrap();
    let all = register(world);
    let new = &all[..all.len() - before];
    assert!(!new.is_empty(), "an expired session was due");
    let wants = new.iter().map(|line| -> Want {
        let (kind, count) = (line.kind.word().to_owned(), line.count);
        (
            None,
            Action::RetentionRun,
            "erasure",
            kind,
            Purpose::Maintenance,
            count,
        )
    });
    Left {
        door: None,
        wants: wants.collect(),
    }
}
