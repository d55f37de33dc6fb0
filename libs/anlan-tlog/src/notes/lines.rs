//! Signature lines: `— name base64(id, signature)`. Whether a signature is right is not known here.

use super::{KeyName, KeyNameError, NoteError, SIGNATURES_MAX, VerifierKey};
use crate::texts;
use std::fmt;
use std::str::FromStr;

/// U+2014 and a space.
const DASH: &str = "\u{2014} ";
const ID_BYTES: usize = 4;

/// One signature of a note, with the name and the id of the key that is said to have made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: KeyName,
    id: u32,
    bytes: Vec<u8>,
}

/// Why a line is not a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It does not begin with a dash and a space, or has no space behind the name.
    #[error("not of the form `\u{2014} name base64`")]
    Form,
    /// What stands for the name is none.
    #[error("the key's name is not one")]
    Name(#[source] KeyNameError),
    /// The rest is not base64 of more than four bytes.
    #[error("behind the name is no base64 of an id and a signature")]
    Base64,
}

impl Signature {
    /// A signature made elsewhere. It has one byte at least.
    pub(crate) fn new(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        let (name, id) = (key.name().clone(), key.id());
        Self { name, id, bytes }
    }

    /// The name of the key that is said to have made it.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of that key.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The signature itself, without the id: 64 bytes for Ed25519, 72 for a cosignature.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether name and id are those of the key.
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    /// Whether both are said to be of one key.
    pub(super) fn is_by_key_of(&self, other: &Self) -> bool {
        self.id == other.id && self.name == other.name
    }
}

impl FromStr for Signature {
    type Err = LineError;

    /// Reads a line, without its newline.
    ///
    /// # Errors
    /// Any other spelling than the one that would be written.
    fn from_str(line: &str) -> Result<Self, LineError> {
        let rest = line.strip_prefix(DASH).ok_or(LineError::Form)?;
        let (name, text) = rest.split_once(' ').ok_or(LineError::Form)?;
        let name = name.parse().map_err(LineError::Name)?;
        let blob = texts::from_base64(text).ok_or(LineError::Base64)?;
        match blob.split_first_chunk::<ID_BYTES>() {
            Some((id, bytes)) if !bytes.is_empty() => {
                let (id, bytes) = (u32::from_be_bytes(*id), bytes.to_vec());
                Ok(Self { name, id, bytes })
            }
            _ => Err(LineError::Base64),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [self.id.to_be_bytes().as_slice(), &self.bytes].concat();
        write!(to, "{DASH}{} {}", self.name, texts::to_base64(&blob))
    }
}

/// Lines of signatures, without the last newline.
pub(super) fn parse(lines: &str) -> Result<Vec<Signature>, NoteError> {
    let mut signatures = Vec::new();
    for (index, line) in lines.split('\n').enumerate() {
        if index == SIGNATURES_MAX {
            return Err(NoteError::TooMany);
        }
        let number = index + 1;
        let signature = line.parse().map_err(|error| NoteError::Line { number, error })?;
        signatures.push(signature);
    }
    Ok(signatures)
}
