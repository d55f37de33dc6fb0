//! Offers and decisions: which moves an actor has, and what a move makes of a case. Both ask the same questions in
//! the same order, so an offer that is allowed is only ever refused for what its form lacks.

use super::guards::own_office;
use super::{
    Actor, Effect, Ground, Move, MoveRequest, Needs, Offer, OfficeNeed, Procedure, Refusal, UntilNeed,
    refusals,
};
use crate::cases::{Case, Clocks, Closing, Phase};
use crate::deadlines::Timekeeper;
use crate::events::{Counters, Event, Moved};
use crate::ids::{OfficeId, ReasonCode, StateCode};

impl Procedure {
    /// The moves of the case's state that the actor's roles may make, each allowed or with the reason why not.
    pub fn offers(&self, case: &Case, actor: &Actor<'_>, ground: &Ground<'_>) -> Vec<Offer> {
        let here = |mv: &&Move| mv.from.contains(&case.state) && mv.is_for(actor);
        self.moves
            .iter()
            .filter(here)
            .map(|mv| self.offer(mv, case, actor, ground))
            .collect()
    }

    fn offer(&self, mv: &Move, case: &Case, actor: &Actor<'_>, ground: &Ground<'_>) -> Offer {
        let refusal = self.admit(mv, case, actor, ground).err();
        let needs = Needs {
            note: mv.note,
            reason: mv.reason.clone(),
            // Asked for wherever one may be named; a form begins with the office the rules found.
            office: mv.office != OfficeNeed::No,
            rule: mv.rule,
            until: mv.until == UntilNeed::Required,
        };
        Offer {
            code: mv.code.clone(),
            name_zh: mv.name_zh.clone(),
            name_en: mv.name_en.clone(),
            allowed: refusal.is_none(),
            refusal,
            needs,
            grave: mv.grave,
        }
    }

    /// What the move makes of the case, or why it is refused. `rate` gives the move alone: whoever calls adds
    /// `Event::CaseRated` with the reporter's word to the same unit of work.
    pub fn decide(
        &self,
        case: &Case,
        request: &MoveRequest,
        actor: &Actor<'_>,
        ground: &Ground<'_>,
    ) -> Result<Event, Refusal> {
        let mv = self.find_move(&request.code).ok_or_else(refusals::unknown_move)?;
        self.admit(mv, case, actor, ground)?;
        let reason = self.reason_given(mv, request)?;
        let office = office_given(mv, case, request, ground)?;
        words_given(mv, request)?;
        let keeper = ground.deadlines.on(ground.calendar, case.class.as_ref());
        until_given(mv, case, request, &keeper)?;
        let decision = Decision {
            procedure: self,
            mv,
            case,
            request,
            actor,
            ground,
            reason,
            office,
        };
        Ok(Event::CaseMoved(Box::new(decision.moved(&keeper))))
    }

    /// Whether the move may be made now by this actor, whatever its form says.
    fn admit(&self, mv: &Move, case: &Case, actor: &Actor<'_>, ground: &Ground<'_>) -> Result<(), Refusal> {
        if !mv.from.contains(&case.state) {
            let state = self.state(&case.state);
            let (zh, en) = state.map_or(("?", "?"), |state| (&state.name_zh, &state.name_en));
            return Err(refusals::wrong_state(zh, en));
        }
        if !mv.is_for(actor) {
            return Err(refusals::wrong_role());
        }
        mv.conditions
            .iter()
            .try_for_each(|condition| condition.ask(case, actor, ground, self.limits))
    }

    fn reason_given(&self, mv: &Move, request: &MoveRequest) -> Result<Option<ReasonCode>, Refusal> {
        let Some(list) = &mv.reason else {
            return Ok(mv.closing_reason.clone());
        };
        let reason = request.reason.as_ref().ok_or_else(refusals::reason_missing)?;
        let known = self
            .reasons
            .get(list)
            .is_some_and(|list| list.iter().any(|entry| entry.code == *reason));
        if known {
            Ok(Some(reason.clone()))
        } else {
            Err(refusals::reason_unknown())
        }
    }
}

impl Move {
    fn is_for(&self, actor: &Actor<'_>) -> bool {
        self.roles.iter().any(|role| actor.roles.contains(role))
    }

    fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }

    /// Where it leads from `state`.
    pub fn target<'a>(&'a self, state: &'a StateCode) -> &'a StateCode {
        self.to
            .as_ref()
            .filter(|_| !self.stays_in.contains(state))
            .unwrap_or(state)
    }
}

fn office_given(
    mv: &Move,
    case: &Case,
    request: &MoveRequest,
    ground: &Ground<'_>,
) -> Result<Option<OfficeId>, Refusal> {
    if mv.office == OfficeNeed::No {
        return Ok(None);
    }
    let present = own_office(case, ground).filter(|_| mv.office == OfficeNeed::IfUnknown);
    let office = request.office.or(present).ok_or_else(refusals::office_missing)?;
    if case.about_office == Some(office) {
        return Err(refusals::office_is_subject());
    }
    Ok(Some(office))
}

fn words_given(mv: &Move, request: &MoveRequest) -> Result<(), Refusal> {
    if mv.rule
        && request
            .rule_cited
            .as_deref()
            .is_none_or(|rule| rule.trim().is_empty())
    {
        return Err(refusals::rule_missing());
    }
    if mv.note && request.note.trim().is_empty() {
        return Err(refusals::note_missing());
    }
    Ok(())
}

fn until_given(
    mv: &Move,
    case: &Case,
    request: &MoveRequest,
    keeper: &Timekeeper<'_>,
) -> Result<(), Refusal> {
    let Some(until) = request.until.filter(|_| mv.until != UntilNeed::No) else {
        return if mv.until == UntilNeed::Required {
            Err(refusals::until_missing())
        } else {
            Ok(())
        };
    };
    let reach = case.clocks.due_at.zip(keeper.extension_end(&case.clocks));
    if reach.is_some_and(|(due, end)| due < until && until <= end) {
        Ok(())
    } else {
        Err(refusals::until_out_of_reach())
    }
}

/// A move that was found lawful.
struct Decision<'a> {
    procedure: &'a Procedure,
    mv: &'a Move,
    case: &'a Case,
    request: &'a MoveRequest,
    actor: &'a Actor<'a>,
    ground: &'a Ground<'a>,
    reason: Option<ReasonCode>,
    office: Option<OfficeId>,
}

impl Decision<'_> {
    fn moved(&self, keeper: &Timekeeper<'_>) -> Moved {
        let to = self.mv.target(&self.case.state);
        let phase = self.procedure.phase(to);
        Moved {
            code: self.mv.code.clone(),
            from: self.case.state.clone(),
            to: to.clone(),
            phase,
            reason: self.reason.clone(),
            rule_cited: self
                .request
                .rule_cited
                .as_deref()
                .map(str::trim)
                .filter(|_| self.mv.rule)
                .map(str::to_owned),
            note: self.request.note.trim().to_owned(),
            office: self.office(),
            assignee: self.assignee(),
            handler: if self.mv.has(Effect::Handled) {
                self.actor.account
            } else {
                self.case.handler
            },
            clocks: self.clocks(keeper, to, phase),
            closing: self.closing(phase),
            counters: self.counters(),
        }
    }

    fn office(&self) -> Option<OfficeId> {
        if self.mv.has(Effect::Return) {
            self.ground.centre
        } else {
            self.office.or(self.case.office)
        }
    }

    fn assignee(&self) -> Option<crate::ids::AccountId> {
        if self.mv.has(Effect::Take) {
            return self.actor.account;
        }
        let leaves = self.mv.has(Effect::Return) || self.mv.has(Effect::Reopen);
        self.case
            .assignee
            .filter(|_| !leaves && self.office() == self.case.office)
    }

    fn clocks(&self, keeper: &Timekeeper<'_>, to: &StateCode, phase: Phase) -> Clocks {
        let (case, now) = (self.case, self.ground.now);
        let mut clocks = case.clocks.clone();
        if *to != case.state {
            clocks = keeper.enter_state(&clocks, &case.state, to, now);
        }
        if self.mv.has(Effect::Reopen) {
            clocks = keeper.begin_anew(&clocks, to, now);
        }
        if self.mv.has(Effect::Resume) {
            clocks = keeper.resume(&clocks, &case.state, now);
        }
        if self.mv.has(Effect::Extend) {
            clocks = keeper.extend(&clocks, self.request.until);
        }
        let stops = self
            .reason
            .as_ref()
            .and_then(|reason| self.procedure.reason(reason)?.stops.zip(Some(reason)));
        if let Some((stops, reason)) = stops.filter(|_| self.mv.has(Effect::Pause)) {
            clocks = keeper.pause(&clocks, reason, stops, now);
        }
        if phase != Phase::Open {
            clocks.state_due_at = None;
        }
        clocks
    }

    fn closing(&self, phase: Phase) -> Option<Closing> {
        if !self.mv.has(Effect::Close) {
            return self.case.closing.clone().filter(|_| phase == Phase::Closed);
        }
        Some(Closing {
            // INVARIANT: `check` lets no closing move through without a list of reasons or a reason of its own.
            reason: self
                .reason
                .clone()
                .unwrap_or_else(|| ReasonCode::from("unstated")),
            note: self.request.note.trim().to_owned(),
            at: self.ground.now,
            by: self.actor.account,
            forced: self.mv.has(Effect::Force),
        })
    }

    fn counters(&self) -> Counters {
        let more = |count: u16, effect| count.saturating_add(u16::from(self.mv.has(effect)));
        Counters {
            returns: more(self.case.returns, Effect::Return),
            reworks: more(self.case.reworks, Effect::Rework),
            urged: more(self.case.urged, Effect::Urge),
            reopened: more(self.case.reopened, Effect::Reopen),
            is_arbitrated: self.case.is_arbitrated || self.mv.has(Effect::Arbitrated),
        }
    }
}
