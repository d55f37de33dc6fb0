//! Who is calling: the session cookie, and the refusal of writes that another site set off. Whether the caller may
//! do something is not decided here.

use crate::config::WebConfig;
use crate::languages::cookie;
use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::{Caller, accounts};
use anlan_model::accounts::Account;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;

const COOKIE: &str = "anlan_session";
/// Browsers take a cookie of this name over TLS only, for this host only and from nobody else.
const COOKIE_BOUND: &str = "__Host-anlan_session";

/// The session cookie's name.
fn name(config: &WebConfig) -> &'static str {
    if config.is_secure() { COOKIE_BOUND } else { COOKIE }
}

/// A caller with a valid session.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) caller: Caller,
    pub(crate) account: Account,
}

impl FromRequestParts<Web> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let token =
            token(&parts.headers, &web.config).ok_or_else(|| Failure::of_status(StatusCode::UNAUTHORIZED))?;
        let app = web.app.clone();
        let (caller, account) = run(move || accounts::caller(&app, &token)).await?;
        let path = parts
            .extensions
            .get::<MatchedPath>()
            .map_or("", MatchedPath::as_str);
        web.limits
            .of_account(account.id, &parts.method, path, web.app.clock.now())?;
        Ok(Self { caller, account })
    }
}

/// The session token a request shows.
pub(crate) fn token(headers: &HeaderMap, config: &WebConfig) -> Option<String> {
    cookie(headers, name(config))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
}

/// The cookie that starts a session.
pub(crate) fn starting(config: &WebConfig, token: &str) -> Option<HeaderValue> {
    set(config, &format!("{token}; Path=/; HttpOnly; SameSite=Strict"))
}

/// The cookie that ends it.
pub(crate) fn ending(config: &WebConfig) -> Option<HeaderValue> {
    set(config, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

fn set(config: &WebConfig, value: &str) -> Option<HeaderValue> {
    let secure = if config.is_secure() { "; Secure" } else { "" };
    format!("{}={value}{secure}", name(config)).parse().ok()
}

/// The peer of the connection, put there by the server loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Where the request comes from, for slowing down guesses at passwords.
#[derive(Debug, Clone)]
pub(crate) struct Whence(pub(crate) String);

impl FromRequestParts<Web> for Whence {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        Ok(Self(address(parts, &web.config)))
    }
}

/// The address at the other end: of the connection, or what our own proxy says of it.
pub(crate) fn address(parts: &Parts, config: &WebConfig) -> String {
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_string());
    match forwarded {
        Some(address) if config.is_behind_proxy => address.trim().to_owned(),
        _ => peer.unwrap_or_else(|| "unknown".into()),
    }
}

/// Refuses requests that change something unless this very site's pages sent them, or no session is at stake.
pub(crate) async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_welcome = if is_api {
        is_own(request.headers(), &web.config)
    } else {
        !is_foreign(request.headers())
    };
    if is_safe || is_welcome {
        return next.run(request).await;
    }
    Failure::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "请求来自其他网站，已拒绝。请从本系统页面操作；程序调用请带上与 Host 相同的 Origin 头。",
        "The request comes from another site and was refused. Use this site's pages; programs send an Origin header equal to Host.",
    )
    .into_response()
}

/// Another site's page sent it: a resident's report must be the resident's own doing.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
}

fn is_own(headers: &HeaderMap, config: &WebConfig) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let has_session = token(headers, config).is_some();
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin") => return true,
        Some(b"none") | None => {}
        Some(_) => return false,
    }
    match text(header::ORIGIN) {
        None => !has_session,
        Some(origin) => {
            let own = text(header::HOST).and_then(|host| host.parse::<Authority>().ok());
            let known = config.public_url.as_deref().and_then(authority);
            let origin = authority(origin);
            origin.is_some() && (origin == own || origin == known)
        }
    }
}

fn authority(url: &str) -> Option<Authority> {
    let parts = url.parse::<axum::http::Uri>().ok()?.into_parts();
    // `null`, as sandboxed pages send it, would read as an authority.
    parts.scheme.and(parts.authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&'static str, &str)], expected: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        let config = WebConfig {
            public_url: Some("https://anlan.example.org".into()),
            ..WebConfig::default()
        };
        assert_eq!(is_own(&headers, &config), expected, "{pairs:?}");
    }

    #[test]
    fn only_this_sites_own_pages_may_write_with_a_session() {
        let signed = ("cookie", "__Host-anlan_session=abc");
        check(&[], true);
        check(&[signed], false);
        check(&[signed, ("sec-fetch-site", "same-origin")], true);
        check(&[signed, ("sec-fetch-site", "none")], false);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[signed, ("sec-fetch-site", "same-site")], false);
        check(
            &[signed, ("origin", "http://desk:8080"), ("host", "desk:8080")],
            true,
        );
        check(
            &[signed, ("origin", "http://desk:8080"), ("host", "desk:8081")],
            false,
        );
        check(
            &[
                signed,
                ("origin", "https://anlan.example.org"),
                ("host", "10.0.0.3"),
            ],
            true,
        );
        check(&[signed, ("origin", "null"), ("host", "null")], false);
        check(&[("origin", "http://evil.example"), ("host", "desk")], false);
    }
}
