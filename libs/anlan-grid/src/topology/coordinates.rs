//! Whether the numbers are degrees in the right order and place, and whether each feature has the form of a cell.
//! It must not look at how polygons lie to each other.

use super::{Finding, FindingCode, Severity, Shape};
use crate::geo_json::FlawKind;
use geo::{BoundingRect, Coord, CoordsIter, Polygon, Rect, Winding};
use std::collections::HashMap;

/// Findings that make all further ones meaningless; at most one.
pub(super) fn check(shapes: &[Shape<'_>], expected: Option<[f64; 4]>) -> Vec<Finding> {
    let none_of_the_globe = |c: &Coord<f64>| c.x.abs().max(c.y.abs()) > 180.0 || !(c.x + c.y).is_finite();
    let beyond_a_pole = |c: &Coord<f64>| c.y.abs() > 90.0;
    projected(shapes, none_of_the_globe)
        .or_else(|| swapped(shapes, beyond_a_pole))
        .or_else(|| misplaced(shapes, expected?))
        .into_iter()
        .collect()
}

/// Features with a coordinate of a kind: how many, and the first of them with that coordinate.
fn having<'s, 'a>(
    shapes: &'s [Shape<'a>],
    is_such: impl Fn(&Coord<f64>) -> bool,
) -> Option<(usize, &'s Shape<'a>, Coord<f64>)> {
    let mut such = shapes.iter().filter_map(|shape| {
        let coord = shape.polygons.coords_iter().find(&is_such)?;
        Some((shape, coord))
    });
    let (first, coord) = such.next()?;
    Some((1 + such.count(), first, coord))
}

fn projected(shapes: &[Shape<'_>], is_such: impl Fn(&Coord<f64>) -> bool) -> Option<Finding> {
    let (count, first, Coord { x, y }) = having(shapes, is_such)?;
    let message = format!(
        "{count} of {} features have numbers that are no degrees, such as {x}, {y}: the set is in metres or feet of a \
         projection; convert it to WGS84 longitude and latitude first",
        shapes.len()
    );
    Some(Finding::new(FindingCode::Projected, Severity::Refuse, message).about(first))
}

fn swapped(shapes: &[Shape<'_>], is_such: impl Fn(&Coord<f64>) -> bool) -> Option<Finding> {
    let (count, first, Coord { x, y }) = having(shapes, is_such)?;
    let message = format!(
        "{count} of {} features have a latitude beyond ±90°, such as {x}, {y}: latitude seems to come first; GeoJSON \
         puts longitude first",
        shapes.len()
    );
    Some(Finding::new(FindingCode::SwappedAxes, Severity::Refuse, message).about(first))
}

/// The whole set against the box it should lie in.
fn misplaced(shapes: &[Shape<'_>], [west, south, east, north]: [f64; 4]) -> Option<Finding> {
    let rects = shapes.iter().filter_map(|shape| shape.polygons.bounding_rect());
    let set = rects.reduce(|a, b| {
        let (lo, hi) = ((a.min(), b.min()), (a.max(), b.max()));
        Rect::new(
            (lo.0.x.min(lo.1.x), lo.0.y.min(lo.1.y)),
            (hi.0.x.max(hi.1.x), hi.0.y.max(hi.1.y)),
        )
    })?;
    let meets =
        |min: Coord<f64>, max: Coord<f64>| min.x <= east && max.x >= west && min.y <= north && max.y >= south;
    let turned = |c: Coord<f64>| Coord { x: c.y, y: c.x };
    let (min, max) = (set.min(), set.max());
    if meets(min, max) {
        return None;
    }
    let (code, guess) = if meets(turned(min), turned(max)) {
        (
            FindingCode::SwappedAxes,
            "with latitude and longitude exchanged it lies there; GeoJSON puts longitude first",
        )
    } else {
        (
            FindingCode::FarAway,
            "check that it is the right file and in WGS84",
        )
    };
    let message = format!(
        "the set spans {}, {} to {}, {}, outside the place expected ({west}, {south} to {east}, {north}); {guess}",
        min.x, min.y, max.x, max.y
    );
    Some(Finding::new(code, Severity::Refuse, message).at(Some([min.x, min.y])))
}

/// Findings about single features and their codes.
pub(super) fn forms(shapes: &[Shape<'_>]) -> Vec<Finding> {
    let mut findings = duplicate_codes(shapes);
    findings.extend(
        shapes
            .iter()
            .filter(|shape| shape.polygons.0.is_empty())
            .map(|shape| {
                let message = "the feature has no polygon; it cannot be a cell".to_owned();
                Finding::new(FindingCode::EmptyGeometry, Severity::Refuse, message).about(shape)
            }),
    );
    findings.extend(shapes.iter().flat_map(flaws));
    findings.extend(shapes.iter().filter_map(holes));
    findings.extend(orientation(shapes));
    findings
}

fn duplicate_codes(shapes: &[Shape<'_>]) -> Vec<Finding> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut findings = Vec::new();
    for shape in shapes {
        let Some(code) = shape.code else { continue };
        let number = *first.entry(code).or_insert(shape.number);
        if number != shape.number {
            let message =
                format!("the code {code} is already that of feature {number}; codes must be distinct");
            findings.push(Finding::new(FindingCode::DuplicateCode, Severity::Refuse, message).about(shape));
        }
    }
    findings
}

fn flaws(shape: &Shape<'_>) -> Vec<Finding> {
    let kinds = [
        (
            FlawKind::UnclosedRing,
            FindingCode::UnclosedRing,
            "ring(s) do not end where they begin; they were closed",
        ),
        (
            FlawKind::ShortRing,
            FindingCode::ShortRing,
            "ring(s) of fewer than four positions were left out",
        ),
    ];
    let of_kind = |(kind, code, what): (FlawKind, FindingCode, &str)| {
        let mut such = shape.flaws.iter().filter(|flaw| flaw.kind == kind);
        let first = such.next()?;
        let message = format!("{} {what}", 1 + such.count());
        Some(
            Finding::new(code, Severity::Warn, message)
                .about(shape)
                .at(first.at),
        )
    };
    kinds.into_iter().filter_map(of_kind).collect()
}

fn holes(shape: &Shape<'_>) -> Option<Finding> {
    let mut holes = shape.polygons.iter().flat_map(Polygon::interiors);
    let at = holes.next()?.coords().next().map(|c| [c.x, c.y]);
    let message = format!(
        "{} hole(s); points in them belong to the cell that fills them, if one does",
        1 + holes.count()
    );
    Some(
        Finding::new(FindingCode::Hole, Severity::Note, message)
            .about(shape)
            .at(at),
    )
}

/// RFC 7946, section 3.1.6: outer rings turn left, holes right.
fn orientation(shapes: &[Shape<'_>]) -> Option<Finding> {
    let is_wrong = |one: &Polygon<f64>| one.exterior().is_cw() || one.interiors().iter().any(Winding::is_ccw);
    let mut wrong = shapes.iter().filter(|shape| shape.polygons.iter().any(is_wrong));
    let first = wrong.next()?;
    let message = format!(
        "{} of {} features have rings that turn the other way than RFC 7946 says; nothing here depends on it",
        1 + wrong.count(),
        shapes.len()
    );
    Some(Finding::new(FindingCode::WrongOrientation, Severity::Note, message).about(first))
}
