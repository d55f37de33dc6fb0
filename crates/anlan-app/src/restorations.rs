//! Restorations: a node that was put back from a backup serves nobody until two administrators of different kinds have looked at it
//! and said so. What a door does meanwhile is the door's.

use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::events::Stamp;
use anlan_model::restorations::{Restoration, RestorationFault};
use anlan_policy::Action;
use anlan_store::backup::RESTORATION;
use anlan_store::{Store, Tx};

/// The restoration that waits for confirmation, as the store has it.
pub(crate) fn waiting(store: &Store) -> Result<Option<Restoration>, Error> {
    store.read(find)
}

fn find(tx: &mut Tx<'_>) -> Result<Option<Restoration>, Error> {
    let Some(setting) = anlan_store::settings::latest(tx, RESTORATION)? else {
        return Ok(None);
    };
    let read: Restoration = serde_json::from_str(&setting.body).map_err(|error| unreadable(&error))?;
    Ok(Some(read).filter(|restoration| !restoration.is_over()))
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::Unavailable {
        detail: format!("the record of the restoration: {error}"),
    }
}

fn put(tx: &mut Tx<'_>, restoration: &Restoration, stamp: &Stamp) -> Result<(), Error> {
    let body = serde_json::to_string(restoration).map_err(|error| unreadable(&error))?;
    anlan_store::settings::put(tx, RESTORATION, &body, stamp)?;
    Ok(())
}

/// Notes in the access log that this node was put back, once. Whether it noted anything.
pub fn note(app: &App, caller: &Caller) -> Result<bool, Error> {
    app.require(caller, Action::BackupRun)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::BackupRun,
        "node",
        "restored",
        Purpose::Maintenance,
    );
    let stamp = caller.stamp(app.clock.now());
    app.store.write(move |tx| {
        let Some(mut restoration) = find(tx)?.filter(|restoration| !restoration.is_noted) else {
            return Ok(false);
        };
        restoration.is_noted = true;
        put(tx, &restoration, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(true)
    })
}

/// An administrator's word that the node is the right one. With the second it serves again.
pub fn confirm(app: &App, caller: &Caller) -> Result<Restoration, Error> {
    app.require(caller, Action::RestoreConfirm)?;
    let by = caller.actor.account.ok_or(Error::Missing { what: "account" })?;
    let roles = caller.actor.roles.clone();
    let entry = accesses::entry(
        app,
        caller,
        Action::RestoreConfirm,
        "node",
        "restored",
        Purpose::Maintenance,
    );
    let now = app.clock.now();
    let stamp = caller.stamp(now);
    let confirmed = app.store.write(move |tx| {
        let restoration = find(tx)?.ok_or_else(none_waits)?;
        let restoration = restoration.confirmed(by, &roles, now).map_err(fault)?;
        put(tx, &restoration, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(restoration)
    })?;
    app.look_at_restoration()?;
    Ok(confirmed)
}

fn none_waits() -> Error {
    Error::conflict(
        "restoration.none",
        "没有待确认的恢复，未作任何更改。",
        "No restoration waits for confirmation. Nothing was changed.",
    )
}

fn fault(fault: RestorationFault) -> Error {
    match fault {
        RestorationFault::NotConfirming => Error::denied(
            "restoration.role",
            "恢复须由系统管理员和安全管理员各一人确认。未作任何更改。",
            "A system administrator and a security administrator confirm a restoration. Nothing was changed.",
        ),
        RestorationFault::Already => Error::conflict(
            "restoration.already",
            "该类管理员已确认，还须另一类管理员确认。未作任何更改。",
            "An administrator of this kind has confirmed already; one of the other kind still has to. Nothing was changed.",
        ),
    }
}
