//! Headers that every answer carries, whatever made it, and the reading of entity tags.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// No inline script or style, nothing from another host, no framing.
const POLICY: &str = "default-src 'none'; img-src 'self' data: blob:; worker-src 'self'; style-src 'self'; \
    script-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // A tracking link is its holder's key: no other site may learn it from a referrer.
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Refuses a request for two hosts; sets the fixed headers, HSTS where browsers come over TLS (`is_secure`), and `no-store`
/// where the handler said nothing about caching.
pub(crate) async fn harden(State(is_secure): State<bool>, request: Request, next: Next) -> Response {
    // RFC 9112, 3.2: two hosts are none.
    let mut response = if request.headers().get_all(header::HOST).iter().count() > 1 {
        StatusCode::BAD_REQUEST.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether `If-None-Match` names this tag. Weak and strong compare alike, as the standard wants for this header.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let own = bare(etag);
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .any(|tag| tag.trim() == "*" || bare(tag) == own)
}

/// An answer with its tag, or 304 if the caller has it already. `no-cache`: kept, but asked for again each time.
pub(crate) fn tagged(headers: &HeaderMap, etag: &str, answer: impl IntoResponse) -> Response {
    let mut response = if is_known(headers, etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer.into_response()
    };
    let out = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(etag) {
        out.insert(header::ETAG, value);
    }
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_weak_or_strong_in_a_list_or_by_a_star() {
        for (text, expected) in [
            ("\"v3\"", true),
            ("W/\"v3\"", true),
            ("\"v1\", \"v3\"", true),
            ("*", true),
            ("\"v33\"", false),
            ("v3", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, text.parse().unwrap());
            assert_eq!(is_known(&headers, "\"v3\""), expected, "{text}");
        }
    }
}
