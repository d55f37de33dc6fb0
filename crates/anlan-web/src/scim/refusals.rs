//! What SCIM is told when something is refused (RFC 7644, 3.12): the standard's form, made from the one form of failures.

use super::MEDIA_TYPE;
use crate::languages::Lang;
use crate::problems::Failure;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A request that is not answered as asked.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: Option<&'static str>,
    detail: String,
    retry_after_s: Option<u32>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: Option<&'static str>, detail: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    /// The request itself is at fault: 400 with one of the standard's kinds.
    pub(super) fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some(kind), detail)
    }

    /// There is no such thing, or none this directory may know of.
    pub(super) fn missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, None, "There is no such resource.")
    }

    #[cfg(test)]
    pub(super) fn kind(&self) -> &'static str {
        self.kind.unwrap_or_default()
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let (status, kind) = match (failure.status(), failure.code()) {
            (StatusCode::NOT_FOUND, _) => return Self::missing(),
            (StatusCode::UNPROCESSABLE_ENTITY, _) => (StatusCode::BAD_REQUEST, Some("invalidValue")),
            (_, "directory.version") => (StatusCode::PRECONDITION_FAILED, None),
            (_, "account.exists" | "directory.group_exists") => (StatusCode::CONFLICT, Some("uniqueness")),
            (status, _) => (status, None),
        };
        Self {
            retry_after_s: failure.retry_after_s(),
            ..Self::new(status, kind, failure.detail(Lang::En))
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": [SCHEMA],
            "status": self.status.as_u16().to_string(),
            "detail": self.detail,
        });
        if let (Some(kind), Some(fields)) = (self.kind, body.as_object_mut()) {
            fields.insert("scimType".into(), kind.into());
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
