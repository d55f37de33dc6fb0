//! Row rules out of the policies themselves. Which policies hold is asked of Cedar, about one made-up case for each thing
//! a policy may ask of a case; `forms` makes sure that there is nothing else it could ask. Kept per action, roles,
//! purpose and shift, so a list costs microseconds.

use crate::actions::Action;
use crate::actors::Actor;
use crate::questions::CaseFacts;
use crate::rows::RowRule;
use crate::selecting::{Chosen, Selection};
use anlan_model::accesses::Purpose;
use anlan_model::ids::{AccountId, CaseId, OfficeId};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

const KEPT_MAX: usize = 65_536;

type Key = (Action, u32, Purpose, bool, Option<bool>);

/// Which ways lead to a case, whoever it is that has these roles.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one per way, each on its own")]
struct Reach {
    all: bool,
    office: bool,
    division: bool,
    assignee: bool,
    opened: bool,
    hides_about: bool,
}

/// Reaches asked for so far.
#[derive(Debug, Default)]
pub(crate) struct Reaches(RwLock<HashMap<Key, Reach>>);

impl Reaches {
    /// The row rule of this actor; `None` if no case at all is in reach.
    pub(crate) fn rule(&self, selection: &Selection, actor: &Actor, action: Action) -> Option<RowRule> {
        let key = (
            action,
            selection.role_bits(actor, action),
            actor.purpose_of(action),
            actor.office.is_some(),
            actor.on_shift,
        );
        let kept = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .copied();
        let reach = kept.unwrap_or_else(|| {
            let reach = Reach::ask(&selection.chosen(actor, action), actor, action);
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= KEPT_MAX {
                all.clear();
            }
            all.insert(key, reach);
            reach
        });
        let rule = reach.rule(actor);
        (!rule.is_empty()).then_some(rule)
    }
}

const OWN: i64 = 1;
const OTHER: CaseId = CaseId(2);

impl Reach {
    fn ask(chosen: &Chosen, actor: &Actor, action: Action) -> Self {
        let own = OfficeId(OWN);
        let stand_in = Actor {
            account: Some(AccountId(OWN)),
            office: actor.office.map(|_| own),
            division: "1".into(),
            opened: vec![CaseId(OWN)],
            ..actor.clone()
        };
        let nothing = CaseFacts {
            id: OTHER,
            office: None,
            assignee: None,
            about: None,
            division: None,
        };
        let allowed = |facts| chosen.decide_on_case(&stand_in, action, facts).allowed;
        let office = CaseFacts {
            office: Some(own),
            ..nothing
        };
        let assignee = CaseFacts {
            assignee: Some(AccountId(OWN)),
            ..nothing
        };
        let division = CaseFacts {
            division: Some("1"),
            ..nothing
        };
        let opened = CaseFacts {
            id: CaseId(OWN),
            ..nothing
        };
        let about = CaseFacts {
            id: CaseId(OWN),
            office: Some(own),
            assignee: Some(AccountId(OWN)),
            about: Some(own),
            division: Some("1"),
        };
        Self {
            all: allowed(nothing),
            office: allowed(office),
            division: allowed(division),
            assignee: allowed(assignee),
            opened: allowed(opened),
            hides_about: !allowed(about),
        }
    }

    fn rule(self, actor: &Actor) -> RowRule {
        let is_everywhere = self.division && actor.division.is_empty();
        let division = (self.division && !is_everywhere).then(|| actor.division.clone());
        RowRule {
            all: self.all || is_everywhere,
            office: actor.office.filter(|_| self.office),
            division,
            assignee: actor.account.filter(|_| self.assignee),
            opened: if self.opened {
                actor.opened.clone()
            } else {
                Vec::new()
            },
            hide_about: actor.office.filter(|_| self.hides_about),
        }
    }
}
