//! What must hold of the demo: the same each time, a county without gaps, codes in order, words without persons.

use super::county::{County, SCHEME, centroid, degrees};
use super::dice::Dice;
use super::life::{Act, Rules, Story, World, tell};
use super::{SEED, offices, start};
use anlan_model::calendars::Calendar;
use anlan_model::class_tables;
use anlan_model::classes::Class;
use anlan_model::deadlines::DeadlineTable;
use anlan_model::ids::ClassCode;
use anlan_store::reviews::ReviewFilter;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

fn county() -> County {
    County::build(&Dice::new(SEED).fork("county")).unwrap()
}

fn classes() -> BTreeMap<ClassCode, Class> {
    let mut all = class_tables::gbt47678().unwrap();
    all.extend(class_tables::read("demo", include_str!("../../../../demo/classes.csv")).unwrap());
    all.into_iter().map(|class| (class.code.clone(), class)).collect()
}

fn stories(now: &str) -> (World, Vec<Story>) {
    let dice = Dice::new(SEED);
    let world = World::build(&dice).unwrap();
    let (calendar, classes) = (Calendar::china().unwrap(), classes());
    let deadlines = DeadlineTable::from_toml(&start::deadlines().unwrap()).unwrap();
    let now: Timestamp = now.parse().unwrap();
    let told = tell(
        &dice,
        &world,
        Rules {
            calendar: &calendar,
            deadlines: &deadlines,
            classes: &classes,
        },
        now,
    );
    (world, told)
}

const NOW: &str = "2026-11-20T03:20:00Z";

#[test]
fn the_same_seed_gives_the_same_county_byte_for_byte() {
    let text = |county: County| {
        county
            .cells
            .iter()
            .map(|cell| format!("{} {} {}", cell.code, cell.population, cell.geometry()))
            .collect::<Vec<_>>()
    };
    assert_eq!(text(county()), text(county()));
}

/// Every edge lies between exactly two cells or on the outline, and the outline is one ring: no gap, no overlap.
#[test]
fn the_cells_tile_the_county() {
    let county = county();
    let mut edges: BTreeMap<[i64; 4], i32> = BTreeMap::new();
    #[expect(clippy::cast_possible_truncation, reason = "micro-degrees")]
    let micro = |value: f64| (value * 1e6).round() as i64;
    let mut area = 0.0;
    for cell in &county.cells {
        let ring: Vec<[i64; 2]> = cell
            .ring
            .iter()
            .map(|at| degrees(*at))
            .map(|at| [micro(at.lon), micro(at.lat)])
            .collect();
        assert_eq!(
            ring.iter().collect::<BTreeSet<_>>().len(),
            ring.len(),
            "{} passes a corner twice",
            cell.code
        );
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            *edges.entry([a[0], a[1], b[0], b[1]]).or_default() += 1;
        }
        let own = centroid(&cell.ring).1;
        assert!(own > 20_000.0, "{} has {own} m²", cell.code);
        area += own;
    }
    assert!(
        edges.values().all(|count| *count == 1),
        "an edge is walked twice in the same direction"
    );
    let outline: BTreeMap<[i64; 2], [i64; 2]> = edges
        .keys()
        .filter(|[a, b, c, d]| !edges.contains_key(&[*c, *d, *a, *b]))
        .map(|[a, b, c, d]| ([*a, *b], [*c, *d]))
        .collect();
    let start = *outline.keys().next().unwrap();
    let (mut at, mut steps, mut twice) = (start, 0, 0_i64);
    loop {
        let next = outline[&at];
        twice += (at[0] - start[0]) * (next[1] - start[1]) - (next[0] - start[0]) * (at[1] - start[1]);
        (at, steps) = (next, steps + 1);
        if at == start {
            break;
        }
    }
    assert_eq!(steps, outline.len(), "the outline is not one ring");
    #[expect(clippy::cast_precision_loss, reason = "an area in square micro-degrees")]
    let inside = twice as f64 / 2.0 * 1e-12 * 111_195.08_f64.powi(2) * 27.9_f64.to_radians().cos();
    assert!(
        (inside / area - 1.0).abs() < 1e-6,
        "cells {area} m², outline {inside} m²"
    );
}

#[test]
fn the_grid_library_finds_nothing_to_say() {
    let county = county();
    let polygons: Vec<_> = county
        .cells
        .iter()
        .map(|cell| anlan_grid::geo_json::parse_geometry(&cell.geometry()).unwrap())
        .collect();
    let shapes: Vec<_> = (1..)
        .zip(county.cells.iter().zip(&polygons))
        .map(|(number, (cell, polygons))| anlan_grid::topology::Shape {
            number,
            name: &cell.zh,
            code: Some(&cell.code),
            polygons,
            flaws: &[],
        })
        .collect();
    assert_eq!(
        anlan_grid::topology::check(&shapes, Some([113.0, 27.7, 113.4, 28.1])),
        Vec::new()
    );
}

#[test]
fn codes_are_unique_nested_and_in_order() {
    let county = county();
    assert_eq!(SCHEME, "gbt47678.3");
    assert!(
        (270..=330).contains(&county.cells.len()),
        "{} cells",
        county.cells.len()
    );
    let codes: BTreeSet<&str> = county.cells.iter().map(|cell| cell.code.as_str()).collect();
    assert_eq!(codes.len(), county.cells.len());
    let divisions: BTreeSet<String> = county
        .divisions()
        .into_iter()
        .map(|division| division.code)
        .collect();
    for cell in &county.cells {
        assert!(
            cell.code.len() == 15 && cell.code.starts_with("990101"),
            "{}",
            cell.code
        );
        for digits in [6, 9, 12] {
            assert!(
                divisions.contains(cell.code.get(..digits).unwrap()),
                "{}",
                cell.code
            );
        }
    }
    let communities: BTreeSet<&str> = county.cells.iter().map(|cell| cell.community.as_str()).collect();
    assert!((38..=42).contains(&communities.len()));
    for community in communities {
        let own: Vec<_> = county
            .cells
            .iter()
            .filter(|cell| cell.community == community)
            .collect();
        for (index, cell) in own.iter().enumerate() {
            assert_eq!(cell.code.get(12..).unwrap().parse::<usize>().unwrap(), index + 1);
        }
        let (first, last) = (own.first().unwrap().middle(), own.last().unwrap().middle());
        assert!(
            first[1] > last[1] || first[0] < last[0] || own.len() == 1,
            "{community}: serials run north to south, west to east"
        );
    }
}

#[test]
fn the_same_seed_and_now_give_the_same_life() {
    let (_, first) = stories(NOW);
    let (world, second) = stories(NOW);
    assert_eq!(first, second);
    assert!((3_400..4_800).contains(&first.len()), "{} stories", first.len());
    for story in &first {
        assert!(story.beats.is_sorted_by_key(|beat| beat.at), "{story:?}");
        assert!(story.beats.first().is_none_or(|beat| beat.at >= story.report.at));
        let title = story.report.title.chars().count();
        assert!(
            (4..=80).contains(&title) && !story.report.description.contains(['{', '}']),
            "{:?}",
            story.report
        );
    }
    let keys: Vec<usize> = first.iter().map(|story| story.key).collect();
    assert_eq!(keys, (0..first.len()).collect::<Vec<_>>());
    let used: BTreeSet<usize> = first.iter().map(|story| story.matter).collect();
    assert_eq!(used.len(), world.matters.len(), "every matter happens");
    let merges = first
        .iter()
        .flat_map(|story| &story.beats)
        .filter(|beat| matches!(beat.act, Act::Merge(_)))
        .count();
    assert!(merges > 40, "{merges} merges");
}

#[test]
fn words_name_no_person_and_no_number_to_call() {
    let (world, stories) = stories(NOW);
    let mut texts: BTreeSet<String> = world.notes.all().cloned().collect();
    texts.extend(
        world
            .matters
            .iter()
            .flat_map(|matter| matter.sentences().cloned()),
    );
    texts.extend(stories.iter().flat_map(|story| {
        [
            story.report.title.clone(),
            story.report.description.clone(),
            story.report.address.clone(),
        ]
    }));
    for text in texts {
        let longest = text
            .split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max()
            .unwrap_or(0);
        assert!(longest <= 4, "a number to call? {text}");
        for word in [
            "先生",
            "女士",
            "身份证",
            "手机号",
            "上访",
            "信访",
            "聚集",
            "集会",
            "游行",
            "讨薪",
            "举牌",
            "Mr ",
            "Mrs ",
            "Ms ",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn classes_are_known_and_none_is_about_persons_speech_or_assembly() {
    let (world, classes) = (World::build(&Dice::new(SEED)).unwrap(), classes());
    for matter in &world.matters {
        let class = classes
            .get(&matter.class)
            .unwrap_or_else(|| panic!("{} is in no table", matter.class));
        assert!(class.is_active);
    }
    for class in classes.values().filter(|class| class.table == "demo") {
        for word in ["人员", "聚集", "言论", "信访", "重点", "舆情"] {
            assert!(!class.name_zh.contains(word), "{}", class.name_zh);
        }
    }
}

#[test]
fn every_role_has_an_account_and_every_account_an_office() {
    let places = super::Places::shipped().unwrap();
    let offices = offices::offices(&places).unwrap();
    let codes: BTreeSet<&str> = offices.iter().map(|office| office.office.code.as_str()).collect();
    assert_eq!(codes.len(), offices.len());
    let accounts = offices::accounts(&places, &offices);
    let names: BTreeSet<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(names.len(), accounts.len());
    assert!(
        accounts
            .iter()
            .all(|account| codes.contains(account.office.as_str()))
    );
    for name in [
        "duty",
        "clerk",
        "worker-01",
        "officer-water",
        "officer-001",
        "supervisor",
        "arbiter",
        "commander",
        "steward",
        "admin",
        "security",
        "auditor",
        "privacy",
    ] {
        assert!(names.contains(name), "{name}");
    }
    assert!(offices::PASSWORD.chars().count() >= 10);
    assert!(super::Accounts(accounts).to_string().contains(offices::PASSWORD));
}

/// A node in a folder of its own, gone when dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("anlan-{name}-{}", std::process::id()));
        std::fs::remove_dir_all(&path).ok();
        Self(path)
    }

    fn open(&self, now: &str) -> crate::node::Node {
        let clock = std::sync::Arc::new(anlan_model::clock::SetClock::at(now.parse().unwrap()));
        crate::node::Node::open_at(&self.0, crate::node::Size::default(), clock).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn a_node_is_seeded_once_by_lawful_moves_only_and_stays_alive() {
    let folder = Folder::new("demo-seed");
    let node = folder.open(NOW);
    let app = &node.app;
    let places = super::Places::shipped().unwrap();
    let known = offices::offices(&places).unwrap();
    let accounts = super::Accounts(offices::accounts(&places, &known));
    let refused = super::fill(app, &known, &accounts, &mut |_, _| {}).unwrap();
    assert_eq!(refused, Vec::<String>::new());
    let count = |phase| {
        let filter = anlan_store::cases::CaseFilter {
            phase,
            visible: anlan_store::cases::Visibility::everything(),
            ..Default::default()
        };
        app.store
            .read(|tx| anlan_store::cases::count(tx, &filter))
            .unwrap()
    };
    let reviews = app
        .store
        .read(|tx| anlan_store::reviews::list(tx, &ReviewFilter::default(), None, 50));
    let reviews = reviews.unwrap().items;
    let of = |review: &anlan_model::reviews::Review| review.finding.account;
    let names = ["clerk-2", "duty-3"].map(|name| {
        let found = app.store.read(|tx| anlan_store::accounts::find_by_name(tx, name));
        found.unwrap().unwrap().0.id
    });
    assert!(
        names
            .iter()
            .all(|id| reviews.iter().any(|review| of(review) == *id)),
        "{reviews:#?}"
    );
    assert!(
        reviews.len() < 12,
        "only what stands out is in the queue: {reviews:#?}"
    );
    let all = count(None);
    assert!((3_400..4_800).contains(&all), "{all} cases");
    let open = count(Some(anlan_model::cases::Phase::Open));
    assert!((200..480).contains(&open), "{open} open");
    super::fill(app, &known, &accounts, &mut |_, _| {}).unwrap();
    assert_eq!(count(None), all, "seeding again adds nothing");
    super::seed(app, &mut |_, _| {}).unwrap();
    super::trickle(app, 0).unwrap();
    assert_eq!(count(None), all + 1, "something happens at once");
    let cast = super::cast::Cast::of(app).unwrap();
    let next = super::trickle::open_cases(app, &cast).unwrap().items;
    let newest = app.store.read(anlan_store::cases::newest).unwrap();
    assert!(
        next.iter().all(|case| Some(case.id) != newest),
        "what is new is left to who sent it"
    );
    for step in 1..20 {
        super::trickle(app, step).unwrap();
    }
}

#[test]
fn a_node_with_a_life_of_its_own_is_left_alone() {
    let folder = Folder::new("demo-real");
    let node = folder.open(NOW);
    let office = anlan_store::offices::NewOffice {
        code: "real".into(),
        name_zh: "真".into(),
        name_en: "Real".into(),
        kind: anlan_model::offices::OfficeKind::Centre,
        parent: None,
        division: String::new(),
        is_active: true,
    };
    anlan_app::reference::put_offices(&node.app, &anlan_app::Caller::system(), vec![office]).unwrap();
    let error = super::seed(&node.app, &mut |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("not the demo"), "{error}");
}
