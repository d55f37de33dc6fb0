//! `/api/accounts`: names to show beside what people did.

use crate::headers::tagged;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::accounts::AccountName;
use crate::state::{Web, run};
use anlan_app::accounts;
use anlan_model::ids::OfficeId;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AccountFilter {
    /// Only the accounts of this office (id).
    office: Option<String>,
}

/// Accounts by id and display name.
#[utoipa::path(get, path = "/api/accounts", tag = "reference", params(AccountFilter),
    responses((status = 200, description = "Accounts", body = Vec<AccountName>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    asked.only(&[queries::names::<AccountFilter>()])?;
    let filter: AccountFilter = asked.read()?;
    let office = queries::one(
        "office",
        filter.office.as_deref(),
        "应为单位编号",
        "give an office's id",
    )?;
    let app = web.app.clone();
    let found = run(move || accounts::list(&app, &signed.caller, office.map(OfficeId))).await?;
    let names: Vec<AccountName> = found.into_iter().map(AccountName::from).collect();
    let mut hasher = DefaultHasher::new();
    for name in &names {
        (name.id, &name.display_name).hash(&mut hasher);
    }
    Ok(tagged(
        &headers,
        &format!("\"{:x}\"", hasher.finish()),
        axum::Json(names),
    ))
}
