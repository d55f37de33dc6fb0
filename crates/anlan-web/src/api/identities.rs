//! `/api/session/provider`, `/api/accounts/{id}/identity`: signing in through a provider elsewhere, and who may. What a browser
//! brings back is passed on as it is.

use super::sessions::entered_as;
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::{self as cookies, Away as Token, Here, Signed, Whence};
use crate::shapes::accounts::{SecuredAccount, Session};
use crate::shapes::identities::{Arrival, Away, Departure, NewIdentity, Provider};
use crate::shapes::sessions::NextStep;
use crate::state::{Web, run};
use anlan_app::{accounts, identities};
use anlan_model::ids::AccountId;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(providers))
        .routes(routes!(depart))
        .routes(routes!(arrive))
        .routes(routes!(name, forget))
}

/// The providers through which accounts may sign in.
#[utoipa::path(get, path = "/api/session/providers", tag = "session", operation_id = "list_providers",
    responses((status = 200, description = "Providers, in the order of the configuration", body = Vec<Provider>)))]
pub(crate) async fn providers(State(web): State<Web>) -> axum::Json<Vec<Provider>> {
    let all = identities::providers(&web.app).into_iter();
    axum::Json(all.map(Provider::from).collect())
}

/// Begin to sign in through a provider.
#[utoipa::path(post, path = "/api/session/provider", tag = "session", operation_id = "depart_to_provider", request_body = Departure,
    responses((status = 200, description = "Where the browser is to go", body = Away)))]
pub(crate) async fn depart(
    State(web): State<Web>,
    Here(site): Here,
    Json(asked): Json<Departure>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let away = run(move || identities::depart(&app, &asked.provider, &site.origin)).await?;
    let cookie = cookies::away(&web.config, &away.token).ok_or_else(Failure::internal)?;
    Ok(([(header::SET_COOKIE, cookie)], axum::Json(Away { url: away.url })).into_response())
}

/// Sign in with what the browser came back with. It is taken once, within ten minutes, and in the same browser.
#[utoipa::path(post, path = "/api/session/provider/answer", tag = "session", operation_id = "arrive_from_provider", request_body = Arrival,
    responses((status = 200, description = "Signed in", body = Session),
        (status = 202, description = "One step more", body = NextStep)))]
pub(crate) async fn arrive(
    State(web): State<Web>,
    Token(token): Token,
    Whence(from): Whence,
    Json(asked): Json<Arrival>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let entered = run(move || {
        let arrival = identities::Arrival {
            provider: asked.provider,
            state: asked.state,
            code: asked.code,
            issuer: asked.iss,
        };
        identities::arrive(&app, &token, &arrival, &from)
    });
    entered_as(&web, &entered.await?)
}

/// Let the holder of an account sign in through a provider. The password goes and every session ends.
#[utoipa::path(put, path = "/api/accounts/{id}/identity", tag = "accounts", operation_id = "name_identity", request_body = NewIdentity,
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The account after the change", body = SecuredAccount)))]
pub(crate) async fn name(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
    Json(asked): Json<NewIdentity>,
) -> Result<axum::Json<SecuredAccount>, Failure> {
    let app = web.app.clone();
    let changed = run(move || {
        let input = identities::NameIdentity {
            provider: asked.provider,
            login: asked.login,
        };
        identities::name(&app, &signed.caller, AccountId(id), &input)?;
        accounts::find_secured(&app, &signed.caller, AccountId(id))
    });
    Ok(axum::Json(SecuredAccount::of(&web.app, changed.await?)))
}

/// Let the holder of an account sign in through no provider any more. Every session ends.
#[utoipa::path(delete, path = "/api/accounts/{id}/identity", tag = "accounts", operation_id = "forget_identity",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The account after the change", body = SecuredAccount)))]
pub(crate) async fn forget(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<axum::Json<SecuredAccount>, Failure> {
    let app = web.app.clone();
    let changed = run(move || {
        identities::forget(&app, &signed.caller, AccountId(id))?;
        accounts::find_secured(&app, &signed.caller, AccountId(id))
    });
    Ok(axum::Json(SecuredAccount::of(&web.app, changed.await?)))
}
