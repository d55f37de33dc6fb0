//! Grants: opening a case out of reach in an emergency, and giving grave roles by two people. Both end by themselves,
//! both need a second person, and each step is in the access log before anything follows from it.

use crate::cases::reachable;
use crate::{App, Caller, Error, accesses, accounts, allowed};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::{Account, Role, may_hold, may_hold_as};
use anlan_model::grants::{
    BackupLeave, Grant, GrantAnswer, GrantFault, GrantSubject, GrantVerdict, REASON_MIN, STANDING_MAX,
    WORDS_MAX,
};
use anlan_model::ids::{AccountId, CaseId, GrantId};
use anlan_policy::{Action, Actor};
use anlan_store::grants::GrantFilter;
use anlan_store::{Error as StoreError, Tx};
use jiff::{SignedDuration, Timestamp};

const LISTED_MAX: usize = 200;
/// How long a grant runs where its policy does not say.
const MINUTES_USUAL: u16 = 30;

/// A grant with what its reader may do about it.
#[derive(Debug, Clone)]
pub struct GrantLine {
    /// The grant.
    pub grant: Grant,
    /// The asker's name.
    pub asker_name: Option<String>,
    /// The name of who answered.
    pub answerer_name: Option<String>,
    /// The name of the account whose roles are asked for.
    pub subject_name: Option<String>,
    /// The caller may answer it now.
    pub may_answer: bool,
}

/// Roles wanted for an account.
#[derive(Debug, Clone)]
pub struct AskRoles {
    /// Whose.
    pub account: AccountId,
    /// All roles it is to have.
    pub roles: Vec<Role>,
    /// Why.
    pub reason: String,
}

fn words(field: &str, text: &str, least: usize) -> Result<String, Error> {
    let text = text.trim();
    let count = text.chars().count();
    if count < least || count > WORDS_MAX {
        return Err(Error::field(
            field,
            "grant.words",
            format!("请用 {least} 到 {WORDS_MAX} 个字说明。没有保存任何内容。"),
            format!("Say it in {least} to {WORDS_MAX} characters. Nothing was kept."),
        ));
    }
    crate::cases::check_note(text)?;
    Ok(text.to_owned())
}

fn end(now: Timestamp, minutes: Option<u16>) -> Timestamp {
    let length = SignedDuration::from_mins(minutes.unwrap_or(MINUTES_USUAL).into());
    now.saturating_add(length).unwrap_or(now)
}

fn asker(caller: &Caller) -> Result<AccountId, Error> {
    caller.actor.account.ok_or(Error::Missing { what: "account" })
}

/// Opens a case out of reach for a short time. What policy never opens does not exist, as ever.
pub fn open_case(app: &App, caller: &Caller, id: CaseId, reason: &str) -> Result<GrantLine, Error> {
    app.require(caller, Action::GrantOpen)?;
    let reason = words("reason", reason, REASON_MIN)?;
    let case = app
        .store
        .read(|tx| anlan_store::cases::find(tx, id).map_err(Error::from))?;
    let case = case.ok_or(Error::Missing { what: "case" })?;
    let caller = caller.clone().for_purpose(Purpose::Emergency);
    let decision = app.policy.may_on(&caller.actor, Action::GrantOpen, &case);
    if !decision.allowed {
        return Err(Error::Missing { what: "case" });
    }
    if reachable(app, &caller, Action::CaseRead, id).is_ok() {
        return Err(Error::conflict(
            "grant.not_needed",
            "这个案件您本来就可以查看，无需申请。",
            "You may open this case as it is; nothing is needed.",
        ));
    }
    let now = app.clock.now();
    let grant = Grant {
        id: GrantId(0),
        asker: asker(&caller)?,
        asked_at: now,
        reason,
        until: end(now, decision.minutes),
        subject: GrantSubject::Case(id),
        answer: None,
        used_at: None,
    };
    let entry = accesses::entry(app, &caller, Action::GrantOpen, "case", id, Purpose::Emergency);
    let grant = app.store.write(move |tx| {
        anlan_store::accesses::append(tx, &entry)?;
        anlan_store::grants::insert(tx, &grant).map_err(Error::from)
    })?;
    one(app, &caller, grant)
}

/// Asks for roles that rule the node, or watch over it, for an account. Somebody else approves.
pub fn ask_roles(app: &App, caller: &Caller, ask: &AskRoles) -> Result<GrantLine, Error> {
    let decision = app.policy.may(&caller.actor, Action::GrantAsk);
    allowed(&decision)?;
    let reason = words("reason", &ask.reason, REASON_MIN)?;
    accounts::not_own(caller, ask.account)?;
    let mut roles = ask.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    may_hold(&roles).map_err(accounts::clash)?;
    let subject = GrantSubject::Roles {
        account: ask.account,
        roles,
    };
    request(app, caller, Action::GrantAsk, (reason, subject), decision.minutes)
}

/// Copies of the node that are wanted out of its data folder.
#[derive(Debug, Clone)]
pub struct AskBackup {
    /// Any number until then; `None` for one.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// Asks for leave to take a backup out of the data folder, or backups until an end. Somebody else approves.
pub fn ask_backup(app: &App, caller: &Caller, ask: &AskBackup) -> Result<GrantLine, Error> {
    let decision = app.policy.may(&caller.actor, Action::BackupAsk);
    allowed(&decision)?;
    let reason = words("reason", &ask.reason, REASON_MIN)?;
    let now = app.clock.now();
    let latest = now.saturating_add(STANDING_MAX).unwrap_or(now);
    if ask.until.is_some_and(|until| until <= now || until > latest) {
        let days = STANDING_MAX.as_hours() / 24;
        return Err(Error::field(
            "until",
            "grant.until",
            format!("结束日期应在今后 {days} 天之内。没有保存任何内容。"),
            format!("The end lies within the next {days} days. Nothing was kept."),
        ));
    }
    let leave = ask.until.map_or(BackupLeave::Once, BackupLeave::Until);
    let subject = GrantSubject::Backup(leave);
    request(
        app,
        caller,
        Action::BackupAsk,
        (reason, subject),
        decision.minutes,
    )
}

/// Keeps a request that waits for somebody else's word.
fn request(
    app: &App,
    caller: &Caller,
    action: Action,
    (reason, subject): (String, GrantSubject),
    minutes: Option<u16>,
) -> Result<GrantLine, Error> {
    let now = app.clock.now();
    let grant = Grant {
        id: GrantId(0),
        asker: asker(caller)?,
        asked_at: now,
        reason,
        until: end(now, minutes),
        subject,
        answer: None,
        used_at: None,
    };
    let entry = accesses::entry(app, caller, action, "grant", "new", Purpose::Maintenance);
    let grant = app.store.write(move |tx| {
        if let GrantSubject::Roles { account, .. } = &grant.subject {
            anlan_store::accounts::find(tx, *account)?.ok_or(Error::Missing { what: "account" })?;
        }
        let grant = anlan_store::grants::insert(tx, &grant)?;
        let mut entry = entry.clone();
        entry.resource_id = grant.id.to_string();
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(grant)
    })?;
    one(app, caller, grant)
}

/// Uses a grant for a backup, if whoever asked for it may still take one. What it was before, should the backup come to nothing.
pub(crate) fn use_for_backup(app: &App, caller: &Caller, id: GrantId) -> Result<Grant, Error> {
    app.require(caller, Action::BackupRun)?;
    let now = app.clock.now();
    let what = format!("backup, grant {id}");
    let entry = accesses::entry(app, caller, Action::BackupRun, "node", what, Purpose::Maintenance);
    let app2 = app.clone();
    app.store.write(move |tx| {
        let grant = anlan_store::grants::find(tx, id)?.ok_or(Error::Missing { what: "grant" })?;
        let asker = anlan_store::accounts::find(tx, grant.asker)?.filter(|asker| asker.is_active);
        let asker = asker.ok_or_else(|| fault(GrantFault::Lapsed))?;
        allowed(
            &app2
                .policy
                .may(&Caller::of(&asker, "api").actor, Action::BackupRun),
        )?;
        let used = grant.clone().used(now).map_err(fault)?;
        anlan_store::grants::put_use(tx, &used)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(grant)
    })
}

/// Takes back that a grant was used: nothing came of it.
pub(crate) fn give_back(app: &App, grant: Grant) -> Result<(), Error> {
    app.store
        .write(move |tx| anlan_store::grants::put_use(tx, &grant).map_err(Error::from))
}

/// Approves, refuses or reviews somebody else's grant. What is approved is done with it, once.
pub fn answer(
    app: &App,
    caller: &Caller,
    id: GrantId,
    verdict: GrantVerdict,
    note: &str,
) -> Result<GrantLine, Error> {
    let note = words("note", note, 0)?;
    let by = asker(caller)?;
    let answer = GrantAnswer {
        by,
        at: app.clock.now(),
        verdict,
        note,
    };
    let (app2, caller2) = (app.clone(), caller.clone());
    let grant = app.store.write(move |tx| {
        let missing = || Error::Missing { what: "grant" };
        let grant = anlan_store::grants::find(tx, id)?.ok_or_else(missing)?;
        let action = action_on(&grant);
        allowed(&app2.policy.may_on_grant(&caller2.actor, action, grant.asker))?;
        let entry = accesses::entry(
            &app2,
            &caller2,
            action,
            "grant",
            id,
            caller2.actor.purpose_of(action),
        );
        anlan_store::accesses::append(tx, &entry)?;
        let grant = grant.answered(answer.clone()).map_err(fault)?;
        anlan_store::grants::answer(tx, &grant).map_err(|error| match error {
            StoreError::Conflict => fault(GrantFault::Answered),
            other => Error::from(other),
        })?;
        if let (GrantVerdict::Approved, GrantSubject::Roles { account, roles }) = (verdict, &grant.subject) {
            give(&app2, tx, &grant, (*account, roles))?;
        }
        Ok::<_, Error>(grant)
    })?;
    one(app, caller, grant)
}

/// Gives the roles, if who asked for them may still do so now.
fn give(app: &App, tx: &mut Tx<'_>, grant: &Grant, (id, roles): (AccountId, &[Role])) -> Result<(), Error> {
    let asker = anlan_store::accounts::find(tx, grant.asker)?.filter(|asker| asker.is_active);
    let asker = asker.ok_or_else(|| fault(GrantFault::Lapsed))?;
    let asker = Caller::of(&asker, "api");
    let approved = Actor {
        approved: true,
        ..asker.actor.clone()
    };
    allowed(&app.policy.may(&approved, Action::AccountEntrust))?;
    let account = anlan_store::accounts::find(tx, id)?.ok_or(Error::Missing { what: "account" })?;
    let is_machine = anlan_store::machines::is_machine(tx, id)?;
    may_hold_as(roles, is_machine).map_err(accounts::clash)?;
    let difference = accounts::difference(&account.roles, roles);
    let account = Account {
        roles: roles.to_vec(),
        ..account
    };
    anlan_store::accounts::update(tx, &account)?;
    anlan_store::sessions::delete_others(tx, id, None)?;
    let what = format!("{id}{difference}");
    let entry = accesses::entry(
        app,
        &asker,
        Action::AccountEntrust,
        "role",
        what,
        Purpose::Maintenance,
    );
    anlan_store::accesses::append(tx, &entry).map_err(Error::from)
}

/// Refuses one person's giving of grave roles: those have to be asked for.
pub(crate) fn check_roles(app: &App, caller: &Caller, before: &[Role], after: &[Role]) -> Result<(), Error> {
    let is_new = |role: &&Role| role.is_apart() && !before.contains(role);
    if after.iter().any(|role| is_new(&role)) {
        let alone = app.policy.may(&caller.actor, Action::AccountEntrust);
        return if alone.allowed {
            Ok(())
        } else {
            Err(Error::denied(
                "grant.two",
                "授予管理类角色须由两人办理：请在“授权”中提出申请，由另一位安全管理员批准。没有作任何更改。",
                "A role that rules the node is given by two people: ask for it under Grants, and let another security administrator approve. Nothing was changed.",
            ))
        };
    }
    Ok(())
}

fn action_on(grant: &Grant) -> Action {
    match grant.subject {
        GrantSubject::Case(_) => Action::GrantReview,
        GrantSubject::Roles { .. } | GrantSubject::Backup(_) => Action::GrantApprove,
    }
}

fn fault(fault: GrantFault) -> Error {
    let (code, zh, en) = match fault {
        GrantFault::Own => (
            "grant.own",
            "不能答复自己的申请。",
            "Nobody answers their own request.",
        ),
        GrantFault::Answered => (
            "grant.answered",
            "这个申请已有答复，没有重复执行。",
            "This request has been answered already; nothing was done twice.",
        ),
        GrantFault::Lapsed => (
            "grant.lapsed",
            "这个申请已失效，没有执行；如仍需要请重新申请。",
            "This request has lapsed and nothing was done; ask again if it is still wanted.",
        ),
        GrantFault::NoLeave => (
            "grant.no_leave",
            "该授权未获批准、不适用于备份、已过期或已用过。没有备份任何内容；请重新申请。",
            "This grant is not approved, not for a backup, over or used. Nothing was copied; ask for another.",
        ),
        GrantFault::Unfitting => (
            "grant.verdict",
            "这种答复不适用于该申请，没有保存。",
            "This answer does not fit the request; nothing was kept.",
        ),
    };
    Error::conflict(code, zh, en)
}

/// The caller's own grants, and those of others that the caller answers for, the newest first.
pub fn list(app: &App, caller: &Caller) -> Result<Vec<GrantLine>, Error> {
    app.require(caller, Action::GrantList)?;
    let own = asker(caller)?;
    let answers = [Action::GrantReview, Action::GrantApprove];
    let answers_others = answers
        .iter()
        .any(|action| app.policy.may(&caller.actor, *action).allowed);
    let filter = GrantFilter {
        asker: (!answers_others).then_some(own),
        is_open: false,
    };
    let grants = app
        .store
        .read(|tx| anlan_store::grants::list(tx, filter, LISTED_MAX).map_err(Error::from))?;
    let seen = grants
        .into_iter()
        .filter(|grant| grant.asker == own || answers_for(app, caller, grant))
        .collect();
    let lines = lines(app, caller, seen)?;
    let entry = accesses::entry(app, caller, Action::GrantList, "grants", "list", Purpose::Audit)
        .of_many(lines.len());
    accesses::log(app, entry)?;
    Ok(lines)
}

fn answers_for(app: &App, caller: &Caller, grant: &Grant) -> bool {
    let action = action_on(grant);
    app.policy
        .may_on_grant(&caller.actor, action, grant.asker)
        .allowed
}

fn one(app: &App, caller: &Caller, grant: Grant) -> Result<GrantLine, Error> {
    let mut lines = lines(app, caller, vec![grant])?;
    lines.pop().ok_or(Error::Missing { what: "grant" })
}

/// Whom a grant names.
fn people(grant: &Grant) -> impl Iterator<Item = AccountId> {
    let subject = match grant.subject {
        GrantSubject::Roles { account, .. } => Some(account),
        GrantSubject::Case(_) | GrantSubject::Backup(_) => None,
    };
    let answerer = grant.answer.as_ref().map(|answer| answer.by);
    [Some(grant.asker), answerer, subject].into_iter().flatten()
}

/// Grants with the names beside them.
fn lines(app: &App, caller: &Caller, grants: Vec<Grant>) -> Result<Vec<GrantLine>, Error> {
    let ids = grants.iter().flat_map(people).collect();
    let names = app
        .store
        .read(|tx| anlan_store::accounts::names(tx, &ids).map_err(Error::from))?;
    let name = |id: AccountId| names.get(&id).cloned();
    let now = app.clock.now();
    let line = |grant: Grant| GrantLine {
        asker_name: name(grant.asker),
        answerer_name: grant.answer.as_ref().and_then(|answer| name(answer.by)),
        subject_name: match grant.subject {
            GrantSubject::Roles { account, .. } => name(account),
            GrantSubject::Case(_) | GrantSubject::Backup(_) => None,
        },
        may_answer: grant.wants_answer(now) && answers_for(app, caller, &grant),
        grant,
    };
    Ok(grants.into_iter().map(line).collect())
}
