//! What an error circle reaches: exact distances from a point to edges, in metres on a plane at the point.
//! It must not decide which cell has the point; it asks the index.

use super::edges::UNITS_PER_DEGREE;
use super::squares::{Kind, Leaf, Node};
use super::{CellIndex, Edge, Located, Spot};
use crate::distance::{METRES_PER_DEGREE, metres_per_degree_lon};

/// A circle may not be wider than half the globe.
const ERROR_M_MAX: f64 = 20_000_000.0;

/// A circle around a point.
struct Circle {
    lon: f64,
    lat: f64,
    radius_m: f64,
    /// Metres for a degree of longitude at the point.
    scale_m: f64,
}

impl CellIndex {
    /// The cell that has the point, and every other cell that a circle of `error_m` metres around it reaches.
    /// An error that is negative or no number counts as 0.
    ///
    /// Distances are taken on a plane at the point (equirectangular): below 10 km they are true to 0.1 % up to
    /// 60° of latitude.
    pub fn locate_with_error(&self, lon: f64, lat: f64, error_m: f64) -> Located {
        let Some(spot) = Spot::snap(lon, lat) else {
            return Located::default();
        };
        let mut reached = Vec::new();
        self.each_owner(spot, |key| reached.push(key));
        let cell = reached.first().copied();
        if error_m > 0.0 {
            let radius_m = error_m.min(ERROR_M_MAX);
            self.reach(
                &Circle {
                    lon,
                    lat,
                    radius_m,
                    scale_m: metres_per_degree_lon(lat),
                },
                &mut reached,
            );
        }
        reached.sort_unstable();
        reached.dedup();
        reached.retain(|key| Some(*key) != cell);
        Located {
            cell,
            others: reached,
        }
    }

    /// All cells that have the spot, the first one first.
    fn each_owner(&self, spot: Spot, mut see: impl FnMut(u32)) {
        match self.kind(spot) {
            None | Some(Kind::Empty | Kind::Quarters(_)) => {}
            Some(Kind::Whole(area)) => self.key(area).into_iter().for_each(see),
            Some(Kind::Leaf(first)) => self.each_page(first, |leaf| leaf.mask(spot), &mut see),
        }
    }

    /// Calls `see` for the owners that `pick` picks as bits from each page of a leaf.
    fn each_page(&self, first: u32, pick: impl Fn(Leaf<'_>) -> u32, see: &mut impl FnMut(u32)) {
        let mut page = self.leaves.get(first);
        while let Some(leaf) = page {
            let mask = pick(leaf);
            let picked = (0..)
                .zip(leaf.owners)
                .filter(|(slot, _): &(u32, _)| mask >> slot & 1 == 1);
            picked.filter_map(|(_, area)| self.key(*area)).for_each(&mut *see);
            page = if leaf.next == 0 {
                None
            } else {
                self.leaves.get(leaf.next)
            };
        }
    }

    /// Adds the cells with an edge in the circle. A cell that the circle reaches either has the point or has such
    /// an edge, and each edge is in every square it touches.
    fn reach(&self, circle: &Circle, reached: &mut Vec<u32>) {
        let (columns, rows) = self.window(circle);
        let mut last = None;
        for row in rows {
            let line = row * self.columns;
            let nodes = self
                .raster
                .get(line + columns.start..line + columns.end)
                .unwrap_or_default();
            for node in nodes {
                self.reach_node(*node, circle, &mut last, reached);
            }
        }
    }

    fn reach_node(&self, node: Node, circle: &Circle, last: &mut Option<u32>, reached: &mut Vec<u32>) {
        match node.kind() {
            Kind::Empty | Kind::Whole(_) => {}
            // A leaf larger than a raster square is met once for each of them.
            Kind::Leaf(at) if *last == Some(at) => {}
            Kind::Leaf(at) => {
                *last = Some(at);
                self.each_page(at, |leaf| circle.touched(leaf), &mut |key| reached.push(key));
            }
            Kind::Quarters(at) => {
                let four = self.quarters.get(at as usize).copied().unwrap_or_default();
                for quarter in four {
                    self.reach_node(quarter, circle, last, reached);
                }
            }
        }
    }

    /// Columns and rows of the raster that the circle's square covers.
    fn window(&self, circle: &Circle) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let rows = self.raster.len().checked_div(self.columns).unwrap_or(0);
        let lon_reach = circle.radius_m / circle.scale_m.max(1.0);
        let lat_reach = circle.radius_m / METRES_PER_DEGREE;
        let span = |centre: f64, reach: f64, origin: i32, count: usize| {
            let place = |degrees: f64| self.raster_place(degrees, origin, count);
            place(centre - reach)..(place(centre + reach) + 1).min(count)
        };
        (
            span(circle.lon, lon_reach, self.origin.0, self.columns),
            span(circle.lat, lat_reach, self.origin.1, rows),
        )
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and the place is held to the raster right after"
    )]
    fn raster_place(&self, degrees: f64, origin: i32, count: usize) -> usize {
        let units = degrees * UNITS_PER_DEGREE - f64::from(origin);
        ((units.max(0.0) as u64 >> self.shift) as usize).min(count)
    }
}

impl Circle {
    /// Owners of a leaf with an edge in the circle, as bits.
    fn touched(&self, leaf: Leaf<'_>) -> u32 {
        let real = leaf.edges().filter(|(edge, _)| !edge.is_beyond());
        real.filter(|(edge, _)| self.reaches(*edge))
            .fold(0, |mask, (_, owners)| mask | owners)
    }

    /// Whether the nearest point of the edge is no further than the radius.
    fn reaches(&self, edge: Edge) -> bool {
        let metres = |spot: Spot| {
            let [lon, lat] = spot.degrees();
            [
                (lon - self.lon) * self.scale_m,
                (lat - self.lat) * METRES_PER_DEGREE,
            ]
        };
        let ([ax, ay], [bx, by]) = (metres(edge.lo), metres(edge.hi));
        let (dx, dy) = (bx - ax, by - ay);
        let along = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let (x, y) = (ax + along * dx, ay + along * dy);
        x * x + y * y <= self.radius_m * self.radius_m
    }
}
