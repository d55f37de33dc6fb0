//! A node that was put back from a backup and is not confirmed yet: people sign in and confirm it, and nothing else is answered.
//! Who may confirm is not decided here.

use crate::problems::Failure;
use crate::state::Web;
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Whether this is answered all the same: signing in and out, the confirmation, and that the program runs. The screens
/// themselves are no route.
fn is_open(path: &str) -> bool {
    path == "/healthz"
        || path == "/api/restoration"
        || path == "/api/session"
        || path.starts_with("/api/session/")
}

/// Refuses everything else.
pub(crate) async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("/healthz", MatchedPath::as_str);
    if is_open(path) || web.app.restoration().is_none() {
        return next.run(request).await;
    }
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "node.restored",
        "本系统刚从备份恢复，须由系统管理员和安全管理员各一人登录确认后才提供服务。您的操作没有执行，请稍后再试。",
        "This node was put back from a backup and serves again once a system and a security administrator have signed in and \
         confirmed it. Nothing of yours was done; try again later.",
    )
    .into_response()
}
