//! Policies as they are put into force: whoever changes them leaves a trace. What they say is not looked at here.

use crate::{App, Caller, Error, accesses, accounts, allowed};
use anlan_model::accesses::Purpose;
use anlan_policy::{Action, PolicyText};
use sha2::{Digest, Sha256};

/// The document that says which of a node's own policies were in force last.
const LOADED: &str = "policies-loaded";
/// As many letters of a digest as tell sets apart.
const SHOWN: usize = 16;

/// What a set of own policies is known by: the names and texts of its files. Without files it is that of the shipped ones.
pub fn digest(own: &[PolicyText<'_>]) -> String {
    if own.is_empty() {
        return "shipped".into();
    }
    let mut hasher = Sha256::new();
    for part in own.iter().flat_map(|file| [file.name, file.text]) {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    accounts::hex(&hasher.finalize()).chars().take(SHOWN).collect()
}

/// Notes that the policies in force are those of this digest, if they were others last time. Whether it noted anything.
pub fn loaded(app: &App, caller: &Caller, digest: &str) -> Result<bool, Error> {
    // Asked of the policies that are loaded now: a set that took this right from the node was refused before.
    allowed(&app.policy.may(&caller.actor, Action::PolicyLoad))?;
    let entry = accesses::entry(
        app,
        caller,
        Action::PolicyLoad,
        "policy",
        digest,
        Purpose::Maintenance,
    );
    let stamp = caller.stamp(app.clock.now());
    let digest = digest.to_owned();
    app.store.write(move |tx| {
        let last = anlan_store::settings::latest(tx, LOADED)?;
        let last = last.map_or_else(|| "shipped".to_owned(), |setting| setting.body);
        if last == digest {
            return Ok(false);
        }
        anlan_store::settings::put(tx, LOADED, &digest, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(true)
    })
}
