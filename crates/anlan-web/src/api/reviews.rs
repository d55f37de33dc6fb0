//! `/api/reviews`: what the access review found, why it stands out, and what was decided.

use super::cases::{Version, versioned};
use crate::bodies::Json;
use crate::paths::Named;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::reviews::{ReviewDecision, ReviewDetail, ReviewMove, ReviewPage};
use crate::shapes::words::{self, ReviewState};
use crate::state::{Web, run};
use anlan_app::reviews::{self, Decision, Filter, Opened, Order};
use anlan_app::{App, Caller, Error};
use anlan_model::ids::{AccountId, ReviewId};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every endpoint of the access review.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(decide))
}

/// Which reviews, which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewFilter {
    /// `open`, `asked`, `cleared`, `passed_on`; several separated by commas.
    state: Option<String>,
    /// Of that account.
    account: Option<String>,
    /// Lines on the page, 1 to 200; 50 if not said.
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn states(text: Option<&str>) -> Result<Vec<anlan_model::reviews::ReviewState>, Failure> {
    let hint = (
        "可用 open, asked, cleared, passed_on",
        "use open, asked, cleared, passed_on",
    );
    queries::many("state", text, hint, |word| {
        words::read::<ReviewState>(word).map(Into::into)
    })
}

/// The queue of the access review: accounts' days that stand out, most points first.
#[utoipa::path(get, path = "/api/reviews", tag = "reviews", operation_id = "list_reviews", params(ReviewFilter),
    responses((status = 200, description = "A page", body = ReviewPage)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<axum::Json<ReviewPage>, Failure> {
    asked.only(&[queries::names::<ReviewFilter>()])?;
    let asked: ReviewFilter = asked.read()?;
    let limit = queries::limit(asked.limit.as_deref())?;
    let account: Option<i64> = queries::one(
        "account",
        asked.account.as_deref(),
        "请填写账号的编号",
        "use an account's id",
    )?;
    let filter = Filter {
        states: states(asked.state.as_deref())?,
        account: account.map(AccountId),
    };
    let cursor = asked.cursor.filter(|text| !text.is_empty());
    let found = run(move || reviews::list(&web.app, &signed.caller, &filter, cursor.as_deref(), limit))
        .await
        .map_err(queries::cursor_fault)?;
    Ok(axum::Json(found.into()))
}

/// One review: the looks of that day with what explains them, and the days before.
#[utoipa::path(get, path = "/api/reviews/{id}", tag = "reviews", operation_id = "read_review",
    params(("id" = i64, Path, description = "Id")),
    responses((status = 200, description = "The review; ETag is its version", body = ReviewDetail)))]
pub(crate) async fn read(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ReviewId>,
) -> Result<Response, Failure> {
    let opened = run(move || reviews::read(&web.app, &signed.caller, id)).await?;
    Ok(shown(opened))
}

fn shown(opened: Opened) -> Response {
    versioned(opened.review.version, axum::Json(ReviewDetail::from(opened)))
}

/// Ask the office for the reason, clear with a reason, or pass on; with words. `If-Match` names the version decided on.
/// Nobody decides on the own accesses.
#[utoipa::path(post, path = "/api/reviews/{id}/moves", tag = "reviews", operation_id = "move_review",
    request_body = ReviewDecision,
    params(("id" = i64, Path, description = "Id"), ("If-Match" = String, Header, description = "The version decided on, e.g. \"v1\"")),
    responses((status = 200, description = "The review after it", body = ReviewDetail)))]
pub(crate) async fn decide(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ReviewId>,
    Version(version): Version,
    Json(asked): Json<ReviewDecision>,
) -> Result<Response, Failure> {
    let opened = run(move || {
        carry_out(&web.app, &signed.caller, (id, version), &asked)?;
        reviews::read(&web.app, &signed.caller, id)
    });
    Ok(shown(opened.await?))
}

fn carry_out(app: &App, caller: &Caller, on: (ReviewId, u32), asked: &ReviewDecision) -> Result<(), Error> {
    let decision = match asked.code {
        ReviewMove::Ask => Decision::Ask,
        ReviewMove::PassOn => Decision::PassOn,
        ReviewMove::Clear => {
            let unnamed = || {
                Error::field(
                    "reason",
                    "reason.missing",
                    "请选择排除的理由。",
                    "choose why it is cleared",
                )
            };
            let order = asked.order_until.map(|until| Order {
                until,
                class: asked.order_class.clone().unwrap_or_default(),
            });
            Decision::Clear(asked.reason.ok_or_else(unnamed)?.into(), order)
        }
    };
    reviews::decide(app, caller, on, &decision, &asked.note).map(drop)
}
