//! Chains: the accesses to one case, each linked to the one before under the case's own key. Erasing the key unlinks
//! them for good; the rows and their leaves stay.

use crate::error::Error;
use crate::sealing::{MasterKey, fill};
use crate::tx::Tx;
use anlan_model::accesses::Access;
use anlan_model::ids::CaseId;
use anlan_tlog::commitments::{Chained, Link, SubjectKey};
use std::sync::LazyLock;

use super::leaves::Leaf;

/// Kinds of things whose id is that of a case. The statements below are made from it.
const KINDS: [&str; 3] = ["case", "contact", "photo"];

/// What holds of an access to the case whose id, as text, is the first parameter.
pub(crate) static OF_CASE: LazyLock<String> = LazyLock::new(|| {
    let kinds = KINDS.map(|kind| format!("'{kind}'"));
    format!("resource IN ({}) AND resource_id = ?1", kinds.join(", "))
});

/// A case's key and the last access to it. Asked kind by kind: each is the end of a range in the index.
static LAST: LazyLock<String> = LazyLock::new(|| {
    let newest = KINDS.map(|kind| {
        format!("SELECT max(seq) AS seq FROM accesses WHERE resource = '{kind}' AND resource_id = ?2")
    });
    format!(
        "SELECT c.log_key, a.place, a.leaf FROM cases c
         LEFT JOIN accesses a ON a.seq = (SELECT max(seq) FROM ({})) WHERE c.id = ?1",
        newest.join(" UNION ALL ")
    )
});

/// The end of a case's chain: what its next entry has to hold.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    case: CaseId,
    key: SubjectKey,
    /// Place of the next entry, from 0.
    place: u64,
    next: Next,
}

/// What the next entry's link is made of. Most units of work end with an entry, so it is made only when it is asked for.
#[derive(Debug, Clone)]
enum Next {
    First,
    After { previous: Link, entry: Vec<u8> },
}

impl Chain {
    /// One without entries.
    pub(crate) fn new(case: CaseId, key: SubjectKey) -> Self {
        Self {
            case,
            key,
            place: 0,
            next: Next::First,
        }
    }

    pub(super) fn case(&self) -> CaseId {
        self.case
    }

    pub(crate) fn place(&self) -> u64 {
        self.place
    }

    /// What the next entry commits to.
    pub(crate) fn subject(&self) -> [u8; 32] {
        let (case, place) = (self.case.0.to_be_bytes(), self.place.to_be_bytes());
        *self.key.commit(&case, &place).as_bytes()
    }

    /// The link that the next entry holds.
    pub(crate) fn previous(&self) -> [u8; 32] {
        let link = match &self.next {
            Next::First => self.key.first_link(),
            Next::After { previous, entry } => {
                let (previous, place) = (*previous, self.place.saturating_sub(1));
                self.key.next_link(place, &Chained { previous, entry })
            }
        };
        *link.as_bytes()
    }

    /// The link that a leaf holds if it is the next entry; else why it is not.
    pub(crate) fn check(&self, leaf: &Leaf) -> Result<[u8; 32], String> {
        if leaf.subject != Some(self.subject()) {
            return Err("its `subject` is not this case and place".to_owned());
        }
        let previous = self.previous();
        if leaf.previous != Some(previous) {
            return Err("it does not follow on the access before it".to_owned());
        }
        Ok(previous)
    }

    /// The chain with the next entry: the link that it holds, which is `previous()`, and its bytes.
    pub(crate) fn with(self, previous: [u8; 32], entry: Vec<u8>) -> Self {
        let previous = Link::new(previous);
        Self {
            place: self.place.saturating_add(1),
            next: Next::After { previous, entry },
            ..self
        }
    }
}

/// The case that an access is to.
pub(crate) fn case_of(access: &Access) -> Option<CaseId> {
    let is_kind = KINDS.contains(&access.resource.as_str());
    let id = access.resource_id.parse().ok().filter(|_| is_kind);
    // Only the spelling that is stored finds the row again.
    id.filter(|id: &i64| id.to_string() == access.resource_id)
        .map(CaseId)
}

/// A key for a case that is about to begin.
pub(crate) fn new_key() -> Result<SubjectKey, Error> {
    let mut key = [0; 32];
    fill(&mut key)?;
    Ok(SubjectKey::new(key))
}

/// Notes that this unit has opened a case with this key, so that its first access needs no look.
pub(crate) fn begin(tx: &mut Tx<'_>, case: CaseId, key: &SubjectKey) {
    tx.ends.keep(Chain::new(case, key.clone()));
}

/// What is kept of a case for its chain.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    /// No key yet: it is from before there were any.
    Unmade,
    /// The key was erased.
    Erased,
    Key(SubjectKey),
}

impl Kept {
    /// From a case's column.
    pub(crate) fn of(vault: &MasterKey, case: CaseId, column: Option<&[u8]>) -> Result<Self, Error> {
        match column {
            None => Ok(Self::Unmade),
            Some([]) => Ok(Self::Erased),
            Some(wrapped) => {
                let key = vault.unwrap(&wrapped_as(case), wrapped)?;
                Ok(Self::Key(SubjectKey::new(key)))
            }
        }
    }
}

/// What a case's key is wrapped as: no other case's can be put in its place.
fn wrapped_as(case: CaseId) -> Vec<u8> {
    [b"log key".as_slice(), &case.0.to_be_bytes()].concat()
}

/// A case's key as it is kept.
pub(crate) fn wrap_key(vault: &MasterKey, case: CaseId, key: &SubjectKey) -> Result<Vec<u8>, Error> {
    vault.wrap(&wrapped_as(case), key.as_bytes())
}

/// The end of a case's chain. `None` if there is no such case, or its key was erased. At most one statement, but for the
/// first access to a case from before there were keys.
pub(crate) fn of(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Chain>, Error> {
    if let Some(chain) = tx.ends.take(case) {
        return Ok(Some(chain));
    }
    let (id, vault) = (case.to_string(), &tx.home.vault);
    let found = tx.query_one(&LAST, &[case.into(), (&id).into()], |row| {
        let last = row.find_int(1)?.zip(row.find_blob(2)?.map(<[u8]>::to_vec));
        Ok((Kept::of(vault, case, row.find_blob(0)?)?, last))
    })?;
    match found {
        None | Some((Kept::Erased, _)) => Ok(None),
        Some((Kept::Unmade, _)) => make(tx, case).map(Some),
        Some((Kept::Key(key), None)) => Ok(Some(Chain::new(case, key))),
        Some((Kept::Key(key), Some((place, leaf)))) => after(case, key, place, leaf).map(Some),
    }
}

/// Gives a case from before a key.
fn make(tx: &mut Tx<'_>, case: CaseId) -> Result<Chain, Error> {
    let key = new_key()?;
    let sql = "UPDATE cases SET log_key = ?2 WHERE id = ?1 AND log_key IS NULL";
    let wrapped = wrap_key(&tx.home.vault, case, &key)?;
    tx.exec(sql, &[case.into(), (&wrapped).into()])?;
    Ok(Chain::new(case, key))
}

/// The chain that ends with this leaf at this place.
fn after(case: CaseId, key: SubjectKey, place: i64, leaf: Vec<u8>) -> Result<Chain, Error> {
    let wrong = || Error::Corrupt("the last access to a case has a place and no link".to_owned());
    let place = u64::try_from(place).map_err(|_gone| wrong())?;
    let previous = Leaf::decode(&leaf)?.previous.ok_or_else(wrong)?;
    let chain = Chain {
        place,
        ..Chain::new(case, key)
    };
    Ok(chain.with(previous, leaf))
}

/// Erases what the leaves about a case are found by. They stay, and the log still verifies; nobody can tell any more
/// which they are, and later ones say nothing of the case. `false` if it was erased before, or there is no such case.
pub fn erase_key(tx: &mut Tx<'_>, case: CaseId) -> Result<bool, Error> {
    // The writer has it no longer than the database.
    tx.ends.take(case);
    let sql = "UPDATE cases SET log_key = x'' WHERE id = ?1 AND log_key IS NOT x''";
    Ok(tx.exec(sql, &[case.into()])? == 1)
}
