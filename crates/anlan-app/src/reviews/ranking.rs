//! How unusual one account's day is, as points with reasons. Each part compares a count with what is usual for the account
//! and its peers; nothing is learnt that could not be said in a sentence.
//!
//! A count X of a day is compared with a negative binomial whose mean is shrunken from the account's own days to its peers'
//! (an empirical Bayes estimate: own sum and days, plus `PRIOR_DAYS` days of the peers' mean), and whose size r allows for
//! days that differ. The points are −log10 P(X ≥ x), so 2 points are one day in a hundred. Slow excess is a one-sided CUSUM
//! (Page, Continuous inspection schemes, Biometrika 41, 1954) over the days of the window.

use super::days::Examined;
use super::memory::Memory;
use super::returning::Occasions;
use super::sharing::Shared;
use anlan_model::accounts::Role;
use anlan_model::ids::AccountId;
use anlan_model::reviews::{AccountDay, DayFinding, LooseLook, Part, PartKind};
use anlan_scan::temporal::distributions::negative_binomial_upper;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// Points from which a day comes into the queue: on simulated years a little more than one day in a hundred.
pub const FLOOR: f64 = 2.5;
/// Points from which a day with a slow excess counts as an alarm.
const ALARM: f64 = 4.0;
/// Days of the peers' mean that an account's own days are mixed with.
const PRIOR_DAYS: f64 = 8.0;
/// Peers that must be there before a busy day is one for all.
const PEERS_MIN: usize = 4;
/// A day on which peers open that many times more than usual is a flood; more is not believed.
const BUSY_MAX: f64 = 6.0;

/// One of a day's counts.
type Count = fn(&AccountDay) -> u32;

const CASES: Count = |day| day.cases;
const UNEXPLAINED: Count = |day| day.unexplained;

/// How a count is weighed: which one, how much its days differ, the most points, and what a point is worth.
struct Rule {
    kind: PartKind,
    count: Count,
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
        count: CASES,
        size: 4.0,
        worth: 0.3,
        most: 2.0,
        floor: 2.0,
        least: 8,
    },
    Rule {
        kind: PartKind::Rows,
        count: |day| day.rows / 20,
        size: 1.5,
        worth: 0.5,
        most: 6.0,
        floor: 2.0,
        least: 5,
    },
    Rule {
        kind: PartKind::OffDuty,
        count: |day| day.off_duty,
        size: 1.0,
        worth: 0.6,
        most: 5.0,
        floor: 0.15,
        least: 1,
    },
];

/// Marks the days whose slow excess came into the queue: after an alarm the sum begins anew.
pub fn note(examined: &mut BTreeMap<AccountId, Examined>, found: &[DayFinding]) {
    let told = found
        .iter()
        .filter(|one| one.score >= ALARM && one.parts.iter().any(|part| part.kind == PartKind::Slow));
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
) -> Vec<DayFinding> {
    let usual = Usual::of(day, examined, company, memory);
    let shared = Shared::of(today, memory);
    let occasions = Occasions::of(today, company, memory);
    let mut found: Vec<DayFinding> = examined
        .iter()
        .map(|(account, one)| {
            let summary = &one.summary;
            let mut parts: Vec<Part> = RULES
                .iter()
                .filter_map(|rule| usual.part(rule, *account, summary))
                .collect();
            parts.extend(usual.slow(*account, summary));
            parts.extend(occasions.part(*account, company.get(account)));
            parts.extend(sequence(summary));
            parts.extend(shared.part(*account));
            parts.extend(shared.crowd(*account));
            for part in &mut parts {
                (part.points, part.seen, part.usual) =
                    (rounded(part.points), rounded(part.seen), rounded(part.usual));
            }
            parts.sort_by(|one, other| {
                other
                    .points
                    .total_cmp(&one.points)
                    .then(one.kind.cmp(&other.kind))
            });
            DayFinding {
                account: *account,
                day,
                score: rounded(parts.iter().map(|part| part.points).sum()),
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
    /// The middle of the peers' means of what each kind of part counts.
    middles: HashMap<(Role, PartKind), f64>,
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
            middles: HashMap::new(),
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
        let rules = RULES.iter().map(|rule| (rule.kind, rule.count));
        let counts: Vec<_> = rules.chain([(PartKind::Slow, UNEXPLAINED)]).collect();
        for role in roles {
            for (kind, count) in &counts {
                let middle = usual.peers_mean(role, *count);
                usual.middles.insert((role, *kind), middle);
            }
            let busy = usual.busy(role, examined);
            usual.busy.insert(role, busy);
        }
        usual
    }

    fn sum(&self, account: AccountId, count: Count) -> (f64, f64) {
        let days = self.own.get(&account).map_or(&[][..], Vec::as_slice);
        let sum: u32 = days.iter().map(|day| count(day)).sum();
        (f64::from(sum), number(days.len()))
    }

    /// The middle of the peers' means: one account that looks at too much does not move it.
    fn peers_mean(&self, role: Role, count: Count) -> f64 {
        let means = self.peers.get(&role).into_iter().flatten().filter_map(|peer| {
            let (sum, days) = self.sum(*peer, count);
            (days > 0.0).then(|| sum / days)
        });
        middle(means.collect())
    }

    /// What `peers_mean` says of the account's peers; nothing for an account without any.
    fn middle_of(&self, account: AccountId, kind: PartKind) -> f64 {
        let role = self.company.get(&account);
        let middle = role.and_then(|role| self.middles.get(&(*role, kind)));
        middle.copied().unwrap_or(0.0)
    }

    fn mean(&self, account: AccountId, kind: PartKind, count: Count) -> f64 {
        let (sum, days) = self.sum(account, count);
        let peers = self.middle_of(account, kind).max(0.02);
        (sum + PRIOR_DAYS * peers) / (days + PRIOR_DAYS)
    }

    /// How many times more than usual the peers of a role open today.
    fn busy(&self, role: Role, examined: &BTreeMap<AccountId, Examined>) -> f64 {
        let peers = self.peers.get(&role).into_iter().flatten();
        let times: Vec<f64> = peers
            .filter_map(|peer| {
                let cases = f64::from(examined.get(peer)?.summary.cases);
                Some(cases / self.mean(*peer, PartKind::Volume, CASES).max(1.0))
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
        let usual = (self.mean(account, rule.kind, rule.count) * self.times(account)).max(rule.floor);
        let chance = negative_binomial_upper(f64::from(seen), rule.size, rule.size / (rule.size + usual));
        let points = (rule.worth * surprise(chance)).min(rule.most);
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
        let peers = self.middle_of(account, PartKind::Slow).max(0.05);
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

fn sequence(today: &AccountDay) -> Option<Part> {
    (today.run >= 4).then(|| Part {
        kind: PartKind::Sequence,
        points: (0.6 * f64::from(today.run - 3)).min(4.0),
        seen: f64::from(today.run),
        usual: 1.0,
        other: None,
    })
}

/// Points of something that chance brings with this probability, or that often.
pub(super) fn surprise(chance: f64) -> f64 {
    -chance.clamp(1e-12, 1.0).log10()
}

/// To thousandths: what is kept and shown is what is ranked by.
fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of accounts, cases and days")]
pub(super) fn number(count: usize) -> f64 {
    count as f64
}
