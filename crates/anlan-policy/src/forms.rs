//! Which conditions on a case can become a row rule. A policy that says more is refused when it is loaded: a list would
//! otherwise show what opening refuses, or hide what it allows.
//!
//! A condition may be built freely from *facts* (roles, purpose, shift: what holds whatever the case is). Of the case it
//! may ask one thing per alternative: own office, own division, own assignment, an opened case; a `forbid` may ask
//! whether the case is about the own office. So a decision is a union of those few, minus the forbidden ones, and asking
//! the policies about one made-up case for each tells the whole rule.

use cedar_policy::pst::{
    BinaryOp, Clause, Effect, EntityType, Expr, Literal, PrincipalConstraint, ResourceConstraint, Template,
    UnaryOp, Var,
};

/// The one thing an alternative asks of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Office,
    Division,
    Assignee,
    Opened,
    About,
}

/// One alternative of a condition.
#[derive(Debug, Clone, Default)]
struct Alternative {
    asks: Option<Asks>,
    guards: Vec<String>,
}

/// Says why no row rule can be made of the policy, if none can.
pub(crate) fn check(policy: &Template) -> Result<(), String> {
    if matches!(policy.principal, PrincipalConstraint::Eq(_)) {
        return Err("it names one account, which a row rule for roles cannot say".into());
    }
    if !matches!(
        policy.resource,
        ResourceConstraint::Any | ResourceConstraint::Is(_)
    ) {
        return Err("its scope names one case or division, which a row rule cannot say".into());
    }
    let mut all = vec![Alternative::default()];
    for clause in policy.clauses() {
        match clause {
            Clause::When(expr) => all = both(&all, &alternatives(expr)?)?,
            Clause::Unless(expr) if is_fact(expr) => {}
            Clause::Unless(_) => return Err("its `unless` asks something of the case".into()),
        }
    }
    for one in all {
        let may_ask = match policy.effect {
            Effect::Permit => one.asks != Some(Asks::About),
            Effect::Forbid => matches!(one.asks, None | Some(Asks::About)),
        };
        if !may_ask {
            return Err("a row rule cannot say this with that effect".into());
        }
        if let Some(guard) = one
            .guards
            .iter()
            .find(|guard| one.asks.and_then(attribute) != Some(guard))
        {
            return Err(format!(
                "`resource has {guard}` stands alone, and no row rule says it"
            ));
        }
    }
    Ok(())
}

fn attribute(asks: Asks) -> Option<&'static str> {
    match asks {
        Asks::Office => Some("office"),
        Asks::Assignee => Some("assignee"),
        Asks::About => Some("about"),
        Asks::Division | Asks::Opened => None,
    }
}

fn alternatives(expr: &Expr) -> Result<Vec<Alternative>, String> {
    if is_fact(expr) {
        return Ok(vec![Alternative::default()]);
    }
    if let Some(asks) = asks(expr) {
        return Ok(vec![Alternative {
            asks: Some(asks),
            guards: Vec::new(),
        }]);
    }
    match expr {
        Expr::BinaryOp {
            op: BinaryOp::And,
            left,
            right,
        } => both(&alternatives(left)?, &alternatives(right)?),
        Expr::BinaryOp {
            op: BinaryOp::Or,
            left,
            right,
        } => {
            let mut all = alternatives(left)?;
            all.extend(alternatives(right)?);
            Ok(all)
        }
        Expr::HasAttr { expr, attrs } if is_resource(expr) && attrs.len() == 1 => Ok(vec![Alternative {
            asks: None,
            guards: attrs.iter().map(ToString::to_string).collect(),
        }]),
        other => Err(format!("no row rule says `{other}`")),
    }
}

/// Every alternative of one with every alternative of the other.
fn both(left: &[Alternative], right: &[Alternative]) -> Result<Vec<Alternative>, String> {
    let mut all = Vec::with_capacity(left.len() * right.len());
    for one in left {
        for other in right {
            let asks = match (one.asks, other.asks) {
                (Some(a), Some(b)) if a != b => {
                    return Err("it asks two things of the case at once".into());
                }
                (a, b) => a.or(b),
            };
            let guards = one.guards.iter().chain(&other.guards).cloned().collect();
            all.push(Alternative { asks, guards });
        }
    }
    Ok(all)
}

fn asks(expr: &Expr) -> Option<Asks> {
    let Expr::BinaryOp { op, left, right } = expr else {
        return None;
    };
    match op {
        BinaryOp::Eq => equal(left, right).or_else(|| equal(right, left)),
        BinaryOp::In if is_resource(left) && is_attribute(right, &Var::Principal, "division") => {
            Some(Asks::Division)
        }
        BinaryOp::Contains if is_attribute(left, &Var::Context, "opened") && is_resource(right) => {
            Some(Asks::Opened)
        }
        _ => None,
    }
}

fn equal(left: &Expr, right: &Expr) -> Option<Asks> {
    let is_own_office = is_attribute(right, &Var::Principal, "office");
    if is_attribute(left, &Var::Resource, "office") && is_own_office {
        Some(Asks::Office)
    } else if is_attribute(left, &Var::Resource, "about") && is_own_office {
        Some(Asks::About)
    } else if is_attribute(left, &Var::Resource, "assignee") && *right == Expr::Var(Var::Principal) {
        Some(Asks::Assignee)
    } else {
        None
    }
}

fn is_resource(expr: &Expr) -> bool {
    *expr == Expr::Var(Var::Resource)
}

fn is_attribute(expr: &Expr, of: &Var, name: &str) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if matches!(expr.as_ref(), Expr::Var(var) if var == of) && attr == name)
}

/// Whether it holds or not whatever the case is, and for everybody with the same roles, purpose and shift. What is known
/// of reaches is kept by just these.
fn is_fact(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(Literal::Bool(_)) => true,
        Expr::UnaryOp {
            op: UnaryOp::Not,
            expr,
        } => is_fact(expr),
        Expr::BinaryOp { op, left, right } => match op {
            BinaryOp::And | BinaryOp::Or => is_fact(left) && is_fact(right),
            BinaryOp::In if **left == Expr::Var(Var::Principal) => names(right, "Role"),
            BinaryOp::In | BinaryOp::Eq | BinaryOp::NotEq => {
                is_attribute(left, &Var::Context, "purpose") && names(right, "Purpose")
            }
            _ => false,
        },
        Expr::GetAttr { .. } => is_attribute(expr, &Var::Context, "on_shift"),
        Expr::HasAttr { expr, attrs } if attrs.len() == 1 => match expr.as_ref() {
            Expr::Var(Var::Principal) => attrs.iter().all(|attr| attr == "office"),
            Expr::Var(Var::Context) => attrs.iter().all(|attr| attr == "on_shift"),
            _ => false,
        },
        _ => false,
    }
}

/// Whether it names entities of this type and nothing else.
fn names(expr: &Expr, kind: &str) -> bool {
    let is_of = |ty: &EntityType| ty.to_string() == kind;
    match expr {
        Expr::Literal(Literal::EntityUID(uid)) => is_of(&uid.ty),
        Expr::Set(items) => items
            .iter()
            .all(|item| !matches!(item.as_ref(), Expr::Set(_)) && names(item, kind)),
        _ => false,
    }
}
