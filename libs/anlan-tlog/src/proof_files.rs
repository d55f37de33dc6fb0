//! Proof files: all that is needed to verify, without a network, that an entry is in a log whose head witnesses have seen
//! (C2SP tlog-proof, version 1; files end in `.tlog-proof`). Nothing is fetched and no clock is read.

use crate::hashes::Hash;
use crate::notes::{NOTE_BYTES_MAX, Note, NoteError};
use crate::policies::{Believed, Doubt, Policy};
use crate::proofs::{PROOF_HASHES_MAX, ProofError, verify_inclusion};
use crate::texts;
use std::fmt;
use std::str::FromStr;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Most bytes of the extra data, as base64.
pub const EXTRA_TEXT_MAX: usize = 1_000_000;
/// Most bytes of a proof file.
pub const PROOF_FILE_BYTES_MAX: usize = NOTE_BYTES_MAX + EXTRA_TEXT_MAX + 8192;

/// A proof that an entry is in a log. Read by `FromStr`, written by `Display`, each in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// What the application adds. Nothing vouches for it. No bytes are no line, so that there is one spelling.
    pub extra: Option<Vec<u8>>,
    /// Number of the entry in the log, from 0.
    pub index: u64,
    /// Inclusion proof, from the leaf's sibling to the child of the root.
    pub proof: Vec<Hash>,
    /// The checkpoint it leads to, with its signatures and cosignatures.
    pub checkpoint: Note,
}

/// Why a text is not a proof file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// Too many bytes.
    #[error("the proof has {bytes} bytes; {PROOF_FILE_BYTES_MAX} at most")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// Another first line.
    #[error("line 1 is not `{HEADER}`")]
    Header,
    /// The extra data is not base64 or too long.
    #[error("line 2 is not `extra` and base64")]
    Extra,
    /// There is no index where one should be.
    #[error("line {number} is not `index` and a number without leading zeros")]
    Index {
        /// Which line, from 1.
        number: usize,
    },
    /// A line of the proof is not a hash.
    #[error("line {number} is neither a hash nor the blank line after the proof")]
    Hash {
        /// Which line, from 1.
        number: usize,
    },
    /// Too many hashes.
    #[error("the proof has more than {PROOF_HASHES_MAX} hashes")]
    LongProof,
    /// The text ends before the checkpoint.
    #[error("no blank line separates the proof from the checkpoint")]
    NoBlankLine,
    /// What follows is not a signed note.
    #[error("below the proof is no signed note")]
    Note(#[source] NoteError),
}

/// Why an entry is not proved to be in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// The policy does not let the checkpoint be believed.
    #[error("the checkpoint is not to be believed")]
    Checkpoint(#[source] Doubt),
    /// The entry is not where the proof says.
    #[error("the entry is not in the log at this place")]
    Inclusion(#[source] ProofError),
}

impl ProofFile {
    /// Verifies that `entry` is in a log that the policy believes: checkpoint, cosignatures and inclusion. A cosignature later
    /// than `time_max`, in POSIX seconds, does not count.
    ///
    /// # Errors
    /// It is not proved, with the reason.
    pub fn verify(&self, entry: &[u8], policy: &Policy, time_max: u64) -> Result<Believed, Unproved> {
        let believed = policy
            .believe(&self.checkpoint, time_max)
            .map_err(Unproved::Checkpoint)?;
        let leaf = Hash::of_leaf(entry);
        verify_inclusion(leaf, self.index, &believed.head, &self.proof).map_err(Unproved::Inclusion)?;
        Ok(believed)
    }
}

impl FromStr for ProofFile {
    type Err = ProofFileError;

    fn from_str(text: &str) -> Result<Self, ProofFileError> {
        if text.len() > PROOF_FILE_BYTES_MAX {
            let bytes = text.len();
            return Err(ProofFileError::TooLong { bytes });
        }
        let mut lines = Lines {
            rest: text,
            number: 0,
        };
        if lines.next()? != HEADER {
            return Err(ProofFileError::Header);
        }
        let mut line = lines.next()?;
        let extra = match line.strip_prefix("extra ") {
            Some(base64) => {
                line = lines.next()?;
                Some(parse_extra(base64)?)
            }
            None => None,
        };
        let number = lines.number;
        let index = line.strip_prefix("index ").and_then(texts::decimal);
        let index = index.ok_or(ProofFileError::Index { number })?;
        let proof = lines.hashes()?;
        let checkpoint = Note::parse(lines.rest.as_bytes()).map_err(ProofFileError::Note)?;
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint,
        })
    }
}

/// The extra data. An empty one would have two spellings, this line and none: it is no line.
fn parse_extra(base64: &str) -> Result<Vec<u8>, ProofFileError> {
    let bytes = if base64.len() > EXTRA_TEXT_MAX {
        None
    } else {
        texts::from_base64(base64)
    };
    bytes
        .filter(|bytes| !bytes.is_empty())
        .ok_or(ProofFileError::Extra)
}

/// Lines with their numbers.
struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Result<&'t str, ProofFileError> {
        let (line, rest) = self.rest.split_once('\n').ok_or(ProofFileError::NoBlankLine)?;
        self.rest = rest;
        self.number += 1;
        Ok(line)
    }

    /// The hashes up to the blank line.
    fn hashes(&mut self) -> Result<Vec<Hash>, ProofFileError> {
        let mut proof = Vec::new();
        loop {
            let line = self.next()?;
            if line.is_empty() {
                return Ok(proof);
            }
            if proof.len() == PROOF_HASHES_MAX {
                return Err(ProofFileError::LongProof);
            }
            let number = self.number;
            proof.push(line.parse().ok().ok_or(ProofFileError::Hash { number })?);
        }
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{HEADER}")?;
        if let Some(extra) = self.extra.as_ref().filter(|extra| !extra.is_empty()) {
            writeln!(to, "extra {}", texts::to_base64(extra))?;
        }
        writeln!(to, "index {}", self.index)?;
        self.proof.iter().try_for_each(|hash| writeln!(to, "{hash}"))?;
        write!(to, "\n{}", self.checkpoint)
    }
}
