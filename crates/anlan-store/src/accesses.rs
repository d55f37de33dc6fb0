//! Accesses: every look at protected data, append-only, each with the leaf that makes it public. What is protected and
//! what for is policy, not here.

mod chains;
mod ends;
mod leaves;
mod looks;

pub use chains::erase_key;
pub(crate) use chains::{Chain, Kept, OF_CASE, begin, case_of, new_key, wrap_key};
pub(crate) use ends::Ends;
pub(crate) use leaves::Pseudonyms;
pub use leaves::{LEAF_VERSION, Leaf};
pub use looks::{History, Look, of_case};

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use crate::{Cursor, Page};
use anlan_model::accesses::Access;
use anlan_model::ids::{AccountId, OfficeId, PostId};

const CURSOR: u8 = 1;
const PAGE_MAX: usize = 1000;

/// Which accesses are asked for; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFilter {
    /// By that account.
    pub actor: Option<AccountId>,
    /// To that kind of thing, e.g. `case`.
    pub resource: Option<String>,
    /// To that thing.
    pub resource_id: Option<String>,
}

/// Notes an access, with its leaf. One statement, and one before it if it is to a case whose chain the writer has not at hand.
pub fn append(tx: &mut Tx<'_>, access: &Access) -> Result<(), Error> {
    let chain = match chains::case_of(access) {
        Some(case) => chains::of(tx, case)?,
        None => None,
    };
    let leaf = Leaf::of(access, &tx.home.pseudonyms, chain.as_ref());
    let (previous, leaf) = (leaf.previous, leaf.encode()?);
    let place = chain.as_ref().map(Chain::place);
    let sql = "INSERT INTO accesses (at, actor, action, resource, resource_id, purpose, allowed, count, leaf, place, post, office)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let purpose = body::word(&access.purpose)?;
    let params = [
        access.at.into(),
        access.actor.into(),
        (&access.action).into(),
        (&access.resource).into(),
        (&access.resource_id).into(),
        (&purpose).into(),
        access.allowed.into(),
        access.count.into(),
        (&leaf).into(),
        place.and_then(|place| i64::try_from(place).ok()).into(),
        access.post.into(),
        access.office.into(),
    ];
    tx.exec(sql, &params)?;
    if let Some((chain, previous)) = chain.zip(previous) {
        tx.ends.keep(chain.with(previous, leaf));
    }
    Ok(())
}

/// Accesses, newest first.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &AccessFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Access>, Error> {
    let limit = limit.clamp(1, PAGE_MAX);
    let before = after
        .map(|cursor| cursor.keys::<1>(CURSOR))
        .transpose()?
        .map_or(i64::MAX, |[seq]| seq);
    let sql = "SELECT seq, at, actor, action, resource, resource_id, purpose, allowed, count, post, office FROM accesses
        WHERE seq < ?1 AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR resource = ?3)
        AND (?4 IS NULL OR resource_id = ?4) ORDER BY seq DESC LIMIT ?5";
    let params = [
        before.into(),
        filter.actor.into(),
        filter.resource.as_deref().into(),
        filter.resource_id.as_deref().into(),
        Value::Int(i64::try_from(limit + 1).unwrap_or(i64::MAX)),
    ];
    let found = tx.query(sql, &params, |row| Ok(([row.int(0)?], read(row)?)))?;
    Ok(Page::cut(CURSOR, found, limit))
}

/// When the oldest access was made.
pub fn begun(tx: &mut Tx<'_>) -> Result<Option<jiff::Timestamp>, Error> {
    tx.query_one("SELECT at FROM accesses ORDER BY seq LIMIT 1", &[], |row| {
        row.time(0)
    })
}

/// What the leaf of an access says, but for its place among those about a case.
pub(crate) fn leaf_of(tx: &Tx<'_>, access: &Access) -> Leaf {
    Leaf::of(access, &tx.home.pseudonyms, None)
}

/// A row that begins with `seq, at, actor, action, resource, resource_id, purpose, allowed, count, post, office`.
pub(crate) fn read(row: &Row<'_>) -> Result<Access, Error> {
    Ok(Access {
        at: row.time(1)?,
        actor: row.find_int(2)?.map(AccountId),
        action: row.text(3)?.to_owned(),
        resource: row.text(4)?.to_owned(),
        resource_id: row.text(5)?.to_owned(),
        purpose: body::from_word(row.text(6)?)?,
        allowed: row.flag(7)?,
        count: u32::try_from(row.int(8)?).unwrap_or(u32::MAX),
        post: row.find_int(9)?.map(PostId),
        office: row.find_int(10)?.map(OfficeId),
    })
}
