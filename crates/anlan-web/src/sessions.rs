//! Who is calling: the session cookie, and the refusal of writes that another site set off. Whether the caller may
//! do something is not decided here.

use crate::config::WebConfig;
use crate::languages::cookie;
use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::Caller;
use anlan_app::machines::{self, Machine};
use anlan_app::passkeys::Site;
use anlan_app::posts;
use anlan_app::sessions::{self, Entered, Known, SignedIn};
use anlan_model::identities::AWAY;
use anlan_model::ids::{AccountId, SessionId};
use anlan_model::sessions::STEP;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;

/// The names of our cookies.
struct Names {
    session: &'static str,
    /// A sign-in that waits for its second step.
    half: &'static str,
    /// A browser that was sent to a provider.
    away: &'static str,
    /// The mark of a browser that got in before. Signing in looks at it, nothing else does.
    device: &'static str,
}

const LOOSE: Names = Names {
    session: "anlan_session",
    half: "anlan_half",
    away: "anlan_away",
    device: "anlan_device",
};
/// Browsers take cookies of these names over TLS only, for this host only and from nobody else.
const BOUND: Names = Names {
    session: "__Host-anlan_session",
    half: "__Host-anlan_half",
    away: "__Host-anlan_away",
    device: "__Host-anlan_device",
};
const DEVICE_SECONDS: u32 = 180 * 24 * 3600;
const HALF_SECONDS: i64 = STEP.as_secs();
const AWAY_SECONDS: i64 = AWAY.as_secs();
/// A request the screen made by itself while nobody touched it; it does not keep a session from ending.
const UNATTENDED: &str = "x-anlan-unattended";

fn names(config: &WebConfig) -> &'static Names {
    if config.is_secure() { &BOUND } else { &LOOSE }
}

/// A caller: a person with a session that holds, or a machine with a key.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) caller: Caller,
    /// The caller's session; a machine has none.
    pub(crate) session: Option<SessionId>,
}

impl FromRequestParts<Web> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        if key(&parts.headers).is_some() {
            let Keyed(machine) = Keyed::from_request_parts(parts, web).await?;
            return Ok(Self {
                caller: machine.caller,
                session: None,
            });
        }
        let Holder { caller, known, .. } = Holder::from_request_parts(parts, web).await?;
        posts::require_post(&known)?;
        Ok(Self {
            caller,
            session: Some(known.session),
        })
    }
}

/// A person with a session that holds. What is about sessions and factors is for them only: a machine has neither.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) caller: Caller,
    pub(crate) known: Known,
}

impl FromRequestParts<Web> for Holder {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let token =
            token(&parts.headers, &web.config).ok_or_else(|| Failure::of_status(StatusCode::UNAUTHORIZED))?;
        let is_attended = !parts.headers.contains_key(UNATTENDED) && parts.uri.path() != "/api/live";
        let app = web.app.clone();
        let known = run(move || sessions::caller(&app, &token, is_attended)).await?;
        of_account(parts, web, known.account.id)?;
        Ok(Self {
            caller: known.caller.clone(),
            known,
        })
    }
}

fn of_account(parts: &Parts, web: &Web, account: AccountId) -> Result<(), Failure> {
    let path = parts
        .extensions
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    web.limits
        .of_account(account, &parts.method, path, web.app.clock.now())
}

/// A machine with a key that holds.
#[derive(Debug, Clone)]
pub(crate) struct Keyed(pub(crate) Machine);

impl FromRequestParts<Web> for Keyed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let key = key(&parts.headers).ok_or_else(|| Failure::of_status(StatusCode::UNAUTHORIZED))?;
        let (app, address) = (web.app.clone(), address(parts, &web.config));
        let machine = run(move || machines::caller(&app, &key, &address)).await?;
        web.limits.of_key(machine.key, web.app.clock.now())?;
        of_account(parts, web, machine.account.id)?;
        Ok(Self(machine))
    }
}

/// The key a request shows (RFC 6750, 2.1).
pub(crate) fn key(headers: &HeaderMap) -> Option<String> {
    let shown = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = shown.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim().to_owned())
}

/// The session token a request shows.
pub(crate) fn token(headers: &HeaderMap, config: &WebConfig) -> Option<String> {
    cookie(headers, names(config).session)
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
}

/// The token of a sign-in that waits for its second step.
pub(crate) struct Half(pub(crate) String);

impl FromRequestParts<Web> for Half {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        cookie(&parts.headers, names(&web.config).half)
            .filter(|token| !token.is_empty())
            .map(|token| Self(token.to_owned()))
            .ok_or_else(|| Failure::of_status(StatusCode::UNAUTHORIZED))
    }
}

/// What a browser keeps that was sent to a provider.
pub(crate) struct Away(pub(crate) String);

impl FromRequestParts<Web> for Away {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        cookie(&parts.headers, names(&web.config).away)
            .filter(|token| !token.is_empty())
            .map(|token| Self(token.to_owned()))
            .ok_or_else(|| Failure::of_status(StatusCode::UNAUTHORIZED))
    }
}

/// The cookie of a browser that is sent to a provider. The page it comes back to is this site's own, so strictness holds.
pub(crate) fn away(config: &WebConfig, token: &str) -> Option<HeaderValue> {
    set(
        config,
        names(config).away,
        &format!("{token}; Max-Age={AWAY_SECONDS}"),
    )
}

/// The cookies of whoever got this far: of a session and of the browser that may have one, or of a second step.
pub(crate) fn cookies(config: &WebConfig, entered: &Entered) -> Option<HeaderMap> {
    match entered {
        Entered::In(signed) => inside(config, signed),
        Entered::Half { token, .. } => {
            let half = format!("{token}; Max-Age={HALF_SECONDS}");
            all(config, &[(names(config).half, half)])
        }
    }
}

/// The cookies of whoever is in.
pub(crate) fn inside(config: &WebConfig, signed: &SignedIn) -> Option<HeaderMap> {
    let names = names(config);
    let device = format!("{}; Max-Age={DEVICE_SECONDS}", signed.device);
    let gone = || "; Max-Age=0".to_owned();
    all(
        config,
        &[
            (names.session, signed.token.clone()),
            (names.device, device),
            (names.half, gone()),
            (names.away, gone()),
        ],
    )
}

fn all(config: &WebConfig, cookies: &[(&str, String)]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in cookies {
        headers.append(header::SET_COOKIE, set(config, name, value)?);
    }
    Some(headers)
}

/// The cookie of a session that goes on under a new token.
pub(crate) fn renewed(config: &WebConfig, token: &str) -> Option<HeaderValue> {
    set(config, names(config).session, token)
}

/// The cookie that ends it.
pub(crate) fn ending(config: &WebConfig) -> Option<HeaderValue> {
    set(config, names(config).session, "; Max-Age=0")
}

/// A cookie that no script reads and no other site sends.
fn set(config: &WebConfig, name: &str, value: &str) -> Option<HeaderValue> {
    let secure = if config.is_secure() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}")
        .parse()
        .ok()
}

/// The peer of the connection, put there by the server loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Where the request comes from: address, browser, and the mark it was given when it got in before.
#[derive(Debug, Clone)]
pub(crate) struct Whence(pub(crate) sessions::Whence);

impl FromRequestParts<Web> for Whence {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        let agent = parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        Ok(Self(sessions::Whence {
            address: address(parts, &web.config),
            agent: agent.unwrap_or_default().to_owned(),
            device: cookie(&parts.headers, names(&web.config).device).map(str::to_owned),
        }))
    }
}

/// Which site this is to the browser: the node's public address, or else the one it was asked at.
#[derive(Debug, Clone)]
pub(crate) struct Here(pub(crate) Site);

impl FromRequestParts<Web> for Here {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Self::Rejection> {
        let config = &web.config;
        let host = parts
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let scheme = if config.is_secure() { "https" } else { "http" };
        let origin = match &config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{}", host.unwrap_or_default()),
        };
        let domain = authority(&origin).map(|authority| authority.host().to_ascii_lowercase());
        Ok(Self(Site {
            domain: domain.unwrap_or_default(),
            origin,
        }))
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
