//! `/api/alerts`: what authorities tell the public, as it holds here; handing one in, and what is done about it.

use super::cases::{Version, versioned};
use crate::bodies::Json;
use crate::languages::Lang;
use crate::paths::Named;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::alerts::{
    AlertDecision, AlertDetail, AlertFeed, AlertMove, AlertPage, AlertSummary, AlertTaken,
};
use crate::shapes::cases::{CasePage, CaseSummary};
use crate::shapes::words::{self, AlertState};
use crate::state::{Web, run};
use anlan_app::{App, Caller, Error, FieldFault, alerts, cases};
use anlan_intake::cap;
use anlan_model::ids::AlertId;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// Every endpoint of alerts.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(receive).layer(DefaultBodyLimit::max(cap::BYTES_MAX)))
        .routes(routes!(read))
        .routes(routes!(document))
        .routes(routes!(around))
        .routes(routes!(decide))
        .routes(routes!(feeds))
}

/// Which alerts, which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AlertFilter {
    /// `received`, `seen`, `replaced`, `cancelled`; several separated by commas.
    state: Option<String>,
    /// `true`: only real ones that are not ended and not over; some may begin later.
    current: Option<String>,
    /// Lines on the page, 1 to 200; 50 if not said.
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn states(text: Option<&str>) -> Result<Vec<anlan_model::alerts::AlertState>, Failure> {
    let hint = (
        "可用 received, seen, replaced, cancelled",
        "use received, seen, replaced, cancelled",
    );
    queries::many("state", text, hint, |word| {
        words::read::<AlertState>(word).map(Into::into)
    })
}

fn spoken(headers: &HeaderMap) -> Lang {
    Lang::asked(headers).unwrap_or(Lang::Zh)
}

/// Alerts, the newest received first.
#[utoipa::path(get, path = "/api/alerts", tag = "alerts", operation_id = "list_alerts", params(AlertFilter),
    responses((status = 200, description = "A page", body = AlertPage)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
    asked: Asked,
) -> Result<axum::Json<AlertPage>, Failure> {
    asked.only(&[queries::names::<AlertFilter>()])?;
    let asked: AlertFilter = asked.read()?;
    let limit = queries::limit(asked.limit.as_deref())?;
    let now = web.app.clock.now();
    let is_current = queries::one::<bool>(
        "current",
        asked.current.as_deref(),
        "可用 true 或 false",
        "use true or false",
    )?;
    let filter = alerts::Filter {
        states: states(asked.state.as_deref())?,
        not_over_at: is_current.unwrap_or_default().then_some(now),
    };
    let cursor = asked.cursor.filter(|text| !text.is_empty());
    let app = web.app.clone();
    let found = run(move || alerts::list(&app, &signed.caller, &filter, cursor.as_deref(), limit))
        .await
        .map_err(queries::cursor_fault)?;
    let lang = spoken(&headers);
    let items = found.items.iter();
    Ok(axum::Json(AlertPage {
        items: items.map(|alert| AlertSummary::of(alert, lang, now)).collect(),
        next: found.next,
    }))
}

/// Hand in an alert: a CAP document of version 1.2, 1.1 or 1.0 as the body. The same message a second time adds nothing.
#[utoipa::path(post, path = "/api/alerts", tag = "alerts", operation_id = "receive_alert",
    request_body(content = Vec<u8>, content_type = "application/cap+xml"),
    responses((status = 201, description = "Kept", body = AlertTaken),
        (status = 200, description = "It was here already", body = AlertTaken)))]
pub(crate) async fn receive(
    State(web): State<Web>,
    signed: Signed,
    bytes: Bytes,
) -> Result<Response, Failure> {
    let taken = run(move || {
        alerts::admit(&web.app, &signed.caller)?;
        let source = signed.caller.name.clone();
        let arrived = cap::arrived(source, bytes.to_vec(), &web.config.cap_trusted);
        alerts::receive(
            &web.app,
            &signed.caller,
            arrived.map_err(|refused| refusal(&refused))?,
        )
    })
    .await?;
    let status = if taken.is_known {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, axum::Json(AlertTaken::from(taken))).into_response())
}

/// Every reason to refuse a document, with the line and the element.
fn refusal(refused: &cap::Refused) -> Error {
    let reasons = refused.faults.iter().filter(|fault| fault.is_refused);
    let fields = reasons.map(|fault| {
        let (zh, en) = (
            format!("第 {} 行：{}", fault.line, fault.zh()),
            format!("line {}: {}", fault.line, fault.message),
        );
        FieldFault::new(&fault.path, fault.code, zh, en)
    });
    Error::Invalid {
        code: "alert.refused",
        zh: "这份文档不是可接收的 CAP 警报，没有保存任何内容；问题所在如下，请联系发送方更正。".into(),
        en: "This document is no CAP alert that can be taken in, and nothing was kept. What is wrong is told below; ask its sender to mend it.".into(),
        fields: fields.collect(),
    }
}

/// One alert, whole.
#[utoipa::path(get, path = "/api/alerts/{id}", tag = "alerts", operation_id = "read_alert",
    params(("id" = i64, Path, description = "Id")),
    responses((status = 200, description = "The alert; ETag is its version", body = AlertDetail)))]
pub(crate) async fn read(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
    Named(id): Named<AlertId>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let file = run(move || alerts::read(&app, &signed.caller, id)).await?;
    Ok(shown(&web, &headers, &file))
}

fn shown(web: &Web, headers: &HeaderMap, file: &alerts::AlertFile) -> Response {
    let detail = AlertDetail::of(file, spoken(headers), web.app.clock.now());
    versioned(file.alert.version, axum::Json(detail))
}

/// The document as it came, byte for byte, with its signature.
#[utoipa::path(get, path = "/api/alerts/{id}/document", tag = "alerts", operation_id = "read_alert_document",
    params(("id" = i64, Path, description = "Id")),
    responses((status = 200, description = "The document", content_type = "application/cap+xml", body = Vec<u8>)))]
pub(crate) async fn document(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<AlertId>,
) -> Result<Response, Failure> {
    let bytes = run(move || alerts::document(&web.app, &signed.caller, id)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/cap+xml".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"alert-{id}.xml\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// How many cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AroundFilter {
    /// Lines, 1 to 200; 50 if not said.
    limit: Option<String>,
}

/// Open cases in an alert's area, as many of them as the caller may see; `total` counts those among the newest 200 around.
#[utoipa::path(get, path = "/api/alerts/{id}/cases", tag = "alerts", operation_id = "list_alert_cases",
    params(("id" = i64, Path, description = "Id"), AroundFilter),
    responses((status = 200, description = "The newest of them", body = CasePage)))]
pub(crate) async fn around(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<AlertId>,
    asked: Asked,
) -> Result<axum::Json<CasePage>, Failure> {
    asked.only(&[queries::names::<AroundFilter>()])?;
    let limit = queries::limit(asked.read::<AroundFilter>()?.limit.as_deref())?;
    let app = web.app.clone();
    let found = run(move || alerts::cases(&app, &signed.caller, id, limit)).await?;
    let now = web.app.clock.now();
    let items = found.items.iter();
    Ok(axum::Json(CasePage {
        items: items.map(|case| CaseSummary::of(case, now)).collect(),
        next: None,
        total: found.total,
    }))
}

/// Say that somebody looked at an alert, link it to a case or take that back, watch its area or watch no more. `If-Match` names the
/// version decided on.
#[utoipa::path(post, path = "/api/alerts/{id}/moves", tag = "alerts", operation_id = "move_alert",
    request_body = AlertDecision,
    params(("id" = i64, Path, description = "Id"), ("If-Match" = String, Header, description = "The version decided on, e.g. \"v3\"")),
    responses((status = 200, description = "The alert after it", body = AlertDetail)))]
pub(crate) async fn decide(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
    Named(id): Named<AlertId>,
    Version(version): Version,
    Json(asked): Json<AlertDecision>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let file = run(move || {
        carry_out(&app, &signed.caller, (id, version), &asked)?;
        alerts::read(&app, &signed.caller, id)
    });
    Ok(shown(&web, &headers, &file.await?))
}

fn carry_out(app: &App, caller: &Caller, on: (AlertId, u32), asked: &AlertDecision) -> Result<(), Error> {
    let case = || {
        let named = asked.case.as_deref().and_then(cases::resolve);
        named.ok_or_else(|| {
            Error::field(
                "case",
                "alert.case_missing",
                "请填写案件编号，例如 AL26-000123。",
                "name a case by its number, e.g. AL26-000123",
            )
        })
    };
    match asked.code {
        AlertMove::Look => alerts::look(app, caller, on),
        AlertMove::Link => alerts::link(app, caller, on, case()?),
        AlertMove::Unlink => alerts::unlink(app, caller, on, case()?),
        AlertMove::Watch => alerts::watch(app, caller, on),
        AlertMove::Unwatch => alerts::unwatch(app, caller, on),
    }
    .map(drop)
}

/// How the feeds fare that alerts come by.
#[utoipa::path(get, path = "/api/alert-feeds", tag = "alerts", operation_id = "list_alert_feeds",
    responses((status = 200, description = "Every feed, by name", body = [AlertFeed])))]
pub(crate) async fn feeds(
    State(web): State<Web>,
    signed: Signed,
) -> Result<axum::Json<Vec<AlertFeed>>, Failure> {
    let found = run(move || alerts::feeds(&web.app, &signed.caller)).await?;
    Ok(axum::Json(found.into_iter().map(AlertFeed::from).collect()))
}
