//! Cuts polygons into squares until each square holds few edges; see the top of `cells` for what a square keeps.
//! It must not decide anything about a point: that is `Edge::is_east_of` alone.

use super::CellIndex;
use super::edges::{Edge, Meeting, Spot, Square};
use super::squares::{Kind, Leaves, Node};
use geo::{LineString, MultiPolygon};

/// A square with at most this many different edges is not cut further.
const LEAF_EDGES: usize = 4;
/// Nor is one of this many units (about 3 m): a corner where many cells meet would be cut for ever.
const LEAF_SIZE: i64 = 256;
/// Nor one whose quarters kept nearly all its edges this many times: a bundle of edges too close to part.
const STALE_CUTS: u8 = 4;
/// The raster has at most this many squares, 4 MB.
const RASTER_MAX: i64 = 1 << 20;
/// Owners of one leaf: the bits of its mask. Further ones go to a further leaf.
const OWNERS_PER_LEAF: usize = 32;

/// An edge of the area with this place in the list of cells.
type OwnedEdge = (Edge, u32);

/// A square while it is being cut.
struct Draft {
    square: Square,
    edges: Vec<OwnedEdge>,
    /// Areas that have a point from which none of `edges` is crossed, ascending.
    base: Vec<u32>,
    stale_cuts: u8,
}

pub(super) fn index(cells: &[(u32, MultiPolygon<f64>)]) -> CellIndex {
    let edges: Vec<OwnedEdge> = (0_u32..)
        .zip(cells)
        .flat_map(|(area, (_, polygons))| polygon_edges(polygons).map(move |edge| (edge, area)))
        .collect();
    let Some((origin, extent)) = bounds(&edges) else {
        return CellIndex::default();
    };
    let shift = raster_shift(extent, edges.len());
    let size = 1_i64 << extent.0.max(extent.1).ilog2().saturating_add(1).max(shift);
    let columns = (extent.0 - 1) >> shift;
    let rows = (extent.1 - 1) >> shift;
    let mut index = CellIndex {
        origin,
        extent,
        shift,
        columns: columns as usize + 1,
        raster: vec![Node::default(); (columns as usize + 1) * (rows as usize + 1)],
        keys: cells.iter().map(|(key, _)| *key).collect(),
        ..CellIndex::default()
    };
    let square = Square {
        x: origin.0.into(),
        y: origin.1.into(),
        size,
    };
    Builder { index: &mut index }.flat(&Draft {
        square,
        edges,
        base: vec![],
        stale_cuts: 0,
    });
    index
}

/// All edges of the rings whose every coordinate is a place on earth.
pub(crate) fn polygon_edges(polygons: &MultiPolygon<f64>) -> impl Iterator<Item = Edge> {
    let rings = polygons
        .iter()
        .flat_map(|one| std::iter::once(one.exterior()).chain(one.interiors()));
    rings.flat_map(|ring| {
        ring_spots(ring)
            .windows(2)
            .filter_map(pair_edge)
            .collect::<Vec<_>>()
    })
}

/// The ring on the grid, closed; empty where a coordinate is no place on earth.
pub(crate) fn ring_spots(ring: &LineString<f64>) -> Vec<Spot> {
    let mut spots: Vec<Spot> = ring
        .coords()
        .map(|c| Spot::snap(c.x, c.y))
        .collect::<Option<_>>()
        .unwrap_or_default();
    if spots.first() != spots.last() {
        spots.extend(spots.first().copied());
    }
    spots
}

fn pair_edge(pair: &[Spot]) -> Option<Edge> {
    match pair {
        [a, b] => Edge::new(*a, *b),
        _ => None,
    }
}

/// South-west corner, and width and height such that every vertex lies within.
fn bounds(edges: &[OwnedEdge]) -> Option<((i32, i32), (u32, u32))> {
    let spots = || edges.iter().flat_map(|(edge, _)| [edge.lo, edge.hi]);
    let (west, east) = (spots().map(|s| s.x).min()?, spots().map(|s| s.x).max()?);
    let (south, north) = (spots().map(|s| s.y).min()?, spots().map(|s| s.y).max()?);
    Some((
        (west, south),
        (east.abs_diff(west) + 1, north.abs_diff(south) + 1),
    ))
}

/// The finest raster that has some four squares for an edge.
fn raster_shift(extent: (u32, u32), edges: usize) -> u32 {
    let wanted = i64::try_from(edges * 4)
        .unwrap_or(RASTER_MAX)
        .clamp(64, RASTER_MAX);
    let squares = |shift: u32| (i64::from(extent.0 >> shift) + 1) * (i64::from(extent.1 >> shift) + 1);
    (LEAF_SIZE.ilog2()..31)
        .find(|shift| squares(*shift) <= wanted)
        .unwrap_or(31)
}

struct Builder<'a> {
    index: &'a mut CellIndex,
}

impl Builder<'_> {
    /// Cuts down to the squares of the raster and writes each one's node there.
    fn flat(&mut self, draft: &Draft) {
        if self.is_off(draft.square) {
            return;
        }
        if draft.square.size > 1 << self.index.shift && !draft.is_done() {
            draft.quarters().for_each(|quarter| self.flat(&quarter));
            return;
        }
        let square = draft.square;
        let node = self.tree(draft);
        self.fill(square, node);
    }

    /// Whether the square lies outside the raster.
    fn is_off(&self, square: Square) -> bool {
        let (origin, extent) = (self.index.origin, self.index.extent);
        square.x - i64::from(origin.0) >= extent.0.into() || square.y - i64::from(origin.1) >= extent.1.into()
    }

    /// Writes a node into all squares of the raster that it covers.
    fn fill(&mut self, square: Square, node: Node) {
        let shift = self.index.shift;
        let place =
            |v: i64, origin: i32| usize::try_from((v - i64::from(origin)) >> shift).unwrap_or(usize::MAX);
        let (column, row) = (
            place(square.x, self.index.origin.0),
            place(square.y, self.index.origin.1),
        );
        let side = usize::try_from(square.size >> shift).unwrap_or(0).max(1);
        for line in self
            .index
            .raster
            .chunks_mut(self.index.columns)
            .skip(row)
            .take(side)
        {
            line.iter_mut()
                .skip(column)
                .take(side)
                .for_each(|slot| *slot = node);
        }
    }

    fn tree(&mut self, draft: &Draft) -> Node {
        if draft.is_done() {
            return self.leaf(draft);
        }
        let at = place(self.index.quarters.len());
        self.index.quarters.push([Node::default(); 4]);
        for (slot, quarter) in draft.quarters().enumerate() {
            let node = self.tree(&quarter);
            if let Some(slot) = self
                .index
                .quarters
                .get_mut(at as usize)
                .and_then(|four| four.get_mut(slot))
            {
                *slot = node;
            }
        }
        Node::pack(Kind::Quarters(at))
    }

    fn leaf(&mut self, draft: &Draft) -> Node {
        let mut areas: Vec<u32> = draft
            .edges
            .iter()
            .map(|(_, area)| *area)
            .chain(draft.base.clone())
            .collect();
        areas.sort_unstable();
        areas.dedup();
        Node::pack(match (areas.as_slice(), draft.edges.is_empty()) {
            ([], _) => Kind::Empty,
            ([one], true) => Kind::Whole(*one),
            _ => Kind::Leaf(self.pages(draft, &areas)),
        })
    }

    /// One leaf for each 32 owners, chained; where the first begins.
    fn pages(&mut self, draft: &Draft, areas: &[u32]) -> u32 {
        let first = self.index.leaves.next_place();
        let mut pages = areas.chunks(OWNERS_PER_LEAF).peekable();
        while let Some(page) = pages.next() {
            let bit = |area: u32| page.binary_search(&area).map_or(0, |slot| 1_u32 << slot);
            let edges = draft.edges_by(bit);
            let base = draft.base.iter().fold(0, |mask, area| mask | bit(*area));
            let after = self.index.leaves.next_place() + Leaves::words_for(page.len(), edges.len());
            let next = if pages.peek().is_some() { after } else { 0 };
            self.index.leaves.push(base, next, page, &edges);
        }
        first
    }
}

/// A place in one of the index's lists. Lists are shorter than 2^32: that many would be 80 GB of edges.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Draft {
    fn is_done(&self) -> bool {
        self.square.size <= LEAF_SIZE || self.stale_cuts >= STALE_CUTS || self.has_few_edges()
    }

    fn has_few_edges(&self) -> bool {
        if self.edges.len() <= LEAF_EDGES {
            return true;
        }
        let mut different: Vec<Edge> = Vec::with_capacity(LEAF_EDGES + 1);
        for (edge, _) in &self.edges {
            if !different.contains(edge) {
                different.push(*edge);
            }
            if different.len() > LEAF_EDGES {
                return false;
            }
        }
        true
    }

    /// Its edges, each once, with the owners it turns; those that turn none are left out.
    fn edges_by(&self, bit: impl Fn(u32) -> u32) -> Vec<(Edge, u32)> {
        let mut edges = self.edges.clone();
        edges.sort_unstable();
        let same = edges.chunk_by(|a, b| a.0 == b.0);
        let masked = same.filter_map(|same| {
            let owners = same.iter().fold(0, |mask, (_, area)| mask ^ bit(*area));
            same.first().map(|(edge, _)| (*edge, owners))
        });
        masked.filter(|(_, owners)| *owners != 0).collect()
    }

    fn quarters(&self) -> impl Iterator<Item = Self> + '_ {
        (0..4).map(|index| self.quarter(self.square.quarter(index)))
    }

    /// The same polygons, seen from a smaller square.
    fn quarter(&self, square: Square) -> Self {
        let mut edges = Vec::new();
        let mut turns = Vec::new();
        for (edge, area) in &self.edges {
            match edge.meets(square) {
                Meeting::Touches => edges.push((*edge, *area)),
                Meeting::East => {
                    turns.extend(rows_in(*edge, square).into_iter().flatten().map(|y| (*area, y)));
                }
                Meeting::Apart => {}
            }
        }
        let base = beyond(turns, square, &self.base, &mut edges);
        let is_stale = edges.len() * 4 > self.edges.len() * 3;
        Self {
            square,
            edges,
            base,
            stale_cuts: if is_stale { self.stale_cuts + 1 } else { 0 },
        }
    }
}

/// First row and the row after the last that an edge has within the square.
fn rows_in(edge: Edge, square: Square) -> Option<[i64; 2]> {
    let from = i64::from(edge.lo.y).max(square.y);
    let to = i64::from(edge.hi.y).min(square.y + square.size);
    (from < to).then_some([from, to])
}

/// Turns rows at which an area's parity east of the square flips into upright edges beyond it and a new base.
fn beyond(mut turns: Vec<(u32, i64)>, square: Square, base: &[u32], edges: &mut Vec<OwnedEdge>) -> Vec<u32> {
    turns.sort_unstable();
    // Two flips in one row are none: what is left are pairs, from and to.
    let odd: Vec<(u32, i64)> = turns
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() % 2 == 1)
        .filter_map(|same| same.first().copied())
        .collect();
    let mut flipped = base.to_vec();
    for pair in odd.chunks_exact(2) {
        let [(area, from), (_, to)] = pair else { continue };
        if *from == square.y && *to == square.y + square.size {
            flipped.push(*area);
        } else if let (Ok(from), Ok(to)) = (i32::try_from(*from), i32::try_from(*to)) {
            edges.push((Edge::beyond(from, to), *area));
        }
    }
    flipped.sort_unstable();
    flipped
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() % 2 == 1)
        .filter_map(|same| same.first().copied())
        .collect()
}
