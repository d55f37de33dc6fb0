//! Which cell a point lies in: an index that is exact at the edges and answers in some tens of nanoseconds.
//! It must never lose a point between two cells that share an edge, nor give it to both.
//!
//! # The rule at the edges
//! Coordinates are snapped to whole units of 1e-7° (at most 1.1 cm) and every decision after that is made in
//! whole numbers, without rounding. A point on an edge belongs to the cell **east** of the edge; on an edge that
//! runs exactly east–west, to the cell **north** of it. At a corner the same holds for a point moved a hair to the
//! east and a far smaller hair to the north. So of the cells that meet in a point exactly one has it, and the
//! outer rim of a set is inside on its west and south sides, outside on its east and north sides.
//! Cells are filled by the even–odd rule: a ring in a ring is a hole, a place that a self-crossing ring covers twice
//! is outside. Where two cells overlap, the one given first has the point.
//!
//! # How it is fast
//! Lay a square over everything and cut it into quarters until each holds few edges. Within a square, a polygon is
//! described by the edges that touch the square, by upright edges "beyond" it which stand for everything further
//! east that a ray would cross, and by one bit: whether the polygon holds where the ray crosses none of these. What
//! lies east of a square cancels in pairs nearly everywhere, so most squares end with no edge at all and one answer,
//! the others with a handful of edges. An edge shared by two cells is kept once, with a mask of the cells it turns.
//! The upper levels of the tree are laid out flat, as a raster, so that a look-up is: round, shift, one load, and,
//! near an edge, some four comparisons of products.
//!
//! The cost is memory: about 30 bytes for each edge and square it touches.
//!
//! # Cells across the 180th meridian
//! must be cut there, as RFC 7946 (section 3.1.9) asks; an error circle does not reach over the cut.

mod build;
mod edges;
mod nearby;
mod plain;
mod squares;

pub use plain::PlainIndex;

pub(crate) use build::ring_spots;
pub(crate) use edges::{Edge, Spot, turn};

use geo::MultiPolygon;
use squares::{Kind, Leaves, Node};

/// What an error circle was found to touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Located {
    /// The cell that has the point itself.
    pub cell: Option<u32>,
    /// The other cells that the circle reaches, and cells that overlap the point's own; ascending, each once.
    pub others: Vec<u32>,
}

/// The index. It is built once and read by any number of threads.
#[derive(Debug, Clone, Default)]
pub struct CellIndex {
    /// South-west corner and extent, both in units.
    origin: (i32, i32),
    extent: (u32, u32),
    /// Side of a raster square is `1 << shift`.
    shift: u32,
    columns: usize,
    raster: Vec<Node>,
    quarters: Vec<[Node; 4]>,
    leaves: Leaves,
    /// The cells' keys, in the order given.
    keys: Vec<u32>,
}

impl CellIndex {
    /// Builds the index of cells, given as `(key, polygons)` in degrees. Keys need not be distinct: several entries
    /// with one key are one cell. Rings with a coordinate that is no place on earth are left out whole; the checks
    /// of [`crate::topology`] name them.
    pub fn new(cells: &[(u32, MultiPolygon<f64>)]) -> Self {
        build::index(cells)
    }

    /// The key of the cell that has the point.
    #[inline]
    pub fn locate(&self, lon: f64, lat: f64) -> Option<u32> {
        let spot = Spot::snap(lon, lat)?;
        let area = match self.kind(spot)? {
            Kind::Empty | Kind::Quarters(_) => None,
            Kind::Whole(area) => Some(area),
            Kind::Leaf(place) => self.first_owner(place, spot),
        };
        self.key(area?)
    }

    fn key(&self, area: u32) -> Option<u32> {
        self.keys.get(area as usize).copied()
    }

    /// The smallest square that covers the spot.
    #[inline]
    fn kind(&self, spot: Spot) -> Option<Kind> {
        // Outside, the difference wraps to more than any extent: extents end at ±1.8e9, far from the wrap.
        let x = spot.x.wrapping_sub(self.origin.0).cast_unsigned();
        let y = spot.y.wrapping_sub(self.origin.1).cast_unsigned();
        if x >= self.extent.0 || y >= self.extent.1 {
            return None;
        }
        let mut shift = self.shift;
        let place = (y >> shift) as usize * self.columns + (x >> shift) as usize;
        let mut kind = self.raster.get(place)?.kind();
        while let Kind::Quarters(at) = kind {
            shift -= 1;
            let quarter = (((y >> shift) & 1) << 1) | ((x >> shift) & 1);
            kind = self.quarters.get(at as usize)?.get(quarter as usize)?.kind();
        }
        Some(kind)
    }

    #[inline]
    fn first_owner(&self, first: u32, spot: Spot) -> Option<u32> {
        let mut place = first;
        loop {
            let leaf = self.leaves.get(place)?;
            let mask = leaf.mask(spot);
            if mask != 0 {
                return leaf.owners.get(mask.trailing_zeros() as usize).copied();
            }
            if leaf.next == 0 {
                return None;
            }
            place = leaf.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    /// A unit square with its lower left corner at a whole degree.
    fn square(x: f64, y: f64) -> MultiPolygon<f64> {
        MultiPolygon(vec![
            polygon![(x: x, y: y), (x: x + 1.0, y: y), (x: x + 1.0, y: y + 1.0), (x: x, y: y + 1.0)],
        ])
    }

    fn four() -> CellIndex {
        CellIndex::new(&[
            (1, square(0.0, 0.0)),
            (2, square(1.0, 0.0)),
            (3, square(0.0, 1.0)),
            (4, square(1.0, 1.0)),
        ])
    }

    #[test]
    fn each_edge_and_corner_has_one_owner() {
        let table = [
            ((0.5, 0.5), Some(1)),
            ((1.0, 0.5), Some(2)),
            ((0.5, 1.0), Some(3)),
            ((1.0, 1.0), Some(4)),
            ((0.0, 0.0), Some(1)),
            ((2.0, 0.5), None),
            ((0.5, 2.0), None),
            ((1.999_999_9, 1.999_999_9), Some(4)),
            ((-0.000_000_1, 0.5), None),
            ((f64::NAN, 0.5), None),
            ((1e300, 0.5), None),
        ];
        for ((lon, lat), cell) in table {
            assert_eq!(four().locate(lon, lat), cell, "{lon} {lat}");
        }
    }

    #[test]
    fn the_cell_given_first_has_the_overlap() {
        let index = CellIndex::new(&[(7, square(0.0, 0.0)), (5, square(0.5, 0.0))]);
        assert_eq!(index.locate(0.75, 0.5), Some(7));
        assert_eq!(index.locate(1.25, 0.5), Some(5));
        assert_eq!(
            index.locate_with_error(0.75, 0.5, 1.0),
            Located {
                cell: Some(7),
                others: vec![5]
            }
        );
    }

    #[test]
    fn holes_are_outside() {
        let outer = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 3.0, y: 0.0), (x: 3.0, y: 3.0), (x: 0.0, y: 3.0)],
            interiors: [[(x: 1.0, y: 1.0), (x: 2.0, y: 1.0), (x: 2.0, y: 2.0), (x: 1.0, y: 2.0)]],
        );
        let ring = MultiPolygon(vec![outer]);
        assert_eq!(CellIndex::new(&[(1, ring.clone())]).locate(1.5, 1.5), None);
        let filled = CellIndex::new(&[(1, ring), (2, square(1.0, 1.0))]);
        for (x, cell) in [(1.0, 2), (2.0, 1), (0.5, 1), (1.5, 2)] {
            assert_eq!(filled.locate(x, 1.5), Some(cell), "{x}");
        }
    }

    #[test]
    fn more_cells_than_a_mask_has_bits_may_overlap() {
        let cells: Vec<_> = (0..100)
            .map(|key| (key, square(f64::from(key) / 1000.0, 0.0)))
            .collect();
        let index = CellIndex::new(&cells);
        assert_eq!(index.locate(0.5, 0.5), Some(0));
        assert_eq!(index.locate(1.050_5, 0.5), Some(51));
        assert_eq!(index.locate_with_error(0.5, 0.5, 1.0).others.len(), 99);
    }

    #[test]
    fn nothing_and_nonsense_make_an_empty_index() {
        let nonsense = MultiPolygon(vec![
            polygon![(x: 0.0, y: 0.0), (x: f64::NAN, y: 0.0), (x: 1.0, y: 1.0)],
        ]);
        for cells in [vec![], vec![(1, MultiPolygon(vec![]))], vec![(1, nonsense)]] {
            let index = CellIndex::new(&cells);
            assert_eq!(index.locate(0.0, 0.0), None);
            assert_eq!(index.locate_with_error(0.0, 0.0, 100.0), Located::default());
        }
    }

    #[test]
    fn the_whole_globe_can_be_one_cell() {
        let globe =
            polygon![(x: -180.0, y: -90.0), (x: 180.0, y: -90.0), (x: 180.0, y: 90.0), (x: -180.0, y: 90.0)];
        let index = CellIndex::new(&[(9, MultiPolygon(vec![globe]))]);
        for (lon, lat, cell) in [
            (0.0, 0.0, Some(9)),
            (-180.0, -90.0, Some(9)),
            (180.0, 0.0, None),
            (0.0, 90.0, None),
        ] {
            assert_eq!(index.locate(lon, lat), cell, "{lon} {lat}");
        }
    }

    #[test]
    fn an_error_circle_names_the_cells_it_reaches() {
        let index = four();
        let metre = 1.0 / crate::distance::METRES_PER_DEGREE;
        let near = index.locate_with_error(1.0 - 40.0 * metre, 0.5, 50.0);
        assert_eq!(
            near,
            Located {
                cell: Some(1),
                others: vec![2]
            }
        );
        let clear = index.locate_with_error(1.0 - 60.0 * metre, 0.5, 50.0);
        assert_eq!(
            clear,
            Located {
                cell: Some(1),
                others: vec![]
            }
        );
        let corner = index.locate_with_error(1.0, 1.0, 5.0);
        assert_eq!(
            corner,
            Located {
                cell: Some(4),
                others: vec![1, 2, 3]
            }
        );
        let outside = index.locate_with_error(-30.0 * metre, 0.5, 31.0);
        assert_eq!(
            outside,
            Located {
                cell: None,
                others: vec![1]
            }
        );
        let far = index.locate_with_error(-30.0, 0.5, 31.0);
        assert_eq!(far, Located::default());
        let all = index.locate_with_error(0.5, 0.5, f64::INFINITY);
        assert_eq!(all.others, vec![2, 3, 4]);
        assert_eq!(
            index.locate_with_error(0.5, 0.5, f64::NAN).others,
            Vec::<u32>::new()
        );
    }
}
