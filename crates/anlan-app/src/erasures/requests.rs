//! Erasure because the person asks for it (Personal Information Protection Law, art. 47): contact data at any time, words once
//! nobody has to act on them any more.

use super::{ErasureGround, ErasureKind, JOB, note};
use crate::{App, Caller, Error, accesses, cases};
use anlan_model::accesses::Purpose;
use anlan_model::cases::{Case, Phase};
use anlan_model::events::Stamp;
use anlan_model::ids::{CaseId, ReportId};
use anlan_policy::Action;
use anlan_store::{Error as StoreError, Tx, erasures};

/// What somebody asks to be erased of their report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// How to reach them.
    Contact,
    /// That, and their words; where the case is made of their report alone, its words, exact place and photos too.
    Everything,
}

/// Erases what the sender of a report asks for. The case's own course, without words, stays.
pub fn on_request(
    app: &App,
    caller: &Caller,
    id: CaseId,
    report: ReportId,
    wish: Wish,
) -> Result<Case, Error> {
    cases::reachable(app, caller, Action::CaseErase, id)?;
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(app, caller, Action::CaseErase, "case", id, Purpose::Case);
    app.store.write(move |tx| {
        let case = anlan_store::cases::get(tx, id)?;
        let all = anlan_store::reports::of_case(tx, id)?;
        if !all.iter().any(|known| known.id == report) {
            return Err(Error::Missing { what: "report" });
        }
        let kind = match wish {
            Wish::Contact => ErasureKind::Contact,
            Wish::Everything if case.phase == Phase::Open => return Err(still_open()),
            Wish::Everything => ErasureKind::Report,
        };
        let is_first = all.first().is_some_and(|first| first.id == report);
        // A report bears the number of the case it opened; a case that was split off has its words from its first.
        let is_its_own = report.0 == id.0 || (case.split_from.is_some() && is_first);
        let case = match (wish, all.len()) {
            (Wish::Contact, _) => without_contact(tx, case, report, &stamp)?,
            (Wish::Everything, 1) => {
                erasures::erase_photos(tx, id)?;
                erasures::erase_case(tx, &case, ErasureGround::Request, &stamp)?
            }
            (Wish::Everything, _) => {
                erasures::erase_report(tx, report, stamp.at)?;
                if is_its_own {
                    erasures::erase_own_words(tx, &case, ErasureGround::Request, &stamp)?
                } else {
                    case
                }
            }
        };
        note(tx, &entry, (kind, ErasureGround::Request), 1)?;
        // What is left in pages and files goes with the next run: now.
        anlan_store::jobs::enqueue(tx, JOB, "", stamp.at)?;
        Ok(case)
    })
}

fn without_contact(tx: &mut Tx<'_>, case: Case, report: ReportId, stamp: &Stamp) -> Result<Case, StoreError> {
    if let Some(subject) = anlan_store::reports::subject(tx, report)? {
        erasures::erase_contact(tx, subject, stamp.at)?;
    }
    Ok(case)
}

fn still_open() -> Error {
    Error::denied(
        "erasure.case_open",
        "案件仍在办理，上报内容是办理的依据，结案后即可删除；未作任何更改。联系方式现在就可以单独删除。",
        "the case is still worked on, and the report is what the work rests on. Nothing was erased. Contact data can be erased by itself now, the words once the case is closed.",
    )
}
