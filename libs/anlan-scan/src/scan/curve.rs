//! An order of points in the plane in which near ones are near. Knows neither places nor windows.

/// Steps of the plane along each side.
const SIDE: f64 = 65_535.0;

/// The indices of the points along a curve that fills the plane (Morton 1966): what is near on the curve is near.
pub(crate) fn along_curve(points: &[[f64; 2]]) -> Vec<u32> {
    let bounds = |axis: usize| {
        let values = points.iter().filter_map(move |point| point.get(axis));
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        })
    };
    let step = |value: f64, (low, high): (f64, f64)| {
        let share = if high > low {
            (value - low) / (high - low)
        } else {
            0.0
        };
        u64::from(super::statistic::floor((share * SIDE).clamp(0.0, SIDE)))
    };
    let (across, along) = (bounds(0), bounds(1));
    let mut keyed: Vec<(u64, u32)> = (0..)
        .zip(points)
        .map(|(at, [x, y])| (spread(step(*x, across)) | spread(step(*y, along)) << 1, at))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, at)| at).collect()
}

/// Puts a gap behind every bit of a number of 16 bits.
fn spread(mut bits: u64) -> u64 {
    for (shift, mask) in [
        (8, 0x00ff_00ff),
        (4, 0x0f0f_0f0f),
        (2, 0x3333_3333),
        (1, 0x5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_of_the_plane_follow_each_other() {
        let points = [
            [0.0, 0.0],
            [9.0, 9.0],
            [1.0, 0.0],
            [0.0, 9.0],
            [8.0, 0.0],
            [9.0, 8.0],
        ];
        assert_eq!(along_curve(&points), [0, 2, 4, 3, 5, 1]);
        assert_eq!(along_curve(&[[3.0, 3.0]; 3]), [0, 1, 2]);
        assert!(along_curve(&[]).is_empty());
    }
}
