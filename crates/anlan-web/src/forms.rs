//! Reading forms with files: field by field, one file at a time, so that twenty photos never lie in memory. What a
//! field means is its handler's.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::StatusCode;
use std::time::Duration;

/// Longest wait for the next piece of a body.
const PIECE_SECONDS: u64 = 60;
/// Longest text of one field, bytes; what may be written is checked by the application in characters.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Why a form could not be read to its end.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It came too slowly or broke off.
    Cut,
    /// It is larger than the limit.
    TooLarge,
    /// It is not a form.
    NotAForm,
}

impl Broken {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Cut => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAForm => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<MultipartError> for Broken {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::BAD_REQUEST => Self::NotAForm,
            _ => Self::Cut,
        }
    }
}

/// A photo as it came.
pub(crate) enum Sent {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Larger than the limit; read to its end and dropped.
    TooLarge,
    /// The field was left empty.
    Nothing,
}

/// The next field of the form.
pub(crate) async fn next_field(form: &mut Multipart) -> Result<Option<Field<'_>>, Broken> {
    let wait = Duration::from_secs(PIECE_SECONDS);
    tokio::time::timeout(wait, form.next_field())
        .await
        .map_err(|_why| Broken::Cut)?
        .map_err(Broken::from)
}

async fn next_piece(field: &mut Field<'_>) -> Result<Option<axum::body::Bytes>, Broken> {
    let wait = Duration::from_secs(PIECE_SECONDS);
    tokio::time::timeout(wait, field.chunk())
        .await
        .map_err(|_why| Broken::Cut)?
        .map_err(Broken::from)
}

/// The text of a field, cut at the limit. What is no UTF-8 shows as replacement characters.
pub(crate) async fn text(field: &mut Field<'_>) -> Result<String, Broken> {
    let mut bytes = Vec::new();
    while let Some(piece) = next_piece(field).await? {
        let room = TEXT_BYTES_MAX.saturating_sub(bytes.len());
        bytes.extend(piece.iter().take(room));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The bytes of a file field up to `limit`.
pub(crate) async fn file(field: &mut Field<'_>, limit: usize) -> Result<Sent, Broken> {
    let is_unnamed = field.file_name().is_none_or(str::is_empty);
    let mut bytes = Vec::new();
    let mut is_over = false;
    while let Some(piece) = next_piece(field).await? {
        is_over |= bytes.len() + piece.len() > limit;
        if is_over {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(match (is_over, bytes.is_empty() && is_unnamed) {
        (true, _) => Sent::TooLarge,
        (_, true) => Sent::Nothing,
        _ => Sent::Bytes(bytes),
    })
}

/// Reads a form to its end and drops it: a client that is still sending could not hear an answer.
pub(crate) async fn drain(form: &mut Multipart) {
    while let Ok(Some(mut field)) = next_field(form).await {
        while let Ok(Some(_)) = next_piece(&mut field).await {}
    }
}
