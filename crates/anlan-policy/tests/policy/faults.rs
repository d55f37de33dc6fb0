//! Faulty policies are refused whole, with the file, the line and the reason.

use anlan_policy::{Policy, PolicyText};

const HEAD: &str = "// A file of one policy.\n\n@id(\"x\") @zh(\"理由\") @en(\"reason\")\n";

fn refusal(text: &str) -> (usize, String) {
    let name = "policies/x.cedar";
    let error = Policy::load(&[PolicyText { name, text }]).unwrap_err();
    assert_eq!(error.file, name);
    let told = error.to_string();
    assert!(told.contains("line") && told.contains("均未生效"), "{told}");
    (error.line, error.reason)
}

fn on_cases(condition: &str) -> (usize, String) {
    refusal(&format!(
        "{HEAD}permit (principal in Role::\"duty\", action == Action::\"case.read\", resource is Case)\nwhen {{ {condition} }};\n"
    ))
}

#[test]
fn what_is_not_cedar_is_refused() {
    let (line, reason) = refusal(&format!(
        "{HEAD}permit (principal, action, resource)\nwhen {{ true ;\n"
    ));
    assert_eq!(line, 5, "{reason}");
}

#[test]
fn words_the_schema_does_not_have_are_refused() {
    for wrong in [
        "context.purpose == Purpose::\"curiosity\"",
        "context has on_shift && context.on_shift == 3",
        "resource.office == principal.office",
    ] {
        let (line, reason) = on_cases(wrong);
        assert!((3..=5).contains(&line), "{line}: {reason}");
    }
    let (line, reason) = refusal(&format!(
        "{HEAD}permit (principal in Role::\"wizard\", action == Action::\"case.read\", resource is Case);\n"
    ));
    assert!((3..=4).contains(&line), "{line}: {reason}");
    let (_, reason) = refusal(&format!(
        "{HEAD}permit (principal, action == Action::\"case.steal\", resource is Case);\n"
    ));
    assert!(reason.contains("case.steal"), "{reason}");
}

#[test]
fn conditions_no_row_rule_can_say_are_refused() {
    for (wrong, why) in [
        ("resource has assignee", "stands alone"),
        (
            "resource has office && resource.office == Office::\"7\"",
            "no row rule says",
        ),
        (
            "resource has office && principal has office && resource.office == principal.office && resource in principal.division",
            "two things",
        ),
        ("!(resource in principal.division)", "no row rule says"),
        ("principal.division == Division::\"1\"", "no row rule says"),
        (
            "resource has about && principal has office && resource.about == principal.office",
            "cannot say this",
        ),
    ] {
        let (line, reason) = on_cases(wrong);
        assert_eq!(line, 3);
        assert!(reason.contains(why), "{wrong}: {reason}");
    }
}

#[test]
fn a_policy_has_a_name_of_its_own_and_both_reasons() {
    let bare = "permit (principal in Role::\"duty\", action == Action::\"rules.read\", resource is Rule);\n";
    for (head, missing) in [
        ("", "@id"),
        ("@id(\"x\")\n", "@zh"),
        ("@id(\"x\") @zh(\"理由\")\n", "@en"),
    ] {
        let (_, reason) = refusal(&format!("{head}{bare}"));
        assert!(reason.contains(missing), "{reason}");
    }
    let (line, reason) = refusal(&format!("{HEAD}{bare}{HEAD}{bare}"));
    assert!(reason.contains("already"), "{line}: {reason}");
}

#[test]
fn nothing_is_allowed_by_no_policy() {
    let policy = Policy::load(&[]).unwrap();
    for action in anlan_policy::Action::ALL {
        let duty = anlan_policy::Actor {
            roles: vec![anlan_model::accounts::Role::Duty],
            ..anlan_policy::Actor::default()
        };
        assert!(!policy.may(&duty, *action).allowed);
    }
}
