//! The access log: every action, and every look at protected data, leaves an entry before the data leaves us.

use crate::{App, Caller, Error};
use anlan_model::accesses::{Access, Purpose};
use anlan_policy::Action;
use anlan_store::accesses::AccessFilter;
use anlan_store::{Cursor, Page};

/// An entry for what the caller is about to do or see.
pub(crate) fn entry(
    app: &App,
    caller: &Caller,
    action: Action,
    resource: &str,
    id: impl std::fmt::Display,
    purpose: Purpose,
) -> Access {
    Access {
        at: app.clock.now(),
        actor: caller.actor.account,
        post: caller.post,
        office: caller.actor.office,
        action: action.code().into(),
        resource: resource.into(),
        resource_id: id.to_string(),
        purpose,
        allowed: true,
        count: 1,
    }
}

/// Lets through who may keep the node, and notes what they do with it.
pub(crate) fn keep_node(app: &App, caller: &Caller, what: &str) -> Result<(), Error> {
    app.require(caller, Action::BackupRun)?;
    log(
        app,
        entry(app, caller, Action::BackupRun, "node", what, Purpose::Maintenance),
    )
}

/// Writes an entry and waits until it is durable.
pub(crate) fn log(app: &App, entry: Access) -> Result<(), Error> {
    app.store
        .write(move |tx| anlan_store::accesses::append(tx, &entry).map_err(Error::from))
}

/// The newest entries, for auditors; reading the log is itself logged.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &AccessFilter,
    after: Option<&Cursor>,
    limit: u16,
) -> Result<Page<Access>, Error> {
    app.require(caller, Action::AccessRead)?;
    let page = app
        .store
        .read(|tx| anlan_store::accesses::list(tx, filter, after, limit.into()).map_err(Error::from))?;
    let own =
        entry(app, caller, Action::AccessRead, "access", "list", Purpose::Audit).of_many(page.items.len());
    log(app, own)?;
    Ok(page)
}
