//! The usual way to find a point's cell: an R-tree of bounding boxes, then point in polygon on what it returns.
//! It is here to be compared with, in tests and benchmarks; nothing else should use it.

use geo::{BoundingRect, Contains, MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// The peer that [`super::CellIndex`] is measured against. A point exactly on an edge is in no cell here, since
/// `geo::Contains` leaves out the boundary; elsewhere both agree to 1e-7°.
#[derive(Debug)]
pub struct PlainIndex {
    boxes: RTree<Boxed>,
    cells: Vec<(u32, MultiPolygon<f64>)>,
}

impl PlainIndex {
    /// Takes the same cells as [`super::CellIndex::new`].
    pub fn new(cells: Vec<(u32, MultiPolygon<f64>)>) -> Self {
        let boxed = |(at, (_, polygons)): (usize, &(u32, MultiPolygon<f64>))| {
            let rect = polygons.bounding_rect()?;
            Some(Boxed::new(
                Rectangle::from_corners(rect.min().into(), rect.max().into()),
                at,
            ))
        };
        let boxes = RTree::bulk_load(cells.iter().enumerate().filter_map(boxed).collect());
        Self { boxes, cells }
    }

    /// The first of the cells that contain the point.
    pub fn locate(&self, lon: f64, lat: f64) -> Option<u32> {
        let point = Point::new(lon, lat);
        let candidates = self
            .boxes
            .locate_in_envelope_intersecting(AABB::from_point([lon, lat]));
        let holds = |at: &usize| {
            self.cells
                .get(*at)
                .is_some_and(|(_, polygons)| polygons.contains(&point))
        };
        let first = candidates.map(|one| one.data).filter(holds).min()?;
        self.cells.get(first).map(|(key, _)| *key)
    }
}
