//! Ground that two cells share, and ground between cells that none has.
//! It must not report what rounding makes: less than a square metre.

use super::{Finding, FindingCode, Severity, Shape};
use crate::cells::CellIndex;
use crate::distance::area_m2;
use geo::bool_ops::FillRule;
use geo::orient::{Direction, Orient};
use geo::{
    BooleanOps, BoundingRect, Contains, InteriorPoint, Intersects, LineString, MultiPolygon, Polygon, Rect,
    unary_union,
};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

/// Smaller overlaps and gaps are left out.
const SPECK_M2: f64 = 1.0;
/// A cell with this share of its ground under another gets next to no point.
const COVERED_SHARE: f64 = 0.99;
/// Reach around a gap's corner, in metres, within which cells are named as its neighbours.
const BESIDE_M: f64 = 0.1;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Each pair of cells that share more than a speck.
pub(super) fn overlaps(shapes: &[Shape<'_>]) -> Vec<Finding> {
    let boxed = |(at, shape): (usize, &Shape<'_>)| {
        let rect = shape.polygons.bounding_rect()?;
        Some(Boxed::new(
            Rectangle::from_corners(rect.min().into(), rect.max().into()),
            at,
        ))
    };
    let boxes: RTree<Boxed> = RTree::bulk_load(shapes.iter().enumerate().filter_map(boxed).collect());
    let pairs = boxes
        .intersection_candidates_with_other_tree(&boxes)
        .filter(|(a, b)| a.data < b.data);
    pairs
        .filter_map(|(a, b)| overlap(shapes.get(a.data)?, shapes.get(b.data)?))
        .collect()
}

fn overlap(first: &Shape<'_>, second: &Shape<'_>) -> Option<Finding> {
    let near = |shape: &Shape<'_>, rect: Rect<f64>| -> MultiPolygon<f64> {
        shape
            .polygons
            .iter()
            .filter(|one| one.bounding_rect().is_some_and(|own| own.intersects(&rect)))
            .cloned()
            .collect()
    };
    let (a, b) = (
        near(first, second.polygons.bounding_rect()?),
        near(second, first.polygons.bounding_rect()?),
    );
    let shared = a.intersection_with_fill_rule(&b, FillRule::EvenOdd);
    let area = area_m2(&shared);
    if area < SPECK_M2 {
        return None;
    }
    let (own, other) = (area_m2(first.polygons), area_m2(second.polygons));
    let (smaller, larger, least) = if other <= own {
        (second, first, other)
    } else {
        (first, second, own)
    };
    let finding = if area >= COVERED_SHARE * least {
        let message = format!(
            "lies under feature {} ({}) with {:.0} % of its ground: one of the two would get next to no point",
            larger.number,
            larger.name,
            100.0 * area / least
        );
        Finding::new(FindingCode::Covered, Severity::Refuse, message).about(smaller)
    } else {
        let message = format!(
            "shares {} with feature {} ({}); points there go to feature {}, given first",
            ground(area),
            second.number,
            second.name,
            first.number
        );
        Finding::new(FindingCode::Overlap, Severity::Warn, message).about(first)
    };
    Some(finding.at(largest_place(&shared)).sized(area))
}

/// Each place that cells enclose and none has.
pub(super) fn gaps(shapes: &[Shape<'_>]) -> Vec<Finding> {
    // One turning direction for all: the union takes the first ring's for everyone's.
    let turned: Vec<_> = shapes
        .iter()
        .map(|shape| shape.polygons.orient(Direction::Default))
        .collect();
    let union = unary_union(&turned);
    let cells: Vec<_> = (0..)
        .zip(shapes)
        .map(|(key, shape)| (key, shape.polygons.clone()))
        .collect();
    let index = CellIndex::new(&cells);
    let empty = union
        .iter()
        .flat_map(Polygon::interiors)
        .flat_map(|ring| without_islands(ring, &union));
    empty.filter_map(|hole| gap(shapes, &index, hole)).collect()
}

/// What a hole of the union leaves empty: cells may lie in it that touch the rest in corners at most.
fn without_islands(ring: &LineString<f64>, union: &MultiPolygon<f64>) -> Vec<Polygon<f64>> {
    let hole = Polygon::new(ring.clone(), vec![]);
    let Some(rect) = hole.bounding_rect() else {
        return vec![];
    };
    let is_within = |one: &&Polygon<f64>| one.bounding_rect().is_some_and(|own| rect.contains(&own));
    let islands: MultiPolygon<f64> = union.iter().filter(is_within).cloned().collect();
    if islands.0.is_empty() {
        vec![hole]
    } else {
        hole.difference(&islands).0
    }
}

fn gap(shapes: &[Shape<'_>], index: &CellIndex, hole: Polygon<f64>) -> Option<Finding> {
    let corners: Vec<_> = hole.exterior().coords().copied().collect();
    let hole = MultiPolygon(vec![hole]);
    let area = area_m2(&hole);
    if area < SPECK_M2 {
        return None;
    }
    let mut beside: Vec<u32> = corners
        .iter()
        .map(|c| index.locate_with_error(c.x, c.y, BESIDE_M))
        .flat_map(|located| located.others.into_iter().chain(located.cell))
        .collect();
    beside.sort_unstable();
    beside.dedup();
    let around: Vec<&Shape<'_>> = beside
        .iter()
        .filter_map(|key| shapes.get(*key as usize))
        .collect();
    let names: Vec<&str> = around.iter().take(4).map(|shape| shape.name).collect();
    let message = format!(
        "{} enclosed by {} are in no cell; points there are outside",
        ground(area),
        names.join(", ")
    );
    let finding = Finding::new(FindingCode::Gap, Severity::Warn, message)
        .at(largest_place(&hole))
        .sized(area);
    Some(
        around
            .first()
            .map_or(finding.clone(), |shape| finding.about(shape)),
    )
}

/// A point inside the largest of the polygons.
fn largest_place(polygons: &MultiPolygon<f64>) -> Option<[f64; 2]> {
    let size = |one: &&Polygon<f64>| geo::Area::unsigned_area(*one);
    let largest = polygons.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    largest.interior_point().map(|point| [point.x(), point.y()])
}

/// Square metres, or square kilometres where these would be long.
fn ground(area_m2: f64) -> String {
    if area_m2 < 100_000.0 {
        format!("{area_m2:.0} m²")
    } else {
        format!("{:.2} km²", area_m2 / 1e6)
    }
}
