//! Random questions, steered to where the answer tips: own and other office, longer and shorter division codes, complaints
//! about the own office, wrong purposes, off shift.

use anlan_model::accesses::Purpose;
use anlan_model::accounts::Role;
use anlan_model::cases::{Case, Clocks, Phase};
use anlan_model::classes::Priority;
use anlan_model::ids::{AccountId, CaseId, OfficeId, StateCode};
use anlan_model::incoming::Channel;
use anlan_model::places::Place;
use anlan_policy::{Action, Actor, Resource};
use std::hash::{BuildHasher as _, Hasher as _};

/// Numbers that look random (splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug)]
pub(crate) struct Chance {
    state: u64,
    /// What it began with, to be told when a test fails.
    pub(crate) seed: u64,
}

impl Chance {
    pub(crate) fn of(seed: u64) -> Self {
        Self { state: seed, seed }
    }

    /// Another one in every run.
    pub(crate) fn new() -> Self {
        Self::of(std::hash::RandomState::new().build_hasher().finish())
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    /// True `percent` times of a hundred.
    pub(crate) fn is(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

pub(crate) const PURPOSES: [Purpose; 6] = [
    Purpose::Case,
    Purpose::OwnReport,
    Purpose::Maintenance,
    Purpose::Audit,
    Purpose::Emergency,
    Purpose::Publication,
];

/// The roles that work on cases come more often: the others are refused everything here.
const ROLES: [Role; 22] = [
    Role::Resident,
    Role::Clerk,
    Role::Clerk,
    Role::Worker,
    Role::Worker,
    Role::Worker,
    Role::Duty,
    Role::Duty,
    Role::Officer,
    Role::Officer,
    Role::Officer,
    Role::Supervisor,
    Role::Supervisor,
    Role::Arbiter,
    Role::Commander,
    Role::Commander,
    Role::Steward,
    Role::Admin,
    Role::Auditor,
    Role::Privacy,
    Role::Directory,
    Role::System,
];

const DIVISIONS: [&str; 6] = ["", "99", "9901", "990101", "990101002", "9902"];

pub(crate) fn actor(chance: &mut Chance) -> Actor {
    let mut roles = vec![chance.one(&ROLES)];
    if chance.is(25) {
        roles.push(chance.one(&ROLES));
    }
    roles.dedup();
    Actor {
        account: chance.is(95).then(|| AccountId(chance.one(&[1, 2, 3]))),
        roles,
        office: chance.is(90).then(|| OfficeId(chance.one(&[1, 2, 3]))),
        division: chance.one(&DIVISIONS).into(),
        purpose: chance.is(20).then(|| chance.one(&PURPOSES)),
        on_shift: chance.is(40).then(|| chance.is(60)),
        opened: if chance.is(10) {
            vec![CaseId(1), CaseId(3)]
        } else {
            Vec::new()
        },
        approved: false,
        within: None,
    }
}

pub(crate) fn case_action(chance: &mut Chance) -> Action {
    let all: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.resource() == Resource::Case)
        .collect();
    // Reading is what most questions are about, and most roles may.
    if chance.is(30) {
        chance.one(&[Action::CaseRead, Action::CaseList])
    } else {
        chance.one(&all)
    }
}

/// A case that often is the actor's, nearly or truly.
pub(crate) fn case(chance: &mut Chance, actor: &Actor) -> Case {
    let own_or_any = |chance: &mut Chance, percent: usize| {
        if chance.is(percent) {
            actor.office
        } else {
            chance.is(70).then(|| OfficeId(chance.one(&[1, 2, 3, 4])))
        }
    };
    let office = own_or_any(chance, 55);
    let about_office = if chance.is(20) {
        own_or_any(chance, 40)
    } else {
        None
    };
    let division = match chance.below(10) {
        0 => None,
        1..=6 => Some(format!("{}{}", actor.division, chance.one(&["", "01", "002"]))),
        // One digit short of the actor's own code.
        7 => Some(
            actor
                .division
                .chars()
                .take(actor.division.len().saturating_sub(1))
                .collect(),
        ),
        _ => Some(chance.one(&DIVISIONS).into()),
    };
    let at = "2026-11-23T02:00:00Z".parse().unwrap();
    Case {
        id: CaseId(chance.one(&[1, 2, 3])),
        version: 1,
        class: None,
        title: String::new(),
        channel: Channel::Web,
        source: String::new(),
        state: StateCode::from("received"),
        phase: Phase::Open,
        priority: Priority::P3,
        place: Place {
            division,
            ..Place::default()
        },
        office,
        assignee: chance.is(50).then(|| AccountId(chance.one(&[1, 2, 3]))),
        handler: None,
        route: None,
        opened_at: at,
        updated_at: at,
        clocks: Clocks::default(),
        returns: 0,
        reworks: 0,
        is_arbitrated: false,
        urged: 0,
        reopened: 0,
        closing: None,
        rating: None,
        photos_after: 0,
        reports: 1,
        merged_into: None,
        split_from: None,
        about_office,
        is_marked_duplicate: false,
        source_on_time: None,
        texts_erased_at: None,
    }
}
