//! Classes, offices, procedure and cells: fetched once, asked for again by tag.

use crate::headers::{is_known, tagged};
use crate::problems::Failure;
use crate::sessions::Signed;
use crate::shapes::reference::{Cell, Class, Named, Office, Procedure, ProcedureState};
use crate::state::Web;
use anlan_app::jurisdictions::Jurisdiction;
use anlan_app::reference;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A tag header values can carry, whatever the documents' own tag is made of.
fn etag(node: &Jurisdiction) -> String {
    let mut hasher = DefaultHasher::new();
    node.etag.hash(&mut hasher);
    format!("\"{:x}\"", hasher.finish())
}

/// Classes of hazards and requests.
#[utoipa::path(get, path = "/api/classes", tag = "reference", operation_id = "list_classes",
    responses((status = 200, description = "Every class, active or not", body = Vec<Class>)))]
pub(crate) async fn classes(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let node = reference::read(&web.app, &signed.caller)?;
    let list: Vec<Class> = node.classes.values().map(Class::from).collect();
    Ok(tagged(&headers, &etag(&node), Json(list)))
}

/// Offices that own work.
#[utoipa::path(get, path = "/api/offices", tag = "reference", operation_id = "list_offices",
    responses((status = 200, description = "Every office, active or not", body = Vec<Office>)))]
pub(crate) async fn offices(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let node = reference::read(&web.app, &signed.caller)?;
    let list: Vec<Office> = node.offices.values().map(Office::from).collect();
    Ok(tagged(&headers, &etag(&node), Json(list)))
}

/// The procedure in force.
#[utoipa::path(get, path = "/api/procedure", tag = "reference", operation_id = "read_procedure",
    responses((status = 200, description = "States, moves and reasons", body = Procedure)))]
pub(crate) async fn procedure(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let node = reference::read(&web.app, &signed.caller)?;
    Ok(tagged(&headers, &etag(&node), Json(procedure_of(&node))))
}

fn procedure_of(node: &Jurisdiction) -> Procedure {
    let states = node.procedure.states().iter().map(|state| ProcedureState {
        code: state.code.0.clone(),
        name_zh: state.name_zh.clone(),
        name_en: state.name_en.clone(),
        phase: state.phase.into(),
    });
    let moves = node.procedure.moves().iter().map(|step| Named {
        code: step.code.0.clone(),
        name_zh: step.name_zh.clone(),
        name_en: step.name_en.clone(),
    });
    let reasons = node.procedure.reasons().iter().map(|(list, reasons)| {
        let reasons = reasons.iter().map(|reason| Named {
            code: reason.code.0.clone(),
            name_zh: reason.name_zh.clone(),
            name_en: reason.name_en.clone(),
        });
        (list.clone(), reasons.collect())
    });
    Procedure {
        states: states.collect(),
        moves: moves.collect(),
        reasons: reasons.collect(),
    }
}

/// Unit grid cells, without their polygons.
#[utoipa::path(get, path = "/api/cells", tag = "reference", operation_id = "list_cells",
    responses((status = 200, description = "Every cell", body = Vec<Cell>)))]
pub(crate) async fn cells(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let node = reference::read(&web.app, &signed.caller)?;
    let list: Vec<Cell> = node.cells.values().map(Cell::from).collect();
    Ok(tagged(&headers, &etag(&node), Json(list)))
}

/// Unit grid cells as GeoJSON, WGS84.
#[utoipa::path(get, path = "/api/cells.geojson", tag = "reference", operation_id = "draw_cells",
    responses((status = 200, description = "FeatureCollection; properties id, code, name_zh, name_en, division",
        content_type = "application/geo+json", body = Object)))]
pub(crate) async fn cells_geojson(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let node = reference::read(&web.app, &signed.caller)?;
    let etag = etag(&node);
    if is_known(&headers, &etag) {
        return Ok(tagged(&headers, &etag, StatusCode::OK));
    }
    let text = crate::state::run(move || Ok::<_, Failure>(geojson(&node))).await?;
    let mut response = tagged(&headers, &etag, text.into_response());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/geo+json"),
    );
    Ok(response)
}

/// The polygons are kept as text and go out as text: only names are written here.
fn geojson(node: &Jurisdiction) -> String {
    let mut text = String::from(r#"{"type":"FeatureCollection","features":["#);
    for (place, cell) in node.cells.values().enumerate() {
        if place > 0 {
            text.push(',');
        }
        let properties = json!({
            "id": cell.id.0, "code": cell.code, "name_zh": cell.name_zh, "name_en": cell.name_en,
            "division": cell.division,
        });
        text.push_str(r#"{"type":"Feature","id":"#);
        text.push_str(&cell.id.0.to_string());
        text.push_str(r#","properties":"#);
        text.push_str(&properties.to_string());
        text.push_str(r#","geometry":"#);
        text.push_str(&cell.geometry);
        text.push('}');
    }
    text.push_str("]}");
    text
}
