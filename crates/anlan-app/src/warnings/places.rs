//! The places that are watched: cells, those with few residents together with their nearest neighbour. Geometry only.

use crate::jurisdictions::Jurisdiction;
use anlan_grid::distance::{METRES_PER_DEGREE, metres_per_degree_lon};
use anlan_model::cells::Cell;
use anlan_model::ids::CellId;
use std::collections::BTreeMap;

/// Cells by place, and places by cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    cells: Vec<Vec<CellId>>,
    place_of: BTreeMap<CellId, usize>,
    /// Middle of each place, metres east and north of the first cell.
    pub(crate) middles: Vec<[f64; 2]>,
}

impl Places {
    pub(crate) fn new(node: &Jurisdiction) -> Self {
        let all: Vec<(CellId, [f64; 2], bool)> = node
            .cells
            .values()
            .filter_map(|cell| Some((cell.id, middle(cell)?, is_small(node, cell))))
            .collect();
        let Some(origin) = all.first().map(|(_, middle, _)| *middle) else {
            return Self::default();
        };
        let east_m = metres_per_degree_lon(origin[1]);
        let flat = |at: [f64; 2]| {
            [
                (at[0] - origin[0]) * east_m,
                (at[1] - origin[1]) * METRES_PER_DEGREE,
            ]
        };
        let mut places = Self::default();
        for (id, at, _) in all.iter().filter(|(.., small)| !small) {
            places.add(*id, flat(*at));
        }
        let large = places.middles.len();
        for (id, at, _) in all.iter().filter(|(.., small)| *small) {
            let at = flat(*at);
            match places.nearest(at, large) {
                Some(place) => places.join(*id, place),
                None => places.add(*id, at),
            }
        }
        places
    }

    fn add(&mut self, id: CellId, at: [f64; 2]) {
        self.place_of.insert(id, self.cells.len());
        self.cells.push(vec![id]);
        self.middles.push(at);
    }

    fn join(&mut self, id: CellId, place: usize) {
        self.place_of.insert(id, place);
        if let Some(cells) = self.cells.get_mut(place) {
            cells.push(id);
        }
    }

    fn nearest(&self, at: [f64; 2], among: usize) -> Option<usize> {
        let distance = |middle: &[f64; 2]| (middle[0] - at[0]).hypot(middle[1] - at[1]);
        self.middles
            .iter()
            .take(among)
            .enumerate()
            .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))
            .map(|(place, _)| place)
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn of(&self, cell: CellId) -> Option<usize> {
        self.place_of.get(&cell).copied()
    }

    /// Every cell of these places, in order.
    pub(crate) fn cells(&self, places: &[u32]) -> Vec<CellId> {
        let lists = places.iter().filter_map(|place| self.cells.get(*place as usize));
        let mut cells: Vec<CellId> = lists.flatten().copied().collect();
        cells.sort_unstable();
        cells
    }

    /// From a place to the nearest of others, by their middles.
    fn distance_m(&self, place: usize, others: &[usize]) -> f64 {
        let Some(at) = self.middles.get(place) else {
            return f64::INFINITY;
        };
        others
            .iter()
            .filter_map(|other| self.middles.get(*other))
            .map(|middle| (middle[0] - at[0]).hypot(middle[1] - at[1]))
            .fold(f64::INFINITY, f64::min)
    }

    /// Cells that are not in the list and lie within `radius_m` of one that is, nearest first.
    pub(crate) fn around(&self, cells: &[CellId], radius_m: f64, most: usize) -> Vec<CellId> {
        let inside: Vec<usize> = cells.iter().filter_map(|cell| self.of(*cell)).collect();
        let mut near: Vec<(f64, usize)> = (0..self.len())
            .filter(|place| !inside.contains(place))
            .map(|place| (self.distance_m(place, &inside), place))
            .filter(|(distance, _)| *distance <= radius_m)
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(most);
        near.into_iter()
            .filter_map(|(_, place)| self.cells.get(place)?.first().copied())
            .collect()
    }
}

fn is_small(node: &Jurisdiction, cell: &Cell) -> bool {
    cell.population
        .is_some_and(|population| population < node.watch.population_min)
}

/// Middle of a cell's box, degrees.
pub(crate) fn middle(cell: &Cell) -> Option<[f64; 2]> {
    let shape = anlan_grid::geo_json::parse_geometry(&cell.geometry).ok()?;
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for polygon in &shape {
        for at in polygon.exterior().coords() {
            low = [low[0].min(at.x), low[1].min(at.y)];
            high = [high[0].max(at.x), high[1].max(at.y)];
        }
    }
    low[0]
        .is_finite()
        .then_some([f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])])
}
