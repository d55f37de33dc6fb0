//! The door for directories: accounts and groups come, change and go by SCIM, each directory finds its own only, and a group gives
//! what somebody here decided.

use crate::bench::{Answer, Bench, Client};
use crate::directories::{Directory, GROUP, USER, refused};
use crate::providers::{arrive, depart};
use crate::things;
use anlan_model::accounts::Role;
use anlan_web::doors::{DOORS, Key};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

async fn sign_in(bench: &Bench, name: &str) -> (Client, Answer) {
    let mut client = bench.client();
    let url = depart(&mut client).await;
    let back = bench.provider.signs_in(&url, &format!("sub-of-{name}"));
    let answer = arrive(&mut client, &back).await;
    (client, answer)
}

async fn map(bench: &Bench, group: &str, roles: Value) -> Answer {
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let path = format!("/api/groups/{group}/roles");
    security
        .json("PUT", &path, None, &json!({ "roles": roles }))
        .await
}

#[tokio::test]
async fn somebody_comes_is_given_a_role_by_a_group_and_is_out_at_once_when_closed() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    let id = directory.user("wang.li@county.test").await;
    sign_in(&bench, "wang.li@county.test")
        .await
        .1
        .refused(403, "post.none");
    let group = directory.group("Duty desk", &[&id]).await;
    sign_in(&bench, "wang.li@county.test")
        .await
        .1
        .refused(403, "post.none");
    map(&bench, &group, json!(["duty"])).await.ok();
    let (client, session) = sign_in(&bench, "wang.li@county.test").await;
    assert_eq!(session.ok()["account"]["roles"], json!(["duty"]));
    client.get("/api/cases").await.ok();

    let replace = json!([{"op": "Replace", "path": "active", "value": false}]);
    let closed = directory.patch(&format!("/Users/{id}"), replace).await;
    assert_eq!(
        (closed.status.as_u16(), &closed.json()["active"]),
        (200, &json!(false))
    );
    client.get("/api/cases").await.refused(401, "session.none");
    sign_in(&bench, "wang.li@county.test")
        .await
        .1
        .refused(403, "identity.unknown");
    directory
        .patch(
            &format!("/Users/{id}"),
            json!([{"op": "replace", "value": {"active": "True"}}]),
        )
        .await
        .ok();
    let (client, _) = sign_in(&bench, "wang.li@county.test").await;
    client.get("/api/cases").await.ok();
    // Out of the group, without its role, signed out.
    let out = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    assert_eq!(
        directory.patch(&format!("/Groups/{group}"), out).await.ok()["members"],
        json!([])
    );
    client.get("/api/session").await.refused(401, "session.none");
    sign_in(&bench, "wang.li@county.test")
        .await
        .1
        .refused(403, "post.none");

    assert_eq!(
        directory
            .ask(&format!("DELETE /Users/{id}"), &json!({}))
            .await
            .status,
        204
    );
    refused(&directory.get(&format!("/Users/{id}")).await, 404, None);
    sign_in(&bench, "wang.li@county.test")
        .await
        .1
        .refused(403, "identity.unknown");
    assert_ne!(
        directory.user("wang.li@county.test").await,
        id,
        "the name is free, the number is not"
    );
}

#[tokio::test]
async fn grave_roles_come_with_no_group_and_nobody_serves_themselves() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    let id = directory.user("li").await;
    let group = directory.group("Desk", &[&id]).await;
    for roles in [
        json!(["admin"]),
        json!(["security"]),
        json!(["auditor"]),
        json!(["directory"]),
    ] {
        map(&bench, &group, roles).await.refused(422, "directory.roles");
    }
    map(&bench, &group, json!(["admin", "auditor"]))
        .await
        .refused(422, "roles.apart");
    map(&bench, "9999", json!(["duty"])).await.refused(404, "missing");
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let path = format!("/api/groups/{group}/roles");
    admin
        .json("PUT", &path, None, &json!({"roles": ["duty"]}))
        .await
        .refused(403, "no_right");
    map(&bench, &group, json!(["duty"])).await.ok();
    let seen = admin.get("/api/groups").await.ok();
    assert_eq!(
        (&seen[0]["members"], &seen[0]["roles"]),
        (&json!(1), &json!(["duty"]))
    );
    // What somebody was given otherwise stays when the group goes.
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let roles = format!("/api/accounts/{id}/roles");
    security
        .json("PUT", &roles, None, &json!({"roles": ["duty", "steward"]}))
        .await
        .ok();
    assert_eq!(
        directory
            .ask(&format!("DELETE /Groups/{group}"), &json!({}))
            .await
            .status,
        204
    );
    let seen = admin.get(&format!("/api/accounts/{id}")).await.ok();
    assert_eq!(seen["roles"], json!(["steward"]));
    assert_eq!(seen["keeper"], "Wang");
}

#[tokio::test]
async fn a_directory_finds_its_own_only() {
    let bench = Bench::named();
    let (one, other) = (Directory::new(&bench), Directory::new(&bench));
    let mine = one.user("mine").await;
    let group = one.group("Desk", &[&mine]).await;
    let local = things::account(&bench).to_string();
    for id in [mine.as_str(), local.as_str(), "999999", "x", "-1"] {
        for at in ["GET", "PATCH", "PUT", "DELETE"] {
            let body = match at {
                "PUT" => json!({"schemas": [USER], "userName": "taken-over"}),
                _ => json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{"op": "replace", "path": "active", "value": false}]}),
            };
            refused(&other.ask(&format!("{at} /Users/{id}"), &body).await, 404, None);
        }
    }
    refused(&other.get(&format!("/Groups/{group}")).await, 404, None);
    assert_eq!(other.get("/Users").await.ok()["totalResults"], 0);
    assert_eq!(other.get("/Groups").await.ok()["totalResults"], 0);
    let body = json!({"schemas": [GROUP], "displayName": "Desk", "members": [{"value": mine}]});
    refused(&other.ask("POST /Groups", &body).await, 400, Some("invalidValue"));
    let body = json!({"schemas": [USER], "userName": "MINE"});
    refused(&other.ask("POST /Users", &body).await, 409, Some("uniqueness"));
    refused(
        &one.ask(
            "POST /Groups",
            &json!({"schemas": [GROUP], "displayName": "Desk"}),
        )
        .await,
        409,
        Some("uniqueness"),
    );
}

#[tokio::test]
async fn only_a_directorys_key_comes_in() {
    let bench = Bench::named();
    let duty = things::machine_key(&bench, Role::Duty, &["case.list"]).1;
    let unscoped = things::machine_key(&bench, Role::Directory, &["reference.read"]).1;
    let roleless = things::machine_key(&bench, Role::Clerk, &["account.provision"]).1;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let mut asked = 0;
    for door in DOORS
        .iter()
        .filter(|door| door.key == Key::Machine && door.at.contains(" /scim/"))
    {
        let at = door.at.replace("/scim/v2", "").replace("{id}", "1");
        let body = json!({"schemas": [USER, GROUP, "urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "userName": "x", "displayName": "x", "Operations": [{"op": "replace", "path": "displayName", "value": "y"}]});
        for (key, status) in [
            (&duty, 403),
            (&unscoped, 403),
            (&roleless, 403),
            (&"x".to_owned(), 401),
        ] {
            let directory = Directory {
                bench: &bench,
                key: key.clone(),
            };
            refused(&directory.ask(&at, &body).await, status, None);
            asked += 1;
        }
        let (method, path) = door.at.split_once(' ').unwrap();
        let told = admin.json(method, &path.replace("{id}", "1"), None, &body).await;
        refused(&told, 401, None);
    }
    assert!(asked > 60, "{asked}");
}

#[tokio::test]
async fn lists_are_filtered_paged_and_cut_as_asked() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    for name in ["ada", "bo", "cy", "di"] {
        directory.user(name).await;
    }
    let names = |answer: &Value| -> Vec<String> {
        let all = answer["Resources"].as_array().unwrap().iter();
        all.map(|one| one["userName"].as_str().unwrap_or("-").to_owned())
            .collect()
    };
    for (query, total, found) in [
        ("", 4, vec!["ada", "bo", "cy", "di"]),
        ("?filter=userName%20eq%20%22BO%22", 1, vec!["bo"]),
        (
            "?filter=externalId%20eq%20%22x-cy%22%20or%20userName%20sw%20%22a%22",
            2,
            vec!["ada", "cy"],
        ),
        ("?startIndex=2&count=2", 4, vec!["bo", "cy"]),
        ("?startIndex=-5&count=1", 4, vec!["ada"]),
        ("?count=0", 4, vec![]),
        ("?count=-1", 4, vec![]),
        ("?startIndex=99", 4, vec![]),
        ("?attributes=displayName&count=1", 4, vec!["-"]),
        ("?excludedAttributes=userName&count=1", 4, vec!["-"]),
    ] {
        let answer = directory.get(&format!("/Users{query}")).await.ok();
        assert_eq!(answer["totalResults"], total, "{query}");
        assert_eq!(names(&answer), found, "{query}");
        assert_eq!(answer["itemsPerPage"], found.len(), "{query}");
    }
    refused(
        &directory.get("/Users?filter=userName%20is").await,
        400,
        Some("invalidFilter"),
    );
    refused(
        &directory.get("/Users?startIndex=x").await,
        400,
        Some("invalidValue"),
    );
}

#[tokio::test]
async fn versions_keep_changes_from_being_lost() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    let id = directory.user("ada").await;
    let read = directory.get(&format!("/Users/{id}")).await;
    let tag = read.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(
        (tag.as_str(), &read.json()["meta"]["version"]),
        ("W/\"1\"", &json!("W/\"1\""))
    );
    let at = format!("GET /Users/{id}");
    let known = directory
        .tagged(&at, &json!({}), Some(("if-none-match", &tag)))
        .await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let body = json!({"schemas": [USER], "userName": "ada", "displayName": "Ada"});
    let at = format!("PUT /Users/{id}");
    let put = directory.tagged(&at, &body, Some(("if-match", &tag))).await;
    assert_eq!(
        (put.status.as_u16(), put.headers[header::ETAG].to_str().unwrap()),
        (200, "W/\"2\"")
    );
    assert_eq!(
        put.json().get("externalId"),
        None,
        "what a whole resource leaves out is gone"
    );
    refused(
        &directory.tagged(&at, &body, Some(("if-match", &tag))).await,
        412,
        None,
    );
    refused(
        &directory.tagged(&at, &body, Some(("if-match", "\"x\""))).await,
        412,
        None,
    );
    let at = format!("DELETE /Users/{id}");
    refused(
        &directory.tagged(&at, &json!({}), Some(("if-match", &tag))).await,
        412,
        None,
    );
    let same = directory.ask(&format!("PUT /Users/{id}"), &body).await;
    assert_eq!(same.json()["meta"]["version"], "W/\"2\"", "nothing changed");
}

#[tokio::test]
async fn bodies_that_cannot_be_taken_are_told_in_scims_own_form() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    let id = directory.user("ada").await;
    for (body, kind) in [
        (json!({}), "invalidSyntax"),
        (json!([]), "invalidSyntax"),
        (json!({"schemas": [GROUP], "userName": "x"}), "invalidSyntax"),
        (json!({"schemas": [USER]}), "invalidValue"),
        (json!({"schemas": [USER], "userName": 5}), "invalidValue"),
        (json!({"schemas": [USER], "userName": "a b"}), "invalidValue"),
        (
            json!({"schemas": [USER], "userName": "x".repeat(65)}),
            "invalidValue",
        ),
        (
            json!({"schemas": [USER], "userName": "x", "displayName": "\u{7}"}),
            "invalidValue",
        ),
        (
            json!({"schemas": [USER], "userName": "x", "active": "maybe"}),
            "invalidValue",
        ),
        (
            json!({"schemas": [USER], "userName": "x", "externalId": "x".repeat(256)}),
            "invalidValue",
        ),
    ] {
        refused(&directory.ask("POST /Users", &body).await, 400, Some(kind));
        refused(
            &directory.ask(&format!("PUT /Users/{id}"), &body).await,
            400,
            Some(kind),
        );
    }
    let seen = directory.get(&format!("/Users/{id}")).await.ok();
    assert_eq!(seen["userName"], "ada");
}

#[tokio::test]
async fn patches_and_members_that_cannot_be_taken_change_nothing() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    let id = directory.user("ada").await;
    for (operations, kind) in [
        (
            json!([{"op": "replace", "path": "id", "value": "1"}]),
            "mutability",
        ),
        (
            json!([{"op": "replace", "path": "groups", "value": []}]),
            "mutability",
        ),
        (json!([{"op": "remove", "path": "userName"}]), "invalidValue"),
        (
            json!([{"op": "replace", "path": "userName[", "value": "x"}]),
            "invalidPath",
        ),
        (json!([{"op": "remove"}]), "noTarget"),
    ] {
        refused(
            &directory.patch(&format!("/Users/{id}"), operations).await,
            400,
            Some(kind),
        );
    }
    refused(
        &directory
            .ask(&format!("PATCH /Users/{id}"), &json!({"Operations": 1}))
            .await,
        400,
        Some("invalidSyntax"),
    );
    for members in [
        json!([{"value": 5}]),
        json!([{}]),
        json!("1"),
        json!([{"value": "x"}]),
    ] {
        let body = json!({"schemas": [GROUP], "displayName": "Desk", "members": members});
        refused(
            &directory.ask("POST /Groups", &body).await,
            400,
            Some("invalidValue"),
        );
    }
    let request = Request::post("/scim/v2/Users")
        .header(header::AUTHORIZATION, format!("Bearer {}", directory.key))
        .header(header::CONTENT_TYPE, "text/plain");
    let told = bench.client().send(request.body(Body::from("{}")).unwrap()).await;
    refused(&told, 415, None);
    let seen = directory.get(&format!("/Users/{id}")).await.ok();
    assert_eq!(
        (&seen["userName"], &seen["meta"]["version"]),
        (&json!("ada"), &json!("W/\"1\""))
    );
}

#[tokio::test]
async fn discovery_names_what_is_there() {
    let bench = Bench::named();
    let directory = Directory::new(&bench);
    let config = directory.get("/ServiceProviderConfig").await.ok();
    for (part, is_there) in [
        ("patch", true),
        ("filter", true),
        ("etag", true),
        ("bulk", false),
        ("sort", false),
    ] {
        assert_eq!(config[part]["supported"], is_there, "{part}");
    }
    let schemas = directory.get("/Schemas").await.ok();
    assert_eq!(schemas["totalResults"], 2);
    for one in schemas["Resources"].as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        assert_eq!(directory.get(&format!("/Schemas/{id}")).await.ok(), *one);
    }
    let kinds = directory.get("/ResourceTypes").await.ok();
    assert_eq!(kinds["Resources"][0]["endpoint"], "/Users");
    assert_eq!(
        directory.get("/ResourceTypes/Group").await.ok(),
        kinds["Resources"][1]
    );
    refused(&directory.get("/ResourceTypes/Device").await, 404, None);
    refused(&directory.get("/Schemas/x").await, 404, None);
    let id = directory.user("ada").await;
    let user = directory.get(&format!("/Users/{id}")).await.ok();
    assert_eq!(
        user["meta"]["location"],
        format!("http://county.test/scim/v2/Users/{id}")
    );
}
