//! Backup while the node runs, putting one in place, and seeing whether a node is whole.

use crate::{App, Caller, Error, accesses, grants};
use anlan_model::ids::GrantId;
use anlan_policy::Action;
use anlan_store::verify::Verified;
use jiff::Timestamp;
use std::path::Path;

/// Copies database and photos into a new folder while the node goes on working. The node's key is not copied. A copy that leaves
/// the data folder needs a grant that two people made.
pub fn take(
    app: &App,
    caller: &Caller,
    (to, grant): (&Path, Option<GrantId>),
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), Error> {
    app.require(caller, Action::BackupRun)?;
    let is_inside = anlan_store::backup::is_inside(&app.store, to)?;
    let used = match grant {
        Some(grant) => Some(grants::use_for_backup(app, caller, grant)?),
        None if is_inside => {
            accesses::keep_node(app, caller, "backup")?;
            None
        }
        None => return Err(wants_grant()),
    };
    let copied = anlan_store::backup::to(&app.store, to, |step| progress(step.done, step.total));
    if let Some(grant) = used.filter(|_| copied.is_err()) {
        grants::give_back(app, grant)?;
    }
    copied.map_err(Error::from)
}

fn wants_grant() -> Error {
    Error::denied(
        "backup.two",
        "备份到数据目录之外须由两人办理：请系统管理员在“授权”中申请，由安全管理员批准，再用 --grant 加编号执行。没有备份任何内容。",
        "A backup out of the data folder takes two people: let a system administrator ask for it under Grants and a security \
         administrator approve, then run it with --grant and its number. Nothing was copied.",
    )
}

/// Checks every case against its events, in one snapshot; progress is cases done, of all.
pub fn verify(app: &App, caller: &Caller, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, Error> {
    accesses::keep_node(app, caller, "verify")?;
    app.store.read(|tx| {
        let all = anlan_store::cases::newest(tx)?.map_or(0, |id| id.0.unsigned_abs());
        anlan_store::verify::state(tx, &mut |done| progress(done, all)).map_err(Error::from)
    })
}

/// Checks a backup and puts it where no node is yet. The node that opens there serves nobody before two people have confirmed it.
pub fn restore(
    from: &Path,
    database: &Path,
    at: Timestamp,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), Error> {
    anlan_store::backup::restore(from, database, at, |step| progress(step.done, step.total))
        .map_err(Error::from)
}
