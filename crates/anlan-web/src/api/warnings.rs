//! `/api/warnings` and `/api/warning-budget`: what stands out, why, what was done about it, and whether the price is kept.

use super::cases::{Version, versioned};
use crate::bodies::Json;
use crate::paths::Named;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::cases::{CasePage, CaseSummary};
use crate::shapes::warnings::{
    BudgetRequest, BudgetReview, BudgetTrial, WarningDecision, WarningDetail, WarningMove, WarningPage,
    WarningSummary,
};
use crate::shapes::words::{self, WarningState};
use crate::state::{Web, run};
use anlan_app::{App, Caller, Error, cases, warnings};
use anlan_model::ids::WarningId;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const DAYS_DEFAULT: u16 = 365;

/// Every endpoint of warnings.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(behind))
        .routes(routes!(decide))
        .routes(routes!(review, tune))
        .routes(routes!(try_budget))
}

/// Which warnings, which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WarningFilter {
    /// `raised`, `seen`, `linked`, `dismissed`, `closed`; several separated by commas.
    state: Option<String>,
    /// Name of the class group.
    group: Option<String>,
    /// Lines on the page, 1 to 200; 50 if not said.
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn states(text: Option<&str>) -> Result<Vec<anlan_model::warnings::WarningState>, Failure> {
    let hint = (
        "可用 raised, seen, linked, dismissed, closed",
        "use raised, seen, linked, dismissed, closed",
    );
    queries::many("state", text, hint, |word| {
        words::read::<WarningState>(word).map(Into::into)
    })
}

/// Warnings, the newest first.
#[utoipa::path(get, path = "/api/warnings", tag = "warnings", operation_id = "list_warnings", params(WarningFilter),
    responses((status = 200, description = "A page", body = WarningPage)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<axum::Json<WarningPage>, Failure> {
    asked.only(&[queries::names::<WarningFilter>()])?;
    let asked: WarningFilter = asked.read()?;
    let limit = queries::limit(asked.limit.as_deref())?;
    let filter = warnings::Filter {
        states: states(asked.state.as_deref())?,
        group: asked.group.filter(|text| !text.is_empty()),
        ..warnings::Filter::default()
    };
    let cursor = asked.cursor.filter(|text| !text.is_empty());
    let app = web.app.clone();
    let found = run(move || warnings::list(&app, &signed.caller, &filter, cursor.as_deref(), limit))
        .await
        .map_err(queries::cursor_fault)?;
    let node = web.app.node();
    Ok(axum::Json(WarningPage {
        items: found
            .items
            .iter()
            .map(|warning| WarningSummary::of(&node, warning))
            .collect(),
        next: found.next,
        waiting: found.waiting,
    }))
}

/// One warning, explained.
#[utoipa::path(get, path = "/api/warnings/{id}", tag = "warnings", operation_id = "read_warning",
    params(("id" = i64, Path, description = "Id")),
    responses((status = 200, description = "The warning; ETag is its version", body = WarningDetail)))]
pub(crate) async fn read(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<WarningId>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let explained = run(move || warnings::explain(&app, &signed.caller, id)).await?;
    Ok(shown(&web, explained))
}

fn shown(web: &Web, explained: warnings::Explained) -> Response {
    let version = explained.warning.version;
    versioned(version, axum::Json(WarningDetail::of(&web.app.node(), explained)))
}

/// How many cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BehindFilter {
    /// Lines, 1 to 200; 50 if not said.
    limit: Option<String>,
}

/// The cases behind a warning, as many of them as the caller may see; `total` counts those.
#[utoipa::path(get, path = "/api/warnings/{id}/cases", tag = "warnings", operation_id = "list_warning_cases",
    params(("id" = i64, Path, description = "Id"), BehindFilter),
    responses((status = 200, description = "The newest of them", body = CasePage)))]
pub(crate) async fn behind(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<WarningId>,
    asked: Asked,
) -> Result<axum::Json<CasePage>, Failure> {
    asked.only(&[queries::names::<BehindFilter>()])?;
    let limit = queries::limit(asked.read::<BehindFilter>()?.limit.as_deref())?;
    let app = web.app.clone();
    let found = run(move || warnings::cases(&app, &signed.caller, id, limit)).await?;
    let now = web.app.clock.now();
    Ok(axum::Json(CasePage {
        items: found
            .items
            .iter()
            .map(|case| CaseSummary::of(case, now))
            .collect(),
        next: None,
        total: found.total,
    }))
}

/// Look at a warning, link it to a case, put it aside with a reason, or be done with it. `If-Match` names the version
/// decided on; growth in between does not stand in the way, another person's decision does.
#[utoipa::path(post, path = "/api/warnings/{id}/moves", tag = "warnings", operation_id = "move_warning",
    request_body = WarningDecision,
    params(("id" = i64, Path, description = "Id"), ("If-Match" = String, Header, description = "The version decided on, e.g. \"v3\"")),
    responses((status = 200, description = "The warning after it", body = WarningDetail)))]
pub(crate) async fn decide(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<WarningId>,
    Version(version): Version,
    Json(asked): Json<WarningDecision>,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let explained = run(move || {
        carry_out(&app, &signed.caller, (id, version), &asked)?;
        warnings::explain(&app, &signed.caller, id)
    });
    Ok(shown(&web, explained.await?))
}

fn carry_out(app: &App, caller: &Caller, on: (WarningId, u32), asked: &WarningDecision) -> Result<(), Error> {
    let (id, version) = on;
    let note = asked.note.as_deref().unwrap_or_default();
    match asked.code {
        WarningMove::Look => warnings::look(app, caller, id, version),
        WarningMove::Close => warnings::close(app, caller, id, version, note),
        WarningMove::Link => {
            let case = asked.case.as_deref().and_then(cases::resolve);
            let unnamed = || {
                Error::field(
                    "case",
                    "warning.case_missing",
                    "请填写案件编号，例如 AL26-000123。",
                    "name a case by its number, e.g. AL26-000123",
                )
            };
            warnings::link(app, caller, id, version, case.ok_or_else(unnamed)?)
        }
        WarningMove::Dismiss => {
            let unnamed = || {
                Error::field(
                    "reason",
                    "reason.missing",
                    "请选择排除的理由。",
                    "choose why it is put aside",
                )
            };
            let reason = asked.reason.ok_or_else(unnamed)?;
            warnings::dismiss(app, caller, on, reason.into(), note)
        }
    }
    .map(drop)
}

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PastFilter {
    /// Days, 28 to 730; 365 if not said.
    days: Option<String>,
}

/// The false-alarm budget against what was seen.
#[utoipa::path(get, path = "/api/warning-budget", tag = "warnings", operation_id = "review_warning_budget", params(PastFilter),
    responses((status = 200, description = "The review", body = BudgetReview)))]
pub(crate) async fn review(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<axum::Json<BudgetReview>, Failure> {
    asked.only(&[queries::names::<PastFilter>()])?;
    let days = days(asked.read::<PastFilter>()?.days.as_deref())?;
    let found = run(move || warnings::review(&web.app, &signed.caller, days)).await?;
    Ok(axum::Json(found.into()))
}

fn days(text: Option<&str>) -> Result<u16, Failure> {
    let found = queries::one("days", text, "可用 28 到 730", "use 28 to 730")?;
    Ok(found.unwrap_or(DAYS_DEFAULT))
}

/// Set the budget. What stands already stays; what comes is judged by the new one.
#[utoipa::path(put, path = "/api/warning-budget", tag = "warnings", operation_id = "tune_warning_budget",
    request_body = BudgetRequest,
    responses((status = 200, description = "The review with the new budget", body = BudgetReview)))]
pub(crate) async fn tune(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<BudgetRequest>,
) -> Result<axum::Json<BudgetReview>, Failure> {
    let budget = asked.false_alarms_per_month;
    let found = run(move || warnings::tune(&web.app, &signed.caller, budget)).await?;
    Ok(axum::Json(found.into()))
}

/// Another budget, and how far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TrialFilter {
    /// From 0.01 to 60.
    false_alarms_per_month: Option<String>,
    /// Days, up to 730; 365 if not said.
    days: Option<String>,
}

/// Which warnings another budget would have brought. Nothing changes.
#[utoipa::path(get, path = "/api/warning-budget/trial", tag = "warnings", operation_id = "try_warning_budget", params(TrialFilter),
    responses((status = 200, description = "What would have come", body = BudgetTrial)))]
pub(crate) async fn try_budget(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<axum::Json<BudgetTrial>, Failure> {
    asked.only(&[queries::names::<TrialFilter>()])?;
    let asked: TrialFilter = asked.read()?;
    let hint = (
        "请填写每月可承受的误报次数，0.01 到 60",
        "write how many false alarms per month, 0.01 to 60",
    );
    let budget: Option<f64> = queries::one(
        "false_alarms_per_month",
        asked.false_alarms_per_month.as_deref(),
        hint.0,
        hint.1,
    )?;
    let budget = budget.ok_or_else(|| {
        Failure::field(
            "false_alarms_per_month",
            "filter.value",
            format!("{}。", hint.0),
            format!("{}.", hint.1),
        )
    })?;
    let days = days(asked.days.as_deref())?;
    let found = run(move || warnings::what_if(&web.app, &signed.caller, budget, days)).await?;
    Ok(axum::Json(found.into()))
}
