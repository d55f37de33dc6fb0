//! Those who sign notes, and the text of their secret keys. Secrets come from the caller, are never shown by `Debug`, and are
//! wiped from memory when dropped.

use super::keys::{parse_id, typed};
use super::{Algorithm, KeyName, KeyNameError, Note, Signature, VerifierKey};
use crate::texts;
use ed25519_dalek::{Signer as _, SigningKey};
use std::fmt;
use zeroize::Zeroizing;

/// What a secret key's text begins with, as in the Go checksum database.
const PREFIX: &str = "PRIVATE+KEY+";

/// A secret Ed25519 key with its name, for notes: a log's key.
#[derive(Clone)]
pub struct Signer {
    secret: SigningKey,
    key: VerifierKey,
}

/// Why a text is not a secret key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// Not of the form that [`Signer::secret_text`] has.
    #[error("not of the form `PRIVATE+KEY+name+id+base64`")]
    Form,
    /// What stands for the name is none.
    #[error("the key's name is not one")]
    Name(#[source] KeyNameError),
    /// The key is for something else.
    #[error("the key is of type {found}, not {wanted}")]
    Algorithm {
        /// Type that is needed.
        wanted: u8,
        /// Type that it has.
        found: u8,
    },
    /// The id is not that of the key.
    #[error("the id of this key is {0:08x}")]
    Id(u32),
}

impl Signer {
    /// From 32 random bytes, which are the secret (the seed of RFC 8032).
    pub fn new(name: KeyName, seed: &[u8; 32]) -> Self {
        Self::of_algorithm(name, Algorithm::Ed25519, seed)
    }

    /// From the text of a secret key, `PRIVATE+KEY+name+id+base64(type, seed)`.
    ///
    /// # Errors
    /// Any other text.
    pub fn from_secret_text(text: &str) -> Result<Self, SignerError> {
        Self::parse(Algorithm::Ed25519, text)
    }

    /// The text of the secret key: keep it secret.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(typed(self.key.algorithm(), self.secret.as_bytes()));
        let base64 = Zeroizing::new(texts::to_base64(&key));
        let (name, id) = (self.key.name(), self.key.id());
        Zeroizing::new(format!("{PREFIX}{name}+{id:08x}+{}", *base64))
    }

    /// The public key that verifies what it signs.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Signs the text of a note; [`Note::add`] puts the signature below it.
    pub fn sign(&self, note: &Note) -> Signature {
        Signature::new(&self.key, self.sign_bytes(note.text().as_bytes()).to_vec())
    }

    pub(crate) fn of_algorithm(name: KeyName, algorithm: Algorithm, seed: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(seed);
        let key = VerifierKey::trusted(name, algorithm, secret.verifying_key());
        Self { secret, key }
    }

    pub(crate) fn parse(wanted: Algorithm, text: &str) -> Result<Self, SignerError> {
        let rest = text.strip_prefix(PREFIX).ok_or(SignerError::Form)?;
        let (name, rest) = rest.split_once('+').ok_or(SignerError::Form)?;
        let (id, base64) = rest.split_once('+').ok_or(SignerError::Form)?;
        let name = name.parse().map_err(SignerError::Name)?;
        let id = parse_id(id).ok_or(SignerError::Form)?;
        let bytes = Zeroizing::new(texts::from_base64(base64).ok_or(SignerError::Form)?);
        let (found, seed) = bytes.split_first().ok_or(SignerError::Form)?;
        let (wanted_byte, found) = (wanted.byte(), *found);
        if found != wanted_byte {
            let wanted = wanted_byte;
            return Err(SignerError::Algorithm { wanted, found });
        }
        let seed = seed.try_into().ok().ok_or(SignerError::Form)?;
        let signer = Self::of_algorithm(name, wanted, seed);
        let right = signer.key.id();
        if right == id {
            Ok(signer)
        } else {
            Err(SignerError::Id(right))
        }
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Signer({})", self.key)
    }
}
