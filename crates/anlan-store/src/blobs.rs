//! Bytes too large for rows: files named after their own SHA-256, written and synced before any row speaks of them.
//! The same bytes are kept once. What they are is their owner's business.

use crate::error::Error;
use crate::folders;
use crate::migrations::hex;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const DIGEST_CHARS: usize = 64;
static TEMPORARY: AtomicU64 = AtomicU64::new(0);

/// Keeps the bytes and answers their digest, which is their name from now on.
pub(crate) fn put(folder: &Path, bytes: &[u8]) -> Result<String, Error> {
    let digest = hex(&Sha256::digest(bytes));
    let path = place(folder, &digest)?;
    let parent = path.parent().unwrap_or(folder);
    if path.exists() {
        // Whoever put it there may not have synced its name yet, or may have ended before.
        sync_folders(folder, parent)?;
        return Ok(digest);
    }
    fs::create_dir_all(parent).map_err(|e| Error::file(parent, e))?;
    // The name is this process's own, so that two writers of the same bytes never share a half-written file.
    let turn = TEMPORARY.fetch_add(1, Ordering::Relaxed);
    let half = parent.join(format!(".{digest}.{}.{turn}", std::process::id()));
    let written = write_synced(&half, bytes).and_then(|()| fs::rename(&half, &path));
    written.map_err(|e| {
        // What is left of a half-written file is in nobody's way; the first error is the one that matters.
        let _ = fs::remove_file(&half);
        Error::file(&path, e)
    })?;
    sync_folders(folder, parent)?;
    Ok(digest)
}

/// Reads the bytes back and checks them against their name.
pub(crate) fn get(folder: &Path, digest: &str) -> Result<Vec<u8>, Error> {
    let path = place(folder, digest)?;
    let bytes = fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::missing("blob", digest),
        _ => Error::file(&path, e),
    })?;
    if hex(&Sha256::digest(&bytes)) == digest {
        return Ok(bytes);
    }
    Err(Error::Corrupt(format!(
        "blob {digest} does not have the bytes its name says"
    )))
}

/// Removes the bytes for good; `false` if they were gone already.
pub(crate) fn remove(folder: &Path, digest: &str) -> Result<bool, Error> {
    let path = place(folder, digest)?;
    match fs::remove_file(&path) {
        Ok(()) => {
            folders::sync(path.parent().unwrap_or(folder))?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file(&path, error)),
    }
}

/// The digests of blobs written longer ago than this. Half-written files of that age are removed: whoever wrote them is gone.
pub(crate) fn older(folder: &Path, age: Duration) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for part in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&part)? {
            let is_old = folders::is_older(&path, age);
            match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if is_old && is_digest(name) => all.push(name.to_owned()),
                Some(name) if is_old && name.starts_with('.') => {
                    fs::remove_file(&path).map_err(|e| Error::file(&path, e))?;
                }
                _ => {}
            }
        }
    }
    Ok(all)
}

/// Whether the bytes are there.
pub(crate) fn exists(folder: &Path, digest: &str) -> Result<bool, Error> {
    Ok(place(folder, digest)?.is_file())
}

/// Every blob's digest, in no order.
pub(crate) fn list(folder: &Path) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for part in entries(folder)? {
        if part.is_dir() {
            let names = entries(&part)?
                .into_iter()
                .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
            all.extend(names.filter(|name| is_digest(name)));
        }
    }
    Ok(all)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = || {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()
    };
    read().map_err(|e| Error::file(folder, e))
}

fn is_digest(text: &str) -> bool {
    text.len() == DIGEST_CHARS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a blob lies. Only a digest is taken, so that no path can be smuggled in.
fn place(folder: &Path, digest: &str) -> Result<PathBuf, Error> {
    match digest.get(..2) {
        Some(part) if is_digest(digest) => Ok(folder.join(part).join(digest)),
        _ => Err(Error::Invalid("not a blob's digest".to_owned())),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A new name is durable only once its folder is.
fn sync_folders(folder: &Path, parent: &Path) -> Result<(), Error> {
    folders::sync(parent)?;
    folders::sync(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_and_damage_shows() {
        let folder = tempfile::tempdir().unwrap();
        let digest = put(folder.path(), b"photo").unwrap();
        assert_eq!(put(folder.path(), b"photo").unwrap(), digest);
        assert_eq!(get(folder.path(), &digest).unwrap(), b"photo");
        assert_eq!(list(folder.path()).unwrap(), std::slice::from_ref(&digest));
        fs::write(place(folder.path(), &digest).unwrap(), b"other").unwrap();
        assert!(matches!(get(folder.path(), &digest), Err(Error::Corrupt(_))));
    }

    #[test]
    fn only_digests_are_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "ab", "../../etc/passwd", &"z".repeat(64), &"é".repeat(32)] {
            assert!(
                matches!(get(folder.path(), name), Err(Error::Invalid(_))),
                "{name}"
            );
        }
        assert!(matches!(
            get(folder.path(), &"a".repeat(64)),
            Err(Error::Missing { .. })
        ));
    }
}
