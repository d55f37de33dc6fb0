//! One review, opened: every look of that day with what explains it, the days before beside the peers', and what was decided.
//! The looks are explained anew from the log, so that what is shown can be checked.

use super::days::examine;
use super::memory::{Memory, WINDOW_DAYS, peers};
use super::passing::{Known, again};
use crate::{App, Caller, Error, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::accounts::Account;
use anlan_model::ids::{AccountId, CaseId, ClassCode, ReviewId};
use anlan_model::reviews::{AccountDay, Explanation, LookKind, Review};
use anlan_policy::Action;
pub use anlan_store::reviews::KeptEvent as Step;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A review with all that a decision needs.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The review.
    pub review: Review,
    /// Accounts that it names.
    pub accounts: BTreeMap<AccountId, Account>,
    /// The looks of the day, in order of time.
    pub looks: Vec<LookedAt>,
    /// The days before and the day itself, oldest first.
    pub chart: Vec<ChartDay>,
    /// What happened to the review.
    pub steps: Vec<Step>,
}

/// One look and what explains it.
#[derive(Debug, Clone)]
pub struct LookedAt {
    /// When.
    pub at: Timestamp,
    /// At which case.
    pub case: CaseId,
    /// The number people use for it.
    pub number: String,
    /// What it is about.
    pub class: Option<ClassCode>,
    /// At what of it.
    pub kind: LookKind,
    /// What explains it, the strongest first.
    pub explanations: Vec<Explanation>,
    /// Whether that is enough.
    pub is_explained: bool,
    /// Whether it was the person's time to work.
    pub is_on_duty: bool,
}

/// A day of the account beside its peers.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartDay {
    /// Which.
    pub day: Date,
    /// Cases with explained looks only.
    pub explained: u32,
    /// Cases with a look that nothing explains.
    pub unexplained: u32,
    /// Mean of the peers' cases that day.
    pub peers: f64,
    /// Mean of the peers' unexplained cases that day.
    pub peers_unexplained: f64,
}

/// Opens a review.
pub fn read(app: &App, caller: &Caller, id: ReviewId) -> Result<Opened, Error> {
    app.require(caller, Action::ReviewRead)?;
    let node = app.node();
    let (review, steps, read, days) = app.store.read(|tx| {
        let review = anlan_store::reviews::find(tx, id)?.ok_or(Error::Missing { what: "review" })?;
        let steps = anlan_store::reviews::events(tx, id)?;
        let (account, day) = (review.finding.account, review.finding.day);
        let read = again(tx, &node, day, account)?;
        let first = day.saturating_sub(jiff::Span::new().days(WINDOW_DAYS));
        let days = anlan_store::reviews::days(tx, (first, day), None)?;
        Ok::<_, Error>((review, steps, read, days))
    })?;
    let account = review.finding.account;
    let entry = accesses::entry(app, caller, Action::ReviewRead, "review", id, Purpose::Audit);
    accesses::log(app, entry)?;
    let Some(read) = read else {
        return Ok(opened(review, steps, (Vec::new(), days), Vec::new()));
    };
    let known = Known::of(app, &node, &read)?;
    let own = days
        .iter()
        .filter(|(day, whose, _)| *whose == account && *day < review.finding.day);
    let memory = Memory::of(own.copied().collect(), Vec::new());
    let examined = examine(&read.log(&node), &known.grounds(), &memory).remove(&account);
    let looks = examined.unwrap_or_default().looks;
    let shown = looks.iter().map(|one| looked_at(&known, &node, one)).collect();
    let accounts = known.accounts().to_vec();
    Ok(opened(review, steps, (shown, days), accounts))
}

fn opened(
    review: Review,
    steps: Vec<Step>,
    (looks, days): (Vec<LookedAt>, Vec<(Date, AccountId, AccountDay)>),
    accounts: Vec<Account>,
) -> Opened {
    let chart = chart(&review, &days, &accounts);
    Opened {
        chart,
        looks,
        steps,
        accounts: accounts
            .into_iter()
            .map(|account| (account.id, account))
            .collect(),
        review,
    }
}

fn looked_at(
    known: &Known,
    node: &crate::jurisdictions::Jurisdiction,
    one: &super::days::Explained,
) -> LookedAt {
    let case = known.case(one.look.case);
    let year = case.map_or(one.look.at, |case| case.opened_at);
    LookedAt {
        at: one.look.at,
        case: one.look.case,
        number: one
            .look
            .case
            .number(node.calendar.zone().to_datetime(year).year()),
        class: case.and_then(|case| case.stands.last()?.class.clone()),
        kind: one.look.kind,
        explanations: one.explanations.clone(),
        is_explained: one.is_explained,
        is_on_duty: one.is_on_duty,
    }
}

fn chart(review: &Review, days: &[(Date, AccountId, AccountDay)], accounts: &[Account]) -> Vec<ChartDay> {
    let account = review.finding.account;
    let company = peers(accounts);
    let role = company.get(&account);
    let mut by_day: BTreeMap<Date, (AccountDay, Vec<AccountDay>)> = BTreeMap::new();
    for (day, whose, figures) in days {
        let line = by_day.entry(*day).or_default();
        if *whose == account {
            line.0 = *figures;
        } else if role.is_some() && company.get(whose) == role {
            line.1.push(*figures);
        }
    }
    let mean = |peers: &[AccountDay], count: fn(&AccountDay) -> u32| {
        let sum: u32 = peers.iter().map(count).sum();
        f64::from(sum) / f64::from(u32::try_from(peers.len()).unwrap_or(u32::MAX).max(1))
    };
    by_day
        .into_iter()
        .map(|(day, (own, others))| ChartDay {
            day,
            explained: own.cases.saturating_sub(own.unexplained),
            unexplained: own.unexplained,
            peers: mean(&others, |one| one.cases),
            peers_unexplained: mean(&others, |one| one.unexplained),
        })
        .collect()
}
