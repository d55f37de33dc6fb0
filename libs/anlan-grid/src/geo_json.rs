//! GeoJSON (RFC 7946) in and out: features with their properties and polygons.
//! It must not judge whether the polygons are fit to be cells; it notes what a polygon type cannot carry and
//! leaves the rest to `topology`.

use geo::{Coord, LineString, MapCoords as _, MultiPolygon, Polygon};
use geojson::{GeometryValue, JsonObject, Position};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Why a text is no set of polygons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not JSON, or not of GeoJSON's outer form.
    #[error("the file is not GeoJSON: {0}")]
    NotGeoJson(String),
    /// The outermost object is of a type without polygons.
    #[error("the file holds a {0}, not a FeatureCollection of polygons")]
    NotCollection(String),
    /// One feature is malformed.
    #[error("feature {number} (line {line}): {reason}")]
    Feature {
        /// Its number in the file, from 1.
        number: usize,
        /// The line it begins on, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// What was mended while reading, since `geo` has no form for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlawKind {
    /// The last position of a ring is not the first; the ring was closed.
    UnclosedRing,
    /// A ring has fewer than four positions and encloses nothing; it was left out.
    ShortRing,
}

/// A flaw and where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flaw {
    /// What it is.
    pub kind: FlawKind,
    /// Longitude and latitude, if the ring has any position.
    pub at: Option<[f64; 2]>,
}

/// One feature of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its number in the file, from 1.
    pub number: usize,
    /// Its properties, empty where it has none.
    pub properties: JsonObject,
    /// Its polygons, empty where its geometry is null or empty.
    pub polygons: MultiPolygon<f64>,
    /// What was mended in them.
    pub flaws: Vec<Flaw>,
}

impl Feature {
    /// Its polygons with every position moved, for instance to another datum.
    pub fn moved(&self, shift: impl Fn(f64, f64) -> (f64, f64)) -> MultiPolygon<f64> {
        self.polygons.map_coords(|at| {
            let (x, y) = shift(at.x, at.y);
            Coord { x, y }
        })
    }

    /// A property as text: strings as they are, numbers printed; `None` where it is absent, null, blank or nested.
    pub fn text(&self, property: &str) -> Option<String> {
        let text = match self.properties.get(property)? {
            serde_json::Value::String(text) => text.trim().to_owned(),
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    features: Option<Vec<&'a RawValue>>,
}

/// Reads a `FeatureCollection`, or a lone `Feature`, whose geometries are polygons, several polygons, collections of
/// them, or null.
///
/// # Errors
/// Names the first feature that is malformed or has a geometry that is no polygon.
pub fn parse(text: &str) -> Result<Vec<Feature>, Error> {
    // Windows programs put a byte order mark in front.
    let text = text.trim_start_matches('\u{feff}');
    let outer: Outer<'_> =
        serde_json::from_str(text).map_err(|error| Error::NotGeoJson(error.to_string()))?;
    match (outer.kind.as_str(), outer.features) {
        ("FeatureCollection", Some(features)) => (1..)
            .zip(features)
            .map(|(number, raw)| feature(raw.get(), number, text))
            .collect(),
        ("FeatureCollection", None) => Err(Error::NotGeoJson(
            "the FeatureCollection has no \"features\"".into(),
        )),
        ("Feature", _) => Ok(vec![feature(text, 1, text)?]),
        (other, _) => Err(Error::NotCollection(other.to_owned())),
    }
}

/// Reads one geometry, as [`print`] writes it.
///
/// # Errors
/// Where the text is no polygon geometry.
pub fn parse_geometry(text: &str) -> Result<MultiPolygon<f64>, Error> {
    let geometry: geojson::Geometry =
        serde_json::from_str(text).map_err(|error| Error::NotGeoJson(error.to_string()))?;
    let mut reading = Reading::default();
    reading.geometry(&geometry.value).map_err(Error::NotGeoJson)?;
    Ok(MultiPolygon(reading.polygons))
}

/// Writes polygons as one geometry: a `Polygon` where there is one, else a `MultiPolygon`.
pub fn print(polygons: &MultiPolygon<f64>) -> String {
    let coordinates = |polygon: &Polygon<f64>| -> Vec<Vec<Position>> {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings
            .map(|ring| ring.coords().map(|c| Position::from([c.x, c.y])).collect())
            .collect()
    };
    let value = match polygons.0.as_slice() {
        [one] => GeometryValue::Polygon {
            coordinates: coordinates(one),
        },
        several => GeometryValue::MultiPolygon {
            coordinates: several.iter().map(coordinates).collect(),
        },
    };
    geojson::Geometry::new(value).to_string()
}

fn feature(raw: &str, number: usize, text: &str) -> Result<Feature, Error> {
    let at = (raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let fail = |reason: String| {
        let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        Error::Feature { number, line, reason }
    };
    let read: geojson::Feature = serde_json::from_str(raw).map_err(|error| fail(error.to_string()))?;
    let mut reading = Reading::default();
    if let Some(geometry) = &read.geometry {
        reading.geometry(&geometry.value).map_err(fail)?;
    }
    let polygons = MultiPolygon(reading.polygons);
    Ok(Feature {
        number,
        properties: read.properties.unwrap_or_default(),
        polygons,
        flaws: reading.flaws,
    })
}

/// Polygons gathered from one geometry.
#[derive(Default)]
struct Reading {
    polygons: Vec<Polygon<f64>>,
    flaws: Vec<Flaw>,
}

impl Reading {
    fn geometry(&mut self, value: &GeometryValue) -> Result<(), String> {
        match value {
            GeometryValue::Polygon { coordinates } => self.polygon(coordinates),
            GeometryValue::MultiPolygon { coordinates } => {
                coordinates.iter().try_for_each(|one| self.polygon(one))
            }
            GeometryValue::GeometryCollection { geometries } => {
                geometries.iter().try_for_each(|one| self.geometry(&one.value))
            }
            other => Err(format!("its geometry is a {}, not a polygon", other.type_name())),
        }
    }

    fn polygon(&mut self, rings: &[Vec<Position>]) -> Result<(), String> {
        let mut read = Vec::with_capacity(rings.len());
        for (number, ring) in (0..).zip(rings) {
            match self.ring(ring)? {
                Some(ring) => read.push(ring),
                // Holes of an outer ring that is not there would become polygons.
                None if number == 0 => return Ok(()),
                None => {}
            }
        }
        let mut rings = read.into_iter();
        if let Some(exterior) = rings.next() {
            self.polygons.push(Polygon::new(exterior, rings.collect()));
        }
        Ok(())
    }

    fn ring(&mut self, ring: &[Position]) -> Result<Option<LineString<f64>>, String> {
        let coords: Vec<Coord<f64>> = ring.iter().map(coord).collect::<Result<_, _>>()?;
        let at = coords.first().map(|c| [c.x, c.y]);
        let is_closed = coords.first() == coords.last();
        if coords.len() < 3 || (is_closed && coords.len() < 4) {
            self.flaws.push(Flaw {
                kind: FlawKind::ShortRing,
                at,
            });
            return Ok(None);
        }
        if !is_closed {
            self.flaws.push(Flaw {
                kind: FlawKind::UnclosedRing,
                at,
            });
        }
        Ok(Some(LineString(coords)))
    }
}

/// Heights and further numbers of a position are left out.
fn coord(position: &Position) -> Result<Coord<f64>, String> {
    match position.as_slice() {
        [x, y, ..] => Ok(Coord { x: *x, y: *y }),
        few => Err(format!(
            "a position has {} number(s), it needs longitude and latitude",
            few.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &str = "[[0,0],[1,0],[1,1],[0,0]]";

    fn collection(geometry: &str) -> String {
        format!(
            r#"{{"type":"FeatureCollection","features":[
{{"type":"Feature","properties":{{"name":" 东城区 ","code":110101,"none":null}},"geometry":null}},
{{"type":"Feature","properties":null,"geometry":{geometry}}}]}}"#
        )
    }

    fn error(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn polygons_come_out_of_every_geometry_that_holds_them() {
        let polygon = format!(r#"{{"type":"Polygon","coordinates":[{RING}]}}"#);
        let multi = format!(r#"{{"type":"MultiPolygon","coordinates":[[{RING}],[{RING},{RING}]]}}"#);
        let both = format!(r#"{{"type":"GeometryCollection","geometries":[{polygon},{multi}]}}"#);
        for (geometry, count) in [(polygon, 1), (multi, 2), (both, 3)] {
            let features = parse(&collection(&geometry)).unwrap();
            assert_eq!(features[1].polygons.0.len(), count);
            assert!(features[0].polygons.0.is_empty());
            assert_eq!((features[0].number, features[1].number), (1, 2));
        }
    }

    #[test]
    fn properties_are_read_as_text() {
        let features = parse(&collection("null")).unwrap();
        let text = |name| features[0].text(name);
        assert_eq!(text("name").as_deref(), Some("东城区"));
        assert_eq!(text("code").as_deref(), Some("110101"));
        assert_eq!((text("none"), text("absent")), (None, None));
    }

    #[test]
    fn errors_name_the_feature_and_its_line() {
        assert_eq!(
            error(&collection(r#"{"type":"Point","coordinates":[1,2]}"#)),
            "feature 2 (line 3): its geometry is a Point, not a polygon"
        );
        let short = error(&collection(
            r#"{"type":"Polygon","coordinates":[[[0],[1,1],[2,2],[0]]]}"#,
        ));
        assert!(short.starts_with("feature 2 (line 3): "), "{short}");
        let word = error(&collection(r#"{"type":"Polygon","coordinates":[[["a",1]]]}"#));
        assert!(word.starts_with("feature 2 (line 3): "), "{word}");
    }

    #[test]
    fn what_is_no_collection_is_said_to_be_what_it_is() {
        assert_eq!(
            error(r#"{"type":"Topology","objects":{}}"#),
            "the file holds a Topology, not a FeatureCollection of polygons"
        );
        for text in [
            "",
            "{",
            "[]",
            "name,lon,lat\n",
            r#"{"type":"FeatureCollection"}"#,
            r#"{"features":[]}"#,
        ] {
            assert!(error(text).starts_with("the file is not GeoJSON: "), "{text}");
        }
    }

    #[test]
    fn rings_are_mended_and_the_flaw_is_kept() {
        let geometry = r#"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9]],[[1,1],[2,1]]]}"#;
        let feature = parse(&collection(geometry)).unwrap().remove(1);
        let kinds: Vec<_> = feature.flaws.iter().map(|flaw| flaw.kind).collect();
        assert_eq!(kinds, [FlawKind::UnclosedRing, FlawKind::ShortRing]);
        assert_eq!(feature.flaws[0].at, Some([0.0, 0.0]));
        assert!(feature.polygons.0[0].exterior().is_closed());
        assert!(feature.polygons.0[0].interiors().is_empty());
    }

    #[test]
    fn a_short_outer_ring_takes_its_holes_with_it() {
        let geometry = format!(r#"{{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]],{RING}]}}"#);
        assert!(parse(&collection(&geometry)).unwrap()[1].polygons.0.is_empty());
    }

    #[test]
    fn a_byte_order_mark_and_heights_are_passed_over() {
        let high = r#"{"type":"Polygon","coordinates":[[[0,0,5],[1,0,5],[1,1,5],[0,0,5]]]}"#;
        let text = format!("\u{feff}{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{high}}}");
        assert_eq!(parse(&text).unwrap()[0].polygons.0[0].exterior().0.len(), 4);
    }

    #[test]
    fn what_is_printed_reads_back_the_same() {
        let one = format!(r#"{{"type":"Polygon","coordinates":[{RING},{RING}]}}"#);
        let two = format!(r#"{{"type":"MultiPolygon","coordinates":[[{RING}],[{RING}]]}}"#);
        let none = r#"{"type":"MultiPolygon","coordinates":[]}"#.to_owned();
        for text in [one, two, none] {
            let polygons = parse_geometry(&text).unwrap();
            assert_eq!(parse_geometry(&print(&polygons)).unwrap(), polygons);
        }
        let exact = parse_geometry(
            r#"{"type":"Polygon","coordinates":[[[116.1234567,39.7654321],[117,39],[117,40],[116.1234567,39.7654321]]]}"#,
        );
        assert!(print(&exact.unwrap()).contains("116.1234567,39.7654321"));
    }
}
