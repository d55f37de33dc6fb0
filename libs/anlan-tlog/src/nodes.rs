//! Perfect subtrees: where they lie in tiles, and how they cover a range of leaves. Arithmetic only, in 64 bits without
//! overflow for trees of every size.

use crate::hashes::Hash;
use crate::tiles::{TILE_HEIGHT, TILE_WIDTH, Tile};
use std::ops::Range;

/// The subtree over the leaves `[index · 2^height, (index + 1) · 2^height)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    height: u32,
    index: u64,
}

impl Node {
    /// The perfect subtrees that cover a range of leaves, from left to right, largest first. The range has to begin at a
    /// multiple of the least power of two that is not below its length, as every range in a proof does.
    pub(crate) fn cover(range: Range<u64>) -> impl Iterator<Item = Self> {
        let mut at = range.start;
        let length = range.end.saturating_sub(range.start);
        let heights = (0..u64::BITS)
            .rev()
            .filter(move |height| length >> height & 1 == 1);
        heights.map(move |height| {
            let index = at >> height;
            at = at.saturating_add(1 << height);
            Self { height, index }
        })
    }

    /// The level of the tile that holds its hashes.
    pub(crate) fn level(self) -> u8 {
        u8::try_from(self.height / TILE_HEIGHT).unwrap_or(u8::MAX)
    }

    /// The tile that holds its hashes, in a tree of this size.
    pub(crate) fn tile(self, size: u64) -> Option<Tile> {
        Tile::in_tree(self.level(), self.first() / u64::from(TILE_WIDTH), size)
    }

    /// Its root, from the hashes of that tile; `None` if the tile is too narrow.
    pub(crate) fn root_in(self, tile: &[Hash]) -> Option<Hash> {
        let at = usize::try_from(self.first() % u64::from(TILE_WIDTH)).ok()?;
        let below = self.height % TILE_HEIGHT;
        let mut row = tile.get(at..at + (1 << below))?.to_vec();
        for _ in 0..below {
            let pairs = row.as_chunks::<2>().0;
            row = pairs
                .iter()
                .map(|[left, right]| Hash::of_node(left, right))
                .collect();
        }
        row.first().copied()
    }

    /// Number of its first hash on its level.
    fn first(self) -> u64 {
        self.index << (self.height % TILE_HEIGHT)
    }
}

/// The root over a row of subtrees, largest first: from the right, each is the left child of what stands for the rest.
pub(crate) fn fold(row: &[Hash]) -> Option<Hash> {
    let (last, others) = row.split_last()?;
    let join = |right: Hash, left: &Hash| Hash::of_node(left, &right);
    Some(others.iter().rev().fold(*last, join))
}

/// The largest power of two below a number; 0 for numbers that have none, 0 and 1.
pub(crate) fn split(length: u64) -> u64 {
    match length {
        0 | 1 => 0,
        _ => 1 << (length - 1).ilog2(),
    }
}
