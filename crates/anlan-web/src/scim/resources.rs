//! Users and groups as SCIM writes them (RFC 7643, section 4), and back. What is not in our schemas is passed over.

use super::filters::field;
use super::refusals::Refusal;
use super::schemas::{GROUP, USER};
use anlan_app::directories::{self, Group, GroupInput, Person, PersonInput};
use anlan_app::{App, Caller, Error};
use anlan_model::ids::{AccountId, GroupId};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A resource and the version it is at.
pub(super) struct Resource {
    pub(super) body: Value,
    pub(super) version: u32,
    pub(super) location: String,
}

fn made(mut body: Value, meta: Meta<'_>) -> Resource {
    let Meta {
        kind,
        location,
        version,
        created,
        changed,
        external,
    } = meta;
    if let Some(fields) = body.as_object_mut() {
        if let Some(external) = external {
            fields.insert("externalId".into(), external.into());
        }
        let meta = json!({
            "resourceType": kind, "location": location, "version": tag(version),
            "created": created, "lastModified": changed,
        });
        fields.insert("meta".into(), meta);
    }
    Resource {
        body,
        version,
        location,
    }
}

struct Meta<'a> {
    kind: &'a str,
    location: String,
    version: u32,
    created: Timestamp,
    changed: Timestamp,
    external: Option<String>,
}

/// The kinds of resources.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    User,
    Group,
}

/// What a directory says of a resource.
pub(super) enum Input {
    User(PersonInput),
    Group(GroupInput),
}

impl Kind {
    /// What a body of this kind says.
    pub(super) fn input(self, body: &Value) -> Result<Input, Refusal> {
        Ok(match self {
            Self::User => Input::User(person_of(body)?),
            Self::Group => Input::Group(group_of(body)?),
        })
    }

    pub(super) fn list(self, app: &App, caller: &Caller, base: &str) -> Result<Vec<Resource>, Error> {
        Ok(match self {
            Self::User => {
                let all = directories::list(app, caller)?.into_iter();
                all.map(|person| user(person, base)).collect()
            }
            Self::Group => {
                let all = directories::list_groups(app, caller)?.into_iter();
                all.map(|one| group(one, base)).collect()
            }
        })
    }

    pub(super) fn find(self, app: &App, caller: &Caller, id: i64, base: &str) -> Result<Resource, Error> {
        Ok(match self {
            Self::User => user(directories::find(app, caller, AccountId(id))?, base),
            Self::Group => group(directories::find_group(app, caller, GroupId(id))?, base),
        })
    }

    pub(super) fn remove(
        self,
        app: &App,
        caller: &Caller,
        (id, version): (i64, Option<u32>),
    ) -> Result<(), Error> {
        match self {
            Self::User => directories::remove(app, caller, AccountId(id), version),
            Self::Group => directories::remove_group(app, caller, GroupId(id), version),
        }
    }
}

impl Input {
    pub(super) fn create(self, app: &App, caller: &Caller, base: &str) -> Result<Resource, Error> {
        Ok(match self {
            Self::User(input) => user(directories::create(app, caller, input)?, base),
            Self::Group(input) => group(directories::create_group(app, caller, input)?, base),
        })
    }

    pub(super) fn put(
        self,
        app: &App,
        caller: &Caller,
        (id, version): (i64, Option<u32>),
        base: &str,
    ) -> Result<Resource, Error> {
        Ok(match self {
            Self::User(input) => {
                let put = directories::put(app, caller, AccountId(id), version, input)?;
                user(put, base)
            }
            Self::Group(input) => {
                let put = directories::put_group(app, caller, GroupId(id), version, input)?;
                group(put, base)
            }
        })
    }
}

/// A version as an entity tag. Weak: groups of a user change with the groups.
pub(super) fn tag(version: u32) -> String {
    format!("W/\"{version}\"")
}

/// An account as a user.
fn user(person: Person, base: &str) -> Resource {
    let id = person.account.id.to_string();
    let groups = person.groups.iter().map(
        |(id, name)| json!({"value": id.to_string(), "display": name, "$ref": format!("{base}/Groups/{id}")}),
    );
    let body = json!({
        "schemas": [USER], "id": id, "userName": person.account.name,
        "displayName": person.account.display_name, "active": person.account.is_active,
        "groups": groups.collect::<Vec<_>>(),
    });
    let provision = person.provision;
    made(
        body,
        Meta {
            kind: "User",
            location: format!("{base}/Users/{id}"),
            version: provision.version,
            created: provision.created_at,
            changed: provision.changed_at,
            external: provision.external,
        },
    )
}

/// A group.
fn group(group: Group, base: &str) -> Resource {
    let id = group.group.id.to_string();
    let members = group.members.iter().map(|member| {
        json!({"value": member.to_string(), "type": "User", "$ref": format!("{base}/Users/{member}")})
    });
    let body = json!({
        "schemas": [GROUP], "id": id, "displayName": group.group.name, "members": members.collect::<Vec<_>>(),
    });
    made(
        body,
        Meta {
            kind: "Group",
            location: format!("{base}/Groups/{id}"),
            version: group.group.version,
            created: group.group.created_at,
            changed: group.group.changed_at,
            external: group.group.external,
        },
    )
}

/// Text under this name; `None` where there is none.
fn text(of: &Value, name: &str) -> Result<Option<String>, Refusal> {
    match field(of, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::bad("invalidValue", format!("{name} is a text."))),
    }
}

fn is_of(of: &Value, schema: &str) -> Result<(), Refusal> {
    let named = field(of, "schemas").and_then(Value::as_array);
    let is_named = named.is_some_and(|all| {
        all.iter()
            .any(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(schema)))
    });
    if is_named {
        return Ok(());
    }
    Err(Refusal::bad(
        "invalidSyntax",
        format!("The resource must name the schema {schema}."),
    ))
}

/// What a user says of a person.
fn person_of(of: &Value) -> Result<PersonInput, Refusal> {
    is_of(of, USER)?;
    let name = text(of, "userName")?.ok_or_else(|| Refusal::bad("invalidValue", "userName is missing."))?;
    let is_active = match field(of, "active") {
        None | Some(Value::Null) => true,
        Some(Value::Bool(is_active)) => *is_active,
        // Some directories write truth values as text.
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => true,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => false,
        Some(_) => return Err(Refusal::bad("invalidValue", "active is true or false.")),
    };
    let shown = text(of, "displayName")?.filter(|text| !text.trim().is_empty());
    Ok(PersonInput {
        display_name: shown.unwrap_or_else(|| name.trim().to_owned()),
        external: text(of, "externalId")?,
        name,
        is_active,
    })
}

/// What a group says.
fn group_of(of: &Value) -> Result<GroupInput, Refusal> {
    is_of(of, GROUP)?;
    let name = text(of, "displayName")?;
    let name = name.ok_or_else(|| Refusal::bad("invalidValue", "displayName is missing."))?;
    let wrong = || {
        Refusal::bad(
            "invalidValue",
            "members are users of this directory, by their ids.",
        )
    };
    let members = match field(of, "members") {
        None | Some(Value::Null) => vec![],
        Some(Value::Array(all)) => {
            let member = |one: &Value| {
                let id = field(one, "value").and_then(Value::as_str);
                id.and_then(|id| id.parse().ok()).map(AccountId).ok_or_else(wrong)
            };
            all.iter().map(member).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(wrong()),
    };
    Ok(GroupInput {
        external: text(of, "externalId")?,
        name,
        members,
    })
}

/// Only these attributes of a resource, or all but those; `id`, `schemas` and `meta` are always there (RFC 7644, 3.9).
pub(super) fn shown(mut body: Value, only: Option<&str>, without: Option<&str>) -> Value {
    let listed = |list: &str, name: &str| {
        list.split(',').any(|one| {
            let one = one.trim().rsplit(':').next().unwrap_or_default();
            one.split('.')
                .next()
                .is_some_and(|one| one.eq_ignore_ascii_case(name))
        })
    };
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, _| {
            let is_always = ["id", "schemas", "meta"].contains(&name.as_str());
            let is_asked = only.is_none_or(|list| listed(list, name));
            is_always || is_asked && !without.is_some_and(|list| listed(list, name))
        });
    }
    body
}
