//! The policies in force, and what may be asked of them. Denied unless a policy permits and none forbids.

use crate::actions::{Action, Resource};
use crate::actors::Actor;
use crate::decisions::Decision;
use crate::fields::FieldRows;
use crate::loading::{self, PolicyError, PolicyText};
use crate::owned;
use crate::pages::{self, RightChange};
use crate::questions::{PostFacts, Record};
use crate::reaches::Reaches;
use crate::rows::RowRule;
use crate::selecting::Selection;
use anlan_model::cases::Case;
use anlan_model::ids::AccountId;
use std::sync::{Arc, OnceLock};

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        &[$(PolicyText {
            name: concat!("policies/", $name),
            text: include_str!(concat!("../../../policies/", $name)),
        }),*]
    };
}

const SCHEMA: PolicyText<'static> = PolicyText {
    name: "policies/anlan.cedarschema",
    text: include_str!("../../../policies/anlan.cedarschema"),
};

const SHIPPED: &[PolicyText<'static>] = texts![
    "sessions.cedar",
    "intake.cedar",
    "cases.cedar",
    "reference.cedar",
    "imports.cedar",
    "accounts.cedar",
    "grants.cedar",
    "posts.cedar",
    "warnings.cedar",
    "alerts.cedar",
    "log.cedar",
    "retention.cedar",
    "node.cedar",
];

/// The policies in force. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    selection: Selection,
    reaches: Reaches,
}

impl Policy {
    /// Reads policies and checks them against Anlan's schema. One faulty policy refuses them all.
    pub fn load(sources: &[PolicyText<'_>]) -> Result<Self, PolicyError> {
        let (all, mut faults) = loading::parse(sources);
        faults.extend(loading::check(&SCHEMA, sources, &all));
        match faults.into_iter().next() {
            None => Ok(Self::of(all)),
            Some(first) => Err(first),
        }
    }

    /// The shipped policies with a node's own beside and in place of them; every fault if there is one.
    pub fn with_own(own: &[PolicyText<'_>]) -> Result<Self, Vec<PolicyError>> {
        let shipped = Self::shipped().map_err(|fault| vec![fault])?;
        let sources = owned::compose(SHIPPED, own);
        let (mut all, mut faults) = loading::parse(&sources);
        faults.extend(owned::keep_forbids(shipped.0.selection.all(), &sources, &mut all));
        faults.extend(loading::check(&SCHEMA, &sources, &all));
        if !faults.is_empty() {
            return Err(faults);
        }
        let made = Self::of(all);
        let faults = owned::still_runs(&shipped, &made, own);
        if faults.is_empty() { Ok(made) } else { Err(faults) }
    }

    /// The policies shipped with Anlan, read once per process. A test holds them to the schema, so that a start need not.
    pub fn shipped() -> Result<Self, PolicyError> {
        static ONCE: OnceLock<Result<Policy, PolicyError>> = OnceLock::new();
        let read = || {
            let (all, faults) = loading::parse(SHIPPED);
            faults.into_iter().next().map_or_else(|| Ok(Self::of(all)), Err)
        };
        ONCE.get_or_init(read).clone()
    }

    /// The files of the shipped policies.
    pub fn shipped_texts() -> &'static [PolicyText<'static>] {
        SHIPPED
    }

    fn of(all: Vec<loading::Kept>) -> Self {
        Self(Arc::new(Inner {
            selection: Selection::new(all),
            reaches: Reaches::default(),
        }))
    }

    /// May the actor do this at all (to some record)?
    pub fn may(&self, actor: &Actor, action: Action) -> Decision {
        if !actor.has_key_for(action) {
            return Decision::beyond_key();
        }
        let chosen = self.0.selection.chosen(actor, action);
        match action.resource() {
            Resource::Case => chosen.in_general(self.rows(actor, action).is_some()),
            // Some grant: one that nobody signed in asked for.
            Resource::Grant => chosen.decide(actor, action, Record::Grant(AccountId(0))),
            // Some post: the own office's, with a row about nobody or in the actor's own place.
            Resource::Post => chosen.decide(actor, action, Record::Post(PostFacts::for_any(actor))),
            _ => chosen.decide(actor, action, Record::Any),
        }
    }

    /// Every action the actor may do to some record: what a screen offers.
    pub fn actions_of(&self, actor: &Actor) -> Vec<Action> {
        let all = Action::ALL.iter().copied();
        all.filter(|action| self.may(actor, *action).allowed).collect()
    }

    /// The cases the actor may reach with this action on cases; `None` if there is none.
    pub fn rows(&self, actor: &Actor, action: Action) -> Option<RowRule> {
        if action.resource() == Resource::Case && actor.has_key_for(action) {
            return self.0.reaches.rule(&self.0.selection, actor, action);
        }
        None
    }

    /// May the actor do this to this case?
    pub fn may_on(&self, actor: &Actor, action: Action, case: &Case) -> Decision {
        if !actor.has_key_for(action) {
            return Decision::beyond_key();
        }
        let chosen = self.0.selection.chosen(actor, action);
        chosen.decide_on_case(actor, action, case.into())
    }

    /// May the actor do this to a grant that this account asked for?
    pub fn may_on_grant(&self, actor: &Actor, action: Action, asker: AccountId) -> Decision {
        if !actor.has_key_for(action) {
            return Decision::beyond_key();
        }
        let chosen = self.0.selection.chosen(actor, action);
        chosen.decide(actor, action, Record::Grant(asker))
    }

    /// May the actor do this to this post?
    pub fn may_on_post(&self, actor: &Actor, action: Action, post: PostFacts<'_>) -> Decision {
        if !actor.has_key_for(action) {
            return Decision::beyond_key();
        }
        let chosen = self.0.selection.chosen(actor, action);
        chosen.decide(actor, action, Record::Post(post))
    }

    /// The same as `may_on`, asked of every policy there is. For comparing and measuring; thousands of policies take milliseconds.
    pub fn may_on_by_all(&self, actor: &Actor, action: Action, case: &Case) -> Decision {
        let everything = self.0.selection.everything();
        everything.decide(actor, action, Record::Case(case.into()))
    }

    /// Which fields of which case the actor may see.
    pub fn fields(&self, actor: &Actor) -> FieldRows {
        FieldRows::of(|action| self.rows(actor, action))
    }

    /// Which rights are others than with these policies.
    pub fn changes_from(&self, before: &Self) -> Vec<RightChange> {
        pages::changes(before, self)
    }

    /// All of it for people who do not program: role × action, fields, and every policy in words.
    pub fn as_markdown(&self) -> String {
        pages::rights(self, self.0.selection.all())
    }
}
