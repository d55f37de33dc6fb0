//! The job: reads the access log day by day, a day once it is over, and brings what stands out into the queue. What it holds
//! at a time is one day of the log and eight weeks of figures.

use super::days::{Grounds, LogDay, examine, loose};
use super::memory::{LOOKS_DAYS, Memory, WINDOW_DAYS, peers};
use super::ranking::{FLOOR, note, rank};
use super::rosters::Rosters;
use crate::jurisdictions::Jurisdiction;
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::{Access, Purpose};
use anlan_model::accounts::Account;
use anlan_model::events::Stamp;
use anlan_model::ids::{AccountId, CaseId, OfficeId, WarningId};
use anlan_model::reviews::{
    AccountDay, CaseFacts, DayFinding, Desk, Look, LooseLook, Mandate, WarnedArea, is_act,
};
use anlan_policy::Action;
use anlan_store::Tx;
use anlan_store::reviews::Progress;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A day is examined so long after its end, so that work done after a look is known.
const AFTER_H: i64 = 2;
/// Rows before a day that its first looks may be explained by.
const BEFORE_H: i64 = 3;
/// Cases folded in one reading of the store.
const CASES_AT_ONCE: usize = 500;

/// What one examined day came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    /// Which day.
    pub day: Date,
    /// Rows read.
    pub rows: usize,
    /// Looks, and how many of them are explained.
    pub looks: (u32, u32),
    /// Reviews brought into the queue.
    pub raised: usize,
}

/// Everything that a stretch of the log is explained from, as the store has it.
#[derive(Debug, Default)]
pub(super) struct Known {
    desk: Desk,
    accounts: Vec<Account>,
    below: BTreeMap<OfficeId, Vec<OfficeId>>,
    cases: HashMap<CaseId, CaseFacts>,
    warned: HashMap<WarningId, WarnedArea>,
    mandates: Vec<Mandate>,
    rosters: Rosters,
}

/// A day of the log, read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) progress: Progress,
    before: Vec<(i64, Access)>,
    rows: Vec<(i64, Access)>,
    is_working_day: bool,
}

impl Read {
    pub(super) fn log<'a>(&'a self, node: &'a Jurisdiction) -> LogDay<'a> {
        LogDay {
            date: self.progress.day,
            zone: node.calendar.zone(),
            is_working_day: self.is_working_day,
            before: &self.before,
            rows: &self.rows,
        }
    }
}

impl Known {
    /// What these rows are explained from.
    pub(super) fn of(app: &App, node: &Jurisdiction, read: &Read) -> Result<Self, Error> {
        let (mut cases, mut warnings) = (BTreeSet::new(), BTreeSet::new());
        for (seq, access) in read.before.iter().chain(&read.rows) {
            if Look::of(*seq, access).is_some() || is_act(access) {
                cases.extend(access.resource_id.parse::<CaseId>());
            }
            if access.action == "warning.read" {
                warnings.extend(access.resource_id.parse::<WarningId>());
            }
        }
        let mut known = Self {
            desk: Desk::of(&node.procedure, node.centre().map(|office| office.id)),
            below: below(node),
            ..Self::default()
        };
        let cases: Vec<CaseId> = cases.into_iter().collect();
        for some in cases.chunks(CASES_AT_ONCE) {
            let facts = app.store.read(|tx| {
                some.iter()
                    .map(|id| facts(tx, *id))
                    .collect::<Result<Vec<_>, Error>>()
            })?;
            known
                .cases
                .extend(facts.into_iter().flatten().map(|one| (one.case, one)));
        }
        let (from, to) = (midnight(node, read.progress.day), end_of(node, read.progress.day));
        app.store.read(|tx| {
            known.accounts = anlan_store::accounts::list(tx, None)?;
            known.mandates = anlan_store::reviews::mandates(tx, from, to)?;
            let rows = anlan_store::posts::all_rows(tx, from, to)?;
            known.rosters = Rosters::new(anlan_store::posts::list(tx)?, rows);
            for id in warnings {
                let found = anlan_store::warnings::find(tx, id)?;
                known.warned.extend(found.map(|warning| (id, area(&warning))));
            }
            Ok::<_, Error>(())
        })?;
        Ok(known)
    }

    pub(super) fn grounds(&self) -> Grounds<'_> {
        Grounds {
            desk: &self.desk,
            accounts: &self.accounts,
            below: &self.below,
            cases: &self.cases,
            warned: &self.warned,
            mandates: &self.mandates,
            rosters: &self.rosters,
        }
    }

    pub(super) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(super) fn case(&self, id: CaseId) -> Option<&CaseFacts> {
        self.cases.get(&id)
    }
}

fn facts(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<CaseFacts>, Error> {
    let events = anlan_store::events::of_case(tx, id)?;
    Ok(CaseFacts::of(
        id,
        events.iter().map(|kept| (&kept.stamp, &kept.event)),
    ))
}

fn area(warning: &anlan_model::warnings::Warning) -> WarnedArea {
    WarnedArea {
        cells: warning.latest.cells.iter().copied().collect(),
        from: warning.latest.from,
        until: warning.latest.to,
    }
}

/// The offices below each office, at any depth.
fn below(node: &Jurisdiction) -> BTreeMap<OfficeId, Vec<OfficeId>> {
    let mut below: BTreeMap<OfficeId, Vec<OfficeId>> = BTreeMap::new();
    let centre = node.centre().map(|office| office.id);
    for office in node.offices.values() {
        let mut above = office.parent;
        // A parent that is its own descendant cannot be; the depth is bounded all the same.
        for _ in 0..8 {
            let Some(parent) = above.filter(|parent| Some(*parent) != centre) else {
                break;
            };
            below.entry(parent).or_default().push(office.id);
            above = node.offices.get(&parent).and_then(|office| office.parent);
        }
    }
    below
}

fn midnight(node: &Jurisdiction, day: Date) -> Timestamp {
    let zoned = day.to_zoned_datetime(node.calendar.zone().clone());
    zoned.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

fn end_of(node: &Jurisdiction, day: Date) -> Timestamp {
    midnight(node, day.tomorrow().unwrap_or(day))
}

/// Examines the oldest day that has not been examined, if it is over. `None`: there is none.
pub fn pass(app: &App) -> Result<Option<Passed>, Error> {
    let system = Caller::system();
    app.require(&system, Action::AccessRead)?;
    let node = app.node();
    let Some(read) = next(app, &node)? else {
        return Ok(None);
    };
    let known = Known::of(app, &node, &read)?;
    let day = read.progress.day;
    let memory = remember(app, &node, &read.progress)?;
    let mut examined = examine(&read.log(&node), &known.grounds(), &memory);
    let open: Vec<LooseLook> = loose(&examined, &known.cases).collect();
    let mut found = rank(day, &examined, &open, &peers(&known.accounts), &memory);
    note(&mut examined, &found);
    found.retain(|finding| finding.score >= FLOOR);
    let figures: Vec<(AccountId, AccountDay)> = examined.iter().map(|(id, one)| (*id, one.summary)).collect();
    let passed = Passed {
        day,
        rows: read.rows.len(),
        looks: figures
            .iter()
            .fold((0, 0), |sum, (_, one)| (sum.0 + one.looks, sum.1 + one.explained)),
        raised: found.len(),
    };
    let entry =
        accesses::entry(app, &system, Action::AccessRead, "review", day, Purpose::Audit).of_many(passed.rows);
    keep(
        app,
        &node,
        Kept {
            progress: read.progress,
            figures,
            open,
            found,
            entry,
        },
    )?;
    Ok(Some(passed))
}

/// What is written of a day, in one unit of work.
struct Kept {
    progress: Progress,
    figures: Vec<(AccountId, AccountDay)>,
    open: Vec<LooseLook>,
    found: Vec<DayFinding>,
    entry: Access,
}

fn keep(app: &App, node: &Jurisdiction, kept: Kept) -> Result<(), Error> {
    let stamp = Stamp {
        at: app.clock.now(),
        by: None,
        post: None,
    };
    let kept_days = i64::from(crate::erasures::days(app, "review")?);
    let oldest = kept
        .progress
        .day
        .saturating_sub(jiff::Span::new().days(kept_days));
    let before = midnight(node, oldest);
    app.store.write(move |tx| {
        anlan_store::reviews::keep_day(tx, &kept.progress, &kept.figures, &kept.open)?;
        for finding in &kept.found {
            anlan_store::reviews::raise(tx, finding, &stamp)?;
        }
        anlan_store::reviews::forget(tx, oldest, before)?;
        anlan_store::accesses::append(tx, &kept.entry)?;
        Ok::<_, Error>(())
    })
}

/// The next day of the log, if it is over. A row that was written late belongs to the day after the last examined one.
fn next(app: &App, node: &Jurisdiction) -> Result<Option<Read>, Error> {
    let now = app.clock.now();
    app.store.read(|tx| {
        let done = anlan_store::reviews::progress(tx)?;
        let after = done.map_or(0, |done| done.last);
        let Some((first, at)) = anlan_store::reviews::next_row(tx, after, now)? else {
            return Ok(None);
        };
        let own = node.calendar.zone().to_datetime(at).date();
        let earliest = done.and_then(|done| done.day.tomorrow().ok());
        let day = earliest.map_or(own, |earliest| earliest.max(own));
        let end = end_of(node, day);
        if now < end + SignedDuration::from_hours(AFTER_H) {
            return Ok(None);
        }
        // Every row of the day is there once a later one is, or once its hour has passed.
        let last = anlan_store::reviews::row_from(tx, first - 1, end, now)?.map_or(i64::MAX, |row| row - 1);
        let rows = anlan_store::reviews::rows(tx, (first - 1, last), None)?;
        let last = if last == i64::MAX {
            anlan_store::reviews::newest(tx)?
        } else {
            last
        };
        let progress = Progress { day, first, last };
        read_before(tx, node, (progress, rows), None).map(Some)
    })
}

fn read_before(
    tx: &mut Tx<'_>,
    node: &Jurisdiction,
    (progress, rows): (Progress, Vec<(i64, Access)>),
    account: Option<AccountId>,
) -> Result<Read, Error> {
    let start = midnight(node, progress.day);
    let from =
        anlan_store::reviews::row_before(tx, progress.first, start - SignedDuration::from_hours(BEFORE_H))?;
    let before = anlan_store::reviews::rows(tx, (from, progress.first - 1), account)?;
    Ok(Read {
        progress,
        before,
        rows,
        is_working_day: node.calendar.local(start).is_working_day,
    })
}

/// A day that was examined, of one account, read again.
pub(super) fn again(
    tx: &mut Tx<'_>,
    node: &Jurisdiction,
    day: Date,
    account: AccountId,
) -> Result<Option<Read>, Error> {
    let Some(progress) = anlan_store::reviews::progress_of(tx, day)? else {
        return Ok(None);
    };
    let rows = anlan_store::reviews::rows(tx, (progress.first - 1, progress.last), Some(account))?;
    read_before(tx, node, (progress, rows), Some(account)).map(Some)
}

/// The weeks before a day.
fn remember(app: &App, node: &Jurisdiction, progress: &Progress) -> Result<Memory, Error> {
    let day = progress.day;
    let first = day.saturating_sub(jiff::Span::new().days(WINDOW_DAYS));
    let last = day.yesterday().unwrap_or(day);
    let from = midnight(node, day.saturating_sub(jiff::Span::new().days(LOOKS_DAYS)));
    app.store.read(|tx| {
        let days = anlan_store::reviews::days(tx, (first, last), None)?;
        let looks = anlan_store::reviews::looks(tx, from, progress.first)?;
        Ok(Memory::of(days, looks))
    })
}
