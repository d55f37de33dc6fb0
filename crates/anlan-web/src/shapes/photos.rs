//! Photos as JSON; the pictures themselves are JPEG.

use anlan_model::ids::PhotoId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A photo of a case, drawn anew so that no metadata is left in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Photo {
    pub(crate) id: i64,
    /// `before`, `after`, `near`, `far` or `reference`.
    pub(crate) shows: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) at: Timestamp,
}

impl Photo {
    pub(crate) fn new(id: PhotoId, shows: String, [width, height]: [u32; 2], at: Timestamp) -> Self {
        Self {
            id: id.0,
            shows,
            width,
            height,
            at,
        }
    }
}
