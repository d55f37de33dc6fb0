//! Transparency logs in the C2SP formats: tiles, proofs and what is signed. No files, no network, no clock.

pub mod bundles;
pub mod checkpoints;
pub mod cosignatures;
pub mod hashes;
mod nodes;
pub mod notes;
pub mod proofs;
mod texts;
pub mod tiles;
pub mod trees;
