//! The map of a report: places as dots, clusters as rings, a scale. Works out positions; draws nothing.

use super::words::Verdict;
use anlan_intake::satscan::Project;
use anlan_intake::satscan::results::{Cluster, Outcome};

/// Width of the drawing; the height follows the study area within limits.
const WIDTH: f64 = 720.0;
const HEIGHTS: (f64, f64) = (260.0, 640.0);
const MARGIN: f64 = 36.0;

/// The least radius a ring is drawn with, so that a single place can be seen.
const RING_MIN: f64 = 11.0;

/// Kilometres in a degree of latitude on a sphere of 6,367 km, the radius SaTScan measures with.
const DEGREE_KM: f64 = 6_367.0 * std::f64::consts::PI / 180.0;

/// A place.
pub(super) struct Dot {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) r: String,
    pub(super) name: String,
    /// Number of its most likely cluster, 0 where it is in none.
    pub(super) cluster: usize,
    pub(super) kind: &'static str,
}

/// A cluster's window.
pub(super) struct Ring {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) rx: String,
    pub(super) ry: String,
    /// Turn in degrees, clockwise on the drawing.
    pub(super) turn: String,
    /// Where its number stands.
    pub(super) label_x: String,
    pub(super) label_y: String,
    pub(super) number: usize,
    pub(super) kind: &'static str,
    pub(super) line: &'static str,
}

/// The whole map.
pub(super) struct Map {
    pub(super) width: String,
    pub(super) height: String,
    pub(super) dots: Vec<Dot>,
    pub(super) rings: Vec<Ring>,
    /// Where the scale ends on the drawing, and its length in words.
    pub(super) scale: (String, String),
    pub(super) scale_y: String,
    pub(super) scale_text_y: String,
}

/// `high` or `low`, for colours.
pub(super) fn kind(cluster: &Cluster) -> &'static str {
    if cluster.figures.ratio() < 1.0 {
        "low"
    } else {
        "high"
    }
}

/// How a cluster's line is drawn.
pub(super) fn line(verdict: Verdict) -> &'static str {
    if verdict == Verdict::Unlikely {
        "sure"
    } else {
        "unsure"
    }
}

/// Brings coordinates onto the drawing.
struct Frame {
    is_lat_long: bool,
    squeeze: f64,
    left: f64,
    top: f64,
    scale: f64,
    height: f64,
    middle: (f64, f64),
}

impl Frame {
    fn of(points: &[(f64, f64)], is_lat_long: bool) -> Option<Self> {
        let bounds = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
                (least.min(value), most.max(value))
            })
        };
        let (south, north) = bounds(&mut points.iter().map(|point| point.1));
        let (west, east) = bounds(&mut points.iter().map(|point| point.0));
        if !(south.is_finite() && west.is_finite()) {
            return None;
        }
        let squeeze = if is_lat_long {
            south.midpoint(north).to_radians().cos().max(0.05)
        } else {
            1.0
        };
        let (wide, high) = ((east - west) * squeeze, north - south);
        let room = (WIDTH - 2.0 * MARGIN, HEIGHTS.1 - 2.0 * MARGIN);
        let fit = |room: f64, size: f64| if size > 0.0 { room / size } else { f64::INFINITY };
        let scale = fit(room.0, wide).min(fit(room.1, high));
        let scale = if scale.is_finite() { scale } else { 1.0 };
        let height = (high * scale + 2.0 * MARGIN).clamp(HEIGHTS.0, HEIGHTS.1);
        Some(Self {
            is_lat_long,
            squeeze,
            left: (WIDTH - wide * scale) / 2.0,
            top: (height - high * scale) / 2.0,
            scale,
            height,
            middle: (west, north),
        })
    }

    fn place(&self, point: (f64, f64)) -> (f64, f64) {
        let x = self.left + (point.0 - self.middle.0) * self.squeeze * self.scale;
        let y = self.top + (self.middle.1 - point.1) * self.scale;
        (x, y)
    }

    /// A length in kilometres or units of the coordinates, on the drawing.
    fn length(&self, length: f64) -> f64 {
        let units = if self.is_lat_long {
            length / DEGREE_KM
        } else {
            length
        };
        units * self.scale
    }
}

/// East and north of a pair of coordinates.
fn east_north(coordinates: &[f64], is_lat_long: bool) -> Option<(f64, f64)> {
    match coordinates {
        [latitude, longitude] if is_lat_long => Some((*longitude, *latitude)),
        [x, y, ..] => Some((*x, *y)),
        _ => None,
    }
}

/// The map; nothing where places have no coordinates. `verdicts` are those of the clusters in order.
pub(super) fn map(project: &Project, outcome: &Outcome, verdicts: &[Verdict]) -> Option<Map> {
    let is_lat_long = project.settings.is_lat_long;
    if !project.settings.analysis.is_spatial() {
        return None;
    }
    let points: Vec<(f64, f64)> = project
        .data
        .places
        .iter()
        .filter_map(|place| east_north(&place.coordinates, is_lat_long))
        .collect();
    let frame = Frame::of(&points, is_lat_long)?;
    let mut own = vec![0_usize; project.data.places.len()];
    for (cluster, number) in outcome
        .clusters
        .iter()
        .zip(1..)
        .filter(|(cluster, _)| !cluster.is_all_places)
    {
        for member in &cluster.members {
            if let Some(slot) = own.get_mut(member.place).filter(|slot| **slot == 0) {
                *slot = number;
            }
        }
    }
    let radius = (70.0 / to_f64(points.len().max(1)).sqrt()).clamp(1.6, 5.0);
    let dots = project.data.places.iter().zip(own).filter_map(|(place, number)| {
        let (x, y) = frame.place(east_north(&place.coordinates, is_lat_long)?);
        let kind = number
            .checked_sub(1)
            .and_then(|index| outcome.clusters.get(index))
            .map_or("none", kind);
        Some(Dot {
            x: px(x),
            y: px(y),
            r: px(if number > 0 { radius * 1.3 } else { radius }),
            name: place.name.clone(),
            cluster: number,
            kind,
        })
    });
    let scale = scale(&frame, is_lat_long);
    Some(Map {
        width: px(WIDTH),
        height: px(frame.height),
        dots: dots.collect(),
        rings: rings(&frame, outcome, verdicts),
        scale,
        scale_y: px(frame.height - 12.0),
        scale_text_y: px(frame.height - 18.0),
    })
}

fn rings(frame: &Frame, outcome: &Outcome, verdicts: &[Verdict]) -> Vec<Ring> {
    let numbered = outcome.clusters.iter().zip(1..).zip(verdicts);
    let mut rings: Vec<Ring> = numbered
        .filter_map(|((cluster, number), verdict)| {
            let centre = cluster.centre.as_ref()?;
            let (x, y) = frame.place(east_north(centre, frame.is_lat_long)?);
            let radius = (frame.length(cluster.radius.unwrap_or(0.0)) + 4.0).max(RING_MIN);
            let (rx, ry, turn) = cluster.ellipse.map_or((radius, radius, 0.0), |ellipse| {
                let minor = frame.length(ellipse.minor).max(RING_MIN);
                (minor * ellipse.shape, minor, -ellipse.angle)
            });
            Some(Ring {
                x: px(x),
                y: px(y),
                rx: px(rx),
                ry: px(ry),
                turn: px(turn),
                label_x: px((x + rx * 0.707).clamp(12.0, WIDTH - 12.0)),
                label_y: px((y - ry * 0.707).clamp(12.0, frame.height - 12.0)),
                number,
                kind: kind(cluster),
                line: line(*verdict),
            })
        })
        .collect();
    apart(&mut rings, frame.height);
    // The most likely cluster is drawn last, over the others.
    rings.reverse();
    rings
}

/// Moves numbers that would cover an earlier one to the side.
fn apart(rings: &mut [Ring], height: f64) {
    const ROOM: f64 = 25.0;
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for ring in rings {
        let (mut x, mut y) = (number(&ring.label_x), number(&ring.label_y));
        for _ in 0..12 {
            let is_free = taken
                .iter()
                .all(|(other_x, other_y)| (x - other_x).hypot(y - other_y) >= ROOM - 0.5);
            if is_free {
                break;
            }
            x += ROOM;
            if x > WIDTH - 12.0 {
                x = 12.0;
                y = (y + ROOM).min(height - 12.0);
            }
        }
        taken.push((x, y));
        (ring.label_x, ring.label_y) = (px(x), px(y));
    }
}

/// A round length that fits a fifth of the drawing.
fn scale(frame: &Frame, is_lat_long: bool) -> (String, String) {
    let per_unit = frame.length(1.0);
    let room = WIDTH / 5.0 / per_unit.max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(room.log10().floor());
    let round = [5.0, 2.0, 1.0]
        .into_iter()
        .map(|step| step * power)
        .find(|length| *length <= room);
    let length = round.unwrap_or(power);
    let unit = if is_lat_long { " km" } else { "" };
    (px(14.0 + length * per_unit), format!("{length}{unit}"))
}

/// A count as a number with a fraction.
pub(super) fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// A position on the drawing.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_up_and_a_degree_of_longitude_is_squeezed() {
        let frame = Frame::of(&[(110.0, 60.0), (112.0, 61.0)], true).unwrap();
        let (west, south) = frame.place((110.0, 60.0));
        let (east, north) = frame.place((112.0, 61.0));
        assert!(north < south && west < east);
        let ratio = (east - west) / (south - north);
        assert!(
            (ratio - 2.0 * 60.5_f64.to_radians().cos()).abs() < 1e-9,
            "{ratio}"
        );
        assert!((frame.length(DEGREE_KM) - (south - north)).abs() < 1e-9);
    }

    #[test]
    fn one_place_alone_is_drawn_in_the_middle() {
        let frame = Frame::of(&[(5.0, 5.0)], false).unwrap();
        assert_eq!(frame.place((5.0, 5.0)), (WIDTH / 2.0, HEIGHTS.0 / 2.0));
    }
}
