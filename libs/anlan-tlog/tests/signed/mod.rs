//! A signed checkpoint with two cosignatures, and those who made it, for tests.
#![expect(clippy::unwrap_used, reason = "a test fails by panic")]

use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::cosignatures::Cosigner;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, Signer};
use anlan_tlog::trees::Head;

pub(crate) fn signer(name: &str, seed: u8) -> Signer {
    Signer::new(name.parse().unwrap(), &[seed; 32])
}

pub(crate) fn cosigner(name: &str, seed: u8) -> Cosigner {
    Cosigner::new(name.parse().unwrap(), &[seed; 32])
}

pub(crate) fn head(size: u64) -> Head {
    let root = Hash::of_leaf(&size.to_be_bytes());
    Head { size, root }
}

/// A checkpoint signed by the log and two witnesses.
pub(crate) fn signed() -> Note {
    let mut note = Checkpoint::new("log.example/a", head(9))
        .unwrap()
        .sign(&signer("log.example/a", 1))
        .unwrap();
    note.add(cosigner("w.example/1", 2).cosign(&note, 1_700_000_000).unwrap());
    note.add(cosigner("w.example/2", 3).cosign(&note, 1_700_000_001).unwrap());
    note
}
