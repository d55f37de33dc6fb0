//! Clusters and places as GeoJSON (RFC 7946). Prints; computes nothing but the outline of a window.

use super::Project;
use super::dates::{self, Precision};
use super::results::{Cluster, Outcome};
use serde_json::{Value, json};

/// Corners of a window's outline.
const CORNERS: u32 = 64;

/// Radius of the earth in kilometres, as SaTScan measures.
const EARTH_KM: f64 = 6_367.0;

/// A collection of one polygon (or point) per cluster and one point per place; nothing where places have no coordinates.
/// Coordinates that are not degrees are written as they are, and a member of the collection says so.
pub fn print(project: &Project, outcome: &Outcome) -> Option<String> {
    let is_lat_long = project.settings.is_lat_long;
    let point = |coordinates: &[f64]| match coordinates {
        [latitude, longitude] if is_lat_long => Some([*longitude, *latitude]),
        [x, y, ..] if !is_lat_long => Some([*x, *y]),
        _ => None,
    };
    let mut features = Vec::new();
    let mut own: Vec<Option<usize>> = vec![None; project.data.places.len()];
    for (cluster, number) in outcome.clusters.iter().zip(1_usize..) {
        for member in &cluster.members {
            if let Some(slot) = own.get_mut(member.place) {
                slot.get_or_insert(number);
            }
        }
        if let Some(centre) = cluster.centre.as_deref().and_then(point) {
            features.push(json!({
                "type": "Feature",
                "id": format!("cluster-{number}"),
                "geometry": outline(cluster, centre, is_lat_long),
                "properties": properties(project, cluster, number),
            }));
        }
    }
    for (place, cluster) in project.data.places.iter().zip(own) {
        if let Some(at) = point(&place.coordinates) {
            features.push(json!({
                "type": "Feature",
                "geometry": { "type": "Point", "coordinates": at },
                "properties": { "kind": "location", "name": place.name, "cluster": cluster },
            }));
        }
    }
    if features.is_empty() {
        return None;
    }
    let mut collection = json!({ "type": "FeatureCollection", "features": features });
    if !is_lat_long && let Some(object) = collection.as_object_mut() {
        let words = "The coordinates are x and y of the project, not degrees.";
        object.insert("coordinates_note".to_owned(), Value::from(words));
    }
    Some(format!("{collection:#}\n"))
}

fn properties(project: &Project, cluster: &Cluster, number: usize) -> Value {
    let names: Vec<&str> = cluster
        .members
        .iter()
        .filter_map(|member| project.data.places.get(member.place))
        .map(|place| place.name.as_str())
        .collect();
    let has_time = project.settings.analysis.is_temporal();
    let precision = if project.settings.precision == Precision::Generic {
        Precision::Generic
    } else {
        Precision::Day
    };
    let day = |day| has_time.then(|| dates::print(day, precision));
    json!({
        "kind": "cluster",
        "cluster": number,
        "locations": names,
        "radius": cluster.radius,
        "start": day(cluster.days.0),
        "end": day(cluster.days.1),
        "observed": cluster.figures.observed,
        "expected": cluster.figures.expected,
        "observed_over_expected": cluster.figures.ratio(),
        "relative_risk": cluster.figures.relative_risk,
        "statistic": cluster.statistic,
        "p_value": cluster.reported_p(project.settings.p_value),
        "recurrence_days": cluster.recurrence_days,
    })
}

fn outline(cluster: &Cluster, centre: [f64; 2], is_lat_long: bool) -> Value {
    let radius = cluster.radius.unwrap_or(0.0);
    let (long, short, turn) = cluster.ellipse.map_or((radius, radius, 0.0), |ellipse| {
        (
            ellipse.minor * ellipse.shape,
            ellipse.minor,
            ellipse.angle.to_radians(),
        )
    });
    if long <= 0.0 {
        return json!({ "type": "Point", "coordinates": centre });
    }
    // Counter-clockwise and closed, as the standard wants.
    let ring: Vec<[f64; 2]> = (0..=CORNERS)
        .map(|corner| {
            let angle = f64::from(corner % CORNERS) * std::f64::consts::TAU / f64::from(CORNERS);
            let (along, across) = (long * angle.cos(), short * angle.sin());
            let east = along * turn.cos() - across * turn.sin();
            let north = along * turn.sin() + across * turn.cos();
            let [x, y] = centre;
            if is_lat_long {
                away(x, y, east, north)
            } else {
                [x + east, y + north]
            }
        })
        .collect();
    json!({ "type": "Polygon", "coordinates": [ring] })
}

/// The point so many kilometres east and north on the sphere, along the great circle in that direction.
fn away(longitude: f64, latitude: f64, east: f64, north: f64) -> [f64; 2] {
    let arc = east.hypot(north) / EARTH_KM;
    let bearing = east.atan2(north);
    let from = latitude.to_radians();
    let to = (from.sin() * arc.cos() + from.cos() * arc.sin() * bearing.cos())
        .clamp(-1.0, 1.0)
        .asin();
    let turn = (bearing.sin() * arc.sin() * from.cos()).atan2(arc.cos() - from.sin() * to.sin());
    [longitude + turn.to_degrees(), to.to_degrees()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_lies_as_far_away_as_the_radius() {
        let [longitude, latitude] = away(110.0, 30.0, 100.0, 0.0);
        let (from, to) = (30.0_f64.to_radians(), latitude.to_radians());
        let turn = (longitude - 110.0).to_radians();
        let arc = (from.sin() * to.sin() + from.cos() * to.cos() * turn.cos()).acos();
        assert!((arc * EARTH_KM - 100.0).abs() < 1e-6);
        let [longitude, latitude] = away(110.0, 30.0, 0.0, -100.0);
        assert!((longitude - 110.0).abs() < 1e-12 && latitude < 30.0);
    }
}
