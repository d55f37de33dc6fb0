//! What the demo county starts with: classes, offices, divisions, cells, settings, terms, rules and accounts, put in place
//! through the same actions a steward would use.

use super::county::{County, MIDDLE, SCHEME};
use super::offices::{DemoAccount, DemoOffice, PASSWORD};
use super::trickle::LIVE;
use anlan_app::jurisdictions::{NodeSettings, documents};
use anlan_app::{App, Caller, reference, rules};
use anlan_model::class_tables;
use anlan_model::routing::RuleSet;
use anlan_store::accounts::NewAccount;
use anlan_store::cells::NewCell;
use anlan_store::offices::NewOffice;
use anyhow::Context as _;
use std::collections::BTreeMap;

/// Puts everything but accounts and cases in place. May be done again.
pub(super) fn reference(app: &App, county: &County, offices: &[DemoOffice]) -> anyhow::Result<()> {
    let system = Caller::system();
    let mut classes = class_tables::gbt47678()?;
    classes.extend(class_tables::read(
        "demo",
        include_str!("../../../../demo/classes.csv"),
    )?);
    reference::put_classes(app, &system, classes)?;
    // Parents first: a child names its parent by the id the store gave it.
    for parents in 0..3 {
        let ids: BTreeMap<String, _> = app
            .node()
            .offices
            .values()
            .map(|office| (office.code.clone(), office.id))
            .collect();
        let ready = |known: &&DemoOffice| known.depth() == parents;
        let rows: Vec<NewOffice> = offices
            .iter()
            .filter(ready)
            .map(|known| NewOffice {
                parent: known.parent.as_ref().and_then(|code| ids.get(code).copied()),
                ..known.office.clone()
            })
            .collect();
        reference::put_offices(app, &system, rows)?;
    }
    reference::put_document(
        app,
        &system,
        documents::NODE,
        serde_json::to_string(&settings(county))?,
    )?;
    reference::put_cells(app, &system, SCHEME, cells(county), county.divisions())?;
    reference::put_document(app, &system, documents::DEADLINES, deadlines()?)?;
    let watched = include_str!("../../../../standards/warnings.toml");
    let watched = watched.replace("sources = []", &format!("sources = [\"{LIVE}\"]"));
    reference::put_document(app, &system, documents::WARNINGS, watched)?;
    if app.node().router.rules().rules.is_empty() {
        let set = RuleSet::from_toml(include_str!("../../../../demo/rules.toml"))?;
        rules::publish(app, &system, set).context("the demo's routing rules")?;
    }
    Ok(())
}

fn settings(county: &County) -> NodeSettings {
    NodeSettings {
        name_zh: county.places.county.zh.clone(),
        name_en: county.places.county.en.clone(),
        is_demo: true,
        center: [MIDDLE.lon, MIDDLE.lat],
        zoom: 10.8,
        centre_office: "centre".to_owned(),
    }
}

fn cells(county: &County) -> Vec<NewCell> {
    let cell = |cell: &super::county::DemoCell| NewCell {
        code: cell.code.clone(),
        name_zh: cell.zh.clone(),
        name_en: cell.en.clone(),
        division: cell.community.clone(),
        population: Some(cell.population),
        geometry: cell.geometry(),
    };
    county.cells.iter().map(cell).collect()
}

/// The shipped demo terms, with those of the county's own classes before them: the first line that matches counts.
pub(super) fn deadlines() -> anyhow::Result<String> {
    let mut own: toml::Table = toml::from_str(include_str!("../../../../demo/deadlines.toml"))?;
    let mut all: toml::Table = toml::from_str(include_str!("../../../../standards/deadlines-demo.toml"))?;
    for part in ["overall", "state"] {
        let lines = [own.remove(part), all.remove(part)];
        let lines = lines
            .into_iter()
            .flatten()
            .filter_map(|lines| lines.as_array().cloned())
            .flatten()
            .collect();
        all.insert(part.to_owned(), toml::Value::Array(lines));
    }
    Ok(toml::to_string(&all)?)
}

/// Makes the accounts that are not there yet. One hash for all: they share one printed password.
pub(super) fn accounts(app: &App, wanted: &[DemoAccount]) -> anyhow::Result<()> {
    let known = app.store.read(|tx| anlan_store::accounts::list(tx, None))?;
    let is_known = |wanted: &&DemoAccount| known.iter().any(|account| account.name == wanted.name);
    let wanted: Vec<DemoAccount> = wanted.iter().filter(|one| !is_known(one)).cloned().collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let hash = anlan_app::passwords::hash(PASSWORD)?;
    let ids: BTreeMap<String, _> = app
        .node()
        .offices
        .values()
        .map(|office| (office.code.clone(), office.id))
        .collect();
    app.store.write(move |tx| {
        for account in &wanted {
            let new = NewAccount {
                name: &account.name,
                display_name: &account.display,
                roles: account.role.as_slice(),
                office: ids.get(&account.office).copied(),
                division: &account.division,
                password: Some(&hash),
            };
            anlan_store::accounts::insert(tx, &new)?;
        }
        Ok::<_, anlan_store::Error>(())
    })?;
    Ok(())
}
