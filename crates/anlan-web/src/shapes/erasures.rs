//! Retention as JSON: what is due, what was erased, and what somebody asks to be erased.

use anlan_app::erasures as app;
use anlan_model::erasures as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is due and what was erased.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Erasures {
    pub(crate) due: Vec<Due>,
    /// The newest lines of the register, newest first.
    pub(crate) register: Vec<Erased>,
}

/// How much of a kind is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Due {
    /// E.g. `contact`, `case`, `upload`.
    pub(crate) kind: &'static str,
    /// Its period, days.
    pub(crate) days: u16,
    pub(crate) count: u64,
}

impl From<app::Due> for Due {
    fn from(due: app::Due) -> Self {
        Self {
            kind: due.kind.word(),
            days: due.days,
            count: due.count,
        }
    }
}

/// A line of the register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Erased {
    pub(crate) at: Timestamp,
    /// The account that did it; absent for a timer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<i64>,
    pub(crate) kind: &'static str,
    /// `period` or `request`.
    pub(crate) ground: &'static str,
    /// The case, where somebody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<i64>,
    pub(crate) count: u32,
}

impl From<model::Erasure> for Erased {
    fn from(line: model::Erasure) -> Self {
        Self {
            at: line.at,
            by: line.by.map(|account| account.0),
            kind: line.kind.word(),
            ground: match line.ground {
                model::ErasureGround::Period => "period",
                model::ErasureGround::Request => "request",
            },
            case: line.case.map(|case| case.0),
            count: line.count,
        }
    }
}

/// What the sender of a report asks to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasureRequest {
    /// The report that is theirs.
    pub(crate) report: i64,
    pub(crate) wish: Wish,
}

/// How much of it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wish {
    /// How to reach them.
    Contact,
    /// That, and their words.
    Everything,
}

impl From<Wish> for app::Wish {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Contact => Self::Contact,
            Wish::Everything => Self::Everything,
        }
    }
}
