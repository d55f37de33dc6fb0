//! Merging and splitting: the same thing reported twice becomes one case, and comes apart again where it was not the same.

use super::{CaseFile, file, reachable};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::cases::{Case, Phase};
use anlan_model::events::{Event, Opened};
use anlan_model::ids::{CaseId, ReportId};
use anlan_policy::Action;
use anlan_store::Tx;
use jiff::Timestamp;

fn not_open(case: &Case) -> Error {
    let (zh, en) = (
        format!("案件 {} 不在办理中。", case.number()),
        format!("case {} is not open.", case.number()),
    );
    Error::denied("case.not_open", zh, en)
}

/// Puts a case's reports into another case. The earlier promise of the two holds for both.
pub fn merge(app: &App, caller: &Caller, id: CaseId, into: CaseId) -> Result<CaseFile, Error> {
    if id == into {
        return Err(Error::field(
            "into",
            "merge.same",
            "案件不能并入自身，请选择另一个案件。",
            "A case cannot go into itself; choose another one.",
        ));
    }
    reachable(app, caller, Action::CaseMerge, id)?;
    reachable(app, caller, Action::CaseMerge, into)?;
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(app, caller, Action::CaseMerge, "case", id, Purpose::Case);
    let void = app.node().procedure.void_state();
    let case = app.store.write(move |tx| {
        let (from, target) = (
            anlan_store::cases::get(tx, id)?,
            anlan_store::cases::get(tx, into)?,
        );
        if let Some(shut) = [&from, &target]
            .into_iter()
            .find(|case| case.phase != Phase::Open)
        {
            return Err(not_open(shut));
        }
        let reports: Vec<ReportId> = anlan_store::reports::of_case(tx, id)?
            .into_iter()
            .map(|report| report.id)
            .collect();
        anlan_store::reports::move_to(tx, &reports, into)?;
        let gone = Event::CaseMerged {
            into,
            state: void.clone(),
        };
        anlan_store::cases::record(tx, &from, &[gone], &stamp)?;
        let due_at = [from.clocks.due_at, target.clocks.due_at]
            .into_iter()
            .flatten()
            .min();
        let joined = Event::ReportJoined {
            reports,
            from: id,
            due_at,
        };
        let case = anlan_store::cases::record(tx, &target, &[joined], &stamp)?;
        note_on_both(tx, &entry, into)?;
        Ok(case)
    })?;
    file(app, caller, case)
}

/// Takes reports out of a case into one of their own, which starts with the same class, place, office and promise.
pub fn split(app: &App, caller: &Caller, id: CaseId, reports: &[ReportId]) -> Result<CaseFile, Error> {
    reachable(app, caller, Action::CaseMerge, id)?;
    let now = app.clock.now();
    let stamp = caller.stamp(now);
    let entry = accesses::entry(app, caller, Action::CaseMerge, "case", id, Purpose::Case);
    let leaving = reports.to_vec();
    let case = app.store.write(move |tx| {
        let from = anlan_store::cases::get(tx, id)?;
        if from.phase != Phase::Open {
            return Err(not_open(&from));
        }
        let all = anlan_store::reports::of_case(tx, id)?;
        let stays = all.iter().filter(|report| !leaving.contains(&report.id)).count();
        let first = all.iter().find(|report| leaving.contains(&report.id));
        let (Some(first), true) = (first, stays + leaving.len() == all.len() && stays > 0) else {
            return Err(Error::field(
                "reports",
                "split.reports",
                "请选择本案件的部分上报，并至少保留一条。",
                "Choose some of the case's reports, and leave at least one.",
            ));
        };
        let count = u16::try_from(leaving.len()).unwrap_or(u16::MAX);
        let opened = opened_from(&from, count, first.reported_at, &first.description);
        let case = anlan_store::cases::open_for_reports(tx, &opened, &stamp)?;
        anlan_store::reports::move_to(tx, &leaving, case.id)?;
        let event = Event::CaseSplit {
            into: case.id,
            reports: leaving.clone(),
        };
        anlan_store::cases::record(tx, &from, &[event], &stamp)?;
        note_on_both(tx, &entry, case.id)?;
        Ok(case)
    })?;
    file(app, caller, case)
}

/// Both cases were changed: who follows one of them by its entries must find this in either.
fn note_on_both(tx: &mut Tx<'_>, entry: &Access, other: CaseId) -> Result<(), Error> {
    let second = Access {
        resource_id: other.to_string(),
        ..entry.clone()
    };
    anlan_store::accesses::append(tx, entry)?;
    anlan_store::accesses::append(tx, &second)?;
    Ok(())
}

fn opened_from(from: &Case, reports: u16, opened_at: Timestamp, text: &str) -> Opened {
    let words: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .chars()
        .take(60)
        .collect();
    Opened {
        class: from.class.clone(),
        title: if words.is_empty() {
            from.title.clone()
        } else {
            words
        },
        channel: from.channel,
        source: from.source.clone(),
        state: from.state.clone(),
        phase: from.phase,
        priority: from.priority,
        place: from.place.clone(),
        office: from.office,
        route: from.route.clone(),
        opened_at,
        clocks: from.clocks.clone(),
        closing: None,
        about_office: from.about_office,
        split_from: Some(from.id),
        reports,
        is_marked_duplicate: false,
        source_on_time: None,
    }
}
