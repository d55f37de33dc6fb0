//! GCJ-02 and BD-09, the shifted datums of Chinese map services, to and from WGS84.
//! It must not guess which datum a number is in: that is stated by whoever sends it.
//!
//! GCJ-02 moves every point inside China by a smooth, published-by-practice function of its own coordinates, some
//! 50 to 700 m; around Beijing 570 m. County polygons drawn in GCJ-02 and read as WGS84 put a report into the
//! neighbour's cell. BD-09 moves the result by another 0.0065° and 0.006°. Neither is a projection and neither has a
//! closed inverse, so the inverse is found by iteration until forward and back agree far below a centimetre.
//!
//! The forward functions are those of the crate `coordtransform`. Its own choice of region, a simplified national
//! border, is not used: a county at the border that says "GCJ-02" means it. Instead the usual box decides
//! (72.004 … 137.8347° E, 0.8293 … 55.8271° N); outside it nothing is shifted. The step at the rim of the box,
//! a shift here and none a metre further, has no inverse within a kilometre of the rim, which lies abroad or at sea.

use coordtransform::{bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84_in_mainland, wgs84_to_gcj02_in_mainland};

/// A forward transform.
type Forward = fn(f64, f64) -> (f64, f64);

/// Iteration ends when forward and back agree to this many degrees: a hundredth of a millimetre.
const AGREED_DEG: f64 = 1e-10;
/// Each round gains two digits at least, and the seeds start with eight; this is a limit, not a plan.
const ROUNDS_MAX: usize = 12;

/// Whether GCJ-02 shifts a point there: the usual box around China.
pub fn is_shifted(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

/// WGS84 to GCJ-02, degrees.
pub fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if is_shifted(lon, lat) {
        wgs84_to_gcj02_in_mainland(lon, lat)
    } else {
        (lon, lat)
    }
}

/// GCJ-02 to WGS84, degrees; forward and back agree to 1e-9°.
pub fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if !is_shifted(lon, lat) {
        return (lon, lat);
    }
    invert(
        wgs84_to_gcj02_in_mainland,
        (lon, lat),
        gcj02_to_wgs84_in_mainland(lon, lat),
    )
}

/// WGS84 to BD-09, degrees. Outside the box nothing is shifted, not even by Baidu's own step.
pub fn wgs84_to_bd09(lon: f64, lat: f64) -> (f64, f64) {
    if !is_shifted(lon, lat) {
        return (lon, lat);
    }
    let (lon, lat) = wgs84_to_gcj02_in_mainland(lon, lat);
    gcj02_to_bd09(lon, lat)
}

/// BD-09 to WGS84, degrees; forward and back agree to 1e-9°.
pub fn bd09_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if !is_shifted(lon, lat) {
        return (lon, lat);
    }
    let (lon, lat) = invert(gcj02_to_bd09, (lon, lat), bd09_to_gcj02(lon, lat));
    invert(
        wgs84_to_gcj02_in_mainland,
        (lon, lat),
        gcj02_to_wgs84_in_mainland(lon, lat),
    )
}

/// Moves the guess by what is missing, until nothing is. The shift changes by far less than a point moves, so each
/// round shrinks the error.
fn invert(forward: Forward, wanted: (f64, f64), seed: (f64, f64)) -> (f64, f64) {
    let mut guess = seed;
    for _ in 0..ROUNDS_MAX {
        let reached = forward(guess.0, guess.1);
        let missing = (wanted.0 - reached.0, wanted.1 - reached.1);
        guess = (guess.0 + missing.0, guess.1 + missing.1);
        if missing.0.abs().max(missing.1.abs()) < AGREED_DEG {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::haversine_m;
    use proptest::prelude::*;

    /// A degree or so inside the rim, where both directions are inside.
    fn inside() -> impl Strategy<Value = (f64, f64)> {
        (73.1..136.7, 1.9..54.7)
    }

    fn assert_same(a: (f64, f64), b: (f64, f64)) {
        assert!(
            (a.0 - b.0).abs() <= 1e-9 && (a.1 - b.1).abs() <= 1e-9,
            "{a:?} {b:?}"
        );
        assert!(haversine_m([a.0, a.1], [b.0, b.1]) < 0.01);
    }

    proptest! {
        #[test]
        fn gcj02_there_and_back((lon, lat) in inside()) {
            let there = wgs84_to_gcj02(lon, lat);
            assert_same(gcj02_to_wgs84(there.0, there.1), (lon, lat));
            let back = gcj02_to_wgs84(lon, lat);
            assert_same(wgs84_to_gcj02(back.0, back.1), (lon, lat));
        }

        #[test]
        fn bd09_there_and_back((lon, lat) in inside()) {
            let there = wgs84_to_bd09(lon, lat);
            assert_same(bd09_to_wgs84(there.0, there.1), (lon, lat));
            let back = bd09_to_wgs84(lon, lat);
            assert_same(wgs84_to_bd09(back.0, back.1), (lon, lat));
        }

        #[test]
        fn the_shift_is_some_hundred_metres((lon, lat) in (97.0..122.0, 22.0..42.0)) {
            let there = wgs84_to_gcj02(lon, lat);
            let shift = haversine_m([lon, lat], [there.0, there.1]);
            prop_assert!((5.0..1_200.0).contains(&shift), "{}", shift);
        }

        #[test]
        fn abroad_nothing_moves((lon, lat) in (-180.0..72.0, -90.0..90.0)) {
            for shift in [wgs84_to_gcj02, gcj02_to_wgs84, wgs84_to_bd09, bd09_to_wgs84] {
                prop_assert_eq!(shift(lon, lat), (lon, lat));
            }
        }
    }

    #[test]
    fn the_known_point_in_beijing_moves_as_known() {
        // Tian'anmen; the figures are those every published implementation of the formula gives.
        let gcj = wgs84_to_gcj02(116.404, 39.915);
        assert!(
            (gcj.0 - 116.410_244_499).abs() < 1e-8 && (gcj.1 - 39.916_404_282).abs() < 1e-8,
            "{gcj:?}"
        );
        let shift = haversine_m([116.404, 39.915], [gcj.0, gcj.1]);
        assert!((540.0..580.0).contains(&shift), "{shift}");
        let bd = gcj02_to_bd09(116.404, 39.915);
        assert!(
            (bd.0 - 116.410_369_493).abs() < 1e-8 && (bd.1 - 39.921_336_994).abs() < 1e-8,
            "{bd:?}"
        );
    }

    #[test]
    fn no_number_comes_back_as_it_went() {
        assert!(gcj02_to_wgs84(f64::NAN, 30.0).0.is_nan());
        assert!(bd09_to_wgs84(100.0, f64::INFINITY).1.is_infinite());
    }
}
