//! The year through the product's own examination, day by day, and what came of it: how many legitimate looks were explained,
//! and where in the ranked queue the planted misuse stands.

use crate::desk::{Desk, Line};
use crate::dice::Dice;
use crate::habits;
use crate::planting::{self, Misuse};
use crate::staff::{BEGIN_S, CENTRE, DAY_S, HOUR_S, Staff, time};
use anlan_app::reviews::{Examined, Grounds, LogDay, Memory, Rosters, examine, loose, note, peers, rank};
use anlan_model::accesses::Access;
use anlan_model::accounts::Account;
use anlan_model::calendars::Calendar;
use anlan_model::ids::{AccountId, CaseId};
use anlan_model::procedures::Procedure;
use anlan_model::reviews::{CaseFacts, DayFinding, Desk as Waits, ExplanationKind, Mandate};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Days before which nothing is judged: the usual is not known yet.
const LEARNING_DAYS: i64 = 28;

/// How large a year.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) seed: u64,
    pub(crate) days: i64,
    pub(crate) cases_per_day: f64,
    pub(crate) each: usize,
}

/// A simulated year, ready to be examined.
#[derive(Debug)]
pub(crate) struct Year {
    pub(crate) accounts: Vec<Account>,
    pub(crate) cases: HashMap<CaseId, CaseFacts>,
    pub(crate) mandates: Vec<Mandate>,
    pub(crate) lines: Vec<Line>,
    pub(crate) incidents: Vec<(Misuse, BTreeSet<AccountId>)>,
    pub(crate) days: i64,
}

impl Year {
    pub(crate) fn simulate(size: Size, calendar: &Calendar) -> Self {
        let mut dice = Dice::new(size.seed);
        let staff = Staff::hire(&mut dice, calendar, size.days);
        let floods: Vec<i64> = (0..size.days / 110)
            .map(|part| part * 110 + dice.between(50, 100))
            .collect();
        let mut desk = Desk::open(dice, &staff);
        desk.live(size.cases_per_day, &floods);
        desk.work();
        let mandates = habits::live(&mut desk, &floods);
        let kinds = planting::plant(&mut desk, size.each);
        let incidents = kinds
            .into_iter()
            .enumerate()
            .map(|(at, kind)| (kind, planting::accounts(&desk, at)))
            .collect();
        let Desk {
            mut lines, mut cases, ..
        } = desk;
        lines.sort_by_key(|line| line.access.at);
        let facts = cases.iter_mut().filter_map(|case| {
            case.events.sort_by_key(|(stamp, _)| stamp.at);
            let events = case.events.iter().map(|(stamp, event)| (stamp, event));
            Some((case.id, CaseFacts::of(case.id, events)?))
        });
        Self {
            accounts: staff.people.iter().map(|person| person.account.clone()).collect(),
            cases: facts.collect(),
            mandates,
            lines,
            incidents,
            days: size.days,
        }
    }
}

/// What came of a year.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Looks that belong to the work, and how many of them are explained.
    pub(crate) legitimate: (usize, usize),
    /// Planted looks, and how many of them are explained.
    pub(crate) planted: (usize, usize),
    /// Account-days ranked, and how many the first hundredth is.
    pub(crate) queue: (usize, usize),
    /// Incidents of each kind, and how many are in the first hundredth.
    pub(crate) found: BTreeMap<Misuse, (usize, usize)>,
    /// Account-days with planted looks, and how many of them are in the first hundredth.
    pub(crate) days: (usize, usize),
    /// Entries examined.
    pub(crate) entries: usize,
    /// Score of the last item of the first hundredth.
    pub(crate) bar: f64,
    /// What explained legitimate looks best, and how often.
    pub(crate) kinds: BTreeMap<String, usize>,
    /// Where each incident stands: kind, best rank, score.
    pub(crate) places: Vec<(Misuse, usize, f64)>,
    /// The first account-days of the queue, and whether misuse was planted there.
    pub(crate) items: Vec<(DayFinding, bool)>,
}

impl Judged {
    pub(crate) fn share_found(&self) -> f64 {
        let (all, found) = self
            .found
            .values()
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        share(found, all)
    }

    pub(crate) fn share_explained(&self) -> f64 {
        share(self.legitimate.1, self.legitimate.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of looks")]
pub(crate) fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

type Key = (AccountId, Date);

/// Which account-days hold planted entries of which incident.
type Marks = BTreeMap<Key, BTreeSet<usize>>;

pub(crate) fn judge(year: &Year, calendar: &Calendar) -> Judged {
    let procedure = Procedure::standard().ok();
    let waits = procedure
        .map(|one| Waits::of(&one, Some(CENTRE)))
        .unwrap_or_default();
    let rows: Vec<(i64, Access)> = (1..)
        .zip(year.lines.iter().map(|line| line.access.clone()))
        .collect();
    let company = peers(&year.accounts);
    let (below, warned, rosters) = (BTreeMap::new(), HashMap::new(), Rosters::default());
    let grounds = Grounds {
        desk: &waits,
        accounts: &year.accounts,
        below: &below,
        cases: &year.cases,
        warned: &warned,
        mandates: &year.mandates,
        rosters: &rosters,
    };
    let (mut memory, mut judged, mut marks, mut all) =
        (Memory::default(), Judged::default(), Marks::new(), Vec::new());
    for day in 0..year.days {
        let start = BEGIN_S + day * DAY_S;
        let at = |second: i64| rows.partition_point(|(_, access)| access.at < time(second));
        let (before, first, end) = (at(start - 3 * HOUR_S), at(start), at(start + DAY_S));
        let local = time(start).to_zoned_datetime(calendar.zone().clone());
        let log = LogDay {
            date: local.date(),
            zone: calendar.zone(),
            is_working_day: calendar.local(time(start)).is_working_day,
            before: rows.get(before..first).unwrap_or_default(),
            rows: rows.get(first..end).unwrap_or_default(),
        };
        let mut examined = examine(&log, &grounds, &memory);
        let open: Vec<_> = loose(&examined, &year.cases).collect();
        if day >= LEARNING_DAYS {
            let found = rank(log.date, &examined, &open, &company, &memory);
            note(&mut examined, &found);
            all.extend(found);
            count(&mut judged, year, &examined);
            mark(&mut marks, year, &log);
        }
        memory.take(
            log.date,
            examined.iter().map(|(id, one)| (*id, one.summary)),
            open,
        );
    }
    judged.entries = rows.len();
    place(&mut judged, year, &marks, all);
    judged
}

fn count(judged: &mut Judged, year: &Year, examined: &BTreeMap<AccountId, Examined>) {
    for one in examined.values().flat_map(|one| &one.looks) {
        let line = usize::try_from(one.look.seq - 1)
            .ok()
            .and_then(|at| year.lines.get(at));
        let is_planted = line.is_some_and(|line| line.incident.is_some());
        let sum = if is_planted {
            &mut judged.planted
        } else {
            &mut judged.legitimate
        };
        sum.0 += 1;
        sum.1 += usize::from(one.is_explained);
        if !is_planted {
            let best = one.explanations.first().map(|best| best.kind);
            let kind = if one.is_explained {
                word(best)
            } else {
                format!("unexplained, {}", role(year, one.look.account))
            };
            *judged.kinds.entry(kind).or_default() += 1;
        }
    }
}

fn role(year: &Year, account: AccountId) -> String {
    let found = year.accounts.iter().find(|one| one.id == account);
    found.map_or_else(String::new, |one| format!("{:?}", one.roles))
}

fn word(kind: Option<ExplanationKind>) -> String {
    kind.map_or_else(|| "none".to_owned(), |kind| format!("{kind:?}"))
}

fn mark(marks: &mut Marks, year: &Year, log: &LogDay<'_>) {
    for (seq, access) in log.rows {
        let line = usize::try_from(seq - 1).ok().and_then(|at| year.lines.get(at));
        if let (Some(incident), Some(actor)) = (line.and_then(|line| line.incident), access.actor) {
            marks.entry((actor, log.date)).or_default().insert(incident);
        }
    }
}

fn place(judged: &mut Judged, year: &Year, marks: &Marks, mut all: Vec<DayFinding>) {
    all.sort_by(|one, other| {
        let by_key = (one.day, one.account).cmp(&(other.day, other.account));
        other.score.total_cmp(&one.score).then(by_key)
    });
    let first = all.len().div_ceil(100);
    let mut best: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
    let mut is_top = 0;
    for (rank, finding) in all.iter().enumerate() {
        for incident in marks.get(&(finding.account, finding.day)).into_iter().flatten() {
            best.entry(*incident).or_insert((rank, finding.score));
        }
        is_top += usize::from(rank < first && marks.contains_key(&(finding.account, finding.day)));
    }
    for (at, (kind, _)) in year.incidents.iter().enumerate() {
        let (rank, score) = best.get(&at).copied().unwrap_or((all.len(), 0.0));
        let sum = judged.found.entry(*kind).or_default();
        sum.0 += 1;
        sum.1 += usize::from(rank < first);
        judged.places.push((*kind, rank, score));
    }
    judged.days = (marks.len(), is_top);
    judged.queue = (all.len(), first);
    judged.bar = all.get(first.saturating_sub(1)).map_or(0.0, |last| last.score);
    all.truncate(3 * first);
    judged.items = all
        .into_iter()
        .map(|one| {
            let is_planted = marks.contains_key(&(one.account, one.day));
            (one, is_planted)
        })
        .collect();
}
