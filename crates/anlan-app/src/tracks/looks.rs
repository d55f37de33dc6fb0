//! "Who opened my report": every access to a reporter's case, as the reporter may see it, and the file that proves it. No
//! account's name or number leaves here, and of those who check the work of others only that they did.

use super::{entry, find};
use crate::logs::{self, Stay};
use crate::{App, Error};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::cases::Case;
use anlan_model::events::Event;
use anlan_model::ids::{AccountId, CaseId, OfficeId, ReportId};
use anlan_policy::Action;
use anlan_store::Tx;
use anlan_store::accesses::{History, Look as Noted};
use anlan_store::logs::{CaseProof, Fault};
use jiff::Timestamp;

/// Accesses in a proof file at most.
const PROOF_ENTRIES_MAX: usize = 20_000;

/// Who looked, as far as the reporter may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The reporter, or whoever else has the code.
    Reporter,
    /// Nobody: a timer, an import.
    Node,
    /// Somebody who checks the work of others. Which office that is stays open, so that checking is not told to the checked.
    Oversight,
    /// Somebody of an office.
    Staff {
        /// The same person is the same number in one answer, from 0, in the order of their first look.
        person: usize,
        /// The office that they belonged to then, where it is known.
        office: Option<OfficeId>,
    },
}

/// How far an access is in the signed log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Proved to be in it.
    Signed,
    /// Noted, and not signed yet.
    Waiting,
    /// From before there was a log, or after the key was erased: in no chain.
    Apart,
}

/// One access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// What was done, e.g. `case.read`.
    pub action: String,
    /// Kind of thing: `case`, `contact`, `photo`.
    pub resource: String,
    /// What for.
    pub purpose: Purpose,
    /// Whether it was allowed.
    pub allowed: bool,
    /// How far it is in the log.
    pub standing: Standing,
}

/// What the log says of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summary {
    /// None is missing from the first to the last, and those that are signed are proved to be in the log.
    Whole {
        /// How many are signed.
        signed: usize,
        /// How many are not signed yet.
        waiting: usize,
        /// How many are in no chain.
        apart: usize,
    },
    /// The key was erased: nothing can be proved any more.
    Erased,
    /// The log's files are not there or do not agree with the rows; the list is what the database has.
    Unproved,
}

/// All accesses to one report's case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looks {
    /// The case's number, as the reporter knows it.
    pub number: String,
    /// Every access, newest first; looking at this list is the first of them.
    pub looks: Vec<Look>,
    /// What the log says of them.
    pub summary: Summary,
}

/// Every access to the case of the report behind this code. Being asked is an access too.
pub fn looks(app: &App, code: &str) -> Result<Looks, Error> {
    let (number, histories, proof) = proved(app, code)?;
    let signed = proof.as_ref().ok().map(proved_entries);
    let mut people = Vec::new();
    let mut all: Vec<&Noted> = histories.iter().flat_map(|history| &history.looks).collect();
    all.sort_by_key(|noted| (noted.access.at, noted.entry));
    let mut looks: Vec<Look> = all
        .into_iter()
        .map(|noted| told(noted, &mut people, signed.as_ref()))
        .collect();
    looks.reverse();
    let summary = match &proof {
        _ if histories.iter().all(History::is_erased) => Summary::Erased,
        Ok(_) => Summary::Whole {
            signed: counted(&looks, Standing::Signed),
            waiting: counted(&looks, Standing::Waiting),
            apart: counted(&looks, Standing::Apart),
        },
        Err(fault) => {
            tracing::error!("the log does not prove the accesses to a case: {fault}");
            Summary::Unproved
        }
    };
    Ok(Looks {
        number,
        looks,
        summary,
    })
}

/// The file by which the reporter proves the list, as text. Being asked is an access too, which the file does not have yet.
pub fn proof(app: &App, code: &str) -> Result<String, Error> {
    let (_, histories, proof) = proved(app, code)?;
    let entries: usize = histories.iter().map(|history| history.looks.len()).sum();
    if entries > PROOF_ENTRIES_MAX {
        return Err(Error::denied(
            "log.proof_too_large",
            format!(
                "访问记录超过 {PROOF_ENTRIES_MAX} 条，无法在线生成证明文件。记录仍完整保存，请向综治中心索取。"
            ),
            format!(
                "there are more than {PROOF_ENTRIES_MAX} accesses, too many to prove online. All are kept; ask the coordination centre for the file."
            ),
        ));
    }
    let text = proof.and_then(|proof| proof.text());
    text.map_err(|fault| {
        tracing::error!("the log does not prove the accesses to a case: {fault}");
        Error::Unavailable {
            detail: "the log is not signed at present; every access is noted all the same. Try again later."
                .into(),
        }
    })
}

type Proved = (String, Vec<History>, Result<CaseProof, Fault>);

fn proved(app: &App, code: &str) -> Result<Proved, Error> {
    let (report, case) = find(app, code)?;
    let stays = app.store.read(|tx| stays(tx, report.id, &case))?;
    let entry = entry(app, Action::AccessRead, &case);
    let (histories, proof) = logs::prove_stays(app, &stays, entry)?;
    Ok((case.number(), histories, proof))
}

/// Every case that the report was in, the first one first: merging and splitting move reports.
fn stays(tx: &mut Tx<'_>, report: ReportId, now: &Case) -> Result<Vec<Stay>, Error> {
    let (mut stays, mut case) = (Vec::new(), now.clone());
    let mut until = None;
    loop {
        if stays.iter().any(|stay: &Stay| stay.case == case.id) {
            break;
        }
        stays.push(Stay { case: case.id, until });
        let Some((before, left_at)) = before(tx, report, &case)? else {
            break;
        };
        case = anlan_store::cases::get(tx, before)?;
        until = left_at;
    }
    stays.reverse();
    Ok(stays)
}

/// The case that a report came to this one from, and when it left that, if others' reports stayed there.
fn before(
    tx: &mut Tx<'_>,
    report: ReportId,
    case: &Case,
) -> Result<Option<(CaseId, Option<Timestamp>)>, Error> {
    let joined = anlan_store::events::of_case(tx, case.id)?;
    let joined = joined.iter().rev().find_map(|kept| match &kept.event {
        Event::ReportJoined { reports, from, .. } if reports.contains(&report) => Some((*from, None)),
        _ => None,
    });
    let (None, Some(from)) = (joined, case.split_from) else {
        return Ok(joined);
    };
    let split = anlan_store::events::of_case(tx, from)?;
    Ok(split.iter().rev().find_map(|kept| match &kept.event {
        Event::CaseSplit { into, reports } if *into == case.id && reports.contains(&report) => {
            Some((from, Some(kept.stamp.at)))
        }
        _ => None,
    }))
}

fn counted(looks: &[Look], standing: Standing) -> usize {
    looks.iter().filter(|look| look.standing == standing).count()
}

/// The entries that a file proves, in order of their numbers.
fn proved_entries(proof: &CaseProof) -> Vec<u64> {
    let entries = proof.cases.iter().flat_map(|case| &case.entries);
    let mut proved: Vec<u64> = entries.map(|entry| entry.index).collect();
    proved.sort_unstable();
    proved
}

fn told(noted: &Noted, people: &mut Vec<AccountId>, proved: Option<&Vec<u64>>) -> Look {
    let Access {
        at,
        actor,
        action,
        resource,
        purpose,
        allowed,
        ..
    } = &noted.access;
    let by = match (*purpose, *actor) {
        (Purpose::Audit, _) => By::Oversight,
        (Purpose::OwnReport, None) => By::Reporter,
        (_, None) if action == Action::ReportCreate.code() => By::Reporter,
        (_, None) => By::Node,
        (_, Some(account)) => By::Staff {
            person: number_of(people, account),
            office: noted.access.office,
        },
    };
    let is_in = |proved: &Vec<u64>| {
        noted
            .entry
            .is_some_and(|entry| proved.binary_search(&entry).is_ok())
    };
    let newest = proved.and_then(|proved| proved.last());
    let standing = match proved {
        Some(proved) if is_in(proved) => Standing::Signed,
        _ if noted.leaf.is_none() => Standing::Apart,
        // An entry before one that is proved, and not proved itself, is in no chain.
        _ if newest
            .zip(noted.entry)
            .is_some_and(|(newest, entry)| entry < *newest) =>
        {
            Standing::Apart
        }
        _ => Standing::Waiting,
    };
    Look {
        at: *at,
        by,
        action: action.clone(),
        resource: resource.clone(),
        purpose: *purpose,
        allowed: *allowed,
        standing,
    }
}

fn number_of(people: &mut Vec<AccountId>, account: AccountId) -> usize {
    people
        .iter()
        .position(|known| *known == account)
        .unwrap_or_else(|| {
            people.push(account);
            people.len() - 1
        })
}
