//! Correcting a case and remarking on it.

use super::{CaseKey, Version, changed};
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::cases::{CaseDetail, CaseEdit, NoteRequest};
use crate::state::{Web, run};
use anlan_app::cases::{self, EditCase};
use anlan_model::ids::ClassCode;
use anlan_model::places::{Datum, GivenPoint};
use axum::extract::State;
use axum::response::Response;

/// Correct class, place or priority; the case is routed anew, the promise to the reporter stays.
#[utoipa::path(patch, path = "/api/cases/{id}", tag = "cases", operation_id = "edit_case", request_body = CaseEdit,
    params(("id" = String, Path, description = "Id or number"), ("If-Match" = String, Header, description = "The version decided on, e.g. \"v3\"")),
    responses((status = 200, description = "The case after the correction", body = CaseDetail)))]
pub(crate) async fn edit(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Version(version): Version,
    Json(asked): Json<CaseEdit>,
) -> Result<Response, Failure> {
    if asked.point.is_none() && (asked.datum.is_some() || asked.error_m.is_some()) {
        return Err(Failure::field(
            "point",
            "field.missing",
            "datum 和 error_m 须与 point 一起发送。未作任何更改。",
            "datum and error_m belong to a point; send it with them. Nothing was changed.",
        ));
    }
    let point = asked.point.map(|[lon, lat]| GivenPoint {
        lon,
        lat,
        datum: asked.datum.map_or_else(Datum::default, Into::into),
        error_m: asked.error_m,
    });
    let edit = EditCase {
        version,
        class: asked.class.map(ClassCode),
        point,
        address: asked.address,
        priority: asked.priority.map(Into::into),
    };
    let app = web.app.clone();
    let file = run(move || cases::edit(&app, &signed.caller, id, edit)).await?;
    Ok(changed(&web, file))
}

/// Add a remark.
#[utoipa::path(post, path = "/api/cases/{id}/notes", tag = "cases", operation_id = "note_case", request_body = NoteRequest,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "The case with the remark", body = CaseDetail)))]
pub(crate) async fn note(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Json(asked): Json<NoteRequest>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let file = run(move || cases::note(&app, &signed.caller, id, &asked.note)).await?;
    Ok(changed(&web, file))
}
