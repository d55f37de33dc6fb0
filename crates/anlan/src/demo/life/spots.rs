//! Where in the county things happen: by land use and people, at spots that have the trouble again and again, in low
//! places when it rains, and now and then right at a boundary.

use super::super::county::{DemoCell, centroid, degrees, holds};
use super::super::dice::Dice;
use super::super::places::Land;
use super::super::river::Spot;
use super::World;
use anlan_model::incoming::Channel;
use anlan_model::places::{Datum, GivenPoint};

/// Weight of every cell for every matter, on dry and on wet days.
#[derive(Debug)]
pub(crate) struct Spots {
    dry: Vec<Vec<f64>>,
    wet: Vec<Vec<f64>>,
}

impl Spots {
    /// The spots of this chance.
    pub(crate) fn new(dice: &Dice, world: &World) -> Self {
        let cells = &world.county.cells;
        let (mut dry, mut wet) = (Vec::new(), Vec::new());
        for matter in &world.matters {
            let mut dice = dice.fork(matter.class.as_str());
            let mut weights: Vec<f64> = cells
                .iter()
                .map(|cell| people(cell) * land(&matter.lands, cell.land))
                .collect();
            (0..matter.hot).for_each(|_| heat(&mut dice, &mut weights));
            let drains = if matter.rain > 2.0 { 4.0 } else { 1.0 };
            let factor = |cell: &DemoCell| if cell.is_low { drains } else { 1.0 };
            wet.push(
                cells
                    .iter()
                    .zip(&weights)
                    .map(|(cell, weight)| factor(cell) * weight)
                    .collect(),
            );
            dry.push(weights);
        }
        Self { dry, wet }
    }

    /// A cell for this matter.
    pub(crate) fn cell(&self, dice: &mut Dice, matter: usize, is_wet: bool) -> usize {
        let table = if is_wet { &self.wet } else { &self.dry };
        table
            .get(matter)
            .map_or(0, |weights| dice.weighted(weights.iter().copied()))
    }
}

/// Makes one of the cells a hot spot.
fn heat(dice: &mut Dice, weights: &mut [f64]) {
    let hot = dice.weighted(weights.iter().copied());
    let factor = dice.between(5.0, 13.0);
    if let Some(weight) = weights.get_mut(hot) {
        *weight *= factor;
    }
}

fn people(cell: &DemoCell) -> f64 {
    f64::from(cell.population.max(60)).powf(0.75)
}

fn land(factors: &std::collections::BTreeMap<Land, f64>, land: Land) -> f64 {
    factors.get(&land).copied().unwrap_or(1.0)
}

/// A spot in the cell; one in twenty lies right at its boundary.
pub(crate) fn spot(dice: &mut Dice, cell: &DemoCell) -> Spot {
    if dice.chance(0.05) {
        return edge(dice, cell);
    }
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for at in &cell.ring {
        low = [low[0].min(at[0]), low[1].min(at[1])];
        high = [high[0].max(at[0]), high[1].max(at[1])];
    }
    let tries = (0..60).map(|_| [dice.between(low[0], high[0]), dice.between(low[1], high[1])]);
    tries
        .into_iter()
        .find(|at| holds(&cell.ring, *at))
        .unwrap_or_else(|| centroid(&cell.ring).0)
}

/// A few metres inside one of the cell's edges.
fn edge(dice: &mut Dice, cell: &DemoCell) -> Spot {
    let start = dice.below(cell.ring.len());
    let mut ends = cell.ring.iter().cycle().skip(start);
    let (Some(a), Some(b)) = (ends.next(), ends.next()) else {
        return cell.middle();
    };
    let (share, inward) = (dice.between(0.2, 0.8), dice.between(1.0, 9.0));
    let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1.0);
    [
        a[0] + share * (b[0] - a[0]) - inward * (b[1] - a[1]) / length,
        a[1] + share * (b[1] - a[1]) + inward * (b[0] - a[0]) / length,
    ]
}

/// The spot as a sender gives it: each channel has its own error, some maps their own datum.
pub(crate) fn given(dice: &mut Dice, at: Spot, channel: Channel) -> Option<GivenPoint> {
    let point = degrees(at);
    let error_m = match channel {
        Channel::Worker => Some(dice.between(4.0, 9.0).round()),
        Channel::Web => Some(dice.between(8.0, 45.0).round()),
        Channel::Hotline => Some(dice.between(15.0, 40.0).round()),
        Channel::Office | Channel::Import | Channel::Open311 => None,
    };
    // Some callers only have words; the desk finds the place later.
    if matches!(channel, Channel::Hotline | Channel::Office) && dice.chance(0.06) {
        return None;
    }
    if channel == Channel::Hotline && dice.chance(0.3) {
        let (lon, lat) = anlan_grid::datum::wgs84_to_gcj02(point.lon, point.lat);
        let round = |value: f64| (value * 1e6).round() / 1e6;
        return Some(GivenPoint {
            lon: round(lon),
            lat: round(lat),
            datum: Datum::Gcj02,
            error_m,
        });
    }
    Some(GivenPoint {
        lon: point.lon,
        lat: point.lat,
        datum: Datum::Wgs84,
        error_m,
    })
}
