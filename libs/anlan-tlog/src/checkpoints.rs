//! Checkpoints: what a log signs of itself (C2SP tlog-checkpoint), and whether a later one continues an earlier. Nothing
//! is remembered here: the caller keeps the last head it has accepted.
//!
//! The text is the log's origin, the size, the root, and perhaps further lines, each ended by a newline. A log's key has
//! the origin for its name; a checkpoint of one log signed by the key of another is refused.

use crate::hashes::Hash;
use crate::notes::{KeyName, Note, NoteError, Refusal, Signer, VerifierKey};
use crate::proofs::{self, ProofError};
use crate::texts;
use crate::trees::Head;
use std::fmt;
use std::str::FromStr;

/// What a log says of itself. Written by `Display`, read by `FromStr`, each in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: Head,
    extensions: Vec<String>,
}

/// Why a text is not a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Fewer than three lines, or no newline at the end.
    #[error("a checkpoint has three lines at least, each ended by a newline")]
    Cut,
    /// There is no origin.
    #[error("line 1 is empty; it is the log's origin")]
    Origin,
    /// The size is not a number without leading zeros, or too large.
    #[error("line 2 is not the size of a tree")]
    Size,
    /// The root is not base64 of 32 bytes.
    #[error("line 3 is not the base64 of a root")]
    Root,
    /// An empty line, or a control character.
    #[error("line {number} is empty or has a control character")]
    Extension {
        /// Which line, from 1.
        number: usize,
    },
}

/// Why a signed checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The bytes are not a note.
    #[error("not a signed note")]
    Note(#[source] NoteError),
    /// The note is not signed as it should be.
    #[error("not signed by the log")]
    Signature(#[source] Refusal),
    /// The text is not a checkpoint.
    #[error("what is signed is not a checkpoint")]
    Checkpoint(#[source] CheckpointError),
    /// It is a checkpoint of another log.
    #[error("the checkpoint is of the log {found}, not of {wanted}")]
    Origin {
        /// The origin that it has.
        found: String,
        /// The origin that the key stands for.
        wanted: KeyName,
    },
    /// It says that a log without entries has another root than the empty tree.
    #[error("the root of a log without entries is not that of the empty tree")]
    EmptyRoot,
}

/// Why a later checkpoint does not continue an earlier one. All but `Proof` are evidence against the log if both are
/// signed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrowthError {
    /// It is smaller: an old one shown again, or a log cut short.
    #[error("the log had {earlier} entries and now shows {later}")]
    Shrunk {
        /// Size accepted before.
        earlier: u64,
        /// Size now shown.
        later: u64,
    },
    /// Of the same size but with another root: the log shows different views.
    #[error("the log shows another root for the same {size} entries")]
    Split {
        /// The size of both.
        size: u64,
    },
    /// Nothing proves that it has the earlier one's entries.
    #[error("it is not proved that the earlier entries are still there")]
    Proof(#[source] ProofError),
}

impl Checkpoint {
    /// A checkpoint of the log with this origin, without further lines.
    ///
    /// # Errors
    /// An origin that is empty or has control characters.
    pub fn new(origin: &str, head: Head) -> Result<Self, CheckpointError> {
        if !is_line(origin) {
            return Err(CheckpointError::Origin);
        }
        Ok(Self {
            origin: origin.to_owned(),
            head,
            extensions: Vec::new(),
        })
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Further lines. No one but the log vouches for them.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs it. A log never signs two that do not continue each other: the caller sees to that.
    ///
    /// # Errors
    /// A checkpoint too long for a note.
    pub fn sign(&self, signer: &Signer) -> Result<Note, NoteError> {
        let mut note = Note::new(&self.to_string())?;
        note.add(signer.sign(&note));
        Ok(note)
    }

    /// Reads the text of a note as a checkpoint, whoever signed it.
    ///
    /// # Errors
    /// A text that is none.
    pub fn of_note(note: &Note) -> Result<Self, CheckpointError> {
        note.text().parse()
    }

    /// Reads a signed checkpoint of the log whose key is given, and gives it with its note, which may have cosignatures.
    ///
    /// # Errors
    /// Anything not signed by that key; a checkpoint of another origin than the key's name.
    pub fn open(bytes: &[u8], key: &VerifierKey) -> Result<(Self, Note), OpenError> {
        let note = Note::parse(bytes).map_err(OpenError::Note)?;
        note.verify(std::slice::from_ref(key))
            .map_err(OpenError::Signature)?;
        let checkpoint = Self::of_note(&note).map_err(OpenError::Checkpoint)?;
        if checkpoint.origin != key.name().as_str() {
            let (found, wanted) = (checkpoint.origin, key.name().clone());
            return Err(OpenError::Origin { found, wanted });
        }
        if checkpoint.head.size == 0 && checkpoint.head != Head::EMPTY {
            return Err(OpenError::EmptyRoot);
        }
        Ok((checkpoint, note))
    }
}

/// Whether a log's later head continues the earlier one: refuses what is replayed, cut short, or another view.
///
/// `proof` is empty where the earlier tree is empty or of the same size.
///
/// # Errors
/// It does not, or that is not proved.
pub fn check_growth(earlier: &Head, later: &Head, proof: &[Hash]) -> Result<(), GrowthError> {
    if later.size < earlier.size {
        let (earlier, later) = (earlier.size, later.size);
        return Err(GrowthError::Shrunk { earlier, later });
    }
    if later.size == earlier.size && later.root != earlier.root {
        let size = later.size;
        return Err(GrowthError::Split { size });
    }
    if earlier.size == 0 {
        let found = proof.len();
        let length = ProofError::Length { needed: 0, found };
        return if found == 0 {
            Ok(())
        } else {
            Err(GrowthError::Proof(length))
        };
    }
    proofs::verify_consistency(earlier, later, proof).map_err(GrowthError::Proof)
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Cut)?;
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Cut);
        };
        let size = texts::decimal(size).ok_or(CheckpointError::Size)?;
        let root = root.parse().ok().ok_or(CheckpointError::Root)?;
        let mut checkpoint = Self::new(origin, Head { size, root })?;
        for (number, line) in (4..).zip(lines) {
            if !is_line(line) {
                return Err(CheckpointError::Extension { number });
            }
            checkpoint.extensions.push(line.to_owned());
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{}\n{}\n{}", self.origin, self.head.size, self.head.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(to, "{line}"))
    }
}

/// Not empty, and nothing that a note may not have.
fn is_line(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte >= b' ')
}
