//! The watch on real cities, day by day as it would have run: what it warns of, when, and what it leaves alone. Needs the
//! files under `ANLAN_SHARED`; says so and passes without them.

mod unseen;

use crate::import::{self, Trial};
use crate::node::{Node, Size};
use anlan_app::jurisdictions::documents;
use anlan_app::{App, Caller, reference, warnings};
use anlan_model::calendars::Calendar;
use anlan_model::class_tables;
use anlan_model::clock::{Clock, SetClock};
use anlan_model::warnings::Warning;
use anlan_store::cells::NewCell;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

struct City {
    node: Node,
    clock: Arc<SetClock>,
    calendar: Calendar,
    _folder: tempfile::TempDir,
}

fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ANLAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join("data/given").join(file);
    if path.is_file() {
        return Some(path);
    }
    crate::cli::say(&format!("skipped: {} is not there", path.display()));
    None
}

/// Squares of about `side` degrees over a box of west, south, east, north.
fn squares([west, south, east, north]: [f64; 4], side: f64) -> Vec<NewCell> {
    let mut cells = Vec::new();
    let (mut lat, mut row) = (south, 0);
    while lat < north {
        let (mut lon, mut column) = (west, 0);
        while lon < east {
            let (to_lon, to_lat) = (lon + side, lat + side);
            cells.push(NewCell {
                code: format!("{row:02}{column:02}"),
                name_zh: format!("格 {row}-{column}"),
                name_en: format!("square {row}-{column}"),
                division: String::new(),
                population: None,
                geometry: format!(
                    r#"{{"type":"Polygon","coordinates":[[[{lon},{lat}],[{to_lon},{lat}],[{to_lon},{to_lat}],[{lon},{to_lat}],[{lon},{lat}]]]}}"#
                ),
            });
            (lon, column) = (to_lon, column + 1);
        }
        (lat, row) = (lat + side, row + 1);
    }
    cells
}

const CALENDAR: &str = r#"
name = "New York, weekends only"
time_zone = "America/New_York"
source = "public holidays of the United States, 2011, 2015 and 2016"
known_years = [2011, 2015, 2016]
urgent_hours = ["00:00-24:00"]
[office_hours]
monday = ["09:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["09:00-17:00"]
[[holiday]]
name_zh = "圣诞节"
name_en = "Christmas"
from = "2015-12-25"
to = "2015-12-25"
[[holiday]]
name_zh = "元旦"
name_en = "New Year"
from = "2016-01-01"
to = "2016-01-01"
[[holiday]]
name_zh = "马丁·路德·金日"
name_en = "Martin Luther King Day"
from = "2016-01-18"
to = "2016-01-18"
[[holiday]]
name_zh = "阵亡将士纪念日"
name_en = "Memorial Day"
from = "2016-05-30"
to = "2016-05-30"
[[holiday]]
name_zh = "独立日"
name_en = "Independence Day"
from = "2016-07-04"
to = "2016-07-04"
"#;

impl City {
    /// Cells, plan and calendar are the city's.
    fn import(
        file: &std::path::Path,
        mapping: &str,
        (cells, plan, calendar): (Vec<NewCell>, String, String),
        now: &str,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::at(now.parse().unwrap()));
        let shared: Arc<dyn Clock> = Arc::<SetClock>::clone(&clock);
        let node = Node::open_at(folder.path(), Size::default(), shared).unwrap();
        let system = Caller::system();
        reference::put_document(&node.app, &system, documents::CALENDAR, calendar.clone()).unwrap();
        reference::put_cells(&node.app, &system, "squares", cells, Vec::new()).unwrap();
        // Without the tables' classes a plan watches only what a mapping brought along.
        reference::put_classes(&node.app, &system, class_tables::gbt47678().unwrap()).unwrap();
        let done = import::whole(&node.app, &Trial { file, mapping }).unwrap();
        assert!(done.imported > 50_000, "{done:?}");
        reference::put_document(&node.app, &system, documents::WARNINGS, plan).unwrap();
        Self {
            node,
            clock,
            calendar: Calendar::from_toml(&calendar).unwrap(),
            _folder: folder,
        }
    }

    fn app(&self) -> &App {
        &self.node.app
    }

    /// Looks at these times of each day, as the beat does, from day to day.
    fn watch(&self, from: Date, to: Date, times: &[(i8, i8)]) {
        let mut day = from;
        while day <= to {
            for (hour, minute) in times {
                let at = self
                    .calendar
                    .zone()
                    .to_timestamp(day.at(*hour, *minute, 0, 0))
                    .unwrap();
                self.clock.set(at);
                warnings::pass(self.app()).unwrap();
            }
            day = day.saturating_add(1.days());
        }
    }

    fn warnings(&self) -> Vec<Warning> {
        let page = warnings::list(
            self.app(),
            &Caller::system(),
            &warnings::Filter::default(),
            None,
            500,
        )
        .unwrap();
        let mut all: Vec<Warning> = page
            .items
            .into_iter()
            .filter(|warning| warning.merged_into.is_none())
            .collect();
        all.reverse();
        all
    }

    fn day(&self, at: Timestamp) -> Date {
        self.calendar.zone().to_datetime(at).date()
    }

    fn tell(&self, all: &[Warning]) {
        let node = self.app().node();
        for warning in all {
            crate::cli::say(&format!(
                "{} to {} {}: at first {} for {:.1}, once in {:.0} days; at most {} for {:.1} · {}",
                self.day(warning.raised_at),
                self.day(warning.latest.to),
                warning.group.as_str(),
                warning.first.observed,
                warning.first.expected,
                warning.first.recurrence_days,
                warning.peak.observed,
                warning.peak.expected,
                warnings::told(&node, warning).en,
            ));
        }
    }
}

/// Two class groups, each with one false alarm a year: 2 / 12 a month for the node.
const MONTGOMERY: &str = r#"
beat_minutes = 60
population_min = 0
[budget]
false_alarms_per_month = 0.1667
[baseline]
days_min = 28
days_max = 730
trend = true
season = true
weekday = true
holidays = true
delay_hours = 0
[leave_out]
default_points = true
repeats = true
sources = []
[[group]]
name = "road"
name_zh = "道路险情"
name_en = "Hazards on the road"
classes = ["montgomery/traffic*", "m06036", "m10001", "m06014"]
methods = ["surge", "space_time"]
observed_min = 10
ratio_min = 1.5
span_days_max = 3
radius_m_max = 12000
[[group]]
name = "fire"
name_zh = "火警"
name_en = "Fires and alarms"
classes = ["montgomery/fire*"]
methods = ["surge", "space_time"]
observed_min = 10
ratio_min = 1.5
span_days_max = 3
radius_m_max = 12000
"#;

#[test]
#[ignore = "imports a year of calls and watches it day by day: minutes"]
fn long_the_blizzard_is_warned_of_on_its_first_day_and_the_year_keeps_its_budget() {
    let Some(file) = shared("montgomery-911/911.csv.zst") else {
        return;
    };
    let cells = squares([-75.80, 39.90, -74.90, 40.50], 0.05);
    let city = City::import(
        &file,
        "montgomery-911",
        (cells, MONTGOMERY.to_owned(), CALENDAR.to_owned()),
        "2016-08-25T12:00:00Z",
    );
    city.watch(date(2016, 1, 9), date(2016, 8, 23), &[(10, 0), (17, 0), (23, 59)]);
    let all = city.warnings();
    city.tell(&all);
    let first = date(2016, 1, 23);
    for group in ["road", "fire"] {
        let blizzard = all.iter().find(|warning| {
            warning.group.as_str() == group
                && city.day(warning.raised_at) <= first
                && city.day(warning.latest.to) >= first
        });
        assert!(
            blizzard.is_some(),
            "the blizzard is not warned of on its first day in {group}"
        );
    }
    // Days on which the county's own records show weather: trees and wires on the roads, alarms set off by lightning.
    let storms = [
        (date(2016, 1, 10), date(2016, 1, 13)),
        (date(2016, 1, 22), date(2016, 1, 28)),
        (date(2016, 2, 14), date(2016, 2, 17)),
        (date(2016, 2, 24), date(2016, 2, 26)),
        (date(2016, 4, 2), date(2016, 4, 4)),
        (date(2016, 7, 23), date(2016, 7, 26)),
    ];
    let mut others: BTreeMap<&str, u32> = BTreeMap::new();
    for warning in &all {
        let day = city.day(warning.raised_at);
        if !storms.iter().any(|(from, to)| (*from..=*to).contains(&day)) {
            *others.entry(warning.group.as_str()).or_default() += 1;
        }
    }
    crate::cli::say(&format!("beside the storms: {others:?}"));
    assert!(others.values().all(|count| *count <= 1), "{others:?}");
}

const BOSTON: &str = r#"
beat_minutes = 60
population_min = 0
[budget]
false_alarms_per_month = 0.0834
[baseline]
days_min = 28
days_max = 730
trend = true
season = true
weekday = true
holidays = true
delay_hours = 0
[leave_out]
default_points = true
repeats = true
sources = []
[[group]]
name = "city"
name_zh = "城市部件"
name_en = "Streets and lights"
classes = ["m01*", "m06*", "m02*", "c01*"]
methods = ["space_time"]
observed_min = 10
ratio_min = 1.5
span_days_max = 3
radius_m_max = 3000
"#;

#[test]
#[ignore = "imports half a year of requests and watches it day by day: minutes"]
fn long_the_default_point_of_boston_raises_nothing() {
    let Some(file) = shared("boston-311/boston311_2011h2.csv.zst") else {
        return;
    };
    let cells = squares([-71.20, 42.22, -70.98, 42.40], 0.02);
    let documents = (cells, BOSTON.to_owned(), CALENDAR.to_owned());
    let city = City::import(&file, "boston-2011", documents, "2012-01-02T12:00:00Z");
    city.watch(date(2011, 8, 5), date(2011, 12, 31), &[(12, 0), (23, 59)]);
    let all = city.warnings();
    city.tell(&all);
    let counts = city
        .app()
        .store
        .read(|tx| anlan_store::counts::between(tx, i64::MIN, i64::MAX))
        .map_err(|error: anlan_store::Error| error)
        .unwrap();
    let on_it: i64 = counts
        .iter()
        .filter(|count| count.marks & anlan_store::counts::DEFAULT_POINT != 0)
        .map(|count| count.count)
        .sum();
    assert!(
        on_it > 4_000,
        "{on_it} cases lie on the default point, kept apart"
    );
    let node = city.app().node();
    let stand_in = i64::from(node.index.locate(-71.0587, 42.3594).unwrap());
    let is_there = |warning: &&Warning| {
        let findings = [&warning.first, &warning.peak, &warning.latest];
        findings
            .iter()
            .any(|finding| finding.cells.iter().any(|cell| cell.0 == stand_in))
    };
    let there: Vec<&Warning> = all.iter().filter(is_there).collect();
    assert!(there.is_empty(), "{there:?}");
    let looks = city
        .app()
        .store
        .read(|tx| anlan_store::warnings::looks(tx, None, i32::MIN, i32::MAX))
        .map_err(|error: anlan_store::Error| error)
        .unwrap();
    let days: std::collections::BTreeSet<i32> = looks.iter().map(|look| look.day).collect();
    assert_eq!(days.len(), 149, "something is counted and looked at on every day");
}
