//! Measures point → cell on a file of real polygons, and checks it by exact ray casting; prints one line of JSON.
//! `cargo run --release -p anlan-grid --example locate -- counties.geojson.zst`. It judges nothing.

#![expect(clippy::print_stdout, reason = "what it measures goes to standard output")]

use anlan_grid::cells::{CellIndex, PlainIndex};
use anlan_grid::geo_json::parse;
use geo::{BoundingRect, MultiPolygon};
use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

const POINTS: usize = 1_000_000;
/// The plain way is slow: fewer points tell as much.
const POINTS_PLAIN: usize = 100_000;
const POINTS_CHECKED: usize = 200_000;
const ROUNDS: usize = 5;

type Cells = Vec<(u32, MultiPolygon<f64>)>;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("name a GeoJSON file, plain or .zst")?;
    let bytes = std::fs::read(&path)?;
    let bytes = if std::path::Path::new(&path)
        .extension()
        .is_some_and(|end| end == "zst")
    {
        zstd::decode_all(bytes.as_slice())?
    } else {
        bytes
    };
    let features = parse(&String::from_utf8(bytes)?)?;
    let cells: Cells = (0..)
        .zip(features)
        .map(|(key, feature)| (key, feature.polygons))
        .collect();
    let corners: usize = rings(&cells).map(|ring| ring.len()).sum();
    let exact = Exact::new(&cells);
    let index = CellIndex::new(&cells);
    let polygons = cells.len();
    let (inside, edges) = (points_inside(&index, &cells), points_on_edges(&cells));
    let sample = || inside.iter().take(POINTS_CHECKED).chain(&edges);
    let wrong = sample()
        .filter(|[lon, lat]| index.locate(*lon, *lat) != exact.locate(*lon, *lat))
        .count();
    let plain = PlainIndex::new(cells);
    let ours = rate(&inside, |lon, lat| index.locate(lon, lat))?;
    let few = inside.get(..POINTS_PLAIN.min(inside.len())).unwrap_or_default();
    let theirs = rate(few, |lon, lat| plain.locate(lon, lat))?;
    let told = serde_json::json!({
        "polygons": polygons, "corners": corners, "points_per_second": ours, "plain_points_per_second": theirs,
        "points_checked": inside.len().min(POINTS_CHECKED), "edge_points": edges.len(), "wrong": wrong,
    });
    println!("{told}");
    Ok(())
}

/// Points a second of this thread's own CPU time, at the median of the rounds: other processes do not count.
fn rate(points: &[[f64; 2]], locate: impl Fn(f64, f64) -> Option<u32>) -> Result<f64, Box<dyn Error>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let before = cpu_time()?;
        for [lon, lat] in points {
            black_box(locate(*lon, *lat));
        }
        rounds.push(cpu_time()?.saturating_sub(before).as_secs_f64());
    }
    rounds.sort_by(f64::total_cmp);
    let middle = rounds.get(ROUNDS / 2).copied().unwrap_or(f64::NAN);
    Ok(f64::from(u32::try_from(points.len())?) / middle)
}

/// How long this thread has been on a processor.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split_whitespace().next().ok_or("an empty schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn between(&mut self, from: f64, to: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let half = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0);
        from + (to - from) * f64::from(half) / f64::from(u32::MAX)
    }
}

/// Points anywhere in the polygons, in random order: those outside would be quicker.
fn points_inside(index: &CellIndex, cells: &Cells) -> Vec<[f64; 2]> {
    let rects = cells.iter().filter_map(|(_, polygons)| polygons.bounding_rect());
    let all = rects.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[w, s, e, n], rect| {
        [
            w.min(rect.min().x),
            s.min(rect.min().y),
            e.max(rect.max().x),
            n.max(rect.max().y),
        ]
    });
    let [west, south, east, north] = all;
    let mut dice = Dice(2026);
    let mut points = Vec::with_capacity(POINTS);
    while points.len() < POINTS {
        let (lon, lat) = (dice.between(west, east), dice.between(south, north));
        if index.locate(lon, lat).is_some() {
            points.push([lon, lat]);
        }
    }
    points
}

fn rings(cells: &Cells) -> impl Iterator<Item = Vec<[f64; 2]>> {
    let polygons = cells.iter().flat_map(|(_, polygons)| polygons);
    polygons.flat_map(|polygon| {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings
            .map(|ring| ring.coords().map(|at| [at.x, at.y]).collect())
            .collect::<Vec<_>>()
    })
}

/// Corners of the polygons, and middles of their edges: where neighbours meet.
fn points_on_edges(cells: &Cells) -> Vec<[f64; 2]> {
    let mut points = Vec::new();
    for ring in rings(cells) {
        for pair in ring.windows(2).step_by(3) {
            let [[x, y], [to_x, to_y]] = pair else { continue };
            points.push([*x, *y]);
            points.push([f64::midpoint(*x, *to_x), f64::midpoint(*y, *to_y)]);
        }
    }
    points
}

/// The rule of the module `cells` without any index: even–odd ray casting in whole units of 1e-7°. Slow and plain.
struct Exact(Vec<Area>);

struct Area {
    key: u32,
    /// West, south, east, north.
    reach: [i128; 4],
    edges: Vec<[[i128; 2]; 2]>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "±180° in units of 1e-7° fit any whole number"
)]
fn units([lon, lat]: [f64; 2]) -> [i128; 2] {
    [lon, lat].map(|degrees| (degrees * 1e7).round_ties_even() as i128)
}

impl Exact {
    fn new(cells: &Cells) -> Self {
        let area = |(key, polygons): &(u32, MultiPolygon<f64>)| {
            let alone = vec![(*key, polygons.clone())];
            let mut edges = Vec::new();
            for ring in rings(&alone) {
                let corners: Vec<_> = ring.into_iter().map(units).collect();
                edges.extend(
                    corners
                        .windows(2)
                        .filter_map(|pair| <[[i128; 2]; 2]>::try_from(pair).ok()),
                );
            }
            let start = [i128::MAX, i128::MAX, i128::MIN, i128::MIN];
            let reach = edges.iter().flatten().fold(start, |[w, s, e, n], [x, y]| {
                [w.min(*x), s.min(*y), e.max(*x), n.max(*y)]
            });
            Area {
                key: *key,
                reach,
                edges,
            }
        };
        Self(cells.iter().map(area).collect())
    }

    fn locate(&self, lon: f64, lat: f64) -> Option<u32> {
        let point = units([lon, lat]);
        self.0.iter().find(|area| area.has(point)).map(|area| area.key)
    }
}

impl Area {
    /// A point on an edge counts as moved a hair to the east, and a far smaller hair to the north.
    fn has(&self, [x, y]: [i128; 2]) -> bool {
        let [west, south, east, north] = self.reach;
        if x < west || x > east || y < south || y > north {
            return false;
        }
        let crosses = |[a, b]: &&[[i128; 2]; 2]| {
            let ([lo_x, lo_y], [hi_x, hi_y]) = if a[1] <= b[1] { (*a, *b) } else { (*b, *a) };
            lo_y <= y && y < hi_y && (hi_x - lo_x) * (y - lo_y) > (x - lo_x) * (hi_y - lo_y)
        };
        self.edges.iter().filter(crosses).count() % 2 == 1
    }
}
