//! `/api/machines`, `/api/accounts/{id}/keys`, `/api/keys`: accounts of machines and the keys that let them in.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::accounts::Account;
use crate::shapes::machines::{MachineKeys, MadeKey, NewKey, NewMachine};
use crate::state::{Web, run};
use anlan_app::machines::{self, MakeKey};
use anlan_model::accounts as model;
use anlan_model::ids::{AccountId, KeyId, OfficeId};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(open))
        .routes(routes!(list, make_key))
        .routes(routes!(revoke_key))
}

/// Make a machine account. It has no roles until the security administrator gives it some, and no key.
#[utoipa::path(post, path = "/api/machines", tag = "accounts", operation_id = "open_machine", request_body = NewMachine,
    responses((status = 201, description = "Made", body = Account)))]
pub(crate) async fn open(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<NewMachine>,
) -> Result<(StatusCode, axum::Json<Account>), Failure> {
    let app = web.app.clone();
    let made = run(move || {
        let account = model::Account {
            id: AccountId(0),
            name: asked.name,
            display_name: asked.display_name,
            roles: vec![],
            office: asked.office.map(OfficeId),
            division: asked.division,
            is_active: true,
        };
        machines::open(&app, &signed.caller, account)
    });
    Ok((StatusCode::CREATED, axum::Json(made.await?.into())))
}

/// The keys of a machine account.
#[utoipa::path(get, path = "/api/accounts/{id}/keys", tag = "accounts", operation_id = "list_keys",
    params(("id" = i64, Path, description = "The machine account's id")),
    responses((status = 200, description = "Keys, and what new ones may be good for", body = MachineKeys)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<axum::Json<MachineKeys>, Failure> {
    let app = web.app.clone();
    let found = run(move || machines::list(&app, &signed.caller, AccountId(id))).await?;
    Ok(axum::Json(found.into()))
}

/// Make a key for a machine account.
#[utoipa::path(post, path = "/api/accounts/{id}/keys", tag = "accounts", operation_id = "make_key", request_body = NewKey,
    params(("id" = i64, Path, description = "The machine account's id")),
    responses((status = 201, description = "Made; what the machine shows, told this once", body = MadeKey)))]
pub(crate) async fn make_key(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
    Json(asked): Json<NewKey>,
) -> Result<(StatusCode, axum::Json<MadeKey>), Failure> {
    let app = web.app.clone();
    let made = run(move || {
        let input = MakeKey {
            name: asked.name,
            scopes: asked.scopes,
            networks: asked.networks,
            expires_at: asked.expires_at,
        };
        machines::make_key(&app, &signed.caller, AccountId(id), input)
    });
    let (key, token) = made.await?;
    let made = MadeKey {
        key: key.into(),
        token,
    };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Revoke a key. It opens nothing from this moment on.
#[utoipa::path(delete, path = "/api/keys/{id}", tag = "accounts", operation_id = "revoke_key",
    params(("id" = i64, Path, description = "The key's number")),
    responses((status = 204, description = "Revoked")))]
pub(crate) async fn revoke_key(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    run(move || machines::revoke_key(&app, &signed.caller, KeyId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
