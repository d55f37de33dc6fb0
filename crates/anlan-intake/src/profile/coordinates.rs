//! Columns that look like coordinates: their range, what they can and cannot be, and points that stand for "unknown".
//! It asks; it never decides a datum.

use super::Question;
use crate::rows::Row;
use serde::Serialize;
use std::collections::HashMap;

/// Points told apart; a file with more is judged by these.
const POINTS_MAX: usize = 400_000;

/// Two columns that look like coordinates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoordinatePair {
    /// Column of the longitude or x.
    pub x: String,
    /// Column of the latitude or y.
    pub y: String,
    /// Rows with two numbers.
    pub rows: u64,
    /// Smallest and largest x, 0, 0 left out.
    pub x_range: [f64; 2],
    /// Smallest and largest y.
    pub y_range: [f64; 2],
    /// Rows at 0, 0.
    pub zeros: u64,
    /// Rows that fit only if x and y are exchanged.
    pub swapped: u64,
    /// Share of the points inside China's outline box.
    pub china_share: f64,
    /// The first of them.
    #[serde(skip)]
    china_point: Option<[f64; 2]>,
    /// What the numbers can be.
    pub can_be: Vec<&'static str>,
    /// What they cannot be.
    pub cannot_be: Vec<&'static str>,
    /// Points on which suspiciously many rows stand.
    pub suspects: Vec<SuspectPoint>,
}

/// A point that may stand for "unknown".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuspectPoint {
    /// Its x.
    pub x: f64,
    /// Its y.
    pub y: f64,
    /// Rows on it.
    pub rows: u64,
    /// Their share of all rows with coordinates.
    pub share: f64,
}

const DEGREES: &str = "degrees (WGS84 and the like)";
const GCJ02: &str = "degrees shifted for China (GCJ-02 or BD-09)";
const STATE_PLANE: &str = "feet of a US State Plane zone";
const UTM: &str = "metres of a UTM zone";
const MERCATOR: &str = "metres of Web Mercator";
const GAUSS: &str = "metres of a Gauss-Krüger zone (CGCS2000, Beijing 54, Xi'an 80)";

impl CoordinatePair {
    /// What must be asked about it.
    pub(super) fn question(&self) -> Option<Question> {
        let columns = vec![self.x.clone(), self.y.clone()];
        let ask = |code, message| {
            Some(Question {
                code,
                columns,
                message,
            })
        };
        if !self.can_be.contains(&DEGREES) {
            let seems = self.can_be.join(", or ");
            let seems = if seems.is_empty() {
                "no projection known here".to_owned()
            } else {
                seems
            };
            return ask(
                "projection",
                format!(
                    "“{}” and “{}” are not degrees. By their size they can be {seems}. They are not read; name columns in degrees, or convert them before importing.",
                    self.x, self.y
                ),
            );
        }
        let [lon, lat] = self.china_point.filter(|_| self.china_share >= 0.5)?;
        let metres = gcj_shift_m(lon, lat);
        ask(
            "datum",
            format!(
                "The points lie in China, where WGS84 and GCJ-02 differ by about {metres:.0} m here (BD-09 by more). The numbers do not show which it is: ask whoever made the file, and state it."
            ),
        )
    }
}

/// A pair of columns while it is read.
#[derive(Debug)]
pub(super) struct PairSeen {
    x: usize,
    y: usize,
    rows: u64,
    zeros: u64,
    swapped: u64,
    in_china: u64,
    china_point: Option<[f64; 2]>,
    ranges: [f64; 4],
    degrees: u64,
    points: HashMap<(u64, u64), u32>,
}

/// Finds pairs by the words of the header: longitude with latitude, x with y.
pub(super) fn pairs(header: &[String]) -> Vec<PairSeen> {
    let find = |words: &[&str]| {
        header.iter().position(|name| {
            let lower = name.to_lowercase();
            lower
                .split(|c: char| !c.is_alphanumeric())
                .any(|token| words.contains(&token))
        })
    };
    let degrees = (
        find(&["lon", "lng", "long", "longitude", "经度"]),
        find(&["lat", "latitude", "纬度"]),
    );
    let planar = (
        find(&["x", "easting", "xcoord"]),
        find(&["y", "northing", "ycoord"]),
    );
    [degrees, planar]
        .into_iter()
        .filter_map(|(x, y)| Some(PairSeen::new(x?, y?)))
        .collect()
}

impl PairSeen {
    fn new(x: usize, y: usize) -> Self {
        let ranges = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
        Self {
            x,
            y,
            rows: 0,
            zeros: 0,
            swapped: 0,
            in_china: 0,
            china_point: None,
            ranges,
            degrees: 0,
            points: HashMap::new(),
        }
    }

    pub(super) fn row(&mut self, row: &Row) {
        let number = |at: usize| {
            row.field(at)?
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
        };
        let (Some(x), Some(y)) = (number(self.x), number(self.y)) else {
            return;
        };
        self.rows += 1;
        let key = (x.to_bits(), y.to_bits());
        if let Some(count) = self.points.get_mut(&key) {
            *count += 1;
        } else if self.points.len() < POINTS_MAX {
            self.points.insert(key, 1);
        }
        if x.abs() < 1e-6 && y.abs() < 1e-6 {
            self.zeros += 1;
            return;
        }
        let [x_min, x_max, y_min, y_max] = self.ranges;
        self.ranges = [x_min.min(x), x_max.max(x), y_min.min(y), y_max.max(y)];
        self.degrees += u64::from(x.abs() <= 180.0 && y.abs() <= 90.0);
        self.swapped += u64::from(y.abs() > 90.0 && y.abs() <= 180.0 && x.abs() <= 90.0);
        if (73.5..=135.1).contains(&x) && (3.8..=53.6).contains(&y) {
            self.in_china += 1;
            self.china_point.get_or_insert([x, y]);
        }
    }

    pub(super) fn finish(self, names: &[String]) -> Option<CoordinatePair> {
        let placed = self.rows - self.zeros;
        if placed == 0 {
            return None;
        }
        let [x_min, x_max, y_min, y_max] = self.ranges;
        let (can_be, cannot_be) = self.readings();
        Some(CoordinatePair {
            x: names.get(self.x)?.clone(),
            y: names.get(self.y)?.clone(),
            rows: self.rows,
            x_range: [x_min, x_max],
            y_range: [y_min, y_max],
            zeros: self.zeros,
            swapped: self.swapped,
            china_share: share(self.in_china, placed),
            china_point: self.china_point,
            can_be,
            cannot_be,
            suspects: self.suspects(),
        })
    }

    /// What the bulk of the numbers allows; a few stray points do not change what a file is in.
    fn readings(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let placed = self.rows - self.zeros;
        let is_degrees = (self.degrees + self.swapped) * 100 >= placed * 95;
        let [x_min, x_max, y_min, y_max] = self.ranges;
        let within = |x: (f64, f64), y: (f64, f64)| {
            !is_degrees && x_min >= x.0 && x_max <= x.1 && y_min >= y.0 && y_max <= y.1
        };
        // Gauss-Krüger is often written with northing as x, so both orders are looked at.
        let zoned = (13_000_000.0, 46_000_000.0);
        let northing = (300_000.0, 6_100_000.0);
        let easting = (100_000.0, 900_000.0);
        let gauss = within(zoned, northing)
            || within(northing, zoned)
            || within(northing, easting)
            || within(easting, northing);
        let readings = [
            (DEGREES, is_degrees),
            (GCJ02, is_degrees && self.in_china > 0),
            (STATE_PLANE, within((0.0, 5_000_000.0), (0.0, 5_000_000.0))),
            (UTM, within(easting, (0.0, 10_000_000.0))),
            (GAUSS, gauss),
            (
                MERCATOR,
                within((-20_037_509.0, 20_037_509.0), (-20_037_509.0, 20_037_509.0)),
            ),
        ];
        let names = |wanted: bool| {
            readings
                .iter()
                .filter(|(_, is_so)| *is_so == wanted)
                .map(|(name, _)| *name)
                .collect()
        };
        (names(true), names(false))
    }

    /// More than 1 % of the rows, and more than 20 times what stands on the 99.9th percentile of points.
    fn suspects(&self) -> Vec<SuspectPoint> {
        let mut counts: Vec<u32> = self.points.values().copied().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let rank = (counts.len() / 1000).max(1);
        let usual = u64::from(counts.get(rank).copied().unwrap_or(0));
        let is_suspect = |rows: u64| rows >= 20 && rows * 100 > self.rows && rows > 20 * usual;
        let mut suspects: Vec<SuspectPoint> = self
            .points
            .iter()
            .map(|((x, y), rows)| (f64::from_bits(*x), f64::from_bits(*y), u64::from(*rows)))
            .filter(|(_, _, rows)| is_suspect(*rows))
            .map(|(x, y, rows)| SuspectPoint {
                x,
                y,
                rows,
                share: share(rows, self.rows),
            })
            .collect();
        suspects.sort_unstable_by_key(|suspect| std::cmp::Reverse(suspect.rows));
        suspects
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of row counts, far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// How far GCJ-02 moves a point, in metres.
fn gcj_shift_m(lon: f64, lat: f64) -> f64 {
    let (moved_lon, moved_lat) = coordtransform::wgs84_to_gcj02(lon, lat);
    let north = (moved_lat - lat) * 111_195.0;
    let east = (moved_lon - lon) * 111_195.0 * lat.to_radians().cos();
    north.hypot(east)
}
