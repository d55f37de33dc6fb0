//! `/api/map` and `/api/counts`: what a map and a board of figures draw, under the same filters as the queue.

use super::filters::CaseFilter;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::maps::{CellHeat, Clusters, Counts, Heat};
use crate::state::{Web, run};
use anlan_app::maps;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

/// How far the map is zoomed in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MapFilter {
    /// 0 (the world) to 22 (a room).
    #[param(value_type = Option<f64>)]
    zoom: Option<String>,
}

const ZOOM_DEFAULT: f64 = 10.0;
const ZOOM_MAX: u8 = 22;
const WORLD: [f64; 4] = [-180.0, -90.0, 180.0, 90.0];

/// Cases in the window, gathered into clusters where they fall together.
#[utoipa::path(get, path = "/api/map", tag = "map", operation_id = "map_clusters", params(CaseFilter, MapFilter),
    responses((status = 200, description = "Clusters", body = Clusters)))]
pub(crate) async fn clusters(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<Json<Clusters>, Failure> {
    asked.only(&[queries::names::<CaseFilter>(), queries::names::<MapFilter>()])?;
    let mut filter = CaseFilter::read(&asked)?;
    let zoom = asked.read::<MapFilter>()?.zoom;
    let zoom: Option<f64> = queries::one("zoom", zoom.as_deref(), "可用 0 到 22", "use 0 to 22")?;
    let zoom = zoom.unwrap_or(ZOOM_DEFAULT);
    // Maps zoom smoothly, clusters step by whole levels.
    let level = (0..=ZOOM_MAX).rev().find(|level| f64::from(*level) <= zoom);
    let Some(level) = level.filter(|_| zoom <= f64::from(ZOOM_MAX)) else {
        return Err(Failure::field(
            "zoom",
            "filter.value",
            "zoom 可用 0 到 22。",
            "zoom goes from 0 to 22.",
        ));
    };
    let window = filter.bbox.take().unwrap_or(WORLD);
    let app = web.app.clone();
    let found = run(move || maps::clusters(&app, &signed.caller, &filter, window, level)).await?;
    Ok(Json(Clusters::from(found)))
}

/// How many cases lie in each cell.
#[utoipa::path(get, path = "/api/map/heat", tag = "map", operation_id = "map_heat", params(CaseFilter),
    responses((status = 200, description = "Counts per cell", body = Heat)))]
pub(crate) async fn heat(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<Json<Heat>, Failure> {
    asked.only(&[queries::names::<CaseFilter>()])?;
    let filter = CaseFilter::read(&asked)?;
    let app = web.app.clone();
    let found = run(move || maps::heat(&app, &signed.caller, &filter)).await?;
    let cells = found.into_iter().map(|(cell, count, overdue)| CellHeat {
        id: cell.0,
        count,
        overdue,
    });
    Ok(Json(Heat {
        cells: cells.collect(),
    }))
}

/// How many cases match, in all and by state, priority, office and class.
#[utoipa::path(get, path = "/api/counts", tag = "map", operation_id = "count_cases", params(CaseFilter),
    responses((status = 200, description = "Counts", body = Counts)))]
pub(crate) async fn counts(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<Json<Counts>, Failure> {
    asked.only(&[queries::names::<CaseFilter>()])?;
    let filter = CaseFilter::read(&asked)?;
    let app = web.app.clone();
    let found = run(move || maps::counts(&app, &signed.caller, &filter)).await?;
    Ok(Json(Counts::from(found)))
}
