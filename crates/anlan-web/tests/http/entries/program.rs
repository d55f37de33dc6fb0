//! Steps of the command line and the timers: the actions they call, called as they call them.

use super::{Left, Want, World, steps};
use crate::things::{self, Lies};
use anlan_app::imports::{self, BadRow, Begin, Row};
use anlan_app::jurisdictions::documents;
use anlan_app::{Caller, accesses, accounts, backups, logs, policies, reference, restorations};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::{Account, Role};
use anlan_model::ids::{AccountId, CaseId, ClassCode, ImportId};
use anlan_model::imports::{Fault, ImportState};
use anlan_policy::{Action, Actor};
use anlan_store::accesses::AccessFilter;
use anlan_tlog::notes::Signer;
use std::sync::Arc;

steps![
    hire,
    audit,
    backup,
    backup_out,
    note_restoration,
    verify,
    verify_log,
    prove_entry,
    prove_case,
    put_offices,
    put_classes,
    put_cells,
    put_document,
    begin,
    add_classes,
    take_batch,
    retry,
    retry_in_vain,
    waiting,
    load_policies,
];

fn left(action: Action, resource: &'static str, id: &impl ToString, count: u32) -> Left {
    let purpose = if action == Action::AccessRead {
        Purpose::Audit
    } else {
        Purpose::Maintenance
    };
    let want: Want = (None, action, resource, id.to_string(), purpose, count);
    Left {
        door: None,
        wants: vec![want],
    }
}

fn of_role(role: Role) -> Caller {
    let actor = Actor {
        roles: vec![role],
        ..Actor::default()
    };
    Caller {
        actor,
        ..Caller::system()
    }
}

async fn hire(world: &mut World) -> Left {
    let account = Account {
        id: AccountId(0),
        name: format!("new{}", world.below(usize::MAX)),
        display_name: "Wang".into(),
        roles: vec![Role::Clerk],
        office: None,
        division: String::new(),
        is_active: true,
    };
    let made = accounts::create(
        &world.bench.app,
        &Caller::system(),
        account,
        crate::bench::PASSWORD,
    );
    left(Action::AccountWrite, "account", &made.unwrap().id, 1)
}

async fn audit(world: &mut World) -> Left {
    let auditor = of_role(Role::Auditor);
    let limit = 1 + u16::try_from(world.below(3)).unwrap();
    let filter = AccessFilter::default();
    let page = accesses::list(&world.bench.app, &auditor, &filter, None, limit).unwrap();
    let count = u32::try_from(page.items.len()).unwrap();
    left(Action::AccessRead, "access", &"list", count)
}

async fn backup(world: &mut World) -> Left {
    let to = world.bench.folder().join(format!("copy-{}", things::number()));
    backups::take(&world.bench.app, &Caller::system(), (&to, None), &mut |_, _| {}).unwrap();
    left(Action::BackupRun, "node", &"backup", 1)
}

async fn backup_out(world: &mut World) -> Left {
    let grant = things::backup_grant(&world.bench);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("copy");
    world.mark();
    let app = &world.bench.app;
    backups::take(app, &Caller::system(), (&to, Some(grant)), &mut |_, _| {}).unwrap();
    left(Action::BackupRun, "node", &format!("backup, grant {grant}"), 1)
}

async fn note_restoration(world: &mut World) -> Left {
    things::restoration(&world.bench);
    let noted = || restorations::note(&world.bench.app, &Caller::system()).unwrap();
    assert!(noted() && !noted());
    left(Action::BackupRun, "node", &"restored", 1)
}

async fn verify(world: &mut World) -> Left {
    backups::verify(&world.bench.app, &Caller::system(), &mut |_, _| {}).unwrap();
    left(Action::BackupRun, "node", &"verify", 1)
}

async fn verify_log(world: &mut World) -> Left {
    let signer = Signer::new("county.example/log".parse().unwrap(), &[5; 32]);
    // That no log is kept here is told too; asking is what leaves an entry.
    let told = logs::verify(
        &world.bench.app,
        &Caller::system(),
        None,
        signer.key(),
        &mut |_, _| {},
    );
    told.map(drop).unwrap();
    left(Action::BackupRun, "node", &"log", 1)
}

async fn prove_entry(world: &mut World) -> Left {
    let told = logs::prove_entry(&world.bench.app, &Caller::system(), 0);
    told.map(drop).unwrap();
    left(Action::BackupRun, "node", &"log", 1)
}

async fn prove_case(world: &mut World) -> Left {
    let id = world.any_case();
    let told = logs::prove_case(&world.bench.app, &of_role(Role::Auditor), CaseId(id));
    told.map(drop).unwrap();
    left(Action::AccessRead, "case", &id, 1)
}

async fn put_offices(world: &mut World) -> Left {
    reference::put_offices(&world.bench.app, &Caller::system(), vec![]).unwrap();
    left(Action::ReferenceWrite, "offices", &"", 0)
}

async fn put_classes(world: &mut World) -> Left {
    let known = world.bench.app.node().classes.values().take(1).cloned().collect();
    reference::put_classes(&world.bench.app, &Caller::system(), known).unwrap();
    left(Action::ReferenceWrite, "classes", &"", 1)
}

async fn put_cells(world: &mut World) -> Left {
    reference::put_cells(&world.bench.app, &Caller::system(), "another", vec![], vec![]).unwrap();
    left(Action::ReferenceWrite, "cells", &"", 0)
}

async fn put_document(world: &mut World) -> Left {
    let app = &world.bench.app;
    let node = serde_json::to_string(&app.node().node).unwrap();
    reference::put_document(app, &Caller::system(), documents::NODE, node).unwrap();
    left(Action::ReferenceWrite, documents::NODE, &"", 1)
}

async fn begin(world: &mut World) -> Left {
    let run = Begin {
        file: "a.csv".into(),
        digest: format!("{:x}", world.below(usize::MAX)),
        mapping: "plain".into(),
        bytes_total: 9,
        take_over: false,
    };
    imports::begin(&world.bench.app, &Caller::system(), &run).unwrap();
    left(Action::ImportRun, "import", &"plain", 1)
}

async fn add_classes(world: &mut World) -> Left {
    let app = &world.bench.app;
    let known = app.node().classes.values().next().unwrap().clone();
    let code = ClassCode(format!("x{}", app.node().classes.len()));
    let new = anlan_model::classes::Class {
        code,
        ..known.clone()
    };
    imports::add_classes(app, &Caller::system(), vec![known, new]).unwrap();
    left(Action::ImportRun, "classes", &"", 1)
}

fn good(world: &World) -> Row {
    let mut incoming = things::incoming(Lies::Elsewhere);
    incoming.external_id = Some(format!("row-{}", world.cases.len()));
    imports::ready(&world.bench.app, &Caller::system(), incoming, 2, Vec::new)
}

fn bad() -> Row {
    let fault = Fault {
        line: 3,
        column: None,
        value: None,
        code: "id.missing".into(),
        message: "there is no id".into(),
    };
    Row::Bad(BadRow {
        faults: vec![fault],
        fields: vec![("id".into(), String::new())],
    })
}

fn newest(world: &mut World) {
    let newest = world.bench.app.store.read(anlan_store::cases::newest);
    let id = newest
        .map_err(|error: anlan_store::Error| error)
        .unwrap()
        .unwrap();
    world.cases.push(id.0);
}

async fn take_batch(world: &mut World) -> Left {
    let (run, _) = things::import(&world.bench, ImportState::Running);
    let rows = Arc::new(vec![good(world), bad()]);
    imports::take_batch(&world.bench.app, &Caller::system(), ImportId(run), rows, 9).unwrap();
    newest(world);
    left(Action::ImportRun, "import", &run, 2)
}

/// A row kept back, tried again as `row`.
fn tried(world: &mut World, row: Row) -> Left {
    let (run, kept) = things::import(&world.bench, ImportState::Stopped);
    let app = &world.bench.app;
    let page = imports::quarantine(app, &Caller::system(), ImportId(run), None, 9).unwrap();
    world.mark();
    imports::retry(&world.bench.app, &Caller::system(), &page.items[0], row).unwrap();
    left(Action::ImportMend, "quarantine", &kept, 1)
}

async fn retry(world: &mut World) -> Left {
    let row = good(world);
    let left = tried(world, row);
    newest(world);
    left
}

async fn retry_in_vain(world: &mut World) -> Left {
    tried(world, bad())
}

async fn waiting(world: &mut World) -> Left {
    let (run, _) = things::import(&world.bench, ImportState::Stopped);
    imports::waiting(&world.bench.app, &of_role(Role::Steward), ImportId(run), None).unwrap();
    left(Action::ImportMend, "quarantine", &run, 1)
}

async fn load_policies(world: &mut World) -> Left {
    let set = format!("set-{}", things::number());
    let noted = || policies::loaded(&world.bench.app, &Caller::system(), &set).unwrap();
    // The same again is no change, and leaves nothing.
    assert!(noted() && !noted());
    left(Action::PolicyLoad, "policy", &set, 1)
}
