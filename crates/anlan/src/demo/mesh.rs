//! The demo's cells as shapes: a Voronoi diagram whose neighbours share every vertex, opened along the river.
//! Shapes only; names, codes and people come elsewhere.

use super::dice::Dice;
use super::river::{self, Bank, Spot, apart};
use std::collections::{BTreeMap, BTreeSet};

/// One shape of the mesh.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Outer ring, anticlockwise, not closed, metres.
    pub(crate) ring: Vec<Spot>,
    /// Shapes it shares an edge with; the river is in nobody's way here.
    pub(crate) beside: BTreeSet<usize>,
    /// Which bank; `None` for the river itself.
    pub(crate) bank: Option<Bank>,
    /// Touches the river.
    pub(crate) is_waterside: bool,
}

/// Edges shorter than this are drawn together to one corner, metres.
const EDGE_MIN: f64 = 70.0;
/// A stretch of river is about this long, metres.
const STRETCH: f64 = 2_600.0;

#[derive(Debug, Clone, Copy)]
struct Site {
    at: Spot,
    is_inside: bool,
}

/// A corner is where three sites meet; named by them, so that all three find the same one.
type Corner = [usize; 3];

fn corner(a: usize, b: usize, c: usize) -> Corner {
    let mut key = [a, b, c];
    key.sort_unstable();
    key
}

/// Pairs of sites on both banks: the line between the two of a pair runs along the river.
fn banks(dice: &mut Dice, sites: &mut Vec<Site>) {
    let mut east = -river::REACH[0];
    while east < river::REACH[0] {
        let on = river::middle(east);
        let step = river::spacing(on).min(1_150.0);
        let (up, is_inside) = (river::normal(east), river::is_inside(on));
        let off = 0.5 * step + river::half_width(east);
        for sign in [off, -off] {
            let shake = [dice.between(-9.0, 9.0), dice.between(-9.0, 9.0)];
            sites.push(Site {
                at: [on[0] + sign * up[0] + shake[0], on[1] + sign * up[1] + shake[1]],
                is_inside,
            });
        }
        east += step * up[1];
    }
}

fn strew(dice: &mut Dice) -> Vec<Site> {
    let mut sites = Vec::new();
    banks(dice, &mut sites);
    for _ in 0..24_000 {
        let at = [
            dice.between(-river::REACH[0], river::REACH[0]),
            dice.between(-river::REACH[1], river::REACH[1]),
        ];
        let room = river::spacing(at);
        let is_free = sites.iter().all(|site| apart(site.at, at) > room);
        if is_free && river::from_river(at).abs() > 0.95 * room + river::half_width(at[0]) {
            sites.push(Site {
                at,
                is_inside: river::is_inside(at),
            });
        }
    }
    sites
}

/// A ring of corners with, for each, the neighbour across the edge that starts there.
type Labelled = Vec<(Spot, usize)>;

/// What of a convex ring lies nearer to `site` than to `other`.
fn nearer(ring: &Labelled, site: Spot, other: Spot, label: usize) -> Labelled {
    let middle = [f64::midpoint(site[0], other[0]), f64::midpoint(site[1], other[1])];
    let towards = [other[0] - site[0], other[1] - site[1]];
    let over = |at: Spot| (at[0] - middle[0]) * towards[0] + (at[1] - middle[1]) * towards[1];
    let mut kept = Vec::with_capacity(ring.len() + 1);
    for ((at, edge), (next, _)) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (here, there) = (over(*at), over(*next));
        if here <= 0.0 {
            kept.push((*at, *edge));
        }
        if (here <= 0.0) != (there <= 0.0) {
            let share = here / (here - there);
            let cut = [
                at[0] + share * (next[0] - at[0]),
                at[1] + share * (next[1] - at[1]),
            ];
            kept.push((cut, if here <= 0.0 { label } else { *edge }));
        }
    }
    kept
}

/// The part of the plane nearest to a site.
fn cell_of(sites: &[Site], own: usize, site: Spot) -> Labelled {
    let (w, h) = (2.0 * river::REACH[0], 2.0 * river::REACH[1]);
    let mut ring: Labelled = [[-w, -h], [w, -h], [w, h], [-w, h]]
        .into_iter()
        .map(|at| (at, usize::MAX))
        .collect();
    let mut others: Vec<(f64, usize, Spot)> = sites
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != own)
        .map(|(index, other)| (apart(site, other.at), index, other.at))
        .collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (distance, index, other) in others {
        let farthest = ring.iter().map(|(at, _)| apart(site, *at)).fold(0.0, f64::max);
        if distance > 2.0 * farthest {
            break;
        }
        ring = nearer(&ring, site, other, index);
    }
    ring
}

/// Corners of every cell inside, and where they lie.
#[derive(Debug, Default)]
struct Net {
    /// Per site: corner, and the neighbour across the edge that starts there.
    rings: BTreeMap<usize, Vec<(Corner, usize)>>,
    spots: BTreeMap<Corner, Spot>,
    same: BTreeMap<Corner, Corner>,
}

impl Net {
    fn of(sites: &[Site]) -> Self {
        let mut net = Self::default();
        for (index, site) in sites.iter().enumerate().filter(|(_, site)| site.is_inside) {
            let ring = cell_of(sites, index, site.at);
            let before = ring
                .iter()
                .map(|(_, edge)| *edge)
                .cycle()
                .skip(ring.len().saturating_sub(1));
            let mut corners = Vec::with_capacity(ring.len());
            for ((at, edge), before) in ring.iter().zip(before) {
                let key = corner(index, before, *edge);
                net.spots.entry(key).or_insert(*at);
                corners.push((key, *edge));
            }
            net.rings.insert(index, corners);
        }
        net.draw_together();
        net
    }

    fn spot(&self, key: &Corner) -> Spot {
        self.spots.get(key).copied().unwrap_or_default()
    }

    fn same_as(&self, key: Corner) -> Corner {
        let mut at = key;
        while let Some(next) = self.same.get(&at) {
            at = *next;
        }
        at
    }

    /// Corners at the ends of a very short edge become one: no slivers, no needles.
    fn draw_together(&mut self) {
        let mut short = BTreeSet::new();
        for ring in self.rings.values() {
            for ((from, _), (to, _)) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                let is_short = apart(self.spot(from), self.spot(to)) < EDGE_MIN;
                short.extend(is_short.then(|| (*from.min(to), *from.max(to))));
            }
        }
        for (keep, drop) in short {
            let (keep, drop) = (self.same_as(keep), self.same_as(drop));
            if keep != drop {
                self.same.insert(drop, keep);
            }
        }
        let mut rings = std::mem::take(&mut self.rings);
        for ring in rings.values_mut() {
            for (key, _) in ring.iter_mut() {
                *key = self.same_as(*key);
            }
            // Where an edge shrank to a corner, its start goes and with it the neighbour across it.
            let next: Vec<Corner> = ring
                .iter()
                .map(|(key, _)| *key)
                .cycle()
                .skip(1)
                .take(ring.len())
                .collect();
            let mut next = next.into_iter();
            ring.retain(|(key, _)| next.next() != Some(*key));
        }
        self.rings = rings;
    }
}

/// Draws one edge after another, each once for both its sides.
struct Pen<'a> {
    net: &'a Net,
    dice: Dice,
    /// Eastings of the corners that lie on the river.
    wet: BTreeMap<Corner, f64>,
}

impl Pen<'_> {
    /// A corner as seen from one bank.
    fn place(&self, key: &Corner, bank: Bank) -> Spot {
        self.wet
            .get(key)
            .map_or_else(|| self.net.spot(key), |east| bank.edge(*east))
    }

    /// Eastings between two corners on the river, the first included.
    fn waterline(&self, from: &Corner, to: &Corner) -> Vec<f64> {
        let ends = [from, to].map(|key| self.wet.get(key).copied().unwrap_or_default());
        let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let steps = ((high - low) / 110.0).ceil().max(1.0);
        let mut line: Vec<f64> = Vec::new();
        let mut step = 0.0;
        while step <= steps {
            line.push(low + (high - low) * step / steps);
            step += 1.0;
        }
        if ends[0] > ends[1] {
            line.reverse();
        }
        line.pop();
        line
    }

    /// A dry edge bends a little, the same way for both its sides; the end is left out.
    fn lane(&self, keys: [&Corner; 2], ends: [Spot; 2]) -> Vec<Spot> {
        let is_turned = keys[0] > keys[1];
        let (from, to) = if is_turned {
            (ends[1], ends[0])
        } else {
            (ends[0], ends[1])
        };
        let mut dice = self
            .dice
            .fork(&format!("{:?}{:?}", keys[0].min(keys[1]), keys[0].max(keys[1])));
        let length = apart(from, to);
        let bend = if length < 900.0 { 0.035 } else { 0.07 };
        let shares: &[f64] = if length < 450.0 {
            &[0.5]
        } else {
            &[0.26, 0.5, 0.74]
        };
        let mut line = vec![from];
        for share in shares {
            let off = bend * length * dice.between(-1.0, 1.0);
            let side = [-(to[1] - from[1]) / length, (to[0] - from[0]) / length];
            line.push([
                from[0] + share * (to[0] - from[0]) + off * side[0],
                from[1] + share * (to[1] - from[1]) + off * side[1],
            ]);
        }
        line.push(to);
        if is_turned {
            line.reverse();
        }
        line.pop();
        line
    }
}

/// The mesh of this chance: first the land, then the stretches of the river from west to east.
pub(crate) fn draw(dice: &Dice) -> Vec<Shape> {
    let sites = strew(&mut dice.fork("sites"));
    let net = Net::of(&sites);
    let bank_of = |index: usize| sites.get(index).map_or(Bank::North, |site| Bank::of(site.at));
    let crosses = |a: usize, b: usize| net.rings.contains_key(&b) && bank_of(a) != bank_of(b);
    let mut wet = BTreeMap::new();
    for (own, ring) in &net.rings {
        for ((from, edge), (to, _)) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if crosses(*own, *edge) {
                wet.extend([from, to].map(|key| (*key, river::foot(net.spot(key)))));
            }
        }
    }
    let pen = Pen {
        net: &net,
        dice: dice.fork("lanes"),
        wet,
    };
    let order: BTreeMap<usize, usize> = net
        .rings
        .keys()
        .enumerate()
        .map(|(position, site)| (*site, position))
        .collect();
    let mut shapes = Vec::with_capacity(order.len() + 12);
    for (own, ring) in &net.rings {
        let bank = bank_of(*own);
        let mut shape = Shape {
            ring: Vec::new(),
            beside: BTreeSet::new(),
            bank: Some(bank),
            is_waterside: false,
        };
        for ((from, edge), (to, _)) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if crosses(*own, *edge) {
                shape.is_waterside = true;
                shape
                    .ring
                    .extend(pen.waterline(from, to).into_iter().map(|east| bank.edge(east)));
            } else {
                shape.beside.extend(order.get(edge));
                shape
                    .ring
                    .extend(pen.lane([from, to], [pen.place(from, bank), pen.place(to, bank)]));
            }
        }
        shapes.push(shape);
    }
    shapes.extend(stretches(&pen));
    shapes
}

/// The river, cut where corners of both banks lie.
fn stretches(pen: &Pen<'_>) -> Vec<Shape> {
    let mut corners: Vec<(&Corner, f64)> = pen.wet.iter().map(|(key, east)| (key, *east)).collect();
    corners.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut found = Vec::new();
    let mut run: Vec<f64> = Vec::new();
    let mut from = corners.first().map_or(0.0, |(_, east)| *east);
    let last = corners.last().map_or(0.0, |(_, east)| *east);
    for ((a, _), (b, end)) in corners.iter().zip(corners.iter().skip(1)) {
        run.extend(pen.waterline(a, b));
        let is_last = *end >= last;
        if is_last || (end - from >= STRETCH && last - end >= 0.6 * STRETCH) {
            run.push(*end);
            let south = run.iter().map(|east| Bank::South.edge(*east));
            let north = run.iter().rev().map(|east| Bank::North.edge(*east));
            let ring = south.chain(north).collect();
            found.push(Shape {
                ring,
                beside: BTreeSet::new(),
                bank: None,
                is_waterside: true,
            });
            run.clear();
            from = *end;
        }
    }
    found
}
