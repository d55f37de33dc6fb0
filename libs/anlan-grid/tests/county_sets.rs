//! Real boundaries: 2,901 counties against the plain peer. Skipped, saying so, where the shared data are absent.

mod shared;

use anlan_grid::cells::{CellIndex, PlainIndex};
use geo::MultiPolygon;

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn between(&mut self, from: f64, to: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let half = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0);
        from + (to - from) * f64::from(half) / f64::from(u32::MAX)
    }
}

fn counties() -> Option<Vec<(u32, MultiPolygon<f64>)>> {
    let features = shared::features("admin-cn/mapchina/china_counties.geojson.zst")?;
    Some(
        (0..)
            .zip(features)
            .map(|(key, feature)| (key, feature.polygons))
            .collect(),
    )
}

#[test]
fn counties_agree_with_the_plain_peer_everywhere() {
    let Some(cells) = counties() else { return };
    let (index, plain) = (CellIndex::new(&cells), PlainIndex::new(cells));
    let mut dice = Dice(2026);
    let mut inside = 0;
    for _ in 0..100_000 {
        let (lon, lat) = (dice.between(73.0, 135.5), dice.between(16.0, 54.0));
        let (ours, theirs) = (index.locate(lon, lat), plain.locate(lon, lat));
        let is_on_edge = || !index.locate_with_error(lon, lat, 0.02).others.is_empty();
        assert!(ours == theirs || is_on_edge(), "{lon} {lat}: {ours:?} {theirs:?}");
        inside += u32::from(ours.is_some());
    }
    assert!(inside > 40_000, "{inside} of 100,000 points lie in a county");
}

#[test]
fn vertices_shared_by_three_counties_lie_in_exactly_one_of_those_around() {
    let Some(cells) = counties() else { return };
    let index = CellIndex::new(&cells);
    for (key, polygons) in cells.iter().step_by(29) {
        for vertex in polygons.iter().flat_map(|one| one.exterior().coords()).step_by(7) {
            let located = index.locate_with_error(vertex.x, vertex.y, 0.05);
            let is_named = located.cell == Some(*key) || located.others.contains(key);
            assert!(is_named, "the vertex {vertex:?} of {key} is found in {located:?}");
        }
    }
}
