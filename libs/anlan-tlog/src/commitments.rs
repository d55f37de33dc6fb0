//! Commitments: values in a public entry by which the holder of a subject's key, and nobody else, finds the entries about
//! that subject, and sees that none was left out. Who the subjects are and what an entry says is not known here.
//!
//! Each subject has a secret of 32 random bytes. A [`Commitment`] in an entry is HMAC-SHA256 (RFC 2104, FIPS 198-1) under
//! that key over subject and record. Once the key is deleted, the commitment tells nothing about either, and the tree over
//! the entries still verifies.
//!
//! The entries of a subject form a chain: each holds a [`Link`] computed under the same key from the entry before it. The link
//! is not the hash of that entry, because then everyone could see which entries are about the same subject. Whoever has the key and the
//! number of entries verifies by [`SubjectKey::verify_chain`] that the list is whole: what is left out, put in, changed or
//! moved breaks a link, and a list cut at its end is short. No link follows on the last entry yet: that it is unchanged is
//! shown, as for every entry, by its inclusion in the log.
//!
//! # What is hashed
//! All numbers are eight bytes, the highest first. No two inputs have the same bytes:
//!
//! ```text
//! commitment    = HMAC(key, "tlog-commitment/v1\n" || len(subject) || subject || len(record) || record)
//! first link    = HMAC(key, "tlog-chain-start/v1\n")
//! next link     = HMAC(key, "tlog-chain-next/v1\n" || place || link || len(entry) || entry)
//! ```
//!
//! where `place` is the number of `entry` in the chain, from 0, and `link` the one that `entry` holds.
//!
//! ```
//! use anlan_tlog::commitments::{Chained, SubjectKey};
//!
//! let key = SubjectKey::new([7; 32]);
//! let commitment = key.commit(b"subject", b"record");
//! assert!(key.is_commitment(&commitment, b"subject", b"record"));
//! assert!(!key.is_commitment(&commitment, b"subjectr", b"ecord"));
//!
//! let first = Chained { previous: key.first_link(), entry: b"looked at" };
//! let second = Chained { previous: key.next_link(0, &first), entry: b"looked at again" };
//! assert!(key.verify_chain([first, second], 2).is_ok());
//! assert!(key.verify_chain([first], 2).is_err(), "one is missing");
//! ```

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a key, a commitment and a link.
pub const COMMITMENT_BYTES: usize = 32;

/// A subject's secret. Never shown by `Debug`, wiped from memory when dropped.
#[derive(Clone)]
pub struct SubjectKey(Zeroizing<[u8; COMMITMENT_BYTES]>);

/// A value that stands for subject and record. It has no `==`: compare by [`SubjectKey::is_commitment`], which takes the
/// same time wherever the first difference is.
#[derive(Debug, Clone, Copy)]
pub struct Commitment([u8; COMMITMENT_BYTES]);

/// What an entry holds of the one before it in the chain of its subject. Compared like a [`Commitment`].
#[derive(Debug, Clone, Copy)]
pub struct Link([u8; COMMITMENT_BYTES]);

/// An entry of a chain.
#[derive(Debug, Clone, Copy)]
pub struct Chained<'e> {
    /// The link that it holds.
    pub previous: Link,
    /// Its bytes as they are in the log. The caller has taken `previous` from them.
    pub entry: &'e [u8],
}

/// Why a list is not the whole chain of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// An entry does not follow on the one before it: something was left out, put in, changed or moved at this place.
    #[error("entry {place} of the chain does not follow on the one before it")]
    Broken {
        /// Its place in the list, from 0.
        place: u64,
    },
    /// The list ends too early, or goes on too long.
    #[error("the chain has {count} entries; {found} are there")]
    Count {
        /// How many there should be.
        count: u64,
        /// How many there are: one more than should be where it goes on.
        found: u64,
    },
}

impl SubjectKey {
    /// From 32 random bytes.
    pub fn new(secret: [u8; COMMITMENT_BYTES]) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The secret, for those who keep it.
    pub fn as_bytes(&self) -> &[u8; COMMITMENT_BYTES] {
        &self.0
    }

    /// Commits to a subject and a record.
    pub fn commit(&self, subject: &[u8], record: &[u8]) -> Commitment {
        Commitment(finish(self.commitment(subject, record)))
    }

    /// Whether a commitment is that of subject and record, in the same time for every wrong one.
    pub fn is_commitment(&self, commitment: &Commitment, subject: &[u8], record: &[u8]) -> bool {
        self.commitment(subject, record)
            .verify_slice(&commitment.0)
            .is_ok()
    }

    /// The link that the first entry of a chain holds.
    pub fn first_link(&self) -> Link {
        Link(finish(self.start()))
    }

    /// The link that the entry after this one holds. `place` is the number of this one in the chain, from 0.
    pub fn next_link(&self, place: u64, last: &Chained<'_>) -> Link {
        Link(finish(self.next(place, last)))
    }

    /// Verifies that these entries, in this order, are all `count` entries of the chain, and gives the link that the next one
    /// will hold.
    ///
    /// The count has to come from elsewhere than the list, for instance from a signed entry. No more than one entry beyond
    /// it is looked at.
    ///
    /// # Errors
    /// The place of the first break, or how many there are.
    pub fn verify_chain<'e>(
        &self,
        entries: impl IntoIterator<Item = Chained<'e>>,
        count: u64,
    ) -> Result<Link, ChainError> {
        let (mut expected, mut place) = (self.start(), 0);
        for entry in entries {
            if place == count {
                let found = count.saturating_add(1);
                return Err(ChainError::Count { count, found });
            }
            let is_next = expected.verify_slice(&entry.previous.0).is_ok();
            if !is_next {
                return Err(ChainError::Broken { place });
            }
            expected = self.next(place, &entry);
            place += 1;
        }
        let found = place;
        if found == count {
            Ok(Link(finish(expected)))
        } else {
            Err(ChainError::Count { count, found })
        }
    }

    fn commitment(&self, subject: &[u8], record: &[u8]) -> Hmac<Sha256> {
        let mac = self.mac("tlog-commitment/v1\n");
        with_length(with_length(mac, subject), record)
    }

    fn start(&self) -> Hmac<Sha256> {
        self.mac("tlog-chain-start/v1\n")
    }

    fn next(&self, place: u64, last: &Chained<'_>) -> Hmac<Sha256> {
        let mac = self.mac("tlog-chain-next/v1\n").chain_update(place.to_be_bytes());
        with_length(mac.chain_update(last.previous.0), last.entry)
    }

    fn mac(&self, label: &str) -> Hmac<Sha256> {
        // HMAC itself fills a key up to a block of SHA-256 with zeros.
        let mut block = Zeroizing::new([0; 2 * COMMITMENT_BYTES]);
        block
            .iter_mut()
            .zip(self.0.iter())
            .for_each(|(to, byte)| *to = *byte);
        Hmac::new(&(*block).into()).chain_update(label)
    }
}

fn with_length(mac: Hmac<Sha256>, bytes: &[u8]) -> Hmac<Sha256> {
    mac.chain_update((bytes.len() as u64).to_be_bytes())
        .chain_update(bytes)
}

fn finish(mac: Hmac<Sha256>) -> [u8; COMMITMENT_BYTES] {
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("SubjectKey(…)")
    }
}

impl Commitment {
    /// One that was read from an entry.
    pub fn new(bytes: [u8; COMMITMENT_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes, as they go into an entry.
    pub fn as_bytes(&self) -> &[u8; COMMITMENT_BYTES] {
        &self.0
    }
}

impl Link {
    /// One that was read from an entry.
    pub fn new(bytes: [u8; COMMITMENT_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes, as they go into an entry.
    pub fn as_bytes(&self) -> &[u8; COMMITMENT_BYTES] {
        &self.0
    }
}
