//! `/api/posts`, `/api/post-rows`, `/api/session/post`: posts with their members, rosters and deputies, and acting for one.

use super::sessions::session_of;
use crate::bodies::Json;
use crate::problems::Failure;
use crate::queries::{self, Asked};
use crate::sessions::{Holder, Signed};
use crate::shapes::accounts::Session;
use crate::shapes::posts::{ActFor, HeldPost, NewPost, NewRows, Post, PostChange, RowIds};
use crate::state::{Web, run};
use anlan_app::posts::{self, Span};
use anlan_app::sessions;
use anlan_model::ids::{PostId, PostRowId};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How far a list looks if not said: a week.
const USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Its endpoints.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change))
        .routes(routes!(add_rows))
        .routes(routes!(end_row))
        .routes(routes!(mine))
        .routes(routes!(act_for))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SpanFilter {
    /// Rows that hold from then on; now if left out.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<String>,
    /// Rows that hold before then; a week later if left out.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<String>,
}

fn span(asked: &Asked, now: Timestamp) -> Result<Span, Failure> {
    asked.only(&[queries::names::<SpanFilter>()])?;
    let filter: SpanFilter = asked.read()?;
    let time = |field: &str, text: Option<&str>| {
        queries::one::<Timestamp>(
            field,
            text,
            "应为带时区的时刻，如 2026-03-01T08:00:00Z",
            "give an instant with its zone, such as 2026-03-01T08:00:00Z",
        )
    };
    let from = time("from", filter.from.as_deref())?.unwrap_or(now);
    let until = time("until", filter.until.as_deref())?;
    Ok(until.map_or_else(|| week_from(from), |until| Span { from, until }))
}

/// Posts the caller may see, with their members, shifts and deputies of a span of time.
#[utoipa::path(get, path = "/api/posts", tag = "posts", operation_id = "list_posts", params(SpanFilter),
    responses((status = 200, description = "Posts by office and name", body = Vec<Post>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    signed: Signed,
    asked: Asked,
) -> Result<axum::Json<Vec<Post>>, Failure> {
    let span = span(&asked, web.app.clock.now())?;
    let found = run(move || posts::list(&web.app, &signed.caller, span)).await?;
    Ok(axum::Json(found.into_iter().map(Post::from).collect()))
}

/// Set a post up. It has no members yet.
#[utoipa::path(post, path = "/api/posts", tag = "posts", operation_id = "create_post", request_body = NewPost,
    responses((status = 201, description = "The post", body = Post)))]
pub(crate) async fn create(
    State(web): State<Web>,
    signed: Signed,
    Json(asked): Json<NewPost>,
) -> Result<(StatusCode, axum::Json<Post>), Failure> {
    let app = web.app.clone();
    let found = run(move || {
        let made = posts::create(&app, &signed.caller, asked.into())?;
        posts::find(&app, &signed.caller, made.id, week_from(app.clock.now()))
    });
    Ok((StatusCode::CREATED, axum::Json(found.await?.into())))
}

fn week_from(from: Timestamp) -> Span {
    Span {
        from,
        until: from.saturating_add(USUAL).unwrap_or(Timestamp::MAX),
    }
}

fn number(id: &str) -> Result<i64, Failure> {
    id.parse().map_err(|_why| Failure::missing())
}

/// One post with its rows of a span of time.
#[utoipa::path(get, path = "/api/posts/{id}", tag = "posts", operation_id = "read_post",
    params(("id" = i64, Path, description = "Id"), SpanFilter),
    responses((status = 200, description = "The post", body = Post)))]
pub(crate) async fn read(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<axum::Json<Post>, Failure> {
    let (id, span) = (PostId(number(&id)?), span(&asked, web.app.clock.now())?);
    let found = run(move || posts::find(&web.app, &signed.caller, id, span)).await?;
    Ok(axum::Json(found.into()))
}

/// Change a post: whoever acts for it does so by its new roles and area from their next request on.
#[utoipa::path(patch, path = "/api/posts/{id}", tag = "posts", operation_id = "change_post", request_body = PostChange,
    params(("id" = i64, Path, description = "Id")),
    responses((status = 200, description = "The post", body = Post)))]
pub(crate) async fn change(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<String>,
    Json(asked): Json<PostChange>,
) -> Result<axum::Json<Post>, Failure> {
    let id = PostId(number(&id)?);
    let found = run(move || {
        posts::change(&web.app, &signed.caller, id, asked.into())?;
        posts::find(&web.app, &signed.caller, id, week_from(web.app.clock.now()))
    });
    Ok(axum::Json(found.await?.into()))
}

/// Write members, shifts and deputies: all of them, or none. A row begins now at the earliest.
#[utoipa::path(post, path = "/api/posts/{id}/rows", tag = "posts", operation_id = "add_post_rows", request_body = NewRows,
    params(("id" = i64, Path, description = "Id")),
    responses((status = 201, description = "Written", body = RowIds)))]
pub(crate) async fn add_rows(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<String>,
    Json(asked): Json<NewRows>,
) -> Result<(StatusCode, axum::Json<RowIds>), Failure> {
    let id = PostId(number(&id)?);
    let rows = asked.rows.into_iter().map(Into::into).collect();
    let added = run(move || posts::add(&web.app, &signed.caller, id, rows)).await?;
    let ids = added.into_iter().map(|row| row.id.0).collect();
    Ok((StatusCode::CREATED, axum::Json(RowIds { ids })))
}

/// End a row now; one that has not begun never does.
#[utoipa::path(delete, path = "/api/post-rows/{id}", tag = "posts", operation_id = "end_post_row",
    params(("id" = i64, Path, description = "The row's id")),
    responses((status = 204, description = "Ended")))]
pub(crate) async fn end_row(
    State(web): State<Web>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let id = PostRowId(number(&id)?);
    run(move || posts::end(&web.app, &signed.caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's own posts: those held now, and those that will be.
#[utoipa::path(get, path = "/api/session/posts", tag = "session", operation_id = "list_own_posts",
    responses((status = 200, description = "Posts", body = Vec<HeldPost>)))]
pub(crate) async fn mine(
    State(web): State<Web>,
    signed: Holder,
) -> Result<axum::Json<Vec<HeldPost>>, Failure> {
    let found = run(move || posts::mine(&web.app, &signed.known)).await?;
    Ok(axum::Json(found.into_iter().map(HeldPost::from).collect()))
}

/// Act for a post held now, or for oneself again.
#[utoipa::path(put, path = "/api/session/post", tag = "session", operation_id = "act_for_post", request_body = ActFor,
    responses((status = 200, description = "The session as it goes on", body = Session)))]
pub(crate) async fn act_for(
    State(web): State<Web>,
    signed: Holder,
    Json(asked): Json<ActFor>,
) -> Result<axum::Json<Session>, Failure> {
    let app = web.app.clone();
    let known = run(move || {
        let post = posts::act_for(&app, &signed.known, asked.post.map(PostId))?;
        Ok::<_, anlan_app::Error>((signed.known.account, post))
    });
    let (account, post) = known.await?;
    let caller = sessions::as_whom(&account, post.as_ref().map(|own| &own.held));
    Ok(axum::Json(session_of(&web.app, &caller, &account, post.as_ref())))
}
