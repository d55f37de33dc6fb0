//! Steps of opening a case in an emergency, and of giving grave roles by two people.

use super::api::left;
use super::{Left, World, steps};
use crate::things::{self, Lies};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_policy::Action;
use serde_json::json;

steps![
    list_grants,
    open_in_need,
    ask_roles,
    approve_roles,
    review_opening,
    ask_backup,
    confirm_restoration,
];

/// A request for a role that rules the node, and the account that it is for.
async fn asked(world: &World) -> (i64, i64) {
    let account = things::account(&world.bench).0;
    let body = json!({"account": account, "roles": ["auditor"], "reason": "the auditor has left"});
    let grant = world.security.post("/api/grants", &body).await.ok();
    (grant["id"].as_i64().unwrap(), account)
}

async fn list_grants(world: &mut World) -> Left {
    asked(world).await;
    world.mark();
    let found = world.security.get("/api/grants").await.ok();
    let count = u32::try_from(found.as_array().unwrap().len()).unwrap();
    let actor = world.account(&world.security);
    let want = (
        actor,
        Action::GrantList,
        "grants",
        "list".into(),
        Purpose::Audit,
        count,
    );
    left("GET /api/grants", vec![want])
}

async fn open_in_need(world: &mut World) -> Left {
    let officer = world.bench.sign_in(Role::Officer, world.bench.water).await;
    let case = world.case(Lies::Elsewhere);
    world.mark();
    let body = json!({"reason": "the road gives way"});
    officer
        .post(&format!("/api/cases/{case}/opening"), &body)
        .await
        .ok();
    let actor = world.account(&officer);
    let want = (
        actor,
        Action::GrantOpen,
        "case",
        case.to_string(),
        Purpose::Emergency,
        1,
    );
    left("POST /api/cases/{id}/opening", vec![want])
}

async fn ask_roles(world: &mut World) -> Left {
    let (id, _) = asked(world).await;
    let actor = world.account(&world.security);
    let want = (
        actor,
        Action::GrantAsk,
        "grant",
        id.to_string(),
        Purpose::Maintenance,
        1,
    );
    left("POST /api/grants", vec![want])
}

async fn approve_roles(world: &mut World) -> Left {
    let (id, account) = asked(world).await;
    let second = world.bench.sign_in(Role::Security, world.bench.water).await;
    world.mark();
    let body = json!({"verdict": "approved"});
    second.post(&format!("/api/grants/{id}/answer"), &body).await.ok();
    let (actor, asker) = (world.account(&second), world.account(&world.security));
    let given = format!("{account} -clerk +auditor");
    let wants = vec![
        (
            actor,
            Action::GrantApprove,
            "grant",
            id.to_string(),
            Purpose::Maintenance,
            1,
        ),
        (
            asker,
            Action::AccountEntrust,
            "role",
            given,
            Purpose::Maintenance,
            1,
        ),
    ];
    left("POST /api/grants/{id}/answer", wants)
}

async fn review_opening(world: &mut World) -> Left {
    let officer = world.bench.sign_in(Role::Officer, world.bench.water).await;
    let supervisor = world.bench.sign_in(Role::Supervisor, world.bench.centre).await;
    let case = world.case(Lies::Elsewhere);
    let body = json!({"reason": "the road gives way"});
    let grant = officer
        .post(&format!("/api/cases/{case}/opening"), &body)
        .await
        .ok();
    let id = grant["id"].as_i64().unwrap();
    world.mark();
    let body = json!({"verdict": "justified"});
    supervisor
        .post(&format!("/api/grants/{id}/answer"), &body)
        .await
        .ok();
    let actor = world.account(&supervisor);
    let want = (
        actor,
        Action::GrantReview,
        "grant",
        id.to_string(),
        Purpose::Audit,
        1,
    );
    left("POST /api/grants/{id}/answer", vec![want])
}

async fn ask_backup(world: &mut World) -> Left {
    let body = json!({"reason": "the machine is replaced"});
    let grant = world.admin.post("/api/grants/backups", &body).await.ok();
    let want = (
        world.account(&world.admin),
        Action::BackupAsk,
        "grant",
        grant["id"].to_string(),
        Purpose::Maintenance,
        1,
    );
    left("POST /api/grants/backups", vec![want])
}

async fn confirm_restoration(world: &mut World) -> Left {
    things::restoration(&world.bench);
    let mut wants = Vec::new();
    for client in [&world.admin, &world.security] {
        client.post("/api/restoration", &json!({})).await.ok();
        wants.push((
            world.account(client),
            Action::RestoreConfirm,
            "node",
            "restored".to_owned(),
            Purpose::Maintenance,
            1,
        ));
    }
    left("POST /api/restoration", wants)
}
