//! This node as a witness of logs of others (C2SP tlog-witness): it cosigns a head only if that continues the one it cosigned
//! last, and keeps the new one before it answers. Nothing of anybody is read, so no access is noted.

use crate::accounts::hex;
use crate::{App, Error};
use anlan_store::witnesses::{self as kept, Witnessed};
use anlan_tlog::cosignatures::Cosigner;
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::trees::Head;
pub use anlan_tlog::witnesses::REQUEST_BYTES_MAX;
use anlan_tlog::witnesses::{Answer, Known, RefusedRequest, Request, judge};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Whom this node is a witness of, and by which key.
#[derive(Debug)]
pub struct Witness {
    cosigner: Cosigner,
    logs: Vec<VerifierKey>,
}

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub content_type: &'static str,
    /// Body.
    pub body: String,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status(),
            content_type: answer.content_type(),
            body: answer.body(),
        }
    }
}

impl Witness {
    /// A witness of these logs.
    pub fn new(cosigner: Cosigner, logs: Vec<VerifierKey>) -> Self {
        Self { cosigner, logs }
    }

    /// The key by which others verify its cosignatures.
    pub fn key(&self) -> &VerifierKey {
        self.cosigner.key()
    }

    /// The keys that are trusted for this origin.
    fn keys_of(&self, origin: &str) -> Vec<VerifierKey> {
        let known = self.logs.iter().filter(|key| key.name().as_str() == origin);
        known.cloned().collect()
    }

    /// The origin whose SHA-256 this is, in hexadecimal digits.
    fn origin_of(&self, hash: &str) -> Option<&str> {
        let mut origins = self.logs.iter().map(|key| key.name().as_str());
        origins.find(|origin| hash_of(origin) == hash)
    }
}

fn hash_of(origin: &str) -> String {
    hex(&Sha256::digest(origin.as_bytes()))
}

/// Answers `add-checkpoint`. Looking at the last head, judging and keeping the new one are one unit of work, durable before
/// anything is answered.
pub fn add_checkpoint(app: &App, witness: &Arc<Witness>, body: &[u8]) -> Result<Answered, Error> {
    let request = match Request::decode(body) {
        Ok(request) => Arc::new(request),
        Err(error) => return Ok(Answer::Refused(error.into()).into()),
    };
    let (by, asked, now) = (Arc::clone(witness), Arc::clone(&request), app.clock.now());
    let answer = app.store.write(move |tx| {
        let keys = by.keys_of(asked.origin());
        let last = kept::find(tx, asked.origin())?.map_or(Head::EMPTY, |last| last.head);
        let known = Known {
            keys: &keys,
            head: last,
        };
        let accepted = match judge(&asked, Some(known).filter(|_| !keys.is_empty())) {
            Ok(accepted) => accepted,
            Err(refused) => return Ok(Answer::Refused(refused)),
        };
        let time = u64::try_from(now.as_second()).unwrap_or(0);
        let beyond = |e: anlan_tlog::cosignatures::TimeBeyond| Error::Unavailable {
            detail: e.to_string(),
        };
        let answer = accepted
            .cosign(std::slice::from_ref(&by.cosigner), time)
            .map_err(beyond)?;
        let mut note = asked.note().clone();
        if let Answer::Cosigned(signatures) = &answer {
            for signature in signatures {
                note.add(signature.clone());
            }
        }
        let witnessed = Witnessed {
            head: accepted.head,
            checkpoint: note.to_string(),
            at: now,
        };
        kept::keep(tx, asked.origin(), &witnessed)?;
        Ok::<_, Error>(answer)
    })?;
    if let Answer::Refused(refused) = &answer {
        tell(&request, refused);
    }
    Ok(answer.into())
}

/// A log that contradicts itself is an alarm, with the evidence; everything else is a line.
fn tell(request: &Request, refused: &RefusedRequest) {
    let (origin, reason) = (request.origin(), Answer::Refused(refused.clone()).body());
    let reason = reason.trim_end();
    if refused.is_evidence() {
        let checkpoint = request.note().to_string();
        tracing::error!(
            origin,
            reason,
            checkpoint,
            "a log contradicts what it signed before"
        );
    } else {
        tracing::info!(origin, reason, "no cosignature");
    }
}

/// The last checkpoint that was cosigned of the log whose origin has this SHA-256, in hexadecimal digits.
pub fn checkpoint(app: &App, witness: &Witness, hash: &str) -> Result<String, Error> {
    let missing = Error::Missing { what: "log" };
    let Some(origin) = witness.origin_of(hash) else {
        return Err(missing);
    };
    let last = app.store.read(|tx| kept::find(tx, origin).map_err(Error::from))?;
    last.map(|last| last.checkpoint).ok_or(missing)
}
