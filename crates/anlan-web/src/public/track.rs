//! `/track` and `/t/{code}`: what has become of a report, and the reporter's word on it. The code is the only key;
//! a wrong one learns nothing.

use super::page;
use super::pages::{MessagePage, Page, TrackPage};
use super::progress::{SaidQuery, notices, progress};
use super::report::{NotKept, keep, kept_at, message};
use crate::api::photos as picture;
use crate::forms::{self, Broken, Sent};
use crate::problems::Failure;
use crate::queries::Asked;
use crate::state::{Web, run};
use anlan_app::tracks::{self, Rate, Tracked};
use anlan_model::ids::PhotoId;
use axum::extract::multipart::MultipartRejection;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, FromRequestParts, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::convert::Infallible;

const CODE_CHARS: usize = 20;

/// What the path names. What cannot be read is a wrong code like any other.
pub(crate) struct Key {
    pub(super) code: String,
    photo: Option<PhotoId>,
}

impl FromRequestParts<Web> for Key {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, web).await;
        let mut path = path.map(|path| path.0).unwrap_or_default();
        let photo = path.get("photo").and_then(|id| id.parse().ok());
        Ok(Self {
            code: path.remove("code").unwrap_or_default(),
            photo,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct CodeQuery {
    code: Option<String>,
}

/// The form for a code; a code that looks like one leads on to its page.
pub(crate) async fn ask(visitor: Page, query: Result<Query<CodeQuery>, QueryRejection>) -> Response {
    let given = query.ok().and_then(|query| query.0.code).unwrap_or_default();
    let text = given.trim().trim_end_matches('/');
    // Whole links are pasted as often as codes.
    let last = text.rsplit("/t/").next().unwrap_or_default();
    let last = last.split(['?', '#']).next().unwrap_or_default();
    let code: String = last
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect::<String>()
        .to_ascii_lowercase();
    if code.len() == CODE_CHARS && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return visitor.remember(Redirect::to(&format!("/t/{code}")).into_response());
    }
    let (visitor, lang) = (visitor.clone().at("track"), visitor.lang);
    let is_bad = !given.is_empty();
    let status = if is_bad {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let code = given.chars().take(120).collect();
    let template = TrackPage {
        t: visitor.words(),
        page: visitor,
        code,
        is_bad,
    };
    template.page.remember(page(status, &template, lang))
}

/// How the report stands.
pub(crate) async fn show(
    State(web): State<Web>,
    visitor: Page,
    Key { code, .. }: Key,
    said: Result<Query<SaidQuery>, QueryRejection>,
) -> Response {
    let (app, key) = (web.app.clone(), code.clone());
    match run(move || tracks::open(&app, &key)).await {
        Ok(tracked) => {
            let notices = notices(visitor.words(), &said.map(|query| query.0).unwrap_or_default());
            progress(&web, visitor, code, &tracked, notices)
        }
        Err(failure) => refused(visitor, None, &failure),
    }
}

/// A refusal as a page. A wrong code and a hidden case look the same.
pub(super) fn refused(visitor: Page, code: Option<&str>, failure: &Failure) -> Response {
    let (lang, words) = (visitor.lang, visitor.words());
    let visitor = visitor.at("track");
    let template: MessagePage = if failure.status() == StatusCode::NOT_FOUND {
        message(
            visitor,
            words.missing_title,
            words.missing_text.to_owned(),
            ("/track".into(), words.back_to_track),
        )
    } else {
        let back = match code {
            Some(code) => (format!("/t/{code}"), words.back_to_case),
            None => ("/track".into(), words.back_to_track),
        };
        message(
            visitor,
            words.refused_title,
            failure.detail(lang).to_owned(),
            back,
        )
    };
    page(failure.status(), &template, lang)
}

#[derive(Deserialize)]
pub(crate) struct RateForm {
    stars: Option<String>,
    is_fixed: Option<String>,
    #[serde(default)]
    comment: String,
}

/// The reporter rates the result.
pub(crate) async fn rate(
    State(web): State<Web>,
    visitor: Page,
    Key { code, .. }: Key,
    form: Result<Form<RateForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused(visitor, Some(&code), &unreadable());
    };
    let is_fixed = match form.is_fixed.as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    let stars = form.stars.and_then(|stars| stars.parse().ok());
    let (Some(stars), Some(is_fixed)) = (stars, is_fixed) else {
        let failure = Failure::field(
            "stars",
            "rating.range",
            "请选择满意程度，并说明问题是否解决。",
            "Choose one to five, and say whether it is fixed.",
        );
        return refused(visitor, Some(&code), &failure);
    };
    let rate = Rate {
        stars,
        is_fixed,
        comment: form.comment.replace("\r\n", "\n"),
    };
    let (app, key) = (web.app.clone(), code.clone());
    let result = run(move || tracks::rate(&app, &key, &rate)).await;
    moved(visitor, &code, "rated", result)
}

#[derive(Deserialize)]
pub(crate) struct ReopenForm {
    #[serde(default)]
    note: String,
}

/// The reporter says it is not fixed.
pub(crate) async fn reopen(
    State(web): State<Web>,
    visitor: Page,
    Key { code, .. }: Key,
    form: Result<Form<ReopenForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused(visitor, Some(&code), &unreadable());
    };
    let (app, key) = (web.app.clone(), code.clone());
    let note = form.note.replace("\r\n", "\n");
    let result = run(move || tracks::reopen(&app, &key, &note)).await;
    moved(visitor, &code, "reopened", result)
}

fn unreadable() -> Failure {
    Failure::of_status(StatusCode::BAD_REQUEST)
}

fn moved(visitor: Page, code: &str, said: &str, result: Result<Tracked, Failure>) -> Response {
    match result {
        Ok(_) => Redirect::to(&kept_at(code, said, &vec![])).into_response(),
        Err(failure) => refused(visitor, Some(code), &failure),
    }
}

/// The reporter adds photos.
pub(crate) async fn add_photos(
    State(web): State<Web>,
    visitor: Page,
    Key { code, .. }: Key,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let (app, key) = (web.app.clone(), code.clone());
    // A wrong code is told before twenty photos are read.
    if let Err(failure) = run(move || tracks::open(&app, &key)).await {
        if let Ok(mut form) = form {
            forms::drain(&mut form).await;
        }
        return refused(visitor, None, &failure);
    }
    let Ok(mut form) = form else {
        return refused(visitor, Some(&code), &unreadable());
    };
    match read_photos(&web, &code, &mut form).await {
        Ok(not_kept) => Redirect::to(&kept_at(&code, "photos", &not_kept)).into_response(),
        Err(reason) => refused(visitor, Some(&code), &Failure::of_status(reason.status())),
    }
}

async fn read_photos(web: &Web, code: &str, form: &mut Multipart) -> Result<NotKept, Broken> {
    let (mut place, mut not_kept) = (0, NotKept::new());
    while let Some(mut field) = forms::next_field(form).await? {
        let sent = forms::file(&mut field, web.config.photo_bytes_max).await?;
        place += 1;
        let result = match sent {
            _ if place > web.config.public_photos_max => Err("photo.too_many".to_owned()),
            Sent::Bytes(bytes) => keep(web, code.to_owned(), bytes).await,
            Sent::TooLarge => Err("photo.too_large".to_owned()),
            Sent::Nothing => Ok(()),
        };
        if let Err(why) = result {
            not_kept.push((place, why));
        }
    }
    Ok(not_kept)
}

/// A photo of the report.
pub(crate) async fn photo(
    State(web): State<Web>,
    visitor: Page,
    Key { code, photo }: Key,
    asked: Asked,
) -> Response {
    let Some(photo) = photo else {
        return refused(visitor, None, &Failure::missing());
    };
    let size = match picture::size(&asked) {
        Ok(size) => size,
        Err(failure) => return refused(visitor, Some(&code), &failure),
    };
    let (app, key) = (web.app.clone(), code.clone());
    match run(move || tracks::photo(&app, &key, photo, size)).await {
        Ok(bytes) => picture::jpeg(bytes),
        Err(failure) => refused(visitor, None, &failure),
    }
}
