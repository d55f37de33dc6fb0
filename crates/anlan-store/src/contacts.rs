//! The vault: how to reach a reporter, sealed under a key of their own that the master key wraps. Erasing that key
//! erases the person. Plain text never touches the disk, and no other module may hold contact data.

use crate::body;
use crate::error::Error;
use crate::sealing::{fill, seal, unseal};
use crate::tx::Tx;
use anlan_model::incoming::Contact;
use jiff::Timestamp;

/// One person in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SubjectId(pub i64);

/// Puts a contact into the vault. One statement.
pub fn insert(tx: &mut Tx<'_>, contact: &Contact) -> Result<SubjectId, Error> {
    let mut key = [0; 32];
    fill(&mut key)?;
    let sealed = seal(&key, b"contact", body::write(contact)?.as_bytes())?;
    let wrapped = tx.home.vault.wrap(b"key", &key)?;
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
    let key = tx.home.vault.unwrap(b"key", &wrapped)?;
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
