//! The way from the top of a tree down to a leaf or a subtree: the recursions `PATH` and `SUBPROOF` of RFC 6962, and
//! `SUBTREE_SUBPROOF` of draft-ietf-plants-merkle-tree-certs, as a list of turns. No hash is computed but joins of two.

use super::ProofError;
use crate::hashes::Hash;
use crate::nodes::split;
use std::ops::Range;

/// Where the way goes at a node, and so on which side the sibling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Into the left child; the sibling is on the right.
    Left,
    /// Into the right child; the sibling is on the left, and not part of what is proved.
    Right,
    /// Into the right child; the sibling is on the left, and is the beginning of the earlier tree.
    RightInside,
}

impl Turn {
    /// The parent of the child taken and its sibling.
    pub(super) fn join(self, taken: &Hash, sibling: &Hash) -> Hash {
        match self {
            Self::Left => Hash::of_node(taken, sibling),
            Self::Right | Self::RightInside => Hash::of_node(sibling, taken),
        }
    }
}

/// Turns from the top down, each with the leaves of the sibling, and where they end.
#[derive(Debug, Clone)]
pub(super) struct Way {
    turns: Vec<(Turn, Range<u64>)>,
    /// The leaves below the last turn.
    last: Range<u64>,
    /// Whether the hash below the last turn has to be in the proof, because the verifier cannot know it.
    is_told: bool,
}

impl Way {
    /// To one leaf of a subtree (`PATH`).
    pub(super) fn to_leaf(index: u64, range: Range<u64>) -> Result<Self, ProofError> {
        check_subtree(&range)?;
        if !range.contains(&index) {
            let (start, end) = (range.start, range.end);
            return Err(ProofError::Outside { index, start, end });
        }
        let (mut turns, mut last) = (Vec::new(), range);
        while last.end - last.start > 1 {
            let middle = last.start + split(last.end - last.start);
            let (turn, taken, sibling) = halves(last, middle, index >= middle);
            turns.push((turn, sibling));
            last = taken;
        }
        let is_told = false;
        Ok(Self { turns, last, is_told })
    }

    /// To a subtree of a tree of this size that is not empty (`SUBTREE_SUBPROOF`; `SUBPROOF` if it starts at 0).
    pub(super) fn to_subtree(range: Range<u64>, size: u64) -> Result<Self, ProofError> {
        check_subtree(&range)?;
        let (mut turns, mut last, mut is_told) = (Vec::new(), 0..size, false);
        let mut aim = range;
        while last != aim {
            let middle = last.start + split(last.end - last.start);
            let is_across = aim.start < middle && middle < aim.end;
            let (turn, taken, sibling) = halves(last, middle, aim.end > middle);
            turns.push((if is_across { Turn::RightInside } else { turn }, sibling));
            if is_across {
                // INVARIANT: an aligned range goes across a middle only from the very beginning of the part.
                is_told = true;
                aim.start = middle;
            }
            last = taken;
        }
        Ok(Self { turns, last, is_told })
    }

    /// Whether the verifier knows the hash at the bottom without being told.
    pub(super) fn begins_known(&self) -> bool {
        !self.is_told
    }

    /// The turns from the bottom up, each with its hash of the proof (without the one at the bottom).
    pub(super) fn matched<'p>(
        &self,
        proof: &'p [Hash],
    ) -> Result<impl Iterator<Item = (Turn, &'p Hash)>, ProofError> {
        if proof.len() != self.turns.len() {
            return Err(self.length_error(proof.len() + usize::from(self.is_told)));
        }
        Ok(self.turns.iter().rev().map(|(turn, _)| *turn).zip(proof))
    }

    pub(super) fn length_error(&self, found: usize) -> ProofError {
        let needed = self.turns.len() + usize::from(self.is_told);
        ProofError::Length { needed, found }
    }

    /// The ranges whose roots are the proof, in its order.
    pub(super) fn ranges(self) -> Vec<Range<u64>> {
        let bottom = self.is_told.then_some(self.last);
        let siblings = self.turns.into_iter().rev().map(|(_, sibling)| sibling);
        bottom.into_iter().chain(siblings).collect()
    }
}

/// The turn into one half, that half and the other.
fn halves(range: Range<u64>, middle: u64, is_right: bool) -> (Turn, Range<u64>, Range<u64>) {
    let (left, right) = (range.start..middle, middle..range.end);
    if is_right {
        (Turn::Right, right, left)
    } else {
        (Turn::Left, left, right)
    }
}

/// Whether a range makes a subtree that is not empty: it starts at a multiple of the least power of two that is not below
/// its length.
fn check_subtree(range: &Range<u64>) -> Result<(), ProofError> {
    let (start, end) = (range.start, range.end);
    let length = end.checked_sub(start).filter(|length| *length > 0);
    // From 0 every length will do, also one whose next power of two does not fit 64 bits.
    let is_aligned = |length: u64| {
        let span = length.checked_next_power_of_two();
        start == 0 || span.is_some_and(|span| start.is_multiple_of(span))
    };
    match length {
        Some(length) if is_aligned(length) => Ok(()),
        None if start == end => Err(ProofError::Outside {
            index: start,
            start,
            end,
        }),
        _ => Err(ProofError::NoSubtree { start, end }),
    }
}
