//! `/api/session`: sign in, who am I, sign out.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::{self, Signed, Whence};
use crate::shapes::accounts::{Account, Node, Session, SignIn};
use crate::shapes::reference::Office;
use crate::state::{Web, run};
use anlan_app::{App, Caller, accounts};
use anlan_model::accounts as model;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Sign in with name and password; the answer sets the session cookie.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, description = "Signed in", body = Session)))]
pub(crate) async fn sign_in(
    State(web): State<Web>,
    Whence(from): Whence,
    Json(asked): Json<SignIn>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let signed = run(move || {
        let signed = accounts::sign_in(
            &app,
            &accounts::SignIn {
                name: asked.name,
                password: asked.password,
                from,
            },
        )?;
        let caller = Caller::of(&signed.account, "api");
        Ok::<_, anlan_app::Error>((signed.token, session_of(&app, &caller, signed.account)))
    });
    let (token, session) = signed.await?;
    let cookie = sessions::starting(&web.config, &token).ok_or_else(Failure::internal)?;
    Ok(([(header::SET_COOKIE, cookie)], axum::Json(session)).into_response())
}

/// Who is signed in, where, and what they may do.
#[utoipa::path(get, path = "/api/session", tag = "session",
    responses((status = 200, description = "The session", body = Session)))]
pub(crate) async fn session(State(web): State<Web>, signed: Signed) -> axum::Json<Session> {
    axum::Json(session_of(&web.app, &signed.caller, signed.account))
}

/// End the session.
#[utoipa::path(delete, path = "/api/session", tag = "session",
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn sign_out(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    if let Some(token) = sessions::token(&headers, &web.config) {
        let app = web.app.clone();
        run(move || accounts::sign_out(&app, &token)).await?;
    }
    let cookie = sessions::ending(&web.config).ok_or_else(Failure::internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn session_of(app: &App, caller: &Caller, account: model::Account) -> Session {
    let node = app.node();
    let settings = &node.node;
    Session {
        office: account
            .office
            .and_then(|id| node.offices.get(&id))
            .map(Office::from),
        account: Account::from(account),
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
