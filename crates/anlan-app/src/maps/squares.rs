//! Open cases by squares of about half a kilometre, so that who asks what lies around a point looks at a few of them.
//! A part of the slim columns: it follows them and knows nothing else.

use std::collections::HashMap;

/// Side of a square in steps of 1e-7 degrees: 0.005°, 550 m from south to north.
const SIDE_E7: i32 = 50_000;
/// A box of more squares than this is answered by all of them.
const SQUARES_MAX: i64 = 1024;

/// Ids by square.
#[derive(Debug, Clone, Default)]
pub(super) struct Squares(HashMap<[i32; 2], Vec<u32>>);

fn square([lon_e7, lat_e7]: [i32; 2]) -> [i32; 2] {
    [lon_e7.div_euclid(SIDE_E7), lat_e7.div_euclid(SIDE_E7)]
}

impl Squares {
    /// Takes in an id that is not here yet.
    pub(super) fn put(&mut self, at: [i32; 2], id: u32) {
        self.0.entry(square(at)).or_default().push(id);
    }

    /// Takes an id out again, from where it was put.
    pub(super) fn take_out(&mut self, at: [i32; 2], id: u32) {
        let square = square(at);
        let Some(ids) = self.0.get_mut(&square) else {
            return;
        };
        ids.retain(|known| *known != id);
        if ids.is_empty() {
            self.0.remove(&square);
        }
    }

    /// Every id in squares that touch the box west, south, east, north, and perhaps some beyond it.
    pub(super) fn each(&self, [west, south, east, north]: [i32; 4], mut take: impl FnMut(u32)) {
        let ([left, low], [right, high]) = (square([west, south]), square([east, north]));
        let side = |from: i32, to: i32| i64::from(to) - i64::from(from) + 1;
        if west > east || side(left, right) * side(low, high) > SQUARES_MAX {
            self.0.values().flatten().copied().for_each(take);
            return;
        }
        for x in left..=right {
            for y in low..=high {
                let ids = self.0.get(&[x, y]);
                ids.into_iter().flatten().copied().for_each(&mut take);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(squares: &Squares, view: [i32; 4]) -> Vec<u32> {
        let mut all = Vec::new();
        squares.each(view, |id| all.push(id));
        all.sort_unstable();
        all
    }

    #[test]
    fn what_lies_in_a_box_is_found_until_it_is_taken_out() {
        let mut squares = Squares::default();
        let places = [[0, 0], [-1, -1], [SIDE_E7, 0], [1_132_000_000, 279_000_000]];
        for (id, at) in (1..).zip(places) {
            squares.put(at, id);
        }
        assert_eq!(found(&squares, [-10, -10, 10, 10]), [1, 2]);
        assert_eq!(found(&squares, [0, 0, SIDE_E7, 0]), [1, 3]);
        assert_eq!(
            found(&squares, [i32::MIN, i32::MIN, i32::MAX, i32::MAX]),
            [1, 2, 3, 4]
        );
        assert_eq!(
            found(&squares, [10, 0, -10, 0]),
            [1, 2, 3, 4],
            "across the date line"
        );
        squares.take_out([-1, -1], 2);
        squares.take_out([5, 5], 9);
        assert_eq!(found(&squares, [-10, -10, 10, 10]), [1]);
    }
}
