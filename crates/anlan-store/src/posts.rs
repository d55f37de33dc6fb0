//! Posts and their dated rows. Who stands at a post is the model's to say, from the rows given here; who may write them is
//! policy.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::{AccountId, OfficeId, PostId, PostRowId};
use anlan_model::posts::{Post, PostRow};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: &str = "id, name, office, division, roles, roster, is_active";
const ROW_COLUMNS: &str =
    "id, post, kind, account, stands_for, from_at, until_at, reference, by, at, ended_by";

/// Keeps a new post; its own id is ignored. `Error::Taken` if its office has one of that name.
pub fn insert(tx: &mut Tx<'_>, post: &Post) -> Result<Post, Error> {
    let sql = "INSERT INTO posts (name, office, division, roles, roster, is_active) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (roles, roster) = (body::write(&post.roles)?, body::word(&post.roster)?);
    let params = [
        (&post.name).into(),
        post.office.into(),
        (&post.division).into(),
        (&roles).into(),
        (&roster).into(),
        post.is_active.into(),
    ];
    let id = PostId(tx.insert(sql, &params)?);
    Ok(Post { id, ..post.clone() })
}

/// Changes all of a post but its office. `Error::Missing` if there is none, `Error::Taken` if its office has one of that name.
pub fn update(tx: &mut Tx<'_>, post: &Post) -> Result<(), Error> {
    let sql =
        "UPDATE posts SET name = ?2, division = ?3, roles = ?4, roster = ?5, is_active = ?6 WHERE id = ?1";
    let (roles, roster) = (body::write(&post.roles)?, body::word(&post.roster)?);
    let params = [
        post.id.into(),
        (&post.name).into(),
        (&post.division).into(),
        (&roles).into(),
        (&roster).into(),
        post.is_active.into(),
    ];
    match tx.exec(sql, &params)? {
        1 => Ok(()),
        _ => Err(Error::missing("post", post.id)),
    }
}

/// The post, if there is one.
pub fn find(tx: &mut Tx<'_>, id: PostId) -> Result<Option<Post>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM posts WHERE id = ?1");
    tx.query_one(&sql, &[id.into()], post)
}

/// Every post, by office and name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Post>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM posts ORDER BY office, name, id");
    tx.query(&sql, &[], post)
}

/// What others see of these posts.
pub fn names(tx: &mut Tx<'_>, ids: &BTreeSet<PostId>) -> Result<BTreeMap<PostId, String>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let wanted = body::write(ids)?;
    let sql = "SELECT id, name FROM posts WHERE id IN (SELECT value FROM json_each(?1))";
    let found = tx.query(sql, &[(&wanted).into()], |row| {
        Ok((PostId(row.int(0)?), row.text(1)?.to_owned()))
    })?;
    Ok(found.into_iter().collect())
}

fn post(row: &Row<'_>) -> Result<Post, Error> {
    Ok(Post {
        id: PostId(row.int(0)?),
        name: row.text(1)?.to_owned(),
        office: OfficeId(row.int(2)?),
        division: row.text(3)?.to_owned(),
        roles: row.json(4)?,
        roster: body::from_word(row.text(5)?)?,
        is_active: row.flag(6)?,
    })
}

/// Keeps a new row; its own id is ignored.
pub fn add(tx: &mut Tx<'_>, row: &PostRow) -> Result<PostRow, Error> {
    let sql = "INSERT INTO post_rows (post, kind, account, stands_for, from_at, until_at, reference, by, at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let kind = body::word(&row.kind)?;
    let params = [
        row.post.into(),
        (&kind).into(),
        row.account.into(),
        row.stands_for.into(),
        row.from.into(),
        row.until.into(),
        (&row.reference).into(),
        row.by.into(),
        row.at.into(),
    ];
    let id = PostRowId(tx.insert(sql, &params)?);
    Ok(PostRow { id, ..row.clone() })
}

/// Ends a row at `until`. `false` if it has ended by then anyway.
pub fn end(tx: &mut Tx<'_>, id: PostRowId, until: Timestamp, by: AccountId) -> Result<bool, Error> {
    let sql = "UPDATE post_rows SET until_at = ?2, ended_by = ?3
        WHERE id = ?1 AND (until_at IS NULL OR until_at > ?2)";
    Ok(tx.exec(sql, &[id.into(), until.into(), by.into()])? == 1)
}

/// Ends every row about an account that is not over: they have left. Those in which others stand in for them stay, and give
/// nothing, as the member is gone.
pub fn end_all(
    tx: &mut Tx<'_>,
    account: AccountId,
    now: Timestamp,
    by: Option<AccountId>,
) -> Result<usize, Error> {
    let sql = "UPDATE post_rows SET until_at = max(from_at, ?2), ended_by = ?3
        WHERE account = ?1 AND (until_at IS NULL OR until_at > max(from_at, ?2))";
    tx.exec(sql, &[account.into(), now.into(), by.into()])
}

/// The row, if there is one.
pub fn find_row(tx: &mut Tx<'_>, id: PostRowId) -> Result<Option<PostRow>, Error> {
    let sql = format!("SELECT {ROW_COLUMNS} FROM post_rows WHERE id = ?1");
    tx.query_one(&sql, &[id.into()], dated)
}

/// The rows of a post that hold at some instant from `from` to just before `until`, by their beginning.
pub fn rows(tx: &mut Tx<'_>, post: PostId, from: Timestamp, until: Timestamp) -> Result<Vec<PostRow>, Error> {
    let sql = format!(
        "SELECT {ROW_COLUMNS} FROM post_rows
         WHERE post = ?1 AND from_at < ?3 AND (until_at IS NULL OR until_at > ?2) ORDER BY from_at, id"
    );
    tx.query(&sql, &[post.into(), from.into(), until.into()], dated)
}

/// The rows of every post that hold at some instant from `from` to just before `until`.
pub fn all_rows(tx: &mut Tx<'_>, from: Timestamp, until: Timestamp) -> Result<Vec<PostRow>, Error> {
    let sql = format!(
        "SELECT {ROW_COLUMNS} FROM post_rows
         WHERE from_at < ?2 AND (until_at IS NULL OR until_at > ?1) ORDER BY post, from_at, id"
    );
    tx.query(&sql, &[from.into(), until.into()], dated)
}

/// The rows of a post that hold now.
pub fn rows_now(tx: &mut Tx<'_>, post: PostId, now: Timestamp) -> Result<Vec<PostRow>, Error> {
    let sql = format!(
        "SELECT {ROW_COLUMNS} FROM post_rows
         WHERE post = ?1 AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)"
    );
    tx.query(&sql, &[post.into(), now.into()], dated)
}

/// The active posts that some row not yet over names an account at.
pub fn of_account(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<Vec<Post>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM posts WHERE is_active = 1 AND id IN
         (SELECT post FROM post_rows WHERE account = ?1 AND (until_at IS NULL OR until_at > ?2))
         ORDER BY id"
    );
    tx.query(&sql, &[account.into(), now.into()], post)
}

fn dated(row: &Row<'_>) -> Result<PostRow, Error> {
    Ok(PostRow {
        id: PostRowId(row.int(0)?),
        post: PostId(row.int(1)?),
        kind: body::from_word(row.text(2)?)?,
        account: AccountId(row.int(3)?),
        stands_for: row.find_int(4)?.map(AccountId),
        from: row.time(5)?,
        until: row.find_time(6)?,
        reference: row.text(7)?.to_owned(),
        by: AccountId(row.int(8)?),
        at: row.time(9)?,
        ended_by: row.find_int(10)?.map(AccountId),
    })
}
