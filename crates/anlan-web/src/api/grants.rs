//! `/api/grants`: opening a case out of reach in an emergency, asking for grave roles and for backups, and others' word on each.

use super::cases::CaseKey;
use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::grants::{BackupRequest, Grant, GrantWord, OpenCase, RolesRequest};
use crate::state::{Web, run};
use anlan_app::grants::{self, AskBackup, AskRoles};
use anlan_model::ids::{AccountId, GrantId};
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every endpoint of grants.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(ask_backup))
        .routes(routes!(open))
        .routes(routes!(answer))
}

/// The caller's own grants and those they answer for, the newest first.
#[utoipa::path(get, path = "/api/grants", tag = "grants", operation_id = "list_grants",
    responses((status = 200, description = "Grants", body = Vec<Grant>)))]
pub(crate) async fn list(State(web): State<Web>, signed: Signed) -> Result<axum::Json<Vec<Grant>>, Failure> {
    let app = web.app.clone();
    let found = run(move || grants::list(&app, &signed.caller)).await?;
    let now = web.app.clock.now();
    Ok(axum::Json(
        found.into_iter().map(|line| Grant::of(line, now)).collect(),
    ))
}

/// Open a case out of reach for a short time, with a reason; somebody else reviews it afterwards.
#[utoipa::path(post, path = "/api/cases/{id}/opening", tag = "grants", operation_id = "open_case", request_body = OpenCase,
    params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "The grant that runs now", body = Grant)))]
pub(crate) async fn open(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    Json(asked): Json<OpenCase>,
) -> Result<axum::Json<Grant>, Failure> {
    let app = web.app.clone();
    let line = run(move || grants::open_case(&app, &signed.caller, id, &asked.reason)).await?;
    Ok(axum::Json(Grant::of(line, web.app.clock.now())))
}

/// Ask for roles that rule the node, or watch over it; somebody else approves.
#[utoipa::path(post, path = "/api/grants", tag = "grants", operation_id = "ask_roles", request_body = RolesRequest,
    responses((status = 200, description = "The request, waiting", body = Grant)))]
pub(crate) async fn ask(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<RolesRequest>,
) -> Result<axum::Json<Grant>, Failure> {
    let ask = AskRoles {
        account: AccountId(asked.account),
        roles: asked.roles.into_iter().map(Into::into).collect(),
        reason: asked.reason,
    };
    let app = web.app.clone();
    let line = run(move || grants::ask_roles(&app, &signed.caller, &ask)).await?;
    Ok(axum::Json(Grant::of(line, web.app.clock.now())))
}

/// Ask for leave to take a backup out of the data folder, or backups until an end; somebody else approves.
#[utoipa::path(post, path = "/api/grants/backups", tag = "grants", operation_id = "ask_backup", request_body = BackupRequest,
    responses((status = 200, description = "The request, waiting", body = Grant)))]
pub(crate) async fn ask_backup(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<BackupRequest>,
) -> Result<axum::Json<Grant>, Failure> {
    let ask = AskBackup {
        until: asked.until,
        reason: asked.reason,
    };
    let app = web.app.clone();
    let line = run(move || grants::ask_backup(&app, &signed.caller, &ask)).await?;
    Ok(axum::Json(Grant::of(line, web.app.clock.now())))
}

/// Approve, refuse or review somebody else's grant. What is approved is done with it, once.
#[utoipa::path(post, path = "/api/grants/{id}/answer", tag = "grants", operation_id = "answer_grant", request_body = GrantWord,
    params(("id" = i64, Path, description = "Id")),
    responses((status = 200, description = "The grant with the answer", body = Grant)))]
pub(crate) async fn answer(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<String>,
    Json(asked): Json<GrantWord>,
) -> Result<axum::Json<Grant>, Failure> {
    let id = id.parse().map(GrantId).map_err(|_why| Failure::missing())?;
    let app = web.app.clone();
    let (verdict, note) = (asked.verdict.into(), asked.note.unwrap_or_default());
    let line = run(move || grants::answer(&app, &signed.caller, id, verdict, &note)).await?;
    Ok(axum::Json(Grant::of(line, web.app.clock.now())))
}
