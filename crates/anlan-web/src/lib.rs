//! The HTTP door: JSON API with its generated description, sessions, live updates, public pages, and the built ui.
//! It holds no rule and no SQL: it reads requests, calls one action of the application, and writes the answer.

mod agents;
mod api;
mod assets;
mod bodies;
mod config;
mod data_tracker;
mod description;
pub mod doors;
mod forms;
mod headers;
mod holding;
mod hub;
mod languages;
mod limits;
mod logs;
mod open311;
mod paths;
mod problems;
mod public;
mod qr_codes;
mod queries;
mod scim;
mod serving;
mod sessions;
mod shapes;
mod state;
mod tls;
mod witnesses;
mod wording;

pub use config::{TlsFiles, WebConfig};
pub use limits::{Rate, Rates};

use anlan_app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use hub::Hub;
use limits::Limits;
use problems::Failure;
use state::Web;
use std::any::Any;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::trace::{DefaultOnFailure, DefaultOnResponse, TraceLayer};
use tracing::Level;

/// Answers smaller than this are sent as they are.
const COMPRESSED_FROM: u64 = 1024;

/// Everything this node answers over HTTP.
pub fn router(app: App, config: WebConfig) -> Router {
    let (_, never) = watch::channel(false);
    routes(Web {
        app,
        limits: Arc::new(Limits::new(config.rates)),
        config: Arc::new(config),
        hub: Hub::default(),
        stopping: never,
    })
}

/// The description of the API, OpenAPI 3.1, as generated from the code.
pub fn openapi() -> utoipa::openapi::OpenApi {
    description::of(api::routes().into_openapi())
}

/// Listens on `config.listen` and serves until `shutdown`; then running answers are finished.
pub async fn serve(app: App, config: WebConfig, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let listener = TcpListener::bind(config.listen).await?;
    serve_on(listener, app, config, shutdown).await
}

/// As `serve`, on a socket that is bound already: the caller knows its port.
pub async fn serve_on(
    listener: TcpListener,
    app: App,
    config: WebConfig,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let config = Arc::new(config);
    let router = routes(Web {
        app,
        limits: Arc::new(Limits::new(config.rates)),
        config: Arc::clone(&config),
        hub: Hub::default(),
        stopping,
    });
    serving::accept(listener, router, &config, stop, shutdown).await
}

/// Serves the folder of any log, read only, until `shutdown`.
pub async fn serve_log(
    folder: PathBuf,
    listen: SocketAddr,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let (stop, _) = watch::channel(false);
    serving::accept(
        listener,
        logs::of_folder(folder),
        &WebConfig::default(),
        stop,
        shutdown,
    )
    .await
}

fn routes(web: Web) -> Router {
    let (api, _) = api::routes().split_for_parts();
    Router::new()
        .merge(api)
        .route("/healthz", get(healthz))
        .merge(public::routes(&web))
        .merge(logs::routes())
        .merge(data_tracker::routes())
        .merge(witnesses::routes())
        .merge(scim::routes())
        .merge(open311::routes(&web))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(bodies::JSON_BYTES_MAX))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(web.clone(), holding::guard))
        .layer(from_fn_with_state(web.clone(), limits::guard))
        .layer(from_fn_with_state(web.clone(), sessions::guard))
        .layer(from_fn(problems::speak))
        .layer(from_fn_with_state(web.config.is_secure(), headers::harden))
        .layer(compression())
        .layer(trace())
        .with_state(web)
}

async fn healthz() -> &'static str {
    "ok"
}

// axum wants the panic by value.
#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(panic: Box<dyn Any + Send>) -> axum::response::Response {
    let words = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let words = words
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(words, "a handler panicked");
    Failure::internal().into_response()
}

fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESSED_FROM)))
}

type Tracing = TraceLayer<
    tower_http::classify::SharedClassifier<tower_http::classify::ServerErrorsAsFailures>,
    fn(&Request<Body>) -> tracing::Span,
    tower_http::trace::DefaultOnRequest,
    DefaultOnResponse,
    tower_http::trace::DefaultOnBodyChunk,
    tower_http::trace::DefaultOnEos,
    DefaultOnFailure,
>;

/// One line per request: method, path template, status and time. Never the path itself: it may hold a tracking code.
fn trace() -> Tracing {
    TraceLayer::new_for_http()
        .make_span_with(span as fn(&Request<Body>) -> tracing::Span)
        .on_response(DefaultOnResponse::new().level(Level::INFO))
        .on_failure(DefaultOnFailure::new().level(Level::ERROR))
}

fn span(request: &Request<Body>) -> tracing::Span {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str);
    tracing::info_span!("http", method = %request.method(), path)
}
