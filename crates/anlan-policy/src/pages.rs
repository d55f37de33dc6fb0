//! The policies as a page: committed, compared, and read by people who do not program.

use crate::actions::{Action, Resource};
use crate::actors::{Actor, PURPOSES, purpose_bit, purpose_word, role_bit, role_word};
use crate::fields::FieldRule;
use crate::loading::Kept;
use crate::policies::Policy;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId, OfficeId};
use std::fmt::Write as _;

/// The whole page but for its title.
pub(crate) fn rights(policy: &Policy, all: &[Kept]) -> String {
    let mut text = String::from(
        "Nothing is allowed unless a policy below allows it, and a forbidding policy outweighs every other.\n\n\
         ## Who may do what\n\n\
         For the purpose an action is usually done for. `all`: every record. `office`: cases the own office must act on. \
         `division`: cases that lie where one works. `assigned`: cases one took on. `opened`: a case opened by a running grant. \
         Empty: no.\n\n",
    );
    let every: Vec<Action> = Action::ALL.to_vec();
    table(&mut text, policy, "action", &every);
    text.push_str(
        "\n## Which fields of a case are shown\n\n\
         Who may open a case does not see all of it. A field that is not shown is left out of the answer; an exact place is \
         then told by its cell.\n\n",
    );
    table(&mut text, policy, "field", &FieldRule::FIELDS);
    text.push_str("\n## Purposes\n\n| purpose | what is usually done for it |\n|---|---|\n");
    for purpose in PURPOSES {
        let of = Action::ALL.iter().filter(|action| action.purpose() == purpose);
        let codes: Vec<String> = of.map(|action| format!("`{}`", action.code())).collect();
        let _ = writeln!(text, "| `{}` | {} |", purpose_word(purpose), codes.join(", "));
    }
    policies(&mut text, all);
    text
}

fn table(text: &mut String, policy: &Policy, head: &str, actions: &[Action]) {
    let _ = write!(text, "| {head} |");
    for role in Role::ALL {
        let _ = write!(text, " {} |", role_word(role));
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(Role::ALL.len()));
    for action in actions {
        let _ = write!(text, "| `{}` |", action.code());
        for role in Role::ALL {
            let _ = write!(text, " {} |", reach(policy, role, *action));
        }
        text.push('\n');
    }
}

/// How far one role reaches with one action.
fn reach(policy: &Policy, role: Role, action: Action) -> String {
    let actor = Actor {
        account: Some(AccountId(1)),
        roles: vec![role],
        office: Some(OfficeId(1)),
        division: "1".into(),
        opened: vec![CaseId(1)],
        ..Actor::default()
    };
    if action.resource() != Resource::Case {
        let allowed = policy.may(&actor, action).allowed;
        return if allowed { "all".into() } else { String::new() };
    }
    let Some(rule) = policy.rows(&actor, action) else {
        return String::new();
    };
    if rule.all {
        return "all".into();
    }
    let ways = [
        (rule.office.is_some(), "office"),
        (rule.division.is_some(), "division"),
        (rule.assignee.is_some(), "assigned"),
        (!rule.opened.is_empty(), "opened"),
    ];
    let ways: Vec<&str> = ways
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| word)
        .collect();
    ways.join(", ")
}

/// A right that is another with other policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightChange {
    /// Whose.
    pub role: Role,
    /// To do what.
    pub action: Action,
    /// How far it reached; empty if not at all.
    pub before: String,
    /// How far it reaches.
    pub after: String,
}

/// Every cell of the table of rights that differs.
pub(crate) fn changes(before: &Policy, after: &Policy) -> Vec<RightChange> {
    let cells = Action::ALL
        .iter()
        .flat_map(|action| Role::ALL.map(|role| (role, *action)));
    cells
        .map(|(role, action)| RightChange {
            role,
            action,
            before: reach(before, role, action),
            after: reach(after, role, action),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

fn policies(text: &mut String, all: &[Kept]) {
    let mut theme = "";
    for kept in all {
        if theme != &*kept.theme {
            theme = &kept.theme;
            let _ = write!(
                text,
                "\n## Policies of `{theme}`\n\n| policy | says | to | actions | purposes | reason |\n|---|---|---|---|---|---|\n"
            );
        }
        let roles: Vec<&str> = Role::ALL
            .into_iter()
            .filter(|role| kept.scope.roles & role_bit(*role) != 0)
            .map(role_word)
            .collect();
        let roles = if kept.scope.roles == u32::MAX {
            "everybody".into()
        } else {
            roles.join(", ")
        };
        let purposes: Vec<&str> = PURPOSES
            .into_iter()
            .filter(|purpose| kept.scope.purposes & purpose_bit(*purpose) != 0)
            .map(purpose_word)
            .collect();
        let purposes = if purposes.len() == PURPOSES.len() {
            "every".into()
        } else {
            purposes.join(", ")
        };
        let covered = Action::ALL.iter().filter(|action| kept.scope.covers(**action));
        let codes: Vec<String> = covered.map(|action| format!("`{}`", action.code())).collect();
        let says = if kept.permits { "may" } else { "**must not**" };
        let words = &kept.words;
        let _ = writeln!(
            text,
            "| `{}` | {says} | {roles} | {} | {purposes} | {} {} |",
            words.id,
            codes.join(", "),
            words.en,
            words.zh
        );
    }
}
