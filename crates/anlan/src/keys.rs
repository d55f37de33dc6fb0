//! The node's own secret, made once and kept in a file only its owner may read. It is never printed or logged.

use anlan_store::folders;
use anyhow::{Context as _, bail};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// The node's secret: wraps the vault's keys and derives tracking codes.
pub(crate) fn load_or_make(folder: &Path) -> anyhow::Result<[u8; 32]> {
    let path = folder.join("node.key");
    match fs::read(&path) {
        Ok(bytes) => {
            let Ok(key) = <[u8; 32]>::try_from(bytes.as_slice()) else {
                bail!(
                    "{} is not a node key: it has {} bytes, not 32. Put back the right file; without it contacts cannot be read",
                    path.display(),
                    bytes.len()
                );
            };
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(folder, &path),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The file has its name only once it is whole and synced, and the name is synced before anything is sealed with the key.
fn make(folder: &Path, path: &Path) -> anyhow::Result<[u8; 32]> {
    let mut key = [0_u8; 32];
    getrandom::fill(&mut key).context("the machine gave no randomness")?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // The name is this process's own. One left behind by a process that had the same number is in nobody's way.
    let half = folder.join(format!(".node.key.{}", std::process::id()));
    let _ = fs::remove_file(&half);
    let written = options.open(&half).and_then(|mut file| {
        file.write_all(&key)?;
        file.sync_all()
    });
    // Unlike renaming, this replaces no key that another process has made meanwhile.
    let named = written.and_then(|()| fs::hard_link(&half, path));
    let _ = fs::remove_file(&half);
    named.with_context(|| format!("cannot make {}", path.display()))?;
    folders::sync(folder)?;
    Ok(key)
}

/// A derived key for one use, so that one key never serves two.
pub(crate) fn derive(secret: &[u8; 32], label: &str) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    hash.update(secret);
    hash.update(label.as_bytes());
    hash.finalize().into()
}
