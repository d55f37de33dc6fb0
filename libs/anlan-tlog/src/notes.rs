//! Signed notes: a text with signatures of named keys below it (C2SP signed-note). What a text says is not known here, and
//! no key is created: secrets and public keys are passed in.
//!
//! A note is worth nothing until [`Note::verify`] has accepted it. Its rules, those of the specification, are:
//!
//! - a signature of a key that is not among the given ones is ignored, also when it shares the name *or* the id of one;
//! - a signature of a given key that is wrong refuses the whole note;
//! - a note without a right signature of any given key is refused.
//!
//! # Which Ed25519 signatures are right
//! All verifiers of a log must agree, or one party can be shown what another refuses. RFC 8032 leaves freedom for keys and
//! signatures that an honest signer never makes. Here the strict reading holds, `verify_strict` of `ed25519-dalek`:
//!
//! | kind of key or signature | verdict |
//! |---|---|
//! | `s` is not below the order of the group | refused |
//! | the key is of low order (it would verify nearly every message) | refused, already as a verifier key |
//! | the key is not a point, or in another encoding than the one canonical | refused, already as a verifier key |
//! | `R` is of low order | refused |
//! | `R` is not canonical, or the equation only holds times eight (a rest of low order) | refused |
//! | key or `R` with a part of low order, and the equation holds without the factor eight | accepted |
//!
//! The last kind can only be made by the owner of the key, for texts that the owner does sign.
//!
//! ```
//! use anlan_tlog::notes::{Note, Signer, VerifierKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let signer = Signer::new("example.com/log".parse()?, &[7; 32]);
//! let mut note = Note::new("This is an example message.\n")?;
//! note.add(signer.sign(&note));
//! let key: VerifierKey = signer.key().to_string().parse()?;
//! let read = Note::parse(note.to_string().as_bytes())?;
//! assert_eq!(read.verify(&[key])?[0].key.name().as_str(), "example.com/log");
//! # Ok(())
//! # }
//! ```

mod keys;
mod lines;
mod signers;

use crate::cosignatures::SignatureFault;
pub use keys::{Algorithm, KeyError, KeyName, KeyNameError, VerifierKey};
pub use lines::{LineError, Signature};

pub use signers::{Signer, SignerError};
use std::fmt;

/// Most bytes of a note.
pub const NOTE_BYTES_MAX: usize = 1_000_000;
/// Most signatures of a note. The specification asks for 16 at least.
pub const SIGNATURES_MAX: usize = 100;

/// A text and its signatures, well-formed but not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// Why bytes are not a note, or a text cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Too many bytes.
    #[error("the note has {bytes} bytes; {NOTE_BYTES_MAX} at most")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("the note is not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// Where the first wrong byte is.
        at: usize,
    },
    /// A control character that is not a newline.
    #[error("the note has a control character at byte {at}")]
    Control {
        /// Where it is.
        at: usize,
    },
    /// The text is empty or does not end with a newline.
    #[error("the text of a note ends with a newline")]
    NoNewline,
    /// There is no blank line between text and signatures.
    #[error("no blank line separates a text from its signatures")]
    NoBlankLine,
    /// There is nothing below the blank line, or the last line is cut off.
    #[error("the signatures below the text are missing or cut off")]
    NoSignatures,
    /// Too many signatures.
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooMany,
    /// A line is not a signature.
    #[error("signature {number} is malformed")]
    Line {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        error: LineError,
    },
}

/// Why a note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A known key's signature is wrong.
    #[error("the signature of the known key {name}+{id:08x} is wrong")]
    KnownKeyFails {
        /// The key's name.
        name: KeyName,
        /// The key's id.
        id: u32,
        /// In which way.
        #[source]
        fault: SignatureFault,
    },
    /// None of the signatures is by a known key.
    #[error("none of the {signatures} signatures is by a known key")]
    NoKnownKey {
        /// How many signatures there are.
        signatures: usize,
    },
}

/// A signature that was found right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key that made it.
    pub key: &'k VerifierKey,
    /// When it was made, if it is a cosignature with a time: POSIX seconds, as its signer says.
    pub time: Option<u64>,
}

impl Note {
    /// A text without signatures yet.
    ///
    /// # Errors
    /// A text that is empty, does not end with a newline, has other control characters or is too long.
    pub fn new(text: &str) -> Result<Self, NoteError> {
        check_bytes(text.as_bytes())?;
        if !text.ends_with('\n') {
            return Err(NoteError::NoNewline);
        }
        let (text, signatures) = (text.to_owned(), Vec::new());
        Ok(Self { text, signatures })
    }

    /// Reads a note with one signature at least. Every note that is accepted is written in the same bytes again.
    ///
    /// # Errors
    /// Anything that is not well-formed, with its place.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let whole = check_bytes(bytes)?;
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(NoteError::NoBlankLine)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        let signatures = lines::parse(lines)?;
        let text = format!("{text}\n");
        Ok(Self { text, signatures })
    }

    /// The text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature at the end, and removes others of the same name and id. Whether it is right is not checked.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|other| !other.is_by_key_of(&signature));
        self.signatures.push(signature);
    }

    /// Verifies the note by keys that are trusted, and gives the signatures that are right, in their order: one at least.
    /// Every signature by one of these keys has been verified, also where a key has made several.
    ///
    /// # Errors
    /// See the rules at the top of the module. The reason names the key.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, Refusal> {
        self.verify_by(&keys.iter().collect::<Vec<_>>())
    }

    /// The same for keys from anywhere.
    pub(crate) fn verify_by<'k>(&self, keys: &[&'k VerifierKey]) -> Result<Vec<Verified<'k>>, Refusal> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let known = keys.iter().copied().filter(|key| signature.is_by(key));
            let verdicts = known.map(|key| (key, key.check(&self.text, signature.bytes())));
            verified.extend(right_or_wrong(verdicts)?);
        }
        if verified.is_empty() {
            let signatures = self.signatures.len();
            return Err(Refusal::NoKnownKey { signatures });
        }
        Ok(verified)
    }
}

/// The verdict on one signature: nothing if no key is known for it. Two keys of one name and id are an accident that the
/// trusting party has made possible; either of them will do.
fn right_or_wrong<'k>(
    verdicts: impl Iterator<Item = (&'k VerifierKey, Result<Option<u64>, SignatureFault>)>,
) -> Result<Option<Verified<'k>>, Refusal> {
    let mut failed = None;
    for (key, verdict) in verdicts {
        match verdict {
            Ok(time) => return Ok(Some(Verified { key, time })),
            Err(fault) => {
                let (name, id) = (key.name().clone(), key.id());
                failed = Some(Refusal::KnownKeyFails { name, id, fault });
            }
        }
    }
    failed.map_or(Ok(None), Err)
}

impl fmt::Display for Note {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(to, "{signature}"))
    }
}

/// The bytes as text, if they may stand in a note.
fn check_bytes(bytes: &[u8]) -> Result<&str, NoteError> {
    if bytes.len() > NOTE_BYTES_MAX {
        let bytes = bytes.len();
        return Err(NoteError::TooLong { bytes });
    }
    if let Some(at) = bytes.iter().position(|byte| *byte < b' ' && *byte != b'\n') {
        return Err(NoteError::Control { at });
    }
    std::str::from_utf8(bytes).map_err(|error| NoteError::NotUtf8 {
        at: error.valid_up_to(),
    })
}
