//! Transparency logs in the C2SP formats, from tiles to offline verification. No files, no network, no clock, no randomness:
//! bytes, times and secrets are passed in.
//!
//! A transparency log is a list of entries to which anyone who is given its *checkpoint*, some hundred bytes, can hold its
//! owner. The checkpoint has the size of the list and the root of a Merkle tree over it, signed. A short proof shows that an
//! entry is in it, another that a later checkpoint has everything that an earlier one had. *Witnesses* cosign only what
//! continues what they have seen, so that the owner cannot show one list to some and another to others. Everything is written as
//! plain files that never change, *tiles* and *bundles*, so it can be served, cached and verified for ever by tools of others.
//!
//! | module | what it does | source |
//! |---|---|---|
//! | [`hashes`] | the hash of an entry, of a node, of nothing | RFC 6962, 2.1 |
//! | [`trees`] | takes entries in bulk; gives root, size and the new tiles | RFC 6962, 2.1 |
//! | [`tiles`] | names of tiles; which a tree has, which a growth changes | C2SP tlog-tiles |
//! | [`bundles`] | the same for the entries themselves | C2SP tlog-tiles |
//! | [`proofs`] | inclusion and consistency: made from tiles, verified from hashes | RFC 9162, 2.1.3 and 2.1.4 |
//! | [`notes`] | texts with signatures of named keys | C2SP signed-note |
//! | [`checkpoints`] | what a log signs, and whether it continues | C2SP tlog-checkpoint |
//! | [`cosignatures`] | what a witness signs | C2SP tlog-cosignature |
//! | [`witnesses`] | asking for cosignatures and granting them | C2SP tlog-witness |
//! | [`policies`] | which logs and how many witnesses are believed | C2SP tlog-policy |
//! | [`proof_files`] | verifying one entry without a network | C2SP tlog-proof |
//! | [`commitments`] | finding all entries about oneself, and seeing that none is missing | RFC 2104 |
//!
//! # Three rules
//! - **One spelling.** Numbers have no needless zeros, base64 no stray bits, lines one end. What is read is written in the
//!   same bytes again, so that signatures and caches never see two forms of one thing.
//! - **Nobody is trusted by accident.** Readers take bytes of anyone: no input makes them panic or allocate more than a small
//!   multiple of its own length. A type from a reader is well-formed, not believed; believing is a step with its own name (`verify`,
//!   `open`, `judge`, `believe`).
//! - **Order of writing.** Bundles and tiles first, then, when they are durable, the checkpoint. A checkpoint promises: it must never be signed
//!   before what it promises can be shown.
//!
//! # An example
//! A log takes two entries, a witness cosigns, and somebody verifies an entry with nothing but a file and a policy.
//!
//! ```
//! use anlan_tlog::{checkpoints::Checkpoint, cosignatures::Cosigner, hashes::Hash, notes::Signer, policies::Policy};
//! use anlan_tlog::{proof_files::ProofFile, proofs::Plan, trees::{Head, Tree}, witnesses::{Known, Request, judge}};
//! use std::collections::HashMap;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let log = Signer::new("example.com/log".parse()?, &[1; 32]);
//! let witness = Cosigner::new("witness.example/w1".parse()?, &[2; 32]);
//!
//! // The log grows. Its tiles are to be written as files; here they stay in memory.
//! let entries = [b"first".as_slice(), b"second"];
//! let mut tree = Tree::new();
//! let new = tree.grow(entries.map(Hash::of_leaf))?;
//! let tiles: HashMap<_, _> = new.into_iter().map(|new| (new.tile, new.bytes)).collect();
//! let mut checkpoint = Checkpoint::new("example.com/log", tree.head())?.sign(&log)?;
//!
//! // The witness has seen nothing of this log. It would keep `accepted.head` before it answers.
//! let request = Request::new(0, Vec::new(), checkpoint.clone())?;
//! let keys = [log.key().clone()];
//! let accepted = judge(&request, Some(Known { keys: &keys, head: Head::EMPTY }))?;
//! assert_eq!(accepted.head, tree.head());
//! checkpoint.add(witness.cosign(&checkpoint, 1_700_000_000)?);
//!
//! // A file for whoever wants to know that the second entry is there.
//! let proof = Plan::inclusion(1, 2)?.prove(&tiles)?;
//! let file = ProofFile { extra: None, index: 1, proof, checkpoint }.to_string();
//!
//! let policy = format!("log {}\nwitness w1 {}\nquorum w1\n", log.key(), witness.key());
//! let (file, policy): (ProofFile, Policy) = (file.parse()?, policy.parse()?);
//! let believed = file.verify(b"second", &policy, 1_700_000_600)?;
//! assert_eq!((believed.head.size, believed.cosigned.len()), (2, 1));
//! assert!(file.verify(b"another", &policy, 1_700_000_600).is_err());
//! # Ok(())
//! # }
//! ```

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
