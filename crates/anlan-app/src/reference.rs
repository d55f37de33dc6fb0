//! Changing what a jurisdiction lives by: cells, divisions, offices, classes and documents.

use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::cells::Division;
use anlan_model::classes::Class;
use anlan_model::ids::OfficeId;
use anlan_policy::Action;
use anlan_store::cells::NewCell;
use anlan_store::offices::NewOffice;
use std::sync::Arc;

/// What the jurisdiction lives by, for whoever may read it.
pub fn read(app: &App, caller: &Caller) -> Result<Arc<Jurisdiction>, Error> {
    app.require(caller, Action::ReferenceRead)?;
    Ok(app.node())
}

fn entry(app: &App, caller: &Caller, what: &str, count: usize) -> Access {
    accesses::entry(
        app,
        caller,
        Action::ReferenceWrite,
        what,
        "",
        Purpose::Maintenance,
    )
    .of_many(count)
}

/// Puts a scheme's cells in place of those it had. The caller has checked their shapes.
pub fn put_cells(
    app: &App,
    caller: &Caller,
    scheme: &str,
    cells: Vec<NewCell>,
    divisions: Vec<Division>,
) -> Result<usize, Error> {
    app.require(caller, Action::ReferenceWrite)?;
    let entry = entry(app, caller, "cells", cells.len());
    let scheme = scheme.to_owned();
    let kept = app.store.write(move |tx| {
        anlan_store::cells::upsert_divisions(tx, &divisions)?;
        let kept = anlan_store::cells::replace_all(tx, &scheme, &cells)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(kept)
    })?;
    app.reload()?;
    Ok(kept)
}

/// Adds offices or changes those with the same code; answers their ids in order.
pub fn put_offices(app: &App, caller: &Caller, offices: Vec<NewOffice>) -> Result<Vec<OfficeId>, Error> {
    app.require(caller, Action::ReferenceWrite)?;
    let entry = entry(app, caller, "offices", offices.len());
    let ids = app.store.write(move |tx| {
        let ids = offices
            .iter()
            .map(|office| anlan_store::offices::upsert(tx, office));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(ids)
    })?;
    app.reload()?;
    Ok(ids)
}

/// Adds classes or changes those with the same code.
pub fn put_classes(app: &App, caller: &Caller, classes: Vec<Class>) -> Result<usize, Error> {
    app.require(caller, Action::ReferenceWrite)?;
    let entry = entry(app, caller, "classes", classes.len());
    let kept = app.store.write(move |tx| {
        let kept = anlan_store::classes::upsert_many(tx, &classes)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(kept)
    })?;
    app.reload()?;
    Ok(kept)
}

/// Puts a new version of a document into force (`jurisdictions::documents` names them). If the node cannot be loaded
/// with it, the version before stays in force and the fault is told.
pub fn put_document(app: &App, caller: &Caller, name: &'static str, body: String) -> Result<u32, Error> {
    app.require(caller, Action::ReferenceWrite)?;
    crate::jurisdictions::check(&app.node(), name, &body)?;
    let entry = entry(app, caller, name, 1);
    let stamp = caller.stamp(app.clock.now());
    let version = app.store.write(move |tx| {
        let version = anlan_store::settings::put(tx, name, &body, &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(version)
    })?;
    app.reload()?;
    Ok(version)
}
