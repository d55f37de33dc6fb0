//! `/api/rules`: read the routing rules, try a set on past cases, put it into force.

use crate::bodies::Json;
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::rules::{RuleSample, RuleSet, RulesTried};
use crate::state::{Web, run};
use anlan_app::{Error, cases, rules};
use anlan_model::routing as model;
use axum::extract::State;

/// The rules in force.
#[utoipa::path(get, path = "/api/rules", tag = "rules", operation_id = "read_rules",
    responses((status = 200, description = "The rules", body = RuleSet)))]
pub(crate) async fn list(State(web): State<Web>, signed: Signed) -> Result<axum::Json<RuleSet>, Failure> {
    let set = run(move || rules::list(&web.app, &signed.caller)).await?;
    Ok(axum::Json(RuleSet::from(set)))
}

/// What a rule set would have done to past cases. Nothing changes.
#[utoipa::path(post, path = "/api/rules/try", tag = "rules", operation_id = "try_rules", request_body = RuleSet,
    responses((status = 200, description = "What would have changed", body = RulesTried)))]
pub(crate) async fn try_on(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<RuleSet>,
) -> Result<axum::Json<RulesTried>, Failure> {
    let tried = run(move || {
        let mut tried = rules::try_on(&web.app, &signed.caller, asked.into())?;
        // A number holds the year of opening, which only the case knows.
        let samples = std::mem::take(&mut tried.samples).into_iter().map(|change| {
            let file = cases::read(&web.app, &signed.caller, change.case)?;
            Ok(RuleSample::of(change, file.case.number()))
        });
        let samples = samples.collect::<Result<_, Error>>()?;
        let model::Tried {
            tried,
            changed,
            per_rule,
            fallback,
            unread,
            ..
        } = tried;
        Ok::<_, Error>(RulesTried {
            tried,
            changed,
            per_rule,
            fallback,
            samples,
            unread,
        })
    });
    Ok(axum::Json(tried.await?))
}

/// Put a rule set into force as the next version. `version` names the one it was made from; another's in between is a 409.
#[utoipa::path(put, path = "/api/rules", tag = "rules", operation_id = "publish_rules", request_body = RuleSet,
    responses((status = 200, description = "The rules now in force", body = RuleSet)))]
pub(crate) async fn publish(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<RuleSet>,
) -> Result<axum::Json<RuleSet>, Failure> {
    let set = asked.into();
    let published = run(move || rules::publish(&web.app, &signed.caller, set)).await?;
    Ok(axum::Json(RuleSet::from(published)))
}
