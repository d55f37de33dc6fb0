//! Who opened a report, for residents' portals, in the shapes of Estonia's Data Tracker (Andmejälgija, "kasutusteabe teenus"
//! 2.0.0): `findUsage`, `usagePeriod`, `heartbeat`. Where it parts from that, `docs/handbook/access-log.md` says so. What may be
//! told is decided in the application.

use crate::languages::Lang;
use crate::problems::Failure;
use crate::public::looks;
use crate::state::{Web, run};
use anlan_app::tracks::{self, Look};
use axum::Json;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use std::collections::HashMap;

/// The name of the header that says who asks: here the tracking code, as residents have no number.
const WHO: &str = "x-road-userid";
const LIMIT_DEFAULT: usize = 1000;
const LIMIT_MAX: usize = 10_000;

/// `/data-tracker/findUsage`, `/data-tracker/usagePeriod`, `/data-tracker/heartbeat`.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/data-tracker/findUsage", get(find_usage))
        .route("/data-tracker/usagePeriod", get(usage_period))
        .route("/data-tracker/heartbeat", get(heartbeat))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    total_usages: usize,
    usages: Vec<Usage>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    logtime: Timestamp,
    action: String,
    receiver_code: String,
    receiver_name: String,
    receiver_system: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Period {
    period_start: Timestamp,
}

#[derive(Debug, Serialize)]
struct Heartbeat {
    status: &'static str,
    message: &'static str,
}

/// Which of the accesses are asked for.
struct Wanted {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    offset: usize,
    limit: usize,
}

async fn find_usage(
    State(web): State<Web>,
    headers: HeaderMap,
    asked: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Response, Failure> {
    let asked = asked
        .map_err(|_why| Failure::of_status(StatusCode::BAD_REQUEST))?
        .0;
    let code = code(&headers, &asked)?;
    let wanted = wanted(&web, &asked)?;
    let lang = Lang::asked(&headers).unwrap_or(Lang::Zh);
    let app = web.app.clone();
    let found = run(move || tracks::looks(&app, &code)).await?;
    let is_wanted = |look: &&Look| {
        wanted.from.is_none_or(|from| look.at >= from) && wanted.until.is_none_or(|until| look.at <= until)
    };
    let all: Vec<&Look> = found.looks.iter().filter(is_wanted).collect();
    let node = web.app.node();
    let usage = |look: &&Look| {
        let (receiver_code, receiver_name) = looks::receiver(&node, lang, look.by);
        Usage {
            logtime: look.at,
            action: looks::action(lang, look),
            receiver_code,
            receiver_name,
            receiver_system: lang.pick(&node.node.name_zh, &node.node.name_en).clone(),
        }
    };
    let page = all.iter().skip(wanted.offset).take(wanted.limit);
    let usages = page.map(usage).collect();
    let total_usages = all.len();
    Ok(Json(Found { total_usages, usages }).into_response())
}

/// The tracking code: in the header, and in `userCode` the same, as nobody acts for another here.
fn code(headers: &HeaderMap, asked: &HashMap<String, String>) -> Result<String, Failure> {
    let who = headers
        .get(WHO)
        .and_then(|who| who.to_str().ok())
        .unwrap_or_default();
    let about = asked.get("userCode").map(String::as_str).unwrap_or_default();
    if who.is_empty() || who != about {
        return Err(refused(
            "userCode",
            "请在 X-Road-UserId 头和 userCode 中给出同一个查询码。",
            "Give the tracking code in the header X-Road-UserId and the same one in userCode.",
        ));
    }
    Ok(who.to_owned())
}

fn wanted(web: &Web, asked: &HashMap<String, String>) -> Result<Wanted, Failure> {
    let time = |name: &str| match asked.get(name) {
        None => Ok(None),
        Some(text) => time(web, text).map(Some).ok_or_else(|| {
            refused(
                name,
                "时间应写成 2026-01-31T10:20:30 或带时区的形式。",
                "A time is written like 2026-01-31T10:20:30, or with an offset.",
            )
        }),
    };
    let number = |name: &str, default: usize, least: usize, most: usize| match asked.get(name) {
        None => Ok(default),
        Some(text) => {
            let number = text.parse().ok();
            number
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| {
                    refused(
                        name,
                        &format!("应为 {least} 到 {most} 的整数。"),
                        &format!("A whole number from {least} to {most} is needed."),
                    )
                })
        }
    };
    Ok(Wanted {
        from: time("periodStart")?,
        until: time("periodEnd")?,
        offset: number("offset", 0, 0, usize::MAX)?,
        limit: number("limit", LIMIT_DEFAULT, 1, LIMIT_MAX)?,
    })
}

/// With an offset, or by the node's clocks.
fn time(web: &Web, text: &str) -> Option<Timestamp> {
    let zoned = text.parse().ok();
    zoned.or_else(|| {
        let local: DateTime = text.parse().ok()?;
        web.app.node().calendar.zone().to_timestamp(local).ok()
    })
}

fn refused(field: &str, zh: &str, en: &str) -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        "query",
        format!("{field}：{zh}"),
        format!("{field}: {en}"),
    )
}

async fn usage_period(State(web): State<Web>) -> Result<Response, Failure> {
    let app = web.app.clone();
    let period_start = run(move || anlan_app::logs::begun(&app)).await?;
    let period_start = period_start.unwrap_or_else(|| web.app.clock.now());
    Ok(Json(Period { period_start }).into_response())
}

/// `FAIL` where accesses cannot be read, or the log has never been signed.
async fn heartbeat(State(web): State<Web>) -> Response {
    let app = web.app.clone();
    let signed = run(move || anlan_app::logs::published(&app, "checkpoint")).await;
    let (status, message) = match signed {
        Ok(_) => ("OK", "the access log can be asked"),
        Err(_) => ("FAIL", "the access log cannot be read or is not signed"),
    };
    Json(Heartbeat { status, message }).into_response()
}
