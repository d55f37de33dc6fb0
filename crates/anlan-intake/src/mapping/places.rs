//! Coordinates as sent, judged: missing, zero, swapped, outside, in the sea, or the sender's stand-in.
//! Nothing is put right silently: a wrong point is dropped or the row kept back, never moved.

use super::faults::Sink;
use super::takes::{Bound, Nulls};
use super::{DefaultPoint, Mapping, PlaceSpec};
use crate::rows::Row;
use anlan_model::places::{Datum, GivenPoint};
use std::borrow::Cow;

/// The columns of a place.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    lon: Option<Bound>,
    lat: Option<Bound>,
    error_m: Option<Bound>,
    address: Option<Bound>,
    lon_name: String,
    lat_name: String,
    datum: Datum,
}

/// The place of a row.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) point: Option<GivenPoint>,
    pub(crate) address: Option<String>,
    pub(crate) is_default: bool,
    /// A point that was dropped, in the file's own words.
    pub(crate) dropped: Option<String>,
}

/// What is wrong with a pair of coordinates.
struct Wrong {
    code: &'static str,
    message: String,
}

impl Places {
    pub(crate) fn new(mapping: &Mapping, datum: Datum, bind: &dyn Fn(&super::Take) -> Bound) -> Self {
        let spec = &mapping.place;
        let name = |take: &Option<super::Take>| {
            take.as_ref()
                .and_then(|take| take.columns().first().map(|name| (*name).to_owned()))
                .unwrap_or_default()
        };
        Self {
            lon: spec.lon.as_ref().map(bind),
            lat: spec.lat.as_ref().map(bind),
            error_m: spec.error_m.as_ref().map(bind),
            address: spec.address.as_ref().map(bind),
            lon_name: name(&spec.lon),
            lat_name: name(&spec.lat),
            datum,
        }
    }

    pub(crate) fn of(&self, row: &Row, nulls: &Nulls, spec: &PlaceSpec, sink: &mut Sink<'_>) -> Found {
        let address = of(self.address.as_ref(), row, nulls);
        let address = (!address.is_empty()).then(|| address.into_owned());
        let mut found = Found {
            address,
            ..Found::default()
        };
        let (lon, lat) = (
            of(self.lon.as_ref(), row, nulls),
            of(self.lat.as_ref(), row, nulls),
        );
        if !(lon.is_empty() && lat.is_empty()) {
            self.point((&lon, &lat), (row, nulls), spec, &mut found, sink);
        }
        if found.point.is_none() && found.address.is_none() {
            let message = "The row says neither a point nor an address. Add one of them and replay the row.";
            sink.note("place.missing", None, None, message.to_owned());
        }
        found
    }

    fn point(
        &self,
        (lon_sent, lat_sent): (&str, &str),
        (row, nulls): (&Row, &Nulls),
        spec: &PlaceSpec,
        found: &mut Found,
        sink: &mut Sink<'_>,
    ) {
        match judge(lon_sent, lat_sent, spec) {
            Ok((lon, lat)) => {
                let error_m = of(self.error_m.as_ref(), row, nulls).parse().ok();
                let error_m = error_m
                    .filter(|error: &f64| error.is_finite() && *error >= 0.0)
                    .or(spec.error_m_all);
                found.is_default = spec.default_points.iter().any(|point| is_near(*point, lon, lat));
                found.point = Some(GivenPoint {
                    lon,
                    lat,
                    datum: self.datum,
                    error_m,
                });
            }
            Err(wrong) => {
                let sent = format!("{lon_sent} {lat_sent}");
                let column = if lat_sent.is_empty() {
                    &self.lat_name
                } else {
                    &self.lon_name
                };
                sink.note(wrong.code, Some(column), Some(&sent), wrong.message);
                found.dropped = Some(sent);
            }
        }
    }
}

fn of<'a>(bound: Option<&'a Bound>, row: &'a Row, nulls: &Nulls) -> Cow<'a, str> {
    bound.map(|bound| bound.of(row, nulls)).unwrap_or_default()
}

fn judge(lon: &str, lat: &str, spec: &PlaceSpec) -> Result<(f64, f64), Wrong> {
    if lon.is_empty() || lat.is_empty() {
        let message =
            "Only one of the two coordinates is there. Add the other, or empty both if an address is enough.";
        return Err(Wrong {
            code: "coordinates.half",
            message: message.to_owned(),
        });
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let (Some(lon), Some(lat)) = (number(lon), number(lat)) else {
        let message = "The coordinates are not two numbers in degrees. Correct them, or empty both if an address is enough.";
        return Err(Wrong {
            code: "coordinates.unreadable",
            message: message.to_owned(),
        });
    };
    wrong_with(lon, lat, spec).map_or(Ok((lon, lat)), Err)
}

fn wrong_with(lon: f64, lat: f64, spec: &PlaceSpec) -> Option<Wrong> {
    if lon.abs() < 1e-6 && lat.abs() < 1e-6 {
        let message =
            "The coordinates are 0, 0: a stand-in for unknown, not a place. The point was left out.";
        return Some(Wrong {
            code: "coordinates.zero",
            message: message.to_owned(),
        });
    }
    let fits = |lon: f64, lat: f64| spec.bounds.is_some_and(|bounds| is_within(bounds, lon, lat));
    let is_on_earth = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
    let is_exchanged = if spec.bounds.is_some() {
        !fits(lon, lat) && fits(lat, lon)
    } else {
        !is_on_earth && lat.abs() <= 180.0 && lon.abs() <= 90.0
    };
    if is_exchanged {
        let message = format!(
            "Longitude {lon} and latitude {lat} are exchanged: the other way round the point lies where it should. Exchange them and replay the row."
        );
        return Some(Wrong {
            code: "coordinates.swapped",
            message,
        });
    }
    if !is_on_earth {
        let message = format!(
            "Longitude {lon}, latitude {lat} are not degrees: longitude goes from -180 to 180, latitude from -90 to 90. Numbers of this size are mostly metres or feet of a map projection. Convert them and replay the row."
        );
        return Some(Wrong {
            code: "coordinates.range",
            message,
        });
    }
    if spec.bounds.is_some() && !fits(lon, lat) {
        let message = format!(
            "Longitude {lon}, latitude {lat} lie outside the area this source reports on. Correct them, or empty both if an address is enough."
        );
        return Some(Wrong {
            code: "coordinates.outside",
            message,
        });
    }
    spec.sea.iter().any(|ring| is_in_ring(ring, lon, lat)).then(|| {
        let message = format!("Longitude {lon}, latitude {lat} lie in the water. Correct them, or empty both if an address is enough.");
        Wrong { code: "coordinates.sea", message }
    })
}

fn is_within([west, south, east, north]: [f64; 4], lon: f64, lat: f64) -> bool {
    (west..=east).contains(&lon) && (south..=north).contains(&lat)
}

/// Crossing number; a mapping's water is coarse, so points on the very edge may fall either way.
fn is_in_ring(ring: &[[f64; 2]], lon: f64, lat: f64) -> bool {
    let next = ring.iter().cycle().skip(1);
    let crosses = |[x1, y1]: [f64; 2], [x2, y2]: [f64; 2]| {
        (y1 > lat) != (y2 > lat) && lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1
    };
    ring.iter().zip(next).filter(|(a, b)| crosses(**a, **b)).count() % 2 == 1
}

fn is_near(point: DefaultPoint, lon: f64, lat: f64) -> bool {
    const METRES_PER_DEGREE: f64 = 111_195.0;
    let north = (lat - point.lat) * METRES_PER_DEGREE;
    let east = (lon - point.lon) * METRES_PER_DEGREE * point.lat.to_radians().cos();
    north.hypot(east) <= point.radius_m
}
