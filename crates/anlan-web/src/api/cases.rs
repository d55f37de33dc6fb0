//! `/api/cases`: what its parts share: which case, on which version, and the answer with its tag.

pub(crate) mod changing;
pub(crate) mod merging;
pub(crate) mod moving;
pub(crate) mod reading;

use crate::problems::Failure;
use crate::shapes::cases::CaseDetail;
use crate::state::Web;
use anlan_app::cases::CaseFile;
use anlan_model::ids::CaseId;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The case a path names: by id, or by the number people read out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CaseKey(pub(crate) CaseId);

impl FromRequestParts<Web> for CaseKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let path = Path::<String>::from_request_parts(parts, web)
            .await
            .map_err(|_why| Failure::missing())?;
        let id = path.parse().ok().or_else(|| CaseId::from_number(&path));
        id.map(Self).ok_or_else(Failure::missing)
    }
}

/// The version the caller decided on, from `If-Match: "v3"`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version(pub(crate) u32);

impl FromRequestParts<Web> for Version {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Failure> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Err(Failure::new(
                StatusCode::PRECONDITION_REQUIRED,
                "precondition.missing",
                "请在 If-Match 头中带上所依据的案件版本，例如 \"v3\"。未作任何更改。",
                "Send the version you decided on in If-Match, e.g. \"v3\". Nothing was changed.",
            ));
        };
        version(value).map(Self).ok_or_else(|| {
            Failure::new(
                StatusCode::BAD_REQUEST,
                "precondition.unreadable",
                "If-Match 头应为案件版本，例如 \"v3\"。未作任何更改。",
                "If-Match must be one version of the case, e.g. \"v3\". Nothing was changed.",
            )
        })
    }
}

fn version(value: &HeaderValue) -> Option<u32> {
    let text = value.to_str().ok()?.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text.strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()
}

/// The tag of a case's version.
pub(crate) fn etag(version: u32) -> String {
    format!("\"v{version}\"")
}

/// An answer with the tag of its version.
pub(crate) fn versioned(version: u32, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Ok(value) = etag(version).parse() {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// A changed case with its new tag.
pub(crate) fn changed(web: &Web, file: CaseFile) -> Response {
    let version = file.case.version;
    versioned(version, axum::Json(CaseDetail::of(file, web.app.clock.now())))
}

/// A case as it is, or 304 to a program that names the version it has.
///
/// Browsers must not keep it: without a new version the time left runs down, and another caller may make other moves.
pub(crate) fn shown(web: &Web, headers: &HeaderMap, file: CaseFile) -> Response {
    let etag = etag(file.case.version);
    let shape = axum::Json(CaseDetail::of(file, web.app.clock.now()));
    let mut response = crate::headers::tagged(headers, &etag, shape);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_strictly() {
        for (text, expected) in [
            ("\"v3\"", Some(3)),
            ("W/\"v12\"", Some(12)),
            ("v3", None),
            ("\"3\"", None),
            ("*", None),
            ("\"v-1\"", None),
        ] {
            assert_eq!(version(&HeaderValue::from_static(text)), expected, "{text}");
        }
    }
}
