//! `/api/openapi.json`: this API described, generated from the very code that answers.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

static TEXT: LazyLock<String> = LazyLock::new(|| crate::openapi().to_pretty_json().unwrap_or_default());

/// This description.
#[utoipa::path(get, path = "/api/openapi.json", tag = "description",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object)))]
pub(crate) async fn description() -> Response {
    let mut response = TEXT.as_str().into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
