//! The last touches on the generated description: what holds for every operation is said once, here.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{
    Components, Content, Info, OpenApi, Paths, Ref, RefOr, Response, Schema, path::Operation,
    path::Parameter, schema::SchemaType, schema::Type, security::SecurityRequirement,
};

/// Operations that need no session.
const OPEN: [&str; 6] = [
    "sign_in",
    "answer_code",
    "answer_password",
    "ask_passkey_sign_in",
    "sign_in_with_passkey",
    "description",
];

/// Finishes the description.
pub(crate) fn of(mut api: OpenApi) -> OpenApi {
    api.info = info();
    let components = api.components.get_or_insert_with(Components::new);
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("anlan_session")));
    components
        .security_schemes
        .insert("session".into(), RefOr::T(cookie));
    components.schemas.values_mut().for_each(without_null);
    operations(&mut api.paths).for_each(finish);
    api
}

fn info() -> Info {
    let mut info = Info::new("Anlan", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Reports, cases, places and imports of one node. Times are RFC 3339 in UTC, ids are numbers, words are \
         snake_case; what is absent is left out. Every refusal is an RFC 9457 problem in the language of \
         Accept-Language (zh or en) with a stable `code`. Requests that change something must come from this \
         origin (Sec-Fetch-Site, or Origin equal to Host)."
            .into(),
    );
    info
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ]
        .into_iter()
        .flatten()
    })
}

fn finish(operation: &mut Operation) {
    let parameters = operation.parameters.iter_mut().flatten();
    parameters.filter_map(schema_of).for_each(without_null);
    let problem = RefOr::Ref(Ref::from_schema_name("Problem"));
    let mut refusal = Response::new("Refused; nothing was changed. `code` says why.");
    refusal.content.insert(
        "application/problem+json".into(),
        RefOr::T(Content::new(Some(problem))),
    );
    operation
        .responses
        .responses
        .insert("default".into(), RefOr::T(refusal));
    let is_open = operation
        .operation_id
        .as_deref()
        .is_some_and(|id| OPEN.contains(&id));
    if !is_open {
        operation.security = Some(vec![SecurityRequirement::new("session", Vec::<String>::new())]);
    }
}

fn schema_of(parameter: &mut RefOr<Parameter>) -> Option<&mut RefOr<Schema>> {
    match parameter {
        RefOr::T(parameter) => parameter.schema.as_mut(),
        RefOr::Ref(_) => None,
    }
}

/// We leave absent values out instead of writing `null`; readers of the description should not have to expect both.
fn without_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            if let SchemaType::Array(types) = &mut object.schema_type {
                types.retain(|kind| *kind != Type::Null);
            }
            object.properties.values_mut().for_each(without_null);
        }
        Schema::Array(array) => {
            if let SchemaType::Array(types) = &mut array.schema_type {
                types.retain(|kind| *kind != Type::Null);
            }
        }
        Schema::AllOf(all) => all.items.iter_mut().for_each(without_null),
        Schema::OneOf(one) => one.items.retain(|item| !is_null(item)),
        _ => {}
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
