//! The tables shipped with Anlan are read without a fault, and fit each other.

use anlan_model::calendars::Calendar;
use anlan_model::class_tables;
use anlan_model::classes::{ClassKind, Priority};
use anlan_model::deadlines::DeadlineTable;
use anlan_model::procedures::Procedure;

#[test]
fn procedure_calendar_and_deadlines_are_whole() {
    let procedure = Procedure::standard().unwrap();
    assert_eq!(procedure.states().len(), 11);
    assert_eq!(Calendar::china().unwrap().zone_name(), "Asia/Shanghai");
    let table = DeadlineTable::demo().unwrap();
    assert_eq!(table.name(), "demo");
    // Every stage in which somebody must act has a term, and every class a promise.
    for state in procedure.states() {
        let open = state.phase == anlan_model::cases::Phase::Open;
        assert_eq!(table.state(&state.code, None).is_some(), open, "{}", state.code);
    }
    for class in class_tables::gbt47678().unwrap() {
        assert!(table.overall(Some(&class.code)).is_some(), "{}", class.code);
    }
}

#[test]
fn the_class_table_is_whole_and_keeps_the_limits_of_the_product() {
    let classes = class_tables::gbt47678().unwrap();
    let count = |kind| classes.iter().filter(|class| class.kind == kind).count();
    assert_eq!(
        (count(ClassKind::Component), count(ClassKind::Matter)),
        (153, 247)
    );
    for absent in ["m09003", "m07007", "m09008"] {
        assert!(
            classes.iter().all(|class| class.code.as_str() != absent),
            "{absent}"
        );
    }
    let rubbish = classes
        .iter()
        .find(|class| class.code.as_str() == "m06010")
        .unwrap();
    assert_eq!(
        (rubbish.name_zh.as_str(), rubbish.name_en.as_str()),
        ("暴露垃圾", "Exposed rubbish")
    );
    assert_eq!(
        (rubbish.priority, rubbish.table.as_str()),
        (Priority::P3, "gbt47678.5")
    );
    assert!(rubbish.closing.photo && rubbish.is_active);
    // What is written is what was read.
    let again = class_tables::read("gbt47678.5", &class_tables::write(&classes)).unwrap();
    assert_eq!(again, classes);
}

#[test]
fn a_wrong_class_table_is_refused_with_line_and_column() {
    let header = class_tables::COLUMNS.join(",");
    let good = "boston/street-lights,local,路灯,Lighting,路灯,Street lights,P3,no,no,no,30,yes";
    assert_eq!(
        class_tables::read("boston", &format!("# note\n{header}\n{good}\n"))
            .unwrap()
            .len(),
        1
    );
    let bad = [
        "c1,component,a,a,a,a,P3,no,no,no,30,yes",
        "c01001,part,a,a,a,a,P3,no,no,no,30,yes",
        "c01002,component,,a,a,a,P5,no,maybe,no,0,yes",
        "c01003,component,a",
        good,
        good,
    ];
    let error = class_tables::read("test", &format!("{header}\n{}\n", bad.join("\n"))).unwrap_err();
    let found: Vec<_> = error
        .faults
        .iter()
        .map(|f| (f.line.unwrap(), f.column.unwrap(), f.field.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, 1, "code"),
            (3, 2, "kind"),
            (4, 3, "group_zh"),
            (4, 7, "priority"),
            (4, 9, "second_person"),
            (4, 11, "duplicate_radius_m"),
            (5, 1, "code"),
            (7, 1, "code"),
        ]
    );
    assert!(
        class_tables::read("test", "code,name\n")
            .unwrap_err()
            .to_string()
            .contains("the first line must be code,kind")
    );
    assert!(
        class_tables::read("test", "")
            .unwrap_err()
            .to_string()
            .contains("the first line must be")
    );
    assert!(
        class_tables::read("test", &format!("{header}\n"))
            .unwrap_err()
            .to_string()
            .contains("names no class")
    );
}
