//! Moves: one case on the version it was decided on, or many at once.

use super::{CaseKey, Version, changed};
use crate::bodies::Json;
use crate::languages::Lang;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::cases::{BulkMove, BulkMoved, CaseDetail, MoveRequest, Refused};
use crate::state::{Web, run};
use anlan_app::cases;
use anlan_model::ids::{CaseId, MoveCode, OfficeId, ReasonCode};
use anlan_model::procedures;
use axum::extract::State;
use axum::response::Response;

/// Make a move of the procedure on the version named in `If-Match`.
#[utoipa::path(post, path = "/api/cases/{id}/moves", tag = "cases", operation_id = "move_case", request_body = MoveRequest,
    params(("id" = String, Path, description = "Id or number"), ("If-Match" = String, Header, description = "The version decided on, e.g. \"v3\"")),
    responses((status = 200, description = "The case after the move", body = CaseDetail)))]
pub(crate) async fn move_one(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Version(version): Version,
    Json(asked): Json<MoveRequest>,
) -> Result<Response, Failure> {
    let request = procedures::MoveRequest {
        code: MoveCode(asked.code),
        note: asked.note.unwrap_or_default(),
        reason: asked.reason.map(ReasonCode),
        rule_cited: asked.rule_cited,
        office: asked.office.map(OfficeId),
        until: asked.until,
    };
    let app = web.app.clone();
    let file = run(move || cases::move_case(&app, &signed.caller, id, version, &request)).await?;
    Ok(changed(&web, file))
}

/// The same move on many cases, each on its own: one refusal stops no other.
#[utoipa::path(post, path = "/api/moves", tag = "cases", operation_id = "move_cases", request_body = BulkMove,
    responses((status = 200, description = "What moved and what did not", body = BulkMoved)))]
pub(crate) async fn move_many(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<BulkMove>,
) -> Result<axum::Json<BulkMoved>, Failure> {
    let request = procedures::MoveRequest {
        code: MoveCode(asked.code),
        note: asked.note.unwrap_or_default(),
        reason: asked.reason.map(ReasonCode),
        office: asked.office.map(OfficeId),
        ..procedures::MoveRequest::default()
    };
    let wanted: Vec<(CaseId, u32)> = asked
        .cases
        .iter()
        .map(|case| (CaseId(case.id), case.version))
        .collect();
    let app = web.app.clone();
    let moved = run(move || cases::move_many(&app, &signed.caller, &wanted, &request)).await?;
    let refused = moved.refused.into_iter().map(|(id, error)| {
        let failure = Failure::from(error);
        let (zh, en) = (
            failure.detail(Lang::Zh).to_owned(),
            failure.detail(Lang::En).to_owned(),
        );
        Refused {
            id: id.0,
            code: failure.code().to_owned(),
            zh,
            en,
        }
    });
    Ok(axum::Json(BulkMoved {
        done: moved.done.iter().map(|id| id.0).collect(),
        refused: refused.collect(),
    }))
}
