//! Arbitrary bytes as a signed note, a checkpoint with cosignatures, a key: refused, or read in the one spelling there is.

use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::cosignatures::Cosigner;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{KeyName, Note, Signature, Signer, VerifierKey};
use anlan_tlog::trees::Head;

/// The log of all inputs.
pub const ORIGIN: &str = "log.example/a";
/// When all cosignatures were made.
pub const TIME: u64 = 1_700_000_000;

fn name(text: &str) -> KeyName {
    text.parse().expect("a name")
}

/// The key of the log.
pub fn log() -> Signer {
    Signer::new(name(ORIGIN), &[1; 32])
}

/// The key of its witness.
pub fn witness() -> Cosigner {
    Cosigner::new(name("witness.example/w"), &[2; 32])
}

/// A checkpoint of this head, signed and cosigned.
pub fn signed(head: Head) -> Note {
    let checkpoint = Checkpoint::new(ORIGIN, head).expect("an origin");
    let mut note = checkpoint.sign(&log()).expect("a text");
    note.add(witness().cosign(&note, TIME).expect("a time"));
    note
}

/// How much of it was right: 0 for no note, and one more for each of note, checkpoint, and signatures.
pub fn run(data: &[u8]) -> usize {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), text);
        }
        if let Ok(signature) = text.parse::<Signature>() {
            assert_eq!(signature.to_string(), text);
        }
        if let Ok(signer) = Signer::from_secret_text(text) {
            assert_eq!(*signer.secret_text(), text);
        }
    }
    let Ok(note) = Note::parse(data) else { return 0 };
    assert_eq!(note.to_string().as_bytes(), data);
    let checkpoint = Checkpoint::of_note(&note);
    if let Ok(checkpoint) = &checkpoint {
        assert_eq!(checkpoint.to_string(), note.text());
    }
    let keys = [log().key().clone(), witness().key().clone()];
    let verified = note.verify(&keys).map_or(0, |verified| {
        assert!(!verified.is_empty());
        assert!(verified.iter().all(|one| note.signatures().iter().any(|signature| signature.is_by(one.key))));
        verified.len()
    });
    if let Ok((opened, again)) = Checkpoint::open(data, &keys[0]) {
        assert_eq!((opened.origin(), &again), (ORIGIN, &note));
        assert!(verified > 0 || note.verify(&keys).is_err());
    }
    1 + usize::from(checkpoint.is_ok()) + verified
}

/// Inputs that come far.
pub fn seeds() -> Vec<Vec<u8>> {
    let head = |size| Head { size, root: Hash::of_leaf(b"") };
    let notes = [signed(Head::EMPTY), signed(head(1)), signed(head(u64::MAX))];
    let mut more = Note::new("any text\n\nof two parts\n").expect("a text");
    more.add(log().sign(&more));
    let mut all: Vec<Vec<u8>> = notes.iter().chain([&more]).map(|note| note.to_string().into_bytes()).collect();
    all.extend(more.signatures().iter().map(|signature| signature.to_string().into_bytes()));
    all.extend([log().key(), witness().key()].map(|key| key.to_string().into_bytes()));
    all.push(log().secret_text().as_bytes().to_vec());
    all
}
