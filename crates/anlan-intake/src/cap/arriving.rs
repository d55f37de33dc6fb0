//! A document as it came, read and looked at: what the application takes in.

use super::faults::Refused;
use super::read::read;
use super::verify;
use anlan_model::alerts::Arrived;

/// Reads a document that came by this feed, or from this sender, and looks at its signature.
///
/// # Errors
/// Everything that keeps it from being a message.
pub fn arrived(
    source: impl Into<String>,
    document: Vec<u8>,
    trusted: &[Vec<u8>],
) -> Result<Arrived, Refused> {
    let message = read(&document)?.message;
    Ok(Arrived {
        source: source.into(),
        seal: verify(&document, trusted),
        message,
        document,
    })
}
