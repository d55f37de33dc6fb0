//! The watch on a city and years that nobody tuned it on, with nothing changed: a plan of one false alarm a year for each class group,
//! and how many warnings came. What the counts themselves show to be real is told apart; all else counts as a false alarm.

use super::{City, shared, squares};
use jiff::civil::{Date, date};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A class group of a plan: name, and its classes as the plan has them.
type Group = (&'static str, &'static str);

/// One city's file, and what of it is watched.
struct Unseen {
    name: &'static str,
    file: &'static str,
    mapping: &'static str,
    zone: &'static str,
    /// West, south, east, north; side of a square in degrees.
    squares: ([f64; 4], f64),
    groups: &'static [Group],
    radius_m_max: u32,
    /// After the last day.
    now: &'static str,
    /// First and last day watched; at least a year of past lies before.
    watched: (Date, Date),
    /// Times of day.
    looks: &'static [(i8, i8)],
    /// What was real, by the counts themselves: days on which two class groups surge at once, which nothing links but the weather, and
    /// days on which one walk along some blocks is all there is. Written down after the first run.
    real: &'static [(Date, Date)],
}

/// Days alone are known there, so there is one look a day.
const CHICAGO: Unseen = Unseen {
    name: "Chicago, sanitation complaints",
    file: "chicago-311-sanitation/sanitation_code_complaints.csv.zst",
    mapping: "chicago-sanitation",
    zone: "America/Chicago",
    squares: ([-87.95, 41.63, -87.50, 42.04], 0.03),
    groups: &[
        ("garbage", r#""m06010", "m06042""#),
        ("dirt", r#""m06012", "m06004""#),
        ("sites", r#""m08007""#),
        ("water", r#""m06030""#),
    ],
    radius_m_max: 6000,
    now: "2015-01-01T12:00:00Z",
    watched: (date(2012, 7, 1), date(2014, 12, 30)),
    looks: &[(23, 59)],
    real: &[
        // Garbage and dirt together, when the snow went.
        (date(2013, 3, 11), date(2013, 3, 17)),
        (date(2014, 1, 12), date(2014, 1, 16)),
        (date(2014, 2, 24), date(2014, 2, 25)),
        (date(2014, 3, 10), date(2014, 3, 11)),
        // Twelve to seventeen complaints of one day from a few blocks.
        (date(2013, 9, 24), date(2013, 9, 24)),
        (date(2014, 5, 1), date(2014, 5, 1)),
        (date(2014, 6, 1), date(2014, 6, 1)),
        (date(2014, 11, 27), date(2014, 11, 27)),
    ],
};

/// Public holidays of the United States that offices keep, by month and day, and those that move.
const FIXED: [(i8, i8); 4] = [(1, 1), (7, 4), (11, 11), (12, 25)];
const MOVING: [(i16, i8, i8); 21] = [
    (2012, 5, 28),
    (2012, 9, 3),
    (2012, 11, 22),
    (2013, 5, 27),
    (2013, 9, 2),
    (2013, 11, 28),
    (2014, 5, 26),
    (2014, 9, 1),
    (2014, 11, 27),
    (2015, 5, 25),
    (2015, 9, 7),
    (2015, 11, 26),
    (2016, 5, 30),
    (2016, 9, 5),
    (2016, 11, 24),
    (2017, 5, 29),
    (2017, 9, 4),
    (2017, 11, 23),
    (2018, 5, 28),
    (2018, 9, 3),
    (2018, 11, 22),
];

impl Unseen {
    /// The plan of the other cities with other groups, and one false alarm a year for each.
    fn plan(&self) -> String {
        let budget = f64::from(u32::try_from(self.groups.len()).unwrap()) / 12.0;
        let mut text = format!(
            "beat_minutes = 60\npopulation_min = 0\n[budget]\nfalse_alarms_per_month = {budget:.4}\n[baseline]\n\
            days_min = 28\ndays_max = 730\ntrend = true\nseason = true\nweekday = true\nholidays = true\n\
            delay_hours = 0\n[leave_out]\ndefault_points = true\nrepeats = true\nsources = []\n"
        );
        for (name, classes) in self.groups {
            write!(
                text,
                "[[group]]\nname = \"{name}\"\nname_zh = \"{name}\"\nname_en = \"{name}\"\nclasses = [{classes}]\n\
                methods = [\"surge\", \"space_time\"]\nobserved_min = 10\nratio_min = 1.5\nspan_days_max = 3\n\
                radius_m_max = {}\n",
                self.radius_m_max
            )
            .unwrap();
        }
        text
    }

    fn calendar(&self) -> String {
        let mut text = format!(
            "name = \"United States\"\ntime_zone = \"{}\"\nsource = \"public holidays of the United States\"\n\
            known_years = [2011, 2012, 2013, 2014, 2015, 2016, 2017, 2018]\nurgent_hours = [\"00:00-24:00\"]\n[office_hours]\n",
            self.zone
        );
        for day in ["monday", "tuesday", "wednesday", "thursday", "friday"] {
            writeln!(text, "{day} = [\"09:00-17:00\"]").unwrap();
        }
        let fixed = (2011..=2018).flat_map(|year| FIXED.map(|(month, day)| (year, month, day)));
        for (year, month, day) in fixed.chain(MOVING) {
            let on = date(year, month, day);
            write!(
                text,
                "[[holiday]]\nname_zh = \"假日\"\nname_en = \"holiday\"\nfrom = \"{on}\"\nto = \"{on}\"\n"
            )
            .unwrap();
        }
        text
    }

    fn city(&self) -> Option<City> {
        let file = shared(self.file)?;
        let cells = squares(self.squares.0, self.squares.1);
        let documents = (cells, self.plan(), self.calendar());
        Some(City::import(&file, self.mapping, documents, self.now))
    }

    /// Watches all days, says what came, and holds each group against what chance allows.
    fn watch(&self) {
        let Some(city) = self.city() else { return };
        let (from, to) = self.watched;
        city.watch(from, to, self.looks);
        let all = city.warnings();
        city.tell(&all);
        let days = (to - from).get_days() + 1;
        let years = f64::from(days) / 365.25;
        let mut counts: BTreeMap<&str, u32> = self.groups.iter().map(|(name, _)| (*name, 0)).collect();
        let mut others = counts.clone();
        for warning in &all {
            *counts.get_mut(warning.group.as_str()).unwrap() += 1;
            let day = city.day(warning.raised_at);
            let is_real = self.real.iter().any(|(from, to)| (*from..=*to).contains(&day));
            *others.get_mut(warning.group.as_str()).unwrap() += u32::from(!is_real);
        }
        let most = most_by_chance(years);
        crate::cli::say(&format!(
            "{}: {counts:?} in {years:.2} years, {others:?} beside what was real, at one false alarm a year for each; chance \
             allows {most}",
            self.name
        ));
        self.was_looked_at(&city, usize::try_from(days).unwrap());
        assert!(
            others.values().all(|count| *count <= most),
            "{}: {others:?}",
            self.name
        );
    }

    /// Every group was looked at on every day as a whole, and in places where there was any case; or its figures say nothing.
    fn was_looked_at(&self, city: &City, days: usize) {
        let looks = city
            .app()
            .store
            .read(|tx| anlan_store::warnings::looks(tx, None, i32::MIN, i32::MAX))
            .map_err(|error: anlan_store::Error| error)
            .unwrap();
        for (name, _) in self.groups {
            let by = |method: &str| {
                let own = looks
                    .iter()
                    .filter(|look| look.group == *name && look.method == method);
                own.map(|look| look.day).collect::<BTreeSet<i32>>().len()
            };
            assert_eq!(by("surge"), days, "{}: {name}", self.name);
            assert!(by("space_time") > days / 4, "{}: {name}", self.name);
        }
    }
}

/// The most warnings that one a year brings by chance, 99 times out of 100 (Poisson).
fn most_by_chance(years: f64) -> u32 {
    (0..1000)
        .find(|most| anlan_scan::watch::upper_tail(most + 1, years, 0.0) < 0.01)
        .unwrap()
}

#[test]
fn chance_allows_more_than_the_budget() {
    // Poisson tables: P(X >= 7 | 2.5) = 1.4 %, P(X >= 8 | 2.5) = 0.4 %; P(X >= 6 | 2) = 1.7 %, P(X >= 7 | 2) = 0.5 %.
    assert_eq!((most_by_chance(2.5), most_by_chance(2.0)), (7, 6));
}

#[test]
#[ignore = "imports four years of complaints and watches them day by day: minutes"]
fn long_chicago_keeps_a_budget_nobody_tuned_on_it() {
    CHICAGO.watch();
}
