//! `/api/accounts`: names to show beside what people did, and looking after accounts.

use super::locks;
use crate::bodies::Json;
use crate::headers::tagged;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::accounts::{
    AccountChange, AccountName, NewAccount, OneTimeWord, RoleChange, SecuredAccount,
};
use crate::state::{Web, run};
use anlan_app::accounts::{self, ChangeAccount};
use anlan_app::passwords;
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, OfficeId};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(list_secured))
        .routes(routes!(read, change))
        .routes(routes!(set_roles))
        .routes(routes!(reset_password))
        .routes(routes!(remove_factors))
        .routes(routes!(locks::list))
        .routes(routes!(locks::clear))
}

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

/// Every account with how it is secured, for who looks after accounts.
#[utoipa::path(get, path = "/api/accounts/secured", tag = "accounts", operation_id = "list_secured_accounts",
    responses((status = 200, description = "Accounts by display name", body = Vec<SecuredAccount>)))]
pub(crate) async fn list_secured(
    State(web): State<Web>,
    signed: Signed,
) -> Result<axum::Json<Vec<SecuredAccount>>, Failure> {
    let app = web.app.clone();
    let found = run(move || accounts::list_secured(&app, &signed.caller)).await?;
    let found = found
        .into_iter()
        .map(|secured| SecuredAccount::of(&web.app, secured));
    Ok(axum::Json(found.collect()))
}

/// One account with how it is secured.
#[utoipa::path(get, path = "/api/accounts/{id}", tag = "accounts", operation_id = "read_account",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The account", body = SecuredAccount)))]
pub(crate) async fn read(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<axum::Json<SecuredAccount>, Failure> {
    let app = web.app.clone();
    let found = run(move || accounts::find_secured(&app, &signed.caller, AccountId(id))).await?;
    Ok(axum::Json(SecuredAccount::of(&web.app, found)))
}

/// Make an account. It opens with a one-time word and has no roles until the security administrator gives it some.
#[utoipa::path(post, path = "/api/accounts", tag = "accounts", operation_id = "open_account", request_body = NewAccount,
    responses((status = 201, description = "Made; the one-time word, shown this once", body = OneTimeWord)))]
pub(crate) async fn open(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<NewAccount>,
) -> Result<(StatusCode, axum::Json<OneTimeWord>), Failure> {
    let app = web.app.clone();
    let made = run(move || {
        let account = Account {
            id: AccountId(0),
            name: asked.name,
            display_name: asked.display_name,
            roles: vec![],
            office: asked.office.map(OfficeId),
            division: asked.division,
            is_active: true,
        };
        accounts::open(&app, &signed.caller, account)
    });
    let (account, word, until) = made.await?;
    let made = OneTimeWord {
        account: account.id.0,
        word,
        until,
    };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Change an account. Who moves to another office or place arrives without roles; who is closed is signed out everywhere.
#[utoipa::path(patch, path = "/api/accounts/{id}", tag = "accounts", operation_id = "change_account", request_body = AccountChange,
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The account after the change", body = SecuredAccount)))]
pub(crate) async fn change(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
    Json(asked): Json<AccountChange>,
) -> Result<axum::Json<SecuredAccount>, Failure> {
    let app = web.app.clone();
    let changed = run(move || {
        let input = ChangeAccount {
            display_name: asked.display_name,
            office: asked.office.map(OfficeId),
            is_of_no_office: asked.no_office,
            division: asked.division,
            is_active: asked.is_active,
        };
        accounts::change(&app, &signed.caller, AccountId(id), input)?;
        accounts::find_secured(&app, &signed.caller, AccountId(id))
    });
    Ok(axum::Json(SecuredAccount::of(&web.app, changed.await?)))
}

/// Give an account these roles and no others. It is signed out everywhere.
#[utoipa::path(put, path = "/api/accounts/{id}/roles", tag = "accounts", operation_id = "set_roles", request_body = RoleChange,
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The account after the change", body = SecuredAccount)))]
pub(crate) async fn set_roles(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
    Json(asked): Json<RoleChange>,
) -> Result<axum::Json<SecuredAccount>, Failure> {
    let app = web.app.clone();
    let changed = run(move || {
        let roles = asked.roles.into_iter().map(Into::into).collect();
        accounts::set_roles(&app, &signed.caller, AccountId(id), roles)?;
        accounts::find_secured(&app, &signed.caller, AccountId(id))
    });
    Ok(axum::Json(SecuredAccount::of(&web.app, changed.await?)))
}

/// Put a one-time word in place of an account's password. A second factor stays.
#[utoipa::path(post, path = "/api/accounts/{id}/password", tag = "accounts", operation_id = "reset_password",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The one-time word, shown this once", body = OneTimeWord)))]
pub(crate) async fn reset_password(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<axum::Json<OneTimeWord>, Failure> {
    let app = web.app.clone();
    let (word, until) = run(move || passwords::reset(&app, &signed.caller, AccountId(id))).await?;
    Ok(axum::Json(OneTimeWord {
        account: id,
        word,
        until,
    }))
}

/// Take authenticator app, recovery codes and passkeys of an account away, because its holder has lost them.
#[utoipa::path(delete, path = "/api/accounts/{id}/factors", tag = "accounts", operation_id = "remove_factors",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 204, description = "Gone")))]
pub(crate) async fn remove_factors(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<i64>,
) -> Result<StatusCode, Failure> {
    let app = web.app.clone();
    run(move || accounts::remove_factors(&app, &signed.caller, AccountId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
