//! The documents a jurisdiction lives by, loaded once and shared: procedure, calendar, deadlines, routing rules,
//! classes, offices, divisions and cells. It only reads; changing a document is an action elsewhere.

use crate::Error;
use anlan_grid::cells::CellIndex;
use anlan_model::calendars::Calendar;
use anlan_model::cells::{Cell, Division};
use anlan_model::classes::Class;
use anlan_model::deadlines::{DeadlineTable, Timekeeper};
use anlan_model::ids::{CellId, ClassCode, OfficeId};
use anlan_model::offices::Office;
use anlan_model::procedures::Procedure;
use anlan_model::routing::{Router, RuleSet};
use anlan_model::warnings::WatchPlan;
use anlan_store::{Store, Tx};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Names of the versioned documents in the store.
pub mod documents {
    /// The node's own settings.
    pub const NODE: &str = "node";
    /// States and moves, TOML.
    pub const PROCEDURE: &str = "procedure";
    /// Office hours and holidays, TOML.
    pub const CALENDAR: &str = "calendar";
    /// Terms per class and state, TOML.
    pub const DEADLINES: &str = "deadlines";
    /// Routing rules, JSON.
    pub const RULES: &str = "rules";
    /// What is watched for early warning, TOML.
    pub const WARNINGS: &str = "warnings";
}

/// What a node calls itself and where it lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeSettings {
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Everything in it is made up.
    pub is_demo: bool,
    /// Middle of the map, longitude and latitude.
    pub center: [f64; 2],
    /// Zoom of the map at the start.
    pub zoom: f64,
    /// Office that work falls to where no rule matches, by code.
    pub centre_office: String,
}

impl Default for NodeSettings {
    fn default() -> Self {
        Self {
            name_zh: "安澜".into(),
            name_en: "Anlan".into(),
            is_demo: false,
            center: [104.0, 35.0],
            zoom: 3.0,
            centre_office: String::new(),
        }
    }
}

/// Everything of a jurisdiction that actions decide by.
#[derive(Debug)]
pub struct Jurisdiction {
    /// Name and place.
    pub node: NodeSettings,
    /// States and moves.
    pub procedure: Procedure,
    /// Office hours and holidays.
    pub calendar: Calendar,
    /// Terms.
    pub deadlines: DeadlineTable,
    /// Routing rules, ready for use.
    pub router: Router,
    /// What is watched for early warning.
    pub watch: WatchPlan,
    /// Classes by code.
    pub classes: BTreeMap<ClassCode, Class>,
    /// Offices by id.
    pub offices: BTreeMap<OfficeId, Office>,
    /// Named divisions.
    pub divisions: Vec<Division>,
    /// Cells by id.
    pub cells: BTreeMap<CellId, Cell>,
    /// Point → cell; keys are cell ids.
    pub index: CellIndex,
    /// Changes when anything above changes.
    pub etag: String,
}

/// The documents, read.
struct Documents {
    node: NodeSettings,
    procedure: Procedure,
    calendar: Calendar,
    deadlines: DeadlineTable,
    rules: RuleSet,
    watch: WatchPlan,
}

fn node_of(text: &str) -> Result<NodeSettings, String> {
    serde_json::from_str(text).map_err(words)
}

fn procedure_of(text: &str) -> Result<Procedure, String> {
    Procedure::from_toml(text).map_err(words)
}

fn calendar_of(text: &str) -> Result<Calendar, String> {
    Calendar::from_toml(text).map_err(words)
}

fn deadlines_of(text: &str) -> Result<DeadlineTable, String> {
    DeadlineTable::from_toml(text).map_err(words)
}

fn watch_of(text: &str) -> Result<WatchPlan, String> {
    WatchPlan::from_toml(text).map_err(words)
}

fn rules_of(text: &str) -> Result<RuleSet, String> {
    serde_json::from_str(text).map_err(words)
}

/// Whether a document could be put into force.
pub(crate) fn check(now: &Jurisdiction, name: &'static str, text: &str) -> Result<(), Error> {
    let read = match name {
        documents::NODE => node_of(text).map(drop),
        documents::PROCEDURE => procedure_of(text).map(drop),
        documents::CALENDAR => calendar_of(text).map(drop),
        documents::DEADLINES => deadlines_of(text).map(drop),
        documents::WARNINGS => {
            watch_of(text).and_then(|plan| plan.check_classes(now.classes.values()).map_err(words))
        }
        documents::RULES => rules_of(text)
            .and_then(|set| Router::new(set, &now.offices, &now.classes).map_err(words))
            .map(drop),
        _ => Err("there is no document of that name".to_owned()),
    };
    read.map_err(|error| {
        let zh = format!("文档“{name}”无法使用，现行文档保持不变：{error}");
        Error::field(name, "document.unusable", zh, error)
    })
}

impl Documents {
    fn load(tx: &mut Tx<'_>, versions: &mut Vec<u32>) -> Result<Self, Error> {
        let mut latest = |name: &'static str, otherwise: &str| {
            let found = anlan_store::settings::latest(tx, name)?;
            versions.push(found.as_ref().map_or(0, |document| document.version));
            Ok::<_, Error>(found.map_or_else(|| otherwise.to_owned(), |document| document.body))
        };
        let broken = |name: &'static str| move |error: String| unusable(name, &error);
        let node = latest(documents::NODE, "")?;
        let node = if node.is_empty() {
            NodeSettings::default()
        } else {
            node_of(&node).map_err(broken(documents::NODE))?
        };
        let procedure = latest(documents::PROCEDURE, PROCEDURE)?;
        let calendar = latest(documents::CALENDAR, CALENDAR)?;
        let deadlines = latest(documents::DEADLINES, DEADLINES)?;
        let rules = latest(documents::RULES, NO_RULES)?;
        let watch = latest(documents::WARNINGS, WARNINGS)?;
        Ok(Self {
            node,
            procedure: procedure_of(&procedure).map_err(broken(documents::PROCEDURE))?,
            calendar: calendar_of(&calendar).map_err(broken(documents::CALENDAR))?,
            deadlines: deadlines_of(&deadlines).map_err(broken(documents::DEADLINES))?,
            rules: rules_of(&rules).map_err(broken(documents::RULES))?,
            watch: watch_of(&watch).map_err(broken(documents::WARNINGS))?,
        })
    }
}

impl Jurisdiction {
    /// Reads every document; what the store does not have comes from the standards shipped with Anlan.
    pub fn load(store: &Store) -> Result<Self, Error> {
        store.read(|tx| {
            let mut versions = Vec::new();
            let Documents {
                node,
                procedure,
                calendar,
                deadlines,
                rules,
                watch,
            } = Documents::load(tx, &mut versions)?;
            let classes = anlan_store::classes::list(tx)?;
            let offices = anlan_store::offices::list(tx)?;
            let cells = anlan_store::cells::list(tx)?;
            let divisions = anlan_store::cells::list_divisions(tx)?;
            let etag = etag(&versions, &classes, &offices, &cells);
            let classes = classes
                .into_iter()
                .map(|class| (class.code.clone(), class))
                .collect();
            let offices = offices.into_iter().map(|office| (office.id, office)).collect();
            let router =
                Router::new(rules, &offices, &classes).map_err(|error| unusable(documents::RULES, &error))?;
            Ok(Self {
                node,
                procedure,
                calendar,
                deadlines,
                router,
                watch,
                index: index(&cells)?,
                classes,
                offices,
                cells: cells.into_iter().map(|cell| (cell.id, cell)).collect(),
                divisions,
                etag,
            })
        })
    }

    /// Keeps the clocks of cases of this class.
    pub fn keeper<'a>(&'a self, class: Option<&'a ClassCode>) -> Timekeeper<'a> {
        self.deadlines.on(&self.calendar, class)
    }

    /// An office by its code.
    pub fn office_by_code(&self, code: &str) -> Option<&Office> {
        self.offices.values().find(|office| office.code == code)
    }

    /// The coordination centre: where work goes that no rule places.
    pub fn centre(&self) -> Option<&Office> {
        self.office_by_code(&self.node.centre_office)
    }
}

const PROCEDURE: &str = include_str!("../../../standards/procedure.toml");
const CALENDAR: &str = include_str!("../../../standards/calendar-cn.toml");
const DEADLINES: &str = include_str!("../../../standards/deadlines-demo.toml");
/// The watch plan shipped with Anlan.
pub(crate) const WARNINGS: &str = include_str!("../../../standards/warnings.toml");
const NO_RULES: &str = r#"{"version":0,"rules":[],"fallback":""}"#;

#[expect(clippy::needless_pass_by_value, reason = "map_err hands the error over")]
fn words(error: impl ToString) -> String {
    error.to_string()
}

fn unusable(name: &str, error: &impl ToString) -> Error {
    Error::Unavailable {
        detail: format!("the document \"{name}\" cannot be used: {}", error.to_string()),
    }
}

/// Changes when anything does: browsers keep their copy until then.
fn etag(versions: &[u32], classes: &[Class], offices: &[Office], cells: &[Cell]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{versions:?}{classes:?}{offices:?}"));
    for cell in cells {
        hash.update(format!(
            "{}{}{}{}",
            cell.id,
            cell.code,
            cell.name_zh,
            cell.geometry.len()
        ));
    }
    crate::accounts::hex(hash.finalize().get(..12).unwrap_or_default())
}

fn index(cells: &[Cell]) -> Result<CellIndex, Error> {
    let mut polygons = Vec::with_capacity(cells.len());
    for cell in cells {
        let shape = anlan_grid::geo_json::parse_geometry(&cell.geometry)
            .map_err(|error| unusable(&format!("cell {}", cell.code), &error))?;
        let key =
            u32::try_from(cell.id.0).map_err(|error| unusable(&format!("cell {}", cell.code), &error))?;
        polygons.push((key, shape));
    }
    Ok(CellIndex::new(&polygons))
}
