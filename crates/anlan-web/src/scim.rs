//! `/scim/v2`: the door for directories (SCIM 2.0, RFC 7643 and 7644). A machine with a key comes in here and finds the accounts
//! and groups that it keeps itself. What it may do is the application's to say; here is only the form.

mod filters;
mod patches;
mod refusals;
mod resources;
mod schemas;

use crate::sessions::{Here, Keyed};
use crate::state::{Web, run};
use anlan_app::{Caller, Error, directories};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use filters::Filter;
use patches::Patch;
use refusals::Refusal;
use resources::{Input, Kind, Resource, shown, tag};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const MEDIA_TYPE: &str = "application/scim+json";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Resources in one page.
const PAGE_MAX: usize = 200;

/// Its routes.
pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(config))
        .route("/scim/v2/ResourceTypes", get(resource_types))
        .route("/scim/v2/ResourceTypes/{id}", get(resource_type))
        .route("/scim/v2/Schemas", get(all_schemas))
        .route("/scim/v2/Schemas/{id}", get(schema))
        .route("/scim/v2/Users", all_of_kind(Kind::User))
        .route("/scim/v2/Users/{id}", one_of_kind(Kind::User))
        .route("/scim/v2/Groups", all_of_kind(Kind::Group))
        .route("/scim/v2/Groups/{id}", one_of_kind(Kind::Group))
}

fn all_of_kind(kind: Kind) -> MethodRouter<Web> {
    get(move |directory, asked| list(kind, directory, asked))
        .post(move |directory, asked, body| create(kind, directory, asked, body))
}

fn one_of_kind(kind: Kind) -> MethodRouter<Web> {
    get(move |directory, id, asked, headers| read(kind, directory, id, asked, headers))
        .put(move |directory, id, asked, headers, body| put(kind, directory, id, asked, headers, body))
        .patch(move |directory, id, asked, headers, body| patch(kind, directory, id, asked, headers, body))
        .delete(move |directory, id, headers| remove(kind, directory, id, headers))
}

/// A directory at the door, and by which address it came.
struct Directory {
    web: Web,
    caller: Caller,
    base: String,
}

impl FromRequestParts<Web> for Directory {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Refusal> {
        let Keyed(machine) = Keyed::from_request_parts(parts, web)
            .await
            .map_err(Refusal::from)?;
        let Ok(Here(site)) = Here::from_request_parts(parts, web).await;
        Ok(Self {
            web: web.clone(),
            caller: machine.caller,
            base: format!("{}/scim/v2", site.origin),
        })
    }
}

impl Directory {
    /// Runs an action away from the threads that serve connections.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&anlan_app::App, &Caller) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (app, caller) = (self.web.app.clone(), self.caller.clone());
        Ok(run(move || work(&app, &caller)).await?)
    }

    /// What there is to know of this door is for directories only.
    async fn knows(&self) -> Result<(), Refusal> {
        self.run(directories::comes).await
    }
}

/// A JSON body, under SCIM's or the plain media type.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<Web> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if ![MEDIA_TYPE, "application/json"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(essence))
        {
            let detail = "Send application/scim+json.";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, None, detail));
        }
        let bytes = Bytes::from_request(request, web).await.map_err(|rejection| {
            Refusal::new(
                rejection.status(),
                None,
                "The body cannot be read, or is too large.",
            )
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Refusal::bad(
                "invalidSyntax",
                format!("The body is not as it must be: {error}."),
            )
        })
    }
}

/// What a question may carry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    filter: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

type Questions = Result<Query<Asked>, axum::extract::rejection::QueryRejection>;

fn questions(asked: Questions) -> Result<Asked, Refusal> {
    let asked = asked.map_err(|_why| Refusal::bad("invalidValue", "The query cannot be read."))?;
    Ok(asked.0)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let kind = HeaderValue::from_static(MEDIA_TYPE);
    (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}

/// A resource with its tag; nothing where the asker has this version already.
fn answer_one(status: StatusCode, resource: Resource, asked: &Asked, headers: &HeaderMap) -> Response {
    let tag = tag(resource.version);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let body = shown(
        resource.body,
        asked.attributes.as_deref(),
        asked.excluded_attributes.as_deref(),
    );
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer(status, &body)
    };
    if let Ok(tag) = tag.parse() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if let (StatusCode::CREATED, Ok(location)) = (status, resource.location.parse()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The version that a change is bound to.
fn version(headers: &HeaderMap) -> Result<Option<u32>, Refusal> {
    let Some(tag) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    if tag == "*" {
        return Ok(None);
    }
    let text = tag.to_str().unwrap_or_default();
    let number = text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse();
    // A tag that is none of ours fits no version.
    number
        .map(Some)
        .map_err(|_why| Refusal::new(StatusCode::PRECONDITION_FAILED, None, "There is no such version."))
}

fn listed(resources: Vec<Resource>, asked: &Asked) -> Result<Response, Refusal> {
    let filter = asked.filter.as_deref().map(Filter::read).transpose();
    let filter = filter.map_err(|_malformed| Refusal::bad("invalidFilter", "The filter cannot be read."))?;
    let is_asked = |resource: &Resource| filter.as_ref().is_none_or(|filter| filter.holds(&resource.body));
    let found: Vec<Resource> = resources.into_iter().filter(is_asked).collect();
    let total = found.len();
    // What is below the least counts as the least (RFC 7644, 3.4.2.4).
    let start = usize::try_from(asked.start_index.unwrap_or(1).max(1)).unwrap_or(usize::MAX);
    let count = asked
        .count
        .map_or(PAGE_MAX, |count| usize::try_from(count).unwrap_or(0));
    let page = found.into_iter().skip(start - 1).take(count.min(PAGE_MAX));
    let (only, without) = (asked.attributes.as_deref(), asked.excluded_attributes.as_deref());
    let page: Vec<Value> = page.map(|resource| shown(resource.body, only, without)).collect();
    Ok(answer(
        StatusCode::OK,
        &json!({
            "schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": page.len(),
            "Resources": page,
        }),
    ))
}

fn all_of(all: &[Value]) -> Response {
    let count = all.len();
    answer(
        StatusCode::OK,
        &json!({
            "schemas": [LIST], "totalResults": count, "startIndex": 1, "itemsPerPage": count, "Resources": all,
        }),
    )
}

fn one_of(all: Vec<Value>, id: &str) -> Result<Response, Refusal> {
    let found = all.into_iter().find(|one| one["id"] == id);
    found
        .map(|one| answer(StatusCode::OK, &one))
        .ok_or_else(Refusal::missing)
}

async fn config(directory: Directory) -> Result<Response, Refusal> {
    directory.knows().await?;
    Ok(answer(
        StatusCode::OK,
        &schemas::config(&directory.base, PAGE_MAX),
    ))
}

async fn resource_types(directory: Directory) -> Result<Response, Refusal> {
    directory.knows().await?;
    Ok(all_of(&schemas::resource_types(&directory.base)))
}

async fn resource_type(directory: Directory, Path(id): Path<String>) -> Result<Response, Refusal> {
    directory.knows().await?;
    one_of(schemas::resource_types(&directory.base), &id)
}

async fn all_schemas(directory: Directory) -> Result<Response, Refusal> {
    directory.knows().await?;
    Ok(all_of(&schemas::schemas(&directory.base)))
}

async fn schema(directory: Directory, Path(id): Path<String>) -> Result<Response, Refusal> {
    directory.knows().await?;
    one_of(schemas::schemas(&directory.base), &id)
}

async fn list(kind: Kind, directory: Directory, asked: Questions) -> Result<Response, Refusal> {
    let asked = questions(asked)?;
    let base = directory.base.clone();
    let found = directory.run(move |app, caller| kind.list(app, caller, &base));
    listed(found.await?, &asked)
}

async fn create(
    kind: Kind,
    directory: Directory,
    asked: Questions,
    Body(body): Body<Value>,
) -> Result<Response, Refusal> {
    let (asked, input) = (questions(asked)?, kind.input(&body)?);
    let base = directory.base.clone();
    let made = directory.run(move |app, caller| input.create(app, caller, &base));
    Ok(answer_one(
        StatusCode::CREATED,
        made.await?,
        &asked,
        &HeaderMap::new(),
    ))
}

/// The number of a resource; what is none names nothing.
fn number(id: &str) -> Result<i64, Refusal> {
    id.parse().map_err(|_why| Refusal::missing())
}

async fn read(
    kind: Kind,
    directory: Directory,
    Path(id): Path<String>,
    asked: Questions,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (asked, id) = (questions(asked)?, number(&id)?);
    let base = directory.base.clone();
    let found = directory.run(move |app, caller| kind.find(app, caller, id, &base));
    Ok(answer_one(StatusCode::OK, found.await?, &asked, &headers))
}

async fn put(
    kind: Kind,
    directory: Directory,
    Path(id): Path<String>,
    asked: Questions,
    headers: HeaderMap,
    Body(body): Body<Value>,
) -> Result<Response, Refusal> {
    let (asked, at) = (questions(asked)?, (number(&id)?, version(&headers)?));
    put_in(&directory, at, kind.input(&body)?, &asked).await
}

async fn patch(
    kind: Kind,
    directory: Directory,
    Path(id): Path<String>,
    asked: Questions,
    headers: HeaderMap,
    Body(patch): Body<Patch>,
) -> Result<Response, Refusal> {
    let (asked, id, wanted) = (questions(asked)?, number(&id)?, version(&headers)?);
    let base = directory.base.clone();
    let before = directory.run(move |app, caller| kind.find(app, caller, id, &base));
    let before = before.await?;
    // What was read is what is patched: a change meanwhile is told instead of lost.
    let at = (id, wanted.or(Some(before.version)));
    let input = kind.input(&patch.apply(&before.body)?)?;
    put_in(&directory, at, input, &asked).await
}

/// Puts this in place of what was known, if it is still at that version.
async fn put_in(
    directory: &Directory,
    (id, version): (i64, Option<u32>),
    input: Input,
    asked: &Asked,
) -> Result<Response, Refusal> {
    let base = directory.base.clone();
    let put = directory.run(move |app, caller| input.put(app, caller, (id, version), &base));
    Ok(answer_one(StatusCode::OK, put.await?, asked, &HeaderMap::new()))
}

async fn remove(
    kind: Kind,
    directory: Directory,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let at = (number(&id)?, version(&headers)?);
    directory
        .run(move |app, caller| kind.remove(app, caller, at))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
