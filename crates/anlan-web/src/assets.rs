//! The built ui as static files: from a folder if the program was told one, else from what was built in. Every path
//! without a dot that is nothing else of ours is a screen of the ui and answers with its entry page.

use crate::headers::is_known;
use crate::state::Web;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};
use std::path::{Component, Path, PathBuf};

/// What `npm run build` left in `ui/dist` when the program was built; may be empty.
#[derive(Embed)]
#[folder = "../../ui/dist/"]
#[allow_missing = true]
struct Built;

struct Asset {
    bytes: Vec<u8>,
    etag: String,
    /// Compressed ahead of time, with this `Content-Encoding`.
    encoding: Option<&'static str>,
}

const NOT_BUILT: &str = "Anlan is running, but its ui was not built into this program.\n\n\
    Build it with `npm ci && npm run build` in ui/, then build the program again, or point ui_dir at ui/dist.\n\
    The API is at /api/openapi.json; residents report at /report and follow at /track.\n\n\
    安澜已启动,但界面尚未构建。请在 ui/ 目录运行 `npm ci && npm run build` 后重新构建程序,或将 ui_dir 指向 ui/dist。\n";

/// Answers everything no other route does.
pub(crate) async fn serve(State(web): State<Web>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
        return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let name = if is_file {
        path.trim_start_matches('/')
    } else {
        "index.html"
    };
    let wants_br = accepts_br(request.headers());
    match find(&web, name, wants_br).await {
        Some(asset) => answer(name, asset, request.headers()),
        None if is_file => StatusCode::NOT_FOUND.into_response(),
        None => (StatusCode::OK, NOT_BUILT).into_response(),
    }
}

fn accepts_br(headers: &HeaderMap) -> bool {
    let text = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        pieces.next() == Some("br") && pieces.next() != Some("q=0")
    })
}

async fn find(web: &Web, name: &str, wants_br: bool) -> Option<Asset> {
    if wants_br && let Some(asset) = plain(web, &format!("{name}.br")).await {
        return Some(Asset {
            encoding: Some("br"),
            ..asset
        });
    }
    plain(web, name).await
}

async fn plain(web: &Web, name: &str) -> Option<Asset> {
    match &web.config.ui_dir {
        Some(folder) => on_disk(folder, name).await,
        None => Built::get(name).map(built_in),
    }
}

fn built_in(file: EmbeddedFile) -> Asset {
    let digest = file.metadata.sha256_hash();
    let etag = digest
        .iter()
        .take(12)
        .fold(String::from("\""), |text, byte| format!("{text}{byte:02x}"))
        + "\"";
    Asset {
        bytes: file.data.into_owned(),
        etag,
        encoding: None,
    }
}

async fn on_disk(folder: &Path, name: &str) -> Option<Asset> {
    let path = inside(folder, name)?;
    let about = tokio::fs::metadata(&path)
        .await
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    let changed = about
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    let bytes = tokio::fs::read(&path).await.ok()?;
    let etag = format!("\"{:x}-{:x}\"", changed.as_millis(), bytes.len());
    Some(Asset {
        bytes,
        etag,
        encoding: None,
    })
}

/// The path under the folder; `None` for anything that tries to leave it.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    let is_plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let is_hidden = name.split('/').any(|part| part.starts_with('.'));
    (is_plain && !is_hidden && !name.contains('\\')).then(|| folder.join(relative))
}

fn answer(name: &str, asset: Asset, asked: &HeaderMap) -> Response {
    let mut response = if is_known(asked, &asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(asset.bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = asset.etag.parse() {
        headers.insert(header::ETAG, etag);
    }
    if let Some(encoding) = asset.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    // The bundler puts files with a hash in their name into assets/; everything else is asked for again.
    let age = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(age));
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_reached() {
        let folder = Path::new("/srv/ui");
        assert_eq!(
            inside(folder, "assets/a.js"),
            Some(PathBuf::from("/srv/ui/assets/a.js"))
        );
        for name in [
            "../etc/passwd",
            "/etc/passwd",
            "assets/../../x.js",
            ".env",
            "a/.git/config",
            "..\\x.js",
            "./x.js",
        ] {
            assert_eq!(inside(folder, name), None, "{name}");
        }
    }

    #[test]
    fn brotli_is_sent_only_to_those_who_take_it() {
        for (text, expected) in [
            ("gzip, br", true),
            ("br;q=0.5", true),
            ("gzip", false),
            ("br;q=0", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
            assert_eq!(accepts_br(&headers), expected, "{text}");
        }
    }
}
