//! Acting for a post: who holds which now, and the one a session acts for. Asked anew at every request, so nothing that
//! has ended is remembered.

use crate::sessions::{Known, as_whom, signed_out};
use crate::{App, Caller, Error, accesses, passkeys, totps};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::{Account, Role};
use anlan_model::ids::{AccountId, PostId};
use anlan_model::posts::{Post, PostRow, Standing, standing, turns_at};
use anlan_policy::Action;
use anlan_store::Tx;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A post somebody has to do with, and how they stand there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The post.
    pub post: Post,
    /// How they stand there; `None` if they do not hold it now.
    pub standing: Option<Standing>,
}

/// The same for showing: with what the rows to come say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPost {
    /// How they stand there now.
    pub held: Held,
    /// When that turns, as the rows are now.
    pub turns_at: Option<Timestamp>,
}

impl OwnPost {
    fn read(tx: &mut Tx<'_>, post: Post, account: AccountId, now: Timestamp) -> Result<Self, Error> {
        let rows = anlan_store::posts::rows(tx, post.id, now, Timestamp::MAX)?;
        Ok(Self {
            turns_at: turns_at(&post, &rows, account, now),
            held: Held {
                standing: standing(&post, &rows, account, now),
                post,
            },
        })
    }
}

impl Held {
    /// What actions see of who acts for it. Whoever does not hold it is nobody.
    pub(crate) fn caller(&self, account: &Account) -> Caller {
        match self.standing {
            Some(standing) => Caller::acting(account, &self.post, standing, "api"),
            None => Caller::of(
                &Account {
                    roles: vec![],
                    ..account.clone()
                },
                "api",
            ),
        }
    }
}

/// How an account stands at a post now. Asked at every request: a roster for a year to come is not read for it.
pub(crate) fn held(
    tx: &mut Tx<'_>,
    post: PostId,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Held>, Error> {
    let found = with_rows(tx, post, now)?;
    Ok(found.map(|(post, rows)| Held {
        standing: standing(&post, &rows, account, now),
        post,
    }))
}

/// A post and its rows that hold now.
fn with_rows(tx: &mut Tx<'_>, post: PostId, now: Timestamp) -> Result<Option<(Post, Vec<PostRow>)>, Error> {
    let Some(post) = anlan_store::posts::find(tx, post)? else {
        return Ok(None);
    };
    let rows = anlan_store::posts::rows_now(tx, post.id, now)?;
    Ok(Some((post, rows)))
}

/// Who stands at which post at one instant, each post read once.
#[derive(Debug, Default)]
pub(crate) struct Standings(BTreeMap<PostId, Option<(Post, Vec<PostRow>)>>);

impl Standings {
    /// Whether an account holds a post.
    pub(crate) fn holds(
        &mut self,
        tx: &mut Tx<'_>,
        post: PostId,
        account: AccountId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let known = match self.0.entry(post) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(with_rows(tx, post, now)?),
        };
        Ok(known
            .as_ref()
            .is_some_and(|(post, rows)| standing(post, rows, account, now).is_some()))
    }
}

/// The posts that some row not yet over names an account at.
fn own_posts(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<Vec<OwnPost>, Error> {
    let posts = anlan_store::posts::of_account(tx, account, now)?;
    posts
        .into_iter()
        .map(|post| OwnPost::read(tx, post, account, now))
        .collect()
}

/// Where somebody begins who has no roles of their own: at the first post they hold.
pub(crate) fn beginning(app: &App, account: &Account) -> Result<Option<OwnPost>, Error> {
    if !account.roles.is_empty() {
        return Ok(None);
    }
    let (id, now) = (account.id, app.clock.now());
    let all = app.store.read(|tx| own_posts(tx, id, now))?;
    Ok(all.into_iter().find(|own| own.held.standing.is_some()))
}

/// Somebody without roles holds no post now.
pub(crate) fn nowhere() -> Error {
    Error::denied(
        "post.none",
        "您没有角色，此刻也不在任何岗位上。请在班次开始后登录，或联系管理员。",
        "You have no role, and hold no post now. Sign in when your shift begins, or ask an administrator.",
    )
}

/// Somebody's own roles and those of every post that a row not yet over names them at: what their session may come to.
pub(crate) fn roles_in_reach(app: &App, account: &Account) -> Result<Vec<Role>, Error> {
    let (id, now) = (account.id, app.clock.now());
    let posts = app
        .store
        .read(|tx| anlan_store::posts::of_account(tx, id, now).map_err(Error::from))?;
    let of_posts = posts.into_iter().flat_map(|post| post.roles);
    Ok(account.roles.iter().copied().chain(of_posts).collect())
}

/// A right that demands a second factor is not reached without one, also by a post that came after signing in.
fn require_factor(app: &App, account: AccountId, roles: &[Role]) -> Result<(), Error> {
    if !app.demands_two_factors(roles) || totps::is_on(app, account)? || passkeys::has_any(app, account)? {
        return Ok(());
    }
    Err(Error::denied(
        "post.factor",
        "这个岗位要求两步验证。请先在“登录与安全”中设置身份验证器或通行密钥。没有作任何更改。",
        "This post demands a second factor. Set up an authenticator app or a passkey under Security first. Nothing was changed.",
    ))
}

/// The caller's posts: those they hold, and those they will.
pub fn mine(app: &App, known: &Known) -> Result<Vec<OwnPost>, Error> {
    let (id, now) = (known.account.id, app.clock.now());
    app.store.read(|tx| own_posts(tx, id, now))
}

/// The post that the session acts for, for showing; `None` for who acts as themselves.
pub fn shown(app: &App, known: &Known) -> Result<Option<OwnPost>, Error> {
    let Some(held) = &known.held else { return Ok(None) };
    let (id, now) = (known.account.id, app.clock.now());
    app.store
        .read(|tx| OwnPost::read(tx, held.post.clone(), id, now))
        .map(Some)
}

/// Acts for a post from now on, or for oneself again; how the caller stands there. Only for one that they hold now.
pub fn act_for(app: &App, known: &Known, post: Option<PostId>) -> Result<Option<OwnPost>, Error> {
    let (account, now) = (&known.account, app.clock.now());
    let own = match post {
        Some(post) => Some(app.store.read(|tx| {
            let post = anlan_store::posts::find(tx, post)?.ok_or(Error::Missing { what: "post" })?;
            OwnPost::read(tx, post, account.id, now)
        })?),
        None => None,
    };
    let held = own.as_ref().map(|own| &own.held);
    if held.is_some_and(|held| held.standing.is_none()) {
        return Err(Error::denied(
            "post.not_held",
            "您此刻不在这个岗位上：可能不是在岗人员、不当班，或代理已结束。没有作任何更改。",
            "You do not hold this post now: you are no member, off shift, or no longer a deputy. Nothing was changed.",
        ));
    }
    if let Some(held) = held {
        require_factor(app, account.id, &held.post.roles)?;
    }
    let caller = as_whom(account, held);
    app.require(&caller, Action::SessionUse)?;
    let what = post.map_or_else(|| "none".to_owned(), |post| post.to_string());
    let entry = accesses::entry(
        app,
        &caller,
        Action::SessionUse,
        "post",
        what,
        Purpose::Maintenance,
    );
    let session = known.session;
    app.store.write(move |tx| {
        if !anlan_store::sessions::act_for(tx, session, post)? {
            return Err(signed_out());
        }
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    Ok(own)
}

/// Refuses where the post has ended that the session acts for.
pub fn require_post(known: &Known) -> Result<(), Error> {
    let Some(held) = known.held.as_ref().filter(|held| held.standing.is_none()) else {
        return Ok(());
    };
    let name = &held.post.name;
    Err(Error::denied(
        "post.ended",
        format!("您在“{name}”的班次或代理已结束。请改以其他岗位或本人身份继续；刚才的操作没有执行。"),
        format!(
            "Your time at “{name}” has ended. Go on for another post or as yourself; what you just asked was not done."
        ),
    ))
}
