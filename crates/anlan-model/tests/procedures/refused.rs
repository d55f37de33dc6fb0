//! Wrong procedures by their faults: line, field and reason.

use anlan_model::procedures::Procedure;

const TEXT: &str = include_str!("../../../../standards/procedure.toml");

fn faults(change: impl FnOnce(&str) -> String) -> Vec<String> {
    let error = Procedure::from_toml(&change(TEXT)).unwrap_err();
    error.faults.iter().map(ToString::to_string).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn wrong_procedures_are_refused_with_line_field_and_reason() {
    let swap = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        faults(move |text| {
            assert!(text.contains(&from), "{from}");
            text.replacen(&from, &to, 1)
        })
    };
    let rows = [
        (
            "to = \"verify\"",
            "to = \"nowhere\"",
            "move.send_verify.to: there is no state \"nowhere\"",
        ),
        (
            "from = [\"verify\"]",
            "from = []",
            "move.verify_ok.from: starts from no state",
        ),
        ("roles = [\"arbiter\"]", "roles = []", "no role may make it"),
        (
            "zh = \"核查\"",
            "zh = \"\"",
            "state.check.zh: has no Chinese label",
        ),
        (
            "en = \"Weather forbids work\"",
            "",
            "reasons.pause.weather.en: has no English label",
        ),
        (
            "code = \"take\"",
            "code = \"return\"",
            "move.return: is named twice",
        ),
        (
            "\"not_contested\"",
            "\"not_tired\"",
            "there is no guard \"not_tired\"",
        ),
        ("unless supervisor", "unless boss", "there is no role \"boss\""),
        (
            "reason = \"return\"",
            "reason = \"none\"",
            "there is no list of reasons \"none\"",
        ),
        (
            "rule = true\nnote = true\neffects = [\"return\"]",
            "note = true\neffects = [\"return\"]",
            "a return must cite a rule",
        ),
        ("closing_reason = \"not_found\"", "", "closes without a reason"),
        (
            "closing_reason = \"not_found\"",
            "closing_reason = \"xx\"",
            "there is no such reason",
        ),
        (
            "stops = [\"state\"]",
            "",
            "every reason to pause must say which clocks it stops",
        ),
        (
            "effects = [\"close\"]\nclosing_reason",
            "effects = []\nclosing_reason",
            "the effect close belongs exactly where",
        ),
        (
            "effects = [\"reopen\"]",
            "",
            "the effect reopen belongs exactly where",
        ),
        ("office = \"always\"", "", "an office is needed exactly where"),
        ("until = \"optional\"\n", "", "@none"),
        (
            "closed = \"close\"",
            "closed = \"handle\"",
            "is not a state of the phase closed",
        ),
        (
            "web = \"report\"",
            "web = \"close\"",
            "is not a state of the phase open",
        ),
        (
            "[auto]\nto = \"handle\"",
            "[auto]\nto = \"here\"",
            "auto.to: there is no state \"here\"",
        ),
        (
            "stays_in = [\"check\"]",
            "stays_in = [\"handle\"]",
            "is not among the states it starts from",
        ),
        ("phase = \"void\"", "phase = \"gone\"", "unknown variant `gone`"),
        ("grave = true", "brave = true", "unknown field `brave`"),
    ];
    for (from, to, expected) in rows {
        if expected == "@none" {
            assert!(Procedure::from_toml(&TEXT.replacen(from, to, 1)).is_ok());
            continue;
        }
        let found = swap(from, to);
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "{from} → {to}: {found:#?}"
        );
    }
}

#[test]
fn states_that_cannot_be_reached_or_closed_are_found() {
    let lonely = "[[state]]\ncode = \"lonely\"\nzh = \"孤\"\nen = \"Lonely\"\nphase = \"open\"\n\n[[move]]";
    let found = faults(|text| text.replacen("[[move]]", lonely, 1));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].starts_with("line ") && found[0].contains("state.lonely: no move leads to it"),
        "{found:#?}"
    );
    assert!(
        found[1].contains("state.lonely: no sequence of moves closes a case from here"),
        "{found:#?}"
    );
}
