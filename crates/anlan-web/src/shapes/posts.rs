//! Posts, their rows, and the post a session acts for, as JSON.

use super::words::{Role, Roster, RowKind};
use anlan_app::posts::{self, OwnPost, PostLine};
use anlan_model::ids::{AccountId, OfficeId, PostId};
use anlan_model::posts as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Roles at an office that people hold for a time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Office (id) it acts for.
    pub(crate) office: i64,
    /// Division code prefix it works in; empty for everywhere.
    pub(crate) division: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) roster: Roster,
    pub(crate) is_active: bool,
    /// Its rows of the time asked for, by their beginning.
    pub(crate) rows: Vec<PostRow>,
    /// Codes of the actions the caller may do about it; about themselves nobody may.
    pub(crate) may: Vec<String>,
}

/// One dated row of a post.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostRow {
    pub(crate) id: i64,
    pub(crate) kind: RowKind,
    pub(crate) account: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_name: Option<String>,
    /// The member in whose place, for a deputy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stands_for: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stands_for_name: Option<String>,
    pub(crate) from: Timestamp,
    /// Until just before then; not there until somebody ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
    /// The written order it rests on.
    pub(crate) reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<String>,
    /// When it was written.
    pub(crate) at: Timestamp,
    /// Who ended it before its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_by_name: Option<String>,
}

impl From<PostLine> for Post {
    fn from(line: PostLine) -> Self {
        let PostLine {
            post,
            rows,
            names,
            may,
        } = line;
        let name = |id: AccountId| names.get(&id).cloned();
        let row = |row: model::PostRow| PostRow {
            id: row.id.0,
            kind: row.kind.into(),
            account: row.account.0,
            account_name: name(row.account),
            stands_for: row.stands_for.map(|id| id.0),
            stands_for_name: row.stands_for.and_then(name),
            from: row.from,
            until: row.until,
            reference: row.reference,
            by_name: name(row.by),
            at: row.at,
            ended_by_name: row.ended_by.and_then(name),
        };
        Self {
            id: post.id.0,
            name: post.name,
            office: post.office.0,
            division: post.division,
            roles: post.roles.into_iter().map(Role::from).collect(),
            roster: post.roster.into(),
            is_active: post.is_active,
            rows: rows.into_iter().map(row).collect(),
            may: may.into_iter().map(|action| action.code().to_owned()).collect(),
        }
    }
}

/// A post that is to be set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPost {
    pub(crate) name: String,
    /// Office (id) it acts for.
    pub(crate) office: i64,
    #[serde(default)]
    pub(crate) division: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) roster: Roster,
}

impl From<NewPost> for model::Post {
    fn from(new: NewPost) -> Self {
        Self {
            id: PostId(0),
            name: new.name,
            office: OfficeId(new.office),
            division: new.division,
            roles: new.roles.into_iter().map(Into::into).collect(),
            roster: new.roster.into(),
            is_active: true,
        }
    }
}

/// What is to be different about a post; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostChange {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) division: Option<String>,
    #[serde(default)]
    pub(crate) roles: Option<Vec<Role>>,
    #[serde(default)]
    pub(crate) roster: Option<Roster>,
    #[serde(default)]
    pub(crate) is_active: Option<bool>,
}

impl From<PostChange> for posts::ChangePost {
    fn from(change: PostChange) -> Self {
        Self {
            name: change.name,
            division: change.division,
            roles: change
                .roles
                .map(|roles| roles.into_iter().map(Into::into).collect()),
            roster: change.roster.map(Into::into),
            is_active: change.is_active,
        }
    }
}

/// Rows that are wanted: all of them are written, or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRows {
    #[schema(min_items = 1, max_items = 500)]
    pub(crate) rows: Vec<NewRow>,
}

/// A row that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRow {
    pub(crate) kind: RowKind,
    pub(crate) account: i64,
    /// The member in whose place, for a deputy.
    #[serde(default)]
    pub(crate) stands_for: Option<i64>,
    /// From now on if left out or past.
    #[serde(default)]
    pub(crate) from: Option<Timestamp>,
    /// Wanted for shifts (24 hours at most) and deputies (90 days).
    #[serde(default)]
    pub(crate) until: Option<Timestamp>,
    /// The written order it rests on, if there is one.
    #[serde(default)]
    pub(crate) reference: String,
}

impl From<NewRow> for posts::NewRow {
    fn from(new: NewRow) -> Self {
        Self {
            kind: new.kind.into(),
            account: AccountId(new.account),
            stands_for: new.stands_for.map(AccountId),
            from: new.from,
            until: new.until,
            reference: new.reference,
        }
    }
}

/// The ids of rows that were written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowIds {
    pub(crate) ids: Vec<i64>,
}

/// A post of the caller's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldPost {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Office (id) it acts for.
    pub(crate) office: i64,
    pub(crate) roles: Vec<Role>,
    pub(crate) roster: Roster,
    /// The caller holds it now.
    pub(crate) is_held: bool,
    /// In the place of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stands_for: Option<i64>,
    /// On shift there; not there where no roster is kept or the post is not held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_shift: Option<bool>,
    /// When `is_held` turns, as the roster is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) turns_at: Option<Timestamp>,
}

impl From<OwnPost> for HeldPost {
    fn from(own: OwnPost) -> Self {
        let (post, standing) = (own.held.post, own.held.standing);
        Self {
            id: post.id.0,
            name: post.name,
            office: post.office.0,
            roles: post.roles.into_iter().map(Role::from).collect(),
            roster: post.roster.into(),
            is_held: standing.is_some(),
            stands_for: standing.and_then(|one| one.stands_for).map(|id| id.0),
            on_shift: standing.and_then(|one| one.on_shift),
            turns_at: own.turns_at,
        }
    }
}

/// The post to act for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActFor {
    /// `null` for oneself.
    pub(crate) post: Option<i64>,
}
