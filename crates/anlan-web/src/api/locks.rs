//! `/api/locks`: where signing in has to wait.

use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::sessions::Lock;
use crate::state::{Web, run};
use anlan_app::locks;
use anlan_model::ids::LockId;
use axum::extract::{Path, State};
use axum::http::StatusCode;

/// Where signing in has to wait, or was tried in vain several times; the newest first.
#[utoipa::path(get, path = "/api/locks", tag = "accounts", operation_id = "list_locks",
    responses((status = 200, description = "Locks", body = Vec<Lock>)))]
pub(crate) async fn list(State(web): State<Web>, signed: Signed) -> Result<axum::Json<Vec<Lock>>, Failure> {
    let app = web.app.clone();
    let found = run(move || locks::list(&app, &signed.caller)).await?;
    Ok(axum::Json(found.into_iter().map(Lock::from).collect()))
}

/// Let it wait no longer.
#[utoipa::path(delete, path = "/api/locks/{id}", tag = "accounts", operation_id = "clear_lock",
    params(("id" = i64, Path, description = "The lock's number")),
    responses((status = 204, description = "Cleared")))]
pub(crate) async fn clear(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    run(move || locks::clear(&app, &signed.caller, LockId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
