//! The log's files: read within bounds, written so that they are whole or absent, and never written over with other
//! bytes. What they mean is not known here.

use super::Fault;
use crate::error::Error;
use crate::folders;
use crate::store::Store;
use anlan_tlog::bundles::{BUNDLE_BYTES_MAX, Bundle, Resource};
use anlan_tlog::hashes::HASH_BYTES;
use anlan_tlog::notes::NOTE_BYTES_MAX;
use anlan_tlog::proofs::ReadTile;
use anlan_tlog::tiles::{TILE_BYTES, Tile, TileFault};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The signed head; the only file that is replaced.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// The key that the log is signed with, as others are told it.
pub(super) const KEY: &str = "key";
/// The newest head that enough witnesses have cosigned.
pub(super) const COSIGNED: &str = "cosigned";
/// The folder of everything else that is published.
pub(super) const TILES: &str = "tile";
/// There where the database comes from a backup.
pub(super) const RESTORED: &str = "restored";
const LOCK: &str = "lock";
/// Only the one keeper writes, so one name is enough.
const HALF: &str = ".new";
const NOT_THERE: &str = "the file is not there";

/// A folder with a log.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// What a published file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A signed head or the key, which change.
    Checkpoint,
    /// Hashes or entries, which never change.
    Tile,
}

/// A file of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The file at this path below the log's address; `None` for all that is not there, and for paths that name nothing.
pub fn published(store: &Store, path: &str) -> Result<Option<Published>, Error> {
    Folder::of(store).published(path)
}

/// The same for a folder of any log.
pub fn published_in(folder: &Path, path: &str) -> Result<Option<Published>, Error> {
    Folder::new(folder).published(path)
}

/// What a path names, in the one spelling, and its kind.
fn name_of(path: &str) -> Option<(String, Kind)> {
    if [KEY, COSIGNED].contains(&path) {
        return Some((path.to_owned(), Kind::Checkpoint));
    }
    let resource = Resource::parse(path).ok()?;
    let kind = match resource {
        Resource::Checkpoint => Kind::Checkpoint,
        Resource::Tile(_) | Resource::Bundle(_) => Kind::Tile,
    };
    Some((resource.path(), kind))
}

/// Notes beside a database that it was restored, so that no log is begun under a name that may have signed more.
pub(crate) fn mark_restored(home: &Path) -> Result<(), Error> {
    let folder = Folder(home.join("log"));
    folders::make(&folder.0)?;
    folder.replace(RESTORED, b"")
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn of(store: &Store) -> Self {
        let home = store.path().parent().unwrap_or(Path::new("."));
        Self(home.join("log"))
    }

    /// Makes the folder where there is none, and keeps every other keeper out for as long as the file lives.
    pub(super) fn lock(&self) -> Result<File, Fault> {
        folders::make(&self.0)?;
        let path = self.0.join(LOCK);
        let file = File::create(&path).map_err(|e| Error::file(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Fault::Locked(path.display().to_string())),
            Err(TryLockError::Error(e)) => Err(Error::file(&path, e).into()),
        }
    }

    fn published(&self, path: &str) -> Result<Option<Published>, Error> {
        let Some((name, kind)) = name_of(path) else {
            return Ok(None);
        };
        let bytes = self.read(&name)?.filter(|bytes| !bytes.is_empty());
        Ok(bytes.map(|bytes| Published { kind, bytes }))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }

    /// A file's bytes, no more than any file of a log may have and one; `None` if it is not there.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let most = BUNDLE_BYTES_MAX.max(NOTE_BYTES_MAX).max(TILE_BYTES) + 1;
        let path = self.0.join(path);
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| {
            file.take(u64::try_from(most).unwrap_or(u64::MAX))
                .read_to_end(&mut bytes)
        });
        match read {
            Ok(_) => Ok(Some(bytes)),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(e) => Err(Error::file(&path, e)),
        }
    }

    /// A bundle's entries: of itself, or the first of the full one, once there is that.
    pub(super) fn entries(&self, bundle: Bundle) -> Result<Vec<Vec<u8>>, Fault> {
        let width = usize::from(bundle.width());
        let (is_full, bytes) = self.itself_or_full(&bundle.path(), &bundle.full().path())?;
        let found = if is_full { bundle.full() } else { bundle };
        let entries = found.entries(&bytes).map_err(|e| Fault::wrong(found.path(), e))?;
        Ok(entries.into_iter().take(width).map(<[u8]>::to_vec).collect())
    }

    /// A file, or the full one; the answer says which.
    fn itself_or_full(&self, path: &str, full: &str) -> Result<(bool, Vec<u8>), Fault> {
        if let Some(bytes) = self.read(path)? {
            return Ok((false, bytes));
        }
        let full = self.read(full)?.map(|bytes| (true, bytes));
        full.ok_or_else(|| Fault::wrong(path, NOT_THERE))
    }

    pub(super) fn needed(&self, path: &str) -> Result<Vec<u8>, Fault> {
        self.read(path)?.ok_or_else(|| Fault::wrong(path, NOT_THERE))
    }

    /// Writes a file that stays as it is for ever. One that is there must have these bytes. Durable after `names.sync`.
    pub(super) fn place(&self, path: &str, bytes: &[u8], names: &mut Names) -> Result<(), Fault> {
        let target = self.0.join(path);
        let parent = target.parent().unwrap_or(&self.0);
        match self.read(path)? {
            Some(found) if found == bytes => {}
            Some(_) => {
                let reason = "the file is there already and has other bytes than the database gives; it stays, and nothing is signed";
                return Err(Fault::wrong(path, reason));
            }
            None => {
                if !names.durable.contains(parent) {
                    fs::create_dir_all(parent).map_err(|e| Error::file(parent, e))?;
                }
                let half = parent.join(HALF);
                write_synced(&half, bytes)
                    .and_then(|()| fs::rename(&half, &target))
                    .map_err(|e| Error::file(&target, e))?;
            }
        }
        names.came_into(parent, &self.0);
        Ok(())
    }

    /// Replaces a file at once and durably.
    pub(super) fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let (half, target) = (self.0.join(HALF), self.0.join(path));
        write_synced(&half, bytes)
            .and_then(|()| fs::rename(&half, &target))
            .map_err(|e| Error::file(&target, e))?;
        folders::sync(&self.0)
    }

    /// Removes the partial forms of a file that is full now: whoever still wants one takes its beginning.
    pub(super) fn drop_partial(&self, full: &str, names: &mut Names) {
        let folder = self.0.join(format!("{full}.p"));
        names.durable.remove(&folder);
        // What is left lies in nobody's way.
        let _ = fs::remove_dir_all(folder);
    }
}

/// Folders of the log by what is known of names: a new one is durable only once the folder that has it is synced.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Folders that may have new names in them.
    new_in: BTreeSet<PathBuf>,
    /// Folders whose own name, and those of the folders above, have been made durable here.
    durable: BTreeSet<PathBuf>,
}

impl Names {
    /// A name came into a folder of the log at `top`.
    fn came_into(&mut self, folder: &Path, top: &Path) {
        if self.durable.contains(folder) {
            self.new_in.insert(folder.to_owned());
            return;
        }
        // Those above too: whoever made them may have ended before they were synced.
        let own = folder.ancestors().take_while(|path| path.starts_with(top));
        self.new_in.extend(own.map(Path::to_owned));
    }

    /// Makes all names durable.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        self.new_in.iter().try_for_each(|folder| folders::sync(folder))?;
        self.durable.append(&mut self.new_in);
        Ok(())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A tile's bytes, or those of the full one.
impl ReadTile for Folder {
    type Error = Fault;

    fn tile(&self, tile: Tile) -> Result<Cow<'_, [u8]>, Fault> {
        let (is_full, bytes) = self.itself_or_full(&tile.path(), &tile.full().path())?;
        let found = if is_full { tile.full() } else { tile };
        if bytes.len() != usize::from(found.width()) * HASH_BYTES {
            let bytes = bytes.len();
            return Err(Fault::wrong(found.path(), TileFault { tile: found, bytes }));
        }
        Ok(Cow::Owned(bytes))
    }
}
