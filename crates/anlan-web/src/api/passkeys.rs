//! `/api/passkeys`, `/api/session/passkey`: registering a passkey and signing in with one. What browser and authenticator
//! say to each other is passed on as it is.

use super::sessions::entered_as;
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::{Here, Holder, Whence};
use crate::shapes::accounts::Session;
use crate::shapes::passkeys::{NewPasskey, Passkey, PasskeyAnswer, PasskeyAsked};
use crate::state::{Web, run};
use anlan_app::passkeys;
use anlan_model::ids::PasskeyId;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(ask_registration))
        .routes(routes!(remove))
        .routes(routes!(ask_sign_in))
        .routes(routes!(sign_in))
}

/// The caller's passkeys.
#[utoipa::path(get, path = "/api/passkeys", tag = "session", operation_id = "list_passkeys",
    responses((status = 200, description = "Passkeys, the oldest first", body = Vec<Passkey>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Holder,
) -> Result<axum::Json<Vec<Passkey>>, Failure> {
    let app = web.app.clone();
    let found = run(move || passkeys::list(&app, &signed.known)).await?;
    Ok(axum::Json(found.into_iter().map(Passkey::from).collect()))
}

/// Begin to register a passkey.
#[utoipa::path(post, path = "/api/passkeys/asked", tag = "session", operation_id = "ask_passkey",
    responses((status = 200, description = "What the browser is to be asked", body = PasskeyAsked)))]
pub(crate) async fn ask_registration(
    State(web): State<Web>,
    signed: Holder,
    Here(site): Here,
) -> Result<axum::Json<PasskeyAsked>, Failure> {
    let app = web.app.clone();
    let options = run(move || passkeys::begin_registration(&app, &signed.known, &site)).await?;
    Ok(axum::Json(PasskeyAsked { options }))
}

/// Register the passkey that the browser made.
#[utoipa::path(post, path = "/api/passkeys", tag = "session", operation_id = "register_passkey", request_body = NewPasskey,
    responses((status = 201, description = "Registered", body = Passkey)))]
pub(crate) async fn register(
    State(web): State<Web>,
    signed: Holder,
    Here(site): Here,
    Json(asked): Json<NewPasskey>,
) -> Result<(StatusCode, axum::Json<Passkey>), Failure> {
    let app = web.app.clone();
    let made = run(move || passkeys::finish_registration(&app, &signed.known, &site, &asked.into()));
    Ok((StatusCode::CREATED, axum::Json(made.await?.into())))
}

/// Remove one of the caller's passkeys.
#[utoipa::path(delete, path = "/api/passkeys/{id}", tag = "session", operation_id = "remove_passkey",
    params(("id" = i64, Path, description = "The passkey's number")),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn remove(
    State(web): State<Web>,
    signed: Holder,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    run(move || passkeys::remove(&app, &signed.known, PasskeyId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to sign in with a passkey.
#[utoipa::path(post, path = "/api/session/passkey/asked", tag = "session", operation_id = "ask_passkey_sign_in",
    responses((status = 200, description = "What the browser is to be asked", body = PasskeyAsked)))]
pub(crate) async fn ask_sign_in(
    State(web): State<Web>,
    Here(site): Here,
) -> Result<axum::Json<PasskeyAsked>, Failure> {
    let app = web.app.clone();
    let options = run(move || passkeys::begin_sign_in(&app, &site)).await?;
    Ok(axum::Json(PasskeyAsked { options }))
}

/// Sign in with a passkey.
#[utoipa::path(post, path = "/api/session/passkey", tag = "session", operation_id = "sign_in_with_passkey", request_body = PasskeyAnswer,
    responses((status = 200, description = "Signed in", body = Session)))]
pub(crate) async fn sign_in(
    State(web): State<Web>,
    Here(site): Here,
    Whence(from): Whence,
    Json(asked): Json<PasskeyAnswer>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let entered = run(move || passkeys::finish_sign_in(&app, &site, &asked.credential, &from)).await?;
    entered_as(&web, &entered)
}
