//! Taking in a report: check it, place it, route it, set its clock, and keep it, in one unit of work.

use crate::cases::{self, Likeness};
use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, FieldFault, accesses, places};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::cases::{Case, Closing, Phase};
use anlan_model::classes::Priority;
use anlan_model::events::{Opened, Stamp};
use anlan_model::ids::{OfficeId, ReasonCode, ReportId};
use anlan_model::incoming::{Channel, History, Incoming};
use anlan_policy::Action;
use anlan_store::cases::{Beginning, NewCase};
use anlan_store::reports::{Facts, NewReport};
use anlan_store::{Error as StoreError, Tx};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Longest title kept, characters.
pub const TITLE_MAX: usize = 200;
/// Longest description taken, characters.
pub const DESCRIPTION_MAX: usize = 4000;
const ADDRESS_MAX: usize = 500;
/// Rows of a file may be longer: what a city kept, we keep.
const IMPORTED_TIMES: usize = 5;

/// What became of a report.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its case.
    pub case: Case,
    /// The report.
    pub report: ReportId,
    /// What the reporter keeps to follow it; the same each time for the same report.
    pub tracking_code: String,
    /// It was here already (same source, same id); nothing was added.
    pub known: bool,
}

/// A report that was checked, placed and routed, ready to be kept.
#[derive(Debug)]
pub struct Ready {
    incoming: Incoming,
    beginning: Beginning,
    facts: Facts,
    tracking_code: String,
    track: Option<[u8; 32]>,
}

/// Takes one report in.
pub fn take(app: &App, caller: &Caller, incoming: Incoming, about: Option<OfficeId>) -> Result<Taken, Error> {
    app.require(caller, Action::ReportCreate)?;
    let ready = prepare(app, &app.node(), incoming, about, caller.stamp(app.clock.now()))?;
    hold(app, caller, ready, None)
}

/// The same, and tells which open cases may be the same thing, as far as the caller may see cases at all.
pub fn take_and_compare(
    app: &App,
    caller: &Caller,
    incoming: Incoming,
    about: Option<OfficeId>,
) -> Result<(Taken, Vec<Likeness>), Error> {
    app.require(caller, Action::ReportCreate)?;
    let ready = prepare(app, &app.node(), incoming, about, caller.stamp(app.clock.now()))?;
    let (mut likely, looked) = match ready.beginning.opened() {
        Some(opened) => cases::likely_before(app, caller, opened)?,
        None => (Vec::new(), None),
    };
    let taken = hold(app, caller, ready, looked.clone())?;
    if let Some(looked) = looked.filter(|_| taken.known) {
        // What was kept the first time is not kept again, but this is another look.
        accesses::log(app, looked)?;
    }
    likely.retain(|like| like.case.id != taken.case.id);
    Ok((taken, likely))
}

/// Keeps a report with its access, and another one that belongs to it, in one unit of work.
fn hold(app: &App, caller: &Caller, ready: Ready, looked: Option<Access>) -> Result<Taken, Error> {
    let entry = accesses::entry(app, caller, Action::ReportCreate, "case", "", Purpose::Case);
    let tracking_code = ready.tracking_code.clone();
    // A known report is an error inside, so that nothing of the second try (a contact, say) stays behind.
    let kept = app.store.write(move |tx| {
        let (case, report) = keep(tx, &ready)?;
        let own = Access {
            resource_id: case.id.to_string(),
            ..entry.clone()
        };
        for entry in std::iter::once(&own).chain(&looked) {
            anlan_store::accesses::append(tx, entry)?;
        }
        Ok::<_, StoreError>((case, report))
    });
    match kept {
        Ok((case, report)) => Ok(Taken {
            case,
            report,
            tracking_code,
            known: false,
        }),
        Err(StoreError::Known { report, case }) => {
            // Nothing is kept a second time, but how the case stands is told again.
            let again = accesses::entry(app, caller, Action::ReportCreate, "case", case, Purpose::Case);
            accesses::log(app, again)?;
            let case = app.store.read(|tx| anlan_store::cases::get(tx, case))?;
            Ok(Taken {
                case,
                report,
                tracking_code,
                known: true,
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Keeps a ready report inside a unit of work of the caller's, who writes the access entry for the whole batch.
/// `None`: it was here already.
pub fn take_in(tx: &mut Tx<'_>, ready: &Ready) -> Result<Option<(Case, ReportId)>, Error> {
    let Incoming {
        source,
        external_id,
        contact,
        ..
    } = &ready.incoming;
    if contact.is_some()
        && anlan_store::reports::by_external(tx, source, external_id.as_deref().unwrap_or_default())?
            .is_some()
    {
        return Ok(None);
    }
    match keep(tx, ready) {
        Ok(kept) => Ok(Some(kept)),
        Err(StoreError::Known { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn keep(tx: &mut Tx<'_>, ready: &Ready) -> Result<(Case, ReportId), StoreError> {
    let Ready {
        incoming,
        beginning,
        facts,
        track,
        ..
    } = ready;
    let contact = incoming.contact.as_ref().filter(|contact| !contact.is_empty());
    let contact = contact
        .map(|contact| anlan_store::contacts::insert(tx, contact))
        .transpose()?;
    let report = NewReport {
        channel: incoming.channel,
        source: &incoming.source,
        external_id: incoming.external_id.as_deref(),
        description: &incoming.description,
        reported_at: incoming.reported_at,
        received_at: beginning.stamp().at,
        facts,
        contact,
        track: track.as_ref(),
    };
    anlan_store::cases::open(tx, NewCase { beginning, report })
}

/// Checks, places and routes a report that was received then, without keeping anything.
pub fn prepare(
    app: &App,
    node: &Jurisdiction,
    mut incoming: Incoming,
    about: Option<OfficeId>,
    stamp: Stamp,
) -> Result<Ready, Error> {
    if incoming.reported_at > stamp.at {
        incoming.reported_at = stamp.at;
    }
    if incoming.external_id.is_none() {
        incoming.external_id = Some(crate::accounts::random_token()?);
    }
    check(node, &incoming, about)?;
    if incoming.title.trim().is_empty() {
        incoming.title = title_for(node, &incoming);
    }
    let (tracking_code, track) = tracking(app, &incoming);
    let opened = opening(node, &incoming, about)?;
    Ok(Ready {
        beginning: Beginning::new(opened, &incoming.description, stamp)?,
        facts: Facts::new(&incoming.facts)?,
        incoming,
        tracking_code,
        track,
    })
}

/// The first character that no text may hold: a control character that is neither a line's end nor a tab.
pub(crate) fn control_character(text: &str) -> Option<char> {
    text.chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn check(node: &Jurisdiction, incoming: &Incoming, about: Option<OfficeId>) -> Result<(), Error> {
    let mut fields = Vec::new();
    let times = if incoming.channel == Channel::Import {
        IMPORTED_TIMES
    } else {
        1
    };
    let mut text = |field: &str, value: &str, max: usize| {
        let max = max * times;
        let length = value.chars().count();
        if length > max {
            fields.push(FieldFault::new(
                field,
                "text.too_long",
                format!("共 {length} 个字符，最多 {max} 个。请缩短后再提交，目前没有保存任何内容。"),
                format!("{length} characters; at most {max} are taken. Shorten it, nothing was kept yet."),
            ));
        }
        if let Some(bad) = control_character(value) {
            let bad = u32::from(bad);
            fields.push(FieldFault::new(
                field,
                "text.control",
                format!("含有不可见的控制字符 U+{bad:04X}，请删除后重新提交。"),
                format!("This holds the control character U+{bad:04X}; remove it and send again."),
            ));
        }
    };
    text("title", &incoming.title, TITLE_MAX);
    text("description", &incoming.description, DESCRIPTION_MAX);
    text(
        "address",
        incoming.address.as_deref().unwrap_or_default(),
        ADDRESS_MAX,
    );
    if let Some(contact) = &incoming.contact {
        for (field, value) in [
            ("contact.name", &contact.name),
            ("contact.phone", &contact.phone),
            ("contact.email", &contact.email),
        ] {
            text(field, value.as_deref().unwrap_or_default(), TITLE_MAX);
        }
    }
    if incoming.channel != Channel::Import {
        fields.extend(check_form(node, incoming, about));
    }
    if fields.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid {
        code: "report.invalid",
        zh: "上报内容需要修改，尚未保存。".into(),
        en: "The report cannot be taken as it is; nothing was kept.".into(),
        fields,
    })
}

fn check_form(node: &Jurisdiction, incoming: &Incoming, about: Option<OfficeId>) -> Vec<FieldFault> {
    let mut fields = Vec::new();
    let mut fault = |field, code, zh, en| fields.push(FieldFault::new(field, code, zh, en));
    if incoming.title.trim().is_empty() && incoming.description.trim().is_empty() {
        fault(
            "description",
            "report.empty",
            "请简要说明情况。",
            "Say in a few words what is the matter.",
        );
    }
    if incoming
        .class
        .as_ref()
        .is_some_and(|class| !node.classes.get(class).is_some_and(|class| class.is_active))
    {
        fault(
            "class",
            "class.unknown",
            "没有这个类别，请从列表中选择，或留空由我们判断。",
            "There is no such class here; choose one from the list, or leave it to us.",
        );
    }
    if about.is_some_and(|office| !node.offices.contains_key(&office)) {
        fault(
            "about_office",
            "office.unknown",
            "没有这个单位，请从列表中选择。",
            "There is no such office here; choose one from the list.",
        );
    }
    fields
}

fn title_for(node: &Jurisdiction, incoming: &Incoming) -> String {
    let class = incoming.class.as_ref().and_then(|code| node.classes.get(code));
    let words = incoming
        .description
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty());
    let title = words
        .or(class.map(|class| class.name_zh.as_str()))
        .or(incoming.address.as_deref())
        .unwrap_or("—");
    title.chars().take(60).collect()
}

/// Rows of an imported file have no reporter who holds a link.
fn tracking(app: &App, incoming: &Incoming) -> (String, Option<[u8; 32]>) {
    if incoming.channel == Channel::Import {
        return (String::new(), None);
    }
    let id = incoming.external_id.as_deref().unwrap_or_default();
    let code = tracking_code(app, &incoming.source, id);
    let track = track_digest(&code);
    (code, Some(track))
}

/// The tracking code of the report with this source and id: derived, not stored; 100 bits of HMAC-SHA256 in
/// Crockford's base 32.
pub(crate) fn tracking_code(app: &App, source: &str, external_id: &str) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&app.secret.0) else {
        return String::new();
    };
    mac.update(b"anlan tracking code 1\0");
    mac.update(source.as_bytes());
    mac.update(b"\0");
    mac.update(external_id.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes
        .iter()
        .take(20)
        .map(|byte| {
            ALPHABET
                .get(usize::from(byte & 31))
                .map_or('0', |c| char::from(*c))
        })
        .collect()
}

/// What the store keeps instead of the code: whoever reads the table cannot open a link.
pub(crate) fn track_digest(code: &str) -> [u8; 32] {
    Sha256::digest(code.trim().to_ascii_lowercase().as_bytes()).into()
}

/// Where it lies, who must act, by when, in which state it starts.
fn opening(node: &Jurisdiction, incoming: &Incoming, about: Option<OfficeId>) -> Result<Opened, Error> {
    let class = incoming.class.as_ref().and_then(|code| node.classes.get(code));
    let mut place = places::place(node, incoming)?;
    let (office, route) = places::route(node, incoming, about, &mut place);
    let start = node
        .procedure
        .start(incoming.channel, class.is_some(), office.is_some());
    let mut clocks = node
        .keeper(incoming.class.as_ref())
        .open(&start.state, incoming.reported_at);
    let (mut state, mut phase, mut closing, mut source_on_time) = (start.state, start.phase, None, None);
    if let Some(history) = &incoming.history {
        clocks.due_at = history.due_at;
        clocks.state_due_at = None;
        source_on_time = history.on_time;
        if let Some(done) = past_closing(history, incoming.reported_at) {
            (state, phase) = (node.procedure.closed_state(), Phase::Closed);
            closing = Some(done);
        }
    }
    Ok(Opened {
        class: incoming.class.clone(),
        title: incoming.title.chars().take(TITLE_MAX).collect(),
        channel: incoming.channel,
        source: incoming.source.clone(),
        state,
        phase,
        priority: class.map_or(Priority::P3, |class| class.priority),
        place,
        office,
        route,
        opened_at: incoming.reported_at,
        clocks,
        closing,
        about_office: about,
        split_from: None,
        reports: 1,
        is_marked_duplicate: incoming.is_duplicate,
        source_on_time,
    })
}

fn past_closing(history: &History, opened_at: Timestamp) -> Option<Closing> {
    let at = history.closed_at.or(history.is_closed.then_some(opened_at))?;
    Some(Closing {
        reason: ReasonCode::from("imported"),
        note: String::new(),
        at,
        by: None,
        forced: false,
    })
}
