//! Coming back: on how many occasions, hours apart, somebody looked at one place without a tie to its cases. How often chance
//! brings somebody back is read from all accounts of the same role.

use super::memory::Memory;
use super::ranking::{number, surprise};
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId};
use anlan_model::reviews::{LooseLook, Part, PartKind};
use anlan_scan::temporal::distributions::poisson_upper;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Looks at one place within this long are one occasion.
const ONE_LOOK_H: i64 = 6;
/// Stretches of days in which somebody may come back to a place.
const RETURN_DAYS: [i64; 3] = [7, 21, 60];
/// Fewer returns than this are not believed to be usual.
const RETURN_FLOOR: f64 = 0.01;
/// Points for each further occasion that not even office or post explain.
const OPEN_WORTH: f64 = 0.7;
/// A place that somebody returns to again and again tells this much of what is usual.
const TIMES_MOST: usize = 3;

/// A house and its neighbours; a case without a place is one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Spot {
    Place(i32, i32),
    Case(CaseId),
}

impl Spot {
    fn of(look: &LooseLook) -> Self {
        look.spot
            .map_or(Self::Case(look.case), |(x, y)| Self::Place(x, y))
    }
}

#[derive(Debug, Clone, Copy)]
struct Occasion {
    at: Timestamp,
    spot: Spot,
    is_explained: bool,
}

/// Looks without a tie as occasions, hours apart, each at a place.
pub(super) struct Occasions {
    /// Of each account, in order of time.
    of: HashMap<AccountId, Vec<Occasion>>,
    /// How likely two occasions of somebody of that role are at the same place.
    alike: HashMap<Role, f64>,
    /// When each account last looked today, and where it has been.
    today: HashMap<AccountId, (Timestamp, BTreeSet<Spot>)>,
}

impl Occasions {
    pub(super) fn of(today: &[LooseLook], company: &BTreeMap<AccountId, Role>, memory: &Memory) -> Self {
        let mut last: HashMap<(AccountId, Spot), (usize, Timestamp)> = HashMap::new();
        let mut of: HashMap<AccountId, Vec<Occasion>> = HashMap::new();
        for look in memory.looks.iter().chain(today) {
            let spot = Spot::of(look);
            let own = of.entry(look.account).or_default();
            let before = last.get(&(look.account, spot)).copied();
            let same = before
                .filter(|(_, at)| look.at.duration_since(*at).as_hours() < ONE_LOOK_H)
                .and_then(|(index, _)| own.get_mut(index));
            if let Some(same) = same {
                same.is_explained &= look.is_explained;
                continue;
            }
            last.insert((look.account, spot), (own.len(), look.at));
            own.push(Occasion {
                at: look.at,
                spot,
                is_explained: look.is_explained,
            });
        }
        let mut places: HashMap<AccountId, (Timestamp, BTreeSet<Spot>)> = HashMap::new();
        for look in today {
            let (last, spots) = places
                .entry(look.account)
                .or_insert_with(|| (look.at, BTreeSet::new()));
            *last = look.at.max(*last);
            spots.insert(Spot::of(look));
        }
        let alike = alike(&of, company);
        Self {
            of,
            alike,
            today: places,
        }
    }

    /// How unlikely it is that chance brings somebody back to a place of today that often.
    pub(super) fn part(&self, account: AccountId, role: Option<&Role>) -> Option<Part> {
        let own = self.of.get(&account)?;
        let alike = role.and_then(|role| self.alike.get(role)).copied()?;
        let (now, spots) = self.today.get(&account)?;
        let stretches = RETURN_DAYS.into_iter().flat_map(|days| {
            let from = *now - SignedDuration::from_hours(24 * days);
            let recent: Vec<Occasion> = own.iter().filter(|one| one.at >= from).copied().collect();
            spots.iter().map(move |spot| returns(&recent, *spot, alike))
        });
        stretches
            .flatten()
            .max_by(|one, other| one.points.total_cmp(&other.points))
    }
}

/// How surprising the returns to one place are among these occasions.
fn returns(recent: &[Occasion], spot: Spot, alike: f64) -> Option<Part> {
    let here: Vec<&Occasion> = recent.iter().filter(|one| one.spot == spot).collect();
    if here.len() < 2 {
        return None;
    }
    let open = here.iter().filter(|one| !one.is_explained).count();
    let usual = number(recent.len() - 1) * alike;
    let chance = poisson_upper(number(here.len() - 1), usual.max(RETURN_FLOOR));
    // Any of the places, and any of the stretches, could have been the one.
    let tries = number(recent.len()) * number(RETURN_DAYS.len());
    let points = (surprise(chance * tries) + OPEN_WORTH * number(open.saturating_sub(1))).min(6.0);
    (points >= 0.5).then(|| Part {
        kind: PartKind::Repeated,
        points,
        seen: number(here.len()),
        usual: 1.0 + usual,
        other: None,
    })
}

/// The share of pairs of occasions that are at one place, for each role.
fn alike(of: &HashMap<AccountId, Vec<Occasion>>, company: &BTreeMap<AccountId, Role>) -> HashMap<Role, f64> {
    let pairs_of = |count: usize| number(count) * (number(count) - 1.0) / 2.0;
    let mut pairs: HashMap<Role, (f64, f64)> = HashMap::new();
    for (account, own) in of {
        let Some(role) = company.get(account) else {
            continue;
        };
        let mut times: HashMap<Spot, usize> = HashMap::new();
        for one in own {
            *times.entry(one.spot).or_default() += 1;
        }
        let (same, all) = pairs.entry(*role).or_default();
        *same += times
            .values()
            .map(|count| pairs_of((*count).min(TIMES_MOST)))
            .sum::<f64>();
        *all += pairs_of(own.len());
    }
    pairs
        .into_iter()
        .map(|(role, (same, all))| (role, (same + 1.0) / (all + 300.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn look(account: i64, hour: i64, spot: i32) -> LooseLook {
        LooseLook {
            seq: hour,
            at: Timestamp::from_second(hour * HOUR).unwrap(),
            account: AccountId(account),
            case: CaseId(i64::from(spot)),
            spot: Some((spot, 0)),
            is_explained: true,
        }
    }

    /// Peers who look once a day, never twice at one place.
    fn peers(days: i64) -> Memory {
        let mut memory = Memory::default();
        for day in 0..days {
            for account in 2..6 {
                let spot = i32::try_from(1000 * account + day).unwrap();
                memory.looks.push_back(look(account, 24 * day, spot));
            }
        }
        memory
    }

    fn part(memory: &Memory, today: &[LooseLook]) -> Option<Part> {
        let company: BTreeMap<AccountId, Role> = (1..6).map(|id| (AccountId(id), Role::Officer)).collect();
        Occasions::of(today, &company, memory).part(AccountId(1), Some(&Role::Officer))
    }

    #[test]
    fn coming_back_for_weeks_is_seen_though_office_explains_each_look() {
        let mut memory = peers(40);
        for day in [10, 18, 26, 33] {
            memory.looks.push_back(look(1, 24 * day, 7));
        }
        let today = [look(1, 24 * 40, 7)];
        let found = part(&memory, &today).unwrap();
        assert!((found.seen - 5.0).abs() < 1e-9, "{found:?}");
        assert!(found.points > 3.0, "{found:?}");
    }

    #[test]
    fn one_sitting_is_one_occasion_and_other_places_are_none() {
        let memory = peers(40);
        let sitting = [look(1, 960, 7), look(1, 961, 7), look(1, 963, 7)];
        assert_eq!(part(&memory, &sitting), None);
        let places = [look(1, 960, 7), look(1, 968, 8), look(1, 976, 9)];
        assert_eq!(part(&memory, &places), None);
    }
}
