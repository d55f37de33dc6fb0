//! Uploads, imports and their quarantine. Files are streamed to disk; reading them is a job of the program.

use crate::bodies::{BlockingBody, Json};
use crate::paths::Named;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::imports::{
    Import, ImportRequest, Mapping, Mend, ProfileRequest, QuarantinePage, QuarantinedRow, Upload,
};
use crate::state::{Web, run};
use anlan_app::{imports, uploads};
use anlan_model::ids::{ImportId, QuarantineId};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

const ROWS_PER_PAGE: u16 = 100;

/// The endpoints of imports.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(put_upload).layer(DefaultBodyLimit::disable()))
        .routes(routes!(profile))
        .routes(routes!(mappings))
        .routes(routes!(list, start))
        .routes(routes!(read))
        .routes(routes!(quarantine))
        .routes(routes!(mend))
        .routes(routes!(replay))
        .routes(routes!(stop))
        .routes(routes!(resume))
}

/// Hand in a file, whole, as the body. Up to 20 GiB; a body cut short is thrown away.
#[utoipa::path(post, path = "/api/uploads", tag = "imports", operation_id = "put_upload",
    params(("X-File-Name" = String, Header, description = "The file's name, percent-encoded")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "Received", body = Upload)))]
async fn put_upload(
    State(web): State<Web>,
    signed: Signed,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, axum::Json<Upload>), Failure> {
    let name = file_name(&headers)?;
    let limit = web.config.upload_bytes_max;
    let length = headers
        .get(axum::http::header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut reader = BlockingBody::new(body, limit);
    let app = web.app.clone();
    let (result, is_over) = run(move || {
        let result = uploads::put(&app, &signed.caller, &name, &mut reader);
        Ok::<_, Failure>((result, reader.is_over()))
    })
    .await?;
    let kept = match result {
        Err(_) if is_over => return Err(too_large(limit)),
        other => other?,
    };
    Ok((
        StatusCode::CREATED,
        axum::Json(Upload {
            upload: kept.id,
            file: kept.file,
            bytes: kept.bytes,
        }),
    ))
}

fn too_large(limit: u64) -> Failure {
    let gib = limit >> 30;
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("文件超过 {gib} GiB，未保存。请在服务器上用 anlan import 导入。"),
        format!(
            "The file is larger than {gib} GiB; nothing was kept. Import it on the server with anlan import."
        ),
    )
}

/// Header values hold ASCII only, so names come percent-encoded as UTF-8.
fn file_name(headers: &HeaderMap) -> Result<String, Failure> {
    let given = headers
        .get("x-file-name")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let name = percent_decoded(given).filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| {
        Failure::field(
            "X-File-Name",
            "file.name",
            "请在 X-File-Name 头中带上文件名（百分号编码的 UTF-8）。",
            "Send the file's name in X-File-Name, percent-encoded UTF-8.",
        )
    })
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Look through an uploaded file before importing it. Nothing is imported.
#[utoipa::path(post, path = "/api/uploads/{upload}/profile", tag = "imports", operation_id = "profile_upload",
    params(("upload" = String, Path, description = "The upload")), request_body = ProfileRequest,
    responses((status = 200, description = "Columns, types, ranges, blanks, dates, suspicious places", body = Object)))]
async fn profile(
    State(web): State<Web>,
    signed: Signed,
    Path(upload): Path<String>,
    bytes: Bytes,
) -> Result<axum::Json<Value>, Failure> {
    let asked = if bytes.is_empty() {
        ProfileRequest::default()
    } else {
        crate::bodies::read_json(&bytes)?
    };
    let profile = run(move || uploads::profile(&web.app, &signed.caller, &upload, asked.mapping.as_deref()));
    Ok(axum::Json(profile.await?))
}

/// The mappings from cities' columns to ours.
#[utoipa::path(get, path = "/api/mappings", tag = "imports", operation_id = "list_mappings",
    responses((status = 200, description = "Mappings", body = Vec<Mapping>)))]
async fn mappings(State(web): State<Web>, signed: Signed) -> Result<axum::Json<Vec<Mapping>>, Failure> {
    let found = run(move || uploads::mappings(&web.app, &signed.caller)).await?;
    let list = found.into_iter().map(|mapping| Mapping {
        name: mapping.name,
        title_zh: mapping.title_zh,
        title_en: mapping.title_en,
        description_zh: mapping.description_zh,
        description_en: mapping.description_en,
    });
    Ok(axum::Json(list.collect()))
}

/// Import an uploaded file. It is queued; follow it here or live.
#[utoipa::path(post, path = "/api/imports", tag = "imports", operation_id = "start_import", request_body = ImportRequest,
    responses((status = 202, description = "Queued", body = Import)))]
async fn start(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<ImportRequest>,
) -> Result<(StatusCode, axum::Json<Import>), Failure> {
    let import = run(move || {
        uploads::start(
            &web.app,
            &signed.caller,
            &asked.upload,
            &asked.mapping,
            asked.datum.into(),
        )
    });
    Ok((StatusCode::ACCEPTED, axum::Json(Import::from(import.await?))))
}

/// Every run, the newest first.
#[utoipa::path(get, path = "/api/imports", tag = "imports", operation_id = "list_imports",
    responses((status = 200, description = "Runs", body = Vec<Import>)))]
async fn list(State(web): State<Web>, signed: Signed) -> Result<axum::Json<Vec<Import>>, Failure> {
    let found = run(move || imports::list(&web.app, &signed.caller)).await?;
    Ok(axum::Json(found.into_iter().map(Import::from).collect()))
}

/// One run.
#[utoipa::path(get, path = "/api/imports/{id}", tag = "imports", operation_id = "read_import",
    params(("id" = i64, Path, description = "The run")), responses((status = 200, description = "The run", body = Import)))]
async fn read(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ImportId>,
) -> Result<axum::Json<Import>, Failure> {
    let found = run(move || imports::find(&web.app, &signed.caller, id)).await?;
    Ok(axum::Json(Import::from(found)))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuarantineFilter {
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Rows a run kept back, whole, with everything that is wrong with each.
#[utoipa::path(get, path = "/api/imports/{id}/quarantine", tag = "imports", operation_id = "list_quarantine",
    params(("id" = i64, Path, description = "The run"), QuarantineFilter),
    responses((status = 200, description = "A page", body = QuarantinePage)))]
async fn quarantine(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ImportId>,
    asked: Asked,
) -> Result<axum::Json<QuarantinePage>, Failure> {
    asked.only(&[queries::names::<QuarantineFilter>()])?;
    let cursor = asked
        .read::<QuarantineFilter>()?
        .cursor
        .filter(|text| !text.is_empty());
    let after = cursor
        .map(|text| text.parse().map_err(|_why| queries::bad_cursor()))
        .transpose()?;
    let page = run(move || imports::quarantine(&web.app, &signed.caller, id, after.as_ref(), ROWS_PER_PAGE));
    let page = page.await.map_err(queries::cursor_fault)?;
    let items = page.items.into_iter().map(QuarantinedRow::from).collect();
    Ok(axum::Json(QuarantinePage {
        items,
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// Correct columns of a row kept back; it goes in when the run is replayed.
#[utoipa::path(patch, path = "/api/quarantine/{id}", tag = "imports", operation_id = "mend_row", request_body = Mend,
    params(("id" = i64, Path, description = "The row")), responses((status = 200, description = "The row", body = QuarantinedRow)))]
async fn mend(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<QuarantineId>,
    Json(asked): Json<Mend>,
) -> Result<axum::Json<QuarantinedRow>, Failure> {
    let row =
        run(move || imports::mend(&web.app, &signed.caller, id, asked.fields.into_iter().collect())).await?;
    Ok(axum::Json(QuarantinedRow::from(row)))
}

/// Try the rows kept back again, with what was mended.
#[utoipa::path(post, path = "/api/imports/{id}/replay", tag = "imports", operation_id = "replay_import",
    params(("id" = i64, Path, description = "The run")), responses((status = 202, description = "Queued", body = Import)))]
async fn replay(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ImportId>,
) -> Result<(StatusCode, axum::Json<Import>), Failure> {
    let import = run(move || imports::replay(&web.app, &signed.caller, id)).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(Import::from(import))))
}

/// Stop a run after its present batch; it can be taken up again.
#[utoipa::path(post, path = "/api/imports/{id}/stop", tag = "imports", operation_id = "stop_import",
    params(("id" = i64, Path, description = "The run")), responses((status = 200, description = "The run", body = Import)))]
async fn stop(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ImportId>,
) -> Result<axum::Json<Import>, Failure> {
    let import = run(move || imports::stop(&web.app, &signed.caller, id)).await?;
    Ok(axum::Json(Import::from(import)))
}

/// Take up a stopped run where it ended.
#[utoipa::path(post, path = "/api/imports/{id}/resume", tag = "imports", operation_id = "resume_import",
    params(("id" = i64, Path, description = "The run")), responses((status = 202, description = "Queued", body = Import)))]
async fn resume(
    State(web): State<Web>,
    signed: Signed,
    Named(id): Named<ImportId>,
) -> Result<(StatusCode, axum::Json<Import>), Failure> {
    let import = run(move || imports::resume(&web.app, &signed.caller, id)).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(Import::from(import))))
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn file_names_come_percent_encoded() {
        assert_eq!(percent_decoded("a%20b.csv").as_deref(), Some("a b.csv"));
        assert_eq!(
            percent_decoded("%E6%A1%88%E4%BB%B6.xlsx").as_deref(),
            Some("案件.xlsx")
        );
        for bad in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(percent_decoded(bad), None, "{bad}");
        }
    }
}
