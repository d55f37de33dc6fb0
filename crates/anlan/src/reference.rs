//! `anlan reference`: puts in place what a county works by: classes, offices, its name, calendar, deadlines, procedure,
//! routing rules, what is watched. Reads files and calls the same actions as every other door.

use crate::cli;
use anlan_app::jurisdictions::{NodeSettings, documents};
use anlan_app::{App, Caller, Error, reference, rules};
use anlan_model::class_tables;
use anlan_model::ids::OfficeId;
use anlan_model::offices::OfficeKind;
use anlan_model::routing::RuleSet;
use anlan_store::offices::NewOffice;
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What to put in place.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which part.
    #[arg(value_enum)]
    part: Part,
    /// The file; without one the shipped classes, calendar, procedure or warnings.
    file: Option<PathBuf>,
    /// Name of a class table, kept with each class; without it the file's name.
    #[arg(long)]
    table: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Classes, CSV.
    Classes,
    /// Offices, TOML: `[[office]]` with code, kind, zh, en, and where they have one parent and division.
    Offices,
    /// The node's names and its map, TOML: `name_zh`, `name_en`, `center`, `zoom`, `centre_office`.
    Node,
    /// Office hours, holidays and make-up days, TOML.
    Calendar,
    /// Terms per class and state, TOML.
    Deadlines,
    /// States and moves, TOML.
    Procedure,
    /// Routing rules, TOML: the next version of them.
    Rules,
    /// What is watched for early warning, TOML.
    Warnings,
}

/// Offices as a file has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offices {
    office: Vec<OfficeRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficeRow {
    code: String,
    kind: OfficeKind,
    zh: String,
    en: String,
    parent: Option<String>,
    #[serde(default)]
    division: String,
    #[serde(default = "yes")]
    active: bool,
}

fn yes() -> bool {
    true
}

/// Puts a part in place. A node that serves meanwhile sees it at its next start.
pub(crate) fn run(app: &App, args: &Args) -> anyhow::Result<()> {
    let text = args
        .file
        .as_deref()
        .map(|file| std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display())))
        .transpose()?;
    let said = put(app, args, text.as_deref())
        .with_context(|| {
            args.file
                .as_deref()
                .unwrap_or(Path::new("shipped"))
                .display()
                .to_string()
        })
        .context("nothing was changed")?;
    cli::say(&said);
    Ok(())
}

fn put(app: &App, args: &Args, text: Option<&str>) -> anyhow::Result<String> {
    let given = || text.context("this part needs a file");
    let shipped = |own: &'static str| text.unwrap_or(own).to_owned();
    let name = match args.part {
        Part::Classes => return classes(app, args, text),
        Part::Offices => return offices(app, given()?),
        Part::Rules => return publish(app, given()?),
        Part::Node => documents::NODE,
        Part::Calendar => documents::CALENDAR,
        Part::Deadlines => documents::DEADLINES,
        Part::Procedure => documents::PROCEDURE,
        Part::Warnings => documents::WARNINGS,
    };
    let body = match args.part {
        Part::Node => settings(given()?)?,
        Part::Calendar => shipped(include_str!("../../../standards/calendar-cn.toml")),
        Part::Procedure => shipped(include_str!("../../../standards/procedure.toml")),
        Part::Warnings => shipped(include_str!("../../../standards/warnings.toml")),
        _ => given()?.to_owned(),
    };
    let version =
        reference::put_document(app, &Caller::system(), name, body).map_err(|error| in_full(&error))?;
    Ok(format!("{name}: version {version} is in force"))
}

fn classes(app: &App, args: &Args, text: Option<&str>) -> anyhow::Result<String> {
    let stem = args.file.as_deref().and_then(Path::file_stem);
    let table = args
        .table
        .clone()
        .or(stem.map(|stem| stem.to_string_lossy().into_owned()));
    let all = match text {
        None => class_tables::gbt47678()?,
        Some(text) => class_tables::read(&table.unwrap_or_default(), text)?,
    };
    let kept = reference::put_classes(app, &Caller::system(), all)?;
    Ok(format!("{kept} classes are in place"))
}

/// Parents first: a child names its parent by the id the store gave it.
fn offices(app: &App, text: &str) -> anyhow::Result<String> {
    let Offices { office: mut waiting } = toml::from_str(text)?;
    let all = waiting.len();
    check(&waiting)?;
    let known = |app: &App| -> BTreeMap<String, OfficeId> {
        let node = app.node();
        node.offices
            .values()
            .map(|office| (office.code.clone(), office.id))
            .collect()
    };
    // Every parent must be found before the first office is written.
    let mut codes: Vec<String> = known(app).into_keys().collect();
    let mut rounds: Vec<Vec<OfficeRow>> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |row: &OfficeRow| row.parent.as_ref().is_none_or(|parent| codes.contains(parent));
        let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if let (true, Some(row)) = (ready.is_empty(), later.first()) {
            let parent = row.parent.as_deref().unwrap_or_default();
            bail!(
                "the parent {parent} of the office {} is not there, or is below it",
                row.code
            );
        }
        codes.extend(ready.iter().map(|row| row.code.clone()));
        rounds.push(ready);
        waiting = later;
    }
    for round in rounds {
        let ids = known(app);
        let rows = round.into_iter().map(|row| new_office(row, &ids)).collect();
        reference::put_offices(app, &Caller::system(), rows)?;
    }
    Ok(format!("{all} offices are in place"))
}

fn check(rows: &[OfficeRow]) -> anyhow::Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for row in rows {
        if [&row.code, &row.zh, &row.en]
            .iter()
            .any(|text| text.trim().is_empty())
        {
            bail!(
                "the office {:?} needs a code and its name in Chinese and English",
                row.code
            );
        }
        if !seen.insert(&row.code) {
            bail!("the office {} is there twice", row.code);
        }
    }
    Ok(())
}

fn new_office(row: OfficeRow, ids: &BTreeMap<String, OfficeId>) -> NewOffice {
    NewOffice {
        parent: row.parent.and_then(|parent| ids.get(&parent).copied()),
        code: row.code,
        name_zh: row.zh,
        name_en: row.en,
        kind: row.kind,
        division: row.division,
        is_active: row.active,
    }
}

/// A node whose file does not say that all in it is made up is a real one.
fn settings(text: &str) -> anyhow::Result<String> {
    let mut table: toml::Table = toml::from_str(text)?;
    table.entry("is_demo").or_insert(toml::Value::Boolean(false));
    let settings: NodeSettings = table.try_into()?;
    Ok(serde_json::to_string(&settings)?)
}

/// A refusal with everything that is wrong, a line each.
fn in_full(error: &Error) -> anyhow::Error {
    let fields: &[_] = match error {
        Error::Invalid { fields, .. } => fields,
        _ => &[],
    };
    let lines = fields
        .iter()
        .map(|fault| format!("  {}: {}", fault.field, fault.en));
    let said: Vec<String> = std::iter::once(error.to_string()).chain(lines).collect();
    anyhow::anyhow!(said.join("\n"))
}

fn publish(app: &App, text: &str) -> anyhow::Result<String> {
    let mut set = RuleSet::from_toml(text)?;
    set.version = app.node().router.rules().version;
    let set = rules::publish(app, &Caller::system(), set).map_err(|error| in_full(&error))?;
    Ok(format!(
        "{} rules: version {} is in force",
        set.rules.len(),
        set.version
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{Node, Size};
    use anlan_model::incoming::{Channel, Incoming};
    use clap::ValueEnum as _;

    const OFFICES: &str = r#"
        [[office]]
        code = "roads"
        kind = "department"
        zh = "交通局"
        en = "Roads Bureau"
        parent = "centre"
        [[office]]
        code = "centre"
        kind = "centre"
        zh = "综治中心"
        en = "Coordination Centre"
    "#;
    const NODE: &str = r#"
        name_zh = "某县"
        name_en = "Some County"
        center = [113.2, 27.9]
        zoom = 11.0
        centre_office = "centre"
    "#;
    const RULES: &str = r#"
        fallback_office = "centre"
        [[rules]]
        name = "covers"
        classes = ["c01*"]
        office = "roads"
    "#;

    fn node(folder: &Path) -> Node {
        let size = Size {
            readers: 1,
            cache_mib: 8,
        };
        Node::open(folder, size).unwrap()
    }

    fn part(node: &Node, part: &str, text: Option<&str>) -> anyhow::Result<String> {
        let args = Args {
            part: Part::from_str(part, true).unwrap(),
            file: None,
            table: None,
        };
        put(&node.app, &args, text)
    }

    #[test]
    fn a_county_is_set_up_from_files_and_its_reports_find_their_office() {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path());
        part(&node, "classes", None).unwrap();
        assert_eq!(
            part(&node, "offices", Some(OFFICES)).unwrap(),
            "2 offices are in place"
        );
        part(&node, "node", Some(NODE)).unwrap();
        for shipped in ["calendar", "procedure", "warnings"] {
            assert!(part(&node, shipped, None).unwrap().ends_with("is in force"));
        }
        let terms = include_str!("../../../standards/deadlines-demo.toml");
        part(&node, "deadlines", Some(terms)).unwrap();
        part(&node, "rules", Some(RULES)).unwrap();
        let jurisdiction = node.app.node();
        assert!(!jurisdiction.node.is_demo);
        let roads = jurisdiction.office_by_code("roads").unwrap();
        let centre = jurisdiction.office_by_code("centre").unwrap();
        assert_eq!(roads.parent, Some(centre.id));
        let incoming = Incoming {
            channel: Channel::Hotline,
            source: "desk".into(),
            external_id: None,
            class: Some("c01001".into()),
            title: "井盖松动".into(),
            description: "一压就响".into(),
            address: None,
            point: None,
            reported_at: node.app.clock.now(),
            contact: None,
            history: None,
            is_duplicate: false,
            is_default_point: false,
            facts: BTreeMap::new(),
        };
        let taken = anlan_app::reports::take(&node.app, &Caller::system(), incoming, None).unwrap();
        assert_eq!(taken.case.office, Some(roads.id));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_and_nothing_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path());
        let orphan = OFFICES.replace("parent = \"centre\"", "parent = \"nobody\"");
        for (kind, text, word) in [
            ("offices", orphan.as_str(), "nobody"),
            ("offices", "[[office]]\ncode = \"x\"", "kind"),
            (
                "offices",
                &OFFICES.replace("\"centre\"", "\"roads\""),
                "unknown variant",
            ),
            (
                "offices",
                &OFFICES.replace("code = \"centre\"", "code = \"roads\""),
                "twice",
            ),
            ("offices", &OFFICES.replace("综治中心", " "), "name"),
            ("node", "name_zh = 3", "name_zh"),
            ("rules", RULES, "centre"),
            ("classes", "code,kind", "header"),
            ("deadlines", "[[overall]]\nclass = 7", "class"),
        ] {
            let error = format!("{:#}", part(&node, kind, Some(text)).unwrap_err());
            assert!(error.contains(word), "{kind}: {error}");
        }
        assert!(
            part(&node, "deadlines", None).is_err(),
            "there are no shipped terms for all"
        );
        assert!(node.app.node().offices.is_empty());
    }
}
