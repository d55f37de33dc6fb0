//! The hashes of RFC 6962, section 2.1: of a leaf, of a node, of the empty tree. No tree is kept here.
//!
//! Leaves and nodes are hashed under different first bytes, so that no node can pass for an entry (second preimages).

use crate::texts;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash: of an entry, of two hashes, or of a whole tree. Its text is base64 of 44 characters.
///
/// Hashes are public, so they are compared in the ordinary way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; HASH_BYTES]);

impl Hash {
    /// The root of a tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1).
    pub const EMPTY_ROOT: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// A hash that was computed elsewhere.
    pub const fn new(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// The hash of a leaf, `SHA-256(0x00 || entry)` (RFC 6962, section 2.1).
    pub fn of_leaf(entry: &[u8]) -> Self {
        Self(
            Sha256::new()
                .chain_update([0])
                .chain_update(entry)
                .finalize()
                .into(),
        )
    }

    /// The hash of a node over its two children, `SHA-256(0x01 || left || right)` (RFC 6962, section 2.1).
    pub fn of_node(left: &Self, right: &Self) -> Self {
        let mut input = [1; 2 * HASH_BYTES + 1];
        let (_, children) = input.split_at_mut(1);
        let (at_left, at_right) = children.split_at_mut(HASH_BYTES);
        at_left.copy_from_slice(&left.0);
        at_right.copy_from_slice(&right.0);
        Self(Sha256::digest(input).into())
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&texts::to_base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Hash({self})")
    }
}

/// A text is not a hash in base64: 44 characters with padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the base64 of 32 bytes")]
pub struct NotHash;

impl FromStr for Hash {
    type Err = NotHash;

    /// Reads base64 in its one spelling.
    ///
    /// # Errors
    /// Any other text.
    fn from_str(text: &str) -> Result<Self, NotHash> {
        let bytes = texts::from_base64(text).ok_or(NotHash)?;
        <[u8; HASH_BYTES]>::try_from(bytes).map_or(Err(NotHash), |bytes| Ok(Self(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::Hash;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        let nothing: [u8; 32] = Sha256::digest(b"").into();
        assert_eq!(Hash::EMPTY_ROOT, Hash::new(nothing));
    }

    #[test]
    fn leaves_and_nodes_are_told_apart() {
        let (left, right) = (Hash::of_leaf(b"L"), Hash::of_leaf(b"R"));
        let both = [left.as_bytes().as_slice(), right.as_bytes()].concat();
        assert_ne!(Hash::of_node(&left, &right), Hash::of_leaf(&both));
        let plain: [u8; 32] = Sha256::digest([&[1], both.as_slice()].concat()).into();
        assert_eq!(Hash::of_node(&left, &right), Hash::new(plain));
    }

    #[test]
    fn text_goes_both_ways_and_has_one_spelling() {
        let text = Hash::EMPTY_ROOT.to_string();
        assert_eq!(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(text.parse(), Ok(Hash::EMPTY_ROOT));
        for wrong in [
            "",
            "47DE",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
            &format!("{text}\n"),
        ] {
            assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
        }
    }
}
