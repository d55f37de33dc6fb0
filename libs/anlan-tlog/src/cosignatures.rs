//! Cosignatures: a witness says that, at a time, this was the largest consistent tree it had seen of a log (C2SP
//! tlog-cosignature, version 1, Ed25519). Whether that is so is decided in [`crate::witnesses`].
//!
//! What is signed is `cosignature/v1`, the time, and the whole text of the checkpoint. The signature in the note is the
//! time as eight bytes, the highest first, and then the 64 bytes of Ed25519. A key is for cosignatures or for plain notes,
//! never for both: the type of the key is part of its id.

use crate::notes::{Algorithm, KeyName, Note, Signature, Signer, SignerError, VerifierKey};
use zeroize::Zeroizing;

/// The latest time a cosignature can have, in POSIX seconds: 2^63 - 1.
pub const TIME_MAX: u64 = i64::MAX as u64;

const TIME_BYTES: usize = 8;

/// What is wrong with the signature of a known key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Not as many bytes as a signature of this type has.
    #[error("it has {found} bytes; 64 are needed, and 8 before them for the time of a cosignature")]
    Length {
        /// How many it has, without a time.
        found: usize,
    },
    /// The time is later than any there is.
    #[error("its time {0} is beyond 2^63 - 1")]
    Time(u64),
    /// It is not this key's signature on this text.
    #[error("it is not this key's signature on this text")]
    Wrong,
}

/// A time that no cosignature can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time {0} is beyond 2^63 - 1")]
pub struct TimeBeyond(pub u64);

/// A secret Ed25519 key with its name, for cosignatures: a witness's key.
#[derive(Debug, Clone)]
pub struct Cosigner(Signer);

impl Cosigner {
    /// From 32 random bytes, which are the secret. They must not be those of any other key: what is signed does not say
    /// who signs.
    pub fn new(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(Signer::of_algorithm(name, Algorithm::Cosignature, seed))
    }

    /// From the text of a secret key, `PRIVATE+KEY+name+id+base64(4, seed)`.
    ///
    /// # Errors
    /// Any other text.
    pub fn from_secret_text(text: &str) -> Result<Self, SignerError> {
        Signer::parse(Algorithm::Cosignature, text).map(Self)
    }

    /// The text of the secret key: keep it secret.
    pub fn secret_text(&self) -> Zeroizing<String> {
        self.0.secret_text()
    }

    /// The public key that verifies what it signs.
    pub fn key(&self) -> &VerifierKey {
        self.0.key()
    }

    /// Cosigns the text of a checkpoint at this time, in POSIX seconds. Nothing is checked: see
    /// [`crate::witnesses::judge`].
    ///
    /// # Errors
    /// A time beyond [`TIME_MAX`].
    pub fn cosign(&self, checkpoint: &Note, time: u64) -> Result<Signature, TimeBeyond> {
        if time > TIME_MAX {
            return Err(TimeBeyond(time));
        }
        let signature = self.0.sign_bytes(message(time, checkpoint.text()).as_bytes());
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        Ok(Signature::new(self.key(), bytes))
    }
}

/// What is signed.
pub(crate) fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// Time and Ed25519 signature.
pub(crate) fn split(bytes: &[u8]) -> Result<(u64, &[u8]), SignatureFault> {
    let found = bytes.len();
    let (time, rest) = bytes
        .split_first_chunk::<TIME_BYTES>()
        .ok_or(SignatureFault::Length { found })?;
    let time = u64::from_be_bytes(*time);
    if time > TIME_MAX {
        Err(SignatureFault::Time(time))
    } else {
        Ok((time, rest))
    }
}
