//! Verifies a log's folder as anyone may who has it and the log's key: every entry hashed, every tile compared, the root
//! against the signature. Nothing of a node is needed.

use super::Fault;
use super::files::{CHECKPOINT, COSIGNED, Folder, KEY};
use super::keeping::chain;
use crate::accesses::Leaf;
use anlan_tlog::bundles;
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::proofs::ReadTile as _;
use anlan_tlog::tiles::{TILE_WIDTH, Tile};
use anlan_tlog::trees::{Head, NewTile, Tree};
use std::path::Path;

/// Hears how much is done, of all.
pub type Told<'a> = &'a mut dyn FnMut(u64, u64);

/// Verifies the folder; the head that its checkpoint has.
pub fn verify_folder(folder: &Path, key: &VerifierKey, told: Told<'_>) -> Result<Head, Fault> {
    walk(&Folder::new(folder), key, &mut |entries| {
        for (entry, bytes) in (entries.first..).zip(&entries.bytes) {
            Leaf::decode(bytes).map_err(|e| Fault::wrong(format!("entry {entry}"), e))?;
        }
        told(entries.first, entries.all);
        Ok(())
    })
}

/// Some entries, one after another.
pub(super) struct Entries {
    /// Number of the first in the log.
    pub(super) first: u64,
    pub(super) bytes: Vec<Vec<u8>>,
    /// How many the log has.
    pub(super) all: u64,
}

/// Goes through the whole log, bundle by bundle, and hands over what its tiles agree to. Takes little memory.
pub(super) fn walk(
    folder: &Folder,
    key: &VerifierKey,
    each: &mut dyn FnMut(&Entries) -> Result<(), Fault>,
) -> Result<Head, Fault> {
    let head = signed(CHECKPOINT, &folder.needed(CHECKPOINT)?, key)?;
    told_right(folder, key, &head)?;
    let mut tree = Tree::new();
    for bundle in bundles::of_log(head.size) {
        let bytes = folder.entries(bundle)?;
        let leaves = bytes.iter().map(|entry| Hash::of_leaf(entry));
        let new = tree.grow(leaves).map_err(|e| Fault::wrong(CHECKPOINT, e))?;
        // Of levels above, each bundle gives a fuller tile; those of the signed tree are the files.
        let is_in_tree = |tile: Tile| Tile::in_tree(tile.level(), tile.index(), head.size) == Some(tile);
        new.iter()
            .filter(|new| is_in_tree(new.tile))
            .try_for_each(|new| check_tile(folder, new))?;
        let first = bundle.index().saturating_mul(u64::from(TILE_WIDTH));
        let all = head.size;
        each(&Entries { first, bytes, all })?;
    }
    if tree.head() == head {
        return Ok(head);
    }
    Err(Fault::wrong(CHECKPOINT, "its root is not that of the entries"))
}

/// The head that a file of the log is signed for.
fn signed(path: &str, bytes: &[u8], key: &VerifierKey) -> Result<Head, Fault> {
    let opened = Checkpoint::open(bytes, key);
    let (checkpoint, _) =
        opened.map_err(|e| Fault::wrong(path, format!("{}; the key is {key}", chain(&e))))?;
    Ok(checkpoint.head())
}

/// What else lies beside the checkpoint, where it does: the key as others are told it, and the newest cosigned head.
fn told_right(folder: &Folder, key: &VerifierKey, head: &Head) -> Result<(), Fault> {
    if let Some(text) = folder.read(KEY)?
        && text != format!("{key}\n").as_bytes()
    {
        return Err(Fault::wrong(KEY, format!("it is not the key {key}")));
    }
    if let Some(bytes) = folder.read(COSIGNED)?
        && signed(COSIGNED, &bytes, key)?.size > head.size
    {
        return Err(Fault::wrong(COSIGNED, "it is newer than the checkpoint"));
    }
    Ok(())
}

fn check_tile(folder: &Folder, right: &NewTile) -> Result<(), Fault> {
    let tile = right.tile;
    let wrong = |reason: String| Fault::wrong(tile.path(), reason);
    let found = folder.tile(tile)?;
    let found = tile.hashes(&found).map_err(|e| wrong(e.to_string()))?;
    let expected = tile.hashes(&right.bytes).map_err(|e| wrong(e.to_string()))?;
    let mut pairs = found.iter().zip(&expected);
    let Some(at) = pairs.position(|(found, expected)| found != expected) else {
        return Ok(());
    };
    let number = tile.index().saturating_mul(u64::from(TILE_WIDTH));
    let number = number.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
    Err(wrong(if tile.level() == 0 {
        format!("hash {at} is not that of entry {number} in the bundle beside it")
    } else {
        format!("hash {at} is not that of what lies below it")
    }))
}
