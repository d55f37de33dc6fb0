//! Routing by tables: each condition alone and together, order, templates, explanations, refusals of wrong sets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that stops says what is wrong"
)]

use anlan_model::calendars::Calendar;
use anlan_model::class_tables;
use anlan_model::classes::Class;
use anlan_model::ids::{CaseId, ClassCode, OfficeId};
use anlan_model::incoming::Channel;
use anlan_model::offices::{Office, OfficeKind};
use anlan_model::routing::{Past, RouteFacts, Router, RuleSet};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::china().unwrap());
static CLASSES: LazyLock<BTreeMap<ClassCode, Class>> = LazyLock::new(|| {
    class_tables::gbt47678()
        .unwrap()
        .into_iter()
        .map(|class| (class.code.clone(), class))
        .collect()
});

fn offices() -> BTreeMap<OfficeId, Office> {
    let rows = [
        (1, "centre", OfficeKind::Centre, "", None),
        (2, "cleaning", OfficeKind::Department, "", Some(1)),
        (3, "north", OfficeKind::Street, "330106001", Some(1)),
        (4, "south", OfficeKind::Street, "330106002", Some(1)),
        (5, "county", OfficeKind::Street, "330106", Some(1)),
        (6, "power", OfficeKind::Station, "", Some(2)),
        (7, "gone", OfficeKind::Station, "", None),
    ];
    let office = |(id, code, kind, division, parent): (i64, &str, _, &str, Option<i64>)| Office {
        id: OfficeId(id),
        code: code.into(),
        name_zh: format!("{code}办"),
        name_en: format!("{code} office"),
        kind,
        parent: parent.map(OfficeId),
        division: division.into(),
        is_active: code != "gone",
    };
    rows.into_iter()
        .map(|row| (OfficeId(row.0), office(row)))
        .collect()
}

const RULES: &str = r#"
version = 7
fallback_office = "centre"
[[rules]]
name = "wires at night"
classes = ["m10002"]
hours = ["closed"]
office = "power"
[[rules]]
name = "wires"
classes = ["m10002"]
keywords = ["电线", "Cable"]
office = "power"
[[rules]]
name = "dirt"
groups = ["Streetscape and environment"]
divisions = ["330106"]
cells = ["B-7"]
office = "cleaning"
[[rules]]
name = "from workers"
channels = ["worker"]
classes = ["m09*"]
office = "street-of-place"
[[rules]]
name = "streets"
office = "street-of-place"
"#;

fn router(text: &str) -> Router {
    Router::new(RuleSet::from_toml(text).unwrap(), &offices(), &CLASSES).unwrap()
}

#[derive(Clone, Copy)]
struct Given<'a> {
    class: Option<&'a str>,
    division: Option<&'a str>,
    cell: Option<&'a str>,
    channel: Channel,
    at: &'a str,
    texts: &'a [&'a str],
}

const GIVEN: Given<'static> = Given {
    class: None,
    division: None,
    cell: None,
    channel: Channel::Web,
    at: "2025-03-03T02:00:00Z",
    texts: &[],
};

fn facts<'a>(given: &Given<'a>) -> RouteFacts<'a> {
    RouteFacts {
        class: given.class.map(|code| &CLASSES[&ClassCode::from(code)]),
        division: given.division,
        cell: given.cell,
        channel: given.channel,
        at: given.at.parse().unwrap(),
        texts: given.texts,
        about_office: None,
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn the_first_rule_that_matches_wins() {
    let router = router(RULES);
    let dark = "2025-03-03T14:00:00Z";
    let rows = [
        (
            Given {
                class: Some("m10002"),
                at: dark,
                ..GIVEN
            },
            "power",
            Some("wires at night"),
        ),
        (
            Given {
                class: Some("m10002"),
                texts: &["路口", "有电线垂下"],
                ..GIVEN
            },
            "power",
            Some("wires"),
        ),
        (
            Given {
                class: Some("m10002"),
                texts: &["A CABLE hangs"],
                ..GIVEN
            },
            "power",
            Some("wires"),
        ),
        (
            Given {
                class: Some("m10002"),
                texts: &["有东西垂下"],
                ..GIVEN
            },
            "centre",
            None,
        ),
        (
            Given {
                class: Some("m06010"),
                division: Some("330106001002"),
                ..GIVEN
            },
            "cleaning",
            Some("dirt"),
        ),
        (
            Given {
                class: Some("m06010"),
                cell: Some("B-7"),
                ..GIVEN
            },
            "cleaning",
            Some("dirt"),
        ),
        (
            Given {
                class: Some("m06010"),
                cell: Some("B-8"),
                division: Some("330107001"),
                ..GIVEN
            },
            "centre",
            None,
        ),
        (
            Given {
                class: Some("m09005"),
                channel: Channel::Worker,
                division: Some("330106002001"),
                ..GIVEN
            },
            "south",
            Some("from workers"),
        ),
        (
            Given {
                class: Some("m09005"),
                division: Some("330106002001"),
                ..GIVEN
            },
            "south",
            Some("streets"),
        ),
        (
            Given {
                class: None,
                division: Some("330106001"),
                ..GIVEN
            },
            "north",
            Some("streets"),
        ),
        // The longest division that holds the place.
        (
            Given {
                class: None,
                division: Some("330106009"),
                ..GIVEN
            },
            "county",
            Some("streets"),
        ),
        (Given { class: None, ..GIVEN }, "centre", None),
    ];
    let offices = offices();
    for (number, (given, office, rule)) in rows.iter().enumerate() {
        let routed = router.route(&facts(given), &CALENDAR).unwrap();
        assert_eq!(offices[&routed.office].code, *office, "row {number}");
        assert_eq!(
            routed.rule.as_ref().map(anlan_model::ids::RuleName::as_str),
            *rule,
            "row {number}"
        );
        assert_eq!(routed.rule_set, 7);
        let (zh, en) = router.explain(&routed.route());
        assert_eq!(
            (zh, en),
            (routed.explanation_zh, routed.explanation_en),
            "row {number}"
        );
    }
}

#[test]
fn the_explanation_says_rule_conditions_and_office() {
    let router = router(RULES);
    let given = Given {
        class: Some("m10002"),
        texts: &["电线"],
        ..GIVEN
    };
    let routed = router.route(&facts(&given), &CALENDAR).unwrap();
    assert_eq!(
        routed.explanation_zh,
        "按规则“wires”（类别 架空线缆脱落；关键词 电线、Cable）派往power办"
    );
    assert_eq!(
        routed.explanation_en,
        "by rule \"wires\" (class Fallen overhead line; words 电线, Cable) to power office"
    );
    let mut old = routed.route();
    old.rule_set = 3;
    assert_eq!(
        router.explain(&old).1,
        "by rule \"wires\" of version 3 to power office"
    );
    let none = router.route(&facts(&GIVEN), &CALENDAR).unwrap();
    assert_eq!(none.explanation_zh, "没有规则适用，交由centre办");
}

#[test]
fn a_complaint_never_goes_to_the_office_it_is_about() {
    let router = router(RULES);
    let at = |about: i64, division| RouteFacts {
        about_office: Some(OfficeId(about)),
        division,
        ..facts(&GIVEN)
    };
    let go = |facts: RouteFacts<'_>| router.route(&facts, &CALENDAR).map(|routed| routed.office);
    assert_eq!(go(at(3, Some("330106001"))), Some(OfficeId(1)));
    assert_eq!(go(at(4, Some("330106001"))), Some(OfficeId(3)));
    // The fallback itself, with nobody above it.
    assert_eq!(go(at(1, None)), None);
}

#[test]
fn a_wrong_set_is_refused_with_every_fault() {
    let text = r#"
fallback_office = "nowhere"
[[rules]]
name = "a"
classes = ["m06*"]
office = "cleaning"
[[rules]]
name = "a"
classes = ["m06010"]
keywords = ["垃圾"]
office = "nobody"
[[rules]]
name = "b"
classes = ["x99*"]
groups = ["none"]
hours = ["sometimes"]
keywords = [" "]
divisions = [""]
office = "gone"
"#;
    let error = Router::new(RuleSet::from_toml(text).unwrap(), &offices(), &CLASSES).unwrap_err();
    let found: Vec<&str> = error.faults.iter().map(|fault| fault.field.as_str()).collect();
    let expected = [
        "rule.a.office",
        "rule.b.hours",
        "rule.b.keywords",
        "rule.b.office",
        "rule.b.classes",
        "rule.b.groups",
        "rule.b.divisions",
        "rule.a.name",
        "rule.a",
        "fallback_office",
    ];
    assert_eq!(found, expected, "{error}");
    assert!(
        RuleSet::from_toml("[[rules]]\nname = \"a\"\ncolour = \"red\"")
            .unwrap_err()
            .faults[0]
            .line
            .is_some()
    );
}

#[test]
fn a_rule_below_one_that_takes_all_of_it_is_found() {
    let rule = |name: &str, rest: &str| format!("[[rules]]\nname = \"{name}\"\n{rest}\n");
    let is_shadowed = |upper: &str, lower: &str| {
        let text = rule("upper", upper) + &rule("lower", lower);
        Router::new(RuleSet::from_toml(&text).unwrap(), &offices(), &CLASSES).is_err()
    };
    let to = "office = \"cleaning\"";
    for (upper, lower) in [
        ("", ""),
        ("", "classes = [\"m06010\"]"),
        ("classes = [\"m06*\"]", "classes = [\"m06010\"]"),
        ("groups = [\"市容环境类\"]", "classes = [\"m06010\", \"m06011\"]"),
        ("divisions = [\"3301\"]", "divisions = [\"330106\"]"),
        ("keywords = [\"垃圾\"]", "keywords = [\"垃圾桶\"]"),
        ("hours = [\"closed\"]", "hours = [\"closed\"]"),
        ("channels = [\"web\", \"worker\"]", "channels = [\"web\"]"),
    ] {
        assert!(
            is_shadowed(&format!("{upper}\n{to}"), &format!("{lower}\n{to}")),
            "{upper} over {lower}"
        );
        let differs = upper != lower && !upper.is_empty();
        assert!(
            !differs || !is_shadowed(&format!("{lower}\n{to}"), &format!("{upper}\n{to}")),
            "{lower} over {upper}"
        );
    }
    assert!(
        !is_shadowed("office = \"street-of-place\"", to),
        "a template may find no office"
    );
}

#[test]
fn a_set_is_tried_on_past_cases() {
    let router = router(RULES);
    let a = facts(&Given {
        class: Some("m06010"),
        division: Some("330106001"),
        ..GIVEN
    });
    let b = facts(&GIVEN);
    let past = [(1, a, Some(2)), (2, a, Some(3)), (3, b, None), (4, b, Some(1))];
    let past = past.map(|(id, facts, office)| Past {
        case: CaseId(id),
        facts,
        office: office.map(OfficeId),
    });
    let tried = router.try_on(past, &CALENDAR, 1);
    assert_eq!((tried.tried, tried.changed, tried.fallback), (4, 2, 2));
    assert_eq!((tried.per_rule["dirt"], tried.per_rule["streets"]), (2, 0));
    assert_eq!(tried.samples.len(), 1);
    assert_eq!(
        (tried.samples[0].case, tried.samples[0].new_office),
        (CaseId(2), Some(OfficeId(2)))
    );
}

#[test]
fn sets_are_kept_as_json() {
    let set = RuleSet::from_toml(RULES).unwrap();
    let json = serde_json::to_string(&set).unwrap();
    assert_eq!(serde_json::from_str::<RuleSet>(&json).unwrap(), set);
    let empty: RuleSet = serde_json::from_str(r#"{"version":0,"rules":[],"fallback":""}"#).unwrap();
    let router = Router::new(empty, &offices(), &CLASSES).unwrap();
    assert!(router.route(&facts(&GIVEN), &CALENDAR).is_none());
}
