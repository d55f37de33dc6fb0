//! The access log's files for anybody, without a session (C2SP tlog-tiles). Which there are is the store's business; nothing
//! is put together here.

use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::logs::{self, Kind, Published};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// `/log/checkpoint`, `/log/tile/…`; every other path below is not there.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/log/{*path}", get(file))
}

async fn file(State(web): State<Web>, Path(path): Path<String>) -> Result<Response, Failure> {
    let Published { kind, bytes } = run(move || logs::published(&web.app, &path)).await?;
    let (content, cache) = match kind {
        // It changes within a second; whoever keeps it must ask again.
        Kind::Checkpoint => ("text/plain; charset=utf-8", "no-cache"),
        Kind::Tile => ("application/octet-stream", "public, max-age=31536000, immutable"),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    Ok((headers, bytes).into_response())
}
