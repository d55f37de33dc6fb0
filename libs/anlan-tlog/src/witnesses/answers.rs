//! Answers to a request: as the witness writes them, and what they mean to the log that asked.

use super::{RefusedRequest, Request};
use crate::notes::{LineError, Note, NoteError, Refusal, Signature, VerifierKey};
use crate::texts;
use std::error::Error;

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: one cosignature or more.
    Cosigned(Vec<Signature>),
    /// Everything else.
    Refused(RefusedRequest),
}

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::Refused(refused) => refused.status(),
        }
    }

    /// The media type of the body.
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Refused(RefusedRequest::Conflict { .. }) => SIZE_TYPE,
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The body: signature lines, the witness's size, or the reason in words.
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(signatures) => {
                let lines: Vec<String> = signatures.iter().map(ToString::to_string).collect();
                format!("{}\n", lines.join("\n"))
            }
            Self::Refused(RefusedRequest::Conflict { size }) => format!("{size}\n"),
            Self::Refused(refused) => {
                let chain = std::iter::successors(Some(refused as &dyn Error), |&error| error.source());
                let words: Vec<String> = chain.map(ToString::to_string).collect();
                format!("{}\n", words.join(": "))
            }
        }
    }
}

const SIZE_TYPE: &str = "text/x.tlog.size";

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// HTTP status.
    pub status: u16,
    /// Media type, empty if none was told.
    pub content_type: &'a str,
    /// Body. The caller reads some tens of kilobytes at most.
    pub body: &'a [u8],
}

/// What to do with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Put these cosignatures below the checkpoint: they are right, and by keys that are trusted.
    Add(Vec<Signature>),
    /// Ask again with the proof from this size. The caller bounds how often.
    AskFrom(u64),
    /// The witness has seen a larger tree of this log. Either a newer checkpoint is under way, or the log has lost entries,
    /// or somebody else signs with its key.
    Ahead {
        /// The size it has seen.
        size: u64,
    },
}

/// Why an answer brings nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GaveUp {
    /// The witness refuses.
    #[error("the witness refuses with status {status}: {reason}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its words, 200 characters at most, without control characters.
        reason: String,
    },
    /// A conflict that tells no size, or the size that was asked from.
    #[error("the witness tells a conflict, but no other size to ask from")]
    NoSize,
    /// What stands for signature lines is none.
    #[error("the answer is not signature lines")]
    Lines(#[source] NoteError),
    /// The cosignatures are wrong, or by unknown keys only.
    #[error("the cosignatures are not those of the witness")]
    Cosignatures(#[source] Refusal),
    /// A trusted key has signed, but not as a witness does, or at a time that has not come.
    #[error("none of the witness's signatures is a cosignature made by the time {time_max}")]
    NotByThen {
        /// The latest time that was allowed.
        time_max: u64,
    },
}

impl Request {
    /// What the answer to this request means. `keys` are those of the witness that was asked; cosignatures later than
    /// `time_max`, in POSIX seconds, count for nothing (now and some minutes for clocks that differ).
    ///
    /// # Errors
    /// The answer brings neither cosignatures nor a size to ask from.
    pub fn next(&self, reply: Reply<'_>, keys: &[VerifierKey], time_max: u64) -> Result<Next, GaveUp> {
        match reply.status {
            200 => self.cosignatures(reply.body, keys, time_max).map(Next::Add),
            409 => self.conflict(reply),
            status => {
                let reason = words(reply.body);
                Err(GaveUp::Refused { status, reason })
            }
        }
    }

    fn conflict(&self, reply: Reply<'_>) -> Result<Next, GaveUp> {
        let text = std::str::from_utf8(reply.body).ok();
        let size = text
            .and_then(|text| text.strip_suffix('\n'))
            .and_then(texts::decimal);
        match size.filter(|_| reply.content_type == SIZE_TYPE) {
            Some(size) if size > self.checkpoint().head().size => Ok(Next::Ahead { size }),
            Some(size) if size != self.old() => Ok(Next::AskFrom(size)),
            _ => Err(GaveUp::NoSize),
        }
    }

    fn cosignatures(
        &self,
        body: &[u8],
        keys: &[VerifierKey],
        time_max: u64,
    ) -> Result<Vec<Signature>, GaveUp> {
        let whole = [self.note().text().as_bytes(), b"\n", body].concat();
        let note = Note::parse(&whole).map_err(GaveUp::Lines)?;
        // A body with a blank line would make another text of the checkpoint.
        if note.text() != self.note().text() {
            let error = LineError::Form;
            return Err(GaveUp::Lines(NoteError::Line { number: 1, error }));
        }
        let verified = note.verify(keys).map_err(GaveUp::Cosignatures)?;
        let mut right = note.signatures().to_vec();
        right.retain(|signature| {
            let mut own = verified.iter().filter(|one| signature.is_by(one.key));
            own.any(|one| one.time.is_some_and(|time| time <= time_max))
        });
        if right.is_empty() {
            Err(GaveUp::NotByThen { time_max })
        } else {
            Ok(right)
        }
    }
}

/// The beginning of a body, safe to log.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..1000).unwrap_or(body));
    let plain = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(200).collect()
}
