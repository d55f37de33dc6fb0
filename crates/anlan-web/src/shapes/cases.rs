//! Cases as JSON: the line of a queue, the whole file, and what may be sent about them.

use super::photos::Photo;
use super::timelines::Happening;
use super::words::{Certainty, Channel, Datum, Phase, Priority, Timeliness};
use anlan_model::cases as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One line of a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseSummary {
    pub(crate) id: i64,
    /// What people read out over the phone, e.g. `AL26-000123`.
    pub(crate) number: String,
    /// Units of work so far; send it back in `If-Match`.
    pub(crate) version: u32,
    pub(crate) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<String>,
    pub(crate) state: String,
    pub(crate) phase: Phase,
    pub(crate) priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assignee: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cell: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Longitude and latitude, WGS84.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) point: Option<[f64; 2]>,
    pub(crate) certainty: Certainty,
    pub(crate) opened_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_due_at: Option<Timestamp>,
    pub(crate) is_paused: bool,
    pub(crate) timeliness: Timeliness,
    pub(crate) reports: u16,
    pub(crate) returns: u16,
    pub(crate) urged: u16,
    pub(crate) channel: Channel,
    pub(crate) source: String,
}

impl CaseSummary {
    pub(crate) fn of(case: &model::Case, now: Timestamp) -> Self {
        Self {
            id: case.id.0,
            number: case.number(),
            version: case.version,
            title: case.title.clone(),
            class: case.class.as_ref().map(|class| class.0.clone()),
            state: case.state.0.clone(),
            phase: case.phase.into(),
            priority: case.priority.into(),
            office: case.office.map(|office| office.0),
            assignee: case.assignee.map(|account| account.0),
            cell: case.place.cell.map(|cell| cell.0),
            address: case.place.address.clone(),
            point: case.place.point.map(|point| [point.lon, point.lat]),
            certainty: case.place.certainty.into(),
            opened_at: case.opened_at,
            updated_at: case.updated_at,
            due_at: case.clocks.due_at,
            state_due_at: case.clocks.state_due_at,
            is_paused: case.clocks.is_paused(),
            timeliness: case.timeliness(now).into(),
            reports: case.reports,
            returns: case.returns,
            urged: case.urged,
            channel: case.channel.into(),
            source: case.source.clone(),
        }
    }
}

/// One page of a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CasePage {
    pub(crate) items: Vec<CaseSummary>,
    /// Cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// How many match in all.
    pub(crate) total: u64,
}

/// Where a case lies.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) point: Option<[f64; 2]>,
    /// Stated error radius in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_m: Option<f64>,
    /// The datum it was sent in; `point` is WGS84 whatever it was.
    pub(crate) datum: Datum,
    pub(crate) certainty: Certainty,
    /// Other cells within the error circle.
    pub(crate) other_cells: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) division: Option<String>,
    /// The source's stand-in for an unknown place.
    pub(crate) is_default_point: bool,
}

/// Why it was sent where it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Route {
    /// Version of the rule set.
    pub(crate) rule_set: u32,
    /// The rule that matched; absent if none did, or a person chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
    pub(crate) office: i64,
    pub(crate) explain_zh: String,
    pub(crate) explain_en: String,
}

/// A stretch during which the clock stood still.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pause {
    pub(crate) reason: String,
    pub(crate) from: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
}

/// The case's deadlines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clocks {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_since: Option<Timestamp>,
    pub(crate) extensions: u16,
    pub(crate) pauses: Vec<Pause>,
    /// Seconds left by the working clock; negative when late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remaining_s: Option<i64>,
}

/// How and why it was closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Closing {
    pub(crate) reason: String,
    pub(crate) note: String,
    pub(crate) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<i64>,
    /// Closed although the class's demands were not met.
    pub(crate) forced: bool,
}

/// The reporter's word on the result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rating {
    pub(crate) stars: u8,
    pub(crate) is_fixed: bool,
    pub(crate) comment: String,
    pub(crate) at: Timestamp,
}

/// One report inside a case. Contact data is not here; see `/api/cases/{id}/contact`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportLine {
    pub(crate) id: i64,
    pub(crate) channel: Channel,
    pub(crate) source: String,
    pub(crate) description: String,
    pub(crate) reported_at: Timestamp,
    pub(crate) received_at: Timestamp,
    pub(crate) has_contact: bool,
    /// Columns kept as they came.
    pub(crate) facts: BTreeMap<String, String>,
}

/// Why a move is not offered now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhyNot {
    pub(crate) code: String,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// What a move must be sent with.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each names one control of a form")]
pub(crate) struct MoveNeeds {
    pub(crate) note: bool,
    /// Name of the list in `Procedure.reasons`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) office: bool,
    pub(crate) rule: bool,
    pub(crate) until: bool,
}

/// A move of the procedure, allowed to the caller now or with the reason why not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoveOffer {
    pub(crate) code: String,
    pub(crate) name_zh: String,
    pub(crate) name_en: String,
    pub(crate) allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why_not: Option<WhyNot>,
    pub(crate) needs: MoveNeeds,
    /// Cannot be taken back easily: ask before doing it.
    pub(crate) grave: bool,
}

/// Everything a screen shows of one case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseDetail {
    #[serde(flatten)]
    pub(crate) summary: CaseSummary,
    pub(crate) description: String,
    pub(crate) place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route: Option<Route>,
    pub(crate) clocks: Clocks,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) closing: Option<Closing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rating: Option<Rating>,
    pub(crate) is_arbitrated: bool,
    pub(crate) reopened: u16,
    pub(crate) reworks: u16,
    pub(crate) report_list: Vec<ReportLine>,
    pub(crate) photos: Vec<Photo>,
    pub(crate) timeline: Vec<Happening>,
    pub(crate) moves: Vec<MoveOffer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) merged_into: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) split_from: Option<i64>,
}

/// A move somebody wants to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveRequest {
    /// Code of the move, e.g. `dispatch`.
    #[serde(rename = "move")]
    pub(crate) code: String,
    pub(crate) note: Option<String>,
    /// From the list the move names.
    pub(crate) reason: Option<String>,
    /// The rule a return cites.
    pub(crate) rule_cited: Option<String>,
    pub(crate) office: Option<i64>,
    /// Until when, for extensions and pauses.
    pub(crate) until: Option<Timestamp>,
}

/// A case and the version the decision was made on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseVersion {
    pub(crate) id: i64,
    pub(crate) version: u32,
}

/// The same move on several cases.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkMove {
    pub(crate) cases: Vec<CaseVersion>,
    #[serde(rename = "move")]
    pub(crate) code: String,
    pub(crate) note: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) office: Option<i64>,
}

/// A case that did not move, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refused {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// What a bulk move did: each case on its own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkMoved {
    pub(crate) done: Vec<i64>,
    pub(crate) refused: Vec<Refused>,
}

/// Corrections to a case; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseEdit {
    pub(crate) class: Option<String>,
    /// Longitude and latitude in `datum`.
    #[schema(min_items = 2, max_items = 2)]
    pub(crate) point: Option<[f64; 2]>,
    pub(crate) datum: Option<Datum>,
    pub(crate) error_m: Option<f64>,
    pub(crate) address: Option<String>,
    pub(crate) priority: Option<Priority>,
}

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteRequest {
    pub(crate) note: String,
}

/// Which case it goes into.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRequest {
    pub(crate) into: i64,
}

/// Which reports leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitRequest {
    pub(crate) reports: Vec<i64>,
}

/// A case that may be the same thing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Likeness {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<String>,
    pub(crate) distance_m: f64,
    pub(crate) hours_apart: f64,
    /// 0 … 1.
    pub(crate) score: f64,
    pub(crate) state: String,
}

/// How to reach a reporter. Every look is logged.
#[derive(Serialize, ToSchema)]
pub(crate) struct Contact {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}
