//! The demo county: cells with codes, names, people and uses, grouped into communities and streets. All invented; the
//! outline follows no real border. Pure: the same seed gives the same county, byte for byte.

use super::dice::Dice;
use super::mesh::{self, Shape};
use super::places::{Land, Places, StreetName};
use super::regions::{self, Plot, Seed};
use super::river::{self, Spot, apart};
use anlan_model::cells::Division;
use anlan_model::places::{Level, Point};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Middle of the county on the globe, degrees.
pub(crate) const MIDDLE: Point = Point {
    lon: 113.2,
    lat: 27.9,
};
const METRES_PER_DEGREE: f64 = 111_195.08;
/// The numbering of the cells: 6 division + 3 street + 3 community + 3 serial digits.
pub(crate) const SCHEME: &str = "gbt47678.3";

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct DemoCell {
    /// 15 digits.
    pub(crate) code: String,
    /// Chinese name.
    pub(crate) zh: String,
    /// English name.
    pub(crate) en: String,
    /// 12 digits.
    pub(crate) community: String,
    /// Chinese name of the community.
    pub(crate) community_zh: String,
    /// English name of the community.
    pub(crate) community_en: String,
    /// Position of its street in `Places::street`.
    pub(crate) street: usize,
    /// Residents.
    pub(crate) population: u32,
    /// Mostly used for.
    pub(crate) land: Land,
    /// Lies low, near the river.
    pub(crate) is_low: bool,
    /// Outer ring, anticlockwise, not closed, metres from the county's middle.
    pub(crate) ring: Vec<Spot>,
}

/// The county.
#[derive(Debug, Clone)]
pub(crate) struct County {
    /// The words it is made of.
    pub(crate) places: Places,
    /// Its cells, by code.
    pub(crate) cells: Vec<DemoCell>,
}

/// Degrees of a spot, to a tenth of a metre.
pub(crate) fn degrees(at: Spot) -> Point {
    let round = |value: f64| (value * 1e6).round() / 1e6;
    let lon = MIDDLE.lon + at[0] / (METRES_PER_DEGREE * MIDDLE.lat.to_radians().cos());
    Point {
        lon: round(lon),
        lat: round(MIDDLE.lat + at[1] / METRES_PER_DEGREE),
    }
}

/// Middle and area (square metres) of a ring.
pub(crate) fn centroid(ring: &[Spot]) -> (Spot, f64) {
    let (mut twice, mut sum) = (0.0, [0.0, 0.0]);
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let cross = a[0] * b[1] - b[0] * a[1];
        twice += cross;
        sum = [sum[0] + (a[0] + b[0]) * cross, sum[1] + (a[1] + b[1]) * cross];
    }
    ([sum[0] / (3.0 * twice), sum[1] / (3.0 * twice)], twice / 2.0)
}

/// Whether a spot lies in a ring (even-odd).
pub(crate) fn holds(ring: &[Spot], at: Spot) -> bool {
    let crosses = |(a, b): &(&Spot, &Spot)| {
        (a[1] > at[1]) != (b[1] > at[1]) && at[0] < (b[0] - a[0]) * (at[1] - a[1]) / (b[1] - a[1]) + a[0]
    };
    ring.iter()
        .zip(ring.iter().cycle().skip(1))
        .filter(crosses)
        .count()
        % 2
        == 1
}

impl DemoCell {
    /// GeoJSON polygon, closed, anticlockwise.
    pub(crate) fn geometry(&self) -> String {
        let mut text = String::from(r#"{"type":"Polygon","coordinates":[["#);
        for (index, spot) in self.ring.iter().chain(self.ring.first()).enumerate() {
            let at = degrees(*spot);
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}[{},{}]", at.lon, at.lat);
        }
        text.push_str("]]}");
        text
    }

    /// Middle of the cell, metres.
    pub(crate) fn middle(&self) -> Spot {
        centroid(&self.ring).0
    }
}

/// A community before its cells are numbered.
struct Community {
    code: String,
    zh: String,
    en: String,
    street: usize,
    members: Vec<usize>,
}

impl County {
    /// The county of this seed.
    pub(crate) fn build(dice: &Dice) -> anyhow::Result<Self> {
        let places = Places::shipped()?;
        let shapes = mesh::draw(dice);
        let communities = communities(&places, &shapes);
        let mut people = dice.fork("people");
        let mut cells = Vec::with_capacity(shapes.len());
        for community in &communities {
            let members = community
                .members
                .iter()
                .filter_map(|index| shapes.get(*index))
                .collect();
            for (serial, shape) in reading_order(members).into_iter().enumerate() {
                cells.push(cell(&mut people, &places, community, (serial + 1, shape)));
            }
        }
        cells.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(Self { places, cells })
    }

    /// Every division of the county: itself, streets and towns, communities and villages.
    pub(crate) fn divisions(&self) -> Vec<Division> {
        let county = &self.places.county;
        let named = |code: String, level, zh: &str, en: &str| Division {
            code,
            level,
            name_zh: zh.into(),
            name_en: en.into(),
        };
        let mut all = vec![named(county.code.clone(), Level::County, &county.zh, &county.en)];
        for street in &self.places.street {
            all.push(named(
                format!("{}{}", county.code, street.code),
                Level::Street,
                &street.zh,
                &street.en,
            ));
        }
        let communities: BTreeMap<&str, &DemoCell> = self
            .cells
            .iter()
            .map(|cell| (cell.community.as_str(), cell))
            .collect();
        for (code, cell) in communities {
            all.push(named(
                code.into(),
                Level::Community,
                &cell.community_zh,
                &cell.community_en,
            ));
        }
        all
    }
}

fn communities(places: &Places, shapes: &[Shape]) -> Vec<Community> {
    let land = shapes
        .iter()
        .enumerate()
        .filter(|(_, shape)| shape.bank.is_some());
    let plots: BTreeMap<usize, Plot> = land
        .map(|(index, shape)| {
            (
                index,
                Plot {
                    at: centroid(&shape.ring).0,
                    beside: shape.beside.clone(),
                },
            )
        })
        .collect();
    let seeds: Vec<Seed> = places
        .street
        .iter()
        .map(|street| Seed {
            at: street.at,
            share: street.share,
        })
        .collect();
    let streets = regions::grow(&plots, &seeds);
    let mut all = Vec::new();
    for (position, street) in places.street.iter().enumerate() {
        let own = plots
            .iter()
            .filter(|(key, _)| streets.get(key) == Some(&position));
        let own: BTreeMap<usize, Plot> = own.map(|(key, plot)| (*key, plot.clone())).collect();
        all.extend(split(&places.county.code, street, position, &own));
    }
    give_water(shapes, &mut all);
    all
}

fn split(
    county: &str,
    street: &StreetName,
    position: usize,
    plots: &BTreeMap<usize, Plot>,
) -> Vec<Community> {
    let seeds = regions::scatter(plots, street.at, street.communities.len());
    let owner = regions::grow(plots, &seeds);
    let mut neighbourhoods = 0;
    let mut villages = 199;
    let mut all = Vec::new();
    for (index, name) in street.communities.iter().enumerate() {
        // Villages are numbered from 200, neighbourhoods from 001.
        let serial = if name.0.ends_with('村') {
            &mut villages
        } else {
            &mut neighbourhoods
        };
        *serial += 1;
        let is_village = name.0.ends_with('村');
        all.push(Community {
            code: format!("{county}{}{serial:03}", street.code),
            zh: name.0.clone(),
            en: if is_village {
                name.1.clone()
            } else {
                format!("{} Community", name.1)
            },
            street: position,
            members: owner
                .iter()
                .filter(|(_, own)| **own == index)
                .map(|(key, _)| *key)
                .collect(),
        });
    }
    all
}

/// Every stretch of the river goes to the community whose waterside lies nearest.
fn give_water(shapes: &[Shape], communities: &mut [Community]) {
    for (index, water) in shapes
        .iter()
        .enumerate()
        .filter(|(_, shape)| shape.bank.is_none())
    {
        let at = centroid(&water.ring).0;
        let far = |community: &Community| {
            let waterside = community.members.iter().filter_map(|member| shapes.get(*member));
            let waterside = waterside.filter(|shape| shape.is_waterside && shape.bank.is_some());
            waterside
                .map(|shape| apart(centroid(&shape.ring).0, at))
                .fold(f64::MAX, f64::min)
        };
        if let Some(nearest) = communities.iter_mut().min_by(|a, b| far(a).total_cmp(&far(b))) {
            nearest.members.push(index);
        }
    }
}

/// North to south in bands, west to east within a band: the order serials are given in.
fn reading_order(mut members: Vec<&Shape>) -> Vec<&Shape> {
    let middles: Vec<(Spot, f64)> = members.iter().map(|shape| centroid(&shape.ring)).collect();
    let mut sides: Vec<f64> = middles.iter().map(|(_, area)| area.sqrt()).collect();
    sides.sort_by(f64::total_cmp);
    let band = sides.get(sides.len() / 2).copied().unwrap_or(1_000.0);
    let top = middles.iter().map(|(at, _)| at[1]).fold(f64::MIN, f64::max);
    let key = |shape: &Shape| {
        let at = centroid(&shape.ring).0;
        (((top - at[1]) / band).floor(), at[0])
    };
    members.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    members
}

fn cell(
    dice: &mut Dice,
    places: &Places,
    community: &Community,
    (serial, shape): (usize, &Shape),
) -> DemoCell {
    let (at, area) = centroid(&shape.ring);
    let street = places.street.get(community.street);
    let land = land(dice, street, shape, at);
    let (zh, en) = if land == Land::Water {
        let river = &places.county;
        (
            format!("{}水域网格（{}段）", river.river_zh, community.zh),
            format!("{}, {} reach", river.river_en, community.en),
        )
    } else {
        (
            format!("{}第{serial}网格", community.zh),
            format!("{} Grid {serial}", community.en),
        )
    };
    DemoCell {
        code: format!("{}{serial:03}", community.code),
        zh,
        en,
        community: community.code.clone(),
        community_zh: community.zh.clone(),
        community_en: community.en.clone(),
        street: community.street,
        population: population(dice, land, area),
        land,
        is_low: land == Land::Water || shape.is_waterside || river::from_river(at).abs() < 700.0,
        ring: shape.ring.clone(),
    }
}

fn land(dice: &mut Dice, street: Option<&StreetName>, shape: &Shape, at: Spot) -> Land {
    if shape.bank.is_none() {
        return Land::Water;
    }
    let Some(street) = street else {
        return Land::Village;
    };
    let hub = apart(street.at, at);
    match (street.is_town, street.code.as_str()) {
        (true, _) if hub < 1_100.0 => Land::Town,
        (true, _) => Land::Village,
        (false, _) if hub > 3_600.0 => Land::Village,
        (false, "004") if dice.chance(0.55) => Land::Works,
        (false, _) if apart([400.0, 1_300.0], at) < 1_000.0 => *dice
            .pick(&[Land::Core, Land::Core, Land::Market])
            .unwrap_or(&Land::Core),
        (false, _) if dice.chance(0.12) => Land::Market,
        (false, _) => Land::Homes,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few thousand at most, never negative"
)]
fn population(dice: &mut Dice, land: Land, area_m2: f64) -> u32 {
    let (per_km2, low, high) = match land {
        Land::Core => (9_500.0, 600.0, 2_600.0),
        Land::Homes => (11_000.0, 700.0, 3_200.0),
        Land::Market => (8_000.0, 500.0, 2_200.0),
        Land::Works => (2_400.0, 150.0, 1_200.0),
        Land::Town => (2_600.0, 400.0, 2_000.0),
        Land::Village => (260.0, 120.0, 1_100.0),
        Land::Water => return 0,
    };
    (per_km2 * area_m2 / 1e6 * dice.stretch(1.0, 0.2))
        .clamp(low, high)
        .round() as u32
}
