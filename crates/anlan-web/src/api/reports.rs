//! `/api/reports`: a report as somebody on duty writes it down.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::cases::Likeness;
use crate::shapes::reports::{NewReport, ReportDraft, ReportTaken};
use crate::state::{Web, run};
use anlan_app::cases;
use anlan_app::{Caller, reports};
use anlan_model::ids::{ClassCode, OfficeId};
use anlan_model::incoming::{Channel, Contact, Incoming};
use anlan_model::places::{Datum, GivenPoint};
use axum::extract::State;
use axum::http::StatusCode;
use std::collections::BTreeMap;

const KEY_CHARS_MAX: usize = 128;

/// Hand in a report. Sending it again with the same `idempotency_key` changes nothing and answers the same.
#[utoipa::path(post, path = "/api/reports", tag = "reports", operation_id = "take_report", request_body = NewReport,
    responses((status = 201, description = "Taken; its case, its promise, and what may be the same thing", body = ReportTaken)))]
pub(crate) async fn take(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<NewReport>,
) -> Result<(StatusCode, axum::Json<ReportTaken>), Failure> {
    let about = asked.about_office.map(OfficeId);
    let incoming = incoming(&web, &signed.caller, asked)?;
    let app = web.app.clone();
    let (taken, likely) =
        run(move || reports::take_and_compare(&app, &signed.caller, incoming, about)).await?;
    let answer = ReportTaken {
        case: taken.case.id.0,
        number: taken.case.number(),
        track_url: web.track_url(&taken.tracking_code),
        tracking_code: taken.tracking_code,
        due_at: taken.case.clocks.due_at,
        office: taken.case.office.map(|office| office.0),
        rule: taken.case.route.and_then(|route| route.rule).map(|rule| rule.0),
        duplicates: likely.into_iter().map(Likeness::from).collect(),
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

/// Open cases that may be the same as a report not yet handed in, the likeliest first.
#[utoipa::path(post, path = "/api/reports/likely", tag = "reports", operation_id = "list_likely", request_body = ReportDraft,
    responses((status = 200, description = "What may be the same thing; nothing was kept", body = Vec<Likeness>)))]
pub(crate) async fn likely_of_draft(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<ReportDraft>,
) -> Result<axum::Json<Vec<Likeness>>, Failure> {
    let [lon, lat] = asked.point;
    let draft = cases::Draft {
        class: asked.class.filter(|code| !code.is_empty()).map(ClassCode),
        point: GivenPoint {
            lon,
            lat,
            datum: asked.datum.map_or_else(Datum::default, Into::into),
            error_m: None,
        },
    };
    let app = web.app.clone();
    let found = run(move || cases::likely(&app, &signed.caller, &draft)).await?;
    Ok(axum::Json(found.into_iter().map(Likeness::from).collect()))
}

fn incoming(web: &Web, caller: &Caller, asked: NewReport) -> Result<Incoming, Failure> {
    let channel = Channel::from(asked.channel);
    if matches!(channel, Channel::Import | Channel::Web | Channel::Open311) {
        return Err(Failure::field(
            "channel",
            "channel.not_yours",
            "此处可用 hotline、worker 或 office；居民请用上报页，文件请用导入。",
            "Use hotline, worker or office here; residents use the public form, files are imported.",
        ));
    }
    let text = |value: Option<String>| {
        value
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let contact = asked.contact.map(|given| Contact {
        name: text(given.name),
        phone: text(given.phone),
        email: text(given.email),
    });
    let point = asked.point.map(|[lon, lat]| GivenPoint {
        lon,
        lat,
        datum: asked.datum.map_or_else(Datum::default, Into::into),
        error_m: asked.error_m,
    });
    Ok(Incoming {
        channel,
        source: "desk".into(),
        external_id: key(caller, text(asked.idempotency_key))?,
        class: text(asked.class).map(ClassCode),
        title: asked.title.trim().to_owned(),
        description: asked.description.trim().to_owned(),
        address: text(asked.address),
        point,
        reported_at: web.app.clock.now(),
        contact: contact.filter(|contact| !contact.is_empty()),
        history: None,
        is_duplicate: false,
        is_default_point: false,
        facts: BTreeMap::new(),
    })
}

/// The sender's key, told apart by account: nobody gets at another's report by repeating a key.
fn key(caller: &Caller, given: Option<String>) -> Result<Option<String>, Failure> {
    let Some(key) = given else { return Ok(None) };
    if key.chars().count() > KEY_CHARS_MAX || key.chars().any(char::is_control) {
        return Err(Failure::field(
            "idempotency_key",
            "key.unusable",
            format!("幂等键至多 {KEY_CHARS_MAX} 个可见字符。"),
            format!("An idempotency key has at most {KEY_CHARS_MAX} visible characters."),
        ));
    }
    let account = caller
        .actor
        .account
        .map(|account| account.to_string())
        .unwrap_or_default();
    Ok(Some(format!("{account}:{key}")))
}
