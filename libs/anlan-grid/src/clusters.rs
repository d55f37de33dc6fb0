//! The dots a map draws for very many points: a z-order code for a place, and clusters of codes on a grid of the screen.
//! It must not hold the points; the caller keeps them in arrays, filters them and hands over an iterator.
//!
//! A place is kept as one 64-bit number, the Morton code of its Web-Mercator position: 32 bits for each axis,
//! interleaved, which is below a centimetre on the ground. The leading bits of a code name a tile: codes sorted by
//! number are sorted by tile at every zoom at once, and a rectangle's cell is a shift away.
//!
//! At a zoom, 256 px tiles are cut into 4 × 4 cells of 64 px, about the size of a dot with its number. All points of
//! a cell become one cluster, drawn at the mean of its members; a cell with one point keeps the point's payload, so
//! that it can be opened at once. One pass and one table of cells: a million points take some milliseconds.

/// Bits of each axis in a code.
const AXIS_BITS: u32 = 32;
/// Cells of a tile's side, as a power of two: 256 px / 2² = 64 px.
const CELLS_PER_TILE_LOG2: u32 = 2;
/// A zoom beyond this has no more detail: a cell of 64 px is then 7 cm.
const ZOOM_MAX: u32 = 24;
/// An answer has at most this many cells; where the box has more at the zoom, cells are made coarser.
const CELLS_MAX: u64 = 1 << 14;
/// The latitude at which Web Mercator is cut so that the world is a square.
pub const LAT_MAX: f64 = 85.051_128_779_806_6;

/// A place as one number; see the top of the module. Latitudes beyond ±85.05° are drawn at the rim.
///
/// `None` for numbers that are not a place on earth.
pub fn morton(lon: f64, lat: f64) -> Option<u64> {
    let is_on_earth = lon.abs() <= 180.0 && lat.abs() <= 90.0;
    let [x, y] = is_on_earth.then(|| mercator(lon, lat))?;
    Some(spread(x) | spread(y) << 1)
}

/// The place of a code, longitude and latitude, to a centimetre.
pub fn place(code: u64) -> [f64; 2] {
    degrees(f64::from(gather(code)), f64::from(gather(code >> 1)))
}

/// One point to be clustered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dot {
    /// Its place, by [`morton`].
    pub code: u64,
    /// What to give back if it stands alone: an id or an index of the caller's.
    pub payload: u32,
    /// Counted apart, for instance because it is overdue.
    pub is_flagged: bool,
}

/// What one cell of the screen's grid holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Mean longitude of the members.
    pub lon: f64,
    /// Mean latitude of the members, as drawn (the mean is taken on the map's plane).
    pub lat: f64,
    /// How many they are.
    pub count: u32,
    /// How many of them are flagged.
    pub flagged: u32,
    /// The cell on the map: west, south, east, north.
    pub bbox: [f64; 4],
    /// The payload where there is one member only.
    pub single: Option<u32>,
}

/// Clusters the dots that lie in the cells which the box touches, in rows from north to south.
///
/// `bbox` is west, south, east, north in degrees; a box that is empty or no box gives nothing. `zoom` is that of
/// 256 px tiles (`MapLibre` counts 512 px tiles: add one).
pub fn cluster(dots: impl Iterator<Item = Dot>, bbox: [f64; 4], zoom: u8) -> Vec<Cluster> {
    let Some(window) = Window::new(bbox, u32::from(zoom)) else {
        return Vec::new();
    };
    let mut tallies = vec![Tally::default(); window.columns as usize * window.rows as usize];
    for dot in dots {
        let (x, y) = (gather(dot.code), gather(dot.code >> 1));
        let column = (x >> window.shift).wrapping_sub(window.west);
        let row = (y >> window.shift).wrapping_sub(window.north);
        if column >= window.columns || row >= window.rows {
            continue;
        }
        if let Some(tally) = tallies.get_mut((row * window.columns + column) as usize) {
            tally.add(x, y, dot);
        }
    }
    let cells = (0..window.rows).flat_map(|row| (0..window.columns).map(move |column| (column, row)));
    cells
        .zip(tallies)
        .filter_map(|(cell, tally)| window.cluster(cell, &tally))
        .collect()
}

/// The cells that a box touches.
struct Window {
    shift: u32,
    west: u32,
    north: u32,
    columns: u32,
    rows: u32,
}

impl Window {
    fn new([west, south, east, north]: [f64; 4], zoom: u32) -> Option<Self> {
        let is_box =
            west <= east && south <= north && [west, south, east, north].iter().all(|n| n.is_finite());
        let [left, top] = is_box.then(|| mercator(west.max(-180.0), north.min(90.0)))?;
        let [right, bottom] = mercator(east.min(180.0), south.max(-90.0));
        let finest = AXIS_BITS - (zoom.min(ZOOM_MAX) + CELLS_PER_TILE_LOG2);
        (finest..AXIS_BITS)
            .map(|shift| Self::between([left, top], [right, bottom], shift))
            .find(Self::is_small)
    }

    fn between([left, top]: [u32; 2], [right, bottom]: [u32; 2], shift: u32) -> Self {
        let count = |from: u32, to: u32| (to >> shift).saturating_sub(from >> shift) + 1;
        let (west, north) = (left >> shift, top >> shift);
        Self {
            shift,
            west,
            north,
            columns: count(left, right),
            rows: count(top, bottom),
        }
    }

    fn is_small(&self) -> bool {
        u64::from(self.columns) * u64::from(self.rows) <= CELLS_MAX
    }

    fn cluster(&self, (column, row): (u32, u32), tally: &Tally) -> Option<Cluster> {
        let side = f64::from(1_u32 << self.shift);
        let (left, top) = (
            f64::from(self.west + column) * side,
            f64::from(self.north + row) * side,
        );
        let ([west, north], [east, south]) = (degrees(left, top), degrees(left + side, top + side));
        let [lon, lat] = tally.mean()?;
        let single = (tally.count == 1).then_some(tally.payload);
        let (count, flagged) = (tally.count, tally.flagged);
        Some(Cluster {
            lon,
            lat,
            count,
            flagged,
            bbox: [west, south, east, north],
            single,
        })
    }
}

/// Members of a cell, added up.
#[derive(Clone, Default)]
struct Tally {
    x: u64,
    y: u64,
    count: u32,
    flagged: u32,
    payload: u32,
}

impl Tally {
    /// Sums of 2^32 numbers of 32 bits fit 64.
    #[inline]
    fn add(&mut self, x: u32, y: u32, dot: Dot) {
        self.x += u64::from(x);
        self.y += u64::from(y);
        self.count += 1;
        self.flagged += u32::from(dot.is_flagged);
        self.payload = dot.payload;
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean of positions needs 32 bits, a float has 53"
    )]
    fn mean(&self) -> Option<[f64; 2]> {
        let count = f64::from(self.count);
        (self.count > 0).then(|| degrees(self.x as f64 / count, self.y as f64 / count))
    }
}

/// Position on the Web-Mercator square, each axis 0 … 2^32 − 1, the origin in the north-west.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates at both ends"
)]
fn mercator(lon: f64, lat: f64) -> [u32; 2] {
    const WORLD: f64 = 4_294_967_296.0;
    let sine = lat.clamp(-LAT_MAX, LAT_MAX).to_radians().sin();
    let x = lon / 360.0 + 0.5;
    let y = 0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * std::f64::consts::PI);
    [(x * WORLD) as u32, (y * WORLD) as u32]
}

/// Longitude and latitude of a position on that square.
fn degrees(x: f64, y: f64) -> [f64; 2] {
    const WORLD: f64 = 4_294_967_296.0;
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * y / WORLD))
        .sinh()
        .atan()
        .to_degrees();
    [(x / WORLD - 0.5) * 360.0, lat]
}

/// Puts a zero before each bit (Hacker's Delight, second edition, section 7-2).
fn spread(axis: u32) -> u64 {
    let mut bits = u64::from(axis);
    bits = (bits | bits << 16) & 0x0000_ffff_0000_ffff;
    bits = (bits | bits << 8) & 0x00ff_00ff_00ff_00ff;
    bits = (bits | bits << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    bits = (bits | bits << 2) & 0x3333_3333_3333_3333;
    (bits | bits << 1) & 0x5555_5555_5555_5555
}

/// Takes every second bit, from the lowest: the inverse of [`spread`].
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the upper half is zero after the last step"
)]
fn gather(code: u64) -> u32 {
    let mut bits = code & 0x5555_5555_5555_5555;
    bits = (bits | bits >> 1) & 0x3333_3333_3333_3333;
    bits = (bits | bits >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    bits = (bits | bits >> 4) & 0x00ff_00ff_00ff_00ff;
    bits = (bits | bits >> 8) & 0x0000_ffff_0000_ffff;
    (bits | bits >> 16) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORLD: [f64; 4] = [-180.0, -90.0, 180.0, 90.0];

    fn dot(lon: f64, lat: f64, payload: u32) -> Dot {
        Dot {
            code: morton(lon, lat).unwrap(),
            payload,
            is_flagged: payload % 2 == 1,
        }
    }

    proptest! {
        #[test]
        fn a_code_gives_its_place_back(lon in -180.0..180.0, lat in -85.0..85.0) {
            let [lon_back, lat_back] = place(morton(lon, lat).unwrap());
            prop_assert!((lon - lon_back).abs() < 1e-7 && (lat - lat_back).abs() < 1e-7);
        }

        #[test]
        fn nothing_is_lost_or_counted_twice(
            at in prop::collection::vec((-180.0..180.0, -90.0..90.0), 0..200),
            zoom in 0_u8..30,
        ) {
            let dots = (0..).zip(&at).map(|(payload, (lon, lat))| dot(*lon, *lat, payload));
            let clusters = cluster(dots, WORLD, zoom);
            prop_assert_eq!(clusters.iter().map(|c| c.count as usize).sum::<usize>(), at.len());
            prop_assert_eq!(clusters.iter().map(|c| c.flagged as usize).sum::<usize>(), at.len() / 2);
            prop_assert!(clusters.len() as u64 <= CELLS_MAX);
            for one in clusters {
                prop_assert!(one.bbox[0] <= one.lon && one.lon <= one.bbox[2], "{:?}", one);
                prop_assert!(one.bbox[1] - 1e-9 <= one.lat && one.lat <= one.bbox[3] + 1e-9, "{:?}", one);
                prop_assert_eq!(one.single.is_some(), one.count == 1);
            }
        }
    }

    #[test]
    fn near_points_join_and_far_ones_stay_single() {
        let dots = [
            dot(116.4, 39.9, 2),
            dot(116.400_01, 39.9, 3),
            dot(117.2, 39.1, 8),
            dot(10.0, 10.0, 5),
        ];
        let clusters = cluster(dots.into_iter(), [116.0, 39.0, 118.0, 40.0], 10);
        let counts: Vec<_> = clusters.iter().map(|c| (c.count, c.flagged, c.single)).collect();
        assert_eq!(counts, [(2, 1, None), (1, 0, Some(8))]);
        assert!((clusters[0].lon - 116.400_005).abs() < 1e-6);
        let apart = cluster(dots.into_iter(), [116.0, 39.0, 118.0, 40.0], 22);
        assert_eq!(
            apart.iter().map(|c| c.count).sum::<u32>(),
            3,
            "coarser cells, no point lost"
        );
    }

    #[test]
    fn boxes_that_are_none_give_nothing() {
        let nan = f64::NAN;
        for bbox in [
            [1.0, 0.0, 0.0, 1.0],
            [0.0, 1.0, 1.0, 0.0],
            [nan, 0.0, 1.0, 1.0],
            [0.0, 0.0, f64::INFINITY, 1.0],
        ] {
            assert_eq!(cluster([dot(0.5, 0.5, 1)].into_iter(), bbox, 5), []);
        }
        assert_eq!(morton(f64::NAN, 0.0), None);
        assert_eq!(morton(0.0, 91.0), None);
    }
}
