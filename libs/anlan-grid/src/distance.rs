//! Metres on the ground from degrees: distances on a sphere, areas on the WGS84 ellipsoid.
//! It must not be asked for surveying: a sphere is off by up to 0.5 %.

use geo::{GeodesicArea, MultiPolygon};

/// Mean radius of the earth in metres (IUGG 1980: (2a + b) / 3).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Metres in one degree of latitude, and of longitude at the equator, on that sphere.
pub const METRES_PER_DEGREE: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

/// Metres in one degree of longitude at a latitude in degrees; 0 at the poles.
pub fn metres_per_degree_lon(lat: f64) -> f64 {
    METRES_PER_DEGREE * lat.to_radians().cos().max(0.0)
}

/// Great-circle distance in metres between two points `[lon, lat]` in degrees, by the haversine formula
/// (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984).
pub fn haversine_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [lon_a, lat_a] = a.map(f64::to_radians);
    let [lon_b, lat_b] = b.map(f64::to_radians);
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((lon_b - lon_a) / 2.0).sin();
    let chord = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
}

/// Area in square metres on the WGS84 ellipsoid, holes taken off, whichever way the rings turn.
/// (C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87, 2013, section 6.)
pub fn area_m2(polygons: &MultiPolygon<f64>) -> f64 {
    polygons.iter().map(|one| one.geodesic_area_signed().abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn distances_match_known_ones() {
        let beijing_shanghai = haversine_m([116.4074, 39.9042], [121.4737, 31.2304]);
        assert!(
            (beijing_shanghai - 1_067_300.0).abs() < 1_000.0,
            "{beijing_shanghai}"
        );
        assert!((haversine_m([0.0, 0.0], [180.0, 0.0]) - EARTH_RADIUS_M * std::f64::consts::PI).abs() < 1e-6);
        assert!((haversine_m([0.0, 0.0], [0.0, 1.0]) - METRES_PER_DEGREE).abs() < 1e-6);
        assert!(haversine_m([5.0, 5.0], [5.0, 5.0]).abs() < 1e-12);
    }

    #[test]
    fn a_degree_of_longitude_shrinks_to_the_poles() {
        assert!((metres_per_degree_lon(60.0) * 2.0 - METRES_PER_DEGREE).abs() < 1e-6);
        assert!(metres_per_degree_lon(90.0) < 1e-6);
    }

    #[test]
    fn the_square_degree_at_the_equator_has_its_known_area_either_way_round() {
        let around = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0), (x: 0.0, y: 1.0)];
        let back = polygon![(x: 0.0, y: 0.0), (x: 0.0, y: 1.0), (x: 1.0, y: 1.0), (x: 1.0, y: 0.0)];
        for square in [around, back] {
            let area = area_m2(&MultiPolygon(vec![square]));
            assert!((area - 12_308_778_361.469).abs() < 1.0, "{area}");
        }
    }
}
