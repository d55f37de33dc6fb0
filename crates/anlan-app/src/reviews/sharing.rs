//! What accounts have in common: two that look at the same cases, and many that look at one. Only looks that nothing explains
//! count, within some days. How often two accounts meet by chance is read from all of them.

use super::memory::Memory;
use super::ranking::{number, surprise};
use anlan_model::ids::{AccountId, CaseId};
use anlan_model::reviews::{LooseLook, Part, PartKind};
use anlan_scan::temporal::distributions::poisson_upper;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Accounts looking at the same case, unexplained, from which on it is talked about.
const CROWD_MIN: usize = 3;
/// Days within which two accounts looking at the same case are together.
const TOGETHER_DAYS: i32 = 10;
/// Fewer others at one case than this are not believed to be usual.
const CROWD_FLOOR: f64 = 0.06;
/// Fewer shared cases than this are not believed to be usual.
const SHARED_FLOOR: f64 = 0.02;

/// Which accounts looked at the same cases, unexplained, within some days.
pub(super) struct Shared {
    /// Cases of each account.
    cases: HashMap<AccountId, BTreeSet<CaseId>>,
    /// Accounts of each case.
    accounts: HashMap<CaseId, BTreeSet<AccountId>>,
    today: HashMap<AccountId, BTreeSet<CaseId>>,
    /// How likely a look of one account and a look of another are at the same case.
    meet: f64,
}

impl Shared {
    pub(super) fn of(today: &[LooseLook], memory: &Memory) -> Self {
        let mut shared = Self {
            cases: HashMap::new(),
            accounts: HashMap::new(),
            today: HashMap::new(),
            meet: 0.0,
        };
        let last = today.iter().map(|look| look.at).max();
        let span = jiff::SignedDuration::from_hours(24 * i64::from(TOGETHER_DAYS));
        let from = last.and_then(|last| last.checked_sub(span).ok());
        let recent = memory
            .looks
            .iter()
            .filter(|look| from.is_none_or(|from| look.at >= from));
        for look in recent.chain(today).filter(|look| !look.is_explained) {
            shared.cases.entry(look.account).or_default().insert(look.case);
            shared.accounts.entry(look.case).or_default().insert(look.account);
        }
        for look in today.iter().filter(|look| !look.is_explained) {
            shared.today.entry(look.account).or_default().insert(look.case);
        }
        let pairs = |count: usize| number(count) * (number(count) - 1.0) / 2.0;
        // A case that everybody looks at tells little of any two of them.
        let met: f64 = shared.accounts.values().map(|all| pairs(all.len().min(3))).sum();
        let each: Vec<f64> = shared.cases.values().map(|cases| number(cases.len())).collect();
        let all: f64 = each.iter().sum();
        let squares: f64 = each.iter().map(|one| one * one).sum();
        shared.meet = (met + 1.0) / (0.5 * (all * all - squares) + 1000.0);
        shared
    }

    /// How many other accounts looked at one of today's cases, unexplained.
    pub(super) fn crowd(&self, account: AccountId) -> Option<Part> {
        let cases = self.today.get(&account)?;
        let most = cases
            .iter()
            .filter_map(|case| self.accounts.get(case))
            .map(BTreeSet::len)
            .max()?;
        if most < CROWD_MIN {
            return None;
        }
        let looks: usize = self.accounts.values().map(BTreeSet::len).sum();
        let usual = number(looks) / number(self.accounts.len()).max(1.0) - 1.0;
        let chance = poisson_upper(number(most - 1), usual.max(CROWD_FLOOR)) * number(cases.len());
        Some(Part {
            kind: PartKind::Crowd,
            points: surprise(chance).min(6.0),
            seen: number(most - 1),
            usual: usual.max(CROWD_FLOOR),
            other: None,
        })
    }

    /// Another account that shares more of the cases than chance brings.
    pub(super) fn part(&self, account: AccountId) -> Option<Part> {
        let today = self.today.get(&account)?;
        let mine = self.cases.get(&account)?;
        let mut with: BTreeMap<AccountId, u32> = BTreeMap::new();
        for case in mine {
            let others = self.accounts.get(case).into_iter().flatten();
            for other in others.filter(|other| **other != account) {
                *with.entry(*other).or_default() += 1;
            }
        }
        let meets_today = |other: &AccountId| {
            let theirs = self.cases.get(other);
            theirs.is_some_and(|theirs| today.iter().any(|case| theirs.contains(case)))
        };
        let tries = number(self.cases.len());
        let best = with
            .into_iter()
            .filter(|(other, seen)| *seen > 1 && meets_today(other))
            .map(|(other, seen)| {
                let theirs = number(self.cases.get(&other).map_or(0, BTreeSet::len));
                let usual = (number(mine.len()) * theirs * self.meet).max(SHARED_FLOOR);
                let chance = poisson_upper(f64::from(seen), usual) * tries;
                (surprise(chance), seen, usual, other)
            });
        let (points, seen, usual, other) =
            best.max_by(|one, two| one.0.total_cmp(&two.0).then(two.3.cmp(&one.3)))?;
        (points >= 0.5).then(|| Part {
            kind: PartKind::Shared,
            points: points.min(6.0),
            seen: f64::from(seen),
            usual,
            other: Some(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn look(seq: i64, account: i64, case: i64, is_explained: bool) -> LooseLook {
        LooseLook {
            seq,
            at: Timestamp::from_second(seq * 600).unwrap(),
            account: AccountId(account),
            case: CaseId(case),
            spot: None,
            is_explained,
        }
    }

    /// Ten accounts that each look at cases of their own.
    fn others() -> Memory {
        let mut memory = Memory::default();
        for seq in 0..200 {
            memory
                .looks
                .push_back(look(seq, 10 + seq % 10, 1000 + seq, false));
        }
        memory
    }

    #[test]
    fn two_accounts_after_the_same_cases_are_named_to_each_other() {
        let mut memory = others();
        for case in 1..5 {
            memory.looks.push_back(look(200 + case, 2, case, false));
        }
        let today: Vec<LooseLook> = (1..5).map(|case| look(300 + case, 1, case, false)).collect();
        let found = Shared::of(&today, &memory).part(AccountId(1)).unwrap();
        assert_eq!(found.other, Some(AccountId(2)));
        assert!((found.seen - 4.0).abs() < 1e-9 && found.points > 2.0, "{found:?}");
        let explained: Vec<LooseLook> = today
            .iter()
            .map(|one| LooseLook {
                is_explained: true,
                ..*one
            })
            .collect();
        assert_eq!(Shared::of(&explained, &memory).part(AccountId(1)), None);
    }

    #[test]
    fn a_crowd_is_seen_from_the_third_on() {
        let mut memory = others();
        memory.looks.push_back(look(250, 2, 7, false));
        let today = [look(300, 1, 7, false)];
        assert_eq!(Shared::of(&today, &memory).crowd(AccountId(1)), None);
        memory.looks.push_back(look(251, 3, 7, false));
        let found = Shared::of(&today, &memory).crowd(AccountId(1)).unwrap();
        assert!((found.seen - 2.0).abs() < 1e-9 && found.points > 1.5, "{found:?}");
    }
}
