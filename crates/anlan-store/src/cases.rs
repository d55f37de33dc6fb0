//! Cases: the row a queue shows and the events it is folded from. The row changes only by applying events.

mod filter;
mod list;
mod slim;

pub use filter::{CaseFilter, Visibility};
pub use list::{Keys, Sort, SortKey, at, count, list, place_of};
pub use slim::{Slim, changed_since, scan, told};

use crate::error::Error;
use crate::reports::{self, NewReport};
use crate::tx::{Row, Tx, Value};
use crate::{accesses, body, counts, events, search};
use anlan_model::cases::{Case, Phase};
use anlan_model::events::{Event, Opened, Stamp};
use anlan_model::ids::{CaseId, ReportId};
use anlan_model::incoming::Channel;
use anlan_tlog::commitments::SubjectKey;
use jiff::Timestamp;

/// How a case begins, with everything that is written of it but its number: worked out before the unit of work, as there is
/// one writer and everybody waits for it.
#[derive(Debug, Clone)]
pub struct Beginning {
    event: Event,
    stamp: Stamp,
    case: Case,
    /// The case's body after its id.
    body: String,
    /// The event's body.
    written: String,
    words: String,
    /// What the case's entries in the access log will be found by.
    log_key: SubjectKey,
}

/// What a case's body begins with before it has a number.
const NUMBERLESS: &str = "{\"id\":0,";

impl Beginning {
    /// A case that begins so, found by its own words and those of its first report.
    pub fn new(opened: Opened, description: &str, stamp: Stamp) -> Result<Self, Error> {
        let words = search::words_of(&opened, description);
        let case = opened.case(CaseId(0), &stamp);
        let body = body::write(&case)?;
        let body = body
            .strip_prefix(NUMBERLESS)
            .ok_or_else(|| Error::Invalid("a case's body does not begin with its number".to_owned()))?;
        let event = Event::CaseOpened(Box::new(opened));
        Ok(Self {
            body: body.to_owned(),
            written: events::written(&event, &stamp)?,
            event,
            stamp,
            case,
            words,
            log_key: accesses::new_key()?,
        })
    }

    /// How it begins.
    pub fn opened(&self) -> Option<&Opened> {
        match &self.event {
            Event::CaseOpened(opened) => Some(opened),
            _ => None,
        }
    }

    /// When, and who wrote it down.
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    fn open(&self, tx: &mut Tx<'_>, id: CaseId) -> Result<Case, Error> {
        let case = Case {
            id,
            ..self.case.clone()
        };
        insert_row(tx, &case, &format!("{{\"id\":{id},{}", self.body), &self.log_key)?;
        accesses::begin(tx, id, &self.log_key);
        counts::changed(tx, None, &case);
        events::append_written(tx, id, (self.event.kind(), &self.written), &self.stamp)?;
        search::insert(tx, id, &self.words)?;
        Ok(case)
    }
}

/// A case that is about to begin with its first report.
#[derive(Debug, Clone, Copy)]
pub struct NewCase<'a> {
    /// How it begins.
    pub beginning: &'a Beginning,
    /// The report it begins with.
    pub report: NewReport<'a>,
}

/// Opens a case: report, case, event and search row, four statements. A sender's id that is known already answers
/// `Error::Known` and has written nothing, so a unit may go on with its next row.
pub fn open(tx: &mut Tx<'_>, new: NewCase<'_>) -> Result<(Case, ReportId), Error> {
    let (report, id) = reports::insert(tx, &new.report)?;
    let case = new.beginning.open(tx, id)?;
    Ok((case, report))
}

/// Opens a case for reports that exist already, as a split does; move the reports to it in the same unit of work.
pub fn open_for_reports(tx: &mut Tx<'_>, opened: &Opened, stamp: &Stamp) -> Result<Case, Error> {
    let id = tx.query_one(concat!("SELECT ", reports::next_id!()), &[], |row| row.int(0))?;
    Beginning::new(opened.clone(), "", stamp.clone())?.open(tx, CaseId(id.unwrap_or(1)))
}

/// Applies events to the case as it was read, and keeps both. `Error::Conflict` if somebody else was faster.
pub fn record(tx: &mut Tx<'_>, case: &Case, happened: &[Event], stamp: &Stamp) -> Result<Case, Error> {
    let mut now = case.clone();
    for event in happened {
        now = event
            .apply(case.id, Some(now), stamp)
            .ok_or_else(|| Error::Invalid(format!("{} needs a case", event.kind())))?;
    }
    update_row(tx, &now, case.version)?;
    counts::changed(tx, Some(case), &now);
    for event in happened {
        events::append(tx, case.id, event, stamp)?;
    }
    if now.title != case.title || now.place.address != case.place.address {
        search::refresh(tx, &now)?;
    }
    Ok(now)
}

/// The case, if there is one.
pub fn find(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>, Error> {
    tx.query_one("SELECT body FROM cases WHERE id = ?1", &[id.into()], |row| {
        row.json(0)
    })
}

/// The case; `Error::Missing` if there is none.
pub fn get(tx: &mut Tx<'_>, id: CaseId) -> Result<Case, Error> {
    find(tx, id)?.ok_or_else(|| Error::missing("case", id))
}

/// The newest case there is: ids count up from 1 without gaps.
pub fn newest(tx: &mut Tx<'_>) -> Result<Option<CaseId>, Error> {
    tx.query_one("SELECT max(id) FROM cases", &[], |row| row.find_int(0))
        .map(|found| found.flatten().map(CaseId))
}

/// The case folded anew from its events, for checking what is stored.
pub fn replay(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>, Error> {
    let kept = events::of_case(tx, id)?;
    Ok(kept
        .iter()
        .fold(None, |case, kept| kept.event.apply(id, case, &kept.stamp)))
}

/// Bits of the column `flags`.
pub(crate) mod flags {
    pub(crate) const PAUSED: i64 = 1;
    pub(crate) const DEFAULT_POINT: i64 = 2;
    pub(crate) const MARKED_DUPLICATE: i64 = 4;
    pub(crate) const ARBITRATED: i64 = 8;
    pub(crate) const WITHOUT_TEXTS: i64 = 16;
}

pub(crate) fn phase_number(phase: Phase) -> i64 {
    match phase {
        Phase::Open => 0,
        Phase::Closed => 1,
        Phase::Void => 2,
    }
}

pub(crate) fn phase_of(row: &Row<'_>, column: usize) -> Result<Phase, Error> {
    match row.int(column)? {
        0 => Ok(Phase::Open),
        1 => Ok(Phase::Closed),
        2 => Ok(Phase::Void),
        other => Err(Error::Corrupt(format!("phase {other}"))),
    }
}

pub(crate) fn channel_of(word: &str) -> Result<Channel, Error> {
    let all = [
        Channel::Web,
        Channel::Hotline,
        Channel::Worker,
        Channel::Office,
        Channel::Import,
        Channel::Open311,
    ];
    let found = all.into_iter().find(|channel| channel_word(*channel) == word);
    found.ok_or_else(|| Error::Corrupt(format!("channel {word}")))
}

pub(crate) fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::Hotline => "hotline",
        Channel::Worker => "worker",
        Channel::Office => "office",
        Channel::Import => "import",
        Channel::Open311 => "open311",
    }
}

/// From which instant (ms) the case counts as overdue; says the same as `Case::timeliness`.
fn overdue_from(case: &Case) -> Option<i64> {
    let due = case.clocks.due_at?;
    let counts = match &case.closing {
        _ if case.phase == Phase::Void => false,
        Some(closing) => closing.at > due,
        // A promise that stands still before its end is never broken while it does.
        None => case.clocks.stands_at(Timestamp::MAX) > due,
    };
    counts.then(|| due.as_millisecond())
}

fn flag_bits(case: &Case) -> i64 {
    [
        (case.clocks.is_paused(), flags::PAUSED),
        (case.place.is_default_point, flags::DEFAULT_POINT),
        (case.is_marked_duplicate, flags::MARKED_DUPLICATE),
        (case.is_arbitrated, flags::ARBITRATED),
        (case.is_without_texts(), flags::WITHOUT_TEXTS),
    ]
    .into_iter()
    .filter_map(|(is_set, bit)| is_set.then_some(bit))
    .sum()
}

const COLUMNS: usize = 21;

fn columns<'a>(case: &'a Case, body: &'a str) -> [Value<'a>; COLUMNS] {
    let due = case.clocks.due_at.map_or(i64::MAX, Timestamp::as_millisecond);
    [
        case.id.into(),
        case.version.into(),
        phase_number(case.phase).into(),
        case.state.as_str().into(),
        case.class
            .as_ref()
            .map(anlan_model::ids::ClassCode::as_str)
            .into(),
        case.office.into(),
        case.assignee.into(),
        case.place.cell.into(),
        case.place.division.as_deref().unwrap_or("").into(),
        case.priority.number().into(),
        channel_word(case.channel).into(),
        case.source.as_str().into(),
        case.opened_at.into(),
        case.updated_at.into(),
        due.into(),
        overdue_from(case).into(),
        case.place.point.map(|point| point.lon).into(),
        case.place.point.map(|point| point.lat).into(),
        case.about_office.into(),
        flag_bits(case).into(),
        body.into(),
    ]
}

fn insert_row(tx: &mut Tx<'_>, case: &Case, body: &str, log_key: &SubjectKey) -> Result<(), Error> {
    let sql = "INSERT INTO cases (id, version, phase, state, class, office, assignee, cell, division, priority, channel,
        source, opened_at, updated_at, due_at, overdue_from, lon, lat, about_office, flags, body,
        log_key)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";
    let mut params = columns(case, body).to_vec();
    let wrapped = accesses::wrap_key(&tx.home.vault, case.id, log_key)?;
    params.push((&wrapped).into());
    tx.exec(sql, &params)?;
    Ok(())
}

fn update_row(tx: &mut Tx<'_>, case: &Case, version: u32) -> Result<(), Error> {
    let body = body::write(case)?;
    // The columns that never change are left out: naming them would touch their indexes.
    let sql = "UPDATE cases SET version = ?2, phase = ?3, state = ?4, class = ?5, office = ?6, assignee = ?7, cell = ?8,
        division = ?9, priority = ?10, updated_at = ?14, due_at = ?15, overdue_from = ?16, lon = ?17, lat = ?18,
        flags = ?20, body = ?21
        WHERE id = ?1 AND version = ?22";
    let mut params = columns(case, &body).to_vec();
    params.push(version.into());
    if tx.exec(sql, &params)? == 1 {
        Ok(())
    } else {
        Err(conflict(tx, case.id)?)
    }
}

fn conflict(tx: &mut Tx<'_>, id: CaseId) -> Result<Error, Error> {
    let found = tx.query_one("SELECT 1 FROM cases WHERE id = ?1", &[id.into()], |row| {
        row.int(0)
    })?;
    Ok(if found.is_some() {
        Error::Conflict
    } else {
        Error::missing("case", id)
    })
}
