//! The vault: how to reach a reporter, sealed under a key of their own that the master key wraps. Erasing that key
//! erases the person. Plain text never touches the disk, and no other module may hold contact data.

use crate::body;
use crate::error::Error;
use crate::tx::Tx;
use anlan_model::incoming::Contact;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

const NONCE_BYTES: usize = 24;

/// One person in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SubjectId(pub i64);

/// The key that wraps every subject's own key.
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
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Puts a contact into the vault. One statement.
pub fn insert(tx: &mut Tx<'_>, contact: &Contact) -> Result<SubjectId, Error> {
    let mut key = [0; 32];
    fill(&mut key)?;
    let sealed = seal(&key, b"contact", body::write(contact)?.as_bytes())?;
    let wrapped = seal(&tx.home.vault.0, b"key", &key)?;
    let sql = "INSERT INTO contacts (key, sealed) VALUES (?1, ?2)";
    Ok(SubjectId(tx.insert(sql, &[(&wrapped).into(), (&sealed).into()])?))
}

/// Reads a contact; `None` if it was erased or never was.
pub fn find(tx: &mut Tx<'_>, subject: SubjectId) -> Result<Option<Contact>, Error> {
    let sql = "SELECT key, sealed FROM contacts WHERE subject = ?1 AND key IS NOT NULL";
    let found = tx.query_one(sql, &[subject.into()], |row| {
        Ok((row.blob(0)?.to_vec(), row.blob(1)?.to_vec()))
    })?;
    let Some((wrapped, sealed)) = found else {
        return Ok(None);
    };
    let key = unseal(&tx.home.vault.0, b"key", &wrapped)?;
    let key: [u8; 32] = key
        .try_into()
        .map_err(|_gone| Error::Vault("a data key has the wrong length"))?;
    let text = String::from_utf8(unseal(&key, b"contact", &sealed)?)
        .map_err(|_gone| Error::Vault("a contact is not text"))?;
    body::read(&text).map(Some)
}

/// Erases a person: their key and what it sealed are gone for good. `false` if they were erased before.
pub fn erase(tx: &mut Tx<'_>, subject: SubjectId, at: Timestamp) -> Result<bool, Error> {
    let sql =
        "UPDATE contacts SET key = NULL, sealed = x'', erased_at = ?2 WHERE subject = ?1 AND key IS NOT NULL";
    Ok(tx.exec(sql, &[subject.into(), at.into()])? == 1)
}

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_gone| Error::Vault("the machine gives no randomness"))
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

/// Nonce, then ciphertext; `what` keeps a wrapped key from being taken for a contact.
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

pub(crate) fn unseal(key: &[u8; 32], what: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let (nonce, text) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(Error::Vault("a sealed value is too short"))?;
    cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: what })
        .map_err(|_gone| Error::Vault("a sealed value does not open with this key"))
}
