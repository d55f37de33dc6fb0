//! The Common Alerting Protocol (OASIS CAP 1.2, with 1.1 and 1.0 read as well): documents become messages of the model, and messages
//! documents. What comes is hostile; nothing is fetched, nothing is kept.

mod arriving;
mod atom;
mod bare;
mod certificates;
mod entries;
mod faults;
mod feeds;
mod judging;
mod message;
mod print;
mod read;
mod seals;
mod shapes;
mod signatures;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod values;

pub use arriving::arrived;
pub use atom::{Listed, Listing, atom};
pub use entries::Entry;
pub use faults::{FAULTS_MAX, Fault, Refused};
pub use feeds::{Feed, FeedKind, feed};
pub use print::print;
pub use read::{Read, read};
pub use seals::{sign, verify};

use std::fmt;

/// The largest document that is read, bytes.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// The deepest. The protocol itself goes five deep, a signature eight.
pub const DEPTH_MAX: usize = 16;
/// The most elements of one document.
pub const ELEMENTS_MAX: usize = 100_000;
/// The most of `info`.
pub const INFOS_MAX: usize = 200;
/// The most of `area`, over all of `info`.
pub const AREAS_MAX: usize = 10_000;
/// The most points of polygons, over all areas.
pub const POINTS_MAX: usize = 200_000;

/// The largest feed that is read, bytes.
pub const FEED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most entries of a feed.
pub const ENTRIES_MAX: usize = 10_000;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// CAP 1.0, of 2004.
    V1_0,
    /// CAP 1.1, of 2005.
    V1_1,
    /// CAP 1.2, of 2010.
    V1_2,
}

impl Version {
    /// The namespace of its elements.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V1_0 => "http://www.incident.com/cap/1.0",
            Self::V1_1 => "urn:oasis:names:tc:emergency:cap:1.1",
            Self::V1_2 => "urn:oasis:names:tc:emergency:cap:1.2",
        }
    }

    /// The version that has this namespace.
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        let all = [Self::V1_0, Self::V1_1, Self::V1_2];
        all.into_iter().find(|version| version.namespace() == namespace)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        })
    }
}
