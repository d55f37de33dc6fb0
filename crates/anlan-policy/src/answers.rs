//! What single policies answered about cases. A policy is asked once for every situation that it can tell apart; how many
//! others there are, and who else has which roles, makes no difference to it.

use crate::actions::Action;
use crate::actors::Actor;
use crate::loading::Kept;
use crate::questions::{CaseFacts, QuestionError, Record, question};
use crate::situations::{Situation, looked_at};
use anlan_model::accesses::Purpose;
use cedar_policy::pst::Template;
use cedar_policy::{AuthorizationError, Authorizer, PolicyId, PolicySet};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// What one policy answers to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Holds,
    DoesNot,
    /// It could not be evaluated.
    Failed,
}

/// Everything a policy's answer depends on.
type Key = (Action, Purpose, u32, Situation);

/// Answers of one policy so far.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    looks_at: Situation,
    so_far: RwLock<HashMap<Key, Answer>>,
}

/// A question about a case, and where the case and who asks stand to each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) action: Action,
    pub(crate) facts: CaseFacts<'a>,
    pub(crate) situation: Situation,
}

impl Answers {
    pub(crate) fn of(policy: &Template) -> Self {
        Self {
            looks_at: looked_at(policy),
            so_far: RwLock::default(),
        }
    }
}

impl Asked<'_> {
    /// What each of these policies answers, in their order.
    pub(crate) fn answers(&self, policies: &[Kept]) -> Result<Vec<Answer>, QuestionError> {
        let mut all: Vec<Option<Answer>> = policies.iter().map(|kept| self.known(kept)).collect();
        if all.contains(&None) {
            // Where a forbid holds, Cedar does not say which permits do: so the two are asked apart.
            for permits in [true, false] {
                self.ask(policies, &mut all, permits)?;
            }
        }
        Ok(all
            .into_iter()
            .map(|answer| answer.unwrap_or(Answer::Failed))
            .collect())
    }

    fn key(&self, kept: &Kept) -> Key {
        (
            self.action,
            self.actor.purpose_of(self.action),
            self.actor.role_bits() & kept.scope.named,
            self.situation & kept.answers.looks_at,
        )
    }

    fn known(&self, kept: &Kept) -> Option<Answer> {
        let so_far = kept.answers.so_far.read().unwrap_or_else(PoisonError::into_inner);
        so_far.get(&self.key(kept)).copied()
    }

    /// Asks those permits, or forbids, whose answer is not known.
    fn ask(&self, policies: &[Kept], all: &mut [Option<Answer>], permits: bool) -> Result<(), QuestionError> {
        let unknown: Vec<(&Kept, &mut Option<Answer>)> = policies
            .iter()
            .zip(all)
            .filter(|(kept, answer)| kept.permits == permits && answer.is_none())
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let set = PolicySet::from_policies(unknown.iter().map(|(kept, _)| kept.policy.clone()));
        let (request, known) = question(self.actor, self.action, Record::Case(self.facts))?;
        let told = Authorizer::new().is_authorized(&request, &set.map_err(QuestionError::of)?, &known);
        for (kept, answer) in unknown {
            let id = kept.policy.id();
            let made = if told.diagnostics().errors().any(|error| failed(error) == id) {
                Answer::Failed
            } else if told.diagnostics().reason().any(|reason| reason == id) {
                Answer::Holds
            } else {
                Answer::DoesNot
            };
            let mut so_far = kept
                .answers
                .so_far
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            so_far.insert(self.key(kept), made);
            *answer = Some(made);
        }
        Ok(())
    }
}

/// Which policy could not be evaluated.
fn failed(error: &AuthorizationError) -> &PolicyId {
    match error {
        AuthorizationError::PolicyEvaluationError(error) => error.policy_id(),
    }
}
