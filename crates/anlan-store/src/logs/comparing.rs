//! Verifies the node's own rows: each access is made into its leaf anew and compared with the leaf it has and with the log,
//! and each case's chain is followed as far as the case has its key. It changes nothing.

use super::files::Folder;
use super::verifying::{Entries, Told, walk};
use super::{Fault, keeping, rows};
use crate::accesses::{self, Chain, Kept, Leaf};
use crate::cases;
use crate::error::Error;
use crate::store::Store;
use crate::tx::{Tx, Value};
use anlan_model::accesses::Access;
use anlan_model::ids::CaseId;
use anlan_tlog::notes::VerifierKey;
use anlan_tlog::trees::Head;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

const STEP: i64 = 1000;

/// What was found right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// What is signed.
    pub head: Head,
    /// Accesses that have a leaf.
    pub accesses: u64,
    /// Accesses from before there were leaves.
    pub before: u64,
    /// Cases whose chain is whole.
    pub chains: u64,
    /// Cases whose key was erased.
    pub erased: u64,
}

/// Verifies a folder (the node's own if none is given) and every row of the database against it, in one snapshot.
pub fn verify(
    store: &Store,
    folder: Option<&Path>,
    key: &VerifierKey,
    told: Told<'_>,
) -> Result<Compared, Fault> {
    let folder = folder.map_or_else(|| Folder::of(store), Folder::new);
    store.read(|tx| {
        let begin = rows::begin(tx)?;
        no_leaf_before(tx, begin)?;
        let (database, last_case) = (rows::count(tx, begin)?, cases::newest(tx)?.map_or(0, |id| id.0.unsigned_abs()));
        let mut chained = Chained::default();
        let head = walk(&folder, key, &mut |entries| {
            in_log(tx, begin, entries, &mut chained)?;
            told(entries.first, entries.all.saturating_add(last_case));
            Ok(())
        });
        let head = head?;
        if database < head.size {
            let log = head.size;
            return Err(Fault::Behind { log, database });
        }
        awaiting(tx, rows::row_of(begin, head.size), &mut chained)?;
        let mut found = Compared {
            head,
            accesses: database,
            before: u64::try_from(begin.saturating_sub(1)).unwrap_or(0),
            chains: 0,
            erased: 0,
        };
        let followed = chains(tx, &mut found, &mut |done| {
            told(head.size.saturating_add(done), head.size.saturating_add(last_case));
        })?;
        if followed == chained {
            return Ok(found);
        }
        let (all, about) = (chained.count, followed.count);
        Err(Fault::wrong(
            "cases",
            if all == about {
                "an access names another case than the one whose chain it is found in".to_owned()
            } else {
                format!("{all} accesses have a place in a case's chain, {about} of them are about a case that is there")
            },
        ))
    })
}

/// Which accesses are in which case's chain, by the rows themselves and then by the index that finds them: how many, and a
/// sum in which one that is in another case's shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Chained {
    count: u64,
    sum: u64,
}

impl Chained {
    fn add(&mut self, case: CaseId, row: i64) {
        let mut hash = DefaultHasher::new();
        (case.0, row).hash(&mut hash);
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash.finish());
    }
}

fn no_leaf_before(tx: &mut Tx<'_>, begin: i64) -> Result<(), Fault> {
    let sql = "SELECT seq FROM accesses WHERE seq < ?1 AND leaf IS NOT NULL ORDER BY seq LIMIT 1";
    match tx.query_one(sql, &[begin.into()], |row| row.int(0))? {
        None => Ok(()),
        Some(row) => Err(Fault::wrong(
            place(row),
            format!("it has a leaf, and the log begins with access {begin}"),
        )),
    }
}

/// The rows of these entries.
fn in_log(tx: &mut Tx<'_>, begin: i64, entries: &Entries, chained: &mut Chained) -> Result<(), Fault> {
    let first = rows::row_of(begin, entries.first);
    let limit = i64::try_from(entries.bytes.len()).unwrap_or(i64::MAX);
    let kept = read(tx, first, limit)?;
    for ((row, entry), bytes) in (first..).zip(entries.first..).zip(&entries.bytes) {
        let at = usize::try_from(row.saturating_sub(first)).unwrap_or(usize::MAX);
        let Some(kept) = kept.get(at) else {
            let (log, database) = (entries.all, rows::count(tx, begin)?);
            return Err(if database < log {
                Fault::Behind { log, database }
            } else {
                rows::missing(row)
            });
        };
        kept.check(tx, row, chained)?;
        if kept.leaf.as_ref() != Some(bytes) {
            return Err(keeping::other_entry(entry));
        }
    }
    Ok(())
}

/// The rows that are not signed yet.
fn awaiting(tx: &mut Tx<'_>, from: i64, chained: &mut Chained) -> Result<(), Fault> {
    let mut first = from;
    loop {
        let kept = read(tx, first, STEP)?;
        for (row, kept) in (first..).zip(&kept) {
            kept.check(tx, row, chained)?;
        }
        first = first.saturating_add(STEP);
        if kept.is_empty() {
            return Ok(());
        }
    }
}

/// A row as it is stored.
struct Row {
    seq: i64,
    access: Result<Access, Error>,
    leaf: Option<Vec<u8>>,
    place: Option<i64>,
}

fn read(tx: &mut Tx<'_>, first: i64, limit: i64) -> Result<Vec<Row>, Error> {
    let sql = "SELECT seq, at, actor, action, resource, resource_id, purpose, allowed, count, post, office, leaf, place
        FROM accesses WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
    tx.query(sql, &[first.into(), Value::Int(limit)], |row| {
        Ok(Row {
            seq: row.int(0)?,
            access: accesses::read(row),
            leaf: row.find_blob(11)?.map(<[u8]>::to_vec),
            place: row.find_int(12)?,
        })
    })
}

impl Row {
    /// The leaf says what the row says; what only a case's key can tell is left to its chain.
    fn check(&self, tx: &Tx<'_>, expected: i64, chained: &mut Chained) -> Result<(), Fault> {
        let wrong = |reason: String| Fault::wrong(place(expected), reason);
        let Some(leaf) = self.leaf.as_ref().filter(|_| self.seq == expected) else {
            return Err(rows::missing(expected));
        };
        let access = self.access.as_ref().map_err(|e| wrong(e.to_string()))?;
        let leaf = Leaf::decode(leaf).map_err(|e| wrong(e.to_string()))?;
        let right = Leaf {
            subject: leaf.subject,
            previous: leaf.previous,
            ..accesses::leaf_of(tx, access)
        };
        if let Some(field) = leaf.differs_in(&right) {
            return Err(wrong(format!("its leaf has another `{field}` than the row")));
        }
        let is_chained = self.place.is_some();
        if is_chained != leaf.subject.is_some() {
            return Err(wrong(
                "one of place and `subject` is there without the other".to_owned(),
            ));
        }
        match accesses::case_of(access) {
            _ if !is_chained => {}
            Some(case) => chained.add(case, expected),
            None => {
                return Err(wrong(
                    "it has a place in a case's chain, and is about no case".to_owned(),
                ));
            }
        }
        Ok(())
    }
}

/// Every case's chain.
fn chains(tx: &mut Tx<'_>, found: &mut Compared, told: &mut dyn FnMut(u64)) -> Result<Chained, Fault> {
    let (mut after, mut followed) = (CaseId(0), Chained::default());
    loop {
        let sql = "SELECT id, log_key FROM cases WHERE id > ?1 ORDER BY id LIMIT ?2";
        let page = tx.query(sql, &[after.into(), Value::Int(STEP)], |row| {
            Ok((CaseId(row.int(0)?), row.find_blob(1)?.map(<[u8]>::to_vec)))
        })?;
        let Some((last, _)) = page.last() else {
            return Ok(followed);
        };
        after = *last;
        for (case, column) in page {
            let kept = Kept::of(&tx.home.vault, case, column.as_deref())
                .map_err(|e| Fault::wrong(format!("the key of case {case}"), e.to_string()))?;
            found.erased += u64::from(matches!(kept, Kept::Erased));
            found.chains += u64::from(matches!(kept, Kept::Key(_)));
            follow(tx, case, &kept, &mut followed)?;
        }
        told(after.0.unsigned_abs());
    }
}

/// One case's chain: every access to it in its place, linked to the one before.
fn follow(tx: &mut Tx<'_>, case: CaseId, kept: &Kept, chained: &mut Chained) -> Result<(), Fault> {
    let id = case.to_string();
    let of_case = &*accesses::OF_CASE;
    let sql =
        format!("SELECT seq, leaf, place FROM accesses WHERE {of_case} AND leaf IS NOT NULL ORDER BY seq");
    let links = tx.query(&sql, &[(&id).into()], |row| {
        Ok((row.int(0)?, row.blob(1)?.to_vec(), row.find_int(2)?))
    })?;
    let mut chain = match kept {
        Kept::Key(key) => Some(Chain::new(case, key.clone())),
        Kept::Erased | Kept::Unmade => None,
    };
    let mut followed: u64 = 0;
    for (row, bytes, at) in links {
        let wrong = |reason: &str| Fault::wrong(format!("{}, about case {case}", place(row)), reason);
        let leaf = Leaf::decode(&bytes).map_err(|e| wrong(&e.to_string()))?;
        let is_next = at.and_then(|at| u64::try_from(at).ok()) == Some(followed);
        match (&chain, kept) {
            (_, Kept::Unmade) => return Err(wrong("the case's key is not there")),
            (Some(_), _) if !is_next => {
                return Err(wrong("it is not in the next place of the case's chain"));
            }
            (Some(chain), _) => {
                chain.check(&leaf).map_err(|reason| wrong(&reason))?;
            }
            (None, _) if at.is_some() && !is_next => {
                return Err(wrong("an access to the case before it is missing"));
            }
            _ => {}
        }
        chain = chain
            .zip(leaf.previous)
            .map(|(chain, previous)| chain.with(previous, bytes));
        if at.is_some() {
            followed += 1;
            chained.add(case, row);
        }
    }
    Ok(())
}

fn place(row: i64) -> String {
    format!("access {row} in the database")
}
