//! What this node, as a witness, has cosigned last of each log of others. Whether a head is to be cosigned is decided by the
//! caller, in the same unit of work.

use crate::error::Error;
use crate::tx::Tx;
use anlan_tlog::hashes::Hash;
use anlan_tlog::trees::Head;
use jiff::Timestamp;

/// The last head of a log that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Size and root.
    pub head: Head,
    /// The checkpoint with the log's signature and the cosignatures of this node.
    pub checkpoint: String,
    /// When.
    pub at: Timestamp,
}

/// The last head of the log with this origin; `None` if there was none yet.
pub fn find(tx: &mut Tx<'_>, origin: &str) -> Result<Option<Witnessed>, Error> {
    let sql = "SELECT size, root, checkpoint, at FROM witnessed WHERE origin = ?1";
    tx.query_one(sql, &[origin.into()], |row| {
        let root = <[u8; 32]>::try_from(row.blob(1)?);
        let root = root.map_err(|_gone| Error::Corrupt("a cosigned root has not 32 bytes".to_owned()))?;
        let size = u64::try_from(row.int(0)?);
        let size = size.map_err(|_gone| Error::Corrupt("a cosigned size is below 0".to_owned()))?;
        Ok(Witnessed {
            head: Head {
                size,
                root: Hash::new(root),
            },
            checkpoint: row.text(2)?.to_owned(),
            at: row.time(3)?,
        })
    })
}

/// Keeps a head in place of the one before.
pub fn keep(tx: &mut Tx<'_>, origin: &str, witnessed: &Witnessed) -> Result<(), Error> {
    let size = i64::try_from(witnessed.head.size);
    let size = size.map_err(|_gone| Error::Invalid("the log is too large".to_owned()))?;
    let sql = "INSERT INTO witnessed (origin, size, root, checkpoint, at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (origin) DO UPDATE SET size = ?2, root = ?3, checkpoint = ?4, at = ?5";
    let params = [
        origin.into(),
        size.into(),
        witnessed.head.root.as_bytes().into(),
        (&witnessed.checkpoint).into(),
        witnessed.at.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}
