//! Which policies are asked at all. Cedar looks at every policy of a set, so a question is put to the few that can hold
//! for its action, roles and purpose; the rest cannot change the answer.

use crate::actions::Action;
use crate::actors::{Actor, purpose_bit};
use crate::answers::{Answer, Asked};
use crate::decisions::Decision;
use crate::loading::Kept;
use crate::questions::{CaseFacts, Record, question};
use crate::situations::{Situation, situation};
use anlan_model::accesses::Purpose;
use cedar_policy::{Authorizer, PolicySet};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Sets kept at once; far more than a node has combinations of roles.
const KEPT_MAX: usize = 8_192;

type Key = (Action, u32, Purpose);

/// The policies that can hold for one action, some roles and a purpose.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// In the order of the files: the first that holds gives the reason.
    policies: Vec<Kept>,
    /// The same as Cedar takes them.
    set: OnceLock<PolicySet>,
    /// Whether there is a permit among them.
    permits: bool,
    /// Whether there would be one for another purpose.
    permits_otherwise: bool,
    /// What was said on cases so far, by situation.
    said: RwLock<HashMap<Situation, Decision>>,
}

/// The policies that can hold for one action.
#[derive(Debug, Default)]
struct Covering {
    /// Their places among all.
    places: Vec<usize>,
    /// The roles that they name, a bit each: others make no difference.
    roles: u32,
}

/// An index from action, roles and purpose to policies.
#[derive(Debug)]
pub(crate) struct Selection {
    all: Vec<Kept>,
    of_action: HashMap<Action, Covering>,
    sets: RwLock<HashMap<Key, Arc<Chosen>>>,
    everything: OnceLock<Chosen>,
}

impl Selection {
    pub(crate) fn new(all: Vec<Kept>) -> Self {
        let covering = |action: Action| {
            let mut found = Covering::default();
            let covering = all.iter().enumerate();
            for (at, kept) in covering.filter(|(_, kept)| kept.scope.covers(action)) {
                found.places.push(at);
                found.roles |= kept.scope.named;
            }
            found
        };
        let of_action = Action::ALL
            .iter()
            .map(|action| (*action, covering(*action)))
            .collect();
        Self {
            of_action,
            all,
            sets: RwLock::default(),
            everything: OnceLock::new(),
        }
    }

    /// Every policy, in the order of the files.
    pub(crate) fn all(&self) -> &[Kept] {
        &self.all
    }

    /// Those of the actor's roles of which some policy on this action speaks, a bit each.
    pub(crate) fn role_bits(&self, actor: &Actor, action: Action) -> u32 {
        let named = self.of_action.get(&action).map_or(0, |covering| covering.roles);
        actor.role_bits() & named
    }

    /// The policies that can hold for this actor's roles and purpose.
    pub(crate) fn chosen(&self, actor: &Actor, action: Action) -> Arc<Chosen> {
        let key = (action, self.role_bits(actor, action), actor.purpose_of(action));
        if let Some(found) = self.sets.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(found);
        }
        let made = Arc::new(self.choose(key));
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= KEPT_MAX {
            sets.clear();
        }
        Arc::clone(sets.entry(key).or_insert(made))
    }

    fn choose(&self, (action, roles, purpose): Key) -> Chosen {
        let covering = self.of_action.get(&action);
        let places = covering.into_iter().flat_map(|covering| &covering.places);
        let of_roles = places
            .filter_map(|at| self.all.get(*at))
            .filter(|kept| kept.scope.roles == u32::MAX || kept.scope.roles & roles != 0);
        let of_roles: Vec<&Kept> = of_roles.collect();
        let fitting = of_roles
            .iter()
            .filter(|kept| kept.scope.purposes & purpose_bit(purpose) != 0);
        Chosen::of(fitting.copied(), of_roles.iter().any(|kept| kept.permits))
    }

    /// Every policy there is, as if nothing were known of them: what a preselected answer must agree with.
    pub(crate) fn everything(&self) -> &Chosen {
        self.everything.get_or_init(|| Chosen::of(self.all.iter(), true))
    }
}

impl Chosen {
    fn of<'a>(kept: impl Iterator<Item = &'a Kept>, permits_otherwise: bool) -> Self {
        let policies: Vec<Kept> = kept.cloned().collect();
        Self {
            permits: policies.iter().any(|kept| kept.permits),
            policies,
            set: OnceLock::new(),
            permits_otherwise,
            said: RwLock::default(),
        }
    }

    /// What these policies say on a case, with the reason. Asked once per situation.
    pub(crate) fn decide_on_case(&self, actor: &Actor, action: Action, facts: CaseFacts<'_>) -> Decision {
        if !self.permits {
            return self.none();
        }
        let situation = situation(&facts, actor);
        let said = self.said.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = said.get(&situation) {
            return found.clone();
        }
        drop(said);
        let asked = Asked {
            actor,
            action,
            facts,
            situation,
        };
        let Ok(answers) = asked.answers(&self.policies) else {
            return Decision::out_of_reach();
        };
        let answered = |asked: Answer| {
            let answered = self.policies.iter().zip(&answers);
            answered
                .filter(move |(_, answer)| **answer == asked)
                .map(|(kept, _)| kept)
        };
        let failed = answered(Answer::Failed).next().is_some();
        let made = deciding(answered(Answer::Holds), failed);
        let mut said = self.said.write().unwrap_or_else(PoisonError::into_inner);
        said.insert(situation, made.clone());
        made
    }

    /// What these policies say, with the reason.
    pub(crate) fn decide(&self, actor: &Actor, action: Action, record: Record<'_>) -> Decision {
        if !self.permits {
            return self.none();
        }
        let Ok((request, known)) = question(actor, action, record) else {
            return Decision::out_of_reach();
        };
        let answer = Authorizer::new().is_authorized(&request, self.set(), &known);
        let holds = |kept: &&Kept| answer.diagnostics().reason().any(|id| id == kept.policy.id());
        let failed = answer.diagnostics().errors().next().is_some();
        deciding(self.policies.iter().filter(holds), failed)
    }

    fn set(&self) -> &PolicySet {
        self.set.get_or_init(|| {
            let policies = self.policies.iter().map(|kept| kept.policy.clone());
            // Names were found to be different when the policies were read.
            PolicySet::from_policies(policies).unwrap_or_default()
        })
    }

    /// Why nothing is allowed where no policy permits anything.
    fn none(&self) -> Decision {
        if self.permits_otherwise {
            Decision::wrong_purpose()
        } else {
            Decision::no_right()
        }
    }

    /// What the actor is told who may do this to some record.
    pub(crate) fn in_general(&self, reaches: bool) -> Decision {
        match self.policies.iter().find(|kept| kept.permits) {
            Some(kept) if reaches => Decision::allowed(&kept.words),
            Some(_) => Decision::out_of_reach(),
            None => self.none(),
        }
    }
}

/// What follows from the policies that hold, in the order of the files: a forbid goes before every permit.
fn deciding<'a>(holding: impl Iterator<Item = &'a Kept>, failed: bool) -> Decision {
    let mut permit = None;
    for kept in holding {
        if !kept.permits {
            return Decision::forbidden(&kept.words);
        }
        permit = permit.or(Some(kept));
    }
    match permit {
        // INVARIANT: a policy that failed could have been one that forbids.
        Some(kept) if !failed => Decision::allowed(&kept.words),
        _ => Decision::out_of_reach(),
    }
}
