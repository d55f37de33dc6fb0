//! Transparency logs in the C2SP formats: tiles and proofs. No files, no network, no clock.

pub mod bundles;
pub mod hashes;
mod nodes;
pub mod proofs;
mod texts;
pub mod tiles;
pub mod trees;
