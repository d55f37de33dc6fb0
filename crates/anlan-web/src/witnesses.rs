//! The door of a witness (C2SP tlog-witness): for programs that keep logs, without a session. Where this node is no
//! witness, none of it is there. What is cosigned is decided in the application.

use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::witnesses::{self, Answered, REQUEST_BYTES_MAX, Witness};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a whole request.
const BODY_SECONDS: u64 = 10;

/// `/witness/add-checkpoint` and `/witness/{sha256 of the origin}/checkpoint`.
pub(crate) fn routes() -> Router<Web> {
    let whole = DefaultBodyLimit::max(REQUEST_BYTES_MAX);
    Router::new()
        .route("/witness/add-checkpoint", post(add_checkpoint).layer(whole))
        .route("/witness/{hash}/checkpoint", get(checkpoint))
}

fn witness(web: &Web) -> Result<Arc<Witness>, Failure> {
    web.config.witness.clone().ok_or_else(Failure::missing)
}

async fn add_checkpoint(State(web): State<Web>, request: Request) -> Result<Response, Failure> {
    let witness = witness(&web)?;
    let whole = Bytes::from_request(request, &web);
    let body = tokio::time::timeout(Duration::from_secs(BODY_SECONDS), whole).await;
    let body = body.map_err(|_late| Failure::of_status(StatusCode::REQUEST_TIMEOUT))?;
    let body = body.map_err(|refused| Failure::of_status(refused.status()))?;
    let answered = run(move || witnesses::add_checkpoint(&web.app, &witness, &body)).await?;
    Ok(sent(answered))
}

fn sent(answered: Answered) -> Response {
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static(answered.content_type);
    (status, [(header::CONTENT_TYPE, kind)], answered.body).into_response()
}

async fn checkpoint(State(web): State<Web>, Path(hash): Path<String>) -> Result<Response, Failure> {
    let witness = witness(&web)?;
    let body = run(move || witnesses::checkpoint(&web.app, &witness, &hash)).await?;
    Ok(sent(Answered {
        status: 200,
        content_type: "text/plain; charset=utf-8",
        body,
    }))
}
