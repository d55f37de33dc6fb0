//! The filters every list, map and count of cases takes, read from the address.

use crate::problems::Failure;
use crate::queries::{Asked, bbox, many, one};
use crate::shapes::words::{self, Channel, Phase, Priority};
use anlan_app::cases::CaseQuery;
use anlan_model::ids::{CellId, ClassCode, OfficeId, StateCode};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which cases are wanted. Lists are separated by commas.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CaseFilter {
    /// `open`, `closed` or `void`.
    phase: Option<String>,
    /// State codes.
    state: Option<String>,
    /// Class codes.
    class: Option<String>,
    /// Office ids.
    office: Option<String>,
    /// Cell ids.
    cell: Option<String>,
    /// `P1` … `P4`.
    priority: Option<String>,
    /// `true`: only those past their deadline.
    overdue: Option<String>,
    /// Words to find, Chinese or English; a case number works too.
    q: Option<String>,
    /// `web`, `hotline`, `worker`, `office`, `import` or `open311`.
    channel: Option<String>,
    /// Name of the feed.
    source: Option<String>,
    /// `true`: only those the caller took on.
    mine: Option<String>,
    /// Division code prefix.
    division: Option<String>,
    /// West, south, east, north in degrees.
    bbox: Option<String>,
    /// Opened at or after this time, RFC 3339.
    opened_from: Option<String>,
    /// Opened before this time, RFC 3339.
    opened_to: Option<String>,
}

impl CaseFilter {
    /// The filter of a request; other parameters are left to the caller.
    pub(crate) fn read(asked: &Asked) -> Result<CaseQuery, Failure> {
        asked.read::<Self>()?.query()
    }

    fn query(self) -> Result<CaseQuery, Failure> {
        let ids = ("应为编号", "give ids, separated by commas");
        let time = (
            "应为 RFC 3339 时间，如 2026-11-23T08:00:00Z",
            "give an RFC 3339 time such as 2026-11-23T08:00:00Z",
        );
        let id = |text: &str| text.parse::<i64>().ok();
        let code = |text: &str| Some(text.to_owned());
        let priorities = many(
            "priority",
            self.priority.as_deref(),
            ("可用 P1、P2、P3、P4", "use P1, P2, P3 or P4"),
            words::read::<Priority>,
        )?;
        let offices = many("office", self.office.as_deref(), ids, id)?;
        let cells = many("cell", self.cell.as_deref(), ids, id)?;
        let states = many("state", self.state.as_deref(), ids, code)?;
        let classes = many("class", self.class.as_deref(), ids, code)?;
        Ok(CaseQuery {
            phase: word::<Phase>("phase", self.phase.as_deref(), "open, closed, void")?.map(Into::into),
            states: states.into_iter().map(StateCode).collect(),
            classes: classes.into_iter().map(ClassCode).collect(),
            offices: offices.into_iter().map(OfficeId).collect(),
            cells: cells.into_iter().map(CellId).collect(),
            priorities: priorities.into_iter().map(Into::into).collect(),
            overdue: flag("overdue", self.overdue.as_deref())?,
            text: given(self.q),
            channel: word::<Channel>(
                "channel",
                self.channel.as_deref(),
                "web, hotline, worker, office, import, open311",
            )?
            .map(Into::into),
            source: given(self.source),
            mine: flag("mine", self.mine.as_deref())?,
            division: digits(given(self.division))?,
            bbox: bbox("bbox", self.bbox.as_deref())?,
            opened_from: one("opened_from", self.opened_from.as_deref(), time.0, time.1)?,
            opened_to: one("opened_to", self.opened_to.as_deref(), time.0, time.1)?,
        })
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn digits(division: Option<String>) -> Result<Option<String>, Failure> {
    match division {
        Some(code) if code.len() > 12 || !code.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Failure::field(
                "division",
                "filter.value",
                "行政区划代码应为至多 12 位数字。",
                "A division code has up to 12 digits.",
            ))
        }
        other => Ok(other),
    }
}

fn flag(field: &str, value: Option<&str>) -> Result<bool, Failure> {
    Ok(one(field, value, "可用 true 或 false", "use true or false")?.unwrap_or(false))
}

fn word<T: serde::de::DeserializeOwned>(
    field: &str,
    value: Option<&str>,
    list: &str,
) -> Result<Option<T>, Failure> {
    let hint = (format!("可用 {list}"), format!("use one of {list}"));
    Ok(many(field, value, (&hint.0, &hint.1), words::read::<T>)?
        .into_iter()
        .next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CaseQuery, Failure> {
        CaseFilter::read(&Asked::of(format!("/api/cases?{text}").parse().unwrap())?)
    }

    #[test]
    fn filters_are_read() {
        let query = read("phase=open&state=handle,check&office=3,4&priority=P1,P2&overdue=true&bbox=1,2,3,4&q=%E4%BA%95%E7%9B%96").unwrap();
        assert_eq!(query.offices, [OfficeId(3), OfficeId(4)]);
        assert_eq!(query.states.len(), 2);
        assert_eq!(query.text.as_deref(), Some("井盖"));
        assert!(query.overdue && !query.mine);
        assert_eq!(query.bbox, Some([1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    fn a_bad_value_names_its_filter() {
        for (text, field) in [
            ("phase=ajar", "phase"),
            ("office=x", "office"),
            ("priority=P9", "priority"),
            ("overdue=maybe", "overdue"),
            ("bbox=1,2", "bbox"),
            ("opened_from=yesterday", "opened_from"),
            ("division=%27--", "division"),
            ("channel=pigeon", "channel"),
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!(
                failure.faults().first().map(|fault| fault.field.as_str()),
                Some(field),
                "{text}"
            );
        }
    }
}
