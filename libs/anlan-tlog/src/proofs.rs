//! Proofs that an entry is in a tree and that one tree continues another (RFC 6962, sections 2.1.1 and 2.1.2; RFC 9162,
//! section 2.1), also for subtrees (draft-ietf-plants-merkle-tree-certs, section 4). Made from tiles, checked from nothing
//! but the hashes. Nothing is read here: the caller brings tiles through [`ReadTile`].
//!
//! [`verify`](verify_inclusion) functions are for those who trust nothing. [`Plan`] is for those who have the tiles: it
//! knows which tiles a proof needs, so that they can be fetched all at once, and then makes it.
//!
//! Every proof is a way from the top of the tree down to a leaf or a subtree, told from the bottom: for each turn, the
//! hash of the side not taken. Both directions of this module follow the same `ways::Way`, which is the recursion of the RFC.

mod plans;
mod ways;

use crate::hashes::Hash;
use crate::trees::Head;
pub use plans::{Plan, PlanError, ReadTile, TileError};
use std::ops::Range;
use ways::{Turn, Way};

/// Most hashes in a proof about a tree that is counted in 64 bits: 63 turns, and one to begin with.
pub const PROOF_HASHES_MAX: usize = 64;

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf is not in the tree or subtree.
    #[error("leaf {index} is not among the leaves {start} to {end}")]
    Outside {
        /// Number of the leaf.
        index: u64,
        /// First leaf of the subtree, 0 for a tree.
        start: u64,
        /// One past its last leaf.
        end: u64,
    },
    /// These leaves do not make a subtree: `start` is not a multiple of the least power of two that is not below the
    /// length, or the end is before the start.
    #[error("the leaves from {start} up to {end} make no subtree")]
    NoSubtree {
        /// First leaf.
        start: u64,
        /// One past the last leaf.
        end: u64,
    },
    /// The later tree is smaller.
    #[error("a tree of {size} leaves cannot continue one of {end}")]
    Shrunk {
        /// Leaves of the later tree.
        size: u64,
        /// Leaves of the earlier tree, or where the subtree ends.
        end: u64,
    },
    /// From the empty tree to another nothing can be proved: everything continues it.
    #[error("that a tree continues the empty one needs no proof and has none")]
    FromEmpty,
    /// The proof has too few or too many hashes.
    #[error("the proof has {found} hashes; {needed} are needed")]
    Length {
        /// Hashes that a proof for these sizes has.
        needed: usize,
        /// Hashes that it has.
        found: usize,
    },
    /// The proof leads to another root than that of the earlier tree or of the subtree.
    #[error("the proof does not lead to the root of the earlier tree")]
    WrongEarlier,
    /// The proof leads to another root.
    #[error("the proof does not lead to the root of the tree")]
    WrongRoot,
}

/// Verifies that the leaf with this hash is number `index` in the tree (RFC 9162, section 2.1.3.2).
///
/// `proof` has the hashes from the leaf's sibling to the child of the root.
///
/// # Errors
/// Everything that does not lead to this root, with the reason.
pub fn verify_inclusion(leaf: Hash, index: u64, tree: &Head, proof: &[Hash]) -> Result<(), ProofError> {
    verify_subtree_inclusion(leaf, index, 0..tree.size, tree.root, proof)
}

/// Verifies that the leaf with this hash is number `index` of the log in the subtree over `range`, whose root is given
/// (draft-ietf-plants-merkle-tree-certs, section 4.3).
///
/// # Errors
/// Everything that does not lead to this root, with the reason; a range that makes no subtree.
pub fn verify_subtree_inclusion(
    leaf: Hash,
    index: u64,
    range: Range<u64>,
    root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let way = Way::to_leaf(index, range)?;
    let mut hash = leaf;
    for (turn, sibling) in way.matched(proof)? {
        hash = turn.join(&hash, sibling);
    }
    if hash == root {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

/// Verifies that the later tree has the earlier one's leaves, in their order, before its own (RFC 9162, section 2.1.4.2).
///
/// Trees of the same size need an empty proof and the same root. From the empty tree to a larger one there is nothing to
/// prove, and every such proof is refused.
///
/// # Errors
/// Everything that does not lead from one root to the other, with the reason.
pub fn verify_consistency(earlier: &Head, later: &Head, proof: &[Hash]) -> Result<(), ProofError> {
    if earlier.size == 0 && later.size > 0 {
        return Err(ProofError::FromEmpty);
    }
    verify_subtree_consistency(0..earlier.size, earlier.root, later, proof)?;
    // The empty subtree is part of every tree, but the two trees here are one and the same.
    let is_same = earlier.size != later.size || earlier.root == later.root;
    if is_same {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

/// Verifies that the subtree over `range` with the root `subtree` is part of the tree
/// (draft-ietf-plants-merkle-tree-certs, section 4.4).
///
/// An empty range is part of every tree that reaches it, with the root of the empty tree and an empty proof.
///
/// # Errors
/// Everything that does not lead to both roots, with the reason; a range that makes no subtree.
pub fn verify_subtree_consistency(
    range: Range<u64>,
    subtree: Hash,
    tree: &Head,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if range.end > tree.size {
        let (size, end) = (tree.size, range.end);
        return Err(ProofError::Shrunk { size, end });
    }
    if range.is_empty() {
        return verify_empty(&range, subtree, proof);
    }
    let way = Way::to_subtree(range, tree.size)?;
    let (mut earlier, mut later, rest) = match (way.begins_known(), proof.split_first()) {
        (true, _) => (subtree, subtree, proof),
        (false, Some((first, rest))) => (*first, *first, rest),
        (false, None) => return Err(way.length_error(0)),
    };
    for (turn, sibling) in way.matched(rest)? {
        later = turn.join(&later, sibling);
        if turn == Turn::RightInside {
            earlier = turn.join(&earlier, sibling);
        }
    }
    if earlier != subtree {
        return Err(ProofError::WrongEarlier);
    }
    if later == tree.root {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

fn verify_empty(range: &Range<u64>, subtree: Hash, proof: &[Hash]) -> Result<(), ProofError> {
    let (start, end) = (range.start, range.end);
    if start > end {
        return Err(ProofError::NoSubtree { start, end });
    }
    if !proof.is_empty() {
        let found = proof.len();
        return Err(ProofError::Length { needed: 0, found });
    }
    let is_empty_root = subtree == Hash::EMPTY_ROOT;
    if is_empty_root {
        Ok(())
    } else {
        Err(ProofError::WrongEarlier)
    }
}
