//! The access log as files: handing them to anybody, and seeing whether log, rows and chains agree. Reading the entries in
//! words is `accesses`; writing the files is the store's.

use crate::{App, Caller, Error, accesses};
use anlan_store::logs::Fault;
pub use anlan_store::logs::{Compared, Kind, Published};
use anlan_tlog::notes::VerifierKey;
use std::path::Path;

/// A file of the log by its path below the log's address. Anybody may have it: it names nobody, so no entry is left either.
pub fn published(app: &App, path: &str) -> Result<Published, Error> {
    anlan_store::logs::published(&app.store, path)?.ok_or(Error::Missing { what: "log file" })
}

/// Verifies a folder (the node's own if none is given) and every access in the database against it; progress is what is done,
/// of all. What is not right is the inner error.
pub fn verify(
    app: &App,
    caller: &Caller,
    folder: Option<&Path>,
    key: &VerifierKey,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Result<Compared, Fault>, Error> {
    accesses::keep_node(app, caller, "log")?;
    Ok(anlan_store::logs::verify(&app.store, folder, key, progress))
}
