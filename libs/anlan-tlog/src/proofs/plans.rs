//! Proofs and roots from tiles: first which tiles, then the hashes. No tile is trusted and none is checked against a root:
//! whoever needs to know verifies the proof.

use super::ProofError;
use super::ways::Way;
use crate::hashes::Hash;
use crate::nodes::{Node, fold};
use crate::tiles::{Tile, TileFault};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::ops::Range;

/// What gives tiles to a [`Plan`]: files, a network, memory.
pub trait ReadTile {
    /// Why there is no such tile.
    type Error;

    /// The bytes of a tile: its hashes, and more of them if a fuller tile is at hand.
    ///
    /// # Errors
    /// The tile is not to be had.
    fn tile(&self, tile: Tile) -> Result<Cow<'_, [u8]>, Self::Error>;
}

/// A tile that was not in a table of tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {} is not there", .0.path())]
pub struct NoTile(pub Tile);

/// Tiles in memory, as a client has them after fetching those of [`Plan::tiles`].
impl<S: BuildHasher> ReadTile for HashMap<Tile, Vec<u8>, S> {
    type Error = NoTile;

    fn tile(&self, tile: Tile) -> Result<Cow<'_, [u8]>, NoTile> {
        let bytes = self.get(&tile).or_else(|| self.get(&tile.full()));
        bytes
            .map(|bytes| Cow::Borrowed(bytes.as_slice()))
            .ok_or(NoTile(tile))
    }
}

/// Why tiles did not give what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// The reader did not give a tile.
    #[error("a tile could not be read")]
    Unread(#[source] E),
    /// A tile has not the bytes it should.
    #[error("a tile is damaged")]
    Wrong(#[source] TileFault),
}

/// Why there is no plan.
pub type PlanError = ProofError;

/// Which hashes a proof about a tree of a certain size has, and so which tiles it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    size: u64,
    ranges: Vec<Range<u64>>,
}

impl Plan {
    /// For the root of a tree of this size: one hash, none for the empty tree.
    pub fn root(size: u64) -> Self {
        let ranges = (size > 0).then_some(0..size).into_iter().collect();
        Self { size, ranges }
    }

    /// For the proof that [`verify_inclusion`](super::verify_inclusion) takes.
    ///
    /// # Errors
    /// The tree has no such leaf.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, PlanError> {
        let ranges = Way::to_leaf(index, 0..size)?.ranges();
        Ok(Self { size, ranges })
    }

    /// For the proof that [`verify_subtree_inclusion`](super::verify_subtree_inclusion) takes, from the tiles of a tree of
    /// this size.
    ///
    /// # Errors
    /// The subtree has no such leaf, or there is no such subtree.
    pub fn subtree_inclusion(index: u64, range: Range<u64>, size: u64) -> Result<Self, PlanError> {
        check_end(range.end, size)?;
        let ranges = Way::to_leaf(index, range)?.ranges();
        Ok(Self { size, ranges })
    }

    /// For the proof that [`verify_consistency`](super::verify_consistency) takes.
    ///
    /// # Errors
    /// The later tree is smaller, or the earlier one is empty and the later is not.
    pub fn consistency(earlier: u64, later: u64) -> Result<Self, PlanError> {
        if earlier == 0 && later > 0 {
            return Err(ProofError::FromEmpty);
        }
        Self::subtree_consistency(0..earlier, later)
    }

    /// For the proof that [`verify_subtree_consistency`](super::verify_subtree_consistency) takes.
    ///
    /// # Errors
    /// The tree does not reach so far, or there is no such subtree.
    pub fn subtree_consistency(range: Range<u64>, size: u64) -> Result<Self, PlanError> {
        check_end(range.end, size)?;
        let ranges = if range.start == range.end {
            Vec::new()
        } else {
            Way::to_subtree(range, size)?.ranges()
        };
        Ok(Self { size, ranges })
    }

    /// The tiles it needs, each once: some tens at most, and two or three of each level.
    pub fn tiles(&self) -> BTreeSet<Tile> {
        let nodes = self.ranges.iter().cloned().flat_map(Node::cover);
        nodes.filter_map(|node| node.tile(self.size)).collect()
    }

    /// Makes the proof: reads each tile once.
    ///
    /// # Errors
    /// A tile that the reader does not give, or that has not the hashes it should.
    pub fn prove<R: ReadTile>(&self, reader: &R) -> Result<Vec<Hash>, TileError<R::Error>> {
        let mut tiles = BTreeMap::new();
        for tile in self.tiles() {
            let bytes = reader.tile(tile).map_err(TileError::Unread)?;
            tiles.insert(tile, tile.hashes(&bytes).map_err(TileError::Wrong)?);
        }
        // INVARIANT: every node lies in a tile of this size, and that tile is here with all its hashes.
        let root = |node: Node| node.root_in(tiles.get(&node.tile(self.size)?)?);
        let whole = |range: &Range<u64>| {
            let row: Vec<Hash> = Node::cover(range.clone()).filter_map(root).collect();
            fold(&row)
        };
        Ok(self.ranges.iter().filter_map(whole).collect())
    }
}

fn check_end(end: u64, size: u64) -> Result<(), PlanError> {
    if end <= size {
        Ok(())
    } else {
        Err(ProofError::Shrunk { size, end })
    }
}
