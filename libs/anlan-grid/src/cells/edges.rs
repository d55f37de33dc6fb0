//! Whole-number coordinates and the one predicate that decides on which side of an edge a point lies.
//! It must stay exact: nothing in this file may round after a coordinate has been snapped.

use std::cmp::Ordering;

/// Units in one degree: 1e-7°, at most 1.1 cm on the ground, and the finest step that fits ±180° into an `i32`.
pub(crate) const UNITS_PER_DEGREE: f64 = 1e7;

/// The `x` of an edge that stands for "further east than anything": see [`Edge::beyond`].
pub(crate) const BEYOND: i32 = i32::MAX;

/// A place on the whole-number grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Spot {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

impl Spot {
    /// Rounds to the grid; `None` for numbers that are not a place on earth.
    #[inline]
    pub(crate) fn snap(lon: f64, lat: f64) -> Option<Self> {
        let is_on_earth = lon.abs() <= 180.0 && lat.abs() <= 90.0;
        is_on_earth.then(|| Self {
            x: snap_number(lon),
            y: snap_number(lat),
        })
    }

    /// Longitude and latitude in degrees.
    pub(crate) fn degrees(self) -> [f64; 2] {
        [
            f64::from(self.x) / UNITS_PER_DEGREE,
            f64::from(self.y) / UNITS_PER_DEGREE,
        ]
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "±180° are ±1.8e9 units, which fit an i32"
)]
fn snap_number(degrees: f64) -> i32 {
    // Adding and taking away 1.5 × 2^52 rounds to the nearest whole number in two instructions on every
    // processor, where `f64::round` is a call on those built without SSE 4.1.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    ((degrees * UNITS_PER_DEGREE + ROUNDER) - ROUNDER) as i32
}

/// Which way `c` turns off the line from `a` to `b`: `Greater` to the left, `Less` to the right.
pub(crate) fn turn(a: Spot, b: Spot, c: Spot) -> Ordering {
    let d = |p: i32, q: i32| i64::from(p) - i64::from(q);
    // Each product is below 3.6e9 × 1.8e9 < 2^63; comparing them needs no 128 bits, subtracting would.
    (d(b.x, a.x) * d(c.y, a.y)).cmp(&(d(c.x, a.x) * d(b.y, a.y)))
}

/// An edge without direction, its lower end first, so that two neighbours hold the very same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Edge {
    pub(crate) lo: Spot,
    pub(crate) hi: Spot,
}

/// How an edge lies to a square, seen along the rows of the square.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// It may touch the closed square.
    Touches,
    /// It lies east of the square in every row both share.
    East,
    /// It lies west of the square or shares no row with it.
    Apart,
}

/// A closed square of the grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Square {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) size: i64,
}

impl Square {
    /// The quarter with index 0 … 3: west to east, then south to north.
    pub(crate) fn quarter(self, index: i64) -> Self {
        let size = self.size / 2;
        Self {
            x: self.x + (index & 1) * size,
            y: self.y + (index >> 1) * size,
            size,
        }
    }
}

impl Edge {
    /// `None` where both ends are one spot.
    pub(crate) fn new(a: Spot, b: Spot) -> Option<Self> {
        match (a.y, a.x).cmp(&(b.y, b.x)) {
            Ordering::Less => Some(Self { lo: a, hi: b }),
            Ordering::Greater => Some(Self { lo: b, hi: a }),
            Ordering::Equal => None,
        }
    }

    /// An upright edge further east than any point, over the rows `from .. to`.
    pub(crate) fn beyond(from: i32, to: i32) -> Self {
        Self {
            lo: Spot { x: BEYOND, y: from },
            hi: Spot { x: BEYOND, y: to },
        }
    }

    /// Whether it was made by [`Edge::beyond`].
    pub(crate) fn is_beyond(self) -> bool {
        self.lo.x == BEYOND
    }

    /// Whether the ray from `p` to the east crosses the edge, under the half-open rule of the module `cells`.
    #[inline]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "which way it goes is a coin toss: a branch costs more than both"
    )]
    pub(crate) fn is_east_of(self, p: Spot) -> bool {
        let d = |a: i32, b: i32| i64::from(a) - i64::from(b);
        let is_in_rows = (self.lo.y <= p.y) & (p.y < self.hi.y);
        let is_past =
            d(p.x, self.lo.x) * d(self.hi.y, self.lo.y) < d(self.hi.x, self.lo.x) * d(p.y, self.lo.y);
        is_in_rows & is_past
    }

    /// Where the edge lies as seen from a square.
    pub(crate) fn meets(self, square: Square) -> Meeting {
        let (west, east) = (self.lo.x.min(self.hi.x), self.lo.x.max(self.hi.x));
        let far = (square.x + square.size, square.y + square.size);
        if i64::from(self.hi.y) < square.y || i64::from(self.lo.y) > far.1 || i64::from(east) < square.x {
            return Meeting::Apart;
        }
        if i64::from(west) > far.0 {
            return Meeting::East;
        }
        let sides = [(square.x, square.y), (far.0, square.y), (square.x, far.1), far].map(|c| self.side(c));
        if sides.iter().all(|side| *side == Ordering::Greater) {
            return Meeting::East;
        }
        if sides.iter().all(|side| *side == Ordering::Less) {
            return Meeting::Apart;
        }
        Meeting::Touches
    }

    /// `Greater` where the edge's line runs east of the corner. Corners of the outermost square may lie off the
    /// globe, hence 128 bits.
    fn side(self, (x, y): (i64, i64)) -> Ordering {
        let [ax, ay, bx, by] = [self.lo.x, self.lo.y, self.hi.x, self.hi.y].map(i128::from);
        ((bx - ax) * (i128::from(y) - ay)).cmp(&((i128::from(x) - ax) * (by - ay)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapping_rounds_to_the_nearest_unit() {
        assert_eq!(
            Spot::snap(116.391_234_56, -39.9),
            Some(Spot {
                x: 1_163_912_346,
                y: -399_000_000
            })
        );
        assert_eq!(
            Spot::snap(180.0, 90.0),
            Some(Spot {
                x: 1_800_000_000,
                y: 900_000_000
            })
        );
        for (lon, lat) in [
            (f64::NAN, 0.0),
            (0.0, f64::INFINITY),
            (180.01, 0.0),
            (0.0, -90.01),
        ] {
            assert_eq!(Spot::snap(lon, lat), None);
        }
    }

    #[test]
    fn an_edge_belongs_to_its_east_and_its_lower_end() {
        let edge = Edge::new(Spot { x: 10, y: 20 }, Spot { x: 10, y: 0 }).unwrap();
        let east_of = |x, y| edge.is_east_of(Spot { x, y });
        assert!(east_of(9, 0) && east_of(9, 19));
        assert!(!east_of(10, 5), "on the edge counts as east of it");
        assert!(!east_of(9, 20), "the upper end is open");
    }

    #[test]
    fn the_widest_edges_do_not_overflow() {
        let corner = |x: i32, y: i32| Spot {
            x: x * 1_800_000_000,
            y: y * 900_000_000,
        };
        let edge = Edge::new(corner(-1, -1), corner(1, 1)).unwrap();
        assert!(edge.is_east_of(corner(-1, 0)));
        assert!(!edge.is_east_of(corner(1, 0)));
        assert!(Edge::beyond(-900_000_000, 900_000_000).is_east_of(corner(1, 0)));
        assert_eq!(
            turn(corner(-1, -1), corner(1, 1), corner(-1, 1)),
            Ordering::Greater
        );
    }
}
