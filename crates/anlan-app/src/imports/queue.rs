//! Runs that wait for the node's job loop: queued from the browser, stopped, resumed, replayed.

use super::{Begin, get, is_run_of, run};
use crate::uploads::{self, Plan};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::ids::ImportId;
use anlan_model::imports::{Import, ImportState};
use anlan_policy::Action;
use anlan_store::Tx;
use jiff::Timestamp;

/// Keeps a run for later, with the job that will do it.
pub(crate) fn queue(app: &App, caller: &Caller, begin: &Begin, plan: Plan) -> Result<Import, Error> {
    let entry = accesses::entry(
        app,
        caller,
        Action::ImportRun,
        "import",
        &begin.mapping,
        Purpose::Maintenance,
    );
    let (begin, now) = (begin.clone(), app.clock.now());
    app.store.write(move |tx| {
        let busy = |import: &&Import| matches!(import.state, ImportState::Running | ImportState::Queued);
        if let Some(running) = anlan_store::imports::list(tx)?
            .iter()
            .find(|import| busy(import) && is_run_of(import, &begin))
        {
            let id = running.id;
            return Err(Error::conflict(
                "import.running",
                format!("该文件的导入 {id} 正在等待或进行，没有重复启动。"),
                format!("Import {id} of this file is waiting or running already; nothing was started."),
            ));
        }
        let import = anlan_store::imports::insert(tx, &run(&begin, ImportState::Queued, now), &json(&plan)?)?;
        enqueue(
            tx,
            &Plan {
                import: import.id,
                ..plan.clone()
            },
            now,
        )?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}

fn json(plan: &Plan) -> Result<String, Error> {
    serde_json::to_string(plan).map_err(|error| Error::Unavailable {
        detail: error.to_string(),
    })
}

fn enqueue(tx: &mut Tx<'_>, plan: &Plan, now: Timestamp) -> Result<(), Error> {
    anlan_store::jobs::enqueue(tx, uploads::JOB, &json(plan)?, now)?;
    Ok(())
}

/// Asks a running import to stop after its batch, or takes a waiting one out of the queue.
pub fn stop(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    change(app, caller, id, |_, import| {
        if !matches!(import.state, ImportState::Running | ImportState::Queued) {
            return Err(Error::conflict(
                "import.not_running",
                "该导入没有在运行，无需停止。",
                "This import does not run; there is nothing to stop.",
            ));
        }
        import.state = ImportState::Stopped;
        import.note(Some((
            "已手动停止；继续导入即可，没有丢失任何内容。".into(),
            "Stopped by hand; resume it, nothing is lost.".into(),
        )));
        Ok(())
    })
}

/// Lets a stopped import go on from where it was.
pub fn resume(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    let now = app.clock.now();
    change(app, caller, id, move |tx, import| {
        if !uploads::may_go_on(import.state) {
            return Err(Error::conflict(
                "import.not_stopped",
                "该导入没有停止，无需继续。",
                "This import is not stopped; there is nothing to resume.",
            ));
        }
        (import.state, import.ended_at) = (ImportState::Queued, None);
        import.note(None);
        let known = plan(tx, import.id)?;
        enqueue(
            tx,
            &Plan {
                import: import.id,
                replay: false,
                ..known
            },
            now,
        )
    })
}

/// Tries the rows a run kept back again.
pub fn replay(app: &App, caller: &Caller, id: ImportId) -> Result<Import, Error> {
    let now = app.clock.now();
    change(app, caller, id, move |tx, import| {
        let known = plan(tx, import.id)?;
        enqueue(
            tx,
            &Plan {
                import: import.id,
                replay: true,
                ..known
            },
            now,
        )
    })
}

fn plan(tx: &mut Tx<'_>, id: ImportId) -> Result<Plan, Error> {
    let text = anlan_store::imports::plan(tx, id)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(|_error| {
        Error::conflict(
            "import.by_command",
            "该导入由命令行启动，请在命令行用同一文件继续（anlan import、anlan replay）。",
            "This run was started on the command line; go on there with the same file (`anlan import`, `anlan replay`).",
        )
    })
}

fn change(
    app: &App,
    caller: &Caller,
    id: ImportId,
    decide: impl Fn(&mut Tx<'_>, &mut Import) -> Result<(), Error> + Send + 'static,
) -> Result<Import, Error> {
    app.require(caller, Action::ImportRun)?;
    let entry = accesses::entry(app, caller, Action::ImportRun, "import", id, Purpose::Maintenance);
    app.store.write(move |tx| {
        let mut import = get(tx, id)?;
        decide(tx, &mut import)?;
        anlan_store::imports::update(tx, &import)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(import)
    })
}
