//! Names and public keys of those who sign notes, and their text (C2SP signed-note, "Verifier keys"). No secret is here.

use crate::cosignatures::{self, SignatureFault};
use crate::texts;
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The name of a key: not empty, without Unicode spaces, plus signs and ASCII control characters. Best an address without
/// scheme, as in `example.com/log`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

/// Why a text is not a key's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyNameError {
    /// There is no character.
    #[error("it is empty")]
    Empty,
    /// A space, a plus sign or a control character.
    #[error("the character U+{:04X} may not stand in a name", u32::from(*.0))]
    Character(char),
}

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        let is_wrong = |c: &char| c.is_whitespace() || *c < ' ' || *c == '+';
        if text.is_empty() {
            return Err(KeyNameError::Empty);
        }
        let wrong = text.chars().find(is_wrong);
        wrong.map_or_else(|| Ok(Self(text.to_owned())), |c| Err(KeyNameError::Character(c)))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// What a key signs, and how: the specification's "signature type".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ed25519 over the text of the note: type 1.
    Ed25519,
    /// Ed25519 over a time and the text of a checkpoint: type 4 (C2SP tlog-cosignature).
    Cosignature,
}

impl Algorithm {
    /// The byte that stands for it in keys and key ids.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        let all = [Self::Ed25519, Self::Cosignature];
        all.into_iter().find(|one| one.byte() == byte)
    }
}

/// A public key with its name: what a verifier trusts. Its text is `name+hex(id)+base64(type, key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: u32,
    algorithm: Algorithm,
    public: VerifyingKey,
}

/// Why a text or bytes are not a verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not three parts, or the id not of eight small hexadecimal digits, or the key not base64.
    #[error("not of the form `name+id+base64`")]
    Form,
    /// What stands for the name is none.
    #[error("the key's name is not one")]
    Name(#[source] KeyNameError),
    /// A signature type that is not known here.
    #[error("keys of type {0} are not known")]
    Algorithm(u8),
    /// The key has not the bytes its type has.
    #[error("the key has {0} bytes; 32 are needed")]
    Length(usize),
    /// The id is not that of the key.
    #[error("the id of this key is {0:08x}")]
    Id(u32),
    /// The bytes are not a point of the curve in its canonical encoding, or one of low order.
    #[error("the key is no point, or one that would verify nearly every text")]
    Weak,
}

impl VerifierKey {
    /// A key from its parts; see [`crate::notes`] for what is refused.
    ///
    /// # Errors
    /// Bytes that are no acceptable Ed25519 key.
    pub fn new(name: KeyName, algorithm: Algorithm, public: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(public).ok().ok_or(KeyError::Weak)?;
        let is_canonical = key.to_edwards().compress().as_bytes() == public;
        if key.is_weak() || !is_canonical {
            return Err(KeyError::Weak);
        }
        Ok(Self::trusted(name, algorithm, key))
    }

    pub(super) fn trusted(name: KeyName, algorithm: Algorithm, public: VerifyingKey) -> Self {
        let id = key_id(&name, algorithm, public.as_bytes());
        Self {
            name,
            id,
            algorithm,
            public,
        }
    }

    /// Its name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The first four bytes of `SHA-256(name || 0x0A || type || key)`. It tells keys apart and proves nothing.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key's bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.public.as_bytes()
    }

    /// Checks a signature of this key on the text of a note; gives its time if it has one.
    pub(super) fn check(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, SignatureFault> {
        match self.algorithm {
            Algorithm::Ed25519 => self.verify(text.as_bytes(), signature).map(|()| None),
            Algorithm::Cosignature => {
                let (time, signature) = cosignatures::split(signature)?;
                let message = cosignatures::message(time, text);
                self.verify(message.as_bytes(), signature).map(|()| Some(time))
            }
        }
    }

    /// Checks an Ed25519 signature on any bytes, by the rules at the top of [`crate::notes`]. A note is verified by
    /// [`Note::verify`](crate::notes::Note::verify).
    ///
    /// # Errors
    /// It is not this key's signature on these bytes.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        let found = signature.len();
        let signature = Ed25519Signature::from_slice(signature).ok();
        let signature = signature.ok_or(SignatureFault::Length { found })?;
        let verdict = self.public.verify_strict(message, &signature);
        verdict.ok().ok_or(SignatureFault::Wrong)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    /// Reads the text of a verifier key.
    ///
    /// # Errors
    /// Another form, an id that is not the key's, a type that is not known, a key that is not acceptable.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
        let name = name.parse().map_err(KeyError::Name)?;
        let id = parse_id(id).ok_or(KeyError::Form)?;
        let bytes = texts::from_base64(key).ok_or(KeyError::Form)?;
        let (algorithm, bytes) = bytes.split_first().ok_or(KeyError::Form)?;
        let algorithm = Algorithm::of(*algorithm).ok_or(KeyError::Algorithm(*algorithm))?;
        let public = bytes.try_into().ok().ok_or(KeyError::Length(bytes.len()))?;
        let key = Self::new(name, algorithm, public)?;
        if key.id == id {
            Ok(key)
        } else {
            Err(KeyError::Id(key.id))
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = typed(self.algorithm, self.as_bytes());
        write!(to, "{}+{:08x}+{}", self.name, self.id, texts::to_base64(&key))
    }
}

/// Eight hexadecimal digits, the letters small.
pub(super) fn parse_id(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(text, 16).ok()?;
    (is_plain && text.len() == 8).then_some(id)
}

/// The id of a key with this name.
pub(crate) fn key_id(name: &KeyName, algorithm: Algorithm, public: &[u8]) -> u32 {
    let hasher = Sha256::new()
        .chain_update(name.as_str())
        .chain_update([b'\n', algorithm.byte()]);
    let hash: [u8; 32] = hasher.chain_update(public).finalize().into();
    hash.first_chunk().map_or(0, |id| u32::from_be_bytes(*id))
}

/// A key's bytes behind the byte of its type.
pub(crate) fn typed(algorithm: Algorithm, key: &[u8]) -> Vec<u8> {
    [&[algorithm.byte()], key].concat()
}
