//! How unusual one account's day is, as points with reasons. Each part compares a count with what is usual for the account
//! and its peers; nothing is learnt that could not be said in a sentence.
//!
//! A count X of a day is compared with a negative binomial whose mean is shrunken from the account's own days to its peers'
//! (an empirical Bayes estimate: own sum and days, plus `PRIOR_DAYS` days of the peers' mean), and whose size r allows for
//! days that differ. The points are −log10 P(X ≥ x), so 2 points are one day in a hundred. Slow excess is a one-sided CUSUM
//! (Page, Continuous inspection schemes, Biometrika 41, 1954) over the days of the window.

use super::days::Examined;
use super::memory::Memory;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId};
use anlan_model::reviews::{AccountDay, Finding, LooseLook, Part, PartKind};
use anlan_scan::temporal::distributions::{negative_binomial_upper, poisson_upper};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Points from which a day comes into the queue: on simulated years about two days in a hundred.
pub const FLOOR: f64 = 4.0;
/// Days of the peers' mean that an account's own days are mixed with.
const PRIOR_DAYS: f64 = 8.0;
/// Peers that must be there before a busy day is one for all.
const PEERS_MIN: usize = 4;
/// A day on which peers open that many times more than usual is a flood; more is not believed.
const BUSY_MAX: f64 = 6.0;
/// Looks at one case within this long are one occasion.
const ONE_LOOK_H: i64 = 6;
/// Stretches of days in which somebody may come back to a place.
const RETURN_DAYS: [i64; 3] = [7, 21, 60];
/// Fewer returns than this are not believed to be usual.
const RETURN_FLOOR: f64 = 0.01;
/// Accounts looking at the same case, unexplained, from which on it is talked about.
const CROWD_MIN: usize = 3;
/// Days within which two accounts looking at the same case are together.
const TOGETHER_DAYS: i32 = 10;
/// Fewer others at one case than this are not believed to be usual.
const CROWD_FLOOR: f64 = 0.06;
/// Fewer shared cases than this are not believed to be usual.
const SHARED_FLOOR: f64 = 0.02;

/// How a count is weighed: which one, how much its days differ, the most points, and what a point is worth.
struct Rule {
    kind: PartKind,
    count: fn(&AccountDay) -> u32,
    size: f64,
    worth: f64,
    most: f64,
    /// A usual count below this is not believed.
    floor: f64,
    /// Below this many nothing is said.
    least: u32,
}

const RULES: [Rule; 5] = [
    Rule {
        kind: PartKind::Unexplained,
        count: |day| day.weight,
        size: 1.5,
        worth: 1.0,
        most: 5.0,
        floor: 0.3,
        least: 1,
    },
    Rule {
        kind: PartKind::Contacts,
        count: |day| day.contacts,
        size: 1.5,
        worth: 0.8,
        most: 3.0,
        floor: 0.2,
        least: 1,
    },
    Rule {
        kind: PartKind::Volume,
        count: |day| day.cases,
        size: 4.0,
        worth: 0.4,
        most: 2.0,
        floor: 2.0,
        least: 8,
    },
    Rule {
        kind: PartKind::Rows,
        count: |day| day.rows / 20,
        size: 1.5,
        worth: 0.8,
        most: 8.0,
        floor: 2.0,
        least: 5,
    },
    Rule {
        kind: PartKind::OffDuty,
        count: |day| day.off_duty,
        size: 1.0,
        worth: 1.0,
        most: 4.0,
        floor: 0.15,
        least: 1,
    },
];

/// Marks the days whose slow excess came into the queue: after an alarm the sum begins anew.
pub fn note(examined: &mut BTreeMap<AccountId, Examined>, found: &[Finding]) {
    let told = found
        .iter()
        .filter(|one| one.score >= FLOOR && one.parts.iter().any(|part| part.kind == PartKind::Slow));
    for finding in told {
        if let Some(one) = examined.get_mut(&finding.account) {
            one.summary.is_told = true;
        }
    }
}

/// Ranks a day: a finding for every account that looked, most points first. Ties go by account.
pub fn rank(
    day: Date,
    examined: &BTreeMap<AccountId, Examined>,
    today: &[LooseLook],
    company: &BTreeMap<AccountId, Role>,
    memory: &Memory,
) -> Vec<Finding> {
    let usual = Usual::of(day, examined, company, memory);
    let shared = Shared::of(today, memory);
    let occasions = Occasions::of(today, company, memory);
    let mut found: Vec<Finding> = examined
        .iter()
        .map(|(account, one)| {
            let summary = &one.summary;
            let mut parts: Vec<Part> = RULES
                .iter()
                .filter_map(|rule| usual.part(rule, *account, summary))
                .collect();
            parts.extend(usual.slow(*account, summary));
            parts.extend(occasions.part(*account, company.get(account), today));
            parts.extend(sequence(summary));
            parts.extend(shared.part(*account));
            parts.extend(shared.crowd(*account));
            parts.sort_by(|one, other| {
                other
                    .points
                    .total_cmp(&one.points)
                    .then(one.kind.cmp(&other.kind))
            });
            Finding {
                account: *account,
                day,
                score: parts.iter().map(|part| part.points).sum(),
                parts,
                cases: summary.cases,
                unexplained: summary.unexplained,
            }
        })
        .collect();
    found.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then(one.account.cmp(&other.account))
    });
    found
}

/// What is usual for each account: own days of the window, and peers'.
struct Usual<'a> {
    own: HashMap<AccountId, Vec<&'a AccountDay>>,
    peers: HashMap<Role, Vec<AccountId>>,
    company: &'a BTreeMap<AccountId, Role>,
    busy: HashMap<Role, f64>,
}

impl<'a> Usual<'a> {
    fn of(
        day: Date,
        examined: &BTreeMap<AccountId, Examined>,
        company: &'a BTreeMap<AccountId, Role>,
        memory: &'a Memory,
    ) -> Self {
        let mut usual = Self {
            own: HashMap::new(),
            peers: HashMap::new(),
            company,
            busy: HashMap::new(),
        };
        for (account, role) in company {
            let own = memory
                .days_of(*account, day)
                .map(|(_, summary)| summary)
                .collect();
            usual.own.insert(*account, own);
            usual.peers.entry(*role).or_default().push(*account);
        }
        let roles: Vec<Role> = usual.peers.keys().copied().collect();
        for role in roles {
            let busy = usual.busy(role, examined);
            usual.busy.insert(role, busy);
        }
        usual
    }

    fn sum(&self, account: AccountId, count: fn(&AccountDay) -> u32) -> (f64, f64) {
        let days = self.own.get(&account).map_or(&[][..], Vec::as_slice);
        let sum: u32 = days.iter().map(|day| count(day)).sum();
        (f64::from(sum), number(days.len()))
    }

    /// The middle of the peers' means: one account that looks at too much does not move it.
    fn peers_mean(&self, account: AccountId, count: fn(&AccountDay) -> u32) -> f64 {
        let role = self.company.get(&account);
        let peers = role.and_then(|role| self.peers.get(role));
        let means = peers.into_iter().flatten().filter_map(|peer| {
            let (sum, days) = self.sum(*peer, count);
            (days > 0.0).then(|| sum / days)
        });
        middle(means.collect())
    }

    fn mean(&self, account: AccountId, count: fn(&AccountDay) -> u32) -> f64 {
        let (sum, days) = self.sum(account, count);
        let peers = self.peers_mean(account, count).max(0.02);
        (sum + PRIOR_DAYS * peers) / (days + PRIOR_DAYS)
    }

    /// How many times more than usual the peers of a role open today.
    fn busy(&self, role: Role, examined: &BTreeMap<AccountId, Examined>) -> f64 {
        let peers = self.peers.get(&role).into_iter().flatten();
        let times: Vec<f64> = peers
            .filter_map(|peer| {
                let cases = f64::from(examined.get(peer)?.summary.cases);
                Some(cases / self.mean(*peer, |day| day.cases).max(1.0))
            })
            .collect();
        if times.len() < PEERS_MIN {
            return 1.0;
        }
        middle(times).clamp(1.0, BUSY_MAX)
    }

    fn times(&self, account: AccountId) -> f64 {
        let role = self.company.get(&account);
        role.and_then(|role| self.busy.get(role)).copied().unwrap_or(1.0)
    }

    fn part(&self, rule: &Rule, account: AccountId, today: &AccountDay) -> Option<Part> {
        let seen = (rule.count)(today);
        if seen < rule.least {
            return None;
        }
        let usual = (self.mean(account, rule.count) * self.times(account)).max(rule.floor);
        let chance = negative_binomial_upper(f64::from(seen), rule.size, rule.size / (rule.size + usual));
        let points = (rule.worth * -chance.max(1e-12).log10()).min(rule.most);
        let scale = if rule.kind == PartKind::Rows { 20.0 } else { 1.0 };
        let seen = if rule.kind == PartKind::Unexplained {
            today.unexplained
        } else {
            seen
        };
        (points >= 0.3).then(|| Part {
            kind: rule.kind,
            points,
            seen: f64::from(seen) * scale,
            usual: usual * scale,
            other: None,
        })
    }

    /// A one-sided CUSUM of unexplained cases per day, against the account's first weeks and its peers.
    fn slow(&self, account: AccountId, today: &AccountDay) -> Option<Part> {
        let days = self.own.get(&account).map_or(&[][..], Vec::as_slice);
        let early: Vec<f64> = days
            .iter()
            .take(days.len() / 2)
            .map(|day| f64::from(day.unexplained))
            .collect();
        let peers = self.peers_mean(account, |day| day.unexplained).max(0.05);
        let usual = (early.iter().sum::<f64>().min(2.5 * peers * number(early.len())) + PRIOR_DAYS * peers)
            / (number(early.len()) + PRIOR_DAYS);
        let spread = (usual + usual * usual / 1.5).sqrt();
        let (slack, bar) = (0.5 * spread + 0.25, 5.0 * spread + 2.0);
        let mut sum: f64 = 0.0;
        for day in days.iter().copied().chain([today]) {
            if day.is_told {
                // After an alarm the sum begins anew.
                sum = 0.0;
                continue;
            }
            sum = (sum + f64::from(day.unexplained).min(usual + 6.0 * spread) - usual - slack).max(0.0);
        }
        let points = (1.5 * sum / bar).min(4.0);
        (points >= 1.0 && today.unexplained > 0).then_some(Part {
            kind: PartKind::Slow,
            points,
            seen: sum,
            usual,
            other: None,
        })
    }
}

/// Looks without a tie as occasions: hours apart, one after another, each at a place.
struct Occasions {
    /// Of each account, in order of time; with whether office or post explain it.
    of: HashMap<AccountId, Vec<Occasion>>,
    /// How likely two occasions of somebody of that role are at the same place.
    alike: HashMap<Role, f64>,
}

#[derive(Clone, Copy)]
struct Occasion {
    at: Timestamp,
    place: Spot,
    is_explained: bool,
}

/// A house and its neighbours; a case without a place is one of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Spot {
    Place(i32, i32),
    Case(CaseId),
}

impl Occasions {
    fn of(today: &[LooseLook], company: &BTreeMap<AccountId, Role>, memory: &Memory) -> Self {
        let mut last: HashMap<(AccountId, Spot), (usize, Timestamp)> = HashMap::new();
        let mut of: HashMap<AccountId, Vec<Occasion>> = HashMap::new();
        for look in memory.looks.iter().chain(today) {
            let place = look
                .spot
                .map_or(Spot::Case(look.case), |(x, y)| Spot::Place(x, y));
            let own = of.entry(look.account).or_default();
            let before = last.get(&(look.account, place));
            if let Some((index, at)) = before.copied() {
                if look.at.duration_since(at).as_hours() < ONE_LOOK_H {
                    if let Some(same) = own.get_mut(index) {
                        same.is_explained &= look.is_explained;
                    }
                    continue;
                }
            }
            last.insert((look.account, place), (own.len(), look.at));
            own.push(Occasion {
                at: look.at,
                place,
                is_explained: look.is_explained,
            });
        }
        let mut pairs: HashMap<Role, (f64, f64)> = HashMap::new();
        for (account, own) in &of {
            if let Some(role) = company.get(account) {
                let (same, all) = pairs.entry(*role).or_default();
                let mut times: HashMap<Spot, usize> = HashMap::new();
                for one in own {
                    *times.entry(one.place).or_default() += 1;
                }
                let pairs_of = |count: usize| number(count) * (number(count) - 1.0) / 2.0;
                // Somebody who returns again and again does not make it usual.
                *same += times.values().map(|count| pairs_of((*count).min(3))).sum::<f64>();
                *all += pairs_of(own.len());
            }
        }
        let alike = pairs
            .into_iter()
            .map(|(role, (same, all))| (role, (same + 1.0) / (all + 300.0)))
            .collect();
        Self { of, alike }
    }

    /// How unlikely it is that chance brings somebody back to a place of today that often.
    fn part(&self, account: AccountId, role: Option<&Role>, today: &[LooseLook]) -> Option<Part> {
        let own = self.of.get(&account)?;
        let alike = role
            .and_then(|role| self.alike.get(role))
            .copied()
            .unwrap_or(0.01);
        let now = today.iter().filter(|look| look.account == account).map(|look| look.at).max()?;
        let mut best: Option<Part> = None;
        let places: BTreeSet<_> = today
            .iter()
            .filter(|look| look.account == account)
            .map(|look| {
                look.spot
                    .map_or((None, look.case), |spot| (Some(spot), CaseId(0)))
            })
            .collect();
        for (spot, case) in places {
            let place = spot.map_or(Spot::Case(case), |(x, y)| Spot::Place(x, y));
            for days in RETURN_DAYS {
                let from = now - jiff::SignedDuration::from_hours(24 * days);
                let recent = own.iter().filter(|one| one.at >= from);
                let (mut all, mut here, mut open) = (0, 0, 0);
                for one in recent {
                    all += 1;
                    if one.place == place {
                        here += 1;
                        open += usize::from(!one.is_explained);
                    }
                }
                if here < 2 {
                    continue;
                }
                let usual = number(all - 1) * alike;
                let chance = poisson_upper(number(here - 1), usual.max(RETURN_FLOOR));
                // As many places, and as many stretches of time, could have been the one.
                let tries = (number(all) * number(RETURN_DAYS.len())).max(1.0);
                let points = (surprise(chance * tries) + 0.7 * number(open.saturating_sub(1))).min(6.0);
                if points >= 0.5 && best.as_ref().is_none_or(|part| part.points < points) {
                    best = Some(Part {
                        kind: PartKind::Repeated,
                        points,
                        seen: number(here),
                        usual: 1.0 + usual,
                        other: None,
                    });
                }
            }
        }
        best
    }
}

fn sequence(today: &AccountDay) -> Option<Part> {
    (today.run >= 4).then(|| Part {
        kind: PartKind::Sequence,
        points: (0.6 * f64::from(today.run - 3)).min(4.0),
        seen: f64::from(today.run),
        usual: 1.0,
        other: None,
    })
}

/// Which accounts looked at the same cases, unexplained, within some days.
struct Shared {
    /// Cases of each account.
    cases: HashMap<AccountId, BTreeSet<CaseId>>,
    /// Accounts of each case.
    accounts: HashMap<CaseId, BTreeSet<AccountId>>,
    today: HashMap<AccountId, BTreeSet<CaseId>>,
    /// How likely a look of one account and a look of another are at the same case.
    meet: f64,
}

impl Shared {
    fn of(today: &[LooseLook], memory: &Memory) -> Self {
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
    fn crowd(&self, account: AccountId) -> Option<Part> {
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
    fn part(&self, account: AccountId) -> Option<Part> {
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

/// Points of something that chance brings with this probability, or that often.
fn surprise(chance: f64) -> f64 {
    -chance.clamp(1e-12, 1.0).log10()
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of accounts, cases and days")]
fn number(count: usize) -> f64 {
    count as f64
}
