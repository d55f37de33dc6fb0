//! Where the edges of one feature cross, run along or touch each other. Exact, on the whole-number grid of `cells`.
//! It must not compare features with each other.

use super::{Finding, FindingCode, Severity, Shape};
use crate::cells::{Spot, ring_spots, turn};
use geo::Polygon;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// One edge with its place in the feature.
#[derive(Debug, Clone, Copy)]
struct Segment {
    ends: [Spot; 2],
    ring: usize,
    /// Its number in the ring, and how many the ring has.
    at: usize,
    of: usize,
}

/// How two edges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// Inner points of both, or a stretch of both.
    Crosses,
    /// A single point that is an end of one.
    Touches,
}

type Boxed = GeomWithData<Rectangle<[f64; 2]>, usize>;

pub(super) fn check(shapes: &[Shape<'_>]) -> Vec<Finding> {
    shapes.iter().filter_map(contacts).collect()
}

/// The first place found where edges cross, after at most so many pairs of edges whose boxes meet; `pairs` is what is left of them.
pub(super) fn crossing(shape: &Shape<'_>, pairs: &mut usize) -> Option<[f64; 2]> {
    let segments = segments(shape);
    let boxes: RTree<Boxed> = RTree::bulk_load(segments.iter().enumerate().map(boxed).collect());
    for (a, b) in boxes.intersection_candidates_with_other_tree(&boxes) {
        *pairs = pairs.checked_sub(1)?;
        let (a, b) = (segments.get(a.data)?, segments.get(b.data)?);
        let is_other = (a.ring, a.at) < (b.ring, b.at);
        if let Some((Contact::Crosses, at)) = is_other.then(|| contact(a, b)).flatten() {
            return Some(at.degrees());
        }
    }
    None
}

/// The worst a feature's edges do to each other.
fn contacts(shape: &Shape<'_>) -> Option<Finding> {
    let segments = segments(shape);
    let boxes: RTree<Boxed> = RTree::bulk_load(segments.iter().enumerate().map(boxed).collect());
    let (mut crossings, mut touches) = (BTreeSet::new(), BTreeSet::new());
    for (a, b) in boxes
        .intersection_candidates_with_other_tree(&boxes)
        .filter(|(a, b)| a.data < b.data)
    {
        let (Some(a), Some(b)) = (segments.get(a.data), segments.get(b.data)) else {
            continue;
        };
        match contact(a, b) {
            Some((Contact::Crosses, at)) => crossings.insert(at),
            Some((Contact::Touches, at)) if a.ring == b.ring => touches.insert(at),
            _ => false,
        };
    }
    let (code, places, what) = if crossings.is_empty() {
        (
            FindingCode::SelfTouching,
            touches,
            "touches itself; the cell is what its rings enclose",
        )
    } else {
        (
            FindingCode::SelfCrossing,
            crossings,
            "crosses itself; ground enclosed twice is outside the cell",
        )
    };
    let at = places.first()?.degrees();
    let message = format!("the outline {what} ({} place(s))", places.len());
    Some(
        Finding::new(code, Severity::Warn, message)
            .about(shape)
            .at(Some(at)),
    )
}

fn segments(shape: &Shape<'_>) -> Vec<Segment> {
    let rings = shape
        .polygons
        .iter()
        .flat_map(|one: &Polygon<f64>| std::iter::once(one.exterior()).chain(one.interiors()));
    let mut segments = Vec::new();
    for (number, ring) in rings.enumerate() {
        let mut spots = ring_spots(ring);
        spots.dedup();
        let of = spots.len().saturating_sub(1);
        let pairs = spots
            .windows(2)
            .filter_map(|pair| <[Spot; 2]>::try_from(pair).ok());
        segments.extend(pairs.enumerate().map(|(at, ends)| Segment {
            ends,
            ring: number,
            at,
            of,
        }));
    }
    segments
}

fn boxed((place, segment): (usize, &Segment)) -> Boxed {
    let corner = segment.ends.map(|spot| [f64::from(spot.x), f64::from(spot.y)]);
    let aabb = AABB::from_corners(corner[0], corner[1]);
    Boxed::new(Rectangle::from_aabb(aabb), place)
}

/// How two edges meet and where (for a crossing, an end near by); `None` where they do not, or only in the corner
/// that neighbours in a ring share.
fn contact(one: &Segment, two: &Segment) -> Option<(Contact, Spot)> {
    let ([a, b], [c, d]) = (one.ends, two.ends);
    let sides = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
    if sides.iter().all(|side| *side == Ordering::Equal) {
        return along(one, two);
    }
    let is_apart = |one: Ordering, two: Ordering| one == two && one != Ordering::Equal;
    if is_apart(sides[0], sides[1]) || is_apart(sides[2], sides[3]) {
        return None;
    }
    let ends = [c, d, a, b];
    let touched = sides
        .iter()
        .zip(ends)
        .find(|(side, _)| **side == Ordering::Equal)
        .map(|(_, end)| end);
    match touched {
        None => Some((Contact::Crosses, a)),
        Some(_) if one.is_neighbour_of(two) => None,
        Some(end) => Some((Contact::Touches, end)),
    }
}

/// Two edges of one line: they share a stretch, a point or nothing.
fn along(a: &Segment, b: &Segment) -> Option<(Contact, Spot)> {
    // On one line the order by x, then y, is the order along it.
    let sorted = |ends: [Spot; 2]| (ends[0].min(ends[1]), ends[0].max(ends[1]));
    let ((a_from, a_to), (b_from, b_to)) = (sorted(a.ends), sorted(b.ends));
    let (from, to) = (a_from.max(b_from), a_to.min(b_to));
    match from.cmp(&to) {
        Ordering::Less => Some((Contact::Crosses, from)),
        Ordering::Equal if !a.is_neighbour_of(b) => Some((Contact::Touches, from)),
        _ => None,
    }
}

impl Segment {
    fn is_neighbour_of(&self, other: &Self) -> bool {
        let follows = |first: &Self, second: &Self| (first.at + 1) % first.of.max(1) == second.at;
        self.ring == other.ring && (follows(self, other) || follows(other, self))
    }
}
