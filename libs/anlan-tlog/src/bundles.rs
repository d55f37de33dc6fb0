//! Bundles: the entries themselves, 256 at a time, beside the tiles of level 0 (C2SP tlog-tiles, "Log entries"). What an
//! entry means is not known here.
//!
//! An entry is preceded by its length in two bytes, the higher first, so it has 65,535 bytes at most. It may have none.

use crate::tiles::{PathError, TILE_WIDTH, Tile, from_path, to_path};

/// Most bytes of an entry.
pub const ENTRY_BYTES_MAX: usize = 0xffff;
/// Most bytes of a bundle: 256 entries with their lengths.
pub const BUNDLE_BYTES_MAX: usize = TILE_WIDTH as usize * (ENTRY_BYTES_MAX + LENGTH_BYTES);

const LENGTH_BYTES: usize = 2;

/// The name of a bundle: its number and how many entries it has. Never none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// The tile with the hashes of its entries: the same number, as many.
    beside: Tile,
}

/// An entry is too long for a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry has {bytes} bytes; {ENTRY_BYTES_MAX} at most")]
pub struct TooLong {
    /// How many bytes it has.
    pub bytes: usize,
}

/// Why bytes are not the bundle that they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The bytes end inside an entry or its length, or before the last entry.
    #[error("entry {entry} of {width} is cut off: it begins at byte {at}, and the bundle has {bytes}")]
    Cut {
        /// Number in the bundle, from 0.
        entry: u16,
        /// Entries that there should be.
        width: u16,
        /// Where its length begins.
        at: usize,
        /// Bytes of the bundle.
        bytes: usize,
    },
    /// Bytes follow after the last entry.
    #[error("{bytes} bytes follow after the last of {width} entries")]
    Rest {
        /// Entries that there should be.
        width: u16,
        /// How many bytes too many.
        bytes: usize,
    },
}

impl Bundle {
    /// The bundle with this index as a log of this size has it, full or partial. `None` if it has none.
    pub fn in_log(index: u64, size: u64) -> Option<Self> {
        Tile::in_tree(0, index, size).map(Self::beside)
    }

    /// The bundle that has an entry, and the entry's place in it.
    pub fn with_entry(entry: u64, size: u64) -> Option<(Self, usize)> {
        let bundle = Self::in_log(entry / u64::from(TILE_WIDTH), size).filter(|_| entry < size)?;
        let at = usize::try_from(entry % u64::from(TILE_WIDTH)).ok()?;
        Some((bundle, at))
    }

    fn beside(tile: Tile) -> Self {
        Self { beside: tile }
    }

    /// Its number, from 0. Its first entry is 256 times as far.
    pub fn index(self) -> u64 {
        self.beside.index()
    }

    /// Number of entries, 1 to 256.
    pub fn width(self) -> u16 {
        self.beside.width()
    }

    /// Whether it has fewer than 256 entries.
    pub fn is_partial(self) -> bool {
        self.beside.is_partial()
    }

    /// Its path below the log's prefix, as in `tile/entries/x001/234.p/56`.
    pub fn path(self) -> String {
        format!("tile/entries/{}", to_path(self.index(), self.width()))
    }

    /// Reads a path below the log's prefix.
    ///
    /// # Errors
    /// Everything that [`Bundle::path`] would not write.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let rest = path.strip_prefix("tile/entries/").ok_or(PathError::Prefix)?;
        let (index, width) = from_path(rest)?;
        Tile::of_path(0, index, width).map(Self::beside)
    }

    /// The same bundle with all its entries: what may be read instead once the log has grown.
    #[must_use]
    pub fn full(self) -> Self {
        Self::beside(self.beside.full())
    }

    /// The entries in a bundle's bytes, borrowed: as many as its width, and nothing after them.
    ///
    /// # Errors
    /// Bytes that end too early or go on.
    pub fn entries(self, bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
        let mut entries = Vec::with_capacity(usize::from(self.width()));
        let mut rest = bytes;
        while entries.len() < usize::from(self.width()) {
            let Some((entry, after)) = split_entry(rest) else {
                return Err(BundleError::Cut {
                    entry: u16::try_from(entries.len()).unwrap_or(u16::MAX),
                    width: self.width(),
                    at: bytes.len() - rest.len(),
                    bytes: bytes.len(),
                });
            };
            entries.push(entry);
            rest = after;
        }
        if rest.is_empty() {
            return Ok(entries);
        }
        Err(BundleError::Rest {
            width: self.width(),
            bytes: rest.len(),
        })
    }
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// Adds an entry with its length to a bundle's bytes. The caller counts: 256 entries make a full bundle.
///
/// # Errors
/// An entry of more than [`ENTRY_BYTES_MAX`] bytes; nothing is then added.
pub fn append(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TooLong> {
    let bytes = entry.len();
    let length = u16::try_from(bytes).map_or(Err(TooLong { bytes }), Ok)?;
    bundle.reserve(bytes + LENGTH_BYTES);
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// All bundles of a log of this size, from left to right. Nothing is allocated.
pub fn of_log(size: u64) -> impl Iterator<Item = Bundle> {
    between(0, size)
}

/// The bundles that a log of `after` entries has and one of `before` entries has not, from left to right. Nothing is
/// allocated.
pub fn between(before: u64, after: u64) -> impl Iterator<Item = Bundle> {
    let width = u64::from(TILE_WIDTH);
    let end = if before < after { after.div_ceil(width) } else { 0 };
    (before / width..end).filter_map(move |index| Bundle::in_log(index, after))
}

/// The last bundle of a growing log while it is partial, so that the bundles of a growth can be written without reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastBundle {
    size: u64,
    bytes: Vec<u8>,
}

/// A bundle and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBundle {
    /// Which bundle.
    pub bundle: Bundle,
    /// Its entries with their lengths.
    pub bytes: Vec<u8>,
}

impl LastBundle {
    /// That of a log without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of a log of this size, from the bytes of [`LastBundle::name`]; no bytes where there is no partial bundle.
    ///
    /// # Errors
    /// Bytes that are not such a bundle.
    pub fn resume(size: u64, bytes: &[u8]) -> Result<Self, BundleError> {
        match Self::name(size) {
            Some(bundle) => drop(bundle.entries(bytes)?),
            None if bytes.is_empty() => {}
            None => {
                let bytes = bytes.len();
                return Err(BundleError::Rest { width: 0, bytes });
            }
        }
        let bytes = bytes.to_vec();
        Ok(Self { size, bytes })
    }

    /// The partial bundle at the end of a log of this size, if it has one.
    pub fn name(size: u64) -> Option<Bundle> {
        Bundle::in_log(size / u64::from(TILE_WIDTH), size)
    }

    /// Takes entries and gives every bundle that this fills, and at last the partial one: exactly [`between`].
    ///
    /// # Errors
    /// An entry that is too long. Drop this then: it has taken those before it.
    pub fn grow<'e>(
        &mut self,
        entries: impl IntoIterator<Item = &'e [u8]>,
    ) -> Result<Vec<NewBundle>, TooLong> {
        let (mut new, before) = (Vec::new(), self.size);
        for entry in entries {
            append(&mut self.bytes, entry)?;
            self.size = self.size.saturating_add(1);
            if self.size.is_multiple_of(u64::from(TILE_WIDTH)) {
                let bytes = std::mem::take(&mut self.bytes);
                let last = Bundle::in_log((self.size - 1) / u64::from(TILE_WIDTH), self.size);
                new.extend(last.map(|bundle| NewBundle { bundle, bytes }));
            }
        }
        if let Some(bundle) = Self::name(self.size).filter(|_| self.size > before) {
            let bytes = self.bytes.clone();
            new.push(NewBundle { bundle, bytes });
        }
        Ok(new)
    }
}

/// What a path below a log's prefix names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `checkpoint`: the signed head, which changes.
    Checkpoint,
    /// A tile of hashes, which never changes.
    Tile(Tile),
    /// A bundle of entries, which never changes.
    Bundle(Bundle),
}

impl Resource {
    /// Reads a path below the log's prefix.
    ///
    /// # Errors
    /// A path that names nothing, or in another spelling.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        if path == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        if path.starts_with("tile/entries/") {
            return Bundle::parse(path).map(Self::Bundle);
        }
        Tile::parse(path).map(Self::Tile)
    }

    /// The path below the log's prefix.
    pub fn path(self) -> String {
        match self {
            Self::Checkpoint => "checkpoint".to_owned(),
            Self::Tile(tile) => tile.path(),
            Self::Bundle(bundle) => bundle.path(),
        }
    }
}
