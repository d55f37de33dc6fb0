//! Backup while the node runs, and putting one in place.

use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_policy::Action;
use std::path::Path;

/// Copies database and photos into a new folder while the node goes on working. The node's key is not copied.
pub fn take(app: &App, caller: &Caller, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
    app.require(caller, Action::BackupRun)?;
    accesses::log(
        app,
        accesses::entry(
            app,
            caller,
            Action::BackupRun,
            "node",
            "backup",
            Purpose::Maintenance,
        ),
    )?;
    anlan_store::backup::to(&app.store, to, |step| progress(step.done, step.total)).map_err(Error::from)
}

/// Checks a backup and puts it where no node is yet.
pub fn restore(from: &Path, database: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
    anlan_store::backup::restore(from, database, |step| progress(step.done, step.total)).map_err(Error::from)
}
