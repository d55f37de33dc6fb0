//! Points exactly on shared edges and corners of random gap-free tilings, and points anywhere against the plain peer.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    reason = "tilings are small, their counts fit every number type and a test fails by panic"
)]

use anlan_grid::cells::{CellIndex, PlainIndex};
use geo::{Contains, LineString, MultiPolygon, Point, Polygon};
use proptest::prelude::*;

/// Degrees between the corners of a tiling before they are shaken.
const STEP: f64 = 0.01;
const UNIT: f64 = 1e-7;

/// A number of units as degrees, the way decimal digits of a file are read.
fn degrees(units: i64) -> f64 {
    units as f64 / 1e7
}

#[derive(Debug)]
struct Tiling {
    side: usize,
    corners: Vec<[f64; 2]>,
}

impl Tiling {
    /// Corners of a square lattice, the inner ones shaken by less than half a step.
    fn new(side: usize, origin: (i64, i64), shakes: &[(i64, i64)]) -> Self {
        let at = |i: usize| (i % (side + 1), i / (side + 1));
        let corners = (0..(side + 1) * (side + 1)).map(|i| {
            let (x, y) = at(i);
            let is_rim = x == 0 || y == 0 || x == side || y == side;
            let (dx, dy) = if is_rim { (0, 0) } else { shakes[i % shakes.len()] };
            [
                degrees(origin.0 + x as i64 * 100_000 + dx),
                degrees(origin.1 + y as i64 * 100_000 + dy),
            ]
        });
        Self {
            side,
            corners: corners.collect(),
        }
    }

    fn corner(&self, x: usize, y: usize) -> [f64; 2] {
        self.corners[y * (self.side + 1) + x]
    }

    fn cells(&self) -> Vec<(u32, MultiPolygon<f64>)> {
        let quads = (0..self.side * self.side).map(|i| {
            let (x, y) = (i % self.side, i / self.side);
            let mut ring = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
                .map(|(x, y)| self.corner(x, y))
                .to_vec();
            // Neighbours start and turn differently, as real files do.
            ring.rotate_left(i % 4);
            if i % 3 == 0 {
                ring.reverse();
            }
            (
                i as u32,
                MultiPolygon(vec![Polygon::new(LineString::from(ring), vec![])]),
            )
        });
        quads.collect()
    }
}

fn tilings() -> impl Strategy<Value = Tiling> {
    let shake = -45_000_i64..45_000;
    let shakes = prop::collection::vec((shake.clone(), shake), 1..60);
    let origin = (-1_790_000_000_i64..1_780_000_000, -890_000_000_i64..880_000_000);
    (2_usize..9, origin, shakes).prop_map(|(side, origin, shakes)| Tiling::new(side, origin, &shakes))
}

/// How many of the cells, each indexed alone, have the point: exactly one must.
fn owners(alone: &[CellIndex], [lon, lat]: [f64; 2]) -> Vec<u32> {
    alone.iter().filter_map(|one| one.locate(lon, lat)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_point_of_a_tiling_has_exactly_one_cell(tiling in tilings(), parts in prop::collection::vec(0.0..1.0, 12)) {
        let cells = tiling.cells();
        let index = CellIndex::new(&cells);
        let alone: Vec<_> = cells.iter().map(|cell| CellIndex::new(std::slice::from_ref(cell))).collect();
        for y in 1..tiling.side {
            for x in 1..tiling.side {
                let from = tiling.corner(x, y);
                for to in [tiling.corner(x + 1, y), tiling.corner(x, y + 1)] {
                    for part in parts.iter().copied().chain([0.0, 0.5]) {
                        let point = [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
                        let owners = owners(&alone, point);
                        prop_assert_eq!(owners.len(), 1, "{:?} has {:?}", point, owners);
                        prop_assert_eq!(index.locate(point[0], point[1]), owners.first().copied());
                    }
                }
            }
        }
    }

    #[test]
    fn points_anywhere_agree_with_the_plain_peer(tiling in tilings(), at in prop::collection::vec((-0.1..1.1, -0.1..1.1), 200)) {
        let cells = tiling.cells();
        let (index, plain) = (CellIndex::new(&cells), PlainIndex::new(cells.clone()));
        let (origin, width) = (tiling.corner(0, 0), tiling.side as f64 * STEP);
        for (x, y) in at {
            // Rounded as the index rounds, so that only points on an edge may differ.
            let round = |v: f64| (v / UNIT).round() * UNIT;
            let (lon, lat) = (round(origin[0] + x * width), round(origin[1] + y * width));
            let (ours, theirs) = (index.locate(lon, lat), plain.locate(lon, lat));
            if ours != theirs {
                let located = index.locate_with_error(lon, lat, 0.03);
                prop_assert!(!located.others.is_empty() || located.cell.is_none(), "{} {}: {:?} {:?}", lon, lat, ours, theirs);
            }
        }
    }

    #[test]
    fn an_error_circle_reaches_what_geo_says(tiling in tilings(), (x, y) in (0.0..1.0, 0.0..1.0), error_m in 1.0..3_000.0) {
        let cells = tiling.cells();
        let index = CellIndex::new(&cells);
        let (origin, width) = (tiling.corner(0, 0), tiling.side as f64 * STEP);
        let (lon, lat) = (origin[0] + x * width, origin[1] + y * width);
        let located = index.locate_with_error(lon, lat, error_m);
        prop_assert_eq!(located.cell, index.locate(lon, lat));
        for (key, polygons) in &cells {
            let gap = gap_m(polygons, [lon, lat]);
            if (gap - error_m).abs() < 0.05 {
                continue;
            }
            let is_reached = located.cell == Some(*key) || located.others.contains(key);
            prop_assert_eq!(is_reached, gap < error_m, "{} at {} m", key, gap);
        }
    }
}

/// Metres from the point to the polygons, by `geo`, on a plane at the point.
fn gap_m(polygons: &MultiPolygon<f64>, [lon, lat]: [f64; 2]) -> f64 {
    use anlan_grid::distance::{METRES_PER_DEGREE, metres_per_degree_lon};
    use geo::{Distance, Euclidean, MapCoords};
    let flat = polygons.map_coords(|c| geo::Coord {
        x: (c.x - lon) * metres_per_degree_lon(lat),
        y: (c.y - lat) * METRES_PER_DEGREE,
    });
    let here = Point::new(0.0, 0.0);
    if flat.contains(&here) {
        0.0
    } else {
        Euclidean.distance(&here, &flat)
    }
}

#[test]
fn a_long_bundle_of_near_edges_neither_hangs_nor_explodes() {
    let strip = |key: u32| {
        let shift = f64::from(key) * 3e-7;
        let ring = LineString::from(vec![(0.0, 0.0), (10.0, 10.0 + shift), (0.0, 20.0 + shift)]);
        (key, MultiPolygon(vec![Polygon::new(ring, vec![])]))
    };
    let cells: Vec<_> = (0..200).map(strip).collect();
    let index = CellIndex::new(&cells);
    assert_eq!(index.locate(1.0, 10.0), Some(0));
    assert_eq!(index.locate(1.0, 0.999), None);
    let found = index.locate_with_error(5.0, 15.000_01, 2.0);
    assert!(found.cell.is_some() && found.others.len() > 20, "{found:?}");
}
