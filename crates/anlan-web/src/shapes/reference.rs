//! Classes, offices and cells as JSON: what changes seldom and is fetched once.

use super::words::{ClassKind, OfficeKind, Priority};
use anlan_model::{cells, classes, offices};
use serde::Serialize;
use utoipa::ToSchema;

/// An office that owns work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Office {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) kind: OfficeKind,
    /// The office above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<i64>,
    /// Division code prefix it serves.
    pub(crate) division: String,
    pub(crate) is_active: bool,
}

impl From<&offices::Office> for Office {
    fn from(office: &offices::Office) -> Self {
        Self {
            id: office.id.0,
            code: office.code.clone(),
            name_zh: office.name_zh.clone(),
            name_en: office.name_en.clone(),
            kind: office.kind.into(),
            parent: office.parent.map(|parent| parent.0),
            division: office.division.clone(),
            is_active: office.is_active,
        }
    }
}

/// What must be shown before a case of a class may be closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClosingDemand {
    /// A photo taken after the work.
    pub(crate) photo: bool,
    /// Somebody other than the handler confirms.
    pub(crate) second_person: bool,
    /// The reporter says it is fixed.
    pub(crate) reporter_word: bool,
}

/// A class of hazard or request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Class {
    pub(crate) code: String,
    pub(crate) kind: ClassKind,
    /// Which table it comes from.
    pub(crate) table: String,
    pub(crate) group_zh: String,
    pub(crate) group_en: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) priority: Priority,
    pub(crate) closing: ClosingDemand,
    pub(crate) is_active: bool,
    /// Within this distance two open reports are likely the same.
    pub(crate) duplicate_radius_m: u32,
}

impl From<&classes::Class> for Class {
    fn from(class: &classes::Class) -> Self {
        Self {
            code: class.code.0.clone(),
            kind: class.kind.into(),
            table: class.table.clone(),
            group_zh: class.group_zh.clone(),
            group_en: class.group_en.clone(),
            name_zh: class.name_zh.clone(),
            name_en: class.name_en.clone(),
            priority: class.priority.into(),
            closing: ClosingDemand {
                photo: class.closing.photo,
                second_person: class.closing.second_person,
                reporter_word: class.closing.reporter_word,
            },
            is_active: class.is_active,
            duplicate_radius_m: class.duplicate_radius_m,
        }
    }
}

/// A unit grid cell; its polygon is in `/api/cells.geojson`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cell {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) division: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) population: Option<u32>,
}

impl From<&cells::Cell> for Cell {
    fn from(cell: &cells::Cell) -> Self {
        Self {
            id: cell.id.0,
            code: cell.code.clone(),
            name_zh: cell.name_zh.clone(),
            name_en: cell.name_en.clone(),
            division: cell.division.clone(),
            population: cell.population,
        }
    }
}

/// A state of the procedure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProcedureState {
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) phase: super::words::Phase,
}

/// A code with its names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Named {
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
}

/// The procedure in force: states, moves and the closed lists of reasons.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Procedure {
    pub(crate) states: Vec<ProcedureState>,
    pub(crate) moves: Vec<Named>,
    /// By list name, as `MoveOffer.needs.reason` cites it.
    pub(crate) reasons: std::collections::BTreeMap<String, Vec<Named>>,
}
