//! Reports: messages from outside as they were received. Nothing in them changes but the case they belong to.

use crate::body;
use crate::cases::{self, channel_word};
use crate::contacts::SubjectId;
use crate::error::Error;
use crate::search;
use crate::tx::{Row, Tx};
use anlan_model::ids::{CaseId, ReportId};
use anlan_model::incoming::Channel;
use anlan_model::reports::Report;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Columns kept as they came, written out: as much as can be is done before the one writer's turn.
#[derive(Debug, Clone)]
pub struct Facts(String);

impl Facts {
    /// Writes them out.
    pub fn new(facts: &BTreeMap<String, String>) -> Result<Self, Error> {
        body::write(facts).map(Self)
    }
}

/// A report that is about to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewReport<'a> {
    /// The way it came.
    pub channel: Channel,
    /// The feed.
    pub source: &'a str,
    /// The sender's own id; with `source` it is unique.
    pub external_id: Option<&'a str>,
    /// The sender's words.
    pub description: &'a str,
    /// When the sender says it was reported.
    pub reported_at: Timestamp,
    /// When we had it.
    pub received_at: Timestamp,
    /// Columns kept as they came.
    pub facts: &'a Facts,
    /// Who may be told, in the vault.
    pub contact: Option<SubjectId>,
    /// SHA-256 of the tracking code, if the sender gets one.
    pub track: Option<&'a [u8; 32]>,
}

const COLUMNS: &str = "id, case_id, channel, source, external_id, description, reported_at, received_at,
    contact IS NOT NULL, facts";

/// The next number: reports and cases count together, so a report and the case it opens bear the same one, and a unit
/// needs no look before it writes.
macro_rules! next_id {
    () => {
        "max((SELECT coalesce(max(id), 0) FROM reports), (SELECT coalesce(max(id), 0) FROM cases)) + 1"
    };
}
pub(crate) use next_id;

/// Keeps a report under the number its case is about to get. Nothing is written if the sender's id is known.
pub(crate) fn insert(tx: &mut Tx<'_>, new: &NewReport<'_>) -> Result<(ReportId, CaseId), Error> {
    // No RETURNING: it would make the engine open a savepoint, and FTS5 writes out its pending words at each of those.
    let sql = concat!(
        "INSERT INTO reports (id, case_id, channel, source, external_id, contact, track, reported_at, received_at,
        description, facts) VALUES (",
        next_id!(),
        ", ",
        next_id!(),
        ", ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (source, external_id) WHERE external_id IS NOT NULL DO NOTHING"
    );
    let params = [
        channel_word(new.channel).into(),
        new.source.into(),
        new.external_id.into(),
        new.contact.into(),
        new.track.into(),
        new.reported_at.into(),
        new.received_at.into(),
        new.description.into(),
        (&new.facts.0).into(),
    ];
    if let Some(id) = tx.try_insert(sql, &params)? {
        return Ok((ReportId(id), CaseId(id)));
    }
    match by_external(tx, new.source, new.external_id.unwrap_or_default())? {
        Some((report, case)) => Err(Error::Known { report, case }),
        None => Err(Error::Corrupt("a report is known and cannot be found".to_owned())),
    }
}

fn ids(row: &Row<'_>) -> Result<(ReportId, CaseId), Error> {
    Ok((ReportId(row.int(0)?), CaseId(row.int(1)?)))
}

/// The report that carries this sender's id, and its case.
pub fn by_external(
    tx: &mut Tx<'_>,
    source: &str,
    external_id: &str,
) -> Result<Option<(ReportId, CaseId)>, Error> {
    let sql = "SELECT id, case_id FROM reports WHERE source = ?1 AND external_id = ?2";
    tx.query_one(sql, &[source.into(), external_id.into()], ids)
}

/// The report a tracking code belongs to, by the code's SHA-256.
pub fn by_track(tx: &mut Tx<'_>, track: &[u8; 32]) -> Result<Option<Report>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM reports WHERE track = ?1"),
        &[track.into()],
        report,
    )
}

/// A report.
pub fn find(tx: &mut Tx<'_>, id: ReportId) -> Result<Option<Report>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM reports WHERE id = ?1"),
        &[id.into()],
        report,
    )
}

/// The reports of a case, oldest first.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Report>, Error> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM reports WHERE case_id = ?1 ORDER BY id"),
        &[case.into()],
        report,
    )
}

/// Whom to tell about a report, if anybody: the key into the vault.
pub fn subject(tx: &mut Tx<'_>, id: ReportId) -> Result<Option<SubjectId>, Error> {
    let sql = "SELECT contact FROM reports WHERE id = ?1 AND contact IS NOT NULL";
    tx.query_one(sql, &[id.into()], |row| Ok(SubjectId(row.int(0)?)))
}

/// Everyone who may be told about a case, oldest report first.
pub fn subjects_of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<SubjectId>, Error> {
    let sql = "SELECT contact FROM reports WHERE case_id = ?1 AND contact IS NOT NULL ORDER BY id";
    tx.query(sql, &[case.into()], |row| Ok(SubjectId(row.int(0)?)))
}

/// Moves reports to a case, as merge and split do, and lets both cases be found by the words they have now.
/// How many were moved.
pub fn move_to(tx: &mut Tx<'_>, reports: &[ReportId], case: CaseId) -> Result<usize, Error> {
    let mut left = BTreeSet::new();
    for report in reports {
        let sql = "SELECT case_id FROM reports WHERE id = ?1 AND case_id <> ?2";
        let params = [(*report).into(), case.into()];
        if let Some(from) = tx.query_one(sql, &params, |row| row.int(0))? {
            left.insert(CaseId(from));
        }
    }
    let mut moved = 0;
    for report in reports {
        let sql = "UPDATE reports SET case_id = ?2 WHERE id = ?1 AND case_id <> ?2";
        moved += tx.exec(sql, &[(*report).into(), case.into()])?;
    }
    if moved > 0 {
        left.insert(case);
        for case in left {
            let case = cases::get(tx, case)?;
            search::refresh(tx, &case)?;
        }
    }
    Ok(moved)
}

fn report(row: &Row<'_>) -> Result<Report, Error> {
    Ok(Report {
        id: ReportId(row.int(0)?),
        case: CaseId(row.int(1)?),
        channel: body::from_word(row.text(2)?)?,
        source: row.text(3)?.to_owned(),
        external_id: row.find_text(4)?.map(ToOwned::to_owned),
        description: row.text(5)?.to_owned(),
        reported_at: row.time(6)?,
        received_at: row.time(7)?,
        has_contact: row.flag(8)?,
        facts: row.json(9)?,
    })
}
