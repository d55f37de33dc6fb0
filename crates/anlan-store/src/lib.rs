//! Operational truth: one unit of work is one durable transaction. Knows SQL and the file system; knows no rule of the
//! domain, asks no policy and speaks no protocol. One module per noun, all written against [`Tx`].

pub mod accesses;
pub mod accounts;
pub mod alerts;
pub mod backup;
mod blobs;
mod body;
pub mod cases;
pub mod cells;
pub mod classes;
pub mod contacts;
pub mod counts;
mod cursor;
pub mod directories;
pub mod erasures;
mod error;
pub mod events;
pub mod folders;
pub mod grants;
pub mod identities;
pub mod imports;
pub mod jobs;
pub mod locks;
pub mod logs;
pub mod machines;
mod migrations;
pub mod offices;
pub mod passkeys;
pub mod photos;
pub mod posts;
pub mod quarantine;
pub mod reports;
mod residues;
pub mod reviews;
mod sealing;
pub mod search;
pub mod sessions;
pub mod settings;
mod store;
pub mod totps;
mod tx;
pub mod uploads;
pub mod verify;
pub mod warnings;
pub mod witnesses;
mod writer;

pub use cursor::Cursor;
pub use error::Error;
pub use store::{Store, StoreConfig};
pub use tx::{Row, Tx, Value};
pub use writer::{Checkpointer, Writer};

/// What a `list` answers: some of the things, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The things, in order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}
