//! What a witness decides, and why. A pure function of what it knew and what it was asked.

use super::{Answer, Request, RequestError};
use crate::checkpoints::{GrowthError, check_growth};
use crate::cosignatures::{Cosigner, TimeBeyond};
use crate::notes::{Note, Refusal, VerifierKey};
use crate::trees::Head;

/// What a witness knows of one log.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// The keys it trusts for that origin. A checkpoint needs a signature of one of them.
    pub keys: &'k [VerifierKey],
    /// The head it cosigned last; [`Head::EMPTY`] if none.
    pub head: Head,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedRequest {
    /// 400: not a request at all.
    #[error("malformed")]
    Malformed(#[from] RequestError),
    /// 400: the proof would begin beyond the checkpoint.
    #[error("the old size {old} is beyond the checkpoint's {size}")]
    OldBeyond {
        /// Old size of the request.
        old: u64,
        /// Size of its checkpoint.
        size: u64,
    },
    /// 404: no log of this origin is known.
    #[error("the log {0} is not known")]
    UnknownOrigin(String),
    /// 403: no trusted key has signed it, or one has wrongly.
    #[error("not signed by a key trusted for this log")]
    Untrusted(#[source] Refusal),
    /// 409: the proof does not begin where the last cosigned checkpoint ends.
    #[error("the last cosigned size is {size}")]
    Conflict {
        /// Size of the last cosigned checkpoint.
        size: u64,
    },
    /// 422: it does not continue the last cosigned checkpoint.
    #[error("it does not continue the last cosigned checkpoint")]
    NoGrowth(#[source] GrowthError),
    /// 422: a log without entries has another root than the empty tree.
    #[error("the root of a log without entries is not that of the empty tree")]
    EmptyRoot,
}

/// A request that is granted, once its head is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted<'r> {
    /// The head to keep for this origin, instead of the one that was judged by, before anything is answered.
    pub head: Head,
    note: &'r Note,
}

/// Decides on a request. `known` is what the witness knows of [`Request::origin`], if anything.
///
/// # Errors
/// Every refusal of the specification, in its order: 404, 403, 400, 409, 422.
pub fn judge<'r>(request: &'r Request, known: Option<Known<'_>>) -> Result<Accepted<'r>, RefusedRequest> {
    let unknown = || RefusedRequest::UnknownOrigin(request.origin().to_owned());
    let known = known.ok_or_else(unknown)?;
    request
        .note()
        .verify(known.keys)
        .map_err(RefusedRequest::Untrusted)?;
    let (old, head) = (request.old(), request.checkpoint().head());
    if old > head.size {
        let size = head.size;
        return Err(RefusedRequest::OldBeyond { old, size });
    }
    if old != known.head.size {
        let size = known.head.size;
        return Err(RefusedRequest::Conflict { size });
    }
    if head.size == 0 && head != Head::EMPTY {
        return Err(RefusedRequest::EmptyRoot);
    }
    check_growth(&known.head, &head, request.proof()).map_err(RefusedRequest::NoGrowth)?;
    let note = request.note();
    Ok(Accepted { head, note })
}

impl Accepted<'_> {
    /// The answer, cosigned at this time, in POSIX seconds, by each of the witness's keys.
    ///
    /// # Errors
    /// A time that no cosignature can have.
    pub fn cosign(&self, cosigners: &[Cosigner], time: u64) -> Result<Answer, TimeBeyond> {
        let signatures = cosigners.iter().map(|cosigner| cosigner.cosign(self.note, time));
        Ok(Answer::Cosigned(signatures.collect::<Result<_, _>>()?))
    }
}

impl RefusedRequest {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::OldBeyond { .. } => 400,
            Self::Untrusted(_) => 403,
            Self::UnknownOrigin(_) => 404,
            Self::Conflict { .. } => 409,
            Self::NoGrowth(_) | Self::EmptyRoot => 422,
        }
    }

    /// Whether the request shows a log at fault: signed by it, and at odds with what it signed before. Worth keeping.
    pub fn is_evidence(&self) -> bool {
        let is_split = |error: &GrowthError| !matches!(error, GrowthError::Proof(_));
        matches!(self, Self::EmptyRoot) || matches!(self, Self::NoGrowth(error) if is_split(error))
    }
}
