//! Which tiles a tree has, what they are called, and what lies in them (C2SP tlog-tiles, "Merkle Tree"). Neither files
//! nor addresses are known here: a path is the part below a log's prefix.
//!
//! A tile is 256 hashes of one level; level *l* has the roots of the perfect subtrees of 256^*l* leaves. The last tile of
//! a level may be partial, with 1 to 255 hashes. It never has none. A tree counted in 64 bits has 8 levels, so that
//! levels above 7, which the specification's grammar allows up to 63, name nothing and are refused.
//!
//! ```
//! use anlan_tlog::tiles::{self, Tile};
//!
//! // The specification's own example: 70,000 leaves.
//! let partial = tiles::of_tree(70_000).filter(|tile| tile.is_partial()).map(Tile::path);
//! assert!(partial.eq(["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]));
//! assert_eq!(Tile::parse("tile/0/x001/x234/067").unwrap().index(), 1_234_067);
//! ```

mod paths;

use crate::hashes::{HASH_BYTES, Hash};
pub use paths::PathError;
pub(crate) use paths::{from_path, to_path};

/// Hashes of a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Bytes of a full tile.
pub const TILE_BYTES: usize = TILE_WIDTH as usize * HASH_BYTES;
/// Levels of the tree that one level of tiles spans.
pub const TILE_HEIGHT: u32 = 8;
/// The highest level of a tree that is counted in 64 bits.
pub const LEVEL_MAX: u8 = 7;

/// The name of a tile: level, number in its level, and how many hashes it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// What is wrong with a tile's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {} has {bytes} bytes; {} are needed, whole hashes, {TILE_BYTES} at most", tile.path(), usize::from(tile.width()) * HASH_BYTES)]
pub struct TileFault {
    /// Which tile.
    pub tile: Tile,
    /// How many bytes were given for it.
    pub bytes: usize,
}

impl Tile {
    /// The tile with this level and index as a tree of this size has it, full or partial. `None` if the tree has none.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        let first = index.checked_mul(u64::from(TILE_WIDTH))?;
        let left = hashes_at(level, size)
            .checked_sub(first)
            .filter(|left| *left > 0)?;
        let width = u16::try_from(left).map_or(TILE_WIDTH, |left| left.min(TILE_WIDTH));
        Some(Self { level, index, width })
    }

    /// The partial tile at the end of a level, if there is one.
    pub(crate) fn last_partial(level: u8, size: u64) -> Option<Self> {
        let index = hashes_at(level, size) / u64::from(TILE_WIDTH);
        Self::in_tree(level, index, size)
    }

    /// Level, from 0, which has the leaves' hashes.
    pub fn level(self) -> u8 {
        self.level
    }

    /// Number in its level, from 0.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Number of hashes, 1 to 256.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Whether it has fewer than 256 hashes.
    pub fn is_partial(self) -> bool {
        self.width < TILE_WIDTH
    }

    /// The same tile with all its hashes: what may be read instead once the tree has grown.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// Its path below the log's prefix, as in `tile/0/x001/234.p/56`.
    pub fn path(self) -> String {
        format!("tile/{}/{}", self.level, to_path(self.index, self.width))
    }

    /// Reads a path below the log's prefix.
    ///
    /// # Errors
    /// Everything that [`Tile::path`] would not write.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let rest = path.strip_prefix("tile/").ok_or(PathError::Prefix)?;
        let (level, rest) = rest.split_once('/').ok_or(PathError::Level)?;
        let level = crate::texts::decimal(level).ok_or(PathError::Level)?;
        let level = u8::try_from(level).map_or(Err(PathError::Level), Ok)?;
        let (index, width) = from_path(rest)?;
        Self::of_path(level, index, width)
    }

    /// The tile that a path names, if some tree counted in 64 bits has it.
    pub(crate) fn of_path(level: u8, index: u64, width: u16) -> Result<Self, PathError> {
        match Self::in_tree(level, index, u64::MAX) {
            Some(most) if most.width >= width => Ok(Self { level, index, width }),
            _ => Err(PathError::Beyond),
        }
    }

    /// The hashes in a tile's bytes. More of them than the width are allowed and left out, because a log may keep the
    /// full tile only.
    ///
    /// # Errors
    /// Too few bytes, more than a full tile has, or a part of a hash.
    pub fn hashes(self, bytes: &[u8]) -> Result<Vec<Hash>, TileFault> {
        let (whole, rest) = bytes.as_chunks::<HASH_BYTES>();
        let needed = whole.get(..usize::from(self.width));
        match needed {
            Some(needed) if rest.is_empty() && bytes.len() <= TILE_BYTES => {
                Ok(needed.iter().copied().map(Hash::new).collect())
            }
            _ => Err(TileFault {
                tile: self,
                bytes: bytes.len(),
            }),
        }
    }
}

/// All levels there can be.
pub(crate) fn levels() -> impl Iterator<Item = u8> {
    0..=LEVEL_MAX
}

/// How many hashes a level has, `floor(size / 256^level)`.
pub(crate) fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * TILE_HEIGHT).unwrap_or(0)
}

/// All tiles of a tree of this size, level by level from left to right; nothing for an empty one. Nothing is allocated.
pub fn of_tree(size: u64) -> impl Iterator<Item = Tile> {
    between(0, size)
}

/// The tiles that a tree of `after` leaves has and one of `before` leaves has not: new ones, fuller ones. Nothing if it has
/// not grown. Level by level, each from left to right. Nothing is allocated.
pub fn between(before: u64, after: u64) -> impl Iterator<Item = Tile> {
    levels().flat_map(move |level| {
        let (from, to) = (hashes_at(level, before), hashes_at(level, after));
        let end = if from < to {
            to.div_ceil(u64::from(TILE_WIDTH))
        } else {
            0
        };
        let indices = from / u64::from(TILE_WIDTH)..end;
        indices.filter_map(move |index| Tile::in_tree(level, index, after))
    })
}
