//! Sealing: XChaCha20-Poly1305 under a key of 32 bytes, the nonce in front. It keeps no key and knows no table.

use crate::error::Error;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const NONCE_BYTES: usize = 24;

/// The node's key: it wraps every subject's key in the vault and every case's key in the access log.
pub(crate) struct MasterKey([u8; 32]);

impl MasterKey {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A key for another use, so that one key never serves two.
    pub(crate) fn derive(&self, label: &[u8]) -> Result<[u8; 32], Error> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0);
        let mac = mac.map_err(|_gone| Error::Vault("the master key is not one"))?;
        Ok(mac.chain_update(label).finalize().into_bytes().into())
    }

    /// Wraps a key; it is unwrapped only as what it was wrapped as.
    pub(crate) fn wrap(&self, what: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, Error> {
        seal(&self.0, what, key)
    }

    /// The key that was wrapped as this.
    pub(crate) fn unwrap(&self, what: &[u8], wrapped: &[u8]) -> Result<[u8; 32], Error> {
        unseal(&self.0, what, wrapped)?
            .try_into()
            .map_err(|_gone| Error::Vault("a wrapped key has the wrong length"))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Fills with randomness of the machine's.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_gone| Error::Vault("the machine gives no randomness"))
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

/// Nonce, then ciphertext; `what` keeps one kind of sealed thing from being taken for another.
pub(crate) fn seal(key: &[u8; 32], what: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; NONCE_BYTES];
    fill(&mut nonce)?;
    let sealed = cipher(key)
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: plain,
                aad: what,
            },
        )
        .map_err(|_gone| Error::Vault("sealing failed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// What was sealed as this under this key.
pub(crate) fn unseal(key: &[u8; 32], what: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let (nonce, text) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(Error::Vault("a sealed value is too short"))?;
    cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: what })
        .map_err(|_gone| Error::Vault("a sealed value does not open with this key"))
}
