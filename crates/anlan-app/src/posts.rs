//! Posts: setting them up, naming members, writing rosters and deputies. Every row is a decision by somebody else about
//! somebody, from now on. Acting for a post is `acting`.

mod acting;
mod rows;

pub use acting::{Held, OwnPost, act_for, mine, require_post, shown};
pub(crate) use acting::{Standings, beginning, held, nowhere, roles_in_reach};
pub use rows::{NewRow, add, end};

use crate::{App, Caller, Error, accesses, accounts, allowed};
use anlan_model::accesses::Access;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, PostId};
use anlan_model::posts::{NAME_MAX, Post, PostClash, PostRow, Roster, RowKind, may_carry};
use anlan_policy::{Action, PostFacts};
use anlan_store::Tx;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Most posts there can be.
const POSTS_MAX: usize = 5_000;

/// A post with its rows of some time, and the names beside them.
#[derive(Debug, Clone)]
pub struct PostLine {
    /// The post.
    pub post: Post,
    /// Its rows.
    pub rows: Vec<PostRow>,
    /// Names of whom the rows name.
    pub names: BTreeMap<AccountId, String>,
    /// What the caller may do about it.
    pub may: Vec<Action>,
}

/// From one instant to just before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From.
    pub from: Timestamp,
    /// Until.
    pub until: Timestamp,
}

fn entry(app: &App, caller: &Caller, action: Action, id: impl std::fmt::Display) -> Access {
    accesses::entry(app, caller, action, "post", id, caller.actor.purpose_of(action))
}

/// What policy is asked about a post without a row.
fn facts(post: &Post) -> PostFacts<'static> {
    PostFacts {
        office: post.office,
        holders: &[],
        subject: None,
        stands_for: None,
    }
}

fn may_read(app: &App, caller: &Caller, post: &Post) -> bool {
    app.policy
        .may_on_post(&caller.actor, Action::PostRead, facts(post))
        .allowed
}

fn line(
    app: &App,
    caller: &Caller,
    (post, rows): (Post, Vec<PostRow>),
    names: &BTreeMap<AccountId, String>,
) -> PostLine {
    let may_do = |action: &Action| {
        app.policy
            .may_on_post(&caller.actor, *action, facts(&post))
            .allowed
    };
    let actions = [
        Action::PostWrite,
        Action::PostStaff,
        Action::PostRoster,
        Action::PostDeputise,
    ];
    let may = actions.into_iter().filter(may_do).collect();
    let people = rows.iter().flat_map(people);
    let names = people
        .filter_map(|id| Some((id, names.get(&id)?.clone())))
        .collect();
    PostLine {
        post,
        rows,
        names,
        may,
    }
}

fn people(row: &PostRow) -> impl Iterator<Item = AccountId> {
    [Some(row.account), row.stands_for, Some(row.by), row.ended_by]
        .into_iter()
        .flatten()
}

/// The posts the caller may see, each with its rows of a span of time.
pub fn list(app: &App, caller: &Caller, span: Span) -> Result<Vec<PostLine>, Error> {
    app.require(caller, Action::PostRead)?;
    let (mut posts, rows, names) = app.store.read(|tx| {
        let posts = anlan_store::posts::list(tx)?;
        let rows = anlan_store::posts::all_rows(tx, span.from, span.until)?;
        let ids: BTreeSet<AccountId> = rows.iter().flat_map(people).collect();
        let names = anlan_store::accounts::names(tx, &ids)?;
        Ok::<_, Error>((posts, rows, names))
    })?;
    posts.retain(|post| may_read(app, caller, post));
    let mut of_post: BTreeMap<PostId, Vec<PostRow>> = BTreeMap::new();
    for row in rows {
        of_post.entry(row.post).or_default().push(row);
    }
    let lines: Vec<PostLine> = posts
        .into_iter()
        .map(|post| {
            let rows = of_post.remove(&post.id).unwrap_or_default();
            line(app, caller, (post, rows), &names)
        })
        .collect();
    accesses::log(
        app,
        entry(app, caller, Action::PostRead, "list").of_many(lines.len()),
    )?;
    Ok(lines)
}

/// One post with its rows of a span of time.
pub fn find(app: &App, caller: &Caller, id: PostId, span: Span) -> Result<PostLine, Error> {
    app.require(caller, Action::PostRead)?;
    let found = app.store.read(|tx| whole(tx, id, span))?;
    let (post, rows, names) = found
        .filter(|(post, ..)| may_read(app, caller, post))
        .ok_or(Error::Missing { what: "post" })?;
    accesses::log(app, entry(app, caller, Action::PostRead, id))?;
    Ok(line(app, caller, (post, rows), &names))
}

type Whole = (Post, Vec<PostRow>, BTreeMap<AccountId, String>);

fn whole(tx: &mut Tx<'_>, id: PostId, span: Span) -> Result<Option<Whole>, Error> {
    let Some(post) = anlan_store::posts::find(tx, id)? else {
        return Ok(None);
    };
    let rows = anlan_store::posts::rows(tx, id, span.from, span.until)?;
    let ids: BTreeSet<AccountId> = rows.iter().flat_map(people).collect();
    let names = anlan_store::accounts::names(tx, &ids)?;
    Ok(Some((post, rows, names)))
}

/// Sets a post up. `id` is ignored. It has no members yet.
pub fn create(app: &App, caller: &Caller, post: Post) -> Result<Post, Error> {
    app.require(caller, Action::PostWrite)?;
    let post = checked(app, post)?;
    let entry = entry(app, caller, Action::PostWrite, "new");
    app.store.write(move |tx| {
        if anlan_store::posts::list(tx)?.len() >= POSTS_MAX {
            return Err(Error::conflict(
                "post.many",
                format!("岗位已达 {POSTS_MAX} 个，未新建。"),
                format!("There are {POSTS_MAX} posts already; none was made."),
            ));
        }
        let made = anlan_store::posts::insert(tx, &post).map_err(|error| taken(error, &post))?;
        let noted = Access {
            resource_id: made.id.to_string(),
            ..entry.clone()
        };
        anlan_store::accesses::append(tx, &noted)?;
        Ok(made)
    })
}

/// What is to be different about a post; `None` leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangePost {
    /// What others see.
    pub name: Option<String>,
    /// Division code prefix it works in.
    pub division: Option<String>,
    /// Roles that go with it.
    pub roles: Option<Vec<Role>>,
    /// What its roster decides.
    pub roster: Option<Roster>,
    /// Whether anybody can hold it.
    pub is_active: Option<bool>,
}

/// Changes a post. Whoever acts for it does so by the new roles and area from their next request on.
pub fn change(app: &App, caller: &Caller, id: PostId, input: ChangePost) -> Result<Post, Error> {
    app.require(caller, Action::PostWrite)?;
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let before = anlan_store::posts::find(tx, id)?.ok_or(Error::Missing { what: "post" })?;
        let rows = anlan_store::posts::rows(tx, id, app2.clock.now(), Timestamp::MAX)?;
        let holders: Vec<AccountId> = rows
            .iter()
            .filter(|row| row.kind != RowKind::Shift)
            .map(|row| row.account)
            .collect();
        let facts = PostFacts {
            holders: &holders,
            ..facts(&before)
        };
        allowed(&app2.policy.may_on_post(&caller2.actor, Action::PostWrite, facts))?;
        let input = input.clone();
        let after = checked(
            &app2,
            Post {
                name: input.name.unwrap_or(before.name),
                division: input.division.unwrap_or(before.division),
                roles: input.roles.unwrap_or(before.roles),
                roster: input.roster.unwrap_or(before.roster),
                is_active: input.is_active.unwrap_or(before.is_active),
                ..before
            },
        )?;
        anlan_store::posts::update(tx, &after).map_err(|error| taken(error, &after))?;
        let entry = entry(&app2, &caller2, Action::PostWrite, id);
        anlan_store::accesses::append(tx, &entry)?;
        Ok(after)
    })
}

fn taken(error: anlan_store::Error, post: &Post) -> Error {
    let name = &post.name;
    match error {
        anlan_store::Error::Taken { .. } => Error::conflict(
            "post.exists",
            format!("本单位已有名为“{name}”的岗位，请换一个名称。未作任何更改。"),
            format!(
                "The office has a post named “{name}” already. Choose another name; nothing was changed."
            ),
        ),
        other => other.into(),
    }
}

/// The post as it is kept; refuses fields that cannot be taken.
fn checked(app: &App, post: Post) -> Result<Post, Error> {
    let name = post.name.trim().to_owned();
    if !accounts::is_name(&name, NAME_MAX) {
        return Err(Error::field(
            "name",
            "post.name",
            "岗位名称应为 1 到 64 个字符。",
            "A post's name has 1 to 64 characters.",
        ));
    }
    accounts::check_division(&post.division)?;
    accounts::check_office(app, post.office)?;
    let mut roles = post.roles;
    roles.sort_unstable();
    roles.dedup();
    may_carry(&roles).map_err(clash)?;
    Ok(Post { name, roles, ..post })
}

fn clash(clash: PostClash) -> Error {
    let (zh, en) = match clash {
        PostClash::NoRole => ("岗位至少须有一个角色。", "A post carries at least one role."),
        PostClash::Role(_) | PostClash::NotForPosts(_) => (
            "系统管理员、安全管理员、审计员、个人信息保护负责人和目录服务由专人或机器担任，不能随岗位授予。",
            "System, security and audit administrators, the privacy officer and the directory are persons or machines of their own; no post carries these roles.",
        ),
    };
    Error::field("roles", "post.roles", zh, en)
}
