//! Photos of cases: adding and seeing them. The picture is JPEG drawn anew by the application.

use super::cases::CaseKey;
use crate::bodies::too_large;
use crate::forms::{self, Broken, Sent};
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::Signed;
use crate::shapes::photos::Photo;
use crate::state::{Web, run};
use anlan_app::Caller;
use anlan_app::photos::{self, Size};
use anlan_model::ids::{CaseId, PhotoId};
use axum::Json;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// Room for twelve photos of 20 MiB and what stands around them.
const REQUEST_BYTES_MAX: usize = 12 * 20 * 1024 * 1024 + 1024 * 1024;

/// The route for adding, which takes larger bodies than the rest.
pub(crate) fn adding() -> UtoipaMethodRouter<Web> {
    routes!(add).layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
}

/// What the photos show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ShowsFilter {
    /// `before`, `after`, `near`, `far` or `reference`; `before` if not said.
    shows: Option<String>,
}

/// Photos as a form sends them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form")]
struct PhotoForm {
    /// JPEG, PNG or WebP, at most 20 MiB each; the field may come several times.
    #[schema(value_type = Vec<String>, format = Binary)]
    photo: Vec<u8>,
}

/// Add photos to a case. If one of them cannot be taken the answer says which; those before it are kept.
#[utoipa::path(post, path = "/api/cases/{id}/photos", tag = "photos", operation_id = "add_photos",
    params(("id" = String, Path, description = "Id or number"), ShowsFilter),
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The photos as kept", body = Vec<Photo>)))]
async fn add(
    State(web): State<Web>,
    signed: Signed,
    CaseKey(case): CaseKey,
    asked: Asked,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Vec<Photo>>), Failure> {
    asked.only(&[queries::names::<ShowsFilter>()])?;
    let shows = asked.read::<ShowsFilter>()?.shows;
    let shows = shows.unwrap_or_else(|| "before".into());
    let mut form = form.map_err(|_why| not_a_form())?;
    let mut desk = Desk {
        web,
        caller: signed.caller,
        case,
        shows,
        kept: vec![],
    };
    if let Err(failure) = desk.take(&mut form).await {
        // A client that is still sending could not hear the answer.
        forms::drain(&mut form).await;
        return Err(desk.tell(failure));
    }
    Ok((StatusCode::CREATED, Json(desk.kept)))
}

/// One form of photos being read.
struct Desk {
    web: Web,
    caller: Caller,
    case: CaseId,
    shows: String,
    kept: Vec<Photo>,
}

impl Desk {
    async fn take(&mut self, form: &mut Multipart) -> Result<(), Failure> {
        let config = Arc::clone(&self.web.config);
        while let Some(mut field) = forms::next_field(form).await.map_err(|why| unread(&why))? {
            if field.name() != Some("photo") {
                let en = "The form takes the field photo only.";
                return Err(Failure::field(
                    "photo",
                    "field.unknown",
                    "表单只接受 photo 字段。",
                    en,
                ));
            }
            if self.kept.len() >= config.photos_max {
                return Err(too_many(config.photos_max));
            }
            match forms::file(&mut field, config.photo_bytes_max)
                .await
                .map_err(|why| unread(&why))?
            {
                Sent::Bytes(bytes) => self.add(bytes).await?,
                Sent::TooLarge => return Err(too_large(config.photo_bytes_max)),
                Sent::Nothing => {}
            }
        }
        if self.kept.is_empty() {
            return Err(Failure::field(
                "photo",
                "field.missing",
                "表单中没有 photo 字段。",
                "The form holds no photo.",
            ));
        }
        Ok(())
    }

    async fn add(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        let (app, caller, case, shows) = (
            self.web.app.clone(),
            self.caller.clone(),
            self.case,
            self.shows.clone(),
        );
        let photo = run(move || photos::add(&app, &caller, case, &shows, &bytes)).await?;
        self.kept.push(Photo::new(
            photo.id,
            photo.shows,
            [photo.width, photo.height],
            photo.at,
        ));
        Ok(())
    }

    /// Says what of the form was kept before it went wrong.
    fn tell(&self, failure: Failure) -> Failure {
        match self.kept.len() {
            0 => failure,
            count => failure.keeping(
                format!("前 {count} 张照片已保存。"),
                format!("The first {count} photos were kept."),
            ),
        }
    }
}

fn not_a_form() -> Failure {
    Failure::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "content_type.unknown",
        "请以 multipart/form-data 发送，字段名为 photo。",
        "Send multipart/form-data with the field photo.",
    )
}

fn unread(why: &Broken) -> Failure {
    match why {
        Broken::TooLarge => too_large(REQUEST_BYTES_MAX),
        Broken::Cut => Failure::of_status(StatusCode::REQUEST_TIMEOUT),
        Broken::NotAForm => Failure::new(
            StatusCode::BAD_REQUEST,
            "form.malformed",
            "表单不完整或格式有误。",
            "The form is incomplete or malformed.",
        ),
    }
}

fn too_many(limit: usize) -> Failure {
    Failure::field(
        "photo",
        "photo.too_many",
        format!("一次至多 {limit} 张，其余请再次发送。"),
        format!("At most {limit} photos at once; send the others again."),
    )
}

/// Which size.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SizeFilter {
    /// `thumb` (320 pixels a side) or `full` (2,048); `full` if not said.
    size: Option<String>,
}

/// A photo's picture.
#[utoipa::path(get, path = "/api/photos/{id}", tag = "photos", operation_id = "read_photo",
    params(("id" = i64, Path, description = "Id of the photo"), SizeFilter),
    responses((status = 200, description = "The picture", content_type = "image/jpeg", body = Vec<u8>)))]
pub(crate) async fn picture(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Failure> {
    asked.only(&[queries::names::<SizeFilter>()])?;
    let size = size(&asked)?;
    let id: PhotoId = id.parse().map_err(|_why| Failure::missing())?;
    let app = web.app.clone();
    let bytes = run(move || photos::bytes(&app, &signed.caller, id, size)).await?;
    Ok(jpeg(bytes))
}

/// The size a request asks for.
pub(crate) fn size(asked: &Asked) -> Result<Size, Failure> {
    match asked.read::<SizeFilter>()?.size.as_deref() {
        Some("thumb") => Ok(Size::Thumb),
        None | Some("full" | "") => Ok(Size::Full),
        Some(_) => Err(Failure::field(
            "size",
            "filter.value",
            "size 可用 thumb 或 full。",
            "size is thumb or full.",
        )),
    }
}

/// A picture as an answer. It never changes under its id, but who may see it does: kept by the browser for an hour.
pub(crate) fn jpeg(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=3600"),
        ),
    ];
    (headers, bytes).into_response()
}
