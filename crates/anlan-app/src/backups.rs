//! Backup while the node runs, putting one in place, and seeing whether a node is whole.

use crate::{App, Caller, Error, accesses};
use anlan_store::verify::Verified;
use std::path::Path;

/// Copies database and photos into a new folder while the node goes on working. The node's key is not copied.
pub fn take(app: &App, caller: &Caller, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
    accesses::keep_node(app, caller, "backup")?;
    anlan_store::backup::to(&app.store, to, |step| progress(step.done, step.total)).map_err(Error::from)
}

/// Checks every case against its events, in one snapshot; progress is cases done, of all.
pub fn verify(app: &App, caller: &Caller, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, Error> {
    accesses::keep_node(app, caller, "verify")?;
    app.store.read(|tx| {
        let all = anlan_store::cases::newest(tx)?.map_or(0, |id| id.0.unsigned_abs());
        anlan_store::verify::state(tx, &mut |done| progress(done, all)).map_err(Error::from)
    })
}

/// Checks a backup and puts it where no node is yet.
pub fn restore(from: &Path, database: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
    anlan_store::backup::restore(from, database, |step| progress(step.done, step.total)).map_err(Error::from)
}
