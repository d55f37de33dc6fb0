//! Posts (岗位): roles at an office that people hold for a time, by membership, roster and deputy. Who stands at a post at an
//! instant is decided here, from dated rows alone; what a role may do is policy, not here.

use crate::accounts::{Role, RoleClash, may_hold};
use crate::ids::{AccountId, OfficeId, PostId, PostRowId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest name of a post, characters.
pub const NAME_MAX: usize = 64;
/// Longest reference of a row, characters.
pub const REFERENCE_MAX: usize = 64;
/// Longest shift.
pub const SHIFT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Longest time somebody stands in for somebody else without being named anew.
pub const DEPUTY_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How far ahead rows may begin.
pub const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What a post's roster decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roster {
    /// There is none; whoever is a member holds the post at any time.
    #[default]
    None,
    /// Policy knows who is on shift; members hold the post at any time.
    Kept,
    /// Members hold the post on shift only.
    Binding,
}

/// Roles at an office that people hold for a time. A station account is a post at a station's office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// What others see, unique at its office.
    pub name: String,
    /// The office it acts for.
    pub office: OfficeId,
    /// Division code prefix it works in (`""` for everywhere).
    pub division: String,
    /// Roles that go with it.
    pub roles: Vec<Role>,
    /// What its roster decides.
    pub roster: Roster,
    /// Whether anybody can hold it.
    pub is_active: bool,
}

/// What a row makes of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// One of those who hold the post (在岗人员).
    Member,
    /// On shift there (班次).
    Shift,
    /// In the place of a member (代理).
    Deputy,
}

/// One dated row of a post. It is never changed but for its end, which may come earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRow {
    /// Its id.
    pub id: PostRowId,
    /// The post.
    pub post: PostId,
    /// What it makes of the person.
    pub kind: RowKind,
    /// The person.
    pub account: AccountId,
    /// The member in whose place, for a deputy.
    pub stands_for: Option<AccountId>,
    /// From then on.
    pub from: Timestamp,
    /// Until just before then; `None` until somebody ends it.
    pub until: Option<Timestamp>,
    /// The written order it rests on (文号); may be empty. Why somebody is away is not written down.
    pub reference: String,
    /// Who wrote it.
    pub by: AccountId,
    /// When it was written.
    pub at: Timestamp,
    /// Who ended it before its time.
    pub ended_by: Option<AccountId>,
}

impl PostRow {
    /// Whether it holds at an instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether it is about the person's being there then.
    fn puts(&self, account: AccountId, kind: RowKind, at: Timestamp) -> bool {
        self.kind == kind && self.account == account && self.holds(at)
    }
}

/// How somebody stands at a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The member in whose place; `None` for a member.
    pub stands_for: Option<AccountId>,
    /// Whether they are on shift; `None` where no roster is kept.
    pub on_shift: Option<bool>,
}

/// How a person stands at a post at an instant; `None` if they do not hold it. `rows` are the post's, more than needed does no harm.
/// A member goes before a deputy, and a deputy counts while the member they stand in for is one.
pub fn standing(post: &Post, rows: &[PostRow], account: AccountId, at: Timestamp) -> Option<Standing> {
    let is_there = |who: AccountId, kind: RowKind| rows.iter().any(|row| row.puts(who, kind, at));
    let is_member = is_there(account, RowKind::Member);
    let stands_for = rows
        .iter()
        .filter(|row| row.puts(account, RowKind::Deputy, at))
        .filter_map(|row| row.stands_for)
        .find(|absent| is_there(*absent, RowKind::Member));
    let on_shift = (post.roster != Roster::None).then(|| is_there(account, RowKind::Shift));
    let is_held = post.is_active && (is_member || stands_for.is_some());
    (is_held && (post.roster != Roster::Binding || on_shift == Some(true))).then_some(Standing {
        stands_for: stands_for.filter(|_| !is_member),
        on_shift,
    })
}

/// When somebody's standing at a post ends next, and when it begins next if they do not hold it; `None` where no row says.
/// The same times at which `standing` turns, as the rows are now.
pub fn turns_at(post: &Post, rows: &[PostRow], account: AccountId, at: Timestamp) -> Option<Timestamp> {
    // A roster of a year has a thousand rows, and few are about one person.
    let matters = |row: &PostRow| row.account == account || row.kind == RowKind::Member;
    let rows: Vec<PostRow> = rows.iter().filter(|row| matters(row)).cloned().collect();
    let rows = rows.as_slice();
    let is_held = standing(post, rows, account, at).is_some();
    let mut times: Vec<Timestamp> = rows
        .iter()
        .flat_map(|row| [Some(row.from), row.until])
        .flatten()
        .filter(|time| *time > at)
        .collect();
    times.sort_unstable();
    times
        .into_iter()
        .find(|time| standing(post, rows, account, *time).is_some() != is_held)
}

/// Why roles cannot go with a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostClash {
    /// It would carry none.
    #[error("a post carries at least one role")]
    NoRole,
    /// A role that nobody holds.
    #[error(transparent)]
    Role(#[from] RoleClash),
    /// A role that rules the node, watches over others or is a machine's.
    #[error("{0:?} is held by a person of their own or a machine, not by a post")]
    NotForPosts(Role),
}

/// Whether these roles can go with a post. Those that rule or watch are given to persons, by two people.
pub fn may_carry(roles: &[Role]) -> Result<(), PostClash> {
    if roles.is_empty() {
        return Err(PostClash::NoRole);
    }
    may_hold(roles)?;
    let unfit = |role: &&Role| role.is_apart() || role.is_for_machines() || **role == Role::Privacy;
    match roles.iter().find(unfit) {
        Some(role) => Err(PostClash::NotForPosts(*role)),
        None => Ok(()),
    }
}

/// Why a row cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// It would be over before it is written, or before it begins.
    #[error("a row ends after it begins, and not before it is written")]
    Over,
    /// It begins too far ahead.
    #[error("a row begins at most 400 days ahead")]
    TooFar,
    /// A shift or deputy without an end, or one that is too long.
    #[error("a shift lasts 24 hours at most, a deputy 90 days")]
    TooLong,
    /// A deputy for nobody, for themselves, or a stand-in where there is none.
    #[error("a deputy stands in for one other person, and nobody else does")]
    StandsFor,
}

/// The times of a row as it will be kept: it begins when it is written at the earliest, so none works backwards.
pub fn timed(row: PostRow) -> Result<PostRow, RowFault> {
    let from = row.from.max(row.at);
    if row.until.is_some_and(|until| until <= from || until <= row.from) {
        return Err(RowFault::Over);
    }
    if from.duration_since(row.at) > AHEAD_MAX {
        return Err(RowFault::TooFar);
    }
    // As it was asked for, so that a shift written a minute late is not refused or prolonged.
    let length = row.until.map(|until| until.duration_since(row.from));
    let longest = match row.kind {
        RowKind::Member => None,
        RowKind::Shift => Some(SHIFT_MAX),
        RowKind::Deputy => Some(DEPUTY_MAX),
    };
    if longest.is_some_and(|longest| length.is_none_or(|length| length > longest)) {
        return Err(RowFault::TooLong);
    }
    let is_deputy = row.kind == RowKind::Deputy;
    if row.stands_for.is_some() != is_deputy || row.stands_for == Some(row.account) {
        return Err(RowFault::StandsFor);
    }
    Ok(PostRow { from, ..row })
}

/// Whether two rows say the same of the same person for some instant.
pub fn overlap(one: &PostRow, other: &PostRow) -> bool {
    // A row that was ended before it began says nothing of any instant.
    let starts_before =
        |a: &PostRow, b: &PostRow| b.until.is_none_or(|until| a.from < until && b.from < until);
    one.post == other.post
        && one.kind == other.kind
        && one.account == other.account
        && one.stands_for == other.stands_for
        && starts_before(one, other)
        && starts_before(other, one)
}

#[cfg(test)]
mod tests;
