//! The keeper: takes what accesses have been noted, writes it as bundles and tiles, and, when those are durable, signs. It
//! stops at the first thing that is not as it should be; whoever opens it again checks again.

use super::Fault;
use super::files::{CHECKPOINT, COSIGNED, Folder, KEY, Names, RESTORED, TILES};
use super::rows;
use crate::store::Store;
use anlan_tlog::bundles::{Bundle, LastBundle};
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, Signature, Signer, VerifierKey};
use anlan_tlog::proofs::{Plan, ReadTile as _, TileError, verify_inclusion};
use anlan_tlog::tiles::{TILE_WIDTH, Tile};
use anlan_tlog::trees::{Head, Tree};
use std::fs::File;

/// Entries between two checkpoints at most, so that catching up takes little memory.
const PORTION: u64 = 4096;

/// Keeps one node's log. There is one at a time: it holds a lock on the folder.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    folder: Folder,
    signer: Signer,
    tree: Tree,
    bundle: LastBundle,
    /// The row that is entry 0.
    begin: i64,
    /// The newest entry in the log: the database must go on having it.
    newest: Option<Vec<u8>>,
    names: Names,
    _lock: File,
}

impl Keeper {
    /// Goes on where the log's files end, or begins it. They are checked against the checkpoint, and their end against the
    /// database.
    pub fn open(store: &Store, signer: Signer) -> Result<Self, Fault> {
        let folder = Folder::of(store);
        let lock = folder.lock()?;
        let head = signed_head(&folder, &signer)?;
        let size = head.size;
        let tree = Tree::from_tiles(size, &folder).map_err(told)?;
        if head != tree.head() {
            let reason = "the tiles at the end of the tree do not give the root that was signed; `anlan log verify` names what is wrong";
            return Err(Fault::wrong("tile", reason));
        }
        let bundle = last_bundle(&folder, size)?;
        let begin = store.read(rows::begin)?;
        let newest = check_end(store, &folder, begin, tree.head())?;
        folder.replace(KEY, format!("{}\n", signer.key()).as_bytes())?;
        Ok(Self {
            store: store.clone(),
            folder,
            signer,
            tree,
            bundle,
            begin,
            newest,
            names: Names::default(),
            _lock: lock,
        })
    }

    /// Takes in all that the database has, and signs. The head that is signed now.
    pub fn follow(&mut self) -> Result<Head, Fault> {
        self.take_in(|_, count| count)
    }

    /// The same at the pace of a busy log: where whole bundles have come together, what begins the next one is left for the
    /// next call, so that no partial bundle and tile are written that are full a moment later. What is left is less than a
    /// bundle and comes first then: nothing waits for more than one call.
    pub fn keep_up(&mut self) -> Result<Head, Fault> {
        self.take_in(|size, count| {
            let end = size.saturating_add(count);
            let rest = end % u64::from(TILE_WIDTH);
            if rest < count { count - rest } else { count }
        })
    }

    /// Takes in as many of those that wait as `part` says of the log's size and their number.
    fn take_in(&mut self, part: fn(u64, u64) -> u64) -> Result<Head, Fault> {
        loop {
            let size = self.tree.size();
            // Full bundles at once, so that catching up leaves no partial ones behind.
            let most = PORTION - size % u64::from(TILE_WIDTH);
            let mut new = self.waiting(most)?;
            let count = u64::try_from(new.len()).unwrap_or(most);
            new.truncate(usize::try_from(part(size, count)).unwrap_or(usize::MAX));
            if !new.is_empty() {
                self.grow(&new)?;
            }
            // What came meanwhile is for the next call: whoever goes on while there is any signs for each single one.
            if count < most {
                return Ok(self.tree.head());
            }
        }
    }

    /// The first of the leaves that are not in the log yet, `most` of them.
    fn waiting(&self, most: u64) -> Result<Vec<Vec<u8>>, Fault> {
        let (size, known) = (self.tree.size(), u64::from(self.newest.is_some()));
        let mut leaves = self
            .store
            .read(|tx| rows::leaves(tx, self.begin, size - known, most + known))?;
        self.check_newest(&leaves)?;
        Ok(leaves.split_off(leaves.len().min(usize::try_from(known).unwrap_or(1))))
    }

    /// The newest entry of the log is still the one the database has in its place.
    fn check_newest(&self, leaves: &[Vec<u8>]) -> Result<(), Fault> {
        let log = self.tree.size();
        match (&self.newest, leaves.first()) {
            (None, _) => Ok(()),
            (Some(newest), Some(found)) if newest == found => Ok(()),
            (Some(_), Some(_)) => Err(other_entry(log - 1)),
            (Some(_), None) => {
                let database = self.store.read(|tx| rows::count(tx, self.begin))?;
                Err(Fault::Behind { log, database })
            }
        }
    }

    /// The head as it is signed now, for witnesses.
    pub fn signed(&self) -> Result<Note, Fault> {
        let bytes = self.folder.needed(CHECKPOINT)?;
        let opened = Checkpoint::open(&bytes, self.signer.key());
        opened
            .map(|(_, note)| note)
            .map_err(|e| Fault::wrong(CHECKPOINT, chain(&e)))
    }

    /// Publishes what witnesses have put below a head of this log: beside the newest one if it is still that, and, where
    /// they are enough, as the newest cosigned one. The caller has verified them.
    pub fn publish(&mut self, cosigned: &Note, is_enough: bool) -> Result<(), Fault> {
        let bytes = cosigned.to_string();
        let opened = Checkpoint::open(bytes.as_bytes(), self.signer.key());
        let (checkpoint, _) = opened.map_err(|e| Fault::wrong(CHECKPOINT, chain(&e)))?;
        let mut newest = self.signed()?;
        if newest.text() == cosigned.text() {
            let add = |signature: &Signature| newest.add(signature.clone());
            cosigned.signatures().iter().for_each(add);
            self.folder.replace(CHECKPOINT, newest.to_string().as_bytes())?;
        }
        let before = cosigned_head(&self.folder, self.signer.key())?.map_or(0, |(head, _)| head.size);
        if is_enough && checkpoint.head().size >= before {
            self.folder.replace(COSIGNED, bytes.as_bytes())?;
        }
        Ok(())
    }

    fn grow(&mut self, new: &[Vec<u8>]) -> Result<(), Fault> {
        // Kept only once all is durable.
        let (mut tree, mut bundle) = (self.tree.clone(), self.bundle.clone());
        let too_long = |e| Fault::wrong(format!("an entry after {}", self.tree.size()), e);
        let bundles = bundle.grow(new.iter().map(Vec::as_slice)).map_err(too_long)?;
        let tiles = tree
            .grow(new.iter().map(|leaf| Hash::of_leaf(leaf)))
            .map_err(|e| Fault::wrong("tree", e))?;
        for new in &bundles {
            self.folder
                .place(&new.bundle.path(), &new.bytes, &mut self.names)?;
        }
        for new in &tiles {
            self.folder.place(&new.tile.path(), &new.bytes, &mut self.names)?;
        }
        self.names.sync()?;
        sign(&self.folder, &self.signer, tree.head())?;
        let full_bundles = bundles.iter().map(|new| new.bundle);
        let full_tiles = tiles.iter().map(|new| new.tile);
        full_bundles
            .filter(|bundle| !bundle.is_partial())
            .for_each(|bundle| self.folder.drop_partial(&bundle.path(), &mut self.names));
        full_tiles
            .filter(|tile| !tile.is_partial())
            .for_each(|tile| self.folder.drop_partial(&tile.path(), &mut self.names));
        self.newest = new.last().cloned().or(self.newest.take());
        (self.tree, self.bundle) = (tree, bundle);
        Ok(())
    }
}

fn sign(folder: &Folder, signer: &Signer, head: Head) -> Result<(), Fault> {
    let checkpoint =
        Checkpoint::new(signer.key().name().as_str(), head).map_err(|e| Fault::wrong(CHECKPOINT, e))?;
    let note = checkpoint.sign(signer).map_err(|e| Fault::wrong(CHECKPOINT, e))?;
    Ok(folder.replace(CHECKPOINT, note.to_string().as_bytes())?)
}

/// The newest head that enough witnesses have cosigned, if there is one.
pub(super) fn cosigned_head(folder: &Folder, key: &VerifierKey) -> Result<Option<(Head, Note)>, Fault> {
    let Some(bytes) = folder.read(COSIGNED)? else {
        return Ok(None);
    };
    let opened = Checkpoint::open(&bytes, key).map_err(|e| Fault::wrong(COSIGNED, chain(&e)))?;
    Ok(Some((opened.0.head(), opened.1)))
}

/// What was signed last. A log begins with a checkpoint of no entries, so that none is missing where there are tiles.
fn signed_head(folder: &Folder, signer: &Signer) -> Result<Head, Fault> {
    if let Some(bytes) = folder.read(CHECKPOINT)? {
        let opened = Checkpoint::open(&bytes, signer.key());
        let (checkpoint, _) = opened.map_err(|e| {
            let reason = format!("{}; the key here is {}", chain(&e), signer.key());
            Fault::wrong(CHECKPOINT, reason)
        })?;
        return Ok(checkpoint.head());
    }
    if folder.has(TILES) {
        let reason = "the file is not there, but tiles are. Put it back from where the log is served or copied to. If it is lost, move \
            the folder `log` away, keep it, and give the log a new name (`log_origin`)";
        return Err(Fault::wrong(CHECKPOINT, reason));
    }
    if folder.has(RESTORED) {
        return Err(Fault::Restored);
    }
    sign(folder, signer, Head::EMPTY)?;
    Ok(Head::EMPTY)
}

fn last_bundle(folder: &Folder, size: u64) -> Result<LastBundle, Fault> {
    let name = LastBundle::name(size).map(Bundle::path);
    let bytes = match &name {
        Some(path) => folder.needed(path)?,
        None => Vec::new(),
    };
    LastBundle::resume(size, &bytes).map_err(|e| Fault::wrong(name.unwrap_or_default(), e))
}

/// Checks the last bundle against its tile, this against the root, and both against the database; the newest entry.
fn check_end(store: &Store, folder: &Folder, begin: i64, head: Head) -> Result<Option<Vec<u8>>, Fault> {
    let (size, width) = (head.size, u64::from(TILE_WIDTH));
    let Some(last) = size.checked_sub(1) else {
        return Ok(None);
    };
    let (index, first) = (last / width, last - last % width);
    let (Some(bundle), Some(tile)) = (Bundle::in_log(index, size), Tile::in_tree(0, index, size)) else {
        return Ok(None);
    };
    let entries = folder.entries(bundle)?;
    let hashes: Vec<Hash> = entries.iter().map(|entry| Hash::of_leaf(entry)).collect();
    let in_tile = tile.hashes(&folder.tile(tile)?);
    if in_tile.map_err(|e| Fault::wrong(tile.path(), e))? != hashes {
        let reason = format!("its entries are not those of {}", tile.path());
        return Err(Fault::wrong(bundle.path(), reason));
    }
    if let Some(newest) = hashes.last() {
        check_in_tree(folder, *newest, head)?;
    }
    let database = store.read(|tx| rows::count(tx, begin))?;
    if database < size {
        let log = size;
        return Err(Fault::Behind { log, database });
    }
    let kept = store.read(|tx| rows::leaves(tx, begin, first, u64::from(bundle.width())))?;
    let pairs = (first..).zip(entries.iter().zip(&kept));
    let mut differing = pairs.filter(|(_, (log, row))| log != row);
    if let Some((entry, _)) = differing.next() {
        return Err(other_entry(entry));
    }
    Ok(entries.into_iter().last())
}

/// The last leaf is in the signed tree. That takes every hash of the last tile, also where it is full.
fn check_in_tree(folder: &Folder, newest: Hash, head: Head) -> Result<(), Fault> {
    let last = head.size.saturating_sub(1);
    let outside = |e| Fault::wrong(format!("entry {last}"), e);
    let plan = Plan::inclusion(last, head.size).map_err(outside)?;
    let proof = plan.prove(folder).map_err(told)?;
    verify_inclusion(newest, last, &head, &proof).map_err(outside)
}

/// What is told where log and database part.
pub(super) fn other_entry(entry: u64) -> Fault {
    Fault::wrong(
        format!("entry {entry}"),
        "the database has another one than the log: it was restored from an older backup and went on, or a row was changed. \
        Restore the newest backup; if it is lost, move the folder `log` away, keep it, and give the log a new name (`log_origin`)",
    )
}

pub(super) fn told(error: TileError<Fault>) -> Fault {
    match error {
        TileError::Unread(fault) => fault,
        TileError::Wrong(wrong) => Fault::wrong(wrong.tile.path(), wrong),
    }
}

/// An error with what is behind it, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
