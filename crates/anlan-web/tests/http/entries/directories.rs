//! Steps of directories, and of deciding what comes with their groups.

use super::accounts::by;
use super::api::left;
use super::{Left, Want, World, steps};
use crate::bench::Answer;
use crate::things;
use anlan_app::{Caller, directories};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, GroupId};
use anlan_policy::Action;
use serde_json::{Value, json};

steps![
    list_users,
    create_user,
    read_user,
    put_user,
    patch_user,
    delete_user,
    list_kept_groups,
    create_group,
    read_group,
    put_group,
    patch_group,
    delete_group,
    list_all_groups,
    set_group_roles,
];

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A directory that keeps one account in one group, which gives a role.
struct Kept {
    keeper: AccountId,
    token: String,
    person: AccountId,
    group: GroupId,
}

fn kept(world: &mut World) -> Kept {
    let (caller, person, group) = things::directory(&world.bench);
    let security = Caller::of(&security(world), "api");
    directories::set_group_roles(&world.bench.app, &security, group, vec![Role::Duty]).unwrap();
    let keeper = caller.actor.account.unwrap();
    world.mark();
    Kept {
        keeper,
        token: format!("anlan-key-{keeper}"),
        person,
        group,
    }
}

fn security(world: &World) -> anlan_model::accounts::Account {
    let id = AccountId(world.account(&world.security).unwrap());
    let found = world
        .bench
        .app
        .store
        .read(|tx| anlan_store::accounts::find(tx, id));
    found.map_err(|error: anlan_store::Error| error).unwrap().unwrap()
}

impl Kept {
    async fn ask(&self, world: &World, at: &str, body: &Value) -> Answer {
        let answer = crate::machines::send(&world.bench, &self.token, at, body).await;
        assert!(answer.status.is_success(), "{at}: {}", answer.text());
        answer
    }

    fn want(&self, what: &'static str, id: &impl ToString) -> Want {
        let purpose = Purpose::Maintenance;
        (
            Some(self.keeper.0),
            Action::AccountProvision,
            what,
            id.to_string(),
            purpose,
            1,
        )
    }

    fn takes_the_role(&self) -> Want {
        self.want("role", &format!("{} -duty", self.person))
    }
}

async fn list_users(world: &mut World) -> Left {
    let kept = kept(world);
    kept.ask(world, "GET /scim/v2/Users", &json!({})).await;
    left("GET /scim/v2/Users", vec![kept.want("account", &"list")])
}

async fn create_user(world: &mut World) -> Left {
    let kept = kept(world);
    let body = json!({"schemas": [USER], "userName": format!("kept-{}", things::number())});
    let made = kept.ask(world, "POST /scim/v2/Users", &body).await.json();
    let want = kept.want("account", &made["id"].as_str().unwrap());
    left("POST /scim/v2/Users", vec![want])
}

async fn read_user(world: &mut World) -> Left {
    let kept = kept(world);
    kept.ask(world, &format!("GET /scim/v2/Users/{}", kept.person), &json!({}))
        .await;
    left(
        "GET /scim/v2/Users/{id}",
        vec![kept.want("account", &kept.person)],
    )
}

async fn put_user(world: &mut World) -> Left {
    let kept = kept(world);
    let body = json!({"schemas": [USER], "userName": format!("kept-{}", things::number())});
    kept.ask(world, &format!("PUT /scim/v2/Users/{}", kept.person), &body)
        .await;
    left(
        "PUT /scim/v2/Users/{id}",
        vec![kept.want("account", &kept.person)],
    )
}

/// What is read to be patched is noted as a look.
async fn patch_user(world: &mut World) -> Left {
    let kept = kept(world);
    let body =
        json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": false}]});
    kept.ask(world, &format!("PATCH /scim/v2/Users/{}", kept.person), &body)
        .await;
    let want = || kept.want("account", &kept.person);
    left("PATCH /scim/v2/Users/{id}", vec![want(), want()])
}

async fn delete_user(world: &mut World) -> Left {
    let kept = kept(world);
    kept.ask(
        world,
        &format!("DELETE /scim/v2/Users/{}", kept.person),
        &json!({}),
    )
    .await;
    left(
        "DELETE /scim/v2/Users/{id}",
        vec![kept.want("account", &kept.person)],
    )
}

async fn list_kept_groups(world: &mut World) -> Left {
    let kept = kept(world);
    kept.ask(world, "GET /scim/v2/Groups", &json!({})).await;
    left("GET /scim/v2/Groups", vec![kept.want("group", &"list")])
}

async fn create_group(world: &mut World) -> Left {
    let kept = kept(world);
    let member = json!([{"value": kept.person.to_string()}]);
    let body = json!({"schemas": [GROUP], "displayName": "Night desk", "members": member});
    let made = kept.ask(world, "POST /scim/v2/Groups", &body).await.json();
    let want = kept.want("group", &made["id"].as_str().unwrap());
    left("POST /scim/v2/Groups", vec![want])
}

async fn read_group(world: &mut World) -> Left {
    let kept = kept(world);
    kept.ask(world, &format!("GET /scim/v2/Groups/{}", kept.group), &json!({}))
        .await;
    left("GET /scim/v2/Groups/{id}", vec![kept.want("group", &kept.group)])
}

async fn put_group(world: &mut World) -> Left {
    let kept = kept(world);
    let body = json!({"schemas": [GROUP], "displayName": "Empty"});
    kept.ask(world, &format!("PUT /scim/v2/Groups/{}", kept.group), &body)
        .await;
    let wants = vec![kept.want("group", &kept.group), kept.takes_the_role()];
    left("PUT /scim/v2/Groups/{id}", wants)
}

async fn patch_group(world: &mut World) -> Left {
    let kept = kept(world);
    let body = json!({"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}]});
    kept.ask(world, &format!("PATCH /scim/v2/Groups/{}", kept.group), &body)
        .await;
    let want = || kept.want("group", &kept.group);
    left(
        "PATCH /scim/v2/Groups/{id}",
        vec![want(), want(), kept.takes_the_role()],
    )
}

async fn delete_group(world: &mut World) -> Left {
    let kept = kept(world);
    kept.ask(
        world,
        &format!("DELETE /scim/v2/Groups/{}", kept.group),
        &json!({}),
    )
    .await;
    let wants = vec![kept.want("group", &kept.group), kept.takes_the_role()];
    left("DELETE /scim/v2/Groups/{id}", wants)
}

async fn list_all_groups(world: &mut World) -> Left {
    kept(world);
    let all = world.admin.get("/api/groups").await.ok();
    let count = all.as_array().unwrap().len();
    let want = by(world, &world.admin, Action::AccountRead, "group", &"list", count);
    left("GET /api/groups", vec![want])
}

async fn set_group_roles(world: &mut World) -> Left {
    let kept = kept(world);
    let path = format!("/api/groups/{}/roles", kept.group);
    world
        .security
        .json("PUT", &path, None, &json!({"roles": ["clerk"]}))
        .await
        .ok();
    let what = format!("{} +clerk -duty", kept.person);
    let wants = vec![
        by(world, &world.security, Action::RoleGrant, "group", &kept.group, 1),
        by(world, &world.security, Action::RoleGrant, "role", &what, 1),
    ];
    left("PUT /api/groups/{id}/roles", wants)
}
