//! Transparency logs in the C2SP formats.

pub mod bundles;
pub mod checkpoints;
pub mod commitments;
pub mod cosignatures;
pub mod hashes;
mod nodes;
pub mod notes;
pub mod policies;
pub mod proof_files;
pub mod proofs;
mod texts;
pub mod tiles;
pub mod trees;
pub mod witnesses;
