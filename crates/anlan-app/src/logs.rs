//! The access log as files: handing them to anybody, and seeing whether log, rows and chains agree. Reading the entries in
//! words is `accesses`; writing the files is the store's.

use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::CaseId;
use anlan_policy::Action;
use anlan_store::accesses::History;
pub use anlan_store::logs::{CaseProof, Compared, Fault, Kind, Published};
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::proof_files::ProofFile;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// A head that witnesses have cosigned serves for as long as it lacks nothing older than this.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A file of the log by its path below the log's address. Anybody may have it: it names nobody, so no entry is left either.
pub fn published(app: &App, path: &str) -> Result<Published, Error> {
    anlan_store::logs::published(&app.store, path)?.ok_or(Error::Missing { what: "log file" })
}

/// The same from a folder with any log.
pub fn published_in(folder: &Path, path: &str) -> Result<Published, Error> {
    anlan_store::logs::published_in(folder, path)?.ok_or(Error::Missing { what: "log file" })
}

/// When the oldest access there is was made; `None` before the first.
pub fn begun(app: &App) -> Result<Option<Timestamp>, Error> {
    Ok(app.store.read(anlan_store::accesses::begun)?)
}

/// The proof that one entry is in the log, with the entry in it. It names nobody, but it is for who keeps the node to hand out.
pub fn prove_entry(app: &App, caller: &Caller, entry: u64) -> Result<Result<ProofFile, Fault>, Error> {
    accesses::keep_node(app, caller, "log")?;
    Ok(anlan_store::logs::prove_entry(&app.store, entry))
}

/// The proofs for every access to a case, with the key that finds them; noted in the case's own chain.
pub fn prove_case(app: &App, caller: &Caller, case: CaseId) -> Result<Result<CaseProof, Fault>, Error> {
    app.require(caller, Action::AccessRead)?;
    let found = app.store.read(|tx| anlan_store::cases::find(tx, case))?;
    found.ok_or(Error::Missing { what: "case" })?;
    let entry = accesses::entry(app, caller, Action::AccessRead, "case", case, Purpose::Audit);
    let stay = Stay { case, until: None };
    prove_stays(app, &[stay], entry).map(|(_, proof)| proof)
}

/// A case that a report is in, or was in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) case: CaseId,
    /// When it went on to another case, and this one stayed with others' reports.
    pub(crate) until: Option<Timestamp>,
}

/// Notes the access, and then gives all accesses to these cases, that one among them, and what proves them.
pub(crate) fn prove_stays(
    app: &App,
    stays: &[Stay],
    entry: Access,
) -> Result<(Vec<History>, Result<CaseProof, Fault>), Error> {
    accesses::log(app, entry)?;
    let mut histories = Vec::new();
    for stay in stays {
        let found = app
            .store
            .read(|tx| anlan_store::accesses::of_case(tx, stay.case))?;
        histories.extend(found.map(|mut history| {
            stay.until.into_iter().for_each(|until| history.end(until));
            history
        }));
    }
    let settled = app
        .clock
        .now()
        .checked_sub(SETTLED_AFTER)
        .unwrap_or(Timestamp::MIN);
    let proof = anlan_store::logs::prove_cases(&app.store, &histories, settled);
    Ok((histories, proof))
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
