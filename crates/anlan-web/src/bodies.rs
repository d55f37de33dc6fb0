//! Reading request bodies: JSON up to a stated limit, with the path of the field at fault, and raw bodies as a
//! blocking reader. Nothing is decided here.

use crate::problems::Failure;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use std::io::{self, Read};
use std::time::Duration;
use tokio::runtime::Handle;

/// Largest JSON body.
pub(crate) const JSON_BYTES_MAX: usize = 1024 * 1024;

/// Longest wait for a whole JSON body, and for the next piece of a file.
const PIECE_SECONDS: u64 = 60;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(Failure::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let wait = Duration::from_secs(PIECE_SECONDS);
        let bytes = tokio::time::timeout(wait, Bytes::from_request(request, state)).await;
        let bytes = bytes.map_err(|_why| Failure::of_status(StatusCode::REQUEST_TIMEOUT))?;
        let bytes = bytes.map_err(|rejection| unread(&rejection))?;
        read_json(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn unread(rejection: &BytesRejection) -> Failure {
    let status = rejection.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        too_large(JSON_BYTES_MAX)
    } else {
        Failure::of_status(status)
    }
}

/// 413 with the limit in words.
pub(crate) fn too_large(limit: usize) -> Failure {
    let mib = limit / (1024 * 1024);
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("内容超过上限 {mib} MiB，未保存任何内容。"),
        format!("The content is larger than {mib} MiB. Nothing was kept; send something smaller."),
    )
}

/// Reads JSON; a failure names line and column where the text breaks off, or the path of the field at fault.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        json_failure(&path, error.inner())
    })?;
    reader.end().map_err(|error| json_failure(".", &error))?;
    Ok(value)
}

fn json_failure(path: &str, error: &serde_json::Error) -> Failure {
    if !error.is_data() {
        return Failure::new(
            StatusCode::BAD_REQUEST,
            "json.malformed",
            format!(
                "第 {} 行第 {} 列起不是有效的 JSON，未作任何更改。",
                error.line(),
                error.column()
            ),
            format!("Not valid JSON: {error}. Nothing was changed."),
        );
    }
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    let named = reason.split('`').nth(1).unwrap_or_default();
    let (code, field) = if reason.starts_with("unknown field") {
        ("field.unknown", joined(path, named))
    } else if reason.starts_with("missing field") {
        ("field.missing", joined(path, named))
    } else if reason.starts_with("unknown variant") {
        ("value.unknown", path.to_owned())
    } else {
        ("value.wrong_type", path.to_owned())
    };
    let zh = match code {
        "field.unknown" => format!("没有名为 {field} 的字段。"),
        "field.missing" => format!("缺少字段 {field}。"),
        "value.unknown" => format!("字段 {field} 的值不在允许的范围内：{reason}。"),
        _ => format!("字段 {field} 的类型不对：{reason}。"),
    };
    Failure::field(
        &field,
        code,
        zh,
        format!("{field}: {reason}. Nothing was changed."),
    )
}

// The path of an unknown field already ends in its name; that of a missing one ends in its parent.
fn joined(path: &str, name: &str) -> String {
    let parent = if path == "." { "" } else { path };
    let is_named = parent == name || parent.ends_with(&format!(".{name}"));
    if parent.is_empty() {
        name.to_owned()
    } else if is_named || name.is_empty() {
        parent.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

/// A body read from blocking code, frame by frame, so that a large file never lies in memory. Use it only inside
/// `run`: it waits for the connection.
#[derive(Debug)]
pub(crate) struct BlockingBody {
    body: Body,
    handle: Handle,
    rest: Bytes,
    left: u64,
    is_over: bool,
}

impl BlockingBody {
    /// Reads at most `limit` bytes; the next byte is an error of kind `FileTooLarge`.
    pub(crate) fn new(body: Body, limit: u64) -> Self {
        Self {
            body,
            handle: Handle::current(),
            rest: Bytes::new(),
            left: limit,
            is_over: false,
        }
    }

    /// Whether reading stopped because the body is larger than the limit.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    fn next_chunk(&mut self) -> io::Result<Bytes> {
        loop {
            let wait = Duration::from_secs(PIECE_SECONDS);
            let next = async { tokio::time::timeout(wait, self.body.frame()).await };
            let frame = self
                .handle
                .block_on(next)
                .map_err(|_why| io::Error::from(io::ErrorKind::TimedOut))?;
            let Some(frame) = frame else {
                return Ok(Bytes::new());
            };
            let frame = frame.map_err(|error| io::Error::new(io::ErrorKind::UnexpectedEof, error))?;
            match frame.into_data() {
                Ok(bytes) if !bytes.is_empty() => return Ok(bytes),
                _ => {}
            }
        }
    }
}

impl Read for BlockingBody {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = self.next_chunk()?;
            let left = self.left.checked_sub(self.rest.len() as u64);
            self.is_over |= left.is_none();
            self.left = left.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        }
        let count = self.rest.len().min(into.len());
        let chunk = self.rest.split_to(count);
        if let Some(target) = into.get_mut(..count) {
            target.copy_from_slice(&chunk);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::Lang;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        lon: f64,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        point: Vec<Inner>,
    }

    fn check(text: &str, code: &str, field: Option<&str>) {
        let failure = read_json::<Outer>(text.as_bytes()).unwrap_err();
        assert_eq!(failure.code(), code, "{text}: {}", failure.detail(Lang::En));
        assert_eq!(
            failure.faults().first().map(|fault| fault.field.as_str()),
            field,
            "{text}"
        );
    }

    #[test]
    fn bad_json_is_told_where_it_is_bad() {
        check("{", "json.malformed", None);
        check("", "json.malformed", None);
        check("{\"point\":[]} x", "json.malformed", None);
        check("\u{0}", "json.malformed", None);
        check("{}", "field.missing", Some("point"));
        check(
            "{\"point\":[{\"lon\":1},{}]}",
            "field.missing",
            Some("point[1].lon"),
        );
        check(
            "{\"point\":[{\"lon\":\"x\"}]}",
            "value.wrong_type",
            Some("point[0].lon"),
        );
        check("{\"point\":[],\"more\":1}", "field.unknown", Some("more"));
    }

    #[tokio::test]
    async fn a_body_reads_in_pieces_and_stops_at_its_limit() {
        let read = |limit| {
            let reader = BlockingBody::new(Body::from("a calm river"), limit);
            tokio::task::spawn_blocking(move || io::read_to_string(reader))
        };
        assert_eq!(read(12).await.unwrap().unwrap(), "a calm river");
        assert_eq!(
            read(11).await.unwrap().unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }
}
