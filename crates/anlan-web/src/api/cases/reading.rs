//! Reading cases: the queue, one case, and the reporter's contact.

use super::{CaseKey, shown};
use crate::api::filters::CaseFilter;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::cases::{CaseDetail, CasePage, CaseSummary, Contact};
use crate::state::{Web, run};
use anlan_app::cases::{self, Query};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which page, in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageFilter {
    /// `due`, `opened`, `updated` or `priority`; with `-` in front the largest first.
    sort: Option<String>,
    /// Lines on the page, 1 to 200; 50 if not said.
    #[param(value_type = Option<u16>)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of the cases the caller may see.
#[utoipa::path(get, path = "/api/cases", tag = "cases", operation_id = "list_cases", params(CaseFilter, PageFilter),
    responses((status = 200, description = "A page", body = CasePage)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<Json<CasePage>, Failure> {
    asked.only(&[queries::names::<CaseFilter>(), queries::names::<PageFilter>()])?;
    let filter = CaseFilter::read(&asked)?;
    let page: PageFilter = asked.read()?;
    let limit = queries::limit(page.limit.as_deref())?;
    let sort = page
        .sort
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "due".into());
    let sort = sort.parse().map_err(|_why| {
        let list = "due, opened, updated, priority, -due, -opened, -updated, -priority";
        Failure::field(
            "sort",
            "filter.value",
            format!("sort 可用 {list}。"),
            format!("sort is one of {list}."),
        )
    })?;
    let query = Query {
        filter,
        sort,
        cursor: page.cursor.filter(|text| !text.is_empty()),
        limit,
    };
    let app = web.app.clone();
    let found = run(move || cases::list(&app, &signed.caller, &query))
        .await
        .map_err(queries::cursor_fault)?;
    let now = web.app.clock.now();
    let items = found
        .items
        .iter()
        .map(|case| CaseSummary::of(case, now))
        .collect();
    Ok(Json(CasePage {
        items,
        next: found.next,
        total: found.total,
    }))
}

/// Everything about one case. `{id}` also takes a number such as AL26-000123.
#[utoipa::path(get, path = "/api/cases/{id}", tag = "cases", operation_id = "read_case", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "The case; ETag is its version", body = CaseDetail)))]
pub(crate) async fn read(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let app = web.app.clone();
    let file = run(move || cases::read(&app, &signed.caller, id)).await?;
    Ok(shown(&web, &headers, file))
}

/// Why the contact is looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ContactFilter {
    /// `case`, the only purpose there is; it is written into the access log.
    purpose: Option<String>,
}

/// How to reach the reporter. Every look is logged on its own.
#[utoipa::path(get, path = "/api/cases/{id}/contact", tag = "cases", operation_id = "read_contact",
    params(("id" = String, Path, description = "Id or number"), ContactFilter),
    responses((status = 200, description = "What the reporter left; empty if nothing", body = Contact)))]
pub(crate) async fn contact(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(id): CaseKey,
    asked: Asked,
) -> Result<Json<Contact>, Failure> {
    asked.only(&[queries::names::<ContactFilter>()])?;
    let purpose = asked.read::<ContactFilter>()?.purpose;
    if purpose.as_deref() != Some("case") {
        return Err(Failure::field(
            "purpose",
            "purpose.missing",
            "请说明用途：purpose=case（办理案件）。查看会记入访问日志。",
            "Say why: purpose=case. The look is written into the access log.",
        ));
    }
    let app = web.app.clone();
    let found = run(move || cases::contact(&app, &signed.caller, id)).await?;
    let first = found.into_iter().next().unwrap_or_default();
    Ok(Json(Contact {
        name: first.name,
        phone: first.phone,
        email: first.email,
    }))
}
