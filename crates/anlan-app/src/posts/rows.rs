//! Writing and ending the rows of a post: all that are written together are kept, or none. Each is checked as it stands
//! behind those before it.

use super::entry;
use crate::{App, Caller, Error, allowed};
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, OfficeId, PostId, PostRowId};
use anlan_model::posts::{
    DEPUTY_MAX, Post, PostRow, REFERENCE_MAX, Roster, RowFault, RowKind, SHIFT_MAX, overlap, standing, timed,
};
use anlan_policy::{Action, PostFacts};
use anlan_store::Tx;
use jiff::Timestamp;

/// Most rows written together: a month of a large station.
const ROWS_MAX: usize = 500;
/// Most rows a post may have that are not over.
const LIVE_MAX: usize = 20_000;

/// A row that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// What it makes of the person.
    pub kind: RowKind,
    /// The person.
    pub account: AccountId,
    /// The member in whose place, for a deputy.
    pub stands_for: Option<AccountId>,
    /// From then on; from now on if it has passed or is not given.
    pub from: Option<Timestamp>,
    /// Until just before then.
    pub until: Option<Timestamp>,
    /// The written order it rests on.
    pub reference: String,
}

fn action_on(kind: RowKind) -> Action {
    match kind {
        RowKind::Member => Action::PostStaff,
        RowKind::Shift => Action::PostRoster,
        RowKind::Deputy => Action::PostDeputise,
    }
}

fn require(app: &App, caller: &Caller, post: &Post, row: &PostRow) -> Result<(), Error> {
    let facts = PostFacts {
        subject: Some(row.account),
        stands_for: row.stands_for,
        ..super::facts(post)
    };
    allowed(&app.policy.may_on_post(&caller.actor, action_on(row.kind), facts))
}

/// Which of several rows is wrong, and how.
struct Place(usize);

impl Place {
    fn fault(&self, field: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Error {
        Error::field(&format!("rows[{}].{field}", self.0), code, zh, en)
    }
}

/// Writes rows: members, shifts and deputies. All of them, or none.
pub fn add(app: &App, caller: &Caller, id: PostId, rows: Vec<NewRow>) -> Result<Vec<PostRow>, Error> {
    if rows.is_empty() || rows.len() > ROWS_MAX {
        return Err(Error::field(
            "rows",
            "post.rows",
            format!("一次可提交 1 到 {ROWS_MAX} 行，没有保存任何内容。"),
            format!("Hand in 1 to {ROWS_MAX} rows at a time. Nothing was kept."),
        ));
    }
    for row in &rows {
        app.require(caller, action_on(row.kind))?;
    }
    let by = caller.actor.account.ok_or(Error::Missing { what: "account" })?;
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let (app, caller) = (&app2, &caller2);
        let now = app.clock.now();
        let post = readable(app, caller, tx, id)?;
        let mut kept = anlan_store::posts::rows(tx, id, now, Timestamp::MAX)?;
        let mut added = Vec::with_capacity(rows.len());
        for (index, new) in rows.iter().enumerate() {
            let row = wanted(new, &post, by, now);
            require(app, caller, &post, &row)?;
            let row = fitting(tx, &Place(index), (&post, &kept), row)?;
            let row = anlan_store::posts::add(tx, &row)?;
            kept.push(row.clone());
            added.push(row);
        }
        if kept.len() > LIVE_MAX {
            return Err(Error::conflict(
                "post.full",
                format!("一个岗位未结束的排班等记录至多 {LIVE_MAX} 行，没有保存任何内容。"),
                format!("A post has at most {LIVE_MAX} rows that are not over. Nothing was kept."),
            ));
        }
        for kind in [RowKind::Member, RowKind::Shift, RowKind::Deputy] {
            let count = added.iter().filter(|row| row.kind == kind).count();
            if count > 0 {
                let entry = entry(app, caller, action_on(kind), id).of_many(count);
                anlan_store::accesses::append(tx, &entry)?;
            }
        }
        Ok::<_, Error>(added)
    })
}

/// The post, if the caller may know of it.
fn readable(app: &App, caller: &Caller, tx: &mut Tx<'_>, id: PostId) -> Result<Post, Error> {
    let may_read = |post: &Post| super::may_read(app, caller, post) || may_deputise(app, caller, post);
    let post = anlan_store::posts::find(tx, id)?.filter(may_read);
    post.ok_or(Error::Missing { what: "post" })
}

/// A member of another office's post may not see all of it, and may still name who stands in for them.
fn may_deputise(app: &App, caller: &Caller, post: &Post) -> bool {
    let facts = PostFacts {
        stands_for: caller.actor.account,
        ..super::facts(post)
    };
    app.policy
        .may_on_post(&caller.actor, Action::PostDeputise, facts)
        .allowed
}

fn wanted(new: &NewRow, post: &Post, by: AccountId, now: Timestamp) -> PostRow {
    PostRow {
        id: PostRowId(0),
        post: post.id,
        kind: new.kind,
        account: new.account,
        stands_for: new.stands_for,
        from: new.from.unwrap_or(now),
        until: new.until,
        reference: new.reference.trim().to_owned(),
        by,
        at: now,
        ended_by: None,
    }
}

/// The row as it will be kept behind those that are.
fn fitting(
    tx: &mut Tx<'_>,
    place: &Place,
    (post, kept): (&Post, &[PostRow]),
    row: PostRow,
) -> Result<PostRow, Error> {
    let is_text =
        row.reference.chars().count() <= REFERENCE_MAX && !row.reference.chars().any(char::is_control);
    if !is_text {
        return Err(place.fault(
            "reference",
            "post.reference",
            format!("书面依据不超过 {REFERENCE_MAX} 个字，没有保存任何内容。"),
            format!("A reference has at most {REFERENCE_MAX} characters. Nothing was kept."),
        ));
    }
    let row = timed(row).map_err(|fault| time_fault(place, fault))?;
    let account = somebody(tx, place, row.account)?;
    stands_where(place, (post, kept), &row, account.office)?;
    if kept.iter().any(|other| overlap(&row, other)) {
        return Err(place.fault(
            "from",
            "post.overlap",
            "此人在这段时间已有同样的安排，没有保存任何内容。",
            "The same is written of this person for a part of that time already. Nothing was kept.",
        ));
    }
    Ok(row)
}

/// The account of a person that is open.
fn somebody(tx: &mut Tx<'_>, place: &Place, id: AccountId) -> Result<Account, Error> {
    let account = anlan_store::accounts::find(tx, id)?.filter(|account| account.is_active);
    match account {
        Some(account) if !anlan_store::machines::is_machine(tx, id)? => Ok(account),
        _ => Err(place.fault(
            "account",
            "post.account",
            "没有这个在用的人员账号，没有保存任何内容。",
            "There is no such person with an open account. Nothing was kept.",
        )),
    }
}

/// A shift is for who holds the post otherwise, a deputy for a member, by somebody of the post's office.
fn stands_where(
    place: &Place,
    (post, kept): (&Post, &[PostRow]),
    row: &PostRow,
    office: Option<OfficeId>,
) -> Result<(), Error> {
    let free = Post {
        roster: Roster::None,
        is_active: true,
        ..post.clone()
    };
    let stands = |who: AccountId| standing(&free, kept, who, row.from);
    match row.kind {
        RowKind::Shift if stands(row.account).is_none() => Err(place.fault(
            "account",
            "post.no_member",
            "此人在班次开始时不是该岗位的在岗人员或代理人，没有保存任何内容。",
            "When the shift begins this person is neither a member nor a deputy at the post. Nothing was kept.",
        )),
        RowKind::Deputy => {
            let is_member =
                |who| stands(who).is_some_and(|standing| standing.stands_for.is_none());
            if !row.stands_for.is_some_and(is_member) {
                return Err(place.fault(
                    "stands_for",
                    "post.no_member",
                    "被代理的人在代理开始时不是该岗位的在岗人员，没有保存任何内容。",
                    "When the deputy begins, whom they stand in for is no member of the post. Nothing was kept.",
                ));
            }
            if office == Some(post.office) {
                return Ok(());
            }
            Err(place.fault(
                "account",
                "post.other_office",
                "代理人须是岗位所在单位的人员，没有保存任何内容。",
                "A deputy belongs to the office of the post. Nothing was kept.",
            ))
        }
        RowKind::Member | RowKind::Shift => Ok(()),
    }
}

fn time_fault(place: &Place, fault: RowFault) -> Error {
    let (shift, days) = (SHIFT_MAX.as_hours(), DEPUTY_MAX.as_hours() / 24);
    let (field, code, zh, en) = match fault {
        RowFault::Over => (
            "until",
            "post.over",
            "结束时间须晚于开始时间，且不能已经过去。没有保存任何内容。".to_owned(),
            "It has to end after it begins, and not in the past. Nothing was kept.".to_owned(),
        ),
        RowFault::TooFar => (
            "from",
            "post.far",
            "开始时间至多提前 400 天。没有保存任何内容。".to_owned(),
            "It begins at most 400 days ahead. Nothing was kept.".to_owned(),
        ),
        RowFault::TooLong => (
            "until",
            "post.long",
            format!("一个班次至多 {shift} 小时，代理至多 {days} 天，且须写明结束时间。没有保存任何内容。"),
            format!(
                "A shift lasts at most {shift} hours, a deputy {days} days, and both say when they end. Nothing was kept."
            ),
        ),
        RowFault::StandsFor => (
            "stands_for",
            "post.stands_for",
            "代理须写明代理谁，且不能代理自己；其他记录不写代理对象。没有保存任何内容。".to_owned(),
            "A deputy names another person they stand in for; nobody else names one. Nothing was kept."
                .to_owned(),
        ),
    };
    place.fault(field, code, zh, en)
}

/// Ends a row now, or one that has not begun for good.
pub fn end(app: &App, caller: &Caller, row: PostRowId) -> Result<PostRow, Error> {
    let actions = [Action::PostStaff, Action::PostRoster, Action::PostDeputise];
    let may_any = actions
        .iter()
        .any(|action| app.policy.may(&caller.actor, *action).allowed);
    if !may_any {
        app.require(caller, Action::PostStaff)?;
    }
    let by = caller.actor.account.ok_or(Error::Missing { what: "account" })?;
    let (app2, caller2) = (app.clone(), caller.clone());
    app.store.write(move |tx| {
        let (app, caller) = (&app2, &caller2);
        let now = app.clock.now();
        let missing = || Error::Missing { what: "row" };
        let found = anlan_store::posts::find_row(tx, row)?.ok_or_else(missing)?;
        let post = readable(app, caller, tx, found.post)?;
        require(app, caller, &post, &found)?;
        let until = now.max(found.from);
        if !anlan_store::posts::end(tx, row, until, by)? {
            return Err(Error::conflict(
                "post.over_already",
                "这条记录已经结束，未作任何更改。",
                "This row is over already. Nothing was changed.",
            ));
        }
        let entry = entry(app, caller, action_on(found.kind), post.id);
        anlan_store::accesses::append(tx, &entry)?;
        Ok(PostRow {
            until: Some(until),
            ended_by: Some(by),
            ..found
        })
    })
}
