//! `/api/session`, `/api/sessions`, `/api/password`: sign in, in one step or two, who am I, where else am I signed in, sign out.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::{self as cookies, Half, Holder, Signed, Whence};
use crate::shapes::accounts::{Account, Node, Session, SignIn};
use crate::shapes::posts::HeldPost;
use crate::shapes::reference::Office;
use crate::shapes::sessions::{ChangePassword, Code, Ended, NewPassword, NextStep, Proof, SessionLine};
use crate::state::{Web, run};
use anlan_app::posts::{self, OwnPost};
use anlan_app::sessions::{self, Entered};
use anlan_app::{App, Caller, passwords};
use anlan_model::accounts as model;
use anlan_model::ids::{AccountId, SessionId};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, session, sign_out))
        .routes(routes!(answer_code))
        .routes(routes!(answer_password))
        .routes(routes!(prove))
        .routes(routes!(list, end_others))
        .routes(routes!(end))
        .routes(routes!(list_of, end_all_of))
        .routes(routes!(change_password))
}

/// Sign in with name and password; the answer sets the session cookie, or says which step is wanted next.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, description = "Signed in", body = Session),
        (status = 202, description = "One step more", body = NextStep)))]
pub(crate) async fn sign_in(
    State(web): State<Web>,
    Whence(from): Whence,
    Json(asked): Json<SignIn>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let entered = run(move || {
        let input = sessions::SignIn {
            name: asked.name,
            password: asked.password,
            from,
        };
        sessions::sign_in(&app, &input)
    });
    entered_as(&web, &entered.await?)
}

/// The second step: a code of the authenticator app or a recovery code.
#[utoipa::path(post, path = "/api/session/code", tag = "session", request_body = Code,
    responses((status = 200, description = "Signed in", body = Session),
        (status = 202, description = "One step more", body = NextStep)))]
pub(crate) async fn answer_code(
    State(web): State<Web>,
    Half(token): Half,
    Whence(from): Whence,
    Json(asked): Json<Code>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let entered = run(move || sessions::answer_code(&app, &token, &asked.code, &from)).await?;
    entered_as(&web, &entered)
}

/// The last step after a one-time word: a password of one's own.
#[utoipa::path(post, path = "/api/session/password", tag = "session", request_body = NewPassword,
    responses((status = 200, description = "Signed in", body = Session)))]
pub(crate) async fn answer_password(
    State(web): State<Web>,
    Half(token): Half,
    Whence(from): Whence,
    Json(asked): Json<NewPassword>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let entered = run(move || sessions::answer_password(&app, &token, &asked.password, &from)).await?;
    entered_as(&web, &entered)
}

/// The answer to whoever got this far.
pub(crate) fn entered_as(web: &Web, entered: &Entered) -> Result<Response, Failure> {
    let cookies = cookies::cookies(&web.config, entered).ok_or_else(Failure::internal)?;
    Ok(match entered {
        Entered::In(signed) => {
            let session = session_of(&web.app, &signed.caller, &signed.account, signed.post.as_ref());
            (cookies, axum::Json(session)).into_response()
        }
        Entered::Half { step, .. } => {
            let next = NextStep { step: (*step).into() };
            (StatusCode::ACCEPTED, cookies, axum::Json(next)).into_response()
        }
    })
}

/// Who is signed in, where, and what they may do.
#[utoipa::path(get, path = "/api/session", tag = "session",
    responses((status = 200, description = "The session", body = Session)))]
pub(crate) async fn session(State(web): State<Web>, signed: Holder) -> Result<axum::Json<Session>, Failure> {
    let app = web.app.clone();
    let session = run(move || {
        let post = posts::shown(&app, &signed.known)?;
        let account = &signed.known.account;
        Ok::<_, anlan_app::Error>(session_of(&app, &signed.caller, account, post.as_ref()))
    });
    Ok(axum::Json(session.await?))
}

/// What a browser is told to forget of this site when somebody signs out; cookies by name, as the mark of a browser that got in
/// before is to stay.
const FORGET: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\", \"storage\""),
);

/// End the session.
#[utoipa::path(delete, path = "/api/session", tag = "session",
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn sign_out(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(token) = cookies::token(&headers, &web.config) {
        let app = web.app.clone();
        run(move || sessions::sign_out(&app, &token)).await?;
    }
    let cookie = cookies::ending(&web.config).ok_or_else(Failure::internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie), FORGET]).into_response())
}

/// Prove once more who is there, before a step that changes how one signs in.
#[utoipa::path(post, path = "/api/session/proof", tag = "session", operation_id = "prove_session", request_body = Proof,
    responses((status = 204, description = "Proven; the session goes on under a new token")))]
pub(crate) async fn prove(
    State(web): State<Web>,
    signed: Holder,
    Json(asked): Json<Proof>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let token =
        run(move || sessions::prove(&app, &signed.known, &asked.password, asked.code.as_deref())).await?;
    renewed(&web, &token)
}

fn renewed(web: &Web, token: &str) -> Result<Response, Failure> {
    let cookie = cookies::renewed(&web.config, token).ok_or_else(Failure::internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Where the caller is signed in.
#[utoipa::path(get, path = "/api/sessions", tag = "session", operation_id = "list_sessions",
    responses((status = 200, description = "Sessions, the one last seen first", body = Vec<SessionLine>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Holder,
) -> Result<axum::Json<Vec<SessionLine>>, Failure> {
    let (app, known) = (web.app.clone(), signed.known);
    let own = known.session;
    let lines = run(move || sessions::list(&app, &known)).await?;
    let lines = lines.into_iter().map(|line| SessionLine::of(line, Some(own)));
    Ok(axum::Json(lines.collect()))
}

/// End every other session of the caller.
#[utoipa::path(delete, path = "/api/sessions", tag = "session", operation_id = "end_other_sessions",
    responses((status = 200, description = "Ended", body = Ended)))]
pub(crate) async fn end_others(State(web): State<Web>, signed: Holder) -> Result<axum::Json<Ended>, Failure> {
    let app = web.app.clone();
    let ended = run(move || sessions::end_others(&app, &signed.known)).await?;
    Ok(axum::Json(Ended { ended }))
}

/// End one session of the caller.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "session", operation_id = "end_session",
    params(("id" = i64, Path, description = "The session's number")),
    responses((status = 204, description = "Ended")))]
pub(crate) async fn end(
    State(web): State<Web>,
    signed: Holder,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    run(move || sessions::end(&app, &signed.known, SessionId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where an account is signed in, for who may end its sessions.
#[utoipa::path(get, path = "/api/accounts/{id}/sessions", tag = "accounts", operation_id = "list_sessions_of",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "Sessions, the one last seen first", body = Vec<SessionLine>)))]
pub(crate) async fn list_of(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<axum::Json<Vec<SessionLine>>, Failure> {
    let app = web.app.clone();
    let own = signed.session;
    let lines = run(move || sessions::list_of(&app, &signed.caller, AccountId(id))).await?;
    let lines = lines.into_iter().map(|line| SessionLine::of(line, own));
    Ok(axum::Json(lines.collect()))
}

/// End every session of an account.
#[utoipa::path(delete, path = "/api/accounts/{id}/sessions", tag = "accounts", operation_id = "end_sessions_of",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "Ended", body = Ended)))]
pub(crate) async fn end_all_of(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<axum::Json<Ended>, Failure> {
    let app = web.app.clone();
    let ended = run(move || sessions::end_all_of(&app, &signed.caller, AccountId(id))).await?;
    Ok(axum::Json(Ended { ended }))
}

/// Change one's own password. Every other session ends; this one goes on under a new token.
#[utoipa::path(put, path = "/api/password", tag = "session", operation_id = "change_password", request_body = ChangePassword,
    responses((status = 204, description = "Changed")))]
pub(crate) async fn change_password(
    State(web): State<Web>,
    signed: Holder,
    Json(asked): Json<ChangePassword>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let token = run(move || {
        let input = passwords::ChangePassword {
            current: asked.current,
            new: asked.password,
        };
        passwords::change(&app, &signed.known, &input)
    });
    renewed(&web, &token.await?)
}

pub(crate) fn session_of(
    app: &App,
    caller: &Caller,
    account: &model::Account,
    post: Option<&OwnPost>,
) -> Session {
    let node = app.node();
    let settings = &node.node;
    Session {
        office: post
            .map(|own| own.held.post.office)
            .or(account.office)
            .and_then(|id| node.offices.get(&id))
            .map(Office::from),
        account: Account::from(account.clone()),
        post: post.cloned().map(HeldPost::from),
        restoration: app.restoration().map(Into::into),
        node: Node {
            name_zh: settings.name_zh.clone(),
            name_en: settings.name_en.clone(),
            is_demo: settings.is_demo,
            time_zone: node.calendar.zone_name().to_owned(),
            center: settings.center,
            zoom: settings.zoom,
        },
        may: app
            .may(caller)
            .into_iter()
            .map(|action| action.code().to_owned())
            .collect(),
    }
}
