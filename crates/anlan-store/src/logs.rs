//! The access log as files that anyone can verify: bundles of leaves, tiles of hashes, a signed checkpoint, under `log/`
//! beside the database. The rows are the truth; what is here follows them and never leads.

mod case_proofs;
mod comparing;
mod files;
mod keeping;
mod proving;
mod rows;
mod verifying;

pub use case_proofs::{CaseProof, FORMAT, ProvenCase, ProvenEntry};
pub use comparing::{Compared, verify};
pub(crate) use files::mark_restored;
pub use files::{Kind, Published, published, published_in};
pub use keeping::Keeper;
pub use proving::{prove_cases, prove_entry, prove_growth};
pub use verifying::{Told, verify_folder};

use crate::error::Error;
use crate::store::Store;
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::notes::{KeyName, Note};
use files::{CHECKPOINT, Folder};

/// Why a log is not kept on, or not right. Nothing is signed then.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is one keeper already.
    #[error("another program keeps this log: {0} is locked")]
    Locked(String),
    /// Something is not what it should be.
    #[error("{place}: {reason}")]
    Wrong {
        /// A file below the log's folder, an entry, a row or a case.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The log shows more than the database has.
    #[error(
        "the log has {log} entries, the database {database}: it was restored from an older backup, or is another node's. \
        Nothing is signed. Restore the newest backup there is. If the rest is lost, move the folder `log` away and keep it, \
        as it shows what was signed, and give the log a new name: `log_origin` in the configuration"
    )]
    Behind {
        /// Entries that were signed.
        log: u64,
        /// Entries in the database.
        database: u64,
    },
    /// The database comes from a backup and the log is not there.
    #[error(
        "the database was restored from a backup, and the log is not beside it: what was signed after the backup is not \
        known here. Nothing is signed. Copy the folder `log` of the old node here. If it is lost, give the log a new name, \
        `log_origin` in the configuration, and remove the file log/restored"
    )]
    Restored,
    /// The store or a file cannot be read or written.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Fault {
    fn wrong(place: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        let (place, reason) = (place.into(), reason.to_string());
        Self::Wrong { place, reason }
    }
}

/// The name that the node's log has by its checkpoint, whoever signed that; `None` while there is no log.
pub fn name(store: &Store) -> Result<Option<KeyName>, Fault> {
    let Some(bytes) = Folder::of(store).read(CHECKPOINT)? else {
        return Ok(None);
    };
    let note = Note::parse(&bytes).map_err(|e| Fault::wrong(CHECKPOINT, e))?;
    let checkpoint = Checkpoint::of_note(&note).map_err(|e| Fault::wrong(CHECKPOINT, e))?;
    let name = checkpoint.origin().parse();
    name.map(Some).map_err(|e| Fault::wrong(CHECKPOINT, e))
}
