//! One day of the access log, each look explained from what happened around it. Pure: rows, events and accounts are handed
//! in, and the same rows give the same answer whenever they are looked at.

use super::memory::Memory;
use super::rosters::Rosters;
use anlan_model::accesses::Access;
use anlan_model::accounts::{Account, Role};
use anlan_model::ids::{AccountId, CaseId, OfficeId, PostId, WarningId};
use anlan_model::reviews::{
    AccountDay, CaseFacts, Desk, Explanation, Look, LookKind, Looker, LooseLook, Mandate, Surroundings,
    WarnedArea, Worked, explain, is_act, is_explained, is_list, is_slip, mistyped, strength,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

/// Work within this long before or after makes it somebody's time.
const WORK_NEAR_H: i64 = 2;
/// Cases worked on are remembered for this long.
const WORKED_H: i64 = 3;
/// A warning explains for this long after it was opened.
const WARNED_H: i64 = 1;
/// A look that well explained makes its case one that is being worked on.
const WORKED_FROM: f64 = 80.0;
/// The case meant follows a mistyped number within this long.
const SLIP_S: i64 = 120;
const ROW_MIN: usize = 2;
/// Whoever did nothing for this long was away.
const AWAY_H: i64 = 4;
/// A tie of the person to the case counts as one from this percent on.
const TIE_FROM: u8 = 50;

/// What explanations are made from, beside the log's rows.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The procedure's and the node's part.
    pub desk: &'a Desk,
    /// Every account.
    pub accounts: &'a [Account],
    /// Offices below each office.
    pub below: &'a BTreeMap<OfficeId, Vec<OfficeId>>,
    /// The cases that the rows name.
    pub cases: &'a HashMap<CaseId, CaseFacts>,
    /// The warnings that the rows name.
    pub warned: &'a HashMap<WarningId, WarnedArea>,
    /// Orders in force.
    pub mandates: &'a [Mandate],
    /// Posts, shifts and deputies.
    pub rosters: &'a Rosters,
}

/// A day of the log.
#[derive(Debug, Clone, Copy)]
pub struct LogDay<'a> {
    /// Which day, local.
    pub date: Date,
    /// By which zone.
    pub zone: &'a TimeZone,
    /// Whether it is a working day.
    pub is_working_day: bool,
    /// Rows of the hours before it: nothing in them is examined.
    pub before: &'a [(i64, Access)],
    /// Its rows, in the log's order.
    pub rows: &'a [(i64, Access)],
}

/// A look with what explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The look.
    pub look: Look,
    /// Why, the strongest first.
    pub explanations: Vec<Explanation>,
    /// Whether that is enough.
    pub is_explained: bool,
    /// Whether it was the person's time to work.
    pub is_on_duty: bool,
}

impl Explained {
    /// Whether the person has no tie of their own to the case: nothing explains the look, or only what their office or post
    /// might have to do with it.
    fn is_loose(&self) -> bool {
        let is_tie = |why: &Explanation| why.kind.is_personal() && why.percent >= TIE_FROM;
        !self.is_explained || !self.explanations.iter().any(is_tie)
    }
}

/// One account's day.
#[derive(Debug, Clone, Default)]
pub struct Examined {
    /// In figures.
    pub summary: AccountDay,
    /// Look by look, in order of time.
    pub looks: Vec<Explained>,
}

/// Somebody's doings as the day goes on.
#[derive(Debug, Default)]
struct Trail {
    began_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    listed_at: Option<Timestamp>,
    worked: VecDeque<(Timestamp, Worked)>,
    warned: VecDeque<(Timestamp, WarnedArea)>,
    looks: Vec<Explained>,
    rows: u32,
}

/// Explains every look of a day.
pub fn examine(day: &LogDay<'_>, grounds: &Grounds<'_>, memory: &Memory) -> BTreeMap<AccountId, Examined> {
    let mut examiner = Examiner::new(day, grounds, memory);
    for (seq, access) in day.before {
        examiner.pass(*seq, access, false);
    }
    for (seq, access) in day.rows {
        examiner.pass(*seq, access, true);
    }
    examiner.finish()
}

/// Somebody, and the post they acted for, if for one.
type Acting = (AccountId, Option<PostId>);

struct Examiner<'a> {
    day: &'a LogDay<'a>,
    grounds: &'a Grounds<'a>,
    lookers: HashMap<Acting, Looker>,
    colleagues: HashMap<Acting, BTreeSet<AccountId>>,
    hours: HashMap<AccountId, u32>,
    acts: HashMap<AccountId, Vec<Timestamp>>,
    mandates: HashMap<AccountId, Vec<Mandate>>,
    trails: BTreeMap<AccountId, Trail>,
}

impl<'a> Examiner<'a> {
    fn new(day: &'a LogDay<'a>, grounds: &'a Grounds<'a>, memory: &Memory) -> Self {
        let (mut acts, mut seen) = (HashMap::<_, Vec<_>>::new(), BTreeSet::new());
        for (_, access) in day.before.iter().chain(day.rows) {
            let Some(actor) = access.actor else { continue };
            seen.insert((actor, access.post));
            if is_act(access) {
                acts.entry(actor).or_default().push(access.at);
            }
        }
        for times in acts.values_mut() {
            times.sort_unstable();
        }
        let known: HashMap<AccountId, &Account> = grounds
            .accounts
            .iter()
            .map(|account| (account.id, account))
            .collect();
        let here = || {
            seen.iter().filter_map(|acting| {
                let account = known.get(&acting.0)?;
                Some((*acting, grounds.rosters.acting(account, acting.1)))
            })
        };
        let mut mandates: HashMap<_, Vec<_>> = HashMap::new();
        for one in grounds.mandates.iter().cloned().chain(grounds.rosters.mandates()) {
            mandates.entry(one.account).or_default().push(one);
        }
        Self {
            day,
            grounds,
            lookers: here()
                .map(|(acting, account)| (acting, looker(&account, grounds)))
                .collect(),
            colleagues: here()
                .map(|(acting, account)| {
                    let mut found = colleagues(&account, grounds.accounts);
                    found.extend(grounds.rosters.beside(acting.0, acting.1));
                    (acting, found)
                })
                .collect(),
            hours: here()
                .map(|((id, _), _)| (id, memory.hours(id, day.date, day.is_working_day)))
                .collect(),
            acts,
            mandates,
            trails: BTreeMap::new(),
        }
    }

    fn pass(&mut self, seq: i64, access: &Access, is_of_day: bool) {
        let actor = access.actor.map(|actor| (actor, access.post));
        let Some(acting) = actor.filter(|acting| self.lookers.contains_key(acting)) else {
            return;
        };
        let actor = acting.0;
        let case = access
            .resource_id
            .parse()
            .ok()
            .and_then(|id| self.grounds.cases.get(&id));
        self.trails.entry(actor).or_default().go_on(access.at);
        let explained = Look::of(seq, access)
            .zip(case)
            .and_then(|(look, case)| self.look(look, case, acting));
        let is_strong = explained
            .as_ref()
            .is_some_and(|one| strength(&one.explanations) >= WORKED_FROM);
        let trail = self.trails.entry(actor).or_default();
        if is_list(access) {
            trail.listed_at = Some(access.at);
            trail.rows += if is_of_day { access.count } else { 0 };
        }
        if access.action == "warning.read" {
            let area = access
                .resource_id
                .parse()
                .ok()
                .and_then(|id| self.grounds.warned.get(&id));
            trail.warned.extend(area.map(|area| (access.at, area.clone())));
        }
        if let Some(case) = case.filter(|_| is_strong || is_act(access)) {
            trail.worked.push_back((access.at, worked(case)));
        }
        trail.looks.extend(explained.filter(|_| is_of_day));
    }

    fn look(&mut self, look: Look, case: &CaseFacts, acting: Acting) -> Option<Explained> {
        let is_on_duty = self.is_on_duty(acting, look.at);
        let looker = self.lookers.get(&acting)?;
        let trail = self.trails.entry(look.account).or_default();
        trail.forget(look.at);
        let worked: Vec<Worked> = trail.worked.iter().map(|(_, one)| one.clone()).collect();
        let warned: Vec<WarnedArea> = trail.warned.iter().map(|(_, one)| one.clone()).collect();
        let none = BTreeSet::new();
        let around = Surroundings {
            is_on_duty,
            began_s: trail
                .began_at
                .map_or(0, |at| look.at.duration_since(at).as_secs()),
            listed_s: trail.listed_at.map(|at| look.at.duration_since(at).as_secs()),
            worked: &worked,
            warned: &warned,
            mandates: self.mandates.get(&look.account).map_or(&[], Vec::as_slice),
            colleagues: self.colleagues.get(&acting).unwrap_or(&none),
        };
        let explanations = explain(&look, case, looker, &around, self.grounds.desk);
        Some(Explained {
            look,
            is_explained: is_explained(look.kind, &explanations),
            explanations,
            is_on_duty,
        })
    }

    /// It is somebody's time if a roster says so; where none says anything, if work is going on, or if it is a usual hour of
    /// theirs.
    fn is_on_duty(&self, (account, post): Acting, at: Timestamp) -> bool {
        if let Some(is_on_shift) = self.grounds.rosters.is_on_shift(account, post, at) {
            return is_on_shift;
        }
        let near = SignedDuration::from_hours(WORK_NEAR_H);
        let acts = self.acts.get(&account).map_or(&[][..], Vec::as_slice);
        let first = acts.partition_point(|act| *act < at - near);
        if acts.get(first).is_some_and(|act| *act <= at + near) {
            return true;
        }
        let hours = self.hours.get(&account).copied().unwrap_or(u32::MAX);
        hours & self.bit(at) != 0
    }

    fn bit(&self, at: Timestamp) -> u32 {
        1 << self.day.zone.to_datetime(at).hour().rem_euclid(24)
    }

    fn finish(self) -> BTreeMap<AccountId, Examined> {
        let mut found = BTreeMap::new();
        let acted = self.acted();
        for (account, trail) in &self.trails {
            let mut looks = trail.looks.clone();
            slips(&mut looks);
            let mut summary = self.summary(&looks);
            summary.rows = trail.rows;
            summary.acted = acted.get(account).copied().unwrap_or_default();
            if !looks.is_empty() || summary.rows > 0 || summary.acted != 0 {
                found.insert(*account, Examined { summary, looks });
            }
        }
        found
    }

    fn acted(&self) -> HashMap<AccountId, u32> {
        let mut hours: HashMap<AccountId, u32> = HashMap::new();
        for (_, access) in self.day.rows.iter().filter(|(_, access)| is_act(access)) {
            if let Some(actor) = access.actor {
                *hours.entry(actor).or_default() |= self.bit(access.at);
            }
        }
        hours
    }

    fn summary(&self, looks: &[Explained]) -> AccountDay {
        let mut all = HashSet::new();
        let mut idle = HashSet::new();
        let mut open: BTreeMap<CaseId, bool> = BTreeMap::new();
        let mut off_duty = HashSet::new();
        let mut looked = 0;
        for one in looks {
            all.insert(one.look.case);
            looked |= self.bit(one.look.at);
            let is_contact = one.look.kind == LookKind::Contact;
            if is_contact && !self.is_worked_on(&one.look) {
                idle.insert(one.look.case);
            }
            if !one.is_explained {
                *open.entry(one.look.case).or_default() |= is_contact;
            }
            if !one.is_on_duty && one.is_loose() {
                off_duty.insert(one.look.case);
            }
        }
        let weight = |is_contact: &bool| if *is_contact { 3 } else { 1 };
        AccountDay {
            looks: many(looks.len()),
            explained: many(looks.iter().filter(|one| one.is_explained).count()),
            cases: many(all.len()),
            unexplained: many(open.len()),
            weight: open.values().map(weight).sum(),
            contacts: many(idle.len()),
            off_duty: many(off_duty.len()),
            run: run(looks),
            looked,
            is_working_day: self.day.is_working_day,
            ..AccountDay::default()
        }
    }

    /// Whether the person did something on the case around that day.
    fn is_worked_on(&self, look: &Look) -> bool {
        let near = SignedDuration::from_hours(24);
        self.grounds.cases.get(&look.case).is_some_and(|case| {
            let own = case.doings.iter().filter(|done| done.by == look.account);
            let is_typed = case.typed_in_by == Some(look.account);
            is_typed
                || own
                    .into_iter()
                    .any(|done| done.at.duration_since(look.at).abs() <= near)
        })
    }
}

impl Trail {
    fn go_on(&mut self, now: Timestamp) {
        let away = SignedDuration::from_hours(AWAY_H);
        if self.last_at.is_none_or(|last| now.duration_since(last) > away) {
            self.began_at = Some(now);
        }
        self.last_at = Some(now);
    }

    fn forget(&mut self, now: Timestamp) {
        let old = |at: Timestamp, hours: i64| now.duration_since(at) > SignedDuration::from_hours(hours);
        while self.worked.front().is_some_and(|(at, _)| old(*at, WORKED_H)) {
            self.worked.pop_front();
        }
        while self.warned.front().is_some_and(|(at, _)| old(*at, WARNED_H)) {
            self.warned.pop_front();
        }
    }
}

/// The looks of a day without a tie of the person to the case, as they are remembered.
pub fn loose<'a, S: std::hash::BuildHasher>(
    examined: &'a BTreeMap<AccountId, Examined>,
    cases: &'a HashMap<CaseId, CaseFacts, S>,
) -> impl Iterator<Item = LooseLook> + 'a {
    let loose = examined
        .values()
        .flat_map(|one| one.looks.iter().filter(|look| look.is_loose()));
    loose.map(|one| LooseLook {
        seq: one.look.seq,
        at: one.look.at,
        account: one.look.account,
        case: one.look.case,
        spot: cases.get(&one.look.case).and_then(|case| case.spot),
        is_explained: one.is_explained,
    })
}

fn looker(account: &Account, grounds: &Grounds<'_>) -> Looker {
    let below = account.office.and_then(|office| grounds.below.get(&office));
    Looker {
        account: account.id,
        roles: account.roles.clone(),
        office: account.office,
        below: below.cloned().unwrap_or_default(),
        division: account.division.clone(),
    }
}

fn colleagues(account: &Account, all: &[Account]) -> BTreeSet<AccountId> {
    let shares = |role: &Role| account.roles.contains(role);
    let is_one = |other: &&Account| {
        other.id != account.id
            && account.office.is_some()
            && other.office == account.office
            && other.roles.iter().any(shares)
    };
    all.iter().filter(is_one).map(|other| other.id).collect()
}

fn worked(case: &CaseFacts) -> Worked {
    Worked {
        case: case.case,
        cell: case.cell,
        spot: case.spot,
        class: case.stands.last().and_then(|stand| stand.class.clone()),
        opened_at: case.opened_at,
    }
}

/// Explains looks at a number that was mistyped: the case meant was opened right after, and is explained.
fn slips(looks: &mut [Explained]) {
    for at in 1..looks.len() {
        let (before, after) = looks.split_at_mut(at);
        let (Some(first), Some(next)) = (before.last_mut(), after.first()) else {
            continue;
        };
        let is_soon = next.look.at.duration_since(first.look.at).as_secs() <= SLIP_S;
        let is_meant = next.is_explained && is_slip(first.look.case, next.look.case);
        if !first.is_explained && first.look.kind == LookKind::Read && is_soon && is_meant {
            first.explanations.insert(0, mistyped());
            first.is_explained = true;
        }
    }
}

/// The longest row of unexplained case numbers one after another.
fn run(looks: &[Explained]) -> u32 {
    let mut ids: Vec<i64> = looks
        .iter()
        .filter(|one| !one.is_explained)
        .map(|one| one.look.case.0)
        .collect();
    ids.dedup();
    let (mut longest, mut length) = (0, 1);
    for pair in ids.windows(ROW_MIN) {
        let is_next = matches!(pair, [one, other] if (1..=2).contains(&(other - one).abs()));
        length = if is_next { length + 1 } else { 1 };
        longest = longest.max(length);
    }
    longest
}

fn many(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
