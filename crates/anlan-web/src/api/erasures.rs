//! What is due to be erased and what was, and erasing what the sender of a report asks for.

use super::cases::CaseKey;
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::erasures::{Due, Erased, ErasureRequest, Erasures};
use crate::state::{Web, run};
use anlan_app::erasures;
use anlan_model::ids::ReportId;
use axum::extract::State;
use axum::http::StatusCode;

/// Lines of the register in one answer.
const LINES: u16 = 200;

/// How much is due by its period now, and the newest lines of the register of what was erased.
#[utoipa::path(get, path = "/api/erasures", tag = "retention", operation_id = "list_erasures",
    responses((status = 200, description = "What is due and what was erased", body = Erasures)))]
pub(crate) async fn list(State(web): State<Web>, signed: Signed) -> Result<axum::Json<Erasures>, Failure> {
    let app = web.app.clone();
    let (due, register) = run(move || {
        let due = erasures::preview(&app, &signed.caller)?;
        Ok::<_, anlan_app::Error>((due, erasures::list(&app, &signed.caller, LINES)?))
    })
    .await?;
    Ok(axum::Json(Erasures {
        due: due.into_iter().map(Due::from).collect(),
        register: register.into_iter().map(Erased::from).collect(),
    }))
}

/// Erase what the sender of a report asks to be erased: contact data at any time, words once the case is closed.
#[utoipa::path(post, path = "/api/cases/{id}/erasure", tag = "retention", operation_id = "erase_on_request",
    request_body = ErasureRequest, params(("id" = String, Path, description = "Id or number")),
    responses((status = 204, description = "It is erased")))]
pub(crate) async fn on_request(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Json(asked): Json<ErasureRequest>,
) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    let (report, wish) = (ReportId(asked.report), asked.wish.into());
    run(move || erasures::on_request(&app, &signed.caller, id, report, wish)).await?;
    Ok(StatusCode::NO_CONTENT)
}
