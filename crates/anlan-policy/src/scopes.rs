//! What can be told of a policy without asking it: for which actions, roles and purposes it can hold at all. Only ever
//! used to leave a policy out where it cannot hold; a condition that is not understood leaves nothing out.

use crate::actions::{Action, Resource};
use crate::actors::{PURPOSES, purpose_bit, purpose_word, role_bit, role_word};
use anlan_model::accounts::Role;
use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause, EntityOrSlot, EntityUID, Expr, Literal, PrincipalConstraint,
    ResourceConstraint, Template, UnaryOp, Var,
};
use std::sync::Arc;

/// Where a policy can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// A bit per role; the actor must have one of them.
    pub(crate) roles: u32,
    /// A bit per purpose.
    pub(crate) purposes: u8,
    /// A bit per role that is named anywhere: holding any other changes nothing.
    pub(crate) named: u32,
    actions: Option<Arc<[String]>>,
    resource: Option<Arc<str>>,
}

impl Scope {
    pub(crate) fn of(policy: &Template) -> Self {
        let mut scope = Self {
            roles: u32::MAX,
            purposes: u8::MAX,
            named: named(&policy.to_string()),
            actions: match &policy.action {
                ActionConstraint::Any => None,
                ActionConstraint::Eq(uid) => Some([uid.eid.to_string()].into()),
                ActionConstraint::In(uids) => Some(uids.iter().map(|uid| uid.eid.to_string()).collect()),
            },
            resource: match &policy.resource {
                ResourceConstraint::Is(kind) | ResourceConstraint::IsIn(kind, _) => {
                    Some(kind.to_string().into())
                }
                ResourceConstraint::Any | ResourceConstraint::Eq(_) | ResourceConstraint::In(_) => None,
            },
        };
        if let PrincipalConstraint::In(EntityOrSlot::Entity(uid))
        | PrincipalConstraint::IsIn(_, EntityOrSlot::Entity(uid)) = &policy.principal
            && let Some(bits) = roles(&[uid])
        {
            scope.narrow_roles(bits);
        }
        for clause in policy.clauses() {
            if let Clause::When(expr) = clause {
                scope.narrow(expr);
            }
        }
        scope
    }

    /// Whether the policy can hold for this action at all.
    pub(crate) fn covers(&self, action: Action) -> bool {
        self.actions
            .as_ref()
            .is_none_or(|codes| codes.iter().any(|code| code == action.code()))
            && self.reaches(action.resource())
    }

    /// Whether the policy can hold for this kind of thing.
    pub(crate) fn reaches(&self, resource: Resource) -> bool {
        self.resource
            .as_deref()
            .is_none_or(|name| name == resource.name())
    }

    fn narrow(&mut self, expr: &Expr) {
        if let Expr::BinaryOp {
            op: BinaryOp::And,
            left,
            right,
        } = expr
        {
            self.narrow(left);
            self.narrow(right);
        } else if let Some(bits) = purpose_test(expr) {
            self.purposes &= bits;
        } else if let Some(bits) = role_test(expr) {
            self.narrow_roles(bits);
        }
    }

    /// Somebody with two roles may meet two such conditions with different ones: only one may narrow.
    fn narrow_roles(&mut self, bits: u32) {
        if bits.count_ones() < self.roles.count_ones() {
            self.roles = bits;
        }
    }
}

/// The roles named in a policy as it is written.
fn named(text: &str) -> u32 {
    let named = Role::ALL
        .into_iter()
        .filter(|role| text.contains(&format!("Role::\"{}\"", role_word(*role))));
    named.fold(0, |bits, role| bits | role_bit(role))
}

/// The roles of which one is asked for, if the expression asks that and nothing else.
fn role_test(expr: &Expr) -> Option<u32> {
    let Expr::BinaryOp { op, left, right } = expr else {
        return None;
    };
    match (op, left.as_ref()) {
        (BinaryOp::Or, _) => Some(role_test(left)? | role_test(right)?),
        (BinaryOp::In, Expr::Var(Var::Principal)) => roles(&entities(right)?),
        _ => None,
    }
}

/// The purposes for which the expression holds, if it asks for the purpose and nothing else.
fn purpose_test(expr: &Expr) -> Option<u8> {
    match expr {
        Expr::UnaryOp {
            op: UnaryOp::Not,
            expr,
        } => Some(!purpose_test(expr)?),
        Expr::BinaryOp { op, left, right } => match op {
            BinaryOp::Or => Some(purpose_test(left)? | purpose_test(right)?),
            BinaryOp::In | BinaryOp::Eq if is_purpose(left) => Some(purposes(&entities(right)?)),
            BinaryOp::NotEq if is_purpose(left) => Some(!purposes(&entities(right)?)),
            _ => None,
        },
        _ => None,
    }
}

/// A bit for each of these roles; `None` if some are of another kind.
fn roles(uids: &[&EntityUID]) -> Option<u32> {
    let are_roles = !uids.is_empty() && uids.iter().all(|uid| uid.ty.to_string() == "Role");
    are_roles.then(|| {
        let bits = Role::ALL.into_iter().filter(|role| names(uids, role_word(*role)));
        bits.fold(0, |bits, role| bits | role_bit(role))
    })
}

fn purposes(uids: &[&EntityUID]) -> u8 {
    let bits = PURPOSES
        .into_iter()
        .filter(|purpose| names(uids, purpose_word(*purpose)));
    bits.fold(0, |bits, purpose| bits | purpose_bit(purpose))
}

fn names(uids: &[&EntityUID], word: &str) -> bool {
    uids.iter().any(|uid| uid.eid == word)
}

fn is_purpose(expr: &Expr) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if **expr == Expr::Var(Var::Context) && attr == "purpose")
}

/// The entities an expression names, if it names nothing else.
fn entities(expr: &Expr) -> Option<Vec<&EntityUID>> {
    match expr {
        Expr::Literal(Literal::EntityUID(uid)) => Some(vec![uid]),
        Expr::Set(items) => {
            let named = items.iter().map(|item| match item.as_ref() {
                Expr::Literal(Literal::EntityUID(uid)) => Some(uid),
                _ => None,
            });
            named.collect()
        }
        _ => None,
    }
}
