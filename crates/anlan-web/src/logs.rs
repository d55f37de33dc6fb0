//! The access log's files for anybody, without a session (C2SP tlog-tiles). Which there are is the store's business; nothing
//! is put together here.

use crate::headers;
use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::logs::{self, Kind, Published};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::path::PathBuf;
use std::sync::Arc;

/// `/log/checkpoint`, `/log/tile/…`; every other path below is not there.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/log/{*path}", get(file))
}

/// The same files from any folder, at the address itself.
pub(crate) fn of_folder(folder: PathBuf) -> Router {
    Router::new()
        .route("/{*path}", get(file_of))
        .layer(from_fn_with_state(false, headers::harden))
        .with_state(Arc::new(folder))
}

async fn file(State(web): State<Web>, Path(path): Path<String>) -> Result<Response, Failure> {
    run(move || logs::published(&web.app, &path)).await.map(sent)
}

async fn file_of(State(folder): State<Arc<PathBuf>>, Path(path): Path<String>) -> Result<Response, Failure> {
    run(move || logs::published_in(&folder, &path)).await.map(sent)
}

fn sent(Published { kind, bytes }: Published) -> Response {
    let (content, cache) = match kind {
        // It changes within a second; whoever keeps it must ask again.
        Kind::Checkpoint => ("text/plain; charset=utf-8", "no-cache"),
        Kind::Tile => ("application/octet-stream", "public, max-age=31536000, immutable"),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, bytes).into_response()
}
