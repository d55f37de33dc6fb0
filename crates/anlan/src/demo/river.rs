//! The demo county's invented shape: an outline, a river through it, and where people live. Metres east and north of
//! the county's middle; no real map was used.

/// Metres east and north of the county's middle.
pub(crate) type Spot = [f64; 2];

/// Reach of the map that sites are strewn over, metres from the middle.
pub(crate) const REACH: Spot = [17_000.0, 13_500.0];

/// Distance in metres.
pub(crate) fn apart(a: Spot, b: Spot) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Where the county is dense: middle, distance between neighbouring sites there, growth of that distance per metre.
const HUBS: [(Spot, f64, f64); 6] = [
    ([400.0, 1_300.0], 400.0, 0.085),
    ([-900.0, -1_700.0], 430.0, 0.09),
    ([-8_200.0, 4_300.0], 600.0, 0.30),
    ([8_600.0, 3_900.0], 620.0, 0.30),
    ([7_400.0, -5_100.0], 600.0, 0.29),
    ([-7_600.0, -4_900.0], 640.0, 0.30),
];

/// Distance that neighbouring cell sites keep at this spot, metres.
pub(crate) fn spacing(at: Spot) -> f64 {
    HUBS.iter()
        .map(|(hub, near, growth)| near + growth * apart(*hub, at))
        .fold(1_480.0, f64::min)
}

/// Whether the spot lies in the county (an ellipse with bays and noses).
pub(crate) fn is_inside(at: Spot) -> bool {
    let (x, y) = (at[0] / 11_400.0, at[1] / 8_600.0);
    let angle = y.atan2(x);
    let edge = 1.0
        + 0.09 * (2.0 * angle + 0.6).sin()
        + 0.08 * (3.0 * angle - 1.1).sin()
        + 0.05 * (5.0 * angle + 2.0).sin();
    x.hypot(y) < edge
}

/// Northing of the river's middle line at this easting.
fn northing(east: f64) -> f64 {
    let bend = |length: f64, phase: f64| (east / length + phase).sin();
    -350.0 + 820.0 * bend(2_350.0, 0.4) + 360.0 * bend(1_130.0, 1.9) - 0.04 * east
}

/// The river's middle line at this easting.
pub(crate) fn middle(east: f64) -> Spot {
    [east, northing(east)]
}

/// Unit normal of the river's middle line, pointing to the north bank.
pub(crate) fn normal(east: f64) -> Spot {
    let slope = (northing(east + 1.0) - northing(east - 1.0)) / 2.0;
    let length = slope.hypot(1.0);
    [-slope / length, 1.0 / length]
}

/// Half the river's width, metres: it widens downstream, to the east.
pub(crate) fn half_width(east: f64) -> f64 {
    75.0 + 0.0022 * (east + REACH[0])
}

/// Easting of the middle line's point nearest to this spot.
pub(crate) fn foot(at: Spot) -> f64 {
    let mut east = at[0];
    for _ in 0..40 {
        let (on, up) = (middle(east), normal(east));
        let along = (at[0] - on[0]) * up[1] - (at[1] - on[1]) * up[0];
        east += 0.5 * along * up[1];
    }
    east
}

/// Distance from the river's middle line, metres; positive on the north bank.
pub(crate) fn from_river(at: Spot) -> f64 {
    let east = foot(at);
    let distance = apart(at, middle(east));
    if at[1] > northing(at[0]) {
        distance
    } else {
        -distance
    }
}

/// Which side of the river.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bank {
    /// North of it.
    North,
    /// South of it.
    South,
}

impl Bank {
    /// The bank a spot lies on.
    pub(crate) fn of(at: Spot) -> Self {
        if at[1] > northing(at[0]) {
            Self::North
        } else {
            Self::South
        }
    }

    /// The edge of the water on this bank at this easting.
    pub(crate) fn edge(self, east: f64) -> Spot {
        let (on, up, half) = (middle(east), normal(east), half_width(east));
        let sign = if self == Self::North { half } else { -half };
        [on[0] + sign * up[0], on[1] + sign * up[1]]
    }
}
