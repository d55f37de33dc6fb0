//! A node's own policies: files that stand beside the shipped ones or, under the same name, in place of them. What the shipped
//! ones forbid stays forbidden, and what the node itself needs for its work it goes on being allowed.

use crate::actions::Action;
use crate::actors::Actor;
use crate::loading::{self, Kept, PolicyError, PolicyText};
use crate::policies::Policy;
use anlan_model::accounts::Role;

fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// The files that are read: the shipped ones, each replaced by the own one of its name, and the other own ones after them.
pub(crate) fn compose<'a>(shipped: &[PolicyText<'a>], own: &[PolicyText<'a>]) -> Vec<PolicyText<'a>> {
    let of_name = |name: &str, among: &[PolicyText<'a>]| {
        among
            .iter()
            .find(|text| file_name(text.name) == file_name(name))
            .copied()
    };
    let kept = shipped
        .iter()
        .map(|text| of_name(text.name, own).unwrap_or(*text));
    let more = own
        .iter()
        .filter(|text| of_name(text.name, shipped).is_none())
        .copied();
    kept.chain(more).collect()
}

/// Puts back what the shipped policies forbid where a file was replaced; faults where a policy of the same name says something
/// else.
pub(crate) fn keep_forbids(
    shipped: &[Kept],
    sources: &[PolicyText<'_>],
    all: &mut Vec<Kept>,
) -> Vec<PolicyError> {
    let mut faults = Vec::new();
    for forbid in shipped.iter().filter(|kept| !kept.permits) {
        match all.iter().find(|kept| kept.words.id == forbid.words.id) {
            None => all.push(forbid.clone()),
            Some(kept) if loading::tree(&kept.policy) == loading::tree(&forbid.policy) => {}
            Some(kept) => {
                let reason = format!(
                    "`{}` is forbidden by Anlan itself and cannot be changed; leave it as shipped, or take it out of the file",
                    kept.words.id
                );
                let source = sources.iter().find(|source| *source.name == *kept.theme);
                faults.extend(source.map(|source| loading::at_policy(source, kept, reason)));
            }
        }
    }
    faults
}

/// Faults where the node itself would no longer be allowed what it does by timers and for whoever sits at the machine.
pub(crate) fn still_runs(shipped: &Policy, made: &Policy, own: &[PolicyText<'_>]) -> Vec<PolicyError> {
    let system = Actor {
        roles: vec![Role::System],
        ..Actor::default()
    };
    let reach = |policy: &Policy, action| (policy.may(&system, action).allowed, policy.rows(&system, action));
    let lost = Action::ALL
        .iter()
        .filter(|action| reach(shipped, **action).0 && reach(shipped, **action) != reach(made, **action));
    let name = own.first().map_or_else(String::new, |text| text.name.to_owned());
    lost.map(|action| PolicyError {
        file: name.clone(),
        line: 1,
        reason: format!(
            "the node itself (Role::\"system\") would lose its right to `{}`, which its timers need; keep a policy that gives it",
            action.code()
        ),
    })
    .collect()
}
