//! The pages for residents: report, follow, rate, reopen. Complete without JavaScript, phone first, in both
//! languages. They act as a resident, never with a staff member's session.

mod look_words;
pub(crate) mod looks;
mod near;
mod pages;
mod progress;
mod promises;
mod report;
mod times;
mod track;
mod words;

pub(crate) use report::kept_already;

use crate::headers::tagged;
use crate::problems::Failure;
use crate::state::Web;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pages::Page;

/// Room for the words of a form beside its photos.
pub(crate) const WORDS_BYTES_MAX: usize = 1024 * 1024;
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Every public page and what belongs to it.
pub(crate) fn routes(web: &Web) -> Router<Web> {
    let photos =
        DefaultBodyLimit::max(web.config.photo_bytes_max * web.config.public_photos_max + WORDS_BYTES_MAX);
    Router::new()
        .route("/report", get(report::form).post(report::hand_in).layer(photos))
        .route("/report/near", get(near::count))
        .route("/track", get(track::ask))
        .route("/t/{code}", get(track::show))
        .route(
            "/t/{code}/rate",
            post(track::rate).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .route(
            "/t/{code}/reopen",
            post(track::reopen).layer(DefaultBodyLimit::max(FORM_BYTES_MAX)),
        )
        .route("/t/{code}/photos", post(track::add_photos).layer(photos))
        .route("/t/{code}/photos/{photo}", get(track::photo))
        .route("/t/{code}/accesses", get(looks::show))
        .route("/t/{code}/accesses/proof", get(looks::proof))
        .route("/public.css", get(style))
        .route("/public.js", get(script))
        .route("/public.svg", get(mark))
}

/// 429 as a page, with the time to wait.
pub(crate) fn too_many(web: &Web, parts: &Parts, retry_after_s: u32) -> Response {
    let visitor = Page::of(parts, web);
    let (lang, words) = (visitor.lang, visitor.words());
    let failure = Failure::from(anlan_app::Error::TooMany { retry_after_s });
    let back = ("/track".into(), words.back_to_track);
    let template = report::message(
        visitor,
        words.refused_title,
        failure.detail(lang).to_owned(),
        back,
    );
    let mut response = page(failure.status(), &template, lang);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    response
}

async fn style(request: Request) -> Response {
    file(
        request.headers(),
        "text/css; charset=utf-8",
        concat!(
            include_str!("../../../ui/src/look/colours.css"),
            include_str!("../public/public.css")
        ),
    )
}

async fn script(request: Request) -> Response {
    file(
        request.headers(),
        "text/javascript; charset=utf-8",
        include_str!("../public/public.js"),
    )
}

async fn mark(request: Request) -> Response {
    file(
        request.headers(),
        "image/svg+xml",
        include_str!("../public/public.svg"),
    )
}

fn file(asked: &HeaderMap, kind: &'static str, text: &'static str) -> Response {
    // These three change with the program only, and are asked for again each time at the price of a 304.
    let etag = format!("\"{}-{:x}\"", env!("CARGO_PKG_VERSION"), checksum(text));
    let mut response = tagged(asked, &etag, text);
    if response.status() == StatusCode::OK {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

/// FNV-1a, 64 bits: tells builds apart, protects nothing.
const fn checksum(text: &str) -> u64 {
    let (mut rest, mut sum) = (text.as_bytes(), 0xcbf2_9ce4_8422_2325_u64);
    while let [first, tail @ ..] = rest {
        sum = (sum ^ *first as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    sum
}

/// A page with a status.
fn page(status: StatusCode, template: &impl askama::Template, lang: crate::languages::Lang) -> Response {
    match template.render() {
        Ok(html) => {
            let mut response = (status, axum::response::Html(html)).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
            headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
