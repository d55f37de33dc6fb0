//! `/api/totp`: the caller's authenticator app and recovery codes.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Holder;
use crate::shapes::sessions::{Code, Enrolment, RecoveryCodes, SecondStep};
use crate::state::{Web, run};
use anlan_app::totps;
use axum::extract::State;
use axum::http::StatusCode;
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;
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
    let qr_svg = picture(&made.uri).ok_or_else(Failure::internal)?;
    let enrolment = Enrolment {
        secret: made.secret,
        uri: made.uri,
        qr_svg,
    };
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

/// A QR code as a picture: one path of unit squares, with the four blank modules around it that readers need.
fn picture(text: &str) -> Option<String> {
    const BORDER: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + BORDER, y + BORDER);
        }
    }
    let side = code.size() + 2 * BORDER;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::picture;

    #[test]
    fn a_picture_has_every_dark_module_and_a_border() {
        let text = "otpauth://totp/a:b?secret=ABC";
        let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).unwrap();
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y))
            .count();
        let svg = picture(text).unwrap();
        assert_eq!(svg.matches("h1v1h-1z").count(), dark);
        assert!(svg.contains(&format!("viewBox=\"0 0 {0} {0}\"", code.size() + 8)));
        assert!(svg.contains("M4 4h1"), "the corner mark begins after the border");
    }
}
