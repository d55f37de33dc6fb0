//! `/api/session/enrolment`: setting up a second factor on the way in, where one is demanded and there is none. Only a sign-in that
//! waits for it gets here; the session opens with the factor.

use super::sessions::session_of;
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::{self as cookies, Half, Here, Whence};
use crate::shapes::passkeys::{NewPasskey, PasskeyAsked};
use crate::shapes::sessions::{Code, Enrolled, Enrolment};
use crate::state::{Web, run};
use anlan_app::enrolments;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(begin_totp, finish_totp))
        .routes(routes!(begin_passkey))
        .routes(routes!(finish_passkey))
}

/// Begin setting up an authenticator app.
#[utoipa::path(post, path = "/api/session/enrolment/totp", tag = "session", operation_id = "begin_enrolling_totp",
    responses((status = 201, description = "What to scan", body = Enrolment)))]
pub(crate) async fn begin_totp(
    State(web): State<Web>,
    Half(token): Half,
) -> Result<(StatusCode, axum::Json<Enrolment>), Failure> {
    let made = run(move || enrolments::begin_totp(&web.app, &token)).await?;
    let enrolment = Enrolment::of(made).ok_or_else(Failure::internal)?;
    Ok((StatusCode::CREATED, axum::Json(enrolment)))
}

/// Confirm the app by a first code: the session opens.
#[utoipa::path(put, path = "/api/session/enrolment/totp", tag = "session", operation_id = "finish_enrolling_totp", request_body = Code,
    responses((status = 200, description = "Signed in, with recovery codes", body = Enrolled)))]
pub(crate) async fn finish_totp(
    State(web): State<Web>,
    Half(token): Half,
    Whence(from): Whence,
    Json(asked): Json<Code>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let enrolled = run(move || enrolments::finish_totp(&app, &token, &asked.code, &from)).await?;
    enrolled_as(&web, enrolled)
}

/// Begin to register a passkey.
#[utoipa::path(post, path = "/api/session/enrolment/passkey/asked", tag = "session", operation_id = "begin_enrolling_passkey",
    responses((status = 200, description = "What the browser is to be asked", body = PasskeyAsked)))]
pub(crate) async fn begin_passkey(
    State(web): State<Web>,
    Half(token): Half,
    Here(site): Here,
) -> Result<axum::Json<PasskeyAsked>, Failure> {
    let options = run(move || enrolments::begin_passkey(&web.app, &token, &site)).await?;
    Ok(axum::Json(PasskeyAsked { options }))
}

/// Register the passkey that the browser made: the session opens.
#[utoipa::path(post, path = "/api/session/enrolment/passkey", tag = "session", operation_id = "finish_enrolling_passkey", request_body = NewPasskey,
    responses((status = 200, description = "Signed in, with recovery codes", body = Enrolled)))]
pub(crate) async fn finish_passkey(
    State(web): State<Web>,
    Half(token): Half,
    Here(site): Here,
    Whence(from): Whence,
    Json(asked): Json<NewPasskey>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let enrolled = run(move || enrolments::finish_passkey(&app, &token, &site, &asked.into(), &from)).await?;
    enrolled_as(&web, enrolled)
}

fn enrolled_as(web: &Web, enrolled: enrolments::Enrolled) -> Result<Response, Failure> {
    let cookies = cookies::inside(&web.config, &enrolled.signed).ok_or_else(Failure::internal)?;
    let signed = enrolled.signed;
    let session = session_of(&web.app, &signed.caller, &signed.account, signed.post.as_ref());
    let codes = enrolled.codes;
    Ok((cookies, axum::Json(Enrolled { codes, session })).into_response())
}
