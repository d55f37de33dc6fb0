//! Erasures: what is due, taking it out of every table and file, and the register of what was taken out. When data is due and who
//! may ask for it is not known here.

use crate::error::Error;
use crate::search;
use crate::store::Store;
use crate::tx::{Row, Tx, Value};
use crate::{blobs, body, cases, contacts, events, grants, residues, reviews};
use anlan_model::cases::{Case, Phase};
use anlan_model::erasures::{Erasure, ErasureGround};
use anlan_model::events::{Event, Stamp};
use anlan_model::ids::{AccountId, CaseId, ReportId};
use contacts::SubjectId;
use jiff::Timestamp;

/// Pages whose gaps are emptied in one unit of work.
const PAGES_PER_UNIT: usize = 64;
/// How often the database's log is tried to be emptied while somebody reads in it.
const TRIES: u32 = 20;

/// Cases closed or void before that time whose words are still there, in order of ids, after this one.
pub fn due_cases(
    tx: &mut Tx<'_>,
    before: Timestamp,
    after: CaseId,
    limit: usize,
) -> Result<Vec<CaseId>, Error> {
    let mut due = Vec::new();
    for phase in [Phase::Closed, Phase::Void] {
        let sql = format!(
            "SELECT id FROM cases INDEXED BY cases_slim WHERE phase = ?1 AND id > ?2 AND updated_at < ?3
            AND flags & {} = 0 ORDER BY id LIMIT ?4",
            cases::flags::WITHOUT_TEXTS
        );
        let params = [
            cases::phase_number(phase).into(),
            after.into(),
            before.into(),
            at_most(limit),
        ];
        due.extend(tx.query(&sql, &params, |row| Ok(CaseId(row.int(0)?)))?);
    }
    due.sort_unstable();
    due.truncate(limit);
    Ok(due)
}

/// Contacts in the vault whose reports' cases were all closed or void before that time, after this one.
pub fn due_contacts(
    tx: &mut Tx<'_>,
    before: Timestamp,
    after: SubjectId,
    limit: usize,
) -> Result<Vec<SubjectId>, Error> {
    let sql = "SELECT r.contact FROM reports r INDEXED BY reports_by_contact JOIN cases c ON c.id = r.case_id
        WHERE r.contact > ?1 GROUP BY r.contact HAVING min(c.phase) > 0 AND max(c.updated_at) < ?2 ORDER BY 1 LIMIT ?3";
    tx.query(sql, &[after.into(), before.into(), at_most(limit)], |row| {
        Ok(SubjectId(row.int(0)?))
    })
}

/// Erases a contact if it is still due at that time; whether it was.
pub fn erase_due_contact(
    tx: &mut Tx<'_>,
    subject: SubjectId,
    before: Timestamp,
    at: Timestamp,
) -> Result<bool, Error> {
    let just_before = SubjectId(subject.0.saturating_sub(1));
    if due_contacts(tx, before, just_before, 1)?.first() != Some(&subject) {
        return Ok(false);
    }
    erase_contact(tx, subject, at)?;
    Ok(true)
}

/// Erases a contact, and that its reports had one.
pub fn erase_contact(tx: &mut Tx<'_>, subject: SubjectId, at: Timestamp) -> Result<(), Error> {
    contacts::erase(tx, subject, at)?;
    tx.exec(
        "UPDATE reports SET contact = NULL WHERE contact = ?1",
        &[subject.into()],
    )?;
    Ok(())
}

/// Takes the words, the exact place and every contact out of a case: out of its reports, its events, its row and the search
/// index. Its photos go with `erase_photos`, the key of its access chain with `accesses::erase_key`.
pub fn erase_case(tx: &mut Tx<'_>, case: &Case, ground: ErasureGround, stamp: &Stamp) -> Result<Case, Error> {
    for subject in crate::reports::subjects_of_case(tx, case.id)? {
        erase_contact(tx, subject, stamp.at)?;
    }
    let sql = "UPDATE reports SET track = NULL, description = '', facts = '{}' WHERE case_id = ?1";
    tx.exec(sql, &[case.id.into()])?;
    erase_own_words(tx, case, ground, stamp)
}

/// The same for one report: its words, its contact and its tracking code. The case keeps what it was made of.
pub fn erase_report(tx: &mut Tx<'_>, report: ReportId, at: Timestamp) -> Result<(), Error> {
    if let Some(subject) = crate::reports::subject(tx, report)? {
        erase_contact(tx, subject, at)?;
    }
    let sql =
        "UPDATE reports SET track = NULL, description = '', facts = '{}' WHERE id = ?1 RETURNING case_id";
    let case = tx.query_one(sql, &[report.into()], |row| Ok(CaseId(row.int(0)?)))?;
    let case = case.ok_or_else(|| Error::missing("report", report))?;
    let case = cases::get(tx, case)?;
    search::refresh(tx, &case)
}

/// Takes the words out of a case's events and its row, and leaves the reports alone.
pub fn erase_own_words(
    tx: &mut Tx<'_>,
    case: &Case,
    ground: ErasureGround,
    stamp: &Stamp,
) -> Result<Case, Error> {
    tx.exec("INSERT INTO erasing (case_id) VALUES (?1)", &[case.id.into()])?;
    for kept in events::of_case(tx, case.id)? {
        let event = kept.event.clone().without_texts();
        if event != kept.event {
            let body = events::written(&event, &kept.stamp)?;
            tx.exec(
                "UPDATE events SET body = ?2 WHERE seq = ?1",
                &[kept.seq.into(), (&body).into()],
            )?;
        }
    }
    tx.exec("DELETE FROM erasing WHERE case_id = ?1", &[case.id.into()])?;
    grants::erase_words(tx, case.id)?;
    reviews::erase_spots(tx, case.id)?;
    let now = cases::record(tx, case, &[Event::TextsErased { ground }], stamp)?;
    search::refresh(tx, &now)?;
    Ok(now)
}

/// Forgets a case's photos; their files go with `end_blobs`. How many there were.
pub fn erase_photos(tx: &mut Tx<'_>, case: CaseId) -> Result<usize, Error> {
    let sql = "INSERT OR IGNORE INTO ending_blobs (digest)
        SELECT digest FROM photos WHERE case_id = ?1 UNION SELECT thumb FROM photos WHERE case_id = ?1";
    tx.exec(sql, &[case.into()])?;
    tx.exec("DELETE FROM photos WHERE case_id = ?1", &[case.into()])
}

/// Files that photos no longer name.
pub fn ending_blobs(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<String>, Error> {
    let sql = "SELECT digest FROM ending_blobs LIMIT ?1";
    tx.query(sql, &[at_most(limit)], |row| Ok(row.text(0)?.to_owned()))
}

/// Whether a photo has this file.
fn is_named(tx: &mut Tx<'_>, digest: &str) -> Result<bool, Error> {
    let sql =
        "SELECT 1 FROM photos WHERE digest = ?1 UNION ALL SELECT 1 FROM photos WHERE thumb = ?1 LIMIT 1";
    Ok(tx.query_one(sql, &[digest.into()], |row| row.int(0))?.is_some())
}

/// Removes these files, but for those that a photo names after all. It is the writer that removes them, so that no photo can
/// come to name one meanwhile. How many are gone.
pub fn end_blobs(tx: &mut Tx<'_>, digests: &[String]) -> Result<u32, Error> {
    let mut gone = 0;
    for digest in digests {
        if !is_named(tx, digest)? {
            gone += u32::from(blobs::remove(&tx.home.blobs, digest)?);
        }
        tx.exec("DELETE FROM ending_blobs WHERE digest = ?1", &[digest.into()])?;
    }
    Ok(gone)
}

/// Files older than this that no photo has named: what is left where a photo was kept and its row was not.
pub fn orphan_blobs(store: &Store, older: std::time::Duration) -> Result<Vec<String>, Error> {
    let all = blobs::older(store.blobs_folder(), older)?;
    store.read(|tx| {
        let mut orphans = Vec::new();
        for digest in all {
            if !is_named(tx, &digest)? {
                orphans.push(digest);
            }
        }
        Ok(orphans)
    })
}

/// Writes a line of the register.
pub fn note(tx: &mut Tx<'_>, erasure: &Erasure) -> Result<(), Error> {
    let (kind, ground) = (erasure.kind.word(), body::word(&erasure.ground)?);
    let sql = "INSERT INTO erasures (at, by, kind, ground, case_id, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let params = [
        erasure.at.into(),
        erasure.by.into(),
        kind.into(),
        (&ground).into(),
        erasure.case.into(),
        erasure.count.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The register, newest first.
pub fn list(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<Erasure>, Error> {
    let sql = "SELECT at, by, kind, ground, case_id, count FROM erasures ORDER BY seq DESC LIMIT ?1";
    tx.query(sql, &[at_most(limit)], erasure)
}

fn erasure(row: &Row<'_>) -> Result<Erasure, Error> {
    Ok(Erasure {
        at: row.time(0)?,
        by: row.find_int(1)?.map(AccountId),
        kind: body::from_word(row.text(2)?)?,
        ground: body::from_word(row.text(3)?)?,
        case: row.find_int(4)?.map(CaseId),
        count: u32::try_from(row.int(5)?).unwrap_or(u32::MAX),
    })
}

/// Whether something was erased since the last time that residues were.
pub fn awaits_scrub(tx: &mut Tx<'_>) -> Result<bool, Error> {
    let sql = "SELECT kind <> 'residue' FROM erasures ORDER BY seq DESC LIMIT 1";
    Ok(tx.query_one(sql, &[], |row| row.flag(0))?.unwrap_or(false))
}

/// Overwrites what is left of deleted rows in the database's pages and empties its log; how many pages had something left.
/// The words of the search index have to be merged away before, see `search::merge`.
pub fn scrub(store: &Store) -> Result<usize, Error> {
    store.write(forget_samples)?;
    let pages = store.read(residues::find)?;
    for some in pages.chunks(PAGES_PER_UNIT) {
        let some = some.to_vec();
        store.write(move |tx| residues::clear(tx, &some))?;
    }
    for _ in 0..TRIES {
        if store.empty_log()? {
            return Ok(pages.len());
        }
    }
    Err(Error::Unavailable(
        "the database's log cannot be emptied while others read in it; what was erased is in it until then"
            .to_owned(),
    ))
}

/// Takes tracking codes' digests out of the planner's samples, where it has drawn some.
fn forget_samples(tx: &mut Tx<'_>) -> Result<(), Error> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'";
    if tx.query_one(sql, &[], |row| row.int(0))?.is_some() {
        tx.exec("DELETE FROM sqlite_stat4 WHERE idx = 'reports_by_track'", &[])?;
    }
    Ok(())
}

fn at_most(limit: usize) -> Value<'static> {
    Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}
