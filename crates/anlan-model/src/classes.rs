//! A class of hazard or request. Classes come from tables a jurisdiction can replace, never from constants.

use crate::ids::ClassCode;
use serde::{Deserialize, Serialize};

/// Thing or event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassKind {
    /// A thing that can be broken (部件).
    Component,
    /// Something that happens (事件).
    Matter,
    /// A city's own type.
    Local,
}

/// How urgent a case of this class starts out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// Danger now.
    P1,
    /// Danger soon.
    P2,
    /// Ordinary.
    P3,
    /// When there is time.
    P4,
}

impl Priority {
    /// 1 to 4.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// From 1 to 4.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::P1, Self::P2, Self::P3, Self::P4]
            .into_iter()
            .find(|p| i64::from(p.number()) == number)
    }
}

/// What must be shown before a case of a class may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClosingDemand {
    /// At least one photo taken after the work.
    #[serde(default)]
    pub photo: bool,
    /// Somebody other than the handler confirms.
    #[serde(default)]
    pub second_person: bool,
    /// The reporter, where known, says it is fixed.
    #[serde(default)]
    pub reporter_word: bool,
}

/// One class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// Its code: kind letter and the table's digits (`c01001`, `m06010`), or a city's own.
    pub code: ClassCode,
    /// Thing, event or local.
    pub kind: ClassKind,
    /// Which table it comes from.
    pub table: String,
    /// Group, Chinese.
    pub group_zh: String,
    /// Group, English.
    pub group_en: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Where a case starts out.
    pub priority: Priority,
    /// What closing demands.
    #[serde(default)]
    pub closing: ClosingDemand,
    /// Offered for new reports.
    pub is_active: bool,
    /// Radius in metres within which two open reports are likely the same.
    pub duplicate_radius_m: u32,
}
