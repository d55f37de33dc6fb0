//! What SCIM's discovery says of this node (RFC 7643, sections 5 to 7): what it can do, which resources it has, and every
//! attribute of them. What is not named here is not kept.

use serde_json::{Value, json};

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// What this node can do.
pub(super) fn config(base: &str, page_max: usize) -> Value {
    json!({
        "schemas": [CONFIG],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": page_max},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Machine key",
            "description": "A key of a machine account, as Authorization: Bearer", "primary": true,
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
    })
}

/// The kinds of resources.
pub(super) fn resource_types(base: &str) -> Vec<Value> {
    let kind = |name: &str, endpoint: &str, schema: &str| {
        json!({
            "schemas": [RESOURCE_TYPE], "id": name, "name": name, "endpoint": endpoint, "schema": schema,
            "schemaExtensions": [],
            "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}")},
        })
    };
    vec![kind("User", "/Users", USER), kind("Group", "/Groups", GROUP)]
}

/// An attribute; text that may be written, unless `over` says otherwise.
fn attribute(name: &str, description: &str, over: &Value) -> Value {
    let mut attribute = json!({
        "name": name, "description": description, "type": "string", "multiValued": false, "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    if let (Some(own), Some(over)) = (attribute.as_object_mut(), over.as_object()) {
        own.extend(over.clone());
        if over
            .get("type")
            .is_some_and(|kind| kind != "string" && kind != "reference")
        {
            own.remove("caseExact");
        }
    }
    attribute
}

fn read_only(name: &str, description: &str) -> Value {
    attribute(
        name,
        description,
        &json!({"mutability": "readOnly", "caseExact": true}),
    )
}

/// Every schema.
pub(super) fn schemas(base: &str) -> Vec<Value> {
    let schema = |id: &str, name: &str, description: &str, attributes: Value| {
        json!({
            "schemas": [SCHEMA], "id": id, "name": name, "description": description, "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{id}")},
        })
    };
    let groups = json!([
        read_only("value", "The group's id"),
        read_only("display", "The group's name"),
    ]);
    let member = json!([
        attribute(
            "value",
            "The user's id",
            &json!({"mutability": "immutable", "caseExact": true})
        ),
        attribute(
            "type",
            "Always User",
            &json!({"mutability": "immutable", "canonicalValues": ["User"]})
        ),
    ]);
    let user = json!([
        attribute(
            "userName",
            "What its holder is known by here; 1 to 64 characters, none of them blank",
            &json!({"required": true, "uniqueness": "server"})
        ),
        attribute(
            "displayName",
            "What others see, 1 to 64 characters; userName where it is left out",
            &json!({})
        ),
        attribute(
            "active",
            "Whether its holder may sign in",
            &json!({"type": "boolean"})
        ),
        attribute(
            "groups",
            "The groups it is in; changed at the groups",
            &json!({"type": "complex", "multiValued": true, "mutability": "readOnly", "subAttributes": groups})
        ),
    ]);
    let group = json!([
        attribute(
            "displayName",
            "Its name, 1 to 128 characters",
            &json!({"required": true, "uniqueness": "server"})
        ),
        attribute(
            "members",
            "Users in it",
            &json!({"type": "complex", "multiValued": true, "subAttributes": member})
        ),
    ]);
    vec![
        schema(USER, "User", "An account that the directory keeps", user),
        schema(GROUP, "Group", "A group that the directory keeps", group),
    ]
}
