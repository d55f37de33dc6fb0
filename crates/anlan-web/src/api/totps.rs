//! `/api/totp`: the caller's authenticator app and recovery codes.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Holder;
use crate::shapes::sessions::{Code, Enrolment, RecoveryCodes, SecondStep};
use crate::state::{Web, run};
use anlan_app::totps;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(own, enrol, confirm, turn_off))
        .routes(routes!(renew_codes))
}

/// Whether the caller has a second step, and how many recovery codes are left.
#[utoipa::path(get, path = "/api/totp", tag = "session", operation_id = "second_step",
    responses((status = 200, description = "How the account is secured", body = SecondStep)))]
pub(crate) async fn own(State(web): State<Web>, signed: Holder) -> Result<axum::Json<SecondStep>, Failure> {
    let app = web.app.clone();
    let own = run(move || totps::own(&app, &signed.known)).await?;
    Ok(axum::Json(own.into()))
}

/// Begin setting up an authenticator app.
#[utoipa::path(post, path = "/api/totp", tag = "session", operation_id = "enrol_totp",
    responses((status = 201, description = "What to scan", body = Enrolment)))]
pub(crate) async fn enrol(
    State(web): State<Web>,
    signed: Holder,
) -> Result<(StatusCode, axum::Json<Enrolment>), Failure> {
    let app = web.app.clone();
    let made = run(move || totps::enrol(&app, &signed.known)).await?;
    let enrolment = Enrolment::of(made).ok_or_else(Failure::internal)?;
    Ok((StatusCode::CREATED, axum::Json(enrolment)))
}

/// Confirm the app by a first code: from now on, signing in takes a code.
#[utoipa::path(put, path = "/api/totp", tag = "session", operation_id = "confirm_totp", request_body = Code,
    responses((status = 200, description = "On; the recovery codes, shown this once", body = RecoveryCodes)))]
pub(crate) async fn confirm(
    State(web): State<Web>,
    signed: Holder,
    Json(asked): Json<Code>,
) -> Result<axum::Json<RecoveryCodes>, Failure> {
    let app = web.app.clone();
    let codes = run(move || totps::confirm(&app, &signed.known, &asked.code)).await?;
    Ok(axum::Json(RecoveryCodes { codes }))
}

/// Turn the second step off.
#[utoipa::path(delete, path = "/api/totp", tag = "session", operation_id = "turn_off_totp",
    responses((status = 204, description = "Off")))]
pub(crate) async fn turn_off(State(web): State<Web>, signed: Holder) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    run(move || totps::turn_off(&app, &signed.known)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// New recovery codes in place of the old ones.
#[utoipa::path(post, path = "/api/totp/codes", tag = "session", operation_id = "renew_recovery_codes",
    responses((status = 200, description = "The codes, shown this once", body = RecoveryCodes)))]
pub(crate) async fn renew_codes(
    State(web): State<Web>,
    signed: Holder,
) -> Result<axum::Json<RecoveryCodes>, Failure> {
    let app = web.app.clone();
    let codes = run(move || totps::renew_codes(&app, &signed.known)).await?;
    Ok(axum::Json(RecoveryCodes { codes }))
}
