//! The TOML form of a procedure, turned into the procedure. What must hold between its parts is asked in `check`.

use super::guards::{Guard, role};
use super::{
    Auto, Condition, Effect, Limits, Move, OfficeNeed, Procedure, ProcedureError, Reason, State, UntilNeed,
    check,
};
use crate::accounts::Role;
use crate::cases::Phase;
use crate::deadlines::Stops;
use crate::ids::{MoveCode, ReasonCode, StateCode};
use crate::incoming::Channel;
use crate::tables::Faults;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    closed: Spanned<String>,
    merged: Spanned<String>,
    limits: Limits,
    start: StartForm,
    auto: Option<AutoForm>,
    #[serde(rename = "state")]
    states: Vec<StateForm>,
    #[serde(rename = "move")]
    moves: Vec<MoveForm>,
    #[serde(default)]
    reasons: BTreeMap<String, Vec<ReasonForm>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StartForm {
    web: String,
    hotline: String,
    worker: String,
    office: String,
    import: String,
    /// As `web` where a procedure from before does not say.
    open311: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AutoForm {
    to: Spanned<String>,
    channels: Vec<Channel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateForm {
    code: Spanned<String>,
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
    phase: Phase,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveForm {
    code: Spanned<String>,
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
    from: Vec<String>,
    to: Option<String>,
    #[serde(default)]
    stays_in: Vec<String>,
    roles: Vec<Role>,
    #[serde(default)]
    guards: Vec<Spanned<String>>,
    #[serde(default)]
    note: bool,
    reason: Option<String>,
    #[serde(default)]
    rule: bool,
    #[serde(default)]
    office: OfficeNeed,
    #[serde(default)]
    until: UntilNeed,
    #[serde(default)]
    grave: bool,
    #[serde(default)]
    effects: Vec<Effect>,
    closing_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonForm {
    code: Spanned<String>,
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
    stops: Option<Vec<Stop>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stop {
    Overall,
    State,
}

/// Where each part of a procedure stands in its text.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) states: Vec<usize>,
    pub(super) moves: Vec<usize>,
    pub(super) reasons: BTreeMap<String, Vec<usize>>,
    pub(super) closed: usize,
    pub(super) merged: usize,
    pub(super) auto: usize,
}

pub(super) fn read(text: &str) -> Result<Procedure, ProcedureError> {
    let mut faults = Faults::new("procedure", text);
    let form: Form = faults.read()?;
    let places = Places {
        states: form.states.iter().map(|state| state.code.span().start).collect(),
        moves: form.moves.iter().map(|mv| mv.code.span().start).collect(),
        reasons: form
            .reasons
            .iter()
            .map(|(name, list)| (name.clone(), starts(list)))
            .collect(),
        closed: form.closed.span().start,
        merged: form.merged.span().start,
        auto: form.auto.as_ref().map_or(0, |auto| auto.to.span().start),
    };
    let moves = form.moves.into_iter().map(|mv| mv.read(&mut faults)).collect();
    let StartForm {
        web,
        hotline,
        worker,
        office,
        import,
        open311,
    } = form.start;
    let open311 = open311.unwrap_or_else(|| web.clone());
    let start = [
        (Channel::Web, web),
        (Channel::Hotline, hotline),
        (Channel::Worker, worker),
        (Channel::Office, office),
        (Channel::Import, import),
        (Channel::Open311, open311),
    ];
    let procedure = Procedure {
        name: form.name,
        states: form.states.into_iter().map(StateForm::read).collect(),
        moves,
        reasons: form
            .reasons
            .into_iter()
            .map(|(name, list)| (name, reasons(list)))
            .collect(),
        limits: form.limits,
        start: start
            .into_iter()
            .map(|(channel, state)| (channel, StateCode(state)))
            .collect(),
        auto: form.auto.map(|auto| Auto {
            to: StateCode(auto.to.into_inner()),
            channels: auto.channels,
        }),
        closed: StateCode(form.closed.into_inner()),
        merged: StateCode(form.merged.into_inner()),
    };
    check::check(&procedure, &places, &mut faults);
    faults.done(procedure)
}

fn starts(list: &[ReasonForm]) -> Vec<usize> {
    list.iter().map(|reason| reason.code.span().start).collect()
}

fn reasons(list: Vec<ReasonForm>) -> Vec<Reason> {
    let read = |form: ReasonForm| Reason {
        code: ReasonCode(form.code.into_inner()),
        name_zh: form.zh,
        name_en: form.en,
        stops: form.stops.map(|stops| Stops {
            overall: stops.contains(&Stop::Overall),
            state: stops.contains(&Stop::State),
        }),
    };
    list.into_iter().map(read).collect()
}

fn codes(texts: Vec<String>) -> Vec<StateCode> {
    texts.into_iter().map(StateCode).collect()
}

impl StateForm {
    fn read(self) -> State {
        State {
            code: StateCode(self.code.into_inner()),
            name_zh: self.zh,
            name_en: self.en,
            phase: self.phase,
        }
    }
}

impl MoveForm {
    fn read(self, faults: &mut Faults<'_>) -> Move {
        let code = self.code.into_inner();
        Move {
            conditions: self
                .guards
                .iter()
                .filter_map(|text| condition(&code, text, faults))
                .collect(),
            code: MoveCode(code),
            name_zh: self.zh,
            name_en: self.en,
            from: codes(self.from),
            to: self.to.map(StateCode),
            stays_in: codes(self.stays_in),
            roles: self.roles,
            note: self.note,
            reason: self.reason,
            rule: self.rule,
            office: self.office,
            until: self.until,
            grave: self.grave,
            effects: self.effects,
            closing_reason: self.closing_reason.map(ReasonCode),
        }
    }
}

/// `own_office`, or `own_office unless supervisor, duty`.
fn condition(code: &str, text: &Spanned<String>, faults: &mut Faults<'_>) -> Option<Condition> {
    let mut fault = |message: String| {
        faults.add_at(text.span().start, format!("move.{code}.guards"), message);
    };
    let (name, roles) = text
        .get_ref()
        .split_once(" unless ")
        .unwrap_or((text.get_ref(), ""));
    let guard = Guard::from_name(name.trim());
    if guard.is_none() {
        fault(format!(
            "there is no guard \"{name}\"; standards/README.md lists them"
        ));
    }
    let mut unless = Vec::new();
    for name in roles.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match role(name) {
            Some(role) => unless.push(role),
            None => fault(format!("there is no role \"{name}\"")),
        }
    }
    Some(Condition {
        guard: guard?,
        unless,
    })
}
