//! Working on cases: list, open, move, correct, remark. What a move does is the procedure's; here it is asked,
//! kept and answered.

mod duplicates;
mod fields;
mod merging;
mod queue;

pub(crate) use duplicates::likely_before;
pub use duplicates::{Draft, Likeness, count_nearby, duplicates, likely};
pub(crate) use fields::veil;
pub use merging::{merge, split};
pub(crate) use queue::visibility;
pub use queue::{CasePage, CaseQuery, Query, list};

use crate::jurisdictions::Jurisdiction;
use crate::reports::control_character;
use crate::{App, Caller, Error, Names, accesses, allowed, places};
use anlan_model::accesses::Purpose;
use anlan_model::cases::Case;
use anlan_model::classes::Priority;
use anlan_model::events::Event;
use anlan_model::ids::{AccountId, CaseId, ClassCode};
use anlan_model::incoming::{Channel, Contact};
use anlan_model::places::GivenPoint;
use anlan_model::procedures::{Actor, Ground, MoveRequest, Offer, Refusal};
use anlan_model::reports::Report;
use anlan_policy::Action;
use anlan_store::photos::Photo;
use anlan_store::{Error as StoreError, Tx};
use jiff::Timestamp;

const NOTE_MAX: usize = 4000;
/// Most cases one bulk move takes.
pub const MANY_MAX: usize = 200;

/// One line of a case's history.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Its place in the node's order of events.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Option<AccountId>,
    /// Their name.
    pub by_name: Option<String>,
    /// What.
    pub event: Event,
}

/// Everything a screen shows of one case.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its reports.
    pub reports: Vec<Report>,
    /// Its photos.
    pub photos: Vec<Photo>,
    /// What happened, in order.
    pub timeline: Vec<Happened>,
    /// The moves, allowed to the caller now or with the reason why not.
    pub offers: Vec<Offer>,
    /// Why it was sent where it was sent, Chinese and English.
    pub route_explained: Option<(String, String)>,
    /// Seconds left by the working clock; negative when overdue.
    pub remaining_s: Option<i64>,
}

/// Corrections.
#[derive(Debug, Clone, Default)]
pub struct EditCase {
    /// The version it was decided on.
    pub version: u32,
    /// New class.
    pub class: Option<ClassCode>,
    /// New point.
    pub point: Option<GivenPoint>,
    /// New address.
    pub address: Option<String>,
    /// New priority.
    pub priority: Option<Priority>,
}

/// A case the caller may do this to; to everyone else it does not exist.
pub(crate) fn reachable(app: &App, caller: &Caller, action: Action, id: CaseId) -> Result<Case, Error> {
    let caller = &*caller.before(id);
    app.require(caller, action)?;
    let case = app
        .store
        .read(|tx| anlan_store::cases::find(tx, id).map_err(Error::from))?;
    let case = case.ok_or(Error::Missing { what: "case" })?;
    if app.policy.may_on(&caller.actor, action, &case).allowed {
        return Ok(case);
    }
    if app.policy.may_on(&caller.actor, Action::CaseRead, &case).allowed {
        allowed(&app.policy.may_on(&caller.actor, action, &case))?;
    }
    Err(Error::Missing { what: "case" })
}

/// A case that something else is to be linked to, if the caller may read it; `code` says at which door it was named.
pub(crate) fn nameable(app: &App, caller: &Caller, id: CaseId, code: &'static str) -> Result<CaseId, Error> {
    match reachable(app, caller, Action::CaseRead, id) {
        Ok(case) => Ok(case.id),
        Err(Error::Missing { .. } | Error::Denied { .. }) => Err(Error::field(
            "case",
            code,
            "没有这个案件，或您无权查看；请填写队列中显示的案件编号。",
            "there is no such case, or none you may see; give its number as the queue shows it",
        )),
        Err(other) => Err(other),
    }
}

/// The case meant by an id or a number such as `AL26-000123`.
pub fn resolve(text: &str) -> Option<CaseId> {
    text.parse().ok().or_else(|| CaseId::from_number(text))
}

/// Opens one case.
pub fn read(app: &App, caller: &Caller, id: CaseId) -> Result<CaseFile, Error> {
    let caller = &*caller.before(id);
    let case = reachable(app, caller, Action::CaseRead, id)?;
    let purpose = caller.actor.purpose_of(Action::CaseRead);
    accesses::log(
        app,
        accesses::entry(app, caller, Action::CaseRead, "case", id, purpose),
    )?;
    file(app, caller, case)
}

/// The file of a case that policy has been asked about already.
pub(crate) fn file(app: &App, caller: &Caller, case: Case) -> Result<CaseFile, Error> {
    let node = app.node();
    let (reports, photos, events, names) = app.store.read(|tx| {
        let reports = anlan_store::reports::of_case(tx, case.id)?;
        let photos = anlan_store::photos::of_case(tx, case.id)?;
        let events = anlan_store::events::of_case(tx, case.id)?;
        let names = Names::of(tx, events.iter().map(|kept| &kept.stamp))?;
        Ok::<_, Error>((reports, photos, events, names))
    })?;
    let timeline = events
        .into_iter()
        .map(|kept| Happened {
            seq: kept.seq,
            at: kept.stamp.at,
            by: kept.stamp.by,
            by_name: names.of_stamp(&kept.stamp),
            event: kept.event,
        })
        .collect();
    let now = app.clock.now();
    let may_move = app.policy.may_on(&caller.actor, Action::CaseMove, &case).allowed;
    let offers = if may_move {
        node.procedure
            .offers(&case, &actor(caller), &ground(&node, &case, now))
    } else {
        Vec::new()
    };
    let route_explained = case.route.as_ref().map(|route| node.router.explain(route));
    let remaining_s = node.keeper(case.class.as_ref()).remaining_s(&case.clocks, now);
    let mut file = CaseFile {
        case,
        reports,
        photos,
        timeline,
        offers,
        route_explained,
        remaining_s,
    };
    fields::veil_file(&mut file, &app.policy.fields(&caller.actor));
    Ok(file)
}

fn actor(caller: &Caller) -> Actor<'_> {
    Actor {
        account: caller.actor.account,
        roles: &caller.actor.roles,
        office: caller.actor.office,
    }
}

pub(crate) fn ground<'a>(node: &'a Jurisdiction, case: &Case, now: Timestamp) -> Ground<'a> {
    Ground {
        now,
        calendar: &node.calendar,
        deadlines: &node.deadlines,
        class: case.class.as_ref().and_then(|code| node.classes.get(code)),
        centre: node.centre().map(|office| office.id),
        reporter_known: matches!(case.channel, Channel::Web | Channel::Hotline),
    }
}

pub(crate) fn refused(refusal: Refusal) -> Error {
    match refusal.field {
        Some(field) => Error::field(field, refusal.code, refusal.zh, refusal.en),
        None => Error::denied(refusal.code, refusal.zh, refusal.en),
    }
}

/// Makes a move on a case, or says why not. Of two moves decided on the same version one wins, the other is told.
pub fn move_case(
    app: &App,
    caller: &Caller,
    id: CaseId,
    version: u32,
    request: &MoveRequest,
) -> Result<CaseFile, Error> {
    let case = moved(app, caller, id, version, request)?;
    file(app, caller, case)
}

fn moved(app: &App, caller: &Caller, id: CaseId, version: u32, request: &MoveRequest) -> Result<Case, Error> {
    reachable(app, caller, Action::CaseMove, id)?;
    let (app2, caller2, request) = (app.clone(), caller.clone(), request.clone());
    app.store
        .write(move |tx| move_in(&app2, tx, &caller2, id, version, &request))
}

/// Makes a move inside a unit of work.
pub fn move_in(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: CaseId,
    version: u32,
    request: &MoveRequest,
) -> Result<Case, Error> {
    let node = app.node();
    let case = anlan_store::cases::get(tx, id)?;
    allowed(&app.policy.may_on(&caller.actor, Action::CaseMove, &case))?;
    check_version(tx, &node, &case, version)?;
    let now = app.clock.now();
    if let Some(office) = request.office.filter(|office| !node.offices.contains_key(office)) {
        return Err(Error::field(
            "office",
            "office.unknown",
            format!("没有编号为 {office} 的单位，请从列表中选择。"),
            format!("There is no office {office} here; choose one from the list."),
        ));
    }
    check_note(&request.note)?;
    let event = node
        .procedure
        .decide(&case, request, &actor(caller), &ground(&node, &case, now))
        .map_err(refused)?;
    let stamp = caller.stamp(now);
    let case = anlan_store::cases::record(tx, &case, &[event], &stamp)?;
    let entry = accesses::entry(app, caller, Action::CaseMove, "case", id, Purpose::Case);
    anlan_store::accesses::append(tx, &entry)?;
    Ok(case)
}

pub(crate) fn check_note(note: &str) -> Result<(), Error> {
    if note.chars().count() > NOTE_MAX {
        return Err(Error::field(
            "note",
            "text.too_long",
            format!("最多 {NOTE_MAX} 个字符，请缩短后再提交。"),
            format!("At most {NOTE_MAX} characters are taken; shorten it and send again."),
        ));
    }
    if control_character(note).is_some() {
        return Err(Error::field(
            "note",
            "text.control",
            "含有不可见的控制字符，请删除后重新提交。",
            "This holds a control character; remove it and send again.",
        ));
    }
    Ok(())
}

/// Tells the loser of two moves what the winner did, and when by the node's clocks.
fn check_version(tx: &mut Tx<'_>, node: &Jurisdiction, case: &Case, version: u32) -> Result<(), Error> {
    if case.version == version {
        return Ok(());
    }
    let last = anlan_store::events::of_case(tx, case.id)?.pop();
    let by = last.as_ref().and_then(|kept| kept.stamp.by);
    let account = match by {
        Some(by) => anlan_store::accounts::find(tx, by)?,
        None => None,
    };
    let (who_zh, who_en) = match account {
        Some(account) => (account.display_name.clone(), account.display_name),
        None => ("系统或居民".into(), "Anlan or a resident".into()),
    };
    let (what_zh, what_en) = match last.as_ref().map(|kept| &kept.event) {
        Some(Event::CaseMoved(moved)) => node.procedure.find_move(&moved.code).map_or_else(
            || (moved.code.to_string(), moved.code.to_string()),
            |found| (found.name_zh.clone(), found.name_en.clone()),
        ),
        Some(Event::CaseMerged { .. } | Event::ReportJoined { .. } | Event::CaseSplit { .. }) => {
            ("合并或拆分".into(), "merge or split".into())
        }
        Some(Event::PhotoAdded { .. }) => ("添加照片".into(), "a photo added".into()),
        Some(Event::NoteAdded { .. }) => ("添加备注".into(), "a note added".into()),
        _ => ("更正内容".into(), "a correction".into()),
    };
    let at = case.updated_at.to_zoned_datetime(node.calendar.zone().clone());
    Err(Error::conflict(
        "case.moved_meanwhile",
        format!(
            "{who_zh}已于 {} 先行处理（{what_zh}）。您的操作没有生效，请查看最新情况后再决定。",
            at.strftime("%-m 月 %-d 日 %H:%M:%S")
        ),
        format!(
            "{who_en} was first, on {}: {what_en}. Nothing of yours was done; look at the case as it is now and decide again.",
            at.strftime("%-d %b, %H:%M:%S")
        ),
    ))
}

/// What a bulk move did.
#[derive(Debug)]
pub struct MovedMany {
    /// Cases that moved.
    pub done: Vec<CaseId>,
    /// Cases that did not, each with its reason.
    pub refused: Vec<(CaseId, Error)>,
}

/// The same move on many cases, each on its own: one refusal stops no other.
pub fn move_many(
    app: &App,
    caller: &Caller,
    cases: &[(CaseId, u32)],
    request: &MoveRequest,
) -> Result<MovedMany, Error> {
    app.require(caller, Action::CaseMove)?;
    if cases.len() > MANY_MAX {
        return Err(Error::field(
            "cases",
            "cases.too_many",
            format!("一次最多操作 {MANY_MAX} 个案件，请分批进行。"),
            format!("At most {MANY_MAX} cases move at once; do it in parts."),
        ));
    }
    let mut result = MovedMany {
        done: Vec::new(),
        refused: Vec::new(),
    };
    for (id, version) in cases {
        match moved(app, caller, *id, *version, request) {
            Ok(case) => result.done.push(case.id),
            Err(error) => result.refused.push((*id, error)),
        }
    }
    Ok(result)
}

/// A remark on a case.
pub fn note(app: &App, caller: &Caller, id: CaseId, note: &str) -> Result<CaseFile, Error> {
    reachable(app, caller, Action::CaseNote, id)?;
    check_note(note)?;
    if note.trim().is_empty() {
        return Err(Error::field(
            "note",
            "text.empty",
            "请填写内容。",
            "Write something.",
        ));
    }
    let event = Event::NoteAdded {
        note: note.trim().to_owned(),
    };
    let case = record(
        app,
        caller,
        Action::CaseNote,
        id,
        move |_, _, _| Ok(event.clone()),
    )?;
    file(app, caller, case)
}

/// Loads, lets `decide` make one event, records it with an access entry.
fn record(
    app: &App,
    caller: &Caller,
    action: Action,
    id: CaseId,
    decide: impl Fn(&mut Tx<'_>, &Case, Timestamp) -> Result<Event, Error> + Send + 'static,
) -> Result<Case, Error> {
    let now = app.clock.now();
    let stamp = caller.stamp(now);
    let entry = accesses::entry(app, caller, action, "case", id, Purpose::Case);
    app.store.write(move |tx| {
        let case = anlan_store::cases::get(tx, id)?;
        let event = decide(tx, &case, now)?;
        let case = anlan_store::cases::record(tx, &case, &[event], &stamp)?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok(case)
    })
}

/// Corrects class, place or priority; the route and the state's deadline follow, the promise to the reporter stays.
pub fn edit(app: &App, caller: &Caller, id: CaseId, edit: EditCase) -> Result<CaseFile, Error> {
    reachable(app, caller, Action::CaseEdit, id)?;
    let node = app.node();
    if edit
        .class
        .as_ref()
        .is_some_and(|class| !node.classes.contains_key(class))
    {
        return Err(Error::field(
            "class",
            "class.unknown",
            "没有这个类别，请从列表中选择。",
            "There is no such class here; choose one from the list.",
        ));
    }
    check_note(edit.address.as_deref().unwrap_or_default())?;
    let now = app.clock.now();
    let stamp = caller.stamp(now);
    let entry = accesses::entry(app, caller, Action::CaseEdit, "case", id, Purpose::Case);
    let case = app.store.write(move |tx| {
        let case = anlan_store::cases::get(tx, id)?;
        check_version(tx, &node, &case, edit.version)?;
        let text = anlan_store::reports::of_case(tx, id)?
            .into_iter()
            .next()
            .map(|r| r.description)
            .unwrap_or_default();
        let events = places::corrections(&node, &case, &text, &edit)?;
        let case = if events.is_empty() {
            case
        } else {
            anlan_store::cases::record(tx, &case, &events, &stamp)?
        };
        // Where nothing was to be corrected, the case is shown all the same.
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(case)
    })?;
    file(app, caller, case)
}

/// Contact data of the reporters of a case: from the vault, logged on its own.
pub fn contact(app: &App, caller: &Caller, id: CaseId) -> Result<Vec<Contact>, Error> {
    reachable(app, caller, Action::CaseContact, id)?;
    accesses::log(
        app,
        accesses::entry(app, caller, Action::CaseContact, "contact", id, Purpose::Case),
    )?;
    app.store.read(|tx| {
        let subjects = anlan_store::reports::subjects_of_case(tx, id)?;
        let found = subjects
            .into_iter()
            .map(|subject| anlan_store::contacts::find(tx, subject).map_err(Error::from));
        found.filter_map(Result::transpose).collect()
    })
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::conflict(
                "case.moved_meanwhile",
                "他人在同一时刻更改了此案件，您的操作没有生效，请查看最新情况后再决定。",
                "Somebody changed this case at the same moment. Nothing of yours was done; look again and decide anew.",
            ),
            StoreError::Missing { what, .. } => Self::Missing { what },
            StoreError::Invalid(en) => Self::Invalid {
                code: "invalid",
                zh: format!("内容无法接受，未作任何更改（{en}）。"),
                en,
                fields: Vec::new(),
            },
            other => Self::Unavailable {
                detail: other.to_string(),
            },
        }
    }
}
