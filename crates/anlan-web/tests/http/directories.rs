//! A directory for the tests: a machine with a key that speaks SCIM, and what a refusal in its form looks like.

use crate::bench::{Answer, Bench};
use crate::things;
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A directory with its key.
pub(crate) struct Directory<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) key: String,
}

impl<'a> Directory<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        let key = things::machine_key(bench, Role::Directory, &["account.provision"]).1;
        Self { bench, key }
    }

    pub(crate) async fn tagged(&self, at: &str, body: &Value, tag: Option<(&str, &str)>) -> Answer {
        let (method, path) = at.split_once(' ').unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/scim+json");
        if let Some((name, tag)) = tag {
            request = request.header(name, tag);
        }
        let client = self.bench.client();
        client
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn ask(&self, at: &str, body: &Value) -> Answer {
        self.tagged(at, body, None).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &json!({})).await
    }

    pub(crate) async fn user(&self, name: &str) -> String {
        let body = json!({"schemas": [USER], "userName": name, "displayName": "王丽", "externalId": format!("x-{name}")});
        let made = self.ask("POST /Users", &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "displayName": name, "members": members});
        let made = self.ask("POST /Groups", &body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({"schemas": [schema], "Operations": operations});
        self.ask(&format!("PATCH {path}"), &body).await
    }
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, kind: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/scim+json");
    let body = answer.json();
    assert_eq!(
        body["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
    );
    assert_eq!(
        (&body["status"], body["scimType"].as_str()),
        (&json!(status.to_string()), kind)
    );
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
}
