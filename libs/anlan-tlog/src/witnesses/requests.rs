//! The body of a request: `old <size>`, the hashes of a consistency proof, a blank line, the signed checkpoint. Whether it
//! is granted is not known here.

use crate::checkpoints::{Checkpoint, CheckpointError};
use crate::hashes::Hash;
use crate::notes::{NOTE_BYTES_MAX, Note, NoteError};
use crate::texts;
use std::fmt;

/// Most hashes of a proof in a request.
pub const OLD_PROOF_MAX: usize = 63;
/// Most bytes of a request: the largest note, and what may stand before it.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + 4096;

/// A request for cosignatures. Written by `Display`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    old: u64,
    proof: Vec<Hash>,
    note: Note,
    checkpoint: Checkpoint,
}

/// Why bytes are not a request, or none can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Too many bytes.
    #[error("the request has {bytes} bytes; {REQUEST_BYTES_MAX} at most")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("the request is not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// Where the first wrong byte is.
        at: usize,
    },
    /// The first line is another.
    #[error("line 1 is not `old` and a size without leading zeros")]
    Old,
    /// A line of the proof is not a hash.
    #[error("line {number} is neither a hash nor the blank line after the proof")]
    Proof {
        /// Which line, from 1.
        number: usize,
    },
    /// Too many hashes.
    #[error("the proof has more than {OLD_PROOF_MAX} hashes")]
    LongProof,
    /// There is no blank line.
    #[error("no blank line separates the proof from the checkpoint")]
    NoBlankLine,
    /// What follows is not a signed note.
    #[error("below the proof is no signed note")]
    Note(#[source] NoteError),
    /// The note is not a checkpoint.
    #[error("the note is not a checkpoint")]
    Checkpoint(#[source] CheckpointError),
}

impl Request {
    /// A request for a signed checkpoint, with the proof that it continues the tree of `old` entries; `old` 0 and no proof
    /// if nothing is known of the witness.
    ///
    /// # Errors
    /// A note that is not a checkpoint or has no signature; a proof that is too long.
    pub fn new(old: u64, proof: Vec<Hash>, note: Note) -> Result<Self, RequestError> {
        if proof.len() > OLD_PROOF_MAX {
            return Err(RequestError::LongProof);
        }
        if note.signatures().is_empty() {
            return Err(RequestError::Note(NoteError::NoSignatures));
        }
        let checkpoint = Checkpoint::of_note(&note).map_err(RequestError::Checkpoint)?;
        Ok(Self {
            old,
            proof,
            note,
            checkpoint,
        })
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// Anything malformed, with its place. The answer is then 400: see [`super::RefusedRequest`].
    pub fn decode(body: &[u8]) -> Result<Self, RequestError> {
        if body.len() > REQUEST_BYTES_MAX {
            let bytes = body.len();
            return Err(RequestError::TooLong { bytes });
        }
        let text = std::str::from_utf8(body).map_err(|error| RequestError::NotUtf8 {
            at: error.valid_up_to(),
        })?;
        let (first, mut rest) = text.split_once('\n').ok_or(RequestError::Old)?;
        let old = first
            .strip_prefix("old ")
            .and_then(texts::decimal)
            .ok_or(RequestError::Old)?;
        let mut proof = Vec::new();
        for number in 2.. {
            let (line, after) = rest.split_once('\n').ok_or(RequestError::NoBlankLine)?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == OLD_PROOF_MAX {
                return Err(RequestError::LongProof);
            }
            proof.push(line.parse().ok().ok_or(RequestError::Proof { number })?);
        }
        let note = Note::parse(rest.as_bytes()).map_err(RequestError::Note)?;
        Self::new(old, proof, note)
    }

    /// The size that the proof begins at.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The proof from there to the checkpoint.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The checkpoint as it is signed.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The checkpoint. It is not verified: [`super::judge`] does that.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Which log it is about, as it says.
    pub fn origin(&self) -> &str {
        self.checkpoint.origin()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(to, "{hash}"))?;
        write!(to, "\n{}", self.note)
    }
}
