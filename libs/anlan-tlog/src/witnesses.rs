//! Witnesses: the call `add-checkpoint` from both sides (C2SP tlog-witness), as bytes and decisions. No network, no clock
//! and no memory: the caller sends and receives, gives the time, and keeps the last head of each origin.
//!
//! # The witness
//! [`Request::decode`] reads a request. The caller looks up what it knows of [`Request::origin`], and [`judge`] decides. If
//! it accepts, the caller replaces the head it had by the new one, durably and only if it is still the one that was judged
//! by (compare and set in one transaction); then [`Accepted::cosign`] gives the answer. Signing first and losing
//! the head would let a log show two views.
//!
//! | status | when |
//! |---|---|
//! | 200 | the checkpoint continues the last one; cosignatures in the body |
//! | 400 | the request is malformed, or the old size is beyond the checkpoint's |
//! | 403 | no trusted key of the origin signed it, or one did so wrongly |
//! | 404 | the origin is not known |
//! | 409 | the old size is not that of the last checkpoint; that size in the body, as `text/x.tlog.size` |
//! | 422 | the proof is wrong, or another root for the same size, or for no entries |
//!
//! # The log
//! [`Request::new`] and `Display` make a request; [`Request::next`] says what an answer means: keep the cosignatures, ask
//! again from another size, or give up.

mod answers;
mod judging;
mod requests;

pub use answers::{Answer, GaveUp, Next, Reply};
pub use judging::{Accepted, Known, RefusedRequest, judge};
pub use requests::{OLD_PROOF_MAX, REQUEST_BYTES_MAX, Request, RequestError};
