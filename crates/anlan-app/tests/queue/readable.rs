//! A search tells nothing of what may not be read: for every role, and for roles that no shipped policy makes, it finds just the
//! cases whose visible fields have the words.

use crate::county::{County, mv};
use anlan_app::cases::{self, CaseQuery, Query};
use anlan_app::{Caller, maps};
use anlan_model::accounts::Role;
use anlan_model::cases::Case;
use anlan_model::ids::CaseId;
use anlan_policy::{Action, Policy, PolicyText};
use anlan_store::cases::{Sort, SortKey};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was told, and where. Some words stand in both, some in one of them.
const TOLD: [&str; 5] = [
    "井盖松动",
    "河边有垃圾",
    "Gas smell by the bridge",
    "河滨路积水",
    "school lamp",
];
const PLACES: [&str; 5] = [
    "河滨路 12 号",
    "学府街 3 号",
    "Bridge Road 7",
    "Gasworks Lane",
    "",
];
/// Words of one letter to a few; each is found where it stands, and nowhere else.
const SOUGHT: [&str; 14] = [
    "井盖", "垃圾", "河", "河滨", "滨路", "积水", "学府", "gas", "bridge", "smell", "road", "lane", "school",
    "号",
];

/// Every text with every place, spread over offices and divisions, some of them complaints about an office.
fn told() -> County {
    let county = County::new();
    let duty = county.caller(Role::Duty, "centre");
    for (number, (told, place)) in TOLD
        .iter()
        .flat_map(|told| PLACES.map(|place| (*told, place)))
        .enumerate()
    {
        let lon = [113.005, 113.025, 113.035][number % 3];
        let class = if number % 2 == 0 { "m06010" } else { "m01002" };
        let mut report = county.report(class, lon, told);
        report.address = (!place.is_empty()).then(|| place.to_owned());
        let id = county.take(report).case.id;
        if number % 4 == 0 {
            county.go(&duty, id, &mv("accept")).unwrap();
        }
    }
    county
}

/// The policies with whoever is a commander reading words and no place, and a clerk neither.
fn unusual() -> Policy {
    let texts = Policy::shipped_texts().iter().map(|shipped| {
        let text = if shipped.name.ends_with("cases.cedar") {
            let (head, place) = shipped.text.split_once("@id(\"case.place.everywhere\")").unwrap();
            let (place, rest) = place.split_once("@id(").unwrap();
            let place = place
                .replace("Role::\"clerk\", ", "")
                .replace("Role::\"commander\", ", "");
            let rest = rest.replacen("Role::\"clerk\", ", "", 1);
            format!("{head}@id(\"case.place.everywhere\"){place}@id({rest}")
        } else {
            shipped.text.to_owned()
        };
        (shipped.name, text)
    });
    let texts: Vec<(&str, String)> = texts.collect();
    let sources: Vec<PolicyText<'_>> = texts
        .iter()
        .map(|(name, text)| PolicyText { name, text })
        .collect();
    Policy::load(&sources).unwrap()
}

fn query(text: &str) -> Query {
    Query {
        filter: CaseQuery {
            text: Some(text.to_owned()),
            ..CaseQuery::default()
        },
        sort: Sort::ascending(SortKey::Opened),
        cursor: None,
        limit: 200,
    }
}

fn listed(county: &County, caller: &Caller, text: Option<&str>) -> Vec<Case> {
    let mut query = query("");
    query.filter.text = text.map(ToOwned::to_owned);
    let page = cases::list(&county.app, caller, &query).unwrap();
    assert_eq!(
        page.total,
        page.items.len() as u64,
        "totals tell no more than lists"
    );
    page.items
}

/// What the caller sees of a case, in the list and when it is opened, written together.
fn visible(county: &County, caller: &Caller, case: &Case) -> String {
    let file = cases::read(&county.app, caller, case.id).unwrap();
    let mut seen = format!(
        "{} {}",
        case.title,
        case.place.address.as_deref().unwrap_or_default()
    );
    for report in &file.reports {
        seen.push(' ');
        seen.push_str(&report.description);
    }
    seen.to_lowercase()
}

/// Whether one of the words begins so; Han is written without blanks between words.
fn has(seen: &str, word: &str) -> bool {
    if word.is_ascii() {
        let mut words = seen.split(|c: char| !c.is_alphanumeric());
        return words.any(|seen| seen.starts_with(word));
    }
    seen.contains(word)
}

/// What a search finds is what is visible, in the list, in totals and on the map; how many it found.
fn agrees(county: &County, caller: &Caller) -> usize {
    let reads_no_place = !county.app.policy.may(&caller.actor, Action::CasePlace).allowed;
    let everything: Vec<(CaseId, String)> = listed(county, caller, None)
        .iter()
        .map(|case| (case.id, visible(county, caller, case)))
        .collect();
    let is_visible = |seen: &str, word: &str| {
        // Words that go on are looked for only where all may be read.
        let whole = || {
            seen.split(|c: char| !c.is_alphanumeric())
                .any(|seen| seen == word)
        };
        if reads_no_place && word.is_ascii() {
            whole()
        } else {
            has(seen, word)
        }
    };
    let mut found = 0;
    for word in SOUGHT {
        let who = format!("{word} as {:?}", caller.actor.roles);
        let search = listed(county, caller, Some(word));
        let search: BTreeSet<CaseId> = search.iter().map(|case| case.id).collect();
        let plain = everything.iter().filter(|(_, seen)| is_visible(seen, word));
        let plain: BTreeSet<CaseId> = plain.map(|(id, _)| *id).collect();
        assert_eq!(search, plain, "{who}");
        if !reads_no_place {
            let counts = maps::counts(&county.app, caller, &query(word).filter).unwrap();
            assert_eq!(counts.total, search.len() as u64, "{who}");
        }
        found += search.len();
    }
    found
}

fn callers(county: &County) -> Vec<Caller> {
    let mut all = vec![Caller::system()];
    for role in Role::ALL {
        for office in ["water", "street-1"] {
            if role.is_given() && !role.is_for_machines() {
                all.push(county.caller(role, office));
            }
        }
    }
    all.retain(|caller| county.app.policy.may(&caller.actor, Action::CaseList).allowed);
    all
}

#[test]
fn a_search_finds_only_what_may_be_read_whoever_asks() {
    let mut county = told();
    let mut asked = BTreeSet::new();
    for policy in [Policy::shipped().unwrap(), unusual()] {
        county.app.policy = Arc::new(policy);
        for caller in callers(&county) {
            if agrees(&county, &caller) > 0 {
                asked.insert(caller.actor.roles.clone());
            }
        }
    }
    assert!(asked.len() > 7, "{asked:?}");
}

#[test]
fn hidden_words_are_not_confirmed_and_a_number_is_found() {
    let county = told();
    let (duty, steward) = (
        county.caller(Role::Duty, "centre"),
        county.caller(Role::Steward, "centre"),
    );
    assert_eq!(listed(&county, &duty, Some("垃圾")).len(), PLACES.len());
    assert!(listed(&county, &steward, Some("垃圾")).is_empty());
    assert_eq!(listed(&county, &steward, Some("学府")).len(), TOLD.len());
    let first = listed(&county, &steward, None).remove(0);
    assert_eq!(first.title, first.number(), "a title is the reporter's words");
    assert_eq!(
        listed(&county, &steward, Some(&first.number())),
        std::slice::from_ref(&first)
    );
    let other_year = first.number().replace("AL26", "AL25");
    assert!(listed(&county, &steward, Some(&other_year)).is_empty());
}

#[test]
fn rules_are_tried_only_on_words_that_may_be_read() {
    let county = told();
    let mut rules = county.app.node().router.rules().clone();
    rules.rules[0].keywords = vec!["垃圾".into()];
    let tried = |role| {
        let tried = anlan_app::rules::try_on(&county.app, &county.caller(role, "centre"), rules.clone());
        let tried = tried.unwrap();
        (tried.per_rule["gas"], tried.unread)
    };
    assert_eq!(tried(Role::Duty), (PLACES.len() as u64, 0));
    assert_eq!(tried(Role::Steward), (0, (TOLD.len() * PLACES.len()) as u64));
}
