//! Daily counts of real cities: their exports through the mappings that ship, by class group and square. It reads and counts;
//! it judges nothing.

use super::baselines::{Baseline, Panel};
use anlan_intake::mapping::{Mapper, Mapping};
use anlan_intake::rows::{Row, RowReader};
use anlan_intake::sniff;
use anlan_model::incoming::Incoming;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Of latitude.
const METRES_PER_DEGREE: f64 = 111_195.0;

/// A class group: its name, and codes; one that ends in `*` stands for all that begin so.
type Group = (&'static str, &'static [&'static str]);

/// A city's export, and what of it is counted.
pub(crate) struct City {
    pub(crate) name: &'static str,
    /// Under `data/given` of the shared files.
    pub(crate) file: &'static str,
    mapping: &'static str,
    groups: &'static [Group],
    /// First day counted, first and last day judged.
    first: Date,
    judged: (Date, Date),
    /// Side of a square in degrees.
    side: f64,
    panel: Panel,
}

/// Every city at hand. Those with three years before the judged one are a panel of their own.
pub(crate) const CITIES: [City; 4] = [
    City {
        name: "Chicago",
        file: "chicago-311-sanitation/sanitation_code_complaints.csv.zst",
        mapping: "chicago-sanitation",
        groups: &[
            ("garbage", &["m06010", "m06042"]),
            ("dirt", &["m06012", "m06004"]),
            ("building sites", &["m08007"]),
        ],
        first: date(2011, 1, 1),
        // Three years and a half window lie before.
        judged: (date(2014, 1, 15), date(2014, 12, 30)),
        side: 0.03,
        panel: Panel::Years,
    },
    City {
        name: "Boston, Open311",
        file: "open311/boston-api/requests_all.jsonl.zst",
        mapping: "boston-open311",
        groups: &[("vehicles", &["m06034"]), ("parking", &["m09009"])],
        first: date(2014, 1, 1),
        judged: (date(2018, 1, 1), date(2018, 12, 31)),
        side: 0.02,
        panel: Panel::Years,
    },
    City {
        name: "Montgomery County",
        file: "montgomery-911/911.csv.zst",
        mapping: "montgomery-911",
        groups: &[
            ("road", &["montgomery/traffic*", "m06036", "m10001", "m06014"]),
            ("fire", &["montgomery/fire*"]),
        ],
        first: date(2015, 12, 11),
        judged: (date(2016, 3, 1), date(2016, 8, 23)),
        side: 0.05,
        panel: Panel::Months,
    },
    City {
        name: "Boston 2015",
        file: "boston-311/boston311_2015_partial.csv.zst",
        mapping: "boston-2015",
        groups: &[
            ("lights", &["m01037"]),
            ("road", &["m06013"]),
            ("garbage", &["m06010", "m06011", "m06042"]),
            ("trees", &["m04002"]),
        ],
        first: date(2015, 1, 1),
        judged: (date(2015, 5, 1), date(2015, 12, 30)),
        side: 0.02,
        panel: Panel::Months,
    },
];

/// Counts by day and place while a file is read; a place is a square's column and row.
#[derive(Default)]
struct Reading {
    totals: BTreeMap<i32, u32>,
    placed: BTreeMap<(i32, (i64, i64)), u32>,
}

impl City {
    /// Its series, one per class group.
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<Baseline>, Box<dyn Error>> {
        let mapping = Arc::new(Mapping::named(self.mapping)?);
        let zone = TimeZone::get(&mapping.time_zone)?;
        let sniffed = sniff::survey(File::open(path)?, &mapping.stated(), &mut |_| {})?;
        let mut reader = RowReader::open(File::open(path)?, &mapping.stated().with(&sniffed))?;
        let after = zone.to_timestamp(self.judged.1.at(23, 59, 59, 0))?;
        // Exports end later than the days judged; a mapping holds what is later than now against a row.
        let now = after.saturating_add(jiff::SignedDuration::from_hours(24 * 3660))?;
        let mut mapper = Mapper::new(Arc::clone(&mapping), reader.header(), now, None)?;
        let mut all: Vec<Reading> = self.groups.iter().map(|_| Reading::default()).collect();
        let mut row = Row::default();
        while reader.read(&mut row)? {
            let Ok(taken) = mapper.map(reader.header(), &row) else {
                continue;
            };
            let incoming = taken.incoming;
            // What the watch leaves out is left out here.
            if incoming.is_default_point || incoming.is_duplicate {
                continue;
            }
            let group = self.group_of(&incoming);
            if let Some(reading) = group.and_then(|group| all.get_mut(group)) {
                let day = zone.to_datetime(incoming.reported_at).date();
                reading.add(day, self.square(&incoming));
            }
        }
        let named = self.groups.iter().zip(&all);
        Ok(named
            .map(|((group, _), reading)| self.series(group, reading))
            .collect())
    }

    fn group_of(&self, incoming: &Incoming) -> Option<usize> {
        let class = incoming.class.as_ref()?.as_str();
        let holds = |word: &&str| {
            word.strip_suffix('*')
                .map_or(class == *word, |begin| class.starts_with(begin))
        };
        self.groups
            .iter()
            .position(|(_, classes)| classes.iter().any(&holds))
    }

    fn square(&self, incoming: &Incoming) -> Option<(i64, i64)> {
        let point = incoming.point.as_ref()?;
        #[expect(clippy::cast_possible_truncation, reason = "degrees over a part of one")]
        let whole = |degrees: f64| (degrees / self.side).floor() as i64;
        Some((whole(point.lon), whole(point.lat)))
    }

    fn series(&self, group: &str, reading: &Reading) -> Baseline {
        let (first, last) = (number(self.first), number(self.judged.1));
        let mut places: BTreeMap<(i64, i64), u32> = BTreeMap::new();
        for (_, square) in reading.placed.keys() {
            let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
            places.entry(*square).or_insert(next);
        }
        let mut middles = vec![[0.0; 2]; places.len()];
        for ((column, row), place) in &places {
            if let Some(middle) = usize::try_from(*place)
                .ok()
                .and_then(|place| middles.get_mut(place))
            {
                *middle = self.middle(*column, *row);
            }
        }
        let on = |day: i32| -> Vec<(u32, u32)> {
            let west_south = (i64::MIN, i64::MIN);
            let of_day = reading.placed.range((day, west_south)..(day + 1, west_south));
            let mut list: Vec<(u32, u32)> = of_day
                .filter_map(|((_, square), count)| Some((*places.get(square)?, *count)))
                .collect();
            list.sort_unstable();
            list
        };
        let index = |day: Date| usize::try_from(number(day) - first).unwrap_or(0);
        Baseline {
            name: format!("{}: {group}", self.name),
            panel: self.panel,
            first_day: first,
            totals: (first..=last)
                .map(|day| reading.totals.get(&day).copied().unwrap_or(0))
                .collect(),
            days: (first..=last).map(on).collect(),
            middles,
            judged: index(self.judged.0)..index(self.judged.1) + 1,
        }
    }

    /// Of a square, in metres on a plane; good within a city.
    fn middle(&self, column: i64, row: i64) -> [f64; 2] {
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let [lon, lat] = [column, row].map(|number| (number as f64 + 0.5) * self.side);
        [
            lon * METRES_PER_DEGREE * 42.0_f64.to_radians().cos(),
            lat * METRES_PER_DEGREE,
        ]
    }
}

impl Reading {
    fn add(&mut self, day: Date, square: Option<(i64, i64)>) {
        let day = number(day);
        *self.totals.entry(day).or_default() += 1;
        if let Some(square) = square {
            *self.placed.entry((day, square)).or_default() += 1;
        }
    }
}

/// Days since 1970-01-01.
fn number(day: Date) -> i32 {
    (day - date(1970, 1, 1)).get_days()
}
