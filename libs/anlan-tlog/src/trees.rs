//! A growing tree as its right edge only: what has to be kept in memory to take further leaves, to give the root, and to
//! write the tiles that a growth adds (RFC 6962, section 2.1; C2SP tlog-tiles). No tile is kept once it is full, and none
//! is read or written here.
//!
//! A tree of size *n* is a row of perfect subtrees, one for each bit that is set in *n*, largest first. Their roots are
//! the edge. A new leaf is a subtree of height 0; as long as the edge ends in a subtree of the same height, both become
//! one that is higher by one. Whenever a height that is a multiple of 8 is reached, the hash also belongs into a tile.
//! Each node is hashed once.

use crate::hashes::{HASH_BYTES, Hash};
use crate::nodes::{Node, fold};
use crate::proofs::{ReadTile, TileError};
use crate::tiles::{self, TILE_HEIGHT, TILE_WIDTH, Tile};

/// A tree's size and root: what a checkpoint says, and all that a client keeps of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Head {
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Head {
    /// That of a log nobody has written to.
    pub const EMPTY: Self = Self {
        size: 0,
        root: Hash::EMPTY_ROOT,
    };
}

/// The right edge of a tree. Cloning costs some tens of kilobytes: grow a clone, write its tiles, and keep it when they
/// are durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees, largest first.
    edge: Vec<Hash>,
    /// For each level, the hashes of its last tile while that is partial, 255 at most.
    partial: Vec<Vec<Hash>>,
}

/// A tile and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTile {
    /// Which tile.
    pub tile: Tile,
    /// Its hashes one after the other, 32 bytes each.
    pub bytes: Vec<u8>,
}

/// Why a tree takes no more leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree has at most 2^64 - 1 leaves")]
pub struct Full;

impl Tree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of this size, from the tiles at its right edge; see [`Tree::tiles_of_edge`]. Whether they are right is
    /// known by comparing [`Tree::root`] with a checkpoint.
    ///
    /// # Errors
    /// A tile that the reader does not give, or that has not the hashes it should.
    pub fn from_tiles<R: ReadTile>(size: u64, reader: &R) -> Result<Self, TileError<R::Error>> {
        let mut partial: Vec<Vec<Hash>> = Vec::new();
        for tile in Self::tiles_of_edge(size) {
            let bytes = reader.tile(tile).map_err(TileError::Unread)?;
            partial.resize_with(usize::from(tile.level()), Vec::new);
            partial.push(tile.hashes(&bytes).map_err(TileError::Wrong)?);
        }
        // INVARIANT: the roots of the edge lie in the last tiles, which are partial: their bits are set in the width.
        let root = |node: Node| node.root_in(partial.get(usize::from(node.level()))?);
        let edge = Node::cover(0..size).filter_map(root).collect();
        Ok(Self { size, edge, partial })
    }

    /// The partial tiles of a tree of this size: what [`Tree::from_tiles`] reads.
    pub fn tiles_of_edge(size: u64) -> impl Iterator<Item = Tile> {
        tiles::levels().filter_map(move |level| Tile::last_partial(level, size))
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        Head {
            size: self.size,
            root: self.root(),
        }
    }

    /// The root of RFC 6962; that of the empty tree where there is no leaf. At most 63 hashes.
    pub fn root(&self) -> Hash {
        fold(&self.edge).unwrap_or(Hash::EMPTY_ROOT)
    }

    /// Takes leaves, by their hashes ([`Hash::of_leaf`]), and gives every tile that this fills, and at last the partial
    /// tiles of the new size that differ from those of the old: exactly [`tiles::between`]. Tiles of a level come from
    /// left to right.
    ///
    /// All new tiles are held in memory, 32.2 bytes a leaf: take very many leaves in portions.
    ///
    /// # Errors
    /// More leaves than 64 bits can count. The tree is then to be dropped: it has taken those that fitted.
    pub fn grow(&mut self, leaves: impl IntoIterator<Item = Hash>) -> Result<Vec<NewTile>, Full> {
        let mut new = Vec::new();
        let before = self.size;
        for leaf in leaves {
            self.push(leaf, &mut new)?;
        }
        for level in tiles::levels() {
            let is_new = tiles::hashes_at(level, before) != tiles::hashes_at(level, self.size);
            let tile = Tile::last_partial(level, self.size).filter(|_| is_new);
            let hashes = self.partial.get(usize::from(level));
            let pair = tile.zip(hashes);
            new.extend(pair.map(|(tile, hashes)| NewTile::of(tile, hashes)));
        }
        Ok(new)
    }

    fn push(&mut self, leaf: Hash, new: &mut Vec<NewTile>) -> Result<(), Full> {
        let size = self.size.checked_add(1).ok_or(Full)?;
        let heights = self.size.trailing_ones();
        self.size = size;
        let mut hash = leaf;
        self.note(0, hash, new);
        // INVARIANT: the edge has a subtree of each height whose bit was set in the size, the lowest last.
        for height in 1..=heights {
            if let Some(left) = self.edge.pop() {
                hash = Hash::of_node(&left, &hash);
            }
            if height.is_multiple_of(TILE_HEIGHT) {
                self.note(height / TILE_HEIGHT, hash, new);
            }
        }
        self.edge.push(hash);
        Ok(())
    }

    /// Puts a hash into the last tile of its level, and gives the tile if it is full.
    fn note(&mut self, level: u32, hash: Hash, new: &mut Vec<NewTile>) {
        let (at, level) = (level as usize, u8::try_from(level).unwrap_or(u8::MAX));
        if self.partial.len() <= at {
            self.partial.resize_with(at + 1, Vec::new);
        }
        let Some(row) = self.partial.get_mut(at) else {
            return;
        };
        row.push(hash);
        if row.len() == usize::from(TILE_WIDTH) {
            let index = tiles::hashes_at(level, self.size - 1) / u64::from(TILE_WIDTH);
            new.extend(Tile::in_tree(level, index, self.size).map(|tile| NewTile::of(tile, row)));
            row.clear();
        }
    }
}

impl NewTile {
    fn of(tile: Tile, hashes: &[Hash]) -> Self {
        let mut bytes = Vec::with_capacity(hashes.len() * HASH_BYTES);
        for hash in hashes {
            bytes.extend_from_slice(hash.as_bytes());
        }
        Self { tile, bytes }
    }
}
