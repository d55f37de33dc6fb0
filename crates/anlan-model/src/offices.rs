//! An office (责任单位): who owns work, under which parent, for which place.

use crate::ids::OfficeId;
use serde::{Deserialize, Serialize};

/// What kind of office it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeKind {
    /// Coordination centre (综治中心).
    Centre,
    /// Department (职能部门).
    Department,
    /// Street or township office (街道/乡镇).
    Street,
    /// Station: justice office, police station, clinic, utility … (站所).
    Station,
}

/// One office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Its id.
    pub id: OfficeId,
    /// Stable code, e.g. a unified social credit code or a short name; unique.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Its kind.
    pub kind: OfficeKind,
    /// The office above it.
    pub parent: Option<OfficeId>,
    /// Division code prefix it serves (`""` for the whole jurisdiction).
    pub division: String,
    /// Whether it takes new work.
    pub is_active: bool,
}
