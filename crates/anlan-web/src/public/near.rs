//! `/report/near`: whether something of this kind is known about there already. A sentence with a coarse number and
//! nothing about any case; the form works without it.

use super::pages::Page;
use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::{Caller, cases};
use anlan_model::ids::ClassCode;
use anlan_model::places::{Datum, GivenPoint};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// From here on the number is no longer told: "several" is all a reporter needs.
const TOLD_MAX: usize = 2;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    class: String,
    lat: f64,
    lon: f64,
}

pub(super) async fn count(
    State(web): State<Web>,
    visitor: Page,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let Ok(Query(asked)) = asked else {
        return Err(Failure::of_status(axum::http::StatusCode::BAD_REQUEST));
    };
    let draft = cases::Draft {
        class: Some(ClassCode(asked.class)),
        point: GivenPoint {
            lon: asked.lon,
            lat: asked.lat,
            datum: Datum::Wgs84,
            error_m: None,
        },
    };
    let count = run(move || cases::count_nearby(&web.app, &Caller::resident(), &draft)).await?;
    let words = visitor.words();
    let said = match count {
        0 => "",
        1 => words.near_one,
        _ if count <= TOLD_MAX => words.near_two,
        _ => words.near_many,
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, said).into_response())
}
