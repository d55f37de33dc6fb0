//! `/api/groups`: the groups that directories keep here, and what comes with them. Directories themselves come in by `/scim/v2`.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::directories::{DirectoryGroup, GroupRoles};
use crate::state::{Web, run};
use anlan_app::directories;
use anlan_model::ids::GroupId;
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(set_roles))
}

/// The groups of every directory.
#[utoipa::path(get, path = "/api/groups", tag = "accounts", operation_id = "list_groups",
    responses((status = 200, description = "Groups, the oldest first", body = Vec<DirectoryGroup>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
) -> Result<axum::Json<Vec<DirectoryGroup>>, Failure> {
    let app = web.app.clone();
    let found = run(move || directories::list_all_groups(&app, &signed.caller)).await?;
    Ok(axum::Json(found.into_iter().map(DirectoryGroup::from).collect()))
}

/// Decide which roles come with a group. Members whose roles change are signed out everywhere.
#[utoipa::path(put, path = "/api/groups/{id}/roles", tag = "accounts", operation_id = "set_group_roles", request_body = GroupRoles,
    params(("id" = i64, Path, description = "The group's number")),
    responses((status = 200, description = "The group after the change", body = DirectoryGroup)))]
pub(crate) async fn set_roles(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
    Json(asked): Json<GroupRoles>,
) -> Result<axum::Json<DirectoryGroup>, Failure> {
    let app = web.app.clone();
    let changed = run(move || {
        let roles = asked.roles.into_iter().map(Into::into).collect();
        directories::set_group_roles(&app, &signed.caller, GroupId(id), roles)
    });
    Ok(axum::Json(changed.await?.into()))
}
