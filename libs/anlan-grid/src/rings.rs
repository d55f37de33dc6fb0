//! Single closed lines, as they come in a message: what they hold, and whether they cross themselves.
//! A set of them that is to cover a place without gaps is checked by `topology`.

use crate::topology::{self, Shape};
use geo::{Coord, Intersects, LineString, MultiPolygon, Point, Polygon};

fn polygon(ring: &[[f64; 2]]) -> Polygon<f64> {
    let corners = ring.iter().map(|&[x, y]| Coord { x, y });
    Polygon::new(corners.collect::<LineString>(), Vec::new())
}

/// Whether the point lies inside the ring or on it.
pub fn holds(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    polygon(ring).intersects(&Point::new(x, y))
}

/// A place where the ring crosses itself or goes the same way twice; touching itself in a point is none.
///
/// A ring from outside can be made so that every edge lies across the box of every other. So no more than `pairs` pairs of edges are
/// looked at, and those looked at are taken off: a caller with several rings spends one sum on all. With nothing left, none is found.
pub fn crossing(ring: &[[f64; 2]], pairs: &mut usize) -> Option<[f64; 2]> {
    let polygons = MultiPolygon::new(vec![polygon(ring)]);
    let shape = Shape {
        number: 1,
        name: "",
        code: None,
        polygons: &polygons,
        flaws: &[],
    };
    topology::crossing(&shape, pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 5] = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]];

    #[test]
    fn a_ring_holds_what_is_inside_and_its_own_line() {
        assert!(holds(&SQUARE, [1.0, 1.0]) && holds(&SQUARE, [2.0, 1.0]));
        assert!(!holds(&SQUARE, [3.0, 1.0]) && !holds(&[], [0.0, 0.0]));
    }

    #[test]
    fn a_bow_tie_crosses_itself_and_a_square_does_not() {
        let mut pairs = 100;
        assert_eq!(crossing(&SQUARE, &mut pairs), None);
        assert!((50..100).contains(&pairs), "{pairs}");
        let tie = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]];
        assert!(crossing(&tie, &mut pairs).is_some());
        assert_eq!(crossing(&[[0.0, 0.0]], &mut pairs), None);
        assert_eq!(crossing(&tie, &mut 1), None);
    }
}
