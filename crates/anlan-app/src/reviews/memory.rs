//! What is remembered of earlier days: a summary per account and day, and the looks that nothing explained. Pure; the store
//! keeps both, and hands back as much as `WINDOW_DAYS` and `LOOKS_DAYS` say.

use super::ranking::number;
use anlan_model::accounts::{Account, Role};
use anlan_model::ids::AccountId;
use anlan_model::reviews::{AccountDay, LooseLook};
use jiff::civil::Date;
use std::collections::{BTreeMap, VecDeque};

/// Days from which the usual is told.
pub const WINDOW_DAYS: i32 = 56;
/// Days for which looks without a tie are remembered.
pub const LOOKS_DAYS: i32 = 60;
/// Share of days on which somebody must have worked at an hour for it to be theirs.
const SHARE_OF_DAYS: f64 = 0.05;
/// Before this many days are known, every hour may be theirs.
const KNOWN_DAYS: usize = 8;

/// Everything remembered.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    days: BTreeMap<AccountId, VecDeque<(Date, AccountDay)>>,
    pub(super) looks: VecDeque<LooseLook>,
}

/// Days from one date to another.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

impl Memory {
    /// What the store has kept, days and looks oldest first.
    pub(super) fn of(days: Vec<(Date, AccountId, AccountDay)>, looks: Vec<LooseLook>) -> Self {
        let mut memory = Self {
            looks: looks.into(),
            ..Self::default()
        };
        for (day, account, summary) in days {
            memory.days.entry(account).or_default().push_back((day, summary));
        }
        memory
    }

    /// Adds a day's summaries and unexplained looks, and forgets what is too old for the day after it.
    pub fn take(
        &mut self,
        day: Date,
        summaries: impl IntoIterator<Item = (AccountId, AccountDay)>,
        looks: impl IntoIterator<Item = LooseLook>,
    ) {
        for (account, summary) in summaries {
            self.days.entry(account).or_default().push_back((day, summary));
        }
        for days in self.days.values_mut() {
            while days
                .front()
                .is_some_and(|(old, _)| days_between(*old, day) >= WINDOW_DAYS)
            {
                days.pop_front();
            }
        }
        self.days.retain(|_, days| !days.is_empty());
        self.looks.extend(looks);
        let span = jiff::SignedDuration::from_hours(24 * i64::from(LOOKS_DAYS));
        if let Some(from) = self.looks.back().and_then(|last| last.at.checked_sub(span).ok()) {
            self.looks.retain(|look| look.at >= from);
        }
    }

    /// The days of an account before `day`, oldest first.
    pub(super) fn days_of(
        &self,
        account: AccountId,
        day: Date,
    ) -> impl DoubleEndedIterator<Item = &(Date, AccountDay)> {
        let known = self.days.get(&account).into_iter().flatten();
        known.filter(move |(old, _)| *old < day && days_between(*old, day) <= WINDOW_DAYS)
    }

    /// The hours of an account on a day of that kind, a bit each: those in which it was seen to work on enough such days.
    /// Somebody who seldom does more than look is judged by looking.
    pub(super) fn hours(&self, account: AccountId, day: Date, is_working_day: bool) -> u32 {
        let known: Vec<&AccountDay> = self.days_of(account, day).map(|(_, summary)| summary).collect();
        if known.len() < KNOWN_DAYS {
            return u32::MAX;
        }
        let acting = known.iter().filter(|one| one.acted != 0).count();
        let is_worker = acting * 3 >= known.len();
        let (from, all) = self.span(account, day, is_working_day);
        let needed = (SHARE_OF_DAYS * f64::from(all)).max(1.0);
        let mask = |one: &AccountDay| if is_worker { one.acted } else { one.looked };
        let mut hours = 0;
        for hour in 0..24_u32 {
            let near = (1_u32 << hour) | (1 << ((hour + 1) % 24)) | (1 << ((hour + 23) % 24));
            let seen = known
                .iter()
                .filter(|one| one.is_working_day == is_working_day && mask(one) & near != 0);
            if from && number(seen.count()) >= needed {
                hours |= 1 << hour;
            }
        }
        hours
    }

    /// Whether anything is known of such days, and how many there have been since the account was first seen.
    fn span(&self, account: AccountId, day: Date, is_working_day: bool) -> (bool, u32) {
        let first = self.days_of(account, day).map(|(date, _)| *date).next();
        let days = first.map_or(0, |first| days_between(first, day)).unsigned_abs();
        let share = if is_working_day { 5 } else { 2 };
        (days > 0, (days * share).div_ceil(7).max(1))
    }
}

/// Accounts by the company they are compared with: those of the same leading role.
pub fn peers(accounts: &[Account]) -> BTreeMap<AccountId, Role> {
    let leading = |account: &Account| account.roles.iter().copied().min();
    accounts
        .iter()
        .filter_map(|account| Some((account.id, leading(account)?)))
        .collect()
}
