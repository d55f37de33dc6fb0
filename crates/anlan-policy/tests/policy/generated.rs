//! Policies made at random from the schema's words: permits and a few forbids, over every way to ask something of a case.

use crate::chance::Chance;
use anlan_policy::{Action, Policy, PolicyText, Resource};
use std::fmt::Write as _;

const ROLES: [&str; 9] = [
    "clerk",
    "worker",
    "duty",
    "officer",
    "supervisor",
    "arbiter",
    "commander",
    "steward",
    "system",
];
const PURPOSES: [&str; 6] = [
    "case",
    "own_report",
    "maintenance",
    "audit",
    "emergency",
    "publication",
];
const ASKS: [&str; 6] = [
    "true",
    "resource has office && principal has office && resource.office == principal.office",
    "resource in principal.division",
    "resource has assignee && resource.assignee == principal",
    "context.opened.contains(resource)",
    "(resource in principal.division || context.opened.contains(resource))",
];
const FACTS: [&str; 4] = [
    "true",
    "(context has on_shift && context.on_shift)",
    "!(context has on_shift && !context.on_shift)",
    "principal has office",
];

/// So many policies as one file.
pub(crate) fn policies(chance: &mut Chance, count: usize) -> String {
    let actions: Vec<&str> = Action::ALL
        .iter()
        .filter(|action| action.resource() == Resource::Case)
        .map(|action| action.code())
        .collect();
    let mut text = String::new();
    for number in 0..count {
        let forbids = chance.is(4);
        let (role, other) = (chance.one(&ROLES), chance.one(&ROLES));
        let (principal, roles) = match chance.below(3) {
            0 => (format!("principal in Role::\"{role}\""), "true".to_owned()),
            1 => (
                "principal".into(),
                format!("principal in [Role::\"{role}\", Role::\"{other}\"]"),
            ),
            _ => (
                "principal".into(),
                format!("(principal in Role::\"{role}\" || principal in Role::\"{other}\")"),
            ),
        };
        let (purpose, second) = (chance.one(&PURPOSES), chance.one(&PURPOSES));
        let purposes = match chance.below(3) {
            0 => format!("context.purpose == Purpose::\"{purpose}\""),
            1 => format!("context.purpose in [Purpose::\"{purpose}\", Purpose::\"{second}\"]"),
            _ => format!("context.purpose != Purpose::\"{purpose}\""),
        };
        let asks = match (forbids, chance.is(50)) {
            (true, true) => {
                "resource has about && principal has office && resource.about == principal.office"
            }
            (true, false) => "true",
            (false, _) => ASKS[chance.below(ASKS.len())],
        };
        let fact = chance.one(&FACTS);
        let effect = if forbids { "forbid" } else { "permit" };
        let _ = writeln!(
            text,
            "@id(\"p{number}\") @zh(\"第 {number} 条\") @en(\"number {number}\")\n{effect} ({principal}, action in [Action::\"{}\", Action::\"{}\"], resource is Case)\nwhen {{ {roles} && {purposes} && {fact} && {asks} }};",
            chance.one(&actions),
            chance.one(&actions),
        );
    }
    text
}

pub(crate) fn load(text: &str) -> Policy {
    let source = PolicyText {
        name: "generated.cedar",
        text,
    };
    Policy::load(&[source]).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
