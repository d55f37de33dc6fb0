//! What stands in a path: numbers that name things. One that is no number names nothing, so the answer is that of a thing
//! that is not there.

use crate::problems::Failure;
use crate::state::Web;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use std::str::FromStr;

/// The one thing that a path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<T>(pub(crate) T);

impl<T: FromStr> FromRequestParts<Web> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let Path(text) = Path::<String>::from_request_parts(parts, web)
            .await
            .map_err(|_why| Failure::missing())?;
        text.parse().map(Self).map_err(|_why| Failure::missing())
    }
}
