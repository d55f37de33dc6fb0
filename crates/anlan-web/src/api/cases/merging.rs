//! Cases that may be the same thing; making them one, and two again.

use super::{CaseKey, changed};
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::cases::{CaseDetail, Likeness, MergeRequest, SplitRequest};
use crate::state::{Web, run};
use anlan_app::cases;
use anlan_model::ids::{CaseId, ReportId};
use axum::extract::State;
use axum::response::Response;

/// Open cases that may be the same thing as this one, the likeliest first.
#[utoipa::path(get, path = "/api/cases/{id}/duplicates", tag = "cases", operation_id = "list_duplicates",
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "Likely duplicates", body = Vec<Likeness>)))]
pub(crate) async fn duplicates(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
) -> Result<axum::Json<Vec<Likeness>>, Failure> {
    let app = web.app.clone();
    let found = run(move || cases::duplicates(&app, &signed.caller, id)).await?;
    Ok(axum::Json(found.into_iter().map(Likeness::from).collect()))
}

/// Put this case's reports into another case; answers with that one.
#[utoipa::path(post, path = "/api/cases/{id}/merge", tag = "cases", operation_id = "merge_case", request_body = MergeRequest,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "The case that has all reports now", body = CaseDetail)))]
pub(crate) async fn merge(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Json(asked): Json<MergeRequest>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let file = run(move || cases::merge(&app, &signed.caller, id, CaseId(asked.into))).await?;
    Ok(changed(&web, file))
}

/// Take reports out into a case of their own; answers with the new one.
#[utoipa::path(post, path = "/api/cases/{id}/split", tag = "cases", operation_id = "split_case", request_body = SplitRequest,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "The new case", body = CaseDetail)))]
pub(crate) async fn split(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Json(asked): Json<SplitRequest>,
) -> Result<Response, Failure> {
    let reports: Vec<ReportId> = asked.reports.into_iter().map(ReportId).collect();
    let app = web.app.clone();
    let file = run(move || cases::split(&app, &signed.caller, id, &reports)).await?;
    Ok(changed(&web, file))
}
