//! A node's own policies: beside the shipped ones, in place of them, and never against what those forbid.

use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, OfficeId};
use anlan_policy::{Action, Actor, Policy, PolicyError, PolicyText};

const NIGHT: &str = r#"
@id("night.clerk")
@zh("夜间坐席可以试算规则。")
@en("a night clerk may try routing rules.")
permit (principal in Role::"clerk", action == Action::"rules.try", resource is Rule)
when { context.purpose == Purpose::"maintenance" };
"#;

fn own(name: &str, text: &str) -> Result<Policy, Vec<PolicyError>> {
    let name = format!("/etc/anlan/policies/{name}");
    Policy::with_own(&[PolicyText { name: &name, text }])
}

fn shipped(name: &str) -> &'static str {
    let mut all = Policy::shipped_texts().iter();
    all.find(|text| text.name.ends_with(name)).unwrap().text
}

fn actor(role: Role) -> Actor {
    Actor {
        account: Some(AccountId(1)),
        roles: vec![role],
        office: Some(OfficeId(7)),
        ..Actor::default()
    }
}

#[test]
fn a_file_of_another_name_stands_beside_the_shipped_ones() {
    let before = Policy::shipped().unwrap();
    let after = own("night.cedar", NIGHT).unwrap();
    let changes = after.changes_from(&before);
    let [only] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((only.role, only.action), (Role::Clerk, Action::RulesTry));
    assert_eq!((only.before.as_str(), only.after.as_str()), ("", "all"));
    assert!(after.may(&actor(Role::Clerk), Action::RulesTry).allowed);
    assert!(after.as_markdown().contains("`night.clerk`"));
    assert_eq!(before.changes_from(&before), []);
    assert_eq!(Policy::with_own(&[]).unwrap().as_markdown(), before.as_markdown());
}

#[test]
fn a_file_of_a_shipped_name_takes_its_place() {
    let text = shipped("reference.cedar").replace(
        "Role::\"duty\", Role::\"supervisor\", Role::\"arbiter\", Role::\"steward\"",
        "Role::\"steward\"",
    );
    let after = own("reference.cedar", &text).unwrap();
    assert!(!after.may(&actor(Role::Duty), Action::RulesTry).allowed);
    assert!(after.may(&actor(Role::Steward), Action::RulesTry).allowed);
    let changes = after.changes_from(&Policy::shipped().unwrap());
    assert!(
        changes.iter().all(|change| change.after.is_empty()),
        "{changes:?}"
    );
}

#[test]
fn what_is_forbidden_stays_forbidden() {
    let text = shipped("cases.cedar");
    let at = text.find("// A complaint about an office").unwrap();
    // Left out, it is put back; left as it is, it may stand; changed, the whole set is refused.
    for text in [text.get(..at).unwrap(), text] {
        let after = own("cases.cedar", text).unwrap();
        let rule = after.rows(&actor(Role::Officer), Action::CaseRead).unwrap();
        assert_eq!(rule.hide_about, Some(OfficeId(7)));
    }
    let softened = text.replace(
        "resource.about == principal.office",
        "resource.about != principal.office",
    );
    let faults = own("cases.cedar", &softened).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.reason.contains("case.about_own_office")),
        "{faults:?}"
    );
    assert!(faults.iter().all(|fault| fault.line > 100), "{faults:?}");
    let security = actor(Role::Security);
    let without = shipped("grants.cedar").replace("@id(\"grant.own\")", "@id(\"grant.own.renamed\")");
    let after = own("grants.cedar", &without).unwrap();
    assert!(
        !after
            .may_on_grant(&security, Action::GrantApprove, AccountId(1))
            .allowed
    );
    assert!(
        after
            .may_on_grant(&security, Action::GrantApprove, AccountId(2))
            .allowed
    );
}

#[test]
fn a_key_takes_away_whatever_the_policies_say() {
    let mut clerk = actor(Role::Clerk);
    clerk.within = Some(anlan_policy::ActionSet::default());
    assert!(
        !own("night.cedar", NIGHT)
            .unwrap()
            .may(&clerk, Action::RulesTry)
            .allowed
    );
}

#[test]
fn every_fault_is_told_and_the_node_keeps_what_it_needs() {
    let text = format!(
        "{}{}",
        NIGHT.replace("rules.try", "rules.steal"),
        NIGHT
            .replace("@id(\"night.clerk\")", "@id(\"night.two\")")
            .replace("@zh(\"夜间坐席可以试算规则。\")\n", "")
    );
    let faults = own("night.cedar", &text).unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults.iter().all(|fault| fault.file.ends_with("night.cedar")),
        "{faults:?}"
    );
    assert!(
        faults.iter().any(|fault| fault.reason.contains("@zh")),
        "{faults:?}"
    );
    assert!(
        faults.iter().any(|fault| fault.reason.contains("rules.steal")),
        "{faults:?}"
    );
    let without = shipped("node.cedar").replace("Role::\"admin\", Role::\"system\"", "Role::\"admin\"");
    let faults = own("node.cedar", &without).unwrap_err();
    assert!(
        faults.iter().all(|fault| fault.reason.contains("backup.run")),
        "{faults:?}"
    );
    assert_eq!(faults.len(), 1);
}
