//! The places that are watched: cells, those with few residents together with their nearest neighbour. Geometry only.

use crate::jurisdictions::Jurisdiction;
use anlan_grid::distance::{METRES_PER_DEGREE, metres_per_degree_lon};
use anlan_model::cells::Cell;
use anlan_model::ids::CellId;
use anlan_scan::watch::{Area, nearest};
use std::collections::HashMap;
use std::sync::Arc;

/// Places of one window, at most.
const WINDOW_PLACES_MAX: usize = 60;

/// Cells by place, and places by cell.
#[derive(Debug, Default)]
pub(crate) struct Places {
    cells: Vec<Vec<CellId>>,
    place_of: HashMap<CellId, u32>,
    /// Middle of each place, metres east and north of the first cell.
    middles: Vec<[f64; 2]>,
    /// Who is near whom, for each class group; groups that reach equally far share it.
    areas: Vec<Arc<Area>>,
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
        let small: Vec<(CellId, [f64; 2])> = all
            .iter()
            .filter(|(.., small)| *small)
            .map(|(id, at, _)| (*id, flat(*at)))
            .collect();
        let points: Vec<[f64; 2]> = small.iter().map(|(_, at)| *at).collect();
        let neighbours = nearest(&places.middles, &points);
        for ((id, at), place) in small.into_iter().zip(neighbours) {
            match place {
                Some(place) => places.join(id, place),
                None => places.add(id, at),
            }
        }
        places.reach(node);
        places
    }

    fn reach(&mut self, node: &Jurisdiction) {
        let groups = &node.watch.groups;
        for (at, group) in groups.iter().enumerate() {
            let same = groups.iter().take(at).zip(&self.areas);
            let same = same
                .filter(|(other, _)| other.radius_m_max.total_cmp(&group.radius_m_max).is_eq())
                .map(|(_, area)| Arc::clone(area))
                .next();
            let area = same
                .unwrap_or_else(|| Arc::new(Area::new(&self.middles, group.radius_m_max, WINDOW_PLACES_MAX)));
            self.areas.push(area);
        }
    }

    /// Who is near whom, as far as a class group reaches.
    pub(crate) fn area(&self, group: usize) -> Arc<Area> {
        self.areas.get(group).map_or_else(Arc::default, Arc::clone)
    }

    fn add(&mut self, id: CellId, at: [f64; 2]) {
        let place = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.place_of.insert(id, place);
        self.cells.push(vec![id]);
        self.middles.push(at);
    }

    fn join(&mut self, id: CellId, place: u32) {
        self.place_of.insert(id, place);
        if let Some(cells) = self.cells.get_mut(place as usize) {
            cells.push(id);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn of(&self, cell: CellId) -> Option<u32> {
        self.place_of.get(&cell).copied()
    }

    /// Every cell of these places, in order.
    pub(crate) fn cells(&self, places: &[u32]) -> Vec<CellId> {
        let lists = places.iter().filter_map(|place| self.cells.get(*place as usize));
        let mut cells: Vec<CellId> = lists.flatten().copied().collect();
        cells.sort_unstable();
        cells
    }

    /// From a point to the nearest of these places' middles.
    fn distance_m(&self, at: [f64; 2], places: &[u32]) -> f64 {
        places
            .iter()
            .filter_map(|place| self.middles.get(*place as usize))
            .map(|middle| (middle[0] - at[0]).hypot(middle[1] - at[1]))
            .fold(f64::INFINITY, f64::min)
    }

    /// Cells that are not in the list and lie within `radius_m` of one that is, nearest first.
    pub(crate) fn around(&self, cells: &[CellId], radius_m: f64, most: usize) -> Vec<CellId> {
        let inside: Vec<u32> = cells.iter().filter_map(|cell| self.of(*cell)).collect();
        let mut near: Vec<(f64, u32)> = (0..)
            .zip(&self.middles)
            .filter(|(place, _)| !inside.contains(place))
            .map(|(place, middle)| (self.distance_m(*middle, &inside), place))
            .filter(|(distance, _)| *distance <= radius_m)
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(most);
        near.into_iter()
            .filter_map(|(_, place)| self.cells.get(place as usize)?.first().copied())
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
