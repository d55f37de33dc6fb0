//! `/api/restoration`: administrators confirm that a node put back from a backup is the right one.

use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::restorations::Restoration;
use crate::state::{Web, run};
use anlan_app::restorations;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoint.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(confirm))
}

/// Confirm that this node is the right one. With the word of a system and of a security administrator it serves again.
#[utoipa::path(post, path = "/api/restoration", tag = "session", operation_id = "confirm_restoration",
    responses((status = 200, description = "Who has confirmed so far", body = Restoration)))]
pub(crate) async fn confirm(
    State(web): State<Web>,
    signed: Signed,
) -> Result<axum::Json<Restoration>, Failure> {
    let confirmed = run(move || restorations::confirm(&web.app, &signed.caller)).await?;
    Ok(axum::Json(confirmed.into()))
}
