//! What policies can tell apart of a case and of who asks, besides roles, purpose and action: a bit each. And which of
//! these bits one policy looks at, so that what it answered is known for every situation that differs in others only.

use crate::actors::Actor;
use crate::questions::CaseFacts;
use cedar_policy::pst::{Clause, Expr, Template};

/// A set of bits.
pub(crate) type Situation = u8;

const HAS_OFFICE: Situation = 1;
const KNOWS_SHIFT: Situation = 1 << 1;
const ON_SHIFT: Situation = 1 << 2;
const OWN_OFFICE: Situation = 1 << 3;
const ABOUT_OWN_OFFICE: Situation = 1 << 4;
const OWN_ASSIGNMENT: Situation = 1 << 5;
const OWN_DIVISION: Situation = 1 << 6;
const OPENED: Situation = 1 << 7;
const ALL: Situation = Situation::MAX;

/// Where a case and who asks stand to each other.
///
/// INVARIANT: `forms` lets a condition ask of a case nothing else than these.
pub(crate) fn situation(facts: &CaseFacts<'_>, actor: &Actor) -> Situation {
    let holding = [
        (HAS_OFFICE, actor.office.is_some()),
        (KNOWS_SHIFT, actor.on_shift.is_some()),
        (ON_SHIFT, actor.on_shift == Some(true)),
        (OWN_OFFICE, facts.office.is_some() && facts.office == actor.office),
        (
            ABOUT_OWN_OFFICE,
            facts.about.is_some() && facts.about == actor.office,
        ),
        (
            OWN_ASSIGNMENT,
            facts.assignee.is_some() && facts.assignee == actor.account,
        ),
        (OWN_DIVISION, facts.lies_with(actor)),
        (OPENED, actor.opened.contains(&facts.id)),
    ];
    let bits = holding.iter().filter(|(_, holds)| *holds).map(|(bit, _)| bit);
    bits.fold(0, |bits, bit| bits | bit)
}

/// The bits that can change what the policy answers; all of them where it says something that is not understood.
pub(crate) fn looked_at(policy: &Template) -> Situation {
    let clauses = policy.clauses().iter().map(|clause| match clause {
        Clause::When(expr) | Clause::Unless(expr) => of(expr),
    });
    clauses.fold(0, |bits, more| bits | more)
}

fn of(expr: &Expr) -> Situation {
    match expr {
        Expr::Literal(_) | Expr::Var(_) => 0,
        Expr::UnaryOp { expr, .. } => of(expr),
        Expr::BinaryOp { left, right, .. } => of(left) | of(right),
        Expr::Set(items) => items.iter().fold(0, |bits, item| bits | of(item)),
        Expr::GetAttr { expr, attr } => of(expr) | of_attribute(attr),
        Expr::HasAttr { expr, attrs } => attrs
            .iter()
            .fold(of(expr), |bits, attr| bits | of_attribute(attr)),
        _ => ALL,
    }
}

fn of_attribute(name: &str) -> Situation {
    match name {
        "purpose" => 0,
        "office" => HAS_OFFICE | OWN_OFFICE,
        "on_shift" => KNOWS_SHIFT | ON_SHIFT,
        "about" => ABOUT_OWN_OFFICE,
        "assignee" => OWN_ASSIGNMENT,
        "division" => OWN_DIVISION,
        "opened" => OPENED,
        _ => ALL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loading::tree;

    fn bits(condition: &str) -> Situation {
        let text = format!("permit (principal, action, resource is Case) when {{ {condition} }};");
        looked_at(&tree(&text.parse().unwrap()).unwrap())
    }

    #[test]
    fn a_policy_looks_at_what_it_names() {
        assert_eq!(
            bits("principal in Role::\"duty\" && context.purpose == Purpose::\"case\""),
            0
        );
        assert_eq!(
            bits("resource has about && principal has office && resource.about == principal.office"),
            HAS_OFFICE | OWN_OFFICE | ABOUT_OWN_OFFICE
        );
        assert_eq!(
            bits("!(context has on_shift && !context.on_shift)"),
            KNOWS_SHIFT | ON_SHIFT
        );
        assert_eq!(bits("resource in principal.division"), OWN_DIVISION);
        assert_eq!(
            bits("context.opened.contains(resource) || resource.assignee == principal"),
            OPENED | OWN_ASSIGNMENT
        );
    }

    #[test]
    fn what_is_not_understood_leaves_nothing_out() {
        assert_eq!(bits("resource has colour"), ALL);
        assert_eq!(bits("if principal has office then true else false"), ALL);
    }
}
